/* SPDX-License-Identifier: MIT
 *
 * A row of a group query: the key as people and as the filter write it, and the numbers.
 */
#include <endian.h>
#include <math.h>
#include <stdio.h>

#include "dashboard/server/groups.h"
#include "engine/text/address.h"
#include "netscope/geo.h"
#include "netscope/interfaces.h"
#include "netscope/services.h"

/* --- names ------------------------------------------------------------------------------------- */

struct row {
	const struct nsc_flow_query *query;
	const struct nsc_group *group;
	const uint32_t *rtt;
	struct nsc_json *json;
	struct nsc_geo geo; /* of the address, or what of it belongs to the group */
	const char *service;
	char key[2 * NSC_FORMAT_IP_MAX + NSC_NAME_MAX], term[2 * NSC_FORMAT_IP_MAX + NSC_NAME_MAX + 16];
};

static char *row_put_address(char *at, const uint64_t word[2], uint64_t ip_version)
{
	uint64_t half[2] = { htobe64(word[0]), htobe64(word[1]) };

	return nsc_format_ip(at, (const uint8_t *)half, (unsigned)ip_version);
}

static void row_name_address(struct row *row)
{
	const uint64_t *word = row->group->key.word;
	char *at = row_put_address(row->key, word + 1, word[0]);

	if (row->query->group_by == NSC_BY_NET24)
		strcpy(at, word[0] == 4 ? "/24" : "/64");
	else
		*at = '\0';
	snprintf(row->term, sizeof(row->term), "host:%s", row->key);
	if (row->query->group_by != NSC_BY_HOST)
		return;
	nsc_geo_find((const uint8_t *)(uint64_t[]){ htobe64(word[1]), htobe64(word[2]) }, (unsigned)word[0], &row->geo);
}

static void row_name_pair(struct row *row)
{
	const uint64_t *word = row->group->key.word;
	char first[NSC_FORMAT_IP_MAX], second[NSC_FORMAT_IP_MAX];

	*row_put_address(first, word + 1, word[0]) = '\0';
	*row_put_address(second, word + 3, word[0]) = '\0';
	snprintf(row->key, sizeof(row->key), "%s %s", first, second);
	snprintf(row->term, sizeof(row->term), "host:%s host:%s", first, second);
}

static void row_name_service(struct row *row)
{
	const uint64_t *word = row->group->key.word;
	struct nsc_flow_record record = { .proto = (uint8_t)word[1],
					  .client = NSC_CLIENT_A,
					  .port_b = (uint16_t)word[0] };

	snprintf(row->key, sizeof(row->key), "%s/%u", nsc_proto_name(record.proto), record.port_b);
	snprintf(row->term, sizeof(row->term), "proto:%s port:%u", nsc_proto_name(record.proto), record.port_b);
	row->service = nsc_flow_service(&record);
}

static void row_name_column(struct row *row)
{
	const struct nsc_column *column = row->query->group_column;
	const struct nsc_group_key *key = &row->group->key;

	if (key->length)
		snprintf(row->key, sizeof(row->key), "%.*s", (int)key->length, key->text);
	else if (column->words)
		snprintf(row->key, sizeof(row->key), "%s", column->words[key->word[0]]);
	else
		snprintf(row->key, sizeof(row->key), "%llu", (unsigned long long)key->word[0]);
	snprintf(row->term, sizeof(row->term), "%s:%s", column->name, row->key);
}

static void row_name_country(struct row *row)
{
	uint64_t letters = row->group->key.word[0];

	snprintf(row->key, sizeof(row->key), "%c%c", (int)(letters >> 8), (int)(letters & 0xff));
	snprintf(row->term, sizeof(row->term), "country:%s", row->key);
}

static void row_name_interface(struct row *row)
{
	const char *name = nsc_interface_name((unsigned)row->group->key.word[0]);

	snprintf(row->key, sizeof(row->key), "%s", name ? name : "");
	if (!name)
		return;
	snprintf(row->term, sizeof(row->term), "interface:%s", name);
	for (char *at = row->term; *at; at++) /* what stands between values and terms */
		if (*at <= ' ' || *at == ',' || *at == ';')
			*at = '*';
}

/* --- members ---------------------------------------------------------------------------------- */

