/* SPDX-License-Identifier: MIT
 *
 * Names and keys in the table, and the one that a misspelt name probably meant.
 */
#include "tools/netscope/options.h"

#include <string.h>

enum {
	NAME_MAX_LENGTH = 64,
	NAME_PART = 3, /* of a name one letter in three may be wrong */
	WORD_PART = 2, /* words to choose from are short and few */
};

const struct nsc_option *nsc_option_find(const char *name)
{
	for (size_t i = 0; i < nsc_option_count; i++)
		if (nsc_option_table[i].name && !strcmp(nsc_option_table[i].name, name))
			return &nsc_option_table[i];
	return NULL;
}

const struct nsc_option *nsc_option_find_key(const char *key)
{
	for (size_t i = 0; i < nsc_option_count; i++)
		if (nsc_option_table[i].key && !strcmp(nsc_option_table[i].key, key))
			return &nsc_option_table[i];
	return NULL;
}

bool nsc_option_is_section(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < nsc_option_count; i++) {
		const char *key = nsc_option_table[i].key;

		if (key && !strncmp(key, name, length) && key[length] == '.')
			return true;
	}
	return false;
}

/* Letters to change. Of `b` the first 64 count. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LENGTH + 1], length = strnlen(b, NAME_MAX_LENGTH);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = NSC_MIN(change, NSC_MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[length];
}

struct search {
	const char *written;
	char nearest[NAME_MAX_LENGTH];
	size_t best; /* SIZE_MAX = nothing is near */
};

static void offer(struct search *search, const char *name, size_t strangeness)
{
	if (strangeness >= search->best)
		return;
	search->best = strangeness;
	snprintf(search->nearest, sizeof(search->nearest), "%s", name);
}

/* A name that begins with what was written is nearest, then the fewest changed letters: one in `part` at most. */
static size_t strangeness(const char *written, const char *name, size_t part)
{
	size_t length = strlen(written), changes;

	if (length > NAME_MAX_LENGTH)
		return SIZE_MAX;
	if (length >= 2 && !strncmp(written, name, length))
		return 0;
	changes = distance(written, name);
	return changes <= NSC_MAX(length / part, (size_t)1) ? changes : SIZE_MAX;
}

const char *nsc_option_nearest(const char *name)
{
	static struct search search;
	char no_name[NAME_MAX_LENGTH];

	search.best = SIZE_MAX;
	for (size_t i = 0; i < nsc_option_count; i++) {
		const struct nsc_option *option = &nsc_option_table[i];

		if (!option->name)
			continue;
		offer(&search, option->name, strangeness(name, option->name, NAME_PART));
		snprintf(no_name, sizeof(no_name), "no-%s", option->name);
		if (option->type == NSC_OPTION_BOOL)
			offer(&search, no_name, strangeness(name, no_name, NAME_PART));
	}
	return search.best == SIZE_MAX ? NULL : search.nearest;
}

const char *nsc_option_nearest_word(const struct nsc_option *option, const char *word)
{
	static struct search search;

	search.best = SIZE_MAX;
	for (unsigned i = 0; option->choices[i]; i++)
		if (option->choices[i][0])
			offer(&search, option->choices[i], strangeness(word, option->choices[i], WORD_PART));
	return search.best == SIZE_MAX ? NULL : search.nearest;
}

static const char *last_part(const char *key)
{
	const char *dot = strrchr(key, '.');

	return dot ? dot + 1 : key;
}

const char *nsc_option_nearest_key(const char *key)
{
	static struct search search;
	char section[NAME_MAX_LENGTH];

	search.best = SIZE_MAX;
	for (size_t i = 0; i < nsc_option_count; i++) {
		const char *known = nsc_option_table[i].key;

		if (!known)
			continue;
		snprintf(section, sizeof(section), "%.*s", (int)(last_part(known) - known - 1), known);
		offer(&search, known,
		      strcmp(last_part(key), last_part(known)) ? strangeness(key, known, NAME_PART) : 1);
		offer(&search, section, strangeness(key, section, NAME_PART));
	}
	return search.best == SIZE_MAX ? NULL : search.nearest;
}
