/* SPDX-License-Identifier: MIT */
#include "backends/sinks/parquet_words.h"

#include <stdlib.h>
#include <string.h>

enum {
	SLOT_BITS = 16,
	SLOTS = 1 << SLOT_BITS, /* at least two for each word */
	LOOKS = 32,
	PROOF = 4096, /* values after which nearly all would have come before, if they came again */
};

struct nsc_parquet_words *nsc_parquet_words_open(void)
{
	struct nsc_parquet_words *words = calloc(1, sizeof(*words));

	if (!words)
		return NULL;
	words->slot = calloc(SLOTS, sizeof(*words->slot));
	if (words->slot)
		return words;
	free(words);
	return NULL;
}

void nsc_parquet_words_close(struct nsc_parquet_words *words)
{
	if (words)
		free(words->slot);
	free(words);
}

/* The length counts, for zeros stand behind the text. */
static uint32_t words_slot(const uint64_t *text)
{
	size_t n = (*text + 7) / 8;
	uint64_t hash = *text;

	for (size_t i = 1; i <= n; i++) {
		unsigned __int128 product = (unsigned __int128)(hash ^ text[i]) * 0x9e3779b97f4a7c15;

		hash = (uint64_t)product ^ (uint64_t)(product >> 64);
	}
	return (uint32_t)(hash * 0xd1342543de82ef95 >> (64 - SLOT_BITS));
}

static bool words_are_equal(const uint64_t *a, const uint64_t *b)
{
	return *a == *b && !memcmp(a + 1, b + 1, *a);
}

/* Its number, a new one if need be; NSC_PARQUET_WORDS_MAX when there is none. */
static uint32_t words_find(struct nsc_parquet_words *words, const uint64_t *texts, uint32_t place)
{
	uint32_t at = words_slot(texts + place);

	for (unsigned looks = 0; looks < LOOKS; looks++, at = (at + 1) % SLOTS) {
		uint32_t *slot = &words->slot[at];

		if (nsc_likely(*slot && words_are_equal(texts + place, texts + words->place[*slot - 1])))
			return *slot - 1;
		if (*slot)
			continue;
		if (words->n == NSC_PARQUET_WORDS_MAX)
			break;
		words->place[words->n] = place;
		*slot = ++words->n;
		return words->n - 1;
	}
	return NSC_PARQUET_WORDS_MAX;
}

bool nsc_parquet_words_number(struct nsc_parquet_words *words, const uint64_t *texts, const uint32_t place[],
			      uint32_t n, uint32_t index[])
{
	uint32_t most = n / 3 + 1;

	words->n = 0;
	memset(words->slot, 0, SLOTS * sizeof(*words->slot));
	for (uint32_t i = 0; i < n; i++) {
		index[i] = words_find(words, texts, place[i]);
		if (index[i] == NSC_PARQUET_WORDS_MAX || words->n > most)
			return false;
		if (i == PROOF && words->n > PROOF / 16 * 15)
			return false;
	}
	return true;
}
