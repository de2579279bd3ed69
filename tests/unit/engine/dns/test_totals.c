/* SPDX-License-Identifier: MIT
 *
 * The publisher's sums: by all, server and name, whatever the order in which workers tell.
 */
#include "engine/dns/totals.h"

#include <string.h>

#include "engine/rings/dns_events.h"
#include "tests/unit/engine/check_main.h"

enum { WORKERS = 2 };

static struct nsc_arena *arena;
static struct nsc_dns_totals *totals;
static struct nsc_dns_view view;

static void set_up(bool names)
{
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_dns_totals_open(&totals, arena, WORKERS, names, NULL), 0);
	for (uint32_t i = 0; i < WORKERS; i++)
		ck_assert_int_eq(nsc_dns_events_open(&totals->events[i], arena, NULL), 0);
}

/* One event in a chunk of its own; a server is a number, a name its letter. */
static void tell(uint32_t worker, enum nsc_dns_event_kind kind, uint32_t server, char name, unsigned code,
		 uint64_t latency_ns)
{
	struct nsc_dns_chunk *chunk = nsc_channel_acquire(totals->events[worker]);
	struct nsc_dns_event *event = (void *)chunk->event;

	memset(event, 0, NSC_DNS_EVENT_MAX);
	*event = (struct nsc_dns_event){ .server = 0x10000ull * server,
					 .name = 0x10000ull * (uint64_t)name,
					 .latency_ns = latency_ns,
					 .kind = (uint8_t)kind,
					 .code = (uint8_t)code,
					 .ip_version = 4,
					 .name_length = kind == NSC_DNS_EVENT_QUERY && name };
	if (kind == NSC_DNS_EVENT_QUERY) {
		memcpy(event->data, &server, sizeof(server));
		event->data[NSC_DNS_ADDRESS] = (uint8_t)name;
	}
	chunk->n = 1;
	chunk->bytes = nsc_dns_event_bytes(event);
	nsc_channel_send(totals->events[worker], chunk);
}

START_TEST(sums)
{
	set_up(true);
	tell(1, NSC_DNS_EVENT_QUERY, 1, 'a', 0, 0);
	tell(0, NSC_DNS_EVENT_QUERY, 1, 'b', 0, 0);
	tell(0, NSC_DNS_EVENT_REPEATED, 1, 'b', 0, 0);
	tell(0, NSC_DNS_EVENT_UNANSWERED, 1, 'b', 0, NSC_UNKNOWN);
	tell(1, NSC_DNS_EVENT_ANSWERED, 1, 'a', 3, 1000);
	tell(1, NSC_DNS_EVENT_QUERY, 2, 'a', 0, 0);
	tell(1, NSC_DNS_EVENT_ANSWERED, 2, 'a', 0, NSC_UNKNOWN);
	nsc_dns_totals_catch_up(totals);
	nsc_dns_totals_view(totals, &view, true);
	ck_assert_uint_eq(view.total.queries, 4);
	ck_assert_uint_eq(view.total.repeated, 1);
	ck_assert_uint_eq(view.total.unanswered, 1);
	ck_assert_uint_eq(view.total.answers[0], 1);
	ck_assert_uint_eq(view.total.answers[3], 1);
	ck_assert_uint_eq(view.latency_sum_ns, 1000);
	ck_assert_uint_eq(view.n_servers, 2);
	ck_assert_uint_eq(view.server[0].addr[0], 1);
	ck_assert_uint_eq(view.server[0].row.counts.queries, 3);
	ck_assert_uint_eq(view.server[0].row.latency.samples, 1);
	ck_assert_uint_eq(view.server[0].row.latency.p99_ns, 1000);
	ck_assert_uint_eq(view.server[1].row.latency.samples, 0);
	ck_assert_uint_eq(view.n_names, 2);
	ck_assert_uint_eq(view.name[0].name[0], 'a'); /* as many queries: the order of names */
	ck_assert_uint_eq(view.name[0].row.counts.answers[3], 1);
	ck_assert_uint_eq(view.name[1].row.counts.unanswered, 1);
	nsc_arena_close(arena);
}
END_TEST

/* Nobody looks on: only the last view has rows. */
START_TEST(rows_when_they_are_wanted)
{
	set_up(false);
	tell(0, NSC_DNS_EVENT_QUERY, 1, 0, 0, 0);
	ck_assert(nsc_dns_totals_step(totals));
	ck_assert(!nsc_dns_totals_step(totals));
	nsc_dns_totals_view(totals, &view, false);
	ck_assert(view.on && !view.names);
	ck_assert_uint_eq(view.total.queries, 1);
	ck_assert_uint_eq(view.n_servers, 0);
	totals->shown = true;
	nsc_dns_totals_view(totals, &view, false);
	ck_assert_uint_eq(view.n_servers, 1);
	ck_assert_uint_eq(view.n_names, 0);
	nsc_arena_close(arena);
}
END_TEST

/* What belongs to a server that was forgotten counts for all, and for nobody. */
START_TEST(forgotten)
{
	uint64_t queries = 0;

	set_up(false);
	for (uint32_t i = 0; i < 1100; i++) {
		tell(0, NSC_DNS_EVENT_QUERY, i + 1, 0, 0, 0);
		ck_assert(nsc_dns_totals_step(totals));
	}
	tell(0, NSC_DNS_EVENT_UNANSWERED, 1, 0, 0, NSC_UNKNOWN); /* of the first one */
	nsc_dns_totals_catch_up(totals);
	nsc_dns_totals_view(totals, &view, true);
	ck_assert_uint_eq(totals->counters.value[NSC_C_DNS_SERVER_FORGOTTEN], 1100 - 1024);
	ck_assert_uint_eq(view.servers_known, 1024);
	ck_assert_uint_eq(view.total.unanswered, 1);
	for (uint32_t i = 0; i < view.n_servers; i++)
		queries += view.server[i].row.counts.queries + view.server[i].row.counts.unanswered;
	ck_assert_uint_eq(queries, view.n_servers);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("totals", sums, rows_when_they_are_wanted, forgotten)
