/* SPDX-License-Identifier: MIT
 *
 * The policy of the thread, by the kernel's own calls.
 */
#include "near.h"

#include <linux/mempolicy.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NODE_BITS = 8 * sizeof(unsigned long) };

void nsc_near_begin(struct nsc_near *near, int node)
{
	unsigned long nodes[NSC_NEAR_NODES / NODE_BITS] = { 0 };

	*near = (struct nsc_near){ .on = false };
	if (node < 0 || node >= NSC_NEAR_NODES ||
	    syscall(SYS_get_mempolicy, &near->mode, near->nodes, NSC_NEAR_NODES, NULL, 0))
		return;
	nodes[node / (int)NODE_BITS] = 1ul << node % (int)NODE_BITS;
	near->on = !syscall(SYS_set_mempolicy, MPOL_PREFERRED, nodes, NSC_NEAR_NODES + 1);
}

void nsc_near_end(const struct nsc_near *near)
{
	if (near->on)
		syscall(SYS_set_mempolicy, near->mode, near->mode == MPOL_DEFAULT ? NULL : near->nodes,
			near->mode == MPOL_DEFAULT ? 0 : NSC_NEAR_NODES + 1);
}
