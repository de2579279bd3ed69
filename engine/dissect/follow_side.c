/* SPDX-License-Identifier: MIT
 *
 * The pieces of a side.
 */
#include "engine/dissect/follow_side.h"

#include <string.h>

#include "engine/base/assert.h"

/* The first piece that ends behind `at`; n: there is none. */
static uint32_t follow_side_find(const struct nsc_follow_side *side, uint64_t at)
{
	uint32_t low = 0, high = side->n;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (nsc_follow_piece_end(&side->piece[middle]) > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* As much of a range that is free as there is room for, as piece `i`. */
static void follow_side_put(struct nsc_follow_side *side, uint32_t i, struct nsc_follow_piece piece,
			    const uint8_t *bytes)
{
	uint32_t wanted = piece.length;

	if (bytes) {
		piece.length = (uint32_t)NSC_MIN((uint64_t)wanted, NSC_FOLLOW_BYTES_MOST - side->numbers.held);
		side->numbers.beyond += wanted - piece.length;
		if (!piece.length)
			return;
		piece.bytes_at = (uint32_t)side->numbers.held;
		memcpy(side->bytes + piece.bytes_at, bytes, piece.length);
		side->numbers.held += piece.length;
	} else {
		side->numbers.cut += piece.length;
	}
	nsc_assert(side->n < NSC_FOLLOW_PIECES, "two pieces for each range are enough");
	memmove(&side->piece[i + 1], &side->piece[i], (side->n - i) * sizeof(piece));
	side->piece[i] = piece;
	side->n++;
}

/* Bytes that are there already: whether these are the same. */
static void follow_side_compare(struct nsc_follow_side *side, const struct nsc_follow_piece *there, uint64_t at,
				uint32_t length, const uint8_t *bytes)
{
	const uint8_t *first = side->bytes + there->bytes_at + (at - there->at);

	side->numbers.repeated += length;
	for (uint32_t i = 0; i < length; i++)
		side->numbers.differing += first[i] != bytes[i];
}

void nsc_follow_fill(struct nsc_follow_side *side, struct nsc_follow_piece range, const uint8_t *bytes)
{
	uint64_t at = range.at, end = nsc_follow_piece_end(&range);

	for (uint32_t i = follow_side_find(side, at); at < end; i++) {
		const struct nsc_follow_piece *there = i < side->n ? &side->piece[i] : NULL;
		uint64_t stop = there ? NSC_MAX(at, NSC_MIN(there->at, end)) : end;
		struct nsc_follow_piece piece = range;
		uint32_t before = side->n;

		if (stop > at) {
			piece.at = at;
			piece.length = (uint32_t)(stop - at);
			follow_side_put(side, i, piece, bytes ? bytes + (at - range.at) : NULL);
			i -= before == side->n; /* there was no room: the next is where it was */
			at = stop;
			continue;
		}
		stop = NSC_MIN(nsc_follow_piece_end(there), end);
		if (bytes)
			follow_side_compare(side, there, at, (uint32_t)(stop - at), bytes + (at - range.at));
		at = stop;
	}
}
