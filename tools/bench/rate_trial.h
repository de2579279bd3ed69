/* SPDX-License-Identifier: MIT
 *
 * One trial: a netscope of its own captures on one interface while frames are sent through another one. What it says at
 * its end, whose ledger balances, is held against what the sender's kernel took.
 *
 * Thread: control. Errors: -errno and one sentence.
 */
#ifndef TOOLS_BENCH_RATE_TRIAL_H
#define TOOLS_BENCH_RATE_TRIAL_H

#include "tools/bench/rate_sender.h"

#include <sched.h>

enum { NSC_RATE_PLACES = 24, NSC_RATE_BACKEND = 16 };

struct nsc_rate_receiver {
	const char *program;    /* the netscope to run */
	const char *interface;  /* where it captures */
	const char *backend;    /* "tpacket", "pcap" */
	uint32_t workers;       /* 0 = as it likes */
	const cpu_set_t *cores; /* where it may run; NULL = as this process */
	const char *folder;     /* for its summary: one that nobody else may read */
};

struct nsc_rate_place {
	char name[48];
	uint64_t lost;
	bool apart; /* not of the frames that were sent, or of what was made of them: does not count as a lost frame */
};

struct nsc_rate_outcome {
	struct nsc_sent sent;
	uint64_t received; /* by the engine: counted in flows */
	uint64_t lost;     /* sent and not received */
	uint64_t age_ns;   /* median time from the kernel's stamp until a burst was counted; 0 without a burst */
	bool behind;       /* nothing was lost, but only because the ring is large: the receiver fell behind */
	unsigned n_places; /* where frames were lost, then what else was */
	struct nsc_rate_place place[NSC_RATE_PLACES];
};

struct nsc_rate_plan {
	double rate;      /* frames per second; INFINITY: as fast as it goes */
	double seconds;   /* > 0 */
	double behind_ns; /* a median age above it means that the receiver fell behind */
	int core;         /* of the sender; -1 = any */
};

/* Runs one. -EINTR and no sentence when `*stop` ended it. The receiver dies with this process. */
int nsc_rate_trial_run(struct nsc_rate_outcome *outcome, struct nsc_rate_sender *sender,
		       const struct nsc_rate_receiver *receiver, const struct nsc_rate_plan *plan,
		       const volatile sig_atomic_t *stop, struct nsc_error *error);

/* What a receiver's summary says, beside what was sent (outcome->sent). -EPROTO: it is no such summary, its ledger does
 * not balance, or it counted frames that nobody sent. */
int nsc_rate_trial_read(struct nsc_rate_outcome *outcome, const char *summary, double behind_ns,
			struct nsc_error *error);

#endif
