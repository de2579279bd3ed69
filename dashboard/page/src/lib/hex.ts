// SPDX-License-Identifier: MIT
//
// The bytes of a packet, and which field of its tree each byte belongs to.

export const ROW_BYTES = 16;

export function parseHex(text: string): Uint8Array {
	const clean = text.replace(/[^0-9a-f]/gi, '');
	const bytes = new Uint8Array(clean.length >> 1);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(clean.substr(i * 2, 2), 16);
	return bytes;
}

export const byteText = (byte: number): string => byte.toString(16).padStart(2, '0');
export const offsetText = (offset: number): string => offset.toString(16).padStart(4, '0');
export const asciiText = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·');

export interface Span {
	offset: number;
	length: number;
}

/** For each byte the index of the narrowest span over it; of equals the last one (the deepest). -1: none. */
export function ownerOfBytes(spans: Span[], size: number): Int32Array {
	const owner = new Int32Array(size).fill(-1);
	const width = new Float64Array(size).fill(Infinity);
	spans.forEach((span, index) => {
		const end = Math.min(size, span.offset + span.length);
		for (let i = Math.max(0, span.offset); i < end; i++) {
			if (span.length > (width[i] ?? 0)) continue;
			width[i] = span.length;
			owner[i] = index;
		}
	});
	return owner;
}
