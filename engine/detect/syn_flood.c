/* SPDX-License-Identifier: MIT
 *
 * A SYN flood: many SYNs, from many sources, to one address and port.
 */
#include "engine/detect/detector.h"
#include "engine/detect/hash.h"

enum { SYNS, SOURCES, HANDSHAKES };

static void target_key(const struct nsc_contact_record *contact, struct nsc_detect_key *key)
{
	nsc_contact_target(contact, key->addr);
	key->port = contact->port;
	key->ip_version = contact->ip_version;
}

static void target_add(const struct nsc_contact_record *contact, const uint64_t seed[2], uint64_t add[NSC_MEASURE_BAGS])
{
	uint8_t source[16];

	if (contact->kind == NSC_CONTACT_HANDSHAKE) {
		add[HANDSHAKES] = contact->count;
		return;
	}
	nsc_contact_source(contact, source);
	add[SYNS] = contact->count;
	add[SOURCES] = nsc_detect_hash_address(seed, source, contact->ip_version) | 1;
}

static void target_name(const struct nsc_detect_key *key, struct nsc_alert *alert)
{
	memcpy(alert->target, key->addr, sizeof(alert->target));
	alert->target_port = key->port;
	alert->has_target = true;
}

const struct nsc_measure nsc_measure_target = {
	.name = "target",
	.weight = 1,
	.n_bags = 3,
	.bag = {
		[SYNS] = {.value = NSC_ALERT_SYNS, .series = true},
		[SOURCES] = {.value = NSC_ALERT_SOURCES},
		[HANDSHAKES] = {.value = NSC_ALERT_HANDSHAKES, .series = true},
	},
	.key = target_key,
	.add = target_add,
	.name_alert = target_name,
};

static void configure(const struct nsc_detect_options *options, struct nsc_rule *rule)
{
	const struct nsc_detector_options *flood = &options->syn_flood;

	rule->enabled = flood->enabled;
	rule->contacts = NSC_CONTACT_BIT(NSC_CONTACT_SYN);
	rule->window_ns = flood->window_ns;
	rule->cooldown_ns = flood->cooldown_ns;
	rule->at_least[SYNS] = rule->shown[SYNS] = flood->threshold;
	rule->at_least[SOURCES] = rule->shown[SOURCES] = flood->unique_threshold;
	rule->observed[SYNS] = rule->observed[SOURCES] = true;
}

const struct nsc_detector nsc_detector_syn_flood = {
	.name = "syn_flood",
	.kind = NSC_ALERT_SYN_FLOOD,
	.measure = &nsc_measure_target,
	.configure = configure,
};
