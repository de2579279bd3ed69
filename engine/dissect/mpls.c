/* SPDX-License-Identifier: MIT
 *
 * MPLS label stacks, and what can be guessed behind them: nothing there says what it is.
 */
#include "engine/dissect/dissect.h"

static const struct nsc_field_type mpls[] = {
	F_DEC_BITS("mpls.label", "Label", 0, 4, 12, 0xfffff),
	F_DEC_BITS("mpls.exp", "Traffic class", 0, 4, 9, 7),
	F_FLAG("mpls.bottom", "Bottom of stack", 0, 4, 8),
	F_DEC("mpls.ttl", "Time to live", 3, 1),
};

static enum step step_of_pseudo_wire(const struct dissect *s)
{
	if (*here(s) >> 4 == 0 && has(s, 18) && nsc_decode_is_pseudo_wire_type(nsc_load16(here(s) + 16)))
		return STEP_CONTROL_WORD;
	if (has(s, 14) && nsc_decode_is_pseudo_wire_type(nsc_load16(here(s) + 12)))
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
		if (!add_header(s, &protocol_mpls))
			return STEP_STOP;
		entry = nsc_load32(here(s));
		s->off += 4;
		if (entry & 0x100) /* bottom of the stack */
			return step_behind_labels(s, entry >> 12);
	}
	return stop_note(s, "more than 16 labels: the rest is not dissected");
}

const struct protocol protocol_mpls = { LAYER("mpls", "MPLS"), HEADER(mpls, 4), .dissect = dissect_mpls,
					LINE("MPLS:%v", &mpls[0]) };

static const struct nsc_field_type channel[] = { F_HEX("pwach.channel_type", "Channel type", 2, 2) };
static const struct step_of channels[] = { { PW_ACH_IPV4, STEP_IPV4 }, { PW_ACH_IPV6, STEP_IPV6 }, { 0, STEP_DATA } };

static enum step dissect_channel(struct dissect *s)
{
	const uint8_t *p = here(s);

	if (!add_header(s, &protocol_channel))
		return STEP_STOP;
	s->off += 4;
	return step_in(channels, nsc_load16(p + 2));
}

const struct protocol protocol_channel = { LAYER("pwach", "Associated channel"), HEADER(channel, 4),
					   .dissect = dissect_channel };

static const struct nsc_field_type control_word[] = { F_DEC("pweth.cw.sequence_number", "Sequence number", 2, 2) };
const struct protocol protocol_control_word = { LAYER("pwethcw", "Pseudo-wire control word"), HEADER(control_word, 4),
						.next = STEP_ETHERNET };
