// SPDX-License-Identifier: MIT
//
// One flow: who talks to whom, counters for each direction, its states in order, its round trips, its packets if some were sampled.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { DASH, duration, milliseconds, plural, rateText, volumeText, whole } from '../lib/format';
import { formatRoute, useRoute } from '../lib/router';
import { useStore } from '../lib/store';
import { full } from '../lib/time';
import { askFlows, Superseded } from '../net/ask';
import { link } from '../net/socket';
import type { FlowRow } from '../net/wire';
import {
	addLook,
	calledBy,
	endpoint,
	look,
	rates,
	sameText,
	sides,
	stateSpans,
	stateText,
	type Look,
	type Side,
} from '../state/flow';
import { useLive } from '../state/live';
import { usePaused, wantPackets } from '../state/session';
import { useSettings } from '../state/settings';
import type { ToolValues } from '../state/tools';
import { Empty, NumberList, Panel, Waiting } from '../ui/bits';
import { hasEnded, StateTag } from '../ui/flow_name';
import { Follow } from '../ui/follow';
import { Icon } from '../ui/icon';
import { PacketTable } from '../ui/packet_table';
import { App, BY_PORT, useSaid } from '../ui/said';
import { PacketsLink } from '../ui/recorder';
import { SampleFlow, useSampling } from '../ui/sampling';
import { Spark } from '../ui/spark';
import { ToolLinks } from '../ui/tools';
import { CopyButton, EndText, NameTerm, Place, Term } from '../ui/term';
import { usePoll } from '../ui/use';

interface Seen {
	flow: FlowRow | null;
	looks: Look[];
	gone: boolean; // it was asked for and is not in the table
	error: string;
}

const NOTHING: Seen = { flow: null, looks: [], gone: false, error: '' };

function useFlow(key: string): Seen {
	const [state, setState] = useState<{ key: string; seen: Seen }>({ key, seen: NOTHING });
	const latest = useRef(key);
	latest.current = key;
	const paused = usePaused();
	const connected = useStore(link, (l) => l.phase === 'open');
	const [tick, boot] = useLive((l) => [l.hello?.tick_ms ?? 1000, l.hello?.boot_id ?? ''] as const);
	const change = (make: (old: Seen) => Seen): void =>
		setState((old) => ({ key, seen: make(old.key === key ? old.seen : NOTHING) }));
	const run = async (): Promise<void> => {
		if (!connected || !boot) return;
		try {
			const answer = await askFlows({ key, sort: 'last_seen', order: 'desc' }); // the newest of those with these ends
			if (latest.current !== key) return;
			const flow = answer.flows[0];
			if (flow)
				change((old) => ({
					flow,
					looks: addLook(old.looks, look(flow, answer.clock)),
					gone: false,
					error: '',
				}));
			else change((old) => ({ ...old, gone: true, error: '' }));
		} catch (error) {
			if (!(error instanceof Superseded))
				change((old) => ({ ...old, error: error instanceof Error ? error.message : String(error) }));
		}
	};
	usePoll(run, Math.max(500, tick), !paused, `${key} ${connected} ${boot}`);
	return state.key === key ? state.seen : NOTHING;
}

