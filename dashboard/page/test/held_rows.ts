// SPDX-License-Identifier: MIT
//
// A small snapshot that tests change.
import { pack } from '../src/net/snapshot_file';
import type { FlowRow } from '../src/net/wire';

const flow = (i: number, more: object = {}): FlowRow =>
	({
		key: `k${i}`, protocol: 'tcp', endpoint_a: { ip: `10.0.0.${i}`, port: 40_000 + i }, endpoint_b: { ip: '192.0.2.1', port: 443 },
		first_seen: 100 + i, last_seen: 150, duration_secs: 50 - i, packets_a_to_b: 1, packets_b_to_a: 1, bytes_a_to_b: 100 * i, bytes_b_to_a: 10,
		packets_total: 2, bytes_total: 100 * i + 10, avg_bps: 8, tcp_state: 'established', client: 'a_to_b', retransmissions: i, rtt_ewma_ms: i,
		rtt_min_ms: i / 2, end_reason: 'active', app: 'tls', name: 'www.example.com', alpn: 'h2;http/1.1', ja4: 't13d', vlan: null, ...more,
	}) as unknown as FlowRow;
export const ROWS = [
	flow(1),
	flow(2, { client: null, end_reason: 'timeout', rtt_ewma_ms: null }),
	flow(3, { protocol: 'udp', endpoint_b: { ip: '2001:db8::53', port: 53 }, app: 'dns', name: null, vlan: '10.20', tcp_state: null }),
];
const HELLO = {
	type: 'hello', version: '1', protocol: 1, tick_ms: 1000, boot_id: 'b', server_ms: 1, source: { name: 'file', input: 'x.pcap', live: false },
	counters: [], stages: ['rx'],
};
const FRAME = { type: 'frame', frame_seq: 1, server_ms: 1, state: 'ended', state_text: '', tick: null, counters: [1], ledger: null, losses: [], mix: null, cores: [], points: [] };
export const file = (change: (f: Record<string, any>) => void = () => {}): string => {
	const made = {
		netscope_snapshot: 1, version: '1', made: 200, host: 'h', zone: 'UTC', hello: HELLO, frame: FRAME, ranges: [], groups: [], details: [],
		flows: { matched: 3, clock: 200, rows: pack(ROWS) }, bodies: { alerts: { total: 0, alerts: [] } },
	};
	const copy = structuredClone(made) as Record<string, any>;
	change(copy);
	return JSON.stringify(copy);
};
