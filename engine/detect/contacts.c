/* SPDX-License-Identifier: MIT
 *
 * Finding contacts, and leaving out those that the epoch has already.
 *
 * The tables of what was seen hold one contact a place, by its whole hash. A place that another contact has taken
 * costs a second record of the same contact, which changes nothing where it is merged. They need not be cleared: an
 * entry counts only while its chunk belongs to the epoch. A SYN that was seen is added to its record as long as that
 * record is here, since SYNs are counted; of UDP only who and where matters.
 *
 * Every packet of whoever opened a UDP flow is a contact, so their table is large. SYNs are few, or a flood; a flood
 * from one source repeats itself, which a small table sees, and one from many does not, for which a large table would
 * cost a cache miss each.
 */
#include "engine/detect/contacts.h"

#include <errno.h>

#include "engine/detect/hash.h"

#define SEEN_BITS 16u    /* 1 MiB */
#define SEEN_TCP_BITS 8u /* 4 KiB */

struct found {
	uint64_t hash;
	const struct nsc_packet *pkt;
	uint32_t kind;
};

uint64_t nsc_contacts_bytes(uint32_t wanted)
{
	uint64_t bytes = sizeof(struct nsc_contacts) +
			 sizeof(struct nsc_contact_seen) * ((1ull << SEEN_BITS) + (1ull << SEEN_TCP_BITS));

	if (wanted & NSC_CONTACT_BIT(NSC_CONTACT_MS))
		bytes += sizeof(struct nsc_ms_counts);
	return bytes + (wanted & NSC_CONTACT_BIT(NSC_CONTACT_HANDSHAKE) ? nsc_handshakes_bytes() : 0) +
	       (wanted & NSC_CONTACTS_UNANSWERED ? nsc_probes_bytes() : 0);
}

int nsc_contacts_open(struct nsc_contacts **contacts, struct nsc_arena *arena, struct nsc_channel *epochs,
		      uint32_t wanted, const uint64_t seed[2], struct nsc_error *error)
{
	struct nsc_contacts *c = nsc_arena_alloc(arena, sizeof(*c));
	int failed = 0;

	if (c && wanted & NSC_CONTACT_BIT(NSC_CONTACT_MS) && !(c->ms = nsc_arena_alloc(arena, sizeof(*c->ms))))
		return nsc_fail(error, -ENOMEM, "no memory for the milliseconds of a worker");
	if (c)
		c->seen = nsc_arena_alloc(arena, sizeof(*c->seen) << SEEN_BITS);
	if (c)
		c->seen_tcp = nsc_arena_alloc(arena, sizeof(*c->seen_tcp) << SEEN_TCP_BITS);
	if (!c || !c->seen || !c->seen_tcp)
		return nsc_fail(error, -ENOMEM, "no memory for the detectors of a worker");
	nsc_arena_populate(c->seen, sizeof(*c->seen) << SEEN_BITS);
	c->epochs = epochs;
	c->wanted = wanted;
	c->first = 1;
	memcpy(c->seed, seed, sizeof(c->seed));
	*contacts = c;
	if (wanted & NSC_CONTACT_BIT(NSC_CONTACT_HANDSHAKE))
		failed = nsc_handshakes_open(&c->handshakes, arena, seed, error);
	if (!failed && wanted & NSC_CONTACTS_UNANSWERED)
		failed = nsc_probes_open(&c->probes, arena, wanted & NSC_CONTACT_BIT(NSC_CONTACT_UDP_STRAY), seed,
					 error);
	return failed;
}

void nsc_contacts_attach(struct nsc_contacts *c, struct nsc_counters *counters, bool live)
{
	c->counters = counters;
	c->live = live;
}

/* --- chunks ----------------------------------------------------------------------------------- */

static void contacts_send(struct nsc_contacts *c)
{
	nsc_count(c->counters, NSC_C_DETECT_RECORDS, c->chunk->n);
	c->chunk->offset_ns = c->offset_ns;
	nsc_channel_send(c->epochs, c->chunk);
	c->chunk = NULL;
}

