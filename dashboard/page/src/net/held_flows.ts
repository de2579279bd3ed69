// SPDX-License-Identifier: MIT
//
// The filter language and the sort keys of docs/web-api.md over rows that this browser holds.
import type { Endpoint, FlowRow } from './wire';

type Test = (flow: FlowRow) => boolean;

/** An address as binary digits; '' when it is none. */
export function bitsOf(ip: string): string {
	if (!/^[0-9a-f:.]+$/i.test(ip) || ip.split('::').length > 2) return '';
	const four = /^(.*:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(ip);
	const binary = (part: number, width: number): string => part.toString(2).padStart(width, '0');
	const tail = four ? four.slice(2).map((part) => binary(Number(part), 8)).join('') : '';
	if (four && !four[1]) return tail.length === 32 ? tail : '';
	const [head = '', rest] = (four ? (four[1] as string) : ip).split('::', 2);
	const groups = (text = ''): string => text.split(':').filter(Boolean).map((group) => binary(parseInt(group, 16), 16)).join('');
	const [left, right] = [groups(head), groups(rest) + tail];
	const bits = rest === undefined && !tail ? left : left.padEnd(128 - right.length, '0') + right;
	return /^[01]{128}$/.test(bits) && ip.includes(':') ? bits : '';
}

const client = (f: FlowRow): Endpoint | null => (f.client === null ? null : f.client === 'b_to_a' ? f.endpoint_b : f.endpoint_a);
const server = (f: FlowRow): Endpoint | null => (f.client === null ? null : f.client === 'b_to_a' ? f.endpoint_a : f.endpoint_b);
const ENDS: Record<string, (f: FlowRow) => (Endpoint | null)[]> = {
	'': (f) => [f.endpoint_a, f.endpoint_b],
	client: (f) => [client(f)],
	server: (f) => [server(f)],
};

const MS: Record<string, number> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };
const SIZE: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12, ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 };

/** [member of a row, the unit of a number without one as ms; 0: no time, what to multiply the member with for ms] */
const NUMBERS: Record<string, [string, number, number]> = {
	bytes: ['bytes_total', 0, 1],
	packets: ['packets_total', 0, 1],
	bps: ['avg_bps', 0, 1],
	duration: ['duration_secs', 1000, 1000],
	rtt: ['rtt_ewma_ms', 1, 1],
	rtt_min: ['rtt_min_ms', 1, 1],
	rtt_last: ['rtt_last_ms', 1, 1],
	rtt_handshake: ['rtt_handshake_ms', 1, 1],
	...Object.fromEntries(
		'bytes_a_to_b bytes_b_to_a packets_a_to_b packets_b_to_a retransmissions out_of_order lost_segments zero_windows fragments fragment_bytes dscp_a_to_b dscp_b_to_a'
			.split(' ')
			.map((name) => [name, [name, 0, 1]]),
	),
	ttl_a_to_b: ['ttl_min_a_to_b', 0, 1],
	ttl_b_to_a: ['ttl_min_b_to_a', 0, 1],
};
const OTHER: Record<string, string> = { retrans: 'retransmissions', ooo: 'out_of_order', lost: 'lost_segments', proto: 'protocol', state: 'tcp_state' };

function numberOf(text: string, unit: number): number {
	const found = /^(\d+\.?\d*)([a-z]*)$/i.exec(text);
	const word = (found?.[2] ?? '').toLowerCase();
	const factor = !word ? unit || 1 : unit ? MS[word] : SIZE[word.replace(/(b|bps)$/, '')] ?? (/^(b|bps)$/.test(word) ? 1 : undefined);
	if (!found || factor === undefined) throw new Error(`'${text}' is no number here`);
	return Number(found[1]) * factor;
}

const wild = (want: string): RegExp => new RegExp(`^${want.split('*').map((part) => part.replace(/[^\w]/g, '\\$&')).join('.*')}$`, 'i');

/** A name, or one below it; with * the whole name must fit. */
function named(want: string): (name: string | null) => boolean {
	const whole = wild(want);
	const below = want.includes('*') ? null : wild(`*.${want}`);
	return (name) => !!name && (whole.test(name) || !!below?.test(name));
}

const TEXTS: Record<string, (value: string) => Test> = {
	app: (v) => (f) => !!f.app && wild(v).test(f.app),
	app_source: (v) => (f) => f.app_source === v,
	name: (v) => ((is) => (f) => is(f.name))(named(v)),
	sni: (v) => ((is) => (f) => f.ja4 !== null && is(f.name))(named(v)),
	alpn: (v) => (f) => (f.alpn ?? '').split(';').some((one) => one && wild(v).test(one)),
	ja4: (v) => (f) => !!f.ja4 && wild(v).test(f.ja4),
	proto: (v) => (f) => f.protocol === v.toLowerCase(),
	state: (v) => (f) => f.tcp_state === v.toLowerCase(),
	ended: (v) => (f) => (f.end_reason !== 'active') === (v === 'yes'),
	ip: (v) => (f) => f.endpoint_a.ip.includes(':') === (v === '6'),
	vlan: (v) => (f) => (f.vlan ?? '').split('.')[0] === v,
	interface: (v) => (f) => f.interface === v,
	country: (v) => (f) => [f.country_a, f.country_b].includes(v.toUpperCase()),
	asn: (v) => (f) => [f.asn_a, f.asn_b].includes(Number(v)),
};

