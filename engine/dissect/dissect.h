/* SPDX-License-Identifier: MIT
 *
 * What the protocols share. A cursor stands before a header; each protocol adds a layer and its fields, moves the
 * cursor behind the header and names the step that follows. It is the cold walker of decode with a memory.
 *
 * Nothing is added that is not captured: every function that takes a place in the packet checks it against cap_end
 * itself, so that a header that is cut shows the fields that are there.
 */
#ifndef NETSCOPE_DISSECT_INTERNAL_H
#define NETSCOPE_DISSECT_INTERNAL_H

#include "engine/decode/hop.h"
#include "engine/text/buffer.h"
#include "netscope/dissect.h"

enum {
	DISSECT_LAYERS_MAX = 64, /* in one packet, with what it quotes */
	DISSECT_TAGS_MAX = 4,    /* these five as in decode */
	DISSECT_LABELS_MAX = 16,
	DISSECT_TUNNELS_MAX = 8,
	DISSECT_QUOTES_MAX = 3, /* packets quoted in packets quoted in ICMP */
};

/* What can stand at the cursor: the step, and the protocol that takes it. */
#define DISSECT_STEPS(X)                                                                                               \
	NSC_HOPS(X)                                                                                                    \
	X(ETHERNET, ethernet)                                                                                          \
	X(LLC, llc)                                                                                                    \
	X(VLAN, vlan)         /* four bytes of tag; s->type tells which */                                             \
	X(LONG_TAG, long_tag) /* 802.1BR, 802.1CB, 802.1ah */                                                          \
	X(PPPOE, pppoe)                                                                                                \
	X(PPP, ppp)                                                                                                    \
	X(PPP_HDLC, ppp_hdlc)                                                                                          \
	X(MPLS, mpls)                                                                                                  \
	X(CHANNEL, channel) /* associated channel behind MPLS labels */                                                \
	X(CONTROL_WORD, control_word)                                                                                  \
	X(ARP, arp)                                                                                                    \
	X(IP, ip) /* the version nibble decides */                                                                     \
	X(IPV4, ipv4)                                                                                                  \
	X(IPV6, ipv6)                                                                                                  \
	X(EXTENSION, extension) /* s->type tells which */                                                              \
	X(AH, ah)                                                                                                      \
	X(TCP, tcp)                                                                                                    \
	X(UDP, udp)                                                                                                    \
	X(SCTP, sctp)                                                                                                  \
	X(ICMP, icmp)                                                                                                  \
	X(ICMPV6, icmpv6)                                                                                              \
	X(GRE, gre)                                                                                                    \
	X(ERSPAN, erspan)                                                                                              \
	X(WCCP, wccp)                                                                                                  \
	X(ETHERIP, etherip)                                                                                            \
	X(DNS, dns)                                                                                                    \
	X(DNS_TCP, dns_tcp)                                                                                            \
	X(TLS, tls)                                                                                                    \
	X(HTTP, http)                                                                                                  \
	X(DATA, data) /* nothing is known of the rest */

enum step {
	STEP_STOP,
#define NSC_X(id, name) STEP_##id,
	DISSECT_STEPS(NSC_X)
#undef NSC_X
		STEP_COUNT,
};

struct dissect {
	struct nsc_dissection *tree;
	const uint8_t *data;
	uint64_t off;      /* the cursor, from data */
	uint64_t wire_end; /* where the innermost length says that the packet ends */
	uint64_t cap_end;  /* as far as bytes may be read: the smaller of wire_end and cap_len */
	uint16_t type;     /* what the layer before announced: EtherType or IP protocol; at first the enum nsc_link */
	uint16_t src_port, dst_port;
	uint16_t parent; /* of the next field */
	uint16_t root;   /* of the next layer: NSC_NO_FIELD, or the layer that quotes */
	uint8_t tags, extensions, tunnels, layers, quotes;
	bool fragment; /* a first fragment: lengths inside may say more than there is */
};

struct line { /* a packet line that grows */
	struct nsc_buffer out;
	const struct nsc_dissection *tree;
};

