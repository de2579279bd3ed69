/* SPDX-License-Identifier: MIT */
#include "engine/base/name_sums.h"

#include <errno.h>
#include <string.h>

#include "engine/base/assert.h"

enum {
	SLOTS = 2 * NSC_NAME_SUMS,
	PROBES_MAX = 64, /* whoever chooses names chooses hashes: a look-up has an end all the same */
};

struct name_sum {
	uint64_t bytes;
	uint32_t at, hash;
	uint32_t length;
};

struct nsc_name_sums {
	uint32_t n, text_used;
	uint16_t slot[SLOTS];               /* number, 0 = empty */
	struct name_sum sum[NSC_NAME_SUMS]; /* of number i + 1 */
	char text[NSC_NAME_SUMS_TEXT];
};

/* --- suffixes --------------------------------------------------------------------------------- */

/* Below the code of a country these are no name of anybody. */
static bool suffix_is_registry(const char *label, uint32_t n)
{
	static const char *const labels[] = { "ac", "co", "com", "edu", "gov", "net", "org" };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(labels); i++)
		if (strlen(labels[i]) == n && !memcmp(labels[i], label, n))
			return true;
	return false;
}

static bool suffix_is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Where the label before `end` begins. */
static uint32_t suffix_label(const char *name, uint32_t end)
{
	while (end && name[end - 1] != '.')
		end--;
	return end;
}

static bool suffix_is_address(const char *name, uint32_t length)
{
	return name[0] == '[' || memchr(name, ':', length) || !name[strspn(name, "0123456789.")];
}

uint32_t nsc_name_suffix(const char *name, uint32_t length)
{
	char text[NSC_NAME_MAX + 1];
	uint32_t end = length, top, second;

	nsc_assert(length && length <= NSC_NAME_MAX, "names have bounds");
	memcpy(text, name, length);
	text[length] = '\0';
	if (suffix_is_address(text, length))
		return 0;
	end -= text[end - 1] == '.';
	top = suffix_label(text, end);
	if (!top)
		return 0;
	second = suffix_label(text, top - 1);
	if (second && end - top == 2 && suffix_is_letter(text[top]) && suffix_is_letter(text[top + 1]) &&
	    suffix_is_registry(&text[second], top - 1 - second))
		return suffix_label(text, second - 1);
	return second;
}

/* --- the table -------------------------------------------------------------------------------- */

static uint32_t sums_hash(const char *text, uint32_t length)
{
	uint64_t hash = length, word;

	for (; length; text += 8, length -= NSC_MIN(length, 8)) {
		word = 0;
		memcpy(&word, text, NSC_MIN(length, 8));
		hash = (hash ^ word) * 0xbf58476d1ce4e5b9;
		hash ^= hash >> 29;
	}
	return (uint32_t)(hash >> 16);
}

static uint32_t sums_append(struct nsc_name_sums *s, const char *text, uint32_t length, uint32_t hash)
{
	if (s->n == NSC_NAME_SUMS || length > NSC_NAME_SUMS_TEXT - s->text_used)
		return 0;
	s->sum[s->n] = (struct name_sum){ .at = s->text_used, .hash = hash, .length = length };
	memcpy(s->text + s->text_used, text, length);
	s->text_used += length;
	return ++s->n;
}

uint32_t nsc_name_sums_find(struct nsc_name_sums *s, const char *text, uint32_t length)
{
	uint32_t hash = sums_hash(text, length);

	for (uint32_t probe = 0; probe < PROBES_MAX; probe++) {
		uint16_t *slot = &s->slot[(hash + probe) % SLOTS];
		const struct name_sum *sum = &s->sum[*slot ? *slot - 1 : 0];

		if (!*slot) {
			*slot = (uint16_t)sums_append(s, text, length, hash);
			return *slot;
		}
		if (sum->hash == hash && sum->length == length && !memcmp(s->text + sum->at, text, length))
			return *slot;
	}
	return 0;
}

void nsc_name_sums_add(struct nsc_name_sums *s, uint32_t number, uint64_t bytes)
{
	s->sum[number - 1].bytes += bytes;
}

void nsc_name_sums_clear(struct nsc_name_sums *s)
{
	if (s->n)
		memset(s->slot, 0, sizeof(s->slot));
	s->n = s->text_used = 0;
}

/* --- on its way: bytes, length of the text, text ---------------------------------------------- */

uint32_t nsc_name_sums_pack(const struct nsc_name_sums *s, uint8_t *out)
{
	uint8_t *at = out;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct name_sum *sum = &s->sum[i];

		if (!sum->bytes)
			continue;
		memcpy(at, &sum->bytes, 8);
		at[8] = (uint8_t)sum->length;
		memcpy(at + 9, s->text + sum->at, sum->length);
		at += 9 + sum->length;
	}
	return (uint32_t)(at - out);
}

uint32_t nsc_name_sums_unpack(struct nsc_name_sums *s, const uint8_t *packed, uint32_t n)
{
	uint32_t lost = 0;

	for (const uint8_t *at = packed; at < packed + n; at += 9 + at[8]) {
		uint32_t number = nsc_name_sums_find(s, (const char *)at + 9, at[8]);
		uint64_t bytes;

		memcpy(&bytes, at, 8);
		if (number)
			nsc_name_sums_add(s, number, bytes);
		lost += !number;
	}
	return lost;
}

/* --- the largest ------------------------------------------------------------------------------ */

static bool sums_before(const struct nsc_name_sums *s, uint32_t i, uint32_t j)
{
	const struct name_sum *x = &s->sum[i], *y = &s->sum[j];
	int order;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes;
	order = memcmp(s->text + x->at, s->text + y->at, NSC_MIN(x->length, y->length));
	return order ? order < 0 : x->length < y->length;
}

uint32_t nsc_name_sums_top(const struct nsc_name_sums *s, struct nsc_top_name *out, uint32_t max)
{
	uint32_t best[NSC_TOP_NAMES_MAX + 1], n = 0;

	for (uint32_t i = 0; i < s->n && max; i++) {
		uint32_t at = n;

		if (!s->sum[i].bytes || (n == max && !sums_before(s, i, best[n - 1])))
			continue;
		for (; at && sums_before(s, i, best[at - 1]); at--)
			best[at] = best[at - 1];
		best[at] = i;
		n += n < max;
	}
	for (uint32_t i = 0; i < n; i++) {
		out[i].bytes = s->sum[best[i]].bytes;
		out[i].length = (uint8_t)s->sum[best[i]].length;
		memcpy(out[i].name, s->text + s->sum[best[i]].at, s->sum[best[i]].length);
	}
	return n;
}

int nsc_name_sums_open(struct nsc_name_sums **sums, struct nsc_arena *arena, struct nsc_error *error)
{
	*sums = nsc_arena_alloc(arena, sizeof(**sums));
	if (!*sums)
		return nsc_fail(error, -ENOMEM, "no memory for the bytes of names");
	nsc_arena_populate(*sums, sizeof(**sums));
	return 0;
}

uint64_t nsc_name_sums_bytes(void)
{
	return sizeof(struct nsc_name_sums);
}
