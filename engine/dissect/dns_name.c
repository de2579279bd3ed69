/* SPDX-License-Identifier: MIT
 *
 * Names in DNS messages, as fields.
 */
#include "engine/dissect/dns.h"

uint64_t dns_name_add(struct dissect *s, const struct nsc_field_type *type, uint64_t base, uint64_t at, uint32_t behind)
{
	struct dns_name name;

	if (!dns_name_read(s->data, s->cap_end, base, at, &name) || name.end + behind > s->cap_end)
		return 0;
	add_pooled(s, type, at, name.end - at, name.text, name.length);
	return name.end;
}
