/* SPDX-License-Identifier: MIT
 *
 * A filter that changes while two rings are polled by a thread each: every packet that both filters let pass is there,
 * once, and the kernel's count and ours agree in the end.
 */
#include <pthread.h>

#include "tests/unit/backends/sources/live_loopback.h"

enum { RINGS = 2, EXCHANGES = 12, DATAGRAMS = 20 };

enum { PORT_AT = 14 + 20 + 2, PROTO_AT = 14 + 9 }; /* of Ethernet, IPv4 and UDP */

static struct nsc_rx *rx[RINGS];
static uint64_t wanted[RINGS]; /* datagrams that all filters let pass */
static uint64_t others[RINGS];
static bool stop;

static void *run_poller(void *context)
{
	uint32_t i = (uint32_t)(uintptr_t)context;
	static _Thread_local struct nsc_burst burst;

	do {
		nsc_rx_poll(rx[i], &burst);
		for (uint32_t k = 0; k < burst.n; k++) {
			const uint8_t *data = burst.pkt[k].data;
			uint32_t port = (uint32_t)data[PORT_AT] << 8 | data[PORT_AT + 1];
			bool is_wanted = data[PROTO_AT] == IPPROTO_UDP && port == 5001;

			wanted[i] += is_wanted;
			others[i] += !is_wanted;
		}
		nsc_rx_release(rx[i], burst.loan);
		if (burst.state == NSC_RX_IDLE)
			nsc_rx_wait(rx[i], 1000000);
		if (__atomic_load_n(&stop, __ATOMIC_RELAXED))
			nsc_rx_stop(rx[i]);
	} while (burst.state < NSC_RX_END);
	return NULL;
}

/* Datagrams to a port that all filters let pass, from ports that lead to both rings, and to one that some do. */
static uint64_t exchange(uint32_t number)
{
	const char *expression = number % 3 ? "udp dst port 5001" : number % 2 ? "udp" : NULL;
	struct nsc_error error;
	uint64_t sent = 0;
	int refused;

	ck_assert_msg(!nsc_rx_live_filter(rx[number % RINGS], expression, &error), "%s", error.text);
	while (!nsc_rx_live_filtered(rx[0], &refused)) {
		loopback_send((uint16_t)(6000 + sent % 64), 5001, DATAGRAMS, 100);
		loopback_send(6000, 5002, DATAGRAMS, 100);
		sent += DATAGRAMS;
	}
	ck_assert_int_eq(refused, 0);
	return sent;
}

START_TEST(a_filter_changes_under_two_threads)
{
	const struct nsc_live_options options = { .interface = "lo",
						  .filter = "udp dst port 5001",
						  .hold_ms = 20,
						  .rings = RINGS,
						  .buffer_bytes = 64u << 20 };
	uint64_t sent = 0, came = 0, dropped = 0;
	struct nsc_rx_counters counters;
	pthread_t poller[RINGS];
	struct nsc_error error;

	if (!loopback_alone())
		return;
	ck_assert_msg(!nsc_rx_tpacket_open(rx, &options, &error), "%s", error.text);
	for (uintptr_t i = 0; i < RINGS; i++)
		pthread_create(&poller[i], NULL, run_poller, (void *)i);
	for (uint32_t i = 0; i < EXCHANGES; i++)
		sent += exchange(i);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < RINGS; i++)
		pthread_join(poller[i], NULL);
	for (uint32_t i = 0; i < RINGS; i++) {
		ck_assert(loopback_balanced(rx[i], &counters));
		ck_assert_uint_eq(counters.delivered, wanted[i] + others[i]);
		came += wanted[i];
		dropped += counters.kernel_drops;
	}
	ck_assert_uint_le(came, sent);
	ck_assert_uint_ge(came + dropped, sent);
	for (uint32_t i = 0; i < RINGS; i++)
		nsc_rx_close(rx[i]);
}
END_TEST

CHECK_MAIN("filter_stress", a_filter_changes_under_two_threads)
