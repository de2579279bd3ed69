// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellsOf, heatOf, heightOf, strength } from '../src/ui/time_heat';

const BUCKETS = [1, 2, 4, 8];

test('a histogram in an answer is pairs; anything else is no sample', () => {
	assert.deepEqual(cellsOf([3, 9, 4, 1]), [[3, 9], [4, 1]]);
	assert.deepEqual([cellsOf(null), cellsOf(7), cellsOf(undefined), cellsOf([3])], [[], [], [], []]);
});

test('a time stands between the ends of its bucket, in proportion to its logarithm', () => {
	assert.deepEqual([0.1, 1, 2, 4, 99].map((ms) => heightOf(ms, BUCKETS)), [0, 0, 1, 2, 3]);
	assert.ok(Math.abs(heightOf(Math.sqrt(8), BUCKETS) - 1.5) < 1e-9);
});

test('shades: nothing has none, one sample can be seen, the fullest is full', () => {
	assert.deepEqual([strength(0, 10), strength(10, 10), strength(1, 1)], [0, 1, 1]);
	assert.ok(strength(1, 1e6) >= 0.2 && strength(1000, 1e6) > 0.5 && strength(1000, 1e6) < 0.7);
});

test('the heat map shows the buckets that were used, and a point without samples stays empty', () => {
	const heat = heatOf({ key: '', step: 1, complete: null, columns: ['time', 'length', 'rtt'], buckets: BUCKETS, rows: [[0, 1, [2, 5]], [5, 2, []], [9, 1, [1, 7, 3, 1]]] }, 'rtt');
	assert.deepEqual([heat.low, heat.high, heat.most], [0, 4, 7]);
	assert.deepEqual(heat.columns.map((c) => [c.start, c.end, c.cells.length]), [[0, 1, 1], [5, 7, 0], [9, 10, 2]]);
});
