/* SPDX-License-Identifier: MIT
 *
 * What is hashed fits in one block of SHA-1, so there is one compression per flow. Those of several flows are computed
 * side by side, one in each lane of a vector: 17 ns a flow with AVX2, 28 without, where the processor's own SHA-1
 * instructions need 53, for each of them waits for the one before.
 */
#include "engine/text/community.h"

#include "engine/base/assert.h"
#include "netscope/icmp.h"

#include <endian.h>
#include <string.h>

enum { LANES = NSC_COMMUNITY_BURST };

typedef uint32_t community_lanes __attribute__((vector_size(4 * LANES))); /* word i of each flow's block or digest */

/* --- one block of each flow: FIPS 180-4, 6.1.2 ------------------------------------------------ */

#define LANES_ROTATE(x, n) ((x) << (n) | (x) >> (32 - (n)))

/* Words behind the sixteenth replace those that are not needed any more. */
#define SHA1_ROUNDS(first, mix, constant)                                                                              \
	_Pragma("GCC unroll 20") for (unsigned i = (first); i < (first) + 20; i++)                                     \
	{                                                                                                              \
		if (i >= 16) {                                                                                         \
			word[i & 15] ^= word[(i - 3) & 15] ^ word[(i - 8) & 15] ^ word[(i - 14) & 15];                 \
			word[i & 15] = LANES_ROTATE(word[i & 15], 1);                                                  \
		}                                                                                                      \
		next = LANES_ROTATE(a, 5) + (mix) + e + (constant) + word[i & 15];                                     \
		e = d;                                                                                                 \
		d = c;                                                                                                 \
		c = LANES_ROTATE(b, 30);                                                                               \
		b = a;                                                                                                 \
		a = next;                                                                                              \
	}

/* In host order. Changes the words. */
nsc_always_inline void sha1_blocks(community_lanes word[16], community_lanes digest[5])
{
	static const uint32_t start[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	const community_lanes zero = { 0 };
	community_lanes a = zero + start[0], b = zero + start[1], c = zero + start[2], d = zero + start[3],
			e = zero + start[4], next;

	SHA1_ROUNDS(0, (b & c) | (~b & d), 0x5a827999)
	SHA1_ROUNDS(20, b ^ c ^ d, 0x6ed9eba1)
	SHA1_ROUNDS(40, (b & c) | (d & (b | c)), 0x8f1bbcdc)
	SHA1_ROUNDS(60, b ^ c ^ d, 0xca62c1d6)
	digest[0] = a + start[0];
	digest[1] = b + start[1];
	digest[2] = c + start[2];
	digest[3] = d + start[3];
	digest[4] = e + start[4];
}

/* --- the text --------------------------------------------------------------------------------- */

typedef uint8_t community_digits __attribute__((vector_size(4 * LANES)));

/* Four digits of base64 for 24 bits of each flow, the first one lowest. */
#define LANES_BASE64(text, bits)                                                                                       \
	{                                                                                                              \
		community_lanes three = (bits);                                                                        \
		community_digits n = (community_digits)((three >> 18 & 0x3f) | (three >> 4 & 0x3f00) |                 \
							(three << 10 & 0x3f0000) | (three << 24 & 0x3f000000));        \
                                                                                                                       \
		n += 'A' + ((community_digits)(n > 25) & ('a' - 26 - 'A')) -                                           \
		     ((community_digits)(n > 51) & ('a' + 26 - '0')) -                                                 \
		     ((community_digits)(n > 61) & ('0' + 10 - '+')) + ((community_digits)(n > 62) & ('/' - '+' - 1)); \
		(text) = (community_lanes)n;                                                                           \
	}

enum { COMMUNITY_PIECES = 7 }; /* of four digits */

/* 20 bytes are no multiple of three: the last digit is to be replaced. */
nsc_always_inline void community_put_base64(const community_lanes digest[5], community_lanes text[COMMUNITY_PIECES])
{
	LANES_BASE64(text[0], digest[0] >> 8)
	LANES_BASE64(text[1], digest[0] << 16 | digest[1] >> 16)
	LANES_BASE64(text[2], digest[1] << 8 | digest[2] >> 24)
	LANES_BASE64(text[3], digest[2])
	LANES_BASE64(text[4], digest[3] >> 8)
	LANES_BASE64(text[5], digest[3] << 16 | digest[4] >> 16)
	LANES_BASE64(text[6], digest[4] << 8)
}

/* By lane and by word: what is filled in and read flow by flow. */
union community_block {
	community_lanes lanes[16];
	uint32_t word[16][LANES];
};

nsc_hot_clones static void community_hash(union community_block *block, union community_block *text)
{
	community_lanes digest[5];

	sha1_blocks(block->lanes, digest);
	community_put_base64(digest, text->lanes);
}

/* --- what is hashed --------------------------------------------------------------------------- */

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

/* An address from word `at` on, behind the 16 bits that are left of the word before; returns its own last ones. */
nsc_always_inline uint32_t community_fill_address(union community_block *block, uint32_t lane, uint32_t at,
						  const uint8_t *address, uint32_t words, uint32_t left)
{
	for (uint32_t i = 0; i < words; i++) {
		uint32_t four;

		memcpy(&four, address + 4 * i, 4);
		four = be32toh(four);
		block->word[at + i][lane] = left << 16 | four >> 16;
		left = four;
	}
	return left;
}

/* Seed, a, b, protocol, 0, ports, in the order that SHA-1 reads them: 16 or 40 bytes, and the end that it wants. */
static void community_fill(union community_block *block, uint32_t lane, const struct nsc_flow_record *r)
{
	uint32_t words = r->ip_version == 6 ? 4 : 1, at = 2 * words, left;
	uint16_t a = r->port_a, b = r->port_b;
	bool icmp = r->proto == NSC_PROTO_ICMP || r->proto == NSC_PROTO_ICMPV6;
	bool swap = nsc_unlikely(icmp) && community_icmp_ports(r, &a, &b);

	left = community_fill_address(block, lane, 0, swap ? r->addr_b : r->addr_a, words, 0);
	left = community_fill_address(block, lane, words, swap ? r->addr_a : r->addr_b, words, left);
	block->word[at][lane] = left << 16 | (uint32_t)r->proto << 8;
	block->word[at + 1][lane] = (uint32_t)a << 16 | b;
	block->word[at + 2][lane] = 1u << 31;
	block->word[15][lane] = (at + 2) * 32;
}

nsc_always_inline void community_put_piece(char *at, uint32_t digits)
{
	digits = htole32(digits);
	memcpy(at, &digits, 4);
}

void nsc_community_ids(struct nsc_community_id id[], const struct nsc_flow_record *const record[], uint32_t n)
{
	union community_block block = { 0 }, text;

	nsc_assert(n <= NSC_COMMUNITY_BURST, "Community IDs are made for a burst of flows at most");
	for (uint32_t i = 0; i < n; i++)
		community_fill(&block, i, record[i]);
	community_hash(&block, &text);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(id[i].text, "1:", 2);
		for (unsigned piece = 0; piece < COMMUNITY_PIECES; piece++)
			community_put_piece(id[i].text + 2 + 4 * piece, text.word[piece][i]);
		id[i].text[NSC_COMMUNITY_ID_LENGTH - 1] = '=';
	}
}
