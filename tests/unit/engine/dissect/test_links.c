/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define ON(id) .link = NSC_LINK_##id
#define IPV4_END IPV4_ANY("\xfd") "x"
#define SHOW_END SHOW_IPV4("253", "21") " | payload: 1 bytes"
#define SNAP "\xaa\xaa\3\0\0\0"

static const struct dissect_case cases[] = {
	{ "dsa", BYTES(MAC "\xc0\x80\0\1" T_IPV4 IPV4_END), ON(DSA),
	  "link.header=020000000001020000000002c08000010800|ip.src=10.0.0.1", "dsa | " SHOW_END },
	{ "ppp", BYTES("\0\x21" IPV4_END), ON(PPP), "ppp.protocol=IPv4 (0x0021)|ip.src=10.0.0.1",
	  "PPP IPv4 | " SHOW_END },
	{ "pppd", BYTES("\1\3\0\x21" IPV4_END), ON(PPP_PPPD), "ppp.direction=0x01|ip.src=10.0.0.1",
	  "pppd | PPP IPv4 | " SHOW_END },
	{ "hdlc", BYTES("\x0f\0" T_IPV4 IPV4_END), ON(CHDLC), "chdlc.protocol=IPv4 (0x0800)|ip.src=10.0.0.1",
	  "HDLC | " SHOW_END },
	{ "frame relay, snap", BYTES("\x18\x41\3\x80\0\0\0" T_IPV4 IPV4_END), ON(FRELAY),
	  "fr.address=0x1841|nlpid=SNAP (0x80)|llc.oui=0x000000|llc.type=IPv4 (0x0800)|ip.src=10.0.0.1",
	  "FR 0x1841 | NLPID SNAP | SNAP | " SHOW_END },
	{ "fddi", BYTES("\x50" MAC SNAP T_IPV4 IPV4_END), ON(FDDI),
	  "fddi.fc=0x50|llc.type=IPv4 (0x0800)|ip.src=10.0.0.1",
	  "FDDI: 02:00:00:00:00:02 -> 02:00:00:00:00:01 | LLC SNAP | " SHOW_END },
	{ "token ring", BYTES("\x10\x40" MAC SNAP T_IPV4 IPV4_END), ON(TOKEN_RING), "tr.ac=0x10|ip.src=10.0.0.1",
	  "TR: 02:00:00:00:00:02 -> 02:00:00:00:00:01 | LLC SNAP | " SHOW_END },
	{ "arcnet", BYTES("\1\2\xd4\0\0\7" IPV4_END), ON(ARCNET), "arcnet.src=1|ip.src=10.0.0.1",
	  "ARCNET: 1 -> 2 | " SHOW_END },
	{ "atm, nlpid", BYTES("\xfe\xfe\3\xcc" IPV4_END), ON(ATM),
	  "llc.dsap=OSI (0xfe)|nlpid=IPv4 (0xcc)|ip.src=10.0.0.1", "LLC OSI | NLPID IPv4 | " SHOW_END },
	{ "sunatm, emulation", BYTES("\1\0\0\x21\0\1" MAC T_IPV4 IPV4_END), ON(SUNATM),
	  "atm.vci=33|lane.le_client=0x0001|ip.src=10.0.0.1", "ATM 0/33 | LANE | " SHOW_ETH " | " SHOW_END },
	{ "nflog", BYTES("\2\0\0\5\x19\0\x09\0" IPV4_END "\0\0\0"), ON(NFLOG), "nflog.res_id=5|ip.src=10.0.0.1",
	  "NFLOG group 5 | " SHOW_END },
	{ "pktap", BYTES("\x0c\0\0\0\1\0\0\0\1\0\0\0" MAC T_IPV4 IPV4_END), ON(PKTAP),
	  "pktap.dlt=0x01000000|ip.src=10.0.0.1", "PKTAP | " SHOW_ETH " | " SHOW_END },
	{ "juniper, no mark", BYTES("MGD\2" IPV4_END), ON(JUNIPER_ETHER), "data.len=25", NULL },
};

DISSECT_MAIN("links", cases)
