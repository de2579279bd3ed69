/* SPDX-License-Identifier: MIT
 *
 * The checks look at machines made of a few files and of answers to ethtool: each case is one machine, and what one
 * check must say about it.
 */
#include "tools/netscope/doctor.h"
#include "tools/netscope/doctor_checks.h"
#include "tools/netscope/options.h"

#include <check.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 6, ROOT_BYTES = 64 };

struct file {
	const char *path, *text; /* "sys/..." or "proc/..."; a path that ends in a slash is a folder */
};

struct answers { /* to ethtool; 0 = the interface does not know the question */
	bool known;
	uint32_t gro, flags;
	uint32_t ring, ring_max;
	uint32_t combined, combined_max;
	uint64_t fields;
	bool symmetric_key;
	bool hardware_stamps;
	int landlock;
};

static struct answers answers;
static char root[ROOT_BYTES], sys[ROOT_BYTES + 8], proc[ROOT_BYTES + 8];
static struct nsc_doctor doctor;
static struct nsc_error error;

/* --- a machine -------------------------------------------------------------------------------- */

static void fill_key(struct ethtool_rxfh *hash)
{
	uint8_t *key = (uint8_t *)(hash->rss_config + 8);

	if (!hash->key_size) {
		hash->indir_size = 8;
		hash->key_size = 40;
		return;
	}
	ck_assert_uint_eq(hash->indir_size, 8);
	for (unsigned i = 0; i < 40; i++)
		key[i] = answers.symmetric_key ? (i % 2 ? 0x5a : 0x6d) : (uint8_t)(i * 7);
}

static int answer(void *context, const char *interface, void *command)
{
	ck_assert_str_eq(interface, "eth7");
	if (!answers.known)
		return -EOPNOTSUPP;
	switch (*(uint32_t *)command) {
	case ETHTOOL_GGRO:
		((struct ethtool_value *)command)->data = answers.gro;
		return 0;
	case ETHTOOL_GFLAGS:
		((struct ethtool_value *)command)->data = answers.flags;
		return 0;
	case ETHTOOL_GRINGPARAM:
		((struct ethtool_ringparam *)command)->rx_pending = answers.ring;
		((struct ethtool_ringparam *)command)->rx_max_pending = answers.ring_max;
		return 0;
	case ETHTOOL_GCHANNELS:
		((struct ethtool_channels *)command)->combined_count = answers.combined;
		((struct ethtool_channels *)command)->max_combined = answers.combined_max;
		return 0;
	case ETHTOOL_GRXFH:
		((struct ethtool_rxnfc *)command)->data = answers.fields;
		return 0;
	case ETHTOOL_GRSSH:
		fill_key(command);
		return 0;
	case ETHTOOL_GET_TS_INFO:
		((struct ethtool_ts_info *)command)->so_timestamping =
			answers.hardware_stamps ? SOF_TIMESTAMPING_RX_HARDWARE : 0;
		((struct ethtool_ts_info *)command)->rx_filters = 1u << HWTSTAMP_FILTER_ALL;
		((struct ethtool_ts_info *)command)->phc_index = 3;
		return 0;
	}
	ck_abort_msg("a question that changes something, or a new one: %#x", *(uint32_t *)command);
	return -EINVAL;
}

static int landlock(void *context)
{
	return answers.landlock;
}

static const struct nsc_doctor_probe probe = {
	.sys = sys, .proc = proc, .root = root, .ethtool = answer, .landlock = landlock
};

