/* SPDX-License-Identifier: MIT
 *
 * Bytes of generated frames: a template copied in one piece, then the fields that differ. Checksums are always
 * right; a payload's part of them comes from a table, so that no payload is ever read.
 */
#include "gen_internal.h"

enum { IPV4_BYTES = 20, IPV6_BYTES = 40, TCP_BYTES = 20, UDP_BYTES = 8, FRAGMENT_BYTES = 8 };
enum { IP_MORE_FRAGMENTS = 0x2000, IP_DONT_FRAGMENT = 0x4000, IPV6_NEXT_FRAGMENT = 44 };
enum { SYN_OPTION_BYTES = 12, SYN_WINDOW = 64240, WINDOW_SHIFT = 10 };

static void template_ip(struct gen_template *t, uint32_t shape, uint32_t dir)
{
	uint8_t *ip = t->bytes + t->ip_off;
	uint8_t proto = shape & GEN_UDP ? NSC_PROTO_UDP : NSC_PROTO_TCP;
	uint8_t ttl = dir == 0 ? 64 : 57;

	t->l4_sum = proto;
	if (shape & GEN_IPV6) {
		ip[0] = 0x60;
		ip[6] = proto;
		ip[7] = ttl;
		for (int side = 0; side < 2; side++) {
			gen_put32(ip + 8 + 16 * side, 0x20010db8);
			ip[8 + 16 * side + 5] = 1;
		}
		t->l4_sum += 2 * (0x2001 + 0x0db8);
		return;
	}
	ip[0] = 0x45;
	ip[8] = ttl;
	ip[9] = proto;
	t->ip_sum = 0x4500 + (uint32_t)(ttl << 8) + proto;
}

static void template_init(struct gen_template *t, uint32_t shape, uint32_t dir)
{
	static const uint8_t mac[2][6] = { { 2, 'N', 'S', 0, 0, 1 }, { 2, 'N', 'S', 0, 0, 2 } };
	uint8_t *at;

	memset(t, 0, sizeof(*t));
	t->l4_off = GEN_HEADERS - (shape & GEN_UDP ? UDP_BYTES : TCP_BYTES);
	t->ip_off = (uint8_t)(t->l4_off - (shape & GEN_IPV6 ? IPV6_BYTES : IPV4_BYTES));
	t->frame_off = (uint8_t)(t->ip_off - (shape & GEN_VLAN ? 18 : 14));
	at = t->bytes + t->frame_off;
	memcpy(at, mac[!dir], 6);
	memcpy(at + 6, mac[dir], 6);
	if (shape & GEN_VLAN)
		gen_put16(at + 12, 0x8100);
	gen_put16(t->bytes + t->ip_off - 2, shape & GEN_IPV6 ? 0x86dd : 0x0800);
	template_ip(t, shape, dir);
}

void gen_templates_init(struct nsc_gen *gen)
{
	for (uint32_t shape = 0; shape < 8; shape++)
		for (uint32_t dir = 0; dir < 2; dir++)
			template_init(&gen->templates[shape * 2 + dir], shape, dir);
}

nsc_always_inline const struct gen_template *template_of(const struct nsc_gen *gen, const struct gen_flow *flow,
							 uint32_t dir)
{
	return &gen->templates[(flow->shape & 7u) * 2 + dir];
}

nsc_always_inline uint16_t checksum(uint32_t sum)
{
	sum = (sum >> 16) + (sum & 0xffff);
	sum += sum >> 16;
	return (uint16_t)~sum;
}

/* The addresses' part of the pseudo header. */
nsc_always_inline uint32_t address_sum(const struct gen_flow *flow)
{
	uint32_t sum = gen_words(flow->address[0]) + gen_words(flow->address[1]);

	return flow->shape & GEN_IPV6 ? sum + 1 + gen_ipv6_group(flow, 1) : sum;
}

