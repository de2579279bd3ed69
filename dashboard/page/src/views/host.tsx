// SPDX-License-Identifier: MIT
//
// One host: what it sent and received, with whom, as what, how well, its alerts and its flows. Each part is a question with its address as
// the filter.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { DASH, duration, milliseconds, percent, plural, rateText, short, volumeText, whole } from '../lib/format';
import { follow, formatRoute, go, useRoute } from '../lib/router';
import { useStore } from '../lib/store';
import { clock, full } from '../lib/time';
import { askFlows, Superseded, type GroupQuery } from '../net/ask';
import { link } from '../net/socket';
import type { AlertRow, FlowRow, FlowsAnswer, GroupRow, GroupsAnswer } from '../net/wire';
import { terms, withTerm } from '../state/filter';
import { kindOf, windowRate, windowText, withoutText } from '../state/groups';
import { flowsHref, isAddress } from '../state/links';
import { useLive } from '../state/live';
import { usePaused } from '../state/session';
import { useSettings } from '../state/settings';
import { alertText } from '../state/status';
import { useTimed } from '../state/timed';
import { Empty, NumberList, Panel, Waiting } from '../ui/bits';
import type { Column } from '../ui/columns';
import { FlowName, FlowState } from '../ui/flow_name';
import { GroupTable, useGroups } from '../ui/groups';
import { Icon } from '../ui/icon';
import { Lines } from '../ui/lines';
import { PacketsLink } from '../ui/recorder';
import { ToolLinks } from '../ui/tools';
import { saidColumns, useSaid, type Said } from '../ui/said';
import { Table } from '../ui/table';
import { CopyButton, Place } from '../ui/term';
import { Sums } from '../ui/timed_view';
import { FlowCard } from '../ui/top_flows';
import { usePoll } from '../ui/use';
import { HANDSHAKES, ROUND_TRIPS, SEGMENTS, tcpSums } from './tcp';
import { LastMinute } from './who';

const POLL_MS = 4000;
const PARTS = 8; // rows of a part
const FLOWS = 32;

export function Host() {
	const { id } = useRoute();
	const ip = id ?? '';
	if (!isAddress(ip))
		return (
			<div class="view">
				<Empty icon="who" title="This is not the address of a host" next={<a href="#/who/host">Hosts that are known</a>}>
					<code>{ip}</code>
				</Empty>
			</div>
		);
	return <HostPage key={ip} ip={ip} />;
}

function HostPage({ ip }: { ip: string }) {
	const { query } = useRoute();
	const last = query['last'] === '60';
	const filter = `host:${ip}`;
	const ask = (by: string, limit: number): GroupQuery => ({ by, filter, limit, ...(last ? { last: 60 } : {}) });
	const hosts = useGroups(ask('host', PARTS + 1), POLL_MS);
	const own = hosts.answer?.rows.find((row) => row.key === ip) ?? null;
	const peers = useMemo(() => hosts.answer?.rows.filter((row) => row.key !== ip).slice(0, PARTS) ?? [], [hosts.answer, ip]);
	return (
		<div class="view host-page" data-host={ip}>
			<div class="view-head">
				<a class="icon-button wide-only" href="#/who/host" aria-label="All hosts" title="All hosts">
					<Icon name="who" />
				</a>
				<h2 class="mono grow host-title">
					<span class="whole">{ip}</span> <CopyButton text={ip} />
					{own && <Place country={own.country} asn={own.asn} org={own.as_org} tab />}
				</h2>
				<LastMinute />
				<a class="button small" href={formatRoute({ view: 'packets', query: { filter: ip } })}>
					Sampled packets
				</a>
				<PacketsLink query={{ host: ip }} />
				<ToolLinks values={{ host: ip }} />
			</div>
			{hosts.error && (
				<p class="bad" role="alert">
					{hosts.error}
				</p>
			)}
			<Totals answer={hosts.answer} own={own} />
			<Health ip={ip} answer={last ? null : hosts.answer} own={last ? null : own} />
			<OverTime ip={ip} />
			<Alerts ip={ip} />
			<Part by="service" title="Services" query={ask('service', PARTS)} />
			<Part by="name" title="Names" query={ask('name', PARTS)} />
			<Part by="host" title="Peers" query={ask('host', PARTS)} answer={hosts.answer} rows={peers} />
			<Part by="app" title="Applications" query={ask('app', PARTS)} />
			<HostFlows filter={filter} />
		</div>
	);
}

