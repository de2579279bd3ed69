/* SPDX-License-Identifier: MIT
 *
 * What the tests of the flow table share: packets without decode, a table with an arena and a sink of its own, and a
 * check of the index from the inside.
 */
#ifndef NETSCOPE_TEST_FLOW_SUPPORT_H
#define NETSCOPE_TEST_FLOW_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>

#include "engine/flow/internal.h"

#define TEST_EPOCH 1700000000000000000ull /* a multiple of a second, and of every tick used here */
#define TEST_SECOND NSC_NS_PER_SEC

static const struct nsc_hash_seed test_seed = { { 0x9e3779b97f4a7c15ull, 0xbf58476d1ce4e5b9ull, 0x94d049bb133111ebull,
						  0xd6e8feb86659fd93ull } };

/* --- random numbers --------------------------------------------------------------------------- */

struct rng { /* splitmix64 */
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static inline uint64_t rng_below(struct rng *r, uint64_t n)
{
	return rng_next(r) % n;
}

/* --- keys and packets ------------------------------------------------------------------------- */

struct endpoint {
	uint8_t ip[16];
	uint16_t port;
};

struct key { /* of a flow, in the order of its "from": end[0] is side 0 */
	struct endpoint end[2];
	uint8_t version, proto;
};

static inline void put32(uint8_t *at, uint32_t x)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(x >> (24 - 8 * i));
}

/* A different key for each number below 2^19, chosen to be mistaken for another: same endpoints with another
 * protocol, equal addresses, equal endpoints, IPv6 that differs in one part only, IPv6 that lies in a record like IPv4.
 */
static inline struct key key_of_number(uint32_t number)
{
	uint32_t n = number >> 3;
	struct key k = { .version = number & 4 ? 6 : 4, .proto = number & 1 ? NSC_PROTO_UDP : NSC_PROTO_TCP };

	k.end[0].port = 1000;
	k.end[1].port = 443;
	switch (number & 7) {
	case 0:
	case 1:
		put32(k.end[0].ip, 0x0a000000u + n);
		put32(k.end[1].ip, 0xc0a80001u);
		break;
	case 2: /* only the ports differ */
		put32(k.end[0].ip, 0x01020304u);
		put32(k.end[1].ip, 0x01020304u);
		k.end[0].port = (uint16_t)(n + 1);
		k.end[1].port = 0;
		break;
	case 3: /* one endpoint talks to itself */
		put32(k.end[0].ip, 0x0a800000u + n);
		put32(k.end[1].ip, 0x0a800000u + n);
		k.end[0].port = k.end[1].port = 53;
		break;
	case 4: /* only the part of b that the record keeps apart; n = 0: all but the version is as in case 0 */
		put32(k.end[0].ip, n);
		put32(k.end[0].ip + 12, 0x0000000au);
		put32(k.end[1].ip + 12, 0x0100a8c0u);
		break;
	case 5: /* only the part of a */
		k.end[0].ip[0] = 0x20;
		put32(k.end[1].ip + 8, n);
		put32(k.end[1].ip + 12, 0xc0a80001u);
		break;
	case 6:
		k.end[0].ip[0] = k.end[1].ip[0] = 0x20;
		put32(k.end[0].ip + 12, n);
		break;
	case 7:
		put32(k.end[0].ip + 4, n);
		put32(k.end[1].ip + 4, n);
		k.end[0].port = k.end[1].port = 53;
		break;
	}
	return k;
}

/* The side that is endpoint a: the smaller (address bytes, port); side 0 when they are equal. */
static inline unsigned key_side_a(const struct key *k)
{
	int order = memcmp(k->end[0].ip, k->end[1].ip, 16);

	if (!order)
		order = (int)k->end[0].port - (int)k->end[1].port;
	return order > 0;
}

