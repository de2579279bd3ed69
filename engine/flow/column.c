/* SPDX-License-Identifier: MIT
 *
 * What flows can be filtered and sorted by. The columns that the outputs have too are rows of NSC_FLOW_COLUMNS; here
 * are those whose order or text is another one, or that look at the moment.
 */
#include <endian.h>
#include <string.h>

#include "netscope/columns.h"
#include "netscope/geo.h"
#include "netscope/interfaces.h"
#include "netscope/query.h"

#define VALUE(name)                                                                                                    \
	static bool column_##name(const struct nsc_flow_record *r, const struct nsc_flow_moment *now,                  \
				  struct nsc_flow_key_value *v)
#define SIMPLE(name, expression)                                                                                       \
	VALUE(name)                                                                                                    \
	{                                                                                                              \
		v->word[0] = (expression);                                                                             \
		return true;                                                                                           \
	}

static uint64_t column_elapsed(uint64_t now_ns, uint64_t then_ns)
{
	return now_ns > then_ns ? now_ns - then_ns : 0;
}

static uint64_t column_mean_rate(const struct nsc_flow_record *r)
{
	uint64_t ns = r->last_seen_ns - r->first_seen_ns;
	unsigned __int128 bits = (unsigned __int128)(r->bytes[0] + r->bytes[1]) * 8 * NSC_NS_PER_SEC;

	return ns ? (uint64_t)NSC_MIN(bits / ns, (unsigned __int128)UINT64_MAX) : 0;
}

SIMPLE(bps, column_mean_rate(r))
SIMPLE(tick_bytes, now->tick_bytes)
SIMPLE(age, column_elapsed(now->clock_ns, r->first_seen_ns))
SIMPLE(idle, column_elapsed(now->clock_ns, r->last_seen_ns))
SIMPLE(ended, r->end_reason != NSC_END_ACTIVE)
SIMPLE(version, r->ip_version)
SIMPLE(port_a, r->port_a)
SIMPLE(port_b, r->port_b)

VALUE(vlan)
{
	v->word[0] = r->vlan[0];
	return r->n_vlans;
}

VALUE(tunnel_id)
{
	v->word[0] = r->tunnel_id[0];
	return r->tunnel[0] & NSC_FLOW_TUNNEL_HAS_ID;
}

VALUE(protocol)
{
	static const uint8_t place[UINT8_MAX + 1] = {
		[NSC_PROTO_ICMPV6] = 1, [NSC_PROTO_SCTP] = 2, [NSC_PROTO_TCP] = 3, [NSC_PROTO_UDP] = 4
	};

	v->word[0] = place[r->proto];
	return true;
}

VALUE(state)
{
	v->word[0] = r->tcp_state;
	return r->proto == NSC_PROTO_TCP;
}

static bool column_end_value(const uint8_t addr[16], uint16_t port, uint8_t ip_version, struct nsc_flow_key_value *v)
{
	uint64_t half[2];

	memcpy(half, addr, sizeof(half));
	*v = (struct nsc_flow_key_value){ { ip_version, be64toh(half[0]), be64toh(half[1]), port } };
	return true;
}

VALUE(end_a)
{
	return column_end_value(r->addr_a, r->port_a, r->ip_version, v);
}

VALUE(end_b)
{
	return column_end_value(r->addr_b, r->port_b, r->ip_version, v);
}

static bool column_side_value(const struct nsc_flow_record *r, bool b, struct nsc_flow_key_value *v)
{
	column_end_value(b ? r->addr_b : r->addr_a, b ? r->port_b : r->port_a, r->ip_version, v);
	return r->client != NSC_CLIENT_NONE;
}

VALUE(client)
{
	return column_side_value(r, r->client == NSC_CLIENT_B, v);
}

VALUE(server)
{
	return column_side_value(r, r->client != NSC_CLIENT_B, v);
}

/* A column of the outputs: its number, as it is written, when it is known. */
#define VALUE_NO(name, number, known)
#define VALUE_SORTS(name, number, known)                                                                               \
	VALUE(name)                                                                                                    \
	{                                                                                                              \
		v->word[0] = (number);                                                                                 \
		return (known);                                                                                        \
	}
#define VALUE_BOTH(name, number, known) VALUE_SORTS(name, number, known)
#define NSC_X(name, form, number, known, finds, ...) VALUE_##finds(name, number, known)
NSC_FLOW_COLUMNS(NSC_X)
#undef NSC_X

/* --- what a flow said ------------------------------------------------------------------------- */

