/* SPDX-License-Identifier: MIT
 *
 * The words that no table row holds.
 */
#include "tools/netscope/texts.h"

#include <string.h>

enum { LAST_COLUMN = 98 };

const char nsc_texts_summary[] =
	"netscope captures packets from interfaces or reads capture files, decodes each packet, counts it into a flow, "
	"and prints a ledger in which every packet has exactly one fate. Flows are exported as JSON and CSV. The "
	"exports of a file are the same for any number of workers.";

const struct nsc_text nsc_texts_examples[] = {
	{ "netscope -r capture.pcapng --stats --top-flows 5", "throughput and top flows, each second" },
	{ "netscope -r capture.pcap.zst --export-json flows.json", "every flow of the capture" },
	{ "netscope -r big.pcap --workers 4 --export-csv flows.csv", "the same flows with four workers" },
	{ "zcat old.pcap.gz | netscope -r - -f 'tcp port 443'", "from a pipe, filtered" },
	{ "netscope --backend synth --synth-packets 1000000", "one million packets from memory" },
	{ "netscope --config netscope.toml --max-flows 0", "a configuration file, one key changed" },
	{ NULL, NULL },
};

const struct nsc_text nsc_texts_status[] = {
	{ "0", "success; also after one `SIGINT` or `SIGTERM`, and when a pipe was closed" },
	{ "1", "a source or an output failed; outputs have what was read before" },
	{ "2", "wrong usage or configuration: nothing was opened" },
	{ "3", "the ledger did not balance: a packet has no fate, or two" },
	{ "4", "`netscope extract` found no packet, and wrote nothing" },
	{ "130, 143", "interrupted twice" },
	{ NULL, NULL },
};

const struct nsc_text nsc_texts_notes[] = {
	{ "Options are never abbreviated",
	  "`--export-j` is an error that names `--export-json`: a later option must not change the meaning of an "
	  "old command line. The last mention of an option wins. An empty path switches an output off." },
	{ "Standard output",
	  "It carries data: statistics and the final summary, or an output whose path is `-`; statistics and summary "
	  "then go to standard error. Progress, warnings and errors always go to standard error, one sentence each. "
	  "Colours are off when `NO_COLOR` is set and when the output is no terminal." },
	{ "A closed pipe",
	  "`netscope ... | head` ends quietly with status 0. Outputs that go to files are completed first." },
	{ "Outputs",
	  "They are opened before the first packet, and only after the input was opened: a run that cannot start "
	  "leaves old files as they were. Two outputs, or an output and the input, may not be one file, by whatever "
	  "name. A second run that is given an output's name ends with status 1 and touches nothing. Live capture "
	  "overwrites nothing: an `a.pcap` that is there becomes `a.000000.pcap`. Files are made with mode 0600 and "
	  "never through a symbolic link. Exports and the summary appear under their names when they are complete: "
	  "until then the old file stays, whatever happens." },
	{ "Signals",
	  "`SIGINT` and `SIGTERM` end a run as the end of its input would: everything that was read is analysed, "
	  "outputs are complete, the status is 0. A second one ends the program at once with 130 or 143 and names "
	  "the outputs that are not complete. `SIGPIPE` and `SIGXFSZ` are ignored: a closed pipe or a file that may "
	  "not grow is a failed write." },
	{ "Privileges",
	  "Live capture and the dashboard give up privileges before the first packet: root becomes another "
	  "user (`--user`; else the user who called sudo; else nobody), capabilities are dropped, and no_new_privs, "
	  "Landlock and "
	  "seccomp confine the process. Outputs are opened by that user. `--sandbox always` does the same for files; "
	  "`--sandbox-off` leaves steps out by name; `-v` prints each step." },
	{ "A damaged capture",
	  "It is analysed up to the damage. Outputs have everything before it, a sentence names file, offset and "
	  "reason, and the status is 1." },
	{ "Workers",
	  "`--workers` turns the pipeline on: one thread reads for all. With `--readers` each worker reads plain "
	  "capture files, too; large ones by themselves, with `--max-flows 0` and 4 cores or more. The exports of a "
	  "file are the same for every number of workers, as long as no limit "
	  "was hit (the summary says so)." },
	{ "Options that this build lacks",
	  "They are listed as \"not in this build\". Configuration files and scripts of other builds may state their "
	  "defaults; any other value is refused with status 2." },
	{ NULL, NULL },
};

