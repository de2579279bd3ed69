/* SPDX-License-Identifier: MIT */
#include "engine/names/block.h"

#include <string.h>

void nsc_name_block_clear(struct nsc_name_block *block)
{
	block->n = 0;
	block->quic_version = 0;
	block->small = false;
}

void nsc_name_block_copy(struct nsc_name_block *to, const struct nsc_name_block *from)
{
	uint32_t cut = to->cut;

	memcpy(to, from, offsetof(struct nsc_name_block, data) + NSC_NAME_STREAM_MAX - from->cut);
	to->cut = cut;
	to->small = false;
}

/* Copies what of [start, end) lies in the holes between the parts. */
static void block_fill(struct nsc_name_block *block, uint32_t start, uint32_t end, const uint8_t *p)
{
	uint32_t at = start;

	for (uint32_t i = 0; i < block->n && at < end; i++) {
		uint32_t stop = NSC_MIN(end, block->part[i].start);

		if (at < stop)
			memcpy(block->data + at, p + (at - start), stop - at);
		at = NSC_MAX(at, block->part[i].end);
	}
	if (at < end)
		memcpy(block->data + at, p + (at - start), end - at);
}

bool nsc_name_block_put(struct nsc_name_block *block, uint32_t start, const uint8_t *p, uint32_t n)
{
	uint32_t first = 0, behind, end;
	struct nsc_name_part *part = block->part;

	if (start >= NSC_NAME_STREAM_MAX || !n)
		return true;
	end = start + NSC_MIN(n, NSC_NAME_STREAM_MAX - start);
	if (end > NSC_NAME_STREAM_MAX - block->cut) {
		block->small = true;
		return false;
	}
	while (first < block->n && part[first].end < start)
		first++;
	for (behind = first; behind < block->n && part[behind].start <= end;)
		behind++;
	if (first == behind && block->n == NSC_NAME_PARTS_MAX)
		return false;
	block_fill(block, start, end, p);
	if (first == behind) {
		memmove(&part[first + 1], &part[first], (block->n - first) * sizeof(*part));
		part[first] = (struct nsc_name_part){ start, end };
		block->n++;
		return true;
	}
	part[first].start = NSC_MIN(part[first].start, start);
	part[first].end = NSC_MAX(part[behind - 1].end, end);
	memmove(&part[first + 1], &part[behind], (block->n - behind) * sizeof(*part));
	block->n -= behind - first - 1;
	return true;
}
