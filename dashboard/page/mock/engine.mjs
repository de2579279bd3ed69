// SPDX-License-Identifier: MIT
// Traffic that looks like an office's: a daily wave, bursts, a loss now and then, flows that open and close.
import { generator } from './random.mjs';
import { makePacket } from './packets.mjs';

const NAMES = ['www.example.org', 'api.internal.example', 'cdn.example.net', 'mail.example.org', 'time.example.net'];
const C = (name, unit, place, help, kind = 'counter') => ({ name, unit, place, kind, help });
export const COUNTERS = [
	C('rx_received', 'packets', 'source', 'packets that the source saw'),
	C('rx_bytes', 'bytes', 'source', 'their bytes on the wire'),
	C('rx_filtered', 'packets', 'source', 'packets that the filter refused'),
	C('rx_delivered', 'packets', 'source', 'packets given to the engine'),
	C('rx_kernel_drops', 'packets', 'kernel', "lost in the kernel's ring"),
	C('rx_stack_drops', 'packets', 'stack', "lost in the driver or the kernel's backlog"),
	C('rx_nic_drops', 'packets', 'nic', 'lost in the interface'),
	C('lane_full', 'packets', 'lane', 'packets dropped at a full lane (live)'),
	C('worker_packets', 'packets', 'worker', 'packets that workers took'),
	C('sample_packets', 'packets', 'dashboard', 'packets copied for the dashboard'),
	C('sample_missed', 'packets', 'dashboard', 'packets that were due as samples when no chunk was free'),
	C('flow_evicted', 'flows', 'flow', 'flow records evicted because the table was full'),
	C('fate_flow', 'packets', 'decode', 'counted in a flow'),
	C('fate_arp', 'packets', 'decode', 'ARP or RARP'),
	C('fate_icmp', 'packets', 'decode', 'ICMP over IPv4'),
	C('fate_icmpv6', 'packets', 'decode', 'ICMP over IPv6'),
	C('fate_fragment', 'packets', 'decode', 'IP fragment after the first: it has no ports'),
	C('fate_igmp', 'packets', 'decode', 'IGMP'),
	C('fate_other_ip_protocol', 'packets', 'decode', 'IP with another protocol'),
	C('fate_unknown_ethertype', 'packets', 'decode', 'neither IP nor ARP'),
	C('fate_truncated_l4', 'packets', 'decode', 'the capture or the packet ends before the ports'),
];
export const STAGES = ['rx', 'decode', 'tap', 'steer', 'flow', 'sweep', 'tick'];
const ADVICE = {
	rx_kernel_drops: 'The ring was full: give it more memory with capture.buffer_size_mb, or more workers.',
	lane_full: 'A worker was too slow for its lane: add workers, or give it a core of its own with --cores.',
	flow_evicted: 'The table is at max_flows: raise --max-flows, or let flows end sooner with --flow-timeout-s.',
};

// What flows say: short, long and hostile names, an application that only the port tells, and nothing at all.
const LONG = `r3---sn-${'4g5e6nz7-'.repeat(6)}cdn.${'a-label-of-some-length.'.repeat(7)}example.net`;
const SAID = ['www.example.org', 'api.internal.example', LONG, '%3cimg%20src=x%3e.example', 'r2.sn-4g5e6n.cdn.example.net'];
const BY_PORT = { 22: 'ssh', 53: 'dns', 80: 'http', 123: 'ntp', 443: 'tls', 5432: 'postgresql', 51820: 'wireguard' };
const JA4S = ['t13d1516h2_8daaf6152771_e5627efa2ab1', 't12d2807h2_d943125447b4_a44c6288192a'];

function said(i, protocol, port, { names = 'full', name }) {
	const app = port === 443 && protocol === 'udp' ? 'quic' : (BY_PORT[port] ?? null);
	const spoke = i % 4 !== 3 && app !== null && !['ntp', 'wireguard'].includes(app);
	const hello = spoke && port === 443;
	const named = names === 'full' && spoke && (hello || app === 'http' || app === 'dns') && i % 7 !== 6;
	if (names === 'off') return { app: null, app_source: null, name: null, alpn: null, ja4: null };
	return {
		app,
		app_source: app && (spoke ? 'payload' : 'port'),
		name: named ? (name ?? SAID[i % SAID.length]) : null,
		alpn: hello ? (app === 'quic' ? 'h3' : 'h2;http/1.1') : null,
		ja4: hello ? (app === 'quic' ? JA4S[0].replace('t', 'q') : JA4S[i % 2]) : null,
	};
}

const SERVICES = { 22: 'ssh', 53: 'domain', 80: 'http', 123: 'ntp', 443: 'https', 5432: 'postgresql' };