function Totals({ answer, own }: { answer: GroupsAnswer | null; own: GroupRow | null }) {
	const { units, zone } = useSettings();
	if (!answer || !own)
		return (
			<Panel title="Traffic" class="col-6">
				{!answer ? (
					<Waiting what="the workers" />
				) : (
					<Empty
						icon="who"
						title={answer.last ? 'No traffic in the last minute' : 'No flow of this host is held'}
						next={<a href="#/who/host">Hosts that are known</a>}
					>
						{answer.last
							? 'None of its flows had a packet in it. "All flows" has what is held.'
							: 'It never had one, its flows ended too long ago, or it sends neither TCP nor UDP.'}
					</Empty>
				)}
			</Panel>
		);
	const both = own.bytes_sent !== null && own.bytes_received !== null ? own.bytes_sent + own.bytes_received : null;
	return (
		<Panel title={`Traffic, ${windowText(answer)}`} class="col-6">
			<div class="sent-bar" role="img" aria-label={`${percent(own.bytes_sent, both)} sent, the rest received`}>
				<i style={{ width: both ? `${((own.bytes_sent ?? 0) / both) * 100}%` : '0' }} />
			</div>
			<NumberList
				rows={[
					['sent', `${volumeText(own.bytes_sent, units)} (${percent(own.bytes_sent, both)})`],
					['received', volumeText(own.bytes_received, units)],
					['flows', whole(own.flows)],
					...(answer.last
						? [['mean rate', rateText(windowRate(own, answer), units)] as [string, string]]
						: [
								['packets sent', whole(own.packets_sent)] as [string, string],
								['packets received', whole(own.packets_received)] as [string, string],
							]),
					['first packet', full(own.first_seen * 1000, zone)],
					['last packet', full(own.last_seen * 1000, zone)],
					['idle', duration(Math.max(0, answer.clock - own.last_seen))],
				]}
			/>
		</Panel>
	);
}

/** What TCP says of its flows: of the minute nobody counts it apart, so it is asked for over all flows. */
function Health({ ip, answer, own }: { ip: string; answer: GroupsAnswer | null; own: GroupRow | null }) {
	const asked = useGroups(answer ? null : { by: 'host', filter: `host:${ip}`, limit: 2 }, POLL_MS);
	const row = own ?? asked.answer?.rows.find((r) => r.key === ip) ?? null;
	const tcp = row !== null && row.retransmissions !== null;
	return (
		<Panel title="TCP health, all flows" class="col-6">
			{row === null ? (
				<p class="muted">{answer ?? asked.answer ? 'No flow of this host is held.' : 'Asking the workers…'}</p>
			) : (
				<>
					<NumberList
						rows={[
							['retransmissions', whole(row.retransmissions)],
							['per packet', percent(row.retransmissions, row.packets)],
							['lost segments', whole(row.lost_segments)],
							['out of order', whole(row.out_of_order)],
							['zero windows', whole(row.zero_windows)],
							['RTT, smallest', milliseconds(row.rtt_min_ms)],
							['RTT, median of flows', milliseconds(row.rtt_p50_ms)],
							['RTT, mean of flows', milliseconds(row.rtt_mean_ms)],
						]}
					/>
					{!tcp && <p class="muted small">No TCP flow of this host is held, or retransmissions are not counted in this run.</p>}
				</>
			)}
		</Panel>
	);
}

const OVER_TIME =
	'packets,retransmissions,out_of_order,gaps,gaps_filled,zero_windows,opened,established,refused,unanswered,resets,rtt_p50_ms,rtt_p95_ms,rtt_p99_ms';