static inline uint32_t key_hash(const struct nsc_hash_seed *seed, const struct key *k)
{
	const struct endpoint *a = &k->end[key_side_a(k)], *b = &k->end[!key_side_a(k)];
	uint32_t a4 = (uint32_t)a->ip[0] << 24 | (uint32_t)a->ip[1] << 16 | (uint32_t)a->ip[2] << 8 | a->ip[3];
	uint32_t b4 = (uint32_t)b->ip[0] << 24 | (uint32_t)b->ip[1] << 16 | (uint32_t)b->ip[2] << 8 | b->ip[3];

	if (k->version == 6)
		return nsc_hash_ipv6(seed, a->ip, b->ip, a->port, b->port, k->proto);
	return nsc_hash_ipv4(seed, (uint64_t)a4 << 16 | a->port, (uint64_t)b4 << 16 | b->port, k->proto);
}

struct event { /* one packet, as the tests say it */
	uint64_t ts_ns, clock_ns;
	uint32_t flow; /* number of its key */
	uint32_t len;
	uint32_t seq, ack, payload;
	uint16_t window;
	uint8_t from; /* side that sends */
	uint8_t flags;
	uint8_t ttl, dscp;
	bool fragment; /* the first of several */
};

#define FRAME_BYTES 88u

/* The descriptor of `e` as decode leaves it; `frame` keeps the bytes and holds FRAME_BYTES of them. Headers lie where
 * they do in Ethernet, IPv4 and IPv6 (with a fragment header, if it is one); the payload is not captured. */
static inline void packet_of_event(struct nsc_packet *pkt, uint8_t *frame, const struct event *e,
				   const struct nsc_hash_seed *seed)
{
	struct key k = key_of_number(e->flow);
	const struct endpoint *src = &k.end[e->from], *dst = &k.end[!e->from];
	unsigned bytes = k.version == 4 ? 4 : 16, at = k.version == 4 ? 12 : 8;

	memset(pkt, 0, sizeof(*pkt));
	memset(frame, 0, FRAME_BYTES);
	pkt->l3_off = 14;
	pkt->l4_off = k.version == 4 ? 34 : e->fragment ? 62 : 54;
	memcpy(frame + 14 + at, src->ip, bytes);
	memcpy(frame + 14 + at + bytes, dst->ip, bytes);
	frame[15] = k.version == 4 ? (uint8_t)(e->dscp << 2) : (uint8_t)(e->dscp << 6);
	frame[14] = k.version == 4 ? 0x45 : (uint8_t)(0x60 | e->dscp >> 2);
	frame[k.version == 4 ? 22 : 21] = e->ttl;
	frame[20] = k.version == 4 ? (e->fragment ? 0x20 : 0) : e->fragment ? 44 : k.proto;
	frame[54] = k.proto; /* IPv6: next header of the fragment header, else part of the port */
	frame[57] = 1;       /* more fragments */
	frame[pkt->l4_off + 14] = (uint8_t)(e->window >> 8);
	frame[pkt->l4_off + 15] = (uint8_t)e->window;
	if (k.proto == NSC_PROTO_TCP) {
		pkt->l4_len = 20;
		pkt->payload_len = e->payload;
	}
	pkt->data = frame;
	pkt->cap_len = FRAME_BYTES;
	pkt->wire_len = e->len;
	pkt->ts_ns = e->ts_ns;
	pkt->clock_ns = e->clock_ns;
	pkt->hash = key_hash(seed, &k);
	pkt->tcp_seq = e->seq;
	pkt->tcp_ack = e->ack;
	pkt->src_port = src->port;
	pkt->dst_port = dst->port;
	pkt->ip_version = k.version;
	pkt->ip_proto = k.proto;
	pkt->tcp_flags = k.proto == NSC_PROTO_TCP ? e->flags : 0;
	pkt->dir = memcmp(src, dst, sizeof(*src)) ? e->from != key_side_a(&k) : 0;
	pkt->fate = NSC_FATE_FLOW;
}

/* --- a table with all that it needs ----------------------------------------------------------- */

struct records {
	struct nsc_flow_record *at;
	size_t n, room;
};

