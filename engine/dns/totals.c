/* SPDX-License-Identifier: MIT
 *
 * A server's key is its version and address, so that keys are ordered as addresses are.
 */
#include "engine/dns/totals.h"

#include <errno.h>
#include <string.h>

#include "engine/base/account.h"
#include "engine/base/assert.h"
#include "engine/names/dns.h"
#include "engine/rings/dns_events.h"

#define SERVERS 1024u
#define NAMES 4096u
#define SERVER_KEY (1u + NSC_DNS_ADDRESS)

static_assert(NSC_DNS_SERVERS_SHOWN <= NSC_DNS_TOP_MAX && NSC_DNS_NAMES_SHOWN <= NSC_DNS_TOP_MAX,
	      "the tables know them");

uint64_t nsc_dns_totals_bytes(bool names)
{
	return sizeof(struct nsc_dns_totals) + nsc_dns_table_bytes(SERVERS) + (names ? nsc_dns_table_bytes(NAMES) : 0);
}

int nsc_dns_totals_open(struct nsc_dns_totals **totals, struct nsc_arena *arena, uint32_t workers, bool names,
			struct nsc_error *error)
{
	struct nsc_dns_totals *t = nsc_arena_alloc(arena, sizeof(*t));
	int failed;

	if (!t)
		return nsc_fail(error, -ENOMEM, "no memory for what DNS says");
	t->workers = workers;
	t->names = names;
	*totals = t;
	failed = nsc_dns_table_open(&t->server, arena, SERVERS, NSC_DNS_SERVERS_SHOWN, error);
	return failed || !names ? failed : nsc_dns_table_open(&t->name, arena, NAMES, NSC_DNS_NAMES_SHOWN, error);
}

/* --- events ----------------------------------------------------------------------------------- */

static bool event_has_latency(const struct nsc_dns_event *event)
{
	return event->kind == NSC_DNS_EVENT_ANSWERED && event->latency_ns != NSC_UNKNOWN;
}

static void totals_count(struct nsc_dns_counts *counts, const struct nsc_dns_event *event)
{
	counts->queries += event->kind <= NSC_DNS_EVENT_REPEATED;
	counts->repeated += event->kind == NSC_DNS_EVENT_REPEATED;
	counts->unanswered += event->kind == NSC_DNS_EVENT_UNANSWERED;
	counts->answers[event->code % NSC_DNS_CODE_COUNT] += event->kind == NSC_DNS_EVENT_ANSWERED;
}

static void totals_count_entry(struct nsc_dns_table *table, struct nsc_dns_entry *entry,
			       const struct nsc_dns_event *event)
{
	if (!entry) /* forgotten */
		return;
	totals_count(&entry->counts, event);
	if (event_has_latency(event))
		nsc_dns_table_note(table, entry, event->latency_ns);
	if (event->kind <= NSC_DNS_EVENT_REPEATED)
		nsc_dns_table_offer(table, entry);
}

static struct nsc_dns_entry *totals_server(struct nsc_dns_totals *t, const struct nsc_dns_event *event)
{
	uint8_t key[SERVER_KEY];
	struct nsc_dns_entry *entry;
	bool forgot;

	if (event->kind != NSC_DNS_EVENT_QUERY)
		return nsc_dns_table_find(&t->server, event->server);
	key[0] = event->ip_version;
	memcpy(key + 1, event->data, NSC_DNS_ADDRESS);
	entry = nsc_dns_table_get(&t->server, event->server, key, sizeof(key), &forgot);
	nsc_count(&t->counters, NSC_C_DNS_SERVER_FORGOTTEN, forgot);
	return entry;
}

/* Names are hostile text up to here, and are made harmless when they are new. NULL: forgotten, or too long. */
static struct nsc_dns_entry *totals_name(struct nsc_dns_totals *t, const struct nsc_dns_event *event)
{
	struct nsc_dns_entry *entry = nsc_dns_table_find(&t->name, event->name);
	struct dns_name raw = { .length = event->name_length };
	char text[NSC_NAME_MAX];
	uint32_t length;
	bool forgot;

	if (entry || event->kind != NSC_DNS_EVENT_QUERY)
		return entry;
	memcpy(raw.text, event->data + NSC_DNS_ADDRESS, event->name_length);
	length = nsc_dns_name_write(text, &raw);
	if (!length)
		return NULL;
	entry = nsc_dns_table_get(&t->name, event->name, text, length, &forgot);
	nsc_count(&t->counters, NSC_C_DNS_NAME_FORGOTTEN, forgot);
	return entry;
}

