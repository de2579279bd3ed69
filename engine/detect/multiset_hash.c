/* SPDX-License-Identifier: MIT
 *
 * Sets by hash: open addressing, at most three quarters full. When that is reached, the set is made anew from what is
 * worth keeping: what has left the window goes, and so does what k smaller ones that were seen no earlier stand before.
 * `more` of the multiset is the smallest hash that this epoch has no use for any more, with the epoch; so most elements
 * of a large flood are turned away by one comparison.
 */
#include "engine/detect/multiset_parts.h"
#include "netscope/heap.h"

#define K NSC_MULTISET_EXACT
#define VALUE_BITS 48u
#define RADIX_MIN 64u /* fewer are sorted by a heap */

/* While a set is made anew its elements are turned round: age above, value below. */
#define VALUE_MASK ((1ull << VALUE_BITS) - 1)

nsc_always_inline uint32_t set_slots(uint8_t form)
{
	return multiset_room(multiset_order(form));
}

static void set_insert(uint64_t *slot, uint32_t slots, uint64_t element)
{
	uint32_t i = (uint32_t)(element >> 16) & (slots - 1);

	while (slot[i])
		i = (i + 1) & (slots - 1);
	slot[i] = element;
}

void multiset_hash_begin(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint32_t unit, uint32_t order,
			 const uint64_t *from, uint32_t n)
{
	uint64_t *slot;

	multiset->unit = unit;
	multiset->n = n;
	multiset->more = 0;
	slot = multiset_block(multisets, multiset);
	memset(slot, 0, multiset_room(order) * sizeof(*slot));
	for (uint32_t i = 0; i < n; i++)
		set_insert(slot, multiset_room(order), from[i]);
}

/* --- the k smallest --------------------------------------------------------------------------- */

#define VALUE_ABOVE(none, x, y) ((x) > (y))
NSC_HEAP(smallest, uint64_t, const void *, VALUE_ABOVE)

/* heap[0..*n): the K smallest so far, the largest of them first. False when `value` is not among them. */
static bool smallest_offer(uint64_t *heap, uint32_t *n, uint64_t value)
{
	if (*n == K && value >= heap[0])
		return false;
	if (*n == K) {
		heap[0] = value;
		smallest_down(NULL, heap, K, 0);
		return true;
	}
	heap[*n] = value;
	smallest_up(NULL, heap, (*n)++);
	return true;
}

/* (k - 1) / (k-th smallest, as a part of the whole range), rounded; at least as many as are there. */
static uint64_t set_estimate(uint64_t kth)
{
	uint64_t different = (((uint64_t)(K - 1) << VALUE_BITS) + kth / 2) / kth;

	return NSC_MAX(different, (uint64_t)K);
}

uint64_t multiset_hash_different(struct nsc_multisets *multisets, const struct nsc_multiset *multiset, uint8_t form)
{
	const uint64_t *slot = multiset_block(multisets, multiset);
	uint32_t slots = set_slots(form), living = 0, n = 0;

	for (uint32_t i = 0; i < slots; i++)
		living += slot[i] && multiset_lives(multisets, slot[i]);
	if (living < K)
		return living;
	for (uint32_t i = 0; i < slots; i++)
		if (slot[i] && multiset_lives(multisets, slot[i]))
			smallest_offer(multisets->scratch[0], &n, slot[i] >> 16);
	return set_estimate(multisets->scratch[0][0]);
}

/* --- made anew -------------------------------------------------------------------------------- */

static uint32_t set_gather(const struct nsc_multisets *multisets, const uint64_t *slot, uint32_t slots, uint64_t *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < slots; i++)
		if (slot[i] && multiset_lives(multisets, slot[i]))
			out[n++] = (uint64_t)multiset_age(multisets, slot[i]) << VALUE_BITS | slot[i] >> 16;
	return n;
}

/* One pass by one byte; false, and nothing moved, when all have the same. */
static bool set_radix_pass(const uint64_t *from, uint64_t *to, uint32_t n, unsigned shift)
{
	uint32_t at[256] = { 0 }, sum = 0;

	for (uint32_t i = 0; i < n; i++)
		at[from[i] >> shift & 255]++;
	if (at[from[0] >> shift & 255] == n)
		return false;
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t count = at[i];

		at[i] = sum;
		sum += count;
	}
	for (uint32_t i = 0; i < n; i++)
		to[at[from[i] >> shift & 255]++] = from[i];
	return true;
}

