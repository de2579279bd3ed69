/* SPDX-License-Identifier: MIT */
#include "engine/decode/tenant.h"

#include <errno.h>

#include "engine/decode/layers.h"
#include "engine/decode/numbers.h"

enum { MIXED_PLACES = 256, MIXED_PERIOD = 1024, MIXED_LOOKED_AT = 64 };

struct mixed_flow { /* the last packet of one direction of a flow */
	uint32_t hash;
	uint32_t ports;
	uint32_t vlans, tunnels;
};

struct nsc_mixed {
	alignas(NSC_CACHE_LINE) uint32_t seen; /* packets, modulo 2^32 */
	alignas(NSC_CACHE_LINE) struct mixed_flow flow[MIXED_PLACES];
};

static uint64_t tenant_add(uint64_t tenant, uint64_t what)
{
	return nsc_fold_multiply(tenant ^ 0x9e3779b97f4a7c15, what ^ 0xd6e8feb86659fd93) | 1;
}

static uint64_t tenant_of_vlans(const struct nsc_layers *layers)
{
	uint64_t tenant = 0;

	for (unsigned i = 0; i < layers->n_vlans; i++)
		if (layers->vlan[i])
			tenant = tenant_add(tenant, layers->vlan[i]);
	return tenant;
}

static uint64_t tenant_of_tunnels(const struct nsc_layers *layers)
{
	uint64_t tenant = 0;

	for (unsigned i = 0; i < NSC_MIN(layers->n_tunnels, NSC_TUNNELS_MAX); i++)
		tenant = tenant_add(tenant, (uint64_t)layers->tunnel[i] << 32 | layers->tunnel_id[i]);
	return tenant;
}

static bool tenant_has_layers(const struct nsc_packet *pkt)
{
	return pkt->l3_off && (pkt->l3_off != 14 || pkt->link != NSC_LINK_ETHERNET);
}

/* Ethernet, one tag, IP: no need to walk. */
static void tenant_layers(const struct nsc_decode_options *options, const struct nsc_packet *pkt,
			  struct nsc_layers *layers)
{
	if (pkt->link == NSC_LINK_ETHERNET && pkt->l3_off == 18 && nsc_load16(pkt->data + 12) == ETHERTYPE_VLAN)
		*layers = (struct nsc_layers){ .n_vlans = 1, .vlan = { nsc_load16(pkt->data + 14) & 0xfff } };
	else
		nsc_decode_layers(options, pkt, layers);
}

uint64_t nsc_decode_tenant(const struct nsc_decode_options *options, const struct nsc_packet *pkt)
{
	struct nsc_layers layers;
	uint64_t tenant = 0;

	if (!tenant_has_layers(pkt))
		return 0;
	tenant_layers(options, pkt, &layers);
	if (options->key & NSC_KEY_VLAN)
		tenant = tenant_of_vlans(&layers);
	if (options->key & NSC_KEY_TUNNEL && layers.n_tunnels)
		tenant = tenant_add(tenant, tenant_of_tunnels(&layers));
	return tenant;
}

/* --- under the default key -------------------------------------------------------------------- */

uint64_t nsc_mixed_bytes(void)
{
	return sizeof(struct nsc_mixed);
}

int nsc_mixed_open(struct nsc_mixed **mixed, struct nsc_arena *arena, struct nsc_error *error)
{
	*mixed = nsc_arena_alloc(arena, sizeof(**mixed));
	return *mixed ? 0 : nsc_fail(error, -ENOMEM, "no memory for a sample of flows");
}

static void mixed_look_at(const struct nsc_decode_options *options, const struct nsc_packet *pkt)
{
	struct mixed_flow *flow = &options->mixed->flow[(pkt->hash ^ pkt->dir) % MIXED_PLACES], now;
	struct nsc_layers layers;

	tenant_layers(options, pkt, &layers);
	now = (struct mixed_flow){ .hash = pkt->hash,
				   .ports = (uint32_t)pkt->src_port << 16 | pkt->dst_port,
				   .vlans = (uint32_t)tenant_of_vlans(&layers),
				   .tunnels = (uint32_t)tenant_of_tunnels(&layers) };
	if (flow->hash == now.hash && flow->ports == now.ports) {
		nsc_count(options->counters, NSC_C_FLOW_MIXED_VLANS, flow->vlans != now.vlans);
		nsc_count(options->counters, NSC_C_FLOW_MIXED_TUNNELS, flow->tunnels != now.tunnels);
	}
	*flow = now;
}

void nsc_mixed_burst(const struct nsc_decode_options *options, const struct nsc_packet *pkt, uint32_t n)
{
	uint32_t at = options->mixed->seen % MIXED_PERIOD;

	options->mixed->seen += n;
	if (nsc_likely(at >= MIXED_LOOKED_AT && at + n <= MIXED_PERIOD))
		return;
	for (uint32_t i = 0; i < n; i++)
		if ((at + i) % MIXED_PERIOD < MIXED_LOOKED_AT && pkt[i].fate == NSC_FATE_FLOW &&
		    tenant_has_layers(&pkt[i]))
			mixed_look_at(options, &pkt[i]);
}

/* A piece is looked at as a whole, or not at all. */
void nsc_mixed_many(const struct nsc_decode_options *options, const struct nsc_packet *pkt, uint32_t n)
{
	for (uint32_t piece; n; n -= piece, pkt += piece) {
		uint32_t at = options->mixed->seen % MIXED_PERIOD;

		piece = NSC_MIN(n, (at < MIXED_LOOKED_AT ? MIXED_LOOKED_AT : MIXED_PERIOD) - at);
		nsc_mixed_burst(options, pkt, piece);
	}
}
