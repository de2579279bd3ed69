/* SPDX-License-Identifier: MIT
 *
 * The files below /sys that say where a core lies, and an order of cores made from them.
 */
#include "tools/netscope/cores_choose.h"

#include "tools/netscope/doctor_checks.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_BYTES = 1024 };

enum { /* what is worse counts more */
       NOT_ISOLATED = 1,
       SECOND_THREAD = 2,
       OTHER_NODE = 4,
       CORE_ZERO = 8,
};

struct machine {
	const struct nsc_doctor_probe *probe;
	struct nsc_cpus usable, isolated, zero; /* zero: core 0 and what shares its physical core */
	int16_t node[CPU_SETSIZE];
};

struct candidate {
	unsigned core, worse;
};

/* --- the machine ------------------------------------------------------------------------------ */

static bool machine_list(const struct machine *m, struct nsc_cpus *cpus, const char *path)
{
	char text[LIST_BYTES];

	return nsc_read_line(m->probe->sys, text, sizeof(text), "%s", path) && nsc_cpus_parse(cpus, text);
}

/* The kernel keeps a process off isolated cores until somebody puts it there: one that may use all others may use
 * these. Any other choice of cores (taskset, a cpuset) is meant. */
static void take_isolated(struct machine *m, const struct nsc_cpus *online)
{
	struct nsc_cpus all;

	CPU_OR_S(sizeof(all.set), all.set, m->usable.set, m->isolated.set);
	CPU_AND_S(sizeof(all.set), all.set, all.set, online->set);
	if (CPU_EQUAL_S(sizeof(all.set), all.set, online->set))
		m->usable = all;
}

static void look_at_nodes(struct machine *m)
{
	struct nsc_cpus nodes, cpus;
	char path[64];

	memset(m->node, -1, sizeof(m->node));
	if (!machine_list(m, &nodes, "devices/system/node/online"))
		return;
	for (unsigned node = 0; node < INT16_MAX && node < NSC_CPUS_MAX; node++) {
		snprintf(path, sizeof(path), "devices/system/node/node%u/cpulist", node);
		if (!nsc_cpus_have(&nodes, node) || !machine_list(m, &cpus, path))
			continue;
		for (unsigned core = 0; core < CPU_SETSIZE; core++)
			if (nsc_cpus_have(&cpus, core))
				m->node[core] = (int16_t)node;
	}
}

/* The threads of the physical core; the core alone where nothing is known. */
static void siblings_of(const struct machine *m, unsigned core, struct nsc_cpus *siblings)
{
	char path[96];

	snprintf(path, sizeof(path), "devices/system/cpu/cpu%u/topology/thread_siblings_list", core);
	if (machine_list(m, siblings, path) && nsc_cpus_have(siblings, core))
		return;
	memset(siblings, 0, sizeof(*siblings));
	CPU_SET_S(core, sizeof(siblings->set), siblings->set);
}

static bool machine_look(struct machine *m, const struct nsc_doctor_probe *probe)
{
	const struct nsc_checkup checkup = { .probe = probe };
	struct nsc_cpus online;

	*m = (struct machine){ .probe = probe };
	look_at_nodes(m);
	siblings_of(m, 0, &m->zero);
	if (!nsc_cpus_usable(&checkup, &m->usable))
		return false;
	if (!machine_list(m, &m->isolated, "devices/system/cpu/isolated"))
		memset(&m->isolated, 0, sizeof(m->isolated));
	if (machine_list(m, &online, "devices/system/cpu/online")) {
		CPU_AND_S(sizeof(online.set), m->usable.set, m->usable.set, online.set);
		take_isolated(m, &online);
	}
	return true;
}

static int node_of_interface(const struct nsc_doctor_probe *probe, const char *interface)
{
	long long node;

	if (!interface || !nsc_read_number(probe->sys, &node, "class/net/%s/device/numa_node", interface))
		return -1;
	return node >= 0 && node < INT16_MAX ? (int)node : -1;
}

static uint32_t cores_of_node(const struct machine *m, int node)
{
	uint32_t n = 0;

	for (unsigned core = 0; core < CPU_SETSIZE; core++)
		n += m->node[core] == node && nsc_cpus_have(&m->usable, core);
	return n;
}

