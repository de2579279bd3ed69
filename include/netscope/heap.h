/* SPDX-License-Identifier: MIT
 *
 * Binary heaps in arrays. Made by a macro for each type and order, so that the comparison is inlined.
 *
 * NSC_HEAP(NAME, TYPE, CONTEXT, ABOVE) defines four static functions; the element at 0 has none ABOVE it:
 *   NAME_down(context, heap, n, i)  moves heap[i] down to its place among n; both subtrees of i are heaps. i < n.
 *   NAME_up(context, heap, i)       moves heap[i] up to its place; heap[0..i) is a heap.
 *   NAME_make(context, heap, n)     makes a heap of heap[0..n), any n.
 *   NAME_sort(context, heap, n)     the same, then sorts: what was at 0 comes last. In place, no worst case.
 * ABOVE(context, x, y) says whether x must stand above y; CONTEXT is the type of what it is told besides.
 * Cost: at most 2 log2(n) comparisons, for each element in sort. Thread: owner. Allocates: never.
 */
#ifndef NETSCOPE_HEAP_H
#define NETSCOPE_HEAP_H

#include "netscope/base.h"

/* Who needs only some of them is not told of the others. */
#define NSC_HEAP_STATIC __attribute__((unused)) nsc_always_inline

#define NSC_HEAP(NAME, TYPE, CONTEXT, ABOVE)                                                                           \
	NSC_HEAP_STATIC void NAME##_down(CONTEXT context, TYPE *heap, uint32_t n, uint32_t i)                          \
	{                                                                                                              \
		TYPE moving = heap[i];                                                                                 \
                                                                                                                       \
		for (uint32_t child; (child = 2 * i + 1) < n; i = child) {                                             \
			if (child + 1 < n && ABOVE(context, heap[child + 1], heap[child]))                             \
				child++;                                                                               \
			if (!ABOVE(context, heap[child], moving))                                                      \
				break;                                                                                 \
			heap[i] = heap[child];                                                                         \
		}                                                                                                      \
		heap[i] = moving;                                                                                      \
	}                                                                                                              \
	NSC_HEAP_STATIC void NAME##_up(CONTEXT context, TYPE *heap, uint32_t i)                                        \
	{                                                                                                              \
		TYPE moving = heap[i];                                                                                 \
                                                                                                                       \
		for (uint32_t parent; i && ABOVE(context, moving, heap[parent = (i - 1) / 2]); i = parent)             \
			heap[i] = heap[parent];                                                                        \
		heap[i] = moving;                                                                                      \
	}                                                                                                              \
	NSC_HEAP_STATIC void NAME##_make(CONTEXT context, TYPE *heap, uint32_t n)                                      \
	{                                                                                                              \
		for (uint32_t i = n / 2; i-- > 0;)                                                                     \
			NAME##_down(context, heap, n, i);                                                              \
	}                                                                                                              \
	NSC_HEAP_STATIC void NAME##_sort(CONTEXT context, TYPE *heap, uint32_t n)                                      \
	{                                                                                                              \
		NAME##_make(context, heap, n);                                                                         \
		while (n > 1) {                                                                                        \
			TYPE top = heap[0];                                                                            \
                                                                                                                       \
			heap[0] = heap[--n];                                                                           \
			heap[n] = top;                                                                                 \
			NAME##_down(context, heap, n, 0);                                                              \
		}                                                                                                      \
	}

#endif
