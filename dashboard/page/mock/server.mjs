// SPDX-License-Identifier: MIT
// The protocol of docs/web-api.md over a mock engine, with the headers of the real server, so that what its policy refuses is refused here too.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { WebSocketServer } from 'ws';
import { compile, sorter } from './filter.mjs';
import { COUNTERS, Engine, STAGES } from './engine.mjs';

const TYPES = { '/': ['index.html', 'text/html; charset=utf-8'], '/app.js': ['app.js', 'text/javascript; charset=utf-8'], '/app.css': ['app.css', 'text/css; charset=utf-8'], '/icon.svg': ['icon.svg', 'image/svg+xml'] };
export const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const CONFIG = {
	capture: { interface: 'eth0', promiscuous: true, snaplen: 65535, timeout_ms: 100, filter: '', backend: 'tpacket', buffer_size_mb: 64 }, run: { count: 0 }, output: { quiet: true, hex_dump: false, write_pcap: '', export_json: '' },
	flow: { timeout_secs: 60, max_flows: 100000 }, stats: { enabled: false, interval_ms: 1000, top_flows: 0 }, analysis: { rtt: true, retrans: true, out_of_order: true, anomalies: { enabled: true, syn_flood: { enabled: true, window_secs: 5, syn_threshold: 200 } } },
	pipeline: { enabled: true, workers: 4, cores: '0-3', poll: 'adaptive' }, web: { enabled: true, bind: '127.0.0.1', port: 8080, tick_ms: 1000, top_n: 10, packet_buffer: 2000, sample_rate: 1, payload_bytes: 256, tls: { enabled: false }, auth: { enabled: false } },
};
const DOCTOR = [
	{ level: 'ok', what: 'CAP_NET_RAW', found: 'held' },
	{ level: 'warn', what: 'Receive ring of eth0', found: '256 of 4096 descriptors', advice: 'ethtool -G eth0 rx 4096' },
	{ level: 'note', what: 'CPU frequency governor', found: 'schedutil', advice: 'performance keeps latency even' },
];

export class Mock {
	constructor(options = {}) {
		this.options = { tick_ms: 1000, ...options };
		this.boot = randomBytes(8).toString('hex');
		this.engine = new Engine(this.options);
		this.frameSeq = 0;
		this.state = options.state ?? 'running';
		this.text = options.text ?? '';
		this.fresh = [];
		this.freshAlerts = 0;
		this.reports = [];
		this.server = createServer((request, response) => void this.answer(request, response));
		this.sockets = new WebSocketServer({ server: this.server, path: '/ws' });
		this.sockets.on('connection', (socket) => this.welcome(socket));
	}

	async listen(port = 0) {
		await new Promise((done) => this.server.listen(port, '127.0.0.1', done));
		this.port = this.server.address().port;
		if (!this.options.manual) this.timer = setInterval(() => this.step(), this.options.tick_ms);
		return this.port;
	}

	async close() {
		clearInterval(this.timer);
		for (const socket of this.sockets.clients) socket.close(1001);
		for (const socket of this.sockets.clients) socket.terminate();
		this.server.closeAllConnections?.();
		await new Promise((done) => this.server.close(done));
	}

	/** One tick and its frame to whoever wants it now. */
	step() {
		const before = this.engine.alerts.length;
		if (this.state === 'running') this.fresh = this.engine.second() ?? [];
		else this.fresh = [];
		const text = JSON.stringify(this.frame(this.engine.alerts.slice(before)));
		const at = Date.now();
		for (const socket of this.sockets.clients) {
			if (socket.rate === 0 || at < (socket.next ?? 0) - 20) continue;
			socket.next = at + socket.rate;
			if (socket.rate > this.options.tick_ms) socket.send(JSON.stringify(this.frame([])));
			else socket.send(text);
		}
	}

	frame(alerts) {
		const e = this.engine;
		const none = this.state === 'starting' || this.state === 'failed';
		return {
			type: 'frame', frame_seq: ++this.frameSeq, server_ms: Date.now() + (this.options.skew ?? 0), state: this.state, state_text: this.text, tick: none ? null : e.tick, counters: COUNTERS.map((c) => (none ? null : e.totals[c.name])),
			ledger: this.options.ledger ?? e.ledger(), losses: e.lossList(), mix: { protocols: [], fates: COUNTERS.filter((c) => c.name.startsWith('fate_') && e.totals[c.name]).map((c) => [c.name.slice(5), e.totals[c.name]]) },
			cores: none ? [] : e.cores(), points: none ? [] : e.points.slice(-8), packets: this.fresh, alerts, clients: this.sockets.clients.size,
		};
	}

	hello() {
		return {
			type: 'hello', version: '0.3.0', protocol: 1, tick_ms: this.options.tick_ms, boot_id: this.boot, server_ms: Date.now() + (this.options.skew ?? 0), source: this.options.source ?? { name: 'tpacket', input: 'eth0', live: true }, counters: COUNTERS, stages: STAGES,
			filter: { fields: [{ name: 'host', kind: 'address', help: 'either end' }, { name: 'port', kind: 'port', help: 'either end' }, { name: 'proto', kind: 'word', help: 'protocol', words: ['tcp', 'udp', 'sctp'] }, { name: 'rtt', kind: 'duration', help: 'smoothed round trip' }] },
			sort: ['bytes', 'packets'], settings: { sample_rate: this.options.sample_rate ?? 1, packet_buffer: 2000, payload_bytes: 256, top_n: 10 }, analysis: { rtt: true, retrans: true, out_of_order: true, alerts: this.options.alerts !== false }, ...(this.options.rows ? { limits: { rows: this.options.rows } } : {}),
		};
	}

