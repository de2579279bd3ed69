/* SPDX-License-Identifier: MIT
 *
 * A reload, as far as it is about settings: the configuration file as it is now, below the same command line, compared
 * with what the run has. The table of options says which values a run can take over.
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_RELOAD_H
#define TOOLS_NETSCOPE_RELOAD_H

#include "tools/netscope/options.h"

struct nsc_reload_change { /* an option that now has another value */
	const struct nsc_option *option;
	bool taken; /* false: it needs a restart */
};

/* Whether a run of these settings reads them again at SIGHUP. */
bool nsc_reload_is_possible(const struct nsc_settings *settings);

/* The settings that a start of today would have; every mistake goes to `problems`. `now`: of the run. The caller ends
 * `next` by nsc_settings_fini, also when there are problems. Changes nothing else. */
void nsc_reload_read(struct nsc_settings *next, const struct nsc_settings *now, struct nsc_problems *problems);

/* Fills change[0..return), which has room for NSC_OPTIONS_MAX, in the order of the table. `start` are the settings with
 * which the run began: only its numbers are looked at. Allocates: never. */
uint32_t nsc_reload_compare(const struct nsc_settings *start, const struct nsc_settings *now,
			    const struct nsc_settings *next, struct nsc_reload_change change[NSC_OPTIONS_MAX]);

/* The settings of the run with the changes that are taken, for a look: texts stay those of `now` and `next`. */
void nsc_reload_preview(struct nsc_settings *merged, const struct nsc_settings *now, const struct nsc_settings *next,
			const struct nsc_reload_change *change, uint32_t n);

/* Moves the values that are taken, with their texts: `next` has the old ones then. */
void nsc_reload_take(struct nsc_settings *now, struct nsc_settings *next, const struct nsc_reload_change *change,
		     uint32_t n);

#endif
