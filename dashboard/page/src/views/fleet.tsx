// SPDX-License-Identifier: MIT
//
// Other sensors, a row for each: this server asks them, so that the page talks to no other.
import { useMemo, useState } from 'preact/hooks';
import { duration, rateText, short, DASH, type Units } from '../lib/format';
import { setQuery, useRoute } from '../lib/router';
import { getPeers, type Peer } from '../net/api';
import { fileSource } from '../net/source';
import { fleetWords, gravity, hostOfUrl, isOld, nameOf, peerLedger, peerLosses, peerState, type Told } from '../state/fleet';
import { useLive } from '../state/live';
import { usePaused } from '../state/session';
import { useSettings } from '../state/settings';
import { Empty, Waiting } from '../ui/bits';
import type { Column, Order } from '../ui/columns';
import { Table } from '../ui/table';
import { usePoll } from '../ui/use';

const POLL_MS = 2000;

export function Fleet() {
	const peers = useLive((l) => (l.hello ? (l.hello.settings?.peers ?? 0) : null));
	const { query } = useRoute();
	const [rows, setRows] = useState<Peer[] | null>(null);
	const [error, setError] = useState('');
	const paused = usePaused();
	const { units } = useSettings();
	const sort = query['sort'] ?? 'state';
	const order: Order = query['order'] === 'desc' ? 'desc' : 'asc';
	const run = async (): Promise<void> => {
		if (!peers) return;
		try {
			setRows((await getPeers()).peers);
			setError('');
		} catch (why) {
			setError(why instanceof Error ? why.message : String(why));
		}
	};
	usePoll(run, POLL_MS, !paused && !!peers, peers);
	const sorted = useMemo(() => (rows ?? []).slice().sort(sorter(sort, order)), [rows, sort, order]);
	const columns = useMemo(() => tableColumns(units), [units]);
	const words = rows && fleetWords(rows);
	return (
		<div class="view fill">
			<div class="view-head">{words && !error && <Word told={words} />}</div>
			<section class={error ? 'panel stretch outdated' : 'panel stretch'}>
				<header class="result">
					{error ? (
						<span class="bad grow" role="alert">
							{error}
						</span>
					) : (
						<span class="muted grow">
							{fileSource() ? 'As they were when the snapshot was saved.' : 'This server asks each of them every two seconds while this view is open.'}
						</span>
					)}
				</header>
				{peers === 0 ? <NoPeers /> : !rows ? <Waiting what="other sensors" /> : (
					<Table
						label="Sensors"
						testId="fleet"
						cardHeight={100}
						rows={sorted}
						rowKey={(p) => p.url}
						columns={columns}
						sort={sort}
						order={order}
						holds
						onSort={(key, next) => setQuery({ sort: key, order: next })}
						card={(p) => <Card peer={p} units={units} />}
					/>
				)}
			</section>
		</div>
	);
}

function NoPeers() {
	return (
		<Empty
			icon="fleet"
			title="No other sensors are known here"
			next={
				<>
					Start netscope with <code>--web-peers URL,URL</code>: the addresses of their dashboards.
				</>
			}
		>
			This page shows the sensors that its server is told to ask.
		</Empty>
	);
}

/** A state as a shape and a word, and its sentence. */
function Word({ told, old = false }: { told: Told; old?: boolean }) {
	return (
		<span class={old ? 'peer-word muted' : 'peer-word'} title={told.detail || undefined}>
			<span class={`state-dot ${old ? 'quiet' : told.tone}`} aria-hidden="true" />
			<span class={old ? '' : `${told.tone}-text`}>{told.text}</span>
			{told.detail && <span class="muted clip">{told.detail}</span>}
		</span>
	);
}

function PeerLink({ peer }: { peer: Peer }) {
	const name = nameOf(peer);
	const host = hostOfUrl(peer.url);
	return (
		<span class="peer-name">
			<a href={peer.url} rel="noopener noreferrer" target="_blank" title={`Open ${peer.url} in a tab of its own`}>
				{name}
			</a>
			{name !== host && <span class="muted clip"> {host}</span>}
		</span>
	);
}

