/* SPDX-License-Identifier: MIT
 *
 * Names in DNS messages. Offsets count from data; `base` is where the message starts, for names point to other names
 * from there. Thread: any. Allocates: never.
 */
#ifndef NETSCOPE_NAMES_DNS_NAME_H
#define NETSCOPE_NAMES_DNS_NAME_H

#include "netscope/base.h"

struct dns_name {
	uint64_t end; /* behind the name where it stands, not where a pointer led */
	uint32_t length;
	uint8_t text[255]; /* labels joined by dots, raw */
};

/* Reads the name at data[at], of which data[0..end) may be read. False when the name is damaged or does not end there.
 */
bool dns_name_read(const uint8_t *data, uint64_t end, uint64_t base, uint64_t at, struct dns_name *name);

#endif
