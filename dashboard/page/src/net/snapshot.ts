// SPDX-License-Identifier: MIT
//
// What must be where in a snapshot, the file of docs/web-api.md that has what all views show at one moment.
import type { Peer } from './api';
import type { NoProfile, Profile } from './profile';
import { any, bool, each, list, map, maybe, num, obj, packed, str, unfit, type Read, type Shape } from './shape';
import { BODY_NAMES, VERSION, type BodyName, type Snapshot } from './snapshot_file';

const [n, s, b] = [maybe(num), maybe(str), maybe(bool)];
const nums = list(n, 1000);
const texts = list(str, 1000);

const HELLO: Shape = {
	...each(str, 'type version boot_id'),
	...each(num, 'protocol tick_ms server_ms'),
	source: obj({ name: str, input: s, live: bool }),
	counters: list(obj({ ...each(str, 'name unit place kind help'), class: s })),
	stages: texts,
	filter: maybe(obj({ fields: list(obj({ ...each(str, 'name kind help'), words: maybe(texts) })) })),
	...each(maybe(texts), 'sort groups'),
	settings: maybe(map(num)),
	analysis: maybe(map(bool)),
	links: maybe(list(obj({ name: str, url: str }), 100)),
};

const END = obj({ ip: str, port: num });
const FLOW: Shape = {
	...each(str, 'key protocol'),
	...each(END, 'endpoint_a endpoint_b'),
	...each(num, 'first_seen last_seen duration_secs packets_a_to_b packets_b_to_a bytes_a_to_b bytes_b_to_a packets_total bytes_total'),
	...each(n, 'worker avg_bps retransmissions out_of_order rtt_last_ms rtt_min_ms rtt_ewma_ms rtt_samples lost_segments zero_windows rtt_handshake_ms'),
	...each(n, 'ttl_min_a_to_b ttl_min_b_to_a dscp_a_to_b dscp_b_to_a fragments fragment_bytes flow_id part asn_a asn_b'),
	...each(s, 'tcp_state client end_reason tcp_flags_a_to_b tcp_flags_b_to_a vlan tunnel interface community_id app app_source name alpn ja4'),
	...each(s, 'country_a as_org_a country_b as_org_b service'),
};

const CORE: Shape = {
	...each(n, 'load busy empty idle waited pps waiting'),
	...each(maybe(nums), 'cycles round_ns age_ns queue_ns'),
	recorder: maybe(obj({ packets: num, held_secs: num, oldest: n, wrapped: bool })),
};
const POINT: Read = list((v, at) => (typeof v === 'boolean' ? v : n(v, at)), 7);
const TALLY = list((v, at) => (typeof v === 'string' ? v : n(v, at)), 4);

const FRAME: Shape = {
	...each(str, 'type state state_text'),
	...each(num, 'frame_seq server_ms'),
	tick: maybe(
		obj({
			...each(num, 'seq start end packets bytes bps pps'),
			...each(n, 'drops flows alerts'),
			top: list(obj({ ...FLOW, tick_bytes: num, bps: n })),
		}),
	),
	counters: list(n),
	ledger: maybe(obj({ balanced: bool, exact: bool, lines: list(obj({ what: str, have: num, want: num })) })),
	interfaces: maybe(
		list(obj({ name: str, state: s, ...each(num, 'outages received received_bytes filtered'), ...each(n, 'kernel_drops stack_drops nic_drops') })),
	),
	losses: list(obj({ ...each(str, 'place counter unit advice'), ...each(s, 'class what'), count: num, ...each(n, 'since last') })),
	mix: maybe(obj({ of: s, protocols: list(TALLY), fates: list(TALLY) })),
	cores: list(obj(CORE)),
	capture: maybe(obj({ load: num })),
	points: list(POINT),
	clients: n,
	episodes: maybe(obj({ news: list(obj({ id: num, key: str })), open: num, unseen: num })),
};

