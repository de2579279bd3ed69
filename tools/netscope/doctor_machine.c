/* SPDX-License-Identifier: MIT
 *
 * Checks of the machine.
 */
#include "tools/netscope/doctor_checks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/cpu_quota.h"

/* --- the kernel ------------------------------------------------------------------------------- */

/* What capture wants of a kernel, the newest last. */
static const struct {
	unsigned major, minor;
	enum nsc_doctor_level level;
	const char *lacks;
} needs[] = {
	{ 3, 2, NSC_DOCTOR_WARNING, "rings of variable blocks (TPACKET_V3 came with 3.2)" },
	{ 4, 6, NSC_DOCTOR_WARNING,
	  "the lengths of merged frames in a ring (4.6), so that packets on the wire cannot be told from frames" },
	{ 4, 14, NSC_DOCTOR_WARNING, "expedited membarrier (4.14)" },
	{ 4, 20, NSC_DOCTOR_NOTE, "sockets that ignore outgoing frames (4.20)" },
	{ 5, 13, NSC_DOCTOR_NOTE, "Landlock (5.13): live capture wants --sandbox-off landlock" },
};

void nsc_check_kernel(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	unsigned major, minor;
	char release[128];

	if (!nsc_read_line(checkup->probe->proc, release, sizeof(release), "sys/kernel/osrelease") ||
	    sscanf(release, "%u.%u", &major, &minor) != 2)
		return;
	nsc_found(finding, NSC_DOCTOR_OK, "Linux %.100s", release);
	for (size_t i = 0; i < NSC_ARRAY_LEN(needs); i++) {
		if (major > needs[i].major || (major == needs[i].major && minor >= needs[i].minor))
			continue;
		nsc_found(finding, needs[i].level, "Linux %.60s lacks %s", release, needs[i].lacks);
		nsc_fix(finding, "boot Linux %u.%u or newer", needs[i].major, needs[i].minor);
		return;
	}
}

void nsc_check_landlock(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	int version = checkup->probe->landlock(checkup->probe->context);

	if (version > 0) {
		nsc_found(finding, NSC_DOCTOR_OK, "version %d", version);
	} else if (version == -EOPNOTSUPP) {
		nsc_found(finding, NSC_DOCTOR_NOTE, "switched off at boot");
		nsc_fix(finding, "boot parameter: lsm=landlock,... (or run with --sandbox-off landlock)");
	} else if (version == -ENOSYS) {
		nsc_found(finding, NSC_DOCTOR_NOTE, "not in this kernel");
		nsc_fix(finding, "run live capture with --sandbox-off landlock");
	}
}

void nsc_check_capabilities(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	enum { NET_ADMIN = 12, NET_RAW = 13 };
	char text[64];
	uint64_t effective;
	bool raw, admin;

	if (!nsc_read_field(checkup->probe->proc, "self/status", "CapEff:", text, sizeof(text)))
		return;
	effective = strtoull(text, NULL, 16);
	raw = effective >> NET_RAW & 1;
	admin = effective >> NET_ADMIN & 1;
	nsc_found(finding, raw ? NSC_DOCTOR_OK : NSC_DOCTOR_WARNING, "%s",
		  raw && admin ? "CAP_NET_RAW, CAP_NET_ADMIN"
		  : raw        ? "CAP_NET_RAW"
		  : admin      ? "CAP_NET_ADMIN, but not CAP_NET_RAW"
			       : "neither CAP_NET_RAW nor CAP_NET_ADMIN");
	nsc_fix(finding, "sudo setcap cap_net_raw,cap_net_admin+ep \"$(command -v netscope)\"");
}

/* --- cores ------------------------------------------------------------------------------------ */

void nsc_check_governor(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	struct nsc_cpus usable;
	unsigned known = 0, slow = 0;
	char text[64], other[64] = "";

	if (!nsc_cpus_usable(checkup, &usable))
		return;
	for (unsigned cpu = 0; cpu < NSC_CPUS_MAX; cpu++) {
		if (!nsc_cpus_have(&usable, cpu) ||
		    !nsc_read_line(checkup->probe->sys, text, sizeof(text),
				   "devices/system/cpu/cpu%u/cpufreq/scaling_governor", cpu))
			continue;
		known++;
		if (!strcmp(text, "performance"))
			continue;
		slow++;
		memcpy(other, text, sizeof(other));
	}
	if (!known)
		return;
	if (slow)
		nsc_found(finding, NSC_DOCTOR_WARNING, "%s on %u of %u cores", other, slow, known);
	else
		nsc_found(finding, NSC_DOCTOR_OK, "performance on %u cores", known);
	nsc_fix(finding, "sudo cpupower frequency-set -g performance");
}

