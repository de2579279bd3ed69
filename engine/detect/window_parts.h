/* SPDX-License-Identifier: MIT
 *
 * Inside a window: window.c merges, window_keys.c is the table of keys.
 */
#ifndef NETSCOPE_DETECT_WINDOW_PARTS_H
#define NETSCOPE_DETECT_WINDOW_PARTS_H

#include "engine/detect/hash.h"
#include "engine/detect/multiset_parts.h"
#include "engine/detect/window.h"

#define WINDOW_ENTRY (1ull << 16) /* in a slot's key */

/* A hash as slots have it: never 0. */
nsc_always_inline uint64_t window_key(uint64_t hash)
{
	return (hash | 1ull << 17) & ~0x1ffffull;
}

/* Where it begins to look: its upper bits, so that the index alone says where each of its slots belongs. */
nsc_always_inline uint32_t window_home(const struct nsc_window *w, uint64_t key)
{
	return (uint32_t)(key >> (64 - w->index_bits));
}

nsc_always_inline bool window_is_key(const struct nsc_window_entry *entry, const struct nsc_detect_key *key)
{
	return entry->ip_version == key->ip_version && entry->port == key->port &&
	       !memcmp(entry->addr, key->addr, sizeof(key->addr));
}

/* The first slot of this hash from its home on, or the empty one where it would be. */
nsc_always_inline struct nsc_window_slot *window_slot(const struct nsc_window *w, uint64_t key)
{
	uint32_t mask = (1u << w->index_bits) - 1, i = window_home(w, key);

	while (w->index[i].key && (w->index[i].key ^ key) >> 17)
		i = (i + 1) & mask;
	return &w->index[i];
}

/* The number of this key's entry, which may be new and empty; 0 when there is no room. Never that of a single contact.
 */
uint32_t window_find_or_insert(struct nsc_window *w, uint64_t key, const struct nsc_detect_key *name);

/* Makes a key with one contact an entry, with that contact in its multisets; 0 when there is no room. */
uint32_t window_promote(struct nsc_window *w, struct nsc_window_slot *slot, const struct nsc_detect_key *name);

/* A new key with one contact. */
void window_insert_single(struct nsc_window *w, uint64_t key, uint64_t packed);
/* Takes a key out of the index. */
void window_remove(struct nsc_window *w, struct nsc_window_slot *slot);

/* The cursor goes over so many slots of the index and clears single contacts that have left the window. */
void window_sweep(struct nsc_window *w, uint32_t slots);

/* Adds to the multisets of an entry, as of the epoch of w->multisets. */
void window_fill(struct nsc_window *w, struct nsc_window_entry *entry, const uint64_t value[NSC_MEASURE_MULTISETS]);

/* Empties the multisets of an entry. */
void window_empty(struct nsc_window *w, struct nsc_window_entry *entry);

#endif
