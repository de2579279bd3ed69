// SPDX-License-Identifier: MIT
import { useEffect, useRef } from 'preact/hooks';
import { short } from '../lib/format';
import { formatRoute, useRoute } from '../lib/router';
import { useStore } from '../lib/store';
import { counter, useLive, type Live } from '../state/live';
import { own, unseenNow } from '../state/episodes';
import { alertsSeen, lossIsSeen, seen } from '../state/seen';
import { rangeLeft } from '../state/range';
import { choose, useSettings } from '../state/settings';
import { Segments } from './bits';
import { Icon, type IconName } from './icon';

interface Entry {
	view: string;
	label: string;
	key: string;
	icon: IconName;
	when?: (live: Live) => boolean; // it is shown
	count?: (live: Live) => { text: string; title: string; bad?: boolean } | null;
}

const packetsKept = (live: Live): number | null => {
	const taken = counter(live, 'sample_packets');
	return taken === null ? null : Math.min(taken, live.hello?.settings?.packet_buffer ?? taken);
};

export const VIEWS: Entry[] = [
	{ view: 'overview', label: 'Overview', key: 'o', icon: 'overview' },
	{
		view: 'who',
		label: 'Who',
		key: 'w',
		icon: 'who',
		count: (l) => count(l.hosts, 'hosts, when this page asked last'),
	},
	{
		view: 'flows',
		label: 'Flows',
		key: 'f',
		icon: 'flows',
		count: (l) => count(l.frame?.tick?.flows ?? null, 'active flows'),
	},
	{ view: 'tcp', label: 'TCP', key: 'r', icon: 'gauge' },
	{ view: 'dns', label: 'DNS', key: 'd', icon: 'dns' },
	{
		view: 'packets',
		label: 'Packets',
		key: 'p',
		icon: 'packets',
		count: (l) => count(packetsKept(l), 'sampled packets that are kept'),
	},
	{
		view: 'alerts',
		label: 'Alerts',
		key: 'a',
		icon: 'alerts',
		count: (l) => count(l.frame?.tick?.alerts ?? null, 'alerts since the start', true),
	},
	{
		view: 'cores',
		label: 'Cores',
		key: 'c',
		icon: 'cores',
		count: (l) => count(l.frame?.cores.length ?? null, 'workers'),
	},
	{ view: 'profile', label: 'Profile', key: 't', icon: 'profile' },
	{
		view: 'ledger',
		label: 'Ledger',
		key: 'l',
		icon: 'ledger',
		count: (l) => count(l.frame?.losses.length ?? null, 'losses, and limits that were reached', true),
	},
	{
		view: 'fleet',
		label: 'Fleet',
		key: 'e',
		icon: 'fleet',
		when: (l) => !!l.hello?.settings?.peers,
		count: (l) => count(l.hello?.settings?.peers ?? null, 'other sensors'),
	},
	{ view: 'system', label: 'System', key: 's', icon: 'system' },
];

function count(n: number | null, title: string, bad = false): { text: string; title: string; bad?: boolean } | null {
	return n ? { text: short(n), title: `${short(n)} ${title}`, bad } : null;
}

export function UnitsAndZone() {
	const { units, zone } = useSettings();
	return (
		<>
			<Segments
				label="Units"
				value={units}
				options={[
					['bits', 'bits'],
					['bytes', 'bytes'],
				]}
				onChange={(value) => choose({ units: value })}
			/>
			<Segments
				label="Time"
				value={zone}
				options={[
					['utc', 'UTC'],
					['local', 'local'],
				]}
				onChange={(value) => choose({ zone: value })}
			/>
		</>
	);
}

export function Rail() {
	const { view, query } = useRoute();
	const counts = useLive((l) => VIEWS.map((v) => v.count?.(l)?.text ?? ''));
	const shown = useLive((l) => VIEWS.map((v) => v.when?.(l) ?? true));
	const known = useStore(seen, (s) => s);
	const mine = useStore(own, (o) => o);
	const alarms = useLive((l) => unseenNow(mine, l.hello?.boot_id ?? '', l.frame?.episodes));
	const news = useLive((l) => [
		(alarms ?? (l.frame?.tick?.alerts ?? 0) > alertsSeen(known, l.hello?.boot_id)) && 'alerts',
		(l.frame?.losses ?? []).some((loss) => !lossIsSeen(known, l.hello?.boot_id, loss)) && 'ledger',
	]);
	const live = useLive((l) => l.hello?.version ?? '');
	const current = { flow: 'flows', host: 'who' }[view] ?? view;
	const nav = useRef<HTMLElement>(null);
	useEffect(() => nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [current]);
	return (
		<nav class="rail" aria-label="Views" ref={nav}>
			{VIEWS.map((entry, i) => shown[i] && (
				<a
					key={entry.view}
					href={formatRoute({ view: entry.view, query: rangeLeft(query, entry.view) })}
					aria-current={entry.view === current ? 'page' : undefined}
					title={`${entry.label} (g ${entry.key})${entry.view === 'alerts' && alarms ? `: ${alarms} go on and were not seen` : ''}`}
					data-space="pause"
				>
					<Icon name={entry.icon} />
					<span class="label">{entry.label}</span>
					<span class={news.includes(entry.view) ? 'count bad' : 'count'}>{(entry.view === 'alerts' && alarms) || counts[i]}</span>
				</a>
			))}
			<div class="foot">
				<UnitsAndZone />
				{live && <span>NetScope {live}</span>}
			</div>
		</nav>
	);
}
