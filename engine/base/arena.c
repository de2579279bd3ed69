/* SPDX-License-Identifier: MIT
 *
 * Sanitizer builds replace malloc themselves, so jemalloc stays out of them: small pieces then come from
 * aligned_alloc, where a red zone can stand around each, and large ones from mmap.
 */
#include "engine/base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifndef NSC_SANITIZED
#include <jemalloc/jemalloc.h>
#endif

#define HUGE_PAGE (2u << 20)

enum { NODES_MAX = 1024, NODE_BITS = 8 * sizeof(unsigned long) };
enum { PREFER = 1, MOVE = 1 << 1 }; /* MPOL_PREFERRED, MPOL_MF_MOVE of <linux/mempolicy.h> */

struct mapping { /* what munmap must be told; the list is short and cold */
	struct mapping *next;
	void *start;
	size_t bytes;
};

struct nsc_arena {
	struct mapping *mappings;
	size_t bytes;
	int node; /* near which all of it lies; -1: anywhere */
#ifdef NSC_SANITIZED
	struct mapping *pieces;
#else
	unsigned index;
	bool created;
#endif
};

static size_t arena_round_up(size_t bytes, size_t step)
{
	return bytes > SIZE_MAX - step ? 0 : (bytes + step - 1) / step * step;
}

static bool arena_remember(struct mapping **list, void *start, size_t bytes)
{
	struct mapping *mapping = malloc(sizeof(*mapping));

	if (!mapping)
		return false;
	*mapping = (struct mapping){ .next = *list, .start = start, .bytes = bytes };
	*list = mapping;
	return true;
}

/* Whole pages; those that others have touched already stay. 0 or -errno. */
static int arena_place(int node, void *start, size_t bytes)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = (uintptr_t)start / page * page;
	unsigned long nodes[NODES_MAX / NODE_BITS] = { 0 };

	if (node < 0 || node >= NODES_MAX)
		return -EINVAL;
	nodes[(unsigned)node / NODE_BITS] = 1ul << (unsigned)node % NODE_BITS;
	return syscall(SYS_mbind, first, arena_round_up((uintptr_t)start + bytes - first, page), PREFER, nodes,
		       NODES_MAX + 1, MOVE)
		       ? -errno
		       : 0;
}

int nsc_arena_can_bind(int node)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *start = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status = start == MAP_FAILED ? -errno : arena_place(node, start, page);

	if (start != MAP_FAILED)
		munmap(start, page);
	return status;
}

void nsc_arena_bind(struct nsc_arena *arena, int node)
{
	arena->node = node;
}

/* One huge page more than asked for: a reservation costs address space only, and starts on a huge page this way. */
void *nsc_arena_reserve(struct nsc_arena *arena, size_t bytes)
{
	size_t size = arena_round_up(bytes, HUGE_PAGE);
	uint8_t *start;

	if (!size || size > SIZE_MAX - HUGE_PAGE)
		return NULL;
	size += HUGE_PAGE;
	start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED)
		return NULL;
	if (!arena_remember(&arena->mappings, start, size)) {
		munmap(start, size);
		return NULL;
	}
	if (arena->node >= 0)
		(void)arena_place(arena->node, start, size);
	start += -(uintptr_t)start % HUGE_PAGE;
	madvise(start, size - HUGE_PAGE, MADV_HUGEPAGE);
	return start;
}

void *nsc_arena_reserve_split(struct nsc_arena *arena, size_t bytes, size_t small)
{
	uint8_t *start = bytes > SIZE_MAX - HUGE_PAGE ? NULL : nsc_arena_reserve(arena, HUGE_PAGE + bytes);

	if (!start)
		return NULL;
	madvise(start, HUGE_PAGE, MADV_NOHUGEPAGE);
	return start + HUGE_PAGE - small;
}

#ifdef NSC_SANITIZED

static int arena_create(struct nsc_arena *arena, struct nsc_error *error)
{
	return 0;
}

static void *arena_alloc(struct nsc_arena *arena, size_t bytes)
{
	size_t size = arena_round_up(bytes, NSC_CACHE_LINE);
	void *start;

	if (bytes >= HUGE_PAGE)
		return nsc_arena_reserve(arena, bytes);
	start = size ? aligned_alloc(NSC_CACHE_LINE, size) : NULL;
	if (!start)
		return NULL;
	if (!arena_remember(&arena->pieces, start, size)) {
		free(start);
		return NULL;
	}
	return memset(start, 0, size);
}

