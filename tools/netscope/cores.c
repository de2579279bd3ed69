/* SPDX-License-Identifier: MIT
 *
 * Lists of cores: "2-5,8" to numbers, held against the cores that this process may use.
 */
#include "tools/netscope/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void usable(cpu_set_t *set)
{
	if (sched_getaffinity(0, sizeof(*set), set)) {
		CPU_ZERO(set); /* more cores than a cpu_set_t holds: the first is there */
		CPU_SET(0, set);
	}
}

unsigned nsc_cores_usable(void)
{
	cpu_set_t set;

	usable(&set);
	return (unsigned)CPU_COUNT(&set);
}

void nsc_cores_print(const cpu_set_t *set, unsigned n, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned from = 0, to; from < n && used + 16 < size; from = to + 1) {
		for (to = from; to < n && CPU_ISSET_S(to, n / 8, set); to++)
			;
		if (to > from)
			used += (size_t)snprintf(text + used, size - used, to - from > 1 ? "%s%u-%u" : "%s%u",
						 used ? "," : "", from, to - 1);
	}
}

static int add_core(struct nsc_core_list *list, unsigned long core, const cpu_set_t *set, struct nsc_error *error)
{
	char allowed[128];

	if (core >= CPU_SETSIZE || !CPU_ISSET((int)core, set)) {
		nsc_cores_print(set, CPU_SETSIZE, allowed, sizeof(allowed));
		return nsc_fail(error, -EINVAL, "core %lu is not there for this process, which may use %s", core,
				allowed);
	}
	for (uint32_t i = 0; i < list->n; i++)
		if (list->core[i] == (int)core)
			return nsc_fail(error, -EINVAL, "core %lu is named twice", core);
	if (list->n == NSC_CORES_MAX)
		return nsc_fail(error, -EINVAL, "wanted at most %u cores", NSC_CORES_MAX);
	list->core[list->n++] = (int)core;
	return 0;
}

static bool read_core(const char **text, unsigned long *core)
{
	size_t digits = strspn(*text, "0123456789");

	if (!digits || digits > 9)
		return false;
	*core = strtoul(*text, NULL, 10);
	*text += digits;
	return true;
}

/* One "8" or "2-5". The range is walked from its first core, so that a far end costs nothing. */
static int cores_add_range(struct nsc_core_list *list, const char **text, const cpu_set_t *set, struct nsc_error *error)
{
	unsigned long first, last;
	int status = 0;

	if (!read_core(text, &first))
		return -EDOM;
	last = first;
	if (**text == '-') {
		(*text)++;
		if (!read_core(text, &last) || last < first)
			return -EDOM;
	}
	for (unsigned long core = first; !status && core <= last; core++)
		status = add_core(list, core, set, error);
	return status;
}

/* "eth0:" before the first of its cores. A colon is in no name of an interface. */
static int cores_begin_part(struct nsc_core_list *list, const char **text, struct nsc_error *error)
{
	size_t length = strcspn(*text, ":,");

	if ((*text)[length] != ':')
		return 0;
	if (!length || length >= IF_NAMESIZE || (!list->parts && list->n))
		return -EDOM;
	for (uint32_t i = 0; i < list->parts; i++)
		if (strlen(list->part[i].interface) == length && !memcmp(list->part[i].interface, *text, length))
			return nsc_fail(error, -EINVAL, "interface %s has two lists of cores", list->part[i].interface);
	if (list->parts == NSC_LIVE_INTERFACES_MAX)
		return nsc_fail(error, -EINVAL, "wanted cores of at most %u interfaces", NSC_LIVE_INTERFACES_MAX);
	memcpy(list->part[list->parts++].interface, *text, length);
	*text += length + 1;
	return 0;
}

static int cores_add_next(struct nsc_core_list *list, const char **text, const cpu_set_t *set, struct nsc_error *error)
{
	int status = cores_begin_part(list, text, error);
	uint32_t before = list->n;

	if (!status)
		status = cores_add_range(list, text, set, error);
	if (list->parts)
		list->part[list->parts - 1].n += list->n - before;
	return status;
}

int nsc_cores_parse(struct nsc_core_list *list, const char *text, struct nsc_error *error)
{
	const char *rest = text;
	int status = 0;
	cpu_set_t set;

	usable(&set);
	memset(list, 0, sizeof(*list));
	list->automatic = !strcmp(text, "auto");
	if (list->automatic)
		return 0;
	while (!status && *rest) {
		status = cores_add_next(list, &rest, &set, error);
		if (!status && *rest && (*rest != ',' || !*++rest))
			status = -EDOM;
	}
	if (status == -EDOM)
		return nsc_fail(error, -EINVAL,
				"wanted a list of cores like 2-5,8 or eth0:2-5,eth1:6-9, found \"%.100s\"", text);
	return status;
}
