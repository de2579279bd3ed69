/* SPDX-License-Identifier: MIT
 *
 * Rings on a loopback interface of the test's own: exact from the first packet to the last, blocks that are lent stay,
 * a group splits flows and loses none, the count, the clock when nothing comes, what is refused.
 */
#include <errno.h>

#include "backends/sources/live.h"
#include "backends/sources/tpacket.h"
#include "live_loopback.h"

static struct nsc_rx *rx[4];
static struct nsc_error error;
static struct nsc_rx_counters counters;

/* Nobody reads while packets are sent: a block's timer closes it with whatever is in it, so that a short timer and few
 * blocks would make the kernel drop on a busy machine. */
static struct nsc_live_options options(uint32_t rings, const char *filter)
{
	return (struct nsc_live_options){
		.interface = "lo",
		.filter = filter,
		.hold_ms = 200,
		.rings = rings,
		.buffer_bytes = 32u << 20,
	};
}

static void open_rings(const struct nsc_live_options *o)
{
	ck_assert_msg(!nsc_rx_tpacket_open(rx, o, &error), "%s", error.text);
}

/* Loopback shows every packet twice to those who do not look away. */
START_TEST(every_packet_once)
{
	struct nsc_live_options o = options(1, "udp port 5001");
	struct loopback_seen seen = { 0 };

	if (!loopback_alone())
		return;
	loopback_send(6000, 5001, 10, 100); /* before: not ours */
	open_rings(&o);
	loopback_send(6000, 5001, 500, 100);
	loopback_send(6000, 5002, 50, 100);
	loopback_poll(rx[0], &seen, 50);
	nsc_rx_stop(rx[0]);
	loopback_poll(rx[0], &seen, LOOPBACK_PATIENCE_MS);
	ck_assert_uint_eq(seen.state, NSC_RX_END);
	ck_assert(loopback_balanced(rx[0], &counters));
	ck_assert_uint_eq(seen.packets, 500);
	ck_assert_uint_eq(seen.bytes, 500 * 142);
	ck_assert_uint_eq(counters.received + counters.kernel_drops + counters.left, 500);
	ck_assert_uint_eq(counters.kernel_drops + counters.left, 0);
	ck_assert_uint_eq(seen.backwards, 0);
	ck_assert_str_eq(rx[0]->clock, "kernel");
	nsc_rx_close(rx[0]);
}
END_TEST

/* What the kernel holds when the door is shut still comes. */
START_TEST(stop_drains)
{
	struct nsc_live_options o = options(1, "udp port 5001 and ip[9] = 17");
	struct loopback_seen seen = { 0 };

	if (!loopback_alone())
		return;
	open_rings(&o);
	loopback_send(6000, 5001, 300, 10);
	nsc_rx_stop(rx[0]);
	loopback_send(6000, 5001, 300, 10);
	loopback_poll(rx[0], &seen, LOOPBACK_PATIENCE_MS);
	ck_assert_uint_eq(seen.state, NSC_RX_END);
	ck_assert(loopback_balanced(rx[0], &counters));
	ck_assert_uint_eq(seen.packets + counters.kernel_drops + counters.left, 300);
	ck_assert_uint_eq(seen.packets, 300);
	nsc_rx_close(rx[0]);
}
END_TEST

START_TEST(a_group_splits_flows)
{
	struct nsc_live_options o = options(3, "udp dst portrange 5001-5040");
	struct loopback_seen seen[3] = { { 0 } };
	uint64_t packets = 0, lost = 0;

	if (!loopback_alone())
		return;
	open_rings(&o);
	for (uint16_t i = 0; i < 40; i++)
		loopback_send((uint16_t)(6000 + i), (uint16_t)(5001 + i), 25, 100);
	for (unsigned i = 0; i < 3; i++) {
		nsc_rx_stop(rx[i]);
		loopback_poll(rx[i], &seen[i], LOOPBACK_PATIENCE_MS);
		ck_assert(loopback_balanced(rx[i], &counters));
		packets += seen[i].packets;
		lost += counters.kernel_drops + counters.left;
		ck_assert_msg(lost || seen[i].packets % 25 == 0, "a flow is split");
		ck_assert_uint_gt(seen[i].packets, 0);
		ck_assert_uint_eq(counters.nic_drops == NSC_UNKNOWN, i > 0); /* one speaks for the interface */
	}
	ck_assert_uint_eq(packets + lost, 1000);
	ck_assert_uint_eq(lost, 0);
	for (unsigned i = 0; i < 3; i++)
		nsc_rx_close(rx[i]);
}
END_TEST

