/* SPDX-License-Identifier: MIT
 *
 * Slots are taken by number and become readable when their name is whole. Two threads that bring the same new name at
 * the same moment get a slot each, which both have that name.
 */
#include "netscope/interfaces.h"

#include <string.h>

static struct {
	uint32_t taken; /* slots, the unused slot 0 not counted */
	struct {
		bool ready;
		char name[NSC_INTERFACE_NAME_MAX + 1];
	} slot[NSC_INTERFACES_MAX + 1];
} interfaces;

const char *nsc_interface_name(unsigned number)
{
	if (number > NSC_INTERFACES_MAX || !__atomic_load_n(&interfaces.slot[number].ready, __ATOMIC_ACQUIRE))
		return NULL;
	return interfaces.slot[number].name;
}

static unsigned interfaces_find(const char *name, size_t length)
{
	for (unsigned i = 1; i <= NSC_INTERFACES_MAX; i++) {
		const char *have = nsc_interface_name(i);

		if (have && strlen(have) == length && !memcmp(have, name, length))
			return i;
	}
	return 0;
}

uint8_t nsc_interface_number(const char *name, size_t length)
{
	size_t bytes = strnlen(name, NSC_MIN(length, (size_t)NSC_INTERFACE_NAME_MAX));
	unsigned number = bytes ? interfaces_find(name, bytes) : 0;

	if (number || !bytes || __atomic_load_n(&interfaces.taken, __ATOMIC_RELAXED) >= NSC_INTERFACES_MAX)
		return (uint8_t)number;
	number = __atomic_add_fetch(&interfaces.taken, 1, __ATOMIC_RELAXED);
	if (number > NSC_INTERFACES_MAX)
		return 0;
	memcpy(interfaces.slot[number].name, name, bytes);
	__atomic_store_n(&interfaces.slot[number].ready, true, __ATOMIC_RELEASE);
	return (uint8_t)number;
}