const RANGE: Shape = {
	...each(num, 'step tier'),
	boot_id: str,
	complete: n,
	columns: texts,
	buckets_ms: maybe(nums),
	points: list(list((v, at) => (Array.isArray(v) ? nums(v, at) : typeof v === 'boolean' ? v : n(v, at)), 100)),
};

const SUM = obj({ flows: num, packets: n, bytes: num });
const GROUPS: Shape = {
	...each(str, 'by filter sort'),
	...each(num, 'limit clock held ended visited matched took_ms proven bound'),
	...each(bool, 'complete exact'),
	...each(n, 'last groups'),
	window: maybe(obj({ from: num, to: num })),
	total: SUM,
	without: SUM,
	rows: packed({
		key: str,
		...each(num, 'flows bytes first_seen last_seen'),
		...each(n, 'packets bytes_sent bytes_received packets_sent packets_received retransmissions out_of_order lost_segments zero_windows'),
		...each(n, 'rtt_min_ms rtt_mean_ms rtt_p50_ms asn'),
		...each(s, 'term country as_org service'),
	}),
};

const PACKET: Shape = {
	...each(num, 'id time worker wire_len cap_len kept'),
	...each(str, 'fate link protocol info line'),
	...each(s, 'source destination key'),
};
const field =
	(levels: number): Read =>
	(v, at) =>
		obj({
			...each(str, 'name label'),
			...each(num, 'offset length'),
			value: (x, where) => (typeof x === 'string' || typeof x === 'boolean' ? x : n(x, where)),
			text: s,
			fields: (x, where) => (levels ? maybe(list(field(levels - 1)))(x, where) : undefined),
		})(v, at);
const DETAIL: Shape = { type: str, id: num, found: bool, message: s, packet: maybe(obj(PACKET)), layers: maybe(list(field(16))), truncated: b, hex: s };

const ALERT: Shape = {
	...each(num, 'id time'),
	...each(str, 'kind description'),
	...each(s, 'source_ip target_ip'),
	...each(n, 'target_port window_secs'),
	...each(maybe(map(n)), 'observed thresholds'),
};
const PAIRS = list(list(num, 2));
const STAGES = maybe(list(n));
const WORKER: Shape = {
	...each(num, 'index packets'),
	...each(n, 'load core'),
	histogram: maybe(PAIRS),
	...each(maybe(obj({ histogram: maybe(PAIRS) })), 'age_ns queue_ns'),
	total: maybe(obj({ cycles_per_packet: STAGES, ...each(num, 'packets empty_polls') })),
};
const DNS_COUNTS: Shape = {
	...each(num, 'queries repeated answered'),
	unanswered: n,
	answers: map(num),
	latency_ns: obj({ samples: num, ...each(n, 'p50 p95 p99 max') }),
};
const PEER_RUN: Shape = {
	...each(str, 'version boot_id source state state_text'),
	...each(s, 'sensor input'),
	live: bool,
	...each(n, 'elapsed_secs tick_end pps bps flows alerts drops received lost'),
	...each(num, 'losses limits'),
	ledger: obj({ balanced: bool, borders: n, unbalanced: s }),
};

