// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSnapshot } from '../src/net/snapshot';
import { file } from './held_rows';

test('a snapshot is read as it was written', () => {
	const read = readSnapshot(file());
	assert.deepEqual(read.flows.rows[2]?.endpoint_b, { ip: '2001:db8::53', port: 53 });
	assert.equal(read.flows.rows.length, 3);
	assert.equal(read.frame.state, 'ended');
});

test('a file that is something else gets one sentence: what is wanted, what was found, where', () => {
	const says = (text: string, pattern: RegExp) => assert.throws(() => readSnapshot(text), (e: Error) => pattern.test(e.message) && !e.message.includes('\n'), String(pattern));
	says('', /^JSON is wanted: /);
	says('{"netscope_snapshot":', /^JSON is wanted: /);
	says('null', /netscope_snapshot: 1 is wanted, nothing was found/);
	says('[]', /netscope_snapshot: 1 is wanted/);
	says(file((f) => (f['netscope_snapshot'] = 2)), /netscope_snapshot: 1 is wanted, 2 was found/);
	says(file((f) => delete f['frame']), /^frame: an object is wanted, nothing was found/);
	says(file((f) => (f['frame'].losses = { length: 3 })), /^frame\.losses: a list is wanted, an object was found/);
	says(file((f) => (f['hello'].stages = ['rx', 7])), /^hello\.stages\[1\]: a text is wanted, 7 was found/);
	says(file((f) => (f['flows'].rows.rows[1][f['flows'].rows.columns.indexOf('bytes_total')] = 'many')), /^flows\.rows\.rows\[1\]\.bytes_total: a number is wanted, "many" was found/);
	says(file().replace('"made":200', '"made":1e999'), /^made: a number is wanted/);
	says(file((f) => (f['frame'].counters = Array(20_001).fill(0))), /^frame\.counters: a list of at most 20000 is wanted, a list of 20001 was found/);
	says(file((f) => (f['host'] = 'x'.repeat(1 << 19))), /^host: a text of at most/);
	says(file((f) => (f['bodies'].peers = { each_ms: 1, answer_ms: 1, peers: [{ url: 'javascript:alert(1)', state: 'ok', why: '' }] })), /http or https is wanted, "javascript/);
	const profile = { available: true, hz: 1, threads: [{ name: 't', tid: 1 }], frames: ['f'], stacks: [{ thread: 0, core: 0, count: 1, frames: [0, 1] }] };
	says(file((f) => (f['bodies'].profile = profile)), /stacks\[0\]\.frames: a frame of the list is wanted, 1 was found/);
	says(file((f) => (f['ranges'] = [{ step: 0, tier: 1, boot_id: '', columns: ['time', 'length'], points: [] }])), /^ranges\[0\]: a step/);
});

test('deep, giant and special names neither end the page nor get into objects', () => {
	const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
	const nested = file((f) => (f['bodies'].config = { version: '1', config: { a: 'DEEP' }, doctor: null }));
	assert.throws(() => readSnapshot(nested.replace('"DEEP"', deep)), Error);
	let layers: object = { name: 'n', label: 'l', offset: 0, length: 1 };
	for (let i = 0; i < 50; i++) layers = { name: 'n', label: 'l', offset: 0, length: 1, fields: [layers] };
	const read = readSnapshot(file((f) => (f['details'] = [{ type: 'packet_detail', id: 1, found: true, layers: [layers] }])));
	let levels = 0;
	for (let at = read.details[0]?.layers?.[0]; at; at = at.fields?.[0]) levels++;
	assert.equal(levels, 17, 'deeper fields are left out');
	const bad = readSnapshot(file().replace('"analysis"', '"x"').replace('"stages":["rx"]', '"stages":["rx"],"settings":{"__proto__":1,"constructor":2,"peers":3}'));
	assert.deepEqual(Object.keys(bad.hello.settings ?? {}), ['peers']);
	assert.equal(({} as Record<string, unknown>)['peers'], undefined);
	const unknown = readSnapshot(file().replace('"host":"h"', '"host":"h","__proto__":{"evil":1},"more":[1]'));
	assert.equal((unknown as unknown as Record<string, unknown>)['evil'], undefined);
	assert.equal((unknown as unknown as Record<string, unknown>)['more'], undefined);
});
