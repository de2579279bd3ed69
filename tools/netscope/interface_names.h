/* SPDX-License-Identifier: MIT
 *
 * What -i means: names, lists of names and patterns, to the interfaces that there are.
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_INTERFACE_NAMES_H
#define TOOLS_NETSCOPE_INTERFACE_NAMES_H

#include <net/if.h>

#include "netscope/rx.h"

enum { NSC_INTERFACE_NAMES_TEXT = NSC_LIVE_INTERFACES_MAX * (IF_NAMESIZE + 2) };

struct nsc_interface_names {
	uint32_t n;
	char name[NSC_LIVE_INTERFACES_MAX][IF_NAMESIZE]; /* each once */
};

/* What can be said without looking at the machine. `list` as nsc_path_next has it. 0, or -EINVAL and one sentence. */
int nsc_interface_names_check(const char *list, struct nsc_error *error);

/* Finds them among `there` (as if_nameindex has it), in the order in which they are named; those of a pattern in the
 * order in which they are there. A name may have more than one interface to it: a name of the kernel's comes first. 0;
 * -ENODEV when there is no such interface, -E2BIG when there are too many, and one sentence. */
int nsc_interface_names_find(struct nsc_interface_names *names, const char *list, const struct if_nameindex *there,
			     struct nsc_error *error);

/* The same among those of this machine; none named: the default one. */
int nsc_interface_names(struct nsc_interface_names *names, const char *list, struct nsc_error *error);

/* "eth0, eth1" */
void nsc_interface_names_text(const struct nsc_interface_names *names, char text[NSC_INTERFACE_NAMES_TEXT]);

#endif
