// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowsFile } from '../src/net/api';
import { isMuted, isSeen, readOwn, unseenNow, withMute, withSeen } from '../src/state/episodes';

const NOTHING = readOwn(null);
const open = { news: [{ id: 2, key: 'syn_flood 10.0.0.9:80' }, { id: 1, key: 'port_scan 10.0.0.7' }], open: 3, unseen: 2 };

test('what goes on is counted until it is seen or muted here', () => {
	assert.equal(unseenNow(NOTHING, 'a', undefined), null);
	assert.equal(unseenNow(NOTHING, 'a', open), 2);
	const seen = withSeen(NOTHING, 'a', 2, true);
	assert.equal(unseenNow(seen, 'a', open), 1);
	assert.equal(unseenNow(seen, 'b', open), 2, 'ids of another run say nothing');
	assert.equal(unseenNow(withMute(seen, 'port_scan 10.0.0.7', true), 'a', open), 0);
	assert.equal(unseenNow(withSeen(seen, 'a', 2, false), 'a', open), 2);
});

test('seen and muted, on the server or here', () => {
	const mine = withMute(withSeen(NOTHING, 'a', 5, true), 'port_scan 10.0.0.7', true);
	assert.equal(isSeen(mine, 'a', { id: 5, seen: false }), true);
	assert.equal(isSeen(mine, 'b', { id: 5, seen: false }), false);
	assert.equal(isSeen(mine, 'b', { id: 5, seen: true }), true);
	assert.equal(isMuted(mine, { key: 'port_scan 10.0.0.7', muted: false }), true);
	assert.equal(isMuted(withMute(mine, 'port_scan 10.0.0.7', false), { key: 'port_scan 10.0.0.7', muted: false }), false);
});

test('what is kept is bounded, and what was stored is looked at', () => {
	let mine = NOTHING;
	for (let i = 0; i < 1000; i++) mine = withMute(withSeen(mine, 'a', i, true), `port_scan ${i}`, true);
	assert.equal(mine.seen.length, 512);
	assert.equal(mine.seen.at(-1), 999);
	assert.equal(mine.mutes.length, 256);
	assert.deepEqual(readOwn(JSON.stringify(mine)), mine);
	for (const text of ['', '{', '[]', 'null', '{"boot":1}', '{"boot":"a","seen":{},"mutes":[]}']) assert.deepEqual(readOwn(text), NOTHING, text);
	assert.deepEqual(readOwn('{"boot":"a","seen":["x",1],"mutes":[2,"k"]}'), { boot: 'a', seen: [1], mutes: ['k'] });
});

test('a filter is one parameter of a download', () => {
	assert.equal(flowsFile('csv', ''), '/api/v1/flows.csv');
	assert.equal(flowsFile('json', 'port:443 name:a&b="c"#'), '/api/v1/flows.json?filter=port%3A443+name%3Aa%26b%3D%22c%22%23');
});
