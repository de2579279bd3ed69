// SPDX-License-Identifier: MIT
//
// A snapshot in the place of the server: the same questions, answered from what it holds, or with one sentence that it does not.
import type { RangeAnswer, RangeRow } from './api';
import type { FlowQuery, GroupQuery } from './ask';
import { compile, sorter } from './held_flows';
import { BODY_NAMES, type BodyName, type Snapshot } from './snapshot_file';
import type { Source } from './source';
import type { FlowRow, FlowsAnswer, GroupRow, GroupsAnswer, Message } from './wire';

const EACH = 32; // rows between two cursors

/* --- flows ------------------------------------------------------------------------------------ */

export function heldFlows(s: Snapshot, query: FlowQuery, request: number | null): FlowsAnswer {
	const { filter = '', sort = 'bytes', order = 'desc', limit = 100, after, key } = query;
	const { rows, clock } = s.flows;
	const test = key === undefined ? compile(filter, clock) : (f: FlowRow) => f.key === key;
	const found = rows.filter(test).sort(sorter(sort, order));
	const before = Math.min(Number(after ?? 0) || 0, found.length);
	const flows = found.slice(before, before + limit);
	const cursors = flows.flatMap((_, i) => (i && i % EACH === 0 ? [String(before + i)] : []));
	const end = before + flows.length;
	return {
		...{ type: 'flows', request, filter, sort, order, limit, clock, before, cursors, flows },
		held: rows.length,
		ended: rows.filter((f) => f.end_reason !== 'active').length,
		visited: rows.length,
		matched: found.length,
		next: end < found.length ? String(end) : null,
		complete: true,
		took_ms: 0,
	};
}

/* --- groups: those of the file, and for a filter sums of its flows ------------------------------ */

interface Part {
	key: string;
	term: string | null;
	sent: 'a' | 'b' | null; // the side that sends what the group sends
}

const serverSide = (f: FlowRow): 'a' | 'b' =>
	f.client ? (f.client === 'a_to_b' ? 'b' : 'a') : f.endpoint_a.port < f.endpoint_b.port ? 'a' : 'b';
const text = (key: string | number | null, term: string, sent: Part['sent'] = null): Part[] => (key ? [{ key: String(key), term: term + key, sent }] : []);
const PARTS: Record<string, (f: FlowRow) => Part[]> = {
	host: (f) => [...text(f.endpoint_a.ip, 'host:', 'a'), ...text(f.endpoint_b.ip, 'host:', 'b')],
	pair: (f) => {
		const [a, b] = [f.endpoint_a.ip, f.endpoint_b.ip];
		return [{ key: `${a} ${b}`, term: `host:${a} host:${b}`, sent: 'a' }];
	},
	port: (f) => text(String(f[`endpoint_${serverSide(f)}`].port), 'port:', serverSide(f)),
	service: (f) => {
		const port = f[`endpoint_${serverSide(f)}`].port;
		return [{ key: `${f.protocol}/${port}`, term: `proto:${f.protocol} port:${port}`, sent: serverSide(f) }];
	},
	app: (f) => text(f.app, 'app:', serverSide(f)),
	name: (f) => text(f.name, 'name:', serverSide(f)),
	protocol: (f) => text(f.protocol, 'proto:'),
	vlan: (f) => text((f.vlan ?? '').split('.')[0] as string, 'vlan:'),
	interface: (f) => text(f.interface, 'interface:'),
	country: (f) => [...text(f.country_a, 'country:', 'a'), ...text(f.country_b, 'country:', 'b')],
	asn: (f) => [...text(f.asn_a, 'asn:', 'a'), ...text(f.asn_b, 'asn:', 'b')],
};

const plus = (sum: number | null, more: number | null | undefined): number | null => (more == null ? sum : (sum ?? 0) + more);

type Sum = GroupRow & { rtts: number[] };

function add(groups: Map<string, Sum>, f: FlowRow, { key, term, sent }: Part): void {
	const row =
		groups.get(key) ??
		({
			...{ key, term, flows: 0, packets: 0, bytes: 0, rtts: [], first_seen: f.first_seen, last_seen: f.last_seen },
			...{ bytes_sent: null, bytes_received: null, packets_sent: null, packets_received: null, retransmissions: null, out_of_order: null },
			...{ lost_segments: null, zero_windows: null, rtt_min_ms: null, rtt_p50_ms: null, rtt_mean_ms: null, country: null, asn: null, as_org: null, service: null },
		} as Sum);
	groups.set(key, row);
	row.flows++;
	row.packets = plus(row.packets, f.packets_total);
	row.bytes += f.bytes_total;
	if (sent) {
		const [out, back] = sent === 'a' ? (['a_to_b', 'b_to_a'] as const) : (['b_to_a', 'a_to_b'] as const);
		row.bytes_sent = plus(row.bytes_sent, f[`bytes_${out}`]);
		row.bytes_received = plus(row.bytes_received, f[`bytes_${back}`]);
		row.packets_sent = plus(row.packets_sent, f[`packets_${out}`]);
		row.packets_received = plus(row.packets_received, f[`packets_${back}`]);
	}
	for (const name of ['retransmissions', 'out_of_order', 'lost_segments', 'zero_windows'] as const) row[name] = plus(row[name], f[name]);
	if (f.rtt_ewma_ms != null) row.rtts.push(f.rtt_ewma_ms);
	if (f.rtt_min_ms != null) row.rtt_min_ms = Math.min(row.rtt_min_ms ?? Infinity, f.rtt_min_ms);
	row.first_seen = Math.min(row.first_seen, f.first_seen);
	row.last_seen = Math.max(row.last_seen, f.last_seen);
}

