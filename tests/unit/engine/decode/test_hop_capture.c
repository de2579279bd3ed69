/* SPDX-License-Identifier: MIT
 *
 * Links whose headers the capturing system made.
 */
#include "packets.h"

#define ON(id) .link = NSC_LINK_##id
#define NOT_IP(reason) .fate = NSC_FATE_##reason
#define EIGHT FOUR FOUR
#define SIXTEEN EIGHT EIGHT
/* a mark of 8 bytes, then the packet */
#define NFLOG(family) family "\0\0\5\x08\0\1\0\x08\0\0\0"

static const struct decode_case cases[] = {
	{ "nflog", BYTES(NFLOG("\2") "\x30\0\x09\0" IPV4_TCP), ON(NFLOG), IS_IPV4_TCP(16) },
	{ "nflog, ipv6", BYTES(NFLOG("\x0a") "\x44\0\x09\0" IPV6_TCP), ON(NFLOG), IS_IPV6_TCP(16) },
	{ "nflog, padded", BYTES(NFLOG("\2") "\x24\0\x09\0" IPV4_UDP FOUR), ON(NFLOG), IS_IPV4_UDP(16) },
	{ "nflog, big endian", BYTES("\2\0\0\5\0\5\0\x0axxxx\0\x30\0\x09" IPV4_TCP), ON(NFLOG), IS_IPV4_TCP(16) },
	{ "nflog, bridge", BYTES(NFLOG("\7") "\x30\0\x09\0" IPV4_TCP), ON(NFLOG), NOT_IP(NON_IP) },
	{ "nflog, version 1", BYTES("\2\1\0\5\x08\0\1\0"), ON(NFLOG), NOT_IP(NON_IP) },
	{ "nflog, length 3", BYTES("\2\0\0\5\3\0\1\0" FOUR), ON(NFLOG), NOT_IP(NON_IP) },
	{ "nflog, no packet", BYTES(NFLOG("\2")), ON(NFLOG), NOT_IP(TRUNCATED_L2) },
	{ "nflog, 64 attributes", BYTES("\2\0\0\5" TIMES_32("\4\0\1\0") TIMES_32("\4\0\1\0") "\x30\0\x09\0" IPV4_TCP),
	  ON(NFLOG), IS_IPV4_TCP(264) },
	{ "nflog, 128 attributes", BYTES("\2\0\0\5" TIMES_128("\4\0\1\0") "\x30\0\x09\0" IPV4_TCP), ON(NFLOG),
	  NOT_IP(TAG_LIMIT) },

	{ "pktap, ethernet", BYTES("\x0c\0\0\0\1\0\0\0\1\0\0\0" MAC T_IPV4 IPV4_TCP), ON(PKTAP), IS_IPV4_TCP(26) },
	{ "pktap, null", BYTES("\x10\0\0\0\1\0\0\0\0\0\0\0xxxx\x1e\0\0\0" IPV6_TCP), ON(PKTAP), IS_IPV6_TCP(20) },
	{ "pktap, raw", BYTES("\x0c\0\0\0\1\0\0\0\x0c\0\0\0" IPV6_TCP), ON(PKTAP), IS_IPV6_TCP(12) },
	{ "pktap, usb", BYTES("\x0c\0\0\0\1\0\0\0\xdc\0\0\0" FOUR), ON(PKTAP), NOT_IP(UNSUPPORTED_LINK) },
	{ "pktap, no such link", BYTES("\x0c\0\0\0\1\0\0\0\0\0\1\0" FOUR), ON(PKTAP), NOT_IP(UNSUPPORTED_LINK) },
	{ "pktap, no packet", BYTES("\x0c\0\0\0\0\0\0\0\1\0\0\0" FOUR), ON(PKTAP), NOT_IP(NON_IP) },
	{ "pktap, too short", BYTES("\x0b\0\0\0\1\0\0\0\1\0\0\0" FOUR), ON(PKTAP), NOT_IP(NON_IP) },
	{ "pktap, too long", BYTES("\xff\xff\xff\xff\1\0\0\0\1\0\0\0" FOUR), ON(PKTAP), NOT_IP(TRUNCATED_L2) },
	{ "pktap in pktap", BYTES("\x0c\0\0\0\1\0\0\0\2\1\0\0\x0c\0\0\0\1\0\0\0\x0c\0\0\0" IPV4_TCP), ON(PKTAP),
	  IS_IPV4_TCP(24) },
	{ "128 pktaps", BYTES(TIMES_128("\x0c\0\0\0\1\0\0\0\2\1\0\0")), ON(PKTAP), NOT_IP(TAG_LIMIT) },

	{ "ipnet", BYTES("\1\2" EIGHT EIGHT FOUR "xx" IPV4_TCP), ON(IPNET), IS_IPV4_TCP(24) },
	{ "ipnet, ipv6", BYTES("\1\x1a" EIGHT EIGHT FOUR "xx" IPV6_TCP), ON(IPNET), IS_IPV6_TCP(24) },
	{ "ipnet, other", BYTES("\1\3" EIGHT EIGHT FOUR "xx"), ON(IPNET), NOT_IP(NON_IP) },
	{ "enc", BYTES("\2\0\0\0" EIGHT IPV4_TCP), ON(ENC), IS_IPV4_TCP(12) },
	{ "enc, big endian", BYTES("\0\0\0\x18" EIGHT IPV6_TCP), ON(ENC), IS_IPV6_TCP(12) },
	{ "pflog", BYTES("\x3d\2" SIXTEEN SIXTEEN SIXTEEN EIGHT FOUR "xx" IPV4_TCP), ON(PFLOG), IS_IPV4_TCP(64) },
	{ "pflog, old", BYTES("\x2c\2" SIXTEEN SIXTEEN), ON(PFLOG), NOT_IP(NON_IP) },

	{ "juniper, ethernet", BYTES("MGC\1" MAC T_IPV4 IPV4_TCP), ON(JUNIPER_ETHER), IS_IPV4_TCP(18) },
	{ "juniper, pppoe", BYTES("MGC\1" MAC T_IPV4 IPV4_TCP), ON(JUNIPER_PPPOE), IS_IPV4_TCP(18) },
	{ "juniper, extensions", BYTES("MGC\x81\0\4\1\2\0\0" MAC T_IPV4 IPV4_TCP), ON(JUNIPER_ETHER), IS_IPV4_TCP(24) },
	{ "juniper, no link", BYTES("MGC\2" FOUR IPV6_TCP), ON(JUNIPER_ETHER), IS_IPV6_TCP(8) },
	{ "juniper, no link, no ip", BYTES("MGC\2" FOUR "\x83xxx"), ON(JUNIPER_ETHER), NOT_IP(NON_IP) },
	{ "juniper, no mark", BYTES("MGD\2" FOUR IPV6_TCP), ON(JUNIPER_ETHER), NOT_IP(NON_IP) },
	{ "juniper, ppp", BYTES("MGC\1\xff\3\0\x21" IPV4_TCP), ON(JUNIPER_PPP), IS_IPV4_TCP(8) },
	{ "juniper, hdlc", BYTES("MGC\1\x0f\0" T_IPV4 IPV4_TCP), ON(JUNIPER_CHDLC), IS_IPV4_TCP(8) },
	{ "juniper, frame relay", BYTES("MGC\1\x18\x41\3\xcc" IPV4_TCP), ON(JUNIPER_FRELAY), IS_IPV4_TCP(8) },
};

PACKETS_TESTS(cases)

int main(void)
{
	return packets_run("hop_capture", add_table);
}
