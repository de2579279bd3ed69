/* SPDX-License-Identifier: MIT
 *
 * Which cores suit the threads of a run, from what the kernel says of the machine, and which node's memory is near
 * them.
 *
 * Thread: control. Allocates, blocks: never, but for reading small files.
 */
#ifndef TOOLS_NETSCOPE_CORES_CHOOSE_H
#define TOOLS_NETSCOPE_CORES_CHOOSE_H

#include "tools/netscope/doctor.h"
#include "tools/netscope/settings.h"

struct nsc_core_choice {
	struct nsc_core_list cores; /* the best first; fewer than wanted when there are no more */
	int node[NSC_CORES_MAX];    /* of each; -1: not known */
	uint32_t nodes;             /* with a core that may be used; 0: not known */
	int interface_node;         /* -1: none, or not known */
};

/* Chooses up to `wanted` (1..NSC_CORES_MAX) cores. Better is, in this order: of the interface's node (NULL, or of no
 * node: of the one with most usable cores); not core 0 and what shares a physical core with it; a physical core of its
 * own; isolated; a low number. `taken`: cores for other threads, never chosen. Only cores that are online and that this
 * process may use; isolated ones count among these when it may use all others. Nothing known: none is chosen. */
void nsc_cores_choose(struct nsc_core_choice *choice, const struct nsc_doctor_probe *probe, const char *interface,
		      const struct nsc_core_list *taken, uint32_t wanted);

/* The same for cores that somebody named: their nodes. */
void nsc_cores_look(struct nsc_core_choice *choice, const struct nsc_doctor_probe *probe, const char *interface,
		    const struct nsc_core_list *cores);

/* What the settings ask for, for a run with `threads` of its own (1..NSC_CORES_MAX): workers, then the reading thread.
 * None asked for: no core, and no node. */
void nsc_cores_for(struct nsc_core_choice *choice, const struct nsc_settings *settings,
		   const struct nsc_doctor_probe *probe, const char *interface, uint32_t threads);

#endif
