/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define TCP IPV4_ANY("\x06") TCP_TO("\x1f\x90")

static const struct dissect_case cases[] = {
	{ "request", BYTES(TCP "GET /a?b=c HTTP/1.1\r\nAccept: *\r\nhost:  example.com \r\n\r\nbody"), RAW,
	  "http.request.method=GET|http.request.uri=/a?b=c|http.request.version=HTTP/"
	  "1.1|http.host=example.com|data.len=4",
	  "Raw | " SHOW_IPV4("TCP", "99") " | TCP :1234 -> :8080 [ACK, PSH] seq=1 ack=2 win=256"
					  " | HTTP GET /a?b=c host=example.com | payload: 59 bytes" },
	{ "response", BYTES(TCP "HTTP/1.0 404 Not \x1b[1m\r\nHost: nobody\r\n\r\n"), RAW,
	  "http.response.version=HTTP/1.0|http.response.code=404|http.response.phrase=Not \\x1b[1m", NULL },
	{ "response without a reason", BYTES(TCP "HTTP/1.1 200\r\n\r\n"), RAW, "http.response.code=200", NULL },
	{ "target with spaces", BYTES(TCP "POST /a b c HTTP/1.1\n\n"), RAW,
	  "http.request.uri=/a b c|http.request.version=HTTP/1.1", NULL },
	{ "a cut line", BYTES(TCP "GET /a/long/path"), RAW, "http.request.method=GET|http.request.uri=/a/long/path",
	  NULL },
	{ "a cut line that is no text", BYTES(TCP "GET \x01\x02\x03\x04"), RAW, "data.len=8", NULL },
	{ "another protocol", BYTES(TCP "OPTIONS rtsp://example RTSP/1.0\r\n\r\n"), RAW, "data.len=35", NULL },
	{ "no target", BYTES(TCP "GET HTTP/1.1\r\n"), RAW, "data.len=14", NULL },
	{ "version 2", BYTES(TCP "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), RAW, "data.len=24", NULL },
	{ "no such method", BYTES(TCP "GOT / HTTP/1.1\r\n"), RAW, "data.len=16", NULL },
	{ "no status", BYTES(TCP "HTTP/1.1 abc\r\n"), RAW, "data.len=14", NULL },
};

DISSECT_MAIN("http", cases)
