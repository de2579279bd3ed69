/* SPDX-License-Identifier: MIT
 *
 * Names of ports of DPDK.
 */
#include "backends/sources/dpdk.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_dpdk_port port;
static struct nsc_error error;

START_TEST(addresses)
{
	static const struct {
		const char *text, *name;
	} rows[] = { { "0000:01:00.0", "0000:01:00.0" },
		     { "01:00.0", "0000:01:00.0" },
		     { "0001:c1:1f.7", "0001:c1:1f.7" },
		     { "C1:1F.7", "0000:c1:1f.7" } };

	for (size_t i = 0; i < NSC_ARRAY_LEN(rows); i++) {
		ck_assert_msg(!nsc_dpdk_port_parse(&port, rows[i].text, &error), "%s", error.text);
		ck_assert_int_eq(port.kind, NSC_DPDK_PCI);
		ck_assert_str_eq(port.name, rows[i].name);
	}
}
END_TEST

START_TEST(virtual_devices)
{
	ck_assert_int_eq(nsc_dpdk_port_parse(&port, "vdev=net_pcap0,rx_pcap=/a b/c,infinite_rx=1", &error), 0);
	ck_assert_int_eq(port.kind, NSC_DPDK_VIRTUAL);
	ck_assert_str_eq(port.name, "net_pcap0");
	ck_assert_str_eq(port.device, "net_pcap0,rx_pcap=/a b/c,infinite_rx=1");
	ck_assert_int_eq(nsc_dpdk_port_parse(&port, "vdev=net_1234567890a", &error), 0);
	ck_assert_str_eq(port.name, "net_1234567890a");
	ck_assert_int_eq(nsc_dpdk_port_parse(&port, "vdev=net_1234567890ab", &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "more than the 15 letters"));
}
END_TEST

/* Nothing that DPDK would take for an option of its own, or for another device, gets through. */
START_TEST(everything_else)
{
	static const char *const wrong[] = { "",
					     "eth0",
					     "01:00",
					     "0000:01:00.8",
					     "0000:01:20.0",
					     "0000:01:00.0,x=1",
					     " 01:00.0",
					     "-1:00.0",
					     "0000:01:00.0 ",
					     "1:2:3:4.5",
					     "vdev=",
					     "vdev=net_",
					     "vdev=eth0",
					     "vdev=net-0",
					     "vdev=net_a b",
					     "net_pcap0",
					     "vdev=crypto_null",
					     "vdev=--help" };

	for (size_t i = 0; i < NSC_ARRAY_LEN(wrong); i++) {
		ck_assert_msg(nsc_dpdk_port_parse(&port, wrong[i], &error) == -EINVAL, "\"%s\" is a port", wrong[i]);
		ck_assert_ptr_nonnull(strstr(error.text, "like 0000:01:00.0, or a virtual device, like vdev="));
	}
}
END_TEST

CHECK_MAIN("dpdk_port", addresses, virtual_devices, everything_else)
