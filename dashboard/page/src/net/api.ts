// SPDX-License-Identifier: MIT
//
// The REST side: what is fetched once or now and then.
import { request } from './source';
import type { AlertRow, Episode, EventRow, FlowsAnswer, FollowAnswer, GroupsAnswer, KeptAnswer, PacketRow, Point, Sampling } from './wire';

/** The answer, when it is a good one; else throws the server's sentence. */
export async function getAnswer(path: string, options: RequestInit = {}): Promise<Response> {
	const response = await request(path, { headers: { Accept: 'application/json' }, ...options });
	if (response.ok) return response;
	let why = `${response.status} ${response.statusText}`;
	try {
		why = ((await response.json()) as { error?: string }).error ?? why;
	} catch {
		// no JSON: the status line is all there is
	}
	throw new Error(why);
}

export async function getJson<T>(path: string): Promise<T> {
	return (await (await getAnswer(path)).json()) as T;
}

const query = (values: Record<string, string | number | null>): string => {
	const search = new URLSearchParams();
	for (const [key, value] of Object.entries(values))
		if (value !== null && value !== '') search.set(key, String(value));
	const text = search.toString();
	return text ? `?${text}` : '';
};

export interface History {
	step: number;
	boot_id: string;
	points: Point[];
}

export const getHistory = (step: number, after: number | null): Promise<History> =>
	getJson<History>(`/api/v1/history${query({ step, after })}`);

export type RangeRow = (number | boolean | null | number[])[];

export interface RangeAnswer {
	step: number;
	tier: number;
	boot_id: string;
	complete: number | null;
	columns: string[];
	buckets_ms?: number[];
	points: RangeRow[];
	since?: number | null; // with a host: from when on it is followed
}

export const getRange = (from: number | null, to: number | null, points: number, series: string, host = ''): Promise<RangeAnswer> =>
	getJson(`/api/v1/history${query({ from, to, points, series, host })}`);

export const getEvents = (after: number | null): Promise<{ total: number; events: EventRow[] }> =>
	getJson(`/api/v1/events${query({ after })}`);

export const getFlows = (filter: string, sort: string, limit: number, after: string | null = null): Promise<FlowsAnswer> =>
	getJson(`/api/v1/flows${query({ filter, sort, limit, after })}`);

export const getGroups = (by: string, limit: number, last: number | null): Promise<GroupsAnswer> =>
	getJson(`/api/v1/groups${query({ by, limit, last })}`);

export interface DnsRow {
	queries: number;
	repeated: number;
	answered: number;
	unanswered: number | null;
	answers: Record<string, number>;
	latency_ns: { samples: number; p50: number | null; p95?: number | null; p99: number | null; max: number | null };
	p95?: number | null;
}

export interface DnsAnswer {
	clock: number;
	dns:
		| (DnsRow & {
				answers_captured: boolean;
				servers_known: number;
				servers: (DnsRow & { server: string })[];
				names_known: number | null;
				names: (DnsRow & { name: string })[] | null;
		  })
		| null;
}

export const getDns = (): Promise<DnsAnswer> => getJson('/api/v1/dns');

export const getPackets = (after: number | null, limit: number): Promise<{ packets: PacketRow[]; seen: number }> =>
	getJson(`/api/v1/packets${query({ after, limit })}`);

export const getAlerts = (after: number | null): Promise<{ total: number; alerts: AlertRow[] }> =>
	getJson(`/api/v1/alerts${query({ after, limit: 1000 })}`);

export interface EpisodesAnswer {
	boot_id: string;
	shared: boolean; // what is said of them holds for all clients
	open: number;
	episodes: Episode[]; // the newest first
	mutes: string[];
}

export const getEpisodes = (): Promise<EpisodesAnswer> => getJson('/api/v1/episodes');

async function post<T>(path: string, values: Record<string, string | number>): Promise<T> {
	const answer = await getAnswer(path + query(values), { method: 'POST', headers: { 'X-NetScope': '1' } });
	return (await answer.json()) as T;
}

/** For all clients, with --web-auth. The answer is that of getEpisodes. */
export const sayOfEpisode = (what: 'seen' | 'mute', values: Record<string, string | number>): Promise<EpisodesAnswer> =>
	post(`/api/v1/episodes/${what}`, values);

/** Which packets are sampled, for all clients: those of a filter or of a flow's key; without, all flows again. */
export const setSampling = (values?: Record<string, string>): Promise<{ sampling: Sampling | null }> =>
	post(`/api/v1/sampling/${values ? 'start' : 'stop'}`, values ?? {});

/** Where all flows that match are a file. */
export const flowsFile = (format: 'csv' | 'json', filter: string): string => `/api/v1/flows.${format}${query({ filter })}`;

export const getKept = (choice: Record<string, string>): Promise<KeptAnswer> => getJson(`/api/v1/kept${query(choice)}`);

export const getFollow = (choice: Record<string, string>): Promise<FollowAnswer> => getJson(`/api/v1/follow${query(choice)}`);

/** What the operating system says of a thread: seconds since its start. */
export interface ThreadTime {
	name: string;
	tid: number;
	core: number | null;
	user_secs: number;
	system_secs: number;
}

export interface PeerRun {
	version: string;
	boot_id: string;
	sensor: string | null;
	source: string;
	input: string | null;
	live: boolean;
	state: string;
	state_text: string;
	elapsed_secs: number | null;
	tick_end: number | null;
	pps: number | null;
	bps: number | null;
	flows: number | null;
	alerts: number | null;
	drops: number | null;
	received: number | null;
	lost: number | null;
	losses: number;
	limits: number;
	ledger: { balanced: boolean; borders: number | null; unbalanced: string | null };
}

export interface Peer {
	url: string;
	state: string;
	why: string;
	took_ms: number | null;
	age_secs: number | null; // of the newest good answer
	run: PeerRun | null; // what it said; null: nothing yet
}

export const getPeers = (): Promise<{ each_ms: number; answer_ms: number; peers: Peer[] }> => getJson('/api/v1/peers');

export interface CoreDetail {
	index: number;
	load?: number | null;
	core: number | null;
	packets: number;
	histogram?: [number, number][];
	age_ns?: { histogram?: [number, number][] };
	queue_ns?: { histogram?: [number, number][] };
	total?: { cycles_per_packet: (number | null)[] | null; packets: number; empty_polls: number };
}

export interface CoresAnswer {
	tsc_hz: number;
	imbalance: number | null;
	workers: CoreDetail[];
	threads_ms?: number;
	threads?: ThreadTime[] | null;
	capture?: { cycles_per_packet: (number | null)[] | null; waited_per_packet?: number | null; load?: number; pps?: number } | null;
}

export const getCores = (): Promise<CoresAnswer> => getJson('/api/v1/cores');

export interface Arena {
	name: string;
	allocated: number | null;
	resident?: number | null;
}

export interface ConfigAnswer {
	version: string;
	config: Record<string, unknown>;
	doctor: unknown;
	memory?: { budget?: unknown; arenas?: Arena[] | null; rss?: number | null; web?: unknown } | null;
	started?: number | null;
	pid?: number | null;
}

export const getConfig = (): Promise<ConfigAnswer> => getJson('/api/v1/config');
