/* SPDX-License-Identifier: MIT */
#include "engine/decode/fragments.h"

#include <errno.h>
#include <string.h>

#include "engine/base/assert.h"
#include "engine/decode/tenant.h"

struct fragments_key {
	uint8_t source[16], destination[16]; /* IPv4 in the first 4, the rest 0 */
	uint32_t id;
	uint8_t ip_version;
	uint8_t proto;   /* IPv4; 0 with IPv6, where the first fragment alone decides */
	uint16_t tenant; /* part of it: with --flow-key */
};

struct fragments_entry {
	struct fragments_key key;
	uint32_t hash;    /* of the flow, as ports, protocol and direction */
	uint32_t missing; /* bytes; before the last fragment has come those that came, less than 0 */
	uint64_t began_ns;
	uint16_t src_port, dst_port;
	uint8_t proto;
	uint8_t dir;
	uint8_t used; /* 0: free */
	uint8_t whole;
};

static_assert(sizeof(struct fragments_entry) == NSC_CACHE_LINE, "one line for each datagram");

struct nsc_fragments {
	struct fragments_entry entry[FRAGMENTS_SETS][FRAGMENTS_WAYS];
};

uint64_t nsc_fragments_bytes(void)
{
	return sizeof(struct nsc_fragments);
}

int nsc_fragments_open(struct nsc_fragments **fragments, struct nsc_arena *arena, struct nsc_error *error)
{
	*fragments = nsc_arena_alloc(arena, sizeof(**fragments));
	return *fragments ? 0 : nsc_fail(error, -ENOMEM, "no memory for a table of fragments");
}

static void fragments_key_of(struct fragments_key *key, const struct nsc_decode_options *options,
			     const struct nsc_packet *pkt, uint32_t id)
{
	const uint8_t *ip = pkt->data + pkt->l3_off;
	uint32_t bytes = pkt->ip_version == 4 ? 4 : 16, at = pkt->ip_version == 4 ? 12 : 8;

	memset(key, 0, sizeof(*key));
	memcpy(key->source, ip + at, bytes);
	memcpy(key->destination, ip + at + bytes, bytes);
	key->id = id;
	key->ip_version = pkt->ip_version;
	key->proto = pkt->ip_version == 4 ? pkt->ip_proto : 0;
	key->tenant = options->key ? (uint16_t)nsc_decode_tenant(options, pkt) : 0;
}

static struct fragments_entry *fragments_set(const struct nsc_decode_options *options, const struct fragments_key *key)
{
	uint64_t word[5], h;

	memcpy(word, key, sizeof(word));
	h = nsc_fold_multiply(word[0] ^ options->seed.word[0], word[1] ^ options->seed.word[1]);
	h ^= nsc_fold_multiply(word[2] ^ options->seed.word[2], word[3] ^ options->seed.word[3] ^ h);
	h = nsc_fold_multiply(word[4] ^ options->seed.word[1] ^ h, options->seed.word[3]);
	return options->fragments->entry[h % FRAGMENTS_SETS];
}

static bool fragments_is_old(const struct fragments_entry *entry, uint64_t clock_ns)
{
	return clock_ns > entry->began_ns && clock_ns - entry->began_ns > FRAGMENTS_TIMEOUT_NS;
}

static bool fragments_is_free(const struct fragments_entry *entry, uint64_t clock_ns)
{
	return !entry->used || entry->whole || fragments_is_old(entry, clock_ns);
}

static struct fragments_entry *fragments_find(struct fragments_entry *set, const struct fragments_key *key)
{
	for (unsigned i = 0; i < FRAGMENTS_WAYS; i++)
		if (set[i].used && !memcmp(&set[i].key, key, sizeof(*key)))
			return &set[i];
	return NULL;
}

/* Where the next datagram of this set goes: the newest ones stay. */
static struct fragments_entry *fragments_place(struct fragments_entry *set, uint64_t clock_ns)
{
	struct fragments_entry *place = &set[0];

	for (unsigned i = 0; i < FRAGMENTS_WAYS; i++) {
		if (fragments_is_free(&set[i], clock_ns))
			return &set[i];
		if (set[i].began_ns < place->began_ns)
			place = &set[i];
	}
	return place;
}

/* Repeated bytes make a datagram whole too early: it then gives its place away sooner, no more. */
static void fragments_count(struct fragments_entry *entry, const struct nsc_fragment *fragment)
{
	entry->missing -= fragment->len;
	if (fragment->last)
		entry->missing += fragment->offset + fragment->len;
	entry->whole |= !entry->missing;
}

void nsc_fragments_begin(const struct nsc_decode_options *options, const struct nsc_packet *pkt,
			 const struct nsc_fragment *fragment)
{
	struct fragments_entry *set, *entry;
	struct fragments_key key;

	fragments_key_of(&key, options, pkt, fragment->id);
	set = fragments_set(options, &key);
	entry = fragments_find(set, &key);
	if (!entry) {
		entry = fragments_place(set, pkt->clock_ns);
		if (!fragments_is_free(entry, pkt->clock_ns))
			nsc_count(options->counters, NSC_C_FRAGMENT_EVICTED, 1);
	}
	*entry = (struct fragments_entry){
		.key = key,
		.hash = pkt->hash,
		.began_ns = pkt->clock_ns,
		.src_port = pkt->src_port,
		.dst_port = pkt->dst_port,
		.proto = pkt->ip_proto,
		.dir = pkt->dir,
		.used = true,
	};
	fragments_count(entry, fragment);
}

void nsc_fragments_join(const struct nsc_decode_options *options, struct nsc_packet *pkt,
			const struct nsc_fragment *fragment)
{
	struct fragments_entry *entry;
	struct fragments_key key;

	fragments_key_of(&key, options, pkt, fragment->id);
	entry = fragments_find(fragments_set(options, &key), &key);
	if (!entry || fragments_is_old(entry, pkt->clock_ns))
		return;
	fragments_count(entry, fragment);
	pkt->hash = entry->hash;
	pkt->src_port = entry->src_port;
	pkt->dst_port = entry->dst_port;
	pkt->ip_proto = entry->proto;
	pkt->dir = entry->dir;
	pkt->fate = NSC_FATE_FLOW;
	nsc_count(options->counters, NSC_C_FRAGMENTS_JOINED, 1);
}

void nsc_fragments_note(const struct nsc_decode_options *options, const struct nsc_packet *pkt,
			const struct nsc_fragment *fragment)
{
	struct nsc_decode_notes *notes = options->notes;

	if (notes->n < NSC_DECODE_NOTES_MAX)
		notes->note[notes->n] =
			(struct nsc_decode_note){ .at = options->noted_from + (uint32_t)(pkt - options->noted),
						  .id = fragment->id,
						  .offset = fragment->offset,
						  .len = fragment->len,
						  .last = fragment->last };
	notes->n++;
}

void nsc_fragments_catch_up(const struct nsc_decode_options *options, struct nsc_packet *pkt,
			    const struct nsc_decode_notes *notes)
{
	nsc_assert(notes->n <= NSC_DECODE_NOTES_MAX, "packets of which not all was noted are decoded again");
	for (uint32_t i = 0; i < notes->n; i++) {
		const struct nsc_decode_note *note = &notes->note[i];
		const struct nsc_fragment fragment = { note->id, note->offset, note->len, note->last };

		if (!fragment.offset && pkt[note->at].fate == NSC_FATE_FLOW)
			nsc_fragments_begin(options, &pkt[note->at], &fragment);
		else if (pkt[note->at].fate == NSC_FATE_FRAGMENT)
			nsc_fragments_join(options, &pkt[note->at], &fragment);
	}
}
