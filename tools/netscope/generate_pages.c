/* SPDX-License-Identifier: MIT
 *
 * docs/cli.md, docs/configuration.md, docs/metrics.md and docs/probes.md.
 */
#include "tools/netscope/generate.h"

#include "netscope/metric.h"
#include "netscope/usdt.h"
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

static const char *const reload_words[] = {
	[NSC_RELOAD_RESTART] = "",
	[NSC_RELOAD_ANY] = " (`reload`)",
	[NSC_RELOAD_AT_MOST] = " (`reload, down`)",
	[NSC_RELOAD_AT_LEAST] = " (`reload, up`)",
};

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
	fputs(reload_words[option->reload], out);
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

static const char probes_intro[] =
	"# Probes\n\n"
	"Made by `netscope --generate probes.md` from `include/netscope/usdt.h`; `make docs` writes it anew.\n\n"
	"The program has USDT probes: places that bpftrace, perf and SystemTap attach to while it runs, by root, with "
	"or\n"
	"without the sandbox. Nothing is attached to a probe that nobody asked for: it costs a load and a branch, for "
	"each\n"
	"burst or flow, never for each packet. One that is attached costs a trap into the kernel each time. A build "
	"with\n"
	"`make USDT=0` has none; such a build is no faster that we could measure "
	"([performance](performance.md#probes)).\n\n"
	"```\n"
	"bpftrace -l 'usdt:/usr/local/bin/netscope:*'                        # what there is\n"
	"bpftrace tools/trace/round_latency.bt \"$(command -v netscope)\"     # every netscope of this file, until "
	"Ctrl-C\n"
	"bpftrace -c 'netscope -r x.pcap' tools/trace/losses.bt \"$(command -v netscope)\"       # one run from its "
	"start\n"
	"```\n\n"
	"`arg0` is the first argument. Packet time is in nanoseconds since 1970. A text is read with `str()`; an "
	"address\n"
	"points to 16 bytes in network order, IPv4 in the first 4. The thread that passes a probe says who it is:\n"
	"`nsc-worker-0`, `nsc-capture`, `nsc-publisher`, `nsc-writer` (`comm` in bpftrace).\n\n"
	"| probe | when | arguments |\n| --- | --- | --- |\n";

static const char probes_scripts[] =
	"\n## Scripts\n\n"
	"| script in `tools/trace/` | what it shows | its argument |\n| --- | --- | --- |\n"
	"| `burst_sizes.bt` | packets that a poll brings, by worker | the program |\n"
	"| `round_latency.bt` | how long rounds take, by worker | the program |\n"
	"| `slowest_rounds.bt` | each round that is longer than all before it, and whether the scheduler was in it | "
	"the "
	"program |\n"
	"| `flows_by_port.bt` | new flows by protocol and port, for each second and in all | the program |\n"
	"| `losses.bt` | what is lost, by counter, thread and stack | the program |\n"
	"| `wakeups.bt` | who wakes its threads, and how long they wait for a core then | a process |\n"
	"| `off_cpu.bt` | how long its threads are off their CPU, and why | a process |\n\n"
	"`slowest_rounds.bt`, `wakeups.bt` and `off_cpu.bt` use tracepoints of the scheduler, which need tracefs: "
	"`mount -t\n"
	"tracefs nodev /sys/kernel/tracing` where it is not there. Where bpftrace says that it could not set\n"
	"RLIMIT_MEMLOCK, `ulimit -l 8192` before it helps.\n";

void nsc_generate_probes_page(FILE *out)
{
	fputs(probes_intro, out);
	for (const struct nsc_usdt_info *probe = nsc_usdt_table; probe < nsc_usdt_table + NSC_USDT_COUNT; probe++) {
		fprintf(out, "| `netscope:%s` | %s | ", probe->name, probe->when);
		for (unsigned i = 0; probe->arg[i]; i++)
			fprintf(out, "%s%s", i ? "<br>" : "", probe->arg[i]);
		fputs(" |\n", out);
	}
	fputs(probes_scripts, out);
}
