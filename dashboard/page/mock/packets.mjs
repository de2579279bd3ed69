// SPDX-License-Identifier: MIT
// Packets with bytes and the tree that the server would make of them: TCP, DNS and TLS over Ethernet and IPv4.

const field = (name, label, offset, length, value, text) => ({
	name,
	label,
	value,
	...(text ? { text } : {}),
	offset,
	length,
});
const u16 = (n) => [(n >> 8) & 255, n & 255];
const u32 = (n) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const ascii = (text) => [...Buffer.from(text, 'latin1')];
const quad = (ip) => (ip.includes(':') ? [10, 9, 9, 9] : ip.split('.').map(Number));

function ethernet() {
	const bytes = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
	return {
		bytes,
		layer: {
			name: 'eth',
			label: 'Ethernet II',
			offset: 0,
			length: 14,
			fields: [
				field('eth.dst', 'Destination', 0, 6, '02:00:00:00:00:02'),
				field('eth.src', 'Source', 6, 6, '02:00:00:00:00:01'),
				field('eth.type', 'Type', 12, 2, 2048, 'IPv4 (0x0800)'),
			],
		},
	};
}

function ipv4(source, destination, protocol, payload) {
	const total = 20 + payload;
	const bytes = [
		0x45,
		0,
		...u16(total),
		0x1a,
		0x2b,
		0x40,
		0,
		64,
		protocol,
		0xbe,
		0xef,
		...quad(source),
		...quad(destination),
	];
	return {
		bytes,
		layer: {
			name: 'ip',
			label: 'Internet Protocol v4',
			offset: 14,
			length: 20,
			fields: [
				field('ip.version', 'Version', 14, 1, 4),
				field('ip.hdr_len', 'Header length', 14, 1, 20),
				field('ip.len', 'Total length', 16, 2, total),
				{
					...field('ip.flags', 'Flags', 20, 1, 2, "0x2 (don't fragment)"),
					fields: [
						field('ip.flags.df', "Don't fragment", 20, 1, true),
						field('ip.flags.mf', 'More fragments', 20, 1, false),
					],
				},
				field('ip.ttl', 'Time to live', 22, 1, 64),
				field('ip.proto', 'Protocol', 23, 1, protocol, protocol === 6 ? 'TCP (6)' : 'UDP (17)'),
				field('ip.checksum', 'Header checksum', 24, 2, 0xbeef, '0xbeef (correct)'),
				field('ip.src', 'Source', 26, 4, source),
				field('ip.dst', 'Destination', 30, 4, destination),
			],
		},
	};
}

function tcp(sport, dport, payload) {
	const bytes = [
		...u16(sport),
		...u16(dport),
		...u32(123456789),
		...u32(987654321),
		0x50,
		0x18,
		0x02,
		0,
		0xab,
		0xcd,
		0,
		0,
		...payload,
	];
	return {
		bytes,
		layer: {
			name: 'tcp',
			label: 'Transmission Control Protocol',
			offset: 34,
			length: 20,
			fields: [
				field('tcp.srcport', 'Source port', 34, 2, sport),
				field('tcp.dstport', 'Destination port', 36, 2, dport),
				field('tcp.seq', 'Sequence number', 38, 4, 123456789),
				field('tcp.ack', 'Acknowledgment number', 42, 4, 987654321),
				field('tcp.flags', 'Flags', 47, 1, 24, '0x18 (PSH, ACK)'),
				field('tcp.window_size', 'Window', 48, 2, 512),
			],
		},
	};
}

function dns(sport, name) {
	const labels = name.split('.').flatMap((l) => [Math.min(63, l.length), ...ascii(l.slice(0, 63))]);
	const query = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1];
	const udp = [...u16(sport), ...u16(53), ...u16(8 + query.length), 0, 0];
	return {
		bytes: [...udp, ...query],
		layers: [
			{
				name: 'udp',
				label: 'User Datagram Protocol',
				offset: 34,
				length: 8,
				fields: [
					field('udp.srcport', 'Source port', 34, 2, sport),
					field('udp.dstport', 'Destination port', 36, 2, 53),
					field('udp.length', 'Length', 38, 2, 8 + query.length),
				],
			},
			{
				name: 'dns',
				label: 'Domain Name System',
				offset: 42,
				length: query.length,
				fields: [
					field('dns.id', 'Transaction id', 42, 2, 0x1234, '0x1234'),
					{
						name: 'dns.qry',
						label: 'Query',
						offset: 54,
						length: labels.length + 5,
						fields: [
							field('dns.qry.name', 'Name', 54, labels.length + 1, name),
							field('dns.qry.type', 'Type', 55 + labels.length, 2, 1, 'A (1)'),
						],
					},
				],
			},
		],
	};
}

/** A packet as it stands in a list, and what its detail holds besides. */
export function makePacket(id, time, flow, kind, name) {
	const source = flow.endpoint_a.ip;
	const destination = flow.endpoint_b.ip;
	const eth = ethernet();
	let rest;
	let layers;
	if (kind === 'DNS') {
		const part = dns(flow.endpoint_a.port, name);
		rest = part.bytes;
		layers = part.layers;
	} else {
		const hello =
			kind === 'TLS'
				? [
						0x16,
						3,
						1,
						...u16(name.length + 9),
						1,
						0,
						...u16(name.length + 5),
						3,
						3,
						...u16(name.length),
						...ascii(name),
					]
				: ascii('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n');
		const part = tcp(flow.endpoint_a.port, flow.endpoint_b.port, hello);
		rest = part.bytes;
		layers = [part.layer];
		if (kind === 'TLS')
			layers.push({
				name: 'tls',
				label: 'Transport Layer Security',
				offset: 54,
				length: hello.length,
				fields: [
					field('tls.record.version', 'Version', 55, 2, 0x301, 'TLS 1.0 (0x0301)'),
					field(
						'tls.handshake.extensions_server_name',
						'Server name',
						54 + hello.length - name.length,
						name.length,
						name,
					),
				],
			});
	}
	const ip = ipv4(source, destination, kind === 'DNS' ? 17 : 6, rest.length);
	const bytes = [...eth.bytes, ...ip.bytes, ...rest];
	const shown = (e) => (e.ip.includes(':') ? `[${e.ip}]:${e.port}` : `${e.ip}:${e.port}`);
	const info =
		kind === 'DNS'
			? `UDP :${flow.endpoint_a.port} -> :53 | DNS query ${name} A`
			: `TCP :${flow.endpoint_a.port} -> :${flow.endpoint_b.port} [PSH, ACK] seq=1 ack=2 win=512 | payload: ${rest.length - 20} bytes`;
	return {
		row: {
			id,
			time,
			worker: flow.worker,
			wire_len: bytes.length,
			cap_len: bytes.length,
			kept: Math.min(256, bytes.length),
			fate: 'flow',
			link: 'eth',
			protocol: kind,
			source: shown(flow.endpoint_a),
			destination: shown(flow.endpoint_b),
			key: flow.key,
			info,
			line: `#${id} eth | IPv4: ${source} -> ${destination} | ${info}`,
		},
		layers: [eth.layer, ip.layer, ...layers],
		hex: Buffer.from(bytes.slice(0, 256)).toString('hex'),
	};
}
