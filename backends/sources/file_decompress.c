/* SPDX-License-Identifier: MIT
 *
 * Each library allocates at open only, or from memory that it got there.
 */
#define ZSTD_STATIC_LINKING_ONLY /* ZSTD_initStaticDStream: no allocation once packets flow */

#include "file_decompress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <zlib.h>
#include <zstd.h>

#include "netscope/base.h"

#define WINDOW_LOG 27          /* what `zstd -d` accepts without being asked: 128 MiB */
#define ZLIB_ARENA_SIZE 65536u /* inflate wants 7 KiB of state and a window of 32 KiB */

/* --- gzip ------------------------------------------------------------------------------------- */

struct gzip {
	z_stream stream;
	uint32_t used;
	alignas(16) uint8_t arena[ZLIB_ARENA_SIZE];
};

static void *gzip_take(void *opaque, unsigned items, unsigned size)
{
	struct gzip *g = opaque;
	uint64_t wanted = ((uint64_t)items * size + 15) & ~15ull;
	void *memory = g->arena + g->used;

	if (wanted > ZLIB_ARENA_SIZE - g->used)
		return NULL;
	g->used += (uint32_t)wanted;
	return memory;
}

static void gzip_give(void *opaque, void *memory)
{
	/* the arena goes with the state */
}

static int gzip_open(void **state, struct nsc_error *error)
{
	struct gzip *g = calloc(1, sizeof(*g));

	if (!g)
		return nsc_fail(error, -ENOMEM, "no memory for zlib");
	g->stream.zalloc = gzip_take;
	g->stream.zfree = gzip_give;
	g->stream.opaque = g;
	if (inflateInit2(&g->stream, 15 + 16) != Z_OK) {
		free(g);
		return nsc_fail(error, -ENOMEM, "zlib does not start");
	}
	*state = g;
	return 0;
}

static int gzip_begin(void *state, struct nsc_error *error)
{
	inflateReset(&((struct gzip *)state)->stream);
	return 0;
}

static int gzip_step(void *state, struct nsc_compressed *in, uint8_t *to, size_t size, size_t *made,
		     struct nsc_error *error)
{
	z_stream *z = &((struct gzip *)state)->stream;
	int rc;

	if (in->pos == in->len)
		return 0;
	z->next_in = (uint8_t *)(uintptr_t)(in->at + in->pos);
	z->avail_in = in->len - in->pos;
	z->next_out = to;
	z->avail_out = (uInt)size;
	rc = inflate(z, Z_NO_FLUSH);
	in->pos = in->len - z->avail_in;
	*made = size - z->avail_out;
	in->between = rc == Z_STREAM_END;
	if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
		return 0;
	return nsc_fail(error, -EBADMSG, "%s", z->msg ? z->msg : zError(rc));
}

static void gzip_close(void *state)
{
	inflateEnd(&((struct gzip *)state)->stream);
	free(state);
}

/* --- zstd ------------------------------------------------------------------------------------- */

/* The area is reserved in full and touched as far as the frames need it; the state is at its begin. */
static int zstd_open(void **state, struct nsc_error *error)
{
	size_t size = ZSTD_estimateDStreamSize((size_t)1 << WINDOW_LOG);
	void *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (area == MAP_FAILED)
		return nsc_fail(error, -ENOMEM, "no memory for zstd's window of 128 MiB");
	*state = ZSTD_initStaticDStream(area, size);
	if (*state)
		return 0;
	munmap(area, size);
	return nsc_fail(error, -ENOMEM, "zstd does not start");
}

static int zstd_begin(void *state, struct nsc_error *error)
{
	ZSTD_DCtx_reset(state, ZSTD_reset_session_only);
	return 0;
}

static int zstd_step(void *state, struct nsc_compressed *in, uint8_t *to, size_t size, size_t *made,
		     struct nsc_error *error)
{
	ZSTD_inBuffer from = { in->at, in->len, in->pos };
	ZSTD_outBuffer out = { to, size, 0 };
	size_t rc = ZSTD_decompressStream(state, &out, &from);

	in->pos = (uint32_t)from.pos;
	*made = out.pos;
	if (ZSTD_isError(rc))
		return nsc_fail(error, -EBADMSG, "%s", ZSTD_getErrorName(rc));
	in->between = rc == 0;
	return 0;
}

static void zstd_close(void *state)
{
	munmap(state, ZSTD_estimateDStreamSize((size_t)1 << WINDOW_LOG));
}

/* --- the table -------------------------------------------------------------------------------- */

#define DECOMPRESSOR(called, bytes, prefix)                                                                            \
	{                                                                                                              \
		.name = (called), .magic = (bytes), .magic_len = sizeof(bytes) - 1, .open = prefix##_open,             \
		.begin = prefix##_begin, .step = prefix##_step, .close = prefix##_close                                \
	}

const struct nsc_decompressor nsc_decompressors[NSC_DECOMPRESSORS] = {
	DECOMPRESSOR("gzip", "\x1f\x8b", gzip),
	DECOMPRESSOR("zstd", "\x28\xb5\x2f\xfd", zstd),
};

const struct nsc_decompressor *nsc_decompressor_find(const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < NSC_DECOMPRESSORS; i++)
		if (n >= nsc_decompressors[i].magic_len &&
		    !memcmp(at, nsc_decompressors[i].magic, nsc_decompressors[i].magic_len))
			return &nsc_decompressors[i];
	return NULL;
}

static int next_stream(const struct nsc_decompressor *how, void *state, struct nsc_compressed *in,
		       struct nsc_error *error)
{
	while (in->pos < in->len && !in->at[in->pos])
		in->pos++;
	if (in->pos == in->len)
		return 0;
	in->between = false;
	return how->begin(state, error);
}

int nsc_decompress(const struct nsc_decompressor *how, void *state, struct nsc_compressed *in, uint8_t *to, size_t size,
		   size_t *made, struct nsc_error *error)
{
	struct nsc_error why;
	int status = in->between ? next_stream(how, state, in, &why) : 0;

	if (!status && !in->between)
		status = how->step(state, in, to, size, made, &why);
	if (status == -EBADMSG)
		return nsc_fail(error, status, "the %s stream is damaged: %s", how->name, why.text);
	return status ? nsc_fail(error, status, "%s", why.text) : 0;
}
