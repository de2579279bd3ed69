/* SPDX-License-Identifier: MIT
 *
 * Links of other networks than Ethernet.
 */
#include "packets.h"

#define ON(id) .link = NSC_LINK_##id
#define NOT_IP(reason) .fate = NSC_FATE_##reason
#define SNAP "\xaa\xaa\3\0\0\0"
#define EIGHT FOUR FOUR
#define SIXTEEN EIGHT EIGHT
#define FORTY SIXTEEN SIXTEEN EIGHT

static const struct decode_case cases[] = {
	{ "ppp", BYTES("\0\x21" IPV4_TCP), ON(PPP), IS_IPV4_TCP(2) },
	{ "ppp, short protocol", BYTES("\x57" IPV6_UDP), ON(PPP), IS_IPV6_UDP(1) },
	{ "ppp, framed", BYTES("\xff\3\0\x21" IPV4_TCP), ON(PPP), IS_IPV4_TCP(4) },
	{ "ppp, lcp", BYTES("\xff\3\xc0\x21\1\1\0\4"), ON(PPP), NOT_IP(PPP_CONTROL) },
	{ "ppp, one byte", BYTES("\0"), ON(PPP), NOT_IP(TRUNCATED_L2) },
	{ "serial, hdlc", BYTES("\x8f\0" T_IPV4 IPV4_UDP), ON(PPP_SERIAL), IS_IPV4_UDP(4) },
	{ "serial, ppp", BYTES("\xff\3\0\x57" IPV6_TCP), ON(PPP_SERIAL), IS_IPV6_TCP(4) },
	{ "pppd, direction", BYTES("\1\3\0\x21" IPV4_TCP), ON(PPP_PPPD), IS_IPV4_TCP(4) },
	{ "pppd, none", BYTES("\0\x21" IPV4_TCP), ON(PPP_PPPD), IS_IPV4_TCP(2) },
	{ "ppp, no direction here", BYTES("\1\3\0\x21" IPV4_TCP), ON(PPP), NOT_IP(PPP_CONTROL) },
	{ "direction, ppp", BYTES("\1\xff\3\0\x21" IPV4_TCP), ON(PPP_DIR), IS_IPV4_TCP(5) },
	{ "pppoe", BYTES("\x11\0\0\1\0\x2e\0\x21" IPV4_TCP), ON(PPP_ETHER), IS_IPV4_TCP(8) },
	{ "hdlc", BYTES("\x0f\0" T_IPV6 IPV6_TCP), ON(CHDLC), IS_IPV6_TCP(4) },
	{ "hdlc, keep-alive", BYTES("\x8f\0\x80\x35\0\0\0\2"), ON(CHDLC), NOT_IP(NON_IP) },
	{ "hdlc, small type", BYTES("\x8f\0\0\x10" FOUR), ON(CHDLC), NOT_IP(NON_IP) },
	{ "direction, hdlc", BYTES("\0\x0f\0" T_IPV4 IPV4_TCP), ON(CHDLC_DIR), IS_IPV4_TCP(5) },

	{ "frame relay", BYTES("\x18\x41\3\xcc" IPV4_TCP), ON(FRELAY), IS_IPV4_TCP(4) },
	{ "frame relay, padded, ipv6", BYTES("\x18\x41\3\0\x8e" IPV6_TCP), ON(FRELAY), IS_IPV6_TCP(5) },
	{ "frame relay, three bytes", BYTES("\x18\x40\1\3\xcc" IPV4_TCP), ON(FRELAY), IS_IPV4_TCP(5) },
	{ "frame relay, four bytes", BYTES("\x18\x40\0\1\3\xcc" IPV4_TCP), ON(FRELAY), IS_IPV4_TCP(6) },
	{ "frame relay, five bytes", BYTES("\x18\x40\0\2\1\3\xcc" IPV4_TCP), ON(FRELAY), NOT_IP(NON_IP) },
	{ "frame relay, one byte", BYTES("\x19\3\xcc" IPV4_TCP), ON(FRELAY), NOT_IP(NON_IP) },
	{ "frame relay, cisco", BYTES("\x18\x41" T_IPV4 IPV4_TCP), ON(FRELAY), IS_IPV4_TCP(4) },
	{ "frame relay, cisco, management", BYTES("\0\1" T_IPV4 IPV4_TCP), ON(FRELAY), NOT_IP(NON_IP) },
	{ "frame relay, snap", BYTES("\x18\x41\3\x80\0\0\0" T_IPV4 IPV4_TCP), ON(FRELAY), IS_IPV4_TCP(9) },
	{ "frame relay, bridged", BYTES("\x18\x41\3\x80\0\x80\xc2\0\7\0\0" MAC T_IPV4 IPV4_TCP), ON(FRELAY),
	  IS_IPV4_TCP(25) },
	{ "frame relay, bridged ring", BYTES("\x18\x41\3\x80\0\x80\xc2\0\3\0\0" FOUR), ON(FRELAY), NOT_IP(NON_IP) },
	{ "frame relay, ppp", BYTES("\x18\x41\3\xcf\0\x21" IPV4_TCP), ON(FRELAY), IS_IPV4_TCP(6) },
	{ "frame relay, signalling", BYTES("\0\1\3\x08\0\x75"), ON(FRELAY), NOT_IP(NON_IP) },
	{ "direction, frame relay", BYTES("\1\x18\x41\3\xcc" IPV4_TCP), ON(FRELAY_DIR), IS_IPV4_TCP(5) },

	{ "fddi", BYTES("\x50" MAC SNAP T_IPV4 IPV4_TCP), ON(FDDI), IS_IPV4_TCP(21) },
	{ "fddi, synchronous", BYTES("\xd1" MAC SNAP T_IPV4 IPV4_TCP), ON(FDDI), IS_IPV4_TCP(21) },
	{ "fddi, token", BYTES("\x80" MAC), ON(FDDI), NOT_IP(NON_IP) },
	{ "token ring", BYTES("\x10\x40" MAC SNAP T_IPV6 IPV6_TCP), ON(TOKEN_RING), IS_IPV6_TCP(22) },
	{ "token ring, source routed", BYTES("\x10\x40\2\0\0\0\0\1\x82\0\0\0\0\2\x06\x30" FOUR SNAP T_IPV4 IPV4_TCP),
	  ON(TOKEN_RING), IS_IPV4_TCP(28) },
	{ "token ring, control", BYTES("\x10\0" MAC FOUR), ON(TOKEN_RING), NOT_IP(NON_IP) },
	{ "arcnet", BYTES("\1\2\xd4\0\0\7" IPV4_TCP), ON(ARCNET), IS_IPV4_TCP(6) },
	{ "arcnet, ipv6", BYTES("\1\2\xc4\0\0\7" IPV6_TCP), ON(ARCNET), IS_IPV6_TCP(6) },
	{ "arcnet, old", BYTES("\1\2\xf0" IPV4_TCP), ON(ARCNET), IS_IPV4_TCP(3) },
	{ "arcnet, exception", BYTES("\1\2\xd4\xff\xff\xff\0\0\7" IPV4_TCP), ON(ARCNET), IS_IPV4_TCP(9) },
	{ "arcnet, first part", BYTES("\1\2\xd4\1\0\7" IPV4_TCP), ON(ARCNET), IS_IPV4_TCP(6) },
	{ "arcnet, later part", BYTES("\1\2\xd4\2\0\7" IPV4_TCP), ON(ARCNET), NOT_IP(NON_IP) },
	{ "arcnet, arp", BYTES("\1\2\xd5\0\0\7" FOUR), ON(ARCNET), NOT_IP(ARP) },
	{ "arcnet, appletalk", BYTES("\1\2\xdd\0\0\7" FOUR), ON(ARCNET), NOT_IP(NON_IP) },
	{ "arcnet of linux", BYTES("\1\2\0\0\xd4\0\0\7" IPV4_TCP), ON(ARCNET_LINUX), IS_IPV4_TCP(8) },
	{ "arcnet of linux, old", BYTES("\1\2\0\0\xf0" IPV4_TCP), ON(ARCNET_LINUX), IS_IPV4_TCP(5) },

	{ "atm", BYTES(SNAP T_IPV4 IPV4_TCP), ON(ATM), IS_IPV4_TCP(8) },
	{ "atm, nlpid", BYTES("\xfe\xfe\3\xcc" IPV4_TCP), ON(ATM), IS_IPV4_TCP(4) },
	{ "atm, cisco nlpid", BYTES("\3\xcc" IPV4_TCP), ON(ATM), IS_IPV4_TCP(2) },
	{ "atm, header of dec", BYTES(SIXTEEN FOUR SNAP T_IPV4 IPV4_TCP), ON(ATM), IS_IPV4_TCP(28) },
	{ "clip", BYTES(SNAP T_IPV4 IPV4_TCP), ON(CLIP), IS_IPV4_TCP(8) },
	{ "clip, bare", BYTES(IPV6_TCP), ON(CLIP), IS_IPV6_TCP(0) },
	{ "sunatm", BYTES("\x82\0\0\x21" SNAP T_IPV4 IPV4_TCP), ON(SUNATM), IS_IPV4_TCP(12) },
	{ "sunatm, emulation", BYTES("\1\0\0\x21\0\1" MAC T_IPV4 IPV4_TCP), ON(SUNATM), IS_IPV4_TCP(20) },
	{ "sunatm, emulation, control", BYTES("\1\0\0\x21\xff\0" FOUR), ON(SUNATM), NOT_IP(NON_IP) },
	{ "sunatm, signalling", BYTES("\6\0\0\5" FOUR), ON(SUNATM), NOT_IP(NON_IP) },

	{ "fibre channel", BYTES(SIXTEEN SNAP T_IPV4 IPV4_TCP), ON(IPFC), IS_IPV4_TCP(24) },
	{ "ieee 1394", BYTES(SIXTEEN T_IPV6 IPV6_TCP), ON(AP1394), IS_IPV6_TCP(18) },
	{ "infiniband", BYTES(FORTY T_IPV4 "\0\0" IPV4_TCP), ON(IPOIB), IS_IPV4_TCP(44) },
	{ "infiniband, arp", BYTES(FORTY "\x08\6\0\0"), ON(IPOIB), NOT_IP(ARP) },
	{ "symantec", BYTES("\0\0\0\0\0\0" T_IPV4 SIXTEEN SIXTEEN FOUR IPV4_TCP), ON(SYMANTEC), IS_IPV4_TCP(44) },
	{ "slip", BYTES(SIXTEEN IPV4_TCP), ON(SLIP), IS_IPV4_TCP(16) },
	{ "dsa", BYTES(MAC "\xc0\x80\0\1" T_IPV4 IPV4_TCP), ON(DSA), IS_IPV4_TCP(18) },
	{ "dsa, vlan", BYTES(MAC "\xc0\x80\0\1\x81\0\0\5" T_IPV4 IPV4_TCP), ON(DSA), IS_IPV4_TCP(22) },
	{ "dsa, llc", BYTES(MAC "\xc0\x80\0\1\0\x34" SNAP T_IPV4 IPV4_TCP), ON(DSA), IS_IPV4_TCP(26) },
	{ "edsa", BYTES(MAC "\xda\xda\0\0\xc0\x80\0\1" T_IPV4 IPV4_TCP), ON(EDSA), IS_IPV4_TCP(22) },
	{ "broadcom", BYTES(MAC "\0\0\0\1" T_IPV6 IPV6_UDP), ON(BRCM), IS_IPV6_UDP(18) },
	{ "broadcom, in front", BYTES("\0\0\0\1" MAC T_IPV4 IPV4_TCP), ON(BRCM_PREPEND), IS_IPV4_TCP(18) },
	{ "netanalyzer", BYTES(FOUR MAC T_IPV4 IPV4_TCP), ON(NETANALYZER), IS_IPV4_TCP(18) },
	{ "netanalyzer, preamble", BYTES(FOUR EIGHT MAC T_IPV4 IPV4_TCP), ON(NETANALYZER_TRANSPARENT),
	  IS_IPV4_TCP(26) },
};

PACKETS_TESTS(cases)

int main(void)
{
	return packets_run("hop_wire", add_table);
}
