/* SPDX-License-Identifier: MIT
 *
 * The loop of the cold walker. It ends after WALK_VISITS_MAX steps at the latest.
 */
#include "engine/decode/walk.h"
#include "engine/decode/layers.h"
#include "engine/decode/tenant.h"

static void walk_clear_result(struct nsc_packet *pkt)
{
	memset((uint8_t *)pkt + offsetof(struct nsc_packet, hash), 0,
	       offsetof(struct nsc_packet, link) - offsetof(struct nsc_packet, hash));
	pkt->ip_version = 0;
	pkt->ip_proto = 0;
	pkt->tcp_flags = 0;
	pkt->dir = 0;
	pkt->fate = NSC_FATE_NON_IP;
}

/* Moves the cursor over a header that says where it ends and what follows. */
enum walk_step walk_hop(struct walk *w, struct nsc_hop hop)
{
	static const uint8_t steps[NSC_HOP_NEXTS] = { [NSC_HOP_ETHERTYPE] = WALK_ETHERTYPE,
#define NSC_X(id, name) [NSC_HOP_##id] = WALK_##id,
						      NSC_HOP_TARGETS(NSC_X)
#undef NSC_X
	};

	w->visits = (uint8_t)NSC_MIN(w->visits + hop.steps + WALK_HOP_VISITS, UINT8_MAX);
	if (w->visits > WALK_VISITS_MAX)
		return walk_stop_limit(w);
	if (hop.next == NSC_HOP_CUT)
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	if (hop.next == NSC_HOP_END)
		return walk_stop_link(w, hop.fate);
	w->off += hop.length;
	w->type = hop.type;
	walk_limit(w, w->off + hop.payload);
	return hop.next == NSC_HOP_LINK ? walk_link(w, nsc_link_of(hop.type)) : steps[hop.next];
}