// Where some addresses are registered, an organization with a hostile name among them.
function registered(side, ip) {
	const [country, asn, org] = ip.startsWith('192.0.2.')
		? ['DE', 64500, 'Example Net']
		: ip.startsWith('198.51.100.1')
			? ['FR', 64501, '<img src=x> of a rather long and windy name, Société anonyme']
			: ip.startsWith('2001:db8:ff::')
				? [null, 4294967295, null]
				: [null, null, null];
	return { [`country_${side}`]: country, [`asn_${side}`]: asn, [`as_org_${side}`]: org };
}

function makeFlow(random, i, clock, workers, options) {
	const udp = random.next() < 0.2;
	const six = random.next() < 0.12;
	const a = six ? `2001:db8:${(i % 7) + 1}::${(i % 250) + 1}` : `10.${i % 4}.${(i >> 8) % 250}.${(i % 250) + 1}`;
	const b = six
		? `2001:db8:ff::${(i % 9) + 1}`
		: random.next() < 0.3
			? `192.0.2.${(i % 40) + 1}`
			: `198.51.100.${(i % 60) + 1}`;
	const port = udp ? random.pick([53, 123, 443, 51820]) : random.pick([443, 443, 443, 80, 22, 5432, 9000]);
	const sport = 32768 + ((i * 7919) % 28000);
	const protocol = udp ? 'udp' : 'tcp';
	const tcp = !udp;
	const rtt = tcp && random.next() < 0.9 ? 0.3 + 90 * random.next() ** 3 : null;
	return {
		key: `${protocol}-${a}-${sport}-${b}-${port}`,
		worker: i % workers,
		protocol,
		endpoint_a: { ip: a, port: sport },
		endpoint_b: { ip: b, port },
		first_seen: clock - 600 * random.next(),
		last_seen: clock,
		duration_secs: 0,
		packets_a_to_b: 1,
		packets_b_to_a: 0,
		bytes_a_to_b: 74,
		bytes_b_to_a: 0,
		packets_total: 1,
		bytes_total: 74,
		avg_bps: 0,
		tcp_state: tcp
			? random.pick([
					'established',
					'established',
					'established',
					'established',
					'syn_sent',
					'fin_wait',
					'closed',
					'reset',
					'unknown',
				])
			: null,
		client: random.next() < 0.8 ? 'a_to_b' : random.next() < 0.5 ? 'b_to_a' : null,
		retransmissions: tcp ? 0 : null,
		out_of_order: tcp ? 0 : null,
		rtt_last_ms: rtt,
		rtt_min_ms: rtt && rtt * 0.8,
		rtt_ewma_ms: rtt,
		rtt_samples: tcp ? (rtt ? 12 : 0) : null,
		end_reason: i % 40 === 7 ? 'timeout' : 'active',
		lost_segments: tcp ? 0 : null,
		zero_windows: tcp ? 0 : null,
		rtt_handshake_ms: rtt && rtt * 1.1,
		tcp_flags_a_to_b: tcp ? 'SPA' : null,
		tcp_flags_b_to_a: tcp ? 'SPA' : null,
		ttl_min_a_to_b: 64,
		ttl_min_b_to_a: 57,
		dscp_a_to_b: 0,
		dscp_b_to_a: 0,
		vlan: i % 7 === 1 ? `${10 + (i % 3) * 10}` : null,
		tunnel: null,
		interface: 'eth0',
		fragments: 0,
		fragment_bytes: 0,
		community_id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
		flow_id: null,
		part: 0,
		...registered('a', a),
		...registered('b', b),
		service: SERVICES[port] ?? null,
		...said(i, protocol, port, options),
		rate: 20_000 * random.next() ** 6 * 200 + 50,
	};
}

export class Engine {
	constructor(options) {
		this.random = generator(options.seed ?? 7);
		this.options = options;
		this.workers = options.workers ?? 4;
		this.clock = options.clock ?? Math.floor(Date.now() / 1000);
		this.started = this.clock - 700;
		this.seq = 0;
		this.totals = Object.fromEntries(COUNTERS.map((c) => [c.name, 0]));
		this.points = [];
		this.packets = [];
		this.alerts = [];
		this.events = [];
		this.seen = 0;
		this.losses = new Map();
		this.flows = Array.from({ length: options.flows ?? 800 }, (_, i) =>
			makeFlow(this.random, i, this.clock, this.workers, options),
		);
		this.moving = [...this.flows].sort((x, y) => y.rate - x.rate).slice(0, 400);
		const back = options.history ?? 700;
		this.clock -= back;
		this.happen('start', 'netscope 0.3.0 began', this.clock);
		if (options.past) this.happen('reload', 'the configuration was read again', this.clock - options.past / 2);
		for (let i = 0; i < back; i++) this.second(i > back - 200 && i < back - 186);
	}

