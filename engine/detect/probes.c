/* SPDX-License-Identifier: MIT
 *
 * Probes in a table of chains, by the hash of their flow, and in a list in the order of time: all wait equally long, so
 * that is the order in which they came. Most packets find their chain empty.
 */
#include "engine/detect/probes.h"

#include <errno.h>

#include "engine/base/assert.h"
#include "engine/decode/hop.h"
#include "engine/decode/numbers.h"
#include "engine/detect/contact.h"
#include "engine/detect/hash.h"

enum {
	HEADS = 1 << 16,
	PLACES = 1 << 16, /* number 0 is none, and both ends of the list */
	TCP_HEADER = 20,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	TRACEROUTE_FIRST = 33434, /* where traceroute sends its packets to */
	TRACEROUTE_LAST = 33534,
	QUIC_PORT = 443,
	QUIC_FIXED_BIT = 0x40,
	QUIC_LEAST = 21, /* bytes of a packet of QUIC that may be answered by a reset */
};

struct probe {
	uint64_t deadline_ns;
	uint32_t hash;
	uint32_t packets;        /* of the flow, of UDP while it waits */
	uint16_t next;           /* of the chain, or of those that are free */
	uint16_t older, younger; /* of the list */
	uint16_t src_port, port;
	uint8_t ip_version, protocol; /* protocol 0: ARP */
	uint8_t kind;                 /* enum nsc_contact_kind */
	bool needs_rst;
	uint8_t addr[32];
};

static_assert(sizeof(struct probe) == NSC_CACHE_LINE, "one to a line");

struct nsc_probes {
	uint64_t seed[2];
	uint16_t *head;
	struct probe *probe;
	uint32_t fresh, free_head, used;
	bool strays;
};

struct question { /* who asks whom, whether it is a probe or not */
	uint32_t hash;
	uint16_t src_port, port;
	uint8_t ip_version, protocol;
	uint8_t addr[32];
};

struct intent { /* what a packet is here */
	bool probe, needs_rst;
	uint8_t kind;
	uint32_t before; /* packets of the flow that it takes over */
};

uint64_t nsc_probes_bytes(void)
{
	return sizeof(struct nsc_probes) + HEADS * sizeof(uint16_t) + PLACES * (uint64_t)sizeof(struct probe);
}

int nsc_probes_open(struct nsc_probes **probes, struct nsc_arena *arena, bool strays, const uint64_t seed[2],
		    struct nsc_error *error)
{
	struct nsc_probes *p = nsc_arena_alloc(arena, sizeof(*p));

	if (p)
		p->head = nsc_arena_alloc(arena, HEADS * sizeof(*p->head));
	if (p)
		p->probe = nsc_arena_alloc(arena, PLACES * sizeof(*p->probe));
	if (!p || !p->head || !p->probe)
		return nsc_fail(error, -ENOMEM, "no memory for probes without an answer");
	nsc_arena_populate(p->head, HEADS * sizeof(*p->head));
	nsc_arena_populate(p->probe, PLACES * sizeof(*p->probe));
	memcpy(p->seed, seed, sizeof(p->seed));
	p->strays = strays;
	p->fresh = 1;
	*probes = p;
	return 0;
}

/* --- the table -------------------------------------------------------------------------------- */

static bool probe_is(const struct probe *probe, const struct question *q, bool *back)
{
	uint32_t half = q->ip_version == 4 ? 4 : 16;

	if (probe->hash != q->hash || probe->protocol != q->protocol || probe->ip_version != q->ip_version)
		return false;
	*back = !(probe->src_port == q->src_port && probe->port == q->port &&
		  !memcmp(probe->addr, q->addr, (size_t)2 * half));
	return !*back || (probe->src_port == q->port && probe->port == q->src_port &&
			  !memcmp(probe->addr, q->addr + half, half) && !memcmp(probe->addr + half, q->addr, half));
}

/* The probe of this flow, or NULL; *back: the question goes the other way. */
static struct probe *probes_find(const struct nsc_probes *p, const struct question *q, bool *back)
{
	for (uint32_t i = p->head[q->hash % HEADS]; i; i = p->probe[i].next)
		if (probe_is(&p->probe[i], q, back))
			return &p->probe[i];
	return NULL;
}

static void probes_remove(struct nsc_probes *p, struct probe *probe)
{
	uint16_t number = (uint16_t)(probe - p->probe), *link = &p->head[probe->hash % HEADS];

	while (*link != number)
		link = &p->probe[*link].next;
	*link = probe->next;
	p->probe[probe->older].younger = probe->younger;
	p->probe[probe->younger].older = probe->older;
	probe->next = (uint16_t)p->free_head;
	p->free_head = number;
	p->used--;
}

