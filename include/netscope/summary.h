/* SPDX-License-Identifier: MIT
 *
 * What is said about a whole run: what the summary on the terminal, --summary-json and the dashboard are made from.
 */
#ifndef NETSCOPE_SUMMARY_H
#define NETSCOPE_SUMMARY_H

#include "netscope/engine.h"
#include "netscope/rx.h"

struct nsc_summary_interface {
	const char *name;
	const char *state;         /* "up", "no_carrier", "down", "removed", "failed" at the end; NULL: not known */
	uint32_t outages;          /* times that it was no longer up */
	struct nsc_rx_counters rx; /* what came over it */
	bool tells;                /* the rest is what it counted itself meanwhile; NSC_UNKNOWN: not this */
	uint64_t packets, missed, dropped, errors;
	uint32_t n; /* the driver's own counters that tell of loss and have moved */
	struct {
		char name[33];
		uint64_t moved;
	} extra[32];
};

struct nsc_summary_place {     /* a thread with a core of its own */
	const char *role;      /* "worker", "reading thread" */
	uint32_t number;       /* of its role, from 0 */
	const char *interface; /* the only one that it serves; NULL: all, or none */
	int core, node;        /* node -1: not known */
};

struct nsc_summary {
	const struct nsc_view *view; /* the final view */
	uint64_t elapsed_ns;         /* wall time from the first poll to the end of the last sink */
	const char *source;          /* "file", "synth", ...: the source's name */
	const char *input;           /* what it read: a path, an interface; NULL = nothing to name */
	bool live;
	const char *clock;                             /* whose clock stamped the packets; NULL = not known */
	const struct nsc_steady_log *clock_log;        /* steps of packet time; NULL = none */
	const struct nsc_summary_interface *interface; /* [interfaces], of a live run */
	uint32_t interfaces;
	const char *version;     /* of the program */
	const char *config_json; /* the effective configuration, one JSON value; NULL = null */
	const char *doctor_json; /* what was found about machine and interface, one JSON value; NULL = null */
	const struct nsc_engine_budget *budget; /* NULL = not known */
	const struct nsc_rx_file_report *files; /* what came out of each file; NULL = no files were read */
	const char *filter;                     /* the filter expression; NULL = none */
	const struct nsc_trace_report *trace;   /* packets whose way was noted; NULL = nobody asked */
	const char *cores;                      /* where threads ran, in words; NULL = nobody asked */
	const struct nsc_summary_place *place;  /* [places] */
	uint32_t places;
	bool near_memory;    /* memory of workers and their rings was taken on the node of their core */
	const char *failure; /* the sentence with which the run failed; NULL = it did not */
	bool without_losses; /* no member `losses`: the caller adds one of its own */
};

/* Sentences about packet times that jumped, without an end: what a terminal, a summary and a log say alike. Thread:
 * any. */
enum { NSC_STEADY_TEXT = 192 };

/* "packet times jumped back from 2023-11-14 22:13:20.000000 to 2023-11-14 21:13:20.000000" */
void nsc_steady_step_text(char text[NSC_STEADY_TEXT], const struct nsc_steady_step *step);

/* "a time that jumped away from its neighbours': 2096-... among packets of 2023-..." */
void nsc_steady_outlier_text(char text[NSC_STEADY_TEXT], const struct nsc_steady_step *first);

#endif