/* `at`: IPv6 header; `bytes`: what follows it. */
nsc_always_inline void patch_ipv6(const struct gen_flow *flow, uint32_t dir, uint32_t bytes, uint8_t *at)
{
	gen_put16(at + 4, bytes);
	gen_put32(at + 20, flow->address[dir]);
	gen_put32(at + 36, flow->address[!dir]);
	at[8 + 16 * !dir + 5] = gen_ipv6_group(flow, 1);
}

nsc_always_inline void patch_ipv4(const struct gen_template *t, const struct gen_flow *flow, uint32_t dir,
				  uint32_t bytes, uint32_t id, uint32_t fragment, uint8_t *at)
{
	uint32_t sum = t->ip_sum + gen_words(flow->address[0]) + gen_words(flow->address[1]);

	bytes += IPV4_BYTES;
	gen_put16(at + 2, bytes);
	gen_put16(at + 4, id);
	gen_put16(at + 6, fragment);
	gen_put16(at + 10, checksum(sum + bytes + id + fragment));
	gen_put32(at + 12, flow->address[dir]);
	gen_put32(at + 16, flow->address[!dir]);
}

/* Link and IP headers before the L4 header, which ends at `end`; `bytes`: L4 header and payload. Returns the L4 header.
 */
nsc_always_inline uint8_t *put_headers(struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint32_t bytes,
				       uint8_t *end)
{
	const struct gen_template *t = template_of(gen, flow, dir);
	uint8_t *base = end - GEN_HEADERS, *ip = base + t->ip_off;

	memcpy(base, t->bytes, GEN_HEADERS);
	if (flow->shape & GEN_VLAN)
		gen_put16(ip - 4, gen_vlan_id(flow));
	if (flow->shape & GEN_IPV6)
		patch_ipv6(flow, dir, bytes, ip);
	else
		patch_ipv4(t, flow, dir, bytes, gen->ip_id++, IP_DONT_FRAGMENT, ip);
	return base + t->l4_off;
}

nsc_always_inline void frame_set(const struct nsc_gen *gen, const uint8_t *data, uint32_t len)
{
	gen->frame->data = data;
	gen->frame->wire_len = len;
	gen->frame->cap_len = NSC_MIN(len, gen->snaplen);
}

/* Where the L4 header ends, so that `payload_len` payload bytes follow it. The server's frames come over the wire and
 * are padded to Ethernet's minimum: those too short are built before the payload's place, which stays untouched. */
nsc_always_inline uint8_t *place(const struct nsc_gen *gen, uint32_t dir, uint32_t headers, uint32_t payload_len,
				 uint32_t *wire_len)
{
	uint8_t *end = gen->slot + GEN_HEAD;

	*wire_len = headers + payload_len;
	if (dir == 0 || *wire_len >= GEN_FRAME_MIN)
		return end;
	end = gen->slot + GEN_HEADERS;
	memset(end, 0, 32);
	memcpy(end, gen->payload, payload_len);
	*wire_len = GEN_FRAME_MIN;
	return end;
}

static uint32_t put_syn_options(const struct nsc_gen *gen, uint8_t *at)
{
	const uint8_t options[SYN_OPTION_BYTES] = {
		2, 4, (uint8_t)(gen->mss >> 8), (uint8_t)gen->mss, 1, 1, 4, 2, 1, 3, 3, WINDOW_SHIFT
	};
	uint32_t sum = 0;

	memcpy(at, options, sizeof(options));
	for (uint32_t i = 0; i < sizeof(options); i += 2)
		sum += (uint32_t)(options[i] << 8 | options[i + 1]);
	return sum;
}

