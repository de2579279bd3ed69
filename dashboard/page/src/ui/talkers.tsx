// SPDX-License-Identifier: MIT
//
// Pairs as a picture: a Sankey diagram or a matrix. Each ribbon and each cell is a link to its flows, reached by the arrow keys; the
// table beside them says the same.
import { useMemo, useRef, useState } from 'preact/hooks';
import { percent, volumeText } from '../lib/format';
import { useRoute } from '../lib/router';
import type { GroupsAnswer } from '../net/wire';
import { terms, withTerm } from '../state/filter';
import { shade } from '../state/heat';
import { flowsHref, hostHref } from '../state/links';
import { useSettings } from '../state/settings';
import { amongLargest, edgesOf, ribbonPath, sankey, stepInMatrix, type Edge } from '../state/talkers';
import { Host } from './term';
import { useSize } from './use';

export type Picture = 'sankey' | 'matrix';
export const TALKER_ROWS = 100; // pairs that are asked for
const DIGIT = 7.9; // px of a letter of the labels
const ENDS = 16; // senders and receivers that are drawn

interface PictureProps {
	edges: Edge[];
	from: string[];
	to: string[];
	total: number;
	filter: string;
}

const href = (edge: Edge, filter: string): string => flowsHref(terms(edge.term ?? '').reduce(withTerm, filter));

export function Talkers({ answer, as, filter }: { answer: GroupsAnswer; as: Picture; filter: string }) {
	const all = useMemo(() => edgesOf(answer.rows), [answer]);
	const drawn = useMemo(() => amongLargest(all, ENDS), [all]);
	const { units } = useSettings();
	const sum = (edges: Edge[]): number => edges.reduce((n, edge) => n + edge.bytes, 0);
	const props = { ...drawn, total: answer.total.bytes, filter };
	return (
		<div class="pairs-picture" data-talkers={as}>
			{as === 'sankey' ? <SankeyPicture {...props} /> : <Matrix {...props} />}
			<p class="muted small">
				{as === 'sankey' ? 'Senders left, receivers right, as wide as what was sent.' : 'A row sends to a column.'} The{' '}
				{drawn.from.length} largest senders and {drawn.to.length} receivers, with {percent(sum(drawn.edges), answer.total.bytes)}{' '}
				of {volumeText(answer.total.bytes, units)}. The table has all pairs.
			</p>
		</div>
	);
}

function words(edge: Edge, units: 'bits' | 'bytes', total: number): string {
	return `${edge.from} sends ${volumeText(edge.bytes, units)} to ${edge.to}, ${percent(edge.bytes, total)} of all`;
}

const keyOf = (edge: Edge): string => `${edge.from} ${edge.to}`;

