// SPDX-License-Identifier: MIT
//
// A capture file whose names try to be script: a DNS question, a TLS ClientHello and an HTTP request.

export const EVIL = '<img src=x onerror=hacked=1>';
export const SCRIPT = '<script>hacked=1</script>';

const u16 = (n) => [(n >> 8) & 255, n & 255];
const u32 = (n) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const ascii = (text) => [...Buffer.from(text, 'latin1')];

function frame(protocol, payload) {
	const ip = [0x45, 0, ...u16(20 + payload.length), 0, 1, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
	let sum = 0;
	for (let i = 0; i < 20; i += 2) sum += (ip[i] << 8) | ip[i + 1];
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
	[ip[10], ip[11]] = u16(~sum & 0xffff);
	return [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, ...ip, ...payload];
}

const tcp = (port, payload) =>
	frame(6, [...u16(40000), ...u16(port), ...u32(1), ...u32(1), 0x50, 0x18, 2, 0, 0, 0, 0, 0, ...payload]);

function dns() {
	const labels = [EVIL, SCRIPT, 'example'].flatMap((l) => [l.length, ...ascii(l)]);
	const query = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1];
	return frame(17, [...u16(40001), ...u16(53), ...u16(8 + query.length), 0, 0, ...query]);
}

function clientHello() {
	const name = ascii(`${EVIL}${SCRIPT}`);
	const sni = [0, 0, ...u16(name.length + 5), ...u16(name.length + 3), 0, ...u16(name.length), ...name];
	const body = [3, 3, ...new Array(32).fill(7), 0, 0, 2, 0x13, 0x01, 1, 0, ...u16(sni.length), ...sni];
	const handshake = [1, 0, ...u16(body.length), ...body];
	return tcp(443, [0x16, 3, 1, ...u16(handshake.length), ...handshake]);
}

const http = () => tcp(80, ascii(`GET /${SCRIPT} HTTP/1.1\r\nHost: ${EVIL}\r\nUser-Agent: ${SCRIPT}\r\n\r\n`));

/** The capture file's bytes: the three packets, one a second. */
export function hostileCapture() {
	const le32 = (n) => u32(n).reverse();
	const records = [dns(), clientHello(), http()].flatMap((bytes, i) => [
		...le32(1700000000 + i),
		...le32(0),
		...le32(bytes.length),
		...le32(bytes.length),
		...bytes,
	]);
	return Buffer.from([
		0xd4,
		0xc3,
		0xb2,
		0xa1,
		2,
		0,
		4,
		0,
		...le32(0),
		...le32(0),
		...le32(65535),
		...le32(1),
		...records,
	]);
}
