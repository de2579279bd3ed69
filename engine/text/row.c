/* SPDX-License-Identifier: MIT
 *
 * Straight-line code: a million rows are written when a run ends. Every word that a column can hold lies in a table
 * slot of 16 bytes and is copied whole.
 */
#include "engine/text/row.h"

#include "engine/base/assert.h"
#include "engine/text/address.h"
#include "engine/text/escape.h"
#include "engine/text/time.h"
#include "netscope/interfaces.h"

struct word {
	char text[15];
	uint8_t length;
};

static_assert(sizeof(struct word) == 16, "one vector move");

#define WORD(text)                                                                                                     \
	{                                                                                                              \
		text, sizeof(text) - 1                                                                                 \
	}
#define QUOTED(text) WORD("\"" text "\"")

struct row_words { /* what CSV and JSON write differently */
	struct word none, quote;
	struct word states[NSC_TCP_STATE_COUNT], clients[NSC_CLIENT_B + 1];
};

static const struct row_words csv_words = {
#define NSC_X(name, text) WORD(text),
	.none = WORD(""),
	.quote = WORD(""),
	.states = { NSC_TCP_STATES(NSC_X) },
	.clients = { WORD(""), WORD("a_to_b"), WORD("b_to_a") },
#undef NSC_X
};

static const struct row_words json_words = {
#define NSC_X(name, text) QUOTED(text),
	.none = WORD("null"),
	.quote = WORD("\""),
	.states = { NSC_TCP_STATES(NSC_X) },
	.clients = { WORD("null"), QUOTED("a_to_b"), QUOTED("b_to_a") },
#undef NSC_X
};

static const struct row_words binary_words = {
#define NSC_X(name, text) WORD(text),
	.none = WORD(""),
	.quote = WORD(""),
	.states = { NSC_TCP_STATES(NSC_X) },
	.clients = { WORD(""), WORD("a_to_b"), WORD("b_to_a") },
#undef NSC_X
};

static const struct word reason_words[] = {
#define NSC_X(name, text) WORD(text),
	NSC_END_REASONS(NSC_X)
#undef NSC_X
};

const char nsc_row_csv_columns[] = "protocol,endpoint_a_ip,endpoint_a_port,endpoint_b_ip,endpoint_b_port"
#define NSC_X(name, ...) "," #name
	NSC_FLOW_COLUMNS(NSC_X);
#undef NSC_X
const size_t nsc_row_csv_columns_length = sizeof(nsc_row_csv_columns) - 1;

nsc_always_inline char *put_word(char *at, const struct word *word)
{
	memcpy(at, word, sizeof(*word));
	return at + word->length;
}

nsc_always_inline char *put_protocol(char *at, unsigned proto)
{
	static const struct word tcp = WORD("tcp"), udp = WORD("udp"), sctp = WORD("sctp"), icmp = WORD("icmp"),
				 icmpv6 = WORD("icmpv6");

	if (nsc_likely(proto == NSC_PROTO_TCP || proto == NSC_PROTO_UDP))
		return put_word(at, proto == NSC_PROTO_TCP ? &tcp : &udp);
	return put_word(at, proto == NSC_PROTO_SCTP ? &sctp : proto == NSC_PROTO_ICMP ? &icmp : &icmpv6);
}

nsc_always_inline char *row_put_ip(char *at, const uint8_t addr[16], unsigned ip_version)
{
	return nsc_likely(ip_version == 4) ? nsc_format_ipv4(at, addr) : nsc_format_ipv6(at, addr);
}

/* --- the forms of columns.h ------------------------------------------------------------------- */

#define FORM(name) nsc_always_inline char *row_put_##name(char *at, uint64_t value, const struct row_words *words)

FORM(time)
{
	return nsc_format_timestamp(at, value);
}

FORM(seconds)
{
	return nsc_format_seconds(at, value);
}

