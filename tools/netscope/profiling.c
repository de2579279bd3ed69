/* SPDX-License-Identifier: MIT
 *
 * When a profile is opened, started and stopped.
 */
#include "tools/netscope/profiling.h"

#include "tools/netscope/say.h"
#include "tools/netscope/signals.h"

int nsc_profiling_open(struct nsc_profiling *profiling, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_profile_options options = {
		.hz = settings->profile_hz ? settings->profile_hz : NSC_PROFILE_HZ,
		.samples = settings->profile_hz ? NSC_PROFILE_SAMPLES : NSC_PROFILE_SAMPLES_FEW,
		.running = settings->profile_hz,
	};
	struct nsc_error why;
	int status;

	*profiling = (struct nsc_profiling){ .profile = NULL };
	if (!settings->profile_hz && !settings->web.enabled)
		return 0;
	status = nsc_profile_open(&profiling->profile, &options, &why);
	if (!status || !settings->profile_hz) {
		profiling->why = why;
		return 0;
	}
	return nsc_fail(error, status, "--profile: %.480s", why.text);
}

int nsc_profiling_start(struct nsc_profiling *profiling, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_error note;
	int status;

	if (!profiling->profile)
		return 0;
	nsc_signals_block(true); /* they come to control only */
	status = nsc_profile_start(profiling->profile, error);
	nsc_signals_block(false);
	if (!status && settings->profile_hz && nsc_profile_note(profiling->profile)[0]) {
		nsc_fail(&note, 0, "--profile: %.480s", nsc_profile_note(profiling->profile));
		nsc_say(&note);
	}
	return status;
}

void nsc_profiling_ended(struct nsc_profiling *profiling)
{
	struct nsc_error error;
	uint32_t missing;

	if (!profiling->profile)
		return;
	nsc_profile_run(profiling->profile, false);
	missing = nsc_profile_missing(profiling->profile);
	if (missing) {
		nsc_fail(&error, 0, "the profile misses %u thread%s, which got no timer", missing,
			 missing == 1 ? "" : "s");
		nsc_say(&error);
	}
}

void nsc_profiling_close(struct nsc_profiling *profiling)
{
	nsc_profile_close(profiling->profile);
	profiling->profile = NULL;
}
