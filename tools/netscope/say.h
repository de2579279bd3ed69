/* SPDX-License-Identifier: MIT
 *
 * Sentences for a person.
 */
#ifndef TOOLS_NETSCOPE_SAY_H
#define TOOLS_NETSCOPE_SAY_H

#include "netscope/error.h"

#include <stdbool.h>
#include <stdio.h>

enum nsc_level {                      /* as the journal counts them */
		 NSC_LEVEL_ERROR = 3, /* the exit status will tell of it, too; or an output has failed */
		 NSC_LEVEL_WARNING,   /* the run goes on, but not as somebody may expect */
		 NSC_LEVEL_NOTICE,    /* worth knowing: what failed works again */
		 NSC_LEVEL_INFO,
};

/* Whether this descriptor leads into the journal: $JOURNAL_STREAM names its device and inode. */
bool nsc_say_is_journal(int fd);

/* Sentences on standard error have their level before them from now on, if that is the journal. */
void nsc_say_open(void);

/* "<4>", or "" when standard error is not the journal: for who writes there by other means. Thread: any. */
const char *nsc_say_level(enum nsc_level level);

/* "netscope: " and the sentence on a line of its own, in one write. It may quote a file, a name or a command line: what
 * would steer a terminal is escaped. Cut at 2047 bytes. The level is INFO. Thread: control. */
void nsc_tell(FILE *out, const char *format, ...) nsc_printf(2, 3);
void nsc_tell_at(enum nsc_level level, FILE *out, const char *format, ...) nsc_printf(3, 4);

/* Sentences on standard error go through a pump from now on (NULL: no more): nobody waits for whoever reads them. One
 * that finds no room is lost, and the next one says how many were. */
struct nsc_pump;
void nsc_tell_through(struct nsc_pump *pump);

/* The same on standard error: a warning, a failure. */
void nsc_say(const struct nsc_error *error);
void nsc_say_failure(const struct nsc_error *error);

#endif
