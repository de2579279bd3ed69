// SPDX-License-Identifier: MIT
//
// The overview: is all well (three sentences), how much (five cards), when (the chart), of what (mix), from whom (top flows).
import { useEffect, useMemo } from 'preact/hooks';
import { useStore } from '../lib/store';
import { formatRoute, go } from '../lib/router';
import { useLive } from '../state/live';
import { lossIsSeen, seen } from '../state/seen';
import { endOf, history, historyKnown, stepFor, wantStep, withTail, type Step } from '../state/history';
import { chartFrom, tickWords } from '../state/series';
import { choose, SPANS, useSettings, WHOLE_RUN } from '../state/settings';
import { coreVerdict, ledgerVerdict, lossVerdict, type Verdict } from '../state/status';
import { Empty, Panel, Segments, Waiting } from '../ui/bits';
import { Cards } from '../ui/cards';
import { Icon } from '../ui/icon';
import { Mix } from '../ui/mix';
import { TopFlows } from '../ui/top_flows';
import { TrafficChart } from '../ui/traffic_chart';

const SPAN_NAMES = [
	[60, '1m'],
	[300, '5m'],
	[900, '15m'],
	[3600, '1h'],
	[86_400, '1d'],
	[WHOLE_RUN, 'All'],
] as const;

export function Overview() {
	const lastTick = useLive((l) => tickWords(l.frame?.tick ?? null));
	return (
		<div class="view overview">
			<Verdicts />
			<Cards />
			<Traffic />
			<Mix />
			<Panel
				title={`Top flows, ${lastTick}`}
				class="top-flows"
				flush
				tools={<a href={formatRoute({ view: 'flows', query: { list: 'all' } })}>Search all</a>}
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

function Traffic() {
	const { span } = useSettings();
	const known = useStore(historyKnown, (k) => k);
	const [series, fine, step] = useStore(history, (h) => {
		const chosen = stepFor(span, h, known);
		return [h[chosen], h[1], chosen] as const;
	});
	useEffect(() => wantStep(step), [step]);
	const points = useMemo(() => withTail(series, fine), [series, fine]);
	const isLive = useLive((l) => l.hello?.source.live === true);
	const newest = points[points.length - 1];
	const lost = useLive((l) => l.frame?.tick?.drops === null && l.hello?.source.live === true);
	return (
		<section class="panel traffic" data-chart>
			<header>
				<h2>Traffic</h2>
				<span class="legend">
					<span class="key area">throughput</span>
					<span class="key line">packets</span>
					<span class="key loss">{lost ? 'drops: not known' : 'drops'}</span>
				</span>
				<span class="grow legend-values" data-legend />
				<Segments
					label="Span of the chart"
					value={span}
					options={SPAN_NAMES.filter(([s]) => SPANS.includes(s))}
					onChange={(value) => choose({ span: value })}
				/>
			</header>
			{newest ? (
				<TrafficChart
					points={points}
					span={span}
					from={chartFrom(points, span, isLive)}
					end={endOf(newest)}
					height={innerHeight >= 1000 ? 400 : 260}
				/>
			) : (
				<NoPoints step={step} />
			)}
		</section>
	);
}

function NoPoints({ step }: { step: Step }) {
	const known = useStore(historyKnown, (k) => k[step]);
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
