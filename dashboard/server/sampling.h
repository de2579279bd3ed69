/* SPDX-License-Identifier: MIT
 *
 * Which packets are sampled: all, or those of flows that somebody wants. There is one filter for the whole program; it
 * ends by itself. Another one takes its place in two steps: first nothing is sampled, so that counts and packets of the
 * new one can be told from what was before, and when every worker does so, it is sent.
 *
 * Thread: dashboard. Allocates, blocks: never.
 */
#ifndef DASHBOARD_SAMPLING_H
#define DASHBOARD_SAMPLING_H

#include "engine/text/json.h"
#include "netscope/engine.h"

enum {
	NSC_SAMPLING_MINUTES = 15,       /* when nothing is said */
	NSC_SAMPLING_MINUTES_MAX = 1440, /* of one filter */
	NSC_SAMPLING_PATIENCE_S = 60,    /* and so long without anybody who looks at packets */
	NSC_SAMPLING_KEY = 160,          /* bytes of a flow's key; a longer one names no flow */
};

enum nsc_sampling_phase {
	NSC_SAMPLING_RESTS,   /* what was sent last holds everywhere */
	NSC_SAMPLING_PAUSES,  /* nothing is to be sampled any more */
	NSC_SAMPLING_CHANGES, /* what is wanted now is on its way */
};

enum { NSC_SAMPLING_MATCHED, NSC_SAMPLING_COPIED, NSC_SAMPLING_MISSED, NSC_SAMPLING_COUNTS };

struct nsc_sampling {
	bool on;
	uint8_t phase;          /* enum nsc_sampling_phase */
	uint64_t changes, sent; /* how often something else was wanted; which of these the workers were sent */
	char filter[NSC_FILTER_TEXT + 1], key[NSC_SAMPLING_KEY + 1]; /* as they are shown; one of them is empty */
	struct nsc_sample_filter wanted;
	uint64_t since_ns;            /* wall clock */
	uint64_t until_ns, looked_ns; /* monotonic */
	uint64_t after;               /* id of the newest sample before it held */
	uint64_t before[NSC_SAMPLING_COUNTS];
	uint32_t workers;                                /* that sample */
	struct nsc_sample_filter *room[NSC_WORKERS_MAX]; /* NULL: with its worker */
};

/* Wants packets of these flows from now on, for so many minutes at most, instead of what was wanted before. 0, or
 * -EINVAL and one sentence; then nothing changes. */
int nsc_sampling_want(struct nsc_sampling *sampling, const struct nsc_sample_text *text, uint64_t minutes,
		      uint64_t now_ns, struct nsc_error *error);
void nsc_sampling_want_all(struct nsc_sampling *sampling);

/* Somebody looks at packets. */
void nsc_sampling_looked(struct nsc_sampling *sampling, uint64_t now_ns);

/* How long it goes on if nobody looks any more, ns; 0: it is over. */
uint64_t nsc_sampling_left(const struct nsc_sampling *sampling, uint64_t now_ns);

struct nsc_web;

/* Nothing is wanted yet. Thread: control, before the dashboard's begins. */
void nsc_sampling_open(struct nsc_web *web);

/* Ends what is over, and brings what is wanted to the workers. True while something is under way: call again in a few
 * ms. */
bool nsc_sampling_step(struct nsc_web *web, uint64_t now_ns);

void nsc_show_sampling(const struct nsc_web *web, struct nsc_json *json); /* "sampling" */

#endif
