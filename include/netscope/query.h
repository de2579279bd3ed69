/* SPDX-License-Identifier: MIT
 *
 * Questions about flows: a filter, an order, how many. A worker answers from its own table while its sweep goes by, a
 * few records at a time; whoever asked merges what the workers answered. docs/web-api.md has the language of filters.
 */
#ifndef NETSCOPE_QUERY_H
#define NETSCOPE_QUERY_H

#include "netscope/error.h"
#include "netscope/flow.h"
#include "netscope/groups.h"
#include "netscope/hosts.h"

enum {
	NSC_FILTER_TEXT = 512, /* bytes of a filter; a longer one is refused, and so is one term or value too many */
	NSC_FILTER_TERMS = 16,
	NSC_FILTER_VALUES = 64,     /* of all terms together */
	NSC_QUERY_ROWS = 1000,      /* in one answer to a client */
	NSC_QUERY_ROWS_MOST = 8192, /* in one page of a download */
};

struct nsc_flow_moment {     /* what a filter or an order may look at beside the record */
	uint64_t clock_ns;   /* now, on the engine's clock */
	uint64_t tick_bytes; /* of this flow in the open tick */
};

/* --- columns: what can be compared and sorted by ---------------------------------------------- */

enum nsc_column_kind {
	NSC_COLUMN_NUMBER,
	NSC_COLUMN_BYTES,    /* a number; k, M, Ki, ... may follow */
	NSC_COLUMN_RATE,     /* bits per second */
	NSC_COLUMN_DURATION, /* ns */
	NSC_COLUMN_PORT,
	NSC_COLUMN_WORD,
	NSC_COLUMN_ADDRESS,
	NSC_COLUMN_TEXT,    /* compared by its letters; `*` stands for any */
	NSC_COLUMN_COUNTRY, /* two letters */
};

struct nsc_geo;

enum nsc_end_side { NSC_SIDE_NONE, NSC_SIDE_EITHER, NSC_SIDE_CLIENT, NSC_SIDE_SERVER };

struct nsc_flow_key_value { /* a value to sort by: compared word by word */
	uint64_t word[4];
};

struct nsc_column {
	const char *name;
	const char *alias; /* another name in filters; NULL = none */
	const char *help;
	enum nsc_column_kind kind;
	bool filters, sorts;
	bool milliseconds; /* DURATION: a number without a unit is ms, not s */
	uint8_t end;       /* ADDRESS, PORT, and what has a `place`: enum nsc_end_side */
	/* The value of a record; false = not known. Only word[0] for all kinds but ADDRESS and TEXT. NULL for kinds
	 * that filters know by themselves (ADDRESS and PORT of an end). */
	bool (*value)(const struct nsc_flow_record *, const struct nsc_flow_moment *, struct nsc_flow_key_value *);
	const char *const
		*words; /* WORD: in the order of their values, NULL at the end. TEXT: all that there are, or NULL */
	/* TEXT: its length and where it lies, in *named, which is the record's, or constant; 0 = not known. The list
	 * joined by `;` that it may be matches when one of its parts does. */
	uint32_t (*text)(const struct nsc_flow_record *record, const struct nsc_named *named, const char **text);
	bool of_ends; /* addresses, ports and protocol of a flow decide it: any packet of the flow has them */
	bool below;   /* TEXT: a value matches what ends with a dot and the value, too */
	/* Of the place where an end is registered; 0 = not known. Filters that look at it are refused without --geoip:
	 * looking up costs a microsecond for each end. */
	uint64_t (*place)(const struct nsc_geo *geo);
};

extern const struct nsc_column nsc_column_table[];
extern const uint32_t nsc_column_count;

/* The column of this name for sorting; NULL when there is none. */
const struct nsc_column *nsc_column_find(const char *name, bool sorts);

/* --- filters ---------------------------------------------------------------------------------- */

enum nsc_filter_op { NSC_OP_EQ, NSC_OP_NE, NSC_OP_LT, NSC_OP_LE, NSC_OP_GT, NSC_OP_GE };

/* low..high, both ends included, low <= high (of a country what nsc_geo_country_number says); an address and its
 * prefix; or text[low] and `high`, 1..255, small letters. */
struct nsc_filter_value {
	uint64_t low, high;
	uint8_t address[16];
	uint8_t ip_version; /* 4 or 6, of an address */
	uint8_t prefix;     /* 0..32 or 0..128 bits; 0: every address of that version */
};

struct nsc_filter_term {
	const struct nsc_column *column;
	uint8_t op;       /* enum nsc_filter_op */
	bool negated;     /* a leading ! */
	uint8_t first, n; /* of value[] */
};

struct nsc_flow_filter {
	uint32_t n;
	uint32_t n_values;
	uint32_t n_text; /* characters of text[] */
	struct nsc_filter_term term[NSC_FILTER_TERMS];
	struct nsc_filter_value value[NSC_FILTER_VALUES];
	char text[NSC_FILTER_TEXT];
};

/* 0, or -EINVAL and one sentence that names the term. An empty text lets everything through. Thread: any. Allocates:
 * never. */
int nsc_flow_filter_parse(struct nsc_flow_filter *filter, const char *text, size_t length, struct nsc_error *error);

bool nsc_flow_filter_match(const struct nsc_flow_filter *filter, const struct nsc_flow_record *record,
			   const struct nsc_flow_moment *moment);

