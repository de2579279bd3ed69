/* SPDX-License-Identifier: MIT
 *
 * The page's files out of the binary, which holds each of them gzipped and as it is: a client that does not take gzip
 * costs no more memory than the others.
 */
#include "dashboard/server/server.h"

#include <openssl/sha.h>
#include <stdio.h>

#define DECLARE(name)                                                                                                  \
	extern const char nsc_asset_##name[], nsc_asset_##name##_end[], nsc_asset_##name##_gz[],                       \
		nsc_asset_##name##_gz_end[];
DECLARE(index_html)
DECLARE(app_js)
DECLARE(app_css)
DECLARE(icon_svg)

#define BYTES(name) nsc_asset_##name, nsc_asset_##name##_end, nsc_asset_##name##_gz, nsc_asset_##name##_gz_end

static const struct asset {
	const char *path, *type;
	const char *plain, *plain_end, *gz, *gz_end;
} assets[] = {
	{ "/", "text/html; charset=utf-8", BYTES(index_html) },
	{ "/app.js", "text/javascript; charset=utf-8", BYTES(app_js) },
	{ "/app.css", "text/css; charset=utf-8", BYTES(app_css) },
	{ "/icon.svg", "image/svg+xml", BYTES(icon_svg) },
};

struct etag {
	char text[20]; /* with its quotes */
};

static struct nsc_span asset_bytes(const struct asset *asset, bool gz)
{
	return gz ? (struct nsc_span){ asset->gz, (size_t)(asset->gz_end - asset->gz) }
		  : (struct nsc_span){ asset->plain, (size_t)(asset->plain_end - asset->plain) };
}

static struct etag etag_of(const struct asset *asset)
{
	struct nsc_span bytes = asset_bytes(asset, true);
	unsigned char digest[32];
	struct etag etag;
	char *at = etag.text;

	SHA256((const unsigned char *)bytes.text, bytes.length, digest);
	*at++ = '"';
	for (unsigned j = 0; j < 8; j++)
		at += sprintf(at, "%02x", digest[j]);
	*at++ = '"';
	*at = '\0';
	return etag;
}

static bool span_contains(struct nsc_span span, const char *text)
{
	return span.text && memmem(span.text, span.length, text, strlen(text));
}

static void asset_header(h2o_req_t *req, const char *name, const char *value)
{
	h2o_iovec_t copy = h2o_strdup(&req->pool, value, SIZE_MAX);

	h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, NULL, copy.base, copy.len);
}

static void answer_304(struct nsc_server *server, h2o_req_t *req)
{
	req->res.status = 304;
	req->res.reason = nsc_reason(304);
	nsc_respond_headers(server, req);
	h2o_send_inline(req, "", 0);
}

static void answer_asset(struct nsc_server *server, h2o_req_t *req, const struct asset *asset)
{
	bool gz = span_contains(nsc_header(req, "accept-encoding"), "gzip");
	struct etag etag = etag_of(asset);

	asset_header(req, "etag", etag.text);
	asset_header(req, "cache-control", "no-cache");
	asset_header(req, "vary", "accept-encoding");
	if (span_contains(nsc_header(req, "if-none-match"), etag.text)) {
		answer_304(server, req);
		return;
	}
	if (gz)
		asset_header(req, "content-encoding", "gzip");
	nsc_respond_static(server, req, asset->type, asset_bytes(asset, gz));
}

bool nsc_asset(struct nsc_server *server, h2o_req_t *req, struct nsc_span path)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(assets); i++) {
		if (path.length != strlen(assets[i].path) || memcmp(path.text, assets[i].path, path.length))
			continue;
		answer_asset(server, req, &assets[i]);
		return true;
	}
	return false;
}
