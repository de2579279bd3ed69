/* SPDX-License-Identifier: MIT
 *
 * One [stats] line for each tick, and the top flows under it. Everything is made from exact integers of the view, so
 * the lines of a capture file are the same at every run.
 */
#include "backends/sinks/terminal.h"
#include "engine/text/address.h"
#include "engine/text/time.h"
#include "netscope/out.h"

#include <errno.h>
#include <stdlib.h>

enum {
	LINE_MAX_BYTES = 320 + NSC_NAME_MAX, /* a line of the widest numbers, two IPv6 endpoints and a name */
	BUFFER = (NSC_TOP_MAX + NSC_TOP_NAMES_MAX + 3 + NSC_C_COUNT) * LINE_MAX_BYTES, /* and advice, a line each */
	COLUMN_NAME = 32,
	COLUMN_ENDPOINTS = 48,
};

struct stats_sum { /* of the ticks since the last line */
	uint64_t ticks;
	uint64_t packets, bytes, drops, rate_ns;
	uint64_t loss[NSC_C_COUNT];
	struct nsc_microburst burst;
};

struct stats {
	struct nsc_sink sink;
	struct nsc_terminal terminal;
	bool live;
	bool advised[NSC_C_COUNT];
	bool off;                      /* control may change this and the next, relaxed */
	uint32_t every;                /* ticks for each line, >= 1 */
	uint32_t top_flows, top_names; /* the same */
	uint64_t last_end_ns;          /* of the view before */
	struct stats_sum sum;
	char buffer[BUFFER];
};

/* Spaces up to `width` characters from `start`, at least one. */
static char *stats_pad(char *at, const char *start, ptrdiff_t width)
{
	do
		*at++ = ' ';
	while (at - start < width);
	return at;
}

/* value * scale / duration, rounded half up; a tick without length has no rate. */
static uint64_t per_duration(uint64_t value, uint64_t scale, uint64_t duration_ns)
{
	unsigned __int128 rate;

	if (!duration_ns)
		return 0;
	rate = ((unsigned __int128)value * scale + duration_ns / 2) / duration_ns;
	return rate > UINT64_MAX ? UINT64_MAX : (uint64_t)rate;
}

/* "12.34 Mbps" */
static char *put_mbps(char *at, uint64_t bytes, uint64_t duration_ns)
{
	uint64_t hundredths = per_duration(bytes, 8 * NSC_NS_PER_SEC / 10000, duration_ns);

	at = nsc_format_u64(at, hundredths / 100);
	*at++ = '.';
	at = nsc_format_pair(at, (unsigned)(hundredths % 100));
	return nsc_format_text(at, " Mbps");
}

static char *put_drops(char *at, const struct stats *s, uint64_t drops)
{
	if (drops != NSC_UNKNOWN)
		return nsc_format_u64(at, drops);
	return nsc_format_text(at, s->live ? "?" : "0");
}

/* " (kernel ring 12; apart: interface 3)": where, when anything was lost. */
static char *put_places(char *at, const uint64_t loss[NSC_C_COUNT])
{
	const char *before = " (";

	for (unsigned apart = 0; apart < 2; apart++) {
		const char *kind = apart ? "apart: " : "";

		for (unsigned i = 0; i < NSC_C_COUNT; i++) {
			uint64_t lost = loss[i];

			if (nsc_loss_table[i].apart != apart || !lost || lost == NSC_UNKNOWN)
				continue;
			at = nsc_format_text(nsc_format_text(at, before), kind);
			at = nsc_format_text(nsc_format_text(at, nsc_loss_table[i].name), " ");
			at = nsc_format_u64(at, lost);
			before = ", ";
			kind = "";
		}
		before = before[0] == ',' ? "; " : before;
	}
	return before[0] == ' ' ? at : nsc_format_text(at, ")");
}

/* One sentence of advice the first time that a place loses something. */
static char *put_advice(char *at, struct stats *s)
{
	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		uint64_t lost = s->sum.loss[i];

		if (s->advised[i] || !lost || lost == NSC_UNKNOWN)
			continue;
		s->advised[i] = true;
		at = nsc_format_text(nsc_format_text(at, "[drops] "), nsc_loss_table[i].name);
		at = nsc_format_text(nsc_format_text(at, ": "), nsc_loss_table[i].advice);
		*at++ = '\n';
	}
	return at;
}

static char *put_empty_ticks(char *at, uint64_t ticks)
{
	at = nsc_format_text(at, "[stats] ");
	at = nsc_format_u64(at, ticks);
	return nsc_format_text(at, ticks == 1 ? " interval without a packet\n" : " intervals without a packet\n");
}

