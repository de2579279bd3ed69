/* SPDX-License-Identifier: MIT
 *
 * The page's files out of the binary. They are gzipped there, and go out so, unless the client does not take that.
 */
#include "dashboard/server/server.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <zlib.h>

enum { UNPACKED_MAX = 2 * 1024 * 1024 };

#define DECLARE(name) extern const uint8_t nsc_asset_##name[], nsc_asset_##name##_end[];
DECLARE(index_html)
DECLARE(app_js)
DECLARE(app_css)
DECLARE(icon_svg)

static const struct {
	const char *path, *type;
	const uint8_t *begin, *end;
} assets[] = {
	{ "/", "text/html; charset=utf-8", nsc_asset_index_html, nsc_asset_index_html_end },
	{ "/app.js", "text/javascript; charset=utf-8", nsc_asset_app_js, nsc_asset_app_js_end },
	{ "/app.css", "text/css; charset=utf-8", nsc_asset_app_css, nsc_asset_app_css_end },
	{ "/icon.svg", "image/svg+xml", nsc_asset_icon_svg, nsc_asset_icon_svg_end },
};

struct etag {
	char text[20]; /* with its quotes */
};

static struct etag etag_of(size_t i)
{
	unsigned char digest[32];
	struct etag etag;
	char *at = etag.text;

	SHA256(assets[i].begin, (size_t)(assets[i].end - assets[i].begin), digest);
	*at++ = '"';
	for (unsigned j = 0; j < 8; j++)
		at += sprintf(at, "%02x", digest[j]);
	*at++ = '"';
	*at = '\0';
	return etag;
}

static bool contains(struct nsc_span span, const char *text)
{
	return span.text && memmem(span.text, span.length, text, strlen(text));
}

static void add_header(h2o_req_t *req, const char *name, const char *value)
{
	h2o_iovec_t copy = h2o_strdup(&req->pool, value, SIZE_MAX);

	h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, NULL, copy.base, copy.len);
}

static void send_asset(struct nsc_server *server, h2o_req_t *req, int status, const char *body, size_t length)
{
	req->res.status = status;
	req->res.reason = nsc_reason(status);
	req->res.content_length = status == 304 ? SIZE_MAX : length;
	nsc_respond_headers(server, req);
	h2o_send_inline(req, body, length);
}

static void send_unpacked(struct nsc_server *server, h2o_req_t *req, size_t i)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)assets[i].begin,
		       .avail_in = (uInt)(assets[i].end - assets[i].begin) };
	char *text = h2o_mem_alloc_pool(&req->pool, UNPACKED_MAX);

	z.next_out = (Bytef *)text;
	z.avail_out = UNPACKED_MAX;
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK || inflate(&z, Z_FINISH) != Z_STREAM_END)
		nsc_respond_error(server, req, 500, "a file of the page cannot be unpacked: this is a bug in netscope");
	else
		send_asset(server, req, 200, text, UNPACKED_MAX - z.avail_out);
	inflateEnd(&z);
}

static void answer(struct nsc_server *server, h2o_req_t *req, size_t i)
{
	struct etag etag = etag_of(i);

	add_header(req, "etag", etag.text);
	add_header(req, "cache-control", "no-cache");
	add_header(req, "vary", "accept-encoding");
	if (contains(nsc_header(req, "if-none-match"), etag.text)) {
		send_asset(server, req, 304, "", 0);
		return;
	}
	add_header(req, "content-type", assets[i].type);
	if (!contains(nsc_header(req, "accept-encoding"), "gzip")) {
		send_unpacked(server, req, i);
		return;
	}
	add_header(req, "content-encoding", "gzip");
	send_asset(server, req, 200, (const char *)assets[i].begin, (size_t)(assets[i].end - assets[i].begin));
}

bool nsc_asset(struct nsc_server *server, h2o_req_t *req, struct nsc_span path)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(assets); i++) {
		if (path.length != strlen(assets[i].path) || memcmp(path.text, assets[i].path, path.length))
			continue;
		answer(server, req, i);
		return true;
	}
	return false;
}
