/* SPDX-License-Identifier: MIT
 *
 * One table says what a record holds; templates and records are made from it. A kind of record has the elements whose
 * condition holds for it, in the order of the table.
 */
#include "engine/text/ipfix.h"

#include <endian.h>
#include <string.h>

#include "engine/base/assert.h"

enum {
	KIND_IPV6 = 1,
	KIND_TCP = 2,
	KIND_NAMED = 4,
	KIND_UNIFLOW = 8,
	KIND_TEMPLATE = 16, /* of a set */
	SET_HEADER = 4,
	TEMPLATE_SET = 2,
	OPTIONS_SET = 3,
	VARIABLE = 65535, /* as a length */
	LONG_TEXT = 255,  /* a text of so many bytes or more has three bytes for its length */
};

/* Conditions. */
#define KIND_IS_ALL(kind) true
#define KIND_IS_V4(kind) !((kind)&KIND_IPV6)
#define KIND_IS_V6(kind) ((kind)&KIND_IPV6)
#define KIND_IS_BIFLOW(kind) !((kind)&KIND_UNIFLOW)
#define KIND_IS_TCP(kind) ((kind)&KIND_TCP)
#define KIND_IS_NAMED(kind) ((kind)&KIND_NAMED)

/* X(condition, enterprise number, element, form, value): `r` is the record, `d` the direction that comes first. Only
 * what collectors were seen to take: docs/ipfix.md. Never nanoseconds alone, no TCP flags of the reverse direction. */
#define IPFIX_ELEMENTS(X)                                                                                              \
	X(ALL, 0, 152, U64, r->first_seen_ns / 1000000)          /* flowStartMilliseconds */                           \
	X(ALL, 0, 153, U64, r->last_seen_ns / 1000000)           /* flowEndMilliseconds */                             \
	X(ALL, 0, 156, U64, ipfix_ntp_time(r->first_seen_ns))    /* flowStartNanoseconds */                            \
	X(ALL, 0, 157, U64, ipfix_ntp_time(r->last_seen_ns))     /* flowEndNanoseconds */                              \
	X(V4, 0, 8, IPV4, d ? r->addr_b : r->addr_a)             /* sourceIPv4Address */                               \
	X(V4, 0, 12, IPV4, d ? r->addr_a : r->addr_b)            /* destinationIPv4Address */                          \
	X(V6, 0, 27, IPV6, d ? r->addr_b : r->addr_a)            /* sourceIPv6Address */                               \
	X(V6, 0, 28, IPV6, d ? r->addr_a : r->addr_b)            /* destinationIPv6Address */                          \
	X(ALL, 0, 7, U16, d ? r->port_b : r->port_a)             /* sourceTransportPort */                             \
	X(ALL, 0, 11, U16, d ? r->port_a : r->port_b)            /* destinationTransportPort */                        \
	X(ALL, 0, 4, U8, r->proto)                               /* protocolIdentifier */                              \
	X(ALL, 0, 1, U64, r->bytes[d])                           /* octetDeltaCount */                                 \
	X(ALL, 0, 2, U64, r->packets[d])                         /* packetDeltaCount */                                \
	X(BIFLOW, NSC_IPFIX_PEN_REVERSE, 1, U64, r->bytes[!d])   /* reverseOctetDeltaCount */                          \
	X(BIFLOW, NSC_IPFIX_PEN_REVERSE, 2, U64, r->packets[!d]) /* reversePacketDeltaCount */                         \
	X(BIFLOW, 0, 239, U8, r->client != NSC_CLIENT_NONE)      /* biflowDirection: initiator, arbitrary */           \
	X(ALL, 0, 136, U8, ipfix_end_reason(r))                  /* flowEndReason */                                   \
	X(ALL, 0, 5, U8, r->dscp[d] << 2)                        /* ipClassOfService */                                \
	X(ALL, 0, 52, U8, r->ttl_min[d])                         /* minimumTTL */                                      \
	X(BIFLOW, NSC_IPFIX_PEN_REVERSE, 52, U8, r->ttl_min[!d]) /* reverseMinimumTTL */                               \
	X(ALL, 0, 58, U16, r->vlan[0])                           /* vlanId */                                          \
	X(ALL, 0, 245, U16, r->vlan[1])                          /* dot1qCustomerVlanId */                             \
	X(TCP, 0, 6, U16, ipfix_flags(r, d, kind))               /* tcpControlBits */                                  \
	X(TCP, NSC_IPFIX_PEN_NTOP, 109, U32, first ? r->retransmissions : 0) /* RETRANSMITTED_IN_PKTS */               \
	X(TCP, NSC_IPFIX_PEN_NTOP, 111, U32, first ? r->out_of_order : 0)    /* OOORDER_IN_PKTS */                     \
	X(NAMED, 0, 96, TEXT, &words->app)                                   /* applicationName */                     \
	X(NAMED, NSC_IPFIX_PEN_NTOP, 122, TEXT, &words->name)                /* FLOW_SERVER_NAME */

