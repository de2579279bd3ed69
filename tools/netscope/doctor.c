/* SPDX-License-Identifier: MIT
 *
 * The table of checks, and the walk over it.
 */
#include "tools/netscope/doctor.h"

#include "tools/netscope/doctor_checks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	bool of_interface;
	nsc_check_fn *check;
	const char *why;
} checks[] = {
	{ "kernel", false, nsc_check_kernel, "what a socket says about packets depends on the kernel" },
	{ "capabilities", false, nsc_check_capabilities,
	  "live capture needs CAP_NET_RAW to open packet sockets; all capabilities are dropped afterwards" },
	{ "landlock", false, nsc_check_landlock,
	  "the sandbox of live capture holds file access in the folders of the outputs" },
	{ "cpu-governor", false, nsc_check_governor,
	  "a core that slows down when idle is slow for the first packets of a burst" },
	{ "cpu-quota", false, nsc_check_cpu_quota,
	  "whoever uses the quota up is stopped for the rest of the period; a worker that polls always does" },
	{ "isolated-cores", false, nsc_check_isolated,
	  "on a core of its own a worker is not interrupted by other programs and timers" },
	{ "numa", false, nsc_check_numa, "memory of another node takes about twice as long" },
	{ "huge-pages", false, nsc_check_huge_pages,
	  "a large flow table on small pages misses the TLB on nearly every packet" },
	{ "memlock", false, nsc_check_memlock, "how much memory may be kept from being swapped out" },
	{ "clocksource", false, nsc_check_clocksource,
	  "every packet is stamped by the kernel; a slow clock costs more than the rest" },
	{ "backlog", false, nsc_check_backlog,
	  "no ring counts packets that the kernel drops before any socket sees them" },
	{ "optmem", false, nsc_check_optmem, "a long capture filter does not fit into a socket" },
	{ "bpf-jit", false, nsc_check_bpf_jit, "an interpreted filter costs several times as much for each packet" },
	{ "link", true, nsc_check_link, "nothing arrives while the link is down" },
	{ "queues", true, nsc_check_queues, "one queue is served by one core at a time" },
	{ "rss-fields", true, nsc_check_rss_fields,
	  "both directions of a flow should arrive on one queue, or their order is lost" },
	{ "rss-key", true, nsc_check_rss_key,
	  "both directions of a flow should arrive on one queue, or their order is lost" },
	{ "gro", true, nsc_check_gro,
	  "frames are merged before they are seen; netscope counts the packets in them, a written capture holds the "
	  "merged ones" },
	{ "lro", true, nsc_check_lro,
	  "frames are merged by the interface, and nothing tells how many packets they were" },
	{ "ring", true, nsc_check_ring, "a short ring loses packets whenever its core is late" },
	{ "interrupts", true, nsc_check_interrupts, "queues whose interrupts meet on one core share that core" },
	{ "node", true, nsc_check_node,
	  "workers on another node than the interface read every packet over the link between the nodes" },
	{ "nic-drops", true, nsc_check_drops, "no program sees what the interface lost" },
	{ "time-stamps", true, nsc_check_stamps, "stamps of the kernel are late by interrupt and scheduling" },
	{ "pcie", true, nsc_check_pcie, "a card in a slow slot loses packets at rates that its link could carry" },
};

static_assert(NSC_ARRAY_LEN(checks) <= NSC_DOCTOR_MACHINE_MAX + NSC_DOCTOR_INTERFACE_MAX,
	      "each check has room for what it finds");

static bool exists(const struct nsc_doctor_probe *probe, const char *interface)
{
	char path[512];

	if (strchr(interface, '/') || interface[0] == '.')
		return false;
	snprintf(path, sizeof(path), "%s/class/net/%s", probe->sys, interface);
	return !access(path, F_OK);
}

static bool knows(const char *root, const char *path)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	return !access(whole, F_OK);
}

bool nsc_doctor_is_blind(const struct nsc_doctor_probe *probe, struct nsc_error *error)
{
	bool proc = knows(probe->proc, "self/status"), sys = knows(probe->sys, "devices");

	if (proc && sys)
		return false;
	nsc_fail(error, 0, "not mounted here: %s%s%s; what only the files there tell is not known",
		 proc ? "" : probe->proc, proc || sys ? "" : ", ", sys ? "" : probe->sys);
	return true;
}

static void doctor_check(struct nsc_doctor *doctor, const struct nsc_doctor_probe *probe, const char *interface)
{
	struct nsc_checkup checkup = { .probe = probe, .interface = interface };

	for (size_t i = 0; i < NSC_ARRAY_LEN(checks); i++) {
		struct nsc_doctor_finding *finding = &doctor->finding[doctor->n];

		if (checks[i].of_interface != (interface != NULL))
			continue;
		*finding = (struct nsc_doctor_finding){ .name = checks[i].name,
							.interface = interface,
							.level = NSC_DOCTOR_UNKNOWN,
							.why = checks[i].why };
		checks[i].check(&checkup, finding);
		doctor->n++;
	}
}

int nsc_doctor_look_also(struct nsc_doctor *doctor, const struct nsc_doctor_probe *probe, const char *interface,
			 struct nsc_error *error)
{
	if (doctor->interfaces == NSC_DOCTOR_INTERFACES)
		return nsc_fail(error, -E2BIG, "doctor looks at %d interfaces at most", (int)NSC_DOCTOR_INTERFACES);
	if (!knows(probe->sys, "class/net"))
		return nsc_fail(error, -ENODEV,
				"%s/class/net is not there: whether there is an interface %.60s is not known",
				probe->sys, interface);
	if (!exists(probe, interface))
		return nsc_fail(error, -ENODEV, "there is no interface %.60s; netscope -l lists them", interface);
	doctor->interface[doctor->interfaces++] = interface;
	doctor_check(doctor, probe, interface);
	return 0;
}

int nsc_doctor_look(struct nsc_doctor *doctor, const struct nsc_doctor_probe *probe, const char *interface,
		    struct nsc_error *error)
{
	doctor->interfaces = doctor->n = 0;
	doctor_check(doctor, probe, NULL);
	return interface ? nsc_doctor_look_also(doctor, probe, interface, error) : 0;
}
