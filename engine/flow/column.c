/* SPDX-License-Identifier: MIT
 *
 * What flows can be filtered and sorted by: one row for each.
 */
#include <endian.h>
#include <string.h>

#include "netscope/query.h"

#define VALUE(name)                                                                                                    \
	static bool column_##name(const struct nsc_flow_record *r, const struct nsc_flow_moment *now,                  \
				  struct nsc_flow_key_value *v)
#define SIMPLE(name, expression)                                                                                       \
	VALUE(name)                                                                                                    \
	{                                                                                                              \
		v->word[0] = (expression);                                                                             \
		return true;                                                                                           \
	}

static uint64_t column_elapsed(uint64_t now_ns, uint64_t then_ns)
{
	return now_ns > then_ns ? now_ns - then_ns : 0;
}

static uint64_t column_mean_rate(const struct nsc_flow_record *r)
{
	uint64_t ns = r->last_seen_ns - r->first_seen_ns;
	unsigned __int128 bits = (unsigned __int128)(r->bytes[0] + r->bytes[1]) * 8 * NSC_NS_PER_SEC;

	return ns ? (uint64_t)NSC_MIN(bits / ns, (unsigned __int128)UINT64_MAX) : 0;
}

SIMPLE(bytes, r->bytes[0] + r->bytes[1])
SIMPLE(bytes_a, r->bytes[0])
SIMPLE(bytes_b, r->bytes[1])
SIMPLE(packets, r->packets[0] + r->packets[1])
SIMPLE(packets_a, r->packets[0])
SIMPLE(packets_b, r->packets[1])
SIMPLE(bps, column_mean_rate(r))
SIMPLE(tick_bytes, now->tick_bytes)
SIMPLE(first_seen, r->first_seen_ns)
SIMPLE(last_seen, r->last_seen_ns)
SIMPLE(duration, r->last_seen_ns - r->first_seen_ns)
SIMPLE(age, column_elapsed(now->clock_ns, r->first_seen_ns))
SIMPLE(idle, column_elapsed(now->clock_ns, r->last_seen_ns))
SIMPLE(version, r->ip_version)
SIMPLE(port_a, r->port_a)
SIMPLE(port_b, r->port_b)

VALUE(protocol)
{
	v->word[0] = r->proto == NSC_PROTO_SCTP ? 0 : r->proto == NSC_PROTO_TCP ? 1 : 2;
	return true;
}

VALUE(state)
{
	v->word[0] = r->tcp_state;
	return r->proto == NSC_PROTO_TCP;
}

static bool column_end_value(const uint8_t addr[16], uint16_t port, uint8_t ip_version, struct nsc_flow_key_value *v)
{
	uint64_t half[2];

	memcpy(half, addr, sizeof(half));
	*v = (struct nsc_flow_key_value){ { ip_version, be64toh(half[0]), be64toh(half[1]), port } };
	return true;
}

VALUE(end_a)
{
	return column_end_value(r->addr_a, r->port_a, r->ip_version, v);
}

VALUE(end_b)
{
	return column_end_value(r->addr_b, r->port_b, r->ip_version, v);
}

/* An analysis that was not made knows nothing. */
#define ANALYSED(name, analysis, member)                                                                               \
	VALUE(name)                                                                                                    \
	{                                                                                                              \
		v->word[0] = r->member;                                                                                \
		return r->analyses & (analysis);                                                                       \
	}
#define MEASURED(name, count, member)                                                                                  \
	VALUE(name)                                                                                                    \
	{                                                                                                              \
		v->word[0] = r->member;                                                                                \
		return r->count != 0;                                                                                  \
	}

ANALYSED(retransmissions, NSC_ANALYSIS_RETRANS, retransmissions)
ANALYSED(out_of_order, NSC_ANALYSIS_OUT_OF_ORDER, out_of_order)
ANALYSED(lost_segments, NSC_ANALYSIS_ORDER, lost_segments)
ANALYSED(zero_windows, NSC_ANALYSIS_ORDER, zero_windows)
MEASURED(rtt, rtt_samples, rtt_ewma_ns)
MEASURED(rtt_min, rtt_samples, rtt_min_ns)
MEASURED(rtt_last, rtt_samples, rtt_last_ns)
MEASURED(rtt_handshake, rtt_handshake_ns, rtt_handshake_ns)

static const char *const protocols[] = { "sctp", "tcp", "udp", NULL };
static const char *const states[] = {
#define NSC_X(name, text) text,
	NSC_TCP_STATES(NSC_X)
#undef NSC_X
		NULL,
};

#define BOTH .filters = true, .sorts = true
#define FILTERS .filters = true
#define SORTS .sorts = true

