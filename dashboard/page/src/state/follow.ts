// SPDX-License-Identifier: MIT
//
// What both sides of a flow said, as blocks of text or hexadecimal digits. All of it came from the wire: what could steer a terminal
// or the direction of text is written as what it is, never as itself.
import { asciiText, byteText, offsetText, parseHex, ROW_BYTES } from '../lib/hex';
import { duration, plural, whole } from '../lib/format';
import type { FollowAnswer, FollowPart } from '../net/wire';

export type Shape = 'text' | 'hex';

export interface Block {
	side: 'a' | 'b';
	time: number | null; // of its first packet
	at: number; // in its side's stream
	text: string; // of a gap: what is missing
	gap: boolean;
}

// Line breaks and tabs stay, other controls and what is no UTF-8 are dots.
const CONTROLS = /[^\P{Cc}\n\t]|\ufffd/gu;
const STEERS = /[\p{Cf}\u2028\u2029]/gu; // marks of direction, and others without a width

const escaped = (c: string): string => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`;

export const safeText = (bytes: Uint8Array): string =>
	new TextDecoder('utf-8', { ignoreBOM: true })
		.decode(bytes)
		.replace(/\r\n/g, '\n')
		.replace(CONTROLS, '·')
		.replace(STEERS, escaped);

export function hexText(bytes: Uint8Array, from: number): string {
	const rows: string[] = [];
	for (let i = 0; i < bytes.length; i += ROW_BYTES) {
		const row = [...bytes.subarray(i, i + ROW_BYTES)];
		rows.push(`${offsetText(from + i)}  ${row.map(byteText).join(' ').padEnd(ROW_BYTES * 3)} ${row.map(asciiText).join('')}`);
	}
	return rows.join('\n');
}

const missing = (part: FollowPart): string =>
	part.cut !== undefined ? `${plural(part.cut, 'byte')} cut off: packets are not kept whole` : `${plural(part.missing ?? 0, 'byte')} missing`;

/** Parts of one side that follow each other are one block. Datagrams stand apart. */
export function blocks(parts: FollowPart[], shape: Shape, apart: boolean): Block[] {
	const found: Block[] = [];
	for (let i = 0; i < parts.length; ) {
		const first = parts[i] as FollowPart;
		let digits = first.hex ?? '';
		for (i++; first.hex && !apart && parts[i]?.hex && parts[i]?.side === first.side; i++) digits += parts[i]?.hex;
		const bytes = parseHex(digits);
		const text = !digits ? missing(first) : shape === 'hex' ? hexText(bytes, first.at) : safeText(bytes);
		found.push({ side: first.side, time: first.time ?? null, at: first.at, text, gap: !digits });
	}
	return found;
}

/** The text around each place where `wanted` is, in any case: at odd places of the list. */
export function around(text: string, wanted: string): string[] {
	if (!wanted) return [text];
	const low = text.toLowerCase();
	const what = wanted.toLowerCase();
	const found: string[] = [];
	let from = 0;
	for (let at; low.length === text.length && (at = low.indexOf(what, from)) >= 0; from = at + what.length)
		found.push(text.slice(from, at), text.slice(at, at + what.length));
	return [...found, text.slice(from)];
}

/** What a reader must know about the whole: sentences. */
export function remarks(answer: FollowAnswer): string[] {
	const sum = (of: 'beyond' | 'missing' | 'cut' | 'repeated' | 'differing'): number => answer.sides[0][of] + answer.sides[1][of];
	const said: string[] = [];
	if (sum('beyond'))
		said.push(`Cut at ${whole(answer.bytes_most)} bytes a side and ${whole(answer.packets_most)} packets: ${whole(sum('beyond'))} more bytes are not shown.`);
	if (sum('missing')) said.push(`${plural(sum('missing'), 'byte')} missing: no packet that is kept has them.`);
	if (sum('cut')) said.push(`${plural(sum('cut'), 'byte')} cut off: of each packet ${answer.kept ?? 'a part'} is kept.`);
	if (sum('repeated'))
		said.push(`${plural(sum('repeated'), 'byte')} came again, ${whole(sum('differing'))} of them with another value. The first copy is shown.`);
	if (answer.later) said.push(`${plural(answer.later, 'packet')} of a later connection between the same ports left out.`);
	if (answer.fragments) said.push(`${plural(answer.fragments, 'later IP fragment')} left out.`);
	if (answer.overwritten) said.push(`${plural(answer.overwritten, 'packet')} of the recorder overwritten meanwhile.`);
	return said;
}

/** "12 packets in 3.1 s" */
export function extent(answer: FollowAnswer): string {
	const packets = plural(answer.sides[0].packets + answer.sides[1].packets, 'packet');
	return answer.first === null || answer.last === null ? packets : `${packets} in ${duration(answer.last - answer.first)}`;
}
