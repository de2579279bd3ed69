/* SPDX-License-Identifier: MIT
 *
 * A ring: an alert's place follows from its id.
 */
#include "dashboard/server/alerts.h"

void nsc_alerts_add(struct nsc_alerts *alerts, const struct nsc_alert *alert, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!alert[i].quiet)
			alerts->ring[++alerts->seen % NSC_ALERTS_KEPT] = alert[i];
}

uint64_t nsc_alerts_oldest(const struct nsc_alerts *alerts)
{
	return alerts->seen > NSC_ALERTS_KEPT ? alerts->seen - NSC_ALERTS_KEPT + 1 : 1;
}

uint32_t nsc_alerts_copy(const struct nsc_alerts *alerts, uint64_t after, struct nsc_kept_alert *out, uint32_t max)
{
	uint64_t first = NSC_MAX(after < UINT64_MAX ? after + 1 : after, nsc_alerts_oldest(alerts));
	uint32_t n = 0;

	if (alerts->seen >= max)
		first = NSC_MAX(first, alerts->seen - max + 1);
	for (uint64_t id = first; id <= alerts->seen; id++)
		out[n++] = (struct nsc_kept_alert){ .id = id, .alert = alerts->ring[id % NSC_ALERTS_KEPT] };
	return n;
}

static void alert_show(const struct nsc_kept_alert *kept, struct nsc_json *json)
{
	char text[NSC_ALERT_JSON_MAX];
	char *end = nsc_alert_json(text, &kept->alert);

	nsc_json_open(json, '{');
	nsc_json_add_u64(json, "id", kept->id);
	nsc_json_add_time(json, "time", kept->alert.ts_ns);
	nsc_json_raw_members(json, text + 1, (size_t)(end - text) - 2);
	nsc_json_close(json, '}');
}

void nsc_alerts_show(const struct nsc_kept_alert *kept, uint32_t n, struct nsc_json *json)
{
	nsc_json_add_open(json, "alerts", '[');
	for (uint32_t i = 0; i < n; i++)
		alert_show(&kept[i], json);
	nsc_json_close(json, ']');
}
