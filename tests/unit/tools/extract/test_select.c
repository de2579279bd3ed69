/* SPDX-License-Identifier: MIT
 *
 * Flows and Community IDs as text, and which packets are of them.
 */
#include "tools/extract/select.h"

#include "engine/detect/networks.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/decode/packets.h"

#include <errno.h>

#define FROM_A MAC T_IPV4 IPV4("\0\x28", "\x06") TCP
#define FROM_B                                                                                                         \
	MAC T_IPV4 IPV4_FULL("\x45", "\0\x28", "\0\0", "\x06", B4,                                                     \
			     A4) "\x00\x50\x04\xd2\0\0\0\1\0\0\0\2\x50\x18\1\0\0\0\0\0"
#define OTHER_PORT                                                                                                     \
	MAC T_IPV4 IPV4_FULL("\x45", "\0\x28", "\0\0", "\x06", B4,                                                     \
			     A4) "\x00\x51\x04\xd2\0\0\0\1\0\0\0\2\x50\x18\1\0\0\0\0\0"
#define OVER_UDP MAC T_IPV4 IPV4("\0\x1c", "\x11") UDP("\0\x08")
#define V6 MAC T_IPV6 IPV6("\0\x08", "\x11") UDP("\0\x08")
#define PING MAC T_IPV4 IPV4("\0\x1c", "\x01") "\x08\0\0\0\0\1\0\1"

static struct nsc_packet packets[6];

static void decode_packets(void)
{
	static const struct {
		const char *bytes;
		uint32_t length;
	} made[] = {
		{ FROM_A, sizeof(FROM_A) - 1 },
		{ FROM_B, sizeof(FROM_B) - 1 },
		{ OTHER_PORT, sizeof(OTHER_PORT) - 1 },
		{ OVER_UDP, sizeof(OVER_UDP) - 1 },
		{ V6, sizeof(V6) - 1 },
		{ PING, sizeof(PING) - 1 },
	};
	struct nsc_decode_options options = nsc_conversation_decode(false);

	for (unsigned i = 0; i < NSC_ARRAY_LEN(made); i++)
		packets[i] = (struct nsc_packet){ .data = (const uint8_t *)made[i].bytes,
						  .cap_len = made[i].length,
						  .wire_len = made[i].length,
						  .link = NSC_LINK_ETHERNET };
	nsc_decode_burst(&options, packets, NSC_ARRAY_LEN(packets));
}

static uint64_t held(const struct nsc_select *select)
{
	decode_packets();
	return nsc_select_burst(select, packets, NSC_ARRAY_LEN(packets), UINT64_MAX >> (64 - NSC_ARRAY_LEN(packets)));
}

START_TEST(flows)
{
	static const struct {
		const char *text;
		uint64_t packets;
		uint32_t terms;
	} cases[] = {
		{ "10.0.0.1:1234-10.0.0.2:80", 0x0b, 4 },     { "10.0.0.2:80-10.0.0.1:1234", 0x0b, 4 },
		{ "10.0.0.2:80-10.0.0.1:1234/tcp", 0x03, 1 }, { "10.0.0.2:80-10.0.0.1:1234/udp", 0x08, 1 },
		{ "10.0.0.2:1234-10.0.0.1:80", 0, 4 },        { "10.0.0.2-10.0.0.1", 0x2f, 2 },
		{ "10.0.0.2-10.0.0.1/icmp", 0x20, 2 },        { "[fd00::2]:80-[fd00::1]:1234", 0x10, 4 },
		{ "fd00::2-fd00::1/udp", 0x10, 2 },           { "tcp-10.0.0.1-1234-10.0.0.2-80", 0x03, 1 },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		struct nsc_select select = { 0 };
		struct nsc_term term[NSC_TERMS_MAX];
		struct nsc_error error;

		ck_assert_msg(!nsc_select_flow(&select, cases[i].text, &error), "%s", error.text);
		ck_assert_msg(held(&select) == cases[i].packets, "%s: %#llx", cases[i].text,
			      (unsigned long long)held(&select));
		ck_assert_msg(nsc_select_terms(&select, term) == cases[i].terms, "%s", cases[i].text);
	}
}
END_TEST

