/* SPDX-License-Identifier: MIT
 *
 * Growing the tree, and looking things up in it. Every place is checked here, once: what reaches past the bytes that
 * may be read is left out, or cut when it is a range; what does not fit is counted as truncation.
 */
#include "engine/dissect/dissect.h"

static const struct nsc_field_type note = F_TEXT("note", "Note");

static uint16_t tree_append(struct dissect *s, const struct nsc_field_type *type, uint64_t offset, uint64_t length,
			    uint64_t value, uint8_t flags)
{
	struct nsc_dissection *tree = s->tree;
	uint8_t depth = s->parent == NSC_NO_FIELD ? 0 : tree->field[s->parent].depth + 1;

	if (tree->n == NSC_DISSECT_FIELDS || depth > NSC_DISSECT_DEPTH) {
		tree->truncated = true;
		return NSC_NO_FIELD;
	}
	tree->field[tree->n] = (struct nsc_field){
		.type = type,
		.value = value,
		.offset = (uint32_t)NSC_MIN(offset, tree->cap_len),
		.length = (uint32_t)(offset < s->cap_end ? NSC_MIN(length, s->cap_end - offset) : 0),
		.parent = s->parent,
		.depth = depth,
		.flags = flags,
	};
	return tree->n++;
}

uint16_t add_layer(struct dissect *s, const struct protocol *protocol, uint64_t length)
{
	uint16_t layer;

	s->parent = s->root;
	layer = tree_append(s, &protocol->layer, s->off, length, 0, has(s, length) ? 0 : NSC_FIELD_SHORT);
	s->parent = layer;
	return layer;
}

static uint64_t tree_load(const uint8_t *p, uint32_t size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | *p++;
	return value;
}

static bool is_number(const struct nsc_field_type *type)
{
	return type->kind >= NSC_VALUE_DEC && type->kind <= NSC_VALUE_IPV4;
}

uint16_t add_at(struct dissect *s, const struct nsc_field_type *type, uint64_t offset)
{
	uint64_t value = 0;

	if (offset + type->size > s->cap_end)
		return NSC_NO_FIELD;
	if (is_number(type)) {
		value = tree_load(s->data + offset, type->size) >> type->shift;
		value = (type->bits ? value & type->bits : value) * (type->scale ? type->scale : 1);
	}
	return tree_append(s, type, offset, type->size, value, 0);
}

uint16_t add_field(struct dissect *s, const struct nsc_field_type *type)
{
	return add_at(s, type, s->off + type->at);
}

void add_fields(struct dissect *s, const struct nsc_field_type *types, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_field(s, &types[i]);
}

uint16_t add_number(struct dissect *s, const struct nsc_field_type *type, uint64_t offset, uint64_t length,
		    uint64_t value)
{
	return tree_append(s, type, offset, length, value, NSC_FIELD_MADE);
}

uint16_t add_range(struct dissect *s, const struct nsc_field_type *type, uint64_t offset, uint64_t length)
{
	if (length != 0 && offset >= s->cap_end)
		return NSC_NO_FIELD;
	return tree_append(s, type, offset, length, 0, offset + length > s->cap_end ? NSC_FIELD_SHORT : 0);
}

uint16_t add_pooled(struct dissect *s, const struct nsc_field_type *type, uint64_t offset, uint64_t length,
		    const void *text, size_t text_length)
{
	struct nsc_dissection *tree = s->tree;
	uint64_t value = (uint64_t)tree->text_len << 32 | text_length;
	uint16_t field;

	if (text_length > NSC_DISSECT_TEXT - tree->text_len) {
		tree->truncated = true;
		return NSC_NO_FIELD;
	}
	field = tree_append(s, type, offset, length, value, NSC_FIELD_POOLED);
	if (field == NSC_NO_FIELD)
		return field;
	memcpy(tree->text + tree->text_len, text, text_length);
	tree->text_len += (uint32_t)text_length;
	return field;
}

uint16_t enter_group(struct dissect *s, const struct nsc_field_type *type, uint64_t offset, uint64_t length)
{
	uint16_t group = tree_append(s, type, offset, length, 0, 0);

	if (group != NSC_NO_FIELD)
		s->parent = group;
	return group;
}

void leave_group(struct dissect *s, uint16_t group)
{
	if (group != NSC_NO_FIELD)
		s->parent = s->tree->field[group].parent;
}

void set_end(struct dissect *s, uint16_t field, uint64_t end)
{
	struct nsc_field *f;

	if (field == NSC_NO_FIELD)
		return;
	f = &s->tree->field[field];
	end = NSC_MIN(end, s->cap_end);
	f->length = end > f->offset ? (uint32_t)(end - f->offset) : 0;
}

void add_note(struct dissect *s, const char *text)
{
	tree_append(s, &note, s->off, 0, (uint64_t)(uintptr_t)text, NSC_FIELD_STATIC | NSC_FIELD_MADE);
}

/* --- looking up ------------------------------------------------------------------------------- */

uint16_t nsc_dissection_find(const struct nsc_dissection *tree, const char *name, uint16_t from)
{
	for (uint16_t i = from; i < tree->n; i++)
		if (strcmp(tree->field[i].type->name, name) == 0)
			return i;
	return NSC_NO_FIELD;
}

const uint8_t *nsc_field_bytes(const struct nsc_dissection *tree, const struct nsc_field *field, uint32_t *length)
{
	if (field->flags & NSC_FIELD_STATIC) {
		const char *text = (const char *)(uintptr_t)field->value;

		*length = (uint32_t)strlen(text);
		return (const uint8_t *)text;
	}
	if (field->flags & NSC_FIELD_POOLED) {
		*length = (uint32_t)field->value;
		return tree->text + (field->value >> 32);
	}
	*length = field->length;
	return tree->data + field->offset;
}

const char *nsc_field_value_name(const struct nsc_field *field)
{
	const struct nsc_value_name *name = field->type->names;

	if (!name || field->type->kind == NSC_VALUE_BITS)
		return NULL;
	while (name->name && name->value != field->value)
		name++;
	return name->name;
}

const struct nsc_field *child(const struct nsc_dissection *tree, uint16_t layer, const struct nsc_field_type *type)
{
	uint8_t depth = tree->field[layer].depth;

	for (uint16_t i = layer + 1; i < tree->n && tree->field[i].depth > depth; i++)
		if (tree->field[i].type == type)
			return &tree->field[i];
	return NULL;
}

uint64_t child_value(const struct nsc_dissection *tree, uint16_t layer, const struct nsc_field_type *type,
		     uint64_t otherwise)
{
	const struct nsc_field *field = child(tree, layer, type);

	return field ? field->value : otherwise;
}
