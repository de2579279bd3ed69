/* SPDX-License-Identifier: MIT
 *
 * Defaults and limits of synthetic traffic.
 */
#include <errno.h>

#include "gen.h"

#define START_MAX_NS 9000000000000000000ull

void nsc_synth_defaults(struct nsc_synth_options *options)
{
	*options = (struct nsc_synth_options){
		.seed = 1,
		.flows = 1000,
		.rate_pps = 1e6,
		.start_ns = 1700000000ull * NSC_NS_PER_SEC,
		.payload_max = 1400,
		.tcp_share = 0.8,
		.ipv6_share = 0.1,
		.vlan_share = 0.05,
		.dns_share = 0.3,
		.server_names = 10000,
		.handshake = true,
		.rtt_us = 1000,
		.attack_share = 0.5,
		.attack_sources = 1000000,
		.attack_targets = NSC_GEN_ATTACK_TARGETS_MAX,
		.attack_for_s = 1,
	};
}

static int check_shares(const struct nsc_synth_options *o, struct nsc_error *error)
{
	const struct {
		const char *name;
		double value;
	} shares[] = {
		{ "tcp_share", o->tcp_share },
		{ "ipv6_share", o->ipv6_share },
		{ "vlan_share", o->vlan_share },
		{ "fragment_share", o->fragment_share },
		{ "dns_share", o->dns_share },
		{ "loss", o->loss },
		{ "reorder", o->reorder },
		{ "elephant_share", o->elephant_share },
		{ "tls_share", o->tls_share },
		{ "http_share", o->http_share },
		{ "quic_share", o->quic_share },
		{ "tls_share + http_share", o->tls_share + o->http_share },
		{ "attack_share", o->attack_share },
		{ "dns_share + quic_share", o->dns_share + o->quic_share },
		{ "loss + reorder", o->loss + o->reorder },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(shares); i++)
		if (!(shares[i].value >= 0 && shares[i].value <= 1))
			return nsc_fail(error, -EINVAL, "synthetic traffic: %s is %g, must be between 0 and 1",
					shares[i].name, shares[i].value);
	return 0;
}

static int check_range(const char *name, uint64_t value, uint64_t min, uint64_t max, struct nsc_error *error)
{
	if (value >= min && value <= max)
		return 0;
	return nsc_fail(error, -EINVAL, "synthetic traffic: %s is %llu, must be between %llu and %llu", name,
			(unsigned long long)value, (unsigned long long)min, (unsigned long long)max);
}

static int check_payload(const struct nsc_synth_options *o, struct nsc_error *error)
{
	if (check_range("payload_max", o->payload_max, 0, NSC_GEN_PAYLOAD_MAX, error) ||
	    check_range("payload_min", o->payload_min, 0, o->payload_max, error))
		return -EINVAL;
	if (o->fragment_share > 0 && o->payload_max < 32)
		return nsc_fail(error, -EINVAL, "synthetic traffic: fragment_share needs payload_max >= 32, found %u",
				o->payload_max);
	if (o->loss + o->reorder > 0 && o->payload_max == 0)
		return nsc_fail(error, -EINVAL, "synthetic traffic: loss and reorder need payload_max >= 1, found 0");
	return 0;
}

/* Options that are left zeroed make no attack, and are right. */
static int check_attack(const struct nsc_synth_options *o, struct nsc_error *error)
{
	if (check_range("attack", o->attack, 0, NSC_SYNTH_ATTACK_COUNT - 1, error))
		return -EINVAL;
	if (o->attack == NSC_SYNTH_ATTACK_NONE)
		return 0;
	if (check_range("attack_sources", o->attack_sources, 1, NSC_GEN_ATTACK_SOURCES_MAX, error) ||
	    check_range("attack_targets", o->attack_targets, 1, NSC_GEN_ATTACK_TARGETS_MAX, error))
		return -EINVAL;
	if (!(o->attack_every_s >= 0 && o->attack_every_s <= 1e6))
		return nsc_fail(error, -EINVAL, "synthetic traffic: attack_every_s is %g, must be between 0 and 1e6",
				o->attack_every_s);
	if (o->attack_every_s > 0 && !(o->attack_for_s > 0 && o->attack_for_s <= o->attack_every_s))
		return nsc_fail(error, -EINVAL,
				"synthetic traffic: attack_for_s is %g, must be above 0 and at most attack_every_s, %g",
				o->attack_for_s, o->attack_every_s);
	return 0;
}

int nsc_gen_check(const struct nsc_gen_options *options, struct nsc_error *error)
{
	const struct nsc_synth_options *o = &options->traffic;

	if (check_shares(o, error) || check_attack(o, error) || check_payload(o, error) ||
	    check_range("flows", o->flows, 1, NSC_GEN_FLOWS_MAX, error) ||
	    check_range("rtt_us", o->rtt_us, 1, 10000000, error) ||
	    check_range("start_ns", o->start_ns, 0, START_MAX_NS, error) ||
	    check_range("flow_packets", o->flow_packets, 0, UINT32_MAX, error))
		return -EINVAL;
	if (o->tls_share + o->http_share + o->quic_share > 0 &&
	    check_range("server_names", o->server_names, 1, NSC_GEN_NAMES_MAX, error))
		return -EINVAL;
	if (!(o->rate_pps >= 1 && o->rate_pps <= 1e9))
		return nsc_fail(error, -EINVAL, "synthetic traffic: rate_pps is %g, must be between 1 and 1e9",
				o->rate_pps);
	return 0;
}
