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
DECLARE(snapshot_js)

#define BYTES(name) nsc_asset_##name, nsc_asset_##name##_end, nsc_asset_##name##_gz, nsc_asset_##name##_gz_end

static const struct asset {
	const char *path, *type;
	const char *plain, *plain_end, *gz, *gz_end;
} assets[] = {
	{ "/", "text/html; charset=utf-8", BYTES(index_html) },
	{ "/app.js", "text/javascript; charset=utf-8", BYTES(app_js) },
	{ "/app.css", "text/css; charset=utf-8", BYTES(app_css) },
	{ "/icon.svg", "image/svg+xml", BYTES(icon_svg) },
	{ "/snapshot.js", "text/javascript; charset=utf-8", BYTES(snapshot_js) },
};

static struct nsc_span asset_bytes(const struct asset *asset, bool gz)
{
	return gz ? (struct nsc_span){ asset->gz, (size_t)(asset->gz_end - asset->gz) }
		  : (struct nsc_span){ asset->plain, (size_t)(asset->plain_end - asset->plain) };
}

/* With its quotes, in the request's pool. */
static const char *etag_of(const struct asset *asset, h2o_req_t *req)
{
	struct nsc_span bytes = asset_bytes(asset, true);
	unsigned char digest[32];
	char *etag = h2o_mem_alloc_pool(&req->pool, 20), *at = etag;

	SHA256((const unsigned char *)bytes.text, bytes.length, digest);
	*at++ = '"';
	for (unsigned j = 0; j < 8; j++)
		at += sprintf(at, "%02x", digest[j]);
	strcpy(at, "\"");
	return etag;
}

static void answer_asset(struct nsc_server *server, h2o_req_t *req, const struct asset *asset)
{
	bool gz = nsc_span_contains(nsc_header(req, "accept-encoding"), "gzip");
	const char *etag = etag_of(asset, req);

	nsc_respond_header(req, "etag", etag);
	nsc_respond_header(req, "cache-control", "no-cache");
	nsc_respond_header(req, "vary", "accept-encoding");
	if (nsc_span_contains(nsc_header(req, "if-none-match"), etag)) {
		nsc_respond_begin(server, req, 304, NULL);
		h2o_send_inline(req, "", 0);
		return;
	}
	if (gz)
		nsc_respond_header(req, "content-encoding", "gzip");
	nsc_respond_static(server, req, asset->type, asset_bytes(asset, gz));
}

bool nsc_asset(struct nsc_server *server, h2o_req_t *req, struct nsc_span path)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(assets); i++) {
		if (!nsc_span_is(path, assets[i].path))
			continue;
		answer_asset(server, req, &assets[i]);
		return true;
	}
	return false;
}
