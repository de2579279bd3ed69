// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillLink, toolLinks } from '../src/state/tools';

test('values are encoded, wherever they come from', () => {
	assert.equal(fillLink('https://g.example/d?h={host}&t={from_ms}', { host: '2001:db8::1', from_ms: 5 }), 'https://g.example/d?h=2001%3Adb8%3A%3A1&t=5');
	const evil = '"><script>alert(1)</script>&x=1#/../\u202e';
	const filled = fillLink('https://g.example/d?n={name}', { name: evil }) ?? '';
	assert.equal(new URL(filled).searchParams.get('n'), evil);
	assert.equal(new URL(filled).host, 'g.example');
	assert.doesNotMatch(filled, /["<>#&]/);
});

test('a link whose values are not known is not shown, and nothing but http leads anywhere', () => {
	const links = [
		{ name: 'a', url: 'https://g.example/{host}' },
		{ name: 'b', url: 'https://g.example/{name}' },
		{ name: 'c', url: 'javascript:alert({host})' },
		{ name: 'd', url: 'https://g.example/' },
	];
	assert.deepEqual(toolLinks(links, { host: '10.0.0.1', name: null }).map((l) => l.name), ['a', 'd']);
	assert.deepEqual(toolLinks(links, { name: '' }).map((l) => l.name), ['d']);
});
