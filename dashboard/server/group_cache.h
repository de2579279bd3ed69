/* SPDX-License-Identifier: MIT
 *
 * Answers to group queries that are asked again and again, as a page does that is open. Each answer costs the workers a
 * walk over all flows. An old one is given again until the workers have had a hundred times as long for packets as for
 * its walk, times the number of queries that are repeated: so these take one part in a hundred, all together. In any
 * time, walks take no more than that and one walk for each query.
 *
 * Time is an argument: ns of any clock that only goes on. Thread: one. Blocks: never.
 */
#ifndef DASHBOARD_GROUP_CACHE_H
#define DASHBOARD_GROUP_CACHE_H

#include "netscope/query.h"

enum {
	NSC_GROUP_CACHE_ENTRIES = 32,
	NSC_GROUP_CACHE_BYTES = 4 * 1024 * 1024, /* of all answers; then those asked for longest ago go */
	NSC_GROUP_CACHE_SHARE = 100,
};

/* A query is repeated as long as it was asked within this time. */
#define NSC_GROUP_CACHE_NS (60ull * NSC_NS_PER_SEC)

struct nsc_group_question { /* what makes a query the same as another */
	char filter[NSC_FILTER_TEXT + 1];
	uint32_t limit, after; /* of rows */
	uint8_t by, measure;
	bool recent;
};

/* Whether both are about the same groups in the same order, though other rows of them. */
bool nsc_group_question_alike(const struct nsc_group_question *x, const struct nsc_group_question *y);

struct nsc_group_kept {
	struct nsc_group_question question;
	char *text; /* members of the answer, as JSON; NULL: the place is free */
	size_t length;
	uint64_t made_ns, asked_ns;
	uint64_t cost_ns;                         /* of a worker */
	uint64_t wanted[NSC_GROUPS_BUCKETS / 64]; /* by its last walk: for the next one */
};

struct nsc_group_cache {
	struct nsc_group_kept kept[NSC_GROUP_CACHE_ENTRIES];
	size_t bytes;
};

/* The answer to give again; NULL: there is none, or it is time for a new one. O(entries). */
const struct nsc_group_kept *nsc_group_cache_find(struct nsc_group_cache *cache,
						  const struct nsc_group_question *question, uint64_t now_ns);

/* What the last answer's walk wanted, however old it is; NULL: there is none. O(entries). */
const uint64_t *nsc_group_cache_guess(struct nsc_group_cache *cache, const struct nsc_group_question *question);

/* Keeps a copy of text and `wanted`, instead of an older one. One that is too large, or finds no memory, is not kept.
 */
void nsc_group_cache_keep(struct nsc_group_cache *cache, const struct nsc_group_question *question, const char *text,
			  size_t length, const uint64_t wanted[NSC_GROUPS_BUCKETS / 64], uint64_t cost_ns,
			  uint64_t now_ns);

void nsc_group_cache_clear(struct nsc_group_cache *cache);

#endif