#define SAID(name, pointer, length)                                                                                    \
	static uint32_t column_said_##name(const struct nsc_flow_record *r, const struct nsc_named *named,             \
					   const char **text)                                                          \
	{                                                                                                              \
		*text = (pointer);                                                                                     \
		return (length);                                                                                       \
	}
SAID(app, nsc_app_name(named->app), (uint32_t)strlen(*text))
SAID(app_source, nsc_app_source_name(named->source), (uint32_t)strlen(*text))
SAID(name, named->name, named->name_length)
SAID(sni, named->name,
     named->app == NSC_APP_TLS || named->app == NSC_APP_QUIC || named->ja4_length ? named->name_length : 0)
SAID(alpn, named->alpn, named->alpn_length)
SAID(ja4, named->ja4, named->ja4_length)
SAID(interface, nsc_interface_name(r->interface), *text ? (uint32_t)strlen(*text) : 0)

/* Texts are sorted by their first 32 bytes. */
static bool column_text_order(const struct nsc_flow_record *r,
			      uint32_t (*said)(const struct nsc_flow_record *, const struct nsc_named *, const char **),
			      struct nsc_flow_key_value *v)
{
	uint64_t head[NSC_ARRAY_LEN(v->word)] = { 0 };
	struct nsc_named named;
	const char *text;
	uint32_t length;

	nsc_flow_named(r, &named);
	length = said(r, &named, &text);
	memcpy(head, text, NSC_MIN(length, sizeof(head)));
	for (unsigned i = 0; i < NSC_ARRAY_LEN(head); i++)
		v->word[i] = be64toh(head[i]);
	return length;
}

VALUE(order_of_app)
{
	return column_text_order(r, column_said_app, v);
}

VALUE(order_of_name)
{
	return column_text_order(r, column_said_name, v);
}

VALUE(order_of_ja4)
{
	return column_text_order(r, column_said_ja4, v);
}

static uint64_t column_place_asn(const struct nsc_geo *geo)
{
	return geo->asn;
}

static const char *const protocols[] = { "icmp", "icmpv6", "sctp", "tcp", "udp", NULL };
static const char *const states[] = {
#define NSC_X(name, text) text,
	NSC_TCP_STATES(NSC_X)
#undef NSC_X
		NULL,
};

static const char *const no_yes[] = { "no", "yes", NULL };

static const char *const apps[] = {
#define NSC_X(id, text) text,
	NSC_APPS(NSC_X)
#undef NSC_X
		NULL,
};
static const char *const app_sources[] = {
#define NSC_X(id, text) text,
	NSC_APP_SOURCES(NSC_X)
#undef NSC_X
		NULL,
};

#define BOTH .filters = true, .sorts = true
#define FILTERS .filters = true
#define SORTS .sorts = true

enum {
#define NSC_X(form, room, kind, milliseconds, ...)                                                                     \
	COLUMN_KIND_##form = NSC_COLUMN_##kind, COLUMN_IN_MS_##form = (milliseconds),
	NSC_COLUMN_FORMS(NSC_X)
#undef NSC_X
};

#define ROW(finds, column, form, key, other, text)                                                                     \
	{ key,                                                                                                         \
	  .alias = other,                                                                                              \
	  .kind = (enum nsc_column_kind)COLUMN_KIND_##form,                                                            \
	  finds,                                                                                                       \
	  .milliseconds = COLUMN_IN_MS_##form,                                                                         \
	  .value = column_##column,                                                                                    \
	  .help = (text) },
#define ROW_NO(...)
#define ROW_SORTS(...) ROW(SORTS, __VA_ARGS__)
#define ROW_BOTH(...) ROW(BOTH, __VA_ARGS__)

