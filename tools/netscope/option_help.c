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
		width += fprintf(out, option->implied ? "[=%s]" : " %s", option->metavar);
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

/* A group of which this build has nothing has no title either. */
static void print_group(FILE *out, enum nsc_option_group group)
{
	bool titled = false;
	char text[512];

	for (const struct nsc_option *option = nsc_option_table; option < nsc_option_end; option++) {
		if (option->group != group || !option->name || option->part)
			continue;
		if (!titled)
			fprintf(out, "\n%s:\n", nsc_option_group_titles[group]);
		titled = true;
		nsc_texts_describe(option, text, sizeof(text));
		print_text(out, text, print_names(out, option));
	}
}

static void print_missing(FILE *out)
{
	char text[NSC_OPTIONS_MAX * 40] = "";
	size_t used = 0;

	for (size_t i = 0; i < nsc_option_count && used < sizeof(text); i++)
		if (nsc_option_table[i].part && nsc_option_table[i].name)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s--%s", used ? ", " : "",
						 nsc_option_table[i].name);
	if (!used)
		return;
	fputs("\nNot in this build:\n", out);
	nsc_texts_wrap(out, text, "  ", 0);
}

void nsc_options_help(FILE *out)
{
	fputs("netscope: where every packet and every cycle went\n\nUsage: netscope [OPTIONS] [CAPTURE FILE...]\n",
	      out);
	for (size_t i = 0; i < nsc_command_count; i++)
		if (!nsc_command_table[i].part)
			fprintf(out, "       netscope %s %s\n", nsc_command_table[i].name, nsc_command_table[i].usage);
	fputs("\nCommands:\n", out);
	for (size_t i = 0; i < nsc_command_count; i++)
		if (!nsc_command_table[i].part)
			print_text(out, nsc_command_table[i].help, fprintf(out, "  %s", nsc_command_table[i].name));
	for (enum nsc_option_group group = 0; group < NSC_GROUP_COUNT; group++)
		print_group(out, group);
	print_missing(out);
	fputs("\nExamples:\n", out);
	for (const struct nsc_text *example = nsc_texts_examples; example->name; example++)
		fprintf(out, "  %-56s %s\n", example->name, example->text);
	fputs("\nExit status: 0 success, 1 a source or an output failed, 2 wrong usage or configuration,\n"
	      "3 the ledger does not balance, 130 or 143 interrupted twice.\n",
	      out);
}