static void totals_event(struct nsc_dns_totals *t, const struct nsc_dns_event *event)
{
	totals_count(&t->total, event);
	if (event_has_latency(event)) {
		t->latency.count[nsc_histogram_bucket(event->latency_ns)]++;
		t->latency.max_ns = NSC_MAX(t->latency.max_ns, event->latency_ns);
		t->latency_sum_ns += event->latency_ns;
	}
	totals_count_entry(&t->server, totals_server(t, event), event);
	if (t->names && event->name)
		totals_count_entry(&t->name, totals_name(t, event), event);
}

static bool totals_chunk(struct nsc_dns_totals *t, uint32_t worker)
{
	const struct nsc_dns_chunk *chunk = nsc_channel_receive(t->events[worker]);
	uint32_t at = 0, n = 0;

	if (!chunk)
		return false;
	nsc_assert(chunk->bytes <= sizeof(chunk->event), "the events of a chunk end within it");
	for (; at < chunk->bytes; n++) {
		const struct nsc_dns_event *event = (const struct nsc_dns_event *)(const void *)(chunk->event + at);

		totals_event(t, event);
		at += nsc_dns_event_bytes(event);
	}
	nsc_assert(n == chunk->n, "a chunk says how many events it holds");
	nsc_channel_give_back(t->events[worker], chunk);
	return true;
}

bool nsc_dns_totals_step(struct nsc_dns_totals *t)
{
	nsc_account_begin(&t->counters);
	for (uint32_t i = 0; i < t->workers; i++) {
		uint32_t worker = (t->turn + i) % t->workers;

		if (!totals_chunk(t, worker))
			continue;
		t->turn = (worker + 1) % t->workers;
		nsc_account(&t->counters, NSC_C_CYCLES_MERGE);
		return true;
	}
	return false;
}

/* A channel holds so many chunks: those that were sent before now are among them. */
void nsc_dns_totals_catch_up(struct nsc_dns_totals *t)
{
	nsc_account_begin(&t->counters);
	for (uint32_t i = 0; i < t->workers; i++)
		for (uint32_t n = 0; n < NSC_DNS_CHUNKS && totals_chunk(t, i); n++)
			;
	nsc_account(&t->counters, NSC_C_CYCLES_MERGE);
}

/* --- what is shown ---------------------------------------------------------------------------- */

static void totals_show_row(const struct nsc_dns_table *table, struct nsc_dns_row *row,
			    const struct nsc_dns_entry *entry)
{
	row->counts = entry->counts;
	nsc_dns_table_latency(table, entry, &row->latency);
}

static void totals_show_servers(struct nsc_dns_totals *t, struct nsc_dns_view *view)
{
	const struct nsc_dns_entry *best[NSC_DNS_TOP_MAX];

	view->servers_known = t->server.used;
	view->n_servers = nsc_dns_table_best(&t->server, best);
	for (uint32_t i = 0; i < view->n_servers; i++) {
		totals_show_row(&t->server, &view->server[i].row, best[i]);
		view->server[i].ip_version = best[i]->key[0];
		memcpy(view->server[i].addr, best[i]->key + 1, NSC_DNS_ADDRESS);
	}
}

static void totals_show_names(struct nsc_dns_totals *t, struct nsc_dns_view *view)
{
	const struct nsc_dns_entry *best[NSC_DNS_TOP_MAX];

	view->names_known = t->name.used;
	view->n_names = nsc_dns_table_best(&t->name, best);
	for (uint32_t i = 0; i < view->n_names; i++) {
		totals_show_row(&t->name, &view->name[i].row, best[i]);
		view->name[i].length = best[i]->key_length;
		memcpy(view->name[i].name, best[i]->key, best[i]->key_length);
	}
}

void nsc_dns_totals_view(struct nsc_dns_totals *t, struct nsc_dns_view *view, bool final)
{
	view->on = true;
	view->names = t->names;
	view->total = t->total;
	view->latency = t->latency;
	view->latency_sum_ns = t->latency_sum_ns;
	view->n_servers = view->n_names = view->servers_known = view->names_known = 0;
	if (!final && !t->shown)
		return;
	totals_show_servers(t, view);
	if (t->names)
		totals_show_names(t, view);
}
