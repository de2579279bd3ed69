/* SPDX-License-Identifier: MIT
 *
 * `netscope top` as a screen: first the state (is capture whole, is anything lost, is a core at its end), then rates,
 * then the view that was chosen. No terminal and no clock: the same arguments make the same screen.
 *
 * Thread: the caller's. Allocates: never. Blocks: never.
 */
#ifndef TOOLS_TOP_DRAW_H
#define TOOLS_TOP_DRAW_H

#include "tools/top/choice.h"
#include "tools/top/model.h"
#include "tools/top/screen.h"

/* How things stand with the sensor. */
struct nsc_top_contact {
	const char *url;
	bool ever;             /* there are numbers */
	bool gone;             /* the last try failed */
	double gone_since;     /* s since 1970: when it did so first */
	double gone_for;       /* s */
	const char *why;       /* it failed */
	const char *flows_why; /* the last query failed; "" */
	bool has_found;        /* `found` is of the filter and the order that are chosen */
};

/* The whole screen. Brings `choice->scroll` back to where there still are rows. */
void nsc_top_draw(struct nsc_screen *screen, const struct nsc_top_numbers *numbers, struct nsc_top_choice *choice,
		  const struct nsc_top_contact *contact);

/* tables.c: one section of at most `rows` lines, a title line included. Rows above `*scroll` are left out; `*scroll` is
 * brought back to where there still are rows. */
void nsc_top_workers(struct nsc_screen *screen, const struct nsc_top_numbers *numbers,
		     const struct nsc_top_choice *choice, unsigned rows, unsigned *scroll);
void nsc_top_cycles(struct nsc_screen *screen, const struct nsc_top_numbers *numbers,
		    const struct nsc_top_choice *choice, unsigned rows, unsigned *scroll);
void nsc_top_losses(struct nsc_screen *screen, const struct nsc_top_numbers *numbers,
		    const struct nsc_top_choice *choice, unsigned rows, unsigned *scroll);
void nsc_top_flows(struct nsc_screen *screen, const struct nsc_top_numbers *numbers,
		   const struct nsc_top_choice *choice, const struct nsc_top_contact *contact, unsigned rows,
		   unsigned *scroll);

#endif
