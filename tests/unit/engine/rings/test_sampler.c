/* SPDX-License-Identifier: MIT
 *
 * Samples: which packets are taken, whole or cut, in order; what is missed is counted and nothing waits.
 */
#include "engine/rings/sampler.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_arena *arena;
static struct nsc_sampler *sampler;
static struct nsc_counters counters;
static struct nsc_rx rx = { .linktype = { [NSC_LINK_ETHERNET] = 1 } };
static uint8_t bytes[4096];

static void open_sampler(uint32_t every, uint32_t most)
{
	struct nsc_error error;

	memset(&counters, 0, sizeof(counters));
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 + (i >> 8));
	ck_assert_int_eq(nsc_arena_open(&arena, &error), 0);
	ck_assert_int_eq(nsc_sampler_open(&sampler, arena, every, most, &error), 0);
}

static uint32_t length_of(uint64_t number)
{
	return (uint32_t)(number * 7919 % 1500);
}

/* Packets number first + 1 ... first + n of the run. */
static void send_burst(uint64_t first, uint32_t n)
{
	struct nsc_packet pkt[NSC_BURST_MAX];

	for (uint32_t i = 0; i < n; i++)
		pkt[i] = (struct nsc_packet){ .data = bytes + (first + i + 1) % 1000,
					      .ts_ns = first + i + 1,
					      .cap_len = length_of(first + i + 1),
					      .wire_len = 2000,
					      .fate = NSC_FATE_FLOW };
	nsc_sampler_burst(sampler, &rx, pkt, n, &counters);
}

static uint64_t last_number;

/* Takes all that has come; the number of samples, or a failure. */
static uint32_t take(uint32_t most)
{
	const struct nsc_packet_chunk *chunk;
	uint32_t n = 0, wrong = 0;

	while ((chunk = nsc_channel_receive(sampler->channel))) {
		const struct nsc_packet_record *record = nsc_packet_first(chunk);

		for (uint32_t i = 0; i < chunk->n; i++, n++, record = nsc_packet_next(record)) {
			wrong += record->number <= last_number || record->ts_ns != record->number ||
				 record->cap_len != length_of(record->number) || record->wire_len != 2000 ||
				 record->len != NSC_MIN(record->cap_len, most) ||
				 memcmp(nsc_packet_bytes(record), bytes + record->number % 1000, record->len);
			last_number = record->number;
		}
		nsc_channel_give_back(sampler->channel, chunk);
	}
	ck_assert_uint_eq(wrong, 0);
	return n;
}

START_TEST(takes_every_nth)
{
	static const uint32_t every[] = { 1, 2, 3, 64, 65, 1000 };
	uint64_t sent = 0;
	uint32_t taken = 0;

	open_sampler(every[_i], 256);
	last_number = 0;
	for (uint32_t round = 0; round < 300; round++) {
		send_burst(sent, round * 37 % 65);
		sent += round * 37 % 65;
		if (round % 3 == 0)
			nsc_sampler_flush(sampler);
		taken += take(256);
	}
	nsc_sampler_flush(sampler);
	taken += take(256);
	ck_assert_uint_eq(taken, (sent + every[_i] - 1) / every[_i]);
	ck_assert_uint_eq(counters.value[NSC_C_SAMPLE_PACKETS], taken);
	ck_assert_uint_eq(counters.value[NSC_C_SAMPLE_MISSED], 0);
	nsc_arena_close(arena);
}
END_TEST

/* Nobody takes them: the chunks fill up, the rest is counted; afterwards it goes on. */
START_TEST(misses_and_counts)
{
	uint64_t sent = 0;
	uint32_t taken;

	open_sampler(3, 100);
	last_number = 0;
	for (; sent < 200000; sent += 50)
		send_burst(sent, 50);
	ck_assert_uint_gt(counters.value[NSC_C_SAMPLE_MISSED], 0);
	ck_assert_uint_eq(counters.value[NSC_C_SAMPLE_PACKETS] + counters.value[NSC_C_SAMPLE_MISSED], (sent + 2) / 3);
	nsc_sampler_flush(sampler);
	taken = take(100);
	ck_assert_uint_eq(taken, counters.value[NSC_C_SAMPLE_PACKETS]);
	ck_assert_uint_le(taken * 32ull, nsc_sampler_memory(100));
	send_burst(sent, 50);
	nsc_sampler_flush(sampler);
	ck_assert_uint_ge(take(100), 16);
	nsc_arena_close(arena);
}
END_TEST

/* --- filters: packets of odd number are UDP to port 53, others TCP to 443 ----------------------- */

static uint8_t frame[64];

static void send_flows(uint64_t first, uint32_t n)
{
	struct nsc_packet pkt[NSC_BURST_MAX];

	for (uint32_t i = 0; i < n; i++) {
		bool odd = (first + i + 1) % 2;

		pkt[i] = (struct nsc_packet){ .data = frame,
					      .ts_ns = first + i + 1,
					      .cap_len = 60,
					      .wire_len = 60,
					      .l3_off = 14,
					      .ip_version = 4,
					      .ip_proto = odd ? NSC_PROTO_UDP : NSC_PROTO_TCP,
					      .src_port = 1000,
					      .dst_port = odd ? 53 : 443,
					      .fate = i % 16 == 15 ? NSC_FATE_ARP : NSC_FATE_FLOW };
	}
	nsc_sampler_look(sampler);
	if (sampler->filter.mode == NSC_SAMPLE_ALL)
		nsc_sampler_burst(sampler, &rx, pkt, n, &counters);
	else /* terms on ends only: there is no table */
		nsc_sampler_burst_of_flows(sampler, NULL, 0, &rx, pkt, n, &counters);
}

