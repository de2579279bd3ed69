// SPDX-License-Identifier: MIT
//
// Where the cycles go: a row for each worker, a column for each stage, shade and number are cycles per packet in the last tick.
import { useState } from 'preact/hooks';
import { DASH, duration, known, short, whole } from '../lib/format';
import { getCores, type CoresAnswer } from '../net/api';
import type { Core } from '../net/wire';
import { cyclesText, shade, sumKnown } from '../state/heat';
import { useLive } from '../state/live';
import { usePaused } from '../state/session';
import { imbalance } from '../state/status';
import { Choice, Empty, Panel, Segments, Waiting } from '../ui/bits';
import { Histogram, histogramSentence, since, type Buckets } from '../ui/histogram';
import { Icon } from '../ui/icon';
import { Threads } from '../ui/threads';
import { usePoll, useSize } from '../ui/use';

const NONE: Core[] = [];
const NO_STAGES: string[] = [];
const NARROW = 700;
const QUANTILES = ['p50', 'p90', 'p99', 'p99.9', 'p99.99', 'longest'];

interface Duration {
	member: 'round_ns' | 'age_ns' | 'queue_ns';
	title: string;
	counted: string;
	always: boolean;
}

const DURATIONS: Duration[] = [
	{ member: 'round_ns', title: 'Time of a round, from poll to sweep', counted: 'round', always: true },
	{ member: 'age_ns', title: 'Age of a burst, from the kernel to its flows', counted: 'burst', always: false },
	{ member: 'queue_ns', title: 'Wait in a lane, from capture to worker', counted: 'burst', always: false },
];

const SINCE = [
	[0, 'since the start'],
	[1, 'since this was opened'],
] as const;

const ns = (value: number | undefined): string => (value === undefined ? DASH : duration(value / 1e9));

export function Cores() {
	const cores = useLive((l) => l.frame?.cores ?? NONE);
	const waiting = useLive((l) => l.frame === null);
	const stages = useLive((l) => l.hello?.stages ?? NO_STAGES);
	const [detail, first] = useDetail();
	const [box, size] = useSize<HTMLDivElement>();
	const cells = [...cores.map((c) => c.cycles), detail?.capture?.cycles_per_packet];
	const shown = stages.map((_, s) => s).filter((s) => ranEver(s, cores, detail));
	const most = Math.max(0, ...cells.flatMap((c) => (c ?? []).map((v) => v ?? 0)));
	const props = { cores, stages, shown, most, detail };
	return (
		<div class="view" ref={box}>
			<Panel title="Cycles per packet" tools={<Balance />} flush>
				{waiting ? (
					<Waiting />
				) : cores.length === 0 ? (
					<Empty icon="cores" title="No worker has reported yet">
						There is one row per worker after the first tick.
					</Empty>
				) : size.width > 0 && size.width < NARROW ? (
					<CoreCards {...props} />
				) : (
					<HeatMap {...props} />
				)}
				<p class="key-line small muted">
					<span class="load-key busy" /> busy <span class="load-key empty-polls" /> empty polls{' '}
					<span class="load-key waited" /> waiting for another thread <span class="load-key idle" /> idle. Stronger shade: more cycles per packet, relative to the largest cell.
				</p>
			</Panel>
			<Threads detail={detail} />
			{DURATIONS.filter((d) => d.always || cores.some((core) => core[d.member])).map((d) => (
				<Durations key={d.member} cores={cores} detail={detail} first={first} of={d} />
			))}
		</div>
	);
}

/** Whether any thread has spent a cycle on a stage: the others would only make the picture wide. */
function ranEver(stage: number, cores: Core[], detail: CoresAnswer | null): boolean {
	const since = [...(detail?.workers ?? []).map((w) => w.total?.cycles_per_packet), detail?.capture?.cycles_per_packet];
	return [...since, ...cores.map((c) => c.cycles)].some((cycles) => (cycles?.[stage] ?? 0) > 0);
}

/** The newest answer, and the first one since this view was opened. */
function useDetail(): [CoresAnswer | null, CoresAnswer | null] {
	const [detail, setDetail] = useState<CoresAnswer | null>(null);
	const [first, setFirst] = useState<{ boot: string; answer: CoresAnswer } | null>(null);
	const boot = useLive((l) => l.hello?.boot_id ?? '');
	const paused = usePaused();
	usePoll(
		async () => {
			if (!boot) return;
			const answer = await getCores().catch(() => null);
			if (!answer) return;
			setDetail(answer);
			setFirst((f) => (f?.boot === boot ? f : { boot, answer }));
		},
		2000,
		!paused,
		boot,
	);
	return [detail, first?.boot === boot ? first.answer : null];
}

