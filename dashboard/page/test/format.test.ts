// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	DASH,
	duration,
	memory,
	milliseconds,
	percent,
	plural,
	rateText,
	short,
	tidy,
	volumeText,
	whole,
} from '../src/lib/format';

test('unknown is a dash, never 0', () => {
	for (const text of [
		rateText(null, 'bits'),
		volumeText(null, 'bytes'),
		short(null),
		whole(null),
		duration(null),
		milliseconds(null),
		memory(null),
		percent(null, 5),
		percent(1, 0),
		rateText(NaN, 'bits'),
	])
		assert.equal(text, DASH);
	assert.notEqual(whole(0), DASH);
});

test('rates in bits and bytes', () => {
	assert.equal(rateText(489_876_536, 'bits'), '490 Mbit/s');
	assert.equal(rateText(489_876_536, 'bytes'), '61.2 MB/s');
	assert.equal(rateText(0, 'bits'), '0 bit/s');
	assert.equal(rateText(999.6, 'bits'), '1.00 kbit/s');
	assert.equal(rateText(9_999_600_000, 'bits'), '10.0 Gbit/s');
	assert.equal(volumeText(1500, 'bytes'), '1.50 kB');
	assert.equal(volumeText(999, 'bytes'), '999 B');
	assert.equal(volumeText(1, 'bits'), '8 bit');
});

test('three digits hold their width at each border', () => {
	const widths = [9.994, 9.996, 99.94, 99.96, 999.4].map((v) => short(v * 1e6).split('\u202f')[0]?.length);
	assert.deepEqual(widths, [4, 4, 4, 3, 3]);
	assert.equal(short(999), '999');
	assert.equal(short(999_499), '999\u202fk');
	assert.equal(short(999_600), '1.00\u202fM');
});

test('whole numbers in groups', () => {
	assert.equal(whole(1234567), '1,234,567');
	assert.equal(whole(999), '999');
	assert.equal(whole(-1234), '-1,234');
});

test('durations from nanoseconds to days', () => {
	assert.equal(duration(41e-9), '41.0 ns');
	assert.equal(duration(0.0000123), '12.3 µs');
	assert.equal(duration(0.00123), '1.23 ms');
	assert.equal(duration(59.994), '60.0 s');
	assert.equal(duration(60), '1 min 00 s');
	assert.equal(duration(3599.6), '1 h 00 min');
	assert.equal(duration(90061), '1 d 01 h');
	assert.equal(duration(-2), '-2.00 s');
	assert.equal(duration(0), '0 s');
});

test('percent says when it is nearly nothing or nearly all', () => {
	assert.equal(percent(1, 1e6), '<0.1 %');
	assert.equal(percent(999_999, 1e6), '>99.9 %');
	assert.equal(percent(5, 5), '100.0 %');
	assert.equal(percent(0, 5), '0.0 %');
});

test('axis words lose only zeros that say nothing', () => {
	assert.equal(tidy('15.0 Gbit/s'), '15 Gbit/s');
	assert.equal(tidy('2.50 Mpps'), '2.5 Mpps');
	assert.equal(tidy('100 bit/s'), '100 bit/s');
	assert.equal(tidy('1.05 k'), '1.05 k');
});

test('memory in powers of two, plurals', () => {
	assert.equal(memory(141 * 2 ** 20), '141 MiB');
	assert.equal(memory(1023.9 * 2 ** 10), '1.00 MiB');
	assert.equal(plural(1, 'packet'), '1 packet');
	assert.equal(plural(2000, 'packet'), '2,000 packets');
});