/* Youngest first, and smallest first among those of one epoch. The result is in scratch[0]. */
static void set_sort(struct nsc_multisets *multisets, uint32_t n)
{
	if (n < RADIX_MIN) {
		smallest_sort(NULL, multisets->scratch[0], n);
		return;
	}
	for (unsigned shift = 0; shift < 64; shift += 8) {
		uint64_t *from = multisets->scratch[0];

		if (!set_radix_pass(from, multisets->scratch[1], n, shift))
			continue;
		multisets->scratch[0] = multisets->scratch[1];
		multisets->scratch[1] = from;
	}
}

/* Keeps an element when fewer than K of those before it are smaller: any window that has it has those too. */
static uint32_t set_keep_useful(struct nsc_multisets *multisets, uint32_t n)
{
	uint64_t *list = multisets->scratch[0], *heap = multisets->scratch[1];
	uint32_t kept = 0, in_heap = 0;

	for (uint32_t i = 0; i < n; i++)
		if (smallest_offer(heap, &in_heap, list[i] & VALUE_MASK))
			list[kept++] = list[i];
	return kept;
}

/* With K of this epoch there already, a larger one of this epoch has no use. list is sorted. */
static uint64_t set_useless_from(const struct nsc_multisets *multisets, const uint64_t *list, uint32_t n)
{
	return n >= K && list[K - 1] >> VALUE_BITS == 0 ? list[K - 1] << 16 | multisets->now : 0;
}

/* The order of the block that n elements should have: they may double or so before the next time. */
static uint32_t set_order_for(uint32_t n, uint32_t order)
{
	if (n > multiset_room(order) / 2)
		return NSC_MIN(order + 1, NSC_POOL_ORDERS - 1);
	while (order > MULTISET_LIST_ORDERS && n <= multiset_room(order) / 8)
		order--;
	return order;
}

/* Exchanges the block for one of another order; keeps it when there is none. */
static void set_change_block(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form,
			     uint32_t order)
{
	uint32_t unit = order == multiset_order(*form) ? NSC_POOL_NONE : multiset_take(multisets, order);

	if (unit == NSC_POOL_NONE)
		return;
	nsc_pool_give(multisets->pool, multiset->unit, multiset_order(*form));
	multiset->unit = unit;
	*form = (uint8_t)(NSC_MULTISET_BLOCK | order);
}

static void set_rebuild(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t form, uint32_t n)
{
	uint64_t *list = multisets->scratch[0];

	for (uint32_t i = 0; i < n; i++)
		list[i] = list[i] << 16 | (uint16_t)(multisets->now - (list[i] >> VALUE_BITS));
	multiset_hash_begin(multisets, multiset, multiset->unit, multiset_order(form), list, n);
}

void multiset_hash_purge(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form)
{
	uint32_t n = set_gather(multisets, multiset_block(multisets, multiset), set_slots(*form),
				multisets->scratch[0]),
		 room;
	uint64_t more = 0;

	if (n > K) {
		set_sort(multisets, n);
		n = set_keep_useful(multisets, n);
		more = set_useless_from(multisets, multisets->scratch[0], n);
	}
	set_change_block(multisets, multiset, form, set_order_for(n, multiset_order(*form)));
	room = set_slots(*form) / 8 * 5;
	if (n > room) { /* there was no larger block: the oldest go */
		if (n <= K)
			set_sort(multisets, n);
		multisets->full += n - room / 2;
		n = room / 2;
	}
	set_rebuild(multisets, multiset, *form, n);
	multiset->more = more;
}

void multiset_hash_note(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form, uint64_t element)
{
	uint64_t *slot = multiset_block(multisets, multiset);
	uint32_t slots = set_slots(*form), i = (uint32_t)(element >> 16) & (slots - 1);

	if (multiset->more && (uint16_t)multiset->more == multisets->now && element > multiset->more)
		return;
	for (; slot[i]; i = (i + 1) & (slots - 1)) {
		if ((slot[i] ^ element) >> 16)
			continue;
		slot[i] = element;
		return;
	}
	slot[i] = element;
	if (++multiset->n > slots / 4 * 3)
		multiset_hash_purge(multisets, multiset, form);
}
