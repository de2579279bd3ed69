/* SPDX-License-Identifier: MIT
 *
 * What a worker tells of its DNS messages, event by event; queries that are given up while nothing comes; more than
 * wait; a channel without an empty chunk. Which answer belongs to which query is in tests/property/dns.
 */
#include "engine/dns/queries.h"

#include "engine/base/arena.h"
#include "engine/dns/waiting.h"
#include "engine/rings/dns_events.h"
#include "tests/unit/engine/check_main.h"

enum { NOW = 1000, PLACES = 32768 - 2 };

static struct nsc_arena *arena;
static struct nsc_channel *channel;
static struct nsc_dns_queries *queries;
static struct nsc_counters counters;
static const struct nsc_decode_options decode = { .seed = { { 3, 5, 7, 11 } } };

static void set_up(bool names)
{
	memset(&counters, 0, sizeof(counters));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_dns_events_open(&channel, arena, NULL), 0);
	ck_assert_int_eq(nsc_dns_queries_open(&queries, arena, channel, &decode, names, NULL), 0);
	nsc_dns_queries_attach(queries, &counters, true);
}

/* A query of 10.0.0.1:port for one letter, or its answer, `wire` bytes behind UDP. */
static void feed(uint64_t clock_ns, uint16_t port, uint16_t id, char name, bool answer)
{
	static uint8_t data[28 + 19];
	static const uint8_t message[19] = { 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1 };
	struct nsc_packet p = {
		.data = data,
		.ts_ns = clock_ns,
		.clock_ns = clock_ns,
		.link = NSC_LINK_RAW,
		.cap_len = sizeof(data),
		.payload_len = sizeof(message),
		.ip_version = 4,
		.ip_proto = NSC_PROTO_UDP,
		.l4_off = 20,
		.l4_len = 8,
		.src_port = answer ? 53 : port,
		.dst_port = answer ? port : 53,
		.fate = NSC_FATE_FLOW,
	};
	uint64_t bits = nsc_dns_ports(&p, 1);

	memset(data, 0, sizeof(data));
	memcpy(data + (answer ? 16 : 12), "\x0a\0\0\1", 4);
	memcpy(data + (answer ? 12 : 16), "\xc0\0\2\x35", 4);
	memcpy(data + 28, message, sizeof(message));
	data[28] = (uint8_t)(id >> 8);
	data[29] = (uint8_t)id;
	data[30] |= answer ? 0x80 : 0;
	data[31] = answer ? 2 : 0;
	data[28 + 13] = (uint8_t)name;
	ck_assert_uint_eq(bits, 1);
	nsc_dns_queries_burst(queries, &p, 1, bits, 0);
}

static uint64_t count(unsigned counter)
{
	return counters.value[counter];
}

/* All that was told, one letter an event; the last QUERY is kept. */
static char told[256];
static uint8_t last_query[NSC_DNS_EVENT_MAX];

static const char *take_events(void)
{
	size_t n = 0;

	nsc_dns_queries_flush(queries);
	for (struct nsc_dns_chunk *chunk; (chunk = nsc_channel_receive(channel)); nsc_channel_give_back(channel, chunk))
		for (uint32_t at = 0; at < chunk->bytes;) {
			const struct nsc_dns_event *event = (const void *)(chunk->event + at);

			if (event->kind == NSC_DNS_EVENT_QUERY)
				memcpy(last_query, event, nsc_dns_event_bytes(event));
			if (n < sizeof(told) - 1)
				told[n++] = "QRAU"[event->kind];
			at += nsc_dns_event_bytes(event);
		}
	told[n] = '\0';
	return told;
}

