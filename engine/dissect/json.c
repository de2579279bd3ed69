/* SPDX-License-Identifier: MIT
 *
 * The tree as JSON. A field is written as a whole or not at all, and what is open can always be closed: the text is
 * valid however small the room is.
 */
#include "engine/text/json.h"
#include "engine/dissect/dissect.h"

enum {
	ROOM_MIN = 64,
	TAIL = 32, /* "]" and the flag at the end */
	CLOSE = 2, /* what each open field still needs: "]}" */
};

struct tree_json {
	struct nsc_json json;
	size_t room;
	unsigned open; /* fields whose list of fields is open */
};

static void tree_json_text(struct nsc_json *json, const char *key, const struct nsc_dissection *tree,
			   const struct nsc_field *field)
{
	char text[NSC_VALUE_MAX];
	struct nsc_buffer value = nsc_buffer_on(text, sizeof(text));

	print_value(&value, tree, field);
	nsc_json_key(json, key);
	nsc_json_text_n(json, text, value.length);
}

static void tree_json_value(struct nsc_json *json, const struct nsc_dissection *tree, const struct nsc_field *field)
{
	switch (field->type->kind) {
	case NSC_VALUE_DEC:
	case NSC_VALUE_HEX:
	case NSC_VALUE_BITS:
		nsc_json_key(json, "value");
		nsc_json_number(json, field->value);
		if (field->type->kind != NSC_VALUE_DEC || nsc_field_value_name(field))
			tree_json_text(json, "text", tree, field);
		break;
	case NSC_VALUE_FLAG:
		nsc_json_add_bool(json, "value", field->value);
		break;
	default:
		tree_json_text(json, "value", tree, field);
	}
}

static bool has_children(const struct nsc_dissection *tree, uint16_t i)
{
	return i + 1 < tree->n && tree->field[i + 1].depth > tree->field[i].depth;
}

/* One field, up to the open list of its fields. */
static void tree_json_field(struct nsc_json *json, const struct nsc_dissection *tree, uint16_t i)
{
	const struct nsc_field *field = &tree->field[i];

	nsc_json_open(json, '{');
	nsc_json_add_text(json, "name", field->type->name);
	nsc_json_add_text(json, "label", field->type->label);
	if (has_value(field))
		tree_json_value(json, tree, field);
	nsc_json_add_u64(json, "offset", field->offset);
	nsc_json_add_u64(json, "length", field->length);
	if (has_children(tree, i)) {
		nsc_json_key(json, "fields");
		nsc_json_open(json, '[');
	} else {
		nsc_json_close(json, '}');
	}
}

static void tree_json_close_to(struct tree_json *j, unsigned depth)
{
	for (; j->open > depth; j->open--) {
		nsc_json_close(&j->json, ']');
		nsc_json_close(&j->json, '}');
	}
}

/* False when there was no room: then nothing of it was written. */
static bool tree_json_try(struct tree_json *j, const struct nsc_dissection *tree, uint16_t i)
{
	struct nsc_json before;

	tree_json_close_to(j, tree->field[i].depth);
	before = j->json;
	if (j->room - TAIL - CLOSE * (j->open + 1) < before.out.length)
		return false;
	j->json.out.room = j->room - TAIL - CLOSE * (j->open + 1);
	tree_json_field(&j->json, tree, i);
	j->json.out.room = j->room;
	if (j->json.out.full) {
		j->json = before;
		return false;
	}
	j->open += has_children(tree, i);
	return true;
}

size_t nsc_dissect_json(const struct nsc_dissection *tree, char *out, size_t room)
{
	struct tree_json j = { .json.out = nsc_buffer_on(out, room), .room = room };
	bool truncated = tree->truncated;

	if (room < ROOM_MIN)
		return 0;
	nsc_json_open(&j.json, '{');
	nsc_json_key(&j.json, "layers");
	nsc_json_open(&j.json, '[');
	for (uint16_t i = 0; i < tree->n; i++)
		if (!tree_json_try(&j, tree, i)) {
			truncated = true;
			break;
		}
	tree_json_close_to(&j, 0);
	nsc_json_close(&j.json, ']');
	nsc_json_add_bool(&j.json, "truncated", truncated);
	nsc_json_close(&j.json, '}');
	return j.json.out.length;
}
