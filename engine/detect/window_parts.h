/* SPDX-License-Identifier: MIT
 *
 * Inside a window: window.c merges, window_keys.c is the table of keys.
 */
#ifndef NETSCOPE_DETECT_WINDOW_PARTS_H
#define NETSCOPE_DETECT_WINDOW_PARTS_H

#include "engine/detect/hash.h"
#include "engine/detect/window.h"

/* Where a hash begins to look: its upper bits, so that the index alone says where each of its entries belongs. */
nsc_always_inline uint32_t window_home(const struct nsc_window *w, uint32_t hash)
{
	return hash >> (32 - w->index_bits);
}

nsc_always_inline bool window_same(const uint8_t x[16], const uint8_t y[16])
{
	uint64_t a[2], b[2];

	memcpy(a, x, 16);
	memcpy(b, y, 16);
	return a[0] == b[0] && a[1] == b[1];
}

nsc_always_inline bool window_is_key(const struct nsc_window_entry *entry, const struct nsc_detect_key *key)
{
	return entry->ip_version == key->ip_version && entry->port == key->port && window_same(entry->addr, key->addr);
}

/* The first entry of this hash; 0 = none. */
nsc_always_inline uint32_t window_candidate(const struct nsc_window *w, uint32_t hash)
{
	uint32_t mask = (1u << w->index_bits) - 1;

	for (uint32_t i = window_home(w, hash); w->index[i]; i = (i + 1) & mask)
		if (w->index[i] >> 32 == hash)
			return (uint32_t)w->index[i];
	return 0;
}

/* The number of this key's entry, which may be new and empty; 0 when there is no room. */
uint32_t window_find_or_insert(struct nsc_window *w, uint32_t hash, const struct nsc_detect_key *key);

/* Empties the bags of an entry. */
void window_empty(struct nsc_window *w, struct nsc_window_entry *entry);

#endif
