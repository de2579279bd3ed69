/* SPDX-License-Identifier: MIT
 *
 * The names of links and fates, from the same tables as their numbers.
 */
#include "netscope/packet.h"

static const char *const link_names[] = {
#define NSC_X(id, name, ...) name,
	NSC_LINKS(NSC_X, NSC_X, NSC_X, NSC_LINK_SKIP)
#undef NSC_X
};

static const struct {
	const char *name, *help;
} fates[] = {
#define NSC_X(id, text, help_text) { text, help_text },
	NSC_FATES(NSC_X)
#undef NSC_X
};

const char *nsc_link_name(unsigned link)
{
	return link < NSC_LINK_COUNT ? link_names[link] : "?";
}

const char *nsc_fate_name(unsigned fate)
{
	return fate < NSC_FATE_COUNT ? fates[fate].name : "?";
}

const char *nsc_fate_help(unsigned fate)
{
	return fate < NSC_FATE_COUNT ? fates[fate].help : "?";
}
