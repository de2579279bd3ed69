// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventRow } from '../src/net/wire';
import { marksOf } from '../src/state/events';
import { activeThen } from '../src/ui/moment';

test('marks: in order, within the span, together where they would lie over one another, as grave as the gravest', () => {
	const event = (id: number, time: number, kind: string): EventRow => ({ id, time, kind, text: '', alert_id: null });
	const all = [event(1, 5, 'start'), event(2, 50, 'reload'), event(3, 51, 'alert_begin'), event(4, 90, 'link_down'), event(5, 200, 'unheard_of')];
	const marks = marksOf(all, 10, 110, 1000, 14);
	assert.deepEqual(marks.map((m) => [Math.round(m.at), m.kind, m.events.map((e) => e.id)]), [
		[400, 'alert', [2, 3]],
		[800, 'link', [4]],
	]);
	assert.equal(marksOf(all, 150, 250, 100, 14)[0]?.kind, 'other');
	assert.deepEqual(marksOf(all, 10, 10, 100, 14), []);
});

test('flows of a time: those that had begun and had not ended', () => {
	assert.equal(activeThen(1000, 1600), 'age>=595.0s idle<=605.0s');
	assert.equal(activeThen(1000, 1002), 'idle<=7.0s');
	assert.equal(activeThen(1000, 900), 'idle<=0.0s');
});