/* Bytes of a form; a text tells its own. */
enum { SIZE_U8 = 1, SIZE_U16 = 2, SIZE_U32 = 4, SIZE_U64 = 8, SIZE_IPV4 = 4, SIZE_IPV6 = 16, SIZE_TEXT = 0 };

/* --- forms ------------------------------------------------------------------------------------ */

nsc_always_inline uint8_t *ipfix_put_U8(uint8_t *at, unsigned value)
{
	*at = (uint8_t)value;
	return at + 1;
}

nsc_always_inline uint8_t *ipfix_put_U16(uint8_t *at, uint32_t value)
{
	uint16_t order = htobe16((uint16_t)value);

	memcpy(at, &order, sizeof(order));
	return at + sizeof(order);
}

nsc_always_inline uint8_t *ipfix_put_U32(uint8_t *at, uint32_t value)
{
	uint32_t order = htobe32(value);

	memcpy(at, &order, sizeof(order));
	return at + sizeof(order);
}

nsc_always_inline uint8_t *ipfix_put_U64(uint8_t *at, uint64_t value)
{
	uint64_t order = htobe64(value);

	memcpy(at, &order, sizeof(order));
	return at + sizeof(order);
}

nsc_always_inline uint8_t *ipfix_put_IPV4(uint8_t *at, const uint8_t *address)
{
	memcpy(at, address, 4);
	return at + 4;
}

nsc_always_inline uint8_t *ipfix_put_IPV6(uint8_t *at, const uint8_t *address)
{
	memcpy(at, address, 16);
	return at + 16;
}

static uint8_t *ipfix_put_TEXT(uint8_t *at, const struct nsc_ipfix_text *text)
{
	at = ipfix_put_U8(at, (unsigned)NSC_MIN(text->n, (size_t)LONG_TEXT));
	if (text->n >= LONG_TEXT)
		at = ipfix_put_U16(at, (uint32_t)text->n);
	memcpy(at, text->at, text->n);
	return at + text->n;
}

/* --- values ----------------------------------------------------------------------------------- */

/* Seconds since 1900 and their fraction, which is rounded up: who cuts it to nanoseconds has the very one. */
nsc_always_inline uint64_t ipfix_ntp_time(uint64_t ns)
{
	const uint64_t from_1900_to_1970 = 2208988800;
	uint64_t rest = ns % NSC_NS_PER_SEC;

	return (ns / NSC_NS_PER_SEC + from_1900_to_1970) << 32 | ((rest << 32) + NSC_NS_PER_SEC - 1) / NSC_NS_PER_SEC;
}

nsc_always_inline unsigned ipfix_end_reason(const struct nsc_flow_record *r)
{
	enum { IDLE = 1, PART, ENDED, FORCED, LACK }; /* as the registry numbers them */
	static const uint8_t reasons[NSC_END_COUNT] = { [NSC_END_ACTIVE] = FORCED,
							[NSC_END_TIMEOUT] = IDLE,
							[NSC_END_EVICTED] = LACK,
							[NSC_END_REUSED] = ENDED,
							[NSC_END_ACTIVE_TIMEOUT] = PART };

	if (r->end_reason == NSC_END_TIMEOUT &&
	    (r->tcp_state == NSC_TCP_STATE_CLOSED || r->tcp_state == NSC_TCP_STATE_RESET))
		return ENDED;
	return r->end_reason < NSC_END_COUNT ? reasons[r->end_reason] : ENDED;
}

