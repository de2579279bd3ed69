/* SPDX-License-Identifier: MIT
 *
 * Checks of one interface: how it spreads packets over queues and cores.
 */
#include "tools/netscope/doctor_checks.h"

#include "tools/netscope/options.h"

#include <dirent.h>
#include <linux/ethtool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_MAX = 256, TABLE_MAX = 4096 };

/* --- queues ----------------------------------------------------------------------------------- */

static unsigned receive_queues(const struct nsc_checkup *checkup)
{
	char path[512];
	const struct dirent *entry;
	unsigned n = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/class/net/%s/queues", checkup->probe->sys, checkup->interface);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		n += !strncmp(entry->d_name, "rx-", 3);
	if (folder)
		closedir(folder);
	return n;
}

void nsc_check_queues(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };
	unsigned n = receive_queues(checkup), cores, possible, now;
	struct nsc_cpus usable;

	if (!n || !nsc_cpus_usable(checkup, &usable))
		return;
	cores = nsc_cpus_count(&usable);
	nsc_found(finding, NSC_DOCTOR_OK, "%u receive queue%s, %u usable core%s", n, n == 1 ? "" : "s", cores,
		  cores == 1 ? "" : "s");
	if (!nsc_ask(checkup, &channels))
		return;
	possible = NSC_MAX(channels.max_combined, channels.max_rx);
	now = channels.max_combined ? channels.combined_count : channels.rx_count;
	possible = NSC_MIN(possible, cores);
	if (now >= possible)
		return;
	finding->level = NSC_DOCTOR_NOTE;
	nsc_fix(finding, "sudo ethtool -L %s %s %u", checkup->interface, channels.max_combined ? "combined" : "rx",
		possible);
}

/* --- the hash --------------------------------------------------------------------------------- */

static const struct {
	uint32_t type;
	const char *name;
} kinds[] = { { TCP_V4_FLOW, "tcp4" }, { UDP_V4_FLOW, "udp4" }, { TCP_V6_FLOW, "tcp6" }, { UDP_V6_FLOW, "udp6" } };

static bool nothing_is_spread(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	bool nothing = receive_queues(checkup) == 1;

	if (nothing)
		nsc_found(finding, NSC_DOCTOR_OK, "one queue: nothing is spread");
	return nothing;
}

/* Both addresses, or both addresses and both ports: another choice tells the directions of a flow apart. */
static bool is_symmetric(uint64_t fields)
{
	const uint64_t addresses = RXH_IP_SRC | RXH_IP_DST, ports = RXH_L4_B_0_1 | RXH_L4_B_2_3;

	fields &= addresses | ports;
	return fields == addresses || fields == (addresses | ports);
}

void nsc_check_rss_fields(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	char text[NSC_DOCTOR_TEXT] = "";
	const char *odd = NULL;
	size_t used = 0;

	if (nothing_is_spread(checkup, finding))
		return;
	for (size_t i = 0; i < NSC_ARRAY_LEN(kinds); i++) {
		struct ethtool_rxnfc fields = { .cmd = ETHTOOL_GRXFH, .flow_type = kinds[i].type };

		if (!nsc_ask(checkup, &fields))
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s %s%s%s%s", used ? ", " : "",
					 kinds[i].name, fields.data & RXH_IP_SRC ? "s" : "",
					 fields.data & RXH_IP_DST ? "d" : "", fields.data & RXH_L4_B_0_1 ? "f" : "",
					 fields.data & RXH_L4_B_2_3 ? "n" : "");
		if (!odd && !is_symmetric(fields.data))
			odd = kinds[i].name;
	}
	if (!used)
		return;
	nsc_found(finding, odd ? NSC_DOCTOR_NOTE : NSC_DOCTOR_OK, "%s", text);
	nsc_fix(finding, "sudo ethtool -N %s rx-flow-hash %s sdfn", checkup->interface, odd);
}

/* A Toeplitz key whose 16-bit words are all the same gives both directions of a flow one hash. */
static bool key_is_symmetric(const uint8_t *key, uint32_t size)
{
	for (uint32_t i = 2; i < size; i++)
		if (key[i] != key[i - 2])
			return false;
	return size > 2;
}

static void advise_key(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding, uint32_t size)
{
	char key[3 * KEY_MAX + 1] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < size; i++)
		used += (size_t)snprintf(key + used, sizeof(key) - used, "%s%s", i ? ":" : "", i % 2 ? "5A" : "6D");
	nsc_fix(finding, "sudo ethtool -X %s hkey %s", checkup->interface, key);
}

