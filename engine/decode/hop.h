/* SPDX-License-Identifier: MIT
 *
 * Hops: headers that say nothing but where they end and what follows. One function reads each of them, from its bytes
 * alone; decode walks and dissect shows by that function, so that the two agree. The headers of most link types and of
 * most tunnels are hops. A new one is a row here, nsc_hop_<name>() in one of the hop_*.c, protocol_<name> in
 * engine/dissect, and a row of NSC_LINKS or NSC_TUNNELS if a packet or a UDP payload may begin with it.
 */
#ifndef NETSCOPE_DECODE_HOP_H
#define NETSCOPE_DECODE_HOP_H

#include "engine/decode/numbers.h"
#include "netscope/packet.h"

/* X(ID, name) */
#define NSC_HOPS(X)                                                                                                    \
	X(PREFIX, prefix) /* a fixed number of bytes in front: a table by link type */                                 \
	X(SERIAL, serial) /* PPP or Cisco HDLC: the first byte tells */                                                \
	X(CHDLC, chdlc)                                                                                                \
	X(FRELAY, frelay)                                                                                              \
	X(NLPID, nlpid) /* one byte that names a network protocol: ISO/IEC TR 9577 */                                  \
	X(SNAP, snap)   /* organisation and type, behind LLC or NLPID */                                               \
	X(FDDI, fddi)                                                                                                  \
	X(TOKEN_RING, token_ring)                                                                                      \
	X(ARCNET, arcnet)                                                                                              \
	X(ATM, atm)   /* RFC 2684 */                                                                                   \
	X(CLIP, clip) /* classical IP over ATM */                                                                      \
	X(SUNATM, sunatm)                                                                                              \
	X(LANE, lane)                                                                                                  \
	X(WLAN, wlan)                                                                                                  \
	X(RADIOTAP, radiotap)                                                                                          \
	X(PPI, ppi)                                                                                                    \
	X(PRISM, prism)                                                                                                \
	X(AVS, avs)                                                                                                    \
	X(NFLOG, nflog)                                                                                                \
	X(PKTAP, pktap)                                                                                                \
	X(IPNET, ipnet)                                                                                                \
	X(ENC, enc)                                                                                                    \
	X(PFLOG, pflog)                                                                                                \
	X(JUNIPER, juniper)                                                                                            \
	X(VXLAN, vxlan)                                                                                                \
	X(VXLAN_GPE, vxlan_gpe)                                                                                        \
	X(NSH, nsh)                                                                                                    \
	X(GENEVE, geneve)                                                                                              \
	X(GTP, gtp)                                                                                                    \
	X(TEREDO, teredo)                                                                                              \
	X(LISP, lisp)                                                                                                  \
	X(GUE, gue)                                                                                                    \
	X(CAPWAP, capwap)                                                                                              \
	X(TZSP, tzsp)                                                                                                  \
	X(L2TP, l2tp)                                                                                                  \
	X(L2TPV3, l2tpv3) /* version 3 from its session on */                                                          \
	X(MACSEC, macsec)

/* What may follow a hop: a step of decode and of dissect of the same name, X(ID, name). */
#define NSC_HOP_TARGETS(X)                                                                                             \
	X(ETHERNET, ethernet)                                                                                          \
	X(LLC, llc)                                                                                                    \
	X(PPP, ppp)                                                                                                    \
	X(PPP_HDLC, ppp_hdlc)                                                                                          \
	X(GRE, gre)                                                                                                    \
	X(MPLS, mpls)                                                                                                  \
	X(IP, ip)                                                                                                      \
	X(IPV4, ipv4)                                                                                                  \
	X(IPV6, ipv6)                                                                                                  \
	NSC_HOPS(X)

enum {                          /* what 802.11 is told in `type`: above all link types */
       NSC_WLAN_PADDED = 0x100, /* its header fills words of four bytes */
       NSC_WLAN_SWAPPED,        /* the bytes of its frame control may have changed places */
};

/* Tunnels that begin behind a UDP header: X(ID, "name", HOP, ports). HOP is a target of hops; ports are PORT(ID, n). */
#define NSC_TUNNELS(X, PORT)                                                                                           \
	X(VXLAN, "vxlan", VXLAN, PORT(VXLAN, 4789) PORT(VXLAN, 8472)) /* 8472: what Linux took before there was one */ \
	X(VXLAN_GPE, "vxlan-gpe", VXLAN_GPE, PORT(VXLAN_GPE, 4790))                                                    \
	X(GENEVE, "geneve", GENEVE, PORT(GENEVE, 6081))                                                                \
	X(GTP_U, "gtp-u", GTP, PORT(GTP_U, 2152))                                                                      \
	X(TEREDO, "teredo", TEREDO, PORT(TEREDO, 3544))                                                                \
	X(L2TP, "l2tp", L2TP, PORT(L2TP, 1701))                                                                        \
	X(GRE, "gre", GRE, PORT(GRE, 4754))                                                                            \
	X(MPLS, "mpls", MPLS, PORT(MPLS, 6635))                                                                        \
	X(GUE, "gue", GUE, PORT(GUE, 6080))                                                                            \
	X(LISP, "lisp", LISP, PORT(LISP, 4341))                                                                        \
	X(CAPWAP, "capwap", CAPWAP, PORT(CAPWAP, 5247))                                                                \
	X(TZSP, "tzsp", TZSP, PORT(TZSP, 37008))