static struct probe *probes_oldest(struct nsc_probes *p)
{
	return p->used ? &p->probe[p->probe[0].younger] : NULL;
}

static struct nsc_probe_contact probe_contact(const struct probe *probe)
{
	struct nsc_probe_contact contact = { .count = 1, .kind = probe->kind, .ip_version = probe->ip_version };

	if (probe->kind != NSC_CONTACT_ECHO && probe->kind != NSC_CONTACT_ARP)
		contact.port = probe->port;
	if (probe->protocol == NSC_PROTO_UDP)
		contact.count = probe->packets;
	memcpy(contact.addr, probe->addr, sizeof(contact.addr));
	return contact;
}

/* It is unanswered for good: a contact, unless only a RST would have made it one. */
static void probes_give_up(struct nsc_probes *p, struct probe *probe, struct nsc_probes_found *found)
{
	if (!probe->needs_rst)
		found->contact[found->n++] = probe_contact(probe);
	probes_remove(p, probe);
}

/* A place that is free, if need be after the oldest has lost its own. */
static uint32_t probes_take(struct nsc_probes *p, struct nsc_probes_found *found, struct nsc_counters *counters)
{
	uint32_t number = p->free_head;

	if (!number && p->fresh < PLACES)
		return p->fresh++;
	if (!number) {
		nsc_count(counters, NSC_C_DETECT_PROBE_EARLY, 1);
		probes_give_up(p, probes_oldest(p), found);
		number = p->free_head;
	}
	p->free_head = p->probe[number].next;
	return number;
}

static void probes_insert(struct nsc_probes *p, const struct question *q, const struct intent *intent,
			  uint64_t clock_ns, struct nsc_probes_found *found, struct nsc_counters *counters)
{
	uint16_t *head = &p->head[q->hash % HEADS];
	struct probe *probe;
	uint32_t number;

	if (intent->needs_rst && p->used >= PLACES / 2) {
		nsc_count(counters, NSC_C_DETECT_PROBE_EARLY, 1);
		return;
	}
	number = probes_take(p, found, counters);
	probe = &p->probe[number];
	*probe = (struct probe){
		.deadline_ns = clock_ns + NSC_MIN(NSC_PROBE_NS, UINT64_MAX - clock_ns),
		.hash = q->hash,
		.packets = intent->before + (intent->before < UINT32_MAX),
		.next = *head,
		.older = p->probe[0].older,
		.src_port = q->src_port,
		.port = q->port,
		.ip_version = q->ip_version,
		.protocol = q->protocol,
		.kind = intent->kind,
		.needs_rst = intent->needs_rst,
	};
	memcpy(probe->addr, q->addr, sizeof(probe->addr));
	p->probe[probe->older].younger = (uint16_t)number;
	p->probe[0].older = (uint16_t)number;
	*head = (uint16_t)number;
	p->used++;
}

bool nsc_probes_overdue(struct nsc_probes *p, uint64_t last_ns, struct nsc_probe_contact *contact,
			uint64_t *deadline_ns)
{
	for (struct probe *probe; (probe = probes_oldest(p)) && probe->deadline_ns <= last_ns;) {
		bool counts = !probe->needs_rst;

		*contact = probe_contact(probe);
		*deadline_ns = probe->deadline_ns;
		probes_remove(p, probe);
		if (counts)
			return true;
	}
	return false;
}

/* --- what a packet is ------------------------------------------------------------------------- */

nsc_always_inline const uint8_t *probe_addresses(const struct nsc_packet *pkt)
{
	return pkt->data + pkt->l3_off + (pkt->ip_version == 4 ? 12 : 8);
}

static bool probe_is_to_group(const struct nsc_packet *pkt)
{
	const uint8_t *target = probe_addresses(pkt) + (pkt->ip_version == 4 ? 4 : 16);

	if (pkt->link == NSC_LINK_ETHERNET && pkt->data[0] & 1)
		return true;
	return pkt->ip_version == 4 ? target[0] >= 224 : target[0] == 0xff;
}

/* Its first fragment ends inside the TCP header: no link is so narrow. */
static bool tcp_is_tiny_fragment(const struct nsc_packet *pkt)
{
	const uint8_t *ip = pkt->data + pkt->l3_off;

	if (pkt->ip_version != 4 || !(ip[6] & 0x20))
		return false;
	return nsc_load16(ip + 2) < (ip[0] & 15u) * 4 + TCP_HEADER;
}

