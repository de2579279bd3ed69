#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An independent program for the alerts of port scans, and of floods of UDP and ICMP: own capture reader, own connections, exact windows over single packets.

usage: alerts_ref.py ALERTS.jsonl CAPTURE    holds what NetScope found against it; last line: SUMMARY ...; exit status 1 when wrong

Counted is what was not answered within 3 s; see docs/alerts.md for the rules. A detector that works in epochs of 0.1 s sees windows
that end at their borders. So there are two verdicts: what must be told holds already in windows shorter by an epoch, what may be told
only in longer ones. Right is: must <= told <= may.
"""
import bisect
import ipaddress
import json
import struct
import sys
from collections import Counter, deque

NS = 10**9
EPOCH, WAIT, WINDOW, IDLE = NS // 10, 3 * NS, 10 * NS, 60 * NS
PORTS, HOSTS, ARP_HOSTS = 25, 10, 20
UDP_PACKETS, ICMP_PACKETS = 10000, 1000
TUNNELS = {4789, 8472, 4790, 6081, 2152, 3544, 1701, 4754, 6635, 6080, 4341, 5247, 37008}
FIN, SYN, RST, ACK = 1, 2, 4, 16
SERVICES = {1194, 1812, 1813, 1900, 3478, 3702, 4500, 5060, 11211, 51820}
REPLY_OF = {1: {8: 0, 13: 14, 15: 16, 17: 18}, 58: {128: 129}}
U16, U32 = struct.Struct(">H"), struct.Struct(">I")


def pcap_frames(d):
    e = "<" if d[0] in (0xd4, 0x4d) else ">"
    unit = 1 if 0x4d in (d[0], d[3]) else 1000
    link, at = struct.unpack_from(e + "I", d, 20)[0] & 0xffff, 24
    while at + 16 <= len(d):
        s, part, n, _ = struct.unpack_from(e + "IIII", d, at)
        at += 16
        if at + n > len(d):
            return
        yield link, s * NS + part * unit, d[at:at + n]
        at += n


def interface(e, block):
    resolution, at = 6, 8
    while at + 4 <= len(block):
        code, n = struct.unpack_from(e + "HH", block, at)
        if code == 0:
            break
        if code == 9:
            resolution = block[at + 4]
        at += 4 + (n + 3 & ~3)
    return struct.unpack_from(e + "H", block)[0], resolution


def pcapng_frames(d):
    at, interfaces, e = 0, [], "<"
    while at + 12 <= len(d):
        if d[at:at + 4] == b"\n\r\r\n":
            e, interfaces = "<" if d[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">", []
        kind, size = struct.unpack_from(e + "II", d, at)
        if size < 12 or at + size > len(d):
            return
        block = d[at + 8:at + size - 4]
        if kind == 1:
            interfaces.append(interface(e, block))
        elif kind == 6:
            number, high, low, n, _ = struct.unpack_from(e + "IIIII", block)
            if number < len(interfaces):
                link, r = interfaces[number]
                ticks = high << 32 | low
                yield link, ticks * NS // 10**r if r < 128 else ticks * NS >> (r & 127), block[20:20 + n]
        at += size


def network(link, p):
    """EtherType, bytes from the network header on, whether the frame goes to a group; None for other links."""
    group = False
    if link == 1:
        kind, group, p = U16.unpack_from(p, 12)[0], p[0] & 1, p[14:]
    elif link == 113:
        kind, p = U16.unpack_from(p, 14)[0], p[16:]
    elif link == 276:
        kind, p = U16.unpack_from(p, 0)[0], p[20:]
    elif link in (0, 108, 12, 101, 228, 229):
        p = p[4:] if link in (0, 108) else p
        kind = 0x800 if p[0] >> 4 == 4 else 0x86dd
    else:
        return None
    while kind in (0x8100, 0x88a8, 0x9100):
        kind, p = U16.unpack_from(p, 2)[0], p[4:]
    return kind, p, bool(group)


def transport(kind, p):
    """Protocol, source, destination, bytes behind the IP headers, length that they had, whether it is the first of fragments; None: none."""
    if kind == 0x800:
        head = (p[0] & 15) * 4
        if U16.unpack_from(p, 6)[0] & 0x1fff:
            return None
        return p[9], p[12:16], p[16:20], p[head:], U16.unpack_from(p, 2)[0] - head, bool(p[6] & 0x20)
    proto, q, left = p[6], p[40:], U16.unpack_from(p, 4)[0]
    while proto in (0, 43, 60, 44, 51):
        if proto == 44 and U16.unpack_from(q, 2)[0] & 0xfff8:
            return None
        n = 8 if proto == 44 else 4 * (q[1] + 2) if proto == 51 else 8 * (q[1] + 1)
        proto, q, left = q[0], q[n:], left - n
    return proto, p[8:24], p[24:40], q, left, False


def is_service(port):
    return port < 1024 or port in SERVICES


def is_answer(sport, dport, data):
    if sport in (53, 137, 5353, 5355):
        if len(data) > 2 and not data[2] & 0x80:
            return False
    elif sport == 67 and dport == 68:
        return True
    elif sport == 123 and dport == 123 and data and data[0] & 7 in (4, 5):
        return True
    return is_service(sport) and dport >= 1024 and not is_service(dport)


class Connections:
    """Who has sent something in each flow, and whether its last connection is over."""

    def __init__(self):
        self.flows = {}

    def silent(self, proto, me, other, t, flags, seq):
        """Notes a packet; whether the other side has sent nothing."""
        key = (proto, *sorted((me, other)))
        flow = self.flows.get(key)
        if flow is None or t - flow["last"] > IDLE or (proto == 6 and flags & (SYN | ACK | RST) == SYN and self.restarts(flow, me, seq)):
            flow = self.flows[key] = {"sent": set(), "fins": set(), "over": False, "syn": None}
        flow["last"] = t
        flow["sent"].add(me)
        if proto == 6:
            if flags & RST:
                flow["over"] = True
            if flags & FIN:
                flow["fins"].add(me)
                flow["over"] |= len(flow["fins"]) == 2
            if flags & (SYN | ACK) == SYN and flow["syn"] is None:
                flow["syn"] = (me, seq)
        return other not in flow["sent"] or other == me

    @staticmethod
    def restarts(flow, me, seq):
        if flow["over"] or flow["syn"] is None:
            return True
        return flow["syn"] != (me, seq) if flow["syn"][0] == me else me in flow["sent"]


class Referee:
    def __init__(self):
        self.connections, self.pending, self.order = Connections(), {}, deque()
        self.events, self.answers = [], []  # (time, kind, source, port or None, host); times
        self.floods = []  # (time, protocol, certainly counted, target, packets)

    def expire(self, t):
        while self.order and self.order[0][0] < t:
            deadline, key, number = self.order.popleft()
            if key in self.pending and self.pending[key][0] == number:
                self.give_up(key, deadline)

    def give_up(self, key, t, refused=False):
        _, needs_rst, kind, port, packets = self.pending.pop(key)
        if kind in ("udp", "quic", "stray"):
            self.floods.append((t, 17, kind == "udp", key[3], packets))
        if kind != "stray" and (refused or not needs_rst):
            self.events.append((t, "udp" if kind in ("quic", "tunnel") else kind, key[1], port, key[3]))

    def see(self, t, key, back, probe, kind, port, needs_rst=False, refuses=False, goes_on=False):
        """Whether it is an answer to what waits."""
        before = 0
        if key in self.pending and self.pending[key][2] == "stray" and probe and kind != "stray":
            before = self.pending.pop(key)[4]
        if key in self.pending:
            self.pending[key][4] += 1
            if goes_on:
                del self.pending[key]
        elif back in self.pending:
            if kind != "arp" and self.pending[back][2] != "stray":
                self.answers.append(t)
            if refuses:
                self.give_up(back, t, True)
            else:
                del self.pending[back]
            return True
        elif probe:
            number = len(self.order), t, len(self.events)
            self.pending[key] = [number, needs_rst, kind, port, before + 1]
            self.order.append((t + WAIT, key, number))
        return False

    def packet(self, t, link, p):
        self.expire(t)
        found = network(link, p)
        if found and found[0] == 0x806:
            self.arp(t, found[1])
        elif found and found[0] in (0x800, 0x86dd):
            layers = transport(found[0], found[1])
            if layers:
                self.ip(t, layers, found[2])

    def arp(self, t, p):
        kind, n, size, operation = U16.unpack_from(p, 2)[0], p[4], p[5], U16.unpack_from(p, 6)[0]
        if kind != 0x800 or size != 4 or operation not in (1, 2):
            return
        s, d = p[8 + n:12 + n], p[12 + 2 * n:16 + 2 * n]
        if len(d) == 4 and s != d and any(s):
            self.see(t, (0, s, 0, d, 0), (0, d, 0, s, 0), operation == 1, "arp", None)

    def ip(self, t, layers, group):
        proto, s, d, q, length, more = layers
        group |= d[0] >= 224 if len(d) == 4 else d[0] == 0xff
        if proto in REPLY_OF:
            self.icmp(t, proto, s, d, q, group)
            return
        if proto not in (6, 17) or len(q) < 4:
            return
        sport, dport = struct.unpack_from(">HH", q)
        key, back = (proto, s, sport, d, dport), (proto, d, dport, s, sport)
        if proto == 17:
            silent = self.connections.silent(17, (s, sport), (d, dport), t, 0, 0)
            probe, kind = silent and not group and not 33434 <= dport <= 33534, "udp"
            if is_answer(sport, dport, q[8:]):
                probe, kind = probe and sport != 443, "stray"
            elif {sport, dport} & TUNNELS:
                kind = "tunnel"
            elif dport == 443 and length >= 8 + 21 and len(q) > 8 and q[8] & 0x40:
                kind = "quic"
            self.see(t, key, back, probe, kind, dport)
            return
        whole = len(q) >= 16 and q[12] >> 4 >= 5 and (q[12] >> 4) * 4 <= length
        flags = q[13] if len(q) >= 16 and q[12] >> 4 >= 5 else 0
        silent = self.connections.silent(6, (s, sport), (d, dport), t, flags, U32.unpack_from(q, 4)[0] if len(q) >= 8 else 0)
        bits = flags & (SYN | ACK | RST)
        if not whole:
            probe, needs_rst = more and length < 20, False
        elif bits == ACK:
            probe = needs_rst = length == (q[12] >> 4) * 4
        else:
            probe, needs_rst = bits in (SYN, SYN | RST, 0), False
        self.see(t, key, back, silent and not group and probe, "tcp", dport, needs_rst, bool(flags & RST), bits == ACK)

    def icmp(self, t, proto, s, d, q, group):
        if len(q) < 8:
            return
        answers, request = False, q[0] in REPLY_OF[proto]
        if q[0] == (3 if proto == 1 else 1):
            self.refusal(t, proto, d, q[8:])
        elif request and not group or q[0] in REPLY_OF[proto].values():
            number = U16.unpack_from(q, 4)[0]
            answers = self.see(t, (proto, s, number, d, number), (proto, d, number, s, number), request, "echo", None) and not request
        if not group and not answers:
            self.floods.append((t, 1, True, d, 1))

    def refusal(self, t, proto, to, quoted):
        try:
            layers = transport(0x800 if proto == 1 else 0x86dd, quoted)
            sport, dport = struct.unpack_from(">HH", layers[3]) if layers else (0, 0)
        except (struct.error, IndexError):
            return
        if layers and layers[0] == 17 and layers[1] == to and not 33434 <= dport <= 33534 and not (is_service(sport) and dport >= 1024):
            self.events.append((t, "tcp", to, dport, layers[2]))

    def heard(self, t, slack):
        """Whether an answer of some packet came in the window before t, and the 3 s before that."""
        first, last = t - WINDOW - WAIT - slack, t - EPOCH + slack
        at = bisect.bisect_left(self.answers, first)
        return at < len(self.answers) and self.answers[at] < last


def windows(events, width):
    """Source, and (ports, hosts) in the window that ends with each event."""
    by = {}
    for t, source, port, host in events:
        queue, ports, hosts = by.setdefault(source, (deque(), Counter(), Counter()))
        queue.append((t, port, host))
        ports[port] += port is not None
        hosts[host] += 1
        while queue[0][0] <= t - width:
            _, a, b = queue.popleft()
            ports[a] -= a is not None
            hosts[b] -= 1
            for many, x in ((ports, a), (hosts, b)):
                if x in many and not many[x]:
                    del many[x]
        yield source, len(ports) - (None in ports), len(hosts)


def flooded(referee, slack):
    """Targets as in reached()."""
    told, sums, queues = set(), Counter(), {}
    for t, proto, always, target, packets in sorted(referee.floods, key=lambda e: e[0]):
        if not always and not referee.heard(t, -EPOCH if slack < 0 else EPOCH):
            continue
        key = proto, target
        queue = queues.setdefault(key, deque())
        queue.append((t, packets))
        sums[key] += packets
        while queue[0][0] <= t - WINDOW - slack:
            sums[key] -= queue.popleft()[1]
        if sums[key] >= (UDP_PACKETS if proto == 17 else ICMP_PACKETS):
            told.add(target)
    return told


def reached(referee, slack):
    """Who reaches a threshold in windows changed by slack: below 0 certainly, above 0 perhaps."""
    main, silent, arp = [], [], []
    for t, kind, source, port, host in sorted(referee.events, key=lambda e: e[0]):
        event = t, source, port, host
        certainly, perhaps = referee.heard(t, -EPOCH), referee.heard(t, EPOCH)
        if kind == "arp":
            arp.append(event)
        elif kind != "udp" or (certainly if slack < 0 else perhaps):
            main.append(event)
        if kind == "udp" and not (perhaps if slack < 0 else certainly):
            silent.append(event)
    told = {s for s, ports, hosts in windows(main, WINDOW + slack) if ports >= PORTS or hosts >= HOSTS}
    told |= {s for s, _, hosts in windows(arp, WINDOW + slack) if hosts >= ARP_HOSTS}
    others = [hosts for _, _, hosts in windows(silent, WINDOW - slack)]
    return told | {s for (s, ports, _), hosts in zip(windows(silent, WINDOW + slack), others) if ports >= PORTS and hosts < HOSTS}


def main():
    alerts, capture = sys.argv[1:]
    with open(capture, "rb") as f:
        data = f.read()
    referee, clock = Referee(), 0
    for link, t, p in pcapng_frames(data) if data[:4] == b"\n\r\r\n" else pcap_frames(data):
        clock = max(clock, t)
        try:
            referee.packet(clock, link, p)
        except (struct.error, IndexError):
            continue
    referee.expire(clock + 2 * WAIT)
    must, may = reached(referee, -EPOCH), reached(referee, EPOCH)
    with open(alerts) as f:
        lines = [json.loads(line) for line in f]
    told = {ipaddress.ip_address(o["source_ip"]).packed for o in lines if o["kind"] == "port_scan"}
    drowned = {ipaddress.ip_address(o["target_ip"]).packed for o in lines if o["kind"] == "udp_icmp_flood"}
    targets = flooded(referee, -EPOCH)
    missed = (must - told) | (targets - drowned)
    invented = (told - may) | (drowned - flooded(referee, EPOCH))
    for name, many in (("missed", missed), ("invented", invented)):
        for address in sorted(many)[:5]:
            print(name, ipaddress.ip_address(address))
    print(f"SUMMARY floods={len(targets)} scans={len(must)} missed={len(missed)} invented={len(invented)}")
    sys.exit(1 if missed or invented else 0)


main()
