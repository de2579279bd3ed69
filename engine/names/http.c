/* SPDX-License-Identifier: MIT
 *
 * HTTP/1: whom a request is for. Its target names the host when it is a whole address or that of a tunnel (RFC 9112,
 * 3.2), else the Host header does.
 */
#include <strings.h>

#include "engine/names/http_line.h"
#include "engine/names/parser.h"

enum { HEADERS_MAX = 64 }; /* searched for the host */

static const char *const http_begins[] = {
	"HTTP/1.", "GET ",    "POST ",     "HEAD ",      "PUT ",      "DELETE ", "OPTIONS ", "CONNECT ",
	"TRACE ",  "PATCH ",  "PROPFIND ", "REPORT ",    "MKCOL ",    "COPY ",   "MOVE ",    "LOCK ",
	"UNLOCK ", "SEARCH ", "NOTIFY ",   "SUBSCRIBE ", "M-SEARCH ", NULL,
};

static void http_take_host(struct nsc_named *named, const uint8_t *p, const uint8_t *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	name_set_authority(named, p, (uint32_t)(end - p));
}

/* The headers at `at`: FOUND with the host or at their end, MORE when they go on. */
static enum nsc_name_verdict http_read_headers(const struct nsc_name_input *in, uint64_t at,
					       struct nsc_name_output *out)
{
	for (unsigned i = 0; i < HEADERS_MAX; i++) {
		const uint8_t *p = in->data + at;
		uint64_t next, length = http_line_length(p, in->n - at, &next);

		if (!next)
			return in->last || in->n - at > HTTP_LINE_MAX ? NSC_NAME_FOUND : NSC_NAME_MORE;
		if (length == 0)
			return NSC_NAME_FOUND;
		if (length > 5 && !strncasecmp((const char *)p, "host:", 5)) {
			http_take_host(&out->named, p + 5, p + length);
			return NSC_NAME_FOUND;
		}
		at += next;
	}
	return NSC_NAME_FOUND;
}

/* The request whose first line is in->data[0..length) and ends at `next`, 0 when it is cut. */
static enum nsc_name_verdict http_read_request(const struct nsc_name_input *in, uint64_t length, uint64_t next,
					       struct nsc_name_output *out)
{
	uint32_t method = http_method_length(in->data, in->n);
	const uint8_t *target = in->data + method + 1;
	uint32_t n = (uint32_t)length - method - 1 - (next ? 9 : 0);

	if (method == 7 && !memcmp(in->data, "CONNECT", 7)) {
		if (next)
			name_set_authority(&out->named, target, n);
		return next ? NSC_NAME_WATCH : NSC_NAME_FOUND;
	}
	if (!next)
		return NSC_NAME_FOUND;
	if (n > 7 && !strncasecmp((const char *)target, "http://", 7)) {
		name_set_url(&out->named, target + 7, n - 7);
		return NSC_NAME_FOUND;
	}
	return http_read_headers(in, next, out);
}

NAME_PARSER(http)
{
	enum nsc_name_verdict verdict = name_begins_any(in, http_begins);
	uint64_t next, length;

	if (verdict == NSC_NAME_NO)
		return verdict;
	if (http_is_response(in->data, in->n))
		return name_found(out, NSC_APP_HTTP);
	if (verdict == NSC_NAME_MORE || (!http_method_length(in->data, in->n) && in->n < 12))
		return name_more(in, out, in->n + 1);
	length = http_line_length(in->data, in->n, &next);
	if (!http_is_request(in->data, in->n))
		return NSC_NAME_NO;
	if (!next && !in->last)
		return name_more(in, out, in->n + 1);
	verdict = http_read_request(in, length, next, out);
	if (verdict == NSC_NAME_MORE)
		return name_more(in, out, in->n + 1);
	out->named.app = NSC_APP_HTTP;
	return verdict;
}
