/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: packets of one flow, put together. The first byte chooses TCP or UDP; then come packets of 9 bytes: side
 * and flags, sequence number, length, bytes that were kept.
 */
#include <stdlib.h>
#include <string.h>

#include "netscope/follow.h"

enum { PACKET = 9, HEADERS = 40 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void fuzz_demand(bool holds)
{
	if (!holds)
		abort();
}

static void fuzz_add(struct nsc_follow *follow, const uint8_t at[PACKET])
{
	struct nsc_packet pkt = { .tcp_flags = at[0] & 0x3f,
				  .dir = at[0] >> 7,
				  .l4_off = HEADERS - 20,
				  .l4_len = 20,
				  .fate = NSC_FATE_FLOW };
	uint32_t kept = (uint32_t)at[7] << 8 | at[8];
	uint8_t *data;

	memcpy(&pkt.tcp_seq, at + 1, sizeof(pkt.tcp_seq));
	pkt.payload_len = (uint32_t)at[5] << 8 | at[6];
	pkt.cap_len = HEADERS + NSC_MIN(kept, pkt.payload_len);
	data = malloc(pkt.cap_len); /* exactly as long, so that a read behind it is seen */
	fuzz_demand(data);
	memset(data, at[0], pkt.cap_len);
	pkt.data = data;
	nsc_follow_add(follow, &pkt);
	free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct nsc_follow *follow;
	struct nsc_follow_part part;
	struct nsc_follow_numbers n;
	uint64_t read[2] = { 0 }, held[2] = { 0 };
	volatile uint8_t last;

	if (!size || nsc_follow_open(&follow, bytes[0] & 1 ? NSC_PROTO_TCP : NSC_PROTO_UDP, NULL))
		return 0;
	for (size_t i = 1; i + PACKET <= size; i += PACKET)
		fuzz_add(follow, bytes + i);
	nsc_follow_finish(follow);
	while (nsc_follow_next(follow, &part)) {
		fuzz_demand(part.length && part.at == read[part.side]);
		read[part.side] += part.length;
		if (part.kind == NSC_FOLLOW_BYTES) {
			held[part.side] += part.length;
			last = part.bytes[part.length - 1];
		}
	}
	(void)last;
	n = nsc_follow_numbers(follow);
	for (unsigned i = 0; i < 2; i++) {
		fuzz_demand(held[i] <= NSC_FOLLOW_BYTES_MOST && held[i] <= n.side[i].held);
		fuzz_demand(n.side[i].differing <= n.side[i].repeated);
	}
	nsc_follow_close(follow);
	return 0;
}
