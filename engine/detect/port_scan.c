/* SPDX-License-Identifier: MIT
 *
 * A port scan: one address that tries many ports or many hosts. Counted is what was not answered (probes.h); with
 * scan_all whatever was tried: SYNs and UDP packets of whoever opened the flow, so that a name server that answers its
 * clients scans nobody.
 *
 * A capture of one direction has no answers. While nobody answers anybody, UDP packets are counted apart
 * (silent_scan): many hosts are then no sign of a scan, many ports of few hosts are.
 *
 * ARP requests are counted apart, too (arp_sweep): a switch shows everybody's questions and nobody's answers, and
 * routers ask much.
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
	if (contact->record->kind != NSC_CONTACT_ECHO && contact->record->kind != NSC_CONTACT_ARP)
		add[PORTS] = nsc_detect_hash(seed, contact->record->port, 0) | 1;
	add[HOSTS] = contact->target;
}

/* The upper 48 bits of the target's hash are all that a set keeps. */
static uint64_t source_pack(const struct nsc_contact *contact)
{
	if (contact->record->kind == NSC_CONTACT_ECHO)
		return 0;
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
	if (!options->scan_all) {
		rule->contacts =
			NSC_CONTACT_BIT(NSC_CONTACT_PROBE) | NSC_CONTACTS_UDP_PROBE | NSC_CONTACT_BIT(NSC_CONTACT_ECHO);
		rule->if_answered = NSC_CONTACTS_UDP_PROBE;
	}
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

/* --- apart ------------------------------------------------------------------------------------ */

enum { ARP_HOSTS = 2 };

static void apart_read(const struct nsc_contact *contact, const uint64_t seed[2], struct nsc_detect_key *key,
		       uint64_t *hash, uint64_t add[NSC_MEASURE_MULTISETS])
{
	source_read(contact, seed, key, hash, add);
	if (contact->record->kind != NSC_CONTACT_ARP)
		return;
	add[ARP_HOSTS] = add[HOSTS];
	add[HOSTS] = 0;
}

static const struct nsc_measure measure_apart = {
	.n_multisets = 3,
	.multiset = {
		[PORTS] = {.value = NSC_ALERT_PORTS, .most = 65536},
		[HOSTS] = {.value = NSC_ALERT_HOSTS},
		[ARP_HOSTS] = {.value = NSC_ALERT_HOSTS},
	},
	.minor = true,
	.read = apart_read,
	.hash = source_hash,
	.name_alert = source_name,
};

static void silent_scan_configure(const struct nsc_detect_options *options, struct nsc_rule *rule)
{
	const struct nsc_detector_options *scan = &options->port_scan;

	rule->enabled = scan->enabled && !options->scan_all;
	rule->contacts = rule->if_silent = NSC_CONTACTS_UDP_PROBE;
	rule->window_ns = scan->window_ns;
	rule->cooldown_ns = scan->cooldown_ns;
	rule->at_least[PORTS] = rule->shown[PORTS] = scan->threshold;
	rule->at_most[HOSTS] = scan->unique_threshold - 1;
	rule->observed[PORTS] = rule->observed[HOSTS] = true;
}

const struct nsc_detector nsc_detector_silent_scan = {
	.kind = NSC_ALERT_PORT_SCAN,
	.measure = &measure_apart,
	.configure = silent_scan_configure,
};

static void arp_sweep_configure(const struct nsc_detect_options *options, struct nsc_rule *rule)
{
	const struct nsc_detector_options *scan = &options->port_scan;

	rule->enabled = scan->enabled && !options->scan_all;
	rule->contacts = NSC_CONTACT_BIT(NSC_CONTACT_ARP);
	rule->window_ns = scan->window_ns;
	rule->cooldown_ns = scan->cooldown_ns;
	rule->at_least[ARP_HOSTS] = rule->shown[ARP_HOSTS] = options->scan_arp_threshold;
	rule->observed[ARP_HOSTS] = true;
}

const struct nsc_detector nsc_detector_arp_sweep = {
	.kind = NSC_ALERT_PORT_SCAN,
	.measure = &measure_apart,
	.configure = arp_sweep_configure,
};
