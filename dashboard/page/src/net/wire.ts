// SPDX-License-Identifier: MIT
//
// The messages of docs/web-api.md as types, and nothing else. Members that may be missing in an older or newer server are optional
// here, and whoever shows them has a word for their absence. All text in them came from the wire: it is only ever put into text nodes.

export interface CounterInfo {
	name: string;
	unit: string;
	place: string;
	kind: 'counter' | 'gauge';
	class?: 'traffic' | 'fate' | 'loss' | 'limit' | 'wait' | 'cycles' | 'waited' | 'gauge';
	help: string;
}

export interface FilterField {
	name: string;
	kind: string;
	help: string;
	words?: string[];
}

export interface Hello {
	type: 'hello';
	version: string;
	protocol: number;
	tick_ms: number;
	boot_id: string;
	server_ms: number;
	source: { name: string; input: string | null; live: boolean };
	counters: CounterInfo[];
	stages: string[];
	filter?: { fields: FilterField[] };
	sort?: string[];
	groups?: string[];
	settings?: { sample_rate?: number; packet_buffer?: number; payload_bytes?: number; top_n?: number; peers?: number };
	analysis?: Record<string, boolean>;
	history?: { tiers: number[]; series: string[] };
	links?: { name: string; url: string }[]; // templates of addresses of other tools
}

export interface Endpoint {
	ip: string;
	port: number;
}

export interface FlowRow {
	key: string;
	worker?: number;
	protocol: string;
	endpoint_a: Endpoint;
	endpoint_b: Endpoint;
	first_seen: number;
	last_seen: number;
	duration_secs: number;
	packets_a_to_b: number;
	packets_b_to_a: number;
	bytes_a_to_b: number;
	bytes_b_to_a: number;
	packets_total: number;
	bytes_total: number;
	avg_bps: number | null;
	tcp_state: string | null;
	client: 'a_to_b' | 'b_to_a' | null;
	retransmissions: number | null;
	out_of_order: number | null;
	rtt_last_ms: number | null;
	rtt_min_ms: number | null;
	rtt_ewma_ms: number | null;
	rtt_samples: number | null;
	end_reason: string | null;
	lost_segments: number | null;
	zero_windows: number | null;
	rtt_handshake_ms: number | null;
	tcp_flags_a_to_b: string | null;
	tcp_flags_b_to_a: string | null;
	ttl_min_a_to_b: number | null;
	ttl_min_b_to_a: number | null;
	dscp_a_to_b: number | null;
	dscp_b_to_a: number | null;
	vlan: string | null;
	tunnel: string | null;
	interface: string | null;
	fragments: number;
	fragment_bytes: number;
	community_id: string;
	flow_id: number | null;
	part: number;
	app: string | null;
	app_source: 'payload' | 'port' | null;
	name: string | null;
	alpn: string | null;
	ja4: string | null;
	country_a: string | null;
	asn_a: number | null;
	as_org_a: string | null;
	country_b: string | null;
	asn_b: number | null;
	as_org_b: string | null;
	service: string | null;
}

export interface TopFlow extends FlowRow {
	tick_bytes: number;
	bps: number | null;
}

export interface Tick {
	seq: number;
	start: number;
	end: number;
	packets: number;
	bytes: number;
	drops: number | null;
	bps: number;
	pps: number;
	flows: number | null;
	alerts: number | null;
	top: TopFlow[];
}

export interface Core {
	load: number;
	busy: number;
	empty: number;
	idle?: number;
	waited?: number;
	pps: number;
	cycles: (number | null)[] | null;
	waiting: number | null;
	round_ns: number[] | null;
	age_ns?: number[] | null;
	queue_ns?: number[] | null;
	recorder?: { packets: number; held_secs: number; oldest: number | null; wrapped: boolean };
}

export interface Loss {
	place: string;
	counter: string;
	class?: 'loss' | 'limit'; // a loss: something is missing; a limit: something is less exact
	what?: string;
	unit: string;
	count: number;
	since: number | null;
	last?: number | null; // when it grew last
	advice: string;
}

export interface LedgerLine {
	what: string;
	have: number;
	want: number;
}

/** time, length, packets, bytes, drops, flows, whether the link was down */
export type Point = [number, number, number, number, number | null, number | null, boolean?];

export interface PacketRow {
	id: number;
	time: number;
	worker: number;
	wire_len: number;
	cap_len: number;
	kept: number;
	fate: string;
	link: string;
	protocol: string;
	source: string | null;
	destination: string | null;
	key: string | null;
	info: string;
	line: string;
}

/** An attack as a state: all alerts of one kind and target, until they were quiet. The rest is as in an alert, with the largest values. */
export interface Episode extends AlertRow {
	key: string; // kind and target: what is muted
	open: boolean;
	seen: boolean; // on the server, for all
	muted: boolean;
	begin: number;
	last: number;
	peak: number;
	end: number | null;
	count: number;
	packets: number | null;
	duration_secs: number | null;
}

/** Of a frame: episodes that go on, and the newest of those that nobody has seen. */
export interface OpenEpisodes {
	news: { id: number; key: string }[];
	open: number;
	unseen: number;
}

export interface AlertRow {
	id: number;
	time: number;
	kind: string;
	description: string;
	source_ip: string | null;
	target_ip: string | null;
	target_port: number | null;
	window_secs: number | null;
	observed: Record<string, number | null> | null;
	thresholds: Record<string, number | null> | null;
}

/** What happened when; `kind` is one of docs/web-api.md's, or a newer one. */
export interface EventRow {
	id: number;
	time: number;
	kind: string;
	text: string;
	alert_id: number | null;
}

export type RunState = 'starting' | 'running' | 'link_down' | 'stalled' | 'output_failed' | 'ended' | 'stopping' | 'failed';

