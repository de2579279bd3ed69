/* SPDX-License-Identifier: MIT
 *
 * The folder of a spool, as the sensor sees it: where segments get their names, and how much of them it may hold.
 *
 * Whoever sends a segment holds a shared lock (flock) on it meanwhile and removes it at the end. What is locked is
 * never dropped.
 *
 * Thread: writer. Allocates: at open only. Blocks: on the disk.
 */
#ifndef NETSCOPE_SINKS_SPOOL_FOLDER_H
#define NETSCOPE_SINKS_SPOOL_FOLDER_H

#include "backends/sinks/spool_segment.h"
#include "netscope/error.h"

struct nsc_spool_folder;

struct nsc_spool_dropped {                       /* what gave way to newer segments, and no database has; only grows */
	uint64_t segments, rows, packets, bytes; /* rows, packets, bytes: of flows */
	uint64_t alerts;
};

/* Makes the folder (mode 0700) unless it is there, and takes it for this process. Of a run that was killed, segments
 * that were not completed are removed: *stale tells how many. `limit_bytes`: of all segments, each rounded up to 4 KiB.
 * 0; -EBUSY when another sensor writes there; -errno; each with one sentence. */
int nsc_spool_folder_open(struct nsc_spool_folder **folder, const char *path, uint64_t limit_bytes, uint32_t *stale,
			  struct nsc_error *error);
void nsc_spool_folder_close(struct nsc_spool_folder *folder); /* NULL is allowed */

/* A new file for a segment whose name begins as `segment` says; it has no name of a segment yet. A descriptor, or
 * -errno and one sentence. */
int nsc_spool_folder_begin(struct nsc_spool_folder *folder, const struct nsc_segment *segment, struct nsc_error *error);

/* Makes room for `bytes` more: the oldest segments go, ledgers after all others, a sixteenth of the limit more than
 * needed, until it is kept or all that is left is on its way. */
void nsc_spool_folder_make_room(struct nsc_spool_folder *folder, uint64_t bytes);

/* Whether there is room for `bytes` more without that. */
bool nsc_spool_folder_has_room(struct nsc_spool_folder *folder, uint64_t bytes);

/* The file is complete: its head, on the disk, under its name. The descriptor is closed in any case; after a failure
 * the file is gone. 0 or -errno and one sentence. */
int nsc_spool_folder_seal(struct nsc_spool_folder *folder, int fd, const struct nsc_segment *segment,
			  struct nsc_error *error);

/* Closes the descriptor and removes the file that nsc_spool_folder_begin made. */
void nsc_spool_folder_discard(struct nsc_spool_folder *folder, int fd, const struct nsc_segment *segment);

/* 0 when a MiB can be written in the folder, else -errno and one sentence. */
int nsc_spool_folder_try(struct nsc_spool_folder *folder, struct nsc_error *error);

const struct nsc_spool_dropped *nsc_spool_folder_dropped(const struct nsc_spool_folder *folder);

#endif
