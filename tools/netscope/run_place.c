/* SPDX-License-Identifier: MIT
 *
 * --cores and --management-cores: where threads run, where the memory of workers lies, and the words for it.
 */
#include "tools/netscope/run_parts.h"

#include "engine/base/arena.h"
#include "tools/netscope/options.h"
#include "tools/netscope/say.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

enum { LIST_BYTES = 96 };

static void place_say(struct nsc_placing *placing, const char *text)
{
	size_t used = strlen(placing->said);

	snprintf(placing->said + used, sizeof(placing->said) - used, "%s%s", used ? "; " : "", text);
}

/* "2-5,8": those of list[from..to). */
static void place_list(const struct nsc_core_list *list, uint32_t from, uint32_t to, char text[LIST_BYTES])
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (uint32_t i = from; i < to && i < list->n; i++)
		if (list->core[i] < CPU_SETSIZE)
			CPU_SET(list->core[i], &set);
	nsc_cores_print(&set, CPU_SETSIZE, text, LIST_BYTES);
}

/* "2-5 of eth0, 6-9 of eth1", or one list of all. */
static void place_workers(const struct nsc_run *run, uint32_t workers, char *text, size_t size)
{
	const struct nsc_core_list *cores = &run->placing.choice.cores, *asked = &run->settings->cores;
	char list[LIST_BYTES];
	size_t used = 0;

	if (!asked->parts) {
		place_list(cores, 0, workers, list);
		snprintf(text, size, "%s", list);
		return;
	}
	for (uint32_t i = 0, from = 0; i < asked->parts && used < size; from += asked->part[i++].n) {
		place_list(cores, from, from + asked->part[i].n, list);
		used += (size_t)snprintf(text + used, size - used, "%s%s of %s", i ? ", " : "", list,
					 asked->part[i].interface);
	}
}

static void say_workers(struct nsc_run *run)
{
	const struct nsc_core_choice *choice = &run->placing.choice;
	const char *how = run->settings->cores.automatic ? " (auto)" : "";
	uint32_t workers = run->sources.workers, pinned = NSC_MIN(workers, choice->cores.n);
	char list[2 * LIST_BYTES], text[3 * LIST_BYTES], few[48] = "";

	place_workers(run, workers, list, sizeof(list));
	if (pinned < workers)
		snprintf(few, sizeof(few), ", %u worker%s anywhere", workers - pinned,
			 workers - pinned == 1 ? "" : "s");
	snprintf(text, sizeof(text), "workers on %s%s%s", list, how, few);
	place_say(&run->placing, text);
	place_list(&choice->cores, workers, choice->cores.n, list);
	snprintf(text, sizeof(text), "reading thread on %s", list);
	if (run->sources.lanes && list[0])
		place_say(&run->placing, text);
}

static void say_node(struct nsc_run *run)
{
	const struct nsc_core_choice *choice = &run->placing.choice;
	char text[LIST_BYTES];

	if (choice->interface_node < 0)
		return;
	snprintf(text, sizeof(text), "%s is of node %d", run->sources.interfaces.name[0], choice->interface_node);
	place_say(&run->placing, text);
}

/* Of several nodes the near one is faster; of one, all is near. */
static void place_memory(struct nsc_run *run)
{
	struct nsc_placing *placing = &run->placing;
	const struct nsc_core_choice *choice = &placing->choice;
	char text[LIST_BYTES];
	int status;

	if (choice->nodes < 2 || !choice->cores.n || choice->node[0] < 0)
		return;
	status = nsc_arena_can_bind(choice->node[0]);
	placing->memory = !status;
	snprintf(text, sizeof(text), "%s%s",
		 status ? "memory anywhere: " : "memory and ring of each worker on its node",
		 status ? strerror(-status) : "");
	place_say(placing, text);
}

static void place_others(struct nsc_run *run)
{
	const struct nsc_core_list *others = &run->settings->management_cores;
	cpu_set_t *elsewhere = &run->placing.elsewhere;
	char list[LIST_BYTES], text[2 * LIST_BYTES];
	cpu_set_t all;

	if (!others->n || sched_getaffinity(0, sizeof(all), &all))
		return;
	*elsewhere = all;
	for (uint32_t i = 0; i < others->n; i++)
		CPU_CLR(others->core[i], elsewhere);
	if (!CPU_COUNT(elsewhere))
		*elsewhere = all;
	place_list(others, 0, others->n, list);
	snprintf(text, sizeof(text), "other threads on %s", list);
	place_say(&run->placing, text);
}

void nsc_run_place_choose(struct nsc_run *run)
{
	const struct nsc_settings *settings = run->settings;
	const char *interface = run->sources.interfaces.n ? run->sources.interfaces.name[0] : NULL;
	struct nsc_core_choice *choice = &run->placing.choice;

	nsc_cores_for(choice, settings, &nsc_doctor_here, interface, run->sources.workers + run->sources.lanes);
	if (settings->cores.automatic && !choice->cores.n) {
		nsc_tell_at(
			NSC_LEVEL_WARNING, stderr,
			"--cores auto: this machine does not tell of its cores, or none is left: threads run anywhere");
	} else if (choice->cores.n) {
		say_workers(run);
		say_node(run);
		place_memory(run);
	}
	place_others(run);
	if (settings->verbose && run->placing.said[0])
		nsc_tell(stderr, "cores: %s", run->placing.said);
}

uint32_t nsc_run_place_list(const struct nsc_run *run, struct nsc_summary_place place[NSC_CORES_MAX])
{
	const struct nsc_core_choice *choice = &run->placing.choice;
	const struct nsc_core_list *asked = &run->settings->cores;
	uint32_t workers = run->sources.workers, n = NSC_MIN(choice->cores.n, workers + run->sources.lanes);

	for (uint32_t i = 0, part = 0, end = asked->part[0].n; i < n; i++) {
		bool works = i < workers;

		if (asked->parts && i == end)
			end += asked->part[++part].n;
		place[i] = (struct nsc_summary_place){ .role = works ? "worker" : "reading thread",
						       .number = works ? i : 0,
						       .interface = asked->parts ? asked->part[part].interface : NULL,
						       .core = choice->cores.core[i],
						       .node = choice->node[i] };
	}
	return n;
}

int nsc_run_place_take(const struct nsc_run *run, struct nsc_error *error)
{
	const struct nsc_core_list *others = &run->settings->management_cores;
	cpu_set_t set;

	if (!others->n)
		return 0;
	CPU_ZERO(&set);
	for (uint32_t i = 0; i < others->n; i++)
		CPU_SET(others->core[i], &set);
	return sched_setaffinity(0, sizeof(set), &set)
		       ? nsc_fail(error, -errno, "--management-cores: %s", strerror(errno))
		       : 0;
}