const HOUR = { fixed: false as const, span: 3600 };

/** The last hour of its TCP, as far as the server has followed it: from when a page of it was opened first. */
function OverTime({ ip }: { ip: string }) {
	const { zone } = useSettings();
	const over = useLive((l) => l.ended);
	const { data, error } = useTimed(OVER_TIME, HOUR, { host: ip, slow: true });
	const last = data?.rows[data.rows.length - 1] as [number, number] | undefined;
	const shown = data && last && { data, from: Math.max(data.since ?? 0, last[0] + data.step - HOUR.span), end: last[0] + data.step };
	return (
		<Panel title={data?.since ? `TCP over time, since ${clock(data.since * 1000, zone)}` : 'TCP over time'} class="host-time">
			{shown ? (
				<>
					<p class="muted small">
						Followed since somebody opened this page; before that nothing is known. The last hour in points of {data.step} s.
					</p>
					<Sums sums={tcpSums(data)} label="TCP of this host" />
					<Lines of={SEGMENTS} label="Retransmissions, segments out of order, gaps and zero windows of this host over time" height={120} {...shown} />
					<Lines of={HANDSHAKES} label="Handshakes and resets of this host over time" height={120} {...shown} />
					<Lines of={ROUND_TRIPS} label="Percentiles of round trip times of this host over time" height={120} {...shown} />
				</>
			) : (
				<p class={error ? 'bad' : 'muted'}>
					{error || (over ? 'The run has ended, and nobody looked at this host before.' : 'Followed from now on: the first point comes within some seconds.')}
				</p>
			)}
		</Panel>
	);
}

function Alerts({ ip }: { ip: string }) {
	const { zone } = useSettings();
	const [alerts, known, on] = useLive(
		(l) => [l.alerts, l.known.alerts, l.hello?.analysis?.['alerts'] ?? true] as const,
	);
	const mine = alerts.filter((a: AlertRow) => a.source_ip === ip || a.target_ip === ip).reverse();
	if (!on || (known && mine.length === 0)) return null;
	return (
		<Panel title={known ? `Alerts: ${plural(mine.length, 'alert')}` : 'Alerts'} class="host-alerts">
			{!known ? (
				<Waiting />
			) : (
				<ul>
					{mine.slice(0, PARTS).map((alert) => (
						<li key={alert.id}>
							<a href={formatRoute({ view: 'alerts', id: String(alert.id) })}>{clock(alert.time * 1000, zone)}</a>{' '}
							<span class="tag bad">▲ {alert.kind.replaceAll('_', ' ')}</span> {alertText(alert.description)}
						</li>
					))}
				</ul>
			)}
		</Panel>
	);
}

interface PartProps {
	by: string;
	title: string;
	query: GroupQuery;
	answer?: GroupsAnswer | null; // it was asked for already
	rows?: GroupRow[];
}

function Part({ by, title, query, answer: given, rows }: PartProps) {
	const kind = kindOf(by);
	const now = useRoute();
	const { units } = useSettings();
	const asked = useGroups(given === undefined ? query : null, POLL_MS);
	const answer = given === undefined ? asked.answer : given;
	const filter = query.filter ?? '';
	const open = (row: GroupRow): void => {
		if (by === 'host') go({ view: 'host', id: row.key, query: { last: now.query['last'] ?? null } });
		else if (row.term) follow(flowsHref(terms(row.term).reduce(withTerm, filter)));
	};
	const without = answer && withoutText(answer, kind, units);
	const count = answer?.groups == null ? '' : `: ${whole(answer.groups - (rows ? 1 : 0))}`;
	const head = by === 'host' ? 'pair' : by;
	return (
		<Panel
			title={`${title}${count}`}
			class="col-6 part"
			flush
			tools={
				<a
					class="small"
					href={formatRoute({ view: 'who', id: head, query: { filter, last: now.query['last'] ?? null } })}
				>
					all
				</a>
			}
		>
			<GroupTable
				kind={kind}
				answer={answer}
				{...(rows ? { rows } : {})}
				filter={filter}
				onOpen={open}
				testId={`part-${by}`}
				brief
				empty={
					asked.error ? (
						<p class="bad pad">{asked.error}</p>
					) : (
						<p class="muted pad">{answer ? without || 'None' : 'Asking the workers…'}</p>
					)
				}
			/>
		</Panel>
	);
}

