/* SPDX-License-Identifier: MIT
 *
 * The names of links, fates, protocols and paths of decode, from the same tables as their numbers.
 */
#include "netscope/decode.h"
#include "netscope/flow.h"
#include "netscope/packet.h"

static const char *const link_names[] = {
#define NSC_X(id, name, ...) name,
	NSC_LINKS(NSC_X, NSC_X, NSC_X, NSC_LINK_SKIP)
#undef NSC_X
};

/* One more than the number, for 0 is one. */
static const uint16_t link_numbers[NSC_LINK_COUNT][NSC_LINK_NUMBERS_MAX] = {
#define NSC_X(id, name, entry, numbers) [NSC_LINK_##id] = { numbers },
#define NSC_ON_DISK(id, number, dlt) (number) + 1,
	NSC_LINKS(NSC_LINK_SKIP, NSC_X, NSC_X, NSC_ON_DISK)
#undef NSC_ON_DISK
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

uint16_t nsc_link_number(unsigned link)
{
	return link < NSC_LINK_COUNT && link_numbers[link][0] ? (uint16_t)(link_numbers[link][0] - 1) : 0;
}

uint8_t nsc_link_of(uint32_t linktype)
{
	for (unsigned link = 0; link < NSC_LINK_COUNT; link++)
		for (unsigned i = 0; i < NSC_LINK_NUMBERS_MAX; i++)
			if (link_numbers[link][i] == linktype + 1)
				return (uint8_t)link;
	return NSC_LINK_UNSUPPORTED;
}

const char *nsc_fate_name(unsigned fate)
{
	return fate < NSC_FATE_COUNT ? fates[fate].name : "?";
}

const char *nsc_fate_help(unsigned fate)
{
	return fate < NSC_FATE_COUNT ? fates[fate].help : "?";
}

const char *nsc_proto_name(unsigned proto)
{
	switch (proto) {
	case NSC_PROTO_TCP:
		return "tcp";
	case NSC_PROTO_UDP:
		return "udp";
	case NSC_PROTO_SCTP:
		return "sctp";
	case NSC_PROTO_ICMP:
		return "icmp";
	case NSC_PROTO_ICMPV6:
		return "icmpv6";
	}
	return "?";
}

static const char *const path_names[NSC_DECODE_PATH_COUNT] = {
#define NSC_X(name, text) [NSC_DECODE_PATH_##name] = text,
	NSC_DECODE_PATHS(NSC_X)
#undef NSC_X
};

const char *nsc_decode_path_name(unsigned path)
{
	return path < NSC_DECODE_PATH_COUNT ? path_names[path] : "?";
}
