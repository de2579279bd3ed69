/* SPDX-License-Identifier: MIT
 *
 * What is hashed fits in one block of SHA-1, so there is one compression per flow:
 * by the processor's instructions in a quarter of the time.
 */
#include "engine/text/community.h"

#include "netscope/icmp.h"

#include <endian.h>
#include <string.h>
#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#endif

struct sha1_digest {
	uint32_t word[5]; /* host order */
};

static const struct sha1_digest sha1_start = { { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } };

/* --- one block: FIPS 180-4, 6.1.2 ------------------------------------------------------------- */

static uint32_t sha1_rotate(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static uint32_t sha1_choose(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
	switch (round / 20) {
	case 0:
		return ((b & c) | (~b & d)) + 0x5a827999;
	case 1:
		return (b ^ c ^ d) + 0x6ed9eba1;
	case 2:
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	default:
		return (b ^ c ^ d) + 0xca62c1d6;
	}
}

static void sha1_block(const uint8_t block[64], struct sha1_digest *digest)
{
	uint32_t w[80], a, b, c, d, e, next;

	for (unsigned i = 0; i < 16; i++) {
		memcpy(&w[i], block + 4 * i, 4);
		w[i] = be32toh(w[i]);
	}
	for (unsigned i = 16; i < 80; i++)
		w[i] = sha1_rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	a = sha1_start.word[0];
	b = sha1_start.word[1];
	c = sha1_start.word[2];
	d = sha1_start.word[3];
	e = sha1_start.word[4];
	for (unsigned i = 0; i < 80; i++) {
		next = sha1_rotate(a, 5) + sha1_choose(i, b, c, d) + e + w[i];
		e = d;
		d = c;
		c = sha1_rotate(b, 30);
		b = a;
		a = next;
	}
	*digest = (struct sha1_digest){ { a + sha1_start.word[0], b + sha1_start.word[1], c + sha1_start.word[2],
					  d + sha1_start.word[3], e + sha1_start.word[4] } };
}

#ifdef __x86_64__
#define SHA1_TARGET __attribute__((target("sha,sse4.1,ssse3")))

static bool sha1_has_instructions(void)
{
	unsigned a, b = 0, c = 0, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_SHA && __get_cpuid(1, &a, &b, &c, &d) &&
	       c & bit_SSE4_1;
}

/* Four rounds a step; `kind` has to be a constant. */
#define SHA1_ROUNDS(kind)                                                                                              \
	for (unsigned i = 5 * (kind); i < 5 * (kind) + 5; i++) {                                                       \
		before = state;                                                                                        \
		e = i ? _mm_sha1nexte_epu32(last, w[i]) : _mm_add_epi32(e, w[0]);                                      \
		state = _mm_sha1rnds4_epu32(state, e, kind);                                                           \
		last = before;                                                                                         \
	}

SHA1_TARGET static void sha1_block_by_instructions(const uint8_t block[64], struct sha1_digest *digest)
{
	const __m128i reverse = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
	const uint32_t *s = sha1_start.word;
	const __m128i begin = _mm_set_epi32((int)s[0], (int)s[1], (int)s[2], (int)s[3]);
	const __m128i begin_e = _mm_set_epi32((int)s[4], 0, 0, 0);
	__m128i w[20], state = begin, e = begin_e, last = begin, before;
	uint32_t out[4];

	for (unsigned i = 0; i < 4; i++)
		w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)), reverse);
	for (unsigned i = 4; i < 20; i++)
		w[i] = _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(w[i - 4], w[i - 3]), w[i - 2]), w[i - 1]);
	SHA1_ROUNDS(0)
	SHA1_ROUNDS(1)
	SHA1_ROUNDS(2)
	SHA1_ROUNDS(3)
	_mm_storeu_si128((__m128i *)(void *)out, _mm_add_epi32(state, begin));
	for (unsigned i = 0; i < 4; i++)
		digest->word[i] = out[3 - i];
	digest->word[4] = (uint32_t)_mm_extract_epi32(_mm_sha1nexte_epu32(last, begin_e), 3);
}
#endif

static void sha1_one_block(const uint8_t block[64], struct sha1_digest *digest)
{
#ifdef __x86_64__
	static int known; /* 0 = not asked yet; whoever asks finds the same */
	int has = __atomic_load_n(&known, __ATOMIC_RELAXED);

	if (nsc_unlikely(!has)) {
		has = sha1_has_instructions() ? 1 : -1;
		__atomic_store_n(&known, has, __ATOMIC_RELAXED);
	}
	if (nsc_likely(has > 0)) {
		sha1_block_by_instructions(block, digest);
		return;
	}
#endif
	sha1_block(block, digest);
}

