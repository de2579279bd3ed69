/* SPDX-License-Identifier: MIT
 *
 * The writer takes ended flow records from all workers, copies of packets from the tap and alerts from the publisher,
 * and gives them to the sinks: one slow disk stalls neither the publisher nor, as long as there are chunks, a worker.
 * It finishes the sinks when all has been given, and the publisher has made its last view.
 */
#ifndef NETSCOPE_CONTROL_WRITER_H
#define NETSCOPE_CONTROL_WRITER_H

#include "engine/control/sinks.h"
#include "engine/flow/table.h"
#include "engine/rings/alerts.h"
#include "engine/rings/tap_merge.h"

struct nsc_writer {
	struct nsc_idle idle; /* rung by workers and by the publisher */
	struct nsc_records *records[NSC_WORKERS_MAX];
	struct nsc_flow_table *table[NSC_WORKERS_MAX]; /* the writer's once its worker's records have ended */
	uint32_t workers;                              /* 0 when nobody wants records */
	struct nsc_alert_ring *alerts;                 /* NULL without detectors */
	struct nsc_tap *tap[NSC_WORKERS_MAX];          /* one for each source */
	uint32_t taps;                                 /* 0 when nobody wants packets */
	struct nsc_tap_merge *merge;                   /* NULL: one tap at most */
	struct nsc_sinks *sinks;
	struct nsc_timeline *timeline; /* NULL: none */
	uint64_t marked[NSC_C_OUTPUT_LOST_ROWS - NSC_C_OUTPUT_FAILURES +
			1];    /* what outputs counted, up to the last mark */
	bool rotate;           /* set by anybody: the sinks' files are to begin anew */
	bool check;            /* set by anybody: the sinks are to look after their files */
	struct nsc_mark views; /* the publisher's: at its end after the last view */
};

/* Runs until all workers have ended and every sink is finished. Thread: writer. */
void nsc_writer_run(struct nsc_writer *writer);

#endif
