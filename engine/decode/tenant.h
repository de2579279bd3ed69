/* SPDX-License-Identifier: MIT
 *
 * Tenants: networks that use the same addresses and are kept apart by VLAN tags or tunnels. With --flow-key these are
 * part of a flow's key; without, a sample of the packets tells whether flows of several tenants were taken for one.
 */
#ifndef NETSCOPE_DECODE_TENANT_H
#define NETSCOPE_DECODE_TENANT_H

#include "engine/base/arena.h"
#include "engine/decode/hash.h"
#include "netscope/counters.h"

/* Of all tags and tunnels in front of pkt->l3_off that options->key asks for: a number of 64 bits, 0 without any. A
 * tag of 0 is a priority and no network. `pkt` has the fate FLOW. Thread: any. Allocates, blocks: never. */
uint64_t nsc_decode_tenant(const struct nsc_decode_options *options, const struct nsc_packet *pkt);

/* The hash of a flow of this tenant, whose other parts of the key have `hash`. */
nsc_always_inline uint32_t nsc_hash_tenant(const struct nsc_hash_seed *seed, uint32_t hash, uint64_t tenant)
{
	if (nsc_likely(!tenant))
		return hash;
	return (uint32_t)nsc_fold_multiply(tenant ^ seed->word[0] ^ hash, seed->word[2] | 1);
}

/* Looks at 64 of each 1024 packets that a thread decodes, so that it costs nothing that can be measured, and only at
 * those with something in front of IP: counts packets whose tags or tunnel ids are others than those of the packet
 * before them in their flow and direction. */
int nsc_mixed_open(struct nsc_mixed **mixed, struct nsc_arena *arena, struct nsc_error *error);
uint64_t nsc_mixed_bytes(void);
void nsc_mixed_burst(const struct nsc_decode_options *options, const struct nsc_packet *pkt, uint32_t n);

/* The same for many packets: those that are not looked at are not touched either. */
void nsc_mixed_many(const struct nsc_decode_options *options, const struct nsc_packet *pkt, uint32_t n);

#endif
