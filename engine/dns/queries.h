/* SPDX-License-Identifier: MIT
 *
 * The workers' half of DNS: reads each message of port 53, finds the query that an answer belongs to, and tells the
 * publisher what happened (rings/dns_events.h). A query and its answer share a flow, and so a worker.
 *
 * All times are steady (netscope/steady.h): a query waits by the clock, a latency is the difference of two time stamps
 * of one offset. Whatever has no such difference has no latency, and is counted (DNS_UNTIMED).
 *
 * Full: the oldest gives way, an answered query first (DNS_ANSWER_FORGOTTEN, DNS_QUERY_FORGOTTEN).
 *
 * Thread: worker, but for open. Allocates: at open only. Blocks: offline, for a publisher that is behind.
 */
#ifndef NETSCOPE_DNS_QUERIES_H
#define NETSCOPE_DNS_QUERIES_H

#include "engine/names/dns.h"
#include "netscope/counters.h"
#include "netscope/decode.h"
#include "netscope/error.h"

struct nsc_arena;
struct nsc_channel;
struct nsc_dns_chunk;
struct nsc_dns_waiting;

struct nsc_dns_queries {
	struct nsc_channel *events;
	struct nsc_dns_chunk *chunk; /* being filled; NULL: none */
	struct nsc_dns_waiting *waiting;
	uint64_t due_ns; /* nothing is over before this clock */
	struct nsc_decode_options decode;
	bool live;
	struct nsc_counters *counters;
	struct nsc_dns_message message;     /* the one at hand */
	alignas(NSC_CACHE_LINE) bool names; /* names are told; control's, relaxed */
};

/* `decode` tells what belongs to a flow's key, and seeds. 0 or -errno and one sentence. Thread: control. */
int nsc_dns_queries_open(struct nsc_dns_queries **queries, struct nsc_arena *arena, struct nsc_channel *events,
			 const struct nsc_decode_options *decode, bool names, struct nsc_error *error);
uint64_t nsc_dns_queries_bytes(void); /* without the events' channel */

/* Who counts. `live`: an event without a chunk is not waited for. Before the first burst. */
void nsc_dns_queries_attach(struct nsc_dns_queries *queries, struct nsc_counters *counters, bool live);

/* Whether names are told from now on; queries that were opened without them have none. Thread: control. */
void nsc_dns_queries_tell_names(struct nsc_dns_queries *queries, bool names);

/* Bit i: pkt[i] has a port of DNS, if it has ports. With branches: nearly no packet has one. */
nsc_always_inline uint64_t nsc_dns_ports(const struct nsc_packet *pkt, uint32_t n)
{
	uint64_t bits = 0;

	for (uint32_t i = 0; i < n; i++)
		if (nsc_unlikely(pkt[i].src_port == NSC_DNS_PORT) || nsc_unlikely(pkt[i].dst_port == NSC_DNS_PORT))
			bits |= 1ull << i;
	return bits;
}

/* Packets in order; `bits` as above, offset_ns of the burst. n <= NSC_BURST_MAX. */
void nsc_dns_queries_burst(struct nsc_dns_queries *queries, const struct nsc_packet *pkt, uint32_t n, uint64_t bits,
			   uint64_t offset_ns);

/* The clock is here: gives up on queries that have waited too long, `most` of them. */
void nsc_dns_queries_give_up(struct nsc_dns_queries *queries, uint64_t clock_ns, uint64_t most);

/* What was told goes on its way. */
void nsc_dns_queries_flush(struct nsc_dns_queries *queries);

/* After the last packet: whatever waits was not answered. */
void nsc_dns_queries_end(struct nsc_dns_queries *queries);

#endif
