/* SPDX-License-Identifier: MIT
 *
 * The table of counters, from the lists in counters.h, packet.h and alert.h.
 */
#include "netscope/counters.h"

#include <stddef.h>

const struct nsc_counter_info nsc_counter_table[NSC_C_COUNT] = {
#define NSC_X(id, name_text, unit_text, place_text, class_id, help_text)                                               \
	[NSC_C_##id] = { .name = name_text,                                                                            \
			 .unit = unit_text,                                                                            \
			 .place = place_text,                                                                          \
			 .help = help_text,                                                                            \
			 .class = NSC_CLASS_##class_id },
	NSC_COUNTERS(NSC_X)
#undef NSC_X
#define NSC_X(id, text, help_text)                                                                                     \
	[NSC_C_FATE + NSC_FATE_##id] = {                                                                               \
		.name = "fate_" text, .unit = "packets", .place = "decode", .help = help_text, .class = NSC_CLASS_FATE \
	},
		NSC_FATES(NSC_X)
#undef NSC_X
#define NSC_X(id, text, severity, help_text)                                                                           \
	[NSC_C_ALERT + NSC_ALERT_##id] = { .name = "alert_" text,                                                      \
					   .unit = "alerts",                                                           \
					   .place = "detect",                                                          \
					   .help = help_text,                                                          \
					   .class = NSC_CLASS_TRAFFIC },
			NSC_ALERT_KINDS(NSC_X)
#undef NSC_X
};

static const struct {
	const char *name, *help;
} class_table[NSC_CLASS_COUNT] = {
#define NSC_X(id, name, help) [NSC_CLASS_##id] = { name, help },
	NSC_COUNTER_CLASSES(NSC_X)
#undef NSC_X
};

const char *nsc_counter_class_name(enum nsc_counter_class class)
{
	return class_table[class].name;
}

const char *nsc_counter_class_help(enum nsc_counter_class class)
{
	return class_table[class].help;
}

const char *nsc_counter_stage(unsigned counter)
{
	if (nsc_counter_table[counter].class != NSC_CLASS_CYCLES || counter == NSC_C_CYCLES_EMPTY ||
	    counter == NSC_C_CYCLES_IDLE)
		return NULL;
	return nsc_counter_table[counter].name + sizeof("cycles_") - 1;
}

const char *nsc_counter_waited(unsigned counter)
{
	if (nsc_counter_table[counter].class != NSC_CLASS_WAITED)
		return NULL;
	return nsc_counter_table[counter].name + sizeof("waited_") - 1;
}

static uint64_t counter_add_known(uint64_t x, uint64_t y)
{
	if (x == NSC_UNKNOWN || y == NSC_UNKNOWN)
		return x == NSC_UNKNOWN ? y : x;
	return x + y;
}

void nsc_counters_add(struct nsc_counters *sum, const struct nsc_counters *part)
{
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		sum->value[i] = counter_add_known(sum->value[i], __atomic_load_n(&part->value[i], __ATOMIC_RELAXED));
}
