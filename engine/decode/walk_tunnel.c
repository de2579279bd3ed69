/* SPDX-License-Identifier: MIT
 *
 * What decap opens: GRE and the tunnels that ride on UDP. A tunnel that carries no IP, or is damaged before its IP
 * header, leaves the outer headers in charge.
 */
#include "engine/decode/walk.h"

static bool walk_skip(struct walk *w, uint64_t n)
{
	if (!walk_has(w, n))
		return false;
	w->off += n;
	return true;
}

/* ERSPAN type II has 8 bytes, but only when GRE carries a sequence number; type III has 12, and 8 more on demand,
 * and says what kind of frame follows. */
static enum walk_step walk_erspan(struct walk *w, uint16_t type, bool sequence)
{
	const uint8_t *p = walk_at(w);

	if (type == GRE_ERSPAN_II)
		return !sequence || walk_skip(w, 8) ? WALK_ETHERNET : WALK_STOP;
	if (!walk_has(w, 12) || !walk_skip(w, p[11] & 1 ? 20 : 12))
		return WALK_STOP;
	switch (p[10] >> 2 & 31) {
	case ERSPAN_ETHERNET:
		return WALK_ETHERNET;
	case ERSPAN_IP:
		return WALK_IP;
	default:
		return WALK_STOP;
	}
}

/* Source routes, given up in 1994: address family, offset, length, content; an empty one ends the list. */
static bool walk_skip_gre_routes(struct walk *w)
{
	const uint8_t *p;

	do {
		p = walk_at(w);
		if (!walk_may_visit(w) || !walk_has(w, 4) || !walk_skip(w, 4u + p[3]))
			return false;
	} while (nsc_load16(p) != 0 || p[3] != 0);
	return true;
}

enum walk_step walk_gre(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint32_t header = 4;
	uint16_t flags;

	if (!walk_has(w, 4))
		return WALK_STOP;
	flags = nsc_load16(p);
	w->type = nsc_load16(p + 2);
	header += flags & (GRE_CHECKSUM | GRE_ROUTING) ? 4 : 0;
	header += flags & GRE_KEY ? 4 : 0;
	header += flags & GRE_SEQUENCE ? 4 : 0;
	header += flags & GRE_ACK && w->type == GRE_PPP ? 4 : 0;
	if (!walk_skip(w, header))
		return WALK_STOP;
	if (flags & GRE_ROUTING && !walk_skip_gre_routes(w))
		return walk_stop_list(w);
	w->tags = 0;
	if (w->type == GRE_ERSPAN_II || w->type == GRE_ERSPAN_III)
		return walk_erspan(w, w->type, flags & GRE_SEQUENCE);
	return WALK_GRE_PAYLOAD;
}

/* The second version of WCCP puts four bytes in front of IP and does not say so. */
static enum walk_step walk_wccp(struct walk *w)
{
	if (walk_has(w, 1) && *walk_at(w) >> 4 != 4 && !walk_skip(w, 4))
		return WALK_STOP;
	return WALK_IPV4;
}

/* GRE announces an EtherType, but not every EtherType goes: a VLAN tag, for one, does not. */
enum walk_step walk_gre_payload(struct walk *w)
{
	switch (w->type) {
	case GRE_IPV4:
		return WALK_IPV4;
	case GRE_IPV6:
		return WALK_IPV6;
	case GRE_PPP:
		return WALK_PPP_HDLC;
	case GRE_WCCP:
		return walk_wccp(w);
	case GRE_ETHERNET_OLD:
	case GRE_ETHERNET:
		return WALK_ETHERNET;
	case GRE_NSH:
		return WALK_NSH;
	case GRE_MPLS:
	case GRE_MPLS_MULTICAST:
		return WALK_MPLS;
	default:
		return walk_stop_link(w, NSC_FATE_NON_IP);
	}
}

enum walk_step walk_udp_tunnel(struct walk *w)
{
	static const uint8_t steps[] = { [NSC_TUNNEL_NONE] = WALK_STOP,
#define NSC_X(id, name, hop, ports) [NSC_TUNNEL_##id] = WALK_##hop,
					 NSC_TUNNELS(NSC_X, )
#undef NSC_X
	};

	if (w->tunnels++ == WALK_TUNNELS_MAX) {
		walk_clear_transport(w->pkt);
		return walk_stop(w, NSC_FATE_TUNNEL_LIMIT);
	}
	w->tags = 0;
	return steps[nsc_decode_tunnel(w->pkt->src_port, w->pkt->dst_port)];
}
