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
#include <string.h>

#define NSC_CACHE_LINE 64u
#define NSC_BURST_MAX 64u   /* packets in a burst */
#define NSC_WORKERS_MAX 64u /* workers behind one engine */
#define NSC_NS_PER_SEC 1000000000ull
#define NSC_UNKNOWN UINT64_MAX /* a number that a source cannot know: printed as null, never as 0 */

/* Times are u64 ns since 1970 UTC, and a source clamps what does not fit to 2^63 - 1 (in 2262). The upper half is set
 * aside for clocks that stood before 1970: pcapng writes such a time as an unsigned count of us just below 2^64. It
 * keeps its two's complement in ns here (so it sorts after every other time, as the file says), and is printed as the
 * file says. So a time may be any u64, 0 and UINT64_MAX included: `time + length` may wrap, `later - earlier` never
 * does (see engine/base/period.h). */
#define NSC_TIME_MAX INT64_MAX
#define NSC_TIME_WRAP_SECONDS 18446744073709ull /* 2^64 us, in seconds and ns */
#define NSC_TIME_WRAP_NS 551616000u

#define nsc_likely(x) __builtin_expect(!!(x), 1)
#define nsc_unlikely(x) __builtin_expect(!!(x), 0)
#define nsc_prefetch(p) __builtin_prefetch((p), 0, 3)
#define nsc_prefetch_write(p) __builtin_prefetch((p), 1, 3)
#if defined(NSC_STAGES_APART) /* VARIANT=profile: a stack shows them; gcc inlines what is tiny, and no more */
#define nsc_always_inline static __attribute__((unused))
#else
#define nsc_always_inline static inline __attribute__((always_inline))
#endif
#define nsc_printf(fmt, args) __attribute__((format(printf, fmt, args)))
/* A hot loop is compiled twice, for any x86-64-v2 and for v3 (BMI2: shifts that leave the flags alone), and the loader
 * chooses: 4 to 5 % of decode and flow table. Sanitizers are not ready yet when the loader asks. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__BMI2__) && !defined(NSC_SANITIZED)
#define nsc_hot_clones __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define nsc_hot_clones
#endif
#define NSC_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define NSC_MIN(a, b) ((a) < (b) ? (a) : (b))
#define NSC_MAX(a, b) ((a) > (b) ? (a) : (b))

/* Several paths are one behind the other, each ended by NUL; an empty one ends the list:
 * for (path = list; *path; path = nsc_path_next(path)) */
nsc_always_inline const char *nsc_path_next(const char *path)
{
	return path + strlen(path) + 1;
}

#endif
