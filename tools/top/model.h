/* SPDX-License-Identifier: MIT
 *
 * What `netscope top` knows of a sensor: numbers and texts out of the JSON of docs/web-api.md. What the sensor does not
 * know, leaves out or writes in another type is NAN, or "" for a text; members that are not known are ignored.
 *
 * Texts are as the sensor sent them, cut to their room: whoever shows them escapes them.
 *
 * Thread: the caller's. Blocks: never.
 */
#ifndef TOOLS_TOP_MODEL_H
#define TOOLS_TOP_MODEL_H

#include "netscope/error.h"

enum {
	NSC_TOP_PROTOCOL = 1, /* of docs/web-api.md */
	NSC_TOP_WORKERS = 64,
	NSC_TOP_STAGES = 16,
	NSC_TOP_LOSSES = 48,
	NSC_TOP_FLOWS = 200,
	NSC_TOP_WORD = 32,
	NSC_TOP_END = 64, /* an address in brackets and a port */
	NSC_TOP_NAME = 256,
	NSC_TOP_SENTENCE = 512,
};

struct nsc_top_worker { /* since the view before */
	double index, core;
	double busy, empty, idle, waited; /* shares, 0..1 */
	double pps, bps;
	double cycles[NSC_TOP_STAGES]; /* per packet */
	double waiting;                /* bursts in its lane */
	double round_p99_ns;           /* since the start */
};

struct nsc_top_loss {
	char place[NSC_TOP_WORD], counter[NSC_TOP_WORD], unit[NSC_TOP_WORD];
	char what[NSC_TOP_NAME], advice[NSC_TOP_SENTENCE];
	bool is_loss; /* else a limit that was hit */
	double count, since;
};

struct nsc_top_row {
	char protocol[NSC_TOP_WORD], app[NSC_TOP_WORD], state[NSC_TOP_WORD];
	char from[NSC_TOP_END], to[NSC_TOP_END]; /* client and server, or a and b while it is not known who began */
	bool has_client;
	char name[NSC_TOP_NAME];
	double bps; /* of the last tick in `top`, else the mean over its life */
	double bytes, packets, rtt_ms, retransmissions, lost_segments;
};

struct nsc_top_flows {
	uint32_t n;
	struct nsc_top_row flow[NSC_TOP_FLOWS];
};

struct nsc_top_numbers {
	char version[NSC_TOP_WORD], boot_id[NSC_TOP_WORD];
	char sensor[NSC_TOP_END]; /* as configured; "": nobody gave it a name */
	double elapsed;           /* s since the start of the run */
	char source[NSC_TOP_WORD], input[NSC_TOP_SENTENCE];
	bool live;
	char state[NSC_TOP_WORD], state_text[2048];
	double tick_end; /* s since 1970 */
	double pps, bps, flows, alerts, drops;
	double received;
	double lost; /* packets, before or inside the program; NAN: nobody can know */
	bool balanced;
	double borders;                    /* of the ledger, that were checked */
	char unbalanced[NSC_TOP_SENTENCE]; /* the first one that does not hold */

	uint32_t n_losses;
	struct nsc_top_loss loss[NSC_TOP_LOSSES];
	struct nsc_top_flows top; /* of the last tick */

	uint32_t n_stages, n_workers;
	char stage[NSC_TOP_STAGES][NSC_TOP_WORD];
	struct nsc_top_worker worker[NSC_TOP_WORKERS];
	bool has_capture; /* a thread that reads for all workers */
	double capture[NSC_TOP_STAGES];
	double imbalance;

	struct nsc_top_flows found; /* of the last query */
	double matched, held;
};

/* Nothing known. */
void nsc_top_numbers_init(struct nsc_top_numbers *numbers);

/* The body of /api/v1/summary, cores, flows into its part of `numbers`. 0, or -EPROTO and one sentence: it is no such
 * body, and `numbers` stay as they were. Allocates: while it parses. */
int nsc_top_read_summary(struct nsc_top_numbers *numbers, const char *text, size_t length, struct nsc_error *error);
int nsc_top_read_cores(struct nsc_top_numbers *numbers, const char *text, size_t length, struct nsc_error *error);
int nsc_top_read_flows(struct nsc_top_numbers *numbers, const char *text, size_t length, struct nsc_error *error);

/* The sentence of {"error": "..."}, cut to its room; false when there is none. */
bool nsc_top_read_error(char sentence[NSC_TOP_NAME], const char *text, size_t length);

#endif