function Balance() {
	const value = useLive(imbalance);
	const [waiting, lanes] = useLive(
		(l) =>
			[
				(l.frame?.cores ?? []).reduce((n, c) => n + (c.waiting ?? 0), 0),
				(l.frame?.cores ?? []).some((c) => c.waiting !== null && c.waiting !== undefined),
			] as const,
	);
	return (
		<span class="small muted nowrap">
			imbalance{' '}
			<b class="mono" data-imbalance>
				{value === null ? DASH : value.toFixed(2)}
			</b>
			{lanes && (
				<>
					{' · '}waiting <b class="mono">{whole(waiting)}</b> bursts
				</>
			)}
		</span>
	);
}

interface MapProps {
	cores: Core[];
	stages: string[];
	shown: number[]; // places of the stages that have columns
	most: number;
	detail: CoresAnswer | null;
}

const pinned = (detail: CoresAnswer | null, i: number): string => {
	const core = detail?.workers[i]?.core;
	return core === null || core === undefined ? '' : `core ${core}`;
};

function HeatMap({ cores, stages, shown, most, detail }: MapProps) {
	return (
		<div class="heat-scroll" tabIndex={0} role="region" aria-label="Cycles per packet by worker and stage">
			<table class="heat">
				<thead>
					<tr>
						<th scope="col">Worker</th>
						{shown.map((s) => (
							<th key={s} scope="col" class="right">
								{stages[s]}
							</th>
						))}
						<th scope="col" class="right">
							all
						</th>
						<th scope="col" class="right">
							pps
						</th>
						<th scope="col" class="right">
							load
						</th>
						<th scope="col" class="right" title="Bursts that wait in its lane">
							waiting
						</th>
					</tr>
				</thead>
				<tbody>
					{cores.map((core, i) => [
						<tr key={`w${i}`} data-worker={i}>
							<th scope="row">
								worker {i} <span class="muted small">{pinned(detail, i)}</span>
								{core.recorder && (
									<div class="recorded muted small" title="Packets that the flight recorder holds in memory">
										recorded: {duration(core.recorder.held_secs)},{' '}
										{short(core.recorder.packets)} packets
									</div>
								)}
							</th>
							{shown.map((s) => (
								<HeatCell key={s} value={core.cycles?.[s] ?? null} most={most} />
							))}
							<td class="num strong">{cyclesText(sumKnown(core.cycles))}</td>
							<td class="num">{short(core.pps)}</td>
							<td class="num">{Math.round((core.load ?? 0) * 100)} %</td>
							<td class="num">
								{core.waiting === null || core.waiting === undefined ? DASH : whole(core.waiting)}
							</td>
						</tr>,
						<tr key={`l${i}`} class="load-row">
							<td colSpan={shown.length + 5}>
								<LoadBar core={core} />
							</td>
						</tr>,
					])}
					{detail?.capture?.cycles_per_packet && (
						<tr>
							<th scope="row">
								capture <span class="muted small">since the start</span>
							</th>
							{shown.map((s) => (
								<HeatCell
									key={s}
									value={detail.capture?.cycles_per_packet?.[s] ?? null}
									most={most}
								/>
							))}
							<td class="num strong">{cyclesText(sumKnown(detail.capture.cycles_per_packet))}</td>
							<td class="num">{short(detail.capture.pps ?? null)}</td>
							<td class="num">
								{known(detail.capture.load) ? `${Math.round(detail.capture.load * 100)} %` : DASH}
							</td>
							<td class="num" title="The capture thread has no lane in front of it">
								{DASH}
							</td>
						</tr>
					)}
				</tbody>
			</table>
		</div>
	);
}

const HeatCell = ({ value, most }: { value: number | null; most: number }) => (
	<td class={`num heat-${shade(value, most)}`}>{value === 0 ? '·' : cyclesText(value)}</td>
);

