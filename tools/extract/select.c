/* SPDX-License-Identifier: MIT */
#include "tools/extract/select.h"

#include "engine/detect/networks.h"
#include "netscope/packet_choice.h"
#include "tools/extract/named.h"

#include <errno.h>
#include <string.h>

static_assert(NSC_BURST_MAX == 64, "a burst is a word of bits");

/* The text is read as that of the recorder is. */
int nsc_select_flow(struct nsc_select *select, const char *text, struct nsc_error *error)
{
	struct nsc_packet_choice choice;
	int status;

	nsc_packet_choice_init(&choice);
	status = nsc_packet_choice_set(&choice, "flow", text, error);
	if (status)
		return status;
	select->flow = (struct nsc_conversation){
		.ip_version = choice.ip_version,
		.proto = choice.proto,
		.has_ports = !choice.any_port,
		.port = { choice.a_port, choice.b_port },
	};
	memcpy(select->flow.address[0], choice.a, sizeof(choice.a));
	memcpy(select->flow.address[1], choice.b, sizeof(choice.b));
	nsc_conversation_order(&select->flow);
	select->by_flow = true;
	return 0;
}

int nsc_select_community(struct nsc_select *select, const char *text, struct nsc_error *error)
{
	size_t n = strlen(text), digits = n > 3 ? 2 + strspn(text + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
								       "abcdefghijklmnopqrstuvwxyz0123456789+/")
						: 0;

	if (n != NSC_COMMUNITY_ID_LENGTH || strncmp(text, "1:", 2) || digits != n - 1 || text[n - 1] != '=')
		return nsc_fail(
			error, -EINVAL,
			"\"%.60s\" is no Community ID: wanted 1: and 28 letters, digits and signs of base64, as "
			"in 1:wCb3OG7yAFWelaUydu0D+125CLM=",
			text);
	memcpy(select->community.text, text, n);
	select->by_community = true;
	return 0;
}

/* --- an index --------------------------------------------------------------------------------- */

static void term_of_host(struct nsc_term *term, uint8_t ip_version, const uint8_t address[16])
{
	*term = (struct nsc_term){ .kind = NSC_TERM_HOST, .of.ip_version = ip_version };
	memcpy(term->of.address[0], address, 16);
}

/* Without a protocol the flow's hash is not known: its ends and ports are asked for. */
static uint32_t terms_of_flow(const struct nsc_conversation *flow, struct nsc_term term[4])
{
	bool ports = flow->has_ports && flow->proto != NSC_PROTO_ICMP && flow->proto != NSC_PROTO_ICMPV6;

	if (flow->has_ports && flow->proto) {
		term[0] = (struct nsc_term){ .kind = NSC_TERM_FLOW, .of = *flow };
		return 1;
	}
	for (unsigned i = 0; i < 2; i++)
		term_of_host(&term[i], flow->ip_version, flow->address[i]);
	for (unsigned i = 0; i < 2 && ports; i++)
		term[2 + i] = (struct nsc_term){ .kind = NSC_TERM_PORT, .of.port[0] = flow->port[i] };
	return ports ? 4 : 2;
}

static bool is_whole_address(const struct nsc_network *network)
{
	return network->bits == (network->ip_version == 4 ? 32 : 128);
}

uint32_t nsc_select_terms(const struct nsc_select *select, struct nsc_term term[NSC_TERMS_MAX])
{
	uint32_t n = select->by_flow ? terms_of_flow(&select->flow, term) : 0;

	if (select->by_host && select->hosts.n == 1 && is_whole_address(&select->hosts.network[0]))
		term_of_host(&term[n++], select->hosts.network[0].ip_version, select->hosts.network[0].addr);
	if (select->by_port)
		term[n++] = (struct nsc_term){ .kind = NSC_TERM_PORT, .of.port[0] = select->port };
	return n;
}

/* --- packets ---------------------------------------------------------------------------------- */

static bool flow_holds(const struct nsc_conversation *flow, const struct nsc_conversation *c)
{
	if (c->ip_version != flow->ip_version || (flow->proto && c->proto != flow->proto) ||
	    memcmp(c->address, flow->address, sizeof(c->address)))
		return false;
	return !flow->has_ports || (c->has_ports && c->port[0] == flow->port[0] && c->port[1] == flow->port[1]);
}

static bool host_holds(const struct nsc_networks *hosts, const struct nsc_conversation *c)
{
	return c->ip_version && (nsc_networks_hold(hosts, c->address[0], c->ip_version) ||
				 nsc_networks_hold(hosts, c->address[1], c->ip_version));
}

static bool select_holds(const struct nsc_select *select, const struct nsc_conversation *c, uint64_t ts_ns)
{
	const struct nsc_term port = { .kind = NSC_TERM_PORT, .of.port[0] = select->port };

	return (!select->by_flow || flow_holds(&select->flow, c)) &&
	       (!select->by_host || host_holds(&select->hosts, c)) &&
	       (!select->by_port || nsc_conversation_matches(c, &port, 1)) &&
	       (!select->named || nsc_named_flows_hold(select->named, c, ts_ns));
}

/* What of a flow's record its Community ID depends on. */
static void record_of(struct nsc_flow_record *record, const struct nsc_packet *pkt, const struct nsc_conversation *c)
{
	*record = (struct nsc_flow_record){
		.port_a = c->port[0],
		.port_b = c->port[1],
		.ip_version = c->ip_version,
		.proto = c->proto,
		.client = pkt->dir ? NSC_CLIENT_B : NSC_CLIENT_A,
	};
	memcpy(record->addr_a, c->address[0], 16);
	memcpy(record->addr_b, c->address[1], 16);
}

/* Of those in `among`, a few at a time. */
static uint64_t select_communities(const struct nsc_select *select, const struct nsc_packet *pkt, uint64_t among)
{
	struct nsc_flow_record record[NSC_COMMUNITY_BURST];
	const struct nsc_flow_record *at[NSC_COMMUNITY_BURST];
	struct nsc_community_id id[NSC_COMMUNITY_BURST];
	unsigned number[NSC_COMMUNITY_BURST];
	uint64_t found = 0;

	while (among) {
		uint32_t n = 0;

		for (; among && n < NSC_COMMUNITY_BURST; among &= among - 1) {
			struct nsc_conversation c;

			number[n] = (unsigned)__builtin_ctzll(among);
			nsc_conversation_of(&pkt[number[n]], &c);
			if (!c.has_ports)
				continue;
			record_of(&record[n], &pkt[number[n]], &c);
			at[n] = &record[n];
			n++;
		}
		nsc_community_ids(id, at, n);
		for (uint32_t i = 0; i < n; i++)
			if (!memcmp(id[i].text, select->community.text, NSC_COMMUNITY_ID_LENGTH))
				found |= 1ull << number[i];
	}
	return found;
}

uint64_t nsc_select_burst(const struct nsc_select *select, const struct nsc_packet *pkt, uint32_t n, uint64_t among)
{
	bool judges = select->by_flow || select->by_host || select->by_port || select->named;
	uint64_t found = among;

	for (uint32_t i = 0; i < n && judges; i++) {
		struct nsc_conversation c;

		if (!(among >> i & 1))
			continue;
		nsc_conversation_of(&pkt[i], &c);
		if (!select_holds(select, &c, pkt[i].ts_ns))
			found &= ~(1ull << i);
	}
	return select->by_community ? select_communities(select, pkt, found) : found;
}
