/* SPDX-License-Identifier: MIT
 *
 * Bytes into a ring that another thread may be reading, and out of it.
 *
 * A ring is larger than any cache, and a plain store would first fetch the line that it overwrites: stores past the
 * cache do not. Who reads looks afterwards whether the block was overwritten meanwhile (recorder_parts.h). The
 * sanitizers do not see stores past the cache, and ThreadSanitizer knows no fences: there each word is an atomic, a
 * release that pairs with the acquire of who reads.
 */
#ifndef NETSCOPE_RINGS_RECORDER_COPY_H
#define NETSCOPE_RINGS_RECORDER_COPY_H

#include <string.h>
#if defined(__x86_64__) && !defined(NSC_SANITIZED)
#define NSC_RECORDER_STREAMS 1
#include <emmintrin.h>
#endif

#include "netscope/base.h"

#ifdef __SANITIZE_THREAD__
#define NSC_RECORDER_STORE __ATOMIC_RELEASE
#define NSC_RECORDER_LOAD __ATOMIC_ACQUIRE
#else
#define NSC_RECORDER_STORE __ATOMIC_RELAXED
#define NSC_RECORDER_LOAD __ATOMIC_RELAXED
#endif

/* --- the owner -------------------------------------------------------------------------------- */

#ifdef NSC_RECORDER_STREAMS

/* The last 1..15 bytes, and zeroes behind them. A load that stays within its page may go beyond what is lent. */
nsc_always_inline __m128i recorder_load_rest(const uint8_t *from, uint32_t n)
{
	static const uint8_t ones[32] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
	uint8_t whole[16] = { 0 };
	__m128i mask;

	if (nsc_unlikely(((uintptr_t)from & 4095) > 4096 - 16)) {
		memcpy(whole, from, n);
		return _mm_loadu_si128((const __m128i *)(const void *)whole);
	}
	mask = _mm_loadu_si128((const __m128i *)(const void *)(ones + 15 - n));
	return _mm_and_si128(mask, _mm_loadu_si128((const __m128i *)(const void *)from));
}

/* `to` is aligned to 16 bytes and has room for a multiple of as many. */
nsc_always_inline void nsc_recorder_put(uint8_t *to, const void *bytes, uint32_t len)
{
	const uint8_t *from = bytes;
	__m128i *next = (__m128i *)(void *)to;

	for (; len >= 16; len -= 16, from += 16)
		_mm_stream_si128(next++, _mm_loadu_si128((const __m128i *)(const void *)from));
	if (len)
		_mm_stream_si128(next, recorder_load_rest(from, len));
}

/* Two times 16 bytes. */
nsc_always_inline void nsc_recorder_put_words(uint8_t *to, const uint64_t word[4])
{
	_mm_stream_si128((__m128i *)(void *)to, _mm_set_epi64x((int64_t)word[1], (int64_t)word[0]));
	_mm_stream_si128((__m128i *)(void *)to + 1, _mm_set_epi64x((int64_t)word[3], (int64_t)word[2]));
}

/* What was put is ordered before what is stored now: stores past the cache are ordered by nothing else. */
nsc_always_inline void nsc_recorder_put_done(void)
{
	_mm_sfence();
}

#else

nsc_always_inline void nsc_recorder_put(uint8_t *to, const void *bytes, uint32_t len)
{
	const uint8_t *from = bytes;
	uint64_t word;

	for (uint32_t at = 0; at < len; at += sizeof(word)) {
		word = 0;
		memcpy(&word, from + at, NSC_MIN(len - at, (uint32_t)sizeof(word)));
		__atomic_store_n((uint64_t *)(void *)(to + at), word, NSC_RECORDER_STORE);
	}
}

nsc_always_inline void nsc_recorder_put_words(uint8_t *to, const uint64_t word[4])
{
	nsc_recorder_put(to, word, 4 * sizeof(*word));
}

nsc_always_inline void nsc_recorder_put_done(void)
{
}

#endif

/* What was stored before is seen by whoever sees what is put from now on. Partner: nsc_recorder_got. */
nsc_always_inline void nsc_recorder_put_after(void)
{
#ifndef __SANITIZE_THREAD__
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
	nsc_recorder_put_done();
}

/* --- a reader --------------------------------------------------------------------------------- */

/* Whole words: up to 7 bytes more than len, on both sides. */
nsc_always_inline void nsc_recorder_get(void *to, const uint8_t *from, uint32_t len)
{
	uint64_t word;

	for (uint32_t at = 0; at < len; at += sizeof(word)) {
		word = __atomic_load_n((const uint64_t *)(const void *)(from + at), NSC_RECORDER_LOAD);
		memcpy((uint8_t *)to + at, &word, sizeof(word));
	}
}

nsc_always_inline uint64_t nsc_recorder_get_word(const uint64_t *word)
{
	return __atomic_load_n(word, NSC_RECORDER_LOAD);
}

/* What was got before comes before what is loaded now. */
nsc_always_inline void nsc_recorder_got(void)
{
#ifndef __SANITIZE_THREAD__
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
#endif
}

#endif
