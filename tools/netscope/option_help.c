/* SPDX-License-Identifier: MIT
 *
 * --help from the table: groups, names on the left, wrapped sentences on the right, then examples.
 */
#include "tools/netscope/texts.h"

enum { TEXT_COLUMN = 36 };

/* "  -r, --read-pcap PATH"; a bool shows both of its names. Returns the width. */
static int print_names(FILE *out, const struct nsc_option *option)
{
	int width = option->letter ? fprintf(out, "  -%c, --%s", option->letter, option->name)
				   : fprintf(out, "      --%s", option->name);

	if (option->metavar)
		width += fprintf(out, " %s", option->metavar);
	if (option->type == NSC_OPTION_BOOL)
		width += fprintf(out, ", --no-%s", option->name);
	return width;
}

static void print_text(FILE *out, const char *text, int column)
{
	char prefix[TEXT_COLUMN + 1];

	snprintf(prefix, sizeof(prefix), "%*s", TEXT_COLUMN, "");
	if (column > TEXT_COLUMN - 2)
		column = fprintf(out, "\n") - 1;
	else
		column += fprintf(out, "%*s", TEXT_COLUMN - column, "");
	nsc_texts_wrap(out, text, prefix, column);
}

static void print_group(FILE *out, enum nsc_option_group group)
{
	char text[512];

	fprintf(out, "\n%s:\n", nsc_option_group_titles[group]);
	for (size_t i = 0; i < nsc_option_count; i++) {
		if (nsc_option_table[i].group != group || !nsc_option_table[i].name)
			continue;
		nsc_texts_describe(&nsc_option_table[i], text, sizeof(text));
		print_text(out, text, print_names(out, &nsc_option_table[i]));
	}
}

void nsc_options_help(FILE *out)
{
	fputs("netscope: where every packet and every cycle went\n\nUsage: netscope [OPTIONS]\n", out);
	for (enum nsc_option_group group = 0; group < NSC_GROUP_COUNT; group++)
		print_group(out, group);
	fputs("\nExamples:\n", out);
	for (const struct nsc_text *example = nsc_texts_examples; example->name; example++)
		fprintf(out, "  %-56s %s\n", example->name, example->text);
	fputs("\nExit status: 0 success, 1 a source or an output failed, 2 wrong usage or configuration,\n"
	      "3 the ledger does not balance, 130 or 143 interrupted twice.\n", out);
}
