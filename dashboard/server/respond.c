/* SPDX-License-Identifier: MIT
 *
 * Answers to requests. What they hold in memory until the client has read it is counted, and bounded over all of them.
 */
#include "dashboard/server/server.h"
#include "engine/text/number.h"
#include "engine/text/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char csp[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static const struct {
	const char *name, *value;
} headers[] = {
	{ "content-security-policy", csp },
	{ "x-content-type-options", "nosniff" },
	{ "referrer-policy", "no-referrer" },
	{ "x-frame-options", "DENY" },
	{ "cross-origin-opener-policy", "same-origin" },
	{ "cross-origin-resource-policy", "same-origin" },
};

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 413, "Payload Too Large" },
	{ 429, "Too Many Requests" },
	{ 503, "Service Unavailable" },
};

void nsc_respond_header(h2o_req_t *req, const char *name, const char *value)
{
	h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, NULL, value, strlen(value));
}

void nsc_respond_header_u64(h2o_req_t *req, const char *name, uint64_t value)
{
	char text[NSC_FORMAT_U64_MAX];
	size_t n = (size_t)(nsc_format_u64(text, value) - text);

	nsc_respond_header(req, name, h2o_strdup(&req->pool, text, n).base);
}

void nsc_respond_header_ns(h2o_req_t *req, const char *name, uint64_t ns)
{
	char text[NSC_FORMAT_SECONDS_MAX];
	size_t n = (size_t)(nsc_format_timestamp(text, ns) - text);

	nsc_respond_header(req, name, h2o_strdup(&req->pool, text, n).base);
}

void nsc_respond_begin(struct nsc_server *server, h2o_req_t *req, int status, const char *type)
{
	req->res.status = status;
	for (size_t i = 0; i < NSC_ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			req->res.reason = reasons[i].reason;
	for (size_t i = 0; i < NSC_ARRAY_LEN(headers); i++)
		nsc_respond_header(req, headers[i].name, headers[i].value);
	if (server->web->secure)
		nsc_respond_header(req, "strict-transport-security", "max-age=31536000");
	if (type)
		nsc_respond_header(req, "content-type", type);
}

bool nsc_request_is_head(const h2o_req_t *req)
{
	return h2o_memis(req->input.method.base, req->input.method.len, H2O_STRLIT("HEAD"));
}

bool nsc_respond_start(h2o_req_t *req, h2o_generator_t *generator)
{
	bool head = nsc_request_is_head(req);

	h2o_start_response(req, generator);
	if (head)
		h2o_send(req, NULL, 0, H2O_SEND_STATE_FINAL);
	return head;
}

/* What an answer holds is of this moment. */
static void respond_begin_fresh(struct nsc_server *server, h2o_req_t *req, int status, const char *type)
{
	nsc_respond_begin(server, req, status, type);
	nsc_respond_header(req, "cache-control", "no-store");
}

static void respond_inline(struct nsc_server *server, h2o_req_t *req, int status, const char *type, const char *body,
			   size_t length)
{
	respond_begin_fresh(server, req, status, type);
	req->res.content_length = length;
	h2o_send_inline(req, body, length);
}

void nsc_respond_text(struct nsc_server *server, h2o_req_t *req, int status, const char *text)
{
	respond_inline(server, req, status, "text/plain; charset=utf-8", text, strlen(text));
}

void nsc_respond_error(struct nsc_server *server, h2o_req_t *req, int status, const char *format, ...)
{
	char text[640];
	struct nsc_json json;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	nsc_json_init(&json, 8192);
	nsc_json_open(&json, '{');
	nsc_json_add_text(&json, "error", text);
	nsc_json_close(&json, '}');
	respond_inline(server, req, status, "application/json", json.out.data ? json.out.data : "{}",
		       json.out.data ? json.out.length : 2);
	nsc_json_free(&json);
}

/* --- bodies that stay where they were made ---------------------------------------------------- */

/* With TLS h2o encrypts all that it is given at once, and keeps that until the client has read it: a body goes out in
 * pieces, so that a connection holds one piece beside the body. */
enum { BODY_PIECE = 64 * 1024 };

struct body { /* in the request's pool: goes when the request does */
	h2o_generator_t generator;
	struct nsc_server *server;
	const char *next;
	size_t left;
	char *owned; /* NULL: the bytes live longer than the program */
	size_t counted;
};

static void body_dispose(void *context)
{
	struct body *body = context;

	body->server->bytes -= body->counted;
	free(body->owned);
}

static void body_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
	struct body *body = (struct body *)generator;
	h2o_iovec_t part = h2o_iovec_init(body->next, NSC_MIN(body->left, (size_t)BODY_PIECE));

	body->next += part.len;
	body->left -= part.len;
	h2o_send(req, &part, 1, body->left ? H2O_SEND_STATE_IN_PROGRESS : H2O_SEND_STATE_FINAL);
}

