// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoute } from '../src/lib/router';
import { addressParts, fieldTerm, hostHref, isAddress, parseEnd, termHref } from '../src/state/links';

test('a click adds a term where there is a filter, else shows the flows with it', () => {
	const at = (hash: string, term: string): string => decodeURIComponent(termHref(parseRoute(hash), term).replaceAll('+', ' '));
	assert.equal(at('#/who/name?filter=proto:tcp&last=60', 'port:443'), '#/who/name?filter=proto:tcp port:443&last=60');
	assert.equal(at('#/flows?filter=port:443&sort=rtt', 'port:443'), '#/flows?filter=port:443&sort=rtt&list=all');
	assert.equal(at('#/flow/tcp-x', 'app:tls'), '#/flows?list=all&filter=app:tls');
	assert.equal(at('#/host/10.0.0.1', 'app:tls'), '#/flows?list=all&filter=host:10.0.0.1 app:tls');
	assert.equal(hostHref(parseRoute('#/who?last=60'), '2001:db8::1'), '#/host/2001%3Adb8%3A%3A1?last=60');
});

test('what the server writes as an end is read as address and port, and nothing else is', () => {
	assert.deepEqual(parseEnd('10.0.0.1:443'), { ip: '10.0.0.1', port: 443 });
	assert.deepEqual(parseEnd('[2001:db8::1]:80'), { ip: '2001:db8::1', port: 80 });
	assert.deepEqual(parseEnd('fe80::1'), { ip: 'fe80::1', port: null });
	for (const other of ['02:00:00:00:00:01', 'who-has', '', '10.0.0.1/8', '<b>', '10.0.0.1 x', 'example.org', '443'])
		assert.equal(parseEnd(other), null, other);
	assert.ok(isAddress('::1') && !isAddress('10.0.0.1:5'));
	assert.deepEqual(addressParts('10.0.0.1'), ['', '10.0.0.1']);
	const [front, end] = addressParts('2001:db8:1:2:3:4:5:6666');
	assert.equal(front + end, '2001:db8:1:2:3:4:5:6666');
	assert.ok(end.endsWith('6666'), 'the end stays');
});

test('fields of a packet that flows can be looked for by are terms, and nothing else is', () => {
	assert.equal(fieldTerm('ip.src', '10.0.0.1'), 'host:10.0.0.1');
	assert.equal(fieldTerm('ipv6.dst', 'fe80::1'), 'host:fe80::1');
	assert.equal(fieldTerm('tcp.dstport', '443'), 'port:443');
	assert.equal(fieldTerm('vlan.id', '20'), 'vlan:20');
	assert.equal(fieldTerm('dns.qry.name', 'WWW.Example.org.'), 'name:www.example.org');
	assert.equal(fieldTerm('http.host', '<img src=x>'), null, 'a term has no spaces');
	for (const other of ['ip.ttl', 'eth.src', 'tcp.seq']) assert.equal(fieldTerm(other, '64'), null);
});
