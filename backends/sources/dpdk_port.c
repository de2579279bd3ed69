/* SPDX-License-Identifier: MIT
 *
 * How a port is named.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dpdk.h"

static int port_refuse(const char *text, struct nsc_error *error)
{
	return nsc_fail(error, -EINVAL,
			"--dpdk-port wants the address of a PCI device, like 0000:01:00.0, or a virtual device, like "
			"vdev=net_pcap0,rx_pcap=FILE; found \"%.200s\"",
			text);
}

/* Letters, digits and underscores after "net_": what DPDK would take for anything else is no port. */
static int port_parse_virtual(struct nsc_dpdk_port *port, const char *text, struct nsc_error *error)
{
	const char *device = text + strlen("vdev=");
	size_t length = strcspn(device, ",");

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)device[i]) && device[i] != '_')
			return port_refuse(text, error);
	if (strncmp(device, "net_", 4) || length < 5)
		return port_refuse(text, error);
	if (length > NSC_DPDK_NAME_MAX)
		return nsc_fail(error, -EINVAL, "--dpdk-port: \"%.*s\" has more than the %u letters of a name",
				(int)NSC_MIN(length, (size_t)100), device, NSC_DPDK_NAME_MAX);
	port->kind = NSC_DPDK_VIRTUAL;
	port->device = device;
	snprintf(port->name, sizeof(port->name), "%.*s", (int)length, device);
	return 0;
}

int nsc_dpdk_port_parse(struct nsc_dpdk_port *port, const char *text, struct nsc_error *error)
{
	unsigned domain = 0, bus, slot, function;
	int used = 0;
	bool found;

	if (!strncmp(text, "vdev=", 5))
		return port_parse_virtual(port, text, error);
	found = sscanf(text, "%4x:%2x:%2x.%1u%n", &domain, &bus, &slot, &function, &used) == 4 && used && !text[used];
	if (!found) {
		domain = 0;
		used = 0;
		found = sscanf(text, "%2x:%2x.%1u%n", &bus, &slot, &function, &used) == 3 && used && !text[used];
	}
	if (!found || !isxdigit((unsigned char)*text) || slot > 31 || function > 7)
		return port_refuse(text, error);
	port->kind = NSC_DPDK_PCI;
	snprintf(port->name, sizeof(port->name), "%04x:%02x:%02x.%u", domain & 0xffff, bus & 0xff, slot, function);
	return 0;
}
