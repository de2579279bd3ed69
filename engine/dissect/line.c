/* SPDX-License-Identifier: MIT
 *
 * The packet line as a view of the tree: each layer at the top says its part.
 */
#include "engine/dissect/dissect.h"
#include "engine/text/time.h"

static const struct protocol *line_protocol_of(const struct nsc_field *layer)
{
	/* the type of a layer is the first member of its protocol */
	return (const struct protocol *)(const void *)layer->type;
}

/* False when there is nothing to write. */
static bool line_field(struct line *l, const struct nsc_field *field, char how)
{
	const char *name = field && how != 'v' ? nsc_field_value_name(field) : NULL;

	if (name)
		nsc_buffer_text(&l->out, name);
	else if (field && how != 'N')
		print_value_short(&l->out, l->tree, field);
	else
		return false;
	return true;
}

void line_print(struct line *l, uint16_t layer, const char *format, const struct nsc_field_type *const *types)
{
	struct nsc_buffer before = l->out;
	bool first = false, missing = false; /* of a part in brackets */
	size_t n;

	for (; *format; format += n) {
		n = 1;
		if (*format == '[') {
			before = l->out;
			first = true;
		} else if (*format == ']') {
			l->out = missing ? before : l->out;
			first = missing = false;
		} else if (*format == '%') {
			bool there = line_field(l, child(l->tree, layer, *types++), format[1]);

			missing |= first && !there;
			if (!first && !there)
				nsc_buffer_char(&l->out, '?');
			first = false;
			n = 2;
		} else {
			n = strcspn(format, "%[]");
			nsc_buffer_bytes(&l->out, format, n);
		}
	}
}

static void line_remark(struct line *l, const struct nsc_field *remark)
{
	nsc_buffer_text(&l->out, " (");
	print_value_short(&l->out, l->tree, remark);
	nsc_buffer_char(&l->out, ')');
}

/* Remarks stand right below their layer. */
static void line_notes(struct line *l, uint16_t layer)
{
	const struct nsc_dissection *tree = l->tree;

	for (uint16_t i = layer + 1; i < tree->n && tree->field[i].depth > 0; i++)
		if (tree->field[i].parent == layer && tree->field[i].flags & NSC_FIELD_STATIC)
			line_remark(l, &tree->field[i]);
}

/* What nobody dissects is named by the EtherType in front of it. */
static void line_unknown(struct line *l, uint16_t before)
{
	const struct nsc_dissection *tree = l->tree;

	for (uint16_t i = before + 1; before != NSC_NO_FIELD && i < tree->n && tree->field[i].depth > 0; i++) {
		const struct nsc_field *field = &tree->field[i];

		if (field->type->names != names_ethertype)
			continue;
		nsc_buffer_text(&l->out, nsc_field_value_name(field) ? " | " : " | type ");
		line_field(l, field, 'n');
		return;
	}
}

static void line_separator(struct line *l, const struct protocol *protocol, bool first)
{
	if (first)
		return;
	nsc_buffer_text(&l->out, protocol == &protocol_vlan || protocol == &protocol_service_tag ? " " : " | ");
}

static void line_layers(struct line *l)
{
	const struct nsc_dissection *tree = l->tree;
	uint16_t before = NSC_NO_FIELD;
	bool first = true;

	for (uint16_t i = 0; i < tree->n; i++) {
		const struct protocol *protocol = line_protocol_of(&tree->field[i]);

		if (tree->field[i].depth > 0)
			continue;
		if (tree->field[i].type->kind != NSC_VALUE_LAYER) { /* a remark about a packet without any layer */
			line_remark(l, &tree->field[i]);
			continue;
		}
		if (protocol == &protocol_data) {
			line_unknown(l, before);
		} else if (protocol->line || protocol->text) {
			line_separator(l, protocol, first);
			if (protocol->line)
				protocol->line(l, i);
			else
				line_print(l, i, protocol->text, protocol->shown);
			first = false;
		}
		line_notes(l, i);
		before = i;
	}
}

static bool line_begins_with_ip(enum step step)
{
	return step == STEP_IP || step == STEP_IPV4 || step == STEP_IPV6;
}

/* What a line says of a link that adds no layer. */
static const char *bare_link(uint8_t link)
{
	/* NOLINTBEGIN(bugprone-branch-clone): several rows of the table begin with one header */
	switch (link) {
#define NSC_X(id, name, entry, numbers)                                                                                \
	case NSC_LINK_##id:                                                                                            \
		return line_begins_with_ip(STEP_##entry) ? "Raw | " : "";
		NSC_LINKS(NSC_LINK_SKIP, NSC_X, NSC_LINK_SKIP, NSC_LINK_SKIP)
#undef NSC_X
	case NSC_LINK_UNSUPPORTED:
		return "Unsupported link";
	default:
		return "";
	}
	/* NOLINTEND(bugprone-branch-clone) */
}

size_t nsc_dissect_line_of(const struct nsc_dissection *tree, uint64_t ts_ns, uint64_t number, char *out, size_t room)
{
	struct line l = { .out = nsc_buffer_on(out, NSC_MIN(room, (size_t)NSC_LINE_MAX)), .tree = tree };
	char time[NSC_FORMAT_TIME_MAX];

	nsc_buffer_char(&l.out, '#');
	nsc_buffer_u64(&l.out, number);
	nsc_buffer_char(&l.out, ' ');
	nsc_buffer_bytes(&l.out, time, (size_t)(nsc_format_time_of_day(time, ts_ns) - time));
	nsc_buffer_char(&l.out, ' ');
	nsc_buffer_text(&l.out, bare_link(tree->link));
	if (tree->cap_len == 0)
		nsc_buffer_text(&l.out, "no bytes captured");
	line_layers(&l);
	if (tree->payload_len > 0) {
		nsc_buffer_text(&l.out, " | payload: ");
		nsc_buffer_u64(&l.out, tree->payload_len);
		nsc_buffer_text(&l.out, " bytes");
	}
	return l.out.length;
}