START_TEST(the_count_is_exact)
{
	struct nsc_live_options o = options(2, "udp dst portrange 5001-5040");
	struct loopback_seen seen[2] = { { 0 } };
	uint64_t received = 0;

	if (!loopback_alone())
		return;
	o.count = 333;
	open_rings(&o);
	for (uint16_t i = 0; i < 40; i++)
		loopback_send((uint16_t)(6000 + i), (uint16_t)(5001 + i), 25, 100);
	while (seen[0].state < NSC_RX_END || seen[1].state < NSC_RX_END)
		for (unsigned i = 0; i < 2; i++)
			loopback_poll(rx[i], &seen[i], 5);
	ck_assert_uint_eq(seen[0].state, NSC_RX_END);
	ck_assert_uint_eq(seen[1].state, NSC_RX_END);
	ck_assert_uint_eq(seen[0].packets + seen[1].packets, 333);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert(loopback_balanced(rx[i], &counters));
		received += counters.received + counters.kernel_drops + counters.left;
		nsc_rx_close(rx[i]);
	}
	ck_assert_uint_eq(received, 1000);
}
END_TEST

/* The ring is small and nobody reads: the kernel drops, and says so. A block that is lent is not written over. */
START_TEST(drops_are_counted_and_loans_stay)
{
	static struct nsc_burst first, burst;
	struct nsc_live_options o = options(1, "udp port 5001");
	struct loopback_seen seen = { 0 };
	uint64_t sum = 0, again = 0;

	if (!loopback_alone())
		return;
	o.buffer_bytes = 1; /* as few blocks as there can be */
	open_rings(&o);
	loopback_send(6000, 5001, 1000, 1000);
	do {
		nsc_rx_poll(rx[0], &first);
	} while (!first.n);
	for (uint32_t i = 0; i < first.n; i++)
		sum += first.pkt[i].data[first.pkt[i].cap_len - 1];
	loopback_send(6000, 5001, 4000, 1000);
	seen.packets = first.n;
	for (unsigned i = 0; i < 200; i++) { /* the first loan stays out */
		nsc_rx_poll(rx[0], &burst);
		seen.packets += burst.n;
	}
	for (uint32_t i = 0; i < first.n; i++)
		again += first.pkt[i].data[first.pkt[i].cap_len - 1];
	ck_assert_uint_eq(sum, again);
	nsc_rx_release(rx[0], burst.loan);
	nsc_rx_stop(rx[0]);
	loopback_poll(rx[0], &seen, LOOPBACK_PATIENCE_MS);
	ck_assert(loopback_balanced(rx[0], &counters));
	ck_assert_uint_eq(seen.packets, counters.delivered);
	ck_assert_uint_gt(counters.kernel_drops, 0);
	ck_assert_uint_eq(counters.kernel_seen, 5000);
	nsc_rx_close(rx[0]);
}
END_TEST

/* Blocks and their timer, for what is asked. A frame fits into a block, however many blocks are wanted. */
static const struct {
	const char *why;
	uint32_t hold_ms, hold_most_ms, rings, snaplen, buffer_mib;
	bool immediate;
	uint32_t blocks, block_kib, timer_ms;
} layouts[] = {
	{ "two seconds as it is", 8, 60, 1, 65535, 0, false, 256, 256, 8 },
	{ "a second as it is", 8, 60, 2, 65535, 0, false, 128, 256, 8 },
	{ "a long timer", 60, 60, 1, 65535, 0, false, 256, 256, 60 },
	{ "more memory, smaller blocks", 1, 60, 1, 65535, 0, false, 1000, 128, 1 },
	{ "smaller blocks", 8, 60, 4, 65535, 0, false, 128, 128, 8 },
	{ "a longer timer", 1, 60, 2, 65535, 0, false, 500, 128, 2 },
	{ "the memory that was asked for", 1, 60, 1, 65535, 64, false, 512, 128, 2 },
	{ "whole frames", 1, 60, 1, 0, 64, false, 256, 256, 4 },
	{ "cut frames", 1, 60, 1, 96, 64, false, 1024, 64, 1 },
	{ "the longest timer", 1, 60, 4, 65535, 4, false, 8, 128, 60 },
	{ "a number", 1, 0, 1, 65535, 4, false, 32, 128, 1 },
	{ "at once", 8, 60, 1, 65535, 4, true, 32, 128, 1 },
	{ "a long number", 200, 60, 1, 65535, 1, false, 8, 128, 200 },
};

