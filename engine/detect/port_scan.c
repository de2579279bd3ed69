/* SPDX-License-Identifier: MIT
 *
 * A port scan: one address that tries many ports or many hosts. Counted are SYNs and UDP packets of whoever opened the
 * flow: a name server that answers its clients scans nobody.
 */
#include "engine/detect/detector.h"
#include "engine/detect/hash.h"

enum { PORTS, HOSTS };

static void source_read(const struct nsc_contact *contact, const uint64_t seed[2], struct nsc_detect_key *key,
			uint64_t *hash, uint64_t add[NSC_MEASURE_MULTISETS])
{
	nsc_contact_address(contact->record, false, key->addr);
	key->port = 0;
	key->ip_version = contact->record->ip_version;
	*hash = contact->source;
	add[PORTS] = nsc_detect_hash(seed, contact->record->port, 0) | 1;
	add[HOSTS] = contact->target;
}

/* The upper 48 bits of the target's hash are all that a set keeps. */
static uint64_t source_pack(const struct nsc_contact *contact)
{
	return contact->target >> 16 << 16 | contact->record->port | (uint64_t)(contact->target < 1u << 16) << 16;
}

static void source_unpack(uint64_t packed, const uint64_t seed[2], uint64_t add[NSC_MEASURE_MULTISETS])
{
	add[PORTS] = nsc_detect_hash(seed, packed & 0xffff, 0) | 1;
	add[HOSTS] = packed;
}

static uint64_t source_hash(const struct nsc_detect_key *key, const uint64_t seed[2])
{
	return nsc_contact_address_hash(seed, key->addr, key->ip_version);
}

static void source_name(const struct nsc_detect_key *key, struct nsc_alert *alert)
{
	memcpy(alert->source, key->addr, sizeof(alert->source));
	alert->has_source = true;
}

static const struct nsc_measure measure_source = {
	.n_multisets = 2,
	.multiset = {
		[PORTS] = {.value = NSC_ALERT_PORTS, .most = 65536},
		[HOSTS] = {.value = NSC_ALERT_HOSTS},
	},
	.read = source_read,
	.pack = source_pack,
	.unpack = source_unpack,
	.hash = source_hash,
	.name_alert = source_name,
};

static void port_scan_configure(const struct nsc_detect_options *options, struct nsc_rule *rule)
{
	const struct nsc_detector_options *scan = &options->port_scan;

	rule->enabled = scan->enabled;
	rule->any = true;
	rule->contacts = NSC_CONTACT_BIT(NSC_CONTACT_SYN) | NSC_CONTACT_BIT(NSC_CONTACT_UDP);
	rule->window_ns = scan->window_ns;
	rule->cooldown_ns = scan->cooldown_ns;
	rule->at_least[PORTS] = rule->shown[PORTS] = scan->threshold;
	rule->at_least[HOSTS] = rule->shown[HOSTS] = scan->unique_threshold;
	rule->observed[PORTS] = rule->observed[HOSTS] = true;
}

const struct nsc_detector nsc_detector_port_scan = {
	.kind = NSC_ALERT_PORT_SCAN,
	.measure = &measure_source,
	.configure = port_scan_configure,
};
