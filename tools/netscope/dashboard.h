/* SPDX-License-Identifier: MIT
 *
 * The dashboard of a run, from the settings. In a build without one these do nothing, and `--web` was refused before.
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_DASHBOARD_H
#define TOOLS_NETSCOPE_DASHBOARD_H

#include "netscope/web.h"
#include "tools/netscope/settings.h"

struct nsc_peers;
struct nsc_profile;
struct nsc_web;

struct nsc_dashboard {
	struct nsc_web *web;     /* NULL: none is wanted */
	struct nsc_peers *peers; /* NULL: no other sensors are asked */
	char *config_json;
	bool link_down;                  /* what it was told last, */
	char link_text[512];             /* and the words */
	char output_failed[2048];        /* the sentences; "" = none */
	uint64_t logins_told, logins_ns; /* how many wrong ones were told, and when (CLOCK_MONOTONIC) */
};

struct nsc_dashboard_source {              /* what is shown of the source; texts stay the caller's */
	const char *name, *input;          /* input: NULL = nothing to name */
	const char *clock;                 /* whose clock stamps packets; NULL = not known */
	const char *doctor_json;           /* NULL = nobody looked */
	struct nsc_rx_file_report files;   /* n = 0: none */
	nsc_web_interfaces_fn *interfaces; /* NULL = there are none */
	void *interfaces_context;
	bool live;
	uint64_t tick_ns;            /* as the engine is told */
	struct nsc_profile *profile; /* NULL = none can be had */
	const char *profile_why;     /* why */
};

/* What is wrong usage: 0, or -EINVAL and one sentence. Opens nothing. */
int nsc_dashboard_check(const struct nsc_settings *settings, struct nsc_error *error);

/* Binds its address when one is wanted, and reads what its access needs. 0 or -errno. */
int nsc_dashboard_open(struct nsc_dashboard *dashboard, const struct nsc_settings *settings,
		       const struct nsc_dashboard_source *source, struct nsc_error *error);

/* What the engine does for it. */
void nsc_dashboard_ask(const struct nsc_dashboard *dashboard, const struct nsc_settings *settings,
		       struct nsc_engine_options *options);
struct nsc_sink *nsc_dashboard_sink(const struct nsc_dashboard *dashboard); /* NULL: none */

/* The engine is open. Says where the dashboard is. */
int nsc_dashboard_start(struct nsc_dashboard *dashboard, struct nsc_engine *engine, struct nsc_error *error);
void nsc_dashboard_running(struct nsc_dashboard *dashboard);

/* Packets can arrive or not: to be called as often as one likes. `text`: one sentence about links that are not up, or
 * "". */
void nsc_dashboard_link(struct nsc_dashboard *dashboard, bool up, const char *text);

/* Tells wrong names and passwords, once a minute at most: to be called as often as one likes. */
void nsc_dashboard_logins(struct nsc_dashboard *dashboard, uint64_t now_ns);

/* Outputs cannot be written, or lose something (their sentences), or all is well again (""). */
void nsc_dashboard_outputs(struct nsc_dashboard *dashboard, const char *failure);

/* The configuration was read again, and taken over or not; the capture filter is another one. */
void nsc_dashboard_reloaded(struct nsc_dashboard *dashboard, bool taken);
void nsc_dashboard_filter(struct nsc_dashboard *dashboard, const char *filter);

/* The run has ended, with a failure (its sentence) or without (NULL). */
void nsc_dashboard_ended(struct nsc_dashboard *dashboard, const char *failure);

/* What has ended stays on show until a signal comes; `each` is called some times a second meanwhile. Returns at once
 * when there is no dashboard. */
void nsc_dashboard_linger(struct nsc_dashboard *dashboard, void (*each)(void *context), void *context);

void nsc_dashboard_close(struct nsc_dashboard *dashboard);

#endif