static void make_root(void)
{
	snprintf(root, sizeof(root), "%s/netscope-doctor.XXXXXX", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(sys, sizeof(sys), "%s/sys", root);
	snprintf(proc, sizeof(proc), "%s/proc", root);
	answers = (struct answers){ .landlock = -ENOSYS };
}

static void remove_root(void)
{
	char command[ROOT_BYTES + 16];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	ck_assert_int_eq(system(command), 0);
}

static void make_file(const struct file *file)
{
	char path[512];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", root, file->path);
	for (char *slash = path + strlen(root); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		ck_assert(!mkdir(path, 0755) || errno == EEXIST);
		*slash = '/';
	}
	if (path[strlen(path) - 1] == '/')
		return;
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fputs(file->text, out);
	fclose(out);
}

static void make_machine(const struct file *files, const char *interface)
{
	make_file(&(struct file){ "sys/class/net/eth7/", NULL });
	make_file(&(struct file){ "proc/", NULL });
	for (size_t i = 0; i < FILES_MAX && files[i].path; i++)
		make_file(&files[i]);
	ck_assert_int_eq(nsc_doctor_look(&doctor, &probe, interface, &error), 0);
}

static const struct nsc_doctor_finding *finding_of(const char *name)
{
	for (uint32_t i = 0; i < doctor.n; i++)
		if (!strcmp(doctor.finding[i].name, name))
			return &doctor.finding[i];
	ck_abort_msg("there is no check %s", name);
	return NULL;
}

/* --- cases ------------------------------------------------------------------------------------ */

#define STATUS(cores)                                                                                                  \
	{                                                                                                              \
		"proc/self/status", "CapEff:\t0000000000003000\nCpus_allowed_list:\t" cores "\n"                       \
	}
#define V2_MOUNT                                                                                                       \
	{                                                                                                              \
		"proc/self/mountinfo", "24 22 0:21 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"                         \
	}
#define QUEUES(n)                                                                                                      \
	{                                                                                                              \
		"sys/class/net/eth7/queues/rx-" #n "/", NULL                                                           \
	}

static const struct {
	const char *check;
	enum nsc_doctor_level level;
	const char *found, *fix; /* parts of them; NULL = nothing there */
	struct file files[FILES_MAX];
	struct answers answers;
} cases[] = {
	{ "kernel", NSC_DOCTOR_OK, "Linux 6.1.0-13-amd64", NULL,
	  .files = { { "proc/sys/kernel/osrelease", "6.1.0-13-amd64\n" } } },
	{ "kernel", NSC_DOCTOR_NOTE, "Landlock", "5.13",
	  .files = { { "proc/sys/kernel/osrelease", "5.10.0-28-amd64\n" } } },
	{ "kernel", NSC_DOCTOR_WARNING, "merged frames", "4.6",
	  .files = { { "proc/sys/kernel/osrelease", "4.4.0\n" } } },
	{ "kernel", NSC_DOCTOR_WARNING, "TPACKET_V3", "3.2", .files = { { "proc/sys/kernel/osrelease", "2.6.32\n" } } },
	{ "kernel", NSC_DOCTOR_UNKNOWN, NULL, NULL, .files = { { NULL, NULL } } },
	{ "capabilities", NSC_DOCTOR_OK, "CAP_NET_RAW, CAP_NET_ADMIN", NULL, .files = { STATUS("0") } },
	{ "capabilities", NSC_DOCTOR_WARNING, "neither", "setcap cap_net_raw",
	  .files = { { "proc/self/status", "CapEff:\t0000000000000000\n" } } },
	{ "landlock", NSC_DOCTOR_OK, "version 4", NULL, .files = { { NULL, NULL } }, .answers = { .landlock = 4 } },
	{ "landlock", NSC_DOCTOR_NOTE, "not in this kernel", "--sandbox-off", .files = { { NULL, NULL } },
	  .answers = { .landlock = -ENOSYS } },
	{ "landlock", NSC_DOCTOR_NOTE, "switched off", "lsm=", .files = { { NULL, NULL } },
	  .answers = { .landlock = -EOPNOTSUPP } },
	{ "cpu-governor", NSC_DOCTOR_WARNING, "powersave on 1 of 2", "cpupower",
	  .files = { STATUS("0-1"),
		     { "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n" },
		     { "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n" } } },
	{ "cpu-governor", NSC_DOCTOR_OK, "performance on 1", NULL,
	  .files = { STATUS("0"),
		     { "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n" },
		     { "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n" } } },
	{ "cpu-governor", NSC_DOCTOR_UNKNOWN, NULL, NULL, .files = { STATUS("0-1") } },
	{ "isolated-cores", NSC_DOCTOR_OK, "isolated 2-5, without timer tick 2-5", NULL,
	  .files = { { "sys/devices/system/cpu/online", "0-7\n" },
		     { "sys/devices/system/cpu/isolated", "2-5\n" },
		     { "sys/devices/system/cpu/nohz_full", "2-5\n" } } },
	{ "isolated-cores", NSC_DOCTOR_NOTE, "without timer tick none", "nohz_full=2-5",
	  .files = { { "sys/devices/system/cpu/online", "0-7\n" },
		     { "sys/devices/system/cpu/isolated", "2-5\n" },
		     { "sys/devices/system/cpu/nohz_full", "(null)\n" } } },
	{ "isolated-cores", NSC_DOCTOR_NOTE, "none of 8", "isolcpus=2-7",
	  .files = { { "sys/devices/system/cpu/online", "0-7\n" }, { "sys/devices/system/cpu/isolated", "\n" } } },
	{ "cpu-quota", NSC_DOCTOR_OK, "none", NULL,
	  .files = { STATUS("0-3"),
		     V2_MOUNT,
		     { "proc/self/cgroup", "0::/a\n" },
		     { "sys/fs/cgroup/a/cgroup.procs", "1\n" } } },
	{ "cpu-quota", NSC_DOCTOR_UNKNOWN, NULL, NULL,
	  .files = { STATUS("0-3"), V2_MOUNT, { "proc/self/cgroup", "0::/a\n" } } },
	{ "cpu-quota", NSC_DOCTOR_WARNING, "1.50 cores, cgroup /a, stopped in 0 periods of 100 ms", "AllowedCPUs",
	  .files = { STATUS("0-3"),
		     V2_MOUNT,
		     { "proc/self/cgroup", "0::/a\n" },
		     { "sys/fs/cgroup/a/cpu.max", "150000 100000\n" } } },
	{ "cpu-quota", NSC_DOCTOR_NOTE, "3.00 cores", "--cpuset-cpus",
	  .files = { STATUS("0-3"),
		     V2_MOUNT,
		     { "proc/self/cgroup", "0::/a\n" },
		     { "sys/fs/cgroup/a/cpu.max", "300000 100000\n" } } },
	{ "cpu-quota", NSC_DOCTOR_OK, "4.00 cores", NULL,
	  .files = { STATUS("0-3"),
		     V2_MOUNT,
		     { "proc/self/cgroup", "0::/a\n" },
		     { "sys/fs/cgroup/a/cpu.max", "400000 100000\n" } } },
	{ "cpu-quota", NSC_DOCTOR_WARNING, "stopped in 7 periods", "CPUQuota",
	  .files = { STATUS("0-3"),
		     V2_MOUNT,
		     { "proc/self/cgroup", "0::/a\n" },
		     { "sys/fs/cgroup/a/cpu.max", "400000 100000\n" },
		     { "sys/fs/cgroup/a/cpu.stat", "nr_periods 9\nnr_throttled 7\n" } } },
	{ "cpu-quota", NSC_DOCTOR_UNKNOWN, NULL, NULL, .files = { STATUS("0-3") } },
	{ "numa", NSC_DOCTOR_NOTE, "2 nodes, cores of 2", "--cores auto",
	  .files = { STATUS("0-7"),
		     { "sys/devices/system/node/online", "0-1\n" },
		     { "sys/devices/system/node/node0/cpulist", "0-3\n" },
		     { "sys/devices/system/node/node1/cpulist", "4-7\n" } } },
	{ "numa", NSC_DOCTOR_OK, "2 nodes, cores of 1", NULL,
	  .files = { STATUS("4-7"),
		     { "sys/devices/system/node/online", "0-1\n" },
		     { "sys/devices/system/node/node0/cpulist", "0-3\n" },
		     { "sys/devices/system/node/node1/cpulist", "4-7\n" } } },
	{ "huge-pages", NSC_DOCTOR_WARNING, "never", "echo madvise",
	  .files = { { "sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n" } } },
	{ "huge-pages", NSC_DOCTOR_OK, "always", NULL,
	  .files = { { "sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n" } } },
	{ "memlock", NSC_DOCTOR_OK, "8.0 MiB", NULL,
	  .files = { { "proc/self/limits",
		       "Limit   Soft Limit  Hard Limit  Units\nMax locked memory  8388608  8388608  bytes\n" } } },
	{ "memlock", NSC_DOCTOR_OK, "unlimited", NULL,
	  .files = { { "proc/self/limits",
		       "Max locked memory         unlimited            unlimited            bytes\n" } } },
	{ "clocksource", NSC_DOCTOR_OK, "tsc", NULL,
	  .files = { { "sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n" } } },
	{ "clocksource", NSC_DOCTOR_WARNING, "hpet", "echo tsc",
	  .files = { { "sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n" },
		     { "sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc hpet acpi_pm\n" } } },
	{ "backlog", NSC_DOCTOR_WARNING, "18 dropped (backlog 1000)", "netdev_max_backlog=10000",
	  .files = { { "proc/net/softnet_stat", "00000010 00000011 00000000 0\n00000010 00000001 00000002 0\n" },
		     { "proc/sys/net/core/netdev_max_backlog", "1000\n" },
		     { "proc/sys/net/core/netdev_budget", "300\n" } } },
	{ "backlog", NSC_DOCTOR_NOTE, "2 rounds cut short", "netdev_budget=600",
	  .files = { { "proc/net/softnet_stat", "00000010 00000000 00000002 0\n" },
		     { "proc/sys/net/core/netdev_max_backlog", "1000\n" },
		     { "proc/sys/net/core/netdev_budget", "300\n" } } },
	{ "optmem", NSC_DOCTOR_NOTE, "20480", "131072", .files = { { "proc/sys/net/core/optmem_max", "20480\n" } } },
	{ "bpf-jit", NSC_DOCTOR_WARNING, "off", "bpf_jit_enable=1",
	  .files = { { "proc/sys/net/core/bpf_jit_enable", "0\n" } } },
	{ "link", NSC_DOCTOR_OK, "up, 10000 Mbit/s, MTU 1500", NULL,
	  .files = { { "sys/class/net/eth7/operstate", "up\n" },
		     { "sys/class/net/eth7/speed", "10000\n" },
		     { "sys/class/net/eth7/mtu", "1500\n" } } },
	{ "link", NSC_DOCTOR_WARNING, "down", "ip link set dev eth7 up",
	  .files = { { "sys/class/net/eth7/operstate", "down\n" }, { "sys/class/net/eth7/speed", "-1\n" } } },
	{ "queues", NSC_DOCTOR_NOTE, "2 receive queues, 4 usable cores", "ethtool -L eth7 combined 4",
	  .files = { STATUS("0-3"), QUEUES(0), QUEUES(1) },
	  .answers = { .known = true, .combined = 2, .combined_max = 8 } },
	{ "queues", NSC_DOCTOR_OK, "2 receive queues, 2 usable cores", NULL,
	  .files = { STATUS("0-1"), QUEUES(0), QUEUES(1) },
	  .answers = { .known = true, .combined = 2, .combined_max = 8 } },
	{ "queues", NSC_DOCTOR_OK, "1 receive queue, 2", NULL, .files = { STATUS("0-1"), QUEUES(0) } },
	{ "rss-fields", NSC_DOCTOR_OK, "tcp4 sdfn, udp4 sdfn", NULL, .files = { QUEUES(0), QUEUES(1) },
	  .answers = { .known = true, .fields = RXH_IP_SRC | RXH_IP_DST | RXH_L4_B_0_1 | RXH_L4_B_2_3 } },
	{ "rss-fields", NSC_DOCTOR_NOTE, "tcp4 sf", "rx-flow-hash tcp4 sdfn", .files = { QUEUES(0), QUEUES(1) },
	  .answers = { .known = true, .fields = RXH_IP_SRC | RXH_L4_B_0_1 } },
	{ "rss-fields", NSC_DOCTOR_UNKNOWN, NULL, NULL, .files = { QUEUES(0), QUEUES(1) } },
	{ "rss-key", NSC_DOCTOR_OK, "symmetric, a key of 40", NULL, .files = { QUEUES(0), QUEUES(1) },
	  .answers = { .known = true, .symmetric_key = true } },
	{ "rss-key", NSC_DOCTOR_NOTE, "not symmetric", "ethtool -X eth7 hkey 6D:5A:6D:5A:6D",
	  .files = { QUEUES(0), QUEUES(1) }, .answers = { .known = true } },
	{ "rss-key", NSC_DOCTOR_OK, "one queue", NULL, .files = { QUEUES(0) }, .answers = { .known = true } },
	{ "gro", NSC_DOCTOR_NOTE, "on", "ethtool -K eth7 gro off", .files = { { NULL, NULL } },
	  .answers = { .known = true, .gro = 1 } },
	{ "gro", NSC_DOCTOR_OK, "off", NULL, .files = { { NULL, NULL } }, .answers = { .known = true } },
	{ "gro", NSC_DOCTOR_UNKNOWN, NULL, NULL, .files = { { NULL, NULL } } },
	{ "lro", NSC_DOCTOR_WARNING, "on", "ethtool -K eth7 lro off", .files = { { NULL, NULL } },
	  .answers = { .known = true, .flags = ETH_FLAG_LRO } },
	{ "ring", NSC_DOCTOR_NOTE, "512 of 4096", "ethtool -G eth7 rx 4096", .files = { { NULL, NULL } },
	  .answers = { .known = true, .ring = 512, .ring_max = 4096 } },
	{ "ring", NSC_DOCTOR_OK, "4096 of 4096", NULL, .files = { { NULL, NULL } },
	  .answers = { .known = true, .ring = 4096, .ring_max = 4096 } },
	{ "interrupts", NSC_DOCTOR_WARNING, "2 interrupts on core 0", "/proc/irq/",
	  .files = { QUEUES(0),
		     QUEUES(1),
		     { "proc/interrupts",
		       "  CPU0 CPU1\n 30: 1 2 PCI-MSI 5-edge eth7-TxRx-0\n"
		       " 31: 1 2 PCI-MSI 6-edge eth7-TxRx-1\n 32: 1 2 PCI-MSI 7-edge eth77-TxRx-1\nNMI: 0 0 eth7\n" },
		     { "proc/irq/30/smp_affinity_list", "0\n" },
		     { "proc/irq/31/effective_affinity_list", "0\n" },
		     { "proc/irq/31/smp_affinity_list", "0-1\n" } } },
	{ "interrupts", NSC_DOCTOR_OK, "2 interrupts on cores 0,3", NULL,
	  .files = { QUEUES(0),
		     QUEUES(1),
		     { "proc/interrupts",
		       " 30: 1 2 PCI-MSI 5-edge eth7-TxRx-0\n 31: 1 2 PCI-MSI 6-edge eth7-TxRx-1\n" },
		     { "proc/irq/30/smp_affinity_list", "0\n" },
		     { "proc/irq/31/smp_affinity_list", "3\n" } } },
	{ "interrupts", NSC_DOCTOR_UNKNOWN, NULL, NULL,
	  .files = { { "proc/interrupts", " 30: 1 2 PCI-MSI 5-edge eth70\n" } } },
	{ "node", NSC_DOCTOR_NOTE, "node 1, cores 4-7", "--cores auto (or of 4-7)",
	  .files = { STATUS("0-7"),
		     { "sys/class/net/eth7/device/numa_node", "1\n" },
		     { "sys/devices/system/node/node1/cpulist", "4-7\n" } } },
	{ "node", NSC_DOCTOR_OK, "node 1, cores 4-7", NULL,
	  .files = { STATUS("5,6"),
		     { "sys/class/net/eth7/device/numa_node", "1\n" },
		     { "sys/devices/system/node/node1/cpulist", "4-7\n" } } },
	{ "node", NSC_DOCTOR_OK, "of no node", NULL, .files = { { "sys/class/net/eth7/device/numa_node", "-1\n" } } },
	{ "nic-drops", NSC_DOCTOR_WARNING, "rx_missed_errors 7", "ethtool -S eth7",
	  .files = { { "sys/class/net/eth7/statistics/rx_missed_errors", "7\n" },
		     { "sys/class/net/eth7/statistics/rx_dropped", "0\n" } } },
	{ "nic-drops", NSC_DOCTOR_NOTE, "rx_dropped 7 since the interface came: lost, or", "ethtool -S eth7",
	  .files = { { "sys/class/net/eth7/statistics/rx_missed_errors", "0\n" },
		     { "sys/class/net/eth7/statistics/rx_dropped", "7\n" } } },
	{ "nic-drops", NSC_DOCTOR_OK, "nothing lost", NULL,
	  .files = { { "sys/class/net/eth7/statistics/rx_dropped", "0\n" } } },
	{ "nic-drops", NSC_DOCTOR_UNKNOWN, NULL, NULL, .files = { { NULL, NULL } } },
	{ "time-stamps", NSC_DOCTOR_OK, "in hardware for every packet (clock /dev/ptp3)", NULL,
	  .files = { { NULL, NULL } }, .answers = { .known = true, .hardware_stamps = true } },
	{ "time-stamps", NSC_DOCTOR_OK, "in software", NULL, .files = { { NULL, NULL } },
	  .answers = { .known = true } },
	{ "pcie", NSC_DOCTOR_WARNING, "8.0 GT/s PCIe on 4 lanes", "slot",
	  .files = { { "sys/class/net/eth7/device/current_link_speed", "8.0 GT/s PCIe\n" },
		     { "sys/class/net/eth7/device/max_link_speed", "16.0 GT/s PCIe\n" },
		     { "sys/class/net/eth7/device/current_link_width", "4\n" },
		     { "sys/class/net/eth7/device/max_link_width", "8\n" } } },
};

START_TEST(a_check_says_what_it_sees)
{
	const struct nsc_doctor_finding *finding;

	answers = cases[_i].answers;
	make_machine(cases[_i].files, "eth7");
	finding = finding_of(cases[_i].check);
	ck_assert_msg(finding->level == cases[_i].level, "%s: level %d, found \"%s\"", finding->name, finding->level,
		      finding->found);
	if (cases[_i].found)
		ck_assert_msg(strstr(finding->found, cases[_i].found), "%s: \"%s\"", finding->name, finding->found);
	else
		ck_assert_str_eq(finding->found, "");
	if (cases[_i].fix)
		ck_assert_msg(strstr(finding->fix, cases[_i].fix), "%s: fix \"%s\"", finding->name, finding->fix);
	else
		ck_assert_str_eq(finding->fix, "");
}
END_TEST

/* --- all of them ------------------------------------------------------------------------------ */

START_TEST(a_machine_that_tells_nothing_is_unknown)
{
	make_machine((const struct file[FILES_MAX]){ { NULL, NULL } }, "eth7");
	for (uint32_t i = 0; i < doctor.n; i++)
		if (strcmp(doctor.finding[i].name, "landlock"))
			ck_assert_msg(doctor.finding[i].level == NSC_DOCTOR_UNKNOWN, "%s", doctor.finding[i].name);
}
END_TEST

START_TEST(without_an_interface_only_the_machine)
{
	make_machine((const struct file[FILES_MAX]){ { NULL, NULL } }, NULL);
	ck_assert_uint_gt(doctor.n, 5);
	for (uint32_t i = 0; i < doctor.n; i++)
		ck_assert_ptr_null(doctor.finding[i].interface);
}
END_TEST

START_TEST(no_such_interface)
{
	static const char *const names[] = { "eth8", "../../..", ".", "eth7/queues" };

	make_machine((const struct file[FILES_MAX]){ QUEUES(0) }, NULL);
	for (size_t i = 0; i < NSC_ARRAY_LEN(names); i++) {
		ck_assert_int_eq(nsc_doctor_look(&doctor, &probe, names[i], &error), -ENODEV);
		ck_assert_ptr_nonnull(strstr(error.text, names[i]));
	}
}
END_TEST

START_TEST(several_interfaces)
{
	char *text;
	uint32_t machine;

	make_machine((const struct file[FILES_MAX]){ QUEUES(0) }, NULL);
	machine = doctor.n;
	for (uint32_t i = 0; i < NSC_DOCTOR_INTERFACES; i++)
		ck_assert_int_eq(nsc_doctor_look_also(&doctor, &probe, "eth7", &error), 0);
	ck_assert_uint_eq(doctor.interfaces, NSC_DOCTOR_INTERFACES);
	ck_assert_uint_gt(doctor.n, machine);
	ck_assert_uint_eq((doctor.n - machine) % NSC_DOCTOR_INTERFACES, 0);
	ck_assert_uint_le(doctor.n, NSC_DOCTOR_MAX);
	ck_assert_str_eq(doctor.finding[doctor.n - 1].interface, "eth7");
	ck_assert_int_eq(nsc_doctor_look_also(&doctor, &probe, "eth7", &error), -E2BIG);
	text = nsc_doctor_json(&doctor);
	ck_assert_ptr_nonnull(strstr(text, "\"interface\":\t\"eth7\""));
	free(text);
}
END_TEST

START_TEST(unknown_is_null_in_json)
{
	const cJSON *findings, *finding;
	cJSON *root_object;
	char *text;

	answers = (struct answers){ .known = true, .gro = 1 };
	make_machine((const struct file[FILES_MAX]){ { NULL, NULL } }, "eth7");
	text = nsc_doctor_json(&doctor);
	root_object = cJSON_Parse(text);
	ck_assert_ptr_nonnull(root_object);
	ck_assert_str_eq(cJSON_GetObjectItem(root_object, "interface")->valuestring, "eth7");
	findings = cJSON_GetObjectItem(root_object, "findings");
	ck_assert_int_eq(cJSON_GetArraySize(findings), (int)doctor.n);
	cJSON_ArrayForEach(finding, findings)
	{
		bool unknown = !strcmp(cJSON_GetObjectItem(finding, "level")->valuestring, "unknown");

		ck_assert_int_eq(cJSON_IsNull(cJSON_GetObjectItem(finding, "found")), unknown);
		ck_assert(cJSON_IsString(cJSON_GetObjectItem(finding, "why")));
		if (!strcmp(cJSON_GetObjectItem(finding, "name")->valuestring, "gro"))
			ck_assert_str_eq(cJSON_GetObjectItem(finding, "fix")->valuestring,
					 "sudo ethtool -K eth7 gro off");
	}
	cJSON_Delete(root_object);
	free(text);
}
END_TEST

START_TEST(a_person_reads_it)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	answers = (struct answers){ .known = true, .flags = ETH_FLAG_LRO, .gro = 1 };
	make_machine((const struct file[FILES_MAX]){ STATUS("0") }, "eth7");
	nsc_doctor_print(out, &doctor, false);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "interface eth7\n"));
	ck_assert_ptr_nonnull(strstr(text, "WARN  lro             on\n"));
	ck_assert_ptr_nonnull(strstr(text, "fix: sudo ethtool -K eth7 lro off\n"));
	ck_assert_ptr_nonnull(strstr(text, "not known\n"));
	ck_assert_ptr_nonnull(strstr(text, "nothing was changed\n"));
	ck_assert_ptr_null(strchr(text, '\x1b'));
	free(text);
}
END_TEST

