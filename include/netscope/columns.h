/* SPDX-License-Identifier: MIT
 *
 * The columns of a flow, one row each. What walks the table has a new row without another edit: header and rows of
 * CSV, members of JSON, log of expired flows, the dashboard's flows, filters and sort keys.
 *
 * The protocol and both endpoints stand before these columns. They are the flow's key and have a shape of their own:
 * engine/text/row.c writes them, engine/flow/column.c compares them.
 */
#ifndef NETSCOPE_COLUMNS_H
#define NETSCOPE_COLUMNS_H

#include "netscope/flow.h"
#include "netscope/geo.h"
#include "netscope/services.h"

/* How a value is written, in CSV and JSON alike: engine/text/row.c has a function row_put_<form> for each.
 * X(form, room, kind, milliseconds, "as the pages say it")
 *   room          the widest text, a word with its quotes
 *   kind          NSC_COLUMN_* in filters
 *   milliseconds  a number without a unit in a filter is ms */
#define NSC_COLUMN_FORMS(X)                                                                                            \
	X(time, 24, NUMBER, false, "seconds since 1970, 9 decimals")                                                   \
	X(seconds, 24, DURATION, false, "seconds, 9 decimals")                                                         \
	X(ms, 24, DURATION, true, "milliseconds, 6 decimals")                                                          \
	X(number, 20, NUMBER, false, "number")                                                                         \
	X(bytes, 20, BYTES, false, "number")                                                                           \
	X(thousandths, 41, RATE, false, "number, 3 decimals")                                                          \
	X(state, 16, WORD, false, "word")                                                                              \
	X(client, 16, WORD, false, "word")                                                                             \
	X(reason, 16, WORD, false, "word")                                                                             \
	X(vlans, 32, WORD, false, "tags, joined by `.`")                                                               \
	X(tunnels, 128, WORD, false, "kinds with their ids, joined by `/`")                                            \
	X(interface, 416, WORD, false, "text")                                                                         \
	X(flags, 16, WORD, false, "letters of `SPAFRUEC`, or `-`")                                                     \
	X(community, 32, WORD, false, "text")                                                                          \
	X(app, 16, TEXT, false, "word")                                                                                \
	X(app_source, 16, TEXT, false, "word")                                                                         \
	X(name, 260, TEXT, false, "text")                                                                              \
	X(alpn, 68, TEXT, false, "protocols, joined by `;`")                                                           \
	X(ja4, 40, TEXT, false, "text")                                                                                \
	X(country, 16, TEXT, false, "two letters, ISO 3166")                                                           \
	X(org, 2 + NSC_GEO_ORG_MAX * 6, TEXT, false, "text")                                                           \
	X(service, 2 + NSC_SERVICE_NAME_MAX, TEXT, false, "text")

/* X(name, form, value, known, finds, key, alias, "help")
 *   name          in the CSV header and in JSON
 *   form          of NSC_COLUMN_FORMS
 *   value, known  expressions of `const struct nsc_flow_record *r`; when `known` is false the column is null (the form
 *                 client writes null by itself). A column that is not found may also use `uint64_t id`, the row's
 *                 number in its output, 0 when it has none,
 *                 `const struct nsc_named *named`, what the flow said, `const struct nsc_geo *geo`, where a, [0], and
 *                 b, [1], are registered, `const char *service`, what the machine calls the server's port, and
 *                 `community`, the flow's Community ID
 *   finds         BOTH: flows are filtered and sorted by it; SORTS: sorted only; NO: neither, key and alias are NULL
 *   key, alias    its names in filters and sort keys; an alias may be NULL
 *   help          what it is, for the pages and the dashboard
 * The order is the order of the outputs. New columns come last: readers count CSV columns. */