/* The same for terms `first` to `end` - 1 alone, end <= filter->n. */
bool nsc_flow_filter_match_terms(const struct nsc_flow_filter *filter, uint32_t first, uint32_t end,
				 const struct nsc_flow_record *record, const struct nsc_flow_moment *moment);

/* Puts the terms that the ends of a flow decide (nsc_column.of_ends) first, each part in its order; returns how many
 * they are. The filter lets the same flows through. Thread: any. Allocates: never. */
uint32_t nsc_flow_filter_ends_first(struct nsc_flow_filter *filter);

/* --- one flow by its key ---------------------------------------------------------------------- */

struct nsc_flow_name { /* what makes a flow the one that it is; endpoints in any order */
	uint8_t proto, ip_version;
	uint8_t addr_a[16], addr_b[16]; /* as in nsc_flow_record */
	uint16_t port_a, port_b;
};

/* "tcp-10.0.0.1-443-10.0.0.2-51234". 0, or -EINVAL and one sentence. Thread: any. Allocates: never. */
int nsc_flow_name_parse(struct nsc_flow_name *name, const char *text, size_t length, struct nsc_error *error);

/* --- question and answer ---------------------------------------------------------------------- */

struct nsc_flow_hit {
	struct nsc_flow_key_value key;
	bool known; /* `key` is: those that are not come last */
	uint32_t worker;
	struct nsc_flow_moment moment;
	struct nsc_flow_record record; /* as it was when the sweep was there */
	/* with nsc_flow_query.recent: */
	uint64_t recent_bytes[2]; /* since the question's recent_start_ns, sent by a and by b */
	bool is_recent;           /* there was a packet since then */
};

struct nsc_flow_query {
	struct nsc_flow_filter filter;
	const struct nsc_column *sort; /* never NULL for flows */
	bool ascending;
	bool by_name; /* only the flow `name`: found by its key, the filter is not looked at */
	struct nsc_flow_name name;
	uint32_t limit;                  /* 1..NSC_QUERY_ROWS_MOST */
	uint8_t group_by, group_measure; /* enum nsc_group_by: what flows are added up by; and nsc_group_measure */
	const struct nsc_column *group_column; /* what nsc_group_column says of it */
	uint32_t group_after;                  /* groups that come before these rows; whoever asks looks at it */
	bool recent; /* with group_by: only the bytes of the last minute; not with NSC_MEASURE_PACKETS */
	bool hosts; /* no flows: hosts that are to be counted apart, and what they come to; nothing else is looked at */
	bool follows; /* only flows that come after the row `after` in this order */
	struct nsc_flow_hit after;
	/* With `follows`: only the rows are wanted. Records that by their first packet cannot be among them are passed
	 * over, and are in none of the counts. */
	bool rows_only;
};

/* The column of a kind of groups, or NULL. Thread: any. */
const struct nsc_column *nsc_group_column(unsigned by);

/* The order of an answer as for qsort: by the key in the query's direction, what is not known last, then in export
 * order. */
int nsc_flow_hit_compare(const struct nsc_flow_query *query, const struct nsc_flow_hit *x,
			 const struct nsc_flow_hit *y);

/* Whether a hit is `after` of the query, or comes before it. The flow itself may have grown since: it is never after
 * itself. Thread: any. Allocates: never. */
bool nsc_flow_hit_passed(const struct nsc_flow_query *query, const struct nsc_flow_hit *hit);

/* --- cursors: where a page of rows has ended -------------------------------------------------- */

enum { NSC_CURSOR_TEXT = 2 * 248 }; /* characters: hexadecimal digits */

/* The place behind a hit of this query. It holds for its sort and order, in this run of the program. Thread: any.
 * Allocates: never. */
void nsc_flow_cursor_write(char text[NSC_CURSOR_TEXT + 1], const struct nsc_flow_query *query,
			   const struct nsc_flow_hit *hit);

/* Sets `follows` and `after`; sort and order are set before. 0, or -EINVAL and one sentence. Whatever the text is, what
 * comes of it may be compared. Thread: any. Allocates: never. */
int nsc_flow_cursor_parse(struct nsc_flow_query *query, const char *text, size_t length, struct nsc_error *error);

/* --- one worker's part ------------------------------------------------------------------------ */

/* One worker's question, and its answer in the same place. It travels to the worker and comes back. */
struct nsc_flow_question {
	/* from whoever asks */
	struct nsc_flow_query query;
	/* from the worker */
	uint64_t clock_ns;              /* when it began to answer */
	uint64_t held;                  /* records in the table then, and of flows that have ended and are kept */
	uint64_t ended;                 /* of these, those that have ended */
	uint64_t visited;               /* records looked at */
	uint64_t matched;               /* those that the filter let through */
	uint64_t passed;                /* of these, those that come no later than `after` */
	uint64_t recent_start_ns;       /* clock where the last minute begins; UINT64_MAX: there was no flow yet */
	uint64_t span;                  /* the same for workers that agree about it, unless there was no flow yet */
	uint32_t next, end;             /* where the walk is, by record number: the worker's own */
	uint64_t ended_next, ended_end; /* the same among those that have ended */
	uint32_t worker;
	uint32_t n; /* hits: the first `limit` of the matched, in no order among themselves */
	union {
		struct {
			uint16_t heap[NSC_QUERY_ROWS_MOST]; /* the worker's own: places in hit[], the worst one first */
			struct nsc_flow_hit hit[NSC_QUERY_ROWS_MOST];
		};
		struct nsc_flow_groups groups; /* with group_by; cleared by whoever asks */
		struct nsc_hosts hosts;        /* with hosts */
	};
};

#endif