function withTimes({ rtts, ...row }: Sum): GroupRow {
	if (!rtts.length) return row;
	rtts.sort((x, y) => x - y);
	return { ...row, rtt_p50_ms: rtts[(rtts.length - 1) >> 1] as number, rtt_mean_ms: rtts.reduce((n, ms) => n + ms, 0) / rtts.length };
}

const size = (row: GroupRow, sort: string): number => (sort === 'flows' ? row.flows : sort === 'packets' ? row.packets : row.bytes) ?? 0;
const by =
	(sort: string) =>
	(x: GroupRow, y: GroupRow): number =>
		size(y, sort) - size(x, sort) || (x.key < y.key ? -1 : 1);

/** Some rows of a whole answer, and what its words about all rows are then about these. */
function page(all: GroupsAnswer, { sort = 'bytes', limit = 100, after }: GroupQuery): GroupsAnswer {
	const before = Math.min(Number(after ?? 0) || 0, all.rows.length);
	const rows = all.rows.slice(before, before + limit);
	const next = all.rows[before + rows.length];
	return {
		...all,
		...{ before, rows, more: all.rows.length - before - rows.length },
		proven: Math.min(rows.length, Math.max(0, all.proven - before)),
		bound: next ? Math.max(size(next, sort), all.exact ? 0 : all.bound) : all.bound,
	};
}

const sum = (flows: FlowRow[]) => ({
	flows: flows.length,
	packets: flows.reduce((n, f) => n + f.packets_total, 0),
	bytes: flows.reduce((n, f) => n + f.bytes_total, 0),
});

export function heldGroups(s: Snapshot, query: GroupQuery, request: number | null): GroupsAnswer {
	const { filter = '', sort = 'bytes', limit = 100, last } = query;
	const asked = { request, filter, sort, limit };
	if (!filter) {
		const found = s.groups.find((g) => g.by === query.by && (g.last ?? undefined) === last);
		if (!found) throw new Error(`by: this snapshot holds no groups by ${query.by}${last ? ' of the last minute' : ''}`);
		if (sort !== found.sort && found.rows.length !== found.groups)
			throw new Error(`This snapshot holds the largest ${found.rows.length} groups by ${found.sort} only`);
		return page({ ...found, ...asked, type: 'groups', rows: found.rows.slice().sort(by(sort)) }, query);
	}
	const parts = Object.hasOwn(PARTS, query.by) ? PARTS[query.by] : undefined;
	if (last || !parts)
		throw new Error(`This snapshot adds up its flows by ${Object.keys(PARTS).join(', ')} with a filter, and not those of the last minute`);
	const { rows, clock, matched } = s.flows;
	const flows = rows.filter(compile(filter, clock));
	const groups = new Map<string, Sum>();
	const lone: FlowRow[] = [];
	for (const f of flows) {
		const mine = new Map(parts(f).map((part) => [part.key, part]));
		for (const part of mine.values()) add(groups, f, part);
		if (!mine.size) lone.push(f);
	}
	const all = [...groups.values()].map(withTimes).sort(by(sort));
	const answer: GroupsAnswer = {
		...{ ...asked, type: 'groups', by: query.by, clock, last: null, window: null, complete: true, took_ms: 0, bound: 0, before: 0, more: 0 },
		...(matched > rows.length ? { exact: false, of_flows: matched } : { exact: true }),
		held: rows.length,
		ended: 0,
		visited: rows.length,
		matched: flows.length,
		proven: matched > rows.length ? 0 : all.length,
		groups: all.length,
		total: sum(flows),
		without: sum(lone),
		rows: all,
	};
	return page(answer, query);
}

/* --- history: points of one tier, so many of them added up to one -------------------------------- */

const LAST = ['flows'];
const MOST = ['burst_packets', 'burst_bytes'];

function addCells(name: string, x: RangeRow[number], y: RangeRow[number]): RangeRow[number] {
	if (x == null || y == null || LAST.includes(name)) return y ?? (LAST.includes(name) ? null : (x ?? null));
	if (typeof x === 'boolean') return x || !!y;
	if (Array.isArray(x)) return x.concat(y as number[]); // histograms: pairs of a bucket and a count
	return MOST.includes(name) ? Math.max(x, y as number) : x + (y as number);
}