export function Flow() {
	const { id } = useRoute();
	const seen = useFlow(id ?? '');
	const head = (
		<div class="view-head">
			<a
				class="icon-button"
				href={formatRoute({ view: 'flows' })}
				aria-label="Back to flows"
				onClick={(event) => goBack(event)}
			>
				<Icon name="back" />
			</a>
			<Title id={id ?? ''} flow={seen.flow} />
			{seen.flow && <PacketsLink query={{ flow: seen.flow.key }} />}
			{seen.flow && <ToolLinks values={toolValues(seen.flow)} />}
			{seen.gone && seen.flow && <span class="tag warn">no longer in the table: shown as last seen</span>}
			{seen.flow && hasEnded(seen.flow) && <span class="tag">ended: {stateText(seen.flow.end_reason)}</span>}
			{seen.error && <span class="bad small">{seen.error}</span>}
		</div>
	);
	if (!seen.flow)
		return (
			<div class="view">
				{head}
				{seen.gone ? (
					<Empty
						icon="search"
						title="This flow is not in the table"
						next={<a href="#/flows?list=all">Search all flows</a>}
					>
						It ended too long ago to be kept here, or belongs to another run. The exports have every flow.
					</Empty>
				) : (
					<Empty title="Asking the worker that owns it…" />
				)}
			</div>
		);
	return (
		<div class="view flow-page">
			{head}
			<Ends flow={seen.flow} looks={seen.looks} />
			<States looks={seen.looks} flow={seen.flow} />
			<RoundTrips looks={seen.looks} flow={seen.flow} />
			<Numbers flow={seen.flow} />
			<Application flow={seen.flow} />
			<Headers flow={seen.flow} />
			<Follow key={`${seen.flow.key}${seen.flow.first_seen}`} flow={seen.flow} />
			<Sampled id={seen.flow.key} ended={hasEnded(seen.flow)} />
		</div>
	);
}

const AROUND_MS = 60_000;

function toolValues(flow: FlowRow): ToolValues {
	const { left, right } = sides(flow);
	return {
		host: left.end.ip,
		peer: right.end.ip,
		port: right.end.port,
		protocol: flow.protocol,
		app: flow.app,
		name: flow.name,
		key: flow.key,
		from_ms: Math.floor(flow.first_seen * 1000) - AROUND_MS,
		to_ms: Math.ceil(flow.last_seen * 1000) + AROUND_MS,
	};
}

// The name first, the addresses second. A guess is no name.
function Title({ id, flow }: { id: string; flow: FlowRow | null }) {
	const called = flow && calledBy(flow);
	if (!called || called.guess) return <h2 class="clip grow mono">{id}</h2>;
	return (
		<h2 class="grow flow-title">
			<span class="clip" title={called.text}>
				{called.text}
			</span>
			<span class="clip mono muted" title={id}>
				{id}
			</span>
		</h2>
	);
}

function goBack(event: MouseEvent): void {
	if (history.length <= 1) return;
	event.preventDefault();
	history.back();
}

function Ends({ flow, looks }: { flow: FlowRow; looks: Look[] }) {
	const { left, right, known } = sides(flow);
	const now = rates(looks);
	const rateOf = (side: Side): number | null => (now ? now[side.name === 'a' ? 0 : 1] : null);
	return (
		<section class="panel ends">
			<End side={left} role={known ? 'client' : 'endpoint a'} bps={rateOf(left)} total={flow.bytes_total} />
			<div class="between">
				<span class="big-arrow" aria-hidden="true">
					{known ? '→' : '↔'}
				</span>
				<b>{flow.protocol.toUpperCase()}</b>
				{flow.app && <App flow={flow} />}
				<StateTag state={flow.tcp_state} />
				{!known && <span class="muted small">initiator unknown</span>}
			</div>
			<End side={right} role={known ? 'server' : 'endpoint b'} bps={rateOf(right)} total={flow.bytes_total} />
		</section>
	);
}

function End({ side, role, bps, total }: { side: Side; role: string; bps: number | null; total: number }) {
	const { units } = useSettings();
	return (
		<div class="end-box">
			<span class="muted small">{role}</span>
			<span class="end-name">
				<EndText text={endpoint(side.end)} tab /> <CopyButton text={endpoint(side.end)} />
			</span>
			<a class="small" href={formatRoute({ view: 'flows', query: { list: 'all', filter: `host:${side.end.ip}` } })}>
				its flows
			</a>
			<Place country={side.country} asn={side.asn} org={side.org} tab />
			<dl class="pairs">
				<dt>sends</dt>
				<dd>{rateText(bps, units)}</dd>
				<dt>sent</dt>
				<dd>{volumeText(side.bytes, units)}</dd>
				<dt>packets</dt>
				<dd>{whole(side.packets)}</dd>
				<dt>share</dt>
				<dd>{total ? `${((side.bytes / total) * 100).toFixed(1)} %` : DASH}</dd>
			</dl>
		</div>
	);
}

