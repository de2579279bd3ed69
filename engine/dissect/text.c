/* SPDX-License-Identifier: MIT
 *
 * The detail block: the tree as indented lines.
 */
#include "engine/dissect/value.h"

static void print_range(struct nsc_buffer *p, const struct nsc_field *field)
{
	nsc_buffer_text(p, " [");
	nsc_buffer_u64(p, field->offset);
	if (field->length > 1) {
		nsc_buffer_char(p, '-');
		nsc_buffer_u64(p, (uint64_t)field->offset + field->length - 1);
	}
	nsc_buffer_char(p, ']');
}

static void print_field(struct nsc_buffer *p, const struct nsc_dissection *tree, const struct nsc_field *field)
{
	nsc_buffer_spaces(p, 2 + 2 * field->depth);
	nsc_buffer_text(p, field->type->label);
	if (has_value(field)) {
		nsc_buffer_text(p, ": ");
		print_value(p, tree, field);
	} else if (field->length > 0) {
		print_range(p, field);
	}
	nsc_buffer_char(p, '\n');
}

size_t nsc_dissect_text(const struct nsc_dissection *tree, char *out, size_t room)
{
	struct nsc_buffer p = nsc_buffer_on(out, room);

	for (uint16_t i = 0; i < tree->n; i++)
		print_field(&p, tree, &tree->field[i]);
	if (tree->truncated)
		nsc_buffer_text(&p, "  (the tree was full: some fields are missing)\n");
	return p.length;
}
