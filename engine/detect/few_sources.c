/* SPDX-License-Identifier: MIT
 *
 * A SYN flood from few sources: as many SYNs as of a flood, from fewer addresses than the other detector asks for, and
 * in the whole window nobody completed a handshake with that address and port. Off unless asked for.
 */
#include "engine/detect/detector.h"

enum { SYNS, SOURCES, HANDSHAKES }; /* multisets of nsc_measure_target */

static void few_sources_configure(const struct nsc_detect_options *options, struct nsc_rule *rule)
{
	const struct nsc_detector_options *flood = &options->syn_flood;

	rule->enabled = flood->enabled && options->few_sources && flood->unique_threshold > 1;
	rule->contacts = NSC_CONTACT_BIT(NSC_CONTACT_SYN) | NSC_CONTACT_BIT(NSC_CONTACT_HANDSHAKE);
	rule->window_ns = flood->window_ns;
	rule->cooldown_ns = flood->cooldown_ns;
	rule->at_least[SYNS] = rule->shown[SYNS] = flood->threshold;
	rule->at_most[SOURCES] = flood->unique_threshold - 1;
	rule->at_most[HANDSHAKES] = rule->shown[HANDSHAKES] = 0;
	rule->observed[SYNS] = rule->observed[SOURCES] = rule->observed[HANDSHAKES] = true;
}

const struct nsc_detector nsc_detector_few_sources = {
	.kind = NSC_ALERT_SYN_FLOOD,
	.measure = &nsc_measure_target,
	.configure = few_sources_configure,
};
