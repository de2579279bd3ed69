/* SPDX-License-Identifier: MIT
 *
 * Crafted packets and what decode has to make of them. Bytes are string literals, so that a layer is a macro and a
 * packet is a row of layers. Every case says which fields it expects; all others have to be 0.
 */
#ifndef TEST_DECODE_PACKETS_H
#define TEST_DECODE_PACKETS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/decode/walk.h"

struct decode_case {
	const char *name;
	const char *bytes;
	uint32_t len;
	uint8_t link;
	bool decap, track_sctp;
	uint32_t cut;  /* bytes captured, if not all */
	uint32_t wire; /* bytes on the wire, if more than `len` */
	uint8_t fate, version, proto, flags, dir;
	uint16_t l3, l4, payload, src, dst;
	uint32_t payload_len;
};

#define BYTES(literal) .bytes = (literal), .len = sizeof(literal) - 1
#define ETH .link = NSC_LINK_ETHERNET

/* Ends: 10.0.0.1:1234 -> 10.0.0.2:80, and fd00::1 -> fd00::2 */
#define MAC                                                                                                            \
	"\2\0\0\0\0\1"                                                                                                 \
	"\2\0\0\0\0\2"
#define T_IPV4 "\x08\x00"
#define T_IPV6 "\x86\xdd"
#define A4 "\x0a\0\0\1"
#define B4 "\x0a\0\0\2"
#define A6 "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"
#define B6 "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2"
#define IPV4_FULL(ihl, total, fragment, proto, src, dst) ihl "\0" total "\0\1" fragment "\x40" proto "\0\0" src dst
#define IPV4(total, proto) IPV4_FULL("\x45", total, "\0\0", proto, A4, B4)
#define IPV6(length, next) "\x60\0\0\0" length next "\x40" A6 B6
#define PORTS                                                                                                          \
	"\x04\xd2"                                                                                                     \
	"\x00\x50"
#define TCP                                                                                                            \
	PORTS "\0\0\0\1"                                                                                               \
	      "\0\0\0\2"                                                                                               \
	      "\x50\x18"                                                                                               \
	      "\1\0"                                                                                                   \
	      "\0\0"                                                                                                   \
	      "\0\0"
#define UDP(length) PORTS length "\0\0"
#define UDP_TO(port, length) "\x04\xd2" port length "\0\0"
#define FOUR "abcd"
#define TWICE(x) x x
#define TIMES_8(x) TWICE(TWICE(TWICE(x)))
#define TIMES_32(x) TWICE(TWICE(TIMES_8(x)))
#define TIMES_128(x) TWICE(TWICE(TIMES_32(x)))
#define FRAME MAC "\x65\x58" /* an Ethernet frame in an Ethernet frame */
/* 44 = 20 + 20 + 4, 32 = 20 + 8 + 4 */
#define IPV4_TCP IPV4("\0\x2c", "\x06") TCP FOUR
#define IPV4_UDP IPV4("\0\x20", "\x11") UDP("\0\x0c") FOUR
#define IPV6_TCP IPV6("\0\x18", "\x06") TCP FOUR
#define IPV6_UDP IPV6("\0\x0c", "\x11") UDP("\0\x0c") FOUR

/* What IPV4_TCP and its sisters decode to when their IP header stands at `at`. */
#define IS_IPV4_TCP(at)                                                                                                \
	.fate = NSC_FATE_FLOW, .version = 4, .proto = 6, .flags = 0x18, .l3 = (at), .l4 = (at) + 20,                   \
	.payload = (at) + 40, .payload_len = 4, .src = 1234, .dst = 80
#define IS_IPV4_UDP(at)                                                                                                \
	.fate = NSC_FATE_FLOW, .version = 4, .proto = 17, .l3 = (at), .l4 = (at) + 20, .payload = (at) + 28,           \
	.payload_len = 4, .src = 1234, .dst = 80
#define IS_IPV6_TCP(at)                                                                                                \
	.fate = NSC_FATE_FLOW, .version = 6, .proto = 6, .flags = 0x18, .l3 = (at), .l4 = (at) + 40,                   \
	.payload = (at) + 60, .payload_len = 4, .src = 1234, .dst = 80
