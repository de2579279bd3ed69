/* SPDX-License-Identifier: MIT
 *
 * Network controllers on a PCI bus that the test makes.
 */
#include "backends/sources/dpdk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_error error;
static char sys[] = "/tmp/nsc-pci-XXXXXX";

static void make_device(const char *address, const char *class, const char *driver)
{
	char path[256], target[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s", sys, address);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/class", sys, address);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "%s\n", class);
	fclose(file);
	if (!driver)
		return;
	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/driver", sys, address);
	snprintf(target, sizeof(target), "../../../../bus/pci/drivers/%s", driver);
	ck_assert_int_eq(symlink(target, path), 0);
}

static void make_bus(void)
{
	char path[128];

	ck_assert_ptr_nonnull(mkdtemp(sys));
	for (const char *const *part = (const char *const[]){ "/bus", "/bus/pci", "/bus/pci/devices", NULL }; *part;
	     part++) {
		snprintf(path, sizeof(path), "%s%s", sys, *part);
		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
	make_device("0000:03:00.0", "0x020000", "vfio-pci");
	make_device("0000:01:00.1", "0x020000", NULL);
	make_device("0000:01:00.0", "0x020000", "ixgbe");
	make_device("0000:00:00.0", "0x060000", NULL);
}

static void remove_bus(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", sys);
	ck_assert_int_eq(system(command), 0);
}

static int check_device(const char *name)
{
	struct nsc_dpdk_port port;

	ck_assert_int_eq(nsc_dpdk_port_parse(&port, name, &error), 0);
	return nsc_dpdk_device_check(sys, &port, &error);
}

START_TEST(who_has_them)
{
	struct nsc_dpdk_device device[8];

	make_bus();
	ck_assert_uint_eq(nsc_dpdk_devices(sys, device, 8), 3);
	ck_assert_str_eq(device[0].address, "0000:01:00.0");
	ck_assert_str_eq(device[0].driver, "ixgbe");
	ck_assert(!device[0].ready && !device[1].ready && device[2].ready);
	ck_assert_str_eq(device[1].driver, "");
	ck_assert_uint_eq(nsc_dpdk_devices(sys, device, 2), 2);

	ck_assert_int_eq(check_device("03:00.0"), 0);
	ck_assert_int_eq(check_device("01:00.0"), -EBUSY);
	ck_assert_ptr_nonnull(strstr(error.text, "'0000:01:00.0' belongs to the kernel's driver ixgbe"));
	ck_assert_ptr_nonnull(strstr(error.text, "--bind=vfio-pci 0000:01:00.0"));
	ck_assert_int_eq(check_device("01:00.1"), -EBUSY);
	ck_assert_ptr_nonnull(strstr(error.text, "belongs to no driver"));
	ck_assert_int_eq(check_device("00:00.0"), -ENODEV);
	ck_assert_ptr_nonnull(strstr(error.text, "is no network controller"));
	ck_assert_int_eq(check_device("07:00.0"), -ENODEV);
	ck_assert_ptr_nonnull(strstr(error.text, "here: 0000:01:00.0, 0000:01:00.1, 0000:03:00.0"));
	ck_assert_int_eq(check_device("vdev=net_ring0"), 0);
	remove_bus();
}
END_TEST

START_TEST(no_bus)
{
	struct nsc_dpdk_device device[8];

	ck_assert_uint_eq(nsc_dpdk_devices("/nonexistent", device, 8), 0);
}
END_TEST

CHECK_MAIN("dpdk_devices", who_has_them, no_bus)