/* Room for a record in the chunk; false when there is none and the packet cannot wait. */
static bool contacts_make_room(struct nsc_contacts *c, uint32_t bytes)
{
	if (nsc_likely(c->chunk && c->chunk->bytes + bytes <= sizeof(c->chunk->record)))
		return true;
	if (c->chunk)
		contacts_send(c);
	c->chunk = nsc_epochs_begin(
		c->live ? nsc_channel_acquire(c->epochs)
			: nsc_channel_acquire_or_wait(c->epochs, c->counters, NSC_C_DETECT_WAITS, NSC_C_WAITED_DETECT),
		c->epoch);
	if (!c->chunk)
		return false;
	c->number++;
	return true;
}

/* --- contacts --------------------------------------------------------------------------------- */

nsc_always_inline const uint8_t *contact_addresses(const struct nsc_packet *pkt)
{
	return pkt->data + pkt->l3_off + (pkt->ip_version == 4 ? 12 : 8);
}

/* A flow of ICMP has its identifier where others have ports. */
nsc_always_inline uint16_t contact_port(const struct nsc_packet *pkt, uint32_t kind)
{
	return kind == NSC_CONTACT_ICMP ? 0 : pkt->dst_port;
}

nsc_always_inline uint64_t contact_hash(const struct nsc_contacts *c, const struct nsc_packet *pkt, uint32_t kind)
{
	uint64_t rest = contact_port(pkt, kind) | kind << 16 | (uint64_t)pkt->ip_version << 24;
	const uint8_t *addr = contact_addresses(pkt);
	uint64_t both;

	if (nsc_likely(pkt->ip_version == 4)) {
		memcpy(&both, addr, 8);
		return nsc_detect_hash(c->seed, both, rest);
	}
	return nsc_detect_hash_address(c->seed, addr + 16, nsc_detect_hash_address(c->seed, addr, rest));
}

nsc_always_inline struct nsc_contact_seen *contacts_seen(const struct nsc_contacts *c, const struct found *found)
{
	return found->kind == NSC_CONTACT_UDP ? &c->seen[found->hash >> (64 - SEEN_BITS)]
					      : &c->seen_tcp[found->hash >> (64 - SEEN_TCP_BITS)];
}

static void contacts_append(struct nsc_contacts *c, const struct found *found, struct nsc_contact_seen *seen)
{
	const struct nsc_packet *pkt = found->pkt;
	uint32_t bytes = nsc_contact_bytes(pkt->ip_version);
	struct nsc_contact_record *record;

	if (!contacts_make_room(c, bytes)) {
		nsc_count_loss(c->counters, NSC_C_DETECT_SKIPPED, 1);
		return;
	}
	record = (struct nsc_contact_record *)(void *)(c->chunk->record + c->chunk->bytes);
	record->count = 1;
	record->port = contact_port(pkt, found->kind);
	record->kind = (uint8_t)found->kind;
	record->ip_version = pkt->ip_version;
	memcpy(record->addr, contact_addresses(pkt), bytes - sizeof(*record));
	*seen = (struct nsc_contact_seen){ .hash = found->hash, .chunk = c->number, .at = c->chunk->bytes };
	c->chunk->bytes += bytes;
	c->chunk->n++;
}

static void contacts_append_probe(struct nsc_contacts *c, const struct nsc_probe_contact *contact)
{
	uint32_t bytes = nsc_contact_bytes(contact->ip_version);
	struct nsc_contact_record *record;

	nsc_count(c->counters, NSC_C_DETECT_CONTACTS, 1);
	if (!contacts_make_room(c, bytes)) {
		nsc_count_loss(c->counters, NSC_C_DETECT_SKIPPED, 1);
		return;
	}
	record = (struct nsc_contact_record *)(void *)(c->chunk->record + c->chunk->bytes);
	record->count = contact->count;
	record->port = contact->port;
	record->kind = contact->kind;
	record->ip_version = contact->ip_version;
	memcpy(record->addr, contact->addr, bytes - sizeof(*record));
	c->chunk->bytes += bytes;
	c->chunk->n++;
}

