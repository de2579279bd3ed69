# SPDX-License-Identifier: MIT
"""A capture of four TCP conversations for tests that follow flows; `segments.py FILE` writes it."""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from harness import pcap_header, pcap_record, udp_frame  # noqa: E402

SYN, ACK, FIN = 2, 16, 1
HOSTILE = b"<script>alert(1)</script>\x1b[31m\xe2\x80\xaegnp"


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def segment(a, b, flags, seq, ack, payload=b""):
    """From 10.0.0.a:1000+a to 10.0.0.b."""
    tcp = struct.pack(">HHIIBBHHH", 1000 + a, 1000 + b, seq % 2**32, ack % 2**32, 0x50, flags, 60000, 0, 0) + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0) + bytes([10, 0, 0, a, 10, 0, 0, b])
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + head + tcp


def conversation(a, b, isn, answer, segments):
    """A handshake, segments of the client as (place, bytes) that the server acknowledges, an answer, both ends."""
    sent = max(place + len(payload) for place, payload in segments)
    yield segment(a, b, SYN, isn, 0)
    yield segment(b, a, SYN | ACK, 7000, isn + 1)
    yield segment(a, b, ACK, isn + 1, 7001)
    for place, payload in segments:
        yield segment(a, b, ACK, isn + 1 + place, 7001, payload)
    yield segment(b, a, ACK, 7001, isn + 1 + sent, answer)
    yield segment(a, b, ACK | FIN, isn + 1 + sent, 7001 + len(answer))
    yield segment(b, a, ACK | FIN, 7001 + len(answer), isn + 2 + sent)


def made():
    """In order and hostile; out of order over the border of 2^32; repeated with other bytes; with a gap. And a datagram."""
    frames = []
    frames += conversation(1, 2, 99, b"HTTP/1.0 200 OK\r\n\r\n" + HOSTILE, [(0, b"GET / "), (6, b"HTTP/1.0\r\n\r\n")])
    frames += conversation(3, 4, 2**32 - 8, b"late", [(10, b"world"), (0, b"hello, "), (7, b"all"), (0, b"hello, all")])
    frames += conversation(5, 6, 500, b"first", [(0, b"abcdef"), (2, b"XYZ"), (4, b"efghi")])
    frames += conversation(7, 8, 700, b"gap", [(0, b"before"), (16, b"behind")])
    frames.append(udp_frame(3, b"a datagram"))
    return pcap_header() + b"".join(pcap_record(i, frame) for i, frame in enumerate(frames))


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_bytes(made())
