/* SPDX-License-Identifier: MIT
 *
 * docs/cli.md, docs/configuration.md and docs/metrics.md.
 */
#include "tools/netscope/generate.h"

#include "netscope/metric.h"
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

static void option_print_row(FILE *out, const struct nsc_option *option, const struct nsc_settings *settings)
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
	for (const struct nsc_option *option = nsc_option_table; option < nsc_option_end; option++) {
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
		option_print_row(out, option, &settings);
	}
}

static void print_metric(FILE *out, unsigned counter)
{
	const struct nsc_counter_info *info = &nsc_counter_table[counter];
	struct nsc_metric metric;

	nsc_metric_of(&metric, counter);
	fprintf(out, "| `%s` | `%s", info->name, metric.name);
	if (metric.label)
		fprintf(out, "{%s=\"%s\"}", metric.label, metric.value);
	fprintf(out, "` | %s | %s | %s | ", nsc_counter_class_name(info->class), info->unit, info->place);
	print_cell(out, info->help);
	fputs(" |\n", out);
}

void nsc_generate_metrics_page(FILE *out)
{
	fputs("# Counters and metrics\n\n"
	      "Made by `netscope --generate metrics.md` from `include/netscope/counters.h` and `metric.h`; `make docs` "
	      "writes it anew.\n\n"
	      "The terminal, `--summary-json` and the dashboard use the name of the counter. `/metrics` uses the name "
	      "of "
	      "the\nmetric. That one follows Prometheus' rules: the unit in the plural, once, and `_total` behind a "
	      "counter. Each has\nthe label `place` too. A counter of the class gauge is a gauge there, every other "
	      "one a "
	      "counter. What a source\ncannot know is left out.\n\n| class | what it says |\n| --- | --- |\n",
	      out);
	for (unsigned class = 0; class < NSC_CLASS_COUNT; class ++)
		fprintf(out, "| %s | %s |\n", nsc_counter_class_name(class), nsc_counter_class_help(class));
	fputs("\nWhile every counter of the classes loss and limit is 0, the answer of a capture file does not depend "
	      "on "
	      "the\nnumber of workers.\n\n## The registry\n\n| counter | metric | class | unit | place | meaning "
	      "|\n| --- | --- | --- | --- | --- | --- |\n",
	      out);
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		print_metric(out, i);
	fputs("\n## Beside the registry\n\n| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n", out);
	for (unsigned i = 0; i < NSC_METRIC_COUNT; i++)
		fprintf(out, "| `%s` | %s | %s | %s |\n", nsc_metric_table[i].name, nsc_metric_table[i].type,
			nsc_metric_table[i].labels, nsc_metric_table[i].help);
}