/* Nanoseconds as milliseconds with 6 decimals, exactly. */
FORM(ms)
{
	const uint32_t ms = 1000000;
	uint32_t rest = (uint32_t)(value % ms);

	at = nsc_format_u64(at, value / ms);
	*at++ = '.';
	at = nsc_format_three(at, rest / 1000);
	return nsc_format_three(at, rest % 1000);
}

FORM(number)
{
	return nsc_format_u64(at, value);
}

FORM(bytes)
{
	return nsc_format_u64(at, value);
}

nsc_always_inline char *row_put_thousandths(char *at, unsigned __int128 value, const struct row_words *words)
{
	return nsc_format_thousandths(at, value);
}

FORM(state)
{
	return put_word(at, &words->states[value]);
}

FORM(client)
{
	return put_word(at, &words->clients[value]);
}

FORM(reason)
{
	at = put_word(put_word(at, &words->quote), &reason_words[value]); /* the longest has no room for quotes */
	return put_word(at, &words->quote);
}

nsc_always_inline char *row_put_vlans(char *at, const struct nsc_flow_record *r, const struct row_words *words)
{
	at = put_word(at, &words->quote);
	for (unsigned i = 0; i < r->n_vlans && i < NSC_VLANS_MAX; i++) {
		*at = '.';
		at = nsc_format_u64(at + (i != 0), r->vlan[i]);
	}
	return put_word(at, &words->quote);
}

static const struct word tunnel_words[NSC_FLOW_TUNNEL_COUNT] = { WORD("?"),
#define NSC_X(name, text) WORD(text),
								 NSC_FLOW_TUNNELS(NSC_X)
#undef NSC_X
};

static char *tunnel_put(char *at, uint8_t tunnel, uint32_t id)
{
	unsigned kind = tunnel & (uint8_t)~NSC_FLOW_TUNNEL_HAS_ID;

	at = put_word(at, &tunnel_words[kind < NSC_FLOW_TUNNEL_COUNT ? kind : 0]);
	if (!(tunnel & NSC_FLOW_TUNNEL_HAS_ID))
		return at;
	*at++ = ':';
	return nsc_format_u64(at, id);
}

/* What has no room in the record is told by a last "...". */
static char *row_put_tunnels(char *at, const struct nsc_flow_record *r, const struct row_words *words)
{
	at = put_word(at, &words->quote);
	for (unsigned i = 0; i < r->n_tunnels && i < NSC_TUNNELS_MAX; i++) {
		*at = '/';
		at = tunnel_put(at + (i != 0), r->tunnel[i], r->tunnel_id[i]);
	}
	if (r->n_tunnels > NSC_TUNNELS_MAX)
		at = nsc_format_literal(at, "/...");
	return put_word(at, &words->quote);
}

/* In CSV quotes are doubled, and what needs them gets them: RFC 4180. */
static char *row_put_csv_text(char *at, const char *text, size_t length)
{
	bool quoted = memchr(text, ',', length) || memchr(text, '"', length);

	*at = '"';
	at += quoted;
	for (size_t i = 0; i < length; i++) {
		*at = '"';
		at += text[i] == '"';
		*at++ = text[i];
	}
	*at = '"';
	return at + quoted;
}

enum { ROW_TEXT_MAX = NSC_GEO_ORG_MAX };

static_assert((int)NSC_INTERFACE_NAME_MAX <= (int)ROW_TEXT_MAX, "any of them has room");

/* What a spreadsheet would take for the beginning of a formula is escaped too. */
static size_t row_escape_csv(const char *from, size_t n, char *text, size_t room)
{
	static const char digits[] = "0123456789abcdef";

	if (!n || !memchr("=+-@", *from, 4))
		return nsc_escape(NSC_ESCAPE_TERMINAL, from, n, text, room);
	memcpy(text, "\\x", 2);
	text[2] = digits[(uint8_t)*from >> 4];
	text[3] = digits[*from & 15];
	return 4 + nsc_escape(NSC_ESCAPE_TERMINAL, from + 1, n - 1, text + 4, room - 4);
}

