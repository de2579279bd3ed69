/* SPDX-License-Identifier: MIT
 *
 * The order in which packets of several files come out: by time, and of equal times by file. Packets of one file keep
 * their order, whatever their times say: one that is earlier than those before it in its file comes directly behind
 * them. A file takes part from the time of its first packet on.
 */
#ifndef TOOLS_EXTRACT_ORDER_H
#define TOOLS_EXTRACT_ORDER_H

#include "netscope/base.h"

struct nsc_order_head { /* the next packet of a file */
	uint64_t ts_ns; /* no packet of this file that came before is later; any */
	uint32_t file;
};

/* Puts the head of `file` in its place among the other heads[0..*n), of which it is none; there is room for one more.
 * `ts_ns`: the latest time of the file's packets up to this one. */
void nsc_order_put(struct nsc_order_head *heads, uint32_t *n, uint32_t file, uint64_t ts_ns);

/* Takes the first head out, *n >= 1. */
struct nsc_order_head nsc_order_take(struct nsc_order_head *heads, uint32_t *n);

/* Whether the head of `file`, which is none of heads[0..n), would be taken first. */
nsc_always_inline bool nsc_order_is_next(const struct nsc_order_head *heads, uint32_t n, uint32_t file, uint64_t ts_ns)
{
	return !n || ts_ns < heads[0].ts_ns || (ts_ns == heads[0].ts_ns && file < heads[0].file);
}

#endif