START_TEST(blocks_last)
{
	if (!loopback_alone())
		return;
	for (size_t i = 0; i < NSC_ARRAY_LEN(layouts); i++) {
		struct nsc_live_options o = options(layouts[i].rings, NULL);
		const struct nsc_tpacket *t;

		o.hold_ms = layouts[i].hold_ms;
		o.hold_most_ms = layouts[i].hold_most_ms;
		o.snaplen = layouts[i].snaplen;
		o.buffer_bytes = (uint64_t)layouts[i].buffer_mib << 20;
		o.immediate = layouts[i].immediate;
		open_rings(&o);
		t = (const struct nsc_tpacket *)rx[0];
		ck_assert_msg(t->n_blocks == layouts[i].blocks && t->block_bytes == layouts[i].block_kib << 10 &&
				      t->hold_ms == layouts[i].timer_ms,
			      "%s: %u blocks of %u KiB, %u ms", layouts[i].why, t->n_blocks, t->block_bytes >> 10,
			      t->hold_ms);
		ck_assert_uint_eq(t->port.lag_ns, t->hold_ms * 1000000ull + NSC_LIVE_MARGIN_NS);
		for (uint32_t ring = 0; ring < o.rings; ring++)
			nsc_rx_close(rx[ring]);
	}
}
END_TEST

/* Behind the wall clock by the block timer and a margin, at every poll that finds nothing; it never goes back. */
START_TEST(the_clock_goes_on)
{
	struct nsc_live_options o = options(1, NULL);
	struct loopback_seen seen = { 0 };
	uint64_t lag_ns, before_ns, after_ns;

	if (!loopback_alone())
		return;
	o.hold_ms = 2;
	lag_ns = o.hold_ms * 1000000ull + NSC_LIVE_MARGIN_NS;
	open_rings(&o);
	loopback_poll(rx[0], &seen, 50);
	before_ns = loopback_now_ns(CLOCK_REALTIME);
	loopback_poll(rx[0], &seen, 0); /* once */
	after_ns = loopback_now_ns(CLOCK_REALTIME);
	ck_assert_uint_eq(seen.packets, 0);
	ck_assert_uint_eq(seen.backwards, 0);
	ck_assert_uint_ge(seen.last_clock_ns + lag_ns, before_ns);
	ck_assert_uint_le(seen.last_clock_ns + lag_ns, after_ns);
	nsc_rx_close(rx[0]);
}
END_TEST

START_TEST(another_filter)
{
	struct nsc_live_options o = options(1, "udp port 5001");

	if (!loopback_alone())
		return;
	open_rings(&o);
	loopback_exchange(rx[0]);
	nsc_rx_close(rx[0]);
}
END_TEST

/* It is there when the last ring has it. */
START_TEST(another_filter_of_two_rings)
{
	struct nsc_live_options o = options(2, "udp port 5001");
	struct loopback_seen seen = { 0 };
	int refused;

	if (!loopback_alone())
		return;
	open_rings(&o);
	for (uint32_t i = 0; i < 2; i++) {
		const char *expression = i ? NULL : "udp port 5002";

		ck_assert_msg(!nsc_rx_live_filter(rx[1], expression, &error), "%s", error.text);
		loopback_poll(rx[i], &seen, 300);
		ck_assert(!nsc_rx_live_filtered(rx[0], &refused));
		while (!nsc_rx_live_filtered(rx[0], &refused))
			loopback_poll(rx[!i], &seen, 1);
	}
	nsc_rx_close(rx[0]);
	nsc_rx_close(rx[1]);
}
END_TEST

START_TEST(what_is_refused)
{
	struct nsc_live_options o = options(0, NULL);

	ck_assert_int_eq(nsc_rx_tpacket_open(rx, &o, &error), -EINVAL);
	o.rings = NSC_RINGS_MAX + 1;
	ck_assert_int_eq(nsc_rx_tpacket_open(rx, &o, &error), -EINVAL);
	o = options(1, NULL);
	o.interface = "any";
	ck_assert_int_eq(nsc_rx_tpacket_open(rx, &o, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "--backend pcap"));
	o.interface = "no-such-thing";
	ck_assert_int_eq(nsc_rx_tpacket_open(rx, &o, &error), -ENODEV);
	o = options(1, "tcp prot 80");
	ck_assert_int_eq(nsc_rx_tpacket_open(rx, &o, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "tcp prot 80"));
}
END_TEST

CHECK_MAIN("tpacket", every_packet_once, stop_drains, a_group_splits_flows, the_count_is_exact,
	   drops_are_counted_and_loans_stay, blocks_last, the_clock_goes_on, another_filter,
	   another_filter_of_two_rings, what_is_refused)