struct protocol {
	struct nsc_field_type layer; /* the first member: a layer's field points here */
	/* One of these; both NULL = the fixed header, then `next`. With a hop, `fields` that end within the header. */
	enum step (*dissect)(struct dissect *s);
	struct nsc_hop (*hop)(const uint8_t *p, uint64_t n, uint16_t type);
	enum step next;
	const struct nsc_field_type *fields; /* of the fixed header */
	uint8_t n_fields;
	uint8_t length; /* of the fixed header, in bytes */
	/* Its part of the packet line: a function, or the arguments of line_print(); both NULL = none. */
	void (*line)(struct line *l, uint16_t layer);
	const char *text;
	const struct nsc_field_type *const *shown;
};

#define HEADER(types, bytes) .fields = (types), .n_fields = NSC_ARRAY_LEN(types), .length = (bytes)
#define TYPES(...) ((const struct nsc_field_type *const[]){ __VA_ARGS__ })
#define LINE(format, ...) .text = (format), .shown = TYPES(__VA_ARGS__)

/* A type of fields: its kind without NSC_VALUE_, then what is not 0 of its other members. */
#define FIELD(n, l, ...)                                                                                               \
	{                                                                                                              \
		.name = (n), .label = (l), .kind = NSC_VALUE_##__VA_ARGS__                                             \
	}
#define LAYER(n, l) .layer = FIELD(n, l, LAYER)

/* Rows of a table of fields: */
#define F_DEC(n, l, a, s) FIELD(n, l, DEC, .at = (a), .size = (s))
#define F_DEC_BITS(n, l, a, s, sh, b) FIELD(n, l, DEC, .at = (a), .size = (s), .shift = (sh), .bits = (b))
#define F_NAMED(n, l, a, s, names_of) FIELD(n, l, DEC, .at = (a), .size = (s), .names = (names_of))
#define F_HEX(n, l, a, s) FIELD(n, l, HEX, .at = (a), .size = (s), .digits = 2 * (s))
#define F_HEX_NAMED(n, l, a, s, names_of)                                                                              \
	FIELD(n, l, HEX, .at = (a), .size = (s), .digits = 2 * (s), .names = (names_of))
#define F_FLAG(n, l, a, s, sh) FIELD(n, l, FLAG, .at = (a), .size = (s), .shift = (sh), .bits = 1)
#define F_MAC(n, l, a) FIELD(n, l, MAC, .at = (a), .size = 6)
#define F_IPV4(n, l, a) FIELD(n, l, IPV4, .at = (a), .size = 4)
#define F_IPV6(n, l, a) FIELD(n, l, IPV6, .at = (a), .size = 16)
#define F_BYTES(n, l) FIELD(n, l, BYTES_RAW)
#define F_TEXT(n, l) FIELD(n, l, TEXT)
#define F_GROUP(n, l) FIELD(n, l, GROUP)

static inline uint32_t load24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

/* May `n` bytes be read at the cursor? */
static inline bool has(const struct dissect *s, uint64_t n)
{
	return s->off + n <= s->cap_end;
}

static inline const uint8_t *here(const struct dissect *s)
{
	return s->data + s->off;
}

/* The layer at the cursor ends at `end` at the latest: what lies behind is padding or a trailer. */
static inline void limit(struct dissect *s, uint64_t end)
{
	s->wire_end = NSC_MIN(s->wire_end, end);
	s->cap_end = NSC_MIN(s->cap_end, end);
}

/* As decode: a length of 0 at the cursor means that what follows is longer than a field of 16 bits can say. */
static inline bool is_beyond_16_bits(const struct dissect *s)
{
	return s->wire_end > s->off + UINT16_MAX;
}

/* Begins a layer of `length` bytes at the cursor (of what is captured of them): fields go below it from now on. */
uint16_t add_layer(struct dissect *s, const struct protocol *protocol, uint64_t length);

/* Begins a layer with the protocol's fixed header; false, and a remark, when the header is cut. */
bool add_header(struct dissect *s, const struct protocol *protocol);

/* A field at a fixed place of the header at the cursor. */
uint16_t add_field(struct dissect *s, const struct nsc_field_type *type);
void add_fields(struct dissect *s, const struct nsc_field_type *types, size_t n);

/* The same at `offset` from data, whatever type->at says. */
uint16_t add_at(struct dissect *s, const struct nsc_field_type *type, uint64_t offset);

/* A field with a value that the caller has; the range is cut to what is captured. */
uint16_t add_number(struct dissect *s, const struct nsc_field_type *type, uint64_t offset, uint64_t length,
		    uint64_t value);

