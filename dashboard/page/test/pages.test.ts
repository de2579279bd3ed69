// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowRow, FlowsAnswer } from '../src/net/wire';
import { inTheirPlaces, pageFor, rowsInAll, rowsFrom, rowsInReach, rowsWanted, START, withMarks } from '../src/state/pages';

const answer = (rows: number, matched: number, before: number): FlowsAnswer =>
	({
		flows: Array.from({ length: rows }, () => ({}) as FlowRow),
		matched,
		before,
		cursors: Array.from({ length: Math.floor((rows - 1) / 32) }, (_, i) => `c${before + 32 * (i + 1)}`),
		next: before + rows < matched ? `c${before + rows}` : null,
	}) as unknown as FlowsAnswer;

test('rows from the first on are asked for in a few sizes', () => {
	assert.deepEqual([0, 100, 101, 700, 5000].map((to) => rowsWanted(to, 1000)), [32, 128, 128, 1000, 1000]);
});

test('where a page may begin anywhere, the first thousand rows are one page, and then those in sight', () => {
	assert.deepEqual(rowsFrom(0, 40, 1000), { at: 0, limit: 64 });
	assert.deepEqual(rowsFrom(970, 1000, 1000), { at: 0, limit: 1000 });
	for (const from of [975, 1000, 2300, 16370]) {
		const { at, limit } = rowsFrom(from, from + 30, 1000);
		assert(at <= from - 8 && at + limit >= from + 38 && limit <= 96, `${from}: ${limit} from ${at}`);
	}
});

test('only rows in sight and some around them are asked for, from the nearest place where a page may begin', () => {
	assert.deepEqual(pageFor(START, 0, 0, 1000), { start: { at: 0, cursor: null }, limit: 32 });
	assert.equal(pageFor(START, 0, 40, 1000).limit, 64);
	assert.equal(pageFor(START, 0, 5000, 1000).limit, 1000, 'never more than an answer has');
	const marks = withMarks(START, 0, answer(96, 5000, 0));
	assert.deepEqual(
		marks.map((m) => [m.at, m.cursor]),
		[[0, null], [32, 'c32'], [64, 'c64'], [96, 'c96']],
	);
	const page = pageFor(marks, 110, 140, 1000);
	assert.deepEqual([page.start.at, page.start.cursor, page.limit], [96, 'c96', 64]);
	assert.equal(pageFor(marks, 100, 130, 1000).start.at, 64, 'with some rows before those in sight');
});

test('a list is scrolled past its first thousand rows, a page beyond what is known', () => {
	let marks = withMarks(START, 0, answer(64, 5000, 0));
	assert.equal(rowsInAll(0, answer(64, 5000, 0)), 5000);
	assert.equal(rowsInReach(marks, 5000, 1000), 64 + 1000);
	const far = pageFor(marks, 950, 990, 1000);
	assert.equal(far.start.at, 64);
	assert.ok(far.start.at + far.limit >= 990);
	const end = pageFor(marks, 1030, 1064, 1000);
	assert.equal(end.start.at + end.limit, 1064, 'all that can be scrolled to is in one page');
	marks = withMarks(marks, far.start.at, answer(far.limit, 5000, far.start.at));
	assert.ok((marks.at(-1)?.at ?? 0) >= 1000);
	assert.ok(rowsInReach(marks, 5000, 1000) > 1900);
	assert.equal(rowsInReach(marks, 1200, 1000), 1200, 'and no farther than it goes');
});

test('places are kept within bounds', () => {
	let marks = START;
	for (let at = 0; at < 400_000; at += 960) marks = withMarks(marks, at, answer(960, 400_000, at));
	assert.ok(marks.length <= 2048 + 32, `${marks.length} places`);
	assert.equal(marks[0]?.at, 0);
	assert.ok(marks.every((m, i) => i === 0 || m.at > (marks[i - 1]?.at ?? 0)));
});

test('rows keep their places under the pointer, with new values', () => {
	const key = (r: { k: string }) => r.k;
	const shown = [{ k: 'a', n: 3 }, { k: 'b', n: 2 }, { k: 'c', n: 1 }];
	const next = [{ k: 'b', n: 9 }, { k: 'd', n: 5 }, { k: 'a', n: 4 }];
	assert.deepEqual(inTheirPlaces(shown, next, key), [{ k: 'a', n: 4 }, { k: 'b', n: 9 }, { k: 'c', n: 1 }]);
	assert.deepEqual(
		inTheirPlaces(shown.slice(0, 1), next, key).map(key),
		['a', 'b', 'd'],
		'what is new stands behind',
	);
});
