/* SPDX-License-Identifier: MIT
 *
 * Alerts in words and as JSON: see netscope/alert.h.
 */
#include "netscope/alert.h"

#include "engine/text/address.h"
#include "engine/text/time.h"

static const char *const kind_names[NSC_ALERT_KIND_COUNT] = {
#define NSC_X(name, text, severity, help) [NSC_ALERT_##name] = text,
	NSC_ALERT_KINDS(NSC_X)
#undef NSC_X
};

static const char *const severity_names[NSC_ALERT_KIND_COUNT] = {
#define NSC_X(name, text, severity, help) [NSC_ALERT_##name] = severity,
	NSC_ALERT_KINDS(NSC_X)
#undef NSC_X
};

static const char *const value_names[NSC_ALERT_VALUE_COUNT] = {
#define NSC_X(name, text) [NSC_ALERT_##name] = text,
	NSC_ALERT_VALUES(NSC_X)
#undef NSC_X
};

static const char *const state_names[NSC_ALERT_STATE_COUNT] = {
#define NSC_X(name, text) [NSC_ALERT_##name] = text,
	NSC_ALERT_STATES(NSC_X)
#undef NSC_X
};

const char *nsc_alert_kind_name(unsigned kind)
{
	return kind < NSC_ALERT_KIND_COUNT ? kind_names[kind] : "?";
}

const char *nsc_alert_severity_name(unsigned kind)
{
	return kind < NSC_ALERT_KIND_COUNT ? severity_names[kind] : "?";
}

const char *nsc_alert_state_name(unsigned state)
{
	return state < NSC_ALERT_STATE_COUNT ? state_names[state] : "?";
}

const char *nsc_alert_value_name(unsigned value)
{
	return value < NSC_ALERT_VALUE_COUNT ? value_names[value] : "?";
}

/* "200 syns, " */
static char *put_value(char *at, const struct nsc_alert *alert, enum nsc_alert_value value, const char *after)
{
	at = nsc_format_u64(at, alert->observed[value]);
	*at++ = ' ';
	return nsc_format_text(nsc_format_text(at, value_names[value]), after);
}

static char *put_flood(char *at, const struct nsc_alert *alert)
{
	at = nsc_format_text(at, "SYN flood suspected: ");
	at = put_value(at, alert, NSC_ALERT_SYNS, ", ");
	at = put_value(at, alert, NSC_ALERT_SOURCES, " to ");
	at = nsc_format_endpoint(at, alert->target, alert->ip_version, alert->target_port);
	if (alert->observed[NSC_ALERT_HANDSHAKES] == NSC_ALERT_NONE)
		return at;
	return put_value(nsc_format_text(at, ", "), alert, NSC_ALERT_HANDSHAKES, " completed");
}

/* A sweep by ARP has no ports. */
static char *put_scan(char *at, const struct nsc_alert *alert)
{
	at = nsc_format_text(at, "Port scan suspected: ");
	if (alert->observed[NSC_ALERT_PORTS] != NSC_ALERT_NONE)
		at = put_value(at, alert, NSC_ALERT_PORTS, ", ");
	at = put_value(at, alert, NSC_ALERT_HOSTS, " from ");
	return nsc_format_ip(at, alert->source, alert->ip_version);
}

/* By the protocol that has reached its threshold. */
static char *put_packet_flood(char *at, const struct nsc_alert *alert)
{
	bool udp = alert->observed[NSC_ALERT_UDP_PACKETS] >= alert->thresholds[NSC_ALERT_UDP_PACKETS];

	at = nsc_format_text(at, udp ? "UDP" : "ICMP");
	at = nsc_format_text(at, " flood suspected: ");
	at = nsc_format_u64(at, alert->observed[udp ? NSC_ALERT_UDP_PACKETS : NSC_ALERT_ICMP_PACKETS]);
	at = put_value(nsc_format_text(at, " packets, "), alert, NSC_ALERT_SOURCES, " to ");
	return nsc_format_ip(at, alert->target, alert->ip_version);
}

