/* SPDX-License-Identifier: MIT
 *
 * The first line of HTTP/1 requests and responses, and whom a request is for. On any port: the line is told by its
 * words.
 */
#include "engine/dissect/dissect.h"

#include <strings.h>

#include "engine/names/http_line.h"

enum { HEADERS_MAX = 64 }; /* searched for the host */

static const struct nsc_field_type method = F_TEXT("http.request.method", "Method");
static const struct nsc_field_type target = F_TEXT("http.request.uri", "Target");
static const struct nsc_field_type version = F_TEXT("http.request.version", "Version");
static const struct nsc_field_type host = F_TEXT("http.host", "Host");
static const struct nsc_field_type response_version = F_TEXT("http.response.version", "Version");
static const struct nsc_field_type response_code = FIELD("http.response.code", "Status", DEC);
static const struct nsc_field_type response_phrase = F_TEXT("http.response.phrase", "Reason");

bool looks_like_http(const uint8_t *p, uint64_t n)
{
	return http_is_response(p, n) || http_is_request(p, n);
}

/* The value of a header without the spaces around it. */
static void add_host(struct dissect *s, uint64_t at, uint64_t end)
{
	while (at < end && s->data[at] == ' ')
		at++;
	while (end > at && s->data[end - 1] == ' ')
		end--;
	if (at < end)
		add_range(s, &host, at, end - at);
}

/* Lines up to the empty one; where the headers end, as far as they were read. */
static uint64_t add_headers(struct dissect *s, uint64_t at, bool request)
{
	for (unsigned i = 0; i < HEADERS_MAX && at < s->cap_end; i++) {
		const uint8_t *p = s->data + at;
		uint64_t next, length = http_line_length(p, s->cap_end - at, &next);

		if (!next)
			return at;
		if (request && length > 5 && strncasecmp((const char *)p, "host:", 5) == 0)
			add_host(s, at + 5, at + length);
		at += next;
		if (length == 0)
			return at;
	}
	return at;
}

static void add_request(struct dissect *s, uint64_t length, bool whole)
{
	const uint8_t *p = here(s);
	uint32_t start = http_method_length(p, length);
	uint64_t end = whole ? length - 9 : length;

	add_range(s, &method, s->off, start);
	add_range(s, &target, s->off + start + 1, end - start - 1);
	if (whole)
		add_range(s, &version, s->off + length - 8, 8);
}

static void add_response(struct dissect *s, uint64_t length)
{
	const uint8_t *p = here(s);

	add_range(s, &response_version, s->off, 8);
	add_number(s, &response_code, s->off + 9, 3, (p[9] - '0') * 100u + (p[10] - '0') * 10u + (p[11] - '0'));
	if (length > 13)
		add_range(s, &response_phrase, s->off + 13, length - 13);
}

static enum step dissect_http(struct dissect *s)
{
	const uint8_t *p = here(s);
	uint64_t captured = s->cap_end - s->off, end = s->cap_end, next;
	uint64_t length = http_line_length(p, captured, &next);
	bool response = http_is_response(p, captured);
	uint16_t layer = add_layer(s, &protocol_http, captured);

	if (response)
		add_response(s, NSC_MIN(length, HTTP_LINE_MAX));
	else
		add_request(s, length, next != 0);
	if (next)
		end = add_headers(s, s->off + next, !response);
	set_end(s, layer, end);
	s->off = end;
	return s->off < s->cap_end ? STEP_DATA : STEP_STOP;
}

static void line_http(struct line *l, uint16_t layer)
{
	if (child(l->tree, layer, &response_code))
		line_print(l, layer, "HTTP %v[ %v]", TYPES(&response_code, &response_phrase));
	else
		line_print(l, layer, "HTTP %v %v[ host=%v]", TYPES(&method, &target, &host));
}

const struct protocol protocol_http = { LAYER("http", "HTTP"), .dissect = dissect_http, .line = line_http };
