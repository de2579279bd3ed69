// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FollowAnswer, FollowPart, FollowSide } from '../src/net/wire';
import { around, blocks, extent, hexText, remarks, safeText } from '../src/state/follow';

const hex = (text: string): string => Buffer.from(text).toString('hex');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const part = (side: 'a' | 'b', at: number, text: string): FollowPart => ({ side, at, time: 5, hex: hex(text) });

test('text of the wire steers nothing', () => {
	assert.equal(safeText(bytes('a\r\nb\tc\0\x1b[31m\x7f')), 'a\nb\tc··[31m·');
	assert.equal(safeText(bytes('x\u202egnp.exe\u200b\u2066\ufeff')), 'x\\u{202e}gnp.exe\\u{200b}\\u{2066}\\u{feff}');
	assert.equal(safeText(bytes('\ufeffä<b>')), '\\u{feff}ä<b>');
	assert.equal(safeText(new Uint8Array([0xff, 0x41, 0xc3])), '·A·');
	assert.equal(safeText(bytes('\u0085\u2028')), '·\\u{2028}');
});

test('parts of a side are one block, a character over their border too; gaps and datagrams stand apart', () => {
	const parts: FollowPart[] = [
		{ side: 'a', at: 0, time: 5, hex: '47c3' },
		{ side: 'a', at: 2, time: 6, hex: 'a4' },
		{ side: 'a', at: 3, missing: 1 },
		part('b', 0, 'ok'),
		{ side: 'b', at: 2, time: 9, cut: 1200 },
	];
	assert.deepEqual(
		blocks(parts, 'text', false).map((b) => [b.side, b.time, b.text, b.gap]),
		[
			['a', 5, 'Gä', false],
			['a', null, '1 byte missing', true],
			['b', 5, 'ok', false],
			['b', 9, '1,200 bytes cut off: packets are not kept whole', true],
		],
	);
	assert.deepEqual(blocks([part('a', 0, 'x'), part('a', 1, 'y')], 'text', true).map((b) => b.text), ['x', 'y']);
});

test('bytes as rows', () => {
	const rows = hexText(bytes('0123456789abcdefg\n'), 32).split('\n');
	assert.equal(rows[0], '0020  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef');
	assert.match(rows[1] ?? '', /^0030 {2}67 0a +g·$/);
});

test('search finds every place, in any case', () => {
	assert.deepEqual(around('GET /get', 'get'), ['', 'GET', ' /', 'get', '']);
	assert.deepEqual(around('aaa', 'aa'), ['', 'aa', 'a']);
	assert.deepEqual(around('abc', ''), ['abc']);
	assert.deepEqual(around('abc', 'x'), ['abc']);
});

test('what a reader must know', () => {
	const none: FollowSide = { packets: 2, bytes: 0, held: 0, missing: 0, cut: 0, repeated: 0, differing: 0, beyond: 0 };
	const answer: FollowAnswer = {
		source: 'samples', kept: 'the first 256 bytes', since: 1, overwritten: 0, first: 1, last: 4, client: null,
		later: 0, fragments: 0, bytes_most: 262144, packets_most: 2000, sides: [none, none], parts: [],
	};
	assert.deepEqual(remarks(answer), []);
	assert.equal(extent(answer), '4 packets in 3.00 s');
	const all = { ...answer, later: 1, fragments: 2, overwritten: 3, sides: [{ ...none, missing: 7, cut: 8, repeated: 9, differing: 1, beyond: 1000 }, none] as [FollowSide, FollowSide] };
	const said = remarks(all).join(' ');
	for (const word of ['7 bytes missing', '8 bytes cut off: of each packet the first 256 bytes is kept', '9 bytes came again, 1 of them', '262,144 bytes a side', '1,000 more bytes', '1 packet of a later connection', '2 later IP fragments', '3 packets of the recorder overwritten'])
		assert(said.includes(word), `${word}: ${said}`);
});
