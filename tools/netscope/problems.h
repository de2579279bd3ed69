/* SPDX-License-Identifier: MIT
 *
 * Several sentences, for who wants all of them and not the first one alone.
 *
 * Thread: one at a time. Allocates: never.
 */
#ifndef TOOLS_NETSCOPE_PROBLEMS_H
#define TOOLS_NETSCOPE_PROBLEMS_H

#include "netscope/error.h"

enum { NSC_PROBLEMS_KEPT = 32 };

struct nsc_problems {  /* all zero: none */
	uint32_t n;    /* kept, in the order in which they were found */
	uint32_t more; /* found when all places were taken: counted only */
	struct nsc_error said[NSC_PROBLEMS_KEPT];
};

/* Adds `error` when `status` is not 0. A sentence that is there already is not added again. Returns `status`. */
int nsc_problems_add(struct nsc_problems *problems, int status, const struct nsc_error *error);

#endif