START_TEST(no_flows)
{
	static const char *const texts[] = {
		"",
		"10.0.0.1",
		"10.0.0.1:80",
		"10.0.0.1:80-",
		"10.0.0.1:80-10.0.0.2",
		"10.0.0.1:80-[fd00::1]:80",
		"10.0.0.1:65536-10.0.0.2:1",
		"10.0.0.1:x-10.0.0.2:1",
		"10.0.0.1:1-10.0.0.2:1/?",
		"10.0.0.1:1-10.0.0.2:1/256",
		"fd00::1:80-[fd00::1:80",
		"[fd00::1]80-[fd00::2]80",
		"10.0.0.256:1-10.0.0.1:1",
	};
	struct nsc_error error;

	for (size_t i = 0; i < NSC_ARRAY_LEN(texts); i++) {
		struct nsc_select select = { 0 };

		ck_assert_msg(nsc_select_flow(&select, texts[i], &error) == -EINVAL, "%s", texts[i]);
		ck_assert_ptr_nonnull(strstr(error.text, "flow: wanted "));
	}
}
END_TEST

START_TEST(hosts_and_ports)
{
	struct nsc_select select = { .by_host = true };
	struct nsc_term term[NSC_TERMS_MAX];

	ck_assert_int_eq(nsc_networks_read(&select.hosts, "10.0.0.1", NULL), 0);
	ck_assert_uint_eq(held(&select), 0x2f);
	ck_assert_uint_eq(nsc_select_terms(&select, term), 1);
	select.by_port = true;
	select.port = 81;
	ck_assert_uint_eq(held(&select), 0x04);
	ck_assert_uint_eq(nsc_select_terms(&select, term), 2);
	select.port = 1;
	ck_assert_uint_eq(held(&select), 0); /* an ICMP identifier is no port */
	ck_assert_int_eq(nsc_networks_read(&select.hosts, "fd00::/16,192.0.2.0/24", NULL), 0);
	select.by_port = false;
	ck_assert_uint_eq(held(&select), 0x10);
	ck_assert_uint_eq(nsc_select_terms(&select, term), 0);
}
END_TEST

/* From github.com/corelight/community-id-spec: 128.232.110.120:34855 -> 66.35.250.204:80 */
#define SPEC                                                                                                           \
	MAC T_IPV4 IPV4_FULL("\x45", "\0\x28", "\0\0", "\x06", "\x80\xe8\x6e\x78",                                     \
			     "\x42\x23\xfa\xcc") "\x88\x27\x00\x50\0\0\0\1\0\0\0\2\x50\x18\1\0\0\0\0\0"

START_TEST(community_ids)
{
	static const char *const wrong[] = { "",
					     "1:",
					     "LQU9qZlK+B5F3KDmev6m5PMibrg=",
					     "1:LQU9qZlK+B5F3KDmev6m5PMibr=",
					     "2:LQU9qZlK+B5F3KDmev6m5PMibrg=",
					     "1:LQU9qZlK B5F3KDmev6m5PMibrg=" };
	struct nsc_decode_options options = nsc_conversation_decode(false);
	struct nsc_packet pkt[2] = { { .data = (const uint8_t *)SPEC,
				       .cap_len = sizeof(SPEC) - 1,
				       .wire_len = sizeof(SPEC) - 1,
				       .link = NSC_LINK_ETHERNET },
				     { .data = (const uint8_t *)FROM_A,
				       .cap_len = sizeof(FROM_A) - 1,
				       .wire_len = sizeof(FROM_A) - 1,
				       .link = NSC_LINK_ETHERNET } };
	struct nsc_select select = { 0 };
	struct nsc_error error;

	nsc_decode_burst(&options, pkt, 2);
	ck_assert_int_eq(nsc_select_community(&select, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", &error), 0);
	ck_assert_uint_eq(nsc_select_burst(&select, pkt, 2, 3), 1);
	ck_assert_uint_eq(nsc_select_burst(&select, pkt, 2, 2), 0);
	for (size_t i = 0; i < NSC_ARRAY_LEN(wrong); i++)
		ck_assert_msg(nsc_select_community(&select, wrong[i], &error) == -EINVAL, "%s", wrong[i]);
}
END_TEST

CHECK_MAIN("extract/select", flows, no_flows, hosts_and_ports, community_ids)
