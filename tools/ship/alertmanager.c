/* SPDX-License-Identifier: MIT
 *
 * Alerts to a Prometheus Alertmanager, by its API v2. It holds an alert for over when `endsAt` has passed: that lies a
 * few minutes ahead, and whatever goes on is sent again each minute until its end comes. What makes an alert the same
 * one are its labels, so that they say nothing that changes while an attack lasts.
 */
#include "tools/ship/alerts_post.h"
#include "tools/ship/attacks_held.h"

#include "engine/text/address.h"
#include "engine/text/json.h"
#include "netscope/clock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	HOLDS = 4,       /* so many times the time between two resends endsAt lies ahead: as Prometheus does it */
	SILENT_S = 3600, /* what a sensor says nothing more about for so long is over */
	BATCH = 64,      /* attacks in one POST */
	BODY_MAX = 1 << 20,
};

static const char before[] = "alertmanager+";

struct alertmanager {
	struct nsc_destination destination;
	struct nsc_alerts_post post;
	struct nsc_ship_alerts alerts;
	struct nsc_attacks_held held;
	const char *spool;           /* borrowed */
	char state[40];              /* the name of its file there */
	int folder;                  /* -1 until it is needed first */
	uint64_t resend_s, resent_s; /* every so often; when last, CLOCK_MONOTONIC, 0 = never */
	struct nsc_json json;
};

/* --- one alert -------------------------------------------------------------------------------- */

/* "NetScopeSynFlood" of "syn_flood". */
static void alertmanager_name(char name[64], const char *kind)
{
	char *at = name + sprintf(name, "NetScope");

	for (bool first = true; *kind && at < name + 60; kind++) {
		if (*kind != '_')
			*at++ = (char)(first ? toupper((unsigned char)*kind) : *kind);
		first = *kind == '_';
	}
	*at = '\0';
}

static void alertmanager_add_ip(struct nsc_json *json, const char *key, const uint8_t addr[16], unsigned ip_version)
{
	char text[NSC_FORMAT_IP_MAX + 1];

	*nsc_format_ip(text, addr, ip_version) = '\0';
	nsc_json_add_text(json, key, text);
}

static void alertmanager_add_labels(struct nsc_json *json, const struct nsc_attack_held *attack)
{
	const struct nsc_alert *alert = &attack->alert;
	char name[64], port[8];

	alertmanager_name(name, nsc_alert_kind_name(alert->kind));
	nsc_json_add_open(json, "labels", '{');
	nsc_json_add_text(json, "alertname", name);
	nsc_json_add_text(json, "kind", nsc_alert_kind_name(alert->kind));
	nsc_json_add_text(json, "severity", nsc_alert_severity_name(alert->kind));
	nsc_json_add_text(json, "sensor", attack->segment.sensor);
	if (alert->has_source)
		alertmanager_add_ip(json, "source", alert->source, alert->ip_version);
	if (alert->has_target)
		alertmanager_add_ip(json, "target", alert->target, alert->ip_version);
	snprintf(port, sizeof(port), "%u", alert->target_port);
	if (nsc_alert_has_port(alert))
		nsc_json_add_text(json, "target_port", port);
	nsc_json_close(json, '}');
}

static void alertmanager_add_annotations(struct nsc_json *json, const struct nsc_attack_held *attack)
{
	const struct nsc_ship_alert alert = { &attack->segment, attack->row, attack->alert };
	char summary[NSC_ALERT_TEXT_MAX + 1], name[NSC_ALERT_NAME], packets[24];

	*nsc_alert_text(summary, &attack->alert) = '\0';
	nsc_json_add_open(json, "annotations", '{');
	nsc_json_add_text(json, "summary", summary);
	nsc_ship_alert_attack(name, &alert);
	nsc_json_add_text(json, "attack", name);
	nsc_ship_alert_event(name, &alert);
	nsc_json_add_text(json, "event", name);
	snprintf(packets, sizeof(packets), "%llu", (unsigned long long)attack->alert.packets);
	nsc_json_add_text(json, "packets", packets);
	nsc_json_close(json, '}');
}

