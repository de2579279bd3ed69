/* SPDX-License-Identifier: MIT
 *
 * Packets to pieces, and pieces to parts.
 */
#include "engine/dissect/follow_side.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A SYN that comes behind data belongs to it within as many bytes. */
enum { FOLLOW_SYN_AHEAD = 1 << 20 };

#define FOLLOW_MIDDLE (1ull << 62)

struct follow_cut { /* what a packet had on the wire, and has not any more */
	uint64_t at, ts_ns;
	uint32_t length, packet;
	uint8_t side;
};

struct nsc_follow {
	uint8_t proto;
	bool over; /* another connection has begun */
	int8_t client;
	uint32_t packets, cuts; /* taken: with payload; with a tail that was cut off */
	uint64_t later, fragments, first_ns, last_ns;
	struct follow_cut cut[NSC_FOLLOW_PACKETS_MOST];
	struct nsc_follow_side side[2];
};

int nsc_follow_open(struct nsc_follow **follow, uint8_t proto, struct nsc_error *error)
{
	struct nsc_follow *f = calloc(1, sizeof(*f));

	*follow = f;
	if (!f)
		return nsc_fail(error, -ENOMEM, "no memory to follow a flow");
	f->proto = proto;
	f->client = -1;
	for (unsigned i = 0; i < 2; i++)
		f->side[i].newest = f->side[i].begin = f->side[i].end = NSC_FOLLOW_NOWHERE;
	return 0;
}

void nsc_follow_close(struct nsc_follow *follow)
{
	free(follow);
}

/* --- packets ---------------------------------------------------------------------------------- */

static void follow_add_payload(struct nsc_follow *f, const struct nsc_packet *pkt, uint64_t at)
{
	struct nsc_follow_side *side = &f->side[pkt->dir];
	uint32_t payload_at = (uint32_t)pkt->l4_off + pkt->l4_len;
	uint32_t kept = NSC_MIN(pkt->cap_len - NSC_MIN(pkt->cap_len, payload_at), pkt->payload_len);
	struct nsc_follow_piece range = { .at = at, .ts_ns = pkt->ts_ns, .length = kept, .packet = f->packets };

	if (!pkt->payload_len)
		return;
	if (f->packets == NSC_FOLLOW_PACKETS_MOST || side->numbers.held == NSC_FOLLOW_BYTES_MOST) {
		side->numbers.beyond += pkt->payload_len;
		return;
	}
	if (kept)
		nsc_follow_fill(side, range, pkt->data + payload_at);
	if (kept < pkt->payload_len && side->numbers.held < NSC_FOLLOW_BYTES_MOST)
		f->cut[f->cuts++] = (struct follow_cut){
			.at = at + kept,
			.ts_ns = pkt->ts_ns,
			.length = pkt->payload_len - kept,
			.packet = f->packets,
			.side = pkt->dir,
		};
	f->packets++;
}

/* Where a sequence number is: as near to the highest so far as can be. */
static uint64_t follow_place(struct nsc_follow_side *side, uint32_t seq)
{
	if (side->newest == NSC_FOLLOW_NOWHERE) {
		side->newest = FOLLOW_MIDDLE;
		side->newest_seq = seq;
	}
	return side->newest + (uint64_t)(int64_t)(int32_t)(seq - side->newest_seq);
}

static void follow_advance(struct nsc_follow_side *side, uint64_t at, uint32_t seq)
{
	if (at <= side->newest)
		return;
	side->newest = at;
	side->newest_seq = seq;
}

/* Whether a SYN, whose first byte of data is at `at`, is of the connection that is followed. */
static bool follow_syn_belongs(const struct nsc_follow_side *side, uint64_t at)
{
	if (side->begin != NSC_FOLLOW_NOWHERE)
		return side->begin == at;
	return !side->n || (at <= side->piece[0].at && side->piece[0].at - at <= FOLLOW_SYN_AHEAD);
}

static void follow_syn(struct nsc_follow *f, const struct nsc_packet *pkt, uint64_t at)
{
	struct nsc_follow_side *side = &f->side[pkt->dir];

	f->over = !follow_syn_belongs(side, at);
	if (f->over)
		return;
	side->begin = at;
	if (f->client < 0)
		f->client = (int8_t)(pkt->tcp_flags & NSC_TCP_ACK ? !pkt->dir : pkt->dir);
}

/* What a reset carries is no data, but a text that says why. */
static void follow_add_tcp(struct nsc_follow *f, const struct nsc_packet *pkt)
{
	struct nsc_follow_side *side = &f->side[pkt->dir];
	bool syn = pkt->tcp_flags & NSC_TCP_SYN, reset = pkt->tcp_flags & NSC_TCP_RST;
	uint32_t seq = pkt->tcp_seq + syn;
	uint64_t at;

	if (reset || !pkt->l4_len || (!syn && !pkt->payload_len && !(pkt->tcp_flags & NSC_TCP_FIN)))
		return;
	at = follow_place(side, seq);
	if (syn)
		follow_syn(f, pkt, at);
	if (f->over)
		return;
	follow_add_payload(f, pkt, at);
	follow_advance(side, at + pkt->payload_len, seq + pkt->payload_len);
	if (pkt->tcp_flags & NSC_TCP_FIN && side->end == NSC_FOLLOW_NOWHERE)
		side->end = at + pkt->payload_len;
}

static void follow_add_udp(struct nsc_follow *f, const struct nsc_packet *pkt)
{
	struct nsc_follow_side *side = &f->side[pkt->dir];

	follow_add_payload(f, pkt, side->at);
	side->at += pkt->payload_len;
}

