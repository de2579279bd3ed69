// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brushPath, gripAt, moved } from '../src/ui/brush';

test('the small picture of all: square roots, and a gap is a gap', () => {
	const path = brushPath([[0, 10, 0], [10, 10, 90], [40, 10, 40]], 0, 50);
	assert.equal(path, 'M0.0 30V29.0H200.0V2.0H400.0V30ZM800.0 30V11.0H1000.0V30Z');
	assert.equal(brushPath([], 0, 1), '');
});

test('the window: its ends are gripped near them, and nothing leaves what is known', () => {
	assert.deepEqual([100, 105, 150, 195, 300].map((x) => gripAt(x, 100, 200)), ['from', 'from', 'both', 'to', 'new']);
	assert.equal(gripAt(101, 100, 102), 'from', 'a narrow window: the nearer end');
	assert.deepEqual(moved('both', 10, 20, -50, 0, 100), [0, 10]);
	assert.deepEqual(moved('both', 10, 20, 500, 0, 100), [90, 100]);
	assert.deepEqual(moved('from', 10, 20, 5, 0, 100), [15, 20]);
	assert.deepEqual(moved('to', 10, 20, 500, 0, 100), [10, 100]);
});
