/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: a command line, a word for each line. One that is refused has a sentence; in one that is taken every
 * option that this build lacks has kept its default. Left out: --config, which reads files, and filters, which ask name
 * servers.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/netscope/options.h"

enum { WORDS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool is_left_out(const char *word)
{
	if (word[0] != '-')
		return false;
	if (word[1] == '-')
		return !strncmp(word, "--config", 8) || !strncmp(word, "--filter", 8);
	return strchr(word, 'f');
}

/* Splits `text` in place; -1 when a word is left out. */
static int split(char *text, char **argv)
{
	int argc = 0;

	argv[argc++] = "netscope";
	for (char *rest = text, *word; argc <= WORDS_MAX && (word = strsep(&rest, "\n"));) {
		if (is_left_out(word))
			return -1;
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return argc;
}

static void check(const struct nsc_settings *settings)
{
	for (size_t i = 0; i < nsc_option_count; i++)
		if (nsc_option_table[i].part && !nsc_option_is_default(settings, &nsc_option_table[i]))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct nsc_settings settings;
	char *text = strndup((const char *)bytes, size), *argv[WORDS_MAX + 2];
	struct nsc_error error = { "" };
	int argc = text ? split(text, argv) : -1;

	nsc_settings_init(&settings);
	if (argc > 0 && nsc_settings_parse(&settings, argc, argv, &error)) {
		if (!error.text[0])
			abort();
	} else if (argc > 0) {
		check(&settings);
	}
	nsc_settings_fini(&settings);
	free(text);
	return 0;
}