	welcome(socket) {
		socket.rate = this.options.tick_ms;
		socket.send(JSON.stringify(this.hello()));
		socket.send(JSON.stringify(this.frame([])));
		socket.on('message', (data) => this.hear(socket, JSON.parse(data.toString())));
	}

	hear(socket, message) {
		const reply = (value) => socket.send(JSON.stringify(value));
		this.heard?.(message);
		try {
			if (message.type === 'ping') reply({ type: 'pong', t: message.t, server_ms: Date.now() + (this.options.skew ?? 0) });
			else if (message.type === 'set_rate') socket.rate = message.tick_ms === 0 ? 0 : Math.max(message.tick_ms, this.options.tick_ms);
			else if (message.type === 'get_packet_detail') reply({ type: 'packet_detail', ...this.detail(message.id) });
			else if (message.type === 'query_flows') reply({ type: 'flows', request: message.request ?? null, ...this.query(message) });
			else throw new Error(`there is no message "${message.type}"`);
		} catch (error) {
			reply({ type: 'error', request: message.request ?? null, message: error.message });
		}
	}

	detail(id) {
		const found = this.engine.packets.find((p) => p.row.id === id);
		if (!found) return { id, found: false, message: `packet ${id} is not kept any more: the oldest is ${this.engine.packets[0]?.row.id}` };
		return { id, found: true, packet: found.row, layers: found.layers, truncated: false, hex: found.hex };
	}

	query({ filter = '', sort = 'bytes', order = 'desc', limit = 100, key }) {
		const all = this.engine.flows;
		const started = performance.now();
		const matched = key ? all.filter((f) => f.key === key) : all.filter(compile(filter)).sort(sorter(sort, order));
		return { filter, sort, order, limit, clock: this.engine.clock, held: all.length, visited: all.length, matched: matched.length, complete: true, took_ms: performance.now() - started, flows: matched.slice(0, limit).map((f) => this.engine.row(f)) };
	}

	async answer(request, response) {
		const url = new URL(request.url, 'http://localhost');
		response.setHeader('Content-Security-Policy', POLICY);
		response.setHeader('X-Content-Type-Options', 'nosniff');
		const file = TYPES[url.pathname];
		if (file && this.options.page) {
			response.setHeader('Content-Type', file[1]);
			response.end(await readFile(join(this.options.page, file[0])));
			return;
		}
		const body = this.api(url);
		response.statusCode = body === null ? 404 : 200;
		response.setHeader('Content-Type', 'application/json');
		response.end(typeof body === 'string' ? body : JSON.stringify(body ?? { error: 'there is nothing here' }));
	}

	api(url) {
		const e = this.engine;
		const number = (name, otherwise) => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) : otherwise);
		const after = number('after', -1);
		const none = this.state === 'starting' || this.state === 'failed';
		switch (url.pathname) {
			case '/api/v1/history': return { step: number('step', 1), boot_id: this.boot, columns: ['time', 'length', 'packets', 'bytes', 'drops', 'flows'], points: none ? [] : this.history(number('step', 1)).filter((p) => p[0] > after) };
			case '/api/v1/packets': return { oldest: 1, newest: e.seen, seen: e.seen, packets: this.options.sample_rate === 0 ? [] : e.packets.map((p) => p.row).filter((p) => p.id > after).slice(-number('limit', 1000)) };
			case '/api/v1/alerts': return { total: e.alerts.length, oldest: 1, alerts: e.alerts.filter((a) => a.id > after) };
			case '/api/v1/config': return { version: '0.3.0', config: CONFIG, doctor: this.options.doctor === undefined ? DOCTOR : this.options.doctor, memory: { budget: { packets_bytes: 8 << 20, flow_table_bytes: 72 << 20, lanes_bytes: 12 << 20, web_bytes: 9 << 20 }, arenas: [0, 1, 2, 3].map((i) => ({ name: `worker ${i}`, allocated: (18 + i) << 20, resident: (22 + i) << 20 })), rss: 141 << 20 }, started: e.started, pid: 4242 };
			case '/api/v1/cores': return { tsc_hz: 2.4e9, stages: STAGES, imbalance: 1.2, workers: e.cores().map((c, index) => ({ index, core: index, packets: 1e6, ...c, histogram: Array.from({ length: 60 }, (_, b) => [Math.round(180 * 1.11 ** b), Math.round(1e7 * Math.exp(-((b - 18) ** 2) / 60)) + (b < 57 ? 0 : 1)]).filter((x) => x[1]) })), capture: { cycles_per_packet: [20.4, 18.2, 0, 9.1, null, null, null] } };
			case '/api/v1/packets.pcapng': return '';
			default: return null;
		}
	}

	history(step) {
		if (step === 1) return this.engine.points.slice(-900);
		const groups = new Map();
		for (const [time, , packets, bytes, drops, flows] of this.engine.points) {
			const at = Math.floor(time / step) * step;
			const g = groups.get(at) ?? [at, step, 0, 0, 0, 0];
			groups.set(at, [at, step, g[2] + packets, g[3] + bytes, g[4] + drops, flows]);
		}
		return [...groups.values()];
	}
}
