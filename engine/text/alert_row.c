/* SPDX-License-Identifier: MIT */
#include "engine/text/alert_row.h"

#include <stdio.h>

/* --- writing ---------------------------------------------------------------------------------- */

static char *alert_row_word(char *at, const char *word)
{
	return nsc_row_binary_text(at, word, strlen(word));
}

static char *alert_row_number(char *at, bool known, uint64_t value, size_t bytes)
{
	*at++ = (char)!known;
	return known ? nsc_row_binary_number(at, value, bytes) : at;
}

static char *alert_row_ip(char *at, bool known, const uint8_t addr[16], unsigned ip_version)
{
	*at++ = (char)!known;
	return known ? nsc_row_binary_ip(at, addr, ip_version) : at;
}

static char *alert_row_values(char *at, const uint64_t value[NSC_ALERT_VALUE_COUNT])
{
	for (unsigned i = 0; i < NSC_ALERT_VALUE_COUNT; i++)
		at = alert_row_number(at, value[i] != NSC_ALERT_NONE, value[i], sizeof(value[i]));
	return at;
}

char *nsc_alert_row(char *at, const struct nsc_alert *alert)
{
	char text[NSC_ALERT_TEXT_MAX];

	at = nsc_row_binary_number(at, alert->ts_ns, sizeof(alert->ts_ns));
	at = alert_row_word(at, nsc_alert_kind_name(alert->kind));
	at = alert_row_word(at, nsc_alert_state_name(alert->state));
	at = alert_row_word(at, nsc_alert_severity_name(alert->kind));
	at = nsc_row_binary_number(at, alert->id, sizeof(alert->id));
	at = nsc_row_binary_number(at, alert->ip_version, sizeof(alert->ip_version));
	at = alert_row_ip(at, alert->has_source, alert->source, alert->ip_version);
	at = alert_row_ip(at, alert->has_target, alert->target, alert->ip_version);
	at = alert_row_number(at, nsc_alert_has_port(alert), alert->target_port, sizeof(alert->target_port));
	at = nsc_row_binary_text(at, text, (size_t)(nsc_alert_text(text, alert) - text));
	at = nsc_row_binary_number(at, alert->packets, sizeof(alert->packets));
	at = nsc_row_binary_number(at, alert->duration_ns, sizeof(alert->duration_ns));
	at = nsc_row_binary_number(at, alert->window_ns, sizeof(alert->window_ns));
	return alert_row_values(alert_row_values(at, alert->observed), alert->thresholds);
}

/* --- reading ---------------------------------------------------------------------------------- */

struct alert_reader {
	const char *at, *end;
	bool bad;
};

static const char *reader_bytes(struct alert_reader *r, size_t n)
{
	static const char nothing[16];
	const char *at = r->at;

	if (r->bad || (size_t)(r->end - r->at) < n) {
		r->bad = true;
		return nothing;
	}
	r->at += n;
	return at;
}

static uint64_t reader_number(struct alert_reader *r, size_t bytes)
{
	uint64_t value = 0;

	memcpy(&value, reader_bytes(r, bytes), bytes);
	return value;
}

static bool reader_known(struct alert_reader *r)
{
	uint64_t null = reader_number(r, 1);

	r->bad |= null > 1;
	return !r->bad && !null;
}

/* Its length; *text is borrowed. */
static size_t reader_text(struct alert_reader *r, const char **text)
{
	size_t length = reader_number(r, 1);

	if (length & 128) /* nsc_row_binary_text writes two bytes at most */
		length = (length & 127) | (size_t)reader_number(r, 1) << 7;
	r->bad |= (size_t)(r->end - r->at) < length;
	*text = r->at;
	r->at += r->bad ? 0 : length;
	return r->bad ? 0 : length;
}

/* Which of n names it is. */
static uint8_t reader_word(struct alert_reader *r, const char *(*name)(unsigned), unsigned n)
{
	const char *text;
	size_t length = reader_text(r, &text);

	for (unsigned i = 0; i < n; i++)
		if (strlen(name(i)) == length && !memcmp(name(i), text, length))
			return (uint8_t)i;
	r->bad = true;
	return 0;
}