START_TEST(lists_of_cores)
{
	static const struct {
		const char *text, *printed; /* NULL: no list */
		unsigned n;
	} lists[] = { { "", "", 0 },
		      { "0", "0", 1 },
		      { "0-3,8", "0-3,8", 5 },
		      { "5,4,4", "4-5", 2 },
		      { "64-65,63", "63-65", 3 },
		      { "3-1", NULL, 0 },
		      { "x", NULL, 0 },
		      { "1,,2", NULL, 0 },
		      { "0-99999", NULL, 0 },
		      { "1 2", NULL, 0 } };
	struct nsc_cpus cpus;
	char text[64];

	for (size_t i = 0; i < NSC_ARRAY_LEN(lists); i++) {
		ck_assert_msg(nsc_cpus_parse(&cpus, lists[i].text) == !!lists[i].printed, "%s", lists[i].text);
		if (!lists[i].printed)
			continue;
		nsc_cores_print(cpus.set, NSC_CPUS_MAX, text, sizeof(text));
		ck_assert_str_eq(text, lists[i].printed);
		ck_assert_uint_eq(nsc_cpus_count(&cpus), lists[i].n);
	}
}
END_TEST

START_TEST(this_machine)
{
	ck_assert_int_eq(
		nsc_doctor_look(&doctor, &nsc_doctor_here, access("/sys/class/net/lo", F_OK) ? NULL : "lo", &error), 0);
	ck_assert_int_eq(finding_of("kernel")->level == NSC_DOCTOR_UNKNOWN, 0);
	ck_assert_int_eq(finding_of("memlock")->level, NSC_DOCTOR_OK);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("doctor");
	TCase *tcase = tcase_create("doctor");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, make_root, remove_root);
	tcase_add_loop_test(tcase, a_check_says_what_it_sees, 0, (int)NSC_ARRAY_LEN(cases));
	tcase_add_test(tcase, a_machine_that_tells_nothing_is_unknown);
	tcase_add_test(tcase, without_an_interface_only_the_machine);
	tcase_add_test(tcase, no_such_interface);
	tcase_add_test(tcase, several_interfaces);
	tcase_add_test(tcase, unknown_is_null_in_json);
	tcase_add_test(tcase, a_person_reads_it);
	tcase_add_test(tcase, lists_of_cores);
	tcase_add_test(tcase, this_machine);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