const struct nsc_column nsc_column_table[] = {
	{ "host", .kind = NSC_COLUMN_ADDRESS, FILTERS, .end = NSC_SIDE_EITHER, .of_ends = true,
	  .help = "either end: an address or a network" },
	{ "client", .kind = NSC_COLUMN_ADDRESS, BOTH, .end = NSC_SIDE_CLIENT, .value = column_client,
	  .help = "the end that opened the flow" },
	{ "server", .kind = NSC_COLUMN_ADDRESS, BOTH, .end = NSC_SIDE_SERVER, .value = column_server,
	  .help = "the other end" },
	{ "port", .kind = NSC_COLUMN_PORT, FILTERS, .end = NSC_SIDE_EITHER, .of_ends = true, .help = "either port" },
	{ "client_port", .kind = NSC_COLUMN_PORT, FILTERS, .end = NSC_SIDE_CLIENT,
	  .help = "port of the end that opened it" },
	{ "server_port", .kind = NSC_COLUMN_PORT, FILTERS, .end = NSC_SIDE_SERVER, .help = "port of the other end" },
	{ "proto", .alias = "protocol", .kind = NSC_COLUMN_WORD, BOTH, .value = column_protocol, .words = protocols,
	  .of_ends = true, .help = "protocol" },
	{ "ip", .kind = NSC_COLUMN_NUMBER, FILTERS, .value = column_version, .of_ends = true, .help = "4 or 6" },
	{ "state", .kind = NSC_COLUMN_WORD, BOTH, .value = column_state, .words = states, .help = "TCP state" },
	{ "ended", .kind = NSC_COLUMN_WORD, FILTERS, .value = column_ended, .words = no_yes,
	  .help = "whether it has ended; the newest that have are kept" },
	{ "bps", .kind = NSC_COLUMN_RATE, BOTH, .value = column_bps, .help = "mean rate over the flow's life" },
	{ "tick_bytes", .kind = NSC_COLUMN_BYTES, SORTS, .value = column_tick_bytes, .help = "bytes in the open tick" },
	{ "age", .kind = NSC_COLUMN_DURATION, FILTERS, .value = column_age, .help = "since the first packet" },
	{ "idle", .kind = NSC_COLUMN_DURATION, FILTERS, .value = column_idle, .help = "since the last packet" },
	{ "a", .kind = NSC_COLUMN_ADDRESS, SORTS, .value = column_end_a, .help = "endpoint a: address, then port" },
	{ "b", .kind = NSC_COLUMN_ADDRESS, SORTS, .value = column_end_b, .help = "endpoint b: address, then port" },
	{ "vlan", .kind = NSC_COLUMN_NUMBER, BOTH, .value = column_vlan, .help = "outermost VLAN tag" },
	{ "tunnel_id", .kind = NSC_COLUMN_NUMBER, BOTH, .value = column_tunnel_id,
	  .help = "id of the outermost tunnel" },
	{ "port_a", .kind = NSC_COLUMN_PORT, SORTS, .value = column_port_a, .help = "port of a" },
	{ "port_b", .kind = NSC_COLUMN_PORT, SORTS, .value = column_port_b, .help = "port of b" },
	{ "app", .kind = NSC_COLUMN_TEXT, BOTH, .value = column_order_of_app, .text = column_said_app, .words = apps,
	  .help = "application" },
	{ "app_source", .kind = NSC_COLUMN_TEXT, FILTERS, .text = column_said_app_source, .words = app_sources,
	  .help = "how the application is known" },
	{ "name", .kind = NSC_COLUMN_TEXT, BOTH, .value = column_order_of_name, .text = column_said_name, .below = true,
	  .help = "whom the client asked for: the name, or what lies below it" },
	{ "sni", .kind = NSC_COLUMN_TEXT, FILTERS, .text = column_said_sni, .below = true,
	  .help = "the same, of flows of TLS and QUIC only" },
	{ "alpn", .kind = NSC_COLUMN_TEXT, FILTERS, .text = column_said_alpn,
	  .help = "one of the protocols that a TLS client offered" },
	{ "ja4", .kind = NSC_COLUMN_TEXT, BOTH, .value = column_order_of_ja4, .text = column_said_ja4,
	  .help = "fingerprint of a TLS client" },
	{ "interface", .kind = NSC_COLUMN_TEXT, FILTERS, .text = column_said_interface,
	  .help = "interface of the first packet" },
	{ "country", .kind = NSC_COLUMN_COUNTRY, FILTERS, .end = NSC_SIDE_EITHER, .place = nsc_geo_country_number,
	  .help = "where either end is registered: two letters; with --geoip" },
	{ "asn", .kind = NSC_COLUMN_NUMBER, FILTERS, .end = NSC_SIDE_EITHER, .place = column_place_asn,
	  .help = "autonomous system of either end; with --geoip" },
#define NSC_X(name, form, number, known, finds, key, alias, help) ROW_##finds(name, form, key, alias, help)
	NSC_FLOW_COLUMNS(NSC_X)
#undef NSC_X
};

const uint32_t nsc_column_count = NSC_ARRAY_LEN(nsc_column_table);

const struct nsc_column *nsc_column_find(const char *name, bool sorts)
{
	for (uint32_t i = 0; i < nsc_column_count; i++) {
		const struct nsc_column *column = &nsc_column_table[i];

		if (!(sorts ? column->sorts : column->filters))
			continue;
		if (!strcmp(column->name, name) || (column->alias && !strcmp(column->alias, name)))
			return column;
	}
	return NULL;
}
