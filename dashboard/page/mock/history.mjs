// SPDX-License-Identifier: MIT
// The mock's memory: any range of time in tiers, what happened when, and DNS. Before the engine's own seconds a made-up past of
// `options.past` seconds goes on with the same daily wave; what a point holds depends on its time alone.
import { generator } from './random.mjs';

const TIERS = [
	[1, 960],
	[10, 1080],
	[60, 2880],
	[600, 4464],
];
export const BUCKETS_MS = Array.from({ length: 84 }, (_, i) => Number((0.008 * 2 ** (i / 4)).toPrecision(4)));
const MOST_POINTS = 5000;

/** What an operator's network does in `length` seconds from `time` on. */
function pastSecond(time, length) {
	const r = generator(time * 31 + length);
	const wave = 1 + 0.5 * Math.sin((time / 86_400) * 2 * Math.PI) + 0.15 * r.next();
	return [Math.round(400_000 * wave * length), Math.round(3e8 * wave * length), r.next() < 0.004 ? r.int(900) : 0, 800, false];
}

/** A bell of round trips around `middle` ms, as counts by bucket. */
function bell(r, middle, samples) {
	const counts = new Map();
	const center = Math.log2(middle / 0.008) * 4;
	for (let b = -8; b <= 12; b++) {
		const count = Math.round(samples * Math.exp(-(b * b) / (b < 0 ? 10 : 24)) * (0.7 + 0.6 * r.next()));
		if (count) counts.set(Math.max(0, Math.min(BUCKETS_MS.length - 1, Math.round(center + b))), count);
	}
	return counts;
}

function percentile(counts, q) {
	const all = [...counts.values()].reduce((a, b) => a + b, 0);
	let seen = 0;
	for (const [bucket, count] of [...counts].sort((a, b) => a[0] - b[0])) {
		seen += count;
		if (seen >= q * all) return BUCKETS_MS[bucket];
	}
	return null;
}

/** All series of one point whose packets, bytes, drops, flows and link are known. */
function seriesOf(time, length, [packets, bytes, drops, flows, down]) {
	const r = generator(Math.round(time) * 17 + 3);
	const n = (rate) => Math.round(packets * rate * (0.5 + r.next()));
	const rtt = packets ? bell(r, 8 + 6 * Math.sin(time / 200) + (r.next() < 0.02 ? 60 : 0), packets / 60) : new Map();
	const dns = packets ? bell(r, 3 + 2 * Math.sin(time / 90), packets / 900) : new Map();
	const gaps = n(0.0008);
	const queries = n(0.004);
	return {
		packets, bytes, drops, flows, down,
		new_flows: n(0.01),
		retransmissions: n(0.002), out_of_order: n(0.0006), gaps, gaps_filled: Math.min(gaps, n(0.0005)),
		zero_windows: n(0.00015), opened: n(0.006), established: n(0.0055), refused: n(0.0003), unanswered: n(0.0002), resets: n(0.0007),
		rtt_samples: [...rtt.values()].reduce((a, b) => a + b, 0),
		rtt_p50_ms: percentile(rtt, 0.5), rtt_p95_ms: percentile(rtt, 0.95), rtt_p99_ms: percentile(rtt, 0.99), rtt: [...rtt].flat(),
		burst_packets: Math.round((packets / length / 1000) * (4 + 9 * r.next())), burst_bytes: Math.round((bytes / length / 1000) * (4 + 9 * r.next())),
		dns_queries: queries, dns_answers: Math.round(queries * 0.98), dns_nxdomain: n(0.0002), dns_failures: n(0.00003), dns_unanswered: n(0.00005),
		dns_p50_ms: percentile(dns, 0.5), dns_p95_ms: percentile(dns, 0.95), dns_p99_ms: percentile(dns, 0.99), dns: [...dns].flat(),
	};
}
export const SERIES = Object.keys(seriesOf(0, 1, [1, 1, 0, 1, false]));

