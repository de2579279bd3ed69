/* SPDX-License-Identifier: MIT
 *
 * The tree as JSON. A field is written as a whole or not at all, and what is open can always be closed: the text is
 * valid however small the room is.
 */
#include "engine/dissect/value.h"

enum {
	ROOM_MIN = 64,
	TAIL = 32, /* "]" and the flag at the end */
	CLOSE = 2, /* what each open field still needs: "]}" */
	ESCAPED_MAX = 6 * NSC_VALUE_MAX,
};

struct json {
	struct print out;
	unsigned open; /* fields whose list of fields is open */
};

static void print_json_string(struct print *p, const char *text, size_t n)
{
	char escaped[ESCAPED_MAX];

	/* What comes here is escaped for a terminal already; quotes and backslashes are what is left to do. */
	print_char(p, '"');
	print_bytes(p, escaped, nsc_escape_json((const uint8_t *)text, n, escaped, sizeof(escaped)));
	print_char(p, '"');
}

/* The escape for terminals is not to be doubled: its backslashes come back as they were. */
static void print_value_string(struct print *p, const char *text, size_t n)
{
	print_char(p, '"');
	for (size_t i = 0; i < n; i++) {
		char escaped[8];

		if (text[i] == '\\')
			print_text(p, "\\\\");
		else
			print_bytes(p, escaped,
				    nsc_escape_json((const uint8_t *)&text[i], 1, escaped, sizeof(escaped)));
	}
	print_char(p, '"');
}

static void print_key(struct print *p, const char *key)
{
	print_text(p, ",\"");
	print_text(p, key);
	print_text(p, "\":");
}

static void print_json_value(struct print *p, const struct nsc_dissection *tree, const struct nsc_field *field)
{
	char text[NSC_VALUE_MAX];
	struct print value = { .at = text, .end = text + sizeof(text) };

	print_key(p, "value");
	switch (field->type->kind) {
	case NSC_VALUE_DEC:
	case NSC_VALUE_HEX:
	case NSC_VALUE_BITS:
		print_u64(p, field->value);
		break;
	case NSC_VALUE_FLAG:
		print_text(p, field->value ? "true" : "false");
		break;
	default:
		print_value(&value, tree, field);
		print_value_string(p, text, (size_t)(value.at - text));
		return;
	}
	if (field->type->kind == NSC_VALUE_FLAG || (field->type->kind == NSC_VALUE_DEC && !nsc_field_value_name(field)))
		return;
	print_value(&value, tree, field);
	print_key(p, "text");
	print_value_string(p, text, (size_t)(value.at - text));
}

static bool has_children(const struct nsc_dissection *tree, uint16_t i)
{
	return i + 1 < tree->n && tree->field[i + 1].depth > tree->field[i].depth;
}

/* One field, up to the open list of its fields. */
static void print_json_field(struct json *j, const struct nsc_dissection *tree, uint16_t i, bool comma)
{
	const struct nsc_field *field = &tree->field[i];
	struct print *p = &j->out;

	print_text(p, comma ? ",{\"name\":" : "{\"name\":");
	print_json_string(p, field->type->name, strlen(field->type->name));
	print_key(p, "label");
	print_json_string(p, field->type->label, strlen(field->type->label));
	if (has_value(field))
		print_json_value(p, tree, field);
	print_key(p, "offset");
	print_u64(p, field->offset);
	print_key(p, "length");
	print_u64(p, field->length);
	if (has_children(tree, i))
		print_text(p, ",\"fields\":[");
	else
		print_char(p, '}');
}

static void close_to(struct json *j, unsigned depth)
{
	for (; j->open > depth; j->open--)
		print_text(&j->out, "]}");
}

/* False when there was no room: then nothing of it was written. */
static bool try_field(struct json *j, const struct nsc_dissection *tree, uint16_t i, char *end)
{
	const struct nsc_field *field = &tree->field[i];
	bool first;
	char *before;

	close_to(j, field->depth);
	before = j->out.at;
	first = before[-1] == '[';

	j->out.end = end - TAIL - CLOSE * (j->open + 1);
	if (before > j->out.end) {
		j->out.end = end;
		return false;
	}
	print_json_field(j, tree, i, !first);
	j->out.end = end;
	if (j->out.full) {
		j->out.at = before;
		j->out.full = false;
		return false;
	}
	j->open += has_children(tree, i);
	return true;
}

size_t nsc_dissect_json(const struct nsc_dissection *tree, char *out, size_t room)
{
	struct json j = { .out = { .at = out, .end = out + room } };
	bool truncated = tree->truncated;

	if (room < ROOM_MIN)
		return 0;
	print_text(&j.out, "{\"layers\":[");
	for (uint16_t i = 0; i < tree->n; i++)
		if (!try_field(&j, tree, i, out + room)) {
			truncated = true;
			break;
		}
	close_to(&j, 0);
	print_text(&j.out, truncated ? "],\"truncated\":true}" : "],\"truncated\":false}");
	return (size_t)(j.out.at - out);
}
