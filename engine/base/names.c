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

static const char *const fate_names[] = {
#define NSC_X(name, text, help) text,
	NSC_FATES(NSC_X)
#undef NSC_X
};

static const char *const fate_helps[] = {
#define NSC_X(name, text, help) help,
	NSC_FATES(NSC_X)
#undef NSC_X
};

static const char *names_text(const char *const *texts, unsigned count, unsigned index)
{
	return index < count ? texts[index] : "?";
}

const char *nsc_link_name(unsigned link)
{
	return names_text(link_names, NSC_LINK_COUNT, link);
}

const char *nsc_fate_name(unsigned fate)
{
	return names_text(fate_names, NSC_FATE_COUNT, fate);
}

const char *nsc_fate_help(unsigned fate)
{
	return names_text(fate_helps, NSC_FATE_COUNT, fate);
}
