/* SPDX-License-Identifier: MIT
 *
 * The steps of privileges.c. Each takes effect or returns -errno and one sentence that says what failed and why;
 * `said` tells a person what it did.
 *
 * Thread: control, while there is no other one but that of nsc_sandbox_in_threads.
 */
#ifndef TOOLS_NETSCOPE_SANDBOX_H
#define TOOLS_NETSCOPE_SANDBOX_H

#include "tools/netscope/settings.h"

enum { NSC_SANDBOX_SAID = 1024, NSC_SANDBOX_SPEAKERS = 14, NSC_SANDBOX_PORTS = 64 };

/* sandbox_user.c: the user of --user, else whoever called sudo, else nobody. */
int nsc_sandbox_user(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error);

/* The user that the step above became; NULL when it became none. */
const char *nsc_sandbox_user_name(void);

int nsc_sandbox_no_new_privs(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error);

/* Part of the step below: sandbox_sockets.c, a filter of system calls that ends the program when it sends through one
 * of the sockets that are open now and only listen (packet, datagram, raw). *silent: how many there are. 0 or -errno.
 */
int nsc_sandbox_sockets(unsigned *silent);

/* Of the filter that lists the calls of a run, a scmp_filter_ctx: sockets of nsc_sandbox_listens may be connected. 0 or
 * -errno. */
int nsc_sandbox_sockets_connect(void *filter);

/* A datagram socket that the step leaves to write(2), and to nothing else; -1 = none. NSC_SANDBOX_SPEAKERS at most. */
void nsc_sandbox_speaks(int fd);

/* The same, and it may be connected anew: a socket of this machine's syslog. */
void nsc_sandbox_reconnects(int fd);

/* A stream socket through which nothing is sent, and which may be connected anew; -1 = none. They count among the
 * NSC_SANDBOX_SPEAKERS. */
void nsc_sandbox_listens(int fd);

/* A port to which connections are made later, from a socket that is made then; 0 = none. At most NSC_SANDBOX_PORTS
 * different ones: sandbox_landlock.c. */
void nsc_sandbox_connects(uint16_t port);
bool nsc_sandbox_has_ports(void);

/* privileges.c: no core file with packets in it, and nobody of the same user looks at the memory or attaches to it. */
int nsc_sandbox_no_dump(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error);

/* sandbox_landlock.c: from now on files are written only in the folders of the outputs, read only there and where
 * counters of interfaces are, and nothing is executed. For `netscope top`: no file is opened, and connections go to
 * settings->top_port. With a feed or other sensors, connections go to their ports. For `netscope extract`: files are
 * read in the folders of its inputs, and written in that of its output. */
int nsc_sandbox_landlock(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error);

/* sandbox_seccomp.c: from now on a system call that is not in the list is refused (ENOSYS), said on standard error and
 * counted; one that only an intruder would make ends the program. Takes SIGSYS, which no thread may block. `netscope
 * top` may connect, and set its terminal; so may a run that asks other sensors connect. */
int nsc_sandbox_seccomp(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error);

/* What the calling thread does from now on may be refused without being counted or said, until it says otherwise: a
 * library that is asked for what it cannot have here. Returns how often it was since it began. */
unsigned nsc_sandbox_forgive(bool forgive);

/* privileges.c: runs `act` in each thread that a library started before this one could be confined (DPDK has one), and
 * then in this one. 0, or the first -errno. */
int nsc_sandbox_in_threads(int (*act)(void *context), void *context);

/* How many calls were refused, and the name of the first one (or its number). */
unsigned nsc_sandbox_seccomp_refused(char name[64]);

#endif
