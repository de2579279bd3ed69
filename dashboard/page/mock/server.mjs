// SPDX-License-Identifier: MIT
// The protocol of docs/web-api.md over a mock engine, with the headers of the real server, so that what its policy refuses is refused here too.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { WebSocketServer } from 'ws';
import { GROUPS, groupsAnswer } from './groups.mjs';
import { PEERS } from './peers.mjs';
import { profileAnswer } from './profile.mjs';
import { restAnswer } from './rest.mjs';
import { compile, sorter } from './filter.mjs';
import { SERIES } from './history.mjs';
import { openEpisodes } from './episodes.mjs';
import { COUNTERS, Engine, STAGES } from './engine.mjs';

const TYPES = {
	'/': ['index.html', 'text/html; charset=utf-8'],
	'/app.js': ['app.js', 'text/javascript; charset=utf-8'],
	'/app.css': ['app.css', 'text/css; charset=utf-8'],
	'/icon.svg': ['icon.svg', 'image/svg+xml'],
	'/snapshot.js': ['snapshot.js', 'text/javascript; charset=utf-8'],
};
export const POLICY =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
		this.eventsSent = this.engine.events.at(-1)?.id ?? 0;
		this.dumps = 0; // timelines that were taken
		this.reports = [];
		this.server = createServer((request, response) => void this.answer(request, response));
		this.sockets = new WebSocketServer({ server: this.server, path: '/ws' });
		this.sockets.shouldHandle = (request) => request.url === '/ws' && !this.options.full;
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
		else this.fresh = this.state === 'link_down' && this.options.history !== 0 ? this.engine.secondWithoutLink() : [];
		const events = this.engine.events.filter((e) => e.id > this.eventsSent).slice(-20);
		this.eventsSent = this.engine.events.at(-1)?.id ?? 0;
		const text = JSON.stringify({ ...this.frame(this.engine.alerts.slice(before)), events });
		const at = Date.now();
		for (const socket of this.sockets.clients) {
			if (socket.rate === 0 || at < (socket.next ?? 0) - 20) continue;
			socket.next = at + socket.rate;
			if (socket.rate > this.options.tick_ms) socket.send(JSON.stringify(this.frame([])));
			else socket.send(text);
		}
	}

	/** `first`: for who has just come, under the number of the newest. */
	frame(alerts, first = false) {
		const e = this.engine;
		const none = this.state === 'starting' || this.state === 'failed';
		return {
			type: 'frame',
			frame_seq: first ? this.frameSeq : ++this.frameSeq,
			server_ms: Date.now() + (this.options.skew ?? 0),
			state: this.state,
			state_text: this.text,
			tick: none ? null : e.tick,
			counters: COUNTERS.map((c) => (none ? null : e.totals[c.name])),
			ledger: this.options.ledger ?? e.ledger(),
			interfaces: this.options.interfaces ?? [],
			losses: e.lossList(),
			mix: {
				protocols: [],
				fates: COUNTERS.filter((c) => c.name.startsWith('fate_') && e.totals[c.name]).map((c) => [
					c.name.slice(5),
					e.totals[c.name],
				]),
			},
			cores: none ? [] : e.cores(),
			points: none ? [] : e.points.slice(-8),
			packets: this.fresh,
			alerts,
			events: [],
			clients: this.sockets.clients.size,
			...(this.options.episodes ? { episodes: openEpisodes(e) } : {}),
		};
	}

	hello() {
		return {
			type: 'hello',
			version: '0.3.0',
			protocol: 1,
			tick_ms: this.options.tick_ms,
			boot_id: this.boot,
			server_ms: Date.now() + (this.options.skew ?? 0),
			source: this.options.source ?? { name: 'tpacket', input: 'eth0', live: true },
			counters: COUNTERS,
			stages: STAGES,
			filter: {
				fields: [
					{ name: 'host', kind: 'address', help: 'either end' },
					{ name: 'port', kind: 'port', help: 'either end' },
					{ name: 'proto', kind: 'word', help: 'protocol', words: ['tcp', 'udp', 'sctp'] },
					{ name: 'rtt', kind: 'duration', help: 'smoothed round trip' },
					{ name: 'app', kind: 'text', help: 'application' },
					{ name: 'name', kind: 'text', help: 'whom the client asked for: the name, or what lies below it' },
					{ name: 'alpn', kind: 'text', help: 'one of the protocols that a TLS client offered' },
					{ name: 'ja4', kind: 'text', help: 'fingerprint of a TLS client' },
					{ name: 'vlan', kind: 'number', help: 'the outermost tag' },
				],
			},
			sort: ['bytes', 'packets'],
			...(this.options.groups === false ? {} : { groups: GROUPS }),
			history: { tiers: [1, 10, 60, 600], series: SERIES, file: false },
			settings: {
				peers: this.options.peers ? PEERS.length : 0,
				sample_rate: this.options.sample_rate ?? 1,
				packet_buffer: 2000,
				payload_bytes: 256,
				top_n: 10,
			},
			analysis: {
				rtt: true,
				retrans: true,
				out_of_order: true,
				alerts: this.options.alerts !== false,
				apps: this.options.names !== 'off',
				names: (this.options.names ?? 'full') === 'full',
			},
		};
	}

	welcome(socket) {
		socket.rate = this.options.tick_ms;
		socket.send(JSON.stringify(this.hello()));
		if (this.options.late_ms) setTimeout(() => socket.send(JSON.stringify(this.frame([], true))), this.options.late_ms);
		else socket.send(JSON.stringify(this.frame([], true)));
		socket.on('message', (data) => this.hear(socket, JSON.parse(data.toString())));
	}

	hear(socket, message) {
		const reply = (value) => socket.send(JSON.stringify(value));
		this.heard?.(message);
		try {
			if (message.type === 'ping')
				reply({ type: 'pong', t: message.t, server_ms: Date.now() + (this.options.skew ?? 0) });
			else if (message.type === 'set_rate')
				socket.rate = message.tick_ms === 0 ? 0 : Math.max(message.tick_ms, this.options.tick_ms);
			else if (message.type === 'get_packet_detail') reply({ type: 'packet_detail', ...this.detail(message.id) });
			else if (message.type === 'query_flows')
				reply({ type: 'flows', request: message.request ?? null, ...this.query(message) });
			else if (message.type === 'query_groups' && this.options.groups !== false)
				reply({ type: 'groups', request: message.request ?? null, ...groupsAnswer(this.engine, message, this.options) });
			else throw new Error(`there is no message "${message.type}"`);
		} catch (error) {
			reply({ type: 'error', request: message.request ?? null, message: error.message });
		}
	}

	detail(id) {
		const found = this.engine.packets.find((p) => p.row.id === id);
		if (!found)
			return {
				id,
				found: false,
				message: `packet ${id} is not kept any more: the oldest is ${this.engine.packets[0]?.row.id}`,
			};
		return { id, found: true, packet: found.row, layers: found.layers, truncated: false, hex: found.hex };
	}

	query({ filter = '', sort = 'bytes', order = 'desc', limit = 100, key, after }) {
		const all = this.engine.flows;
		const started = performance.now();
		const matched = key ? all.filter((f) => f.key === key) : all.filter(compile(filter, this.engine.clock)).sort(sorter(sort, order));
		const first = after ? matched.findIndex((f) => f.key === after) + 1 : 0;
		const rows = matched.slice(first, first + limit);
		const cursor = (i) => rows[i].key;
		return {
			filter,
			sort,
			order,
			limit,
			clock: this.engine.clock,
			held: all.length,
			ended: all.filter((f) => f.end_reason !== 'active').length,
			visited: all.length,
			matched: matched.length,
			before: first,
			cursors: rows.slice(0, -1).flatMap((_, i) => (i % 32 === 31 ? [cursor(i)] : [])),
			next: first + rows.length < matched.length ? cursor(rows.length - 1) : null,
			complete: true,
			took_ms: performance.now() - started,
			flows: rows.map((f) => this.engine.row(f)),
		};
	}

	async answer(request, response) {
		const url = new URL(request.url, 'http://localhost');
		response.setHeader('Content-Security-Policy', POLICY);
		response.setHeader('X-Content-Type-Options', 'nosniff');
		if (url.pathname === '/ws') {
			response.statusCode = this.options.full ? 503 : 400;
			response.end(JSON.stringify({ error: this.options.full ?? 'this is a WebSocket' }));
			return;
		}
		const file = TYPES[url.pathname];
		if (file && this.options.page) {
			response.setHeader('Content-Type', file[1]);
			response.end(await readFile(join(this.options.page, file[0])));
			return;
		}
		if (this.options.late_ms) await new Promise((done) => setTimeout(done, this.options.late_ms * 2));
		const [status, body] = url.pathname.startsWith('/api/v1/profile')
			? profileAnswer(this, request, url)
			: restAnswer(this, url);
		response.statusCode = status;
		response.setHeader('Content-Type', 'application/json');
		response.end(typeof body === 'string' ? body : JSON.stringify(body ?? { error: 'there is nothing here' }));
	}
}