/* Text from outside, of ROW_TEXT_MAX bytes at most. */
static char *row_put_text(char *at, const char *from, size_t n, const struct row_words *words)
{
	char text[ROW_TEXT_MAX * NSC_ESCAPE_GROWTH];
	size_t length;

	if (words == &binary_words)
		return at + nsc_escape(NSC_ESCAPE_TERMINAL, from, n, at, sizeof(text));
	if (words == &csv_words)
		return row_put_csv_text(at, text, row_escape_csv(from, n, text, sizeof(text)));
	length = nsc_escape(NSC_ESCAPE_HTML, from, n, text, sizeof(text));
	*at++ = '"';
	memcpy(at, text, length);
	at += length;
	*at++ = '"';
	return at;
}

static char *row_put_interface(char *at, uint64_t value, const struct row_words *words)
{
	const char *name = nsc_interface_name((unsigned)value);

	return name ? row_put_text(at, name, strlen(name), words) : put_word(at, &words->none);
}

nsc_always_inline char *row_put_country(char *at, const struct nsc_geo *geo, const struct row_words *words)
{
	at = put_word(at, &words->quote);
	memcpy(at, geo->country, sizeof(geo->country));
	return put_word(at + sizeof(geo->country), &words->quote);
}

static char *row_put_org(char *at, const struct nsc_geo *geo, const struct row_words *words)
{
	return row_put_text(at, geo->as_org, geo->as_org_length, words);
}

/* Needs no escape anywhere: netscope/services.h. */
nsc_always_inline char *row_put_service(char *at, const char *service, const struct row_words *words)
{
	size_t n = strlen(service);

	at = put_word(at, &words->quote);
	memcpy(at, service, n);
	return put_word(at + n, &words->quote);
}

/* FIN, SYN, RST, PSH and ACK, by their bits. */
static const struct word flag_words[32] = {
	WORD(""),   WORD("F"),   WORD("S"),   WORD("SF"),   WORD("R"),   WORD("FR"),   WORD("SR"),   WORD("SFR"),
	WORD("P"),  WORD("PF"),  WORD("SP"),  WORD("SPF"),  WORD("PR"),  WORD("PFR"),  WORD("SPR"),  WORD("SPFR"),
	WORD("A"),  WORD("AF"),  WORD("SA"),  WORD("SAF"),  WORD("AR"),  WORD("AFR"),  WORD("SAR"),  WORD("SAFR"),
	WORD("PA"), WORD("PAF"), WORD("SPA"), WORD("SPAF"), WORD("PAR"), WORD("PAFR"), WORD("SPAR"), WORD("SPAFR"),
};

/* A packet without a flag is not the same as no packet. */
FORM(flags)
{
	static const struct word without = WORD("-");
	static const char further[] = "UEC";

	at = put_word(at, &words->quote);
	at = put_word(at, nsc_likely(value) ? &flag_words[value & 31] : &without);
	for (unsigned i = 0; nsc_unlikely(value >> (5 + i)); i++) {
		*at = further[i];
		at += value >> (5 + i) & 1;
	}
	return put_word(at, &words->quote);
}

nsc_always_inline char *row_put_community(char *at, const struct nsc_community_id *community,
					  const struct row_words *words)
{
	at = put_word(at, &words->quote);
	memcpy(at, community, sizeof(*community));
	return put_word(at + NSC_COMMUNITY_ID_LENGTH, &words->quote);
}

static const struct word app_words[NSC_APP_COUNT] = { WORD(""),
#define NSC_X(id, name) WORD(name),
						      NSC_APPS(NSC_X)
#undef NSC_X
};

static const struct word app_source_words[NSC_APP_SOURCE_COUNT] = { WORD(""),
#define NSC_X(id, name) WORD(name),
								    NSC_APP_SOURCES(NSC_X)
#undef NSC_X
};