/* --- the text --------------------------------------------------------------------------------- */

static char *community_put_base64(char *at, const uint8_t bytes[21])
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (unsigned i = 0; i < 21; i += 3) {
		uint32_t three = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];

		*at++ = digit[three >> 18];
		*at++ = digit[three >> 12 & 63];
		*at++ = digit[three >> 6 & 63];
		*at++ = digit[three & 63];
	}
	at[-1] = '='; /* 20 bytes are no multiple of three */
	return at;
}

static bool community_icmp_asks(const struct nsc_flow_record *r, uint16_t kind)
{
	const struct nsc_icmp_pair *pair = nsc_icmp_pair_of(r->proto, (uint8_t)(kind >> 8));

	return pair && pair->request == kind >> 8;
}

/* A message that asks stands for its answer: the types of both are the ports. Of any other, the sender comes first,
 * and type and code are the ports. The kind of message is the port of whoever it is sent to: where the identifier looks
 * like a kind too, the kind is the one with code 0, and else that of the end that was heard first. */
static bool community_icmp_is_from_b(const struct nsc_flow_record *r)
{
	bool a_asks = community_icmp_asks(r, r->port_b), b_asks = community_icmp_asks(r, r->port_a);

	if (!r->port_a || !r->port_b)
		return !r->port_b;
	if (!a_asks || !b_asks)
		return b_asks;
	a_asks = !(r->port_b & 0xff);
	b_asks = !(r->port_a & 0xff);
	return a_asks == b_asks ? r->client == NSC_CLIENT_B : b_asks;
}

/* The ports that Community ID gives to the ends of an ICMP flow; true when b comes first whatever the addresses say. */
static bool community_icmp_ports(const struct nsc_flow_record *r, uint16_t *a, uint16_t *b)
{
	bool from_b = community_icmp_is_from_b(r);
	uint16_t kind = from_b ? r->port_a : r->port_b;
	const struct nsc_icmp_pair *pair = nsc_icmp_pair_of(r->proto, (uint8_t)(kind >> 8));
	uint16_t first = pair ? pair->request : kind >> 8, second = pair ? pair->reply : kind & 0xff;
	uint32_t bytes = r->ip_version == 6 ? 16 : 4;

	if (!pair) {
		*a = first;
		*b = second;
		return from_b;
	}
	*a = from_b ? second : first;
	*b = from_b ? first : second;
	return !memcmp(r->addr_a, r->addr_b, bytes) && *a > *b;
}

/* Seed, a, b, protocol, 0, ports: 16 or 40 bytes in network order, and the end that SHA-1 wants. */
static void community_fill(uint8_t block[64], const struct nsc_flow_record *r)
{
	uint32_t bytes = r->ip_version == 6 ? 16 : 4, at = 2 + 2 * bytes;
	uint16_t a = r->port_a, b = r->port_b, bits = htobe16((uint16_t)((at + 6) * 8));
	bool icmp = r->proto == NSC_PROTO_ICMP || r->proto == NSC_PROTO_ICMPV6;
	bool swap = nsc_unlikely(icmp) && community_icmp_ports(r, &a, &b);

	memset(block, 0, 64);
	memcpy(block + 2, swap ? r->addr_b : r->addr_a, bytes);
	memcpy(block + 2 + bytes, swap ? r->addr_a : r->addr_b, bytes);
	a = htobe16(a);
	b = htobe16(b);
	block[at] = r->proto;
	memcpy(block + at + 2, &a, 2);
	memcpy(block + at + 4, &b, 2);
	block[at + 6] = 0x80;
	memcpy(block + 62, &bits, 2);
}

char *nsc_format_community_id(char *at, const struct nsc_flow_record *record)
{
	struct sha1_digest digest;
	uint8_t block[64], bytes[21] = { 0 };

	community_fill(block, record);
	sha1_one_block(block, &digest);
	for (unsigned i = 0; i < 5; i++) {
		uint32_t word = htobe32(digest.word[i]);

		memcpy(bytes + 4 * i, &word, 4);
	}
	*at++ = '1';
	*at++ = ':';
	return community_put_base64(at, bytes);
}
