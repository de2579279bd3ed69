/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define ON(id) .link = NSC_LINK_##id
#define IPV4_END IPV4_ANY("\xfd") "x"
#define SHOW_END SHOW_IPV4("253", "21") " | payload: 1 bytes"
#define SNAP "\xaa\xaa\3\0\0\0"
#define WLAN(control) control "\0\0\2\0\0\0\0\1\2\0\0\0\0\2\2\0\0\0\0\3\x10\0"
#define SHOW_WLAN "802.11 data: 02:00:00:00:00:02 -> 02:00:00:00:00:01"

static const struct dissect_case cases[] = {
	{ "data", BYTES(WLAN("\x08\1") SNAP T_IPV4 IPV4_END), ON(WLAN),
	  "wlan.fc.type=data (2)|wlan.fc.subtype=0|wlan.fc.tods=set|wlan.addr3=02:00:00:00:00:03|llc.type=IPv4 "
	  "(0x0800)|ip.src=10.0.0.1",
	  SHOW_WLAN " | LLC SNAP | " SHOW_END },
	{ "protected", BYTES(WLAN("\x08\x41") "abcd"), ON(WLAN), "wlan.fc.protected=set|note=encrypted|data.len=4",
	  SHOW_WLAN " (encrypted)" },
	{ "acknowledgment", BYTES("\xd4\0\0\0\2\0\0\0\0\1"), ON(WLAN), "wlan.fc.type=control (1)|data.len=8",
	  "802.11 control:" },
	{ "radiotap", BYTES("\0\0\x08\0\0\0\0\0" WLAN("\x08\1") SNAP T_IPV4 IPV4_END), ON(RADIOTAP),
	  "radiotap.length=0x0800|wlan.fc.type=data (2)|ip.src=10.0.0.1", SHOW_WLAN " | LLC SNAP | " SHOW_END },
	{ "ppi, ethernet", BYTES("\0\0\x08\0\1\0\0\0" MAC T_IPV4 IPV4_END), ON(PPI),
	  "ppi.dlt=0x01000000|ip.src=10.0.0.1", "PPI | " SHOW_ETH " | " SHOW_END },
	{ "prism that is avs", BYTES("\x80\x21\x10\1\0\0\0\x08" WLAN("\x08\1") SNAP T_IPV4 IPV4_END), ON(PRISM),
	  "wlan.avs.length=8|wlan.fc.type=data (2)|ip.src=10.0.0.1", SHOW_WLAN " | LLC SNAP | " SHOW_END },
};

DISSECT_MAIN("wlan", cases)
