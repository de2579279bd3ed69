// SPDX-License-Identifier: MIT
//
// Alerts, newest first, with the evidence: what was observed beside the threshold that it reached.
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { duration, plural, whole } from '../lib/format';
import { formatRoute, go, setQuery, useRoute } from '../lib/router';
import { useStore } from '../lib/store';
import { clock, full } from '../lib/time';
import type { AlertRow } from '../net/wire';
import { matchesWords, terms } from '../state/filter';
import { useLive } from '../state/live';
import { alertText } from '../state/status';
import { alertsSeen, seeAlerts, seen } from '../state/seen';
import { useSettings } from '../state/settings';
import { Empty, SeenButton, Segments, Waiting } from '../ui/bits';
import { Episodes, flowsOf } from '../ui/episodes';
import { FilterBar } from '../ui/filter_bar';
import { PacketsLink } from '../ui/recorder';
import { EndText } from '../ui/term';

const SHOWN = 200;
const NAMES: Record<string, string> = {
	syn_flood: 'SYN flood',
	port_scan: 'Port scan',
	udp_icmp_flood: 'UDP or ICMP flood',
	microburst: 'Microburst',
};
const NO_EXAMPLES: readonly (readonly [string, string])[] = [];

export const kindName = (kind: string): string => NAMES[kind] ?? kind.replaceAll('_', ' ');

export function Alerts() {
	const { query, id } = useRoute();
	const told = useLive((l) => l.frame?.episodes !== undefined && (l.hello?.analysis?.['alerts'] ?? true)); // else alerts one by one are all there is
	if (told && !id && query['list'] !== 'all' && !query['kind'] && !query['filter'])
		return (
			<div class="view">
				<div class="view-head">
					<Lists list="episodes" />
				</div>
				<Episodes name={kindName} recorded={recorded} />
			</div>
		);
	return <EveryAlert told={told} />;
}

function Lists({ list }: { list: 'episodes' | 'all' }) {
	return (
		<Segments
			label="Which alerts"
			value={list}
			options={[
				['episodes', 'Attacks'],
				['all', 'Every alert'],
			]}
			onChange={(next) => go({ view: 'alerts', query: next === 'all' ? { list: 'all' } : {} })}
		/>
	);
}

function EveryAlert({ told }: { told: boolean }) {
	const { query, id } = useRoute();
	const alerts = useLive((l) => l.alerts);
	const kind = query['kind'] ?? 'all';
	const filter = query['filter'] ?? '';
	const kinds = useMemo(() => [...new Set(['syn_flood', 'port_scan', ...alerts.map((a) => a.kind)])], [alerts]);
	const rows = useMemo(() => {
		const words = terms(filter);
		return alerts
			.filter(
				(a) =>
					(kind === 'all' || a.kind === kind) && matchesWords(words, `${kindName(a.kind)} ${a.description}`),
			)
			.reverse();
	}, [alerts, kind, filter]);
	const total = useLive((l) => l.frame?.tick?.alerts ?? null);
	const boot = useLive((l) => l.hello?.boot_id);
	const old = useStore(seen, (s) => alertsSeen(s, boot));
	return (
		<div class="view">
			<div class="view-head">
				{told && <Lists list="all" />}
				<Segments
					label="Kind"
					value={kind}
					options={[['all', 'All'] as const, ...kinds.map((k) => [k, kindName(k)] as const)]}
					onChange={(next) => setQuery({ kind: next === 'all' ? null : next, list: 'all' })}
				/>
				<FilterBar
					filter={filter}
					onChange={(next) => setQuery({ filter: next, list: 'all' })}
					label="Filter alerts"
					placeholder="Words of the alert: 10.0.0.9 !scan"
					list={NO_EXAMPLES}
				/>
				{!!total && <SeenButton news={total > old} onSeen={seeAlerts} />}
				<span class="muted small">{total === null ? '' : `${plural(total, 'alert')} since the start`}</span>
			</div>
			{rows.length === 0 ? (
				<NoAlerts all={alerts.length} total={total} />
			) : (
				<ol class="alerts" aria-label="Alerts, newest first">
					{rows.slice(0, SHOWN).map((alert) => (
						<Alert key={alert.id} alert={alert} selected={id === String(alert.id)} />
					))}
				</ol>
			)}
			{rows.length > SHOWN && (
				<p class="muted">{plural(rows.length - SHOWN, 'older one')} not drawn: filter to find them.</p>
			)}
		</div>
	);
}

