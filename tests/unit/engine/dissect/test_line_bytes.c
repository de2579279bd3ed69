/* SPDX-License-Identifier: MIT
 *
 * nsc_dissect_line_bytes: a copy of just these bytes gives the same line, and common packets need little more than
 * headers. Each copy ends at the end of its memory, so that AddressSanitizer sees a byte too many.
 */
#include "netscope/dissect.h"
#include "netscope/rx.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

enum { PACKETS = 30000 };

static struct nsc_dissection tree;
static struct nsc_burst burst;

static bool same_line(const struct nsc_packet *pkt, uint32_t bytes)
{
	static char whole[NSC_LINE_MAX], part[NSC_LINE_MAX];
	size_t n = nsc_dissect_line(pkt, 7, &tree, whole, sizeof(whole)), m;
	struct nsc_packet copy = *pkt;
	uint8_t *memory = malloc(bytes ? bytes : 1);

	memcpy(memory, pkt->data, bytes);
	copy.data = memory;
	copy.cap_len = bytes;
	m = nsc_dissect_line(&copy, 7, &tree, part, sizeof(part));
	free(memory);
	return n == m && !memcmp(whole, part, n);
}

static void check_traffic(uint32_t snaplen)
{
	uint64_t packets = 0, captured = 0, wanted = 0, wrong = 0;
	struct nsc_synth_options options;
	struct nsc_error error;
	struct nsc_rx *rx;

	nsc_synth_defaults(&options);
	options.packets = PACKETS;
	options.ipv6_share = 0.3;
	options.fragment_share = 0.2;
	options.snaplen = snaplen;
	ck_assert_int_eq(nsc_rx_synth_open(&rx, &options, &error), 0);
	do {
		nsc_rx_poll(rx, &burst);
		for (uint32_t i = 0; i < burst.n; i++) {
			uint32_t bytes = nsc_dissect_line_bytes(&burst.pkt[i]);

			packets++;
			captured += burst.pkt[i].cap_len;
			wanted += bytes;
			wrong += bytes > burst.pkt[i].cap_len || !same_line(&burst.pkt[i], bytes);
		}
		nsc_rx_release(rx, burst.loan);
	} while (burst.state == NSC_RX_MORE);
	nsc_rx_close(rx);
	ck_assert_uint_eq(packets, PACKETS);
	ck_assert_uint_eq(wrong, 0);
	if (!snaplen)
		ck_assert_uint_lt(wanted, captured / 3);
}

START_TEST(whole_packets)
{
	check_traffic(0);
}
END_TEST

START_TEST(cut_packets)
{
	check_traffic(60);
	check_traffic(41);
}
END_TEST

CHECK_MAIN("dissect/line_bytes", whole_packets, cut_packets)