nsc_always_inline void put_tcp(const struct gen_template *t, const struct gen_flow *flow, const struct gen_tcp *tcp,
			       uint32_t window, uint32_t bytes, uint32_t rest_sum, uint8_t *l4)
{
	uint32_t header = TCP_BYTES + (tcp->flags & NSC_TCP_SYN ? SYN_OPTION_BYTES : 0);
	uint32_t offset_flags = header << 10 | tcp->flags; /* header / 4 << 12 */
	uint32_t sum = t->l4_sum + address_sum(flow) + bytes + flow->port[0] + flow->port[1] + gen_words(tcp->seq) +
		       gen_words(tcp->ack) + offset_flags + window + rest_sum;

	gen_put16(l4, flow->port[tcp->dir]);
	gen_put16(l4 + 2, flow->port[!tcp->dir]);
	gen_put32(l4 + 4, tcp->seq);
	gen_put32(l4 + 8, tcp->ack);
	gen_put16(l4 + 12, offset_flags);
	gen_put16(l4 + 14, window);
	gen_put16(l4 + 16, checksum(sum));
}

void gen_frame_tcp(struct nsc_gen *gen, const struct gen_flow *flow, const struct gen_tcp *tcp)
{
	const struct gen_template *t = template_of(gen, flow, tcp->dir);
	uint32_t bytes = TCP_BYTES + tcp->payload_len, headers = GEN_HEADERS - t->frame_off, wire_len;
	uint32_t window = gen->window, rest_sum = gen->payload_sum[tcp->payload_len];
	uint8_t *end;

	gen->frame->seq = tcp->seq;
	gen->frame->ack = tcp->ack;
	gen->frame->tcp_payload = tcp->payload_len;
	gen->frame->dir = tcp->dir;
	gen->frame->tcp_flags = tcp->flags;
	if (tcp->flags & NSC_TCP_SYN) {
		end = gen->slot + GEN_HEADERS;
		rest_sum = put_syn_options(gen, end);
		bytes += SYN_OPTION_BYTES;
		wire_len = headers + SYN_OPTION_BYTES;
		window = SYN_WINDOW;
	} else {
		end = place(gen, tcp->dir, headers, tcp->payload_len, &wire_len);
	}
	put_tcp(t, flow, tcp, window, bytes, rest_sum, put_headers(gen, flow, tcp->dir, bytes, end));
	frame_set(gen, end - headers, wire_len);
}

nsc_always_inline void put_udp(const struct gen_template *t, const struct gen_flow *flow, uint32_t dir, uint32_t bytes,
			       uint32_t rest_sum, uint8_t *l4)
{
	uint32_t sum = t->l4_sum + address_sum(flow) + 2 * bytes + flow->port[0] + flow->port[1] + rest_sum;
	uint16_t sent = checksum(sum);

	gen_put16(l4, flow->port[dir]);
	gen_put16(l4 + 2, flow->port[!dir]);
	gen_put16(l4 + 4, bytes);
	gen_put16(l4 + 6, sent ? sent : 0xffff); /* 0 would say: no checksum */
}

void gen_frame_udp(struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint32_t payload_len)
{
	const struct gen_template *t = template_of(gen, flow, dir);
	uint32_t bytes = UDP_BYTES + payload_len, wire_len;
	uint8_t *end = place(gen, dir, GEN_HEADERS - t->frame_off, payload_len, &wire_len);
	uint8_t *l4 = put_headers(gen, flow, dir, bytes, end);

	gen->frame->dir = (uint8_t)dir;
	put_udp(t, flow, dir, bytes, gen->payload_sum[payload_len], l4);
	frame_set(gen, end - GEN_HEADERS + t->frame_off, wire_len);
}

void gen_frame_dns(struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir)
{
	const struct gen_template *t = template_of(gen, flow, dir);
	uint8_t *end = gen->slot + GEN_HEADERS;
	uint32_t len = gen_dns_message(flow->hole_seq, dir, end), sum = 0;
	uint8_t *l4 = put_headers(gen, flow, dir, UDP_BYTES + len, end);

	for (uint32_t i = 0; i < len; i++)
		sum += i & 1 ? end[i] : (uint32_t)end[i] << 8;
	gen->frame->dir = (uint8_t)dir;
	put_udp(t, flow, dir, UDP_BYTES + len, sum, l4);
	frame_set(gen, gen->slot + t->frame_off, GEN_HEADERS - t->frame_off + len);
}

