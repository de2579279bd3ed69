// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosen, edgesOf, rangeQuery, readCompared, readRange } from '../src/state/range';
import { columnsOf, ghostOf, joinRows, nextAsk, stale, totalOf, type Timed } from '../src/state/timed';

const timed = (more: Partial<Timed> = {}): Timed => ({
	key: 'k',
	step: 1,
	complete: 20,
	columns: ['time', 'length', 'packets', 'rtt'],
	buckets: [1, 2],
	rows: [],
	...more,
});

test('a range is read from the address, and what cannot be is none', () => {
	assert.deepEqual(readRange({ from: '10', to: '20.5' }, 300), { fixed: true, from: 10, to: 20.5 });
	for (const bad of [{ from: '20', to: '10' }, { from: 'x', to: '10' }, { from: '-1', to: '10' }, { from: '1' }, { span: '17' }])
		assert.deepEqual(readRange(bad as Record<string, string>, 300), { fixed: false, span: 300 }, JSON.stringify(bad));
	assert.deepEqual(readRange({ span: '0' }, 300), { fixed: false, span: 0 });
	const range = { fixed: true, from: 1.2345, to: 9 } as const;
	assert.deepEqual(rangeQuery(range), { span: null, from: '1.235', to: '9' });
	assert.deepEqual([readCompared({ compare: 'day' }), readCompared({ compare: 'toString' }), readCompared({})], ['day', null, null]);
});

test('a range that was drawn is in order, not too short, and not before 1970', () => {
	assert.deepEqual(chosen(20, 10), { fixed: true, from: 10, to: 20 });
	assert.deepEqual(chosen(10, 10.2), { fixed: true, from: 9.1, to: 11.1 });
	assert.deepEqual(chosen(-5, 10), { fixed: true, from: 0, to: 10 });
});

test('the edges of a picture: live up to now, a file from its first packet, the whole run', () => {
	assert.deepEqual(edgesOf({ fixed: false, span: 300 }, 900, 1000, true), [700, 1000]);
	assert.deepEqual(edgesOf({ fixed: false, span: 300 }, 900, 1000, false), [900, 1000]);
	assert.deepEqual(edgesOf({ fixed: false, span: 0 }, 900, 1000, true), [900, 1000]);
	assert.deepEqual(edgesOf({ fixed: true, from: 1, to: 2 }, 900, 1000, true), [1, 2]);
});

test('what to ask for: everything, then what is new; a coarse answer whole; nothing of a span that is over', () => {
	const live = { fixed: false, span: 300 } as const;
	assert.equal(nextAsk(null, live, null, 0), null, 'before the first tick');
	assert.deepEqual(nextAsk(null, live, 1000, 0), { from: 700, to: null, more: false });
	const rows = [[997, 1], [998, 1], [999, 0.4]];
	assert.deepEqual(nextAsk(timed({ rows }), live, 1000, 0), { from: 998, to: null, more: true });
	assert.deepEqual(nextAsk(timed({ rows, step: 10 }), live, 1000, 0), { from: 700, to: null, more: false });
	assert.deepEqual(nextAsk(null, live, 1000, 600), { from: 100, to: 400, more: false });
	const fixed = { fixed: true, from: 10, to: 20 } as const;
	assert.deepEqual(nextAsk(timed({ complete: 19 }), fixed, null, 0), { from: 10, to: 20, more: false });
	assert.equal(nextAsk(timed({ complete: 20 }), fixed, null, 0), null);
	const many = Array.from({ length: 990 }, (_, i) => [i, 1]);
	assert.equal(nextAsk(timed({ rows: many }), { fixed: false, span: 0 }, 1000, 0)?.more, false, 'the whole run does not grow without end');
	assert.ok(stale(timed(), 1000, false) && !stale(timed(), 1000, true) && !stale(timed({ step: 600 }), 50_000, false) && stale(timed({ step: 600 }), 60_000, false));
});

test('rows: what may have grown is replaced, what is too old goes', () => {
	assert.deepEqual(joinRows([[1, 1, 5], [2, 1, 6], [3, 1, 7]], [[3, 1, 9], [4, 1, 1]], 2), [[2, 1, 6], [3, 1, 9], [4, 1, 1]]);
	assert.deepEqual(joinRows([[1, 1]], [], 0), [[1, 1]]);
});

test('columns: rates over the length, unknown is null, a gap breaks every line', () => {
	const data = timed({ rows: [[10, 2, 8, null], [12, 2, 4, 3], [20, 2, 6, [1, 2]]] });
	const columns = columnsOf(data, [(v, length) => (v('packets') ?? 0) / length, (v) => v('rtt'), (v) => v('none')]);
	assert.deepEqual(columns, [
		[12, 14, 14.001, 22],
		[4, 2, null, 3],
		[null, 3, null, null],
		[null, null, null, null],
	]);
	assert.equal(totalOf(data, 'packets'), 18);
	assert.equal(totalOf(timed({ rows: [[1, 1, null, null]] }), 'packets'), null);
});

test('the line of an hour before: the nearest point, and none where nothing is near', () => {
	assert.deepEqual(ghostOf([3610, 3620, 3630, 3700], [10, 21, 29], [1, null, 3], 3600, 6), [1, null, 3, null]);
	assert.deepEqual(ghostOf([1], [], [], 0, 5), [null]);
});
