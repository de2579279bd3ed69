// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsRow } from '../src/net/api';
import { dnsSums, failuresOf } from '../src/views/dns';

test('a name that does not exist is an answer, every other code but NOERROR a failure', () => {
	const row = { answers: { noerror: 90, nxdomain: 5, servfail: 3, refused: 2 } } as unknown as DnsRow;
	assert.equal(failuresOf(row), 5);
	assert.equal(failuresOf({ answers: {} } as unknown as DnsRow), 0);
});

test('sums of DNS: shares are of the queries, a run without DNS has dashes', () => {
	const columns = ['time', 'length', 'dns_queries', 'dns_answers', 'dns_nxdomain'];
	const base = { key: '', step: 1, complete: null, columns, buckets: [] };
	const sums = dnsSums({ ...base, rows: [[0, 1, 100, 98, 4], [1, 1, 100, 100, 0]] });
	assert.deepEqual(sums.map((s) => s.value), ['200', '198', '4', '–', '–']);
	assert.equal(sums[2]?.detail, '2.0 % of queries');
	assert.deepEqual(dnsSums({ ...base, rows: [[0, 1, null, null, null]] }).map((s) => `${s.value}${s.detail}`), ['–', '–', '–', '–', '–']);
});
