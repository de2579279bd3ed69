/* SPDX-License-Identifier: MIT
 *
 * Traffic by name: what pktgen and `netscope bench` make. Sizes and shares are measured ones (docs/performance.md), so
 * that figures of different days are of the same packets.
 */
#include "gen.h"

#include <errno.h>
#include <string.h>

const struct nsc_gen_profile nsc_gen_profiles[] = {
	{ "elephants",
	  "2 million packets in 1000 flows that do not end, 358 bytes each",
	  { .packets = 2000000,
	    .flows = 1000,
	    .rate_pps = 200000,
	    .payload_min = 16,
	    .payload_max = 780,
	    .tcp_share = 0.9,
	    .ipv6_share = 0.1,
	    .vlan_share = 0.05,
	    .dns_share = 0.1,
	    .handshake = true,
	    .rtt_us = 1000,
	    .elephant_share = 0.5 } },
	{ "million",
	  "4 million packets in 1 million flows, 92 bytes each",
	  { .packets = 4000000,
	    .flows = 1000000,
	    .rate_pps = 400000,
	    .payload_min = 8,
	    .payload_max = 175,
	    .tcp_share = 0.7,
	    .ipv6_share = 0.1,
	    .dns_share = 0.3,
	    .handshake = true,
	    .rtt_us = 1000 } },
	{ "mix",
	  "2 million packets in 154 thousand flows, 581 bytes each, with everything",
	  { .packets = 2000000,
	    .flows = 8000,
	    .rate_pps = 100000,
	    .payload_min = 856,
	    .payload_max = 1400,
	    .tcp_share = 0.8,
	    .ipv6_share = 0.2,
	    .vlan_share = 0.1,
	    .fragment_share = 0.02,
	    .dns_share = 0.5,
	    .loss = 0.005,
	    .reorder = 0.003,
	    .flow_packets = 13,
	    .handshake = true,
	    .rtt_us = 2000,
	    .elephant_share = 0.2 } },
	{ "hellos",
	  "2 million packets in 150 thousand flows: the mix with TLS, HTTP, QUIC and DNS",
	  { .packets = 2000000,
	    .flows = 8000,
	    .rate_pps = 100000,
	    .payload_min = 856,
	    .payload_max = 1400,
	    .tcp_share = 0.75,
	    .ipv6_share = 0.2,
	    .vlan_share = 0.1,
	    .fragment_share = 0.02,
	    .dns_share = 0.5,
	    .tls_share = 0.7,
	    .http_share = 0.15,
	    .quic_share = 0.35,
	    .loss = 0.005,
	    .reorder = 0.003,
	    .flow_packets = 13,
	    .handshake = true,
	    .rtt_us = 2000,
	    .elephant_share = 0.2 } },
	{ "flood",
	  "1 million packets: SYNs from a million forged sources to one address among 1000 flows (with --no-truth)",
	  { .packets = 1000000,
	    .flows = 1000,
	    .rate_pps = 500000,
	    .payload_min = 16,
	    .payload_max = 780,
	    .tcp_share = 0.9,
	    .ipv6_share = 0.1,
	    .dns_share = 0.1,
	    .handshake = true,
	    .rtt_us = 1000,
	    .attack = NSC_SYNTH_ATTACK_FLOOD } },
	{ "small",
	  "20 thousand packets with everything, for tests",
	  { .packets = 20000,
	    .flows = 200,
	    .rate_pps = 5000,
	    .payload_max = 1400,
	    .tcp_share = 0.8,
	    .ipv6_share = 0.2,
	    .vlan_share = 0.1,
	    .fragment_share = 0.05,
	    .dns_share = 0.3,
	    .loss = 0.01,
	    .reorder = 0.01,
	    .flow_packets = 40,
	    .handshake = true,
	    .rtt_us = 2000 } },
};

const size_t nsc_gen_profile_count = NSC_ARRAY_LEN(nsc_gen_profiles);

int nsc_gen_profile(struct nsc_synth_options *traffic, const char *name, struct nsc_error *error)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(nsc_gen_profiles); i++) {
		if (strcmp(nsc_gen_profiles[i].name, name) != 0)
			continue;
		struct nsc_synth_options defaults;

		nsc_synth_defaults(&defaults);
		*traffic = nsc_gen_profiles[i].traffic;
		traffic->seed = defaults.seed;
		traffic->start_ns = defaults.start_ns;
		traffic->server_names = defaults.server_names;
		traffic->attack_share = defaults.attack_share;
		traffic->attack_sources = defaults.attack_sources;
		traffic->attack_targets = defaults.attack_targets;
		traffic->attack_for_s = defaults.attack_for_s;
		return 0;
	}
	return nsc_fail(error, -EINVAL, "--profile is elephants, million, mix, hellos, flood or small, found '%.40s'",
			name);
}
