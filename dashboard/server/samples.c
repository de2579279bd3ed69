/* SPDX-License-Identifier: MIT
 *
 * A ring of slots of one size: a sample's place follows from its id.
 */
#include "dashboard/server/samples.h"

#include "engine/text/address.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int nsc_samples_open(struct nsc_samples *s, uint32_t packets, uint32_t bytes, struct nsc_error *error)
{
	s->slot_size = (sizeof(struct nsc_sample) + bytes + 7) & ~(size_t)7;
	s->room = (uint32_t)NSC_MIN((uint64_t)packets, NSC_SAMPLES_MEMORY / s->slot_size);
	s->seen = 0;
	s->slots = NULL;
	if (!s->room)
		return 0;
	s->slots = calloc(s->room, s->slot_size);
	return s->slots ? 0 : nsc_fail(error, -ENOMEM, "no memory for %u packets of the dashboard", s->room);
}

void nsc_samples_close(struct nsc_samples *s)
{
	free(s->slots);
	s->slots = NULL;
}

static struct nsc_sample *slot(const struct nsc_samples *s, uint64_t id)
{
	return (struct nsc_sample *)(void *)(s->slots + id % s->room * s->slot_size);
}

static void sample_add(struct nsc_samples *s, uint32_t worker, const struct nsc_packet_record *record)
{
	struct nsc_sample *sample = slot(s, ++s->seen);
	uint32_t most = (uint32_t)(s->slot_size - sizeof(*sample));

	sample->id = s->seen;
	sample->worker = worker;
	sample->record = *record;
	sample->record.len = NSC_MIN(record->len, most);
	sample->record.bytes_at = (int32_t)sizeof(sample->record);
	memcpy(sample->bytes, nsc_packet_bytes(record), sample->record.len);
}

void nsc_samples_add(struct nsc_samples *s, uint32_t worker, const struct nsc_packet_chunk *chunk)
{
	const struct nsc_packet_record *record = nsc_packet_first(chunk);

	for (uint32_t i = 0; s->room && i < chunk->n; i++, record = nsc_packet_next(record))
		sample_add(s, worker, record);
}

uint64_t nsc_samples_oldest(const struct nsc_samples *s)
{
	return s->seen > s->room ? s->seen - s->room + 1 : s->room ? 1 : s->seen + 1;
}

const struct nsc_sample *nsc_samples_find(const struct nsc_samples *s, uint64_t id)
{
	return s->room && id && id <= s->seen && id >= nsc_samples_oldest(s) ? slot(s, id) : NULL;
}

/* --- the flow of a packet --------------------------------------------------------------------- */

static char *put_key_end(char *at, const uint8_t addr[16], unsigned ip_version, uint16_t port)
{
	*at++ = '-';
	at = nsc_format_ip(at, addr, ip_version);
	*at++ = '-';
	return nsc_format_u32(at, port);
}

void nsc_flow_key_json(struct nsc_json *json, const struct nsc_flow_record *flow)
{
	char text[2 * (NSC_FORMAT_ENDPOINT_MAX + 1) + 16], *at = nsc_format_text(text, nsc_proto_name(flow->proto));

	at = put_key_end(at, flow->addr_a, flow->ip_version, flow->port_a);
	at = put_key_end(at, flow->addr_b, flow->ip_version, flow->port_b);
	nsc_json_text_n(json, text, (size_t)(at - text));
}

