/* SPDX-License-Identifier: MIT
 *
 * The option table as TOML. The keys of a section stand together in the table, so each section comes once.
 */
#include "tools/netscope/options.h"

#include "tools/netscope/texts.h"

#include <errno.h>
#include <string.h>

static void print_comment(FILE *out, const struct nsc_option *option)
{
	char text[512];

	nsc_texts_describe_key(option, text, sizeof(text));
	nsc_texts_wrap(out, text, "# ", 0);
}

void nsc_settings_toml(FILE *out, const struct nsc_settings *settings, bool comments)
{
	const char *section = "", *gap = "";
	int length = 0;

	for (size_t i = 0; i < nsc_option_count; i++) {
		const struct nsc_option *option = &nsc_option_table[i];
		const char *dot = option->key ? strrchr(option->key, '.') : NULL;

		if (!dot)
			continue;
		if (dot - option->key != length || strncmp(section, option->key, (size_t)length)) {
			section = option->key;
			length = (int)(dot - section);
			fprintf(out, "%s[%.*s]\n", gap, length, section);
			gap = "\n";
		}
		if (comments)
			print_comment(out, option);
		fprintf(out, "%s = ", dot + 1);
		nsc_option_write(out, option, settings);
		fputc('\n', out);
	}
}

int nsc_settings_toml_check(const struct nsc_settings *settings, struct nsc_error *error)
{
	for (size_t i = 0; i < nsc_option_count; i++)
		if (nsc_option_table[i].key && !nsc_option_is_utf8(&nsc_option_table[i], settings))
			return nsc_fail(error, -EILSEQ, "%s cannot be written as TOML: it is not UTF-8",
					nsc_option_table[i].key);
	return 0;
}

void nsc_settings_example(FILE *out)
{
	static struct nsc_settings settings;

	nsc_settings_init(&settings);
	fputs("# Every key of the configuration file with its default. `netscope --config PATH` reads it; keys may\n"
	      "# be left out, and the command line overrides the file. An empty path switches an output off.\n\n",
	      out);
	nsc_settings_toml(out, &settings, true);
}
