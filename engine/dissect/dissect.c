/* SPDX-License-Identifier: MIT
 *
 * The loop of the dissector and the table of protocols. Every step moves the cursor forward or stops, and layers are
 * counted, so the walk ends; a packet quoted in ICMP is walked by a loop of its own, a few deep at most.
 */
#include "engine/dissect/dissect.h"

static const struct protocol *const protocols[STEP_COUNT] = {
#define NSC_X(id, name) [STEP_##id] = &protocol_##name,
	DISSECT_STEPS(NSC_X)
#undef NSC_X
};

static enum step dissect_hop(struct dissect *s, const struct protocol *protocol)
{
	struct nsc_hop hop = protocol->hop(here(s), s->cap_end - s->off, s->type);

	if (hop.length > 0) {
		add_layer(s, protocol, hop.length);
		for (unsigned i = 0; i < protocol->n_fields; i++)
			if (protocol->fields[i].at + (uint32_t)protocol->fields[i].size <= hop.length)
				add_field(s, &protocol->fields[i]);
	}
	return step_of_hop(s, &hop);
}

static enum step run_step(struct dissect *s, const struct protocol *protocol)
{
	if (protocol->dissect)
		return protocol->dissect(s);
	if (protocol->hop)
		return dissect_hop(s, protocol);
	return add_header(s, protocol) ? skip_bytes(s, protocol->length, protocol->next) : STEP_STOP;
}

static void dissect_run(struct dissect *s, enum step step)
{
	while (step != STEP_STOP) {
		if (s->layers++ == DISSECT_LAYERS_MAX) {
			add_note(s, "too many layers: the rest is not dissected");
			return;
		}
		if (s->off >= s->cap_end) {
			if (step != STEP_DATA)
				stop_cut(s);
			return;
		}
		step = run_step(s, protocols[step]);
	}
}

enum step step_in(const struct step_of *table, uint32_t number)
{
	while (table->step != STEP_DATA && table->number != number)
		table++;
	return table->step;
}

enum step enter_tunnel(struct dissect *s, enum step step)
{
	if (s->tunnels++ < DISSECT_TUNNELS_MAX)
		return step;
	return stop_note(s, "more than 8 tunnels: the rest is not dissected");
}

enum step stop_note(struct dissect *s, const char *text)
{
	add_note(s, text);
	return STEP_STOP;
}

enum step stop_cut(struct dissect *s)
{
	return stop_note(s, s->cap_end < s->wire_end ? "the capture ends here" : "the packet ends here");
}

bool add_header(struct dissect *s, const struct protocol *protocol)
{
	add_layer(s, protocol, protocol->length);
	add_fields(s, protocol->fields, protocol->n_fields);
	if (!has(s, protocol->length))
		stop_cut(s);
	return has(s, protocol->length);
}

enum step skip_bytes(struct dissect *s, uint64_t n, enum step next)
{
	if (!has(s, n))
		return stop_cut(s);
	s->off += n;
	return next;
}

void set_payload(struct dissect *s)
{
	if (s->quotes || s->off > s->wire_end)
		return;
	s->tree->payload_off = (uint32_t)NSC_MIN(s->off, s->tree->cap_len);
	s->tree->payload_len = (uint32_t)NSC_MIN(s->wire_end - s->off, UINT32_MAX);
}

void dissect_quoted(struct dissect *s, uint16_t root, enum step step)
{
	struct dissect inner = *s;

	if (root == NSC_NO_FIELD || s->quotes == DISSECT_QUOTES_MAX)
		return;
	inner.quotes++;
	inner.root = inner.parent = root;
	inner.tags = inner.extensions = 0;
	dissect_run(&inner, step);
	s->layers = inner.layers;
}

static enum step step_of_link(struct dissect *s, uint8_t link)
{
	s->type = link;
	/* NOLINTBEGIN(bugprone-branch-clone): several rows of the table begin with one header */
	switch (link) {
#define NSC_BARE(id, name, entry, numbers)                                                                             \
	case NSC_LINK_##id:                                                                                            \
		return STEP_##entry;
#define NSC_OWN(id, name, entry, numbers)                                                                              \
	case NSC_LINK_##id:                                                                                            \
		return protocol_##entry.dissect(s);
		NSC_LINKS(NSC_LINK_SKIP, NSC_BARE, NSC_OWN, NSC_LINK_SKIP)
#undef NSC_OWN
#undef NSC_BARE
	default:
		return STEP_DATA;
	}
	/* NOLINTEND(bugprone-branch-clone) */
}

enum step step_of_hop(struct dissect *s, const struct nsc_hop *hop)
{
	static const uint8_t steps[NSC_HOP_NEXTS] = { [NSC_HOP_END] = STEP_DATA,
#define NSC_X(id, name) [NSC_HOP_##id] = STEP_##id,
						      NSC_HOP_TARGETS(NSC_X)
#undef NSC_X
	};

	if (hop->next == NSC_HOP_CUT)
		return stop_cut(s);
	if (hop->next == NSC_HOP_END && hop->fate == NSC_FATE_ENCRYPTED)
		add_note(s, "encrypted");
	s->off += hop->length;
	s->type = hop->type;
	limit(s, s->off + hop->payload);
	if (hop->next == NSC_HOP_ETHERTYPE)
		return step_of_ethertype(s, hop->type);
	return hop->next == NSC_HOP_LINK ? step_of_link(s, nsc_link_of(hop->type)) : (enum step)steps[hop->next];
}

void nsc_dissect(struct nsc_dissection *tree, const struct nsc_packet *pkt)
{
	struct dissect s = {
		.tree = tree,
		.data = pkt->data,
		.wire_end = NSC_MAX(pkt->wire_len, pkt->cap_len), /* what was captured was on the wire */
		.cap_end = pkt->cap_len,
		.parent = NSC_NO_FIELD,
		.root = NSC_NO_FIELD,
	};

	tree->data = pkt->data;
	tree->cap_len = pkt->cap_len;
	tree->wire_len = pkt->wire_len;
	tree->link = pkt->link;
	tree->payload_off = tree->payload_len = tree->text_len = 0;
	tree->n = 0;
	tree->truncated = false;
	dissect_run(&s, pkt->cap_len ? step_of_link(&s, pkt->link) : STEP_STOP);
}

/* --- what nobody knows ------------------------------------------------------------------------ */

static const struct nsc_field_type data_fields[] = {
	FIELD("data.len", "Length", DEC),
	F_BYTES("data.data", "Data"),
};

static enum step dissect_data(struct dissect *s)
{
	uint64_t length = s->wire_end - s->off;

	add_layer(s, &protocol_data, length);
	add_number(s, &data_fields[0], s->off, length, length);
	add_range(s, &data_fields[1], s->off, length);
	return STEP_STOP;
}

const struct protocol protocol_data = { LAYER("data", "Data"), .dissect = dissect_data };
