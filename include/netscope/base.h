/* SPDX-License-Identifier: MIT
 *
 * The few macros and limits that every file may use.
 */
#ifndef NETSCOPE_BASE_H
#define NETSCOPE_BASE_H

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NSC_CACHE_LINE 64u
#define NSC_BURST_MAX 64u       /* packets in a burst */
#define NSC_WORKERS_MAX 64u     /* workers behind one engine */
#define NSC_NS_PER_SEC 1000000000ull
#define NSC_UNKNOWN UINT64_MAX  /* a number that a source cannot know: printed as null, never as 0 */

#define nsc_likely(x) __builtin_expect(!!(x), 1)
#define nsc_unlikely(x) __builtin_expect(!!(x), 0)
#define nsc_prefetch(p) __builtin_prefetch((p), 0, 3)
#define nsc_prefetch_write(p) __builtin_prefetch((p), 1, 3)
#define nsc_always_inline static inline __attribute__((always_inline))
#define nsc_printf(fmt, args) __attribute__((format(printf, fmt, args)))
#define NSC_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define NSC_MIN(a, b) ((a) < (b) ? (a) : (b))
#define NSC_MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