function host(ends: (f: FlowRow) => (Endpoint | null)[], value: string): Test {
	const [ip = '', length] = value.split('/');
	const bits = bitsOf(ip);
	if (!bits) throw new Error(`'${value}' is no address and no network`);
	const prefix = bits.slice(0, length === undefined ? bits.length : Number(length));
	return (f) =>
		ends(f).some((end) => {
			const own = end ? bitsOf(end.ip) : '';
			return own.length === bits.length && own.startsWith(prefix);
		});
}

type Compare = (value: number) => boolean;

function compare(op: string, text: string, unit: number): Compare {
	const [low, high] = text.split('-', 2).map((part) => numberOf(part, unit)) as [number, number?];
	if (op === '<') return (n) => n < low;
	if (op === '<=') return (n) => n <= low;
	if (op === '>') return (n) => n > low;
	if (op === '>=') return (n) => n >= low;
	return (n) => n >= low && n <= (high ?? low);
}

const own = <T>(table: Record<string, T>, name: string): T | undefined => (Object.hasOwn(table, name) ? table[name] : undefined);
const notNull = (value: unknown): value is number => typeof value === 'number';

function valueTest(name: string, op: string, value: string, clock: number): (f: FlowRow) => boolean | null {
	const [, side = '', what] = /^(?:(client|server)_?)?(host|port)?$/.exec(name === 'client' || name === 'server' ? `${name}_host` : name) ?? [];
	if (what) {
		const ends = ENDS[side] as (f: FlowRow) => (Endpoint | null)[];
		const is = what === 'port' ? compare(op, value, 0) : null;
		const test: Test = is ? (f) => ends(f).some((end) => end !== null && is(end.port)) : host(ends, value);
		return (f) => (ends(f)[0] === null ? null : test(f));
	}
	if (name === 'age' || name === 'idle') {
		const is = compare(op, value, 1000);
		return (f) => is(1000 * (clock - (name === 'age' ? f.first_seen : f.last_seen)));
	}
	const number = own(NUMBERS, own(OTHER, name) ?? name);
	if (number) {
		const [member, unit, factor] = number;
		const is = compare(op, value, unit);
		return (f) => {
			const value = f[member as keyof FlowRow];
			return notNull(value) ? is(value * factor) : null;
		};
	}
	const text = own(TEXTS, name);
	if (!text) throw new Error(`A snapshot does not answer '${name}'`);
	return text(value);
}

const isHost = (text: string): boolean => bitsOf(text.split('/')[0] as string) !== '';

function bare(value: string): string {
	if (/^(tcp|udp|sctp)$/i.test(value)) return 'proto';
	if (/^(unknown|syn_sent|syn_ack|established|fin_wait|closed|reset)$/i.test(value)) return 'state';
	if (/^\d+(-\d+)?$/.test(value)) return 'port';
	if (isHost(value)) return 'host';
	if (!/^[\w.*-]+$/.test(value)) throw new Error(`'${value}' is no term of a filter`);
	return /[.*]/.test(value) ? 'name' : 'app';
}

function term(text: string, clock: number): Test {
	const not = text.startsWith('!');
	const body = not ? text.slice(1) : text;
	const found = isHost(body) ? null : /^([a-z_0-9]+)(!=|<=|>=|[:=<>])(.+)$/i.exec(body);
	const [, name = bare(body), op = ':', value = body] = found ?? [];
	const tests = value.split(',').map((one) => valueTest(name.toLowerCase(), op, one, clock));
	return (f) => {
		const all = tests.map((test) => test(f));
		const known = !all.includes(null);
		return (known && all.includes(true) !== (op === '!=')) !== not;
	};
}

/** Throws one sentence for what it cannot answer. */
export function compile(filter: string, clock: number): Test {
	const tests = filter.split(/\s+/).filter(Boolean).map((text) => term(text, clock));
	return (flow) => tests.every((test) => test(flow));
}

/** An address and a port as a text that sorts as the exports do: IPv4 as a part of IPv6. */
const endText = (end: Endpoint | null): string | null =>
	end && bitsOf(end.ip).padStart(48, '1').padStart(128, '0') + String(end.port).padStart(5, '0');
const PROTOCOLS = ['tcp', 'udp', 'sctp'];
const exported = (x: FlowRow, y: FlowRow): number =>
	x.first_seen - y.first_seen ||
	PROTOCOLS.indexOf(x.protocol) - PROTOCOLS.indexOf(y.protocol) ||
	((endText(x.endpoint_a) as string) + endText(x.endpoint_b) < (endText(y.endpoint_a) as string) + endText(y.endpoint_b) ? -1 : 1);
const KEYS: Record<string, (f: FlowRow) => unknown> = {
	a: (f) => endText(f.endpoint_a),
	b: (f) => endText(f.endpoint_b),
	client: (f) => endText(client(f)),
	server: (f) => endText(server(f)),
	port_a: (f) => f.endpoint_a.port,
	port_b: (f) => f.endpoint_b.port,
};

export function sorter(sort: string, order: string): (x: FlowRow, y: FlowRow) => number {
	const member = (own(NUMBERS, sort)?.[0] ?? own(OTHER, sort) ?? sort) as keyof FlowRow;
	const key = own(KEYS, sort) ?? ((f: FlowRow): unknown => f[member] ?? null);
	const sign = order === 'asc' ? 1 : -1;
	return (x, y) => {
		const [p, q] = [key(x) as number | null, key(y) as number | null];
		if (p === q) return exported(x, y);
		if (p === null || q === null) return p === null ? 1 : -1;
		return p < q ? -sign : sign;
	};
}
