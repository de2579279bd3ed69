/* SPDX-License-Identifier: MIT
 *
 * What stands in front of the IP header that keys a flow: VLAN tags, and the tunnels that decap opened. Decode passes
 * them without a note, for a packet has no room for them; whoever begins a flow asks again.
 */
#ifndef NETSCOPE_DECODE_LAYERS_H
#define NETSCOPE_DECODE_LAYERS_H

#include "netscope/decode.h"
#include "netscope/flow.h"

struct nsc_layers { /* outermost first */
	uint8_t n_vlans;
	uint8_t n_tunnels;               /* all of them; those beyond NSC_TUNNELS_MAX are not kept */
	uint8_t tunnel[NSC_TUNNELS_MAX]; /* enum nsc_flow_tunnel, with NSC_FLOW_TUNNEL_HAS_ID */
	uint16_t vlan[NSC_VLANS_MAX];
	uint32_t tunnel_id[NSC_TUNNELS_MAX];
};

/* Tags and tunnels in front of pkt->l3_off. `pkt` was decoded with these options; its bytes may be read. Walks as
 * decode does: bounded, for any bytes. Thread: any. Allocates, blocks: never. */
void nsc_decode_layers(const struct nsc_decode_options *options, const struct nsc_packet *pkt,
		       struct nsc_layers *layers);

#endif