	/** Notes that something happened. */
	happen(kind, text, time = this.clock, alert_id = null) {
		this.events.push({ id: (this.events.at(-1)?.id ?? 0) + 1, time, kind, text, alert_id });
		if (this.events.length > 4096) this.events.shift();
	}

	/** One second passes, and the link is down. */
	secondWithoutLink() {
		this.clock += 1;
		this.points.push([this.clock - 1, 1, 0, 0, 0, this.flows.length, true]);
		this.tick = { ...this.tick, seq: ++this.seq, start: this.clock - 1, end: this.clock, packets: 0, bytes: 0, drops: 0, bps: 0, pps: 0, top: [] };
		return [];
	}

	/** One second passes; in a gap the engine was not there. */
	second(gap = false) {
		this.clock += 1;
		if (gap) return null;
		const r = this.random;
		this.seq += 1;
		if (this.clock % 30 === 0) this.mark();
		const wave = 1 + 0.5 * Math.sin(this.clock / 47) + 0.25 * Math.sin(this.clock / 11);
		const burst = r.next() < 0.03 ? 2.6 : 1;
		let bytes = 0;
		let packets = 0;
		const top = [];
		for (const flow of this.moving) {
			const sent = Math.round(flow.rate * wave * burst * (0.5 + r.next()));
			const count = Math.max(1, Math.round(sent / 700));
			this.grow(flow, sent, count);
			top.push({ flow, sent });
			bytes += sent;
			packets += count;
		}
		const drops = this.options.live !== false && burst > 1 && r.next() < 0.5 ? 40 + r.int(900) : 0;
		this.count(packets, bytes, drops);
		this.points.push([
			this.clock - 1,
			1,
			packets,
			bytes,
			this.options.live === false ? 0 : drops,
			this.flows.length,
			false,
		]);
		if (this.points.length > 3600) this.points.shift();
		top.sort((x, y) => y.sent - x.sent);
		this.tick = {
			seq: this.seq,
			start: this.clock - 1,
			end: this.clock,
			packets,
			bytes,
			drops,
			bps: bytes * 8 * 1.25, // over its exact length, which is no whole second
			pps: packets * 1.25,
			flows: this.flows.length,
			alerts: this.alerts.length ? this.alerts.at(-1).id : 0,
			top: top.slice(0, 10).map(({ flow, sent }) => ({ tick_bytes: sent, bps: sent * 8, ...this.row(flow) })),
		};
		return this.sample();
	}

	/** Remembers what flows had at the last two multiples of 30 s: what came since is "the last minute". */
	mark() {
		for (const flow of this.moving) {
			flow.before = flow.mark;
			flow.mark = [flow.bytes_a_to_b, flow.bytes_b_to_a];
		}
	}

	grow(flow, sent, count) {
		const up = Math.round(sent * 0.2);
		flow.bytes_a_to_b += up;
		flow.bytes_b_to_a += sent - up;
		flow.packets_a_to_b += count >> 1;
		flow.packets_b_to_a += count - (count >> 1);
		flow.bytes_total += sent;
		flow.packets_total += count;
		flow.last_seen = this.clock - 0.05;
		flow.duration_secs = flow.last_seen - flow.first_seen;
		flow.avg_bps = (flow.bytes_total * 8) / Math.max(1, flow.duration_secs);
		if (flow.rtt_last_ms !== null) {
			flow.rtt_last_ms = flow.rtt_min_ms * (1 + 0.8 * this.random.next() ** 2);
			flow.rtt_ewma_ms = (flow.rtt_ewma_ms * 7 + flow.rtt_last_ms) / 8;
			flow.rtt_samples += count;
			if (this.random.next() < 0.02) flow.retransmissions += 1 + this.random.int(3);
		}
	}

	count(packets, bytes, drops) {
		const t = this.totals;
		const filtered = Math.round(packets * 0.02);
		const odd = {
			fate_arp: Math.round(packets * 0.004),
			fate_icmp: Math.round(packets * 0.012),
			fate_icmpv6: Math.round(packets * 0.006),
			fate_fragment: Math.round(packets * 0.002),
			fate_igmp: 1,
			fate_other_ip_protocol: 2,
			fate_unknown_ethertype: 3,
			fate_truncated_l4: packets % 7 === 0 ? 1 : 0,
		};
		t.rx_received += packets + filtered;
		t.rx_bytes += bytes;
		t.rx_filtered += filtered;
		t.rx_delivered += packets;
		t.worker_packets += packets;
		t.sample_packets += 12;
		t.sample_missed += packets - 12;
		t.rx_kernel_drops += drops;
		for (const [name, n] of Object.entries(odd)) t[name] += n;
		t.fate_flow += packets - Object.values(odd).reduce((a, b) => a + b, 0);
		if (drops) {
			this.lose('kernel', 'rx_kernel_drops', 'packets');
			this.happen('loss_begin', `${drops} packets lost in the kernel's ring`);
		}
	}