nsc_always_inline uint32_t ipfix_flags(const struct nsc_flow_record *r, unsigned d, unsigned kind)
{
	return kind & KIND_UNIFLOW ? r->tcp_flags[d] : r->tcp_flags[0] | r->tcp_flags[1];
}

/* What the flow's own bytes said: what a port stands for, a collector knows as well. */
static bool ipfix_words_read(const struct nsc_flow_record *r, struct nsc_named *named, struct nsc_ipfix_words *words)
{
	const char *app;

	if (!nsc_named_read(nsc_flow_name_get(r), named))
		return false;
	app = named->source == NSC_APP_SOURCE_PAYLOAD ? nsc_app_name(named->app) : "";
	words->app = (struct nsc_ipfix_text){ app, strlen(app) };
	words->name = (struct nsc_ipfix_text){ named->name, named->name_length };
	return words->app.n || words->name.n;
}

/* --- records ---------------------------------------------------------------------------------- */

/* The two texts of a record, with their lengths. */
nsc_always_inline size_t ipfix_texts_length(const struct nsc_ipfix_words *words)
{
	return words->app.n + words->name.n + 2 + 2 * (words->name.n >= LONG_TEXT);
}

/* The end of the record, NULL when there is no room up to `end`. `d`: the direction that comes first; `first`: the
 * record is the flow's first one. */
