/* SPDX-License-Identifier: MIT
 *
 * Alerts to whatever takes JSON over HTTP: one POST for each begin, update and end of an attack, in their order. The
 * body is the object of --alerts-jsonl, with members before it that say whose it is. A receiver that gets one twice,
 * after an answer that was lost or a shipper that was killed, knows it by `event`, which is the header Idempotency-Key,
 * too.
 */
#include "tools/ship/alerts.h"
#include "tools/ship/alerts_post.h"

#include "netscope/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char before[] = "webhook+";

enum { BODY = NSC_ALERT_JSON_MAX + 3 * NSC_ALERT_NAME + 256 };

struct webhook {
	struct nsc_destination destination;
	struct nsc_alerts_post post;
	struct nsc_ship_alerts alerts;
};

/* None of the names needs an escape: a sensor's has letters, digits, '.', '_' and '-'. */
static size_t webhook_body(char body[BODY], const struct nsc_ship_alert *alert, const char *event)
{
	char attack[NSC_ALERT_NAME], utc[NSC_ALERT_UTC], *end;
	int used;

	nsc_ship_alert_attack(attack, alert);
	nsc_ship_alert_utc(utc, alert->alert.ts_ns);
	used = snprintf(body, BODY,
			"{\"version\":1,\"event\":\"%s\",\"attack\":\"%s\",\"sensor\":\"%s\",\"boot\":\"%016" PRIx64
			"\",\"row\":%" PRIu64 ",\"time\":\"%s\"",
			event, attack, alert->segment->sensor, alert->segment->boot, alert->row, utc);
	end = nsc_alert_json(body + used, &alert->alert);
	body[used] = ','; /* for the bracket that begins it */
	return (size_t)(end - body);
}

static enum nsc_ship_verdict webhook_send_alert(struct nsc_destination *to, const struct nsc_ship_alert *alert,
						struct nsc_error *error)
{
	struct webhook *w = (struct webhook *)to;
	char body[BODY], event[NSC_ALERT_NAME];

	nsc_ship_alert_event(event, alert);
	return nsc_alerts_post_send(&w->post, body, webhook_body(body, alert, event), event, error);
}

static int webhook_open(struct nsc_destination **opened, const char *url, const struct nsc_settings *settings,
			struct nsc_error *error)
{
	struct webhook *w = calloc(1, sizeof(*w));
	int status;

	if (!w)
		return nsc_fail(error, -ENOMEM, "no memory for a webhook");
	w->destination.ops = &nsc_destination_webhook;
	*opened = &w->destination;
	status = nsc_alerts_post_open(&w->post, url, before, "", settings->ship.webhook_token_file, settings,
				      w->destination.url, error);
	w->destination.port = w->post.server.port;
	w->alerts.max_age_s = settings->ship.alerts_max_age_s;
	w->alerts.send = webhook_send_alert;
	w->alerts.to = &w->destination;
	return status;
}

static void webhook_close(struct nsc_destination *destination)
{
	struct webhook *w = (struct webhook *)destination;

	nsc_alerts_post_close(&w->post);
	free(w);
}

static enum nsc_ship_verdict webhook_send(struct nsc_destination *destination, const struct nsc_queue_segment *segment,
					  struct nsc_error *error)
{
	struct webhook *w = (struct webhook *)destination;

	return nsc_ship_alerts_send(&w->alerts, segment, nsc_clock_ns(CLOCK_REALTIME) / NSC_NS_PER_SEC, error);
}

static int webhook_check(FILE *out, struct nsc_destination *destination, struct nsc_error *error)
{
	return nsc_alerts_post_check(&((struct webhook *)destination)->post, false, out, error);
}

const struct nsc_destination_ops nsc_destination_webhook = {
	.name = "webhook",
	.schemes = " webhook+http webhook+https ",
	.example = "webhook+https://hooks.example/netscope",
	.takes = 1u << NSC_SEGMENT_ALERTS,
	.open = webhook_open,
	.close = webhook_close,
	.check = webhook_check,
	.send = webhook_send,
};