function LoadBar({ core }: { core: Core }) {
	const busy = Math.max(0, Math.min(1, core.busy ?? 0));
	const empty = Math.max(0, Math.min(1 - busy, core.empty ?? 0));
	const waited = Math.max(0, Math.min(1 - busy - empty, core.waited ?? 0));
	const shares = { busy, 'empty polls': empty, waiting: waited, idle: 1 - busy - empty - waited };
	const text = Object.entries(shares)
		.map(([name, share]) => `${name} ${Math.round(share * 100)} %`)
		.join(', ');
	return (
		<svg class="load-bar" viewBox="0 0 1000 6" preserveAspectRatio="none" role="img" aria-label={text}>
			<title>{text}</title>
			<rect class="idle" width="1000" height="6" />
			<rect class="empty-polls" x={busy * 1000} width={empty * 1000} height="6" />
			<rect class="waited" x={(busy + empty) * 1000} width={waited * 1000} height="6" />
			<rect class={busy > 0.95 ? 'busy full' : 'busy'} width={busy * 1000} height="6" />
		</svg>
	);
}

function CoreCards({ cores, stages, shown, most, detail }: MapProps) {
	return (
		<ul class="core-cards">
			{cores.map((core, i) => (
				<li key={i} data-worker={i}>
					<div class="card-line">
						<b>worker {i}</b>
						<span class="muted small">{pinned(detail, i)}</span>
						<span class="grow" />
						<span class="mono">{short(core.pps)} pps</span>
						<span class="mono">{Math.round((core.load ?? 0) * 100)} %</span>
					</div>
					<LoadBar core={core} />
					<dl class="core-stages">
						{shown.map((s) => (
							<div key={s} class={`heat-${shade(core.cycles?.[s] ?? null, most)}`}>
								<dt>{stages[s]}</dt>
								<dd class="mono">{cyclesText(core.cycles?.[s] ?? null)}</dd>
							</div>
						))}
					</dl>
				</li>
			))}
		</ul>
	);
}

const Timeline = () => (
	<a class="button" href="#/profile" title="What each thread did last, and its longest rounds">
		<Icon name="profile" small />
		timeline
	</a>
);

function bucketsOf(answer: CoresAnswer | null, of: Duration, worker: number | null): Buckets {
	const sums = new Map<number, number>();
	for (const w of answer?.workers ?? []) {
		if (worker !== null && w.index !== worker) continue;
		const buckets = of.member === 'round_ns' ? w.histogram : w[of.member]?.histogram;
		for (const [upper, count] of buckets ?? []) sums.set(upper, (sums.get(upper) ?? 0) + count);
	}
	return [...sums];
}

interface DurationsProps {
	cores: Core[];
	detail: CoresAnswer | null;
	first: CoresAnswer | null;
	of: Duration;
}

function Durations({ cores, detail, first, of }: DurationsProps) {
	const [worker, setWorker] = useState<number | null>(null);
	const [recent, setRecent] = useState(0);
	const all = bucketsOf(detail, of, worker);
	const buckets = recent ? since(bucketsOf(first, of, worker), all) : all;
	return (
		<Panel title={of.title} tools={of.member === 'round_ns' && <Timeline />} flush>
			<div class="heat-scroll" tabIndex={0} role="region" aria-label={`${of.title}, by worker`}>
				<table class="heat plain">
					<thead>
						<tr>
							<th scope="col">Worker</th>
							{QUANTILES.map((name) => (
								<th key={name} scope="col" class="right">
									{name}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{cores.map((core, i) => (
							<tr key={i}>
								<th scope="row">worker {i}</th>
								{QUANTILES.map((name, r) => (
									<td key={name} class="num">
										{ns(core[of.member]?.[r])}
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{detail && (
				<div class="histogram-head">
					<Choice
						label={`${of.title}: worker`}
						all="all workers"
						value={worker}
						options={cores.map((_, i) => [i, `worker ${i}`])}
						onChange={(value) => setWorker(value === null ? null : Number(value))}
					/>
					<Segments
						label={`${of.title}: since when`}
						value={recent}
						options={SINCE}
						onChange={setRecent}
					/>
					<span class="small muted" data-histogram={of.member}>
						{histogramSentence(buckets, of.counted)}
					</span>
				</div>
			)}
			<Histogram buckets={buckets} of={of.counted} />
			{buckets.length > 0 && <p class="key-line small muted">Heights of bars are logarithmic.</p>}
		</Panel>
	);
}