nsc_always_inline uint8_t *ipfix_put_kind(uint8_t *at, const uint8_t *end, const struct nsc_flow_record *r, unsigned d,
					  bool first, unsigned kind, const struct nsc_ipfix_words *words)
{
	size_t size = kind & KIND_NAMED ? ipfix_texts_length(words) : 0;

#define NSC_X(when, pen, id, form, value) size += KIND_IS_##when(kind) ? SIZE_##form : 0;
	IPFIX_ELEMENTS(NSC_X)
#undef NSC_X
	if ((size_t)(end - at) < size)
		return NULL;
#define NSC_X(when, pen, id, form, value)                                                                              \
	if (KIND_IS_##when(kind))                                                                                      \
		at = ipfix_put_##form(at, value);
	IPFIX_ELEMENTS(NSC_X)
#undef NSC_X
	return at;
}

/* A copy for each kind, without a condition in it. */
static uint8_t *ipfix_put_record(uint8_t *at, const uint8_t *end, const struct nsc_flow_record *r, unsigned d,
				 bool first, unsigned kind, const struct nsc_ipfix_words *words)
{
	switch (kind) {
#define COPY(k)                                                                                                        \
	case k:                                                                                                        \
		return ipfix_put_kind(at, end, r, d, first, k, words);
		COPY(0)
		COPY(1)
		COPY(2)
		COPY(3)
		COPY(4)
		COPY(5)
		COPY(6)
		COPY(7)
		COPY(8)
		COPY(9)
		COPY(10)
		COPY(11)
		COPY(12)
		COPY(13)
		COPY(14)
		COPY(15)
#undef COPY
	}
	return NULL;
}

static void ipfix_close_set(struct nsc_ipfix *w)
{
	if (w->set)
		ipfix_put_U16(w->message + w->set + 2, w->used - w->set);
	w->set = 0;
}

static void ipfix_open_set(struct nsc_ipfix *w, uint32_t id, uint32_t kind)
{
	ipfix_close_set(w);
	ipfix_put_U16(w->message + w->used, id);
	w->set = w->used;
	w->kind = kind;
	w->used += SET_HEADER;
}

/* The direction of the initiator; a's when it is not known. */
nsc_always_inline unsigned ipfix_direction(const struct nsc_flow_record *r)
{
	return r->client == NSC_CLIENT_B;
}

/* The records of a flow, one behind the other: their end and, in *n, how many they are. NULL: there is no room. */
static uint8_t *ipfix_put_flow(uint8_t *at, const uint8_t *end, const struct nsc_flow_record *r, unsigned kind,
			       const struct nsc_ipfix_words *words, uint32_t *n)
{
	unsigned d = ipfix_direction(r);
	bool other = kind & KIND_UNIFLOW && r->packets[!d];

	*n = 1;
	if (other && !r->packets[d])
		return ipfix_put_record(at, end, r, !d, true, kind, words);
	at = ipfix_put_record(at, end, r, d, true, kind, words);
	if (!at || !other)
		return at;
	*n = 2;
	return ipfix_put_record(at, end, r, !d, false, kind, words);
}

static bool ipfix_put_worded(struct nsc_ipfix *w, const struct nsc_flow_record *r, const struct nsc_ipfix_words *words,
			     bool named)
{
	uint32_t kind = (r->ip_version == 6 ? KIND_IPV6 : 0) | (r->proto == NSC_PROTO_TCP ? KIND_TCP : 0) |
			(named ? KIND_NAMED : 0) | (w->uniflow ? KIND_UNIFLOW : 0);
	bool opens = !w->set || w->kind != kind;
	uint32_t n;
	uint8_t *at;

	if (opens && w->room - w->used < SET_HEADER)
		return false;
	at = ipfix_put_flow(w->message + w->used + (opens ? SET_HEADER : 0), w->message + w->room, r, kind, words, &n);
	if (!at)
		return false;
	if (opens)
		ipfix_open_set(w, NSC_IPFIX_TEMPLATE_MIN + kind, kind);
	w->used = (uint32_t)(at - w->message);
	w->records += n;
	w->flows++;
	w->latest_ns = NSC_MAX(w->latest_ns, r->ended_ns);
	return true;
}

bool nsc_ipfix_put(struct nsc_ipfix *w, const struct nsc_flow_record *r)
{
	struct nsc_named named;
	struct nsc_ipfix_words words;
	bool has_words = nsc_flow_name_get(r) >= NSC_NAME_HANDLE_MIN && ipfix_words_read(r, &named, &words);

	return ipfix_put_worded(w, r, &words, has_words);
}

bool nsc_ipfix_put_words(struct nsc_ipfix *w, const struct nsc_flow_record *r, const struct nsc_ipfix_words *words)
{
	return ipfix_put_worded(w, r, words, words->app.n || words->name.n);
}

/* --- templates -------------------------------------------------------------------------------- */

static uint8_t *ipfix_put_field(uint8_t *at, uint32_t pen, uint32_t id, uint32_t length)
{
	at = ipfix_put_U16(at, id | (pen ? 0x8000 : 0));
	at = ipfix_put_U16(at, length);
	return pen ? ipfix_put_U32(at, pen) : at;
}

bool nsc_ipfix_put_template(struct nsc_ipfix *w, unsigned i)
{
	unsigned kind = i | (w->uniflow ? KIND_UNIFLOW : 0);
	uint8_t text[512], *at = text + 4;
	uint32_t fields = 0, size;
	bool opens = !w->set || w->kind != KIND_TEMPLATE;

#define NSC_X(when, pen, id, form, value)                                                                              \
	if (KIND_IS_##when(kind)) {                                                                                    \
		at = ipfix_put_field(at, pen, id, SIZE_##form ? SIZE_##form : VARIABLE);                               \
		fields++;                                                                                              \
	}
	IPFIX_ELEMENTS(NSC_X)
#undef NSC_X
	ipfix_put_U16(ipfix_put_U16(text, NSC_IPFIX_TEMPLATE_MIN + kind), fields);
	size = (uint32_t)(at - text) + (opens ? SET_HEADER : 0);
	nsc_assert(i < NSC_IPFIX_TEMPLATES && size <= sizeof(text), "a template is one of a stream, and small");
	if (w->room - w->used < size)
		return false;
	if (opens)
		ipfix_open_set(w, TEMPLATE_SET, KIND_TEMPLATE);
	memcpy(w->message + w->used, text, (size_t)(at - text));
	w->used += (uint32_t)(at - text);
	return true;
}

/* --- elements of enterprises ------------------------------------------------------------------ */

/* As RFC 5610 numbers them. */
enum {
	TYPE_UNSIGNED32 = 3,
	TYPE_STRING = 13,
	SEMANTICS_NONE = 0,
	SEMANTICS_DELTA = 3,
	UNITS_NONE = 0,
	UNITS_PACKETS = 3
};

static const struct {
	uint16_t id;
	uint8_t type, semantics;
	uint16_t units;
	const char *name;
} ipfix_types[] = {
	{ 109, TYPE_UNSIGNED32, SEMANTICS_DELTA, UNITS_PACKETS, "RETRANSMITTED_IN_PKTS" },
	{ 111, TYPE_UNSIGNED32, SEMANTICS_DELTA, UNITS_PACKETS, "OOORDER_IN_PKTS" },
	{ 122, TYPE_STRING, SEMANTICS_NONE, UNITS_NONE, "FLOW_SERVER_NAME" },
};

static const struct {
	uint16_t id, length;
} ipfix_type_fields[] = {
	{ 346, 4 },        /* privateEnterpriseNumber, the first one of the scope */
	{ 303, 2 },        /* informationElementId, the other one */
	{ 339, 1 },        /* informationElementDataType */
	{ 344, 1 },        /* informationElementSemantics */
	{ 345, 2 },        /* informationElementUnits */
	{ 341, VARIABLE }, /* informationElementName */
};

bool nsc_ipfix_put_types(struct nsc_ipfix *w)
{
	enum { TYPES_MAX = 256, SCOPE_FIELDS = 2 };
	uint8_t *at;

	if (w->room - w->used < TYPES_MAX)
		return false;
	ipfix_open_set(w, OPTIONS_SET, KIND_TEMPLATE);
	at = ipfix_put_U16(w->message + w->used, NSC_IPFIX_TYPES);
	at = ipfix_put_U16(ipfix_put_U16(at, NSC_ARRAY_LEN(ipfix_type_fields)), SCOPE_FIELDS);
	for (size_t i = 0; i < NSC_ARRAY_LEN(ipfix_type_fields); i++)
		at = ipfix_put_field(at, 0, ipfix_type_fields[i].id, ipfix_type_fields[i].length);
	w->used = (uint32_t)(at - w->message);
	ipfix_open_set(w, NSC_IPFIX_TYPES, KIND_TEMPLATE);
	at = w->message + w->used;
	for (size_t i = 0; i < NSC_ARRAY_LEN(ipfix_types); i++) {
		const struct nsc_ipfix_text name = { ipfix_types[i].name, strlen(ipfix_types[i].name) };

		at = ipfix_put_U16(ipfix_put_U32(at, NSC_IPFIX_PEN_NTOP), ipfix_types[i].id);
		at = ipfix_put_U8(ipfix_put_U8(at, ipfix_types[i].type), ipfix_types[i].semantics);
		at = ipfix_put_TEXT(ipfix_put_U16(at, ipfix_types[i].units), &name);
		w->records++;
	}
	w->used = (uint32_t)(at - w->message);
	ipfix_close_set(w);
	return true;
}

/* --- messages --------------------------------------------------------------------------------- */

void nsc_ipfix_begin(struct nsc_ipfix *w, void *message, uint32_t room)
{
	nsc_assert(room >= NSC_IPFIX_ROOM_MIN && room <= NSC_IPFIX_ROOM_MAX, "a message takes every flow");
	w->message = message;
	w->room = room;
	w->used = NSC_IPFIX_HEADER;
	w->set = w->records = w->flows = 0;
	w->latest_ns = 0;
}

uint32_t nsc_ipfix_end(struct nsc_ipfix *w, uint32_t export_secs)
{
	const uint32_t version = 10;
	uint8_t *at = w->message;

	if (w->used == NSC_IPFIX_HEADER)
		return 0;
	ipfix_close_set(w);
	at = ipfix_put_U16(at, version);
	at = ipfix_put_U16(at, w->used);
	at = ipfix_put_U32(at, export_secs);
	at = ipfix_put_U32(at, w->sequence);
	ipfix_put_U32(at, w->domain);
	w->sequence += w->records;
	w->records = 0;
	return w->used;
}