const num = (value: number | null | undefined): string => (value === null || value === undefined ? DASH : short(value));
const ago = (peer: Peer): string => (peer.age_secs === null ? 'never' : `${duration(peer.age_secs)} ago`);
const quietly = (peer: Peer, text: string) => <span class={isOld(peer) ? 'muted' : ''}>{text}</span>;

function Card({ peer, units }: { peer: Peer; units: Units }) {
	const { run } = peer;
	return (
		<>
			<div class="card-line">
				<span class="grow clip">
					<PeerLink peer={peer} />
				</span>
				<b class="mono nowrap">{quietly(peer, rateText(run?.bps ?? null, units))}</b>
			</div>
			<div class="card-line">
				<Word told={peerState(peer)} />
			</div>
			<div class="card-line small">
				<span class="muted">lost</span> {run ? peerLosses(run).text : DASH}
				<span class="muted">alerts</span> {num(run?.alerts)}
				<span class="muted">ledger</span> {run ? peerLedger(run).text : DASH}
			</div>
			<div class="card-line small muted">
				{run ? `${run.version}, up ${duration(run.elapsed_secs ?? 0)}, ` : ''}answered {ago(peer)}
			</div>
		</>
	);
}

const VALUES: Record<string, (peer: Peer) => string | number | null> = {
	state: gravity,
	name: nameOf,
	pps: (p) => p.run?.pps ?? null,
	bps: (p) => p.run?.bps ?? null,
	lost: (p) => p.run?.lost ?? null,
	alerts: (p) => p.run?.alerts ?? null,
	version: (p) => p.run?.version ?? null,
	up: (p) => p.run?.elapsed_secs ?? null,
	age: (p) => p.age_secs,
};

/** What is not known comes last; equal ones by their address. */
export function sorter(key: string, order: Order): (a: Peer, b: Peer) => number {
	const value = VALUES[key] ?? gravity;
	return (a, b) => {
		const x = value(a);
		const y = value(b);
		if (x === y) return a.url < b.url ? -1 : 1;
		if (x === null || y === null) return x === null ? 1 : -1;
		return (x < y ? -1 : 1) * (order === 'asc' ? 1 : -1);
	};
}

function tableColumns(units: Units): Column<Peer>[] {
	return [
		{ key: 'name', label: 'Sensor', width: 150, grow: 1, priority: 1, sort: true, cell: (p) => <PeerLink peer={p} /> },
		{ key: 'state', label: 'State', width: 200, grow: 3, priority: 1, sort: true, title: 'The worst first', cell: (p) => <Word told={peerState(p)} /> },
		{ key: 'pps', label: 'Packets/s', width: 76, priority: 4, align: 'num', sort: true, cell: (p) => quietly(p, num(p.run?.pps)) },
		{ key: 'bps', label: units === 'bits' ? 'Bits/s' : 'Bytes/s', width: 92, priority: 2, align: 'num', sort: true, cell: (p) => quietly(p, rateText(p.run?.bps ?? null, units)) },
		{ key: 'lost', label: 'Lost', width: 100, priority: 3, sort: true, title: 'Packets lost, then other losses and limits', cell: (p) => (p.run ? <Word told={{ ...peerLosses(p.run), detail: '' }} old={isOld(p)} /> : DASH) },
		{ key: 'alerts', label: 'Alerts', width: 52, priority: 5, align: 'num', sort: true, cell: (p) => quietly(p, num(p.run?.alerts)) },
		{ key: 'ledger', label: 'Ledger', width: 118, priority: 6, cell: (p) => (p.run ? <Word told={{ ...peerLedger(p.run), detail: '' }} old={isOld(p)} /> : DASH) },
		{ key: 'version', label: 'Version', width: 60, priority: 8, align: 'mono', sort: true, cell: (p) => p.run?.version ?? DASH },
		{ key: 'up', label: 'Up', width: 84, priority: 9, align: 'num', sort: true, title: 'Since its run began', cell: (p) => (p.run ? duration(p.run.elapsed_secs) : DASH) },
		{ key: 'age', label: 'Age', width: 64, priority: 7, align: 'num', sort: true, title: 'Of its newest good answer', cell: (p) => (p.age_secs === null ? 'never' : duration(p.age_secs)) },
	];
}