#define NSC_FLOW_COLUMNS(X)                                                                                            \
	X(first_seen, time, r->first_seen_ns, true, SORTS, "first_seen", NULL, "time of the first packet")             \
	X(last_seen, time, r->last_seen_ns, true, SORTS, "last_seen", NULL, "time of the last packet")                 \
	X(duration_secs, seconds, r->last_seen_ns - r->first_seen_ns, true, BOTH, "duration", NULL,                    \
	  "from the first to the last packet")                                                                         \
	X(packets_a_to_b, number, r->packets[0], true, SORTS, "packets_a_to_b", NULL, "packets sent by a")             \
	X(packets_b_to_a, number, r->packets[1], true, SORTS, "packets_b_to_a", NULL, "packets sent by b")             \
	X(bytes_a_to_b, bytes, r->bytes[0], true, SORTS, "bytes_a_to_b", NULL, "bytes sent by a")                      \
	X(bytes_b_to_a, bytes, r->bytes[1], true, SORTS, "bytes_b_to_a", NULL, "bytes sent by b")                      \
	X(packets_total, number, r->packets[0] + r->packets[1], true, BOTH, "packets", NULL,                           \
	  "packets, both directions")                                                                                  \
	X(bytes_total, bytes, r->bytes[0] + r->bytes[1], true, BOTH, "bytes", NULL,                                    \
	  "bytes on the wire, both directions")                                                                        \
	X(avg_bps, thousandths, nsc_bps_thousandths(r->bytes[0] + r->bytes[1], r->last_seen_ns - r->first_seen_ns),    \
	  true, NO, NULL, NULL, "8 × bytes of both directions ÷ duration, rounded half up; 0 when the duration is 0")  \
	X(tcp_state, state, r->tcp_state, r->proto == NSC_PROTO_TCP, NO, NULL, NULL,                                   \
	  "TCP state; `unknown` when no flag told more")                                                               \
	X(client, client, r->client, true, NO, NULL, NULL,                                                             \
	  "the direction in which the initiator sends; null when the initiator is unknown")                            \
	X(retransmissions, number, r->retransmissions, (r->analyses & NSC_ANALYSIS_RETRANS) != 0, BOTH,                \
	  "retransmissions", "retrans", "TCP segments sent again")                                                     \
	X(out_of_order, number, r->out_of_order, (r->analyses & NSC_ANALYSIS_OUT_OF_ORDER) != 0, BOTH, "out_of_order", \
	  "ooo", "TCP segments out of order")                                                                          \
	X(rtt_last_ms, ms, r->rtt_last_ns, r->rtt_samples != 0, BOTH, "rtt_last", NULL, "newest round trip time")      \
	X(rtt_min_ms, ms, r->rtt_min_ns, r->rtt_samples != 0, BOTH, "rtt_min", NULL, "smallest round trip time")       \
	X(rtt_ewma_ms, ms, r->rtt_ewma_ns, r->rtt_samples != 0, BOTH, "rtt", "rtt_ewma", "smoothed round trip time")   \
	X(rtt_samples, number, r->rtt_samples, (r->analyses & NSC_ANALYSIS_RTT) != 0, NO, NULL, NULL,                  \
	  "round trip times that were measured")                                                                       \
	X(end_reason, reason, r->end_reason, true, NO, NULL, NULL,                                                     \
	  "why the row ended; `active`, `active_timeout`: the flow goes on")                                           \
	X(lost_segments, number, r->lost_segments,                                                                     \
	  (r->analyses & NSC_ANALYSIS_ORDER) != 0 && r->end_reason != NSC_END_ACTIVE_TIMEOUT, BOTH, "lost_segments",   \
	  "lost", "TCP segments that never came")                                                                      \
	X(zero_windows, number, r->zero_windows, (r->analyses & NSC_ANALYSIS_ORDER) != 0, BOTH, "zero_windows", NULL,  \
	  "times that a receiver was full")                                                                            \
	X(rtt_handshake_ms, ms, r->rtt_handshake_ns, r->rtt_handshake_ns != 0, BOTH, "rtt_handshake", NULL,            \
	  "round trip time of the handshake")                                                                          \
	X(tcp_flags_a_to_b, flags, r->tcp_flags[0], r->proto == NSC_PROTO_TCP && r->packets[0], NO, NULL, NULL,        \
	  "TCP flags of all packets that a sent, put together")                                                        \
	X(tcp_flags_b_to_a, flags, r->tcp_flags[1], r->proto == NSC_PROTO_TCP && r->packets[1], NO, NULL, NULL,        \
	  "TCP flags of all packets that b sent, put together")                                                        \
	X(ttl_min_a_to_b, number, r->ttl_min[0], r->packets[0] != 0, BOTH, "ttl_a_to_b", "ttl_min_a_to_b",             \
	  "smallest TTL or hop limit of what a sent")                                                                  \
	X(ttl_min_b_to_a, number, r->ttl_min[1], r->packets[1] != 0, BOTH, "ttl_b_to_a", "ttl_min_b_to_a",             \
	  "smallest TTL or hop limit of what b sent")                                                                  \
	X(dscp_a_to_b, number, r->dscp[0], r->packets[0] != 0, BOTH, "dscp_a_to_b", NULL,                              \
	  "DSCP of the first packet that a sent")                                                                      \
	X(dscp_b_to_a, number, r->dscp[1], r->packets[1] != 0, BOTH, "dscp_b_to_a", NULL,                              \
	  "DSCP of the first packet that b sent")                                                                      \
	X(vlan, vlans, r, r->n_vlans != 0, NO, NULL, NULL, "VLAN tags of the first packet, outermost first")           \
	X(tunnel, tunnels, r, r->n_tunnels != 0, NO, NULL, NULL,                                                       \
	  "tunnels of the first packet that --decap opened, outermost first")                                          \
	X(interface, interface, r->interface, r->interface != 0, NO, NULL, NULL,                                       \
	  "interface of the first packet; null when the capture does not name it")                                     \
	X(fragments, number, r->fragments, true, BOTH, "fragments", NULL,                                              \
	  "packets that are later fragments, both directions")                                                         \
	X(fragment_bytes, bytes, r->fragment_bytes, true, BOTH, "fragment_bytes", NULL,                                \
	  "bytes on the wire of these fragments")                                                                      \
	X(community_id, community, community, true, NO, NULL, NULL, "Community ID, version 1, seed 0")                 \
	X(flow_id, number, id, id != 0, NO, NULL, NULL, "number of the row in its output, from 1")                     \
	X(part, number, r->part, true, NO, NULL, NULL, "which part of the flow the row is, from 0")                    \
	X(app, app, named->app, named->app != 0, NO, NULL, NULL, "application")                                        \
	X(app_source, app_source, named->source, named->app != 0, NO, NULL, NULL,                                      \
	  "how the application is known: `payload` or only `port`")                                                    \
	X(name, name, named, named->name_length != 0, NO, NULL, NULL, "whom the client asked for")                     \
	X(alpn, alpn, named, named->alpn_length != 0, NO, NULL, NULL, "protocols that a TLS client offered")           \
	X(ja4, ja4, named, named->ja4_length != 0, NO, NULL, NULL, "fingerprint of a TLS client")                      \
	X(country_a, country, &geo[0], geo[0].country[0] != 0, NO, NULL, NULL, "country of a's address, with --geoip") \
	X(asn_a, number, geo[0].asn, geo[0].asn != 0, NO, NULL, NULL,                                                  \
	  "autonomous system of a's address, with --geoip")                                                            \
	X(as_org_a, org, &geo[0], geo[0].as_org_length != 0, NO, NULL, NULL, "organization of that system")            \
	X(country_b, country, &geo[1], geo[1].country[0] != 0, NO, NULL, NULL, "country of b's address, with --geoip") \
	X(asn_b, number, geo[1].asn, geo[1].asn != 0, NO, NULL, NULL,                                                  \
	  "autonomous system of b's address, with --geoip")                                                            \
	X(as_org_b, org, &geo[1], geo[1].as_org_length != 0, NO, NULL, NULL, "organization of that system")            \
	X(service, service, service, service != NULL, NO, NULL, NULL, "the server's port in words, with --services")

#endif