/* Nothing begins or has ended later than now, whatever the sensor's clock says, and nothing ends before it begins. */
static void alertmanager_add(struct alertmanager *a, const struct nsc_attack_held *attack, bool over, uint64_t now_ns)
{
	const uint64_t hold_ns = HOLDS * a->resend_s * NSC_NS_PER_SEC;
	uint64_t end = over ? NSC_MIN(attack->alert.ts_ns, now_ns) : now_ns + hold_ns;
	struct nsc_json *json = &a->json;
	char utc[NSC_ALERT_UTC];

	nsc_json_open(json, '{');
	alertmanager_add_labels(json, attack);
	alertmanager_add_annotations(json, attack);
	nsc_ship_alert_utc(utc, NSC_MIN(attack->began_ns, NSC_MIN(end, now_ns)));
	nsc_json_add_text(json, "startsAt", utc);
	nsc_ship_alert_utc(utc, end);
	nsc_json_add_text(json, "endsAt", utc);
	nsc_json_close(json, '}');
}

/* --- requests --------------------------------------------------------------------------------- */

static void alertmanager_begin(struct alertmanager *a)
{
	a->json.out.length = 0;
	a->json.out.full = false;
	a->json.comma = false;
	nsc_json_open(&a->json, '[');
}

static enum nsc_ship_verdict alertmanager_post(struct alertmanager *a, struct nsc_error *error)
{
	nsc_json_close(&a->json, ']');
	if (!a->json.out.full)
		return nsc_alerts_post_send(&a->post, a->json.out.data, a->json.out.length, NULL, error);
	nsc_fail(error, -ENOMEM, "no memory for alerts to %.200s", a->destination.url);
	return NSC_SHIP_AGAIN;
}

static enum nsc_ship_verdict alertmanager_send_alert(struct nsc_destination *to, const struct nsc_ship_alert *alert,
						     struct nsc_error *error)
{
	struct alertmanager *a = (struct alertmanager *)to;
	const bool over = alert->alert.state == NSC_ALERT_END;
	const uint64_t now_ns = nsc_clock_ns(CLOCK_REALTIME);
	struct nsc_attack_held known;
	enum nsc_ship_verdict verdict;

	nsc_attacks_held_note(&a->held, alert, now_ns / NSC_NS_PER_SEC, &known);
	alertmanager_begin(a);
	alertmanager_add(a, &known, over, now_ns);
	verdict = alertmanager_post(a, error);
	if (over && verdict != NSC_SHIP_AGAIN)
		nsc_attacks_held_drop(&a->held, alert);
	return verdict;
}

/* All that goes on, and once what is over without an end of its own. */
static enum nsc_ship_verdict alertmanager_resend(struct alertmanager *a, struct nsc_error *error)
{
	const uint64_t now_ns = nsc_clock_ns(CLOCK_REALTIME);
	enum nsc_ship_verdict verdict = NSC_SHIP_DONE;
	struct nsc_attack_held over;

	alertmanager_begin(a);
	for (uint32_t n = 0;
	     n < BATCH && nsc_attacks_held_take_over(&a->held, now_ns / NSC_NS_PER_SEC, SILENT_S, &over); n++)
		alertmanager_add(a, &over, true, now_ns);
	if (a->json.comma)
		verdict = alertmanager_post(a, error);
	for (uint32_t i = 0; i < a->held.n && verdict != NSC_SHIP_AGAIN; i += BATCH) {
		alertmanager_begin(a);
		for (uint32_t j = i; j < i + BATCH && j < a->held.n; j++)
			alertmanager_add(a, &a->held.attack[j], false, now_ns);
		verdict = alertmanager_post(a, error);
	}
	return verdict;
}

