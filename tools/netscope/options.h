/* SPDX-License-Identifier: MIT
 *
 * The options: one table that describes each of them once. The parser, --help and whatever else speaks of options
 * walk it; nothing else names one.
 *
 * Thread: control, all of it. Errors: -EINVAL and one sentence.
 */
#ifndef TOOLS_NETSCOPE_OPTIONS_H
#define TOOLS_NETSCOPE_OPTIONS_H

#include "engine/text/buffer.h"
#include "tools/netscope/problems.h"
#include "tools/netscope/settings.h"

#include <sched.h>
#include <stdio.h>

enum { NSC_OPTION_TEXT = 16 << 20 }; /* no command line is longer, each byte escaped */

enum nsc_option_type {
	NSC_OPTION_BOOL,   /* bool; --name and --no-name */
	NSC_OPTION_UINT,   /* uint32_t or uint64_t; min..max */
	NSC_OPTION_FLOAT,  /* double; low..high */
	NSC_OPTION_STRING, /* const char * */
	NSC_OPTION_PATH,   /* const char *; "" = off */
	NSC_OPTION_PATHS,  /* const char *: see nsc_path_next; each mention adds one; a text or an array in the file */
	NSC_OPTION_TEXTS,  /* the same, of texts that are no paths */
	NSC_OPTION_CHOICE, /* unsigned; the place of the word in `choices` */
	NSC_OPTION_CORES,  /* struct nsc_core_list; "2-5,8", "auto"; "" = none */
	NSC_OPTION_COUNT,  /* unsigned; each mention adds 1, up to max */
	NSC_OPTION_LIST, /* const char *; "a,b"; an array of texts in the configuration file; "" = none. With `choices`
			  * only these words, and a text in the file too */
	NSC_OPTION_ACTION, /* bool; something else than a run */
};

enum nsc_option_group {
	NSC_GROUP_INPUT,
	NSC_GROUP_OUTPUT,
	NSC_GROUP_FLOWS,
	NSC_GROUP_STATS,
	NSC_GROUP_WORKERS,
	NSC_GROUP_ALERTS,
	NSC_GROUP_RECORDER,
	NSC_GROUP_WEB,
	NSC_GROUP_TOP,
	NSC_GROUP_BENCH,
	NSC_GROUP_SHIP,
	NSC_GROUP_EXTRACT,
	NSC_GROUP_PRIVILEGES,
	NSC_GROUP_SYNTH,
	NSC_GROUP_GENERAL,
	NSC_GROUP_COUNT
};

/* What an option belongs to. One whose part this build lacks is known, but may only be stated with its default. */
enum nsc_part { NSC_PART_HERE, NSC_PART_WEB, NSC_PART_COUNT };

/* What becomes of another value that a reload (reload.h) finds in the configuration file. */
enum nsc_reload {
	NSC_RELOAD_RESTART,  /* it needs a restart */
	NSC_RELOAD_ANY,      /* it is taken over */
	NSC_RELOAD_AT_MOST,  /* the same, up to that of the start (BOOL: off, if it was on, and on again; CHOICE: not
			      * the first word, which is off) */
	NSC_RELOAD_AT_LEAST, /* the same, from that of the start on */
};

struct nsc_option {
	const char *name; /* long name without "--"; NULL = only in the configuration file */
	char letter;      /* short name, or 0 */
	const char *key;  /* key of the configuration file, "section.name"; NULL = only here */
	enum nsc_option_type type;
	enum nsc_option_group group;
	enum nsc_part part; /* where it does not work yet */
	enum nsc_reload reload;
	size_t offset, size; /* of its member in struct nsc_settings */
	uint64_t min, max;   /* UINT, COUNT */
	double low, high;    /* FLOAT */
	const char *const
		*choices;    /* CHOICE, some LISTs: words, NULL at the end; an empty one is taken but not offered */
	const char *unit;    /* "packets", "s"; NULL = a bare number or none */
	const char *metavar; /* how the help calls the value; NULL = takes none */
	const char *implied; /* the value of "--name" alone, another one is "--name=VALUE"; NULL = it needs one */
	const char *initial; /* the default, as it would be written */
	const char *help;
};

struct nsc_command { /* a word in place of a run: "netscope WORD" */
	const char *name, *usage, *help;
	size_t offset;      /* of its bool in struct nsc_settings */
	enum nsc_part part; /* where it does not work */
};

extern const struct nsc_command nsc_command_table[];
extern const size_t nsc_command_count;

extern const struct nsc_option nsc_option_table[];
extern const size_t nsc_option_count;
extern const struct nsc_option *const nsc_option_end; /* behind the last one */
extern const char *const nsc_option_group_titles[NSC_GROUP_COUNT];
extern const char *const nsc_part_names[NSC_PART_COUNT]; /* "live capture"; of those that this build lacks */

/* The option of this long name; NULL when there is none. "no-name" of a bool is not a name of its own. */
const struct nsc_option *nsc_option_find(const char *name);

/* The option of this key, "section.name". */
const struct nsc_option *nsc_option_find_key(const char *key);

/* Whether the configuration file has this section, "web" or "web.tls". */
bool nsc_option_is_section(const char *name);

/* Whether each mention adds one to its list. */
nsc_always_inline bool nsc_option_repeats(const struct nsc_option *option)
{
	return option->type == NSC_OPTION_PATHS || option->type == NSC_OPTION_TEXTS;
}

