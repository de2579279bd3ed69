/* SPDX-License-Identifier: MIT
 *
 * MPLS label stacks, and what can be guessed behind them: nothing there says what it is.
 */
#include "engine/decode/numbers.h"
#include "engine/dissect/dissect.h"

static const struct nsc_field_type mpls[] = {
	F_DEC_BITS("mpls.label", "Label", 0, 4, 12, 0xfffff),
	F_DEC_BITS("mpls.exp", "Traffic class", 0, 4, 9, 7),
	F_FLAG("mpls.bottom", "Bottom of stack", 0, 4, 8),
	F_DEC("mpls.ttl", "Time to live", 3, 1),
};

/* The EtherTypes by which decode tells a frame in a pseudo-wire. */
static bool is_payload_type(uint16_t type)
{
	switch (type) {
	case 0x0800:
	case 0x86dd:
	case 0x0806:
	case 0x8100:
	case 0x88a8:
	case 0x8847:
	case 0x8864:
		return true;
	default:
		return false;
	}
}

static enum step step_of_pseudo_wire(const struct dissect *s)
{
	if (*here(s) >> 4 == 0 && has(s, 18) && is_payload_type(load16(here(s) + 16)))
		return STEP_CONTROL_WORD;
	if (has(s, 14) && is_payload_type(load16(here(s) + 12)))
		return STEP_ETHERNET;
	return STEP_DATA;
}

/* Behind the label stack only the first nibble tells what follows, but for two labels that are never a path. */
static enum step step_behind_labels(struct dissect *s, uint32_t label)
{
	if (!has(s, 1))
		return stop_cut(s);
	if (label == MPLS_LABEL_CHANNEL)
		return STEP_CHANNEL;
	if (label == MPLS_LABEL_OAM)
		return STEP_DATA;
	switch (*here(s) >> 4) {
	case 4:
		return STEP_IPV4;
	case 6:
		return STEP_IPV6;
	case 1:
		return STEP_CHANNEL;
	case 0:
		return step_of_pseudo_wire(s);
	default:
		return STEP_DATA;
	}
}

/* A layer for each label, as Wireshark has it. */
static enum step dissect_mpls(struct dissect *s)
{
	uint32_t entry;

	for (unsigned i = 0; i < DISSECT_LABELS_MAX; i++) {
		add_layer(s, &protocol_mpls, 4);
		add_fields(s, mpls, NSC_ARRAY_LEN(mpls));
		if (!has(s, 4))
			return stop_cut(s);
		entry = load32(here(s));
		s->off += 4;
		if (entry & 0x100) /* bottom of the stack */
			return step_behind_labels(s, entry >> 12);
	}
	add_note(s, "more than 16 labels: the rest is not dissected");
	return STEP_STOP;
}

const struct protocol protocol_mpls = { LAYER("mpls", "MPLS"), .dissect = dissect_mpls, LINE("MPLS:%v", &mpls[0]) };

static const struct nsc_field_type channel_type = F_HEX("pwach.channel_type", "Channel type", 2, 2);

static enum step dissect_channel(struct dissect *s)
{
	uint16_t type;

	add_layer(s, &protocol_channel, 4);
	add_field(s, &channel_type);
	if (!has(s, 4))
		return stop_cut(s);
	type = load16(here(s) + 2);
	s->off += 4;
	switch (type) {
	case PW_ACH_IPV4:
		return STEP_IPV4;
	case PW_ACH_IPV6:
		return STEP_IPV6;
	default:
		return STEP_DATA;
	}
}

const struct protocol protocol_channel = { LAYER("pwach", "Associated channel"), .dissect = dissect_channel };

static const struct nsc_field_type control_word_sequence = F_DEC("pweth.cw.sequence_number", "Sequence number", 2, 2);

static enum step dissect_control_word(struct dissect *s)
{
	add_layer(s, &protocol_control_word, 4);
	add_field(s, &control_word_sequence);
	return skip_bytes(s, 4, STEP_ETHERNET);
}

const struct protocol protocol_control_word = { LAYER("pwethcw", "Pseudo-wire control word"),
						.dissect = dissect_control_word };
