// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupRow } from '../src/net/wire';
import { amongLargest, edgesOf, ribbonPath, sankey, stepInMatrix } from '../src/state/talkers';

const row = (key: string, bytes: number, more: Partial<GroupRow> = {}): GroupRow =>
	({ key, term: `host:${key}`, flows: 1, packets: 1, bytes, bytes_sent: bytes, bytes_received: 0, ...more }) as GroupRow;

test('talkers: both directions of a pair; the diagram gives each byte the same height, and no label lies over another', () => {
	const rows = [
		row('a b', 300, { bytes_sent: 100, bytes_received: 200 }),
		row('a c', 100, { bytes_sent: 100, bytes_received: 0 }),
	];
	const edges = edgesOf(rows);
	assert.deepEqual(edges.map((e) => `${e.from}>${e.to} ${e.bytes}`), ['b>a 200', 'a>b 100', 'a>c 100']);
	assert.deepEqual(amongLargest(edges, 1), { edges: [], from: [], to: [] }, 'the largest of each side need not talk to each other');
	const all = amongLargest(edges, 9);
	const data = sankey(all.edges, all.from, all.to, 400);
	assert.deepEqual(data.ribbons.map((r) => r.height), [200, 100, 100]);
	for (const bars of [data.from, data.to])
		bars.slice(1).forEach((bar, i) => assert.ok(bar.y >= (bars[i]?.y ?? 0) + (bars[i]?.height ?? 0), 'bars overlap'));
	const sender = data.from.find((bar) => bar.ip === 'a');
	const own = data.ribbons.filter((r) => r.edge.from === 'a').map((r) => r.left).sort((x, y) => x - y);
	assert.deepEqual(own, [sender?.y, (sender?.y ?? 0) + 100]);
	assert.match(ribbonPath(data.ribbons[0] as (typeof data.ribbons)[0], 10, 90), /^M10\.0 [\d.]+C.*Z$/);
	const tiny = sankey(edgesOf([row('a b', 1001, { bytes_sent: 1000, bytes_received: 1 })]), ['a', 'b'], ['b', 'a'], 400);
	assert.ok(tiny.from.every((bar) => bar.height >= 18) && tiny.ribbons.every((r) => r.height >= 1));
	assert.deepEqual(sankey([], [], [], 400).ribbons, []);
});

test('the matrix is walked by arrows from one filled cell to the next', () => {
	const edge = { from: 'a', to: 'b', bytes: 1, term: null };
	const cells = [
		[edge, null, edge],
		[null, null, edge],
	];
	assert.deepEqual(stepInMatrix(cells, [0, 0], 'ArrowRight'), [0, 2]);
	assert.deepEqual(stepInMatrix(cells, [0, 2], 'ArrowDown'), [1, 2]);
	assert.equal(stepInMatrix(cells, [0, 0], 'ArrowDown'), null);
	assert.equal(stepInMatrix(cells, [0, 0], 'x'), null);
});
