/* SPDX-License-Identifier: MIT
 *
 * Packets to matches: decoded again, as the run decodes, and compared with the ends that are wanted.
 */
#include "netscope/packet_choice.h"
#include "netscope/sample.h"

#include <string.h>

#include "engine/base/assert.h"

enum { IPV4_BYTES = 20, IPV6_BYTES = 40, ARP_BYTES = 28, ARP_SENDER = 14, ARP_TARGET = 24 };

static const uint8_t arp_ipv4[6] = { 0x08, 0x00, 6, 4 }; /* protocol, lengths of both addresses */

struct match_ends { /* of one packet */
	const uint8_t *source, *destination;
	uint32_t bytes; /* of an address; 0: the packet has none */
};

void nsc_packet_matcher_init(struct nsc_packet_matcher *matcher, const struct nsc_packet_choice *choice,
			     const struct nsc_decode_options *decode)
{
	const char *filter = choice->kind == NSC_CHOICE_FILTER ? choice->filter : "";
	int status = nsc_flow_filter_parse(&matcher->filter, filter, strlen(filter), NULL);

	nsc_assert(!status, "a choice has a filter that can be read: it was taken as a word");
	matcher->choice = *choice;
	matcher->decode = *decode;
	matcher->decode.fragments = NULL;
	matcher->decode.duplicates = NULL;
	matcher->decode.mixed = NULL;
	matcher->decode.counters = NULL;
	matcher->decode.notes = &matcher->notes;
	matcher->next = 0;
}

static struct match_ends match_ends_of(const struct nsc_packet *pkt)
{
	const uint8_t *at = pkt->data + pkt->l3_off;
	uint32_t left = pkt->cap_len - NSC_MIN(pkt->cap_len, pkt->l3_off);

	if (pkt->ip_version == 4 && left >= IPV4_BYTES)
		return (struct match_ends){ at + 12, at + 16, 4 };
	if (pkt->ip_version == 6 && left >= IPV6_BYTES)
		return (struct match_ends){ at + 8, at + 24, 16 };
	if (pkt->fate == NSC_FATE_ARP && pkt->l3_off && left >= ARP_BYTES && !memcmp(at + 2, arp_ipv4, 4))
		return (struct match_ends){ at + ARP_SENDER, at + ARP_TARGET, 4 };
	return (struct match_ends){ .bytes = 0 };
}

static bool match_is_end(const uint8_t *address, uint16_t port, const uint8_t *wanted, uint16_t wanted_port,
			 uint32_t bytes)
{
	return port == wanted_port && !memcmp(address, wanted, bytes);
}

static bool match_filter(const struct nsc_flow_filter *filter, const struct nsc_packet *pkt)
{
	static const struct nsc_flow_moment never;
	struct nsc_flow_record ends = { .ip_version = 0 };

	nsc_flow_ends_fill(&ends, pkt);
	return nsc_flow_filter_match(filter, &ends, &never);
}

/* Of a packet with ports. */
static bool match_ports(const struct nsc_packet_matcher *m, const struct nsc_packet *pkt, const struct match_ends *ends)
{
	const struct nsc_packet_choice *c = &m->choice;
	uint32_t n = ends->bytes;

	if (c->kind == NSC_CHOICE_FILTER)
		return match_filter(&m->filter, pkt);
	if (c->proto && c->proto != pkt->ip_proto)
		return false;
	if (c->any_port)
		return (!memcmp(ends->source, c->a, n) && !memcmp(ends->destination, c->b, n)) ||
		       (!memcmp(ends->source, c->b, n) && !memcmp(ends->destination, c->a, n));
	if (c->kind == NSC_CHOICE_END)
		return match_is_end(ends->source, pkt->src_port, c->a, c->a_port, n) ||
		       match_is_end(ends->destination, pkt->dst_port, c->a, c->a_port, n);
	return (match_is_end(ends->source, pkt->src_port, c->a, c->a_port, n) &&
		match_is_end(ends->destination, pkt->dst_port, c->b, c->b_port, n)) ||
	       (match_is_end(ends->source, pkt->src_port, c->b, c->b_port, n) &&
		match_is_end(ends->destination, pkt->dst_port, c->a, c->a_port, n));
}

