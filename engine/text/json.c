/* SPDX-License-Identifier: MIT
 *
 * Commas, brackets and keys; the pieces are those of buffer.h.
 */
#include "engine/text/json.h"

#include "engine/text/time.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FIXED_MAX = 352 }; /* the digits of DBL_MAX and of its fraction */

void nsc_json_init(struct nsc_json *json, size_t limit)
{
	*json = (struct nsc_json){ .out = nsc_buffer_open(limit) };
}

void nsc_json_free(struct nsc_json *json)
{
	nsc_buffer_close(&json->out);
}

/* Before each value: the comma that it needs. */
static void json_begin_value(struct nsc_json *json)
{
	if (json->comma)
		nsc_buffer_char(&json->out, ',');
	json->comma = true;
}

void nsc_json_open(struct nsc_json *json, char bracket)
{
	json_begin_value(json);
	nsc_buffer_char(&json->out, bracket);
	json->comma = false;
}

void nsc_json_close(struct nsc_json *json, char bracket)
{
	nsc_buffer_char(&json->out, bracket);
	json->comma = true;
}

void nsc_json_key(struct nsc_json *json, const char *key)
{
	json_begin_value(json);
	nsc_buffer_char(&json->out, '"');
	nsc_buffer_text(&json->out, key);
	nsc_buffer_bytes(&json->out, "\":", 2);
	json->comma = false;
}

void nsc_json_raw(struct nsc_json *json, const char *text, size_t length)
{
	json_begin_value(json);
	nsc_buffer_bytes(&json->out, text, length);
}

void nsc_json_raw_members(struct nsc_json *json, const char *text, size_t length)
{
	if (length)
		nsc_json_raw(json, text, length);
}

void nsc_json_null(struct nsc_json *json)
{
	nsc_json_raw(json, "null", 4);
}

void nsc_json_bool(struct nsc_json *json, bool value)
{
	nsc_json_raw(json, value ? "true" : "false", value ? 4 : 5);
}

void nsc_json_number(struct nsc_json *json, uint64_t value)
{
	json_begin_value(json);
	nsc_buffer_u64(&json->out, value);
}

void nsc_json_u64(struct nsc_json *json, uint64_t value)
{
	if (value == NSC_UNKNOWN)
		nsc_json_null(json);
	else
		nsc_json_number(json, value);
}

void nsc_json_time(struct nsc_json *json, uint64_t ns)
{
	char text[NSC_FORMAT_SECONDS_MAX];

	nsc_json_raw(json, text, (size_t)(nsc_format_timestamp(text, ns) - text));
}

void nsc_json_fixed(struct nsc_json *json, double value, int decimals)
{
	char text[FIXED_MAX];

	if (isfinite(value))
		nsc_json_raw(json, text, (size_t)snprintf(text, sizeof(text), "%.*f", decimals, value));
	else
		nsc_json_null(json);
}

void nsc_json_text_n(struct nsc_json *json, const char *text, size_t length)
{
	json_begin_value(json);
	nsc_buffer_char(&json->out, '"');
	nsc_buffer_escaped(&json->out, NSC_ESCAPE_HTML, text, length);
	nsc_buffer_char(&json->out, '"');
}

void nsc_json_text(struct nsc_json *json, const char *text)
{
	if (text)
		nsc_json_text_n(json, text, strlen(text));
	else
		nsc_json_null(json);
}

void nsc_json_hex(struct nsc_json *json, const uint8_t *bytes, size_t length)
{
	char *at, *begin;

	json_begin_value(json);
	at = begin = nsc_buffer_room(&json->out, 2 * length + 2);
	if (!at)
		return;
	*at++ = '"';
	for (size_t i = 0; i < length; i++)
		at = nsc_format_hex(at, bytes[i]);
	*at++ = '"';
	nsc_buffer_claim(&json->out, (size_t)(at - begin));
}

/* --- members ---------------------------------------------------------------------------------- */

void nsc_json_add_u64(struct nsc_json *json, const char *key, uint64_t value)
{
	nsc_json_key(json, key);
	nsc_json_u64(json, value);
}

void nsc_json_add_time(struct nsc_json *json, const char *key, uint64_t ns)
{
	nsc_json_key(json, key);
	nsc_json_time(json, ns);
}

void nsc_json_add_fixed(struct nsc_json *json, const char *key, double value, int decimals)
{
	nsc_json_key(json, key);
	nsc_json_fixed(json, value, decimals);
}

void nsc_json_add_bool(struct nsc_json *json, const char *key, bool value)
{
	nsc_json_key(json, key);
	nsc_json_bool(json, value);
}

void nsc_json_add_text(struct nsc_json *json, const char *key, const char *text)
{
	nsc_json_key(json, key);
	nsc_json_text(json, text);
}

void nsc_json_add_open(struct nsc_json *json, const char *key, char bracket)
{
	nsc_json_key(json, key);
	nsc_json_open(json, bracket);
}
