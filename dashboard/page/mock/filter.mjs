// SPDX-License-Identifier: MIT
// Enough of the filter language for the mock: host, port, proto, state, bytes, packets, rtt, what flows say, bare values, "!".

const UNITS = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000, m: 60000, h: 3600000 };
const SIZES = { k: 1e3, m: 1e6, g: 1e9, t: 1e12, '': 1 };

function number(text, duration) {
	const found = /^([0-9.]+)([a-z]*)$/i.exec(text);
	if (!found) throw new Error(`"${text}" is no number`);
	const unit = found[2].toLowerCase();
	const factor = duration ? (UNITS[unit || 'ms'] ?? NaN) : (SIZES[unit.replace(/b$/, '')] ?? NaN);
	if (Number.isNaN(factor)) throw new Error(`"${text}": "${found[2]}" is no unit here`);
	return Number(found[1]) * factor;
}

const toInt = (ip) => ip.split('.').reduce((n, part) => n * 256 + Number(part), 0);

function inNetwork(ip, text) {
	const [network, bits] = text.split('/');
	if (bits === undefined || ip.includes(':') || network.includes(':')) return ip === network;
	const size = 2 ** (32 - Number(bits));
	return Math.floor(toInt(ip) / size) === Math.floor(toInt(network) / size);
}

const ends = (f) => [f.endpoint_a, f.endpoint_b];
const portIn = (port, value) => {
	const [from, to] = value.split('-').map(Number);
	return to === undefined ? port === from : port >= from && port <= to;
};
const pattern = (text, want) =>
	new RegExp(
		`^${want
			.split('*')
			.map((part) => part.replace(/[^\w]/g, '\\$&'))
			.join('.*')}$`,
		'i',
	).test(text);
const named = (text, want) =>
	text !== null && (pattern(text, want) || text.toLowerCase().endsWith(`.${want.toLowerCase()}`));
const FIELDS = {
	app: (f, v) => f.app !== null && pattern(f.app, v),
	app_source: (f, v) => f.app_source === v,
	name: (f, v) => named(f.name, v),
	sni: (f, v) => f.ja4 !== null && named(f.name, v),
	alpn: (f, v) => (f.alpn ?? '').split(';').some((part) => part && pattern(part, v)),
	ja4: (f, v) => f.ja4 !== null && pattern(f.ja4, v),
	host: (f, v) => ends(f).some((e) => inNetwork(e.ip, v)),
	server: (f, v) => f.client !== null && inNetwork((f.client === 'a_to_b' ? f.endpoint_b : f.endpoint_a).ip, v),
	client: (f, v) => f.client !== null && inNetwork((f.client === 'a_to_b' ? f.endpoint_a : f.endpoint_b).ip, v),
	server_port: (f, v) => f.client !== null && portIn((f.client === 'a_to_b' ? f.endpoint_b : f.endpoint_a).port, v),
	port: (f, v) => ends(f).some((e) => portIn(e.port, v)),
	country: (f, v) => [f.country_a, f.country_b].includes(v.toUpperCase()),
	asn: (f, v) => [f.asn_a, f.asn_b].includes(Number(v)),
	interface: (f, v) => f.interface !== null && pattern(f.interface, v),
	vlan: (f, v) => f.vlan !== null && f.vlan.split('.')[0] === v,
	ended: (f, v) => (f.end_reason !== 'active') === (v === 'yes'),
	proto: (f, v) => f.protocol === v.toLowerCase(),
	state: (f, v) => f.tcp_state === v.toLowerCase(),
};
let clock = 0;
const NUMBERS = {
	age: (f) => 1000 * (clock - f.first_seen), // ms, as durations are read
	idle: (f) => 1000 * (clock - f.last_seen),
	bytes: (f) => f.bytes_total,
	packets: (f) => f.packets_total,
	rtt: (f) => f.rtt_ewma_ms,
	bps: (f) => f.avg_bps,
	retrans: (f) => f.retransmissions,
};
const STATES = ['unknown', 'syn_sent', 'syn_ack', 'established', 'fin_wait', 'closed', 'reset'];

function bare(value) {
	if (['tcp', 'udp', 'sctp'].includes(value)) return (f) => FIELDS.proto(f, value);
	if (STATES.includes(value)) return (f) => FIELDS.state(f, value);
	if (/^\d+$/.test(value)) return (f) => FIELDS.port(f, value);
	if (/^[0-9a-f.:/]+$/i.test(value)) return (f) => FIELDS.host(f, value);
	throw new Error(`"${value}" is no protocol, state, address or port`);
}

function term(text) {
	const turned = text.startsWith('!');
	const body = turned ? text.slice(1) : text;
	const found = /^([a-z_0-9]+)(!=|<=|>=|[:=<>])(.+)$/i.exec(body);
	if (!found) {
		const test = bare(body.toLowerCase());
		return turned ? (f) => !test(f) : test;
	}
	const [, name, op, value] = found;
	let test;
	if (NUMBERS[name]) {
		const limit = number(value, ['rtt', 'age', 'idle'].includes(name));
		const compare = {
			'<': (x) => x < limit,
			'<=': (x) => x <= limit,
			'>': (x) => x > limit,
			'>=': (x) => x >= limit,
			':': (x) => x === limit,
			'=': (x) => x === limit,
			'!=': (x) => x !== limit,
		}[op];
		test = (f) => NUMBERS[name](f) !== null && compare(NUMBERS[name](f));
	} else if (FIELDS[name]) {
		const values = value.split(',');
		test = (f) => values.some((v) => FIELDS[name](f, v)) !== (op === '!=');
	} else
		throw new Error(
			`there is no field "${name}"; the nearest is "${Object.keys({ ...FIELDS, ...NUMBERS }).find((n) => n[0] === name[0]) ?? 'host'}"`,
		);
	return turned ? (f) => !test(f) : test;
}

export function compile(filter, now = 0) {
	clock = now;
	const tests = filter.split(/\s+/).filter(Boolean).map(term);
	return (flow) => tests.every((test) => test(flow));
}

const KEYS = {
	bytes: (f) => f.bytes_total,
	packets: (f) => f.packets_total,
	bps: (f) => f.avg_bps,
	tick_bytes: (f) => f.rate,
	protocol: (f) => f.protocol,
	state: (f) => f.tcp_state,
	client: (f) => f.client && (f.client === 'a_to_b' ? f.endpoint_a : f.endpoint_b).ip,
	app: (f) => f.app,
	name: (f) => f.name,
	ja4: (f) => f.ja4,
	first_seen: (f) => f.first_seen,
	last_seen: (f) => f.last_seen,
	duration: (f) => f.duration_secs,
	rtt: (f) => f.rtt_ewma_ms,
	retransmissions: (f) => f.retransmissions,
	lost_segments: (f) => f.lost_segments,
};

export function sorter(sort, order) {
	const key = KEYS[sort];
	if (!key) throw new Error(`there is no sort key "${sort}"`);
	const sign = order === 'asc' ? 1 : -1;
	return (x, y) => {
		const a = key(x);
		const b = key(y);
		if (a === b) return x.key < y.key ? -1 : 1;
		if (a === null) return 1;
		if (b === null) return -1;
		return a < b ? -sign : sign;
	};
}
