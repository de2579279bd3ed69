/* SPDX-License-Identifier: MIT
 *
 * A network interface: found by name, asked about its state, named in sentences.
 *
 * Thread: any, one at a time. Errors: -errno and one sentence.
 */
#ifndef NETSCOPE_SOURCES_INTERFACE_H
#define NETSCOPE_SOURCES_INTERFACE_H

#include <net/if.h>

#include "netscope/error.h"

enum nsc_interface_state {
	NSC_INTERFACE_UP,
	NSC_INTERFACE_NO_CARRIER, /* up, but nothing is at the other end */
	NSC_INTERFACE_DOWN,
	NSC_INTERFACE_GONE, /* no interface has this number any more */
};

struct nsc_interface {
	char name[IF_NAMESIZE];
	uint32_t index;
	int fd; /* a socket to ask with; it needs no capability */
};

/* Finds it. -ENODEV names the interface that was probably meant, and those that there are. */
int nsc_interface_open(struct nsc_interface *interface, const char *name, struct nsc_error *error);
void nsc_interface_close(struct nsc_interface *interface);

/* Found by number: an interface that was renamed is still the same. Allocates: never. */
enum nsc_interface_state nsc_interface_state(const struct nsc_interface *interface);

/* LINKTYPE_* of the frames that a packet socket gives; -1 when that is no link type that decode knows, with ARPHRD_* in
 * *hardware. */
int nsc_interface_linktype(const struct nsc_interface *interface, uint32_t *hardware);

/* The interface that a capture without a name means: the first that is up and no loopback, or the loopback. */
int nsc_interface_default(char name[IF_NAMESIZE], struct nsc_error *error);

/* The sentence for a missing capability: which, and how to get it. Returns -EPERM. */
int nsc_interface_denied(const char *name, struct nsc_error *error);

#endif