/* Sets one option from text; PATHS and TEXTS are begun anew when `origin` is not the one that they come from, or the
 * text is empty, and get one more otherwise. The sentence says what was wanted and found; the caller puts the option's
 * name before. */
int nsc_option_set(struct nsc_settings *settings, const struct nsc_option *option, const char *text,
		   enum nsc_origin origin, struct nsc_error *error);

/* The same for a person who called the option `called` ("--web", "a.toml:3:1: web.enabled"): the sentence begins with
 * that. An option that this build lacks is refused unless it keeps its default. */
int nsc_option_apply(struct nsc_settings *settings, const struct nsc_option *option, const char *text,
		     enum nsc_origin origin, const char *called, struct nsc_error *error);

/* What a STRING, PATH or LIST holds, and the first of PATHS and TEXTS; NULL for the other types. */
const char *nsc_option_text(const struct nsc_settings *settings, const struct nsc_option *option);

bool nsc_option_is_default(const struct nsc_settings *settings, const struct nsc_option *option);

/* Whether "a,b" has the word. */
bool nsc_option_list_has(const char *list, const char *word);

/* The words that a CHOICE offers, with `between` between them. Cut at size - 1. */
void nsc_option_words(const struct nsc_option *option, const char *between, char *text, size_t size);

/* The one of them that `word` probably meant; NULL when none is near. Valid until the next call of a _nearest. */
const char *nsc_option_nearest_word(const struct nsc_option *option, const char *word);

/* What it takes: "a whole number from 1 to 64 workers", "one of auto, file". Cut at size - 1. */
void nsc_option_wanted(const struct nsc_option *option, char *text, size_t size);

/* Its value as JSON and TOML both write it; what is no UTF-8 becomes U+FFFD. At most NSC_OPTION_TEXT bytes. */
void nsc_option_print(struct nsc_buffer *out, const struct nsc_option *option, const struct nsc_settings *settings);
void nsc_option_write(FILE *out, const struct nsc_option *option, const struct nsc_settings *settings);

/* Whether nsc_option_print gives its value back: true for all but texts. */
bool nsc_option_is_utf8(const struct nsc_option *option, const struct nsc_settings *settings);

/* Everything as the table says. */
void nsc_settings_init(struct nsc_settings *settings);
void nsc_settings_fini(struct nsc_settings *settings); /* frees the texts of the configuration file */

/* Lays the configuration file and then the command line over the settings and checks them with nsc_settings_check.
 * After --help or --version the rest is not looked at. */
int nsc_settings_parse(struct nsc_settings *settings, int argc, char **argv, struct nsc_error *error);

/* The same, with every problem of the command line. After those of the words it goes on to the file and the checks only
 * when --check is among them; after those of the file to the checks only then, and for a reload. argv is kept. */
void nsc_settings_parse_all(struct nsc_settings *settings, int argc, char **argv, struct nsc_problems *problems);

/* What no option can know alone: exclusive options, a missing source. Also turns the pipeline on where --workers
 * implies it. Opens nothing. Adds what is wrong to `problems`. */
void nsc_settings_check(struct nsc_settings *settings, struct nsc_problems *problems);

/* The networks that detectors ignore, as nsc_settings_check has found them right. */
int nsc_settings_ignored(struct nsc_ignored ignored[NSC_ALERT_KIND_COUNT + 1], const struct nsc_settings *settings,
			 struct nsc_error *error);

enum nsc_origin nsc_settings_origin(const struct nsc_settings *settings, const char *name);

/* Every option that has a key as one JSON object, {"capture":{"read_pcap":"a.pcap",...},...}: always valid UTF-8,
 * whatever bytes a path has. The caller frees it; NULL without memory. */
char *nsc_settings_json(const struct nsc_settings *settings);

/* The same as TOML, which reads back to itself. `comments`: says over each key what it means. */
void nsc_settings_toml(FILE *out, const struct nsc_settings *settings, bool comments);

/* 0, or -EILSEQ and one sentence: a path has bytes that TOML cannot hold. */
int nsc_settings_toml_check(const struct nsc_settings *settings, struct nsc_error *error);

/* A commented file that holds every key with its default. */
void nsc_settings_example(FILE *out);

/* --help, in at most 100 columns. */
void nsc_options_help(FILE *out);

/* Among the long names (with "no-" where it exists) the one that `name` probably meant; NULL when none is near.
 * The text is valid until the next call. */
const char *nsc_option_nearest(const char *name);

/* What other tools call so and what we call it, as a sentence; false when no tool that we know has it. */
bool nsc_option_foreign_letter(char letter, struct nsc_error *error);
bool nsc_option_foreign_name(const char *name, struct nsc_error *error);

/* The same among keys and sections of the configuration file; a known name in the wrong section is near. */
const char *nsc_option_nearest_key(const char *key);

/* "2-5,8" to a list, checked against the cores that this process may use; "auto" to a list without any. */
int nsc_cores_parse(struct nsc_core_list *list, const char *text, struct nsc_error *error);
unsigned nsc_cores_usable(void); /* how many this process may use, >= 1 */

/* The first n, a multiple of 64, as a person writes them: "0-3,6". Ends before what does not fit. */
void nsc_cores_print(const cpu_set_t *set, unsigned n, char *text, size_t size);

#endif
