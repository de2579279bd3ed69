/* SPDX-License-Identifier: MIT
 *
 * The command line over the settings. getopt_long does the splitting; what it would forgive is refused here: an
 * abbreviated name, for a later option must not change the meaning of an old command line. A lone word is a file.
 */
#include "tools/netscope/config.h"
#include "tools/netscope/options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

enum {
	NAMES_MAX = 2 * NSC_OPTIONS_MAX,
	LONG_BASE = 256, /* getopt's value of option i of the table; NO_BASE + i for its "no-" */
	NO_BASE = LONG_BASE + NSC_OPTIONS_MAX,
	NO_NAME_MAX = 32,
};

struct name_lists {
	struct option names[NAMES_MAX + 1];
	char no_names[NSC_OPTIONS_MAX][NO_NAME_MAX]; /* "no-stats"; "" where the option has none */
	char letters[2 + 2 * NSC_OPTIONS_MAX + 1];
};

static void add_name(struct name_lists *lists, size_t *n, const char *name, int takes_value, int value)
{
	lists->names[(*n)++] = (struct option){ name, takes_value, NULL, value };
}

static void build_lists(struct name_lists *lists)
{
	size_t n = 0, letters = 0;

	memset(lists, 0, sizeof(*lists));
	lists->letters[letters++] = '-'; /* words come in order, so that optind is known to point at the option */
	lists->letters[letters++] = ':'; /* a missing value is told from an unknown option */
	for (size_t i = 0; i < nsc_option_count; i++) {
		const struct nsc_option *option = &nsc_option_table[i];

		if (!option->name)
			continue;
		add_name(lists, &n, option->name,
			 option->implied   ? optional_argument
			 : option->metavar ? required_argument
					   : no_argument,
			 LONG_BASE + (int)i);
		if (option->type == NSC_OPTION_BOOL) {
			snprintf(lists->no_names[i], NO_NAME_MAX, "no-%s", option->name);
			add_name(lists, &n, lists->no_names[i], no_argument, NO_BASE + (int)i);
		}
		if (option->letter)
			lists->letters[letters++] = option->letter;
		if (option->letter && option->metavar)
			lists->letters[letters++] = ':';
	}
}

static int unknown_name(const char *word, struct nsc_error *error)
{
	char name[128];
	const char *nearest;

	snprintf(name, sizeof(name), "%.*s", (int)NSC_MIN(strcspn(word + 2, "="), sizeof(name) - 1), word + 2);
	if (nsc_option_foreign_name(name, error))
		return -EINVAL;
	nearest = nsc_option_nearest(name);
	if (!nearest)
		return nsc_fail(error, -EINVAL, "unknown option --%.100s; see netscope --help", name);
	return nsc_fail(error, -EINVAL, "unknown option --%.100s; %sdid you mean --%s?", name,
			*name && !strncmp(name, nearest, strlen(name)) ? "options are not abbreviated, " : "", nearest);
}

static int name_refuse(const struct name_lists *lists, const char *word, struct nsc_error *error)
{
	size_t length;

	if (strncmp(word, "--", 2) && nsc_option_foreign_letter((char)optopt, error))
		return -EINVAL;
	if (strncmp(word, "--", 2))
		return nsc_fail(error, -EINVAL, "unknown option -%c; see netscope --help", optopt);
	length = strcspn(word + 2, "=");
	for (const struct option *known = lists->names; known->name; known++)
		if (!strncmp(known->name, word + 2, length) && !known->name[length])
			return nsc_fail(error, -EINVAL, "--%s takes no value, found \"%.100s\"", known->name,
					word + 2 + length + 1);
	return unknown_name(word, error);
}

/* `word` is what getopt looked at: true when it is the whole name and not its beginning. */
static bool name_is_whole(const struct name_lists *lists, const char *word, int value)
{
	const struct option *known = lists->names;
	size_t length;

	if (strncmp(word, "--", 2))
		return true;
	while (known->val != value)
		known++;
	length = strlen(known->name);
	return !strncmp(word + 2, known->name, length) && (!word[2 + length] || word[2 + length] == '=');
}

static const struct nsc_option *by_letter(int letter)
{
	for (size_t i = 0; i < nsc_option_count; i++)
		if (nsc_option_table[i].letter == letter)
			return &nsc_option_table[i];
	return NULL;
}

static int apply(struct nsc_settings *settings, const struct nsc_option *option, const char *text,
		 struct nsc_error *error)
{
	unsigned *count = (unsigned *)((char *)settings + option->offset);
	bool off = option->type == NSC_OPTION_BOOL && !strcmp(text, "false");
	char digits[16], called[NO_NAME_MAX + 2];