function useFlows(filter: string): { answer: FlowsAnswer | null; error: string } {
	const [found, setFound] = useState<{ answer: FlowsAnswer | null; error: string }>({ answer: null, error: '' });
	const paused = usePaused();
	const connected = useStore(link, (l) => l.phase === 'open');
	const [boot, ended] = useLive((l) => [l.hello?.boot_id ?? '', l.ended] as const);
	const over = useRef(false);
	useEffect(() => () => void (over.current = true), []);
	const run = async (): Promise<void> => {
		if (!boot || !connected) return;
		try {
			const answer = await askFlows({ filter, sort: 'bytes', order: 'desc', limit: FLOWS });
			if (!over.current) setFound({ answer, error: '' });
		} catch (error) {
			if (error instanceof Superseded || over.current) return;
			setFound((f) => ({ ...f, error: error instanceof Error ? error.message : String(error) }));
		}
	};
	usePoll(run, POLL_MS, !paused && !ended, `${boot} ${connected} ${filter} ${ended}`);
	return found;
}

function HostFlows({ filter }: { filter: string }) {
	const { answer, error } = useFlows(filter);
	const { units } = useSettings();
	const said = useSaid();
	const columns = useMemo(() => flowColumns(said, units), [said, units]);
	const more = (answer?.matched ?? 0) - (answer?.flows.length ?? 0);
	return (
		<Panel
			title={answer ? `Flows: ${whole(answer.matched)}` : 'Flows'}
			class="host-flows"
			flush
			tools={
				<a class="small" href={flowsHref(filter)}>
					{more > 0 ? `and ${short(more)} more` : 'all'}
				</a>
			}
		>
			<Table
				label="Flows of this host"
				testId="host-flows"
				cardHeight={76}
				rows={answer?.flows ?? []}
				rowKey={(f) => f.key}
				columns={columns}
				onOpen={(f) => go({ view: 'flow', id: f.key })}
				card={(f) => <FlowCard flow={f} rate={rateText(f.avg_bps, units)} total={volumeText(f.bytes_total, units)} />}
				empty={
					error ? (
						<p class="bad pad">{error}</p>
					) : (
						<p class="muted pad">{answer ? 'No flow of this host is held.' : 'Asking the workers…'}</p>
					)
				}
			/>
		</Panel>
	);
}

function flowColumns(said: Said, units: 'bits' | 'bytes'): Column<FlowRow>[] {
	const num = { align: 'num' as const };
	return [
		{ key: 'protocol', label: 'Proto', width: 56, priority: 3, align: 'mono', cell: (f) => f.protocol },
		...saidColumns(said).map(({ sort: _sort, ...column }) => column),
		{ key: 'ends', label: 'Client → server', width: 280, grow: 1, priority: 1, cell: (f) => <FlowName flow={f} /> },
		{ key: 'state', label: 'State', width: 96, priority: 4, cell: (f) => <FlowState flow={f} /> },
		{ key: 'mean', label: 'Mean', width: 96, priority: 5, ...num, cell: (f) => rateText(f.avg_bps, units) },
		{ key: 'bytes', label: units === 'bits' ? 'Bits' : 'Bytes', width: 84, priority: 1, ...num, cell: (f) => volumeText(f.bytes_total, units) },
		{ key: 'rtt', label: 'RTT', width: 80, priority: 6, ...num, cell: (f) => milliseconds(f.rtt_ewma_ms) },
		{ key: 'retr', label: 'Retr', width: 60, priority: 7, ...num, cell: (f) => (f.retransmissions === null ? DASH : short(f.retransmissions)) },
	];
}
