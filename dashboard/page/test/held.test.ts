// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldFlows, heldGroups, heldRange, sourceOf } from '../src/net/held';
import { readSnapshot } from '../src/net/snapshot';
import type { Snapshot } from '../src/net/snapshot_file';
import type { Message } from '../src/net/wire';
import { file } from './held_rows';

const held = (more: object = {}): Snapshot => ({ ...readSnapshot(file()), ...more });

test('pages of flows and sums of groups out of a file', () => {
	const page = heldFlows(held(), { sort: 'bytes', limit: 2 }, 7);
	assert.deepEqual([page.flows.map((f) => f.key), page.matched, page.next, page.request], [['k3', 'k2'], 3, '2', 7]);
	const rest = heldFlows(held(), { sort: 'bytes', limit: 2, after: page.next as string }, 8);
	assert.deepEqual([rest.flows.map((f) => f.key), rest.before, rest.next], [['k1'], 2, null]);
	assert.equal(heldFlows(held(), { key: 'k2' }, 1).matched, 1);
	const hosts = heldGroups(held(), { by: 'host', filter: 'tcp' }, 1);
	assert.deepEqual(hosts.rows.map((r) => [r.key, r.flows, r.bytes, r.bytes_sent]), [['192.0.2.1', 2, 320, 20], ['10.0.0.2', 1, 210, 200], ['10.0.0.1', 1, 110, 100]]);
	assert.equal(heldGroups(held(), { by: 'name', filter: 'udp' }, 1).without.flows, 1);
	const second = heldGroups(held(), { by: 'host', filter: 'tcp', limit: 1, after: '1' }, 1);
	assert.deepEqual([second.rows[0]?.key, second.before, second.more, second.bound, second.rows[0]?.rtt_p50_ms], ['10.0.0.2', 1, 1, 110, null]);
	assert.deepEqual([hosts.exact, hosts.proven, hosts.of_flows], [true, 3, undefined]);
	const part = heldGroups(held({ flows: { ...held().flows, matched: 9000 } }), { by: 'host', filter: 'tcp' }, 1);
	assert.deepEqual([part.exact, part.proven, part.of_flows], [false, 0, 9000]);
	assert.throws(() => heldGroups(held(), { by: 'host' }, 1), /holds no groups by host/);
	assert.throws(() => heldGroups(held(), { by: 'host', filter: 'tcp', last: 60 }, 1), /last minute/);
});

test('any range out of the tiers of a file, percentiles of added histograms', () => {
	const columns = ['time', 'length', 'packets', 'flows', 'down', 'burst_packets', 'rtt'];
	const points = Array.from({ length: 100 }, (_, i) => [1000 + i, 1, 10, i, i === 50, i, [i % 2, 1]]);
	const coarse = [[400, 600, 9, 9, false, 9, []], [1000, 600, 1000, 99, false, 99, [0, 50, 1, 50]]];
	const base = { boot_id: 'b', complete: 1100, columns, buckets_ms: [1, 2] };
	const s = held({ ranges: [{ ...base, step: 1, tier: 1, points }, { ...base, step: 600, tier: 600, points: coarse }] });
	const fine = heldRange(s, 1000, 1100, 1000, ['packets', 'rtt_p50_ms']);
	assert.deepEqual([fine.step, fine.points.length, fine.points[0]], [1, 100, [1000, 1, 10, 1]]);
	const few = heldRange(s, 1000, 1100, 11, ['packets', 'flows', 'down', 'burst_packets', 'rtt_p50_ms', 'rtt_p99_ms']);
	assert.equal(few.step, 10);
	assert.deepEqual(few.points[5], [1050, 10, 100, 59, true, 59, 1, 2]);
	assert.equal(heldRange(s, 0, Infinity, 1000, ['packets']).step, 600);
	assert.equal(heldRange(s, 0, Infinity, 1000, ['nothing']).points[0]?.[2], null);
});

test('a snapshot answers as the server does, and does nothing else', async () => {
	const told: Message[] = [];
	const source = sourceOf(held(), (m) => told.push(m));
	assert.deepEqual(await (await source.get('/api/v1/alerts?limit=1000', {})).json(), { total: 0, alerts: [] });
	for (const [path, options] of [['/api/v1/timeline', {}], ['/api/v1/dns', {}], ['/api/v1/__proto__', {}], ['/api/v1/history?host=10.0.0.1', {}], ['/api/v1/alerts', { method: 'POST' }]] as const) {
		const answer = await source.get(path, options);
		assert.equal(answer.ok, false, path);
		assert.match(((await answer.json()) as { error: string }).error, /^A snapshot/);
	}
	for (const message of [{ type: 'query_flows', request: 1, filter: 'x>' }, { type: 'query_groups', request: 2, by: 'host', filter: 'tcp' }, { type: 'get_packet_detail', id: 9 }, { type: 'ping', t: 1 }])
		source.send(message);
	await new Promise((done) => setTimeout(done, 20));
	assert.deepEqual(told.map((m) => m.type), ['error', 'groups', 'packet_detail']);
});
