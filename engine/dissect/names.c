/* SPDX-License-Identifier: MIT
 *
 * Names of values that more than one protocol shows.
 */
#include "engine/dissect/dissect.h"

const struct nsc_value_name names_ethertype[] = {
	{ 0x0800, "IPv4" },
	{ 0x0806, "ARP" },
	{ 0x0842, "Wake on LAN" },
	{ 0x22f0, "AVTP" },
	{ 0x22f3, "TRILL" },
	{ 0x6558, "Ethernet" },
	{ 0x8035, "RARP" },
	{ 0x809b, "AppleTalk" },
	{ 0x80f3, "AppleTalk ARP" },
	{ 0x8100, "802.1Q" },
	{ 0x8137, "IPX" },
	{ 0x86dd, "IPv6" },
	{ 0x8808, "flow control" },
	{ 0x8809, "slow protocols" },
	{ 0x880b, "PPP" },
	{ 0x883e, "WCCP" },
	{ 0x8847, "MPLS" },
	{ 0x8848, "MPLS multicast" },
	{ 0x8863, "PPPoE discovery" },
	{ 0x8864, "PPPoE session" },
	{ 0x888e, "802.1X" },
	{ 0x8892, "PROFINET" },
	{ 0x88a4, "EtherCAT" },
	{ 0x88a8, "802.1ad" },
	{ 0x88be, "ERSPAN II" },
	{ 0x88cc, "LLDP" },
	{ 0x88e5, "MACsec" },
	{ 0x88e7, "802.1ah" },
	{ 0x88f7, "PTP" },
	{ 0x8902, "CFM" },
	{ 0x8906, "FCoE" },
	{ 0x8926, "VN-Tag" },
	{ 0x9000, "loopback test" },
	{ 0x9100, "QinQ" },
	{ 0x22eb, "ERSPAN III" },
	{ 0xf1c1, "R-Tag" },
	{ 0, NULL },
};

const struct nsc_value_name names_ip_protocol[] = {
	{ 0, "HOPOPT" },    { 1, "ICMP" },       { 2, "IGMP" },         { 4, "IPv4" },   { 6, "TCP" },
	{ 8, "EGP" },       { 17, "UDP" },       { 33, "DCCP" },        { 41, "IPv6" },  { 43, "Routing" },
	{ 44, "Fragment" }, { 46, "RSVP" },      { 47, "GRE" },         { 50, "ESP" },   { 51, "AH" },
	{ 58, "ICMPv6" },   { 59, "none" },      { 60, "Destination" }, { 88, "EIGRP" }, { 89, "OSPF" },
	{ 97, "EtherIP" },  { 103, "PIM" },      { 108, "IPComp" },     { 112, "VRRP" }, { 115, "L2TP" },
	{ 132, "SCTP" },    { 135, "Mobility" }, { 136, "UDP-Lite" },   { 137, "MPLS" }, { 139, "HIP" },
	{ 140, "shim6" },   { 143, "Ethernet" }, { 0, NULL },
};

const struct nsc_value_name names_hardware[] = {
	{ 1, "Ethernet" },      { 6, "IEEE 802" },   { 15, "Frame Relay" },
	{ 32, "InfiniBand" },   { 512, "PPP" },      { 768, "IPIP tunnel" },
	{ 770, "Frame Relay" }, { 772, "loopback" }, { 776, "6in4 tunnel" },
	{ 778, "GRE" },         { 803, "radiotap" }, { 824, "netlink" },
	{ 65534, "none" },      { 0, NULL },
};

const struct nsc_value_name names_checksum[] = { { 0, "bad" }, { 1, "good" }, { 2, "unverified" }, { 0, NULL } };
