/* SPDX-License-Identifier: MIT
 *
 * Wireshark's extcap interface: a program in its extcap folder is asked which interfaces it has, what can be set, and
 * to capture into a pipe. Under this program's name or any other one; `netscope extcap` says so in words.
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_EXTCAP_H
#define TOOLS_NETSCOPE_EXTCAP_H

#include <stdio.h>

#include "netscope/error.h"

enum { NSC_EXTCAP_WORDS = 16 };

struct nsc_extcap_run {
	char *argv[NSC_EXTCAP_WORDS + 1]; /* the command line of the capture that is wanted; its texts are owned */
	int argc;                         /* 0: a question, which was answered */
};

/* Whether the words are of extcap. */
bool nsc_extcap_is(int argc, char *const *argv);

/* Answers a question on `out`, or opens the pipe as standard output and fills `run`: waits until somebody reads it. 0;
 * -EINVAL, words that are none of extcap's; another -errno. One sentence says what is wrong. */
int nsc_extcap(struct nsc_extcap_run *run, int argc, char *const *argv, FILE *out, struct nsc_error *error);
void nsc_extcap_close(struct nsc_extcap_run *run);

#endif
