// SPDX-License-Identifier: MIT
// Flows added up by what they have in common, as docs/web-api.md says, over all flows of the mock.
import { compile } from './filter.mjs';

const network = (ip) => (ip.includes(':') ? `${ip.split(':').slice(0, 4).join(':').replace(/::.*$/, '')}::/64` : ip.replace(/\d+$/, '0/24'));
const serverPort = (f) => (f.client === 'b_to_a' ? f.endpoint_a : f.endpoint_b).port;
const server = (f) => (f.client === 'b_to_a' ? 'a' : 'b');
const ends = (of) => (f) => ['a', 'b'].map((side) => [of(f, side), side]);
const once = (of, side) => (f) => [[of(f), side?.(f) ?? null]];
const text = (field, value) => (/[\s,]/.test(value) ? null : `${field}:${value}`);

// Which keys a flow has, each with the end that "sent" is told of; the term that finds it.
const KINDS = {
	host: [ends((f, s) => f[`endpoint_${s}`].ip), (key) => `host:${key}`],
	net24: [ends((f, s) => network(f[`endpoint_${s}`].ip)), (key) => `host:${key}`],
	country: [ends((f, s) => f[`country_${s}`]), (key) => `country:${key}`],
	asn: [ends((f, s) => f[`asn_${s}`]), (key) => `asn:${key}`],
	pair: [
		(f) => {
			const [a, b] = [f.endpoint_a.ip, f.endpoint_b.ip];
			return [a < b ? [`${a} ${b}`, 'a'] : [`${b} ${a}`, 'b']];
		},
		(key) => key.split(' ').map((ip) => `host:${ip}`).join(' '),
	],
	port: [once(serverPort, server), (key) => `port:${key}`],
	service: [once((f) => `${f.protocol}/${serverPort(f)}`, server), (key) => `proto:${key.split('/')[0]} port:${key.split('/')[1]}`],
	app: [once((f) => f.app, server), (key) => text('app', key)],
	name: [once((f) => f.name, server), (key) => text('name', key)],
	protocol: [once((f) => f.protocol), (key) => `proto:${key}`],
	vlan: [once((f) => f.vlan?.split('.')[0] ?? null), (key) => `vlan:${key}`],
	interface: [once((f) => f.interface), (key) => text('interface', key)],
};
export const GROUPS = Object.keys(KINDS);

const sum = (a, b) => (b === null ? a : (a ?? 0) + b);
const least = (a, b) => (b === null ? a : a === null ? b : Math.min(a, b));

function add(group, f, side, bytes) {
	const [sent, received] = side === 'b' ? [bytes[1], bytes[0]] : bytes;
	group.flows++;
	group.bytes += sent + received;
	if (side) {
		group.bytes_sent += sent;
		group.bytes_received += received;
	}
	group.packets += f.packets_total;
	if (side) {
		const packets = [f.packets_a_to_b, f.packets_b_to_a];
		group.packets_sent += packets[side === 'b' ? 1 : 0];
		group.packets_received += packets[side === 'b' ? 0 : 1];
	}
	for (const name of ['retransmissions', 'out_of_order', 'lost_segments', 'zero_windows']) group[name] = sum(group[name], f[name]);
	group.rtt_min_ms = least(group.rtt_min_ms, f.rtt_min_ms);
	if (f.rtt_ewma_ms !== null) group.rtts.push(f.rtt_ewma_ms);
	group.first_seen = Math.min(group.first_seen, f.first_seen);
	group.last_seen = Math.max(group.last_seen, f.last_seen);
}

function empty(key, term, side) {
	const zero = side ? 0 : null;
	return {
		key: String(key), term, flows: 0, packets: 0, bytes: 0,
		bytes_sent: zero, bytes_received: zero, packets_sent: zero, packets_received: zero,
		retransmissions: null, out_of_order: null, lost_segments: null, zero_windows: null,
		rtt_min_ms: null, rtt_p50_ms: null, rtt_mean_ms: null, first_seen: Infinity, last_seen: 0,
		country: null, asn: null, as_org: null, service: null, rtts: [],
	};
}