function States({ looks, flow }: { looks: Look[]; flow: FlowRow }) {
	const spans = stateSpans(looks);
	if (flow.tcp_state === null) return null;
	return (
		<Panel title="State" class="col-6">
			<ol class="states">
				{spans.map((span, i) => (
					<li key={`${span.state}${span.from}`} class={i === spans.length - 1 ? 'now' : ''}>
						<StateTag state={span.state} />
						<span class="small muted">
							{span.seen
								? `seen for ${duration(Math.max(0, span.to - span.from))}`
								: 'since before this page was opened'}
						</span>
					</li>
				))}
			</ol>
		</Panel>
	);
}

// Both directions of a thing that only packets of a direction tell.
function both(a: string | number | null, b: string | number | null): string {
	return `a ${a ?? DASH}, b ${b ?? DASH}`;
}

/** A text that the flow told, as a link, and a button that copies it. */
function Told({ text, children }: { text: string | null; children: ComponentChildren }) {
	if (!text) return <>{DASH}</>;
	return (
		<>
			{children}
			<CopyButton text={text} />
		</>
	);
}

function Application({ flow }: { flow: FlowRow }) {
	const { apps, names } = useSaid();
	if (!apps) return null;
	return (
		<Panel title="Application" class="col-6">
			<dl class="pairs said">
				<dt>application</dt>
				<dd>
					<App flow={flow} />
					{flow.app && (
						<span class="why small muted">
							{flow.app_source === 'payload' ? 'its own bytes say so' : BY_PORT.toLowerCase()}
						</span>
					)}
				</dd>
				<dt>name</dt>
				<dd>
					<Told text={flow.name}>{flow.name && <NameTerm name={flow.name} whole />}</Told>
					{!names && <span class="why small muted">not kept with --names apps</span>}
				</dd>
				<dt>ALPN offered</dt>
				<dd>
					<Told text={flow.alpn}>
						{flow.alpn?.split(';').map((one) => (
							<Term key={one} term={sameText('alpn', one)} tab>
								{one}
							</Term>
						))}
					</Told>
				</dd>
				<dt>JA4</dt>
				<dd>
					<Told text={flow.ja4}>
						<Term term={sameText('ja4', flow.ja4)} tab>
							{flow.ja4}
						</Term>
					</Told>
				</dd>
			</dl>
		</Panel>
	);
}

function Headers({ flow }: { flow: FlowRow }) {
	return (
		<Panel title="Headers" class="col-6">
			<dl class="pairs">
				{flow.tcp_state !== null && (
					<>
						<dt>TCP flags</dt>
						<dd>{both(flow.tcp_flags_a_to_b, flow.tcp_flags_b_to_a)}</dd>
					</>
				)}
				{flow.service && (
					<>
						<dt>service</dt>
						<dd title="what the table of the sensor's machine calls the server's port">{flow.service}</dd>
					</>
				)}
				<dt>min TTL</dt>
				<dd>{both(flow.ttl_min_a_to_b, flow.ttl_min_b_to_a)}</dd>
				<dt>DSCP</dt>
				<dd>{both(flow.dscp_a_to_b, flow.dscp_b_to_a)}</dd>
				<dt>VLAN</dt>
				<dd>
					<Term term={flow.vlan && `vlan:${flow.vlan.split('.')[0]}`} tab>
						{flow.vlan ?? DASH}
					</Term>
				</dd>
				<dt>tunnel</dt>
				<dd>{flow.tunnel ?? DASH}</dd>
				<dt>interface</dt>
				<dd>{flow.interface ?? DASH}</dd>
				<dt>fragments</dt>
				<dd>{whole(flow.fragments)}</dd>
				<dt>Community ID</dt>
				<dd>{flow.community_id}</dd>
			</dl>
		</Panel>
	);
}

