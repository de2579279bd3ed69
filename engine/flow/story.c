/* SPDX-License-Identifier: MIT
 *
 * What is noted once, when a flow begins.
 */
#include "engine/decode/layers.h"
#include "engine/decode/numbers.h"
#include "engine/decode/tenant.h"
#include "engine/flow/internal.h"

static void story_set_vlans(struct flow_story *story, const uint16_t *vlan, unsigned n)
{
	uint64_t tags = 0;

	for (unsigned i = 0; i < n; i++)
		tags |= (uint64_t)vlan[i] << (12 * i);
	story->n_vlans = n & 7;
	story->vlan_low = (uint32_t)tags;
	story->vlan_high = (uint16_t)(tags >> 32);
}

/* Ethernet, one tag, IP: no need to walk. */
static bool story_is_tagged_once(const struct nsc_packet *pkt)
{
	uint16_t type = nsc_load16(pkt->data + 12);

	return pkt->link == NSC_LINK_ETHERNET && pkt->l3_off == 18 &&
	       (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD);
}

uint64_t flow_tenant(const struct nsc_flow_table *t, const struct nsc_packet *pkt)
{
	const struct nsc_decode_options options = { .decap = t->decap, .track_sctp = true, .key = t->key };

	return nsc_decode_tenant(&options, pkt);
}

void flow_note_layers(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt)
{
	const struct nsc_decode_options options = { .seed = t->seed, .decap = t->decap, .track_sctp = true };
	struct nsc_layers layers;
	uint16_t vlan;

	if (story_is_tagged_once(pkt)) {
		vlan = nsc_load16(pkt->data + 14) & 0xfff;
		story_set_vlans(&t->story[id], &vlan, 1);
		return;
	}
	nsc_decode_layers(&options, pkt, &layers);
	story_set_vlans(&t->story[id], layers.vlan, layers.n_vlans);
	if (!t->tunnels)
		return;
	t->tunnels[id].n = layers.n_tunnels;
	memcpy(t->tunnels[id].kind, layers.tunnel, sizeof(layers.tunnel));
	memcpy(t->tunnels[id].id, layers.tunnel_id, sizeof(layers.tunnel_id));
}
