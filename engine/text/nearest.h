/* SPDX-License-Identifier: MIT
 *
 * The name that a misspelt one probably meant. Names are offered one by one; the nearest stays, the first of several.
 *
 * Thread: any, one owner. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_NEAREST_H
#define NETSCOPE_TEXT_NEAREST_H

#include "netscope/base.h"

enum { NSC_NEAREST_MAX = 64 }; /* bytes of a name with its NUL; longer ones are cut */

struct nsc_nearest {
	const char *written;
	char name[NSC_NEAREST_MAX]; /* the nearest so far; "" = nothing is near */
	size_t distance;            /* SIZE_MAX = nothing is near */
};

/* `written` stays the caller's until the last offer. */
void nsc_nearest_init(struct nsc_nearest *nearest, const char *written);

/* A name that begins with what was written, at least 2 letters of it, is nearest; then the fewest changed letters: one
 * in `part` (>= 1) of those written at most, but always one. */
void nsc_nearest_offer(struct nsc_nearest *nearest, const char *name, size_t part);

/* A name that the caller takes for as near as `distance` changed letters. */
void nsc_nearest_offer_at(struct nsc_nearest *nearest, const char *name, size_t distance);

/* In `nearest`; NULL when nothing is near. */
const char *nsc_nearest_name(const struct nsc_nearest *nearest);

#endif
