/* SPDX-License-Identifier: MIT
 *
 * Least privilege: what a run gives up between opening its sources and starting its threads.
 *
 *   sources open -> user -> outputs open -> no-new-privs, no-dump, landlock, seccomp -> threads start
 *
 * Outputs are opened by the unprivileged user, so that what it may not write is refused at the start and not at the end
 * of a run. Most steps hold for the calling thread and those that it starts, so there must be no other thread yet.
 *
 * Each step can be left out by name (--sandbox-off); one that is wanted and fails is an error. With -v each one says on
 * standard error what it did.
 *
 * Thread: control, all of it.
 */
#ifndef TOOLS_NETSCOPE_PRIVILEGES_H
#define TOOLS_NETSCOPE_PRIVILEGES_H

#include "tools/netscope/settings.h"

/* CAP_NET_RAW that is permitted becomes effective, and nothing else: so a file that has it as permitted only (setcap
 * cap_net_raw=p) runs everywhere, and captures where it may. Before sources are opened. */
void nsc_privileges_raise(void);

/* Whether this run takes the steps at all. `exposed`: it captures live or serves the dashboard. */
bool nsc_privileges_wanted(const struct nsc_settings *settings, bool exposed);

/* As root becomes another user; has no capability afterwards, whoever it was. Sockets that are open stay usable. 0 or
 * -errno and one sentence. */
int nsc_privileges_drop(const struct nsc_settings *settings, struct nsc_error *error);

/* A file could not be opened: when that was after the user changed, the sentence goes on with who it was and what to
 * do. */
void nsc_privileges_explain(struct nsc_error *error);

/* The same for a configuration file that cannot be read again. */
void nsc_privileges_explain_reload(struct nsc_error *error);

/* After everything was opened and before the first thread starts: no_new_privs, files, system calls. 0 or -errno and
 * one sentence. */
int nsc_privileges_confine(const struct nsc_settings *settings, struct nsc_error *error);

/* System calls that were refused meanwhile: their number; when there are any, the sentence names the first one. */
unsigned nsc_privileges_refused(struct nsc_error *error);

/* 0, or -EINVAL and one sentence when `list` ("seccomp,landlock") names something that is no step. */
int nsc_privileges_check(const char *list, struct nsc_error *error);

#endif
