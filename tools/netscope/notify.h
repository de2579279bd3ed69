/* SPDX-License-Identifier: MIT
 *
 * What a service manager is told (sd_notify(3)): that the run is ready, what it does, that it reloads or ends, and, as
 * long as the workers' rounds go on, that it lives. One datagram each, through a socket that is connected before the
 * run is confined; nothing is waited for.
 *
 * Thread: control. Allocates: never.
 */
#ifndef TOOLS_NETSCOPE_NOTIFY_H
#define TOOLS_NETSCOPE_NOTIFY_H

#include "netscope/error.h"

#include <stdbool.h>

enum { NSC_NOTIFY_TEXT = 512 }; /* bytes of a message, the last one NUL */

struct nsc_notify {
	int fd;                    /* -1: nobody is told */
	uint64_t watchdog_ns;      /* longest time between two signs of life; 0 = nobody waits for them */
	uint64_t fed_ns;           /* CLOCK_MONOTONIC of the last one */
	char due[NSC_NOTIFY_TEXT]; /* a change of state that found no room yet; "" = none */
};

/* Connects to $NOTIFY_SOCKET (a path, or "@name"), and reads $WATCHDOG_USEC, unless $WATCHDOG_PID is another process.
 * Without the former nobody is told anything, and 0 is returned. -errno and one sentence when it cannot be reached:
 * then nobody is told, either. */
int nsc_notify_open(struct nsc_notify *notify, struct nsc_error *error);

/* A change of state: "READY=1". One that finds no room is sent again by nsc_notify_look, unless another one comes. */
void nsc_notify_state(struct nsc_notify *notify, const char *assignments);

/* A sentence about what the run does, cut at 400 bytes; control characters are shown escaped. */
void nsc_notify_status(struct nsc_notify *notify, const char *sentence);

/* To be called often. `now_ns`: CLOCK_MONOTONIC. True: a sign of life is due, four times in the time that the manager
 * waits, and nsc_notify_alive is to be called if there is life. */
bool nsc_notify_look(struct nsc_notify *notify, uint64_t now_ns);
void nsc_notify_alive(struct nsc_notify *notify, uint64_t now_ns);

/* RELOADING=1 with the time, as Type=notify-reload wants it. READY=1 ends it. `now_ns`: CLOCK_MONOTONIC. */
void nsc_notify_reloading(struct nsc_notify *notify, uint64_t now_ns);

void nsc_notify_close(struct nsc_notify *notify);

#endif