	lose(place, counter, unit) {
		if (!this.losses.has(counter)) this.losses.set(counter, { place, counter, unit, since: this.clock });
		this.losses.get(counter).last = this.clock;
	}

	row(flow) {
		const { rate: _rate, mark: _mark, before: _before, ...row } = flow;
		return row;
	}

	sample() {
		const fresh = [];
		for (let i = 0; i < 12; i++) {
			const flow = this.random.pick(this.moving);
			const kind = flow.protocol === 'udp' ? 'DNS' : flow.endpoint_b.port === 443 ? 'TLS' : 'TCP';
			const name = this.options.name ?? this.random.pick(NAMES);
			fresh.push(makePacket(++this.seen, this.clock - 1 + (i + this.random.next()) / 12, flow, kind, name));
		}
		this.packets.push(...fresh);
		if (this.packets.length > 2000) this.packets.splice(0, this.packets.length - 2000);
		if (this.options.alerts !== false && this.random.next() < 0.012) this.alert();
		return fresh.map((p) => p.row);
	}

	alert() {
		const id = (this.alerts.at(-1)?.id ?? 0) + 1;
		const flood = this.random.next() < 0.5;
		const n = 200 + this.random.int(3000);
		this.alerts.push(
			flood
				? {
						id,
						time: this.clock - 0.1,
						kind: 'syn_flood',
						description: `SYN flood suspected: ${n} syns, ${n >> 1} sources to 192.0.2.9:443`,
						source_ip: null,
						target_ip: '192.0.2.9',
						target_port: 443,
						window_secs: 5,
						observed: { syns: n, unique_sources: n >> 1 },
						thresholds: { syns: 200, unique_sources: 50 },
					}
				: {
						id,
						time: this.clock - 0.1,
						kind: 'port_scan',
						description: `Port scan suspected: ${n} ports, 3 hosts from 10.0.3.77`,
						source_ip: '10.0.3.77',
						target_ip: null,
						target_port: null,
						window_secs: 10,
						observed: { unique_ports: n, unique_hosts: 3 },
						thresholds: { unique_ports: 100, unique_hosts: 50 },
					},
		);
		this.happen('alert_begin', this.alerts.at(-1).description, this.clock - 0.1, id);
		if (this.alerts.length > 1000) this.alerts.shift();
	}

	cores() {
		return Array.from({ length: this.workers }, (_, i) => {
			const load = Math.min(0.99, 0.25 + 0.12 * i + 0.1 * this.random.next());
			const v = () => 0.9 + 0.2 * this.random.next();
			return {
				load,
				busy: load,
				empty: (1 - load) * 0.4,
				idle: (1 - load) * 0.5,
				waited: (1 - load) * 0.1,
				pps: ((this.tick?.pps ?? 0) / this.workers) * (0.8 + 0.13 * i),
				cycles: [12.1 * v(), 0, 0.8 * v(), 0, (60 + 9 * i) * v(), 6.3 * v(), 1.4 * v()],
				waiting: this.random.int(3) + (i === 3 ? 9 : 0),
				round_ns: [900 + 60 * i, 2100, 5200, 9400, 17000, 41000 + 4000 * i],
				age_ns: [410e3 + 9e3 * i, 880e3, 1.1e6, 1.9e6, 4.2e6, 8.8e6],
				...(this.options.recorder ? { recorder: { packets: 1e6, held_secs: 40.4 + i, oldest: this.clock - 40, wrapped: true } } : {}),
				queue_ns: [2300 + 110 * i, 6100, 14e3, 38e3, 92e3, 210e3],
			};
		});
	}

	lossList() {
		return [...this.losses.values()].map((l) => ({
			...l,
			class: l.counter === 'flow_evicted' ? 'limit' : 'loss',
			what: COUNTERS.find((c) => c.name === l.counter)?.help,
			count: this.totals[l.counter],
			advice: ADVICE[l.counter] ?? 'See docs.',
		}));
	}

	ledger() {
		const t = this.totals;
		const fates = COUNTERS.filter((c) => c.name.startsWith('fate_')).reduce((n, c) => n + t[c.name], 0);
		return {
			balanced: t.worker_packets === fates,
			exact: false,
			lines: [{ what: 'workers: taken = sum of all fates', have: t.worker_packets, want: fates }],
		};
	}
}