START_TEST(events_in_their_order)
{
	const struct nsc_dns_event *event = (const void *)last_query;

	set_up(true);
	feed(NOW, 4000, 1, 'b', false);
	feed(NOW + 1, 4000, 1, 'b', false);
	feed(NOW + 9, 4000, 1, 'b', true);
	feed(NOW + 10, 4001, 2, 'c', false);
	ck_assert_str_eq(take_events(), "QRAQ");
	ck_assert_uint_eq(event->ip_version, 4);
	ck_assert_uint_eq(event->name_length, 1);
	ck_assert_mem_eq(event->data, "\xc0\0\2\x35\0\0\0\0\0\0\0\0\0\0\0\0c", 17);
	nsc_dns_queries_end(queries);
	ck_assert_str_eq(take_events(), "U");
	ck_assert_uint_eq(count(NSC_C_DNS_QUERIES), 3);
	ck_assert_uint_eq(count(NSC_C_DNS_UNANSWERED), 1);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(names_stay_here)
{
	const struct nsc_dns_event *event = (const void *)last_query;

	set_up(false);
	feed(NOW, 4000, 1, 'b', false);
	feed(NOW + 9, 4000, 1, 'c', true);
	ck_assert_str_eq(take_events(), "Q");
	ck_assert(!event->name && !event->name_length);
	ck_assert_uint_eq(count(NSC_C_DNS_OTHER_QUESTION), 1); /* they are told apart all the same */
	nsc_arena_close(arena);
}
END_TEST

/* While the run goes on: a query whose name was not told is answered all the same. */
START_TEST(names_may_come_and_go)
{
	const struct nsc_dns_event *event = (const void *)last_query;

	set_up(true);
	for (uint16_t i = 0; i < 3; i++) {
		nsc_dns_queries_tell_names(queries, i != 1);
		feed(NOW + i, 4000, i, 'b', false);
		ck_assert_str_eq(take_events(), "Q");
		ck_assert_uint_eq(event->name_length, i != 1);
	}
	for (uint16_t i = 0; i < 3; i++)
		feed(NOW + 9, 4000, i, 'b', true);
	ck_assert_str_eq(take_events(), "AAA");
	nsc_arena_close(arena);
}
END_TEST

START_TEST(given_up_while_nothing_comes)
{
	set_up(true);
	for (uint16_t i = 0; i < 10; i++)
		feed(NOW, 4000, i, 'b', false);
	feed(NOW + 5, 4000, 9, 'b', true);
	nsc_dns_queries_give_up(queries, NOW + NSC_DNS_WAIT_NS, UINT64_MAX);
	ck_assert_uint_eq(count(NSC_C_DNS_UNANSWERED), 0);
	ck_assert_uint_eq(queries->due_ns, NOW + NSC_DNS_WAIT_NS + 1);
	nsc_dns_queries_give_up(queries, NOW + NSC_DNS_WAIT_NS + 1, 4);
	ck_assert_uint_eq(count(NSC_C_DNS_UNANSWERED), 4);
	nsc_dns_queries_give_up(queries, NOW + NSC_DNS_WAIT_NS + 1, UINT64_MAX);
	ck_assert_uint_eq(count(NSC_C_DNS_UNANSWERED), 9);
	ck_assert_uint_eq(queries->due_ns, UINT64_MAX);
	nsc_arena_close(arena);
}
END_TEST

/* An answered query gives way first, then the one that has waited longest; one that is over was not forgotten. */
START_TEST(more_than_wait)
{
	set_up(true);
	for (uint32_t i = 0; i < PLACES; i++) {
		feed(NOW + i, (uint16_t)(1024 + i % 60000), (uint16_t)i, 'b', false);
		take_events();
	}
	feed(NOW + PLACES, 1024 + 7, 7, 'b', true);
	feed(NOW + PLACES + 1, 1024, 60000, 'b', false);
	ck_assert_uint_eq(count(NSC_C_DNS_ANSWER_FORGOTTEN), 1);
	ck_assert_uint_eq(count(NSC_C_DNS_QUERY_FORGOTTEN), 0);
	feed(NOW + PLACES + 2, 1024, 60001, 'b', false);
	ck_assert_uint_eq(count(NSC_C_DNS_QUERY_FORGOTTEN), 1);
	feed(NOW + PLACES + 3, 1024, 0, 'b', true); /* that one was the first */
	ck_assert_uint_eq(count(NSC_C_DNS_UNASKED), 1);
	ck_assert_uint_eq(count(NSC_C_DNS_UNANSWERED), 0);
	nsc_arena_close(arena);
}
END_TEST

/* Live nobody waits: the query is not told, and neither is its answer. */
START_TEST(no_chunk_is_empty)
{
	struct nsc_dns_chunk *held[NSC_DNS_CHUNKS];

	set_up(true);
	for (unsigned i = 0; i < NSC_DNS_CHUNKS; i++)
		held[i] = nsc_channel_acquire(channel);
	feed(NOW, 4000, 1, 'b', false);
	ck_assert_uint_eq(count(NSC_C_DNS_SKIPPED), 1);
	for (unsigned i = 0; i < NSC_DNS_CHUNKS; i++) {
		held[i]->bytes = held[i]->n = 0;
		nsc_channel_send(channel, held[i]);
	}
	take_events();
	feed(NOW + 1, 4000, 1, 'b', true);
	feed(NOW + 2, 4000, 2, 'b', false);
	ck_assert_str_eq(take_events(), "Q");
	ck_assert_uint_eq(count(NSC_C_DNS_ANSWERED), 1);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("queries", events_in_their_order, names_stay_here, names_may_come_and_go, given_up_while_nothing_comes,
	   more_than_wait, no_chunk_is_empty)
