/* SPDX-License-Identifier: MIT
 *
 * Radix sort by first_seen_ns, byte by byte where keys differ, then a merge sort within groups of equal time.
 */
#include "backends/sinks/chunk_sort.h"

#include <string.h>

static bool chunk_in_order(const struct nsc_flow_record *x, const struct nsc_flow_record *y)
{
	if (nsc_likely(x->first_seen_ns != y->first_seen_ns))
		return x->first_seen_ns < y->first_seen_ns;
	return nsc_flow_record_compare(x, y) <= 0;
}

static bool chunk_is_sorted(const struct nsc_flow_record *record, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		if (!chunk_in_order(&record[i - 1], &record[i]))
			return false;
	return true;
}

/* Fills the slots; returns a mask of the bits that any key has set. */
static uint64_t take_keys(struct nsc_chunk_sort_slot *slot, const struct nsc_flow_record *record, uint32_t n)
{
	uint64_t least = UINT64_MAX, bits = 0;

	for (uint32_t i = 0; i < n; i++) {
		slot[i] = (struct nsc_chunk_sort_slot){ record[i].first_seen_ns, i };
		least = NSC_MIN(least, record[i].first_seen_ns);
	}
	for (uint32_t i = 0; i < n; i++)
		bits |= slot[i].key -= least;
	return bits;
}

static void radix_pass(struct nsc_chunk_sort_slot *to, const struct nsc_chunk_sort_slot *from, uint32_t n,
		       unsigned shift)
{
	uint32_t start[256] = { 0 }, sum = 0;

	for (uint32_t i = 0; i < n; i++)
		start[from[i].key >> shift & 255]++;
	for (unsigned i = 0; i < 256; i++) {
		uint32_t count = start[i];

		start[i] = sum;
		sum += count;
	}
	for (uint32_t i = 0; i < n; i++)
		to[start[from[i].key >> shift & 255]++] = from[i];
}

static void chunk_merge(struct nsc_chunk_sort_slot *to, const struct nsc_chunk_sort_slot *left, uint32_t n_left,
			const struct nsc_chunk_sort_slot *right, uint32_t n_right, const struct nsc_flow_record *record)
{
	while (n_left && n_right) {
		bool take_left = nsc_flow_record_compare(&record[left->index], &record[right->index]) <= 0;

		*to++ = take_left ? *left : *right;
		left += take_left;
		n_left -= take_left;
		right += !take_left;
		n_right -= !take_left;
	}
	memcpy(to, left, n_left * sizeof(*to));
	memcpy(to + n_left, right, n_right * sizeof(*to));
}

/* Slots of one time, by the rest of the record. `spare` has room for n. */
static void sort_group(struct nsc_chunk_sort_slot *slot, struct nsc_chunk_sort_slot *spare, uint32_t n,
		       const struct nsc_flow_record *record)
{
	for (uint32_t width = 1; width < n; width *= 2) {
		for (uint32_t i = 0; i < n; i += 2 * width) {
			uint32_t left = NSC_MIN(width, n - i), right = NSC_MIN(width, n - i - left);

			chunk_merge(spare + i, slot + i, left, slot + i + left, right, record);
		}
		memcpy(slot, spare, n * sizeof(*slot));
	}
}

static void sort_groups(struct nsc_chunk_sort_slot *slot, struct nsc_chunk_sort_slot *spare, uint32_t n,
			const struct nsc_flow_record *record)
{
	for (uint32_t start = 0, end; start < n; start = end) {
		for (end = start + 1; end < n && slot[end].key == slot[start].key; end++)
			;
		sort_group(slot + start, spare, end - start, record);
	}
}

/* Moves each record to its place; slot[i].index says which one belongs at i. */
static void chunk_permute(struct nsc_flow_record *record, struct nsc_chunk_sort_slot *slot, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct nsc_flow_record first;
		uint32_t to = i, from;

		if (slot[i].index == i)
			continue;
		first = record[i];
		for (; (from = slot[to].index) != i; to = from) {
			record[to] = record[from];
			slot[to].index = to;
		}
		record[to] = first;
		slot[to].index = to;
	}
}

void nsc_chunk_sort(struct nsc_flow_record *record, uint32_t n, struct nsc_chunk_sort *scratch)
{
	struct nsc_chunk_sort_slot *slot = scratch->slot, *spare = scratch->spare, *swap;
	uint64_t bits;

	if (chunk_is_sorted(record, n))
		return;
	bits = take_keys(slot, record, n);
	for (unsigned shift = 0; shift < 64; shift += 8) {
		if (!(bits >> shift & 255))
			continue;
		radix_pass(spare, slot, n, shift);
		swap = slot;
		slot = spare;
		spare = swap;
	}
	sort_groups(slot, spare, n, record);
	chunk_permute(record, slot, n);
}
