/* SPDX-License-Identifier: MIT
 *
 * A burst of packets to a burst of descriptors: the fast path first, the cold walker for what it refuses.
 */
#include "engine/decode/fast.h"

enum { PREFETCH_AHEAD = 8 };

static void prefetch_header(const struct nsc_packet *pkt)
{
	nsc_prefetch(pkt->data);
	nsc_prefetch(pkt->data + NSC_CACHE_LINE);
}

static __attribute__((noinline)) void decode_burst_ethernet(const struct nsc_decode_options *options,
							     struct nsc_packet *pkt, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		prefetch_header(&pkt[NSC_MIN(i + PREFETCH_AHEAD, n - 1)]);
		if (nsc_unlikely(!nsc_decode_fast(options, &pkt[i])))
			nsc_decode_cold(options, &pkt[i]);
	}
}

static __attribute__((noinline)) void decode_burst_cold(const struct nsc_decode_options *options,
							 struct nsc_packet *pkt, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		prefetch_header(&pkt[NSC_MIN(i + PREFETCH_AHEAD, n - 1)]);
		nsc_decode_cold(options, &pkt[i]);
	}
}

static bool is_all_ethernet(const struct nsc_packet *pkt, uint32_t n)
{
	uint32_t other = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		other |= pkt[i].link ^ NSC_LINK_ETHERNET;
	return other == 0;
}

void nsc_decode_burst(const struct nsc_decode_options *options, struct nsc_packet *pkt, uint32_t n)
{
	if (nsc_likely(is_all_ethernet(pkt, n)))
		decode_burst_ethernet(options, pkt, n);
	else
		decode_burst_cold(options, pkt, n);
}
