/* SPDX-License-Identifier: MIT
 *
 * A segment of the spool: a file that a sensor has completed, and that `netscope ship` sends whole. It has a head of
 * NSC_SEGMENT_HEAD bytes, one line of text that blanks fill up, and then rows in RowBinary (engine/text/row.h). Its
 * name is its identity: SENSOR-BOOT-WORKER-FIRST-LAST.flows, or SENSOR-BOOT-0-FIRST-LAST.ledger or .alerts.
 *
 * Thread: any. Allocates, blocks: never.
 */
#ifndef NETSCOPE_SINKS_SPOOL_SEGMENT_H
#define NETSCOPE_SINKS_SPOOL_SEGMENT_H

#include "netscope/base.h"

enum {
	NSC_SEGMENT_HEAD = 512,         /* bytes in front of the rows */
	NSC_SEGMENT_ROWS_MAX = 1000000, /* fewer than one block of ClickHouse: it becomes one part, or nothing */
	NSC_SENSOR_MAX = 63,
	NSC_SEGMENT_NAME = 192, /* with NUL */
	NSC_SEGMENT_TAKER = 16, /* who has it, with NUL */
	NSC_SEGMENT_MARK = NSC_SEGMENT_NAME + NSC_SEGMENT_TAKER + 8,
};

#define NSC_SEGMENT_KINDS(X)                                                                                           \
	X(FLOWS, "flows")                                                                                              \
	X(LEDGER, "ledger")                                                                                            \
	X(ALERTS, "alerts")

enum nsc_segment_kind {
#define NSC_X(id, name) NSC_SEGMENT_##id,
	NSC_SEGMENT_KINDS(NSC_X)
#undef NSC_X
		NSC_SEGMENT_KIND_COUNT
};

/* "flows" is also the table that it belongs to. */
extern const char *const nsc_segment_kind_names[NSC_SEGMENT_KIND_COUNT];

struct nsc_segment {
	enum nsc_segment_kind kind;
	char sensor[NSC_SENSOR_MAX + 1]; /* letters, digits, '.', '_' and '-' */
	uint64_t boot;                   /* of the sensor's run: another one has another number */
	uint32_t worker;                 /* 0 of what is not flows */
	uint64_t first, last;            /* numbers of its rows, dense: 1 <= first <= last */
	uint64_t packets, bytes;         /* sums over the rows of flows; else 0 */
	uint32_t spooled;                /* seconds since 1970 when it was begun: all its rows say so */
};

nsc_always_inline uint64_t nsc_segment_rows(const struct nsc_segment *segment)
{
	return segment->last - segment->first + 1;
}

/* Whether a text can be a sensor's name: 1..NSC_SENSOR_MAX of its characters, no '.' in front. */
bool nsc_segment_is_sensor(const char *text);

void nsc_segment_head(char head[NSC_SEGMENT_HEAD], const struct nsc_segment *segment);

/* 0, or -EBADMSG for what no segment begins with. */
int nsc_segment_read(struct nsc_segment *segment, const char head[NSC_SEGMENT_HEAD]);

void nsc_segment_name(char name[NSC_SEGMENT_NAME], const struct nsc_segment *segment);

/* What stands behind the name of a segment that a destination will never take: it is kept for a person to see. */
#define NSC_SEGMENT_REFUSED ".refused"

/* The kind of the segment that a file of this name is; NSC_SEGMENT_KIND_COUNT: it is none that is complete. */
enum nsc_segment_kind nsc_segment_name_kind(const char *name);

/* Whether a file of this name is a segment that is complete and may be sent. */
nsc_always_inline bool nsc_segment_is_name(const char *name)
{
	return nsc_segment_name_kind(name) != NSC_SEGMENT_KIND_COUNT;
}

/* The number of rows that a segment's name says; 0 when it says none. */
uint64_t nsc_segment_name_rows(const char *name);

/* A segment that several take may wait for one that is slow, while another one has it. An empty file of this name says
 * so. `taker`: letters and digits; NSC_SEGMENT_DATABASE: rows in it are not lost when the segment is dropped. */
#define NSC_SEGMENT_DATABASE "database"
void nsc_segment_mark(char mark[NSC_SEGMENT_MARK], const char *name, const char *taker);

/* Whether a file of this name is a mark; whose, and of which segment. */
bool nsc_segment_mark_read(const char *mark, char name[NSC_SEGMENT_NAME], char taker[NSC_SEGMENT_TAKER]);

#endif