static void row_name(struct row *row)
{
	uint64_t number = row->group->key.word[0];

	row->key[0] = row->term[0] = '\0';
	switch (row->query->group_by) {
	case NSC_BY_HOST:
	case NSC_BY_NET24:
		row_name_address(row);
		break;
	case NSC_BY_PAIR:
		row_name_pair(row);
		break;
	case NSC_BY_PORT:
		snprintf(row->key, sizeof(row->key), "%u", (unsigned)number);
		snprintf(row->term, sizeof(row->term), "port:%u", (unsigned)number);
		break;
	case NSC_BY_SERVICE:
		row_name_service(row);
		break;
	case NSC_BY_COUNTRY:
		row_name_country(row);
		break;
	case NSC_BY_ASN:
		snprintf(row->key, sizeof(row->key), "%u", (unsigned)number);
		snprintf(row->term, sizeof(row->term), "asn:%u", (unsigned)number);
		break;
	case NSC_BY_INTERFACE:
		row_name_interface(row);
		break;
	default:
		row_name_column(row);
		break;
	}
}

static uint64_t row_if(bool known, uint64_t value)
{
	return known ? value : NSC_UNKNOWN;
}

static void row_add_directions(struct row *row)
{
	unsigned by = row->query->group_by;
	const struct nsc_group *g = row->group;
	bool known = by != NSC_BY_PROTOCOL && by != NSC_BY_VLAN && by != NSC_BY_INTERFACE;

	nsc_json_add_u64(row->json, "bytes_sent", row_if(known, g->sent_bytes));
	nsc_json_add_u64(row->json, "bytes_received", row_if(known, g->received_bytes));
	known &= !row->query->recent;
	nsc_json_add_u64(row->json, "packets_sent", row_if(known, g->sent_packets));
	nsc_json_add_u64(row->json, "packets_received", row_if(known, g->received_packets));
}

static double row_ms(const struct nsc_group *group, uint64_t ns)
{
	return group->rtt_flows ? (double)ns / 1e6 : (double)NAN;
}

static void row_add_tcp(struct row *row)
{
	const struct nsc_group *g = row->group;
	bool order = g->analyses & NSC_ANALYSIS_ORDER;

	nsc_json_add_u64(row->json, "retransmissions", row_if(g->analyses & NSC_ANALYSIS_RETRANS, g->retransmissions));
	nsc_json_add_u64(row->json, "out_of_order", row_if(g->analyses & NSC_ANALYSIS_OUT_OF_ORDER, g->out_of_order));
	nsc_json_add_u64(row->json, "lost_segments", row_if(order, g->lost_segments));
	nsc_json_add_u64(row->json, "zero_windows", row_if(order, g->zero_windows));
	nsc_json_add_fixed(row->json, "rtt_min_ms", row_ms(g, g->rtt_min_ns), 6);
	nsc_json_add_fixed(row->json, "rtt_p50_ms", row_ms(g, nsc_group_rtt_median_ns(row->rtt)), 6);
	nsc_json_add_fixed(row->json, "rtt_mean_ms", row_ms(g, g->rtt_ewma_ns / NSC_MAX(g->rtt_flows, 1ull)), 6);
}

static void row_add_place(struct row *row)
{
	char country[3] = { row->geo.country[0], row->geo.country[1], '\0' };

	nsc_json_add_text(row->json, "country", country[0] ? country : NULL);
	nsc_json_add_u64(row->json, "asn", row_if(row->geo.asn, row->geo.asn));
	nsc_json_key(row->json, "as_org");
	if (row->geo.as_org_length)
		nsc_json_text_n(row->json, row->geo.as_org, row->geo.as_org_length);
	else
		nsc_json_null(row->json);
	nsc_json_add_text(row->json, "service", row->service);
}

void nsc_show_group(struct nsc_json *json, const struct nsc_flow_query *query, const struct nsc_group *group,
		    const struct nsc_group_more *more)
{
	struct row row = { .query = query, .group = group, .rtt = more->rtt, .json = json };

	row.geo.as_org = more->org.text;
	row.geo.as_org_length = (uint8_t)more->org.length;
	row_name(&row);
	nsc_json_open(json, '{');
	nsc_json_add_text(json, "key", row.key);
	nsc_json_add_text(json, "term", row.term[0] ? row.term : NULL);
	nsc_json_add_u64(json, "flows", group->flows);
	nsc_json_add_u64(json, "packets", row_if(!query->recent, group->packets));
	nsc_json_add_u64(json, "bytes", group->bytes);
	row_add_directions(&row);
	row_add_tcp(&row);
	nsc_json_add_time(json, "first_seen", group->first_seen_ns);
	nsc_json_add_time(json, "last_seen", group->last_seen_ns);
	row_add_place(&row);
	nsc_json_close(json, '}');
}
