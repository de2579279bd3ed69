/* SPDX-License-Identifier: MIT
 *
 * 802.11 and the headers in front of it.
 */
#include "packets.h"

#define ON(id) .link = NSC_LINK_##id
#define NOT_IP(reason) .fate = NSC_FATE_##reason
#define SNAP "\xaa\xaa\3\0\0\0"
#define ADDRESSES "\2\0\0\0\0\1\2\0\0\0\0\2\2\0\0\0\0\3"
#define WLAN_PART(control, sequence) control "\0\0" ADDRESSES sequence
#define WLAN(control) WLAN_PART(control, "\x10\0")
#define DATA WLAN("\x08\1") SNAP T_IPV4 IPV4_TCP
#define QOS "\0\0"
#define RADIOTAP "\0\0\x08\0\0\0\0\0"
#define PPI(length, link) "\0\0" length link "\0\0\0"

static const struct decode_case cases[] = {
	{ "data", BYTES(DATA), ON(WLAN), IS_IPV4_TCP(32) },
	{ "data, ipv6, from", BYTES(WLAN("\x08\2") SNAP T_IPV6 IPV6_UDP), ON(WLAN), IS_IPV6_UDP(32) },
	{ "data, four addresses", BYTES(WLAN("\x08\3") "\2\0\0\0\0\4" SNAP T_IPV4 IPV4_TCP), ON(WLAN),
	  IS_IPV4_TCP(38) },
	{ "data, checksum behind", BYTES(WLAN("\x08\1") SNAP T_IPV4 IPV4_UDP FOUR), ON(WLAN), IS_IPV4_UDP(32) },
	{ "quality of service", BYTES(WLAN("\x88\1") QOS SNAP T_IPV4 IPV4_TCP), ON(WLAN), IS_IPV4_TCP(34) },
	{ "quality of service, control", BYTES(WLAN("\x88\x81") QOS FOUR SNAP T_IPV4 IPV4_TCP), ON(WLAN),
	  IS_IPV4_TCP(38) },
	{ "aggregate", BYTES(WLAN("\x88\1") "\x80\0" MAC "\0\x28" SNAP T_IPV4 IPV4_UDP "\0\0\0" MAC FOUR), ON(WLAN),
	  IS_IPV4_UDP(48) },
	{ "aggregate, frame too short", BYTES(WLAN("\x88\1") "\x80\0" MAC "\0\x1f" SNAP T_IPV4 IPV4_UDP), ON(WLAN),
	  .fate = NSC_FATE_TRUNCATED_L4, .version = 4, .proto = 17, .l3 = 48 },
	{ "protected", BYTES(WLAN("\x08\x41") FOUR FOUR FOUR), ON(WLAN), NOT_IP(ENCRYPTED) },
	{ "protected, no data", BYTES(WLAN("\x48\x41")), ON(WLAN), NOT_IP(WLAN_CONTROL) },
	{ "no data", BYTES(WLAN("\x48\1")), ON(WLAN), NOT_IP(WLAN_CONTROL) },
	{ "no data, quality of service", BYTES(WLAN("\xc8\1") QOS), ON(WLAN), NOT_IP(WLAN_CONTROL) },
	{ "beacon", BYTES(WLAN("\x80\0") FOUR FOUR FOUR), ON(WLAN), NOT_IP(WLAN_CONTROL) },
	{ "acknowledgment", BYTES("\xd4\0\0\0\2\0\0\0\0\1"), ON(WLAN), NOT_IP(WLAN_CONTROL) },
	{ "later part", BYTES(WLAN_PART("\x08\1", "\x11\0") FOUR), ON(WLAN), NOT_IP(WLAN_CONTROL) },
	{ "version 1", BYTES(WLAN("\x09\1") FOUR), ON(WLAN), NOT_IP(NON_IP) },
	{ "one byte", BYTES("\x08"), ON(WLAN), NOT_IP(TRUNCATED_L2) },
	{ "cut", BYTES("\x08\1\0\0" ADDRESSES), ON(WLAN), NOT_IP(TRUNCATED_L2) },
	{ "bytes not swapped here", BYTES(WLAN("\1\x08") SNAP T_IPV4 IPV4_TCP), ON(WLAN), NOT_IP(NON_IP) },

	{ "radiotap", BYTES(RADIOTAP DATA), ON(RADIOTAP), IS_IPV4_TCP(40) },
	{ "radiotap, padded", BYTES("\0\0\x09\0\2\0\0\0\x20" WLAN("\x88\1") QOS "\0\0" SNAP T_IPV4 IPV4_TCP),
	  ON(RADIOTAP), IS_IPV4_TCP(45) },
	{ "radiotap, time, padded",
	  BYTES("\0\0\x11\0\3\0\0\0" FOUR FOUR "\x20" WLAN("\x88\1") QOS "\0\0" SNAP T_IPV4 IPV4_TCP), ON(RADIOTAP),
	  IS_IPV4_TCP(53) },
	{ "radiotap, second word, time, padded",
	  BYTES("\0\0\x19\0\3\0\0\x80\0\0\0\0\0\0\0\0" FOUR FOUR "\x20" WLAN("\x88\1") QOS "\0\0" SNAP T_IPV4 IPV4_TCP),
	  ON(RADIOTAP), IS_IPV4_TCP(61) },
	{ "radiotap, words without end", BYTES("\0\0\x0c\0\3\0\0\x80\3\0\0\x80" DATA), ON(RADIOTAP), IS_IPV4_TCP(44) },
	{ "radiotap, 128 words", BYTES("\0\0\x04\2" TIMES_128("\0\0\0\x80") DATA), ON(RADIOTAP), NOT_IP(TAG_LIMIT) },
	{ "radiotap, version 1", BYTES("\1\0\x08\0\0\0\0\0" DATA), ON(RADIOTAP), NOT_IP(NON_IP) },
	{ "radiotap, length 7", BYTES("\0\0\7\0\0\0\0\0" DATA), ON(RADIOTAP), NOT_IP(NON_IP) },
	{ "radiotap, too long", BYTES("\0\0\xff\xff\0\0\0\0" DATA), ON(RADIOTAP), NOT_IP(TRUNCATED_L2) },
	{ "ppi", BYTES(PPI("\x0c\0", "\x69") FOUR DATA), ON(PPI), IS_IPV4_TCP(44) },
	{ "ppi, ethernet", BYTES(PPI("\x08\0", "\1") MAC T_IPV4 IPV4_TCP), ON(PPI), IS_IPV4_TCP(22) },
	{ "ppi, length 7", BYTES(PPI("\7\0", "\x69") DATA), ON(PPI), NOT_IP(NON_IP) },
	{ "128 ppis", BYTES(TIMES_128(PPI("\x08\0", "\xc0"))), ON(PPI), NOT_IP(TAG_LIMIT) },
	{ "prism", BYTES("\x44\0\0\0\x90\0\0\0" TIMES_128("x") "xxxxxxxx" DATA), ON(PRISM), IS_IPV4_TCP(176) },
	{ "prism, avs", BYTES("\x80\x21\x10\1\0\0\0\x0c" FOUR DATA), ON(PRISM), IS_IPV4_TCP(44) },
	{ "avs", BYTES("\x80\x21\x10\2\0\0\0\x08" DATA), ON(AVS), IS_IPV4_TCP(40) },
	{ "avs, length 7", BYTES("\x80\x21\x10\2\0\0\0\7" DATA), ON(AVS), NOT_IP(NON_IP) },
	{ "avs, too long", BYTES("\x80\x21\x10\2\xff\xff\xff\xff" DATA), ON(AVS), NOT_IP(TRUNCATED_L2) },
};

PACKETS_TESTS(cases)

int main(void)
{
	return packets_run("hop_wlan", add_table);
}
