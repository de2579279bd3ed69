/* SPDX-License-Identifier: MIT
 *
 * Bytes by the end of host names, of one tick: a bounded table that begins empty with each. Workers fill one each, the
 * publisher adds them up in another one. All entries travel, not the largest: a name may be small at every worker and
 * large in the sum.
 *
 * Full: what finds no place has number 0, and the caller counts it.
 *
 * Thread: its owner. Allocates, blocks: never.
 */
#ifndef NETSCOPE_BASE_NAME_SUMS_H
#define NETSCOPE_BASE_NAME_SUMS_H

#include "engine/base/arena.h"
#include "netscope/view.h"

enum {
	NSC_NAME_SUMS = 8192,            /* names */
	NSC_NAME_SUMS_TEXT = 256 * 1024, /* bytes of all of them */
	NSC_NAME_SUMS_PACKED = NSC_NAME_SUMS_TEXT + NSC_NAME_SUMS * 9,
};

struct nsc_name_sums;

/* 0 or -errno. Thread: control. Allocates: all from `arena`. */
int nsc_name_sums_open(struct nsc_name_sums **sums, struct nsc_arena *arena, struct nsc_error *error);
uint64_t nsc_name_sums_bytes(void);

/* Where the part of name[0..length) begins that names of one owner share, by looks: the last two labels, three when the
 * second of them is one that countries register below (docs/names.md). An address, and a name without a dot, is whole.
 */
uint32_t nsc_name_suffix(const char *name, uint32_t length);

/* The number of this text, 1..NSC_NAME_SUMS, a new one if need be; 0 when there is no room. length 1..NSC_NAME_MAX. */
uint32_t nsc_name_sums_find(struct nsc_name_sums *sums, const char *text, uint32_t length);
/* Any number that find has given since the last clear; bytes modulo 2^64, so that they can be taken back. */
void nsc_name_sums_add(struct nsc_name_sums *sums, uint32_t number, uint64_t bytes);

/* Writes all that have bytes into out, NSC_NAME_SUMS_PACKED at most; returns how much. */
uint32_t nsc_name_sums_pack(const struct nsc_name_sums *sums, uint8_t *out);
/* Adds what was packed; returns how many names found no room. */
uint32_t nsc_name_sums_unpack(struct nsc_name_sums *sums, const uint8_t *packed, uint32_t n);

/* Those with most bytes, then by text; `max` at most, 0..NSC_TOP_NAMES_MAX; returns how many. O(names * max). */
uint32_t nsc_name_sums_top(const struct nsc_name_sums *sums, struct nsc_top_name *out, uint32_t max);

void nsc_name_sums_clear(struct nsc_name_sums *sums);

#endif
