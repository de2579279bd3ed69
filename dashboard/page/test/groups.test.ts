// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupRow, GroupsAnswer } from '../src/net/wire';
import { exactness, kindOf, kindsOf, pairOf, serviceOf, shareOf, sortOf, windowRate, windowText, withoutText } from '../src/state/groups';

const row = (key: string, bytes: number, more: Partial<GroupRow> = {}): GroupRow =>
	({ key, term: `host:${key}`, flows: 1, packets: 1, bytes, bytes_sent: bytes, bytes_received: 0, ...more }) as GroupRow;
const answer = (more: Partial<GroupsAnswer>): GroupsAnswer =>
	({
		by: 'host',
		sort: 'bytes',
		exact: true,
		proven: 2,
		bound: 0,
		groups: 2,
		window: null,
		total: { flows: 3, packets: 9, bytes: 100 },
		without: { flows: 0, packets: 0, bytes: 0 },
		rows: [row('10.0.0.1', 75), row('10.0.0.2', 25)],
		...more,
	}) as GroupsAnswer;

test('an answer that was given before says how old it is', () => {
	assert.equal(windowText(answer({ age_ms: 999 })), 'all flows that are held');
	assert.equal(windowText(answer({ age_ms: 20_400 })), 'all flows that are held, 20.0 s ago');
	assert.equal(windowText(answer({ age_ms: 185_000, window: { from: 100, to: 145 } })), 'last 45.0 s, 3 min 05 s ago');
});

test('how exact an answer is, in words, is never more than the server said', () => {
	const hosts = kindOf('host');
	assert.equal(exactness(answer({}), hosts, 'bytes').text, '2 hosts, exact');
	assert.match(exactness(answer({}), hosts, 'bytes').detail, /no host is missing/);
	const cut = exactness(answer({ groups: 900, bound: 24 }), hosts, 'bytes');
	assert.deepEqual([cut.exact, cut.text], [true, '900 hosts, exact']);
	assert.match(cut.detail, /No host behind those that are shown has more than 24 B/);
	const largest = exactness(answer({ groups: null, bound: 24 }), hosts, 'bytes');
	assert.deepEqual([largest.exact, largest.text], [true, 'The largest hosts, exact']);
	const bounded = exactness(answer({ exact: false, proven: 1, bound: 3e6, groups: null }), hosts, 'bytes');
	assert.equal(bounded.exact, false);
	assert.equal(
		bounded.text,
		'More hosts than there is room for: the first 1 are certain; one that is missing has at most 3.00 MB',
	);
	assert.match(exactness(answer({ exact: false, proven: 0, groups: null }), hosts, 'bytes').text, /no place in this list is certain/);
	const part = exactness(answer({ exact: false, proven: 0, held: 10000, of_flows: 123456 }), hosts, 'bytes');
	assert.equal(part.text, '2 hosts in the largest 10,000 of 123,456 flows');
	const flows = exactness(answer({ exact: false, proven: 1, bound: 12, sort: 'flows', groups: null }), hosts, 'bytes');
	assert.match(flows.text, /at most 12 flows/);
	assert.match(exactness(answer({ exact: false, by: 'asn' }), kindOf('asn'), 'bytes').detail, /each row may have up to/);
	assert.equal(withoutText(answer({}), hosts, 'bytes'), '');
	assert.equal(
		withoutText(answer({ without: { flows: 1, packets: 1, bytes: 7 } }), kindOf('name'), 'bytes'),
		'1 flow with 7 B has no name',
	);
});

test('groups: kinds that the server has, keys, shares, rates, sort of the last minute', () => {
	assert.deepEqual(kindsOf(['pair', 'host', 'new']).map((k) => k.by), ['host', 'pair']);
	assert.ok(kindsOf(undefined).length > 8);
	assert.equal(kindOf('nonsense').by, 'host');
	assert.deepEqual(pairOf('10.0.0.1 2001:db8::1'), ['10.0.0.1', '2001:db8::1']);
	assert.deepEqual(serviceOf('tcp/443'), { protocol: 'tcp', port: '443' });
	assert.equal(shareOf(row('a', 75), answer({})), 0.75);
	assert.equal(shareOf(row('a', 75), answer({ total: { flows: 0, packets: 0, bytes: 0 } })), 0);
	assert.equal(windowRate(row('a', 75), answer({})), null);
	assert.equal(windowRate(row('a', 75), answer({ window: { from: 10, to: 40 } })), 20);
	assert.deepEqual([sortOf('packets', false), sortOf('packets', true), sortOf('x', false)], ['packets', 'bytes', 'bytes']);
});