static bool reader_ip(struct alert_reader *r, uint8_t addr[16], unsigned ip_version)
{
	const char *bytes;

	if (!reader_known(r))
		return false;
	bytes = reader_bytes(r, 16);
	if (ip_version == 4)
		memcpy(addr, bytes + 12, 4);
	else
		memcpy(addr, bytes, 16);
	return true;
}

static void reader_values(struct alert_reader *r, uint64_t value[NSC_ALERT_VALUE_COUNT])
{
	for (unsigned i = 0; i < NSC_ALERT_VALUE_COUNT; i++)
		value[i] = reader_known(r) ? reader_number(r, sizeof(value[i])) : NSC_ALERT_NONE;
}

const char *nsc_alert_row_read(struct nsc_alert *alert, const char *at, const char *end)
{
	struct alert_reader r = { .at = at, .end = end };
	const char *text;

	memset(alert, 0, sizeof(*alert));
	alert->ts_ns = reader_number(&r, sizeof(alert->ts_ns));
	alert->kind = reader_word(&r, nsc_alert_kind_name, NSC_ALERT_KIND_COUNT);
	alert->state = reader_word(&r, nsc_alert_state_name, NSC_ALERT_STATE_COUNT);
	reader_text(&r, &text); /* the severity follows from the kind */
	alert->id = reader_number(&r, sizeof(alert->id));
	alert->ip_version = (uint8_t)reader_number(&r, sizeof(alert->ip_version));
	alert->has_source = reader_ip(&r, alert->source, alert->ip_version);
	alert->has_target = reader_ip(&r, alert->target, alert->ip_version);
	if (reader_known(&r))
		alert->target_port = (uint16_t)reader_number(&r, sizeof(alert->target_port));
	reader_text(&r, &text); /* so does the description from the values */
	alert->packets = reader_number(&r, sizeof(alert->packets));
	alert->duration_ns = reader_number(&r, sizeof(alert->duration_ns));
	alert->window_ns = reader_number(&r, sizeof(alert->window_ns));
	reader_values(&r, alert->observed);
	reader_values(&r, alert->thresholds);
	return r.bad ? NULL : r.at;
}

/* --- columns ---------------------------------------------------------------------------------- */

static const struct nsc_schema_column alert_columns[] = {
	{ .name = "ts", .type = "DateTime64(9, 'UTC')", .old = "UInt64" },
	{ .name = "kind", .type = "LowCardinality(String)", .old = "String" },
	{ .name = "state", .type = "LowCardinality(String)", .old = "String" },
	{ .name = "severity", .type = "LowCardinality(String)", .old = "String" },
	{ .name = "alert_id", .type = "UInt64", .old = "UInt64" },
	{ .name = "ip_version", .type = "UInt8", .old = "UInt8" },
	{ .name = "source_ip", .type = "Nullable(IPv6)", .old = "Nullable(FixedString(16))" },
	{ .name = "target_ip", .type = "Nullable(IPv6)", .old = "Nullable(FixedString(16))" },
	{ .name = "target_port", .type = "Nullable(UInt16)", .old = "Nullable(UInt16)" },
	{ .name = "description", .type = "String", .old = "String" },
	{ .name = "packets", .type = "UInt64", .old = "UInt64" },
	{ .name = "duration_ns", .type = "UInt64", .old = "UInt64" },
	{ .name = "window_ns", .type = "UInt64", .old = "UInt64" },
};

static uint32_t schema_add_values(struct nsc_schema_column *column, const char *before)
{
	for (unsigned i = 0; i < NSC_ALERT_VALUE_COUNT; i++) {
		snprintf(column[i].name, sizeof(column[i].name), "%s_%s", before, nsc_alert_value_name(i));
		column[i].type = column[i].old = "Nullable(UInt64)";
	}
	return NSC_ALERT_VALUE_COUNT;
}

uint32_t nsc_schema_alerts(struct nsc_schema_column column[NSC_SCHEMA_MAX])
{
	uint32_t n = NSC_ARRAY_LEN(alert_columns);

	static_assert(NSC_ARRAY_LEN(alert_columns) + 2 * NSC_ALERT_VALUE_COUNT <= NSC_SCHEMA_MAX, "a place for each");
	memcpy(column, alert_columns, sizeof(alert_columns));
	n += schema_add_values(column + n, "observed");
	return n + schema_add_values(column + n, "threshold");
}