/* --- what goes on, in the spool --------------------------------------------------------------- */

/* At the first need: open is before privileges are given up. */
static void alertmanager_load(struct alertmanager *a)
{
	if (a->folder >= 0)
		return;
	a->folder = open(a->spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->folder >= 0)
		nsc_attacks_held_load(&a->held, a->folder, a->state);
}

static int alertmanager_idle(struct nsc_destination *destination, struct nsc_error *error)
{
	struct alertmanager *a = (struct alertmanager *)destination;
	const uint64_t now_s = nsc_monotonic_ns() / NSC_NS_PER_SEC;
	int status;

	alertmanager_load(a);
	if (!a->held.n || (a->resent_s && now_s - a->resent_s < a->resend_s))
		return 0;
	if (alertmanager_resend(a, error) == NSC_SHIP_AGAIN)
		return -EIO;
	a->resent_s = now_s;
	status = nsc_attacks_held_save(&a->held, a->folder, a->state, error);
	return status ? status : 1;
}

static enum nsc_ship_verdict alertmanager_send(struct nsc_destination *destination,
					       const struct nsc_queue_segment *segment, struct nsc_error *error)
{
	struct alertmanager *a = (struct alertmanager *)destination;
	enum nsc_ship_verdict verdict;

	alertmanager_load(a);
	verdict = nsc_ship_alerts_send(&a->alerts, segment, nsc_clock_ns(CLOCK_REALTIME) / NSC_NS_PER_SEC, error);
	if (verdict == NSC_SHIP_DONE && nsc_attacks_held_save(&a->held, a->folder, a->state, error))
		return NSC_SHIP_AGAIN;
	return verdict;
}

/* --- open ------------------------------------------------------------------------------------- */

static int alertmanager_open(struct nsc_destination **opened, const char *url, const struct nsc_settings *settings,
			     struct nsc_error *error)
{
	struct alertmanager *a = calloc(1, sizeof(*a));
	char id[NSC_SEGMENT_TAKER];
	int status;

	if (!a)
		return nsc_fail(error, -ENOMEM, "no memory for an Alertmanager");
	a->destination.ops = &nsc_destination_alertmanager;
	*opened = &a->destination;
	a->folder = -1;
	a->spool = settings->out.spool;
	a->resend_s = settings->ship.alertmanager_resend_s;
	nsc_json_init(&a->json, BODY_MAX);
	status = nsc_alerts_post_open(&a->post, url, before, "/api/v2/alerts", settings->ship.alertmanager_token_file,
				      settings, a->destination.url, error);
	nsc_queue_taker_id(id, a->destination.url);
	snprintf(a->state, sizeof(a->state), ".alertmanager-%s", id);
	a->destination.port = a->post.server.port;
	a->alerts.max_age_s = settings->ship.alerts_max_age_s;
	a->alerts.send = alertmanager_send_alert;
	a->alerts.to = &a->destination;
	return status;
}

static void alertmanager_close(struct nsc_destination *destination)
{
	struct alertmanager *a = (struct alertmanager *)destination;

	nsc_alerts_post_close(&a->post);
	nsc_json_free(&a->json);
	if (a->folder >= 0)
		close(a->folder);
	free(a);
}

static int alertmanager_check(FILE *out, struct nsc_destination *destination, struct nsc_error *error)
{
	return nsc_alerts_post_check(&((struct alertmanager *)destination)->post, true, out, error);
}

const struct nsc_destination_ops nsc_destination_alertmanager = {
	.name = "Alertmanager",
	.schemes = " alertmanager+http alertmanager+https ",
	.example = "alertmanager+http://127.0.0.1:9093",
	.takes = 1u << NSC_SEGMENT_ALERTS,
	.open = alertmanager_open,
	.close = alertmanager_close,
	.check = alertmanager_check,
	.send = alertmanager_send,
	.idle = alertmanager_idle,
};
