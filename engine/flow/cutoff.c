/* SPDX-License-Identifier: MIT
 *
 * A table of lines with three flows each. A flow lies in one of two lines, the emptier one when it came: with one line
 * each, of 100,000 flows a thousand would find theirs full.
 */
#include "engine/flow/cutoff.h"

#include <errno.h>

#include "engine/decode/tenant.h"
#include "engine/flow/internal.h"

enum {
	LINES = 1 << 18,
	FLOWS = 3,
	SEEN_SHIFT = 24, /* of clock_ns: 17 ms, and 834 days until the number begins anew */
};

struct cutoff_line {
	uint64_t key[FLOWS]; /* 0: free */
	uint32_t bytes[FLOWS][2];
	uint32_t seen[FLOWS];
	uint32_t unused;
};

static_assert(sizeof(struct cutoff_line) == NSC_CACHE_LINE, "one look, one line");

struct nsc_cutoff {
	struct cutoff_line *line; /* [LINES] */
	uint64_t bytes;
	uint32_t silence; /* longer than this and a flow has timed out */
	struct nsc_decode_options decode;
};

struct cutoff_place {
	struct cutoff_line *line;
	unsigned i;
};

uint64_t nsc_cutoff_memory(void)
{
	return sizeof(struct nsc_cutoff) + LINES * sizeof(struct cutoff_line);
}

int nsc_cutoff_open(struct nsc_cutoff **out, struct nsc_arena *arena, const struct nsc_cutoff_options *options,
		    struct nsc_error *error)
{
	struct nsc_cutoff *cutoff = nsc_arena_alloc(arena, sizeof(*cutoff));

	if (!cutoff)
		return nsc_fail(error, -ENOMEM, "no memory for the first bytes of flows");
	cutoff->bytes = options->bytes;
	cutoff->silence = options->timeout_ns
				  ? (uint32_t)NSC_MIN((options->timeout_ns >> SEEN_SHIFT) + 1, (uint64_t)UINT32_MAX)
				  : UINT32_MAX;
	cutoff->decode = (struct nsc_decode_options){
		.seed = options->decode->seed,
		.key = options->decode->key,
		.decap = options->decode->decap,
		.track_sctp = true,
	};
	cutoff->line = nsc_arena_alloc(arena, LINES * sizeof(*cutoff->line));
	if (!cutoff->line)
		return nsc_fail(error, -ENOMEM, "no memory for the first bytes of flows");
	nsc_arena_populate(cutoff->line, LINES * sizeof(*cutoff->line));
	*out = cutoff;
	return 0;
}

/* 64 bits of everything that makes the flow; not 0. */
static uint64_t cutoff_key(const struct nsc_cutoff *cutoff, const struct nsc_packet *pkt)
{
	const uint64_t *seed = cutoff->decode.seed.word;
	struct flow_key key;
	uint64_t hash, rest;

	flow_key_of(&key, pkt);
	rest = key.rest;
	if (cutoff->decode.key)
		rest ^= nsc_fold_multiply(nsc_decode_tenant(&cutoff->decode, pkt) ^ seed[2], seed[3] | 1);
	if (pkt->ip_version == 6) {
		uint64_t address[4];

		memcpy(address, pkt->data + pkt->l3_off + 8, sizeof(address));
		hash = nsc_fold_multiply(address[pkt->dir * 2] ^ seed[2], address[pkt->dir * 2 + 1] ^ seed[3]);
		hash ^= nsc_fold_multiply(address[2 - pkt->dir * 2] ^ seed[1], address[3 - pkt->dir * 2] ^ hash);
	} else {
		hash = key.addr;
	}
	hash = nsc_fold_multiply(hash ^ seed[0], rest ^ seed[1]);
	return hash ? hash : 1;
}

static struct cutoff_line *cutoff_line_of(const struct nsc_cutoff *cutoff, uint64_t key, unsigned which)
{
	return &cutoff->line[(which ? key >> 32 : key) % LINES];
}

