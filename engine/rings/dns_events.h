/* SPDX-License-Identifier: MIT
 *
 * What happened to DNS queries at one worker, on its way to the publisher: a channel of chunks of events, in order. A
 * chunk goes when it is full and when the tick is over.
 *
 * No chunk is free: offline the worker waits (counted DNS_WAITS); live the query is not told (DNS_SKIPPED), and neither
 * is what becomes of it.
 */
#ifndef NETSCOPE_RINGS_DNS_EVENTS_H
#define NETSCOPE_RINGS_DNS_EVENTS_H

#include "engine/rings/channel.h"
#include "netscope/names.h"

#define NSC_DNS_CHUNKS 8u
#define NSC_DNS_CHUNK_BYTES 65536u /* each one that fills wakes the publisher */
#define NSC_DNS_CHUNKS_BYTES ((uint64_t)NSC_DNS_CHUNKS * NSC_DNS_CHUNK_BYTES) /* of one worker */

enum nsc_dns_event_kind {
	NSC_DNS_EVENT_QUERY, /* the only one that says who and what, behind the event: 16 bytes of address, the raw name
			      */
	NSC_DNS_EVENT_REPEATED,
	NSC_DNS_EVENT_ANSWERED,
	NSC_DNS_EVENT_UNANSWERED,
};

struct nsc_dns_event {
	uint64_t server;     /* keyed hash of its address */
	uint64_t name;       /* keyed hash of the name; 0 = it is not kept, or has none */
	uint64_t latency_ns; /* ANSWERED; NSC_UNKNOWN = packet time stepped */
	uint8_t kind;        /* enum nsc_dns_event_kind */
	uint8_t code;        /* ANSWERED */
	uint8_t ip_version;  /* QUERY */
	uint8_t name_length; /* QUERY: 0 without a name */
	uint32_t reserved;
	uint8_t data[]; /* QUERY: nothing else has any */
};

static_assert(sizeof(struct nsc_dns_event) == 32, "no hidden padding");

enum { NSC_DNS_ADDRESS = 16, NSC_DNS_EVENT_MAX = 32 + NSC_DNS_ADDRESS + NSC_NAME_MAX + 1 };

struct nsc_dns_chunk {
	uint32_t n;     /* events */
	uint32_t bytes; /* that they take, 0..sizeof(event) */
	alignas(NSC_CACHE_LINE) uint8_t event[NSC_DNS_CHUNK_BYTES - NSC_CACHE_LINE];
};

static_assert(sizeof(struct nsc_dns_chunk) == NSC_DNS_CHUNK_BYTES, "whole pages");

/* Bytes from an event to the next one. */
nsc_always_inline uint32_t nsc_dns_event_bytes(const struct nsc_dns_event *event)
{
	uint32_t data = event->kind == NSC_DNS_EVENT_QUERY ? NSC_DNS_ADDRESS + event->name_length : 0;

	return ((uint32_t)sizeof(*event) + data + 7) & ~7u;
}

/* 0 or -errno and one sentence. Thread: control. Allocates: all from `arena`, and touches it. */
nsc_always_inline int nsc_dns_events_open(struct nsc_channel **events, struct nsc_arena *arena, struct nsc_error *error)
{
	return nsc_channel_open(events, arena, NSC_DNS_CHUNKS, sizeof(struct nsc_dns_chunk), true, error);
}

#endif
