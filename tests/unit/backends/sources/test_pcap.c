/* SPDX-License-Identifier: MIT
 *
 * libpcap on a loopback interface of the test's own: exact from the first packet to the last, loans that stay, the
 * count, what is refused.
 */
#include <errno.h>

#include "live_loopback.h"

static struct nsc_rx *rx;
static struct nsc_error error;
static struct nsc_rx_counters counters;

static struct nsc_live_options options(const char *filter)
{
	return (struct nsc_live_options){
		.interface = "lo", .filter = filter, .hold_ms = 200, .buffer_bytes = 32u << 20
	};
}

static void open_pcap(const struct nsc_live_options *o)
{
	ck_assert_msg(!nsc_rx_pcap_open(&rx, o, &error), "%s", error.text);
}

static void every_packet_once_with(bool immediate)
{
	struct nsc_live_options o = options("udp port 5001");
	struct loopback_seen seen = { 0 };

	o.immediate = immediate;
	o.snaplen = 256;                    /* libpcap gives every packet that much room when it delivers at once */
	loopback_send(6000, 5001, 10, 100); /* before: not ours */
	open_pcap(&o);
	loopback_send(6000, 5001, 500, 100);
	loopback_send(6000, 5002, 50, 100);
	loopback_poll(rx, &seen, 50);
	nsc_rx_stop(rx);
	loopback_poll(rx, &seen, LOOPBACK_PATIENCE_MS);
	ck_assert_uint_eq(seen.state, NSC_RX_END);
	ck_assert(loopback_balanced(rx, &counters));
	ck_assert_uint_eq(seen.packets, 500);
	ck_assert_uint_eq(seen.bytes, 500 * 142);
	ck_assert_uint_eq(seen.backwards, 0);
	ck_assert_uint_eq(counters.wire_packets, NSC_UNKNOWN);
	ck_assert(rx->nanoseconds);
	nsc_rx_close(rx);
}

START_TEST(every_packet_once)
{
	if (!loopback_alone())
		return;
	every_packet_once_with(false);
	every_packet_once_with(true);
}
END_TEST

/* Cooked: libpcap makes the link header, and the filter is ours. */
START_TEST(any_interface)
{
	struct nsc_live_options o = options("udp port 5001");
	struct loopback_seen seen = { 0 };

	if (!loopback_alone())
		return;
	o.interface = "any";
	open_pcap(&o);
	loopback_send(6000, 5001, 200, 100);
	loopback_send(6000, 5002, 20, 100);
	nsc_rx_stop(rx);
	loopback_poll(rx, &seen, LOOPBACK_PATIENCE_MS);
	ck_assert(loopback_balanced(rx, &counters));
	ck_assert_uint_eq(seen.packets, 200);
	ck_assert_uint_ge(counters.filtered, 20);
	ck_assert_uint_eq(counters.nic_drops, NSC_UNKNOWN);
	nsc_rx_close(rx);
}
END_TEST

START_TEST(the_count_is_exact)
{
	struct nsc_live_options o = options("udp port 5001");
	struct loopback_seen seen = { 0 };

	if (!loopback_alone())
		return;
	o.count = 77;
	open_pcap(&o);
	loopback_send(6000, 5001, 300, 100);
	loopback_poll(rx, &seen, LOOPBACK_PATIENCE_MS);
	ck_assert_uint_eq(seen.state, NSC_RX_END);
	ck_assert_uint_eq(seen.packets, 77);
	ck_assert(loopback_balanced(rx, &counters));
	ck_assert_uint_eq(counters.left, 223);
	nsc_rx_close(rx);
}
END_TEST

/* Bursts whose loans are out keep their bytes; when all slots are out, nothing comes, and nothing is lost before the
 * kernel's buffer is full. */
START_TEST(loans_stay)
{
	static struct nsc_burst held[128];
	struct nsc_live_options o = options("udp port 5001");
	struct loopback_seen seen = { 0 };
	unsigned bursts = 0, wrong = 0;

	if (!loopback_alone())
		return;
	o.hold_ms = 5; /* a burst for each packet or two */
	open_pcap(&o);
	for (unsigned i = 0; i < 128 && bursts < 128; i++) {
		loopback_send((uint16_t)(6000 + i), 5001, 2, 10 + i);
		for (unsigned look = 0; look < 20 && bursts < 128; look++) {
			nsc_rx_poll(rx, &held[bursts]);
			bursts += held[bursts].n > 0;
			if (held[bursts].state == NSC_RX_IDLE)
				nsc_rx_wait(rx, 1000000);
		}
	}
	for (unsigned i = 0; i < bursts; i++)
		for (uint32_t j = 0; j < held[i].n; j++)
			wrong += (uint32_t)held[i].pkt[j].data[38] << 8 != ((held[i].pkt[j].wire_len - 34) & 0xff00) ||
				 held[i].pkt[j].data[39] != ((held[i].pkt[j].wire_len - 34) & 0xff);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_lt(bursts, 65);
	nsc_rx_release(rx, UINT64_MAX);
	nsc_rx_stop(rx);
	loopback_poll(rx, &seen, LOOPBACK_PATIENCE_MS);
	ck_assert(loopback_balanced(rx, &counters));
	ck_assert_uint_eq(counters.kernel_seen, 256);
	nsc_rx_close(rx);
}
END_TEST

START_TEST(another_filter)
{
	struct nsc_live_options o = options("udp port 5001");

	if (!loopback_alone())
		return;
	open_pcap(&o);
	loopback_exchange(rx);
	nsc_rx_close(rx);
}
END_TEST

START_TEST(what_is_refused)
{
	struct nsc_live_options o = options(NULL);

	o.interface = "no-such-thing";
	ck_assert_int_eq(nsc_rx_pcap_open(&rx, &o, &error), -ENODEV);
	ck_assert_ptr_nonnull(strstr(error.text, "no-such-thing"));
	if (!loopback_alone())
		return;
	o = options("tcp prot 80");
	ck_assert_int_eq(nsc_rx_pcap_open(&rx, &o, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "tcp prot 80"));
	o = options(NULL);
	o.stamps = NSC_STAMPS_HARDWARE;
	ck_assert_int_lt(nsc_rx_pcap_open(&rx, &o, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "hardware"));
}
END_TEST

CHECK_MAIN("live pcap", every_packet_once, any_interface, the_count_is_exact, loans_stay, another_filter,
	   what_is_refused)
