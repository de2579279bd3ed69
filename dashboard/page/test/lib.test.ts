// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { niceStep, niceTop, ticks, timeStep } from '../src/lib/axis';
import { asciiText, ownerOfBytes, parseHex } from '../src/lib/hex';
import { formatRoute, parseRoute } from '../src/lib/router';
import { createStore, shallowEqual } from '../src/lib/store';
import { clock, clockMs, day, full, zoneName } from '../src/lib/time';

test('steps are 1, 2 or 5 times a power of ten', () => {
	for (const span of [0.007, 0.9, 3, 17, 250, 999, 1e6, 7.3e9]) {
		const step = niceStep(span, 4);
		const lead = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
		assert.ok(
			[1, 2, 5].some((f) => Math.abs(lead - f) < 1e-6),
			`${span}: ${step}`,
		);
		assert.ok(span / step <= 4 + 1e-9);
	}
	assert.equal(niceTop(0, 10), 10);
	assert.equal(niceTop(4.4e9), 6e9);
	assert.ok(niceTop(4.4e9) >= 4.4e9);
	assert.deepEqual(ticks(6, 4), [0, 2, 4, 6]);
	assert.equal(timeStep(900, 8), 120);
	assert.equal(timeStep(60, 8), 10);
});

test('routes are permalinks: there and back', () => {
	const there = formatRoute({
		view: 'flows',
		query: { filter: 'port:443 !host:10.0.0.0/8 rtt>5ms', sort: 'bytes', none: null },
	});
	assert.deepEqual(parseRoute(there), {
		view: 'flows',
		id: null,
		query: { filter: 'port:443 !host:10.0.0.0/8 rtt>5ms', sort: 'bytes' },
	});
	const key = 'tcp-2001:db8::1-443-2001:db8::2-5/1';
	assert.equal(parseRoute(formatRoute({ view: 'flow', id: key })).id, key);
	assert.equal(parseRoute('').view, 'overview');
	assert.equal(parseRoute('#/packets/81').id, '81');
	assert.equal(parseRoute('#/flow/%E0%A4%A').id, '%E0%A4%A');
});

test('the narrowest field owns a byte, of equals the deepest', () => {
	const spans = [
		{ offset: 0, length: 14 },
		{ offset: 0, length: 6 },
		{ offset: 12, length: 2 },
		{ offset: 12, length: 2 },
		{ offset: 20, length: 0 },
		{ offset: 14, length: 90 },
	];
	const owner = ownerOfBytes(spans, 16);
	assert.equal(owner[0], 1);
	assert.equal(owner[7], 0);
	assert.equal(owner[12], 3);
	assert.equal(owner[15], 5);
	assert.deepEqual([...parseHex('00fF 1')], [0, 255]);
	assert.equal(asciiText(0x3c), '<');
	assert.equal(asciiText(0x7f), '·');
});

test('a store tells only of changes', () => {
	const store = createStore({ n: 1 });
	let told = 0;
	const stop = store.subscribe(() => told++);
	store.set(store.get());
	assert.equal(told, 0);
	store.update((s) => ({ n: s.n + 1 }));
	assert.equal(told, 1);
	stop();
	store.set({ n: 9 });
	assert.equal(told, 1);
	assert.ok(shallowEqual([1, 'a'], [1, 'a']));
	assert.ok(!shallowEqual([1], [1, 2]));
});

test('times in UTC do not depend on where the reader is', () => {
	const ms = Date.UTC(2026, 1, 3, 4, 5, 6, 7);
	assert.equal(clock(ms, 'utc'), '04:05:06');
	assert.equal(clockMs(ms, 'utc'), '04:05:06.007');
	assert.equal(day(ms, 'utc'), '2026-02-03');
	assert.equal(full(ms, 'utc'), '2026-02-03 04:05:06.007 UTC');
	assert.equal(zoneName('local', { getTimezoneOffset: () => -330 } as Date), 'UTC+05:30');
	assert.equal(zoneName('local', { getTimezoneOffset: () => 210 } as Date), 'UTC-03:30');
	assert.equal(clock(null, 'utc'), '–');
});
