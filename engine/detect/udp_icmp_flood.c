/* SPDX-License-Identifier: MIT
 *
 * A flood of UDP or ICMP to one address. Fast is no attack: a download by QUIC and a name server are faster than many
 * floods. So UDP is counted by the packets of flows that were not answered (probes.h), and ICMP but for the replies
 * that were asked for.
 *
 * While nobody answers anybody, the capture may have one direction only. Then what may belong to a conversation is not
 * counted: UDP that looks like an answer, and QUIC. Tunnels are never counted, because their source port says which
 * flow is inside, so that no answer comes back to it.
 */
#include "engine/detect/detector.h"
#include "engine/detect/hash.h"

enum { UDP, ICMP, SOURCES };

static void flood_read(const struct nsc_contact *contact, const uint64_t seed[2], struct nsc_detect_key *key,
		       uint64_t *hash, uint64_t add[NSC_MEASURE_MULTISETS])
{
	const struct nsc_contact_record *record = contact->record;

	(void)seed;
	nsc_contact_address(record, true, key->addr);
	key->port = 0;
	key->ip_version = record->ip_version;
	*hash = contact->target;
	add[record->kind == NSC_CONTACT_ICMP ? ICMP : UDP] = record->count;
	add[SOURCES] = contact->source;
}

/* One packet. */
static uint64_t flood_pack(const struct nsc_contact *contact)
{
	if (contact->record->count != 1)
		return 0;
	return contact->source >> 16 << 16 | (contact->record->kind == NSC_CONTACT_ICMP ? 2 : 1);
}

static void flood_unpack(uint64_t packed, const uint64_t seed[2], uint64_t add[NSC_MEASURE_MULTISETS])
{
	(void)seed;
	add[(packed & 0xffff) == 2 ? ICMP : UDP] = 1;
	add[SOURCES] = packed;
}

static uint64_t flood_hash(const struct nsc_detect_key *key, const uint64_t seed[2])
{
	return nsc_contact_address_hash(seed, key->addr, key->ip_version);
}

static void flood_name(const struct nsc_detect_key *key, struct nsc_alert *alert)
{
	memcpy(alert->target, key->addr, sizeof(alert->target));
	alert->has_target = true;
}

static const struct nsc_measure measure_address = {
	.n_multisets = 3,
	.multiset = {
		[UDP] = {.value = NSC_ALERT_UDP_PACKETS, .series = true},
		[ICMP] = {.value = NSC_ALERT_ICMP_PACKETS, .series = true},
		[SOURCES] = {.value = NSC_ALERT_SOURCES},
	},
	.minor = true,
	.read = flood_read,
	.pack = flood_pack,
	.unpack = flood_unpack,
	.hash = flood_hash,
	.name_alert = flood_name,
};

/* With scan_all workers do not know what was answered. */
static void udp_icmp_flood_configure(const struct nsc_detect_options *options, struct nsc_rule *rule)
{
	const struct nsc_detector_options *flood = &options->udp_icmp_flood;

	rule->enabled = flood->enabled && !options->scan_all;
	rule->any = true;
	rule->if_answered = NSC_CONTACT_BIT(NSC_CONTACT_UDP_QUIC) | NSC_CONTACT_BIT(NSC_CONTACT_UDP_STRAY);
	rule->contacts = rule->if_answered | NSC_CONTACT_BIT(NSC_CONTACT_UDP_PROBE) | NSC_CONTACT_BIT(NSC_CONTACT_ICMP);
	rule->window_ns = flood->window_ns;
	rule->cooldown_ns = flood->cooldown_ns;
	rule->at_least[UDP] = rule->shown[UDP] = flood->threshold;
	rule->at_least[ICMP] = rule->shown[ICMP] = flood->unique_threshold;
	rule->observed[UDP] = rule->observed[ICMP] = rule->observed[SOURCES] = true;
}

const struct nsc_detector nsc_detector_udp_icmp_flood = {
	.kind = NSC_ALERT_UDP_ICMP_FLOOD,
	.measure = &measure_address,
	.configure = udp_icmp_flood_configure,
};