static inline void records_add(struct records *all, const struct nsc_flow_record *record, size_t n)
{
	if (!n)
		return;
	if (all->n + n > all->room) {
		all->room = 2 * (all->n + n);
		all->at = realloc(all->at, all->room * sizeof(*all->at));
		if (!all->at)
			abort();
	}
	memcpy(all->at + all->n, record, n * sizeof(*record));
	all->n += n;
}

struct rig {
	struct nsc_flow_table *t;
	struct nsc_flow_table_options options;
	struct nsc_arena *arena;
	struct nsc_flow_output output;
	struct records records; /* everything that came out, after rig_collect */
	uint32_t full_calls;
	bool refuse; /* the sink has no chunk to give */
	struct nsc_counters counters;
	struct nsc_flow_chunk chunk;
	uint8_t frame[NSC_BURST_MAX][FRAME_BYTES];
	struct nsc_packet pkt[NSC_BURST_MAX];
};

/* Takes over what is in the chunk. */
static inline void rig_collect(struct rig *rig)
{
	records_add(&rig->records, rig->chunk.record, rig->chunk.n);
	rig->chunk.n = 0;
}

static inline struct nsc_flow_chunk *rig_full(struct nsc_flow_output *output)
{
	struct rig *rig = output->context;

	rig->full_calls++;
	rig_collect(rig);
	return rig->refuse ? NULL : &rig->chunk;
}

static inline struct rig *rig_open(struct nsc_flow_table_options options)
{
	struct rig *rig = aligned_alloc(NSC_CACHE_LINE, (sizeof(*rig) + 63) / 64 * 64);
	struct nsc_error error = { "no memory for the rig" };

	if (!rig)
		abort();
	memset(rig, 0, sizeof(*rig));
	rig->options = options;
	rig->output = (struct nsc_flow_output){ .full = rig_full, .context = rig };
	if (nsc_arena_open(&rig->arena, &error) || nsc_flow_table_open(&rig->t, &rig->options, rig->arena, &error)) {
		fprintf(stderr, "%s\n", error.text);
		abort();
	}
	return rig;
}

static inline void rig_close(struct rig *rig)
{
	nsc_arena_close(rig->arena);
	free(rig->records.at);
	free(rig);
}

/* The usual small table: a timeout of ten seconds, ticks of one. */
static inline struct nsc_flow_table_options rig_options(uint64_t max_flows)
{
	return (struct nsc_flow_table_options){
		.max_flows = max_flows, .timeout_ns = 10 * TEST_SECOND, .tick_ns = TEST_SECOND, .seed = test_seed
	};
}

/* events[0..n), n <= NSC_BURST_MAX, as one burst. */
static inline void rig_burst(struct rig *rig, const struct event *events, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		packet_of_event(&rig->pkt[i], rig->frame[i], &events[i], &rig->options.seed);
	nsc_flow_table_burst(rig->t, rig->pkt, n, &rig->counters, &rig->output);
}

/* One packet, in order, of side `from`. */
static inline void rig_packet(struct rig *rig, uint32_t flow, unsigned from, uint64_t clock_ns, uint32_t len)
{
	struct event e = { .ts_ns = clock_ns,
			   .clock_ns = clock_ns,
			   .flow = flow,
			   .len = len,
			   .from = (uint8_t)from,
			   .flags = NSC_TCP_ACK };

	rig_burst(rig, &e, 1);
}

static inline void rig_sweep(struct rig *rig, uint64_t clock_ns, bool idle)
{
	nsc_flow_table_sweep(rig->t, clock_ns, idle, &rig->counters, &rig->output);
}

static inline void rig_finish(struct rig *rig, uint64_t clock_ns)
{
	struct nsc_flow_record record;

	nsc_flow_table_settle(rig->t, clock_ns, true, &rig->counters, &rig->output);
	rig_collect(rig);
	while (nsc_flow_table_drain(rig->t, &record, 1))
		records_add(&rig->records, &record, 1);
}

static inline uint64_t rig_count(const struct rig *rig, enum nsc_counter id)
{
	return rig->counters.value[id];
}

