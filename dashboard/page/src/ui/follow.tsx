// SPDX-License-Identifier: MIT
//
// What both sides of a flow said, out of packets that are kept: asked for once, when somebody wants it.
import { useMemo, useRef, useState } from 'preact/hooks';
import { whole } from '../lib/format';
import { copy } from '../lib/clipboard';
import { clockMs, full } from '../lib/time';
import { getFollow } from '../net/api';
import { fileSource } from '../net/source';
import type { FlowRow, FollowAnswer } from '../net/wire';
import { endpoint, sides } from '../state/flow';
import { around, blocks, extent, remarks, type Block, type Shape } from '../state/follow';
import { useSettings } from '../state/settings';
import { Empty, Panel, Segments } from './bits';

const MARKS_MOST = 2000;
const EDGE_SECS = 0.000001; // a double has no more digits

// The flow may be one of several between these ends.
const choiceOf = (flow: FlowRow): Record<string, string> => ({
	flow: flow.key,
	from: Math.max(0, flow.first_seen - EDGE_SECS).toFixed(6),
	...(flow.end_reason && flow.end_reason !== 'active' ? { to: (flow.last_seen + EDGE_SECS).toFixed(6) } : {}),
});

export function Follow({ flow }: { flow: FlowRow }) {
	const [told, setTold] = useState<{ answer?: FollowAnswer; error?: string; busy?: boolean }>({});
	const { answer, error, busy } = told;
	if (fileSource() || (flow.protocol !== 'tcp' && flow.protocol !== 'udp')) return null; // a snapshot has no packets
	const ask = (): void => {
		setTold({ ...told, busy: true });
		getFollow(choiceOf(flow)).then(
			(next) => setTold({ answer: next }),
			(why: Error) => setTold({ error: why.message }),
		);
	};
	const button = (
		<button type="button" class="button small" disabled={busy} onClick={ask} data-follow>
			{answer ? 'Again' : 'Follow stream'}
		</button>
	);
	return (
		<Panel title="Stream" tools={button} class="stream">
			{error && (
				<p class="bad" role="alert">
					{error}
				</p>
			)}
			{answer ? (
				<Said flow={flow} answer={answer} />
			) : (
				<p class="muted">What both sides said, put together from the packets that are kept.</p>
			)}
		</Panel>
	);
}

function Said({ flow, answer }: { flow: FlowRow; answer: FollowAnswer }) {
	const [shape, setShape] = useState<Shape>('text');
	const [wanted, setWanted] = useState('');
	const at = useRef(-1); // which mark is shown
	const box = useRef<HTMLDivElement>(null);
	const { zone } = useSettings();
	const { left, right, known } = sides(flow);
	// The flow is asked for again and again; what was said stays.
	const shown = useMemo(() => blocks(answer.parts, shape, flow.protocol === 'udp'), [answer, shape]);
	const isFirst = (block: Block): boolean => block.side === left.name;
	const name = (block: Block): string => (known ? (isFirst(block) ? 'client' : 'server') : `endpoint ${block.side}`);
	const head = (block: Block): string => `${name(block)} ${endpoint((isFirst(block) ? left : right).end)}`;
	const [list, marks] = useMemo(() => {
		let found = 0;
		const made = shown.map((block) => {
			const pieces = found < MARKS_MOST && !block.gap ? around(block.text, wanted) : [block.text];
			found += pieces.length >> 1;
			return (
				<section key={`${block.side}${block.at}`} class={isFirst(block) ? '' : 'second'} data-said={name(block)}>
					<h3>
						{isFirst(block) ? '→' : '←'} {head(block)}{' '}
						<span class="muted">{block.time !== null && clockMs(block.time * 1000, zone)}</span>
					</h3>
					{block.gap ? (
						<p class="gap">[{block.text}]</p>
					) : (
						<pre>{pieces.map((piece, i) => (i % 2 ? <mark key={i}>{piece}</mark> : piece))}</pre>
					)}
				</section>
			);
		});
		return [made, found] as const;
	}, [shown, wanted, zone, known]);
	const next = (step: number): void => {
		const all = box.current?.querySelectorAll('mark');
		if (!all?.length) return;
		all[at.current]?.removeAttribute('class');
		at.current = (Math.max(at.current + step, -1) + all.length) % all.length;
		all[at.current]?.setAttribute('class', 'now');
		all[at.current]?.scrollIntoView({ block: 'nearest' });
	};
	return (
		<>
			<p class="small">
				{extent(answer)}, from {answer.source === 'recorder' ? 'the flight recorder' : 'samples'}, which{' '}
				{answer.source === 'recorder' ? 'holds' : 'hold'} packets since {answer.since === null ? 'its start' : full(answer.since * 1000, zone)}.
			</p>
			{remarks(answer).map((text) => (
				<p key={text} class="warn small" data-remark>
					{text}
				</p>
			))}
			{shown.length ? (
				<>
					<div class="stream-tools">
						<Segments label="Show bytes as" value={shape} options={[['text', 'Text'], ['hex', 'Hex']] as const} onChange={setShape} />
						<label class="field grow">
							<input
								type="search"
								placeholder="Search in the stream"
								aria-label="Search in the stream"
								value={wanted}
								onInput={(event) => {
									setWanted(event.currentTarget.value);
									at.current = -1;
								}}
								onKeyDown={(event) => event.key === 'Enter' && next(event.shiftKey ? -1 : 1)}
							/>
						</label>
						<span class="small muted" role="status">
							{wanted && (marks ? `${whole(marks)}${marks >= MARKS_MOST ? ' or more' : ''} found, Enter: next` : 'not found')}
						</span>
						<button
							type="button"
							class="button small"
							onClick={() => void copy(shown.map((b) => `${head(b)}\n${b.text}`).join('\n\n'), 'the stream')}
						>
							Copy
						</button>
					</div>
					<div class="said-box" ref={box} tabIndex={0} role="group" aria-label="What both sides said">
						{list}
					</div>
				</>
			) : (
				<Empty icon="packets" title="No bytes of this flow">
					{answer.first === null ? 'No packet of it is kept.' : 'Its packets that are kept have no payload.'}
				</Empty>
			)}
		</>
	);
}
