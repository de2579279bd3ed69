// SPDX-License-Identifier: MIT
//
// The waterfall drawn in the pixels that there are: heights are packets, what goes down is lost or refused. On a narrow screen the
// same steps stand under each other.
import { percent, short, whole } from '../lib/format';
import { heights, type Fate, type Step, type Waterfall } from '../state/waterfall';
import { useSize } from './use';

const HEIGHT = 330;
const TOP = 44;
const ROOM = 180; // px for all packets
const BAR = 12;
const LABELS = 190; // px at least for the fates' names at the right
const LETTER = 7.2; // px of a letter, about
const ROW = 19; // a fate's name needs so much
const NARROW = 640;

export function WaterfallChart({ data }: { data: Waterfall }) {
	const [box, size] = useSize<HTMLDivElement>();
	const total = data.steps[0]?.count ?? 0;
	return (
		<div ref={box} class="waterfall">
			{size.width > 0 &&
				(size.width < NARROW ? (
					<Stacked data={data} total={total} />
				) : (
					<Wide data={data} total={total} width={size.width} />
				))}
		</div>
	);
}

function Wide({ data, total, width }: { data: Waterfall; total: number; width: number }) {
	const columns = data.steps.length;
	const longest = Math.max(0, ...data.fates.map((f) => f.name.length + short(f.count).length + 10));
	const labels = Math.min(Math.max(LABELS, longest * LETTER + BAR + 8), width / 2);
	const gap = (width - labels - BAR - 16) / columns;
	const at = (i: number): number => 8 + i * gap;
	const high = heights(
		data.steps.map((s) => s.count),
		total,
		ROOM,
	);
	const last = data.steps[columns - 1];
	const sum = data.fates.reduce((n, f) => n + f.count, 0);
	const fateHeights = heights(
		data.fates.map((f) => f.count),
		sum,
		high[columns - 1] ?? 0,
		1.5,
	);
	const foot = fateHeights.reduce((y, h) => y + Math.max(h + 3, ROW), TOP);
	return (
		<svg
			width={width}
			height={Math.max(HEIGHT, foot + 12)}
			role="img"
			aria-label={spoken(data)}
		>
			{data.steps.map((step, i) => (
				<g key={step.name}>
					<StepColumn step={step} x={at(i)} height={high[i] ?? 0} total={total} gap={gap} />
					{i < columns - 1 && (
						<path
							class="ribbon"
							d={ribbon(at(i) + BAR, TOP, high[i + 1] ?? 0, at(i + 1), TOP, high[i + 1] ?? 0)}
						/>
					)}
				</g>
			))}
			{last && (
				<Fates
					fates={data.fates}
					sum={sum}
					from={at(columns - 1) + BAR}
					to={at(columns)}
					height={high[columns - 1] ?? 0}
				/>
			)}
		</svg>
	);
}

function ribbon(x0: number, y0: number, h0: number, x1: number, y1: number, h1: number): string {
	const mid = (x0 + x1) / 2;
	return `M${x0} ${y0}C${mid} ${y0} ${mid} ${y1} ${x1} ${y1}L${x1} ${y1 + h1}C${mid} ${y1 + h1} ${mid} ${y0 + h0} ${x0} ${y0 + h0}Z`;
}

