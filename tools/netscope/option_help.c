/* SPDX-License-Identifier: MIT
 *
 * --help from the table: groups, names on the left, wrapped sentences on the right, then examples.
 */
#include "tools/netscope/options.h"

#include <string.h>

enum { TEXT_COLUMN = 36, LAST_COLUMN = 98 };

static const char *const examples[] = {
	"netscope -r capture.pcapng --stats --top-flows 5", "throughput and top flows, each second",
	"netscope -r capture.pcap.zst --export-json flows.json", "every flow of the capture",
	"netscope -r big.pcap --workers 4 --export-csv flows.csv", "the same answer, sooner",
	"zcat old.pcap.gz | netscope -r - -f 'tcp port 443'", "from a pipe, filtered",
	"netscope --backend synth --synth-packets 1000000", "one million packets from memory",
};

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

/* What follows the sentence: the words to choose from and the default, where there is one. */
static void describe(const struct nsc_option *option, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "%s", option->help);
	const char *initial = option->initial;
	bool unit = option->unit && strcmp(initial, "0");

	if (option->type == NSC_OPTION_CHOICE) {
		for (unsigned i = 0; option->choices[i]; i++)
			used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "|" : " [", option->choices[i]);
		used += (size_t)snprintf(text + used, size - used, "]");
	}
	if (option->type == NSC_OPTION_BOOL)
		initial = !strcmp(initial, "true") ? "on" : "off";
	if (*initial && option->type != NSC_OPTION_ACTION && option->type != NSC_OPTION_COUNT)
		snprintf(text + used, size - used, " (default: %s%s%s)", initial, unit ? " " : "",
			 unit ? option->unit : "");
}

static void print_wrapped(FILE *out, const char *text, int column)
{
	const char *gap = "";

	if (column > TEXT_COLUMN - 2) {
		fputc('\n', out);
		column = 0;
	}
	column += fprintf(out, "%*s", TEXT_COLUMN - column, "");
	while (*text) {
		int word = (int)strcspn(text, " ");

		if (column + (int)strlen(gap) + word > LAST_COLUMN) {
			column = fprintf(out, "\n%*s", TEXT_COLUMN, "") - 1;
			gap = "";
		}
		column += fprintf(out, "%s%.*s", gap, word, text);
		gap = " ";
		text += word + strspn(text + word, " ");
	}
	fputc('\n', out);
}

static void print_group(FILE *out, enum nsc_option_group group)
{
	char text[512];

	fprintf(out, "\n%s:\n", nsc_option_group_titles[group]);
	for (size_t i = 0; i < nsc_option_count; i++) {
		if (nsc_option_table[i].group != group)
			continue;
		describe(&nsc_option_table[i], text, sizeof(text));
		print_wrapped(out, text, print_names(out, &nsc_option_table[i]));
	}
}

void nsc_options_help(FILE *out)
{
	fputs("netscope: where every packet and every cycle went\n\nUsage: netscope [OPTIONS]\n", out);
	for (enum nsc_option_group group = 0; group < NSC_GROUP_COUNT; group++)
		print_group(out, group);
	fputs("\nExamples:\n", out);
	for (size_t i = 0; i < NSC_ARRAY_LEN(examples); i += 2)
		fprintf(out, "  %-56s %s\n", examples[i], examples[i + 1]);
	fputs("\nExit status: 0 success, 1 a source or an output failed, 2 wrong usage,\n"
	      "3 the ledger does not balance, 130 or 143 interrupted twice.\n", out);
}