static char *put_microburst(char *at, const struct nsc_alert *alert)
{
	at = nsc_format_text(at, "Microburst suspected: ");
	at = nsc_format_u64(at, alert->observed[NSC_ALERT_MS_PACKETS]);
	at = nsc_format_u64(nsc_format_text(at, " packets, "), alert->observed[NSC_ALERT_MS_BYTES]);
	return nsc_format_text(at, " bytes in a millisecond");
}

char *nsc_alert_text(char *at, const struct nsc_alert *alert)
{
	switch (alert->kind) {
	case NSC_ALERT_SYN_FLOOD:
		return put_flood(at, alert);
	case NSC_ALERT_PORT_SCAN:
		return put_scan(at, alert);
	case NSC_ALERT_UDP_ICMP_FLOOD:
		return put_packet_flood(at, alert);
	case NSC_ALERT_MICROBURST:
		return put_microburst(at, alert);
	}
	return nsc_format_text(at, "unknown alert");
}

/* --- JSON ------------------------------------------------------------------------------------- */

static char *alert_put_ip(char *at, bool valid, const uint8_t addr[16], unsigned ip_version)
{
	if (!valid)
		return nsc_format_text(at, "null");
	*at++ = '"';
	at = nsc_format_ip(at, addr, ip_version);
	*at++ = '"';
	return at;
}

/* "5.0", "0.3": as few decimals as are true, but one. */
static char *put_seconds(char *at, uint64_t ns)
{
	at = nsc_format_seconds(at, ns);
	while (at[-1] == '0' && at[-2] != '.')
		at--;
	return at;
}

static char *put_values(char *at, const char *name, const struct nsc_alert *alert,
			const uint64_t values[NSC_ALERT_VALUE_COUNT])
{
	at = nsc_format_text(at, name);
	for (unsigned i = 0; i < NSC_ALERT_VALUE_COUNT; i++) {
		if (i > NSC_ALERT_HOSTS && alert->observed[i] == NSC_ALERT_NONE)
			continue;
		at = nsc_format_text(at, i ? ",\"" : "{\"");
		at = nsc_format_text(nsc_format_text(at, value_names[i]), "\":");
		at = values[i] == NSC_ALERT_NONE ? nsc_format_text(at, "null") : nsc_format_u64(at, values[i]);
	}
	*at++ = '}';
	return at;
}

char *nsc_alert_json(char *at, const struct nsc_alert *alert)
{
	at = nsc_format_text(at, "{\"ts\":");
	at = nsc_format_timestamp(at, alert->ts_ns);
	at = nsc_format_text(at, ",\"kind\":\"");
	at = nsc_format_text(at, nsc_alert_kind_name(alert->kind));
	at = nsc_format_text(at, "\",\"severity\":\"");
	at = nsc_format_text(at, nsc_alert_severity_name(alert->kind));
	at = nsc_format_text(at, "\",\"description\":\"");
	at = nsc_alert_text(at, alert);
	at = nsc_format_text(at, "\",\"source_ip\":");
	at = alert_put_ip(at, alert->has_source, alert->source, alert->ip_version);
	at = nsc_format_text(at, ",\"target_ip\":");
	at = alert_put_ip(at, alert->has_target, alert->target, alert->ip_version);
	at = nsc_format_text(at, ",\"target_port\":");
	at = nsc_alert_has_port(alert) ? nsc_format_u64(at, alert->target_port) : nsc_format_text(at, "null");
	at = nsc_format_text(at, ",\"window_secs\":");
	at = put_seconds(at, alert->window_ns);
	at = put_values(at, ",\"observed\":", alert, alert->observed);
	at = put_values(at, ",\"thresholds\":", alert, alert->thresholds);
	at = nsc_format_u64(nsc_format_text(at, ",\"alert_id\":"), alert->id);
	at = nsc_format_text(at, ",\"state\":\"");
	at = nsc_format_text(at, nsc_alert_state_name(alert->state));
	at = nsc_format_u64(nsc_format_text(at, "\",\"packets\":"), alert->packets);
	at = put_seconds(nsc_format_text(at, ",\"duration_secs\":"), alert->duration_ns);
	*at++ = '}';
	return at;
}