/** One interface of a live run. */
export interface Interface {
	name: string;
	state: 'up' | 'no_carrier' | 'down' | 'removed' | 'failed' | null;
	outages: number;
	received: number;
	received_bytes: number;
	filtered: number;
	kernel_drops: number | null;
	stack_drops: number | null;
	nic_drops: number | null;
}

/** A filter that chooses which packets are sampled: one for all clients. */
export interface Sampling {
	filter: string | null;
	key: string | null;
	every: number;
	since: number;
	ends_in_secs: number;
	holds: boolean; // every worker knows it
	after: number; // packets of a larger id were sampled with it
	matched: number;
	copied: number;
	missed: number;
}

export interface Frame {
	type: 'frame';
	frame_seq: number;
	server_ms: number;
	state: RunState;
	state_text: string;
	tick: Tick | null;
	counters: (number | null)[];
	ledger: { balanced: boolean; exact: boolean; lines: LedgerLine[] } | null;
	interfaces?: Interface[];
	losses: Loss[];
	mix: { of?: string; protocols: [string, number, number | null][]; fates: [string, number][] } | null;
	cores: Core[];
	capture?: { load: number } | null; // the thread in front of the workers, when it is one of its own
	points: Point[];
	packets: PacketRow[];
	alerts: AlertRow[];
	events?: EventRow[];
	clients?: number;
	episodes?: OpenEpisodes;
	sampling?: Sampling | null;
}

export interface Field {
	name: string;
	label: string;
	offset: number;
	length: number;
	value?: number | boolean | string;
	text?: string;
	fields?: Field[];
}

export interface PacketDetail {
	type: 'packet_detail';
	id: number;
	found: boolean;
	message?: string;
	packet?: PacketRow;
	layers?: Field[];
	truncated?: boolean;
	hex?: string;
}

export interface FlowsAnswer {
	type: 'flows';
	request: number | null;
	filter: string;
	sort: string;
	order: string;
	limit: number;
	clock: number;
	held: number;
	ended?: number; // of those, flows that have ended and are still kept
	visited: number;
	matched: number;
	before?: number; // of those, the ones that come no later than the cursor
	cursors?: string[]; // behind every 32nd row
	next?: string | null; // behind the last row; null: there are no more
	complete: boolean;
	took_ms: number;
	flows: FlowRow[];
}

/** How many packets of a flow or host are kept, before they are fetched. */
export interface KeptAnswer {
	source: 'recorder' | 'samples';
	packets: number | null; // of samples
	since: number | null;
	kept: string | null; // of each
}

export interface FollowSide {
	packets: number;
	bytes: number; // of payload on the wire
	held: number;
	missing: number;
	cut: number;
	repeated: number;
	differing: number;
	beyond: number;
}

export interface FollowPart {
	side: 'a' | 'b';
	at: number;
	time?: number;
	hex?: string;
	cut?: number;
	missing?: number;
}

export interface FollowAnswer {
	source: 'recorder' | 'samples';
	kept: string | null;
	since: number | null; // null: since the start
	overwritten: number;
	first: number | null;
	last: number | null;
	client: 'a_to_b' | 'b_to_a' | null;
	later: number;
	fragments: number;
	bytes_most: number;
	packets_most: number;
	sides: [FollowSide, FollowSide]; // a, b
	parts: FollowPart[];
}

export interface GroupRow {
	key: string;
	term: string | null; // lets all flows of the group through; null: the language cannot say it
	flows: number;
	packets: number | null;
	bytes: number;
	bytes_sent: number | null;
	bytes_received: number | null;
	packets_sent: number | null;
	packets_received: number | null;
	retransmissions: number | null;
	out_of_order: number | null;
	lost_segments: number | null;
	zero_windows: number | null;
	rtt_min_ms: number | null;
	rtt_p50_ms: number | null; // the median is less, and four fifths of it at least
	rtt_mean_ms: number | null;
	first_seen: number;
	last_seen: number;
	country: string | null;
	asn: number | null;
	as_org: string | null;
	service: string | null;
}

interface GroupSum {
	flows: number;
	packets: number | null;
	bytes: number;
}

export interface GroupsAnswer {
	type: 'groups';
	request: number | null;
	by: string;
	filter: string;
	sort: string;
	limit: number;
	last: number | null;
	window: { from: number; to: number } | null;
	clock: number;
	held: number;
	ended: number;
	visited: number;
	matched: number;
	complete: boolean;
	took_ms: number;
	exact: boolean;
	age_ms?: number; // since the walk that found this: an answer may be given again
	of_flows?: number; // of a snapshot that does not hold all flows: how many there were; the sums are of those that it holds
	proven: number; // rows, from the first, that certainly stand where they stand
	bound: number; // what a group that is in no row can have at most, in the unit of sort
	groups: number | null; // that there are; null: there was no room for all
	before: number; // rows before these
	more: number; // that are known behind them
	total: GroupSum;
	without: GroupSum; // of flows that have no such key
	rows: GroupRow[];
}

export interface ErrorAnswer {
	type: 'error';
	request: number | null;
	message: string;
}

export interface Pong {
	type: 'pong';
	t: number;
	server_ms: number;
}

export type Message = Hello | Frame | PacketDetail | FlowsAnswer | GroupsAnswer | ErrorAnswer | Pong;

/** The object in a text message, or null when it is none that this page knows. */
export function readMessage(text: unknown): Message | null {
	if (typeof text !== 'string') return null;
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value !== 'object' || value === null) return null;
		const type = (value as { type?: unknown }).type;
		const known = ['hello', 'frame', 'packet_detail', 'flows', 'groups', 'error', 'pong'];
		return typeof type === 'string' && known.includes(type) ? (value as Message) : null;
	} catch {
		return null;
	}
}