/* Probes whose time was over at last_ns, `most` of them: each is a contact of the epoch in which that was, which is
 * the one in progress or a later one. */
static void contacts_give_up(struct nsc_contacts *c, uint64_t last_ns, uint64_t most)
{
	struct nsc_probe_contact contact;
	uint64_t deadline_ns;

	for (; most && nsc_probes_overdue(c->probes, last_ns, &contact, &deadline_ns); most--) {
		if (deadline_ns / NSC_EPOCH_NS != c->epoch && c->chunk)
			contacts_send(c);
		c->epoch = deadline_ns / NSC_EPOCH_NS;
		contacts_append_probe(c, &contact);
	}
}

/* Each packet adds one probe at most, so two for each packet leave little for the end of an epoch. Returns the ICMP of
 * which a flood may be made, if that is wanted. */
static uint64_t contacts_probe(struct nsc_contacts *c, const struct nsc_packet *pkt, uint32_t n, uint64_t unanswered)
{
	struct nsc_probes_found found;

	if (n && pkt->clock_ns)
		contacts_give_up(c, pkt->clock_ns - 1, 2 * (uint64_t)n);
	nsc_probes_burst(c->probes, pkt, n, unanswered, &found, c->counters);
	for (uint32_t i = 0; i < found.n; i++)
		contacts_append_probe(c, &found.contact[i]);
	if (found.answered && !c->answered) {
		found.answer.kind = NSC_CONTACT_ANSWER;
		contacts_append_probe(c, &found.answer);
		c->answered = true;
	}
	return c->wanted & NSC_CONTACT_BIT(NSC_CONTACT_ICMP) ? found.icmp : 0;
}

static void contacts_append_ms(struct nsc_contacts *c, uint32_t place)
{
	const struct nsc_microburst *ms = &c->ms->ms[place];
	uint32_t bytes = nsc_contact_bytes(4);
	struct nsc_contact_record *record;

	if (!contacts_make_room(c, bytes)) {
		nsc_count_loss(c->counters, NSC_C_DETECT_SKIPPED, 1);
		return;
	}
	record = (struct nsc_contact_record *)(void *)(c->chunk->record + c->chunk->bytes);
	record->count = (uint32_t)NSC_MIN(ms->packets, (uint64_t)UINT32_MAX);
	record->port = (uint16_t)place;
	record->kind = NSC_CONTACT_MS;
	record->ip_version = 4;
	memcpy(record->addr, &ms->bytes, sizeof(ms->bytes));
	c->chunk->bytes += bytes;
	c->chunk->n++;
}

/* Those of the epoch in progress; one that goes on has another record then. */
static void contacts_send_ms(struct nsc_contacts *c)
{
	for (uint32_t i = 0; c->ms && i < NSC_EPOCH_MS; i++) {
		if (!c->ms->ms[i].packets)
			continue;
		contacts_append_ms(c, i);
		nsc_microburst_raise(&c->ms->largest, &c->ms->ms[i]);
		c->ms->ms[i] = (struct nsc_microburst){ .packets = 0 };
	}
}

/* Whether the epoch has this contact already; a record that is still here counts it. */
nsc_always_inline bool contacts_was_seen(struct nsc_contacts *c, const struct found *found,
					 const struct nsc_contact_seen *seen)
{
	struct nsc_contact_record *record;

	if (seen->hash != found->hash || seen->chunk < c->first)
		return false;
	if (found->kind == NSC_CONTACT_UDP)
		return true;
	if (seen->chunk != c->number || !c->chunk)
		return false;
	record = (struct nsc_contact_record *)(void *)(c->chunk->record + seen->at);
	if (record->count == UINT32_MAX)
		return false;
	record->count++;
	return true;
}

/* Bit i: pkt[i] is a SYN without ACK. */
nsc_always_inline uint64_t contacts_syns(const struct nsc_packet *pkt, uint32_t n)
{
	uint64_t syns = 0;

	for (uint32_t i = 0; i < n; i++)
		syns |= (uint64_t)((pkt[i].tcp_flags & (NSC_TCP_SYN | NSC_TCP_ACK)) == NSC_TCP_SYN) << i;
	return syns;
}

