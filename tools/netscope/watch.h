/* SPDX-License-Identifier: MIT
 *
 * Looks after a live capture from outside: tells when the link goes down and comes back, and when the interface counts
 * packets of which none arrives here.
 *
 * Thread: control. Allocates: never after open.
 */
#ifndef TOOLS_NETSCOPE_WATCH_H
#define TOOLS_NETSCOPE_WATCH_H

#include <stdio.h>

#include "backends/sources/interface.h"
#include "backends/sources/nic.h"

#define NSC_STALL_NS (10 * NSC_NS_PER_SEC) /* the interface counts, nothing arrives: time until that is told */

struct nsc_watch {
	FILE *out;
	bool on;
	bool told_stall;
	bool filtered; /* a filter explains why nothing arrives */
	bool others;   /* more interfaces are captured: one that was removed is told here, for the source goes on */
	struct nsc_interface interface;
	struct nsc_nic *nic;
	enum nsc_interface_state state; /* relaxed: any thread reads it */
	uint64_t since_ns;              /* CLOCK_MONOTONIC of the last change */
	uint32_t outages;               /* times that it was no longer up, its removal included; relaxed */
	uint64_t looked_ns;             /* of the last look at the counts */
	uint64_t arrived, counted;      /* here, and at the interface, when something arrived last */
	uint64_t arrived_ns;
};

/* Watches `name`; does nothing, for ever, when that is no single interface. `filtered`: there is a filter. */
void nsc_watch_open(struct nsc_watch *watch, const char *name, bool filtered, FILE *out);
void nsc_watch_close(struct nsc_watch *watch);

/* Looks at the link: to be called often. `now_ns`: CLOCK_MONOTONIC. True once a second: then nsc_watch_count is due,
 * with the packets that the source has had until now. */
bool nsc_watch_look(struct nsc_watch *watch, uint64_t now_ns);
void nsc_watch_count(struct nsc_watch *watch, uint64_t arrived, uint64_t now_ns);

/* What these two do, with what they look at as arguments. */
void nsc_watch_link(struct nsc_watch *watch, enum nsc_interface_state state, uint64_t now_ns);
void nsc_watch_stall(struct nsc_watch *watch, uint64_t arrived, uint64_t counted, uint64_t now_ns);

/* Whether the interface is there and up, with a carrier: false for one that is not watched. */
bool nsc_watch_is_up(const struct nsc_watch *watch);

#endif
