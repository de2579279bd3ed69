/* SPDX-License-Identifier: MIT
 *
 * An arena hands out aligned zeroed memory, sums it, reserves without claiming, and frees everything.
 */
#include "engine/base/arena.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_arena *open_arena(void)
{
	struct nsc_arena *arena = NULL;

	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	return arena;
}

static unsigned nonzero(const uint8_t *bytes, size_t n)
{
	unsigned found = 0;

	for (size_t i = 0; i < n; i++)
		found += bytes[i] != 0;
	return found;
}

START_TEST(memory_is_aligned_and_zero)
{
	static const size_t sizes[] = { 1, 63, 64, 4097, 100000, 3u << 20 };
	struct nsc_arena *arena = open_arena();
	unsigned wrong = 0;
	size_t sum = 0;

	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = 0; i < NSC_ARRAY_LEN(sizes); i++) {
			uint8_t *p = nsc_arena_alloc(arena, sizes[i]);

			wrong += !p || (uintptr_t)p % NSC_CACHE_LINE || nonzero(p, sizes[i]);
			wrong += sizes[i] >= 2u << 20 && (uintptr_t)p % (2u << 20);
			memset(p, 0xff, sizes[i]);
			sum += sizes[i];
		}
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(nsc_arena_bytes(arena), sum);
	nsc_arena_close(arena);
}
END_TEST

/* One byte of it costs one small page. */
START_TEST(sparse_memory_is_touched_where_it_is_used)
{
	struct nsc_arena *arena = open_arena();
	size_t bytes = 8u << 20, page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *p = nsc_arena_alloc_sparse(arena, bytes);
	static unsigned char present[(8u << 20) / 4096];
	unsigned found = 0;

	ck_assert_ptr_nonnull(p);
	p[bytes / 2] = 1;
	ck_assert_int_eq(mincore(p, bytes, present), 0);
	for (size_t i = 0; i < bytes / page; i++)
		found += present[i] & 1;
	ck_assert_uint_le(found, 2);
	ck_assert_uint_eq(nsc_arena_bytes(arena), bytes);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(impossible_sizes_are_refused)
{
	struct nsc_arena *arena = open_arena();

	ck_assert_ptr_null(nsc_arena_alloc(arena, SIZE_MAX));
	ck_assert_ptr_null(nsc_arena_alloc(arena, SIZE_MAX / 2));
	ck_assert_ptr_null(nsc_arena_reserve(arena, SIZE_MAX));
	ck_assert_uint_eq(nsc_arena_bytes(arena), 0);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(populate_makes_present_and_keeps_contents)
{
	struct nsc_arena *arena = open_arena();
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = 1u << 20, missing = 0;
	uint8_t *p = nsc_arena_reserve(arena, 64u << 20);
	unsigned char present[(1u << 20) / 4096];

	ck_assert_ptr_nonnull(p);
	p[5] = 7;
	nsc_arena_populate(p + 1, bytes - 1);
	ck_assert_int_eq(mincore(p, bytes, present), 0);
	for (size_t i = 0; i < bytes / page; i++)
		missing += !(present[i] & 1);
	ck_assert_uint_eq(missing, 0);
	ck_assert_uint_eq(p[5], 7);
	ck_assert_uint_eq(nonzero(p, bytes), 1);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(a_reservation_claims_nothing)
{
	struct nsc_arena *arena = open_arena();
	uint8_t *p = nsc_arena_reserve(arena, (size_t)1 << 40);

	ck_assert_ptr_nonnull(p);
	p[(size_t)1 << 39] = 1;
	ck_assert_uint_eq(p[((size_t)1 << 39) + 1], 0);
	ck_assert_uint_eq(nsc_arena_bytes(arena), 0);
	nsc_arena_close(arena);
}
END_TEST

/* Huge pages begin behind the small ones. */
START_TEST(a_split_reservation_begins_with_small_pages)
{
	struct nsc_arena *arena = open_arena();
	size_t huge = 2u << 20, small = 256u << 10;
	uint8_t *p = nsc_arena_reserve_split(arena, 8u << 20, small);

	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq((uintptr_t)(p + small) % huge, 0);
	ck_assert_uint_eq(nonzero(p, 8u << 20), 0);
	memset(p, 1, 8u << 20);
	p = nsc_arena_reserve_split(arena, small, small);
	ck_assert_ptr_nonnull(p);
	memset(p, 1, small);
	ck_assert_ptr_null(nsc_arena_reserve_split(arena, SIZE_MAX, small));
	ck_assert_uint_eq(nsc_arena_bytes(arena), 0);
	nsc_arena_close(arena);
}
END_TEST

/* MPOL_PREFERRED when the page at `at` has a node of its own. */
static int policy_of(void *at)
{
	int policy = -1;

	return syscall(SYS_get_mempolicy, &policy, NULL, 0, at, 2 /* MPOL_F_ADDR */) ? -errno : policy;
}

START_TEST(memory_lies_near_a_node)
{
	struct nsc_arena *arena = open_arena();
	uint8_t *anywhere = nsc_arena_reserve(arena, 4u << 20), *near, *small;

	ck_assert_int_eq(nsc_arena_can_bind(-1), -EINVAL);
	ck_assert_int_eq(nsc_arena_can_bind(1024), -EINVAL);
	nsc_arena_bind(arena, 0);
	near = nsc_arena_reserve(arena, 4u << 20);
	small = nsc_arena_alloc(arena, 1000);
	ck_assert_uint_eq(nonzero(small, 1000), 0);
	memset(small, 1, 1000);
	memset(near, 1, 4u << 20);
	if (nsc_arena_can_bind(0)) { /* a kernel without nodes, or one that refuses: then it lies anywhere */
		fprintf(stderr, "no memory of a node here: %s\n", strerror(-nsc_arena_can_bind(0)));
	} else {
		ck_assert_int_eq(policy_of(near), 1);
		ck_assert_int_eq(policy_of(small), 1);
		ck_assert_int_eq(policy_of(anywhere), 0);
	}
	nsc_arena_close(arena);
}
END_TEST

START_TEST(opens_and_closes_again_and_again)
{
	for (unsigned i = 0; i < 200; i++) {
		struct nsc_arena *arena = open_arena();

		ck_assert_ptr_nonnull(nsc_arena_alloc(arena, 1u << 20));
		nsc_arena_close(arena);
	}
	nsc_arena_close(NULL);
}
END_TEST

CHECK_MAIN("arena", memory_is_aligned_and_zero, sparse_memory_is_touched_where_it_is_used, impossible_sizes_are_refused,
	   populate_makes_present_and_keeps_contents, a_reservation_claims_nothing,
	   a_split_reservation_begins_with_small_pages, memory_lies_near_a_node, opens_and_closes_again_and_again)
