/* SPDX-License-Identifier: MIT */
#include "backends/sinks/squeeze.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { LEVEL_ZSTD = 3, LEVEL_GZIP = 6, GZIP_WINDOW = 15 + 16 /* with gzip's header */, OUT_BYTES = 128 * 1024 };

struct nsc_squeeze {
	ZSTD_CCtx *zstd; /* NULL: gzip */
	z_stream gzip;
	ZSTD_inBuffer in;
	enum nsc_squeeze_border border;
	bool taken; /* the piece */
	char out[OUT_BYTES];
};

static bool name_ends_with(const char *path, const char *end)
{
	size_t length = strlen(path), bytes = strlen(end);

	return length > bytes && !strcmp(path + length - bytes, end);
}

bool nsc_squeeze_wanted(const char *path)
{
	return name_ends_with(path, ".zst") || name_ends_with(path, ".gz");
}

int nsc_squeeze_open(struct nsc_squeeze **squeeze, const char *path, struct nsc_error *error)
{
	struct nsc_squeeze *s = calloc(1, sizeof(*s));
	bool opened = false;

	if (s && name_ends_with(path, ".zst")) {
		s->zstd = ZSTD_createCCtx();
		opened = s->zstd && !ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_compressionLevel, LEVEL_ZSTD));
	} else if (s) {
		opened = deflateInit2(&s->gzip, LEVEL_GZIP, Z_DEFLATED, GZIP_WINDOW, MAX_MEM_LEVEL - 1,
				      Z_DEFAULT_STRATEGY) == Z_OK;
	}
	if (!opened) {
		nsc_squeeze_close(s);
		return nsc_fail(error, -ENOMEM, "%s: no memory to compress it", path);
	}
	s->taken = true;
	*squeeze = s;
	return 0;
}

void nsc_squeeze_feed(struct nsc_squeeze *s, const char *from, size_t bytes, enum nsc_squeeze_border border)
{
	s->in = (ZSTD_inBuffer){ .src = from, .size = bytes };
	s->border = border;
	s->taken = false;
}

static ssize_t squeeze_zstd(struct nsc_squeeze *s)
{
	ZSTD_outBuffer out = { .dst = s->out, .size = sizeof(s->out) };
	size_t left =
		ZSTD_compressStream2(s->zstd, &out, &s->in, s->border == NSC_SQUEEZE_END ? ZSTD_e_end : ZSTD_e_flush);

	if (ZSTD_isError(left))
		return -ENOMEM;
	s->taken = !left && s->in.pos == s->in.size;
	return (ssize_t)out.pos;
}

/* A piece may have more bytes than zlib's counter of them. */
static ssize_t squeeze_gzip(struct nsc_squeeze *s)
{
	size_t bytes = NSC_MIN(s->in.size - s->in.pos, (size_t)1 << 30);
	bool all = s->in.pos + bytes == s->in.size;
	int flush = !all ? Z_NO_FLUSH : s->border == NSC_SQUEEZE_END ? Z_FINISH : Z_SYNC_FLUSH, status;

	s->gzip.next_in = (z_const Bytef *)(uintptr_t)((const char *)s->in.src + s->in.pos);
	s->gzip.avail_in = (uInt)bytes;
	s->gzip.next_out = (Bytef *)s->out;
	s->gzip.avail_out = sizeof(s->out);
	status = deflate(&s->gzip, flush);
	s->in.pos += bytes - s->gzip.avail_in;
	if (status == Z_STREAM_ERROR)
		return -ENOMEM;
	s->taken = all && (flush == Z_FINISH ? status == Z_STREAM_END : s->gzip.avail_out > 0);
	if (status == Z_STREAM_END)
		deflateReset(&s->gzip);
	return (ssize_t)(sizeof(s->out) - s->gzip.avail_out);
}

ssize_t nsc_squeeze_take(struct nsc_squeeze *s, const char **out)
{
	ssize_t n = 0;

	*out = s->out;
	while (!s->taken && !n)
		n = s->zstd ? squeeze_zstd(s) : squeeze_gzip(s);
	return n;
}

void nsc_squeeze_restart(struct nsc_squeeze *s)
{
	s->taken = true;
	if (s->zstd)
		ZSTD_CCtx_reset(s->zstd, ZSTD_reset_session_only);
	else
		deflateReset(&s->gzip);
}

void nsc_squeeze_close(struct nsc_squeeze *s)
{
	if (!s)
		return;
	if (s->zstd)
		ZSTD_freeCCtx(s->zstd);
	else
		deflateEnd(&s->gzip);
	free(s);
}
