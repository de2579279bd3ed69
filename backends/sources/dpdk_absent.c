/* SPDX-License-Identifier: MIT
 *
 * What stands for dpdk.c in a build without DPDK.
 */
#include <errno.h>

#include "dpdk.h"

int nsc_rx_dpdk_open(struct nsc_rx **rx, uint32_t *n, const struct nsc_dpdk_options *o, struct nsc_error *error)
{
	return nsc_fail(error, -ENOTSUP,
			"--backend dpdk is not in this build: install libdpdk-dev and build with `make DPDK=1`");
}

bool nsc_rx_dpdk_describe(const struct nsc_rx *rx, char *text, size_t size)
{
	text[0] = '\0';
	return false;
}

int nsc_dpdk_in_its_thread(int (*act)(void *context), void *context)
{
	return 0;
}

uint32_t nsc_dpdk_threads(void)
{
	return 0;
}

bool nsc_dpdk_built(void)
{
	return false;
}