/* Decoded once more: a sample carries no descriptor. What was cut off may be what the key needs. */
static void sample_add_key(struct nsc_samples *s, const struct nsc_sample *sample, struct nsc_json *json)
{
	struct nsc_packet pkt = nsc_packet_of(&sample->record);
	struct nsc_flow_record flow = { .ip_version = 0 };

	pkt.data = sample->bytes;
	if (sample->record.fate == NSC_FATE_FLOW)
		nsc_decode_burst(&s->decode, &pkt, 1);
	nsc_json_key(json, "key");
	if (sample->record.fate != NSC_FATE_FLOW || pkt.fate != NSC_FATE_FLOW) {
		nsc_json_null(json);
		return;
	}
	nsc_flow_ends_fill(&flow, &pkt);
	nsc_flow_key_json(json, &flow);
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static const struct nsc_field *sample_first_field(const struct nsc_dissection *tree, const char *const names[])
{
	uint16_t i = NSC_NO_FIELD;

	for (; *names && i == NSC_NO_FIELD; names++)
		i = nsc_dissection_find(tree, *names, 0);
	return i == NSC_NO_FIELD ? NULL : &tree->field[i];
}

static void sample_add_end(const struct nsc_dissection *tree, struct nsc_json *json, const char *key,
			   const char *const addresses[], const char *const ports[])
{
	const struct nsc_field *address = sample_first_field(tree, addresses), *port = sample_first_field(tree, ports);
	char value[NSC_VALUE_MAX], text[256];
	size_t n;

	nsc_json_key(json, key);
	if (!address) {
		nsc_json_null(json);
		return;
	}
	n = NSC_MIN(nsc_dissect_value(tree, address, value, sizeof(value)), (size_t)200);
	if (port && address->type->kind != NSC_VALUE_MAC)
		n = (size_t)snprintf(text, sizeof(text), memchr(value, ':', n) ? "[%.*s]:%u" : "%.*s:%u", (int)n, value,
				     (unsigned)port->value);
	else
		n = (size_t)snprintf(text, sizeof(text), "%.*s", (int)n, value);
	nsc_json_text_n(json, text, n);
}

static void sample_add_ends(const struct nsc_dissection *tree, struct nsc_json *json)
{
	static const char *const sources[] = { "ip.src",  "ipv6.src",    "arp.src.proto_ipv4",
					       "eth.src", "sll.src.eth", NULL };
	static const char *const destinations[] = { "ip.dst", "ipv6.dst", "arp.dst.proto_ipv4", "eth.dst", NULL };
	static const char *const from[] = { "tcp.srcport", "udp.srcport", "sctp.srcport", NULL };
	static const char *const to[] = { "tcp.dstport", "udp.dstport", "sctp.dstport", NULL };

	sample_add_end(tree, json, "source", sources, from);
	sample_add_end(tree, json, "destination", destinations, to);
}

/* The innermost layer that has a name of its own. */
static const char *sample_protocol(const struct nsc_dissection *tree)
{
	const char *label = "Data";

	for (uint16_t i = 0; i < tree->n; i++)
		if (tree->field[i].depth == 0 && strcmp(tree->field[i].type->name, "data"))
			label = tree->field[i].type->label;
	return label;
}

static const char *after_bar(const char *at, const char *end)
{
	for (; end - at >= 3; at++)
		if (!memcmp(at, " | ", 3))
			return at + 3;
	return NULL;
}

/* What follows the link, and the network layer if there is one. */
static const char *info_of(const char *line, const char *end)
{
	const char *at = after_bar(line, end), *next;

	if (!at)
		return line;
	if (end - at > 5 && (!memcmp(at, "IPv4:", 5) || !memcmp(at, "IPv6:", 5)) && (next = after_bar(at, end)))
		at = next;
	return at;
}

static void sample_add_line(struct nsc_samples *s, const struct nsc_sample *sample, struct nsc_json *json)
{
	char line[NSC_LINE_MAX];
	size_t n = nsc_dissect_line_of(&s->tree, sample->record.ts_ns, sample->id, line, sizeof(line));
	const char *info = info_of(line, line + n);

	nsc_json_key(json, "info");
	nsc_json_text_n(json, info, (size_t)(line + n - info));
	nsc_json_key(json, "line");
	nsc_json_text_n(json, line, n);
}

void nsc_sample_json(struct nsc_samples *s, const struct nsc_sample *sample, struct nsc_json *json)
{
	const struct nsc_packet_record *record = &sample->record;
	struct nsc_packet pkt = nsc_packet_of(record);

	pkt.data = sample->bytes;
	nsc_dissect(&s->tree, &pkt);
	nsc_json_open(json, '{');
	nsc_json_add_u64(json, "id", sample->id);
	nsc_json_add_time(json, "time", record->ts_ns);
	nsc_json_add_u64(json, "worker", sample->worker);
	nsc_json_add_u64(json, "wire_len", record->wire_len);
	nsc_json_add_u64(json, "cap_len", record->cap_len);
	nsc_json_add_u64(json, "kept", record->len);
	nsc_json_add_text(json, "fate", nsc_fate_name(record->fate));
	nsc_json_add_text(json, "link", nsc_link_name(record->link));
	nsc_json_add_text(json, "protocol", sample_protocol(&s->tree));
	sample_add_ends(&s->tree, json);
	sample_add_key(s, sample, json);
	sample_add_line(s, sample, json);
	nsc_json_close(json, '}');
}

/* The members "layers" and "truncated", which dissection writes as an object. */
static void sample_add_tree(struct nsc_samples *s, struct nsc_json *json)
{
	enum { ROOM = 512 * 1024 };
	char *text = malloc(ROOM);
	size_t n = text ? nsc_dissect_json(&s->tree, text, ROOM) : 0;

	if (n > 2)
		nsc_json_raw_members(json, text + 1, n - 2);
	else
		json->out.full = true;
	free(text);
}

static void sample_add_not_found(const struct nsc_samples *s, uint64_t id, struct nsc_json *json)
{
	char text[160];

	if (!s->seen || !s->room)
		snprintf(text, sizeof(text), "packet %llu is not kept: none is", (unsigned long long)id);
	else if (id > s->seen)
		snprintf(text, sizeof(text), "packet %llu was never seen: the newest is %llu", (unsigned long long)id,
			 (unsigned long long)s->seen);
	else
		snprintf(text, sizeof(text), "packet %llu is not kept any more: the oldest is %llu",
			 (unsigned long long)id, (unsigned long long)nsc_samples_oldest(s));
	nsc_json_add_text(json, "message", text);
}

void nsc_sample_detail_json(struct nsc_samples *s, uint64_t id, struct nsc_json *json)
{
	const struct nsc_sample *sample = nsc_samples_find(s, id);

	nsc_json_add_u64(json, "id", id);
	nsc_json_add_bool(json, "found", sample != NULL);
	if (!sample) {
		sample_add_not_found(s, id, json);
		return;
	}
	nsc_json_key(json, "packet");
	nsc_sample_json(s, sample, json);
	sample_add_tree(s, json);
	nsc_json_key(json, "hex");
	nsc_json_hex(json, sample->bytes, sample->record.len);
}
