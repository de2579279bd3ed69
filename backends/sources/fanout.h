/* SPDX-License-Identifier: MIT
 *
 * Which ring a packet goes to: a program that the kernel runs for a group of rings, so that all packets of one flow
 * come to one worker, both ways.
 *
 * The kernel's own hash (PACKET_FANOUT_HASH) leaves the ports out of every fragment: the first one, which has ports and
 * counts in its flow, then comes to another worker than the rest of that flow, and the flow is reported twice. It also
 * splits MPLS by label, which differs by direction. This one looks at what makes a flow here: addresses and ports, of
 * first fragments too; what it does not understand goes to the first ring.
 */
#ifndef NETSCOPE_SOURCES_FANOUT_H
#define NETSCOPE_SOURCES_FANOUT_H

#include <linux/filter.h>

#include "netscope/error.h"

#define NSC_FANOUT_MAX 1024u /* instructions; the kernel takes 4096 */

struct nsc_fanout {
	uint32_t n;
	struct sock_filter program[NSC_FANOUT_MAX];
};

/* Draws a key. 0 or -errno and one sentence. Thread: control. */
int nsc_fanout_draw(uint32_t key[3], struct nsc_error *error);

/* Writes the program; `key` makes it one that nobody can aim at. Thread: control. Allocates: never. */
void nsc_fanout_build(struct nsc_fanout *fanout, const uint32_t key[3]);

#endif
