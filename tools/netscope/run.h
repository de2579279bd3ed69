/* SPDX-License-Identifier: MIT
 *
 * One run: source, engine and sinks put together from the settings, started, watched, ended.
 */
#ifndef TOOLS_NETSCOPE_RUN_H
#define TOOLS_NETSCOPE_RUN_H

#include "tools/netscope/problems.h"
#include "tools/netscope/settings.h"

enum nsc_exit { /* the exit status; two interrupts end the program with 128 + signal */
		NSC_EXIT_OK = 0,
		NSC_EXIT_FAILED = 1,
		NSC_EXIT_USAGE = 2,
		NSC_EXIT_LEDGER = 3,
		NSC_EXIT_NOTHING = 4, /* netscope extract: no packet was found */
};

/* Runs to the end and says what went wrong on standard error. The largest status wins: 3, then 1, then 0. A reload
 * changes the settings. Thread: control. */
enum nsc_exit nsc_run(struct nsc_settings *settings);

/* Does what a start does, as far as it can be done without changing an output and without waiting: names and files of
 * outputs, sources, tables, dashboard, user, memory, sandbox. Goes on behind each step that fails, adds all of them to
 * `problems` and prints these: 2, or 0 when there are none. The process has given up its privileges afterwards.
 * Thread: control. */
enum nsc_exit nsc_run_check(const struct nsc_settings *settings, struct nsc_problems *problems);

#endif
