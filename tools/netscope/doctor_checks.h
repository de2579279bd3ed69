/* SPDX-License-Identifier: MIT
 *
 * The checks of doctor.c, and what they share. A check fills `found` and the level, and `fix` where something is to be
 * done; one that finds nothing to read leaves the finding as it is: unknown.
 */
#ifndef TOOLS_NETSCOPE_DOCTOR_CHECKS_H
#define TOOLS_NETSCOPE_DOCTOR_CHECKS_H

#include "tools/netscope/doctor.h"

#include <sched.h>

struct nsc_checkup {
	const struct nsc_doctor_probe *probe;
	const char *interface;
};

typedef void nsc_check_fn(const struct nsc_checkup *, struct nsc_doctor_finding *);

/* doctor_machine.c */
nsc_check_fn nsc_check_kernel, nsc_check_capabilities, nsc_check_landlock, nsc_check_governor, nsc_check_isolated,
	nsc_check_cpu_quota, nsc_check_huge_pages, nsc_check_memlock, nsc_check_clocksource, nsc_check_backlog,
	nsc_check_optmem, nsc_check_bpf_jit, nsc_check_numa;
/* doctor_interface.c, doctor_steering.c */
nsc_check_fn nsc_check_link, nsc_check_gro, nsc_check_lro, nsc_check_ring, nsc_check_drops, nsc_check_stamps,
	nsc_check_pcie, nsc_check_queues, nsc_check_rss_fields, nsc_check_rss_key, nsc_check_interrupts, nsc_check_node;

/* --- doctor_read.c: what the files say -------------------------------------------------------- */

/* The first line of a file, without the newline; false when it cannot be read or is empty. */
bool nsc_read_line(const char *root, char *text, size_t size, const char *format, ...) nsc_printf(4, 5);

/* An open file below `root`, or NULL. */
FILE *nsc_open_file(const char *root, const char *path);

/* What stands behind `name` and spaces in the first line that begins so. */
bool nsc_read_field(const char *root, const char *path, const char *name, char *text, size_t size);

bool nsc_read_number(const char *root, long long *value, const char *format, ...) nsc_printf(3, 4);

/* "0-3,8" to a set; false when it is none. */
enum { NSC_CPUS_MAX = 4096 };
struct nsc_cpus {
	cpu_set_t set[NSC_CPUS_MAX / CPU_SETSIZE];
};
bool nsc_cpus_parse(struct nsc_cpus *cpus, const char *text);
unsigned nsc_cpus_count(const struct nsc_cpus *cpus);
bool nsc_cpus_overlap(const struct nsc_cpus *a, const struct nsc_cpus *b);
bool nsc_cpus_have(const struct nsc_cpus *cpus, unsigned cpu);

/* Cores that this process may use. */
bool nsc_cpus_usable(const struct nsc_checkup *checkup, struct nsc_cpus *cpus);

void nsc_found(struct nsc_doctor_finding *finding, enum nsc_doctor_level level, const char *format, ...)
	nsc_printf(3, 4);

/* After nsc_found. What is in order needs no fix: then this does nothing. */
void nsc_fix(struct nsc_doctor_finding *finding, const char *format, ...) nsc_printf(2, 3);

/* ETHTOOL command; false when the interface does not know it. */
bool nsc_ask(const struct nsc_checkup *checkup, void *command);

#endif
