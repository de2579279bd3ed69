/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: the first byte picks the link type, the second how much longer the wire was, the third the room of the
 * views; the rest is the packet.
 */
#include "tests/fuzz/dissect.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct nsc_packet pkt = { 0 };

	if (size < 3)
		return 0;
	pkt.link = bytes[0] % NSC_LINK_COUNT;
	pkt.data = bytes + 3;
	pkt.cap_len = (uint32_t)size - 3;
	pkt.wire_len = pkt.cap_len + bytes[1] * 20u;
	fuzz_packet(&pkt, bytes[2] == 255 ? 1 << 18 : bytes[2] * 64u);
	return 0;
}
