/* SPDX-License-Identifier: MIT
 *
 * Lines on their way from core to core.
 *
 * The lines of a buffer that came back lie in the other core's cache. A plain store would first bring each one over,
 * only to overwrite all of it: with both cores at work 30 ns per packet, and prefetching for writing saves nothing.
 * Stores past the cache cost 3 to 5; who reads pays 3 more, from memory (docs/decisions/0005). The sanitizers do not
 * see such stores, so they get plain ones.
 */
#ifndef NETSCOPE_RINGS_LINE_COPY_H
#define NETSCOPE_RINGS_LINE_COPY_H

#include <string.h>
#ifdef __x86_64__
#include <emmintrin.h>
#endif

#include "netscope/base.h"

#if defined(__x86_64__) && !defined(NSC_SANITIZED)
nsc_always_inline void nsc_line_copy(void *to, const void *from)
{
	for (unsigned i = 0; i < NSC_CACHE_LINE / sizeof(__m128i); i++)
		_mm_stream_si128((__m128i *)to + i, _mm_load_si128((const __m128i *)from + i));
}

/* Before the lines are handed over: stores past the cache are ordered by nothing else. */
nsc_always_inline void nsc_lines_copied(void)
{
	_mm_sfence();
}
#else
nsc_always_inline void nsc_line_copy(void *to, const void *from)
{
	memcpy(to, from, NSC_CACHE_LINE);
}

nsc_always_inline void nsc_lines_copied(void)
{
}
#endif

#endif
