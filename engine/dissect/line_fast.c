/* SPDX-License-Identifier: MIT
 *
 * The packet line of common packets, straight from the bytes: Ethernet with at most one VLAN tag, IPv4 without options
 * and fragments or IPv6 without extensions, TCP or UDP with a whole header. It takes what decode's fast path takes,
 * less whatever an application's line would say more about; the rest gets a tree. A property test holds both to one
 * text.
 */
#include "engine/dissect/dissect.h"
#include "engine/text/address.h"
#include "engine/text/time.h"

enum { FAST_ROOM = 512 }; /* more than any line from here: two MACs, two IPv6 addresses, a dozen numbers */

struct fast_line {
	const uint8_t *data;
	uint32_t cap, l3, l4;
	uint32_t payload, end; /* end: where IP says that the packet ends */
	uint8_t version, proto;
};

static const struct {
	char text[4];
} tcp_flag_texts[8] = {
	/* bit order of the line, see tcp.c */
	{ "SYN" }, { "ACK" }, { "FIN" }, { "RST" }, { "PSH" }, { "URG" }, { "ECE" }, { "CWR" },
};
static const uint8_t tcp_flag_bits[8] = { 0x02, 0x10, 0x01, 0x04, 0x08, 0x20, 0x40, 0x80 };

/* May the payload be a ClientHello or HTTP? Says yes more often than the dissector does: the first bytes decide here.
 */
static bool may_be_application(const uint8_t *p, uint32_t n)
{
	if (n < 4)
		return false;
	return p[0] == 22 || p[0] == 20 || (p[0] >= 'A' && p[0] <= 'Z');
}

static bool fast_tcp(struct fast_line *f)
{
	const uint8_t *p = f->data + f->l4;
	uint32_t header;

	if (f->l4 + 20 > f->cap)
		return false;
	header = (p[12] >> 4) * 4u;
	f->payload = f->l4 + header;
	if (header < 20 || p[12] & 1 || f->payload > f->end || f->payload > f->cap)
		return false;
	if (f->payload == f->end)
		return true;
	if (is_dns_port(nsc_load16(p)) || is_dns_port(nsc_load16(p + 2)))
		return false;
	return !may_be_application(f->data + f->payload, NSC_MIN(f->end, f->cap) - f->payload);
}

static bool fast_udp(struct fast_line *f)
{
	const uint8_t *p = f->data + f->l4;
	uint32_t length;
	uint16_t from, to;

	if (f->l4 + 8 > f->cap)
		return false;
	from = nsc_load16(p);
	to = nsc_load16(p + 2);
	length = nsc_load16(p + 4);
	if (length < 8 || f->l4 + length > f->end || is_dns_port(from) || is_dns_port(to) ||
	    nsc_decode_tunnel(from, to) != NSC_TUNNEL_NONE)
		return false;
	f->end = f->l4 + length;
	f->payload = f->l4 + 8;
	return true;
}

static bool fast_network(struct fast_line *f, uint16_t type)
{
	const uint8_t *ip = f->data + f->l3;

	if (type == 0x0800 && ip[0] == 0x45 && (nsc_load16(ip + 6) & 0x3fff) == 0) {
		f->version = 4;
		f->proto = ip[9];
		f->l4 = f->l3 + 20;
		f->end = f->l3 + nsc_load16(ip + 2); /* 0 makes it too short for any header */
	} else if (type == 0x86dd && ip[0] >> 4 == 6 && f->l3 + 48 <= f->cap) {
		f->version = 6;
		f->proto = ip[6];
		f->l4 = f->l3 + 40;
		f->end = f->l4 + nsc_load16(ip + 4);
	} else {
		return false;
	}
	return true;
}

static bool fast_accepts(struct fast_line *f, const struct nsc_packet *pkt)
{
	uint16_t type;

	if (pkt->link != NSC_LINK_ETHERNET || pkt->cap_len < 14 + 20 + 8)
		return false;
	f->data = pkt->data;
	f->cap = pkt->cap_len;
	f->l3 = 14;
	type = nsc_load16(f->data + 12);
	if (type == 0x8100) {
		type = nsc_load16(f->data + 16);
		f->l3 = 18;
	}
	if (!fast_network(f, type) || f->end > NSC_MAX(pkt->wire_len, pkt->cap_len))
		return false;
	if (f->proto == NSC_PROTO_TCP)
		return fast_tcp(f);
	return f->proto == NSC_PROTO_UDP && fast_udp(f);
}

static char *write_flags(char *at, uint8_t flags)
{
	*at++ = '[';
	for (unsigned i = 0; i < 8; i++)
		if (flags & tcp_flag_bits[i]) {
			memcpy(at, tcp_flag_texts[i].text, 3);
			memcpy(at + 3, ", ", 2);
			at += 5;
		}
	at -= flags ? 2 : 0;
	*at++ = ']';
	return at;
}

