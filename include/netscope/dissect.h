/* SPDX-License-Identifier: MIT
 *
 * Dissection: the bytes of one packet to a tree of fields, and the views of that tree. The detailed, cold brother of
 * decode: the two agree about layers and lengths, and a test holds them together.
 *
 * The tree is an array in the caller's memory, parents before children. Every field says where in the packet it
 * stands. Names follow Wireshark's display filters where Wireshark has one. Whatever the bytes are, depth and work are
 * bounded, nothing is read past cap_len, and a tree that does not fit is marked instead of overflowing.
 *
 * Thread: any, one owner per struct nsc_dissection. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_DISSECT_H
#define NETSCOPE_DISSECT_H

#include "netscope/packet.h"

enum {
	NSC_DISSECT_FIELDS = 512, /* fields in one tree */
	NSC_DISSECT_TEXT = 16384, /* bytes of names that are not in the packet as such: DNS names, fingerprints */
	NSC_DISSECT_DEPTH = 24,   /* no field is deeper */
	NSC_LINE_MAX = 4096,      /* no packet line is longer */
	NSC_HEX_MAX = 2048,       /* nor a hex dump */
	NSC_HEX_BYTES = 256,      /* what a hex dump shows */
	NSC_VALUE_MAX = 1200,     /* nor the text of one value */
	NSC_VALUE_BYTES = 256,    /* longer texts from the wire are shown up to here */
};

#define NSC_NO_FIELD UINT16_MAX

enum nsc_value_kind {
	NSC_VALUE_LAYER, /* a header; no value of its own */
	NSC_VALUE_GROUP, /* a part of a header; no value of its own */
	NSC_VALUE_DEC,   /* number: `value` */
	NSC_VALUE_HEX,   /* number, shown with `digits` hexadecimal digits */
	NSC_VALUE_BITS,  /* number, shown as the list of the bits that `names` names */
	NSC_VALUE_FLAG,  /* number: 0 or 1 */
	NSC_VALUE_IPV4,  /* number */
	NSC_VALUE_MAC,   /* bytes of the packet */
	NSC_VALUE_IPV6,
	NSC_VALUE_BYTES_RAW,
	NSC_VALUE_TEXT, /* bytes as they were on the wire: escape them before anybody sees them */
};

struct nsc_value_name {
	uint64_t value;
	const char *name; /* NULL ends a table */
};

struct nsc_field_type {                     /* const, one for each kind of field */
	const char *name;                   /* "ip.ttl" */
	const char *label;                  /* "Time to live" */
	const struct nsc_value_name *names; /* of values; NULL = none */
	uint8_t kind;                       /* enum nsc_value_kind */
	uint8_t digits;                     /* NSC_VALUE_HEX */
	/* where a fixed header has it: */
	uint8_t at, size; /* bytes from its start; size 0 = a number of no fixed place */
	uint8_t shift;    /* the number is (bytes >> shift & bits) * scale */
	uint8_t scale;    /* 0 = 1 */
	uint32_t bits;    /* 0 = all */
};

enum nsc_field_flag {
	NSC_FIELD_POOLED = 1, /* the text is in the pool, not in the packet */
	NSC_FIELD_STATIC = 2, /* the text is a constant of the program */
	NSC_FIELD_MADE = 4,   /* computed, not read: offset and length say from where */
	NSC_FIELD_SHORT = 8,  /* the layer was longer on the wire than what was captured of it */
};

struct nsc_field {
	const struct nsc_field_type *type;
	uint64_t value;  /* numbers; for texts use nsc_field_bytes */
	uint32_t offset; /* from the first byte of the packet */
	uint32_t length; /* offset + length <= cap_len */
	uint16_t parent; /* index, smaller than the field's own; NSC_NO_FIELD = a layer at the top */
	uint8_t depth;   /* 0 at the top */
	uint8_t flags;   /* enum nsc_field_flag */
};

static_assert(sizeof(struct nsc_field) == 32, "two fields, one cache line");

struct nsc_dissection {
	const uint8_t *data; /* borrowed: valid while the packet is */
	uint32_t cap_len, wire_len;
	uint32_t payload_off; /* behind the innermost header below the applications; 0 = there is none */
	uint32_t payload_len; /* on the wire, bytes */
	uint32_t text_len;    /* used bytes of text[] */
	uint16_t n;           /* fields */
	uint8_t link;         /* enum nsc_link */
	bool truncated;       /* the tree was full: some fields are missing */
	struct nsc_field field[NSC_DISSECT_FIELDS];
	uint8_t text[NSC_DISSECT_TEXT];
};

/* Fills the tree from the source's half of the descriptor: data, cap_len, wire_len, link. */
void nsc_dissect(struct nsc_dissection *tree, const struct nsc_packet *pkt);

/* The first field of that name at index `from` or behind it, NSC_NO_FIELD when there is none. */
uint16_t nsc_dissection_find(const struct nsc_dissection *tree, const char *name, uint16_t from);

/* The bytes of a field that has bytes (MAC, IPv6, raw, text), and how many. */
const uint8_t *nsc_field_bytes(const struct nsc_dissection *tree, const struct nsc_field *field, uint32_t *length);

/* The name of a value, or NULL. */
const char *nsc_field_value_name(const struct nsc_field *field);

/* --- views. All of them write at most `room` bytes, return how many, and end with no NUL; what comes from the wire
 * --- is escaped. A view that does not fit is cut. ------------------------------------------------------------------
 */

/* The value alone: "64", "TCP (6)", "02:00:00:00:00:01". Room for all: NSC_VALUE_MAX. */
size_t nsc_dissect_value(const struct nsc_dissection *tree, const struct nsc_field *field, char *out, size_t room);

/* The summary of one packet on one line, without newline; `number` counts from 1. Fast: common packets never get a
 * tree; `scratch` is for the others, and what it holds afterwards is not to be used. Room for all: NSC_LINE_MAX. */
size_t nsc_dissect_line(const struct nsc_packet *pkt, uint64_t number, struct nsc_dissection *scratch, char *out,
			size_t room);

/* How many of the first bytes nsc_dissect_line looks at, for whoever keeps copies: all that were captured, unless the
 * packet is a common one. With only these bytes, which cap_len then says, the line is the same. */
uint32_t nsc_dissect_line_bytes(const struct nsc_packet *pkt);

/* The same line from a tree: the two are the same text. */
size_t nsc_dissect_line_of(const struct nsc_dissection *tree, uint64_t ts_ns, uint64_t number, char *out, size_t room);

/* The tree as indented lines, each with its newline. */
size_t nsc_dissect_text(const struct nsc_dissection *tree, char *out, size_t room);

/* The first NSC_HEX_BYTES bytes, 16 per line: offset, hex, ASCII; then how many remain. Room for all: NSC_HEX_MAX. */
size_t nsc_dissect_hex(const uint8_t *data, uint32_t length, char *out, size_t room);

/* {"layers":[{"name","label","offset","length","fields":[{"name","label","value","text","offset","length","fields"}]}],
 * "truncated":false}: `value` is a number, a boolean or a string, `text` what nsc_dissect_value writes, where that
 * says more. Only ASCII. Valid JSON however small the room is, from 64 bytes on: fields that do not fit are left out,
 * and `truncated` says so. 0 with less room. */
size_t nsc_dissect_json(const struct nsc_dissection *tree, char *out, size_t room);

#endif
