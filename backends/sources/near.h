/* SPDX-License-Identifier: MIT
 *
 * Memory that the kernel takes for this thread, near a node: a ring's pages are the kernel's, and lie where the policy
 * of the thread says that asks for the ring.
 *
 * Thread: any, for itself. Allocates, blocks: never.
 */
#ifndef NETSCOPE_SOURCES_NEAR_H
#define NETSCOPE_SOURCES_NEAR_H

#include "netscope/base.h"

enum { NSC_NEAR_NODES = 1024 };

struct nsc_near { /* what was in force before */
	bool on;
	int mode;
	unsigned long nodes[NSC_NEAR_NODES / (8 * sizeof(unsigned long))];
};

/* From now on, until the end, memory is taken on `node` (0..NSC_NEAR_NODES-1; below 0: anywhere) as long as it has
 * room. Where the kernel knows of no nodes nothing changes. */
void nsc_near_begin(struct nsc_near *near, int node);
void nsc_near_end(const struct nsc_near *near);

#endif
