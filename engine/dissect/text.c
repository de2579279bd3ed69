/* SPDX-License-Identifier: MIT
 *
 * The detail block: the tree as indented lines.
 */
#include "engine/dissect/value.h"

static void print_range(struct print *p, const struct nsc_field *field)
{
	print_text(p, " [");
	print_u64(p, field->offset);
	if (field->length > 1) {
		print_char(p, '-');
		print_u64(p, (uint64_t)field->offset + field->length - 1);
	}
	print_char(p, ']');
}

static void print_field(struct print *p, const struct nsc_dissection *tree, const struct nsc_field *field)
{
	print_spaces(p, 2 + 2 * field->depth);
	print_text(p, field->type->label);
	if (has_value(field)) {
		print_text(p, ": ");
		print_value(p, tree, field);
	} else if (field->length > 0) {
		print_range(p, field);
	}
	print_char(p, '\n');
}

size_t nsc_dissect_text(const struct nsc_dissection *tree, char *out, size_t room)
{
	struct print p = { .at = out, .end = out + room };

	for (uint16_t i = 0; i < tree->n; i++)
		print_field(&p, tree, &tree->field[i]);
	if (tree->truncated)
		print_text(&p, "  (the tree was full: some fields are missing)\n");
	return (size_t)(p.at - out);
}
