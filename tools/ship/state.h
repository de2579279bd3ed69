/* SPDX-License-Identifier: MIT
 *
 * What waits in a spool, what was sent, and what fails: one look, and the forms in which it is told.
 *
 * Thread: one owner. Allocates: metrics only. Blocks: nsc_ship_state_look, on the disk.
 */
#ifndef TOOLS_SHIP_STATE_H
#define TOOLS_SHIP_STATE_H

#include "engine/text/buffer.h"
#include "tools/ship/lane.h"

struct nsc_ship_waiting {
	uint64_t segments, rows, bytes; /* bytes: of files */
	uint64_t oldest_s;              /* when the oldest one was completed, seconds since 1970; 0 = none waits */
};

struct nsc_ship_state {
	uint64_t now_s;                  /* of the look, seconds since 1970 */
	struct nsc_ship_waiting waiting; /* all that is in the spool */
	uint64_t refused;                /* segments that are kept as .refused */
	uint32_t n;
	struct nsc_ship_place { /* a destination */
		const char *url;
		struct nsc_ship_waiting waiting;
		struct nsc_lane_sums sums;
		uint64_t repeated; /* rows that it may have twice */
		uint64_t unwanted; /* rows that it refused one by one */
		uint64_t outdated; /* rows that were left out for their age */
		uint64_t lost;     /* segments that the sensor dropped, though another destination has them */
	} place[NSC_QUEUE_TAKERS];
};

/* `lane`: n of them, 0..NSC_QUEUE_TAKERS. */
void nsc_ship_state_look(struct nsc_ship_state *state, int folder, struct nsc_lane *lane, uint32_t n);

/* Lines for a person: what waits, and what each destination got. */
void nsc_ship_state_print_waiting(FILE *out, const struct nsc_ship_state *state);
void nsc_ship_state_print_places(FILE *out, const struct nsc_ship_state *state);

/* A sentence of less than `size` bytes: what waits, and the newest failure. */
void nsc_ship_state_sentence(char *text, size_t size, const struct nsc_ship_state *state);

/* Prometheus text. */
void nsc_ship_state_metrics(struct nsc_buffer *out, const struct nsc_ship_state *state);

#endif
