/* SPDX-License-Identifier: MIT
 *
 * A SYN flood: many SYNs, from many sources, to one address and port. Off unless asked for: as many SYNs from fewer
 * addresses, when in the whole window nobody completed a handshake with that address and port.
 */
#include "engine/detect/detector.h"
#include "engine/detect/hash.h"

enum { SYNS, SOURCES, HANDSHAKES };

static void target_read(const struct nsc_contact *contact, const uint64_t seed[2], struct nsc_detect_key *key,
			uint64_t *hash, uint64_t add[NSC_MEASURE_MULTISETS])
{
	const struct nsc_contact_record *record = contact->record;

	nsc_contact_address(record, true, key->addr);
	key->port = record->port;
	key->ip_version = record->ip_version;
	*hash = nsc_detect_hash(seed, contact->target, record->port);
	if (record->kind == NSC_CONTACT_HANDSHAKE) {
		add[HANDSHAKES] = record->count;
		return;
	}
	add[SYNS] = record->count;
	add[SOURCES] = contact->source;
}

/* One SYN. */
static uint64_t target_pack(const struct nsc_contact *contact)
{
	if (contact->record->kind != NSC_CONTACT_SYN || contact->record->count != 1)
		return 0;
	return contact->source >> 16 << 16 | 1;
}

static void target_unpack(uint64_t packed, const uint64_t seed[2], uint64_t add[NSC_MEASURE_MULTISETS])
{
	add[SYNS] = packed & 0xffff;
	add[SOURCES] = packed;
}

static uint64_t target_hash(const struct nsc_detect_key *key, const uint64_t seed[2])
{
	return nsc_detect_hash(seed, nsc_contact_address_hash(seed, key->addr, key->ip_version), key->port);
}

static void target_name(const struct nsc_detect_key *key, struct nsc_alert *alert)
{
	memcpy(alert->target, key->addr, sizeof(alert->target));
	alert->target_port = key->port;
	alert->has_target = true;
}

static const struct nsc_measure measure_target = {
	.n_multisets = 3,
	.multiset = {
		[SYNS] = {.value = NSC_ALERT_SYNS, .series = true},
		[SOURCES] = {.value = NSC_ALERT_SOURCES},
		[HANDSHAKES] = {.value = NSC_ALERT_HANDSHAKES, .series = true},
	},
	.read = target_read,
	.pack = target_pack,
	.unpack = target_unpack,
	.hash = target_hash,
	.name_alert = target_name,
};

static void syn_flood_configure(const struct nsc_detect_options *options, struct nsc_rule *rule)
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
	.kind = NSC_ALERT_SYN_FLOOD,
	.measure = &measure_target,
	.configure = syn_flood_configure,
};

static void few_sources_configure(const struct nsc_detect_options *options, struct nsc_rule *rule)
{
	const struct nsc_detector_options *flood = &options->syn_flood;

	rule->enabled = flood->enabled && options->few_sources;
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
	.measure = &measure_target,
	.configure = few_sources_configure,
};
