/* SPDX-License-Identifier: MIT */
#include "tools/ship/syslog_text.h"

#include "engine/text/address.h"
#include "engine/text/escape.h"
#include "engine/text/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DAEMON = 3, ONE_MAX = 160 };

struct syslog_text {
	char *at, *end;
};

static unsigned syslog_severity(const char *name)
{
	return !strcmp(name, "critical") ? 2 : !strcmp(name, "warning") ? 4 : 6;
}

/* A control of ASCII or of C1, or a byte that is no UTF-8: `n` bytes that are one character, or 1. */
static bool syslog_is_harmful(const char *at, size_t n)
{
	const uint8_t first = (uint8_t)at[0];

	if (n == 1)
		return first < 0x20 || first >= 0x7f;
	return first == 0xc2 && (uint8_t)at[1] < 0xa0;
}

char *nsc_syslog_value(char *at, size_t room, const char *value, size_t length)
{
	char *const end = at + room;

	for (size_t i = 0, n; i < length; i += n) {
		const bool escaped = value[i] == '"' || value[i] == '\\' || value[i] == ']';

		n = NSC_MAX(nsc_utf8_length(value + i, length - i), (size_t)1);
		if ((size_t)(end - at) < n + escaped)
			break;
		if (escaped)
			*at++ = '\\';
		if (syslog_is_harmful(value + i, n))
			*at++ = '?';
		else
			at = (char *)memcpy(at, value + i, n) + n;
	}
	return at;
}

static void syslog_add(struct syslog_text *text, const char *name, const char *value, size_t length)
{
	text->at += snprintf(text->at, (size_t)(text->end - text->at), " %s=\"", name);
	text->at = nsc_syslog_value(text->at, (size_t)(text->end - text->at) - 1, value, length);
	*text->at++ = '"';
}

static void syslog_add_text(struct syslog_text *text, const char *name, const char *value)
{
	syslog_add(text, name, value, strlen(value));
}

static void syslog_add_number(struct syslog_text *text, const char *name, uint64_t value)
{
	char number[NSC_FORMAT_U64_MAX];

	syslog_add(text, name, number, (size_t)(nsc_format_u64(number, value) - number));
}

static void syslog_add_seconds(struct syslog_text *text, const char *name, uint64_t ns)
{
	char number[NSC_FORMAT_SECONDS_MAX];

	syslog_add(text, name, number, (size_t)(nsc_format_seconds(number, ns) - number));
}

static void syslog_add_ip(struct syslog_text *text, const char *name, const uint8_t addr[16], unsigned ip_version)
{
	char ip[NSC_FORMAT_IP_MAX];

	syslog_add(text, name, ip, (size_t)(nsc_format_ip(ip, addr, ip_version) - ip));
}

static void syslog_add_values(struct syslog_text *text, const char *before, const uint64_t value[NSC_ALERT_VALUE_COUNT])
{
	char name[40];

	for (unsigned i = 0; i < NSC_ALERT_VALUE_COUNT; i++) {
		snprintf(name, sizeof(name), "%s%s", before, nsc_alert_value_name(i));
		if (value[i] != NSC_ALERT_NONE)
			syslog_add_number(text, name, value[i]);
	}
}

static void syslog_add_alert(struct syslog_text *text, const struct nsc_ship_alert *alert)
{
	const struct nsc_alert *a = &alert->alert;
	char name[NSC_ALERT_NAME];

	nsc_ship_alert_event(name, alert);
	syslog_add_text(text, "event", name);
	nsc_ship_alert_attack(name, alert);
	syslog_add_text(text, "attack", name);
	syslog_add_text(text, "state", nsc_alert_state_name(a->state));
	syslog_add_text(text, "severity", nsc_alert_severity_name(a->kind));
	if (a->has_source)
		syslog_add_ip(text, "source_ip", a->source, a->ip_version);
	if (a->has_target)
		syslog_add_ip(text, "target_ip", a->target, a->ip_version);
	if (nsc_alert_has_port(a))
		syslog_add_number(text, "target_port", a->target_port);
	syslog_add_number(text, "packets", a->packets);
	syslog_add_seconds(text, "duration_secs", a->duration_ns);
	syslog_add_seconds(text, "window_secs", a->window_ns);
	syslog_add_values(text, "", a->observed);
	syslog_add_values(text, "threshold_", a->thresholds);
}

size_t nsc_syslog_text(char out[NSC_SYSLOG_MAX], const struct nsc_ship_alert *alert, uint32_t pen)
{
	static_assert(NSC_SYSLOG_MAX > 400 + NSC_ALERT_TEXT_MAX + 2 * NSC_ALERT_NAME +
					       2 * NSC_ALERT_VALUE_COUNT * (int)sizeof("threshold_icmp_packets=\"\" ") +
					       2 * NSC_ALERT_VALUE_COUNT * NSC_FORMAT_U64_MAX,
		      "the widest alert fits");
	struct syslog_text text = { out, out + NSC_SYSLOG_MAX - NSC_ALERT_TEXT_MAX - 2 };
	const unsigned severity = syslog_severity(nsc_alert_severity_name(alert->alert.kind));
	char utc[NSC_ALERT_UTC];

	nsc_ship_alert_utc(utc, alert->alert.ts_ns);
	text.at += snprintf(out, NSC_SYSLOG_MAX, "<%u>1 %s %s netscope %016" PRIx64 " %s [netscope@%" PRIu32,
			    8 * DAEMON + severity, utc, alert->segment->sensor, alert->segment->boot,
			    nsc_alert_kind_name(alert->alert.kind), pen);
	syslog_add_alert(&text, alert);
	*text.at++ = ']';
	*text.at++ = ' ';
	return (size_t)(nsc_alert_text(text.at, &alert->alert) - out);
}