static char *write_ipv4_layer(char *at, const uint8_t *ip, bool tcp)
{
	at = nsc_format_literal(at, " | IPv4: ");
	at = nsc_format_ipv4(at, ip + 12);
	at = nsc_format_literal(at, " -> ");
	at = nsc_format_ipv4(at, ip + 16);
	at = tcp ? nsc_format_literal(at, " proto=TCP ttl=") : nsc_format_literal(at, " proto=UDP ttl=");
	at = nsc_format_u32(at, ip[8]);
	at = nsc_format_literal(at, " len=");
	return nsc_format_u32(at, nsc_load16(ip + 2));
}

static char *write_ipv6_layer(char *at, const uint8_t *ip, bool tcp)
{
	at = nsc_format_literal(at, " | IPv6: ");
	at = nsc_format_ipv6(at, ip + 8);
	at = nsc_format_literal(at, " -> ");
	at = nsc_format_ipv6(at, ip + 24);
	at = tcp ? nsc_format_literal(at, " next=TCP hlim=") : nsc_format_literal(at, " next=UDP hlim=");
	at = nsc_format_u32(at, ip[7]);
	at = nsc_format_literal(at, " len=");
	return nsc_format_u32(at, nsc_load16(ip + 4));
}

static char *write_tcp_layer(char *at, const uint8_t *p)
{
	at = nsc_format_literal(at, " | TCP :");
	at = nsc_format_u32(at, nsc_load16(p));
	at = nsc_format_literal(at, " -> :");
	at = nsc_format_u32(at, nsc_load16(p + 2));
	*at++ = ' ';
	at = write_flags(at, p[13]);
	at = nsc_format_literal(at, " seq=");
	at = nsc_format_u32(at, nsc_load32(p + 4));
	at = nsc_format_literal(at, " ack=");
	at = nsc_format_u32(at, nsc_load32(p + 8));
	at = nsc_format_literal(at, " win=");
	return nsc_format_u32(at, nsc_load16(p + 14));
}

static char *write_udp_layer(char *at, const uint8_t *p)
{
	at = nsc_format_literal(at, " | UDP :");
	at = nsc_format_u32(at, nsc_load16(p));
	at = nsc_format_literal(at, " -> :");
	at = nsc_format_u32(at, nsc_load16(p + 2));
	at = nsc_format_literal(at, " len=");
	return nsc_format_u32(at, nsc_load16(p + 4));
}

static char *write_link(char *at, const struct fast_line *f)
{
	at = nsc_format_literal(at, " Eth: ");
	at = nsc_format_mac(at, f->data + 6);
	at = nsc_format_literal(at, " -> ");
	at = nsc_format_mac(at, f->data);
	if (f->l3 == 18) {
		at = nsc_format_literal(at, " VLAN:");
		at = nsc_format_u32(at, nsc_load16(f->data + 14) & 0xfff);
	}
	return at;
}

static size_t write_line(const struct fast_line *f, uint64_t ts_ns, uint64_t number, char *out)
{
	const uint8_t *ip = f->data + f->l3, *p = f->data + f->l4;
	bool tcp = f->proto == NSC_PROTO_TCP;
	char *at = out;

	*at++ = '#';
	at = nsc_format_u64(at, number);
	*at++ = ' ';
	at = nsc_format_time_of_day(at, ts_ns);
	at = write_link(at, f);
	at = f->version == 4 ? write_ipv4_layer(at, ip, tcp) : write_ipv6_layer(at, ip, tcp);
	at = tcp ? write_tcp_layer(at, p) : write_udp_layer(at, p);
	if (f->end > f->payload) {
		at = nsc_format_literal(at, " | payload: ");
		at = nsc_format_u32(at, f->end - f->payload);
		at = nsc_format_literal(at, " bytes");
	}
	return (size_t)(at - out);
}

size_t nsc_dissect_line(const struct nsc_packet *pkt, uint64_t number, struct nsc_dissection *scratch, char *out,
			size_t room)
{
	struct fast_line f = { .payload = 0 };

	if (nsc_likely(room >= FAST_ROOM && fast_accepts(&f, pkt)))
		return write_line(&f, pkt->ts_ns, number, out);
	nsc_dissect(scratch, pkt);
	return nsc_dissect_line_of(scratch, pkt->ts_ns, number, out, room);
}

/* The headers, and the first byte of the payload, which fast_tcp asks. */
uint32_t nsc_dissect_line_bytes(const struct nsc_packet *pkt)
{
	struct fast_line f;

	return nsc_likely(fast_accepts(&f, pkt)) ? NSC_MIN(f.payload + 1, pkt->cap_len) : pkt->cap_len;
}
