/* SPDX-License-Identifier: MIT
 *
 * The table of counters, from the lists in counters.h, packet.h and alert.h.
 */
#include "netscope/counters.h"

const struct nsc_counter_info nsc_counter_table[NSC_C_COUNT] = {
#define NSC_X(id, name_text, unit_text, place_text, kind_id, help_text)                                                \
	[NSC_C_##id] = {                                                                                               \
		.name = name_text, .unit = unit_text, .place = place_text, .help = help_text, .kind = NSC_##kind_id    \
	},
	NSC_COUNTERS(NSC_X)
#undef NSC_X
#define NSC_X(id, text, help_text)                                                                                     \
	[NSC_C_FATE + NSC_FATE_##id] = {                                                                               \
		.name = "fate_" text, .unit = "packets", .place = "decode", .help = help_text, .kind = NSC_COUNTER     \
	},
		NSC_FATES(NSC_X)
#undef NSC_X
#define NSC_X(id, text, help_text)                                                                                     \
	[NSC_C_ALERT + NSC_ALERT_##id] = {                                                                             \
		.name = "alert_" text, .unit = "alerts", .place = "detect", .help = help_text, .kind = NSC_COUNTER     \
	},
			NSC_ALERT_KINDS(NSC_X)
#undef NSC_X
};

static uint64_t add_known(uint64_t x, uint64_t y)
{
	if (x == NSC_UNKNOWN || y == NSC_UNKNOWN)
		return x == NSC_UNKNOWN ? y : x;
	return x + y;
}

void nsc_counters_add(struct nsc_counters *sum, const struct nsc_counters *part)
{
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		sum->value[i] = add_known(sum->value[i], __atomic_load_n(&part->value[i], __ATOMIC_RELAXED));
}
