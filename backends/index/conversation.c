/* SPDX-License-Identifier: MIT */
#include "backends/index/conversation.h"

#include <string.h>

enum { KIND_CONVERSATION = 1, KIND_HOST, KIND_PORT }; /* the first byte of what is hashed */
enum { IPV4_HEADER = 20, IPV6_HEADER = 40, ARP_IPV4 = 28 };

struct nsc_decode_options nsc_conversation_decode(bool decap)
{
	return (struct nsc_decode_options){
		.seed = { { 0x9e3779b97f4a7c15, 0xd1342543de82ef95, 0xd6e8feb86659fd93, 0xa0761d6478bd642f } },
		.decap = decap,
		.track_sctp = true,
		.track_icmp = true,
	};
}

/* --- of a packet ------------------------------------------------------------------------------ */

static bool end_is_greater(const struct nsc_conversation *c)
{
	int order = memcmp(c->address[0], c->address[1], sizeof(c->address[0]));

	return order ? order > 0 : c->port[0] > c->port[1];
}

void nsc_conversation_order(struct nsc_conversation *c)
{
	const struct nsc_conversation was = *c;

	if (!end_is_greater(c))
		return;
	for (unsigned i = 0; i < 2; i++) {
		memcpy(c->address[i], was.address[!i], sizeof(c->address[i]));
		c->port[i] = was.port[!i];
	}
}

/* Hardware and protocol addresses of Ethernet and IPv4: the only ones that are known to be at these places. */
static bool arp_is_ipv4(const uint8_t *at)
{
	static const uint8_t protocol_and_lengths[] = { 0x08, 0x00, 6, 4 };

	return !memcmp(at + 2, protocol_and_lengths, sizeof(protocol_and_lengths));
}

static void take_addresses(struct nsc_conversation *c, const uint8_t *source, const uint8_t *target, size_t length)
{
	memcpy(c->address[0], source, length);
	memcpy(c->address[1], target, length);
}

void nsc_conversation_of(const struct nsc_packet *pkt, struct nsc_conversation *c)
{
	const uint8_t *at = pkt->data + pkt->l3_off;
	uint32_t left = pkt->cap_len > pkt->l3_off ? pkt->cap_len - pkt->l3_off : 0;

	*c = (struct nsc_conversation){ 0 };
	if (pkt->ip_version == 4 && left >= IPV4_HEADER) {
		c->ip_version = 4;
		take_addresses(c, at + 12, at + 16, 4);
	} else if (pkt->ip_version == 6 && left >= IPV6_HEADER) {
		c->ip_version = 6;
		take_addresses(c, at + 8, at + 24, 16);
	} else if (pkt->fate == NSC_FATE_ARP && left >= ARP_IPV4 && arp_is_ipv4(at)) {
		c->ip_version = 4;
		take_addresses(c, at + 14, at + 24, 4);
		nsc_conversation_order(c);
		return;
	} else {
		return;
	}
	c->proto = pkt->ip_proto;
	c->has_ports = pkt->fate == NSC_FATE_FLOW;
	if (c->has_ports) {
		c->port[0] = pkt->src_port;
		c->port[1] = pkt->dst_port;
	}
	nsc_conversation_order(c);
}

/* --- what was asked for ----------------------------------------------------------------------- */

bool nsc_conversation_has_ports(const struct nsc_conversation *c)
{
	return c->has_ports && (c->proto == NSC_PROTO_TCP || c->proto == NSC_PROTO_UDP || c->proto == NSC_PROTO_SCTP);
}

static bool is_flow(const struct nsc_conversation *c, struct nsc_conversation wanted)
{
	nsc_conversation_order(&wanted);
	return c->has_ports && c->ip_version == wanted.ip_version && c->proto == wanted.proto &&
	       c->port[0] == wanted.port[0] && c->port[1] == wanted.port[1] &&
	       !memcmp(c->address, wanted.address, sizeof(c->address));
}

static bool term_holds(const struct nsc_conversation *c, const struct nsc_term *term)
{
	const struct nsc_conversation *of = &term->of;

	switch (term->kind) {
	case NSC_TERM_HOST:
		return c->ip_version && c->ip_version == of->ip_version &&
		       (!memcmp(c->address[0], of->address[0], 16) || !memcmp(c->address[1], of->address[0], 16));
	case NSC_TERM_PORT:
		return nsc_conversation_has_ports(c) && (c->port[0] == of->port[0] || c->port[1] == of->port[0]);
	case NSC_TERM_FLOW:
		return is_flow(c, *of);
	}
	return false;
}

bool nsc_conversation_matches(const struct nsc_conversation *c, const struct nsc_term *term, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!term_holds(c, &term[i]))
			return false;
	return true;
}

/* --- what stands in an index ------------------------------------------------------------------ */

static uint64_t fnv_bytes(uint64_t hash, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ at[i]) * 0x100000001b3;
	return hash;
}

/* FNV-1a leaves the upper bits of short texts alike. */
static uint64_t hash_of(const uint8_t *bytes, size_t n)
{
	uint64_t h = fnv_bytes(0xcbf29ce484222325, bytes, n);

	h = (h ^ h >> 33) * 0xff51afd7ed558ccd;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53;
	return h ^ h >> 33;
}

uint64_t nsc_conversation_hash(const struct nsc_conversation *c)
{
	uint8_t text[4 + 2 * 18] = { KIND_CONVERSATION, c->ip_version, c->proto, c->has_ports };

	for (unsigned i = 0; i < 2; i++) {
		uint8_t *at = text + 4 + i * 18;

		memcpy(at, c->address[i], 16);
		at[16] = (uint8_t)(c->port[i] >> 8);
		at[17] = (uint8_t)c->port[i];
	}
	return hash_of(text, sizeof(text));
}

uint64_t nsc_host_hash(uint8_t ip_version, const uint8_t address[16])
{
	uint8_t text[2 + 16] = { KIND_HOST, ip_version };

	memcpy(text + 2, address, 16);
	return hash_of(text, sizeof(text));
}

uint64_t nsc_port_hash(uint16_t port)
{
	const uint8_t text[] = { KIND_PORT, (uint8_t)(port >> 8), (uint8_t)port };

	return hash_of(text, sizeof(text));
}
