/* SPDX-License-Identifier: MIT
 *
 * What waits in a spool for one of several servers: each segment belongs to one of them for good, by its name.
 *
 * Thread: one owner. Allocates: never. Blocks: on the disk.
 */
#ifndef TOOLS_SHIP_QUEUE_H
#define TOOLS_SHIP_QUEUE_H

#include "backends/sinks/spool_segment.h"
#include "netscope/error.h"

#include <time.h>

enum { NSC_QUEUE_MAX = 256 };

struct nsc_queue {
	int folder;           /* borrowed */
	uint32_t part, parts; /* the segments of server `part` of `parts` */
	uint32_t n, at;       /* those found and not yet taken: at..n-1, oldest first */
	struct {
		struct timespec written;
		char name[NSC_SEGMENT_NAME];
	} entry[NSC_QUEUE_MAX];
};

struct nsc_queue_segment { /* one that is on its way; it is locked while fd is open */
	int fd;
	char name[NSC_SEGMENT_NAME];
	struct timespec written;
	struct nsc_segment head;
	uint64_t bytes; /* of its rows */
};

/* Whether a segment goes to server `part`. */
bool nsc_queue_is_mine(const char *name, uint32_t part, uint32_t parts);

/* The oldest segment that nobody else has locked. False: there is none. One that cannot be read as a segment gets a
 * name that ends in ".refused". */
bool nsc_queue_take(struct nsc_queue *queue, struct nsc_queue_segment *segment);

/* It was sent: it goes. Or (`refused`) it stays under a name that ends in ".refused". Or it waits. */
void nsc_queue_done(struct nsc_queue *queue, struct nsc_queue_segment *segment);
void nsc_queue_refuse(struct nsc_queue *queue, struct nsc_queue_segment *segment);
void nsc_queue_put_back(struct nsc_queue *queue, struct nsc_queue_segment *segment);

#endif