function StepColumn({
	step,
	x,
	height,
	total,
	gap,
}: {
	step: Step;
	x: number;
	height: number;
	total: number;
	gap: number;
}) {
	const gone = heights(
		step.exits.map((e) => e.count),
		total,
		ROOM,
	);
	let foot = TOP + height;
	return (
		<>
			<text class="step-name" x={x} y={16}>
				{step.name}
			</text>
			<text class="step-count" x={x} y={34}>
				{short(step.count)}
			</text>
			<rect class="step" x={x} y={TOP} width={BAR} height={Math.max(1, height)}>
				<title>{`${step.name}: ${whole(step.count)} packets`}</title>
			</rect>
			{step.unknown && (
				<text class="step-note" x={x} y={TOP + Math.max(1, height) + 18}>
					loss not known
				</text>
			)}
			{step.exits.map((e, i) => {
				const h = gone[i] ?? 0;
				const start = foot - h;
				const y = TOP + ROOM + 44 + i * 40;
				foot -= h;
				return (
					<g key={e.name} class={e.loss ? 'exit loss' : 'exit'}>
						<path d={ribbon(x + BAR, start, h, x + BAR + Math.min(40, gap * 0.4), y, h)} />
						<text x={x + 4} y={y + h + 16}>{`${e.loss ? '▼ ' : ''}${short(e.count)}`}</text>
						<text class="why" x={x + 4} y={y + h + 31}>
							{e.title}
						</text>
					</g>
				);
			})}
		</>
	);
}

function Fates({
	fates,
	sum,
	from,
	to,
	height,
}: {
	fates: Fate[];
	sum: number;
	from: number;
	to: number;
	height: number;
}) {
	const high = heights(
		fates.map((f) => f.count),
		sum,
		height,
		1.5,
	);
	let left = TOP;
	let right = TOP;
	return (
		<>
			<text class="step-name" x={to} y={16}>
				Fates
			</text>
			<text class="step-count" x={to} y={34}>
				{short(sum)}
			</text>
			{fates.map((fate, i) => {
				const h = high[i] ?? 0;
				const path = ribbon(from, left, h, to, right, h);
				const y = right;
				left += h;
				right += Math.max(h + 3, ROW);
				return (
					<g key={fate.name}>
						<path class={`ribbon fate series-${(i % 8) + 1}`} d={path} />
						<rect class={`series-${(i % 8) + 1}`} x={to} y={y} width={BAR} height={Math.max(1, h)} />
						<text class="fate-name" x={to + BAR + 8} y={y + Math.max(10, h / 2 + 4)}>
							{fate.name}{' '}
							<tspan class="muted-text">{`${short(fate.count)} · ${percent(fate.count, sum)}`}</tspan>
							<title>{`${fate.help}: ${whole(fate.count)} packets`}</title>
						</text>
					</g>
				);
			})}
		</>
	);
}

function Stacked({ data, total }: { data: Waterfall; total: number }) {
	const sum = data.fates.reduce((n, f) => n + f.count, 0);
	return (
		<ol class="stacked">
			{data.steps.map((step) => [
				<Line
					key={step.name}
					name={step.name}
					count={step.count}
					total={total}
					kind="step"
					note={step.unknown ? 'loss not known' : ''}
				/>,
				...step.exits.map((e) => (
					<Line
						key={e.name}
						name={e.title}
						count={e.count}
						total={total}
						kind={e.loss ? 'loss' : 'exit'}
						note=""
					/>
				)),
			])}
			{data.fates.map((fate, i) => (
				<Line
					key={fate.name}
					name={fate.name}
					count={fate.count}
					total={sum}
					kind={`fate series-${(i % 8) + 1}`}
					note=""
				/>
			))}
		</ol>
	);
}

function Line({
	name,
	count,
	total,
	kind,
	note,
}: {
	name: string;
	count: number;
	total: number;
	kind: string;
	note: string;
}) {
	return (
		<li class={kind}>
			<span class="clip">
				{kind === 'loss' ? '▼ ' : ''}
				{name} <span class="muted small">{note}</span>
			</span>
			<span class="mono">{short(count)}</span>
			<i style={{ width: `${total ? Math.max(0.5, (count / total) * 100) : 0}%` }} />
		</li>
	);
}

function spoken(data: Waterfall): string {
	const steps = data.steps.map(
		(s) => `${s.name} ${whole(s.count)}${s.exits.map((e) => `, ${whole(e.count)} ${e.title}`).join('')}`,
	);
	return `${steps.join('; ')}. Fates: ${data.fates.map((f) => `${f.name} ${whole(f.count)}`).join(', ')}`;
}
