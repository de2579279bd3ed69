/* SPDX-License-Identifier: MIT
 *
 * The log of blocks, and a row for each link type.
 */
#include "netscope/kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINKTYPES_MAX = 64, SEVERAL = 256 };

static uint8_t kept_log[NSC_KEPT_MAX]; /* pages that nobody writes cost nothing */
static size_t kept_used;
static uint64_t kept_blocks, kept_lost;
static struct {
	uint16_t linktype, name; /* SEVERAL: no single one */
} kept_interfaces[LINKTYPES_MAX];
static uint32_t kept_n_interfaces;
static bool kept_several;

void nsc_kept_add(const uint8_t *block, uint32_t length)
{
	size_t used = __atomic_load_n(&kept_used, __ATOMIC_RELAXED);

	if (length > NSC_KEPT_BLOCK_MAX || length > NSC_KEPT_MAX - used) {
		nsc_kept_lose();
		return;
	}
	memcpy(kept_log + used, block, length);
	__atomic_store_n(&kept_blocks, kept_blocks + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&kept_used, used + length, __ATOMIC_RELEASE);
}

void nsc_kept_lose(void)
{
	__atomic_store_n(&kept_lost, kept_lost + 1, __ATOMIC_RELAXED);
}

size_t nsc_kept_blocks(size_t from, const uint8_t **blocks)
{
	*blocks = kept_log + from;
	return __atomic_load_n(&kept_used, __ATOMIC_ACQUIRE) - from;
}

void nsc_kept_interface(uint16_t linktype, uint8_t interface)
{
	uint32_t n = kept_n_interfaces, i = 0;

	while (i < n && kept_interfaces[i].linktype != linktype)
		i++;
	if (i == LINKTYPES_MAX)
		return;
	if (i < n) {
		uint16_t name = kept_interfaces[i].name == interface ? interface : SEVERAL;

		kept_several |= name == SEVERAL;
		__atomic_store_n(&kept_interfaces[i].name, name, __ATOMIC_RELAXED);
		return;
	}
	kept_interfaces[i].linktype = linktype;
	kept_interfaces[i].name = interface;
	__atomic_store_n(&kept_n_interfaces, n + 1, __ATOMIC_RELEASE);
}

uint8_t nsc_kept_name(uint16_t linktype)
{
	uint32_t n = __atomic_load_n(&kept_n_interfaces, __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < n; i++) {
		uint16_t name = __atomic_load_n(&kept_interfaces[i].name, __ATOMIC_RELAXED);

		if (kept_interfaces[i].linktype == linktype)
			return name < SEVERAL ? (uint8_t)name : 0;
	}
	return 0;
}

bool nsc_kept_missing(bool pcapng, char *text, size_t size)
{
	uint64_t lost = pcapng ? kept_lost : kept_lost + kept_blocks;

	if (!lost && !(pcapng && kept_several))
		return false;
	snprintf(text, size,
		 "the capture file that was written lacks %" PRIu64 " blocks of names, secrets and comments%s%s", lost,
		 pcapng && kept_several ? ", and the names of interfaces of one link type" : "",
		 pcapng ? "" : ": pcapng keeps them (a name that ends in .pcapng)");
	return true;
}
