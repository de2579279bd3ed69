// SPDX-License-Identifier: MIT
//
// TCP's health over time: what had to be sent again, handshakes that failed, round trips, and bursts within a point.
import { DASH, duration, join, known, percent, rateText, scaled, short, tidy, whole, type Known } from '../lib/format';
import { settings } from '../state/settings';
import { totalOf, type Timed, type Value } from '../state/timed';
import { Panel } from '../ui/bits';
import { Lines, type LinesOf } from '../ui/lines';
import { Moment } from '../ui/moment';
import { TimeHeat } from '../ui/time_heat';
import { Sums, TimedView, type Sum } from '../ui/timed_view';

const SERIES =
	'packets,bytes,retransmissions,out_of_order,gaps,gaps_filled,zero_windows,opened,established,refused,unanswered,resets,rtt_samples,rtt_p50_ms,rtt_p95_ms,rtt_p99_ms,rtt,burst_packets,burst_bytes';

const perSecond = (name: string) => (value: Value, length: number): number | null => {
	const n = value(name);
	return n === null ? null : n / length;
};
const rateOf = (v: number | null): string => (v === null ? DASH : `${join(scaled(v, ''))}/s`);
const axisOf = (v: number): string => `${tidy(join(scaled(v, '')))}/s`;
export const RATES = { text: rateOf, axis: axisOf, least: 1 };

const msText = (v: number | null): string => (v === null ? DASH : duration(v / 1000));
export const TIMES = { text: msText, axis: (v: number) => tidy(duration(v / 1000)), least: 0.1 };

export const SEGMENTS: LinesOf = {
	...RATES,
	lines: [
		{ name: 'retransmissions', color: 's6', value: perSecond('retransmissions') },
		{ name: 'out of order', color: 's1', dash: [6, 3], value: perSecond('out_of_order') },
		{ name: 'gaps', color: 's4', dash: [2, 3], value: perSecond('gaps') },
		{ name: 'zero windows', color: 's3', dash: [9, 3, 2, 3], value: perSecond('zero_windows') },
	],
};
export const HANDSHAKES: LinesOf = {
	...RATES,
	lines: [
		{ name: 'opened', color: 's8', value: perSecond('opened') },
		{ name: 'established', color: 's3', dash: [6, 3], value: perSecond('established') },
		{ name: 'refused', color: 's6', value: perSecond('refused') },
		{ name: 'unanswered', color: 's4', dash: [2, 3], value: perSecond('unanswered') },
		{ name: 'resets', color: 's1', dash: [9, 3, 2, 3], value: perSecond('resets') },
	],
};
export const percentiles = (of: string): LinesOf => ({
	...TIMES,
	lines: [
		{ name: 'p50', color: 's1', value: (v) => v(`${of}_p50_ms`) },
		{ name: 'p95', color: 's4', dash: [6, 3], value: (v) => v(`${of}_p95_ms`) },
		{ name: 'p99', color: 's6', dash: [2, 3], value: (v) => v(`${of}_p99_ms`) },
	],
});
export const ROUND_TRIPS = percentiles('rtt');

const bits = (v: number | null): string => rateText(v, settings.get().units);
const BURSTS: LinesOf = {
	text: bits,
	axis: (v) => tidy(bits(v)),
	least: 1000,
	lines: [
		{ name: 'fullest millisecond', color: 'chart-line', value: (v) => perMillisecond(v('burst_bytes')) },
		{ name: 'mean', color: 'chart-area', fill: true, value: (v, length) => ((v('bytes') ?? 0) * 8) / length },
	],
};

/** Bytes of a millisecond as bits per second. */
const perMillisecond = (bytes: Known): number | null => (known(bytes) ? bytes * 8 * 1000 : null);

const add = (...values: Known[]): number | null => {
	const some = values.filter(known);
	return some.length ? some.reduce((a, b) => a + b, 0) : null;
};

/** What the range that is shown adds up to. */
export function tcpSums(data: Timed): Sum[] {
	const total = (name: string): number | null => totalOf(data, name);
	const ofPackets = (n: number | null): string => (n === null ? '' : `${percent(n, total('packets'))} of packets`);
	const [gaps, filled] = [total('gaps'), total('gaps_filled')];
	const lost = gaps === null ? null : Math.max(0, gaps - (filled ?? 0));
	const failed = add(total('refused'), total('unanswered'));
	const ofOpened = failed === null ? '' : `${percent(failed, total('opened'))} of ${short(total('opened'))} opened`;
	return [
		{ name: 'Retransmissions', value: whole(total('retransmissions')), detail: ofPackets(total('retransmissions')) },
		{ name: 'Out of order', value: whole(total('out_of_order')), detail: ofPackets(total('out_of_order')) },
		{ name: 'Lost segments', value: whole(lost), detail: gaps === null ? '' : `${short(gaps)} gaps, ${short(filled)} filled` },
		{ name: 'Zero windows', value: whole(total('zero_windows')), detail: '' },
		{ name: 'Failed handshakes', value: whole(failed), detail: ofOpened },
		{ name: 'Resets', value: whole(total('resets')), detail: 'connections' },
	];
}

/** By how much the fullest millisecond of the range is above its mean. */
export function burstWords(data: Timed): string {
	const at = data.columns.indexOf('burst_bytes');
	const peak = data.rows.reduce<number | null>((most, row) => (typeof row[at] === 'number' ? Math.max(most ?? 0, row[at] as number) : most), null);
	const seconds = data.rows.reduce((sum, row) => sum + (row[1] as number), 0);
	const mean = ((totalOf(data, 'bytes') ?? 0) * 8) / (seconds || 1);
	if (peak === null) return 'Microbursts are not looked for: set analysis.anomalies.microburst.enabled, and --anomalies.';
	const times = mean > 0 ? `, ${((peak * 8000) / mean).toFixed(1)} times the mean` : '';
	return `Fullest millisecond of this time: ${bits(perMillisecond(peak))}${times}.`;
}

export function Tcp() {
	return (
		<TimedView name="tcp" series={SERIES}>
			{({ foot, ...shown }) => (
				<>
					<Sums sums={tcpSums(shown.data)} label="TCP in this time" />
					<Panel title="Segments" flush>
						<Lines of={SEGMENTS} label="Retransmissions, segments out of order, gaps and zero windows over time" foot={foot} {...shown} />
					</Panel>
					<Moment />
					<Panel title="Handshakes and resets" class="col-6" flush>
						<Lines of={HANDSHAKES} label="Connections opened, established, refused, unanswered and reset over time" {...shown} />
					</Panel>
					<Panel title="Microbursts" class="col-6" flush>
						<Lines of={BURSTS} label="Fullest millisecond and mean rate over time" height={160} {...shown} />
						<p class="muted small line-none">
							{burstWords(shown.data)
								.split(/(--[\w-]+)/)
								.map((part, i) => (i % 2 ? <span key={i} class="nowrap">{part}</span> : part))}
						</p>
					</Panel>
					<Panel title="Round trip times" flush>
						<Lines of={ROUND_TRIPS} label="Percentiles of round trip times over time" {...shown} />
						<TimeHeat series="rtt" of="Round trip times" {...shown} />
					</Panel>
				</>
			)}
		</TimedView>
	);
}