const struct nsc_text nsc_texts_config[] = {
	{ "Order",
	  "Defaults come first, then the file that `--config` names, then the command line: a flag that is given "
	  "there overrides the file, and `--no-name` switches off what a file switched on. `--print-config` "
	  "prints the result as TOML, which reads back to itself." },
	{ "Errors",
	  "An unknown key, a wrong type or a value out of range ends the program with status 2 before anything is "
	  "opened. The sentence names file, line, column and key, what was found and what is allowed, and the "
	  "nearest key that there is." },
	{ "Limits", "A file has at most 256 KiB and, comments included, 4096 dots." },
	{ "Reload",
	  "At SIGHUP a live run reads the file again, below the same command line. If there is no mistake in it, keys "
	  "that `docs/configuration.md` marks with `reload` get their new values while packets come; `reload, down`: "
	  "at "
	  "most the value of the start (off, and on again, of what was on); `reload, up`: at least that. Any other "
	  "change needs a restart, and a sentence says so. A file with a mistake changes nothing." },
	{ NULL, NULL },
};

const struct nsc_text nsc_texts_files[] = {
	{ "netscope.example.toml", "every key with its default, as `--generate example.toml` prints it" },
	{ ".NAME.XXXXXX.tmp",
	  "beside an output NAME, where the file system cannot hold a file without a name: what is not complete yet" },
	{ NULL, NULL },
};

static const char *mark(const struct nsc_option *option)
{
	return option->part ? " (not in this build)" : "";
}

void nsc_texts_describe(const struct nsc_option *option, char *text, size_t size)
{
	const char *initial = option->initial;
	bool stated = *initial && option->type != NSC_OPTION_ACTION && option->type != NSC_OPTION_COUNT;
	bool unit = stated && option->unit && strcmp(initial, "0");
	char words[160] = "";

	if (option->type == NSC_OPTION_CHOICE)
		nsc_option_words(option, "|", words, sizeof(words));
	if (option->type == NSC_OPTION_BOOL)
		initial = !strcmp(initial, "true") ? "on" : "off";
	snprintf(text, size, "%s%s%s%s%s%s%s%s%s%s", option->help, *words ? " [" : "", words, *words ? "]" : "",
		 stated ? " (default: " : "", stated ? initial : "", unit ? " " : "", unit ? option->unit : "",
		 stated ? ")" : "", mark(option));
}

void nsc_texts_describe_key(const struct nsc_option *option, char *text, size_t size)
{
	char wanted[160];

	nsc_option_wanted(option, wanted, sizeof(wanted));
	snprintf(text, size, "%s. Takes %s%s%s%s", option->help, wanted, option->name ? "; option --" : "",
		 option->name ? option->name : "", mark(option));
}

/* Up to the next space; of a word that is longer than a line, up to its last "|" that still fits in one. */
static int texts_word(const char *text, int room)
{
	int word = (int)strcspn(text, " "), fits = NSC_MIN(word, room);

	if (word <= room)
		return word;
	while (fits && text[fits - 1] != '|')
		fits--;
	return fits ? fits : word;
}

void nsc_texts_wrap(FILE *out, const char *text, const char *prefix, int column)
{
	int indent = (int)strlen(prefix);
	const char *gap = "";

	if (!column)
		column = fprintf(out, "%s", prefix);
	while (*text) {
		int word = texts_word(text, LAST_COLUMN - indent);

		if (column + (int)strlen(gap) + word > LAST_COLUMN && column > indent) {
			column = fprintf(out, "\n%s", prefix) - 1;
			gap = "";
		}
		column += fprintf(out, "%s%.*s", gap, word, text);
		gap = text[word] == ' ' ? " " : "";
		text += word + strspn(text + word, " ");
	}
	fputc('\n', out);
}
