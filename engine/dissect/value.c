/* SPDX-License-Identifier: MIT
 *
 * The value of a field as text, and the detail block: the tree as indented lines.
 */
#include "engine/dissect/dissect.h"

#include "engine/text/address.h"

enum { BYTES_SHOWN = 32 };

static void print_rest(struct nsc_buffer *p, uint32_t shown, uint32_t length)
{
	if (shown == length)
		return;
	nsc_buffer_text(p, "... (");
	nsc_buffer_u64(p, length);
	nsc_buffer_text(p, " bytes)");
}

static void print_raw(struct nsc_buffer *p, const uint8_t *bytes, uint32_t length)
{
	uint32_t shown = NSC_MIN(length, BYTES_SHOWN);
	char pair[2];

	for (uint32_t i = 0; i < shown; i++) {
		nsc_format_hex(pair, bytes[i]);
		nsc_buffer_bytes(p, pair, 2);
	}
	print_rest(p, shown, length);
}

static void print_wire_text(struct nsc_buffer *p, const uint8_t *bytes, uint32_t length)
{
	uint32_t shown = NSC_MIN(length, NSC_VALUE_BYTES);

	nsc_buffer_escaped(p, NSC_ESCAPE_WIRE, bytes, shown);
	print_rest(p, shown, length);
}

static void print_bits(struct nsc_buffer *p, const struct nsc_field *field)
{
	bool first = true;

	nsc_buffer_char(p, '[');
	for (const struct nsc_value_name *bit = field->type->names; bit->name; bit++) {
		if (!(field->value & bit->value))
			continue;
		if (!first)
			nsc_buffer_text(p, ", ");
		nsc_buffer_text(p, bit->name);
		first = false;
	}
	nsc_buffer_char(p, ']');
}

static void print_ipv4(struct nsc_buffer *p, uint32_t value)
{
	const uint8_t addr[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
				  (uint8_t)value };
	char text[NSC_FORMAT_IP_MAX];

	nsc_buffer_bytes(p, text, (size_t)(nsc_format_ipv4(text, addr) - text));
}

static void print_byte_value(struct nsc_buffer *p, const struct nsc_dissection *tree, const struct nsc_field *field)
{
	uint32_t length;
	const uint8_t *bytes = nsc_field_bytes(tree, field, &length);
	char text[NSC_FORMAT_IP_MAX];

	if (field->type->kind == NSC_VALUE_MAC && length == 6)
		nsc_buffer_bytes(p, text, (size_t)(nsc_format_mac(text, bytes) - text));
	else if (field->type->kind == NSC_VALUE_IPV6 && length == 16)
		nsc_buffer_bytes(p, text, (size_t)(nsc_format_ipv6(text, bytes) - text));
	else if (length == 0 && field->flags & NSC_FIELD_POOLED)
		nsc_buffer_text(p, "<Root>"); /* the one name without labels */
	else if (field->type->kind == NSC_VALUE_TEXT)
		print_wire_text(p, bytes, length);
	else
		print_raw(p, bytes, length);
}

void print_value_short(struct nsc_buffer *p, const struct nsc_dissection *tree, const struct nsc_field *field)
{
	switch (field->type->kind) {
	case NSC_VALUE_LAYER:
	case NSC_VALUE_GROUP:
		break;
	case NSC_VALUE_DEC:
		nsc_buffer_u64(p, field->value);
		break;
	case NSC_VALUE_HEX:
		nsc_buffer_hex(p, field->value, field->type->digits);
		break;
	case NSC_VALUE_BITS:
		print_bits(p, field);
		break;
	case NSC_VALUE_FLAG:
		nsc_buffer_text(p, field->value ? "set" : "not set");
		break;
	case NSC_VALUE_IPV4:
		print_ipv4(p, (uint32_t)field->value);
		break;
	default:
		print_byte_value(p, tree, field);
	}
}

void print_value(struct nsc_buffer *p, const struct nsc_dissection *tree, const struct nsc_field *field)
{
	const char *name = nsc_field_value_name(field);

	if (name) {
		nsc_buffer_text(p, name);
		nsc_buffer_text(p, " (");
		print_value_short(p, tree, field);
		nsc_buffer_char(p, ')');
		return;
	}
	print_value_short(p, tree, field);
	if (field->type->kind == NSC_VALUE_BITS) {
		nsc_buffer_char(p, ' ');
		nsc_buffer_hex(p, field->value, field->type->digits);
	}
}

size_t nsc_dissect_value(const struct nsc_dissection *tree, const struct nsc_field *field, char *out, size_t room)
{
	struct nsc_buffer p = nsc_buffer_on(out, room);

	print_value(&p, tree, field);
	return p.length;
}

/* --- the detail block ------------------------------------------------------------------------- */

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