static void set_filter(enum nsc_sample_mode mode, const char *text, uint32_t every)
{
	struct nsc_sample_filter *filter = nsc_channel_acquire(sampler->filters);
	const struct nsc_sample_text said = { .filter = text, .filter_length = strlen(text), .every = every };

	ck_assert_ptr_nonnull(filter);
	if (text[0])
		ck_assert_int_eq(nsc_sample_filter_parse(filter, &said, NULL), 0);
	filter->mode = (uint8_t)mode;
	nsc_channel_send(sampler->filters, filter);
	ck_assert_ptr_null(nsc_channel_acquire(sampler->filters)); /* it does not hold yet */
}

/* Samples that are there; *odd: those of odd number. */
static uint32_t take_flows(uint32_t *odd)
{
	const struct nsc_packet_chunk *chunk;
	uint32_t n = 0;

	*odd = 0;
	while ((chunk = nsc_channel_receive(sampler->channel))) {
		const struct nsc_packet_record *record = nsc_packet_first(chunk);

		for (uint32_t i = 0; i < chunk->n; i++, n++, record = nsc_packet_next(record)) {
			ck_assert_uint_eq(record->number, record->ts_ns);
			*odd += record->number % 2;
		}
		nsc_channel_give_back(sampler->channel, chunk);
	}
	return n;
}

START_TEST(takes_what_a_filter_lets_through)
{
	uint32_t odd;

	open_sampler(1000, 256);
	set_filter(NSC_SAMPLE_FLOWS, "udp port:53", 1);
	send_flows(0, 64); /* 32 of UDP, 4 packets without a flow, which are of even number */
	ck_assert_uint_eq(take_flows(&odd), 32);
	ck_assert_uint_eq(odd, 32);
	ck_assert_uint_eq(counters.value[NSC_C_SAMPLE_MATCHED], 32);
	set_filter(NSC_SAMPLE_FLOWS, "port:443", 7);
	send_flows(64, 64);
	ck_assert_uint_eq(take_flows(&odd), 4);
	ck_assert_uint_eq(odd, 0);
	ck_assert_uint_eq(counters.value[NSC_C_SAMPLE_MATCHED], 60);
	ck_assert_uint_eq(counters.value[NSC_C_SAMPLE_PACKETS], 36);
	set_filter(NSC_SAMPLE_NONE, "", 1);
	send_flows(128, 64);
	ck_assert_uint_eq(take_flows(&odd), 0);
	set_filter(NSC_SAMPLE_ALL, "", 1);
	send_flows(192, 64); /* one of a thousand: the first after the change */
	nsc_sampler_flush(sampler);
	ck_assert_uint_eq(take_flows(&odd), 1);
	ck_assert_uint_eq(counters.value[NSC_C_SAMPLE_MATCHED], 60);
	ck_assert_uint_eq(counters.value[NSC_C_SAMPLE_MISSED], 0);
	nsc_arena_close(arena);
}
END_TEST

/* Nobody takes them: matched is copied and missed. Then a worker that never rests still hands on what it has. */
START_TEST(misses_what_matches)
{
	uint64_t sent = 0;
	uint32_t odd;

	open_sampler(1, 256);
	set_filter(NSC_SAMPLE_FLOWS, "udp", 1);
	for (; sent < 64000; sent += 64)
		send_flows(sent, 64);
	ck_assert_uint_eq(counters.value[NSC_C_SAMPLE_MATCHED], 32000);
	ck_assert_uint_gt(counters.value[NSC_C_SAMPLE_MISSED], 0);
	ck_assert_uint_eq(counters.value[NSC_C_SAMPLE_PACKETS] + counters.value[NSC_C_SAMPLE_MISSED], 32000);
	nsc_sampler_end(sampler);
	ck_assert_uint_eq(take_flows(&odd), counters.value[NSC_C_SAMPLE_PACKETS]);
	send_flows(sent, 2);
	ck_assert_uint_eq(take_flows(&odd), 1);
	nsc_arena_close(arena);
}
END_TEST

/* Few packets, and a worker that rests after each: more fit than there are chunks. */
START_TEST(fills_chunks_when_nobody_takes_them)
{
	uint32_t odd;

	open_sampler(1, 256);
	for (uint64_t sent = 0; sent < 300; sent++) {
		send_flows(sent, 1);
		nsc_sampler_flush(sampler);
	}
	nsc_sampler_end(sampler);
	ck_assert_uint_eq(take_flows(&odd), 300);
	ck_assert_uint_eq(counters.value[NSC_C_SAMPLE_MISSED], 0);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(refuses_nonsense)
{
	struct nsc_error error;

	ck_assert_int_eq(nsc_arena_open(&arena, &error), 0);
	ck_assert_int_eq(nsc_sampler_open(&sampler, arena, 0, 100, &error), -22);
	ck_assert_int_eq(nsc_sampler_open(&sampler, arena, 1, NSC_PACKET_BYTES_MAX + 1, &error), -22);
	ck_assert_int_eq(nsc_sampler_open(&sampler, arena, 1, 0, &error), 0); /* lengths only */
	send_burst(0, 5);
	nsc_arena_close(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sampler");
	TCase *tcase = tcase_create("sampler");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, takes_every_nth, 0, 6);
	tcase_add_test(tcase, misses_and_counts);
	tcase_add_test(tcase, takes_what_a_filter_lets_through);
	tcase_add_test(tcase, misses_what_matches);
	tcase_add_test(tcase, fills_chunks_when_nobody_takes_them);
	tcase_add_test(tcase, refuses_nonsense);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
