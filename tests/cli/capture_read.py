# SPDX-License-Identifier: MIT
"""Capture files packet by packet, read by the formats' own descriptions: for tests that compare what was written with what came."""
import ipaddress
import struct
import typing


class Packet(typing.NamedTuple):
    ns: int
    wire: int
    frame: bytes


class Damaged(Exception):
    pass


def pcap(data):
    """The packets of a pcap file of this machine's byte order."""
    scale = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}[struct.unpack_from("<I", data)[0]]
    at = 24
    while at < len(data):
        seconds, part, captured, wire = struct.unpack_from("<IIII", data, at)
        yield Packet(seconds * 10**9 + part * scale, wire, data[at + 16:at + 16 + captured])
        at += 16 + captured


def blocks(data):
    """(type, body) of each block of pcapng; Damaged when one is not whole."""
    at = 0
    while at < len(data):
        if len(data) - at < 12:
            raise Damaged(f"{len(data) - at} bytes at the end")
        kind, length = struct.unpack_from("<II", data, at)
        if length < 12 or length % 4 or at + length > len(data) or struct.unpack_from("<I", data, at + length - 4)[0] != length:
            raise Damaged(f"block of type {kind} at {at}")
        yield kind, data[at + 8:at + length - 4]
        at += length


def options(body, at):
    while at + 4 <= len(body):
        code, length = struct.unpack_from("<HH", body, at)
        if not code:
            return
        yield code, body[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


def pcapng(data):
    """(packets, comments of the section, names of the interfaces)."""
    packets, comments, names, scales = [], [], [], []
    for kind, body in blocks(data):
        if kind == 0x0A0D0D0A:
            comments += [value.decode().rstrip() for code, value in options(body, 16) if code == 1]
        elif kind == 1:
            found = dict(options(body, 8))
            names.append(found.get(2, b"").decode())
            scales.append(10 ** (9 - found.get(9, b"\x06")[0]))
        elif kind == 6:
            interface, high, low, captured, wire = struct.unpack_from("<IIIII", body)
            packets.append(Packet((high << 32 | low) * scales[interface], wire, body[20:20 + captured]))
    return packets, comments, names


def ends(frame):
    """(protocol, source, port, destination, port) of an Ethernet frame, through VLAN tags; ports None where there are none; None: no IP."""
    at, kind = 14, frame[12:14]
    while kind in (b"\x81\x00", b"\x88\xa8"):
        at, kind = at + 4, frame[at + 2:at + 4]
    if kind == b"\x08\x00":
        header, addresses, length, protocol = at + (frame[at] & 15) * 4, at + 12, 4, frame[at + 9]
        later = struct.unpack_from("!H", frame, at + 6)[0] & 0x1FFF
    elif kind == b"\x86\xdd":
        header, addresses, length, protocol, later = at + 40, at + 8, 16, frame[at + 6], 0
    else:
        return None
    source, destination = (str(ipaddress.ip_address(frame[addresses + i:addresses + i + length])) for i in (0, length))
    ports = struct.unpack_from("!HH", frame, header) if protocol in (6, 17) and not later else (None, None)
    return protocol, source, ports[0], destination, ports[1]
