// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoresAnswer, ThreadTime } from '../src/net/api';
import { ranSince } from '../src/ui/threads';

const thread = (tid: number, name: string, user_secs: number, system_secs: number): ThreadTime => ({ tid, name, core: tid, user_secs, system_secs });
const answer = (threads_ms: number, threads: ThreadTime[] | null): CoresAnswer =>
	({ tsc_hz: 1, imbalance: null, workers: [{ index: 0, core: null, packets: 1, load: 0.4 }], capture: { cycles_per_packet: null, load: 0.2 }, threads_ms, threads }) as CoresAnswer;

test('processor time is of the span between two answers, beside what the thread counts itself', () => {
	const before = answer(1000, [thread(1, 'control', 1, 1), thread(2, 'nsc-worker-0', 10, 2)]);
	const now = answer(3000, [thread(1, 'control', 1, 1), thread(2, 'nsc-worker-0', 11, 2.5), thread(3, 'nsc-capture', 5, 5)]);
	assert.deepEqual(ranSince(before, now).map((r) => [r.name, r.load, r.user, r.system]), [
		['control', null, 0, 0],
		['nsc-worker-0', 0.4, 0.5, 0.25],
		['nsc-capture', 0.2, null, null],
	]);
});

test('one answer, or the same one twice, says nothing of a rate', () => {
	const now = answer(1000, [thread(2, 'nsc-worker-0', 10, 2)]);
	assert.deepEqual(ranSince(null, now).map((r) => [r.user, r.system]), [[null, null]]);
	assert.deepEqual(ranSince(now, now).map((r) => r.user), [null]);
	assert.deepEqual(ranSince(now, answer(2000, null)), []);
});
