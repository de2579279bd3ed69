/* SPDX-License-Identifier: MIT
 *
 * Which network controllers there are, and who has them.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dpdk.h"

enum { CLASS_NETWORK = 0x02, DEVICES_MAX = 64 };

/* Those of Mellanox share a device with the kernel. */
static const char *const ready_drivers[] = { "vfio-pci", "uio_pci_generic", "igb_uio", "mlx5_core", "mlx4_core" };

static bool device_is_network(const char *sys, const char *address)
{
	char path[512];
	unsigned class = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%.200s/bus/pci/devices/%.30s/class", sys, address);
	file = fopen(path, "re");
	if (file && fscanf(file, "%x", &class) != 1)
		class = 0;
	if (file)
		fclose(file);
	return class >> 16 == CLASS_NETWORK;
}

static void device_ask(const char *sys, const char *address, struct nsc_dpdk_device *device)
{
	char path[512], target[512], *name;
	ssize_t length;

	*device = (struct nsc_dpdk_device){ .ready = false };
	snprintf(device->address, sizeof(device->address), "%.15s", address);
	snprintf(path, sizeof(path), "%.200s/bus/pci/devices/%.30s/driver", sys, address);
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return;
	target[length] = '\0';
	name = strrchr(target, '/');
	snprintf(device->driver, sizeof(device->driver), "%.31s", name ? name + 1 : target);
	for (size_t i = 0; i < NSC_ARRAY_LEN(ready_drivers); i++)
		device->ready |= !strcmp(device->driver, ready_drivers[i]);
}

static int device_by_address(const void *a, const void *b)
{
	return strcmp(((const struct nsc_dpdk_device *)a)->address, ((const struct nsc_dpdk_device *)b)->address);
}

uint32_t nsc_dpdk_devices(const char *sys, struct nsc_dpdk_device *device, uint32_t room)
{
	char path[512];
	const struct dirent *entry;
	uint32_t n = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "%.200s/bus/pci/devices", sys);
	folder = opendir(path);
	while (folder && n < room && (entry = readdir(folder)))
		if (entry->d_name[0] != '.' && device_is_network(sys, entry->d_name))
			device_ask(sys, entry->d_name, &device[n++]);
	if (folder)
		closedir(folder);
	qsort(device, n, sizeof(*device), device_by_address);
	return n;
}

static int device_missing(const char *sys, const char *name, struct nsc_error *error)
{
	struct nsc_dpdk_device device[DEVICES_MAX];
	uint32_t n = nsc_dpdk_devices(sys, device, DEVICES_MAX);
	char known[512] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < n && used < sizeof(known) - 32; i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "", device[i].address);
	return nsc_fail(error, -ENODEV, "there is no PCI device '%s'; network controllers here: %s", name,
			n ? known : "none");
}

int nsc_dpdk_device_check(const char *sys, const struct nsc_dpdk_port *port, struct nsc_error *error)
{
	struct nsc_dpdk_device device;
	char path[512];

	if (port->kind != NSC_DPDK_PCI)
		return 0;
	snprintf(path, sizeof(path), "%.200s/bus/pci/devices/%s", sys, port->name);
	if (access(path, F_OK))
		return device_missing(sys, port->name, error);
	if (!device_is_network(sys, port->name))
		return nsc_fail(error, -ENODEV, "the PCI device '%s' is no network controller", port->name);
	device_ask(sys, port->name, &device);
	if (device.ready)
		return 0;
	return nsc_fail(
		error, -EBUSY,
		"'%s' belongs to %s%s: `dpdk-devbind.py --bind=vfio-pci %s` gives it to DPDK, and takes it away from "
		"the kernel",
		port->name, device.driver[0] ? "the kernel's driver " : "no driver", device.driver, port->name);
}