void nsc_follow_add(struct nsc_follow *f, const struct nsc_packet *pkt)
{
	if (pkt->fate != NSC_FATE_FLOW || !pkt->l4_off) {
		f->fragments++;
		return;
	}
	if (!f->over && f->proto == NSC_PROTO_TCP)
		follow_add_tcp(f, pkt);
	else if (!f->over)
		follow_add_udp(f, pkt);
	if (f->over) {
		f->later++;
		return;
	}
	f->first_ns = f->first_ns ? f->first_ns : pkt->ts_ns;
	f->last_ns = pkt->ts_ns;
	f->side[pkt->dir].numbers.packets++;
	f->side[pkt->dir].numbers.bytes += pkt->tcp_flags & NSC_TCP_RST ? 0 : pkt->payload_len;
}

/* --- parts ------------------------------------------------------------------------------------ */

/* Where the stream begins and, as far as is known, ends. */
static uint64_t follow_begin(const struct nsc_follow_side *side)
{
	return side->begin != NSC_FOLLOW_NOWHERE ? side->begin : side->n ? side->piece[0].at : FOLLOW_MIDDLE;
}

/* Behind a limit nobody knows what is missing at the end. */
static uint64_t follow_end(const struct nsc_follow_side *side)
{
	return side->end != NSC_FOLLOW_NOWHERE && !side->numbers.beyond ? side->end : 0;
}

void nsc_follow_rewind(struct nsc_follow *f)
{
	for (unsigned i = 0; i < 2; i++) {
		struct nsc_follow_side *side = &f->side[i];

		side->next = 0;
		side->key = 0;
		side->read = f->proto == NSC_PROTO_TCP ? follow_begin(side) : 0;
	}
}

/* Pieces before the SYN's first byte are none of the stream: a keep-alive has such a byte. */
static void follow_drop_before(struct nsc_follow_side *side)
{
	uint32_t n = 0;

	while (side->begin != NSC_FOLLOW_NOWHERE && n < side->n && side->piece[n].at < side->begin)
		n++;
	if (n && nsc_follow_piece_end(&side->piece[n - 1]) > side->begin) {
		struct nsc_follow_piece *piece = &side->piece[--n];
		uint32_t cut = (uint32_t)(side->begin - piece->at);

		piece->at += cut;
		piece->length -= cut;
		piece->bytes_at += cut;
	}
	side->n -= n;
	memmove(side->piece, side->piece + n, side->n * sizeof(side->piece[0]));
}

void nsc_follow_finish(struct nsc_follow *f)
{
	struct nsc_follow_part part;

	for (uint32_t i = 0; i < f->cuts; i++) {
		const struct follow_cut *cut = &f->cut[i];

		nsc_follow_fill(&f->side[cut->side],
				(struct nsc_follow_piece){ .at = cut->at,
							   .ts_ns = cut->ts_ns,
							   .length = cut->length,
							   .packet = cut->packet,
							   .kind = NSC_FOLLOW_CUT },
				NULL);
	}
	for (unsigned i = 0; i < 2; i++)
		follow_drop_before(&f->side[i]);
	nsc_follow_rewind(f);
	while (nsc_follow_next(f, &part))
		f->side[part.side].numbers.missing += part.kind == NSC_FOLLOW_MISSING ? part.length : 0;
	nsc_follow_rewind(f);
}

/* When the next part could be read: behind the latest packet of all before it. NSC_FOLLOW_NOWHERE: there is none. */
static uint64_t follow_key(const struct nsc_follow_side *side)
{
	if (side->next < side->n)
		return NSC_MAX(side->key, (uint64_t)side->piece[side->next].packet);
	return follow_end(side) > side->read ? NSC_FOLLOW_NOWHERE - 1 : NSC_FOLLOW_NOWHERE;
}

bool nsc_follow_next(struct nsc_follow *f, struct nsc_follow_part *part)
{
	uint64_t key[2] = { follow_key(&f->side[0]), follow_key(&f->side[1]) };
	uint8_t which = key[1] < key[0];
	struct nsc_follow_side *side = &f->side[which];
	const struct nsc_follow_piece *piece = side->next < side->n ? &side->piece[side->next] : NULL;
	uint64_t begin = f->proto == NSC_PROTO_TCP ? follow_begin(side) : 0;

	if (key[which] == NSC_FOLLOW_NOWHERE)
		return false;
	*part = (struct nsc_follow_part){ .kind = NSC_FOLLOW_MISSING, .side = which, .at = side->read - begin };
	if (!piece || piece->at > side->read) {
		part->length = (piece ? piece->at : follow_end(side)) - side->read;
		side->read += part->length;
		return true;
	}
	part->kind = piece->kind;
	part->length = piece->length;
	part->ts_ns = piece->ts_ns;
	part->bytes = piece->kind == NSC_FOLLOW_BYTES ? side->bytes + piece->bytes_at : NULL;
	side->read = nsc_follow_piece_end(piece);
	side->key = key[which];
	side->next++;
	return true;
}

struct nsc_follow_numbers nsc_follow_numbers(const struct nsc_follow *f)
{
	return (struct nsc_follow_numbers){
		.side = { f->side[0].numbers, f->side[1].numbers },
		.later = f->later,
		.fragments = f->fragments,
		.first_ns = f->first_ns,
		.last_ns = f->last_ns,
		.client = f->client,
	};
}