void nsc_check_rss_key(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	struct ethtool_rxfh *hash = calloc(1, sizeof(*hash) + sizeof(hash->rss_config[0]) * (TABLE_MAX + KEY_MAX / 4));
	uint32_t table, size;
	bool symmetric;

	if (!hash)
		return;
	hash->cmd = ETHTOOL_GRSSH;
	if (!nothing_is_spread(checkup, finding) && nsc_ask(checkup, hash) && (table = hash->indir_size) <= TABLE_MAX &&
	    (size = hash->key_size) && size <= KEY_MAX) {
		*hash = (struct ethtool_rxfh){ .cmd = ETHTOOL_GRSSH, .indir_size = table, .key_size = size };
		if (nsc_ask(checkup, hash)) {
			symmetric = key_is_symmetric((const uint8_t *)(hash->rss_config + table), size);
			nsc_found(finding, symmetric ? NSC_DOCTOR_OK : NSC_DOCTOR_NOTE, "%s, a key of %u bytes",
				  symmetric ? "symmetric" : "not symmetric", size);
			advise_key(checkup, finding, size);
		}
	}
	free(hash);
}

/* --- interrupts and memory -------------------------------------------------------------------- */

struct interrupts {
	unsigned n, unread;
	struct nsc_cpus cores;
};

static void add_interrupt(const struct nsc_checkup *checkup, struct interrupts *found, unsigned number)
{
	struct nsc_cpus cores;
	char text[256];

	found->n++;
	if ((nsc_read_line(checkup->probe->proc, text, sizeof(text), "irq/%u/effective_affinity_list", number) ||
	     nsc_read_line(checkup->probe->proc, text, sizeof(text), "irq/%u/smp_affinity_list", number)) &&
	    nsc_cpus_parse(&cores, text))
		CPU_OR_S(sizeof(cores.set), found->cores.set, found->cores.set, cores.set);
	else
		found->unread++;
}

/* The name of the device under the interface: a PCI address, "virtio0". */
static bool device_name(const struct nsc_checkup *checkup, char *name, size_t size)
{
	char path[512], target[512];
	const char *slash;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/class/net/%s/device", checkup->probe->sys, checkup->interface);
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	slash = strrchr(target, '/');
	snprintf(name, size, "%.127s", slash ? slash + 1 : target);
	return true;
}

/* "eth0-TxRx-3", "virtio0-input.0", "mlx5_comp0@pci:0000:01:00.0": the word is in it, and no letter or digit goes on.
 */
static bool mentions(const char *line, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = line; (at = strstr(at, word)); at++) {
		char before = at == line ? ' ' : at[-1], after = at[length];

		if (strchr(" \t-@:,", before) && (!after || strchr(" \t\n-.@:,", after)))
			return true;
	}
	return false;
}

static void from_table(const struct nsc_checkup *checkup, struct interrupts *found)
{
	char line[4096], device[128];
	bool has_device = device_name(checkup, device, sizeof(device));
	FILE *file = nsc_open_file(checkup->probe->proc, "interrupts");

	while (file && fgets(line, sizeof(line), file)) {
		char *end;
		unsigned long number = strtoul(line, &end, 10);

		if (*end == ':' && (mentions(end + 1, checkup->interface) || (has_device && mentions(end + 1, device))))
			add_interrupt(checkup, found, (unsigned)number);
	}
	if (file)
		fclose(file);
}

void nsc_check_interrupts(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	struct interrupts found = { 0 };
	char cores[128];

	from_table(checkup, &found);
	if (!found.n || found.unread == found.n)
		return;
	nsc_cores_print(found.cores.set, NSC_CPUS_MAX, cores, sizeof(cores));
	nsc_found(finding, NSC_DOCTOR_OK, "%u interrupt%s on core%s %s", found.n, found.n == 1 ? "" : "s",
		  nsc_cpus_count(&found.cores) == 1 ? "" : "s", cores);
	if (nsc_cpus_count(&found.cores) > 1 || receive_queues(checkup) < 2)
		return;
	finding->level = NSC_DOCTOR_WARNING;
	nsc_fix(finding,
		"for i in $(sed -n 's/^ *\\([0-9]*\\):.*%s.*/\\1/p' /proc/interrupts); do echo $((n++ %% $(nproc))) | "
		"sudo tee /proc/irq/$i/smp_affinity_list; done",
		checkup->interface);
}

void nsc_check_node(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	struct nsc_cpus cores, usable;
	long long node;
	char text[256];

	if (!nsc_read_number(checkup->probe->sys, &node, "class/net/%s/device/numa_node", checkup->interface))
		return;
	if (node < 0) {
		nsc_found(finding, NSC_DOCTOR_OK, "of no node");
		return;
	}
	if (!nsc_read_line(checkup->probe->sys, text, sizeof(text), "devices/system/node/node%lld/cpulist", node) ||
	    !nsc_cpus_parse(&cores, text) || !nsc_cpus_usable(checkup, &usable))
		return;
	nsc_found(finding, NSC_DOCTOR_OK, "node %lld, cores %.200s", node, text);
	CPU_AND_S(sizeof(cores.set), cores.set, cores.set, usable.set);
	if (CPU_EQUAL_S(sizeof(cores.set), cores.set, usable.set))
		return;
	finding->level = NSC_DOCTOR_NOTE;
	nsc_fix(finding, "netscope --cores auto (or of %.300s)", text);
}
