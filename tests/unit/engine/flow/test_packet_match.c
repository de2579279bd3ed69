/* SPDX-License-Identifier: MIT
 *
 * Which packets a choice takes: by host, by end, by flow, in both directions, fragments with their first one.
 */
#include "netscope/packet_choice.h"

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/decode/packets.h"

#define FRAME_OF(bytes)                                                                                                \
	{                                                                                                              \
		.data = (const uint8_t *)(bytes), .cap_len = sizeof(bytes) - 1, .wire_len = sizeof(bytes) - 1,         \
		.link = NSC_LINK_ETHERNET                                                                              \
	}
#define ARP(sender, target)                                                                                            \
	MAC "\x08\x06\0\1\x08\0\6\4\0\1"                                                                               \
	    "\2\0\0\0\0\2" sender "\0\0\0\0\0\0" target
#define C4 "\x0a\0\0\3"
#define PART(id, fragment, payload) MAC T_IPV4 "\x45\0\0\x1c" id fragment "\x40\x11\0\0" A4 B4 payload

enum { THERE, BACK, OTHER, SIX, ASKED, NOT_ASKED, FIRST, LATER, STRANGER, SHORT, N };

static struct nsc_packet_matcher matcher;
static struct nsc_decode_options decode;

/* The packets that a choice takes, by their places. */
static uint64_t taken(const char *word, const char *value)
{
	struct nsc_packet pkt[N] = {
		[THERE] = FRAME_OF(MAC T_IPV4 IPV4_TCP),
		[BACK] = FRAME_OF(
			MAC T_IPV4 IPV4_FULL("\x45", "\0\x20", "\0\0", "\x11", B4, A4) "\0\x50\x04\xd2\0\x0c\0\0" FOUR),
		[OTHER] = FRAME_OF(MAC T_IPV4 IPV4_FULL("\x45", "\0\x2c", "\0\0", "\x06", A4, C4) TCP FOUR),
		[SIX] = FRAME_OF(MAC T_IPV6 IPV6_TCP),
		[ASKED] = FRAME_OF(ARP(C4, A4)),
		[NOT_ASKED] = FRAME_OF(ARP(C4, B4)),
		[FIRST] = FRAME_OF(PART("\0\7", "\x20\0", UDP("\0\x40"))),
		[LATER] = FRAME_OF(PART("\0\7", "\0\1", FOUR FOUR)),
		[STRANGER] = FRAME_OF(PART("\0\x9", "\0\1", FOUR FOUR)),
		[SHORT] = FRAME_OF(MAC T_IPV4 "\x45\0\0\x2c\0\1\0\0\x40\x06"),
	};
	struct nsc_packet_choice choice;
	struct nsc_error error;

	for (unsigned i = 0; i < N; i++)
		pkt[i].ts_ns = i * NSC_NS_PER_SEC;
	nsc_packet_choice_init(&choice);
	if (word)
		ck_assert_msg(!nsc_packet_choice_set(&choice, word, value, &error), "%s", error.text);
	decode = packets_options(false, false);
	nsc_packet_matcher_init(&matcher, &choice, &decode);
	return nsc_packet_match_burst(&matcher, pkt, N);
}

#define BIT(x) (1ull << (x))

START_TEST(everything)
{
	ck_assert_uint_eq(taken(NULL, NULL), BIT(N) - 1);
	ck_assert_uint_eq(taken("from", "3"), (BIT(N) - 1) & ~7ull);
	ck_assert_uint_eq(taken("to", "3"), 15);
}
END_TEST

START_TEST(of_a_host)
{
	ck_assert_uint_eq(taken("host", "10.0.0.1"),
			  BIT(THERE) | BIT(BACK) | BIT(OTHER) | BIT(ASKED) | BIT(FIRST) | BIT(LATER) | BIT(STRANGER));
	ck_assert_uint_eq(taken("host", "10.0.0.3"), BIT(OTHER) | BIT(ASKED) | BIT(NOT_ASKED));
	ck_assert_uint_eq(taken("host", "fd00::2"), BIT(SIX));
	ck_assert_uint_eq(taken("host", "192.0.2.1"), 0);
}
END_TEST

