/* SPDX-License-Identifier: MIT
 *
 * Assertions that stay on in release. A broken invariant ends the program with one sentence, because going on would
 * lose more. They stand where a comment would otherwise state the invariant, and outside the loops over a burst.
 */
#ifndef NETSCOPE_BASE_ASSERT_H
#define NETSCOPE_BASE_ASSERT_H

#include "netscope/base.h"

/* `sentence` is a literal that says what holds, without an end: "a tick has a later number than the one before it".
 * Thread: any. Allocates, blocks: never. */
#define nsc_assert(condition, sentence)                                                                                \
	(nsc_likely(condition) ? (void)0 : nsc_assert_failed("" sentence, __FILE__, __LINE__))

/* Writes "netscope: engine/worker.c:12: this does not hold: <sentence>" to standard error in one write, and aborts. */
_Noreturn void nsc_assert_failed(const char *sentence, const char *file, unsigned line) __attribute__((cold));

#endif
