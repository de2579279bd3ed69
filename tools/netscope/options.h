/* SPDX-License-Identifier: MIT
 *
 * The options: one table that describes each of them once. The parser, --help and whatever else speaks of options
 * walk it; nothing else names one.
 *
 * Thread: control, all of it. Errors: -EINVAL and one sentence.
 */
#ifndef TOOLS_NETSCOPE_OPTIONS_H
#define TOOLS_NETSCOPE_OPTIONS_H

#include "tools/netscope/settings.h"

#include <stdio.h>

enum nsc_option_type {
	NSC_OPTION_BOOL,   /* bool; --name and --no-name */
	NSC_OPTION_UINT,   /* uint32_t or uint64_t; min..max */
	NSC_OPTION_FLOAT,  /* double; low..high */
	NSC_OPTION_STRING, /* const char * */
	NSC_OPTION_PATH,   /* const char *; "" = off */
	NSC_OPTION_CHOICE, /* unsigned; the place of the word in `choices` */
	NSC_OPTION_CORES,  /* struct nsc_core_list; "2-5,8"; "" = none */
	NSC_OPTION_COUNT,  /* unsigned; each mention adds 1, up to max */
	NSC_OPTION_ACTION, /* bool; ends the reading of the command line */
};

enum nsc_option_group {
	NSC_GROUP_INPUT,
	NSC_GROUP_OUTPUT,
	NSC_GROUP_FLOWS,
	NSC_GROUP_STATS,
	NSC_GROUP_WORKERS,
	NSC_GROUP_SYNTH,
	NSC_GROUP_GENERAL,
	NSC_GROUP_COUNT
};

struct nsc_option {
	const char *name;           /* long name without "--" */
	char letter;                /* short name, or 0 */
	const char *key;            /* key of the configuration file, "section.name"; NULL = only here */
	enum nsc_option_type type;
	enum nsc_option_group group;
	size_t offset, size;        /* of its member in struct nsc_settings */
	uint64_t min, max;          /* UINT; COUNT: max */
	double low, high;           /* FLOAT */
	const char *const *choices; /* CHOICE: words, NULL at the end */
	const char *unit;           /* "packets", "s"; NULL = a bare number or none */
	const char *metavar;        /* how the help calls the value; NULL = takes none */
	const char *initial;        /* the default, as it would be written */
	const char *help;
};

extern const struct nsc_option nsc_option_table[];
extern const size_t nsc_option_count;
extern const char *const nsc_option_group_titles[NSC_GROUP_COUNT];

/* The option of this long name; NULL when there is none. "no-name" of a bool is not a name of its own. */
const struct nsc_option *nsc_option_find(const char *name);

/* Sets one option from text. The sentence says what was wanted and found; the caller puts the option's name before. */
int nsc_option_set(struct nsc_settings *settings, const struct nsc_option *option, const char *text,
		   enum nsc_origin origin, struct nsc_error *error);

/* Everything as the table says. */
void nsc_settings_init(struct nsc_settings *settings);

/* Lays the command line over the settings and checks them with nsc_settings_check. After --help or --version the
 * rest is not looked at. */
int nsc_settings_parse(struct nsc_settings *settings, int argc, char **argv, struct nsc_error *error);

/* What no option can know alone: exclusive options, a missing source. Also turns the pipeline on where --workers
 * implies it. Opens nothing. */
int nsc_settings_check(struct nsc_settings *settings, struct nsc_error *error);

enum nsc_origin nsc_settings_origin(const struct nsc_settings *settings, const char *name);

/* --help, in at most 100 columns. */
void nsc_options_help(FILE *out);

/* Among the long names (with "no-" where it exists) the one that `name` probably meant; NULL when none is near.
 * The text is valid until the next call. */
const char *nsc_option_nearest(const char *name);

/* "2-5,8" to a list, checked against the cores that this process may use. */
int nsc_cores_parse(struct nsc_core_list *list, const char *text, struct nsc_error *error);
unsigned nsc_cores_usable(void); /* how many this process may use, >= 1 */

#endif
