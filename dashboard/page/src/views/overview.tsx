// SPDX-License-Identifier: MIT
//
// The overview: is all well (three sentences), how much (five cards), when (the chart), of what (mix), from whom (top flows).
import { useMemo } from 'preact/hooks';
import { useStore } from '../lib/store';
import { formatRoute, go, useRoute } from '../lib/router';
import type { Point } from '../net/wire';
import { useLive } from '../state/live';
import { lossIsSeen, seen } from '../state/seen';
import { endOf, history, historyKnown } from '../state/history';
import { COMPARED, edgesOf, readCompared, useRange } from '../state/range';
import { tickWords } from '../state/series';
import { useSettings, WHOLE_RUN } from '../state/settings';
import { columnsOf, ghostOf, useTimed, type Timed } from '../state/timed';
import { coreVerdict, ledgerVerdict, lossVerdict, type Verdict } from '../state/status';
import { Empty, Panel, Waiting } from '../ui/bits';
import { Brush } from '../ui/brush';
import { Cards } from '../ui/cards';
import { Icon } from '../ui/icon';
import { Marks } from '../ui/marks';
import { Mix } from '../ui/mix';
import { Moment } from '../ui/moment';
import { TimeBar } from '../ui/time_bar';
import { TopFlows } from '../ui/top_flows';
import { TrafficChart } from '../ui/traffic_chart';

export function Overview() {
	const lastTick = useLive((l) => tickWords(l.frame?.tick ?? null));
	return (
		<div class="view overview">
			<Verdicts />
			<Cards />
			<Traffic />
			<Mix />
			<Moment />
			<Panel
				title={`Top flows, ${lastTick}`}
				class="top-flows"
				flush
				tools={
					<>
						<a href={formatRoute({ view: 'who', id: 'host', query: { last: '60' } })}>Who used most in the last minute?</a>
						<a href={formatRoute({ view: 'flows', query: { list: 'all' } })}>Search all</a>
					</>
				}
			>
				<TopFlows limit={10} onOpen={(flow) => go({ view: 'flow', id: flow.key })} />
			</Panel>
		</div>
	);
}

const ICONS = { good: 'check', warn: 'warn', bad: 'cross', quiet: 'wait' } as const;

function Verdicts() {
	const { zone } = useSettings();
	const known = useStore(seen, (s) => s);
	const all = useLive((l) =>
		[lossVerdict(l, (loss) => lossIsSeen(known, l.hello?.boot_id, loss), zone), ledgerVerdict(l), coreVerdict(l)].flatMap((v) => [v.tone, v.text, v.detail]),
	);
	const links = ['ledger', 'ledger', 'cores'];
	return (
		<div class="verdicts" aria-label="State of the capture">
			{links.map((view, i) => {
				const [tone, text, detail] = all.slice(i * 3, i * 3 + 3) as [Verdict['tone'], string, string];
				return (
					<a key={i} class={`verdict ${tone}`} href={formatRoute({ view })} data-space="pause" title={detail}>
						<Icon name={ICONS[tone]} />
						<b>{i === 1 && tone !== 'quiet' ? `Ledger ${text.toLowerCase()}` : text}</b>
						<span class="clip">{detail}</span>
					</a>
				);
			})}
		</div>
	);
}

const SERIES = 'packets,bytes,drops,flows,down';
const FROM_FRAMES = 900; // the last so many seconds come with frames

function Traffic() {
	const range = useRange();
	const compared = readCompared(useRoute().query);
	const framed = !range.fixed && range.span !== WHOLE_RUN && range.span <= FROM_FRAMES;
	const seconds = useStore(history, (h) => (framed ? h : NONE));
	const { data, error } = useTimed(SERIES, range, { off: framed });
	const shift = compared ? COMPARED[compared] : 0;
	const earlier = useTimed('bytes', range, { shift, off: !compared, slow: true });
	const points = framed ? seconds : ((data?.rows ?? NONE) as Point[]);
	const isLive = useLive((l) => l.hello?.source.live === true);
	const [first, newest] = [points[0], points[points.length - 1]];
	const [from, end] = edgesOf(range, first?.[0] ?? 0, newest ? endOf(newest) : 0, isLive);
	const lost = useLive((l) => l.frame?.tick?.drops === null && l.hello?.source.live === true);
	const ghost = useMemo(() => (earlier.data?.rows.length ? ghostFrom(earlier.data, shift) : null), [earlier.data, shift]);
	const known = useStore(historyKnown, (k) => k);
	return (
		<section class="panel traffic" data-chart>
			<header>
				<h2>Traffic</h2>
				<span class="legend">
					<span class="key area">throughput</span>
					<span class="key line">packets</span>
					<span class="key loss">{lost ? 'drops: not known' : 'drops'}</span>
					{compared && (
						<span class="key ghost">
							throughput the {compared} before{earlier.data && !ghost ? ': nothing is kept' : ''}
						</span>
					)}
				</span>
				<span class="grow legend-values" data-legend />
				<TimeBar compare />
			</header>
			{newest || (range.fixed && data) ? (
				<TrafficChart
					points={points}
					ghost={ghost}
					from={from}
					end={end}
					height={innerHeight >= 1000 ? 360 : 240}
					foot={(plot) => (
						<>
							<Marks from={from} to={end} plot={plot} />
							<Brush from={from} to={end} plot={plot} />
						</>
					)}
				/>
			) : error ? (
				<div class="chart-empty">
					<Empty icon="cross" title="This time cannot be shown">{error}</Empty>
				</div>
			) : (
				<NoPoints known={framed ? known : data !== null} />
			)}
		</section>
	);
}

const NONE: Point[] = [];

/** Bits per second of an earlier time, for the times of the chart. */
function ghostFrom(data: Timed, shift: number): (times: number[]) => (number | null)[] {
	const [x, bits] = columnsOf(data, [(value, length) => ((value('bytes') ?? 0) * 8) / length]) as [number[], (number | null)[]];
	return (times) => ghostOf(times, x, bits, shift, Math.max(data.step, 1) * 0.75);
}

function NoPoints({ known }: { known: boolean }) {
	const [state, text] = useLive((l) => [l.frame?.state ?? null, l.frame?.state_text ?? ''] as const);
	if (state === null || !known)
		return (
			<div class="chart-empty">
				<Waiting />
			</div>
		);
	const words: Record<string, [string, string, string]> = {
		link_down: [
			'The link is down',
			text || 'The interface has no carrier.',
			'Capture goes on by itself when the link is back.',
		],
		stalled: [
			'Nothing is published',
			text || 'Packets arrive, but nothing is published.',
			'Restart netscope once the clock is right.',
		],
		failed: ['Capture failed', text || 'The source gave an error.', 'See System for what doctor found.'],
		ended: [
			'The input has ended',
			text || 'It held less than a second of traffic.',
			'Flows and the ledger show the whole of it.',
		],
	};
	const [title, why, next] = words[state] ?? [
		'No second has passed yet',
		'The first point comes when one second of traffic is complete.',
		'',
	];
	return (
		<div class="chart-empty">
			<Empty icon={state === 'failed' ? 'cross' : 'wait'} title={title} next={next}>
				{why}
			</Empty>
		</div>
	);
}
