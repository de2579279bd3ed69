/* SPDX-License-Identifier: MIT */
#include "backends/recordings/request.h"

#include "engine/text/address.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void request_choose_address(struct nsc_packet_choice *choice, enum nsc_choice_kind kind,
				   const uint8_t address[16], const struct nsc_alert *alert)
{
	choice->kind = (uint8_t)kind;
	choice->ip_version = alert->ip_version;
	memcpy(choice->a, address, sizeof(choice->a));
}

static void request_choose(struct nsc_packet_choice *choice, const struct nsc_alert *alert,
			   const struct nsc_recordings_options *o)
{
	nsc_packet_choice_init(choice);
	if (nsc_alert_has_port(alert)) {
		request_choose_address(choice, NSC_CHOICE_END, alert->target, alert);
		choice->a_port = alert->target_port;
		choice->proto = alert->kind == NSC_ALERT_SYN_FLOOD ? NSC_PROTO_TCP : 0;
	} else if (alert->has_target) {
		request_choose_address(choice, NSC_CHOICE_HOST, alert->target, alert);
	} else if (alert->has_source) {
		request_choose_address(choice, NSC_CHOICE_HOST, alert->source, alert);
	}
	choice->from_ns = alert->ts_ns - NSC_MIN(alert->ts_ns, o->before_ns);
	choice->to_ns = alert->ts_ns + NSC_MIN(UINT64_MAX - alert->ts_ns, o->after_ns);
}

static char *request_put_choice(char *at, const struct nsc_packet_choice *choice)
{
	switch ((enum nsc_choice_kind)choice->kind) {
	case NSC_CHOICE_ALL:
		return nsc_format_text(at, "everything");
	case NSC_CHOICE_HOST:
		return nsc_format_ip(nsc_format_text(at, "packets to or from "), choice->a, choice->ip_version);
	case NSC_CHOICE_END:
		return nsc_format_endpoint(nsc_format_text(at, "packets to or from "), choice->a, choice->ip_version,
					   choice->a_port);
	case NSC_CHOICE_FLOW:
		if (choice->any_port) {
			at = nsc_format_ip(nsc_format_text(at, "packets of flows between "), choice->a,
					   choice->ip_version);
			return nsc_format_ip(nsc_format_text(at, " and "), choice->b, choice->ip_version);
		}
		at = nsc_format_endpoint(nsc_format_text(at, "packets between "), choice->a, choice->ip_version,
					 choice->a_port);
		return nsc_format_endpoint(nsc_format_text(at, " and "), choice->b, choice->ip_version, choice->b_port);
	case NSC_CHOICE_FILTER:
		return nsc_format_text(nsc_format_text(at, "packets of flows that match "), choice->filter);
	}
	return at;
}

static void request_say_why(struct nsc_recording_request *request, const char *why)
{
	char what[256];

	*request_put_choice(what, &request->ask.choice) = '\0';
	snprintf(request->why, sizeof(request->why), "%s, %.400s", what, why);
}

void nsc_recording_request(struct nsc_recording_request *request, const struct nsc_recordings_options *options,
			   const struct nsc_record_ask *ask, const char *why)
{
	*request = (struct nsc_recording_request){ .ask = *ask, .live = options->live, .about = options->about };
	request_say_why(request, why);
}

void nsc_recording_of_alert(struct nsc_recording_request *request, const struct nsc_recordings_options *options,
			    const struct nsc_alert *alert)
{
	char text[NSC_ALERT_TEXT_MAX + 1], why[400];

	*request = (struct nsc_recording_request){ .waits = true,
						   .live = options->live,
						   .ts_ns = alert->ts_ns,
						   .number = alert->id,
						   .about = options->about };
	request_choose(&request->ask.choice, alert, options);
	snprintf(request->kind, sizeof(request->kind), "%s", nsc_alert_kind_name(alert->kind));
	*nsc_alert_text(text, alert) = '\0';
	snprintf(why, sizeof(why), "because alert %" PRIu64 " (%s) began: %s", alert->id, request->kind, text);
	request_say_why(request, why);
}
