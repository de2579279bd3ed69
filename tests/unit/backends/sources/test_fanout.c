/* SPDX-License-Identifier: MIT
 *
 * The ring of a packet: the same for both directions, received or sent, with any tags, for a first fragment and for
 * what is no fragment; spread evenly; different with another key.
 */
#include "backends/sources/fanout.h"
#include "netscope/ipv6.h"

#include <string.h>

#include "bpf_machine.h"

struct wish {
	unsigned flow, tags, proto;
	bool ipv6, back, sent, pppoe;
	unsigned fragment; /* 0 none, 1 first, 2 later */
	unsigned options;  /* words of IPv4 options; extension headers of IPv6 */
	unsigned kinds;    /* of these extension headers: which are they? */
};

static struct nsc_fanout fanout;

static void put16(struct seen *s, uint32_t value)
{
	s->bytes[s->len++] = (uint8_t)(value >> 8);
	s->bytes[s->len++] = (uint8_t)value;
}

static void put_addresses(struct seen *s, const struct wish *w, unsigned bytes)
{
	uint8_t a[16] = { 0 }, b[16] = { 0 };

	a[0] = 10;
	a[bytes - 1] = (uint8_t)w->flow;
	a[bytes - 2] = (uint8_t)(w->flow >> 8);
	b[0] = 192;
	b[bytes - 1] = 1;
	memcpy(s->bytes + s->len, w->back ? b : a, bytes);
	memcpy(s->bytes + s->len + bytes, w->back ? a : b, bytes);
	s->len += 2 * bytes;
}

static void put_ipv4(struct seen *s, const struct wish *w)
{
	uint8_t *ip = s->bytes + s->len;

	ip[0] = (uint8_t)(0x45 + w->options);
	ip[6] = w->fragment == 1 ? 0x20 : 0;
	ip[7] = w->fragment == 2 ? 185 : 0;
	ip[9] = (uint8_t)w->proto;
	s->len += 12;
	put_addresses(s, w, 4);
	s->len += w->options * 4;
}

static const uint8_t kinds[] = {
#define NSC_X(id, number, length, field, label) number,
	NSC_IPV6_EXTENSIONS(NSC_X)
#undef NSC_X
};

/* The n-th header of the chain; a fragment header only where one is wanted. */
static uint8_t kind_at(const struct wish *w, unsigned n)
{
	uint8_t kind = kinds[(w->kinds + n) % NSC_ARRAY_LEN(kinds)];

	if (n >= w->options)
		return (uint8_t)(n == w->options && w->fragment ? 44 : w->proto);
	return kind == 44 ? 60 : kind;
}

static void put_ipv6(struct seen *s, const struct wish *w)
{
	unsigned headers = w->options + (w->fragment > 0);

	s->bytes[s->len] = 0x60;
	s->bytes[s->len + 6] = kind_at(w, 0);
	s->len += 8;
	put_addresses(s, w, 16);
	for (unsigned i = 0; i < headers; i++) {
		s->bytes[s->len] = kind_at(w, i + 1);
		s->bytes[s->len + 1] = kind_at(w, i) == 44 ? 0 : i % 2;
		if (i >= w->options)
			s->bytes[s->len + 3] = w->fragment == 2 ? 0x48 : 1;
		s->len += nsc_ipv6_extension_bytes(kind_at(w, i), s->bytes[s->len + 1]);
	}
}

/* As the kernel has it: a packet that it received begins behind the link header, and the outer tag is beside it. */
static struct seen packet(struct wish w)
{
	static const uint16_t tpids[] = { 0x8100, 0x88a8, 0x9100 };
	uint32_t type = w.pppoe ? 0x8864 : w.ipv6 ? 0x86dd : 0x0800;
	struct seen s = { .type = w.sent ? 4 : 0, .protocol = w.tags ? tpids[0] : type };

	if (w.sent) {
		s.len = 12;
		put16(&s, s.protocol);
	}
	for (unsigned i = 0; i < w.tags; i++) {
		put16(&s, 7 + i);
		put16(&s, i + 1 < w.tags ? tpids[(i + 1) % 3] : type);
	}
	s.len += w.pppoe ? 6 : 0;
	if (w.pppoe)
		put16(&s, w.ipv6 ? 0x57 : 0x21);
	(w.ipv6 ? put_ipv6 : put_ipv4)(&s, &w);
	put16(&s, w.fragment == 2 ? 0xdead : w.back ? 80 : 1000 + w.flow % 7);
	put16(&s, w.fragment == 2 ? 0xbeef : w.back ? 1000 + w.flow % 7 : 80);
	s.len += 8;
	return s;
}