function RoundTrips({ looks, flow }: { looks: Look[]; flow: FlowRow }) {
	const on = useLive((l) => l.hello?.analysis?.['rtt'] ?? true);
	if (flow.tcp_state === null) return null;
	const values = looks.map((l) => l.rtt);
	const marks = looks.map((l, i) => i > 0 && l.troubles > (looks[i - 1] as Look).troubles);
	const known = values.some((v) => v !== null);
	return (
		<Panel title="Round trip" class="col-6">
			{known ? (
				<>
					<div class="rtt-chart">
						<Spark
							values={values}
							length={Math.max(30, Math.min(120, values.length))}
							height={56}
							marks={marks}
							level={flow.rtt_min_ms}
							label={`Round trip of the last ${looks.length} updates`}
						/>
					</div>
					<dl class="pairs across">
						<dt>last</dt>
						<dd>{milliseconds(flow.rtt_last_ms)}</dd>
						<dt>min</dt>
						<dd>{milliseconds(flow.rtt_min_ms)}</dd>
						<dt>smoothed</dt>
						<dd>{milliseconds(flow.rtt_ewma_ms)}</dd>
						<dt>handshake</dt>
						<dd>{milliseconds(flow.rtt_handshake_ms)}</dd>
						<dt>samples</dt>
						<dd>{whole(flow.rtt_samples)}</dd>
					</dl>
					<p class="muted small">
						One point per update since this page was opened. The dashed line is the minimum. Marks at the
						foot are retransmissions, losses and zero windows.
					</p>
				</>
			) : (
				<p class="muted">
					{on
						? 'No acknowledged segment has given a sample yet.'
						: 'Round trips are not measured in this run: analysis.rtt is off or not in this build.'}
				</p>
			)}
		</Panel>
	);
}

function Numbers({ flow }: { flow: FlowRow }) {
	const { units, zone } = useSettings();
	const rows: [string, string][] = [
		['first packet', full(flow.first_seen * 1000, zone)],
		['last packet', full(flow.last_seen * 1000, zone)],
		['duration', duration(flow.duration_secs)],
		['mean rate', rateText(flow.avg_bps, units)],
		['bytes', whole(flow.bytes_total)],
		['packets', whole(flow.packets_total)],
		['retransmissions', whole(flow.retransmissions)],
		['out of order', whole(flow.out_of_order)],
		['lost segments', whole(flow.lost_segments)],
		['zero windows', whole(flow.zero_windows)],
		['worker', whole(flow.worker ?? null)],
	];
	return (
		<Panel title="Numbers">
			<NumberList rows={rows} />
		</Panel>
	);
}

function Sampled({ id, ended }: { id: string; ended: boolean }) {
	const [packets, known] = useLive((l) => [l.packets, l.known.packets] as const);
	useEffect(wantPackets, []);
	const mine = packets.filter((p) => p.key === id);
	const wanted = useSampling()?.key === id;
	const file = useLive((l) => (l.ended && l.hello?.source.name === 'file' ? l.hello.source.input : null));
	return (
		<Panel
			title={`Sampled packets: ${plural(mine.length, 'packet')} in this browser`}
			tools={<SampleFlow id={id} ended={ended} />}
			flush
			class="sampled"
		>
			<PacketTable
				rows={mine}
				empty={
					known ? (
						<Empty icon="packets" title="No sampled packet of this flow">
							{wanted
								? 'The next one appears here: only packets of this flow are sampled now.'
								: file
									? `The file has ended. All of them: netscope extract ${file} --flow ${id} -o flow.pcapng`
									: 'The list holds the newest packets of all flows; web.sample_rate says how many are taken.'}
						</Empty>
					) : (
						<Waiting />
					)
				}
			/>
		</Panel>
	);
}