static bool cutoff_is_over(const struct nsc_cutoff *cutoff, const struct cutoff_place *at, uint32_t now)
{
	return !at->line->key[at->i] || now - at->line->seen[at->i] > cutoff->silence;
}

static bool cutoff_find(const struct nsc_cutoff *cutoff, uint64_t key, struct cutoff_place *at)
{
	for (unsigned which = 0; which < 2; which++) {
		at->line = cutoff_line_of(cutoff, key, which);
		for (at->i = 0; at->i < FLOWS; at->i++)
			if (at->line->key[at->i] == key)
				return true;
	}
	return false;
}

/* Of both lines the one with more room, and in that the first place; in full ones the flow that was silent longest. */
static bool cutoff_make_room(const struct nsc_cutoff *cutoff, uint64_t key, uint32_t now, struct cutoff_place *at)
{
	struct cutoff_place oldest = { .line = NULL }, room[2] = { { .line = NULL }, { .line = NULL } };
	unsigned n[2] = { 0, 0 }, which;

	for (which = 0; which < 2; which++) {
		struct cutoff_place here = { .line = cutoff_line_of(cutoff, key, which) };

		for (here.i = 0; here.i < FLOWS; here.i++) {
			if (!oldest.line || now - here.line->seen[here.i] > now - oldest.line->seen[oldest.i])
				oldest = here;
			if (!cutoff_is_over(cutoff, &here, now))
				continue;
			if (!n[which]++)
				room[which] = here;
		}
	}
	which = n[1] > n[0];
	*at = n[which] ? room[which] : oldest;
	return n[which];
}

/* Whether it is within. */
static bool cutoff_count(struct nsc_cutoff *cutoff, const struct nsc_packet *pkt, uint64_t key, uint64_t *forgotten)
{
	uint32_t now = (uint32_t)(pkt->clock_ns >> SEEN_SHIFT), *bytes;
	bool begins = (pkt->tcp_flags & (NSC_TCP_SYN | NSC_TCP_ACK)) == NSC_TCP_SYN && pkt->ip_proto == NSC_PROTO_TCP;
	struct cutoff_place at;

	if (!cutoff_find(cutoff, key, &at)) {
		*forgotten += !cutoff_make_room(cutoff, key, now, &at);
		begins = true;
	}
	bytes = at.line->bytes[at.i];
	if (begins || cutoff_is_over(cutoff, &at, now))
		bytes[0] = bytes[1] = 0;
	at.line->key[at.i] = key;
	at.line->seen[at.i] = now;
	if (bytes[pkt->dir] >= cutoff->bytes)
		return false;
	bytes[pkt->dir] = (uint32_t)NSC_MIN((uint64_t)bytes[pkt->dir] + pkt->wire_len, (uint64_t)UINT32_MAX);
	return true;
}

uint64_t nsc_cutoff_burst(struct nsc_cutoff *cutoff, const struct nsc_packet *pkt, uint32_t n, uint64_t wanted,
			  struct nsc_counters *counters, unsigned cut)
{
	uint64_t key[NSC_BURST_MAX], within = wanted, packets = 0, bytes = 0, forgotten = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (pkt[i].fate != NSC_FATE_FLOW)
			continue;
		key[i] = cutoff_key(cutoff, &pkt[i]);
		nsc_prefetch_write(cutoff_line_of(cutoff, key[i], 0));
		nsc_prefetch_write(cutoff_line_of(cutoff, key[i], 1));
	}
	for (uint32_t i = 0; i < n; i++) {
		if (!(wanted >> i & 1) || pkt[i].fate != NSC_FATE_FLOW)
			continue;
		if (cutoff_count(cutoff, &pkt[i], key[i], &forgotten))
			continue;
		within &= ~(1ull << i);
		packets++;
		bytes += pkt[i].wire_len;
	}
	nsc_count(counters, cut, packets);
	nsc_count(counters, cut + 1, bytes);
	nsc_count(counters, cut + 2, forgotten);
	return within;
}
