// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Timed } from '../src/state/timed';
import { burstWords, tcpSums } from '../src/views/tcp';

const columns = ['time', 'length', 'packets', 'bytes', 'retransmissions', 'gaps', 'gaps_filled', 'opened', 'refused', 'unanswered', 'burst_bytes'];
const timed = (rows: Timed['rows']): Timed => ({ key: '', step: 1, complete: null, columns, buckets: [], rows });

test('sums of TCP: shares say of what, lost are gaps that nobody filled, unknown is no 0', () => {
	const sums = tcpSums(timed([[0, 1, 1000, 125_000, 5, 4, 1, 10, 1, null, null], [1, 1, 1000, 125_000, 5, 0, 2, 10, 2, 1, null]]));
	const told = Object.fromEntries(sums.map((s) => [s.name, `${s.value} ${s.detail}`.trim()]));
	assert.equal(told['Retransmissions'], '10 0.5 % of packets');
	assert.equal(told['Lost segments'], '1 4 gaps, 3 filled');
	assert.equal(told['Failed handshakes'], '4 20.0 % of 20 opened');
	assert.equal(told['Zero windows'], '–', 'a series that is not there');
	const none = tcpSums(timed([[0, 1, 10, 10, null, null, null, null, null, null, null]]));
	assert.equal(none.find((s) => s.name === 'Lost segments')?.value, '–');
	assert.equal(none.find((s) => s.name === 'Failed handshakes')?.detail, '');
});

test('more gaps filled than opened in a span are no negative loss', () => {
	const sums = tcpSums(timed([[0, 1, 1000, 1, 0, 1, 3, 0, 0, 0, null]]));
	assert.equal(sums.find((s) => s.name === 'Lost segments')?.value, '0');
});

test('a burst is told beside the mean; without any it is said how to look for them', () => {
	assert.match(burstWords(timed([[0, 1, 1000, 125_000, 0, 0, 0, 0, 0, 0, 2500], [1, 1, 1, 125_000, 0, 0, 0, 0, 0, 0, 100]])), /20\.0 Mbit\/s, 20\.0 times the mean/);
	assert.match(burstWords(timed([[0, 1, 1000, 125_000, 0, 0, 0, 0, 0, 0, null]])), /microburst\.enabled/);
});
