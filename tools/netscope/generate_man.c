/* SPDX-License-Identifier: MIT
 *
 * The man page, in the macros of man(7).
 */
#include "tools/netscope/generate.h"

#include "tools/netscope/texts.h"
#include "tools/netscope/version.h"

#include <string.h>

/* What roff would read otherwise is escaped. */
static void print_char(FILE *out, char c)
{
	if (c == '\\')
		fputs("\\e", out);
	else if (c == '-')
		fputs("\\-", out);
	else if (c == '\'')
		fputs("\\(aq", out);
	else
		fputc(c, out);
}

/* Code between backticks is bold. */
static void print_roff(FILE *out, const char *text)
{
	bool bold = false;

	fputs(*text == '.' ? "\\&" : "", out);
	for (; *text; text++) {
		if (*text == '`') {
			bold = !bold;
			fputs(bold ? "\\fB" : "\\fR", out);
		} else {
			print_char(out, *text);
		}
	}
	fputc('\n', out);
}

static void print_tag(FILE *out, const char *tag)
{
	fputs(".TP\n\\fB", out);
	for (; *tag; tag++)
		print_char(out, *tag);
	fputs("\\fR", out);
}

static void print_option(FILE *out, const struct nsc_option *option)
{
	char tag[128], text[512];
	size_t used = 0;

	if (option->letter)
		used = (size_t)snprintf(tag, sizeof(tag), "-%c, ", option->letter);
	used += (size_t)snprintf(tag + used, sizeof(tag) - used, "--%s", option->name);
	if (option->type == NSC_OPTION_BOOL)
		snprintf(tag + used, sizeof(tag) - used, ", --no-%s", option->name);
	print_tag(out, tag);
	if (option->metavar)
		fprintf(out, option->implied ? "[=\\fI%s\\fR]" : " \\fI%s\\fR", option->metavar);
	fputc('\n', out);
	nsc_texts_describe(option, text, sizeof(text));
	print_roff(out, text);
}

static void print_options(FILE *out)
{
	fputs(".SH OPTIONS\n", out);
	for (enum nsc_option_group group = 0; group < NSC_GROUP_COUNT; group++) {
		fprintf(out, ".SS ");
		print_roff(out, nsc_option_group_titles[group]);
		for (size_t i = 0; i < nsc_option_count; i++)
			if (nsc_option_table[i].group == group && nsc_option_table[i].name)
				print_option(out, &nsc_option_table[i]);
	}
}

static void print_keys(FILE *out)
{
	static struct nsc_settings settings;
	char text[512];

	nsc_settings_init(&settings);
	for (const struct nsc_option *option = nsc_option_table; option < nsc_option_end; option++) {
		if (!option->key)
			continue;
		print_tag(out, option->key);
		fputs(" = \\fI", out);
		nsc_option_write(out, option, &settings);
		fputs("\\fR\n", out);
		nsc_texts_describe_key(option, text, sizeof(text));
		print_roff(out, text);
	}
}

static void print_paragraphs(FILE *out, const struct nsc_text *texts)
{
	for (; texts->name; texts++) {
		fputs(".SS ", out);
		print_roff(out, texts->name);
		print_roff(out, texts->text);
	}
}

static void print_table(FILE *out, const char *title, const struct nsc_text *texts)
{
	fprintf(out, ".SH %s\n", title);
	for (; texts->name; texts++) {
		print_tag(out, texts->name);
		fputc('\n', out);
		print_roff(out, texts->text);
	}
}

void nsc_generate_man(FILE *out)
{
	fputs(".\\\" SPDX-License-Identifier: MIT\n.\\\" Made by `netscope --generate man`: change the option table "
	      "instead.\n"
	      ".TH NETSCOPE 1 \"\" \"netscope " NSC_VERSION "\" \"User Commands\"\n"
	      ".SH NAME\nnetscope \\- where every packet and every cycle went\n"
	      ".SH SYNOPSIS\n.B netscope\n.RI [ OPTIONS ]\n",
	      out);
	for (size_t i = 0; i < nsc_command_count; i++) {
		fprintf(out, ".br\n.B netscope %s\n", nsc_command_table[i].name);
		print_roff(out, nsc_command_table[i].usage);
	}
	fputs(".SH DESCRIPTION\n", out);
	print_roff(out, nsc_texts_summary);
	fputs(".SH COMMANDS\n", out);
	for (size_t i = 0; i < nsc_command_count; i++) {
		print_tag(out, nsc_command_table[i].name);
		fputc('\n', out);
		print_roff(out, nsc_command_table[i].help);
	}
	print_options(out);
	fputs(".SH NOTES\n", out);
	print_paragraphs(out, nsc_texts_notes);
	fputs(".SH CONFIGURATION\n", out);
	print_paragraphs(out, nsc_texts_config);
	fputs(".SS Keys\n", out);
	print_keys(out);
	print_table(out, "EXIT STATUS", nsc_texts_status);
	print_table(out, "FILES", nsc_texts_files);
	print_table(out, "EXAMPLES", nsc_texts_examples);
	fputs(".SH SEE ALSO\n.BR pcap\\-filter (7),\n.BR tcpdump (8),\n.BR tshark (1)\n", out);
}