void nsc_check_isolated(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	char isolated[128], nohz[128];
	struct nsc_cpus cpus;
	unsigned n;

	/* Both files are there and empty when nothing is isolated. */
	if (!nsc_read_line(checkup->probe->sys, isolated, sizeof(isolated), "devices/system/cpu/online") ||
	    !nsc_cpus_parse(&cpus, isolated))
		return;
	nsc_read_line(checkup->probe->sys, isolated, sizeof(isolated), "devices/system/cpu/isolated");
	nsc_read_line(checkup->probe->sys, nohz, sizeof(nohz), "devices/system/cpu/nohz_full");
	if (!strcmp(nohz, "(null)"))
		*nohz = '\0';
	if (*isolated) {
		nsc_found(finding, *nohz ? NSC_DOCTOR_OK : NSC_DOCTOR_NOTE, "isolated %.60s, without timer tick %.60s",
			  isolated, *nohz ? nohz : "none");
		nsc_fix(finding, "boot parameter: nohz_full=%.60s; then netscope --cores %.60s", isolated, isolated);
		return;
	}
	n = nsc_cpus_count(&cpus);
	nsc_found(finding, n > 2 ? NSC_DOCTOR_NOTE : NSC_DOCTOR_OK, "none of %u", n);
	nsc_fix(finding, "boot parameters: isolcpus=2-%u nohz_full=2-%u rcu_nocbs=2-%u; then netscope --cores 2-%u",
		n - 1, n - 1, n - 1, n - 1);
}

/* A worker and what is beside it take up to two cores. */
void nsc_check_cpu_quota(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	enum { ENOUGH = 2000 };
	struct nsc_cpu_quota quota;
	struct nsc_cpus usable;

	if (!nsc_cpus_usable(checkup, &usable))
		return;
	nsc_cpu_quota(&quota, checkup->probe->root);
	if (!quota.known)
		return;
	if (quota.millicores == UINT64_MAX) {
		nsc_found(finding, NSC_DOCTOR_OK, "none");
		return;
	}
	nsc_found(finding,
		  quota.stopped || quota.millicores < ENOUGH             ? NSC_DOCTOR_WARNING
		  : quota.millicores < 1000ull * nsc_cpus_count(&usable) ? NSC_DOCTOR_NOTE
									 : NSC_DOCTOR_OK,
		  "%.2f cores, cgroup %.80s, stopped in %" PRIu64 " periods of %" PRIu64 " ms",
		  (double)quota.millicores / 1000, quota.cgroup, quota.stopped, NSC_MAX(quota.period_us / 1000, 1ul));
	nsc_fix(finding, "give whole cores instead of a share (systemd: AllowedCPUs= and no CPUQuota=; Docker: "
			 "--cpuset-cpus and no --cpus)");
}

void nsc_check_numa(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	struct nsc_cpus usable, nodes, cpus;
	unsigned used = 0;
	char text[256];

	if (!nsc_read_line(checkup->probe->sys, text, sizeof(text), "devices/system/node/online") ||
	    !nsc_cpus_parse(&nodes, text) || !nsc_cpus_usable(checkup, &usable))
		return;
	for (unsigned node = 0; node < NSC_CPUS_MAX; node++)
		if (nsc_cpus_have(&nodes, node) &&
		    nsc_read_line(checkup->probe->sys, text, sizeof(text), "devices/system/node/node%u/cpulist",
				  node) &&
		    nsc_cpus_parse(&cpus, text) && nsc_cpus_overlap(&cpus, &usable))
			used++;
	nsc_found(finding, used > 1 ? NSC_DOCTOR_NOTE : NSC_DOCTOR_OK, "%u node%s, cores of %u may be used",
		  nsc_cpus_count(&nodes), nsc_cpus_count(&nodes) == 1 ? "" : "s", used);
	nsc_fix(finding,
		"netscope --cores auto, which takes cores of the interface's node (netscope doctor -i INTERFACE)");
}

/* --- memory and time -------------------------------------------------------------------------- */