const BEFORE_SECS = 10; // of an alert's time: its window and what led to it

/** What the recorder is asked for about an alert. */
export function recorded(alert: AlertRow): Record<string, string> {
	const ip = alert.source_ip ?? alert.target_ip ?? '';
	const port = alert.source_ip === null && alert.target_port !== null ? `:${alert.target_port}` : '';
	const host = port && ip.includes(':') ? `[${ip}]${port}` : `${ip}${port}`;
	return { host, from: String(alert.time - (alert.window_secs ?? 0) - BEFORE_SECS) };
}

function Alert({ alert, selected }: { alert: AlertRow; selected: boolean }) {
	const { zone } = useSettings();
	const search = flowsOf(alert);
	return (
		<li class={selected ? 'panel alert selected' : 'panel alert'} data-alert={alert.id}>
			<div class="alert-head">
				<span class="tag bad">▲ {kindName(alert.kind)}</span>
				<time title={full(alert.time * 1000, zone)}>{clock(alert.time * 1000, zone)}</time>
				<span class="grow" />
				<a
					href={formatRoute({ view: 'alerts', id: String(alert.id) })}
					aria-label={`Link to alert ${alert.id}`}
				>
					#{alert.id}
				</a>
			</div>
			<p class="alert-text">{alertText(alert.description)}</p>
			<dl class="evidence">
				{alert.source_ip !== null && (
					<Item name="from">
						<EndText text={alert.source_ip} tab />
					</Item>
				)}
				{alert.target_ip !== null && (
					<Item name="to">
						<EndText
							text={
								alert.target_port === null
									? alert.target_ip
									: `${alert.target_ip.includes(':') ? `[${alert.target_ip}]` : alert.target_ip}:${alert.target_port}`
							}
							tab
						/>
					</Item>
				)}
				{alert.window_secs !== null && <Item name="within">{duration(alert.window_secs)}</Item>}
				{Object.entries(alert.observed ?? {}).map(([name, value]) => (
					<Evidence key={name} name={name} value={value} least={alert.thresholds?.[name] ?? null} />
				))}
				{(alert.target_ip !== null || alert.source_ip !== null) && (
					<Item name="see">
						<a href={formatRoute({ view: 'flows', query: { filter: search, list: 'all' } })}>its flows</a>
					</Item>
				)}
				{(alert.target_ip !== null || alert.source_ip !== null) && <PacketsLink query={recorded(alert)} />}
			</dl>
		</li>
	);
}

function Item({ name, children }: { name: string; children: ComponentChildren }) {
	return (
		<div>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}

function Evidence({ name, value, least }: { name: string; value: number | null; least: number | null }) {
	const reached = value !== null && least !== null && value >= least;
	return (
		<Item name={name === 'syns' ? 'SYNs' : name.replaceAll('_', ' ')}>
			<span class={reached ? 'reached' : ''}>
				<b>{whole(value)}</b>
				{least !== null && (
					<span class="muted">
						{' '}
						{reached ? '≥' : '<'} {whole(least)}
					</span>
				)}
			</span>
		</Item>
	);
}

function NoAlerts({ all, total }: { all: number; total: number | null }) {
	const [watching, known] = useLive((l) => [l.hello?.analysis?.['alerts'] ?? true, l.known.alerts] as const);
	if (all > 0)
		return (
			<Empty icon="search" title="No alert matches" next={<a href="#/alerts">Show all alerts</a>}>
				{plural(all, 'alert')} are kept; none fits.
			</Empty>
		);
	if (watching && !known) return <Waiting />;
	if (!watching)
		return (
			<Empty
				icon="alerts"
				title="Alerts are off in this run"
				next={
					<>
						Start again with <code>--anomalies</code>
					</>
				}
			>
				The detectors for floods and port scans are not on, or not in this build.
			</Empty>
		);
	if (total)
		return (
			<Empty icon="alerts" title="No alerts are kept any more">
				{plural(total, 'alert')} came; the log that --alerts-jsonl writes has them.
			</Empty>
		);
	return (
		<Empty icon="check" title="No alerts">
			No flood and no port scan reached its threshold since the start.
		</Empty>
	);
}