#define IS_IPV6_UDP(at)                                                                                                \
	.fate = NSC_FATE_FLOW, .version = 6, .proto = 17, .l3 = (at), .l4 = (at) + 40, .payload = (at) + 48,           \
	.payload_len = 4, .src = 1234, .dst = 80

static const struct nsc_hash_seed packets_seed = {
	{ 0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89 },
};

/* The last byte of the copy is the last byte of a page, and behind it nothing may be read. */
struct guarded {
	uint8_t *page;
	size_t size;
};

static inline void guarded_init(struct guarded *g)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	g->size = 4 * page;
	g->page = mmap(NULL, g->size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(g->page, MAP_FAILED);
	ck_assert_int_eq(mprotect(g->page + g->size, page, PROT_NONE), 0);
}

static inline const uint8_t *guarded_copy(struct guarded *g, const void *bytes, size_t n)
{
	return memcpy(g->page + g->size - n, bytes, n);
}

static inline struct nsc_decode_options packets_options(bool decap, bool track_sctp)
{
	return (struct nsc_decode_options){ .seed = packets_seed, .decap = decap, .track_sctp = track_sctp };
}

/* What must hold whatever the bytes are. */
static inline bool packets_sane(const struct nsc_packet *p)
{
	if (p->fate >= NSC_FATE_COUNT || p->dir > 1)
		return false;
	if (p->fate != NSC_FATE_FLOW)
		return p->hash == 0 && p->l4_off == 0 && p->src_port == 0 && p->dst_port == 0;
	if (p->ip_version != 4 && p->ip_version != 6)
		return false;
	if (p->l4_off < p->l3_off + (p->ip_version == 4 ? 20 : 40) || p->l4_off + 4u > p->cap_len)
		return false;
	return p->l4_len == 0 ? p->payload_len == 0 : p->l4_len >= 8;
}

/* Decodes by the burst and by the walker alone; both have to say the same. */
static inline bool packets_agree(const struct nsc_decode_options *options, struct nsc_packet *p)
{
	struct nsc_packet cold = *p;
	uint8_t link = p->link, interface = p->interface;

	memset((uint8_t *)p + offsetof(struct nsc_packet, hash), 0x5a, 32); /* stale contents of a reused burst */
	p->link = link;
	p->interface = interface;
	nsc_decode_burst(options, p, 1);
	nsc_decode_cold(options, &cold);
	return memcmp(p, &cold, sizeof(cold)) == 0;
}

/* Where the payload begins; 0 = there is none. */
static inline unsigned packets_payload(const struct nsc_packet *p)
{
	return p->l4_len ? p->l4_off + p->l4_len : 0u;
}

static inline bool packets_match(const struct decode_case *c, const struct nsc_packet *p)
{
	bool header = c->flags != 0;

	return p->fate == c->fate && p->ip_version == c->version && p->ip_proto == c->proto &&
	       p->tcp_flags == c->flags && p->dir == c->dir && p->l3_off == c->l3 && p->l4_off == c->l4 &&
	       packets_payload(p) == c->payload && p->payload_len == c->payload_len && p->src_port == c->src &&
	       p->dst_port == c->dst && p->tcp_seq == header * 1u && p->tcp_ack == header * 2u;
}

static inline void packets_print(const char *what, const struct decode_case *c, const struct nsc_packet *p)
{
	printf("%s: %s: fate %s version %u proto %u flags %#x dir %u l3 %u l4 %u payload %u+%u ports %u %u\n", what,
	       c->name, nsc_fate_name(p->fate), p->ip_version, p->ip_proto, p->tcp_flags, p->dir, p->l3_off, p->l4_off,
	       packets_payload(p), p->payload_len, p->src_port, p->dst_port);
}

/* Decodes every case; returns how many differ from what the table says. */
static inline unsigned packets_check(const struct decode_case *cases, size_t n)
{
	struct guarded g;
	unsigned wrong = 0;

	guarded_init(&g);
	for (size_t i = 0; i < n; i++) {
		const struct decode_case *c = &cases[i];
		struct nsc_decode_options options = packets_options(c->decap, c->track_sctp);
		struct nsc_packet p = { .wire_len = c->wire ? c->wire : c->len,
					.cap_len = c->cut ? c->cut : c->len,
					.link = c->link };

		p.data = guarded_copy(&g, c->bytes, p.cap_len);
		if (packets_agree(&options, &p) && packets_sane(&p) && packets_match(c, &p))
			continue;
		packets_print("wrong", c, &p);
		wrong++;
	}
	munmap(g.page, g.size + (size_t)sysconf(_SC_PAGESIZE));
	return wrong;
}

