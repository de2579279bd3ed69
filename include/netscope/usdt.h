/* SPDX-License-Identifier: MIT
 *
 * USDT probes: places of the program that bpftrace, perf and SystemTap may attach to while it runs, with arguments. The
 * table below is the only one: the semaphores, docs/probes.md and its test come from it.
 *
 * While nobody is attached a probe costs one load and a branch that is not taken; its arguments are not even computed.
 * The kernel counts those who are attached in the probe's semaphore. A build with USDT=0 has none of it.
 *
 * Source: sys/sdt.h of SystemTap, which notes place and arguments of each probe in the ELF section .note.stapsdt; the
 * program needs nothing of it when it runs. Thread: any. Allocates, blocks: never (attached: one trap into the kernel).
 */
#ifndef NETSCOPE_USDT_H
#define NETSCOPE_USDT_H

#include "netscope/base.h"

/* X(name, "when it is passed", "arg0: ...", ...): 1 to 6 arguments (bpftrace knows no more), integers unless they say
 * text or address. A text is NUL-terminated, an address 16 bytes in network order, IPv4 in the first 4 and the rest 0.
 * Packet time is ns since 1970 UTC. The thread's name says which worker passes (`comm` in bpftrace). */
#define NSC_USDT_PROBES(X)                                                                                             \
	X(burst, "a worker has got packets from its source or its lane", "worker: its number, from 0",                 \
	  "packets: 1 to 64", "clock_ns: packet time of the last one")                                                 \
	X(round, "a worker has done all stages for a burst", "worker: its number, from 0", "packets: 1 to 64",         \
	  "ns: the round took, from the poll on")                                                                      \
	X(tick, "a worker has closed a tick", "worker: its number, from 0", "clock_ns: packet time at its end",        \
	  "flows: records in its table", "packets: that the worker has taken so far")                                  \
	X(loss, "something was lost: a counter of the class loss grew", "counter: its name, text",                     \
	  "lost: by how much it grew")                                                                                 \
	X(alert, "a detector has raised an alert, or told how an attack goes on",                                      \
	  "counter: of its kind, text, such as alert_syn_flood", "state: 0 begin, 1 update, 2 end",                    \
	  "packets: of the attack so far", "source: address, or 0", "target: address, or 0",                           \
	  "ip_version: 4 or 6; 0 for a microburst")                                                                    \
	X(flow_begin, "a flow record was begun by a packet", "protocol: IP protocol number",                           \
	  "source_port: of the packet", "destination_port: of the packet", "ip_version: 4 or 6",                       \
	  "clock_ns: packet time")                                                                                     \
	X(flow_end, "a flow record ended, or a part of it; a flow that is alive at the end of the run ends there",     \
	  "protocol: IP protocol number", "server_port: of whom the flow was opened to",                               \
	  "packets: of both directions", "bytes: on the wire, of both directions",                                     \
	  "ns: from its first to its last packet", "reason: text, as in exports")                                      \
	X(name, "a flow has said who it is", "application: text, as in exports", "name: text, may be empty",           \
	  "source: text, where the name stood, as in exports")                                                         \
	X(lane_full, "the reader met a full lane: it waits, or live drops the packet", "lane: its number, from 0",     \
	  "live: 1 when a packet is dropped")                                                                          \
	X(sweep, "a worker has looked for silent flows", "records: looked at", "ended: of these",                      \
	  "held: in the table")                                                                                        \
	X(query, "a worker has looked at records for a question of the dashboard", "records: looked at",               \
	  "whole: 1 when the question is answered")

#define NSC_X(name, ...) NSC_USDT_##name,
enum nsc_usdt { NSC_USDT_PROBES(NSC_X) NSC_USDT_COUNT };
#undef NSC_X

enum { NSC_USDT_ARGS_MAX = 6 };

struct nsc_usdt_info {
	const char *name, *when;
	const char *arg[NSC_USDT_ARGS_MAX + 1]; /* "packets: 1 to 64"; NULL behind the last one */
};

extern const struct nsc_usdt_info nsc_usdt_table[NSC_USDT_COUNT];

#if NSC_USDT_BUILT

#define SDT_USE_VARIADIC 1
#define _SDT_HAS_SEMAPHORES 1 /* NOLINT(clang-diagnostic-reserved-macro-identifier): sys/sdt.h wants it */
#include <sys/sdt.h>

/* How many are attached; the kernel's to write. The assembly of sys/sdt.h knows them by these names. */
#define NSC_X(name, ...) extern unsigned short netscope_##name##_semaphore __attribute__((visibility("hidden")));
NSC_USDT_PROBES(NSC_X)
#undef NSC_X

/* Whether somebody is attached to probe `name`: for what must be prepared before NSC_USDT. */
#define NSC_USDT_ON(name) nsc_unlikely(__atomic_load_n(&netscope_##name##_semaphore, __ATOMIC_RELAXED))

/* Passes probe `name` with its arguments, which are evaluated only when somebody is attached. */
#define NSC_USDT(name, ...)                                                                                            \
	do {                                                                                                           \
		if (NSC_USDT_ON(name))                                                                                 \
			STAP_PROBEV(netscope, name, __VA_ARGS__);                                                      \
	} while (0)

#else

#define NSC_USDT_ON(name) false
/* Looked at by the compiler, never run. */
#define NSC_USDT(name, ...)                                                                                            \
	do {                                                                                                           \
		if (false)                                                                                             \
			nsc_usdt_unused(0, __VA_ARGS__);                                                               \
	} while (0)

nsc_always_inline void nsc_usdt_unused(int none, ...)
{
	(void)none;
}

#endif

/* The same text, all of it in memory: a probe's reader does not bring a page in. */
const char *nsc_usdt_text(const char *text);

#endif
