/* SPDX-License-Identifier: MIT
 *
 * Snapshots of one worker on their way to the publisher: totals, never deltas, so that a snapshot that is not sent
 * loses nothing but its own tick's list of top flows.
 */
#ifndef NETSCOPE_RINGS_MAILBOX_H
#define NETSCOPE_RINGS_MAILBOX_H

#include "engine/base/idle.h"
#include "engine/rings/channel.h"
#include "netscope/view.h"

struct nsc_snapshot {
	uint64_t tick;        /* clock_ns / tick_ns: the same number at every worker */
	uint64_t empty_ticks; /* ticks that the clock passed over since the one before */
	uint64_t clock_ns;    /* final: the clock of the whole input; else the first clock beyond the tick */
	bool final;           /* the last one: the worker has ended, and its counters with it */
	uint32_t n_top;
	struct nsc_counters counters;
	struct nsc_histogram round;
	struct nsc_top_flow top[]; /* [n_top], by bytes and key */
};

struct nsc_mailbox {
	struct nsc_channel *channel;
	struct nsc_idle *worker;    /* whom to wake when a snapshot has come back */
	struct nsc_idle *publisher; /* whom to wake when one has come */
};

#define NSC_MAILBOX_SNAPSHOTS 8u

/* Room for NSC_MAILBOX_SNAPSHOTS snapshots of `top_flows`. 0 or -errno. Thread: control. */
int nsc_mailbox_open(struct nsc_mailbox *mailbox, struct nsc_arena *arena, uint32_t top_flows, struct nsc_error *error);
uint64_t nsc_mailbox_bytes(uint32_t top_flows);

/* An empty snapshot, or NULL when the publisher has all. Thread: worker. Allocates, blocks: never. */
struct nsc_snapshot *nsc_mailbox_acquire(struct nsc_mailbox *mailbox);
void nsc_mailbox_send(struct nsc_mailbox *mailbox, struct nsc_snapshot *snapshot);

/* The oldest snapshot, or NULL; given back once it is merged. Thread: publisher. Allocates, blocks: never. */
struct nsc_snapshot *nsc_mailbox_receive(struct nsc_mailbox *mailbox);
void nsc_mailbox_give_back(struct nsc_mailbox *mailbox, struct nsc_snapshot *snapshot);

#endif
