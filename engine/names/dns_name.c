/* SPDX-License-Identifier: MIT
 *
 * Names in DNS messages. A name is labels that end with an empty one or with a pointer to the rest of another name.
 * Pointers may lead anywhere, also in circles: they are counted, and a name never grows beyond what the protocol
 * allows.
 */
#include "engine/names/dns_name.h"

#include <string.h>

enum {
	POINTER = 0xc0,
	POINTERS_MAX = 64,
};

/* Appends one label with a dot in front; false when the name would be too long. */
static bool append_label(struct dns_name *name, const uint8_t *label, uint32_t length)
{
	if (name->length + 1 + length > sizeof(name->text))
		return false;
	if (name->length > 0)
		name->text[name->length++] = '.';
	memcpy(name->text + name->length, label, length);
	name->length += length;
	return true;
}

bool dns_name_read(const uint8_t *data, uint64_t end, uint64_t base, uint64_t at, struct dns_name *name)
{
	unsigned pointers = 0;

	name->length = 0;
	name->end = 0;
	for (;;) {
		uint32_t length;

		if (at >= end)
			return false;
		length = data[at];
		if ((length & POINTER) == POINTER) {
			if (at + 2 > end || pointers++ == POINTERS_MAX)
				return false;
			name->end = name->end ? name->end : at + 2;
			at = base + ((uint32_t)(data[at] << 8 | data[at + 1]) & 0x3fff);
			continue;
		}
		if (length & POINTER || at + 1 + length > end)
			return false;
		at += 1 + length;
		if (length == 0)
			break;
		if (!append_label(name, data + at - length, length))
			return false;
	}
	name->end = name->end ? name->end : at;
	return true;
}
