/* SPDX-License-Identifier: MIT
 *
 * IPv4, and IPv6 with its extension headers.
 */
#include "engine/decode/walk.h"

enum {
	IPV4_HEADER = 20,
	IPV4_MORE = 0x2000,
	IPV4_OFFSET = 0x1fff,
	IPV6_MORE = 0x0001,
};

/* From here on this header keys the packet, and what an outer one said is void. */
static bool walk_enter_network(struct walk *w, uint8_t version)
{
	struct nsc_packet *pkt = w->pkt;

	w->network = true;
	w->fragment = false;
	w->extensions = 0;
	pkt->ip_version = version;
	pkt->ip_proto = 0;
	walk_clear_transport(pkt);
	pkt->l3_off = (uint16_t)NSC_MIN(w->off, UINT16_MAX);
	return w->off <= WALK_OFFSET_MAX;
}

enum walk_step walk_ip(struct walk *w)
{
	if (!walk_has(w, 1))
		return walk_stop(w, NSC_FATE_TRUNCATED_L3);
	switch (*walk_at(w) >> 4) {
	case 4:
		return WALK_IPV4;
	case 6:
		return WALK_IPV6;
	default:
		walk_enter_network(w, 0);
		return walk_stop(w, NSC_FATE_BAD_IPV4_HEADER);
	}
}

/* A header of a fragment whose payload begins `header` bytes behind the cursor. */
static void walk_note_fragment(struct walk *w, uint32_t header, uint32_t id, uint32_t offset, bool more)
{
	uint64_t payload = w->off + header;

	w->fragment = true;
	w->part = (struct nsc_fragment){
		.id = id,
		.offset = offset,
		.len = (uint32_t)(w->wire_end - NSC_MIN(payload, w->wire_end)),
		.last = !more,
	};
}

enum walk_step walk_ipv4(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint32_t header, total;
	uint16_t fragment;

	if (!walk_enter_network(w, 4) || !walk_has(w, IPV4_HEADER))
		return walk_stop(w, NSC_FATE_TRUNCATED_L3);
	header = (p[0] & 15u) * 4;
	total = nsc_load16(p + 2);
	w->pkt->ip_proto = p[9];
	if (p[0] >> 4 == 6 && w->options->decap)
		return WALK_IPV6;
	if (p[0] >> 4 != 4 || header < IPV4_HEADER || (total != 0 && total < header))
		return walk_stop(w, NSC_FATE_BAD_IPV4_HEADER);
	if (total != 0) /* 0: segmented by the network card, longer than the field can say */
		walk_limit(w, w->off + total);
	fragment = nsc_load16(p + 6);
	if (fragment & (IPV4_MORE | IPV4_OFFSET))
		walk_note_fragment(w, header, nsc_load16(p + 4), (fragment & IPV4_OFFSET) * 8u, fragment & IPV4_MORE);
	if (fragment & IPV4_OFFSET)
		return walk_stop(w, NSC_FATE_FRAGMENT);
	if (!walk_has(w, header))
		return walk_stop(w, NSC_FATE_TRUNCATED_L3);
	w->off += header;
	w->type = p[9];
	return WALK_IP_PAYLOAD;
}

/* One byte of padding has no length of its own. */
uint64_t nsc_decode_option_end(const uint8_t *data, uint64_t at, uint64_t end)
{
	if (data[at] == OPTION_PAD1)
		return at + 1;
	return at + 2 <= end ? at + 2 + data[at + 1] : UINT64_MAX;
}

/* The length of a jumbogram, or 0: it takes an option that says more than the 16-bit field could. */
static uint32_t walk_jumbo_length(struct walk *w)
{
	uint64_t at = w->off + 2, end;
	uint32_t length;

	if (!walk_has(w, 8))
		return 0;
	end = NSC_MIN(w->off + nsc_ipv6_extension_bytes(PROTO_HOP_BY_HOP, walk_at(w)[1]), w->cap_end - 5);
	for (; at < end && walk_may_visit(w); at = nsc_decode_option_end(w->data, at, w->cap_end)) {
		if (w->data[at] != OPTION_JUMBO || w->data[at + 1] != 4)
			continue;
		length = nsc_load32(w->data + at + 2);
		return length > UINT16_MAX ? length : 0;
	}
	return 0;
}

