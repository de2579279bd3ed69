/* SPDX-License-Identifier: MIT */
#include "engine/names/http_line.h"

#include <string.h>

static const char *const http_methods[] = {
	"GET ",    "POST ",  "HEAD ", "PUT ",  "DELETE ", "OPTIONS ", "CONNECT ", "TRACE ",  "PATCH ",     "PROPFIND ",
	"REPORT ", "MKCOL ", "COPY ", "MOVE ", "LOCK ",   "UNLOCK ",  "SEARCH ",  "NOTIFY ", "SUBSCRIBE ", "M-SEARCH ",
};

uint32_t http_method_length(const uint8_t *p, uint64_t n)
{
	for (size_t i = 0; n && i < NSC_ARRAY_LEN(http_methods); i++) {
		uint32_t length;

		if (*p != (uint8_t)*http_methods[i]) /* most differ in their first letter */
			continue;
		length = (uint32_t)strlen(http_methods[i]);
		if (n > length && memcmp(p, http_methods[i], length) == 0)
			return length - 1;
	}
	return 0;
}

uint64_t http_line_length(const uint8_t *p, uint64_t n, uint64_t *next)
{
	const uint8_t *end = memchr(p, '\n', NSC_MIN(n, HTTP_LINE_MAX));

	*next = end ? (uint64_t)(end - p) + 1 : 0;
	if (!end)
		return n;
	return (uint64_t)(end - p) - (end > p && end[-1] == '\r');
}

static bool http_is_version(const uint8_t *p)
{
	return memcmp(p, "HTTP/1.", 7) == 0 && p[7] >= '0' && p[7] <= '9';
}

bool http_is_request(const uint8_t *p, uint64_t n)
{
	uint32_t start = http_method_length(p, n);
	uint64_t length, next;

	if (start == 0)
		return false;
	length = http_line_length(p, n, &next);
	if (next)
		return length >= start + 11u && p[length - 9] == ' ' && http_is_version(p + length - 8);
	for (uint64_t i = start; i < NSC_MIN(length, 64); i++)
		if ((p[i] < 0x20 && !(p[i] == '\r' && i + 1 == n)) || p[i] >= 0x7f)
			return false;
	return n <= HTTP_LINE_MAX;
}

bool http_is_response(const uint8_t *p, uint64_t n)
{
	return n >= 12 && http_is_version(p) && p[8] == ' ' && p[9] >= '1' && p[9] <= '9' && p[10] >= '0' &&
	       p[10] <= '9' && p[11] >= '0' && p[11] <= '9';
}
