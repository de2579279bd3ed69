/* SPDX-License-Identifier: MIT
 *
 * One sentence for a person: what was wanted, what was found, where. Cold code returns 0 or -errno and fills
 * one of these; only tools/ prints it. The sentence has no trailing newline and no "netscope:" before it.
 */
#ifndef NETSCOPE_ERROR_H
#define NETSCOPE_ERROR_H

#include "netscope/base.h"

struct nsc_error {
	char text[512];
};

/* Formats the sentence (cut at 511 bytes) and returns `status`, so that a caller can `return nsc_fail(e, -EINVAL,
 * ...)`. `error` may be NULL. Thread: any, one writer. Allocates: never. */
int nsc_fail(struct nsc_error *error, int status, const char *format, ...) nsc_printf(3, 4);

#endif