/* --- fragments -------------------------------------------------------------------------------- */

static const struct nsc_decode_note *match_note_of(const struct nsc_packet_matcher *m, uint32_t at)
{
	for (uint32_t i = 0; i < m->notes.n && i < NSC_DECODE_NOTES_MAX; i++)
		if (m->notes.note[i].at == at)
			return &m->notes.note[i];
	return NULL;
}

static struct nsc_choice_datagram match_datagram_of(const struct match_ends *ends, const struct nsc_packet *pkt,
						    const struct nsc_decode_note *note)
{
	struct nsc_choice_datagram datagram;

	memset(&datagram, 0, sizeof(datagram));
	memcpy(datagram.addresses, ends->source, ends->bytes);
	memcpy(datagram.addresses + 16, ends->destination, ends->bytes);
	datagram.id = note->id;
	datagram.ip_version = pkt->ip_version;
	return datagram;
}

static void match_remember(struct nsc_packet_matcher *m, const struct match_ends *ends, const struct nsc_packet *pkt,
			   const struct nsc_decode_note *note)
{
	m->datagram[m->next++ % NSC_CHOICE_DATAGRAMS] = match_datagram_of(ends, pkt, note);
}

static bool match_is_remembered(const struct nsc_packet_matcher *m, const struct match_ends *ends,
				const struct nsc_packet *pkt, const struct nsc_decode_note *note)
{
	struct nsc_choice_datagram wanted = match_datagram_of(ends, pkt, note);

	for (uint32_t i = 0; i < NSC_MIN(m->next, (uint32_t)NSC_CHOICE_DATAGRAMS); i++)
		if (!memcmp(&m->datagram[i], &wanted, sizeof(wanted)))
			return true;
	return false;
}

static bool match_flow(struct nsc_packet_matcher *m, const struct nsc_packet *pkt, const struct match_ends *ends,
		       uint32_t at)
{
	const struct nsc_decode_note *note = m->notes.n ? match_note_of(m, at) : NULL;
	bool matches;

	if (pkt->fate == NSC_FATE_FRAGMENT)
		return note && match_is_remembered(m, ends, pkt, note);
	matches = pkt->fate == NSC_FATE_FLOW && match_ports(m, pkt, ends);
	if (matches && note)
		match_remember(m, ends, pkt, note);
	return matches;
}

/* --- packets ---------------------------------------------------------------------------------- */

static bool match_packet(struct nsc_packet_matcher *m, const struct nsc_packet *pkt, uint32_t at)
{
	const struct nsc_packet_choice *c = &m->choice;
	struct match_ends ends = match_ends_of(pkt);

	if (!ends.bytes || (c->kind != NSC_CHOICE_FILTER && ends.bytes != (c->ip_version == 4 ? 4 : 16)))
		return false;
	if (c->kind == NSC_CHOICE_HOST)
		return !memcmp(ends.source, c->a, ends.bytes) || !memcmp(ends.destination, c->a, ends.bytes);
	return match_flow(m, pkt, &ends, at);
}

static bool match_time(const struct nsc_packet_choice *c, const struct nsc_packet *pkt)
{
	return pkt->ts_ns >= c->from_ns && pkt->ts_ns <= c->to_ns;
}

uint64_t nsc_packet_match_burst(struct nsc_packet_matcher *m, struct nsc_packet *pkt, uint32_t n)
{
	uint64_t wanted = 0;

	if (m->choice.kind != NSC_CHOICE_ALL) {
		m->notes.n = 0;
		m->decode.noted = pkt;
		m->decode.noted_from = 0;
		nsc_decode_burst(&m->decode, pkt, n);
	}
	for (uint32_t i = 0; i < n; i++)
		if (match_time(&m->choice, &pkt[i]) &&
		    (m->choice.kind == NSC_CHOICE_ALL || match_packet(m, &pkt[i], i)))
			wanted |= 1ull << i;
	return wanted;
}
