/* SPDX-License-Identifier: MIT
 *
 * What a window holds of one key: multisets of elements that each know the epoch in which they were seen last.
 *
 * In a *set* an element is 48 bits of a keyed hash and 16 of an epoch, and the question is how many different ones the
 * window has; in a *series* it is 16 bits of a count and 16 of its epoch, and the question is their sum. Two hashes or
 * four counts lie in the multiset itself (most keys never have more), more in one block of a pool: counts and up to 32
 * hashes side by side, more hashes by hash.
 *
 * How many different ones. Up to NSC_MULTISET_EXACT - 1 the answer is exact (but for equal 48-bit hashes: one pair
 * among 4096 in 3e-8). From there on it is the estimate of the k smallest hashes (KMV), k = NSC_MULTISET_EXACT: (k - 1)
 * / (k-th smallest), standard error 1.6 %. A set needs to keep an element only while fewer than k others are both seen
 * no earlier and smaller: so many that the k smallest of *every* later window are among those kept, which makes the
 * answer the same in whatever order elements came.
 *
 * Epochs are counted modulo 2^16, and a window is at most NSC_MULTISET_WINDOW_MAX of them: whoever owns multisets calls
 * nsc_multiset_purge on each at least every NSC_MULTISET_PURGE epochs, so that an old element never looks young again.
 *
 * Thread: one. Allocates, blocks: never.
 */
#ifndef NETSCOPE_DETECT_MULTISET_H
#define NETSCOPE_DETECT_MULTISET_H

#include "engine/detect/pool.h"

#define NSC_MULTISET_EXACT 4096u
#define NSC_MULTISET_WINDOW_MAX 36001u /* epochs: an hour, rounded up */
#define NSC_MULTISET_PURGE 16384u
#define NSC_MULTISET_INLINE 2u
#define NSC_MULTISET_SLOTS_MAX (1u << 17) /* of the largest set */

struct nsc_multiset { /* 16 bytes; its form, one byte, lies with its owner: 0..4 elements inline, or NSC_MULTISET_BLOCK
			 + order */
	union {
		uint64_t element[NSC_MULTISET_INLINE];
		uint32_t count[2 * NSC_MULTISET_INLINE];
		struct {
			uint32_t unit; /* of the pool's block */
			uint32_t n;    /* elements in it, those that left the window included */
			uint64_t more; /* series: at least their sum; set by hash: what is too large to keep, see
					* multiset.c
					*/
		};
	};
};

static_assert(sizeof(struct nsc_multiset) == 16, "two hashes, or four counts");

#define NSC_MULTISET_BLOCK 0x80u

struct nsc_multisets { /* what all multisets of a window share */
	struct nsc_pool *pool;
	uint64_t *scratch[2]; /* NSC_MULTISET_SLOTS_MAX elements each */
	/* Gives blocks back when the pool has none of this order, by forgetting keys; false when that does not help. */
	bool (*make_room)(void *context, uint32_t order);
	void *context;
	uint64_t full;   /* elements that found no room */
	uint32_t window; /* epochs, 1..NSC_MULTISET_WINDOW_MAX */
	uint16_t now;    /* epoch, modulo 2^16 */
};

/* Adds the element of this hash to a set, or makes it young again. */
void nsc_multiset_note(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form, uint64_t hash);
/* Adds to the epoch's count in a series. */
void nsc_multiset_count(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form, uint32_t count);

/* Asks for what the next note of this hash will touch. */
void nsc_multiset_prefetch(const struct nsc_multisets *multisets, const struct nsc_multiset *multiset, uint8_t form,
			   uint64_t hash);

/* At most so many: cheap, exact or too large. */
uint64_t nsc_multiset_set_bound(const struct nsc_multiset *multiset, uint8_t form);
uint64_t nsc_multiset_series_bound(const struct nsc_multiset *multiset, uint8_t form);

/* The window's answer. */
uint64_t nsc_multiset_different(struct nsc_multisets *multisets, const struct nsc_multiset *multiset, uint8_t form);
uint64_t nsc_multiset_sum(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form);

/* Takes out what has left the window. */
void nsc_multiset_purge(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form, bool series);
/* Empties it and gives its block back. */
void nsc_multiset_clear(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form);

#endif