static inline uint32_t rig_held(const struct rig *rig)
{
	return rig->t->used - rig->t->n_free;
}

/* --- the index from the inside ---------------------------------------------------------------- */

struct index_walk {
	const struct nsc_flow_table *t;
	const uint32_t *hash; /* of each held record; 0 = not held */
	uint8_t *seen;
	uint32_t entries, overflow;
	uint32_t longest;  /* buckets of the longest chain */
	const char *wrong; /* the first thing that is not as it must be; NULL = none */
};

static inline void index_blame(struct index_walk *w, bool wrong, const char *what)
{
	if (wrong && !w->wrong)
		w->wrong = what;
}

static inline void index_walk_entry(struct index_walk *w, uint32_t home, uint16_t tag, uint32_t id)
{
	w->entries++;
	index_blame(w, id >= w->t->used, "an entry names a record that was never taken");
	if (id >= w->t->used)
		return;
	index_blame(w, w->seen[id], "a record is indexed twice");
	w->seen[id] = 1;
	index_blame(w, !w->hash[id], "an entry names a free record");
	index_blame(w, tag != w->hash[id] >> 16, "a tag is not that of its record");
	index_blame(w, flow_bucket_of(w->t, w->hash[id]) != home, "an entry is in a bucket that is not its own");
}

static inline void index_walk_chain(struct index_walk *w, uint32_t home)
{
	uint32_t length = 1;

	for (const struct flow_bucket *b = &w->t->bucket[home];; b = &w->t->overflow[b->next], length++) {
		unsigned n = 0;

		for (unsigned i = 0; i < BUCKET_SLOTS; i++) {
			if (b->tag[i])
				index_walk_entry(w, home, b->tag[i], b->id[i]);
			n += b->tag[i] != 0;
		}
		index_blame(w, b->next && n < BUCKET_SLOTS, "a bucket with a next one is not full");
		index_blame(w, length > 1 && n == 0, "an empty overflow bucket is in a chain");
		if (!b->next || length > w->t->overflow_max)
			break;
	}
	w->overflow += length - 1;
	w->longest = NSC_MAX(w->longest, length);
}

/* Every bucket walked: each held record is found once, in its place, in chains without holes, and each overflow bucket
 * is in a chain or free. Returns NULL or what is wrong. `hash` has room for t->used; `longest` may be NULL. */
static inline const char *index_check(const struct nsc_flow_table *t, const uint32_t *hash, uint32_t *longest)
{
	struct index_walk w = { .t = t, .hash = hash, .seen = calloc(t->used + 1, 1) };
	uint32_t held = 0, unused = 0;

	if (!w.seen)
		abort();
	for (uint32_t home = 0; home < t->n_buckets; home++)
		index_walk_chain(&w, home);
	for (uint32_t id = 0; id < t->used; id++)
		held += hash[id] != 0;
	for (uint32_t i = t->overflow_free; i && unused <= t->overflow_used; i = t->overflow[i].next)
		unused++;
	index_blame(&w, w.entries != held, "not every held record is indexed");
	index_blame(&w, w.overflow + unused != t->overflow_used, "an overflow bucket is lost");
	free(w.seen);
	if (longest)
		*longest = w.longest;
	return w.wrong;
}

/* The same for a table whose records are real, and of the free list. */
static inline const char *table_check(const struct nsc_flow_table *t)
{
	uint32_t *hash = calloc(t->used + 1, sizeof(*hash));
	uint32_t n_free = 0;
	const char *wrong;

	if (!hash)
		abort();
	for (uint32_t id = 0; id < t->used; id++)
		if (t->hot[id].ip_version)
			hash[id] = flow_record_hash(t, id);
	for (uint32_t id = t->free_head; id != FLOW_NONE && n_free <= t->n_free; id = t->hot[id].a4)
		n_free++;
	wrong = index_check(t, hash, NULL);
	if (!wrong && n_free != t->n_free)
		wrong = "the free list does not hold n_free records";
	free(hash);
	return wrong;
}

#endif
