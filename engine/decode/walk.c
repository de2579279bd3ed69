/* SPDX-License-Identifier: MIT
 *
 * The loop of the cold walker. It ends after WALK_VISITS_MAX steps at the latest.
 */
#include "engine/decode/walk.h"

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
	}
	return WALK_STOP;
}

__attribute__((noinline)) void nsc_decode_cold(const struct nsc_decode_options *options, struct nsc_packet *pkt)
{
	struct walk w = {
		.options = options,
		.pkt = pkt,
		.data = pkt->data,
		.wire_end = NSC_MAX(pkt->wire_len, pkt->cap_len), /* what was captured was on the wire */
		.cap_end = pkt->cap_len,
	};
	enum walk_step step;

	walk_clear_result(pkt);
	step = walk_link(&w);
	while (step != WALK_STOP)
		step = walk_may_visit(&w) ? walk_layer(&w, step) : walk_stop_limit(&w);
}