/* Options may overrun their header unnoticed, but not the packet. A routing header must have room for the address
 * that its type stands for. */
static bool walk_extension_is_possible(struct walk *w, uint8_t kind, uint32_t length)
{
	const uint8_t *p = walk_at(w);
	uint64_t at = w->off + 2;

	if (kind == PROTO_ROUTING)
		return length > 8 || (p[2] != ROUTING_MOBILE && p[2] != ROUTING_SEGMENTS);
	if (kind != PROTO_HOP_BY_HOP && kind != PROTO_DESTINATION)
		return true;
	while (at < w->off + length && walk_may_visit(w))
		at = nsc_decode_option_end(w->data, at, w->cap_end);
	return at <= w->cap_end;
}

/* Moves the cursor over one extension header; false when the packet ends there, with its fate set. */
static bool walk_skip_extension(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint8_t kind = w->pkt->ip_proto;
	uint32_t length;

	if (w->extensions++ == NSC_IPV6_EXTENSIONS_MAX || !walk_may_visit(w)) {
		walk_stop(w, NSC_FATE_EXTENSION_LIMIT);
		return false;
	}
	if (!walk_has(w, 8) || !walk_has(w, length = nsc_ipv6_extension_bytes(kind, p[1]))) {
		walk_stop(w, NSC_FATE_TRUNCATED_L3);
		return false;
	}
	if (!walk_extension_is_possible(w, kind, length)) {
		walk_stop(w, NSC_FATE_BAD_IPV6_HEADER);
		return false;
	}
	if (w->visits > WALK_VISITS_MAX) {
		walk_stop(w, NSC_FATE_EXTENSION_LIMIT);
		return false;
	}
	if (kind == PROTO_FRAGMENT && nsc_load16(p + 2) & (NSC_IPV6_FRAGMENT_LATER | IPV6_MORE))
		walk_note_fragment(w, length, nsc_load32(p + 4), nsc_load16(p + 2) & NSC_IPV6_FRAGMENT_LATER,
				   nsc_load16(p + 2) & IPV6_MORE);
	if (kind == PROTO_FRAGMENT && nsc_load16(p + 2) & NSC_IPV6_FRAGMENT_LATER) {
		w->pkt->ip_proto = p[0];
		walk_stop(w, NSC_FATE_FRAGMENT);
		return false;
	}
	w->off += length;
	w->pkt->ip_proto = p[0];
	return true;
}

enum walk_step walk_ipv6(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint32_t payload;

	if (walk_has(w, 1) && p[0] >> 4 != 6) /* whatever it is, it is not IP */
		return walk_stop_link(w, NSC_FATE_BAD_IPV6_HEADER);
	if (!walk_enter_network(w, 6) || !walk_has(w, NSC_IPV6_HEADER))
		return walk_stop(w, NSC_FATE_TRUNCATED_L3);
	w->pkt->ip_proto = p[6];
	payload = nsc_load16(p + 4);
	w->off += NSC_IPV6_HEADER;
	if (payload == 0 && p[6] == PROTO_HOP_BY_HOP)
		payload = walk_jumbo_length(w);
	if (payload != 0 || !walk_is_beyond_16_bits(w))
		walk_limit(w, w->off + payload);
	while (nsc_ipv6_is_extension(w->pkt->ip_proto))
		if (!walk_skip_extension(w))
			return WALK_STOP;
	if (w->pkt->ip_proto == PROTO_NONE)
		return walk_stop(w, NSC_FATE_NO_NEXT_HEADER);
	w->type = w->pkt->ip_proto;
	return WALK_IP_PAYLOAD;
}
