/* SPDX-License-Identifier: MIT
 *
 * Which way decode takes, and why not the straight one; asking changes nothing, whatever is captured.
 */
#include "packets.h"

#include "../check_main.h"

#define E4 MAC T_IPV4
#define E6 MAC T_IPV6
#define TAG "\x81\0\0\5"

static const struct path_case {
	const char *name, *bytes;
	uint32_t len;
	enum nsc_decode_path path;
	bool raw; /* not Ethernet */
	uint8_t key;
	bool decap;
	uint32_t cut;
} cases[] = {
#define CASE(text, literal, way, ...)                                                                                  \
	{                                                                                                              \
		.name = text, BYTES(literal), .path = NSC_DECODE_PATH_##way, ##__VA_ARGS__                             \
	}
	CASE("IPv4, TCP", E4 IPV4_TCP, FAST),
	CASE("IPv6, UDP", E6 IPV6_UDP, FAST),
	CASE("a tag", MAC TAG T_IPV6 IPV6_TCP, FAST),
	CASE("a tag that belongs to the key", MAC TAG T_IPV4 IPV4_TCP, TYPE, .key = NSC_KEY_VLAN),
	CASE("two tags", MAC TAG TAG T_IPV4 IPV4_TCP, TYPE),
	CASE("ARP", MAC "\x08\x06" TIMES_32("\0"), TYPE),
	CASE("not Ethernet", IPV4_TCP, LINK, .raw = true),
	CASE("few bytes", E4 IPV4_TCP, SHORT, .cut = 41),
	CASE("options", E4 IPV4_FULL("\x46", "\0\x30", "\0\0", "\6", A4, B4) "\1\1\1\1" TCP FOUR, IPV4),
	CASE("a fragment", E4 IPV4_FULL("\x45", "\0\x20", "\x20\0", "\x11", A4, B4) UDP("\0\x0c") FOUR, IPV4),
	CASE("an extension header", E6 IPV6("\0\x20", "\0") "\6\0\1\4\0\0\0\0" TCP FOUR, IPV6),
	CASE("another version", E6 "\x50\0\0\0\0\x18\6\x40" A6 B6 TCP FOUR, IPV6),
	CASE("no whole TCP header", E4 IPV4_TCP, TRANSPORT, .cut = 50),
	CASE("ICMP", E4 IPV4("\0\x2c", "\1") TCP FOUR, TRANSPORT),
	CASE("a tunnel", E4 IPV4("\0\x20", "\x11") UDP_TO("\x12\xb5", "\0\x0c") FOUR, TRANSPORT, .decap = true),
	CASE("no tunnel without --decap", E4 IPV4("\0\x20", "\x11") UDP_TO("\x12\xb5", "\0\x0c") FOUR, FAST),
};

static struct nsc_packet packet_of(const struct path_case *c, const uint8_t *bytes, uint32_t captured)
{
	return (struct nsc_packet){ .data = bytes,
				    .cap_len = captured,
				    .wire_len = c->len,
				    .link = c->raw ? NSC_LINK_RAW : NSC_LINK_ETHERNET };
}

START_TEST(says_why)
{
	struct guarded memory;

	guarded_init(&memory);
	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		const struct path_case *c = &cases[i];
		struct nsc_decode_options options = packets_options(c->decap, false);
		uint32_t captured = c->cut ? c->cut : c->len;
		struct nsc_packet pkt = packet_of(c, guarded_copy(&memory, c->bytes, captured), captured), before = pkt;

		options.key = c->key;
		ck_assert_msg(nsc_decode_path(&options, &pkt) == c->path, "%s: %s", c->name,
			      nsc_decode_path_name(nsc_decode_path(&options, &pkt)));
		ck_assert(!memcmp(&pkt, &before, sizeof(pkt)));
	}
}
END_TEST

/* Behind each of these bytes lies a page that may not be read. */
START_TEST(reads_what_was_captured)
{
	struct guarded memory;

	guarded_init(&memory);
	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++)
		for (uint32_t captured = 0; captured <= cases[i].len; captured++) {
			const struct nsc_decode_options options = packets_options(cases[i].decap, false);
			struct nsc_packet pkt =
				packet_of(&cases[i], guarded_copy(&memory, cases[i].bytes, captured), captured);

			ck_assert_uint_lt(nsc_decode_path(&options, &pkt), NSC_DECODE_PATH_COUNT);
		}
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(nsc_decode_path_name(NSC_DECODE_PATH_FAST), "fast path");
	ck_assert_str_eq(nsc_decode_path_name(NSC_DECODE_PATH_COUNT), "?");
}
END_TEST

CHECK_MAIN("path", says_why, reads_what_was_captured, names)
