// SPDX-License-Identifier: MIT
// The REST side of the mock.
import { STAGES } from './engine.mjs';
import { dnsAnswer, eventsAnswer, rangeAnswer } from './history.mjs';
import { episodesAnswer } from './episodes.mjs';
import { groupsAnswer } from './groups.mjs';
import { PEERS } from './peers.mjs';
import { timelineText } from './timeline.mjs';

const CONFIG = {
	capture: {
		interface: 'eth0',
		promiscuous: true,
		snaplen: 65535,
		timeout_ms: 100,
		filter: '',
		backend: 'tpacket',
		buffer_size_mb: 64,
	},
	run: { count: 0 },
	output: { quiet: true, hex_dump: false, write_pcap: '', export_json: '' },
	flow: { timeout_secs: 60, max_flows: 100000 },
	stats: { enabled: false, interval_ms: 1000, top_flows: 0 },
	analysis: {
		rtt: true,
		retrans: true,
		out_of_order: true,
		anomalies: { enabled: true, syn_flood: { enabled: true, window_secs: 5, syn_threshold: 200 } },
	},
	pipeline: { enabled: true, workers: 4, cores: '0-3', poll: 'adaptive' },
	web: {
		enabled: true,
		bind: '127.0.0.1',
		port: 8080,
		tick_ms: 1000,
		top_n: 10,
		packet_buffer: 2000,
		sample_rate: 1,
		payload_bytes: 256,
		tls: { enabled: false },
		auth: { enabled: false },
	},
};
const DOCTOR = [
	{ level: 'ok', what: 'CAP_NET_RAW', found: 'held' },
	{
		level: 'warn',
		what: 'Receive ring of eth0',
		found: '256 of 4096 descriptors',
		advice: 'ethtool -G eth0 rx 4096',
	},
	{ level: 'note', what: 'CPU frequency governor', found: 'schedutil', advice: 'performance keeps latency even' },
];

/** The body for a path, null when there is none. */
// A bell of buckets from `first` ns on, and one slow one.
const histogram = (first) =>
	Array.from({ length: 60 }, (_, b) => [
		Math.round(first * 1.11 ** b),
		Math.round(1e7 * Math.exp(-((b - 18) ** 2) / 60)) + (b < 57 ? 0 : 1),
	]).filter((x) => x[1]);

// Processor time since the start of the mock: a worker half a core, a fifth of that in the kernel.
const threadsOf = (workers) =>
	['control', ...Array.from({ length: workers }, (_, i) => `nsc-worker-${i}`), 'nsc-capture', 'nsc-publisher', 'nsc-web'].map((name, i) => {
		const ran = (performance.now() / 1000) * (name.startsWith('nsc-worker') ? 0.3 + 0.1 * i : 0.05 * (i + 1));
		return { name, tid: 4242 + i, core: i % 4, user_secs: ran * 0.8, system_secs: ran * 0.2 };
	});

/** A status and a body. */
export function restAnswer(mock, url) {
	const body = restBody(mock, url);
	return [body === null ? 404 : body.error ? (body.status ?? 400) : 200, body];
}

function restBody(mock, url) {
	const e = mock.engine;
	const number = (name, otherwise) => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) : otherwise);
	const after = number('after', -1);
	const none = mock.state === 'starting' || mock.state === 'failed';
	switch (url.pathname) {
		case '/api/v1/flows':
			return mock.query({
				...Object.fromEntries(url.searchParams),
				limit: number('limit', 100),
			});
		case '/api/v1/groups':
			return groupsAnswer(e, { by: url.searchParams.get('by'), limit: number('limit', 100), last: number('last', null) }, mock.options);
		case '/api/v1/episodes':
			return episodesAnswer(mock);
		case '/api/v1/events':
			return eventsAnswer(mock, url);
		case '/api/v1/dns':
			return dnsAnswer(mock);
		case '/api/v1/history':
			if (!url.searchParams.has('step')) return none ? { step: 1, tier: 1, complete: null, columns: ['time', 'length'], points: [] } : rangeAnswer(mock, url);
			return {
				step: number('step', 1),
				boot_id: mock.boot,
				columns: ['time', 'length', 'packets', 'bytes', 'drops', 'flows'],
				points: none ? [] : history(mock.engine, number('step', 1)).filter((p) => p[0] > after),
			};
		case '/api/v1/packets':
			return {
				oldest: 1,
				newest: e.seen,
				seen: e.seen,
				packets:
					mock.options.sample_rate === 0
						? []
						: e.packets
								.map((p) => p.row)
								.filter((p) => p.id > after)
								.slice(-number('limit', 1000)),
			};
		case '/api/v1/alerts':
			return { total: e.alerts.length, oldest: 1, alerts: e.alerts.filter((a) => a.id > after) };
		case '/api/v1/config':
			return {
				version: '0.3.0',
				config: CONFIG,
				doctor: mock.options.doctor === undefined ? DOCTOR : mock.options.doctor,
				memory: {
					budget: {
						packets_bytes: 8 << 20,
						flow_table_bytes: 72 << 20,
						lanes_bytes: 12 << 20,
						web_bytes: 9 << 20,
					},
					arenas: [0, 1, 2, 3].map((i) => ({
						name: `worker ${i}`,
						allocated: (18 + i) << 20,
						resident: (22 + i) << 20,
					})),
					rss: 141 << 20,
				},
				started: e.started,
				pid: 4242,
			};
		case '/api/v1/cores':
			return {
				tsc_hz: 2.4e9,
				stages: STAGES,
				imbalance: 1.2,
				workers: e.cores().map((c, index) => ({
					index,
					core: index,
					packets: 1e6,
					...c,
					histogram: histogram(180),
					age_ns: { histogram: histogram(80e3) },
					queue_ns: { histogram: histogram(500) },
				})),
				threads_ms: Math.round(performance.now()),
				threads: threadsOf(e.workers),
				capture: { load: 0.31, pps: 4e5, cycles_per_packet: [20.4, 18.2, 0, 9.1, null, null, null], waited_per_packet: 3.2 },
			};
		case '/api/v1/peers':
			return mock.options.peers
				? { each_ms: 2000, answer_ms: 2000, peers: PEERS }
				: { error: 'no other sensors are known here: --web-peers' };
		case '/api/v1/timeline':
			if (mock.options.timeline === false)
				return { status: 404, error: 'no timeline is kept: --no-timeline, or the run has not begun' };
			return timelineText({ ...mock.options.timeline, number: mock.dumps++ });
		case '/api/v1/packets.pcapng':
			return '';
		default:
			if (url.pathname.startsWith('/api/v1/packets/')) return mock.detail(Number(url.pathname.split('/').at(-1)));
			return null;
	}
}

function history(engine, step) {
	if (step === 1) return engine.points.slice(-900);
	const groups = new Map();
	for (const [time, , packets, bytes, drops, flows] of engine.points) {
		const at = Math.floor(time / step) * step;
		const g = groups.get(at) ?? [at, step, 0, 0, 0, 0];
		groups.set(at, [at, step, g[2] + packets, g[3] + bytes, g[4] + drops, flows, false]);
	}
	const complete = engine.points.length ? Math.floor(engine.clock / step) * step : 0;
	return [...groups.values()].filter((g) => g[0] < complete);
}
