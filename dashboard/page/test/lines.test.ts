// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Timed } from '../src/state/timed';
import { lineColumns, type LinesOf } from '../src/ui/lines';

const of: LinesOf = {
	text: String,
	axis: String,
	least: 1,
	lines: [
		{ name: 'a', color: 's1', value: (v, length) => (v('a') ?? 0) / length },
		{ name: 'b', color: 's2', value: (v) => v('b') },
	],
};
const timed = (rows: Timed['rows']): Timed => ({ key: '', step: 1, complete: null, columns: ['time', 'length', 'a', 'b'], buckets: [], rows });

test('lines have one more column: the first line some time earlier, of nulls without a comparison', () => {
	const data = timed([[3600, 1, 5, null], [3601, 1, 6, 2]]);
	assert.deepEqual(lineColumns(of, data, null), [[3601, 3602], [5, 6], [null, 2], [null, null]]);
	const before = { data: timed([[0, 1, 7, 1]]), shift: 3600, word: 'the hour before' };
	assert.deepEqual(lineColumns(of, data, before), [[3601, 3602], [5, 6], [null, 2], [7, null]]);
	assert.deepEqual(lineColumns(of, data, { ...before, data: timed([]) })[3], [null, null]);
});