/* Flags are known only with a header that is whole. */
static struct intent tcp_intent(const struct nsc_packet *pkt, bool unanswered)
{
	struct intent intent = { .kind = NSC_CONTACT_PROBE };
	uint8_t flags = pkt->tcp_flags & (NSC_TCP_SYN | NSC_TCP_ACK | NSC_TCP_RST);

	if (nsc_likely(!unanswered))
		return intent;
	if (!pkt->l4_len)
		intent.probe = tcp_is_tiny_fragment(pkt);
	else if (flags == NSC_TCP_ACK)
		intent.probe = intent.needs_rst = pkt->payload_len == 0;
	else
		intent.probe = flags == NSC_TCP_SYN || flags == 0 || flags == (NSC_TCP_SYN | NSC_TCP_RST);
	intent.probe = intent.probe && !probe_is_to_group(pkt);
	return intent;
}

/* Well-known ports beyond 1023. */
static bool udp_is_service(uint16_t port)
{
	switch (port) {
	case 1194: /* OpenVPN */
	case 1812: /* RADIUS */
	case 1813:
	case 1900:  /* SSDP */
	case 3478:  /* STUN */
	case 3702:  /* WS-Discovery */
	case 4500:  /* IPsec */
	case 5060:  /* SIP */
	case 11211: /* memcached */
	case 51820: /* WireGuard */
		return true;
	}
	return port < 1024;
}

/* The first bytes of the payload as far as they were captured. */
static uint8_t udp_byte(const struct nsc_packet *pkt, uint32_t at, uint8_t otherwise)
{
	uint32_t payload = pkt->l4_off + (uint32_t)pkt->l4_len;

	if (!pkt->l4_len || at >= pkt->payload_len || payload + at >= pkt->cap_len)
		return otherwise;
	return pkt->data[payload + at];
}

/* Of a question that was not captured. */
static bool udp_is_answer(const struct nsc_packet *pkt)
{
	switch (pkt->src_port) {
	case 53: /* DNS and what looks like it: QR bit */
	case 137:
	case 5353:
	case 5355:
		return udp_byte(pkt, 2, 0x80) & 0x80;
	case 67: /* DHCP, to the client */
		return pkt->dst_port == 68;
	case 123: /* NTP: server, broadcast */
		if (pkt->dst_port == 123)
			return (udp_byte(pkt, 0, 0) & 7) == 4 || (udp_byte(pkt, 0, 0) & 7) == 5;
	}
	return udp_is_service(pkt->src_port) && pkt->dst_port >= 1024 && !udp_is_service(pkt->dst_port);
}

static uint8_t udp_kind(const struct nsc_packet *pkt)
{
	if (nsc_decode_tunnel(pkt->src_port, pkt->dst_port) != NSC_TUNNEL_NONE)
		return NSC_CONTACT_UDP_TUNNEL;
	if (pkt->dst_port == QUIC_PORT && pkt->payload_len >= QUIC_LEAST && udp_byte(pkt, 0, 0) & QUIC_FIXED_BIT)
		return NSC_CONTACT_UDP_QUIC;
	return NSC_CONTACT_UDP_PROBE;
}

static struct intent udp_intent(const struct nsc_probes *p, const struct nsc_packet *pkt, bool unanswered)
{
	bool traceroute = pkt->dst_port >= TRACEROUTE_FIRST && pkt->dst_port <= TRACEROUTE_LAST;
	struct intent intent = { .probe = unanswered && !traceroute && !probe_is_to_group(pkt) };

	if (!intent.probe)
		return intent;
	if (udp_is_answer(pkt)) {
		intent.kind = NSC_CONTACT_UDP_STRAY;
		intent.probe = p->strays && pkt->src_port != QUIC_PORT;
	} else {
		intent.kind = udp_kind(pkt);
	}
	return intent;
}

/* --- questions -------------------------------------------------------------------------------- */

static struct question question_of_flow(const struct nsc_packet *pkt)
{
	struct question q = {
		.hash = pkt->hash,
		.src_port = pkt->src_port,
		.port = pkt->dst_port,
		.ip_version = pkt->ip_version,
		.protocol = pkt->ip_proto,
	};

	memcpy(q.addr, probe_addresses(pkt), pkt->ip_version == 4 ? 8 : 32);
	return q;
}

/* The same hash both ways, for what has none of its own. */
static void question_hash(const struct nsc_probes *p, struct question *q)
{
	uint32_t half = q->ip_version == 4 ? 4 : 16;
	bool greater = memcmp(q->addr, q->addr + half, half) > 0;
	uint8_t a[16] = { 0 }, b[16] = { 0 };

	memcpy(a, q->addr + (greater ? half : 0), half);
	memcpy(b, q->addr + (greater ? 0 : half), half);
	q->hash =
		(uint32_t)(nsc_detect_hash_address(p->seed, a, nsc_detect_hash_address(p->seed, b, q->protocol)) >> 32);
}

