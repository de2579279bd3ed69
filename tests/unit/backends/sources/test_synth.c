/* SPDX-License-Identifier: MIT
 *
 * Unit tests of backends/sources/synth.c: bursts, loans, counters, the end.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "netscope/rx.h"

#define MANY_BURSTS 2000u /* more than there are loans */

static struct nsc_synth_options some(uint64_t packets)
{
	struct nsc_synth_options options;

	nsc_synth_defaults(&options);
	options.packets = packets;
	options.flows = 100;
	return options;
}

static struct nsc_rx *open_synth(const struct nsc_synth_options *options)
{
	struct nsc_error error;
	struct nsc_rx *rx = NULL;

	ck_assert_msg(nsc_rx_synth_open(&rx, options, &error) == 0, "%s", error.text);
	return rx;
}

static uint64_t hash_packet(const struct nsc_packet *packet)
{
	uint64_t hash = packet->ts_ns ^ packet->wire_len;

	for (uint32_t i = 0; i < packet->cap_len; i++)
		hash = (hash ^ packet->data[i]) * 0x100000001b3ull;
	return hash;
}

static uint64_t hash_burst(const struct nsc_burst *burst)
{
	uint64_t hash = 0;

	for (uint32_t i = 0; i < burst->n; i++)
		hash = hash * 31 + hash_packet(&burst->pkt[i]);
	return hash;
}

START_TEST(test_defaults)
{
	struct nsc_synth_options options;

	memset(&options, 0xff, sizeof(options));
	nsc_synth_defaults(&options);
	ck_assert_uint_eq(options.seed, 1);
	ck_assert_uint_eq(options.packets, 0);
	ck_assert_uint_eq(options.flows, 1000);
	ck_assert(options.rate_pps == 1e6);
	ck_assert_uint_eq(options.start_ns, 1700000000ull * NSC_NS_PER_SEC);
	ck_assert_uint_eq(options.payload_max, 1400);
	ck_assert(options.tcp_share == 0.8 && options.ipv6_share == 0.1 && options.vlan_share == 0.05);
	ck_assert(options.fragment_share == 0 && options.loss == 0 && options.reorder == 0);
	ck_assert(options.handshake);
	ck_assert_uint_eq(options.rtt_us, 1000);
}
END_TEST

START_TEST(test_is_an_offline_source)
{
	struct nsc_synth_options options = some(1);
	struct nsc_rx *rx = open_synth(&options);

	ck_assert_str_eq(rx->ops->name, "synth");
	ck_assert(!rx->live);
	ck_assert(!rx->decoded);
	nsc_rx_close(rx);
}
END_TEST

START_TEST(test_count_and_end)
{
	static const uint64_t counts[] = { 1, 63, 64, 65, 1000 };
	struct nsc_synth_options options = some(counts[_i]);
	struct nsc_rx *rx = open_synth(&options);
	struct nsc_rx_counters counters;
	uint64_t packets = 0, bytes = 0, polls = 0, last_ns = 0, backwards = 0;
	struct nsc_burst burst;

	do {
		nsc_rx_poll(rx, &burst);
		for (uint32_t i = 0; i < burst.n; i++) {
			bytes += burst.pkt[i].wire_len;
			backwards += burst.pkt[i].ts_ns < last_ns || burst.pkt[i].clock_ns != burst.pkt[i].ts_ns;
			last_ns = burst.pkt[i].ts_ns;
			ck_assert_uint_eq(burst.pkt[i].link, NSC_LINK_ETHERNET);
		}
		packets += burst.n;
		ck_assert_uint_eq(burst.clock_ns, last_ns);
		nsc_rx_release(rx, burst.loan);
	} while (burst.state == NSC_RX_MORE && ++polls < 100);
	ck_assert_uint_eq(burst.state, NSC_RX_END);
	ck_assert_uint_eq(packets, counts[_i]);
	ck_assert_uint_eq(polls, (counts[_i] - 1) / NSC_BURST_MAX);
	ck_assert_uint_eq(backwards, 0);
	nsc_rx_poll(rx, &burst);
	ck_assert_uint_eq(burst.n, 0);
	ck_assert_uint_eq(burst.state, NSC_RX_END);
	rx->ops->counters(rx, &counters);
	ck_assert_uint_eq(counters.received, packets);
	ck_assert_uint_eq(counters.delivered, packets);
	ck_assert_uint_eq(counters.received_bytes, bytes);
	ck_assert_uint_eq(counters.filtered, 0);
	ck_assert_uint_eq(counters.ts_backwards, 0);
	ck_assert_uint_eq(counters.kernel_drops, NSC_UNKNOWN);
	ck_assert_uint_eq(counters.file_size, NSC_UNKNOWN);
	nsc_rx_close(rx);
}
END_TEST

