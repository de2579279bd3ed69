// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from '../src/net/backoff';
import { ClockOffset, sample } from '../src/net/clock';
import { readMessage } from '../src/net/wire';
import { FrameTimes } from '../src/state/perf';

test('back-off doubles, is spread by a fifth and ends at 15 seconds', () => {
	assert.equal(backoffMs(0, 0.5), 500);
	assert.equal(backoffMs(3, 0.5), 4000);
	assert.equal(backoffMs(0, 0), 400);
	assert.equal(backoffMs(0, 1), 600);
	assert.equal(backoffMs(1000, 0.5), 15_000);
});

test('a server that is ahead has a positive offset, and ages come out right', () => {
	// Sent at 1000, received at 1010 of the browser; the server, 500 ms ahead, wrote 1505 in the middle.
	const ahead = sample(1000, 1010, 1505);
	assert.equal(ahead.offset, 500);
	assert.equal(ahead.roundTrip, 10);
	const clock = new ClockOffset();
	assert.equal(clock.age(1, 2), null);
	clock.add(ahead);
	assert.equal(clock.age(1600, 1120), 20); // stamped at 1100 of the browser's time
	assert.equal(sample(1000, 1010, 505).offset, -500);
});

test('of the samples the quickest is believed, and old ones go', () => {
	const clock = new ClockOffset();
	clock.add({ offset: 3, roundTrip: 2 });
	clock.add({ offset: 90, roundTrip: 200 });
	clock.add({ offset: 1, roundTrip: -5 });
	assert.equal(clock.best()?.offset, 3);
	for (let i = 0; i < 12; i++) clock.add({ offset: 7, roundTrip: 9 });
	assert.equal(clock.best()?.offset, 7);
});

test('only messages that are known come through', () => {
	assert.equal(readMessage('{"type":"frame"}')?.type, 'frame');
	for (const bad of ['', '{', '[]', 'null', '3', '{"type":"evil"}', '{"type":7}', new ArrayBuffer(4)])
		assert.equal(readMessage(bad), null);
});

test('quantiles by nearest rank, over a bounded number of frames', () => {
	const times = new FrameTimes();
	assert.equal(times.quantile(0.5), null);
	for (let i = 1; i <= 5000; i++) times.add(i * 100, i);
	assert.equal(times.quantile(1), 5000);
	assert.equal(times.quantile(0), 4401);
	assert.equal(times.framesPerSecond(500_000), 10);
});