static enum walk_step walk_layer(struct walk *w, enum walk_step step)
{
	switch (step) {
	case WALK_STOP:
		return WALK_STOP;
	case WALK_ETHERNET:
		return walk_ethernet(w);
	case WALK_ETHERTYPE:
		return walk_ethertype(w);
	case WALK_LLC:
		return walk_llc(w);
	case WALK_PPP:
		return walk_ppp(w);
	case WALK_PPP_HDLC:
		return walk_ppp_hdlc(w);
	case WALK_IP:
		return walk_ip(w);
	case WALK_IPV4:
		return walk_ipv4(w);
	case WALK_IPV6:
		return walk_ipv6(w);
	case WALK_IP_PAYLOAD:
		return walk_ip_payload(w);
	case WALK_GRE:
		return walk_gre(w);
	case WALK_GRE_PAYLOAD:
		return walk_gre_payload(w);
	case WALK_MPLS:
		return walk_mpls(w);
	case WALK_UDP_TUNNEL:
		return walk_udp_tunnel(w);
	case WALK_PPPOE:
		return walk_pppoe(w);
#define NSC_X(id, name)                                                                                                \
	case WALK_##id:                                                                                                \
		return walk_hop(w, nsc_hop_##name(walk_at(w), w->cap_end - w->off, w->type));
		NSC_HOPS(NSC_X)
#undef NSC_X
	}
	return WALK_STOP;
}

/* What the first fragment says of the flow, the later ones hear. */
static void walk_keep_together(const struct walk *w)
{
	if (w->options->notes)
		nsc_fragments_note(w->options, w->pkt, &w->part);
	if (!w->options->fragments)
		return;
	if (!w->part.offset && w->pkt->fate == NSC_FATE_FLOW)
		nsc_fragments_begin(w->options, w->pkt, &w->part);
	else if (w->pkt->fate == NSC_FATE_FRAGMENT)
		nsc_fragments_join(w->options, w->pkt, &w->part);
}

static struct walk walk_from_link(const struct nsc_decode_options *options, struct nsc_packet *pkt)
{
	return (struct walk){
		.options = options,
		.pkt = pkt,
		.data = pkt->data,
		.wire_end = NSC_MAX(pkt->wire_len, pkt->cap_len), /* what was captured was on the wire */
		.cap_end = pkt->cap_len,
	};
}

__attribute__((noinline)) void nsc_decode_cold(const struct nsc_decode_options *options, struct nsc_packet *pkt)
{
	struct walk w = walk_from_link(options, pkt);
	enum walk_step step;

	walk_clear_result(pkt);
	step = walk_link(&w, pkt->link);
	while (step != WALK_STOP)
		step = walk_may_visit(&w) ? walk_layer(&w, step) : walk_stop_limit(&w);
	if (nsc_unlikely(options->key && pkt->fate == NSC_FATE_FLOW))
		pkt->hash = nsc_hash_tenant(&options->seed, pkt->hash, nsc_decode_tenant(options, pkt));
	if (nsc_unlikely(w.fragment))
		walk_keep_together(&w);
}

/* --- the same way once more, with notes ------------------------------------------------------- */

static void layers_add_vlan(struct nsc_layers *layers, const struct walk *w)
{
	bool tag = w->type == ETHERTYPE_VLAN || w->type == ETHERTYPE_QINQ || w->type == ETHERTYPE_QINQ_OLD;

	if (tag && walk_has(w, 2) && layers->n_vlans < NSC_VLANS_MAX)
		layers->vlan[layers->n_vlans++] = nsc_load16(walk_at(w)) & 0xfff;
}

static void layers_add_tunnel(struct nsc_layers *layers, enum nsc_flow_tunnel tunnel, bool has_id, uint32_t id)
{
	uint8_t i = layers->n_tunnels;

	layers->n_tunnels += i < UINT8_MAX;
	if (i >= NSC_TUNNELS_MAX)
		return;
	layers->tunnel[i] = (uint8_t)(tunnel | (has_id ? NSC_FLOW_TUNNEL_HAS_ID : 0));
	layers->tunnel_id[i] = has_id ? id : 0;
}

/* A header of 8 bytes that may have an id of 24 bits behind the first four. */
static void layers_add_network(struct nsc_layers *layers, const struct walk *w, enum nsc_flow_tunnel tunnel,
			       uint8_t flag)
{
	const uint8_t *p = walk_at(w);
	bool has_id = walk_has(w, 8) && (p[0] & flag) == flag;

	layers_add_tunnel(layers, tunnel, has_id, has_id ? nsc_load32(p + 4) >> 8 : 0);
}

static void layers_add_l2tp(struct nsc_layers *layers, const struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint32_t at = walk_has(w, 2) && p[0] & L2TP_LENGTH >> 8 ? 4 : 2;
	bool has_id;

	if (walk_has(w, 2) && (p[1] & 15) == 3)
		at = 4;
	has_id = walk_has(w, at + 4);
	layers_add_tunnel(layers, NSC_FLOW_TUNNEL_L2TP, has_id, has_id ? nsc_load32(p + at) : 0);
}

static void layers_add_gre(struct nsc_layers *layers, const struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint16_t flags = walk_has(w, 4) ? nsc_load16(p) : 0;
	uint32_t at = flags & (GRE_CHECKSUM | GRE_ROUTING) ? 8 : 4;
	bool has_id = flags & GRE_KEY && walk_has(w, at + 4);

	layers_add_tunnel(layers, NSC_FLOW_TUNNEL_GRE, has_id, has_id ? nsc_load32(p + at) : 0);
}

/* Behind a UDP header. GRE is noted where its own header stands. */
static void layers_add_udp(struct nsc_layers *layers, const struct walk *w)
{
	static const uint8_t noted[NSC_TUNNEL_COUNT] = {
#define NSC_X(id, name, hop, ports) [NSC_TUNNEL_##id] = NSC_FLOW_TUNNEL_##id,
		NSC_TUNNELS(NSC_X, )
#undef NSC_X
	};
	enum nsc_tunnel tunnel = nsc_decode_tunnel(w->pkt->src_port, w->pkt->dst_port);
	bool has_id;

	switch (tunnel) {
	case NSC_TUNNEL_NONE:
	case NSC_TUNNEL_GRE:
		break;
	case NSC_TUNNEL_VXLAN:
	case NSC_TUNNEL_VXLAN_GPE:
	case NSC_TUNNEL_GENEVE:
		layers_add_network(layers, w, noted[tunnel], 0);
		break;
	case NSC_TUNNEL_LISP:
		layers_add_network(layers, w, noted[tunnel], LISP_INSTANCE);
		break;
	case NSC_TUNNEL_GTP_U:
		has_id = walk_has(w, 8);
		layers_add_tunnel(layers, noted[tunnel], has_id, has_id ? nsc_load32(walk_at(w) + 4) : 0);
		break;
	case NSC_TUNNEL_L2TP:
		layers_add_l2tp(layers, w);
		break;
	default:
		layers_add_tunnel(layers, noted[tunnel], false, 0);
		break;
	}
}

static void layers_add_carrier(struct nsc_layers *layers, const struct walk *w)
{
	bool has_id;

	switch (w->type) {
	case PROTO_IPIP:
		layers_add_tunnel(layers, NSC_FLOW_TUNNEL_IPIP, false, 0);
		break;
	case PROTO_IPV6:
		layers_add_tunnel(layers, NSC_FLOW_TUNNEL_IP6IP, false, 0);
		break;
	case PROTO_ETHERIP:
	case PROTO_ETHERNET:
		layers_add_tunnel(layers, NSC_FLOW_TUNNEL_ETHERIP, false, 0);
		break;
	case PROTO_MPLS:
		layers_add_tunnel(layers, NSC_FLOW_TUNNEL_MPLS, false, 0);
		break;
	case PROTO_L2TP:
		has_id = walk_has(w, 4);
		layers_add_tunnel(layers, NSC_FLOW_TUNNEL_L2TP, has_id, has_id ? nsc_load32(walk_at(w)) : 0);
		break;
	}
}

static void layers_note(struct nsc_layers *layers, const struct walk *w, enum walk_step step)
{
	switch (step) {
	case WALK_ETHERTYPE:
		layers_add_vlan(layers, w);
		break;
	case WALK_IP_PAYLOAD:
		layers_add_carrier(layers, w);
		break;
	case WALK_GRE:
		layers_add_gre(layers, w);
		break;
	case WALK_UDP_TUNNEL:
		layers_add_udp(layers, w);
		break;
	default:
		break;
	}
}

void nsc_decode_layers(const struct nsc_decode_options *options, const struct nsc_packet *pkt,
		       struct nsc_layers *layers)
{
	struct nsc_packet copy = *pkt;
	struct walk w = walk_from_link(options, &copy);
	enum walk_step step = walk_link(&w, pkt->link);

	*layers = (struct nsc_layers){ 0 };
	for (; step != WALK_STOP && walk_may_visit(&w); step = walk_layer(&w, step)) {
		if (w.off == pkt->l3_off && (step == WALK_IP || step == WALK_IPV4 || step == WALK_IPV6))
			return;
		layers_note(layers, &w, step);
	}
}
