/* SPDX-License-Identifier: MIT
 *
 * A burst of packets to a burst of descriptors: the fast path first, the cold walker for what it refuses.
 */
#include "engine/decode/duplicates.h"
#include "engine/decode/fast.h"
#include "engine/decode/fragments.h"
#include "engine/decode/tenant.h"

enum { PREFETCH_AHEAD = 8 };

static void decode_prefetch(const struct nsc_packet *pkt)
{
	nsc_prefetch(pkt->data);
	nsc_prefetch(pkt->data + NSC_CACHE_LINE);
}

nsc_always_inline void decode_one(const struct nsc_decode_options *options, struct nsc_packet *pkt)
{
	if (nsc_unlikely(!nsc_decode_fast(options, pkt)))
		nsc_decode_cold(options, pkt);
}

/* The link type is asked packet by packet: its line is read anyway, and a pass over the burst beforehand cost more. */
nsc_hot_clones void nsc_decode_burst(const struct nsc_decode_options *options, struct nsc_packet *pkt, uint32_t n)
{
	uint32_t i = 0;

	for (; i + PREFETCH_AHEAD < n; i++) {
		decode_prefetch(&pkt[i + PREFETCH_AHEAD]);
		decode_one(options, &pkt[i]);
	}
	for (; i < n; i++)
		decode_one(options, &pkt[i]);
	if (nsc_unlikely(options->duplicates))
		nsc_duplicates_burst(options, pkt, n);
	if (options->mixed)
		nsc_mixed_burst(options, pkt, n);
}

void nsc_decode_settle(const struct nsc_decode_options *options, struct nsc_packet *pkt, uint32_t n,
		       const struct nsc_decode_notes *notes)
{
	if (options->fragments && notes && notes->n)
		nsc_fragments_catch_up(options, pkt, notes);
	if (options->duplicates)
		nsc_duplicates_burst(options, pkt, n);
	if (options->mixed)
		nsc_mixed_many(options, pkt, n);
}
