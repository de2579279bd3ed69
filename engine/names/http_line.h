/* SPDX-License-Identifier: MIT
 *
 * The first line of HTTP/1 requests and responses. It is told by its words, on any port. p[0..n) may be read.
 * Thread: any. Allocates: never.
 */
#ifndef NETSCOPE_NAMES_HTTP_LINE_H
#define NETSCOPE_NAMES_HTTP_LINE_H

#include "netscope/base.h"

enum { HTTP_LINE_MAX = 8192 }; /* bytes; longer first lines are no HTTP here */

/* The length of the method at the start of a request, without the space; 0 = there is none. */
uint32_t http_method_length(const uint8_t *p, uint64_t n);

/* The length of the line at p without its end; *next is where the one behind it begins, 0 when this one has no end. */
uint64_t http_line_length(const uint8_t *p, uint64_t n, uint64_t *next);

/* A request whose first line is cut is believed when it is printable so far. */
bool http_is_request(const uint8_t *p, uint64_t n);
bool http_is_response(const uint8_t *p, uint64_t n);

#endif
