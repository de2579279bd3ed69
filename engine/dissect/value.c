/* SPDX-License-Identifier: MIT
 *
 * The value of a field as text.
 */
#include "engine/dissect/value.h"

enum { BYTES_SHOWN = 32 };

static void print_rest(struct print *p, uint32_t shown, uint32_t length)
{
	if (shown == length)
		return;
	print_text(p, "... (");
	print_u64(p, length);
	print_text(p, " bytes)");
}

static void print_raw(struct print *p, const uint8_t *bytes, uint32_t length)
{
	uint32_t shown = NSC_MIN(length, BYTES_SHOWN);
	char pair[2];

	for (uint32_t i = 0; i < shown; i++) {
		write_hex(pair, bytes[i]);
		print_bytes(p, pair, 2);
	}
	print_rest(p, shown, length);
}

static void print_wire_text(struct print *p, const uint8_t *bytes, uint32_t length)
{
	uint32_t shown = NSC_MIN(length, NSC_VALUE_BYTES);

	print_escaped(p, bytes, shown);
	print_rest(p, shown, length);
}

static void print_bits(struct print *p, const struct nsc_field *field)
{
	bool first = true;

	print_char(p, '[');
	for (const struct nsc_value_name *bit = field->type->names; bit->name; bit++) {
		if (!(field->value & bit->value))
			continue;
		if (!first)
			print_text(p, ", ");
		print_text(p, bit->name);
		first = false;
	}
	print_char(p, ']');
}

static void print_ipv4(struct print *p, uint32_t value)
{
	const uint8_t addr[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
				  (uint8_t)value };
	char text[PRINT_IPV4_MAX];

	print_bytes(p, text, (size_t)(write_ipv4(text, addr) - text));
}

static void print_byte_value(struct print *p, const struct nsc_dissection *tree, const struct nsc_field *field)
{
	uint32_t length;
	const uint8_t *bytes = nsc_field_bytes(tree, field, &length);
	char text[PRINT_IPV6_MAX];

	if (field->type->kind == NSC_VALUE_MAC && length == 6)
		print_bytes(p, text, (size_t)(write_mac(text, bytes) - text));
	else if (field->type->kind == NSC_VALUE_IPV6 && length == 16)
		print_bytes(p, text, (size_t)(write_ipv6(text, bytes) - text));
	else if (length == 0 && field->flags & NSC_FIELD_POOLED)
		print_text(p, "<Root>"); /* the one name without labels */
	else if (field->type->kind == NSC_VALUE_TEXT)
		print_wire_text(p, bytes, length);
	else
		print_raw(p, bytes, length);
}

void print_value_short(struct print *p, const struct nsc_dissection *tree, const struct nsc_field *field)
{
	switch (field->type->kind) {
	case NSC_VALUE_LAYER:
	case NSC_VALUE_GROUP:
		break;
	case NSC_VALUE_DEC:
		print_u64(p, field->value);
		break;
	case NSC_VALUE_HEX:
		print_hex(p, field->value, field->type->digits);
		break;
	case NSC_VALUE_BITS:
		print_bits(p, field);
		break;
	case NSC_VALUE_FLAG:
		print_text(p, field->value ? "set" : "not set");
		break;
	case NSC_VALUE_IPV4:
		print_ipv4(p, (uint32_t)field->value);
		break;
	default:
		print_byte_value(p, tree, field);
	}
}

void print_value(struct print *p, const struct nsc_dissection *tree, const struct nsc_field *field)
{
	const char *name = nsc_field_value_name(field);

	if (name) {
		print_text(p, name);
		print_text(p, " (");
		print_value_short(p, tree, field);
		print_char(p, ')');
		return;
	}
	print_value_short(p, tree, field);
	if (field->type->kind == NSC_VALUE_BITS) {
		print_char(p, ' ');
		print_hex(p, field->value, field->type->digits);
	}
}

size_t nsc_dissect_value(const struct nsc_dissection *tree, const struct nsc_field *field, char *out, size_t room)
{
	struct print p = { .at = out, .end = out + room };

	print_value(&p, tree, field);
	return (size_t)(p.at - out);
}