/* Bytes or text in the packet: as much of the range as is captured; none when nothing is. */
uint16_t add_range(struct dissect *s, const struct nsc_field_type *type, uint64_t offset, uint64_t length);

/* Text that is not in the packet as such. It is copied to the pool. */
uint16_t add_pooled(struct dissect *s, const struct nsc_field_type *type, uint64_t offset, uint64_t length,
		    const void *text, size_t text_length);

/* A group that takes the fields up to leave_group(). */
uint16_t enter_group(struct dissect *s, const struct nsc_field_type *type, uint64_t offset, uint64_t length);
void leave_group(struct dissect *s, uint16_t group);

/* The length of a layer or group that is known only now; `end` from data. */
void set_end(struct dissect *s, uint16_t field, uint64_t end);

/* A remark of the dissector. `text` is a constant. */
void add_note(struct dissect *s, const char *text);

/* The same, and nothing behind it is dissected. */
enum step stop_note(struct dissect *s, const char *text);

/* The header at the cursor does not end in what may be read. */
enum step stop_cut(struct dissect *s);

/* Moves the cursor; the next layer, or a remark that it is cut. */
enum step skip_bytes(struct dissect *s, uint64_t n, enum step next);

/* Behind the cursor is the payload that a line counts. */
void set_payload(struct dissect *s);

/* The packet at the cursor is quoted by the layer at `root`. */
void dissect_quoted(struct dissect *s, uint16_t root, enum step step);

/* Moves the cursor behind the header that the hop describes; the step for what follows. */
enum step step_of_hop(struct dissect *s, const struct nsc_hop *hop);

/* STEP_ of a number in a table that ends with STEP_DATA, the step for what is not in it. */
struct step_of {
	uint16_t number;
	uint8_t step;
};
enum step step_in(const struct step_of *table, uint32_t number);

/* The step, unless it is a tunnel too many. */
enum step enter_tunnel(struct dissect *s, enum step step);

/* A step for the payload that an EtherType or an IP protocol announces. */
enum step step_of_ethertype(struct dissect *s, uint16_t type);
enum step step_of_ip_protocol(struct dissect *s, uint8_t protocol);
enum step step_of_gre(struct dissect *s, uint16_t type);
enum step step_of_tunnel_port(struct dissect *s);

/* A field of a layer, by its type, or NULL. */
const struct nsc_field *child(const struct nsc_dissection *tree, uint16_t layer, const struct nsc_field_type *type);
uint64_t child_value(const struct nsc_dissection *tree, uint16_t layer, const struct nsc_field_type *type,
		     uint64_t otherwise);

/* Writes `format` with fields of the layer, whose types are given in order: %v is a value, %n its name, or the value
 * when it has none, %N the name alone. What is not there is "?"; a part in brackets whose first field is not there is
 * left out. */
void line_print(struct line *l, uint16_t layer, const char *format, const struct nsc_field_type *const *types);

#define NSC_X(id, name) extern const struct protocol protocol_##name;
DISSECT_STEPS(NSC_X)
#undef NSC_X
extern const struct protocol protocol_service_tag;

/* protocol_null, ...: the headers of link types that have one of their own. */
#define NSC_X(id, name, entry, numbers) extern const struct protocol protocol_##entry;
NSC_LINKS(NSC_LINK_SKIP, NSC_LINK_SKIP, NSC_X, NSC_LINK_SKIP)
#undef NSC_X

/* Names of values that more than one protocol shows. */
extern const struct nsc_value_name names_ethertype[], names_ip_protocol[], names_hardware[];
extern const struct nsc_value_name names_checksum[]; /* 0 bad, 1 good, 2 unverified */

/* The value of a field as text: as in a packet line, where numbers come without their names, and as in the detail
 * block, with the name of the value. */
void print_value_short(struct nsc_buffer *p, const struct nsc_dissection *tree, const struct nsc_field *field);
void print_value(struct nsc_buffer *p, const struct nsc_dissection *tree, const struct nsc_field *field);

/* Has it a value at all? */
static inline bool has_value(const struct nsc_field *field)
{
	return field->type->kind > NSC_VALUE_GROUP;
}

/* Do these bytes begin like a TLS ClientHello, like HTTP/1? */
bool looks_like_tls(const uint8_t *p, uint64_t n);
bool looks_like_http(const uint8_t *p, uint64_t n);
bool is_dns_port(uint16_t port);

#endif