/* An answer to a stray is no sign that somebody answers questions. */
static void probes_answer(struct nsc_probes *p, struct probe *probe, bool refused, struct nsc_probes_found *found)
{
	if (probe->protocol && probe->kind != NSC_CONTACT_UDP_STRAY) {
		found->answered = true;
		found->answer = probe_contact(probe);
		found->answer.count = 1;
	}
	probe->needs_rst = !refused;
	probes_give_up(p, probe, found);
}

/* A stray that asks after all begins to wait like one that has asked at once. */
static bool probe_asks_now(const struct probe *probe, const struct intent *intent)
{
	return probe->kind == NSC_CONTACT_UDP_STRAY && intent->probe && intent->kind != NSC_CONTACT_UDP_STRAY;
}

/* The packet belongs to the probe of its flow, if there is one, or begins one. True when it answers one. */
static bool probes_handle(struct nsc_probes *p, const struct nsc_packet *pkt, const struct question *q,
			  struct intent *intent, struct nsc_probes_found *found, struct nsc_counters *counters)
{
	bool tcp = q->protocol == NSC_PROTO_TCP, back = false;
	struct probe *probe = probes_find(p, q, &back);

	if (probe && probe->deadline_ns < pkt->clock_ns) {
		probes_give_up(p, probe, found);
		probe = NULL;
	}
	if (probe && !back && nsc_unlikely(probe_asks_now(probe, intent))) {
		intent->before = probe->packets;
		probes_remove(p, probe);
		probe = NULL;
	}
	if (!probe && intent->probe)
		probes_insert(p, q, intent, pkt->clock_ns, found, counters);
	if (!probe)
		return false;
	if (back)
		probes_answer(p, probe, tcp && pkt->tcp_flags & NSC_TCP_RST, found);
	else if (tcp && (pkt->tcp_flags & (NSC_TCP_ACK | NSC_TCP_RST | NSC_TCP_SYN)) == NSC_TCP_ACK)
		probes_remove(p, probe);
	else if (probe->packets < UINT32_MAX)
		probe->packets++;
	return back;
}

static void probes_handle_flow(struct nsc_probes *p, const struct nsc_packet *pkt, bool unanswered,
			       struct nsc_probes_found *found, struct nsc_counters *counters)
{
	bool tcp = pkt->ip_proto == NSC_PROTO_TCP;
	struct intent intent = tcp ? tcp_intent(pkt, unanswered) : udp_intent(p, pkt, unanswered);
	struct question q;

	if (nsc_likely(!intent.probe && !p->head[pkt->hash % HEADS]))
		return;
	q = question_of_flow(pkt);
	probes_handle(p, pkt, &q, &intent, found, counters);
}

/* A UDP packet that could not be delivered, as the ICMP message quotes it: its sender is who hears of it. */
static void probes_handle_refusal(const struct nsc_packet *pkt, const uint8_t *quoted, uint32_t bytes,
				  struct nsc_probes_found *found)
{
	uint32_t half = pkt->ip_version == 4 ? 4 : 16, header = pkt->ip_version == 4 ? (quoted[0] & 15u) * 4 : 40;
	const uint8_t *addresses = quoted + (pkt->ip_version == 4 ? 12 : 8), *udp = quoted + header;
	uint16_t src_port, port;
	struct nsc_probe_contact *contact;

	if (bytes < header + 4 || header < 20 || quoted[pkt->ip_version == 4 ? 9 : 6] != NSC_PROTO_UDP ||
	    memcmp(addresses, probe_addresses(pkt) + half, half) != 0)
		return;
	src_port = nsc_load16(udp);
	port = nsc_load16(udp + 2);
	if ((udp_is_service(src_port) && port >= 1024) || (port >= TRACEROUTE_FIRST && port <= TRACEROUTE_LAST))
		return;
	contact = &found->contact[found->n++];
	*contact = (struct nsc_probe_contact){
		.count = 1, .kind = NSC_CONTACT_PROBE, .ip_version = pkt->ip_version, .port = port
	};
	memcpy(contact->addr, addresses, (size_t)2 * half);
}

static bool icmp_is_request(unsigned ip_version, uint8_t type)
{
	if (ip_version == 6)
		return type == 128;
	return type == 8 || type == 13 || type == 15 || type == 17; /* echo, time stamp, information, mask */
}