static char *stats_put_microburst(char *at, const struct nsc_microburst *microburst)
{
	at = nsc_format_u64(nsc_format_text(at, " | burst "), microburst->packets);
	at = nsc_format_u64(nsc_format_text(at, " packets, "), microburst->bytes);
	return nsc_format_text(at, " bytes in a ms");
}

static char *put_tick(char *at, const struct stats *s, const struct nsc_view *view)
{
	at = nsc_format_text(at, "[stats] ");
	at = put_mbps(at, s->sum.bytes, s->sum.rate_ns);
	at = nsc_format_text(at, " | ");
	at = nsc_format_u64(at, per_duration(s->sum.packets, NSC_NS_PER_SEC, s->sum.rate_ns));
	at = nsc_format_text(at, " pps | ");
	at = nsc_format_u64(at, view->totals.value[NSC_C_FLOW_ACTIVE]);
	at = nsc_format_text(at, " flows | drops ");
	at = put_drops(at, s, s->sum.drops);
	at = put_places(at, s->sum.loss);
	if (view->microbursts)
		at = stats_put_microburst(at, &s->sum.burst);
	at = nsc_format_text(at, " | at ");
	at = nsc_format_time_of_day(at, nsc_view_end_time(view));
	*at++ = '\n';
	return at;
}

/* The client first; a before b when it is not known. */
static char *put_endpoints(char *at, const struct nsc_flow_record *r)
{
	bool b_first = r->client == NSC_CLIENT_B;

	at = nsc_format_endpoint(at, b_first ? r->addr_b : r->addr_a, r->ip_version, b_first ? r->port_b : r->port_a);
	at = nsc_format_text(at, r->client == NSC_CLIENT_NONE ? " <-> " : " -> ");
	return nsc_format_endpoint(at, b_first ? r->addr_a : r->addr_b, r->ip_version, b_first ? r->port_a : r->port_b);
}

/* With names: whom the client asked for, else the application, with a question mark when only its port tells it. */
static char *stats_put_name(char *at, const struct nsc_flow_record *r)
{
	struct nsc_named named;
	const char *start = at;

	if (nsc_flow_name_get(r) == NSC_NAME_HANDLE_OFF)
		return at;
	nsc_flow_named(r, &named);
	memcpy(at, named.name, named.name_length);
	at += named.name_length;
	if (!named.name_length)
		at = nsc_format_text(at, named.app ? nsc_app_name(named.app) : "-");
	if (!named.name_length && named.source == NSC_APP_SOURCE_PORT)
		*at++ = '?';
	return stats_pad(at, start, COLUMN_NAME);
}

static char *put_top_flow(char *at, unsigned rank, const struct nsc_top_flow *top, uint64_t duration_ns)
{
	const char *start;

	at = nsc_format_text(at, rank < 10 ? "   " : rank < 100 ? "  " : " ");
	at = nsc_format_u64(at, rank);
	start = nsc_format_text(at, "  ");
	at = nsc_format_text(nsc_format_text(at, "  "), nsc_proto_name(top->flow.proto));
	at = stats_pad(at, start, 5);
	at = stats_put_name(at, &top->flow);
	start = at;
	at = put_endpoints(at, &top->flow);
	at = stats_pad(at, start, COLUMN_ENDPOINTS);
	start = at;
	at = put_mbps(at, top->tick_bytes, duration_ns);
	at = stats_pad(at, start, 14);
	at = nsc_format_u64(at, top->flow.bytes[0] + top->flow.bytes[1]);
	at = nsc_format_text(at, " bytes");
	if (top->flow.proto == NSC_PROTO_TCP) {
		at = nsc_format_text(at, "  ");
		at = nsc_format_text(at, nsc_tcp_state_name(top->flow.tcp_state));
	}
	*at++ = '\n';
	return at;
}

/* As a top flow, with the end of names in place of one flow. */
static char *stats_put_top_name(char *at, unsigned rank, const struct nsc_top_name *top, uint64_t duration_ns)
{
	const char *start;

	at = nsc_format_text(at, rank < 10 ? "   " : "  ");
	at = nsc_format_u64(at, rank);
	at = nsc_format_text(at, "  name ");
	start = at;
	memcpy(at, top->name, top->length);
	at = stats_pad(at + top->length, start, COLUMN_NAME + COLUMN_ENDPOINTS);
	start = at;
	at = put_mbps(at, top->bytes, duration_ns);
	at = stats_pad(at, start, 14);
	at = nsc_format_u64(at, top->bytes);
	return nsc_format_text(at, " bytes\n");
}

