/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: the first byte picks the link type, the second the options and how much longer the wire was; the rest
 * is the packet. Both paths of decode must agree, and what they say must lie within the packet.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/decode/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check(const struct nsc_packet *p)
{
	require(p->fate < NSC_FATE_COUNT && p->dir <= 1);
	require(p->l3_off <= p->cap_len);
	if (p->fate != NSC_FATE_FLOW) {
		require(p->l4_off == 0 && p->hash == 0 && p->payload_len == 0);
		return;
	}
	require(p->ip_version == 4 || p->ip_version == 6);
	require(p->l4_off >= p->l3_off + (p->ip_version == 4 ? 20 : 40));
	require(p->l4_off + 4u <= p->cap_len);
	require(p->l4_len == 0 || p->l4_len >= 8);
	require(p->payload_len <= p->wire_len || p->payload_len <= p->cap_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct nsc_decode_options options = { .seed = { { 1, 2, 3, 4 } } };
	struct nsc_packet hot = { 0 }, cold;

	if (size < 2)
		return 0;
	options.decap = bytes[1] & 1;
	options.track_sctp = bytes[1] & 2;
	options.track_icmp = bytes[1] & 4;
	hot.link = bytes[0] % NSC_LINK_COUNT;
	hot.data = bytes + 2;
	hot.cap_len = (uint32_t)size - 2;
	hot.wire_len = hot.cap_len + (bytes[1] >> 2) * 20u;
	cold = hot;
	nsc_decode_burst(&options, &hot, 1);
	nsc_decode_cold(&options, &cold);
	require(memcmp(&hot, &cold, sizeof(hot)) == 0);
	check(&hot);
	return 0;
}