const BODIES: Record<BodyName, Read> = {
	alerts: obj({ total: num, alerts: list(obj(ALERT)) }),
	events: obj({ total: num, events: list(obj({ id: num, time: num, kind: str, text: str, alert_id: n })) }),
	episodes: obj({
		boot_id: str,
		shared: bool,
		open: num,
		episodes: list(
			obj({ ...ALERT, key: str, ...each(bool, 'open seen muted'), ...each(num, 'begin last peak count'), ...each(n, 'end packets duration_secs') }),
		),
		mutes: texts,
	}),
	packets: obj({ seen: num, packets: list(obj(PACKET)) }),
	cores: obj({
		tsc_hz: num,
		imbalance: n,
		workers: list(obj(WORKER)),
		threads_ms: n,
		threads: maybe(list(obj({ name: str, ...each(num, 'tid user_secs system_secs'), core: n }))),
		capture: maybe(obj({ cycles_per_packet: STAGES, ...each(n, 'waited_per_packet load pps') })),
	}),
	config: obj({
		version: str,
		config: map(any(8)),
		doctor: any(8),
		memory: maybe(obj({ budget: any(4), arenas: maybe(list(obj({ name: str, allocated: n, resident: n }))), rss: n })),
		...each(n, 'started pid'),
	}),
	dns: obj({
		clock: num,
		dns: maybe(
			obj({
				...DNS_COUNTS,
				answers_captured: bool,
				servers_known: num,
				servers: list(obj({ ...DNS_COUNTS, server: str })),
				names_known: n,
				names: maybe(list(obj({ ...DNS_COUNTS, name: str }))),
			}),
		),
	}),
	peers: obj({
		...each(num, 'each_ms answer_ms'),
		peers: list(obj({ ...each(str, 'url state why'), ...each(n, 'took_ms age_secs'), run: maybe(obj(PEER_RUN)) })),
	}),
	profile: obj({
		available: bool,
		reason: s,
		...each(n, 'hz samples lost overwritten began from_ns to_ns omitted'),
		...each(b, 'running kernel'),
		note: s,
		threads: maybe(list(obj({ name: str, tid: num }))),
		frames: maybe(list(str, 1e6)),
		stacks: maybe(list(obj({ ...each(num, 'thread core count'), frames: list(num) }), 1e6)),
	}),
};

/** A profile whose places are there, and addresses that a browser may follow: what shapes alone do not say. */
function checkPlaces(snapshot: Snapshot): void {
	const profile = snapshot.bodies['profile'] as Profile | NoProfile | undefined;
	if (profile?.available)
		(profile.stacks ?? unfit('bodies.profile.stacks', 'a list', undefined)).forEach((stack, i) => {
			const at = `bodies.profile.stacks[${i}]`;
			if (!profile.threads?.[stack.thread]) unfit(`${at}.thread`, 'a thread of the list', stack.thread);
			for (const place of stack.frames) if (profile.frames?.[place] === undefined) unfit(`${at}.frames`, 'a frame of the list', place);
		});
	for (const { url } of (snapshot.bodies['peers'] as { peers: Peer[] } | undefined)?.peers ?? [])
		if (!/^https?:\/\//.test(url)) unfit('bodies.peers', 'an address of http or https', url);
	snapshot.ranges.forEach((range, i) => {
		if (!(range.step > 0) || range.columns[0] !== 'time' || range.columns[1] !== 'length')
			unfit(`ranges[${i}]`, 'a step, and columns that begin with time and length', range.columns);
		range.points.forEach((row, j) => {
			if (row.length !== range.columns.length || typeof row[0] !== 'number' || typeof row[1] !== 'number')
				unfit(`ranges[${i}].points[${j}]`, `${range.columns.length} values that begin with a time and a length`, row);
		});
	});
}

/** The snapshot in a text; else throws one sentence: what is wanted, what was found, where. */
export function readSnapshot(text: string): Snapshot {
	let file: unknown;
	try {
		file = JSON.parse(text);
	} catch (error) {
		throw new Error(`JSON is wanted: ${(error as Error).message.slice(0, 200)}`);
	}
	const version = (file as { netscope_snapshot?: unknown } | null)?.netscope_snapshot;
	if (version !== VERSION) unfit('netscope_snapshot', String(VERSION), version);
	const snapshot = obj({
		netscope_snapshot: num,
		...each(str, 'version host zone'),
		made: num,
		hello: obj(HELLO),
		frame: obj(FRAME),
		ranges: list(obj(RANGE), 8),
		flows: obj({ matched: num, clock: num, rows: packed(FLOW) }),
		groups: list(obj(GROUPS), 100),
		details: list(obj(DETAIL), 1000),
		bodies: obj(Object.fromEntries(BODY_NAMES.map((name) => [name, maybe(BODIES[name])]))),
	})(file, '') as unknown as Snapshot;
	checkPlaces(snapshot);
	Object.assign(snapshot.frame, { packets: [], alerts: [] });
	return snapshot;
}
