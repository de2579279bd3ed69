// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bitsOf, compile, sorter } from '../src/net/held_flows';
import { ROWS } from './held_rows';

test('addresses as digits', () => {
	assert.equal(bitsOf('10.0.0.1'), '00001010000000000000000000000001');
	assert.equal(bitsOf('::ffff:10.0.0.1').slice(80), `1111111111111111${bitsOf('10.0.0.1')}`);
	assert.equal(bitsOf('2001:db8::1').length, 128);
	for (const no of ['', '10.0.0', '10.0.0.999', 'www.example.com', '1::2::3g', 'abcd', '443']) assert.equal(bitsOf(no), '', no);
});

test('the filter language over rows that are held', () => {
	const keys = (filter: string): string => ROWS.filter(compile(filter, 200)).map((f) => f.key).join(' ');
	for (const [filter, want] of [
		['', 'k1 k2 k3'], ['host:10.0.0.2', 'k2'], ['10.0.0.0/30', 'k1 k2 k3'], ['!10.0.0.2', 'k1 k3'], ['host:2001:db8::/32', 'k3'],
		['2001:db8::53', 'k3'], ['port:443', 'k1 k2'], ['443', 'k1 k2'], ['port:50-60,40001', 'k1 k3'], ['client:10.0.0.0/8', 'k1 k3'],
		['client!=10.0.0.1', 'k3'], ['!client:10.0.0.1', 'k2 k3'], ['server_port:443', 'k1'], ['udp', 'k3'], ['proto:tcp state:established', 'k1 k2'],
		['ended:yes', 'k2'], ['rtt>2ms', 'k3'], ['rtt<1s', 'k1 k3'], ['rtt!=1', 'k3'], ['bytes>=0.2k', 'k2 k3'], ['retrans>1 retrans<3', 'k2'],
		['duration>48s', 'k1'], ['age<98', 'k3'], ['idle:50', 'k1 k2 k3'], ['name:example.com', 'k1 k2'], ['example.com', 'k1 k2'],
		['name:*.example.com', 'k1 k2'], ['name:ww', ''], ['app:dns', 'k3'], ['dns', 'k3'], ['alpn:h2', 'k1 k2 k3'], ['vlan:10', 'k3'], ['ip:4', 'k1 k2 k3'], ['ip:6', ''],
	] as const)
		assert.equal(keys(filter), want.replaceAll('  ', ' '), filter);
	for (const bad of ['host:nowhere', 'constructor:1', 'tunnel_id:7', 'rtt>fast', 'bytes>1q']) assert.throws(() => compile(bad, 200), Error, bad);
	assert.deepEqual(ROWS.slice().sort(sorter('bytes', 'desc')).map((f) => f.key), ['k3', 'k2', 'k1']);
	assert.deepEqual(ROWS.slice().sort(sorter('rtt', 'asc')).map((f) => f.key), ['k1', 'k3', 'k2'], 'unknown last');
	assert.deepEqual(ROWS.slice().sort(sorter('client', 'desc')).map((f) => f.key), ['k3', 'k1', 'k2']);
});