static void body_start(struct nsc_server *server, h2o_req_t *req, const struct body *made)
{
	struct body *body = h2o_mem_alloc_shared(&req->pool, sizeof(*body), body_dispose);

	*body = *made;
	body->generator.proceed = body_proceed;
	body->server = server;
	server->bytes += body->counted;
	req->res.content_length = body->left;
	if (!nsc_respond_start(req, &body->generator))
		body_proceed(&body->generator, req);
}

/* A client that takes gzip gets it. Who watches a connection learns nothing from lengths: no answer holds a secret. */
static void body_pack(struct nsc_server *server, h2o_req_t *req, struct body *body)
{
	struct nsc_span accepted = nsc_header(req, "accept-encoding");
	size_t length;
	char *packed;

	if (body->left < NSC_DEFLATE_LEAST || !nsc_span_contains(accepted, "gzip"))
		return;
	packed = nsc_deflate_gzip(server->deflate, body->next, body->left, &length);
	if (!packed)
		return;
	free(body->owned);
	*body = (struct body){ .next = packed, .left = length, .owned = packed, .counted = length };
	nsc_respond_header(req, "content-encoding", "gzip");
}

void nsc_respond_json(struct nsc_server *server, h2o_req_t *req, const char *type, struct nsc_json *json)
{
	struct body body = {
		.next = json->out.data, .left = json->out.length, .owned = json->out.data, .counted = json->out.length
	};

	if (json->out.full || server->bytes + json->out.length > NSC_SERVER_BYTES) {
		nsc_json_free(json);
		nsc_respond_error(server, req, 503, "too many answers are on their way: ask again");
		return;
	}
	json->out.data = NULL;
	respond_begin_fresh(server, req, 200, type);
	body_pack(server, req, &body);
	body_start(server, req, &body);
}

void nsc_respond_static(struct nsc_server *server, h2o_req_t *req, const char *type, struct nsc_span bytes)
{
	struct body body = { .next = bytes.text, .left = bytes.length };

	nsc_respond_begin(server, req, 200, type);
	body_start(server, req, &body);
}

/* --- streams ---------------------------------------------------------------------------------- */

static void stream_dispose(void *context)
{
	struct nsc_stream *stream = context;

	stream->server->bytes -= stream->piece.out.room;
	nsc_json_free(&stream->piece);
}

static void stream_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
	struct nsc_stream *stream = (struct nsc_stream *)generator;
	size_t room = stream->piece.out.room;
	bool more;
	h2o_iovec_t part;

	nsc_server_woke(stream->server);
	stream->piece.out.length = 0;
	more = stream->next(stream);
	stream->server->bytes += stream->piece.out.room - room;
	stream->piece.out.full |= stream->server->bytes > NSC_SERVER_BYTES;
	part = h2o_iovec_init(stream->piece.out.data, stream->piece.out.length);
	h2o_send(req, &part, 1,
		 stream->piece.out.full ? H2O_SEND_STATE_ERROR
		 : more                 ? H2O_SEND_STATE_IN_PROGRESS
					: H2O_SEND_STATE_FINAL);
}

struct nsc_stream *nsc_stream_new(struct nsc_server *server, h2o_req_t *req, size_t size,
				  bool (*next)(struct nsc_stream *))
{
	struct nsc_stream *stream = h2o_mem_alloc_shared(&req->pool, size, stream_dispose);

	memset(stream, 0, size);
	stream->generator.proceed = stream_proceed;
	stream->server = server;
	stream->next = next;
	nsc_json_init(&stream->piece, 512 * 1024);
	return stream;
}

void nsc_stream_start(struct nsc_stream *stream, h2o_req_t *req, const char *type)
{
	respond_begin_fresh(stream->server, req, 200, type);
	if (!nsc_respond_start(req, &stream->generator))
		stream_proceed(&stream->generator, req);
}