void nsc_check_huge_pages(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	char text[128], word[32];
	const char *from;

	if (!nsc_read_line(checkup->probe->sys, text, sizeof(text), "kernel/mm/transparent_hugepage/enabled"))
		return;
	from = strchr(text, '[');
	if (!from || sscanf(from, "[%31[a-z]]", word) != 1)
		return;
	nsc_found(finding, strcmp(word, "never") ? NSC_DOCTOR_OK : NSC_DOCTOR_WARNING, "%s", word);
	nsc_fix(finding, "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
}

/* The line of /proc/self/limits: name, soft limit, hard limit, unit. */
void nsc_check_memlock(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	char limits[256], soft[32];

	if (!nsc_read_field(checkup->probe->proc, "self/limits", "Max locked memory", limits, sizeof(limits)) ||
	    sscanf(limits, "%31s", soft) != 1)
		return;
	if (!strcmp(soft, "unlimited"))
		nsc_found(finding, NSC_DOCTOR_OK, "unlimited");
	else
		nsc_found(finding, NSC_DOCTOR_OK, "%.1f MiB; netscope locks nothing, and its rings do not count",
			  strtod(soft, NULL) / (1 << 20));
}

void nsc_check_clocksource(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	char text[64], others[256];
	bool fast;

	if (!nsc_read_line(checkup->probe->sys, text, sizeof(text),
			   "devices/system/clocksource/clocksource0/current_clocksource"))
		return;
	fast = !strcmp(text, "tsc") || !strcmp(text, "kvm-clock") || !strcmp(text, "arch_sys_counter");
	nsc_found(finding, fast ? NSC_DOCTOR_OK : NSC_DOCTOR_WARNING, "%s", text);
	if (nsc_read_line(checkup->probe->sys, others, sizeof(others),
			  "devices/system/clocksource/clocksource0/available_clocksource") &&
	    strstr(others, "tsc"))
		nsc_fix(finding,
			"echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource");
}

/* --- the way of a packet through the kernel --------------------------------------------------- */

/* A line for each core, in hex: processed, dropped, squeezed, ... */
static bool softnet(const struct nsc_checkup *checkup, uint64_t *dropped, uint64_t *squeezed)
{
	FILE *file = nsc_open_file(checkup->probe->proc, "net/softnet_stat");
	unsigned processed, drops, squeezes;
	bool any = false;
	char line[256];

	*dropped = *squeezed = 0;
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%x %x %x", &processed, &drops, &squeezes) != 3)
			continue;
		*dropped += drops;
		*squeezed += squeezes;
		any = true;
	}
	if (file)
		fclose(file);
	return any;
}

void nsc_check_backlog(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	uint64_t dropped, squeezed;
	long long backlog, budget;

	if (!softnet(checkup, &dropped, &squeezed) ||
	    !nsc_read_number(checkup->probe->proc, &backlog, "sys/net/core/netdev_max_backlog") ||
	    !nsc_read_number(checkup->probe->proc, &budget, "sys/net/core/netdev_budget"))
		return;
	nsc_found(finding,
		  dropped    ? NSC_DOCTOR_WARNING
		  : squeezed ? NSC_DOCTOR_NOTE
			     : NSC_DOCTOR_OK,
		  "%" PRIu64 " dropped (backlog %lld), %" PRIu64 " rounds cut short (budget %lld) since boot", dropped,
		  backlog, squeezed, budget);
	if (dropped)
		nsc_fix(finding, "sudo sysctl -w net.core.netdev_max_backlog=%lld", NSC_MAX(backlog * 4, 10000ll));
	else
		nsc_fix(finding, "sudo sysctl -w net.core.netdev_budget=%lld", NSC_MAX(budget * 2, 600ll));
}

void nsc_check_optmem(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	enum { LONGEST_FILTER = 4096 * 8 };
	long long bytes;

	if (!nsc_read_number(checkup->probe->proc, &bytes, "sys/net/core/optmem_max"))
		return;
	nsc_found(finding, bytes > LONGEST_FILTER ? NSC_DOCTOR_OK : NSC_DOCTOR_NOTE, "%lld bytes", bytes);
	nsc_fix(finding, "sudo sysctl -w net.core.optmem_max=131072");
}

/* Only root may read the switch; a kernel that always compiles has none. */
void nsc_check_bpf_jit(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	long long on;

	if (!nsc_read_number(checkup->probe->proc, &on, "sys/net/core/bpf_jit_enable"))
		return;
	nsc_found(finding, on ? NSC_DOCTOR_OK : NSC_DOCTOR_WARNING, "%s", on ? "on" : "off");
	nsc_fix(finding, "sudo sysctl -w net.core.bpf_jit_enable=1");
}