static void arena_destroy(struct nsc_arena *arena)
{
	while (arena->pieces) {
		struct mapping *piece = arena->pieces;

		arena->pieces = piece->next;
		free(piece->start);
		free(piece);
	}
}

#else

static int arena_create(struct nsc_arena *arena, struct nsc_error *error)
{
	size_t size = sizeof(arena->index);
	int failed = mallctl("arenas.create", &arena->index, &size, NULL, 0);

	if (failed)
		return nsc_fail(error, -failed, "cannot create a memory arena: %s", strerror(failed));
	arena->created = true;
	return 0;
}

/* Fresh pages of a large extent are known to be zero, so MALLOCX_ZERO does not touch them. */
static void *arena_alloc(struct nsc_arena *arena, size_t bytes)
{
	bool huge = bytes >= HUGE_PAGE;
	size_t align = huge ? HUGE_PAGE : NSC_CACHE_LINE;
	size_t size = arena_round_up(bytes, huge ? HUGE_PAGE : NSC_CACHE_LINE);
	void *start;

	if (!size || size > PTRDIFF_MAX - HUGE_PAGE)
		return NULL;
	start = mallocx(size, MALLOCX_ARENA(arena->index) | MALLOCX_TCACHE_NONE | MALLOCX_ALIGN(align) | MALLOCX_ZERO);
	if (start && huge)
		madvise(start, size, MADV_HUGEPAGE);
	return start;
}

static void arena_destroy(struct nsc_arena *arena)
{
	size_t mib[3], length = NSC_ARRAY_LEN(mib);

	if (!arena->created || mallctlnametomib("arena.0.destroy", mib, &length))
		return;
	mib[1] = arena->index;
	mallctlbymib(mib, length, NULL, NULL, NULL, 0);
}

#endif

int nsc_arena_open(struct nsc_arena **arena, struct nsc_error *error)
{
	struct nsc_arena *new = calloc(1, sizeof(*new));
	int failed;

	if (!new)
		return nsc_fail(error, -ENOMEM, "no memory for a memory arena");
	new->node = -1;
	failed = arena_create(new, error);
	if (failed) {
		free(new);
		return failed;
	}
	*arena = new;
	return 0;
}

void *nsc_arena_alloc(struct nsc_arena *arena, size_t bytes)
{
	void *start = arena_alloc(arena, bytes ? bytes : 1);

	if (start)
		arena->bytes += bytes;
	if (start && arena->node >= 0)
		(void)arena_place(arena->node, start, bytes ? bytes : 1);
	return start;
}

void *nsc_arena_alloc_sparse(struct nsc_arena *arena, size_t bytes)
{
	void *start = nsc_arena_alloc(arena, bytes);

	if (start && bytes >= HUGE_PAGE)
		madvise(start, bytes, MADV_NOHUGEPAGE);
	return start;
}

/* For kernels before 5.14. An atomic that changes nothing, so that somebody who writes there meanwhile loses nothing.
 */
static void arena_touch(uint8_t *start, size_t bytes, size_t page)
{
	for (size_t at = 0; at < bytes; at += page)
		__atomic_fetch_or(start + at, 0, __ATOMIC_RELAXED);
	if (bytes)
		__atomic_fetch_or(start + bytes - 1, 0, __ATOMIC_RELAXED);
}

void nsc_arena_populate(void *start, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = (uintptr_t)start / page * page;
	size_t length = arena_round_up((uintptr_t)start + bytes - first, page);

#ifdef MADV_POPULATE_WRITE
	if (!madvise((void *)first, length, MADV_POPULATE_WRITE))
		return;
#endif
	arena_touch(start, bytes, page);
}

size_t nsc_arena_bytes(const struct nsc_arena *arena)
{
	return arena->bytes;
}

void nsc_arena_close(struct nsc_arena *arena)
{
	if (!arena)
		return;
	while (arena->mappings) {
		struct mapping *mapping = arena->mappings;

		arena->mappings = mapping->next;
		munmap(mapping->start, mapping->bytes);
		free(mapping);
	}
	arena_destroy(arena);
	free(arena);
}