/** The end of the quarter of a power of two in which the median is. */
function median(times) {
	if (times.length === 0) return null;
	const middle = times.sort((a, b) => a - b)[(times.length - 1) >> 1] * 1e6;
	const quarter = 2 ** Math.floor(Math.log2(Math.max(1, middle))) / 4;
	return (Math.floor(middle / quarter) + 1) * quarter / 1e6;
}

const finished = ({ rtts, ...group }) => ({
	...group,
	rtt_p50_ms: median(rtts),
	rtt_mean_ms: rtts.length ? rtts.reduce((a, b) => a + b, 0) / rtts.length : null,
});

function about(group, by, f, side) {
	if (by === 'host') for (const name of ['country', 'asn', 'as_org']) group[name] = f[`${name}_${side}`];
	if (by === 'asn') group.as_org = f[`as_org_${side}`];
	if (by === 'service') group.service = f.service;
}

/** `options.room`: groups that there is room for; above it the answer is not exact. */
export function groupsAnswer(engine, { by, filter = '', sort = 'bytes', limit = 100, after = '0', last = null }, options = {}) {
	const kind = KINDS[by];
	if (!kind) throw new Error(`by is "${by}", it has to be one of ${GROUPS.join(', ')}`);
	const started = performance.now();
	const matched = engine.flows.filter(compile(filter));
	const groups = new Map();
	const total = { flows: 0, packets: last ? null : 0, bytes: 0 };
	const without = { ...total };
	for (const f of matched) {
		const before = last ? (f.before ?? f.mark ?? [f.bytes_a_to_b, f.bytes_b_to_a]) : [0, 0];
		const bytes = [f.bytes_a_to_b - before[0], f.bytes_b_to_a - before[1]];
		if (last && bytes[0] + bytes[1] === 0) continue;
		const keys = kind[0](f).filter(([key], i, all) => key !== null && all.findIndex(([k]) => k === key) === i);
		for (const into of keys.length ? [total] : [total, without]) {
			into.flows++;
			into.bytes += bytes[0] + bytes[1];
			if (!last) into.packets += f.packets_total;
		}
		for (const [key, side] of keys) {
			if (!groups.has(key)) groups.set(key, empty(key, kind[1](key), side));
			add(groups.get(key), f, side, bytes);
			about(groups.get(key), by, f, side);
		}
	}
	const all = [...groups.values()].sort((x, y) => y[sort] - x[sort] || (x.key < y.key ? -1 : 1));
	const room = options.room ?? 16384;
	const held = Math.min(all.length, room);
	const before = Math.min(Number(after), held);
	const end = Math.min(before + limit, held);
	const rows = all.slice(before, end).map((g) => (last ? { ...finished(g), ...NOT_OF_A_MINUTE } : finished(g)));
	const bound = all.length > room ? Math.round((all[room]?.[sort] ?? 0) * 1.2) : (all[end]?.[sort] ?? 0);
	const proven = all.length > room ? rows.filter((g) => g[sort] > bound).length : rows.length;
	return {
		by, filter, sort, limit, last, clock: engine.clock,
		window: last ? { from: Math.floor(engine.clock / 30 - 1) * 30, to: engine.clock } : null,
		held: engine.flows.length, ended: 0, visited: engine.flows.length, matched: matched.length, complete: true,
		took_ms: performance.now() - started,
		exact: proven === rows.length, proven, bound, groups: all.length > room ? null : all.length,
		before, next: end < held ? String(end) : null, more: held - end,
		total, without, rows,
	};
}

const NOT_OF_A_MINUTE = {
	packets: null, packets_sent: null, packets_received: null, retransmissions: null, out_of_order: null,
	lost_segments: null, zero_windows: null, rtt_min_ms: null, rtt_p50_ms: null, rtt_mean_ms: null,
};
