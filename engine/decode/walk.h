/* SPDX-License-Identifier: MIT
 *
 * The cold walker: any packet, any depth, one layer at a time. A cursor stands before a header; each layer checks
 * that its header may be read, moves the cursor, and names the layer that follows. The fast path of decode.c gives
 * the same descriptor for the few shapes that it knows, and a test holds the two together.
 */
#ifndef NETSCOPE_DECODE_WALK_H
#define NETSCOPE_DECODE_WALK_H

#include "engine/decode/fragments.h"
#include "engine/decode/hop.h"
#include "netscope/decode.h"

enum {
	WALK_TAGS_MAX = 4,       /* VLAN tags in front of one network header */
	WALK_LABELS_MAX = 16,    /* MPLS labels in one stack */
	WALK_TUNNELS_MAX = 8,    /* tunnel layers under decap */
	WALK_VISITS_MAX = 96,    /* headers, tags, labels, options and list entries of one packet, all together */
	WALK_HOP_VISITS = 3,     /* what a hop, and a frame in a frame, counts for beyond the one */
	WALK_OFFSET_MAX = 65000, /* headers start below this, so that every offset fits in 16 bits */
};

enum walk_step { /* what stands at the cursor */
		 WALK_STOP,
		 WALK_ETHERNET,
		 WALK_ETHERTYPE, /* the payload that walk.type names */
		 WALK_LLC,
		 WALK_PPP,      /* protocol field first */
		 WALK_PPP_HDLC, /* the same, perhaps with address and control in front */
		 WALK_IP,       /* the version nibble decides */
		 WALK_IPV4,     /* announced as IPv4 */
		 WALK_IPV6,
		 WALK_IP_PAYLOAD, /* the payload of an IP header, walk.type is its protocol */
		 WALK_GRE,
		 WALK_GRE_PAYLOAD, /* walk.type is the protocol that GRE announced */
		 WALK_MPLS,
		 WALK_UDP_TUNNEL, /* behind a UDP header whose ports are in the descriptor */
		 WALK_PPPOE,
#define NSC_X(id, name) WALK_##id,
		 NSC_HOPS(NSC_X)
#undef NSC_X
};

struct walk {
	const struct nsc_decode_options *options;
	struct nsc_packet *pkt;
	const uint8_t *data;
	uint64_t off;      /* the cursor, from data */
	uint64_t wire_end; /* where the innermost length says that the packet ends, from data */
	uint64_t cap_end;  /* as far as bytes may be read: the smaller of wire_end and cap_len */
	uint16_t type;     /* what the layer before announced: EtherType or IP protocol; at first the enum nsc_link */
	uint8_t tags, labels, extensions, tunnels, visits;
	bool network;  /* an IP header was met: from then on its fate is that of IP */
	bool fragment; /* the last one heads a fragment, which `part` describes */
	struct nsc_fragment part;
};

/* May `n` bytes be read at the cursor? n < 2^32: no sum wraps. */
static inline bool walk_has(const struct walk *w, uint64_t n)
{
	return w->off + n <= w->cap_end;
}

static inline const uint8_t *walk_at(const struct walk *w)
{
	return w->data + w->off;
}

/* The layer at the cursor ends at `end` at the latest: what lies behind is padding or a trailer. */
static inline void walk_limit(struct walk *w, uint64_t end)
{
	w->wire_end = NSC_MIN(w->wire_end, end);
	w->cap_end = NSC_MIN(w->cap_end, end);
}

/* A length of 0 at the cursor is no nonsense: what follows is longer than a field of 16 bits can say, for the network
 * card has yet to cut it. Linux calls it BIG TCP. */
static inline bool walk_is_beyond_16_bits(const struct walk *w)
{
	return w->wire_end > w->off + UINT16_MAX;
}

/* The packet ends here for a reason that lies below IP. Inside a tunnel that means only that the tunnel carries no
 * IP: the outer headers keep their verdict. */
static inline enum walk_step walk_stop_link(struct walk *w, enum nsc_fate fate)
{
	if (!w->network)
		w->pkt->fate = fate;
	return WALK_STOP;
}

static inline enum walk_step walk_stop(struct walk *w, enum nsc_fate fate)
{
	w->pkt->fate = fate;
	return WALK_STOP;
}

/* Every step of every loop over a packet asks here, so that none costs more than WALK_VISITS_MAX steps, whatever is
 * nested in what: a frame of 64 KiB has room for thousands of Ethernet headers. False: there were so many already. */
static inline bool walk_may_visit(struct walk *w)
{
	return w->visits++ < WALK_VISITS_MAX;
}

static inline void walk_clear_transport(struct nsc_packet *pkt)
{
	pkt->l4_off = pkt->src_port = pkt->dst_port = 0;
	pkt->hash = pkt->tcp_seq = pkt->tcp_ack = pkt->payload_len = 0;
	pkt->l4_len = pkt->tcp_flags = pkt->dir = 0;
}

/* The packet has more layers than a walk visits: too many tags below IP, too many tunnels above it. */
static inline enum walk_step walk_stop_limit(struct walk *w)
{
	if (!w->network)
		return walk_stop(w, NSC_FATE_TAG_LIMIT);
	walk_clear_transport(w->pkt);
	return walk_stop(w, NSC_FATE_TUNNEL_LIMIT);
}

/* A list inside a tunnel's header ends too early, or is longer than a walk visits. */
static inline enum walk_step walk_stop_list(struct walk *w)
{
	return w->visits > WALK_VISITS_MAX ? walk_stop_limit(w) : WALK_STOP;
}

/* One layer each. Thread: the owner of the packet. Allocates: never. */
enum walk_step walk_link(struct walk *w, uint8_t link);
enum walk_step walk_hop(struct walk *w, struct nsc_hop hop);
enum walk_step walk_ethernet(struct walk *w);
enum walk_step walk_ethertype(struct walk *w);
enum walk_step walk_llc(struct walk *w);
enum walk_step walk_ppp(struct walk *w);
enum walk_step walk_ppp_hdlc(struct walk *w);
enum walk_step walk_pppoe(struct walk *w);
enum walk_step walk_ip(struct walk *w);
enum walk_step walk_ipv4(struct walk *w);
enum walk_step walk_ipv6(struct walk *w);
enum walk_step walk_ip_payload(struct walk *w);
enum walk_step walk_gre(struct walk *w);
enum walk_step walk_gre_payload(struct walk *w);
enum walk_step walk_mpls(struct walk *w);
enum walk_step walk_udp_tunnel(struct walk *w);

/* walk_null, ...: the headers of link types that have one of their own. */
#define NSC_X(id, name, entry, numbers) enum walk_step walk_##entry(struct walk *w);
NSC_LINKS(NSC_LINK_SKIP, NSC_LINK_SKIP, NSC_X, NSC_LINK_SKIP)
#undef NSC_X

/* Fills the second half of one descriptor, whatever the packet is: any cap_len and wire_len. */
void nsc_decode_cold(const struct nsc_decode_options *options, struct nsc_packet *pkt);

#endif
