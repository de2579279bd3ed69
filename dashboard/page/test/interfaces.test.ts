// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Interface } from '../src/net/wire';
import { interfaceTrouble } from '../src/state/interfaces';

const good: Interface = {
	name: 'eth0',
	state: 'up',
	outages: 0,
	received: 5,
	received_bytes: 500,
	filtered: 0,
	kernel_drops: 0,
	stack_drops: null,
	nic_drops: 0,
};

test('what is wrong with an interface, in one line', () => {
	assert.deepEqual(interfaceTrouble(good), { tone: 'good', words: 'up, nothing was lost' });
	assert.deepEqual(interfaceTrouble({ ...good, state: null }).tone, 'good');
	assert.deepEqual(interfaceTrouble({ ...good, outages: 2 }), { tone: 'warn', words: 'was down 2 times' });
	assert.equal(interfaceTrouble({ ...good, state: 'down', outages: 1 }).words, 'is down: nothing can arrive');
	assert.equal(interfaceTrouble({ ...good, state: 'removed', outages: 1 }).tone, 'warn');
	assert.equal(interfaceTrouble({ ...good, state: 'failed' }).tone, 'bad');
	assert.deepEqual(interfaceTrouble({ ...good, kernel_drops: 1200, nic_drops: 3 }), {
		tone: 'bad',
		words: "1,200 lost in the kernel's ring; 3 lost in the interface",
	});
});
