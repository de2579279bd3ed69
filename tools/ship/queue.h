/* SPDX-License-Identifier: MIT
 *
 * What waits in a spool for one destination. Several take from one spool: a taker is a database, whose servers share
 * the segments among them, each segment belonging to one of them for good by its name; or anything else, which gets all
 * segments of its kinds.
 *
 * A segment is removed when all takers of its kind have it. Until then an empty file, its mark, says for each of those
 * that have it that they do, so that a shipper that is killed knows. A taker that is alone needs no marks.
 *
 * Thread: one owner of each queue; takers are shared. Allocates: never. Blocks: on the disk.
 */
#ifndef TOOLS_SHIP_QUEUE_H
#define TOOLS_SHIP_QUEUE_H

#include "backends/sinks/spool_segment.h"
#include "netscope/error.h"

#include <pthread.h>
#include <time.h>

enum { NSC_QUEUE_MAX = 256, NSC_QUEUE_TAKERS = 8 };

struct nsc_queue_takers { /* of one spool; all but `lost` is fixed while queues are open */
	int folder;       /* borrowed */
	uint32_t n;
	struct nsc_queue_taker {
		char id[NSC_SEGMENT_TAKER];
		uint32_t kinds; /* bits 1 << enum nsc_segment_kind */
		uint64_t lost; /* segments that another one has, and that the sensor dropped before this one had them */
	} taker[NSC_QUEUE_TAKERS];
	pthread_mutex_t mutex; /* over `lost` and the removal of segments with marks */
};

struct nsc_queue {
	struct nsc_queue_takers *takers; /* borrowed */
	uint32_t taker;                  /* its index */
	uint32_t part, parts;            /* of its segments, those of server `part` of `parts` */
	uint32_t n, at;                  /* those found and not yet taken: at..n-1, oldest first */
	struct {
		struct timespec written;
		char name[NSC_SEGMENT_NAME];
	} entry[NSC_QUEUE_MAX];
};

struct nsc_queue_segment { /* one that is on its way; it is locked while fd is open */
	int fd;
	char name[NSC_SEGMENT_NAME];
	struct nsc_segment head;
	uint64_t bytes; /* of its rows */
};

/* Whether a segment goes to server `part`. */
bool nsc_queue_is_mine(const char *name, uint32_t part, uint32_t parts);

/* Of a destination that is no database: the same for the same URL. */
void nsc_queue_taker_id(char id[NSC_SEGMENT_TAKER], const char *url);

/* The index of a taker, which is added unless it is there. n must be below NSC_QUEUE_TAKERS. */
uint32_t nsc_queue_takers_add(struct nsc_queue_takers *takers, const char *id, uint32_t kinds);

/* Looks through the spool: a segment that all its takers have is removed (one that lacked it is perhaps no taker any
 * more), and so are marks of others and marks whose segment is gone. `count`: those that the sensor dropped are counted
 * in `lost`; not before the first look, because a shipper that was killed leaves such marks, too. */
void nsc_queue_takers_settle(struct nsc_queue_takers *takers, bool count);

/* What nsc_queue_takers_settle has counted. Thread: any. */
uint64_t nsc_queue_takers_lost(struct nsc_queue_takers *takers, uint32_t taker);

/* Whether a file of this name is a segment that belongs to this queue and that its taker lacks. Thread: any. */
bool nsc_queue_wants(const struct nsc_queue *queue, const char *name);

/* The oldest segment that this one lacks and nobody else has locked. False: there is none. One that cannot be read as a
 * segment gets a name that ends in ".refused". */
bool nsc_queue_take(struct nsc_queue *queue, struct nsc_queue_segment *segment);

/* It was sent: it goes when no other taker waits for it. Or it is refused for good: it stays under a name that ends in
 * NSC_SEGMENT_REFUSED if a database refuses it, or if nobody else takes it; others still get it. False: the folder
 * cannot be written, and the segment is on its way as before. */
bool nsc_queue_done(struct nsc_queue *queue, struct nsc_queue_segment *segment);
bool nsc_queue_refuse(struct nsc_queue *queue, struct nsc_queue_segment *segment);

/* It was not sent, and comes first again. */
void nsc_queue_put_back(struct nsc_queue *queue, struct nsc_queue_segment *segment);

#endif