static uint32_t count_nodes(const struct machine *m)
{
	uint32_t n = 0;

	for (int node = 0; node < NSC_CPUS_MAX; node++)
		n += cores_of_node(m, node) > 0;
	return n;
}

/* The first of those with most cores; -1 when there are no nodes. */
static int largest_node(const struct machine *m)
{
	uint32_t most = 0;
	int best = -1;

	for (int node = 0; node < NSC_CPUS_MAX; node++) {
		uint32_t n = cores_of_node(m, node);

		if (n > most) {
			most = n;
			best = node;
		}
	}
	return best;
}

/* --- the order -------------------------------------------------------------------------------- */

/* Another thread of its physical core, with a lower number, may be used too. */
static bool is_second_thread(const struct machine *m, unsigned core)
{
	struct nsc_cpus siblings;

	siblings_of(m, core, &siblings);
	for (unsigned other = 0; other < core; other++)
		if (nsc_cpus_have(&siblings, other) && nsc_cpus_have(&m->usable, other))
			return true;
	return false;
}

static unsigned how_bad(const struct machine *m, unsigned core, int node)
{
	return (nsc_cpus_have(&m->isolated, core) ? 0 : NOT_ISOLATED) |
	       (is_second_thread(m, core) ? SECOND_THREAD : 0) | (nsc_cpus_have(&m->zero, core) ? CORE_ZERO : 0) |
	       (node >= 0 && m->node[core] != node ? OTHER_NODE : 0);
}

static int by_worth(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return x->worse != y->worse ? (x->worse > y->worse) - (x->worse < y->worse)
				    : (x->core > y->core) - (x->core < y->core);
}

static bool has_core(const struct nsc_core_list *list, unsigned core)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (list->core[i] == (int)core)
			return true;
	return false;
}

static void choice_begin(struct nsc_core_choice *choice, const struct machine *m, const char *interface)
{
	*choice = (struct nsc_core_choice){
		.nodes = count_nodes(m),
		.interface_node = node_of_interface(m->probe, interface),
	};
}

static void choice_add(struct nsc_core_choice *choice, const struct machine *m, int core)
{
	choice->node[choice->cores.n] = core < CPU_SETSIZE ? m->node[core] : -1;
	choice->cores.core[choice->cores.n++] = core;
}

void nsc_cores_choose(struct nsc_core_choice *choice, const struct nsc_doctor_probe *probe, const char *interface,
		      const struct nsc_core_list *taken, uint32_t wanted)
{
	struct candidate candidates[CPU_SETSIZE];
	struct machine m;
	size_t n = 0;
	int node;

	if (!machine_look(&m, probe))
		memset(&m.usable, 0, sizeof(m.usable));
	choice_begin(choice, &m, interface);
	node = choice->interface_node >= 0 ? choice->interface_node : largest_node(&m);
	for (unsigned core = 0; core < CPU_SETSIZE; core++)
		if (nsc_cpus_have(&m.usable, core) && !has_core(taken, core))
			candidates[n++] = (struct candidate){ core, how_bad(&m, core, node) };
	qsort(candidates, n, sizeof(*candidates), by_worth);
	for (size_t i = 0; i < n && choice->cores.n < wanted; i++)
		choice_add(choice, &m, (int)candidates[i].core);
}

void nsc_cores_look(struct nsc_core_choice *choice, const struct nsc_doctor_probe *probe, const char *interface,
		    const struct nsc_core_list *cores)
{
	struct machine m;

	if (!machine_look(&m, probe))
		memset(&m.usable, 0, sizeof(m.usable));
	choice_begin(choice, &m, interface);
	for (uint32_t i = 0; i < cores->n; i++)
		choice_add(choice, &m, cores->core[i]);
}

void nsc_cores_for(struct nsc_core_choice *choice, const struct nsc_settings *settings,
		   const struct nsc_doctor_probe *probe, const char *interface, uint32_t threads)
{
	*choice = (struct nsc_core_choice){ .interface_node = -1 };
	if (settings->cores.automatic)
		nsc_cores_choose(choice, probe, interface, &settings->management_cores, threads);
	else if (settings->cores.n)
		nsc_cores_look(choice, probe, interface, &settings->cores);
}