enum nsc_tunnel {
	NSC_TUNNEL_NONE,
#define NSC_X(id, name, hop, ports) NSC_TUNNEL_##id,
#define NSC_PORT(id, number)
	NSC_TUNNELS(NSC_X, NSC_PORT)
#undef NSC_PORT
#undef NSC_X
		NSC_TUNNEL_COUNT
};

/* The tunnel that UDP between these ports leads into: the smaller port decides, if both are of tunnels. */
enum nsc_tunnel nsc_decode_tunnel(uint16_t src_port, uint16_t dst_port);

enum nsc_hop_next {
	NSC_HOP_CUT,       /* the header does not end within the bytes that may be read */
	NSC_HOP_END,       /* no IP follows: `fate` */
	NSC_HOP_ETHERTYPE, /* what the EtherType in `type` says; up to ETHERTYPE_LENGTH_MAX an 802.3 length */
	NSC_HOP_LINK,      /* the header of another link type: `type` is its LINKTYPE_* */
#define NSC_X(id, name) NSC_HOP_##id,
	NSC_HOP_TARGETS(NSC_X)
#undef NSC_X
		NSC_HOP_NEXTS
};

struct nsc_hop {
	uint32_t length;  /* of the header, bytes; <= n unless cut. With NSC_HOP_END, 0 = it is no such header at all */
	uint32_t payload; /* bytes that belong to it behind the header; UINT32_MAX = as many as there are */
	uint16_t type;    /* for the header that follows */
	uint8_t next;     /* enum nsc_hop_next */
	uint8_t fate;     /* enum nsc_fate, with NSC_HOP_END */
	uint8_t steps;    /* entries of lists in the header that were visited */
};

enum { NSC_HOP_STEPS_MAX = 96 }; /* as many as a packet may have in all: a longer list ends it */

/* Reads the header at p, of which n bytes may be read; any n. `type` is what the layer before announced, or the
 * packet's enum nsc_link when it is the first. Thread: any. Allocates: never. */
#define NSC_X(id, name) struct nsc_hop nsc_hop_##name(const uint8_t *p, uint64_t n, uint16_t type);
NSC_HOPS(NSC_X)
#undef NSC_X

/* --- for those who write hops ----------------------------------------------------------------- */

static inline struct nsc_hop nsc_hop_cut(uint32_t length)
{
	return (struct nsc_hop){ .length = length, .payload = UINT32_MAX, .next = NSC_HOP_CUT };
}

static inline struct nsc_hop nsc_hop_typed(uint64_t n, uint32_t length, uint8_t next, uint16_t type)
{
	struct nsc_hop hop = nsc_hop_cut(length);

	if (n >= length) {
		hop.next = next;
		hop.type = type;
	}
	return hop;
}

static inline struct nsc_hop nsc_hop_end(uint64_t n, uint32_t length, enum nsc_fate fate)
{
	struct nsc_hop hop = nsc_hop_typed(n, length, NSC_HOP_END, 0);

	hop.fate = (uint8_t)fate;
	return hop;
}

/* A list of the header has more than NSC_HOP_STEPS_MAX entries. */
static inline struct nsc_hop nsc_hop_too_long(void)
{
	return (struct nsc_hop){ .payload = UINT32_MAX, .next = NSC_HOP_END, .steps = UINT8_MAX };
}

static inline struct nsc_hop nsc_hop_to(uint64_t n, uint32_t length, enum nsc_hop_next next)
{
	return nsc_hop_typed(n, length, next, 0);
}

/* An EtherType that is never an 802.3 length. */
static inline struct nsc_hop nsc_hop_ethertype(uint64_t n, uint32_t length, uint16_t type)
{
	return type <= ETHERTYPE_LENGTH_MAX ? nsc_hop_end(n, length, NSC_FATE_NON_IP)
					    : nsc_hop_typed(n, length, NSC_HOP_ETHERTYPE, type);
}

/* An address family of any system: Linux, NetBSD and OpenBSD, Solaris, FreeBSD, Darwin. */
static inline struct nsc_hop nsc_hop_family(uint64_t n, uint32_t length, uint32_t family)
{
	switch (family) {
	case 2:
		return nsc_hop_to(n, length, NSC_HOP_IPV4);
	case 10:
	case 24:
	case 26:
	case 28:
	case 30:
		return nsc_hop_to(n, length, NSC_HOP_IPV6);
	default:
		return nsc_hop_end(n, length, NSC_FATE_NON_IP);
	}
}

static inline uint16_t nsc_load16_little(const uint8_t *p)
{
	return __builtin_bswap16(nsc_load16(p));
}

static inline uint32_t nsc_load32_little(const uint8_t *p)
{
	return __builtin_bswap32(nsc_load32(p));
}

#endif