FORM(app)
{
	at = put_word(put_word(at, &words->quote), &app_words[value < NSC_APP_COUNT ? value : NSC_APP_NONE]);
	return put_word(at, &words->quote);
}

FORM(app_source)
{
	at = put_word(put_word(at, &words->quote), &app_source_words[value]);
	return put_word(at, &words->quote);
}

#define ROW_TEXT(form, text, length)                                                                                   \
	nsc_always_inline char *row_put_##form(char *at, const struct nsc_named *named, const struct row_words *words) \
	{                                                                                                              \
		at = put_word(at, &words->quote);                                                                      \
		memcpy(at, text, length);                                                                              \
		return put_word(at + (length), &words->quote);                                                         \
	}
/* Needs no escape anywhere: netscope/names.h. */
ROW_TEXT(name, named->name, named->name_length)
ROW_TEXT(alpn, named->alpn, named->alpn_length)
ROW_TEXT(ja4, named->ja4, named->ja4_length)

/* --- rows ------------------------------------------------------------------------------------- */

#define TEXT(text) at = nsc_format_literal(at, text)
#define NUMBER(before, value) (TEXT(before), at = nsc_format_u64(at, (value)))
#define FIELD(before, form, value, known, words)                                                                       \
	(TEXT(before), at = nsc_likely(known) ? row_put_##form(at, value, words) : put_word(at, &(words)->none))

enum {
#define NSC_X(name, ...) COLUMN_##name,
	NSC_FLOW_COLUMNS(NSC_X)
#undef NSC_X
		COLUMN_COUNT,
	COLUMN_TAIL = COLUMN_name, /* most flows say nothing: null from here on */
	TAIL_COLUMNS = COLUMN_COUNT - COLUMN_TAIL,
};

static const char tail_commas[] = ",,,,,,,,,,,,,,,,";

static_assert(TAIL_COLUMNS < sizeof(tail_commas), "one move");

nsc_hot_clones char *nsc_row_csv(char *at, const struct nsc_flow_record *restrict r,
				 const struct nsc_community_id *restrict community, uint64_t id)
{
	const char *service = nsc_flow_service(r);
	struct nsc_named said, *named = &said;
	struct nsc_geo geo[2];
	bool tail = false;

	nsc_flow_named(r, named);
	nsc_flow_geo(r, geo);
	at = put_protocol(at, r->proto);
	*at++ = ',';
	at = row_put_ip(at, r->addr_a, r->ip_version);
	NUMBER(",", r->port_a);
	*at++ = ',';
	at = row_put_ip(at, r->addr_b, r->ip_version);
	NUMBER(",", r->port_b);
#define NSC_X(name, form, value, known, ...)                                                                           \
	if (COLUMN_##name < COLUMN_TAIL)                                                                               \
		FIELD(",", form, value, known, &csv_words);
	NSC_FLOW_COLUMNS(NSC_X)
#undef NSC_X
#define NSC_X(name, form, value, known, ...) tail |= COLUMN_##name >= COLUMN_TAIL && (known);
	NSC_FLOW_COLUMNS(NSC_X)
#undef NSC_X
	if (nsc_likely(!tail)) {
		memcpy(at, tail_commas, sizeof(tail_commas) - 1);
		return at + TAIL_COLUMNS;
	}
#define NSC_X(name, form, value, known, ...)                                                                           \
	if (COLUMN_##name >= COLUMN_TAIL)                                                                              \
		FIELD(",", form, value, known, &csv_words);
	NSC_FLOW_COLUMNS(NSC_X)
#undef NSC_X
	return at;
}

nsc_hot_clones char *nsc_row_json(char *at, const struct nsc_flow_record *restrict r,
				  const struct nsc_community_id *restrict community, uint64_t id)
{
	const char *service = nsc_flow_service(r);
	struct nsc_named said, *named = &said;
	struct nsc_geo geo[2];

	nsc_flow_named(r, named);
	nsc_flow_geo(r, geo);
	TEXT("\"protocol\":\"");
	at = put_protocol(at, r->proto);
	TEXT("\",\"endpoint_a\":{\"ip\":\"");
	at = row_put_ip(at, r->addr_a, r->ip_version);
	NUMBER("\",\"port\":", r->port_a);
	TEXT("},\"endpoint_b\":{\"ip\":\"");
	at = row_put_ip(at, r->addr_b, r->ip_version);
	NUMBER("\",\"port\":", r->port_b);
	*at++ = '}';
#define NSC_X(name, form, value, known, ...) FIELD(",\"" #name "\":", form, value, known, &json_words);
	NSC_FLOW_COLUMNS(NSC_X)
#undef NSC_X
	return at;
}

/* --- RowBinary --------------------------------------------------------------------------------- */

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a number of RowBinary lies as it does in memory");

char *nsc_row_binary_number(char *at, uint64_t value, size_t bytes)
{
	memcpy(at, &value, bytes);
	return at + bytes;
}

/* The text behind one byte of room gets its length in front of it; one that is longer than 127 moves. */
static char *row_binary_close(char *at, char *end)
{
	size_t length = (size_t)(end - at) - 1;

	nsc_assert(length < 1u << 14, "two bytes hold the length of a text");
	if (nsc_likely(length < 128)) {
		*at = (char)length;
		return end;
	}
	memmove(at + 2, at + 1, length);
	at[0] = (char)(length | 128);
	at[1] = (char)(length >> 7);
	return end + 1;
}

char *nsc_row_binary_text(char *at, const char *text, size_t length)
{
	memcpy(at + 1, text, length);
	return row_binary_close(at, at + 1 + length);
}

char *nsc_row_binary_ip(char *at, const uint8_t addr[16], unsigned ip_version)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (ip_version != 4)
		return (char *)memcpy(at, addr, 16) + 16;
	memcpy(at, mapped, 12);
	memcpy(at + 12, addr, 4);
	return at + 16;
}

#define BINARY_INTEGER(form, value, known)                                                                             \
	at = nsc_row_binary_number(at, (known) ? (uint64_t)(value) : 0, sizeof(value));
#define BINARY_TEXT(form, value, known)                                                                                \
	{                                                                                                              \
		char *end = at + 1;                                                                                    \
                                                                                                                       \
		if (known)                                                                                             \
			end = row_put_##form(end, value, &binary_words);                                               \
		at = row_binary_close(at, end);                                                                        \
	}
#define BINARY_NOTHING(form, value, known)

/* How each form is stored: nsc_schema_flows names the types in the same order. */
#define BINARY_time BINARY_INTEGER
#define BINARY_seconds BINARY_INTEGER
#define BINARY_ms BINARY_INTEGER
#define BINARY_number BINARY_INTEGER
#define BINARY_bytes BINARY_INTEGER
#define BINARY_thousandths BINARY_NOTHING
#define BINARY_state BINARY_TEXT
#define BINARY_client BINARY_TEXT
#define BINARY_reason BINARY_TEXT
#define BINARY_vlans BINARY_TEXT
#define BINARY_tunnels BINARY_TEXT
#define BINARY_interface BINARY_TEXT
#define BINARY_flags BINARY_TEXT
#define BINARY_community BINARY_TEXT
#define BINARY_app BINARY_TEXT
#define BINARY_app_source BINARY_TEXT
#define BINARY_name BINARY_TEXT
#define BINARY_alpn BINARY_TEXT
#define BINARY_ja4 BINARY_TEXT
#define BINARY_country BINARY_TEXT
#define BINARY_org BINARY_TEXT
#define BINARY_service BINARY_TEXT

char *nsc_row_binary(char *at, const struct nsc_flow_record *restrict r,
		     const struct nsc_community_id *restrict community, uint64_t id)
{
	const char *service = nsc_flow_service(r);
	struct nsc_named said, *named = &said;
	struct nsc_geo geo[2];
	char *protocol = at;

	nsc_flow_named(r, named);
	nsc_flow_geo(r, geo);
	at = row_binary_close(protocol, put_protocol(protocol + 1, r->proto));
	at = nsc_row_binary_ip(at, r->addr_a, r->ip_version);
	at = nsc_row_binary_number(at, r->port_a, sizeof(r->port_a));
	at = nsc_row_binary_ip(at, r->addr_b, r->ip_version);
	at = nsc_row_binary_number(at, r->port_b, sizeof(r->port_b));
#define NSC_X(name, form, value, known, ...) BINARY_##form(form, value, known)
	NSC_FLOW_COLUMNS(NSC_X)
#undef NSC_X
	return at;
}

/* --- cells ------------------------------------------------------------------------------------ */

enum { CELL_PROTOCOL, CELL_ADDRESS_A, CELL_PORT_A, CELL_ADDRESS_B, CELL_PORT_B, KEY_COLUMNS };
enum { CELL_ENDED = NSC_SCHEMA_MAX - 2, CELL_REASON };

static_assert(KEY_COLUMNS + COLUMN_COUNT <= CELL_ENDED, "a bit for each column");
static_assert(CELL_ADDRESS_B < NSC_SCHEMA_MAX / 8, "an address for each cell that is one");

#define CELL_VALUE(form, value, known) cells->cell[n] = (uint64_t)(value);
#define CELL_TEXT(form, value, known)                                                                                  \
	if (known) {                                                                                                   \
		cells->text[n] = at;                                                                                   \
		at = row_put_##form(at, value, &binary_words);                                                         \
		cells->cell[n] = (uint64_t)(at - cells->text[n]);                                                      \
	}
#define CELL_NEXT(known) mask |= (uint64_t)((known) != 0) << n++;
#define CELL_OF_VALUE(form, value, known) CELL_VALUE(form, value, known) CELL_NEXT(known)
#define CELL_OF_TEXT(form, value, known) CELL_TEXT(form, value, known) CELL_NEXT(known)

/* The rate is no column here; `client` is written, or not, by what it is. */
#define CELL_time CELL_OF_VALUE
#define CELL_seconds CELL_OF_VALUE
#define CELL_ms CELL_OF_VALUE
#define CELL_number CELL_OF_VALUE
#define CELL_bytes CELL_OF_VALUE
#define CELL_thousandths(form, value, known)
#define CELL_state CELL_OF_VALUE
#define CELL_client(form, value, known) CELL_VALUE(form, value, known) CELL_NEXT((value) != NSC_CLIENT_NONE)
#define CELL_reason CELL_OF_VALUE
#define CELL_vlans CELL_OF_TEXT
#define CELL_tunnels CELL_OF_TEXT
#define CELL_interface CELL_OF_TEXT
#define CELL_flags CELL_OF_VALUE
#define CELL_community(form, value, known) CELL_TEXT(form, value, value) CELL_NEXT(value)
#define CELL_app CELL_OF_VALUE
#define CELL_app_source CELL_OF_VALUE
#define CELL_name CELL_OF_TEXT
#define CELL_alpn CELL_OF_TEXT
#define CELL_ja4 CELL_OF_TEXT
#define CELL_country CELL_OF_TEXT
#define CELL_org CELL_OF_TEXT
#define CELL_service CELL_OF_TEXT

void nsc_row_cells(struct nsc_row_cells *cells, const struct nsc_flow_record *restrict r,
		   const struct nsc_community_id *restrict community, uint64_t id)
{
	const char *service = nsc_flow_service(r);
	struct nsc_named said, *named = &said;
	uint64_t mask = (1u << KEY_COLUMNS) - 1;
	struct nsc_geo geo[2];
	char *at = cells->room;
	unsigned n = KEY_COLUMNS;

	nsc_flow_named(r, named);
	nsc_flow_geo(r, geo);
	cells->cell[CELL_PROTOCOL] = r->proto;
	nsc_row_binary_ip((char *)cells->address[CELL_ADDRESS_A], r->addr_a, r->ip_version);
	cells->cell[CELL_PORT_A] = r->port_a;
	nsc_row_binary_ip((char *)cells->address[CELL_ADDRESS_B], r->addr_b, r->ip_version);
	cells->cell[CELL_PORT_B] = r->port_b;
#define NSC_X(name, form, value, known, ...) CELL_##form(form, value, known)
	NSC_FLOW_COLUMNS(NSC_X)
#undef NSC_X
	cells->cell[CELL_ENDED] = r->ended_ns;
	cells->cell[CELL_REASON] = r->end_reason;
	cells->known = mask | 1ull << CELL_ENDED | 1ull << CELL_REASON;
}

#define ROW_WORD_FORMS(X) X(state) X(client) X(reason) X(flags) X(app) X(app_source)

enum row_word_kind {
	ROW_WORDS_protocol,
#define NSC_X(form) ROW_WORDS_##form,
	ROW_WORD_FORMS(NSC_X)
#undef NSC_X
};

size_t nsc_row_word(const struct nsc_schema_column *column, uint64_t value, char text[NSC_ROW_WORD_MAX])
{
	char room[NSC_ROW_WORD_MAX * 3], *end = room;

	switch ((enum row_word_kind)column->words) {
	case ROW_WORDS_protocol:
		end = put_protocol(room, (unsigned)value);
		break;
#define NSC_X(form)                                                                                                    \
	case ROW_WORDS_##form:                                                                                         \
		end = row_put_##form(room, value, &binary_words);                                                      \
		break;
		ROW_WORD_FORMS(NSC_X)
#undef NSC_X
	}
	nsc_assert(end - room <= NSC_ROW_WORD_MAX, "a word is short");
	memcpy(text, room, NSC_ROW_WORD_MAX);
	return (size_t)(end - room);
}

/* --- the schema ------------------------------------------------------------------------------- */

static const struct {
	const char *type, *old;
} schema_integers[] = { { "UInt8", "UInt8" }, { "UInt16", "UInt16" }, { "UInt32", "UInt32" }, { "UInt64", "UInt64" } };

/* Times that are counted in ns lose the unit of the texts. */
static struct nsc_schema_column *schema_add(struct nsc_schema_column *column, const char *name, const char *type,
					    const char *old, const char *unit)
{
	size_t length = strlen(name) - strlen(unit);

	nsc_assert(length + 4 < sizeof(column->name), "a column's name has room");
	*column = (struct nsc_schema_column){ .type = type, .old = old };
	memcpy(column->name, name, length);
	strcpy(column->name + length, *unit ? "_ns" : "");
	return column;
}

static void schema_add_integer(struct nsc_schema_column *column, const char *name, size_t bytes, unsigned cell)
{
	unsigned width = (unsigned)__builtin_ctz((unsigned)bytes);

	column = schema_add(column, name, schema_integers[width].type, schema_integers[width].old, "");
	column->bytes = (uint8_t)bytes;
	column->cell = (uint8_t)cell;
}

static void schema_add_ns(struct nsc_schema_column *column, const char *name, const char *unit, unsigned cell)
{
	column = schema_add(column, name, *unit ? "UInt64" : "DateTime64(9, 'UTC')", "UInt64", unit);
	column->kind = *unit ? NSC_CELL_NUMBER : NSC_CELL_TIME;
	column->bytes = sizeof(uint64_t);
	column->cell = (uint8_t)cell;
}

static void schema_add_word(struct nsc_schema_column *column, const char *name, enum row_word_kind words, unsigned cell)
{
	column = schema_add(column, name, "LowCardinality(String)", "String", "");
	column->kind = NSC_CELL_WORD;
	column->words = (uint8_t)words;
	column->cell = (uint8_t)cell;
}

static void schema_add_text(struct nsc_schema_column *column, const char *name, const char *type, unsigned cell)
{
	column = schema_add(column, name, type, "String", "");
	column->kind = NSC_CELL_TEXT;
	column->cell = (uint8_t)cell;
}

static void schema_add_address(struct nsc_schema_column *column, const char *name, unsigned cell)
{
	column = schema_add(column, name, "IPv6", "FixedString(16)", "");
	column->kind = NSC_CELL_ADDRESS;
	column->cell = (uint8_t)cell;
}

#define SCHEMA_INTEGER(name, form, value) schema_add_integer(&column[n], name, sizeof(value), n), n++;
#define SCHEMA_WORD(name, form, value) schema_add_word(&column[n], name, ROW_WORDS_##form, n), n++;
#define SCHEMA_LOW(name, form, value) schema_add_text(&column[n], name, "LowCardinality(String)", n), n++;
#define SCHEMA_TEXT(name, form, value) schema_add_text(&column[n], name, "String", n), n++;
#define SCHEMA_time(name, form, value) schema_add_ns(&column[n], name, "", n), n++;
#define SCHEMA_seconds(name, form, value) schema_add_ns(&column[n], name, "_secs", n), n++;
#define SCHEMA_ms(name, form, value) schema_add_ns(&column[n], name, "_ms", n), n++;
#define SCHEMA_number SCHEMA_INTEGER
#define SCHEMA_bytes SCHEMA_INTEGER
#define SCHEMA_thousandths(name, form, value)
#define SCHEMA_state SCHEMA_WORD
#define SCHEMA_client SCHEMA_WORD
#define SCHEMA_reason SCHEMA_WORD
#define SCHEMA_vlans SCHEMA_LOW
#define SCHEMA_tunnels SCHEMA_LOW
#define SCHEMA_interface SCHEMA_LOW
#define SCHEMA_flags SCHEMA_WORD
#define SCHEMA_community SCHEMA_TEXT
#define SCHEMA_app SCHEMA_WORD
#define SCHEMA_app_source SCHEMA_WORD
#define SCHEMA_name SCHEMA_TEXT
#define SCHEMA_alpn SCHEMA_LOW
#define SCHEMA_ja4 SCHEMA_LOW
#define SCHEMA_country SCHEMA_LOW
#define SCHEMA_org SCHEMA_LOW
#define SCHEMA_service SCHEMA_LOW

static uint32_t schema_add_flows(struct nsc_schema_column *column)
{
	const struct nsc_flow_record *r = NULL;
	const struct nsc_geo *geo = NULL;
	const uint64_t id = 0;
	unsigned n = KEY_COLUMNS;

	(void)r, (void)geo, (void)id; /* only sizes are taken */
	schema_add_word(&column[CELL_PROTOCOL], "protocol", ROW_WORDS_protocol, CELL_PROTOCOL);
	schema_add_address(&column[CELL_ADDRESS_A], "endpoint_a_ip", CELL_ADDRESS_A);
	schema_add_integer(&column[CELL_PORT_A], "endpoint_a_port", sizeof(r->port_a), CELL_PORT_A);
	schema_add_address(&column[CELL_ADDRESS_B], "endpoint_b_ip", CELL_ADDRESS_B);
	schema_add_integer(&column[CELL_PORT_B], "endpoint_b_port", sizeof(r->port_b), CELL_PORT_B);
#define NSC_X(name, form, value, ...) SCHEMA_##form(#name, form, value)
	NSC_FLOW_COLUMNS(NSC_X)
#undef NSC_X
	return n;
}

uint32_t nsc_schema_flows(struct nsc_schema_column column[NSC_SCHEMA_MAX])
{
	return schema_add_flows(column);
}

uint32_t nsc_schema_ended(struct nsc_schema_column column[NSC_SCHEMA_MAX])
{
	enum { TS, REASON, OWN };

	schema_add_ns(&column[TS], "ts", "", CELL_ENDED);
	schema_add_word(&column[REASON], "reason", ROW_WORDS_reason, CELL_REASON);
	return OWN + schema_add_flows(column + OWN);
}
