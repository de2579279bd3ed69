/* SPDX-License-Identifier: MIT
 *
 * Publishing views under RCU; view.c is the only user of liburcu. Flavour memb: readers may sleep between two reads
 * (they wait in epoll), and need no quiescent states. Workers are not readers. Here are nsc_engine_reader_register and
 * _leave too.
 *
 * The publisher writes into a view that nobody can see, then swaps it in. A view that was swapped out is written
 * again only after a grace period; there are several, so that the publisher waits for one grace period per
 * NSC_VIEWS - 1 ticks.
 */
#ifndef NETSCOPE_CONTROL_VIEW_H
#define NETSCOPE_CONTROL_VIEW_H

#include "engine/base/arena.h"
#include "netscope/engine.h"

#define NSC_VIEWS 4u

struct nsc_views {
	size_t bytes;                     /* of one view */
	struct nsc_view *view[NSC_VIEWS]; /* publisher's */
	uint32_t next;                    /* publisher's: where the next view is written */
	uint32_t clean;                   /* publisher's: views before the next grace period is needed */
	struct nsc_view *current;         /* read under RCU; NULL before the first */
};

size_t nsc_view_bytes(uint32_t workers);

/* 0 or -errno. Thread: control. Allocates: all from `arena`. */
int nsc_views_open(struct nsc_views *views, struct nsc_arena *arena, uint32_t workers, struct nsc_error *error);

/* The view to write into: no reader can see it, its contents are those of an old tick. Thread: publisher. Allocates:
 * never. Blocks: now and then, until readers that are copying at this moment have finished. */
struct nsc_view *nsc_views_begin(struct nsc_views *views);
void nsc_views_publish(struct nsc_views *views, struct nsc_view *view);

/* Copies the current view; false when there is none yet. Thread: any registered. Allocates, blocks: never. */
bool nsc_views_copy(const struct nsc_views *views, struct nsc_view *copy);

#endif