START_TEST(of_a_filter)
{
	uint64_t pair = BIT(THERE) | BIT(BACK) | BIT(FIRST) | BIT(LATER);

	ck_assert_uint_eq(taken("filter", "host:10.0.0.2"), pair);
	ck_assert_uint_eq(taken("filter", "host:10.0.0.0/24 proto:tcp"), BIT(THERE) | BIT(OTHER));
	ck_assert_uint_eq(taken("filter", "port:80 ip:6"), BIT(SIX));
	ck_assert_uint_eq(taken("filter", "port:80 !host:10.0.0.3 ip:4"), pair);
	ck_assert_uint_eq(taken("filter", "port:81"), 0);
}
END_TEST

START_TEST(of_an_end)
{
	ck_assert_uint_eq(taken("host", "10.0.0.2:80"), BIT(THERE) | BIT(BACK) | BIT(FIRST) | BIT(LATER));
	ck_assert_uint_eq(taken("host", "10.0.0.1:1234"),
			  BIT(THERE) | BIT(BACK) | BIT(OTHER) | BIT(FIRST) | BIT(LATER));
	ck_assert_uint_eq(taken("host", "10.0.0.1:80"), 0);
	ck_assert_uint_eq(taken("host", "[fd00::2]:80"), BIT(SIX));
}
END_TEST

START_TEST(of_a_flow)
{
	ck_assert_uint_eq(taken("flow", "10.0.0.2:80-10.0.0.1:1234"), BIT(THERE) | BIT(BACK) | BIT(FIRST) | BIT(LATER));
	ck_assert_uint_eq(taken("flow", "tcp-10.0.0.1-1234-10.0.0.2-80"), BIT(THERE));
	ck_assert_uint_eq(taken("flow", "udp-10.0.0.1-1234-10.0.0.2-80"), BIT(BACK) | BIT(FIRST) | BIT(LATER));
	ck_assert_uint_eq(taken("flow", "10.0.0.1:80-10.0.0.2:1234"), 0);
	ck_assert_uint_eq(taken("flow", "10.0.0.2-10.0.0.1"), BIT(THERE) | BIT(BACK) | BIT(FIRST) | BIT(LATER));
	ck_assert_uint_eq(taken("flow", "10.0.0.2-10.0.0.1/tcp"), BIT(THERE));
	ck_assert_uint_eq(taken("flow", "[fd00::1]:1234-[fd00::2]:80"), BIT(SIX));
}
END_TEST

/* The ring of datagrams goes round. */
START_TEST(many_datagrams)
{
	static uint8_t bytes[sizeof(PART("\0\7", "\x20\0", UDP("\0\x40")))];
	struct nsc_packet pkt = FRAME_OF(PART("\0\7", "\x20\0", UDP("\0\x40")));

	taken("host", "10.0.0.2:80");
	memcpy(bytes, pkt.data, sizeof(bytes));
	pkt.data = bytes;
	for (unsigned i = 0; i < 300; i++) {
		bytes[18] = (uint8_t)(i >> 8);
		bytes[19] = (uint8_t)i;
		ck_assert_uint_eq(nsc_packet_match_burst(&matcher, &pkt, 1), 1);
	}
	bytes[20] = 0;
	bytes[21] = 1; /* a later fragment of the newest datagram, and of one that is forgotten */
	ck_assert_uint_eq(nsc_packet_match_burst(&matcher, &pkt, 1), 1);
	bytes[18] = 0;
	bytes[19] = 200;
	ck_assert_uint_eq(nsc_packet_match_burst(&matcher, &pkt, 1), 0);
}
END_TEST

CHECK_MAIN("packet_match", everything, of_a_host, of_a_filter, of_an_end, of_a_flow, many_datagrams)