/* Copies the bytes behind the room for headers, apart from the payload that stays in place; their checksum's part. */
static uint32_t put_said(const struct nsc_gen *gen, const uint8_t *bytes, uint32_t n, uint8_t **end)
{
	uint32_t sum = 0;

	*end = gen->slot + gen->said_off + GEN_HEADERS;
	memcpy(*end, bytes, n);
	for (uint32_t i = 0; i < n; i++)
		sum += i & 1 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

void gen_frame_tcp_said(struct nsc_gen *gen, const struct gen_flow *flow, const struct gen_tcp *tcp,
			const uint8_t *bytes)
{
	const struct gen_template *t = template_of(gen, flow, tcp->dir);
	uint32_t headers = GEN_HEADERS - t->frame_off, sum;
	uint8_t *end;

	gen->frame->seq = tcp->seq;
	gen->frame->ack = tcp->ack;
	gen->frame->tcp_payload = tcp->payload_len;
	gen->frame->dir = tcp->dir;
	gen->frame->tcp_flags = tcp->flags;
	sum = put_said(gen, bytes, tcp->payload_len, &end);
	put_tcp(t, flow, tcp, gen->window, TCP_BYTES + tcp->payload_len, sum,
		put_headers(gen, flow, tcp->dir, TCP_BYTES + tcp->payload_len, end));
	frame_set(gen, end - headers, headers + tcp->payload_len);
}

void gen_frame_udp_said(struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint32_t n,
			const uint8_t *bytes)
{
	const struct gen_template *t = template_of(gen, flow, dir);
	uint32_t headers = GEN_HEADERS - t->frame_off, sum;
	uint8_t *end;

	gen->frame->dir = (uint8_t)dir;
	sum = put_said(gen, bytes, n, &end);
	put_udp(t, flow, dir, UDP_BYTES + n, sum, put_headers(gen, flow, dir, UDP_BYTES + n, end));
	frame_set(gen, end - headers, headers + n);
}

static void put_fragment_header(const struct gen_flow *flow, uint32_t offset, bool more, uint8_t *at)
{
	at[0] = NSC_PROTO_UDP;
	at[1] = 0;
	gen_put16(at + 2, offset | more);
	gen_put32(at + 4, flow->hole_seq);
}

void gen_frame_fragment(struct nsc_gen *gen, const struct gen_flow *flow, bool first)
{
	uint32_t dir = flow->dir, datagram = UDP_BYTES + flow->hole_len;
	uint32_t cut = datagram / 2 & ~7u; /* bytes of the datagram in the first fragment */
	uint32_t part = first ? cut : datagram - cut, offset = first ? 0 : cut;
	uint32_t extension = flow->shape & GEN_IPV6 ? FRAGMENT_BYTES : 0;
	const struct gen_template *t = template_of(gen, flow, dir);
	uint8_t *l4 = gen->slot + GEN_HEAD - (first ? UDP_BYTES : 0);
	uint8_t *base = l4 - extension - t->l4_off, *ip = base + t->ip_off;

	gen->frame->dir = (uint8_t)dir;
	memcpy(base, t->bytes, t->l4_off);
	if (flow->shape & GEN_VLAN)
		gen_put16(ip - 4, gen_vlan_id(flow));
	if (extension) {
		patch_ipv6(flow, dir, extension + part, ip);
		ip[6] = IPV6_NEXT_FRAGMENT;
		put_fragment_header(flow, offset, first, l4 - extension);
	} else {
		patch_ipv4(t, flow, dir, part, flow->hole_seq & 0xffff, (first ? IP_MORE_FRAGMENTS : 0) | offset / 8,
			   ip);
	}
	if (first) /* both parts' payloads begin alike, and the first part is even */
		put_udp(t, flow, dir, datagram, gen->payload_sum[cut - UDP_BYTES] + gen->payload_sum[datagram - cut],
			l4);
	frame_set(gen, base + t->frame_off, (uint32_t)(t->l4_off - t->frame_off) + extension + part);
}