/* Cuts every case at every length: the guard page catches a read too far, and the rest has to stay sane. */
static inline unsigned packets_check_cuts(const struct decode_case *cases, size_t n)
{
	struct guarded g;
	unsigned wrong = 0;

	guarded_init(&g);
	for (size_t i = 0; i < n; i++) {
		for (uint32_t cut = 0; cut <= cases[i].len; cut++) {
			struct nsc_decode_options options = packets_options(cases[i].decap, cases[i].track_sctp);
			struct nsc_packet p = { .wire_len = cases[i].len, .cap_len = cut, .link = cases[i].link };

			p.data = guarded_copy(&g, cases[i].bytes, cut);
			if (packets_agree(&options, &p) && packets_sane(&p))
				continue;
			packets_print("cut", &cases[i], &p);
			wrong++;
		}
	}
	munmap(g.page, g.size + (size_t)sysconf(_SC_PAGESIZE));
	return wrong;
}

static inline uint64_t packets_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Damages every case in `rounds` ways: up to three bytes of its headers, and the end. */
static inline unsigned packets_check_damage(const struct decode_case *cases, size_t n, unsigned rounds)
{
	static const uint8_t likely[] = { 0, 1, 4, 6, 17, 41, 43, 44, 47, 51, 60, 0x45, 0x46, 0x4f, 0x60, 0x81, 0xff };
	struct guarded g;
	uint64_t state = 1;
	unsigned wrong = 0;

	guarded_init(&g);
	for (size_t i = 0; i < n * rounds; i++) {
		const struct decode_case *c = &cases[i % n];
		struct nsc_decode_options options = packets_options(i & 1, i & 2);
		struct nsc_packet p = { .wire_len = c->len, .cap_len = c->len, .link = c->link };
		uint8_t *bytes;

		if (packets_random(&state) % 4 == 0)
			p.cap_len = (uint32_t)(packets_random(&state) % (c->len + 1));
		if (packets_random(&state) % 8 == 0)
			p.wire_len = (uint32_t)(packets_random(&state) % 2000);
		bytes = (uint8_t *)(uintptr_t)guarded_copy(&g, c->bytes, p.cap_len);
		p.data = bytes;
		for (unsigned k = 0; p.cap_len && k < 3; k++)
			bytes[packets_random(&state) % p.cap_len] =
				k ? likely[packets_random(&state) % sizeof(likely)] : (uint8_t)packets_random(&state);
		if (packets_agree(&options, &p) && packets_sane(&p))
			continue;
		packets_print("damaged", c, &p);
		wrong++;
	}
	munmap(g.page, g.size + (size_t)sysconf(_SC_PAGESIZE));
	return wrong;
}

static inline int packets_run(const char *name, void (*add)(TCase *))
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	add(tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The three tests that every table gets. */
#define PACKETS_TESTS(cases)                                                                                           \
	START_TEST(every_case)                                                                                         \
	{                                                                                                              \
		ck_assert_uint_eq(packets_check(cases, NSC_ARRAY_LEN(cases)), 0);                                      \
	}                                                                                                              \
	END_TEST                                                                                                       \
	START_TEST(every_cut)                                                                                          \
	{                                                                                                              \
		ck_assert_uint_eq(packets_check_cuts(cases, NSC_ARRAY_LEN(cases)), 0);                                 \
	}                                                                                                              \
	END_TEST                                                                                                       \
	START_TEST(damage)                                                                                             \
	{                                                                                                              \
		ck_assert_uint_eq(packets_check_damage(cases, NSC_ARRAY_LEN(cases), 5000), 0);                         \
	}                                                                                                              \
	END_TEST                                                                                                       \
	static void add_table(TCase *tcase)                                                                            \
	{                                                                                                              \
		tcase_add_test(tcase, every_case);                                                                     \
		tcase_add_test(tcase, every_cut);                                                                      \
		tcase_add_test(tcase, damage);                                                                         \
	}

#endif
