/* SPDX-License-Identifier: MIT
 *
 * Checks of one interface: its state, what it does to frames, what it loses.
 */
#include "tools/netscope/doctor_checks.h"

#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <stdlib.h>
#include <string.h>

void nsc_check_link(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	const char *sys = checkup->probe->sys, *name = checkup->interface;
	long long speed = -1, mtu = 0;
	char state[32], rate[48] = "";

	if (!nsc_read_line(sys, state, sizeof(state), "class/net/%s/operstate", name))
		return;
	if (nsc_read_number(sys, &speed, "class/net/%s/speed", name) && speed > 0)
		snprintf(rate, sizeof(rate), ", %lld Mbit/s", speed);
	nsc_read_number(sys, &mtu, "class/net/%s/mtu", name);
	/* loopback has no state of its own */
	nsc_found(finding, !strcmp(state, "up") || !strcmp(state, "unknown") ? NSC_DOCTOR_OK : NSC_DOCTOR_WARNING,
		  "%s%s, MTU %lld", state, rate, mtu);
	if (!strcmp(state, "down"))
		nsc_fix(finding, "sudo ip link set dev %s up", name);
}

static void check_merging(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding, uint32_t command,
			  uint32_t flag, enum nsc_doctor_level level)
{
	struct ethtool_value value = { .cmd = command };

	if (!nsc_ask(checkup, &value))
		return;
	nsc_found(finding, value.data & flag ? level : NSC_DOCTOR_OK, "%s", value.data & flag ? "on" : "off");
	nsc_fix(finding, "sudo ethtool -K %s %s off", checkup->interface, finding->name);
}

void nsc_check_gro(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	check_merging(checkup, finding, ETHTOOL_GGRO, UINT32_MAX, NSC_DOCTOR_NOTE);
}

void nsc_check_lro(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	check_merging(checkup, finding, ETHTOOL_GFLAGS, ETH_FLAG_LRO, NSC_DOCTOR_WARNING);
}

void nsc_check_ring(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	struct ethtool_ringparam ring = { .cmd = ETHTOOL_GRINGPARAM };

	if (!nsc_ask(checkup, &ring) || !ring.rx_max_pending)
		return;
	nsc_found(finding, ring.rx_pending < ring.rx_max_pending ? NSC_DOCTOR_NOTE : NSC_DOCTOR_OK,
		  "%u of %u descriptors", ring.rx_pending, ring.rx_max_pending);
	nsc_fix(finding, "sudo ethtool -G %s rx %u", checkup->interface, ring.rx_max_pending);
}

void nsc_check_drops(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	/* The first one has frames in it, too, that no protocol took: alone it proves nothing. */
	static const char *const names[] = { "rx_dropped", "rx_missed_errors", "rx_fifo_errors", "rx_crc_errors" };
	char text[NSC_DOCTOR_TEXT] = "";
	size_t used = 0;
	bool known = false, lost = false;

	for (size_t i = 0; i < NSC_ARRAY_LEN(names); i++) {
		long long value;

		if (!nsc_read_number(checkup->probe->sys, &value, "class/net/%s/statistics/%s", checkup->interface,
				     names[i]))
			continue;
		known = true;
		lost |= value && i;
		if (value && used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s %lld", used ? ", " : "",
						 names[i], value);
	}
	if (!known)
		return;
	nsc_found(finding,
		  lost   ? NSC_DOCTOR_WARNING
		  : used ? NSC_DOCTOR_NOTE
			 : NSC_DOCTOR_OK,
		  "%.200s%s%s", used ? text : "nothing lost", used ? " since the interface came" : "",
		  used && !lost ? ": lost, or of no protocol that this machine has" : "");
	nsc_fix(finding, "ethtool -S %s", checkup->interface);
}

void nsc_check_stamps(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	struct ethtool_ts_info info = { .cmd = ETHTOOL_GET_TS_INFO };
	bool hardware;

	if (!nsc_ask(checkup, &info))
		return;
	hardware = info.so_timestamping & SOF_TIMESTAMPING_RX_HARDWARE && info.rx_filters & 1u << HWTSTAMP_FILTER_ALL;
	nsc_found(finding, NSC_DOCTOR_OK, hardware ? "in hardware for every packet (clock /dev/ptp%d)" : "in software",
		  info.phc_index);
}

void nsc_check_pcie(const struct nsc_checkup *checkup, struct nsc_doctor_finding *finding)
{
	const char *sys = checkup->probe->sys, *name = checkup->interface;
	char speed[64], fastest[64];
	long long width, widest;
	bool less;

	if (!nsc_read_line(sys, speed, sizeof(speed), "class/net/%s/device/current_link_speed", name) ||
	    !nsc_read_line(sys, fastest, sizeof(fastest), "class/net/%s/device/max_link_speed", name) ||
	    !nsc_read_number(sys, &width, "class/net/%s/device/current_link_width", name) ||
	    !nsc_read_number(sys, &widest, "class/net/%s/device/max_link_width", name))
		return;
	less = width < widest || strtod(speed, NULL) < strtod(fastest, NULL);
	nsc_found(finding, less ? NSC_DOCTOR_WARNING : NSC_DOCTOR_OK, "%s on %lld lanes; it can %s on %lld", speed,
		  width, fastest, widest);
	nsc_fix(finding, "put the card into a slot of at least %lld lanes (lspci -vv shows LnkCap and LnkSta)", widest);
}
