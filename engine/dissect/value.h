/* SPDX-License-Identifier: MIT
 *
 * The value of a field as text, into a struct nsc_buffer.
 */
#ifndef NETSCOPE_DISSECT_VALUE_H
#define NETSCOPE_DISSECT_VALUE_H

#include "engine/dissect/dissect.h"

/* As in a packet line: numbers without their names. */
void print_value_short(struct nsc_buffer *p, const struct nsc_dissection *tree, const struct nsc_field *field);

/* As in the detail block: with the name of the value. */
void print_value(struct nsc_buffer *p, const struct nsc_dissection *tree, const struct nsc_field *field);

/* Has it a value at all? */
static inline bool has_value(const struct nsc_field *field)
{
	return field->type->kind > NSC_VALUE_GROUP;
}

#endif
