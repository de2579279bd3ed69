/* SPDX-License-Identifier: MIT */
#include "dashboard/server/group_cache.h"

#include <stdlib.h>
#include <string.h>

bool nsc_group_question_alike(const struct nsc_group_question *x, const struct nsc_group_question *y)
{
	return x->by == y->by && x->measure == y->measure && x->recent == y->recent && !strcmp(x->filter, y->filter);
}

static bool cache_same(const struct nsc_group_question *x, const struct nsc_group_question *y)
{
	return x->limit == y->limit && x->after == y->after && nsc_group_question_alike(x, y);
}

static struct nsc_group_kept *cache_place(struct nsc_group_cache *cache, const struct nsc_group_question *question)
{
	for (unsigned i = 0; i < NSC_GROUP_CACHE_ENTRIES; i++)
		if (cache->kept[i].text && cache_same(&cache->kept[i].question, question))
			return &cache->kept[i];
	return NULL;
}

static void cache_drop(struct nsc_group_cache *cache, struct nsc_group_kept *kept)
{
	cache->bytes -= kept->length;
	free(kept->text);
	*kept = (struct nsc_group_kept){ .text = NULL };
}

/* Queries that somebody still asks share the time. */
static uint64_t cache_sharers(const struct nsc_group_cache *cache, uint64_t now_ns)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < NSC_GROUP_CACHE_ENTRIES; i++)
		n += cache->kept[i].text && now_ns - cache->kept[i].asked_ns < NSC_GROUP_CACHE_NS;
	return n;
}

const struct nsc_group_kept *nsc_group_cache_find(struct nsc_group_cache *cache,
						  const struct nsc_group_question *question, uint64_t now_ns)
{
	struct nsc_group_kept *kept = cache_place(cache, question);
	uint64_t rest_ns;

	if (!kept)
		return NULL;
	kept->asked_ns = now_ns;
	rest_ns = NSC_MIN(kept->cost_ns, NSC_GROUP_CACHE_NS) * cache_sharers(cache, now_ns) * NSC_GROUP_CACHE_SHARE;
	return now_ns - kept->made_ns < rest_ns ? kept : NULL;
}

const uint64_t *nsc_group_cache_guess(struct nsc_group_cache *cache, const struct nsc_group_question *question)
{
	const struct nsc_group_kept *kept = cache_place(cache, question);

	return kept ? kept->wanted : NULL;
}

/* A free place, or that of the answer that was asked for longest ago. */
static struct nsc_group_kept *cache_oldest(struct nsc_group_cache *cache)
{
	struct nsc_group_kept *oldest = &cache->kept[0];

	for (unsigned i = 1; i < NSC_GROUP_CACHE_ENTRIES && oldest->text; i++)
		if (!cache->kept[i].text || cache->kept[i].asked_ns < oldest->asked_ns)
			oldest = &cache->kept[i];
	return oldest;
}

static struct nsc_group_kept *cache_oldest_taken(struct nsc_group_cache *cache)
{
	struct nsc_group_kept *oldest = NULL;

	for (unsigned i = 0; i < NSC_GROUP_CACHE_ENTRIES; i++)
		if (cache->kept[i].text && (!oldest || cache->kept[i].asked_ns < oldest->asked_ns))
			oldest = &cache->kept[i];
	return oldest;
}

void nsc_group_cache_keep(struct nsc_group_cache *cache, const struct nsc_group_question *question, const char *text,
			  size_t length, const uint64_t wanted[NSC_GROUPS_BUCKETS / 64], uint64_t cost_ns,
			  uint64_t now_ns)
{
	struct nsc_group_kept *kept = cache_place(cache, question);
	char *copy = length <= NSC_GROUP_CACHE_BYTES ? malloc(length + 1) : NULL;

	if (kept)
		cache_drop(cache, kept);
	if (!copy)
		return;
	while (cache->bytes + length > NSC_GROUP_CACHE_BYTES)
		cache_drop(cache, cache_oldest_taken(cache));
	kept = cache_oldest(cache);
	if (kept->text)
		cache_drop(cache, kept);
	*kept = (struct nsc_group_kept){ .question = *question,
					 .text = memcpy(copy, text, length),
					 .length = length,
					 .made_ns = now_ns,
					 .asked_ns = now_ns,
					 .cost_ns = cost_ns };
	memcpy(kept->wanted, wanted, sizeof(kept->wanted));
	cache->bytes += length;
}

void nsc_group_cache_clear(struct nsc_group_cache *cache)
{
	for (unsigned i = 0; i < NSC_GROUP_CACHE_ENTRIES; i++)
		if (cache->kept[i].text)
			cache_drop(cache, &cache->kept[i]);
}
