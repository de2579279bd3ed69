/* SPDX-License-Identifier: MIT
 *
 * Calling sinks, and the first failure of a run. A sink that failed is not called again, from either thread; in a live
 * run one that can begin anew is (`check`), and control is told of both. A sink that says -EPIPE, because its reader
 * has gone (`netscope ... | head`), has not failed: it is called no more and counts as done. One that says -EAGAIN
 * loses something, because its reader does not keep up: control is told as of a failure, and the run has not failed.
 */
#ifndef NETSCOPE_CONTROL_SINKS_H
#define NETSCOPE_CONTROL_SINKS_H

#include <pthread.h>

#include "engine/rings/records.h"
#include "netscope/engine.h"

#define NSC_SINKS_MAX 64u

struct nsc_failure {
	int status;             /* 0 or the first -errno; claimed by compare-and-swap */
	struct nsc_error error; /* written by whoever claimed it; read after the threads have ended */
};

/* Notes `status` and the sentence unless something failed before. Thread: any. Allocates, blocks: never. */
void nsc_failure_note(struct nsc_failure *failure, int status, const struct nsc_error *error);

struct nsc_sinks {
	struct nsc_sink **sink;
	uint32_t n;
	bool live;
	bool *stop;                 /* set when a reader has gone; NULL = others still wait for the run */
	bool failed[NSC_SINKS_MAX]; /* set by the thread that saw it, read by both */
	struct nsc_failure *failure;
	struct nsc_counters counters; /* OUTPUT_*: atomic adds, for ticks come from another thread than the rest */
	pthread_mutex_t mutex;        /* over the rest: what control has not been told */
	bool untold[NSC_SINKS_MAX];
	struct nsc_error news[NSC_SINKS_MAX];
};

/* One sink that failed, or works again, since it was told last: its sentence. NSC_OUTPUT_NO_NEWS when there is none.
 * Thread: control. Blocks: while a sentence is copied. */
enum nsc_output_news nsc_sinks_news(struct nsc_sinks *sinks, struct nsc_error *error);

/* The sentences of all that fail now, as "a; b", cut at `size` - 1 bytes; how many they are. Thread: control. Blocks:
 * as the news. */
uint32_t nsc_sinks_failing(struct nsc_sinks *sinks, char *text, size_t size);

void nsc_sinks_tick(struct nsc_sinks *sinks, const struct nsc_view *view); /* Thread: publisher */
void nsc_sinks_records(struct nsc_sinks *sinks, struct nsc_records *records,
		       struct nsc_flow_chunk *chunk);                                      /* Thread: writer */
void nsc_sinks_packets(struct nsc_sinks *sinks, const struct nsc_packet_chunk *chunk);     /* Thread: writer */
void nsc_sinks_alerts(struct nsc_sinks *sinks, const struct nsc_alert *alert, uint32_t n); /* Thread: writer */
void nsc_sinks_rotate(struct nsc_sinks *sinks);                                            /* Thread: writer */
void nsc_sinks_check(struct nsc_sinks *sinks);                                             /* Thread: writer */
void nsc_sinks_finish(struct nsc_sinks *sinks, const struct nsc_remaining *remaining);     /* Thread: writer */
bool nsc_sinks_want_remaining(const struct nsc_sinks *sinks);
uint32_t
nsc_sinks_packet_bytes(const struct nsc_sinks *sinks); /* what all of them together want of a packet; 0 = nothing */
struct nsc_packet_frame
nsc_sinks_packet_frame(const struct nsc_sinks *sinks); /* of the first one that asks for it; all 0: of none */

#endif
