/* SPDX-License-Identifier: MIT
 *
 * Memory of one core: a jemalloc arena of its own (libc's malloc and mmap in sanitizer builds). Everything that the
 * packet path touches comes from here before the first packet; what was taken is summed for the printed budget.
 */
#ifndef NETSCOPE_BASE_ARENA_H
#define NETSCOPE_BASE_ARENA_H

#include "netscope/error.h"

struct nsc_arena;

/* 0 or -errno. Thread: control. */
int nsc_arena_open(struct nsc_arena **arena, struct nsc_error *error);

/* Whether memory can be taken near a node (0..1023): 0 or -errno. Thread: any. Allocates: a page, for a moment. */
int nsc_arena_can_bind(int node);

/* What is taken from now on lies near this node, as long as there is room; where the kernel refuses, anywhere. Thread:
 * control. */
void nsc_arena_bind(struct nsc_arena *arena, int node);

/* Zeroed memory, aligned to a cache line, or to 2 MiB (and advised for huge pages) from 2 MiB on. NULL when there is
 * none. It is laid out, not touched. Thread: control, never the packet path. */
void *nsc_arena_alloc(struct nsc_arena *arena, size_t bytes);

/* The same for room of which little is used: a page is not more than 4 KiB. */
void *nsc_arena_alloc_sparse(struct nsc_arena *arena, size_t bytes);

/* Address space for growth: zero-filled on first touch, without a claim on memory until populated. NULL when the
 * kernel refuses. Page aligned, advised for huge pages. Thread: control. */
void *nsc_arena_reserve(struct nsc_arena *arena, size_t bytes);

/* The same with the first `small` bytes, whole pages and 2 MiB at most, in small pages, and the rest in huge ones: who
 * uses no more than these has no huge page cleared. */
void *nsc_arena_reserve_split(struct nsc_arena *arena, size_t bytes, size_t small);

/* Makes [start, start + bytes) present and writable now, so that the packet path does not fault. Thread: any but the
 * packet path. */
void nsc_arena_populate(void *start, size_t bytes);

/* Bytes handed out by nsc_arena_alloc (reservations are not in it). */
size_t nsc_arena_bytes(const struct nsc_arena *arena);

/* Frees everything at once. Thread: control. */
void nsc_arena_close(struct nsc_arena *arena);

#endif
