/* SPDX-License-Identifier: MIT
 *
 * What a person chose to see in `netscope top`, and how keys change it. No terminal, no clock.
 *
 * Thread: the caller's. Allocates: never. Blocks: never.
 */
#ifndef TOOLS_TOP_CHOICE_H
#define TOOLS_TOP_CHOICE_H

#include "netscope/base.h"

enum nsc_top_view { /* in the order of the key t */
		    NSC_TOP_OVERVIEW,
		    NSC_TOP_OF_WORKERS,
		    NSC_TOP_OF_FLOWS,
		    NSC_TOP_OF_LOSSES,
		    NSC_TOP_OF_CYCLES,
		    NSC_TOP_VIEWS
};

/* What the rows of a view are in the order of. The overview has that of flows. */
struct nsc_top_sort {
	const char *name; /* for a person: "rate" */
	const char *key;  /* flows: of /api/v1/flows */
	bool rises;       /* the least comes first, unless reversed */
};

enum { NSC_TOP_SORTS = 7, NSC_TOP_FILTER = 512 /* bytes that the API takes */ };

/* A key is its character, or one of these. */
enum { NSC_TOP_KEY_UP = 0x110000, NSC_TOP_KEY_DOWN, NSC_TOP_KEY_PAGE_UP, NSC_TOP_KEY_PAGE_DOWN, NSC_TOP_KEY_HOME };

struct nsc_top_choice {
	enum nsc_top_view view;
	unsigned sort[NSC_TOP_VIEWS];
	bool reversed[NSC_TOP_VIEWS];
	unsigned scroll; /* rows above the screen */
	bool paused, help;
	bool editing; /* `draft` becomes the filter when the line is entered */
	char filter[NSC_TOP_FILTER + 1], draft[NSC_TOP_FILTER + 1];
};

enum nsc_top_act {
	NSC_TOP_NOTHING,
	NSC_TOP_DRAW, /* something looks different now */
	NSC_TOP_ASK,  /* the same, and other flows are wanted */
	NSC_TOP_QUIT,
};

enum nsc_top_act nsc_top_key(struct nsc_top_choice *choice, int key);

extern const char *const nsc_top_view_names[NSC_TOP_VIEWS];

/* The sort of the rows that `view` shows. */
const struct nsc_top_sort *nsc_top_sort_of(const struct nsc_top_choice *choice, enum nsc_top_view view);

/* Whether `flows` of the last tick will not do: a filter, another order, another view of them. */
bool nsc_top_wants_query(const struct nsc_top_choice *choice);

/* Whether the least comes first. */
bool nsc_top_rises(const struct nsc_top_choice *choice, enum nsc_top_view view);

#endif
