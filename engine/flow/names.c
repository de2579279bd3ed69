/* SPDX-License-Identifier: MIT */
#include "netscope/flow.h"

static const char *const tcp_state_names[] = {
#define NSC_X(name, text) [NSC_TCP_STATE_##name] = text,
	NSC_TCP_STATES(NSC_X)
#undef NSC_X
};

static const char *const end_reason_names[] = {
#define NSC_X(name, text) [NSC_END_##name] = text,
	NSC_END_REASONS(NSC_X)
#undef NSC_X
};

const char *nsc_tcp_state_name(unsigned state)
{
	return state < NSC_TCP_STATE_COUNT ? tcp_state_names[state] : "?";
}

const char *nsc_end_reason_name(unsigned reason)
{
	return reason < NSC_END_COUNT ? end_reason_names[reason] : "?";
}