/* Lists the packets of `bits` and asks for their places in the table. */
nsc_always_inline uint32_t contacts_find(const struct nsc_contacts *c, const struct nsc_packet *pkt, uint64_t bits,
					 uint32_t kind, struct found *found)
{
	uint32_t m = 0;

	for (; bits; bits &= bits - 1) {
		const struct nsc_packet *p = &pkt[__builtin_ctzll(bits)];

		if (nsc_unlikely(p->fate != NSC_FATE_FLOW) && kind != NSC_CONTACT_ICMP)
			continue;
		found[m] = (struct found){ .hash = contact_hash(c, p, kind), .pkt = p, .kind = kind };
		nsc_prefetch_write(contacts_seen(c, &found[m++]));
	}
	return m;
}

nsc_hot_clones void nsc_contacts_burst(struct nsc_contacts *c, const struct nsc_packet *pkt, uint32_t n, uint64_t bits)
{
	uint64_t syns = c->wanted & NSC_CONTACT_BIT(NSC_CONTACT_SYN) ? contacts_syns(pkt, n) : 0, completed = 0;
	uint64_t openers = c->wanted & NSC_CONTACT_BIT(NSC_CONTACT_UDP) ? bits : 0;
	struct found found[NSC_BURST_MAX];
	uint64_t icmps = 0;
	uint32_t m;

	if (c->ms)
		nsc_ms_counts_burst(c->ms, pkt, n);
	if (c->handshakes)
		completed = nsc_handshakes_burst(c->handshakes, pkt, n, c->counters);
	if (c->probes)
		icmps = contacts_probe(c, pkt, n, bits);
	if (!(syns | openers | completed | icmps))
		return;
	m = contacts_find(c, pkt, syns, NSC_CONTACT_SYN, found);
	m += contacts_find(c, pkt, openers, NSC_CONTACT_UDP, found + m);
	m += contacts_find(c, pkt, completed & ~syns, NSC_CONTACT_HANDSHAKE, found + m);
	m += contacts_find(c, pkt, icmps, NSC_CONTACT_ICMP, found + m);
	for (uint32_t i = 0; i < m; i++) {
		struct nsc_contact_seen *seen = contacts_seen(c, &found[i]);

		if (!contacts_was_seen(c, &found[i], seen))
			contacts_append(c, &found[i], seen);
	}
	nsc_count(c->counters, NSC_C_DETECT_CONTACTS, m);
}

/* --- epochs ----------------------------------------------------------------------------------- */

void nsc_contacts_advance(struct nsc_contacts *c, uint64_t clock_ns)
{
	uint64_t epoch = clock_ns / NSC_EPOCH_NS;

	contacts_send_ms(c);
	if (c->probes && epoch)
		contacts_give_up(c, epoch * NSC_EPOCH_NS - 1, UINT64_MAX);
	if (c->chunk)
		contacts_send(c);
	c->first = c->number + 1;
	c->epoch = epoch;
	c->answered = false;
	c->period = nsc_period_of(clock_ns, NSC_EPOCH_NS);
	if (c->ms)
		nsc_ms_counts_begin(c->ms, c->period.start_ns);
	nsc_channel_mark(c->epochs, c->epoch);
}

struct nsc_microburst nsc_contacts_leave_tick(struct nsc_contacts *c)
{
	struct nsc_microburst largest = { .packets = 0 };

	if (!c->ms)
		return largest;
	contacts_send_ms(c);
	if (c->chunk)
		contacts_send(c);
	largest = c->ms->largest;
	c->ms->largest = (struct nsc_microburst){ .packets = 0 };
	return largest;
}

void nsc_contacts_end(struct nsc_contacts *c)
{
	contacts_send_ms(c);
	if (c->probes)
		contacts_give_up(c, UINT64_MAX, UINT64_MAX);
	if (c->chunk)
		contacts_send(c);
	nsc_channel_mark(c->epochs, NSC_EPOCH_NONE);
}