static bool icmp_is_reply(unsigned ip_version, uint8_t type)
{
	if (ip_version == 6)
		return type == 129;
	return type == 0 || type == 14 || type == 16 || type == 18;
}

/* True when a flood may be made of it. */
static bool probes_handle_icmp(struct nsc_probes *p, const struct nsc_packet *pkt, struct nsc_probes_found *found,
			       struct nsc_counters *counters)
{
	const uint8_t *ip = pkt->data + pkt->l3_off, *icmp;
	uint32_t header = pkt->ip_version == 4 ? (ip[0] & 15u) * 4 : 40;
	struct intent intent = { .kind = NSC_CONTACT_ECHO };
	struct question q = { .ip_version = pkt->ip_version, .protocol = pkt->ip_proto };
	bool group, reply;

	if (pkt->cap_len < pkt->l3_off + header + 8 || (pkt->ip_version == 6 && ip[6] != NSC_PROTO_ICMPV6))
		return false;
	icmp = ip + header;
	group = probe_is_to_group(pkt);
	if (icmp[0] == (pkt->ip_version == 4 ? 3 : 1)) {
		uint32_t bytes = pkt->cap_len - pkt->l3_off - header - 8;

		if (bytes >= (pkt->ip_version == 4 ? 20u : 40u))
			probes_handle_refusal(pkt, icmp + 8, bytes, found);
		return !group;
	}
	intent.probe = icmp_is_request(pkt->ip_version, icmp[0]) && !group;
	reply = icmp_is_reply(pkt->ip_version, icmp[0]);
	if (!intent.probe && !reply)
		return !group;
	q.src_port = q.port = nsc_load16(icmp + 4);
	memcpy(q.addr, probe_addresses(pkt), pkt->ip_version == 4 ? 8 : 32);
	question_hash(p, &q);
	return !(probes_handle(p, pkt, &q, &intent, found, counters) && reply) && !group;
}

/* Requests for one's own address, and before one has an address, ask for nobody. */
static void probes_handle_arp(struct nsc_probes *p, const struct nsc_packet *pkt, struct nsc_probes_found *found,
			      struct nsc_counters *counters)
{
	const uint8_t *arp = pkt->data + pkt->l3_off;
	struct question q = { .ip_version = 4 };
	uint32_t left = pkt->cap_len - pkt->l3_off, operation, hardware;
	struct intent intent = { .kind = NSC_CONTACT_ARP };
	static const uint8_t nobody[4];

	if (!pkt->l3_off || left < 8)
		return;
	hardware = arp[4];
	operation = nsc_load16(arp + 6);
	if (nsc_load16(arp + 2) != 0x0800 || arp[5] != 4 || left < 8 + 2 * (hardware + 4))
		return;
	memcpy(q.addr, arp + 8 + hardware, 4);
	memcpy(q.addr + 4, arp + 8 + 2 * hardware + 4, 4);
	if ((operation != ARP_REQUEST && operation != ARP_REPLY) || !memcmp(q.addr, q.addr + 4, 4) ||
	    !memcmp(q.addr, nobody, 4))
		return;
	intent.probe = operation == ARP_REQUEST;
	question_hash(p, &q);
	probes_handle(p, pkt, &q, &intent, found, counters);
}

void nsc_probes_burst(struct nsc_probes *p, const struct nsc_packet *pkt, uint32_t n, uint64_t unanswered,
		      struct nsc_probes_found *found, struct nsc_counters *counters)
{
	found->n = 0;
	found->icmp = 0;
	found->answered = false;
	for (uint32_t i = 0; i < n; i++)
		nsc_prefetch(&p->head[pkt[i].hash % HEADS]);
	for (uint32_t i = 0; i < n; i++) {
		switch (pkt[i].fate) {
		case NSC_FATE_FLOW:
			if (pkt[i].ip_proto == NSC_PROTO_TCP || pkt[i].ip_proto == NSC_PROTO_UDP)
				probes_handle_flow(p, &pkt[i], unanswered >> i & 1, found, counters);
			else if (pkt[i].ip_proto == NSC_PROTO_ICMP || pkt[i].ip_proto == NSC_PROTO_ICMPV6)
				found->icmp |= (uint64_t)probes_handle_icmp(p, &pkt[i], found, counters) << i;
			break;
		case NSC_FATE_ICMP:
		case NSC_FATE_ICMPV6:
			found->icmp |= (uint64_t)probes_handle_icmp(p, &pkt[i], found, counters) << i;
			break;
		case NSC_FATE_ARP:
			probes_handle_arp(p, &pkt[i], found, counters);
			break;
		}
	}
	nsc_assert(found->n <= 2 * n, "a packet ends two probes at most");
}