const struct nsc_column nsc_column_table[] = {
	{ "host", .kind = NSC_COLUMN_ADDRESS, FILTERS, .end = NSC_SIDE_EITHER,
	  .help = "either end: an address or a network" },
	{ "client", .kind = NSC_COLUMN_ADDRESS, FILTERS, .end = NSC_SIDE_CLIENT,
	  .help = "the end that opened the flow" },
	{ "server", .kind = NSC_COLUMN_ADDRESS, FILTERS, .end = NSC_SIDE_SERVER, .help = "the other end" },
	{ "port", .kind = NSC_COLUMN_PORT, FILTERS, .end = NSC_SIDE_EITHER, .help = "either port" },
	{ "client_port", .kind = NSC_COLUMN_PORT, FILTERS, .end = NSC_SIDE_CLIENT,
	  .help = "port of the end that opened it" },
	{ "server_port", .kind = NSC_COLUMN_PORT, FILTERS, .end = NSC_SIDE_SERVER, .help = "port of the other end" },
	{ "proto", .alias = "protocol", .kind = NSC_COLUMN_WORD, BOTH, .value = column_protocol, .words = protocols,
	  .help = "protocol" },
	{ "ip", .kind = NSC_COLUMN_NUMBER, FILTERS, .value = column_version, .help = "4 or 6" },
	{ "state", .kind = NSC_COLUMN_WORD, BOTH, .value = column_state, .words = states, .help = "TCP state" },
	{ "bytes", .kind = NSC_COLUMN_BYTES, BOTH, .value = column_bytes,
	  .help = "bytes on the wire, both directions" },
	{ "packets", .kind = NSC_COLUMN_NUMBER, BOTH, .value = column_packets, .help = "packets, both directions" },
	{ "bps", .kind = NSC_COLUMN_RATE, BOTH, .value = column_bps, .help = "mean rate over the flow's life" },
	{ "tick_bytes", .kind = NSC_COLUMN_BYTES, SORTS, .value = column_tick_bytes, .help = "bytes in the open tick" },
	{ "first_seen", .kind = NSC_COLUMN_NUMBER, SORTS, .value = column_first_seen,
	  .help = "time of the first packet" },
	{ "last_seen", .kind = NSC_COLUMN_NUMBER, SORTS, .value = column_last_seen, .help = "time of the last packet" },
	{ "duration", .kind = NSC_COLUMN_DURATION, BOTH, .value = column_duration,
	  .help = "from the first to the last packet" },
	{ "age", .kind = NSC_COLUMN_DURATION, FILTERS, .value = column_age, .help = "since the first packet" },
	{ "idle", .kind = NSC_COLUMN_DURATION, FILTERS, .value = column_idle, .help = "since the last packet" },
	{ "a", .kind = NSC_COLUMN_ADDRESS, SORTS, .value = column_end_a, .help = "endpoint a: address, then port" },
	{ "b", .kind = NSC_COLUMN_ADDRESS, SORTS, .value = column_end_b, .help = "endpoint b: address, then port" },
	{ "port_a", .kind = NSC_COLUMN_PORT, SORTS, .value = column_port_a, .help = "port of a" },
	{ "port_b", .kind = NSC_COLUMN_PORT, SORTS, .value = column_port_b, .help = "port of b" },
	{ "bytes_a_to_b", .kind = NSC_COLUMN_BYTES, SORTS, .value = column_bytes_a, .help = "bytes sent by a" },
	{ "bytes_b_to_a", .kind = NSC_COLUMN_BYTES, SORTS, .value = column_bytes_b, .help = "bytes sent by b" },
	{ "packets_a_to_b", .kind = NSC_COLUMN_NUMBER, SORTS, .value = column_packets_a, .help = "packets sent by a" },
	{ "packets_b_to_a", .kind = NSC_COLUMN_NUMBER, SORTS, .value = column_packets_b, .help = "packets sent by b" },
	{ "rtt", .alias = "rtt_ewma", .kind = NSC_COLUMN_DURATION, BOTH, .milliseconds = true, .value = column_rtt,
	  .help = "smoothed round trip time" },
	{ "rtt_min", .kind = NSC_COLUMN_DURATION, BOTH, .milliseconds = true, .value = column_rtt_min,
	  .help = "smallest round trip time" },
	{ "rtt_last", .kind = NSC_COLUMN_DURATION, BOTH, .milliseconds = true, .value = column_rtt_last,
	  .help = "newest round trip time" },
	{ "rtt_handshake", .kind = NSC_COLUMN_DURATION, BOTH, .milliseconds = true, .value = column_rtt_handshake,
	  .help = "round trip time of the handshake" },
	{ "retransmissions", .alias = "retrans", .kind = NSC_COLUMN_NUMBER, BOTH, .value = column_retransmissions,
	  .help = "TCP segments sent again" },
	{ "out_of_order", .alias = "ooo", .kind = NSC_COLUMN_NUMBER, BOTH, .value = column_out_of_order,
	  .help = "TCP segments out of order" },
	{ "lost_segments", .alias = "lost", .kind = NSC_COLUMN_NUMBER, BOTH, .value = column_lost_segments,
	  .help = "TCP segments that never came" },
	{ "zero_windows", .kind = NSC_COLUMN_NUMBER, BOTH, .value = column_zero_windows,
	  .help = "times that a receiver was full" },
};

const uint32_t nsc_column_count = NSC_ARRAY_LEN(nsc_column_table);

const struct nsc_column *nsc_column_find(const char *name, bool sorts)
{
	for (uint32_t i = 0; i < nsc_column_count; i++) {
		const struct nsc_column *column = &nsc_column_table[i];

		if (!(sorts ? column->sorts : column->filters))
			continue;
		if (!strcmp(column->name, name) || (column->alias && !strcmp(column->alias, name)))
			return column;
	}
	return NULL;
}
