// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Peer, PeerRun } from '../src/net/api';
import { fleetWords, gravity, hostOfUrl, nameOf, peerLedger, peerLosses, peerState } from '../src/state/fleet';
import { sorter } from '../src/views/fleet';

const run = (more: Partial<PeerRun> = {}): PeerRun =>
	({ sensor: null, live: true, state: 'running', state_text: '', lost: 0, losses: 0, limits: 0, ledger: { balanced: true, borders: 3, unbalanced: null }, ...more }) as PeerRun;
const peer = (url: string, state: string, told: PeerRun | null = null, why = ''): Peer => ({ url, state, why, took_ms: null, age_secs: null, run: told });

test('each way in which a sensor cannot be had has a word of its own', () => {
	const states = ['slow', 'gone', 'certificate', 'password', 'refused', 'no_netscope', 'too_large', 'unknown_host'];
	const words = states.map((state) => peerState(peer('http://a:1', state, null, 'why')));
	assert.equal(new Set(words.map((w) => w.text)).size, states.length);
	assert.ok(words.every((w) => w.tone === 'bad' && w.detail === 'why' && !w.text.includes('_')));
	assert.equal(peerState(peer('http://a:1', 'something_new')).text, 'something new');
	assert.equal(peerState(peer('http://a:1', 'ok', run({ live: false }))).text, 'reading');
	assert.equal(peerState(peer('http://a:1', 'ok', run({ live: false, source: 'synth' }))).text, 'generating');
	assert.deepEqual(peerState(peer('http://a:1', 'ok', run({ state: 'link_down', state_text: 'x' }))), { tone: 'warn', text: 'link down', detail: 'x' });
});

test('losses, limits and ledgers of a sensor', () => {
	assert.deepEqual(
		[run({ lost: 12 }), run({ losses: 2 }), run({ limits: 1 }), run({ lost: null }), run()].map((r) => [peerLosses(r).tone, peerLosses(r).text]),
		[['bad', '12'], ['bad', '2 losses'], ['warn', '1 limit'], ['quiet', 'not known'], ['good', 'none']],
	);
	assert.equal(peerLedger(run({ ledger: { balanced: false, borders: 3, unbalanced: 'w' } })).detail, 'w');
	assert.equal(peerLedger(run({ ledger: { balanced: true, borders: null, unbalanced: null } })).tone, 'quiet');
});

test('the worst sensor comes first, and the fleet is one sentence', () => {
	const all = [peer('http://d:1', 'ok', run()), peer('http://c:1', 'ok', run({ lost: 1 })), peer('http://b:1', 'gone'), peer('http://a:1', 'asking')];
	assert.deepEqual(all.slice().sort(sorter('state', 'asc')).map((p) => hostOfUrl(p.url)), ['b:1', 'c:1', 'a:1', 'd:1']);
	assert.deepEqual(all.slice().sort(sorter('lost', 'desc')).map((p) => hostOfUrl(p.url)), ['c:1', 'd:1', 'a:1', 'b:1'], 'what is not known comes last');
	assert.equal(fleetWords(all).text, '1 of 4 sensors not reached');
	assert.equal(fleetWords(all.slice(0, 1)).text, '1 sensor, all well');
	assert.equal(nameOf(peer('https://x:2', 'ok', run({ sensor: 'rack7' }))), 'rack7');
	assert.ok(gravity(all[2] as Peer) < gravity(all[1] as Peer));
});