	if (option->type == NSC_OPTION_COUNT) {
		snprintf(digits, sizeof(digits), "%u", (unsigned)NSC_MIN(*count + 1, option->max));
		text = digits;
	}
	snprintf(called, sizeof(called), "--%s%s", off ? "no-" : "", option->name);
	return nsc_option_apply(settings, option, text, NSC_ORIGIN_COMMAND_LINE, called, error);
}

/* A command is the first word that is no option: 1, or 0 when this is none, or -ENOSYS. */
static int take_command(struct nsc_settings *settings, const char *word, struct nsc_error *error)
{
	for (size_t i = 0; i < nsc_command_count && !settings->read_pcap[0]; i++) {
		const struct nsc_command *command = &nsc_command_table[i];
		bool *taken = (bool *)((char *)settings + command->offset);

		if (strcmp(command->name, word) != 0 || *taken)
			continue;
		if (command->part)
			return nsc_fail(error, -ENOSYS, "netscope %s: this build has no %s", word,
					nsc_part_names[command->part]);
		return *taken = true;
	}
	return 0;
}

/* A file, unless it looks like a part of a filter, which tcpdump takes in words of its own. */
static int take_file(struct nsc_settings *settings, const char *word, struct nsc_error *error)
{
	bool named = strchr(word, '/') || strchr(word, '.') || !strcmp(word, "-");

	for (size_t i = 0; i < nsc_command_count && !settings->extracts && !settings->indexes; i++)
		if (*(bool *)((char *)settings + nsc_command_table[i].offset))
			return nsc_fail(error, -EINVAL, "unexpected \"%.100s\" after netscope %s", word,
					nsc_command_table[i].name);
	if (!named && access(word, F_OK))
		return nsc_fail(error, -EINVAL,
				"unexpected \"%.100s\": there is no such file; a filter is one text after -f, as in "
				"-f \"tcp port 80\"",
				word);
	return nsc_option_apply(settings, nsc_option_find("read-pcap"), word, NSC_ORIGIN_COMMAND_LINE, word, error);
}

static int word_take(struct nsc_settings *settings, const struct name_lists *lists, int found, const char *word,
		     struct nsc_error *error)
{
	const struct nsc_option *option;

	if (found == 1) {
		int command = take_command(settings, word, error);

		return command ? NSC_MIN(command, 0) : take_file(settings, word, error);
	}
	if (found == '?')
		return name_refuse(lists, word, error);
	if (found == ':')
		found = optopt;
	else if (found >= NO_BASE && name_is_whole(lists, word, found))
		return apply(settings, &nsc_option_table[found - NO_BASE], "false", error);
	if (!name_is_whole(lists, word, found))
		return unknown_name(word, error);
	option = found >= LONG_BASE ? &nsc_option_table[found - LONG_BASE] : by_letter(found);
	if (option->implied && !optarg)
		return apply(settings, option, option->implied, error);
	if (option->metavar && !optarg)
		return nsc_fail(error, -EINVAL, "--%s needs a value: %s", option->name, option->metavar);
	return apply(settings, option, option->metavar ? optarg : "true", error);
}

static void read_words(struct nsc_settings *settings, int argc, char **argv, struct nsc_problems *problems)
{
	struct name_lists lists;
	struct nsc_error error;

	build_lists(&lists);
	opterr = 0;
	optind = 0; /* glibc: begin anew, whatever was parsed before */
	while (!settings->help && !settings->version) {
		int at = optind ? optind : 1, found;

		optarg = NULL;
		found = getopt_long(argc, argv, lists.letters, lists.names, NULL);
		if (found == -1)
			break;
		nsc_problems_add(problems, word_take(settings, &lists, found, argv[at], &error), &error);
	}
	for (; !settings->help && !settings->version && optind < argc; optind++)
		nsc_problems_add(problems, word_take(settings, &lists, 1, argv[optind], &error), &error);
}

/* The command line names the file, and what it set itself the file does not change. */
void nsc_settings_parse_all(struct nsc_settings *settings, int argc, char **argv, struct nsc_problems *problems)
{
	struct nsc_error error;

	settings->argc = argc;
	settings->argv = argv;
	read_words(settings, argc, argv, problems);
	if (settings->help || settings->version || (problems->n && !settings->check))
		return;
	if (settings->config[0])
		nsc_problems_add(problems, nsc_config_load(settings, settings->config, problems, &error), &error);
	if (!problems->n || settings->check || settings->reloads)
		nsc_settings_check(settings, problems);
}

int nsc_settings_parse(struct nsc_settings *settings, int argc, char **argv, struct nsc_error *error)
{
	struct nsc_problems problems = { .n = 0 };

	nsc_settings_parse_all(settings, argc, argv, &problems);
	if (!problems.n)
		return 0;
	*error = problems.said[0];
	return -EINVAL;
}
