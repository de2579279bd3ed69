/* SPDX-License-Identifier: MIT
 *
 * Where segments of a spool go: a table of functions for each kind of destination, chosen by the scheme of a URL of
 * --to. Another kind is one file, and a line in destination.c. docs/fleet.md says what it must do.
 *
 * Everything that reads files, looks up names or makes sockets of a kind other than TCP happens in open, before the
 * sandbox. Afterwards a destination may connect to its port and read the segment that it is given.
 *
 * Thread: open, check, init and close on control; send on the destination's own thread. Allocates. Blocks: on the
 * network; send for NSC_DESTINATION_SEND_S without a call of nsc_destination_moved at most.
 */
#ifndef TOOLS_SHIP_DESTINATION_H
#define TOOLS_SHIP_DESTINATION_H

#include "tools/netscope/settings.h"
#include "tools/ship/queue.h"

#include <stdio.h>

enum { NSC_DESTINATION_URL = 512, NSC_DESTINATION_SEND_S = 240 };

enum nsc_ship_verdict {
	NSC_SHIP_DONE,  /* it has the whole segment */
	NSC_SHIP_AGAIN, /* not now: the sentence says why. The same segment comes again */
	NSC_SHIP_NEVER, /* it will never take this segment, a person must look: the sentence says why */
};

struct nsc_destination;

struct nsc_destination_ops {
	const char *name;    /* "ClickHouse" */
	const char *schemes; /* of its URLs, each between blanks: " http https " */
	const char *example; /* of a URL, for sentences */
	uint32_t takes;      /* kinds of segments: bits 1 << enum nsc_segment_kind */
	bool shared;         /* several of them share the segments, by name. Else each gets all of them */

	/* Reads what is needed; need not connect. *opened is set when there is something to close, also after a
	 * failure. 0; -EINVAL: the URL or an option is wrong; -errno; each with one sentence. */
	int (*open)(struct nsc_destination **opened, const char *url, const struct nsc_settings *settings,
		    struct nsc_error *error);
	void (*close)(struct nsc_destination *destination);

	/* Connects, and compares what is there with what will be sent. Prints a line to `out`, which may be NULL. NULL:
	 * there is nothing to look at. 0; -EINVAL: it does not fit; -errno; each with one sentence. */
	int (*check)(FILE *out, struct nsc_destination *destination, struct nsc_error *error);

	/* Makes what it needs there, and prints a line. NULL: it needs nothing. 0, or -errno and one sentence. */
	int (*init)(FILE *out, struct nsc_destination *destination, struct nsc_error *error);

	/* Sends one segment, whose kind is in `takes`. It may have come before, also to an earlier run. */
	enum nsc_ship_verdict (*send)(struct nsc_destination *destination, const struct nsc_queue_segment *segment,
				      struct nsc_error *error);

	/* Called while no segment waits, a few times a second: for what must be said again. NULL: nothing must. 0:
	 * nothing was sent; 1: something was; -errno and one sentence: it comes again later. Thread: as send. */
	int (*idle)(struct nsc_destination *destination, struct nsc_error *error);
};

struct nsc_destination { /* the first member of each kind's own */
	const struct nsc_destination_ops *ops;
	char url[NSC_DESTINATION_URL]; /* as sentences name it: without a password */
	uint16_t port;                 /* TCP, to which it connects; 0 = to none */
	/* atomic: send tells, anybody reads */
	uint64_t moved_ns; /* CLOCK_MONOTONIC of the last progress within a send that may last; 0 = none */
	uint64_t repeated; /* rows that it may have twice */
	uint64_t unwanted; /* rows that it refused one by one; their segments were sent without them */
	uint64_t outdated; /* rows that were left out because they had waited for too long */
};

extern const struct nsc_destination_ops nsc_destination_clickhouse, nsc_destination_ipfix_tcp, nsc_destination_webhook,
	nsc_destination_alertmanager, nsc_destination_syslog;

/* Opens what a URL of --to names: without a scheme it is a ClickHouse server. As ops->open; *opened is NULL when there
 * is nothing to close. */
int nsc_destination_open(struct nsc_destination **opened, const char *url, const struct nsc_settings *settings,
			 struct nsc_error *error);
void nsc_destination_close(struct nsc_destination *destination); /* NULL is allowed */

/* For send: it goes on; this many rows will come again; one is unwanted; one is outdated. */
void nsc_destination_moved(struct nsc_destination *destination);
void nsc_destination_repeats(struct nsc_destination *destination, uint64_t rows);
void nsc_destination_unwants(struct nsc_destination *destination);
void nsc_destination_outdates(struct nsc_destination *destination);

#endif