/* What is not known in one tick is not known in all. */
static uint64_t stats_plus(uint64_t sum, uint64_t tick)
{
	return sum == NSC_UNKNOWN || tick == NSC_UNKNOWN ? NSC_UNKNOWN : sum + tick;
}

/* With a line for each tick its rates are over the tick alone, without empty ones before it, which have their own line.
 */
static void stats_add_tick(struct stats *s, const struct nsc_view *view, uint32_t every)
{
	bool alone = every == 1 || !s->last_end_ns || view->end_ns <= s->last_end_ns;
	struct stats_sum *sum = &s->sum;

	if (!sum->ticks)
		*sum = (struct stats_sum){ .ticks = 0 };
	sum->ticks += 1 + (alone ? 0 : view->empty_ticks);
	sum->packets += view->tick_packets;
	sum->bytes += view->tick_bytes;
	sum->drops = stats_plus(sum->drops, view->tick_drops);
	sum->rate_ns += alone ? view->rate_ns : view->end_ns - s->last_end_ns;
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		sum->loss[i] = stats_plus(sum->loss[i], view->tick_loss[i]);
	sum->burst.packets = NSC_MAX(sum->burst.packets, view->microburst.packets);
	sum->burst.bytes = NSC_MAX(sum->burst.bytes, view->microburst.bytes);
	s->last_end_ns = view->end_ns;
}

/* Of several ticks the top lists are those of the last one. */
static char *stats_put_tops(char *at, const struct stats *s, const struct nsc_view *view)
{
	uint32_t flows = __atomic_load_n(&s->top_flows, __ATOMIC_RELAXED);
	uint32_t names = __atomic_load_n(&s->top_names, __ATOMIC_RELAXED);

	for (uint32_t i = 0; i < view->n_top && i < flows; i++)
		at = put_top_flow(at, i + 1, &view->top[i], view->rate_ns);
	for (uint32_t i = 0; i < view->n_top_names && i < names; i++)
		at = stats_put_top_name(at, i + 1, &view->top_name[i], view->rate_ns);
	return at;
}

static int stats_tick(struct nsc_sink *sink, const struct nsc_view *view, struct nsc_error *error)
{
	struct stats *s = (struct stats *)sink;
	uint32_t every = __atomic_load_n(&s->every, __ATOMIC_RELAXED);
	char *at = s->buffer;
	int status;

	if (__atomic_load_n(&s->off, __ATOMIC_RELAXED)) {
		s->sum.ticks = s->last_end_ns = 0;
		return 0;
	}
	stats_add_tick(s, view, every);
	if (s->sum.ticks < every && !view->final)
		return 0;
	if (every == 1 && view->empty_ticks)
		at = put_empty_ticks(at, view->empty_ticks);
	at = put_tick(at, s, view);
	at = put_advice(at, s);
	at = stats_put_tops(at, s, view);
	s->sum.ticks = 0;
	status = nsc_terminal_write(&s->terminal, s->buffer, at, "stats: writing to the terminal", error);
	if (status != -EAGAIN)
		return status;
	sink->lost++;
	return 0;
}

static const struct nsc_sink_ops stats_ops = {
	.name = "stats",
	.tick = stats_tick,
};

int nsc_stats_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	struct stats *s;

	if (!out->stats && !out->stats_later)
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return nsc_fail(error, -ENOMEM, "no memory for the stats lines");
	s->sink.ops = &stats_ops;
	s->terminal = (struct nsc_terminal){ .fd = out->fd, .pump = out->pump };
	s->live = out->live;
	s->off = !out->stats;
	s->every = 1;
	s->top_flows = NSC_MIN(out->top_flows, NSC_TOP_MAX);
	s->top_names = NSC_MIN(out->top_names, NSC_TOP_NAMES_MAX);
	*sink = &s->sink;
	return 0;
}

void nsc_stats_show(struct nsc_sink *sink, const struct nsc_stats_shown *shown)
{
	struct stats *s = (struct stats *)sink;

	if (!s)
		return;
	__atomic_store_n(&s->every, NSC_MAX(shown->every, 1u), __ATOMIC_RELAXED);
	__atomic_store_n(&s->top_flows, NSC_MIN(shown->top_flows, NSC_TOP_MAX), __ATOMIC_RELAXED);
	__atomic_store_n(&s->top_names, NSC_MIN(shown->top_names, NSC_TOP_NAMES_MAX), __ATOMIC_RELAXED);
	__atomic_store_n(&s->off, !shown->on, __ATOMIC_RELAXED);
}

void nsc_stats_close(struct nsc_sink *sink)
{
	free(sink);
}