/* All loans out: idle. While they are out nobody writes into them; a release makes room for exactly as many. */
START_TEST(test_loans_are_kept)
{
	struct nsc_synth_options options = some(0);
	struct nsc_burst *bursts = calloc(MANY_BURSTS, sizeof(*bursts)), extra;
	uint64_t *hashes = calloc(MANY_BURSTS, sizeof(*hashes));
	uint32_t n = 0, changed = 0, again = 0;
	struct nsc_rx *rx;

	ck_assert(bursts && hashes);
	options.payload_max = 64;
	rx = open_synth(&options);
	for (; n < MANY_BURSTS; n++) {
		nsc_rx_poll(rx, &bursts[n]);
		if (bursts[n].n == 0)
			break;
		ck_assert_uint_eq(bursts[n].loan, n + 1);
		hashes[n] = hash_burst(&bursts[n]);
	}
	ck_assert_uint_ge(n, 16);
	ck_assert_uint_le(n, 1024);
	ck_assert_uint_eq(bursts[n].state, NSC_RX_IDLE);
	ck_assert_uint_eq(bursts[n].loan, n);
	nsc_rx_release(rx, 5);
	for (nsc_rx_poll(rx, &extra); extra.n; nsc_rx_poll(rx, &extra))
		again++;
	ck_assert_uint_eq(again, 5);
	for (uint32_t i = 5; i < n; i++)
		changed += hash_burst(&bursts[i]) != hashes[i];
	ck_assert_uint_eq(changed, 0);
	nsc_rx_close(rx);
	free(bursts);
	free(hashes);
}
END_TEST

/* However the loans are held, the packets are the same. */
START_TEST(test_loans_do_not_change_packets)
{
	struct nsc_synth_options options = some(30000);
	struct nsc_rx *inline_rx = open_synth(&options), *lanes_rx = open_synth(&options);
	struct nsc_burst one, other;
	uint32_t differ = 0, bursts = 0;

	do {
		nsc_rx_poll(inline_rx, &one);
		nsc_rx_poll(lanes_rx, &other);
		differ += hash_burst(&one) != hash_burst(&other) || one.n != other.n;
		nsc_rx_release(inline_rx, one.loan);
		if (other.loan > 7)
			nsc_rx_release(lanes_rx, other.loan - 7);
		bursts++;
	} while (one.state == NSC_RX_MORE);
	ck_assert_uint_eq(bursts, 469);
	ck_assert_uint_eq(differ, 0);
	nsc_rx_close(inline_rx);
	nsc_rx_close(lanes_rx);
}
END_TEST

START_TEST(test_release_beyond_what_is_lent)
{
	struct nsc_synth_options options = some(0);
	struct nsc_rx *rx = open_synth(&options);
	struct nsc_burst burst;
	uint32_t n = 0;

	nsc_rx_release(rx, 1000);
	for (nsc_rx_poll(rx, &burst); burst.n; nsc_rx_poll(rx, &burst))
		n++;
	ck_assert_uint_le(n, 1024);
	nsc_rx_close(rx);
}
END_TEST

START_TEST(test_snaplen)
{
	struct nsc_synth_options options = some(1000);
	struct nsc_rx_counters counters;
	uint32_t snapped = 0, bad = 0;
	struct nsc_burst burst;
	struct nsc_rx *rx;

	options.snaplen = 100;
	rx = open_synth(&options);
	do {
		nsc_rx_poll(rx, &burst);
		for (uint32_t i = 0; i < burst.n; i++) {
			bad += burst.pkt[i].cap_len != NSC_MIN(burst.pkt[i].wire_len, 100u);
			snapped += burst.pkt[i].wire_len > 100;
		}
		nsc_rx_release(rx, burst.loan);
	} while (burst.state == NSC_RX_MORE);
	rx->ops->counters(rx, &counters);
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_gt(snapped, 100);
	ck_assert_uint_eq(counters.snapped, snapped);
	nsc_rx_close(rx);
}
END_TEST

START_TEST(test_bad_options)
{
	struct nsc_synth_options options = some(1);
	struct nsc_error error = { "" };
	struct nsc_rx *rx = NULL;

	options.flows = 0;
	ck_assert_int_eq(nsc_rx_synth_open(&rx, &options, &error), -22);
	ck_assert_str_eq(error.text, "synthetic traffic: flows is 0, must be between 1 and 67108864");
	ck_assert_ptr_null(rx);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/synth");
	TCase *tcase = tcase_create("synth");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_defaults);
	tcase_add_test(tcase, test_is_an_offline_source);
	tcase_add_loop_test(tcase, test_count_and_end, 0, 5);
	tcase_add_test(tcase, test_loans_are_kept);
	tcase_add_test(tcase, test_loans_do_not_change_packets);
	tcase_add_test(tcase, test_release_beyond_what_is_lent);
	tcase_add_test(tcase, test_snaplen);
	tcase_add_test(tcase, test_bad_options);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
