/* SPDX-License-Identifier: MIT
 *
 * The index: key to record number, in buckets of one cache line. Linear hashing (Litwin, VLDB 1980): bucket
 * n - 2^k splits into itself and n, one at a time, so that growth has no pause. A split needs no record: below 2^16
 * buckets the bit that decides is still unknown to a tag, so a table that grows begins with 2^16 buckets, and above
 * them the tag (hash bits 16..31) holds it.
 */
#include "engine/base/assert.h"
#include "engine/decode/tenant.h"
#include "engine/flow/internal.h"

static struct flow_bucket *bucket_next(const struct nsc_flow_table *t, const struct flow_bucket *b)
{
	return b->next ? &t->overflow[b->next] : NULL;
}

uint32_t flow_find(const struct nsc_flow_table *t, uint32_t hash, const struct flow_key *key)
{
	uint16_t tag = (uint16_t)(hash >> 16);

	for (const struct flow_bucket *b = &t->bucket[flow_bucket_of(t, hash)]; b; b = bucket_next(t, b)) {
		for (uint32_t bits = flow_bucket_match(b, tag); bits; bits &= bits - 1) {
			uint32_t id = b->id[__builtin_ctz(bits)];

			if (flow_key_equal(t, id, key, t->key))
				return id;
		}
	}
	return FLOW_NONE;
}

uint32_t nsc_flow_table_depth(const struct nsc_flow_table *t, const struct nsc_packet *pkt)
{
	uint32_t hash = flow_hash(pkt->hash), depth = 0, id;
	const struct flow_bucket *b = &t->bucket[flow_bucket_of(t, hash)];
	struct flow_key key;

	flow_key_of(&key, pkt);
	id = flow_find(t, hash, &key);
	for (; id != FLOW_NONE && b; b = bucket_next(t, b)) {
		depth++;
		for (unsigned slot = 0; slot < BUCKET_SLOTS; slot++)
			if (b->tag[slot] && b->id[slot] == id)
				return depth;
	}
	return 0;
}

static uint32_t overflow_take(struct nsc_flow_table *t)
{
	uint32_t i = t->overflow_free;

	if (i) {
		t->overflow_free = t->overflow[i].next;
	} else {
		nsc_assert(t->overflow_used < t->overflow_max, "a tenth of max_flows suffices for overflow buckets");
		i = ++t->overflow_used;
	}
	memset(&t->overflow[i], 0, sizeof(t->overflow[i]));
	return i;
}

static void overflow_give(struct nsc_flow_table *t, uint32_t i)
{
	t->overflow[i].next = t->overflow_free;
	t->overflow_free = i;
}

static bool bucket_put(struct flow_bucket *b, uint16_t tag, uint32_t id)
{
	uint32_t empty = flow_bucket_match(b, 0);
	unsigned slot;

	if (!empty)
		return false;
	slot = (unsigned)__builtin_ctz(empty);
	b->tag[slot] = tag;
	b->id[slot] = id;
	return true;
}

static void chain_put(struct nsc_flow_table *t, struct flow_bucket *b, uint16_t tag, uint32_t id)
{
	while (nsc_unlikely(!bucket_put(b, tag, id))) {
		if (!b->next)
			b->next = overflow_take(t);
		b = &t->overflow[b->next];
	}
}

void flow_index_insert(struct nsc_flow_table *t, uint32_t hash, uint32_t id)
{
	chain_put(t, &t->bucket[flow_bucket_of(t, hash)], (uint16_t)(hash >> 16), id);
}

/* Fills the hole at b->slot from the chain's last bucket, so that chains stay as short as their entries allow.
 * `before` is the bucket that leads to b; NULL = b is the first. */
static void chain_close_hole(struct nsc_flow_table *t, struct flow_bucket *before, struct flow_bucket *b, unsigned slot)
{
	struct flow_bucket *last = b;
	uint32_t full;
	unsigned from;

	b->tag[slot] = 0;
	while (last->next) {
		before = last;
		last = &t->overflow[last->next];
	}
	if (!before)
		return;
	full = ~flow_bucket_match(last, 0) & ((1u << BUCKET_SLOTS) - 1);
	if (full && last != b) {
		from = (unsigned)__builtin_ctz(full);
		b->tag[slot] = last->tag[from];
		b->id[slot] = last->id[from];
		last->tag[from] = 0;
		full &= full - 1;
	}
	if (!full) {
		overflow_give(t, before->next);
		before->next = 0;
	}
}

void flow_index_remove(struct nsc_flow_table *t, uint32_t hash, uint32_t id)
{
	struct flow_bucket *before = NULL, *b = &t->bucket[flow_bucket_of(t, hash)];
	uint16_t tag = (uint16_t)(hash >> 16);

	for (; b; before = b, b = bucket_next(t, b)) {
		for (uint32_t bits = flow_bucket_match(b, tag); bits; bits &= bits - 1) {
			unsigned slot = (unsigned)__builtin_ctz(bits);

			if (b->id[slot] == id) {
				chain_close_hole(t, before, b, slot);
				return;
			}
		}
	}
	nsc_assert(false, "a record that ends is in the index");
}

/* Moves the entries of one chain whose deciding bit is set to `to`; the rest is packed again from the front. Each
 * bucket is given back before its entries are put, so the two chains never need more than the one had. */
static void chain_split(struct nsc_flow_table *t, struct flow_bucket *from, struct flow_bucket *to, uint16_t bit)
{
	struct flow_bucket whole = *from;
	uint32_t chain = whole.next;

	memset(from, 0, sizeof(*from));
	for (;;) {
		for (unsigned i = 0; i < BUCKET_SLOTS; i++)
			if (whole.tag[i])
				chain_put(t, whole.tag[i] & bit ? to : from, whole.tag[i], whole.id[i]);
		if (!chain)
			return;
		whole = t->overflow[chain];
		overflow_give(t, chain);
		chain = whole.next;
	}
}

void flow_index_split(struct nsc_flow_table *t)
{
	uint32_t fresh = t->n_buckets;
	uint32_t low = t->mask >> 1; /* mask of the round that ends when n_buckets reaches mask + 1 */
	struct flow_bucket *to;

	if (fresh >= t->max_buckets)
		return;
	if (fresh > t->mask) {
		low = t->mask;
		t->mask = t->mask << 1 | 1;
	}
	to = &t->bucket[fresh];
	memset(to, 0, sizeof(*to));
	__atomic_store_n(&t->n_buckets, fresh + 1, __ATOMIC_RELAXED);
	chain_split(t, &t->bucket[fresh & low], to, (uint16_t)((low + 1) >> 16));
}

/* Without the tenant. */
static uint32_t record_hash_ends(const struct nsc_flow_table *t, uint32_t id)
{
	const struct flow_hot *hot = &t->hot[id];
	uint8_t a[16], b[16];

	if (hot->ip_version == 4)
		return nsc_hash_ipv4(&t->seed, (uint64_t)hot->a4 << 16 | hot->a_port,
				     (uint64_t)hot->b4 << 16 | hot->b_port, hot->proto);
	memcpy(a, t->tail[id].a12, 12);
	memcpy(b, t->tail[id].b12, 12);
	memcpy(a + 12, &hot->a4, 4);
	memcpy(b + 12, &hot->b4, 4);
	return nsc_hash_ipv6(&t->seed, a, b, hot->a_port, hot->b_port, hot->proto);
}

uint32_t flow_record_hash(const struct nsc_flow_table *t, uint32_t id)
{
	return flow_hash(nsc_hash_tenant(&t->seed, record_hash_ends(t, id), t->key ? t->tenant[id] : 0));
}
