/* SPDX-License-Identifier: MIT
 *
 * The interfaces of a live run: what came over each and what it lost, for frames and for Prometheus.
 */
#include "dashboard/server/parts.h"
#include "netscope/summary.h"

uint32_t nsc_web_interfaces(const struct nsc_web *web, struct nsc_summary_interface *interface)
{
	return web->options.interfaces ? web->options.interfaces(web->options.interfaces_context, interface) : 0;
}

static void interfaces_show(struct nsc_json *json, const struct nsc_summary_interface *interface)
{
	const struct nsc_rx_counters *rx = &interface->rx;

	nsc_json_open(json, '{');
	nsc_json_add_text(json, "name", interface->name);
	nsc_json_add_text(json, "state", interface->state);
	nsc_json_add_u64(json, "outages", interface->outages);
	nsc_json_add_u64(json, "received", rx->received);
	nsc_json_add_u64(json, "received_bytes", rx->received_bytes);
	nsc_json_add_u64(json, "filtered", rx->filtered);
	nsc_json_add_u64(json, "kernel_drops", rx->kernel_drops);
	nsc_json_add_u64(json, "stack_drops", rx->stack_drops);
	nsc_json_add_u64(json, "nic_drops", rx->nic_drops);
	nsc_json_close(json, '}');
}

void nsc_show_interfaces(const struct nsc_web *web, struct nsc_json *json)
{
	struct nsc_summary_interface interface[NSC_LIVE_INTERFACES_MAX];
	uint32_t n = nsc_web_interfaces(web, interface);

	nsc_json_add_open(json, "interfaces", '[');
	for (uint32_t i = 0; i < n; i++)
		interfaces_show(json, &interface[i]);
	nsc_json_close(json, ']');
}
