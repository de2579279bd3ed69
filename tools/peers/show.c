/* SPDX-License-Identifier: MIT */
#include "tools/peers/peer.h"

#include <math.h>

static const char *const state_names[NSC_PEER_STATES] = {
	[NSC_PEER_ASKING] = "asking",
	[NSC_PEER_OK] = "ok",
	[NSC_PEER_SLOW] = "slow",
	[NSC_PEER_GONE] = "gone",
	[NSC_PEER_CERTIFICATE] = "certificate",
	[NSC_PEER_PASSWORD] = "password",
	[NSC_PEER_REFUSED] = "refused",
	[NSC_PEER_STRANGER] = "no_netscope",
	[NSC_PEER_TOO_LARGE] = "too_large",
	[NSC_PEER_UNKNOWN_HOST] = "unknown_host",
};

static void peer_show_run(const struct nsc_peer_told *told, struct nsc_json *json)
{
	nsc_json_add_open(json, "run", '{');
	nsc_json_add_text(json, "version", told->version);
	nsc_json_add_text(json, "boot_id", told->boot_id);
	nsc_json_add_text(json, "sensor", told->sensor[0] ? told->sensor : NULL);
	nsc_json_add_text(json, "source", told->source);
	nsc_json_add_text(json, "input", told->input[0] ? told->input : NULL);
	nsc_json_add_bool(json, "live", told->live);
	nsc_json_add_text(json, "state", told->run_state);
	nsc_json_add_text(json, "state_text", told->run_text);
	nsc_json_add_fixed(json, "elapsed_secs", told->elapsed, 3);
	nsc_json_add_fixed(json, "tick_end", told->tick_end, 9);
	nsc_json_add_fixed(json, "pps", told->pps, 1);
	nsc_json_add_fixed(json, "bps", told->bps, 1);
	nsc_json_add_fixed(json, "flows", told->flows, 0);
	nsc_json_add_fixed(json, "alerts", told->alerts, 0);
	nsc_json_add_fixed(json, "drops", told->drops, 0);
	nsc_json_add_fixed(json, "received", told->received, 0);
	nsc_json_add_fixed(json, "lost", told->lost, 0);
	nsc_json_add_u64(json, "losses", told->losses);
	nsc_json_add_u64(json, "limits", told->limits);
	nsc_json_add_open(json, "ledger", '{');
	nsc_json_add_bool(json, "balanced", told->balanced);
	nsc_json_add_fixed(json, "borders", told->borders, 0);
	nsc_json_add_text(json, "unbalanced", told->unbalanced[0] ? told->unbalanced : NULL);
	nsc_json_close(json, '}');
	nsc_json_close(json, '}');
}

void nsc_peer_show(const struct nsc_peer *peer, uint64_t now_ns, struct nsc_json *json)
{
	const struct nsc_peer_told *told = &peer->told;

	nsc_json_open(json, '{');
	nsc_json_add_text(json, "url", peer->server.url);
	nsc_json_add_text(json, "state", state_names[told->state]);
	nsc_json_add_text(json, "why", told->why);
	nsc_json_add_fixed(json, "took_ms", told->took_ms, 1);
	nsc_json_add_fixed(json, "age_secs", told->answered_ns ? (double)(now_ns - told->answered_ns) / 1e9 : NAN, 1);
	if (told->answered_ns) {
		peer_show_run(told, json);
	} else {
		nsc_json_key(json, "run");
		nsc_json_null(json);
	}
	nsc_json_close(json, '}');
}
