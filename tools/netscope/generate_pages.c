/* SPDX-License-Identifier: MIT
 *
 * docs/cli.md and docs/configuration.md.
 */
#include "tools/netscope/generate.h"

#include "tools/netscope/texts.h"

#include <string.h>

static void print_notes(FILE *out, const struct nsc_text *notes)
{
	char text[1024];

	for (; notes->name; notes++) {
		snprintf(text, sizeof(text), "**%s.** %s", notes->name, notes->text);
		fputs("- ", out);
		nsc_texts_wrap(out, text, "  ", 2);
	}
}

void nsc_generate_cli_page(FILE *out)
{
	fputs("# The command line\n\nMade by `netscope --generate cli.md` from the table of "
	      "`tools/netscope/options.c`; `make docs` writes it anew.\n\n```text\n",
	      out);
	nsc_options_help(out);
	fputs("```\n\n## What it means\n\n", out);
	print_notes(out, nsc_texts_notes);
	fputs("\n| status | meaning |\n| --- | --- |\n", out);
	for (const struct nsc_text *status = nsc_texts_status; status->name; status++)
		fprintf(out, "| %s | %s |\n", status->name, status->text);
}

static void print_cell(FILE *out, const char *text)
{
	for (; *text; text++)
		fputs(*text == '|' ? "\\|" : (char[]){ *text, '\0' }, out);
}

static void print_row(FILE *out, const struct nsc_option *option, const struct nsc_settings *settings)
{
	char wanted[160];

	nsc_option_wanted(option, wanted, sizeof(wanted));
	fprintf(out, "| `%s` | ", strrchr(option->key, '.') + 1);
	print_cell(out, wanted);
	fputs(" | `", out);
	nsc_option_write(out, option, settings);
	fputs("` | ", out);
	if (option->name)
		fprintf(out, "`--%s`", option->name);
	fputs(" | ", out);
	print_cell(out, option->help);
	fputs(option->part ? " (not in this build) |\n" : " |\n", out);
}

void nsc_generate_config_page(FILE *out)
{
	static struct nsc_settings settings;
	const char *section = "";
	size_t length = 0;

	nsc_settings_init(&settings);
	fputs("# The configuration file\n\nMade by `netscope --generate configuration.md` from the table of "
	      "`tools/netscope/options.c`; `make docs` writes it anew.\n`docs/netscope.example.toml` holds every key "
	      "with its default.\n\n",
	      out);
	print_notes(out, nsc_texts_config);
	for (size_t i = 0; i < nsc_option_count; i++) {
		const struct nsc_option *option = &nsc_option_table[i];

		if (!option->key)
			continue;
		if ((size_t)(strrchr(option->key, '.') - option->key) != length ||
		    strncmp(section, option->key, length)) {
			section = option->key;
			length = (size_t)(strrchr(section, '.') - section);
			fprintf(out,
				"\n## `[%.*s]`\n\n| key | takes | default | option | meaning |\n"
				"| --- | --- | --- | --- | --- |\n",
				(int)length, section);
		}
		print_row(out, option, &settings);
	}
}
