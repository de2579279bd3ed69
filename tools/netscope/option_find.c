/* SPDX-License-Identifier: MIT
 *
 * Names and keys in the table, and the one that a misspelt name probably meant.
 */
#include "tools/netscope/options.h"

#include "engine/text/nearest.h"

#include <string.h>

enum {
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

const char *nsc_option_nearest(const char *name)
{
	static struct nsc_nearest nearest;
	char no_name[NSC_NEAREST_MAX];

	nsc_nearest_init(&nearest, name);
	for (const struct nsc_option *option = nsc_option_table; option < nsc_option_end; option++) {
		if (!option->name)
			continue;
		nsc_nearest_offer(&nearest, option->name, NAME_PART);
		snprintf(no_name, sizeof(no_name), "no-%s", option->name);
		if (option->type == NSC_OPTION_BOOL)
			nsc_nearest_offer(&nearest, no_name, NAME_PART);
	}
	return nsc_nearest_name(&nearest);
}

const char *nsc_option_nearest_word(const struct nsc_option *option, const char *word)
{
	static struct nsc_nearest nearest;

	nsc_nearest_init(&nearest, word);
	for (unsigned i = 0; option->choices[i]; i++)
		if (option->choices[i][0])
			nsc_nearest_offer(&nearest, option->choices[i], WORD_PART);
	return nsc_nearest_name(&nearest);
}

static const char *last_part(const char *key)
{
	const char *dot = strrchr(key, '.');

	return dot ? dot + 1 : key;
}

const char *nsc_option_nearest_key(const char *key)
{
	static struct nsc_nearest nearest;
	char section[NSC_NEAREST_MAX];

	nsc_nearest_init(&nearest, key);
	for (size_t i = 0; i < nsc_option_count; i++) {
		const char *known = nsc_option_table[i].key;

		if (!known)
			continue;
		snprintf(section, sizeof(section), "%.*s", (int)(last_part(known) - known - 1), known);
		if (strcmp(last_part(key), last_part(known)))
			nsc_nearest_offer(&nearest, known, NAME_PART);
		else
			nsc_nearest_offer_at(&nearest, known, 1);
		nsc_nearest_offer(&nearest, section, NAME_PART);
	}
	return nsc_nearest_name(&nearest);
}
