/* SPDX-License-Identifier: MIT
 *
 * SIGINT and SIGTERM: the first one ends the run as the end of its input would, the second one ends the program.
 *
 * Thread: control. The handlers run there too: nsc_signals_block keeps them out of threads that start meanwhile.
 */
#ifndef TOOLS_NETSCOPE_SIGNALS_H
#define TOOLS_NETSCOPE_SIGNALS_H

#include "netscope/engine.h"

/* Takes SIGINT, SIGTERM, SIGUSR1 and SIGUSR2: before anything is opened, so that a signal of the first milliseconds
 * ends a run normally, too. System calls are not restarted: what waits sees the signal. */
void nsc_signals_install(void);

/* What has no run is ended by the first signal, also by one that has come already. */
void nsc_signals_restore(void);

/* Takes SIGHUP too: it begins the output files of a running engine anew. */
void nsc_signals_rotate(void);

/* Whether SIGUSR1, which asks for timeline and profile, has come since the last time. */
bool nsc_signals_take_dump(void);

/* Whether SIGUSR2, which asks for everything that the flight recorder holds, has come since the last time. */
bool nsc_signals_take_record(void);

/* Whether SIGHUP has come since the last time. */
bool nsc_signals_take_hangup(void);

/* What the second signal says on standard error; copied, cut at 1 KiB. */
void nsc_signals_shutdown_text(const char *text);

/* From now on the first signal stops this engine (NULL: no engine any more); one that came before does so now. */
void nsc_signals_watch(struct nsc_engine *engine);

void nsc_signals_block(bool blocked);

/* The first signal that came, by name, or NULL. */
const char *nsc_signals_received(void);

#endif
