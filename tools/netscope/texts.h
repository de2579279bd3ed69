/* SPDX-License-Identifier: MIT
 *
 * What help, man page and reference pages have in common: notes, examples, exit status, and how an option is described.
 * A `word` between backticks is code; each page writes it in its own way.
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_TEXTS_H
#define TOOLS_NETSCOPE_TEXTS_H

#include "tools/netscope/options.h"

struct nsc_text { /* a table ends with one whose `name` is NULL */
	const char *name, *text;
};

extern const struct nsc_text nsc_texts_examples[]; /* command line, what it does */
extern const struct nsc_text nsc_texts_status[];   /* exit status, meaning */
extern const struct nsc_text nsc_texts_notes[];    /* heading, paragraph */
extern const struct nsc_text nsc_texts_config[];   /* the same, about the configuration file */
extern const struct nsc_text nsc_texts_files[];    /* path, what it is */
extern const char nsc_texts_summary[];             /* what the program is, in a few sentences */

/* The sentence of an option, the words to choose from, the default, and whether this build lacks it. */
void nsc_texts_describe(const struct nsc_option *option, char *text, size_t size);

/* The same for a key of the configuration file: sentence, what is allowed, the option of the command line. */
void nsc_texts_describe_key(const struct nsc_option *option, char *text, size_t size);

/* Lines of at most 98 columns, each beginning with `prefix`; the first one goes on at `column`. */
void nsc_texts_wrap(FILE *out, const char *text, const char *prefix, int column);

#endif