/** [time, packets, ...] of each step between two times, the made-up past and the engine's seconds added up. */
function steps(mock, from, to, step) {
	const { engine, options } = mock;
	const first = engine.points[0]?.[0] ?? engine.clock;
	const groups = new Map();
	const add = (time, length, [packets, bytes, drops, flows, down]) => {
		const at = Math.floor(time / step) * step;
		const g = groups.get(at) ?? [at, 0, 0, 0, 0, 0, false];
		groups.set(at, [at, g[1] + length, g[2] + packets, g[3] + bytes, g[4] + (drops ?? 0), flows, g[6] || !!down]);
	};
	const start = Math.max(from, first - (options.past ?? 0));
	for (let at = Math.ceil(start / step) * step; at < Math.min(first, to); at += step) {
		const length = Math.min(step, first - at);
		add(at, length, pastSecond(at, length));
	}
	for (const [time, length, ...values] of engine.points) if (time >= from && time < to) add(time, length, values);
	return [...groups.values()];
}

/** The body of /api/v1/history with `from`, `to`, `points`, `series`, or an error. */
export function rangeAnswer(mock, url) {
	const number = (name, otherwise) => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) : otherwise);
	const { engine, options } = mock;
	const first = (engine.points[0]?.[0] ?? engine.clock) - (options.past ?? 0);
	const from = Math.max(number('from', first), first);
	const to = Math.min(number('to', engine.clock), engine.clock);
	const points = number('points', 1000);
	const names = (url.searchParams.get('series') ?? 'packets,bytes,drops,flows,down').split(',');
	const unknown = names.find((name) => !SERIES.includes(name));
	if (unknown) return { error: `series: there is no ${unknown}` };
	if (!(points >= 1 && points <= MOST_POINTS) || number('from', 0) >= number('to', Infinity)) return { error: 'from: not before to' };
	const [tier] = TIERS.find(([step, room]) => from >= engine.clock - step * room) ?? TIERS[3];
	const step = tier * Math.max(1, Math.ceil((to - from) / (tier * Math.max(1, points - 1))));
	const rows = steps(mock, from, to, step).map(([time, length, ...values]) => {
		const all = seriesOf(time, length, values);
		return [time, length, ...names.map((name) => all[name])];
	});
	return {
		step,
		tier,
		boot_id: mock.boot,
		complete: engine.points.length ? Math.floor(engine.clock / step) * step : null,
		columns: ['time', 'length', ...names],
		...(names.some((name) => name === 'rtt' || name === 'dns') ? { buckets_ms: BUCKETS_MS } : {}),
		points: rows,
	};
}

/** The body of /api/v1/events. */
export function eventsAnswer(mock, url) {
	const number = (name, otherwise) => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) : otherwise);
	const all = mock.engine.events;
	const found = all.filter((e) => e.id > number('after', 0) && e.time >= number('from', 0) && e.time < number('to', Infinity));
	return { total: all.length, oldest: all[0]?.id ?? 1, events: found.slice(-number('limit', 4096)) };
}

const row = (queries, unanswered, answers, ms) => ({
	queries,
	repeated: Math.round(queries / 90),
	answered: queries - unanswered - Math.round(queries / 90),
	unanswered,
	answers,
	latency_ns: { samples: queries, p50: ms * 1e6, p95: ms * 4e6, p99: ms * 9e6, max: ms * 60e6 },
});

/** The body of /api/v1/dns; a hostile name is among the names. */
export function dnsAnswer(mock) {
	if (mock.options.dns === false) return { clock: mock.engine.clock, dns: null };
	const n = Math.round(mock.engine.totals.worker_packets / 250);
	return {
		clock: mock.engine.clock,
		dns: {
			...row(n, Math.round(n / 300), { noerror: Math.round(n * 0.93), nxdomain: Math.round(n * 0.05), servfail: Math.round(n * 0.01) }, 2.9),
			answers_captured: true,
			servers_known: 2,
			servers: [
				{ server: '192.0.2.53', ...row(Math.round(n * 0.8), 3, { noerror: Math.round(n * 0.76) }, 2.1) },
				{ server: '2001:db8:ff::53', ...row(Math.round(n * 0.2), Math.round(n / 300), { noerror: Math.round(n * 0.17), servfail: Math.round(n * 0.01) }, 31) },
			],
			names_known: 4,
			names:
				mock.options.names === 'apps'
					? null
					: ['www.example.org', 'api.internal.example', '<img src=x onerror=alert(1)>.example', `${'label-of-some-length.'.repeat(9)}example.net`].map((name, i) => ({
							name,
							...row(Math.round(n / (3 + i)), i, i === 2 ? { nxdomain: Math.round(n / 5) } : { noerror: Math.round(n / (3 + i)) }, 2 + i * 7),
						})),
		},
	};
}