static uint32_t number(struct wish w)
{
	struct seen s = packet(w);

	return machine_run(fanout.program, fanout.n, &s);
}

static void build(uint32_t seed)
{
	nsc_fanout_build(&fanout, (uint32_t[]){ 0x9e3779b9 * seed, 0x85ebca6b ^ seed, 0xc2b2ae35 + seed });
}

START_TEST(all_packets_of_a_flow_agree)
{
	unsigned wrong = 0;

	build(1);
	for (unsigned i = 0; i < 4000; i++) {
		struct wish plain = { .flow = i % 50, .proto = i % 3 ? 6 : 17, .ipv6 = i % 2 }, other = plain;

		other.tags = i / 2 % 5;
		other.back = i / 10 % 2;
		other.sent = i / 20 % 2;
		other.pppoe = i / 40 % 2;
		other.fragment = i / 80 % 2;
		other.options = i / 160 % 4;
		wrong += number(plain) != number(other);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Decode finds the ports behind any chain of 16 extension headers, so the rings must too. */
START_TEST(extension_headers_of_every_kind)
{
	unsigned wrong = 0;

	build(1);
	for (unsigned i = 0; i < 2000; i++) {
		struct wish plain = { .flow = i % 50, .proto = 6, .ipv6 = true }, other = plain;

		other.back = i % 2;
		other.options = i % (NSC_IPV6_EXTENSIONS_MAX + 1);
		other.kinds = i / 17;
		other.fragment = other.options < NSC_IPV6_EXTENSIONS_MAX && i / 7 % 2;
		wrong += number(plain) != number(other);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* What cannot agree need not, but must not run into nonsense: later fragments go by their addresses. */
START_TEST(later_fragments_go_by_address)
{
	unsigned wrong = 0;

	build(1);
	for (unsigned i = 0; i < 200; i++) {
		struct wish a = { .flow = i, .proto = 17, .fragment = 2, .ipv6 = i % 2 }, b = a, icmp = a;

		b.back = true;
		icmp.proto = 1;
		icmp.fragment = 0;
		wrong += number(a) != number(b) || number(a) != number(icmp);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(flows_are_spread)
{
	for (uint32_t seed = 1; seed <= 8; seed++) {
		static const uint32_t rings[] = { 2, 3, 4, 8 };

		build(seed * 77);
		for (unsigned r = 0; r < NSC_ARRAY_LEN(rings); r++) {
			unsigned n[8] = { 0 }, flows = 4000;

			for (unsigned i = 0; i < flows; i++)
				n[number((struct wish){ .flow = i, .proto = 6, .ipv6 = i % 5 == 0 }) % rings[r]]++;
			for (unsigned i = 0; i < rings[r]; i++) {
				ck_assert_uint_gt(n[i], flows / rings[r] * 3 / 4);
				ck_assert_uint_lt(n[i], flows / rings[r] * 5 / 4);
			}
		}
	}
}
END_TEST

START_TEST(another_key_is_another_order)
{
	unsigned same = 0;

	for (unsigned i = 0; i < 1000; i++) {
		uint32_t one;

		build(1);
		one = number((struct wish){ .flow = i, .proto = 6 }) % 2;
		build(12345);
		same += one == number((struct wish){ .flow = i, .proto = 6 }) % 2;
	}
	ck_assert_uint_gt(same, 350);
	ck_assert_uint_lt(same, 650);
}
END_TEST

START_TEST(the_rest_goes_to_the_first)
{
	struct seen s = { .len = 60, .protocol = 0x0806 };

	build(1);
	ck_assert_uint_eq(machine_run(fanout.program, fanout.n, &s), 0);
	s.protocol = 0x8847;
	ck_assert_uint_eq(machine_run(fanout.program, fanout.n, &s), 0);
	s = packet((struct wish){ .flow = 1, .proto = 6 });
	s.len = 15; /* cut */
	ck_assert_uint_eq(machine_run(fanout.program, fanout.n, &s), 0);
	ck_assert_uint_le(fanout.n, NSC_FANOUT_MAX);
}
END_TEST

CHECK_MAIN("fanout", all_packets_of_a_flow_agree, extension_headers_of_every_kind, later_fragments_go_by_address,
	   flows_are_spread, another_key_is_another_order, the_rest_goes_to_the_first)