function SankeyPicture({ edges, from, to, total, filter }: PictureProps) {
	const [ref, size] = useSize<HTMLDivElement>();
	const now = useRoute();
	const { units } = useSettings();
	const [chosen, setChosen] = useState('');
	const [hover, setHover] = useState('');
	const data = useMemo(() => sankey(edges, from, to, 420), [edges, from, to]);
	const longest = Math.max(0, ...[...from, ...to].map((ip) => ip.length)) * DIGIT;
	const label = Math.min(longest, size.width < 640 ? 96 : size.width < 900 ? 150 : 310);
	const x0 = label + 8;
	const x1 = Math.max(x0 + 40, size.width - label - 8);
	const at = Math.max(0, edges.findIndex((edge) => keyOf(edge) === chosen));
	const told = edges.find((edge) => keyOf(edge) === (hover || chosen));
	const onKeyDown = (event: KeyboardEvent): void => {
		const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
		const next = event.key === 'Home' ? 0 : event.key === 'End' ? edges.length - 1 : step ? at + step : -1;
		const edge = edges[next];
		if (!edge) return;
		event.preventDefault();
		setChosen(keyOf(edge));
		ref.current?.querySelectorAll<SVGAElement>('a.ribbon')[next]?.focus();
	};
	const most = Math.round(label / DIGIT);
	const short = (ip: string): string => (ip.length <= most ? ip : `${ip.slice(0, most - 9)}…${ip.slice(-8)}`);
	return (
		<div ref={ref} class="sankey">
			{size.width > 0 && (
				<svg
					width={size.width}
					height={data.height + 4}
					role="group"
					aria-label="Who sends to whom: arrow keys walk, Enter shows the flows"
					onKeyDown={onKeyDown}
				>
					{data.ribbons.map((ribbon, i) => {
						const key = keyOf(ribbon.edge);
						return (
							<a
								key={key}
								class={key === hover || key === chosen ? 'ribbon hot' : 'ribbon'}
								href={href(ribbon.edge, filter)}
								tabIndex={i === at ? 0 : -1}
								aria-label={words(ribbon.edge, units, total)}
								onFocus={() => setChosen(key)}
								onBlur={() => setChosen('')}
								onMouseEnter={() => setHover(key)}
								onMouseLeave={() => setHover('')}
							>
								<path class={`series-${(from.indexOf(ribbon.edge.from) % 8) + 1}`} d={ribbonPath(ribbon, x0 + 8, x1 - 8)} />
							</a>
						);
					})}
					{[...data.from.map((bar) => ({ ...bar, left: true })), ...data.to.map((bar) => ({ ...bar, left: false }))].map((bar) => (
						<a key={`${bar.ip}${bar.left}`} class="end" href={hostHref(now, bar.ip)} tabIndex={-1} data-copy={bar.ip}>
							<title>{`${bar.ip} ${bar.left ? 'sent' : 'received'} ${volumeText(bar.bytes, units)}`}</title>
							<rect x={bar.left ? x0 : x1 - 8} y={bar.y} width="8" height={bar.height} />
							<text x={bar.left ? x0 - 6 : x1 + 6} y={bar.y + bar.height / 2 + 4} text-anchor={bar.left ? 'end' : 'start'}>
								{short(bar.ip)}
							</text>
						</a>
					))}
				</svg>
			)}
			<p class="told mono small" aria-live="polite">
				{told ? words(told, units, total) : ''}
			</p>
		</div>
	);
}

function Matrix({ edges, from, to, total, filter }: PictureProps) {
	const { units } = useSettings();
	const box = useRef<HTMLDivElement>(null);
	const byKey = useMemo(() => new Map(edges.map((edge) => [keyOf(edge), edge])), [edges]);
	const cells = from.map((a) => to.map((b) => byKey.get(`${a} ${b}`) ?? null));
	const [chosen, setChosen] = useState('');
	const first = edges[0];
	const tab = byKey.has(chosen) ? chosen : first ? keyOf(first) : '';
	const most = first?.bytes ?? 0;
	const onKeyDown = (event: KeyboardEvent): void => {
		const row = cells.findIndex((line) => line.some((edge) => edge && keyOf(edge) === tab));
		const column = cells[row]?.findIndex((edge) => edge && keyOf(edge) === tab) ?? -1;
		const next = row < 0 ? null : stepInMatrix(cells, [row, column], event.key);
		const edge = next && cells[next[0]]?.[next[1]];
		if (!edge) return;
		event.preventDefault();
		setChosen(keyOf(edge));
		box.current?.querySelector<HTMLElement>(`a[data-edge="${keyOf(edge)}"]`)?.focus();
	};
	return (
		<div class="matrix" ref={box} onKeyDown={onKeyDown}>
			<table>
				<thead>
					<tr>
						<th scope="col" class="corner">
							<span class="muted">from ↓ to →</span>
						</th>
						{to.map((ip) => (
							<th key={ip} scope="col" class="upright">
								<Host ip={ip} />
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{from.map((a, r) => (
						<tr key={a}>
							<th scope="row">
								<Host ip={a} />
							</th>
							{to.map((b, c) => {
								const edge = cells[r]?.[c];
								if (!edge) return <td key={b} class="heat-0" />;
								return (
									<td key={b} class={`heat-${shade(edge.bytes, most)}`}>
										<a
											href={href(edge, filter)}
											data-edge={keyOf(edge)}
											tabIndex={keyOf(edge) === tab ? 0 : -1}
											title={words(edge, units, total)}
											onFocus={() => setChosen(keyOf(edge))}
										>
											{volumeText(edge.bytes, units)}
										</a>
									</td>
								);
							})}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
