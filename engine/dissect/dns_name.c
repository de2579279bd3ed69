/* SPDX-License-Identifier: MIT
 *
 * Names in DNS messages. A name is labels that end with an empty one or with a pointer to the rest of another name.
 * Pointers may lead anywhere, also in circles: they are counted, and a name never grows beyond what the protocol
 * allows.
 */
#include "engine/dissect/dns.h"

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

bool dns_name_read(const struct dissect *s, uint64_t base, uint64_t at, struct dns_name *name)
{
	unsigned pointers = 0;

	name->length = 0;
	name->end = 0;
	for (;;) {
		uint32_t length;

		if (at >= s->cap_end)
			return false;
		length = s->data[at];
		if ((length & POINTER) == POINTER) {
			if (at + 2 > s->cap_end || pointers++ == POINTERS_MAX)
				return false;
			name->end = name->end ? name->end : at + 2;
			at = base + (nsc_load16(s->data + at) & 0x3fff);
			continue;
		}
		if (length & POINTER || at + 1 + length > s->cap_end)
			return false;
		at += 1 + length;
		if (length == 0)
			break;
		if (!append_label(name, s->data + at - length, length))
			return false;
	}
	name->end = name->end ? name->end : at;
	return true;
}

uint64_t dns_name_add(struct dissect *s, const struct nsc_field_type *type, uint64_t base, uint64_t at, uint32_t behind)
{
	struct dns_name name;

	if (!dns_name_read(s, base, at, &name) || name.end + behind > s->cap_end)
		return 0;
	add_pooled(s, type, at, name.end - at, name.text, name.length);
	return name.end;
}
