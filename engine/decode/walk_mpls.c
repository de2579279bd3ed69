/* SPDX-License-Identifier: MIT
 *
 * MPLS: a stack of labels, and the guess at what follows it, for no header says.
 */
#include "engine/decode/walk.h"

bool nsc_decode_is_pseudo_wire_type(uint16_t type)
{
	switch (type) {
	case ETHERTYPE_IPV4:
	case ETHERTYPE_IPV6:
	case ETHERTYPE_ARP:
	case ETHERTYPE_VLAN:
	case ETHERTYPE_QINQ:
	case ETHERTYPE_MPLS:
	case ETHERTYPE_PPPOE_SESSION:
		return true;
	default:
		return false;
	}
}

/* A pseudo-wire does not say that it carries Ethernet, nor whether four bytes of control word come first. Only an
 * EtherType in the right place can tell. */
static enum walk_step walk_pseudo_wire(struct walk *w)
{
	if (*walk_at(w) >> 4 == 0 && walk_has(w, 18) && nsc_decode_is_pseudo_wire_type(nsc_load16(walk_at(w) + 16))) {
		w->off += 4;
		return WALK_ETHERNET;
	}
	if (walk_has(w, 14) && nsc_decode_is_pseudo_wire_type(nsc_load16(walk_at(w) + 12)))
		return WALK_ETHERNET;
	return walk_stop_link(w, NSC_FATE_MPLS_PAYLOAD);
}

static enum walk_step walk_associated_channel(struct walk *w)
{
	uint16_t type;

	if (!walk_has(w, 4))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	type = nsc_load16(walk_at(w) + 2);
	w->off += 4;
	switch (type) {
	case PW_ACH_IPV4:
		return WALK_IPV4;
	case PW_ACH_IPV6:
		return WALK_IPV6;
	default:
		return walk_stop_link(w, NSC_FATE_MPLS_PAYLOAD);
	}
}

/* Behind the label stack only the first nibble tells what follows, but for two labels that are never a path. */
static enum walk_step walk_mpls_payload(struct walk *w, uint32_t label)
{
	if (!walk_has(w, 1))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	if (label == MPLS_LABEL_CHANNEL)
		return walk_associated_channel(w);
	if (label == MPLS_LABEL_OAM)
		return walk_stop_link(w, NSC_FATE_MPLS_PAYLOAD);
	switch (*walk_at(w) >> 4) {
	case 4:
		return WALK_IPV4;
	case 6:
		return WALK_IPV6;
	case 1:
		return walk_associated_channel(w);
	case 0:
		return walk_pseudo_wire(w);
	default:
		return walk_stop_link(w, NSC_FATE_MPLS_PAYLOAD);
	}
}

enum walk_step walk_mpls(struct walk *w)
{
	uint32_t entry;

	for (w->labels = 0; w->labels < WALK_LABELS_MAX; w->labels++) {
		if (!walk_may_visit(w))
			return walk_stop_limit(w);
		if (!walk_has(w, 4))
			return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
		entry = nsc_load32(walk_at(w));
		w->off += 4;
		if (entry & 0x100) /* bottom of the stack */
			return walk_mpls_payload(w, entry >> 12);
	}
	return walk_stop_link(w, NSC_FATE_TAG_LIMIT);
}