function quantile(pairs: RangeRow[number], q: number, ends: number[]): number | null {
	const count = new Map<number, number>();
	const list = Array.isArray(pairs) ? pairs : [];
	for (let i = 0; i + 1 < list.length; i += 2) count.set(list[i] as number, (count.get(list[i] as number) ?? 0) + (list[i + 1] as number));
	let left = q * [...count.values()].reduce((n, m) => n + m, 0);
	for (const [bucket, n] of [...count].sort((x, y) => x[0] - y[0])) if (n && (left -= n) <= 1e-9) return Math.round((ends[bucket] ?? 0) * 1000) / 1000;
	return null;
}

const first = (range: RangeAnswer): number => (range.points[0]?.[0] as number | undefined) ?? Infinity;

export function heldRange(s: Snapshot, from: number, to: number, points: number, series: string[]): RangeAnswer {
	const whole = s.ranges.at(-1);
	if (!whole) throw new Error('This snapshot holds no history');
	const tier = s.ranges.find((range) => first(range) <= Math.max(from, first(whole))) ?? whole;
	const rows = tier.points.filter((row) => (row[0] as number) >= from && (row[0] as number) < to);
	const [begin, end] = [rows[0]?.[0] as number, rows.at(-1)];
	const length = rows.length ? (end?.[0] as number) + (end?.[1] as number) - begin : 0;
	const step = tier.step * Math.max(1, Math.ceil(length / (tier.step * (points - 1))));
	const cell = (row: RangeRow, name: string): RangeRow[number] => row[tier.columns.indexOf(name)] ?? null;
	const out = new Map<number, RangeRow>();
	const wanted = series.map((name) => /^(rtt|dns)_p(\d+)_ms$/.exec(name)?.[1] ?? name);
	for (const row of rows) {
		const at = step === tier.step ? (row[0] as number) : Math.floor((row[0] as number) / step) * step;
		const had = out.get(at);
		const values = wanted.map((name, i) => (had ? addCells(name, had[i + 2] as RangeRow[number], cell(row, name)) : cell(row, name)));
		out.set(at, [at, ((had?.[1] as number) ?? 0) + (row[1] as number), ...values]);
	}
	for (const row of out.values())
		series.forEach((name, i) => {
			const q = Number(/_p(\d+)_ms$/.exec(name)?.[1] ?? 0) / 100;
			if (q) row[i + 2] = quantile(row[i + 2] as RangeRow[number], q, tier.buckets_ms ?? []);
		});
	return { ...tier, step, tier: tier.step, columns: ['time', 'length', ...series], points: [...out.values()] };
}

/* --- the source -------------------------------------------------------------------------------- */

const NOT_HELD = 'A snapshot does not hold this: it is there on the live page only';
const SECONDS = ['packets', 'bytes', 'drops', 'flows', 'down'];

function bodyOf(s: Snapshot, path: string): unknown {
	const url = new URL(path, 'http://file');
	const get = (name: string): number | undefined => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) : undefined);
	const name = url.pathname.replace('/api/v1/', '');
	if (name === 'flows')
		return heldFlows(s, { filter: url.searchParams.get('filter') ?? '', sort: url.searchParams.get('sort') ?? 'bytes', limit: get('limit') ?? 100 }, null);
	if (name === 'history' && url.searchParams.has('host')) throw new Error(NOT_HELD);
	if (name === 'history' && get('step')) return s.ranges[0]?.step === get('step') ? heldRange(s, 0, Infinity, Infinity, SECONDS) : { points: [] };
	if (name === 'history') return heldRange(s, get('from') ?? 0, get('to') ?? Infinity, get('points') ?? 1000, (url.searchParams.get('series') ?? '').split(','));
	const body = BODY_NAMES.includes(name as BodyName) && (url.searchParams.get('format') ?? 'tree') === 'tree' ? s.bodies[name as BodyName] : undefined;
	if (!body || get('from') || get('to')) throw new Error(NOT_HELD);
	return body;
}

/** `tell` gets the answers to messages, as from the socket. */
export function sourceOf(s: Snapshot, tell: (message: Message) => void): Source {
	const answer = (message: Record<string, unknown> & { type: string }): Message | null => {
		const request = Number(message['request'] ?? 0);
		try {
			if (message.type === 'query_flows') return heldFlows(s, message as FlowQuery, request);
			if (message.type === 'query_groups') return heldGroups(s, message as unknown as GroupQuery, request);
		} catch (error) {
			return { type: 'error', request, message: (error as Error).message };
		}
		if (message.type !== 'get_packet_detail') return null;
		const id = Number(message['id']);
		const why = `This snapshot has the line of packet ${id}, at most: it holds the bytes of ${s.details.length} packets`;
		return s.details.find((d) => d.id === id) ?? { type: 'packet_detail', id, found: false, message: why };
	};
	return {
		async get(path, options) {
			try {
				if (options.method) throw new Error('A snapshot can only be read');
				return new Response(JSON.stringify(bodyOf(s, path)));
			} catch (error) {
				return new Response(JSON.stringify({ error: (error as Error).message }), { status: 404 });
			}
		},
		send(message) {
			const told = answer(message);
			if (told) setTimeout(() => tell(told));
		},
	};
}
