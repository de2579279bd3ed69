// SPDX-License-Identifier: MIT
import { join, rate, scaled, short, whole } from '../lib/format';
import { formatRoute } from '../lib/router';
import { useStore } from '../lib/store';
import { history, historyKnown } from '../state/history';
import { useLive } from '../state/live';
import { alertsSeen, lossIsSeen, seen } from '../state/seen';
import { ratesNow } from '../state/series';
import { useSettings } from '../state/settings';
import { alertText, lostPackets } from '../state/status';
import { Spark } from './spark';

const LENGTH = 60;

interface CardProps {
	name: string;
	value: string;
	unit: string;
	detail: string;
	href: string;
	tone?: string;
	series?: (number | null)[];
}

function Card({ name, value, unit, detail, href, tone = '', series }: CardProps) {
	return (
		<a class={`card ${tone}`} href={href} data-card={name} data-space="pause">
			<span class="name">{name}</span>
			<span class="value">
				<b data-value>{value}</b> <span class="unit">{unit}</span>
			</span>
			<span class="detail clip">{detail}</span>
			{series && (
				<Spark values={series} length={LENGTH} label={`${name}, the last ${LENGTH} seconds`} height={22} />
			)}
		</a>
	);
}

const peak = (values: (number | null)[]): number | null =>
	values.reduce<number | null>((m, v) => (v === null ? m : Math.max(m ?? 0, v)), null);

export function Cards() {
	const { units } = useSettings();
	const points = useStore(history, (h) => h);
	const hasHistory = useStore(historyKnown, (k) => k);
	const tick = useLive((l) => l.frame?.tick ?? null);
	const lost = useLive(lostPackets);
	const known = useStore(seen, (s) => s);
	const [lossesSeen, oldAlerts] = useLive(
		(l) =>
			[
				(l.frame?.losses ?? []).every((loss) => lossIsSeen(known, l.hello?.boot_id, loss)),
				alertsSeen(known, l.hello?.boot_id),
			] as const,
	);
	const lastAlert = useLive((l) => l.alerts[l.alerts.length - 1]?.description ?? '');
	const watching = useLive((l) => l.hello?.analysis?.['alerts'] ?? true);
	const bits = points.map((p) => (p[3] * 8) / (p[1] || 1));
	const packets = points.map((p) => p[2] / (p[1] || 1));
	const flows = points.map((p) => p[5]);
	const top = rate(peak(bits), units);
	const shown = ratesNow(points, tick);
	const now = rate(shown?.bps, units);
	const pps = scaled(shown?.pps, 'pps');
	const alerts = tick?.alerts ?? null;
	const noPeak = hasHistory ? 'no second yet' : '';
	const lostNow = tick?.drops ?? null;
	return (
		<div class="cards">
			<Card
				name="Throughput"
				value={now.value}
				unit={now.unit}
				detail={bits.length ? `peak ${top.value} ${top.unit}` : noPeak}
				series={bits}
				href={formatRoute({ view: 'flows' })}
			/>
			<Card
				name="Packets"
				value={pps.value}
				unit={pps.unit}
				detail={packets.length ? `peak ${join(scaled(peak(packets), 'pps'))}` : noPeak}
				series={packets}
				href={formatRoute({ view: 'packets' })}
			/>
			<Card
				name="Active flows"
				value={short(tick?.flows ?? null)}
				unit=""
				detail={tick ? `${whole(tick.flows)} within the timeout` : 'not known yet'}
				series={flows}
				href={formatRoute({ view: 'flows', query: { list: 'all' } })}
			/>
			<Card
				name="Alerts"
				value={watching ? whole(alerts) : 'off'}
				unit=""
				tone={alerts && alerts > oldAlerts ? 'bad' : ''}
				detail={
					watching
						? alerts === null
							? 'not known yet'
							: alerts === 0
								? 'none since the start'
								: alertText(lastAlert)
						: '--anomalies turns them on'
				}
				href={formatRoute({ view: 'alerts' })}
			/>
			<Card
				name="Drops"
				value={short(lost)}
				unit={lost === null ? '' : lost === 1 ? 'packet' : 'packets'}
				tone={lost && !lossesSeen ? 'bad' : ''}
				detail={
					!tick
						? 'not known yet'
						: lost === null
							? 'the source cannot tell'
							: lost === 0
								? 'none since the start'
								: `${whole(lostNow)} in the last second`
				}
				href={formatRoute({ view: 'ledger' })}
			/>
		</div>
	);
}
