/* SPDX-License-Identifier: MIT
 *
 * Each library allocates at open only, or from memory that it got there.
 */
#define ZSTD_STATIC_LINKING_ONLY /* ZSTD_initStaticDStream: no allocation once packets flow */

#include "file_decompress.h"

#include <bzlib.h>
#include <errno.h>
#include <lz4frame.h>
#include <lzma.h>
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

/* --- memory of libraries that allocate while they work ------------------------------------------ */

#define POOL_SMALL 65536u /* the largest of the small pieces, its head included */
#define POOL_LOG_MIN 6u
#define POOL_LOG_MAX 16u

/* One large piece, and small ones in sizes of powers of two. A small one that is given back is kept for the next of its
 * size, so that streams may follow each other for ever. */
struct pool {
	void *large; /* reserved in full, touched as far as the streams need it */
	size_t large_size;
	bool large_taken;
	uint32_t used; /* of small[] */
	void *freed[POOL_LOG_MAX + 1];
	alignas(16) uint8_t small[8 * POOL_SMALL];
};

struct pool_head { /* before each small piece */
	alignas(16) unsigned size_log;
	void *next; /* of those given back */
};

static_assert(1u << POOL_LOG_MAX == POOL_SMALL, "the last size is the largest");

static int pool_init(struct pool *pool, size_t large_size)
{
	pool->large_size = large_size;
	pool->large =
		mmap(NULL, large_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pool->large != MAP_FAILED)
		return 0;
	pool->large = NULL;
	return -ENOMEM;
}

static void pool_fini(struct pool *pool)
{
	if (pool->large)
		munmap(pool->large, pool->large_size);
}

static void *pool_take_large(struct pool *pool, uint64_t size)
{
	if (pool->large_taken || size > pool->large_size)
		return NULL;
	pool->large_taken = true;
	return pool->large;
}

static void *pool_take(struct pool *pool, uint64_t size)
{
	unsigned size_log = POOL_LOG_MIN;
	struct pool_head *head;

	if (size > POOL_SMALL - sizeof(*head))
		return pool_take_large(pool, size);
	while ((uint64_t)1 << size_log < size + sizeof(*head))
		size_log++;
	head = pool->freed[size_log];
	if (head) {
		pool->freed[size_log] = head->next;
		return head + 1;
	}
	if (sizeof(pool->small) - pool->used < (size_t)1 << size_log)
		return NULL;
	head = (struct pool_head *)(pool->small + pool->used);
	head->size_log = size_log;
	pool->used += 1u << size_log;
	return head + 1;
}

static void pool_give(struct pool *pool, void *piece)
{
	struct pool_head *head;

	if (!piece)
		return;
	if (piece == pool->large) {
		pool->large_taken = false;
		return;
	}
	head = (struct pool_head *)piece - 1;
	head->next = pool->freed[head->size_log];
	pool->freed[head->size_log] = head;
}

/* --- xz --------------------------------------------------------------------------------------- */

#define XZ_MEMORY ((1ull << WINDOW_LOG) + (1u << 20)) /* a dictionary as large as zstd's window */

struct xz {
	lzma_stream stream;
	lzma_allocator allocator;
	struct pool pool;
};

static void *xz_take(void *pool, size_t n, size_t size)
{
	return pool_take(pool, (uint64_t)n * size);
}

static void xz_give(void *pool, void *piece)
{
	pool_give(pool, piece);
}

static int xz_open(void **state, struct nsc_error *error)
{
	struct xz *x = calloc(1, sizeof(*x));

	if (!x || pool_init(&x->pool, XZ_MEMORY)) {
		free(x);
		return nsc_fail(error, -ENOMEM, "no memory for xz's dictionary of 128 MiB");
	}
	x->allocator = (lzma_allocator){ .alloc = xz_take, .free = xz_give, .opaque = &x->pool };
	x->stream.allocator = &x->allocator;
	*state = x;
	return 0;
}

static int xz_begin(void *state, struct nsc_error *error)
{
	if (lzma_stream_decoder(&((struct xz *)state)->stream, XZ_MEMORY, 0) != LZMA_OK)
		return nsc_fail(error, -ENOMEM, "liblzma does not start");
	return 0;
}

static int xz_failed(const struct xz *x, lzma_ret rc, struct nsc_error *error)
{
	switch (rc) {
	case LZMA_MEMLIMIT_ERROR:
		return nsc_fail(error, -ENOMEM,
				"the xz stream needs %llu MiB of memory, and %llu MiB are the limit: xz -dc FILE | "
				"netscope -r -",
				(unsigned long long)(lzma_memusage(&x->stream) >> 20), XZ_MEMORY >> 20);
	case LZMA_MEM_ERROR:
		return nsc_fail(error, -ENOMEM, "liblzma has no memory");
	case LZMA_FORMAT_ERROR:
		return nsc_fail(error, -EBADMSG, "no stream begins where one should");
	case LZMA_OPTIONS_ERROR:
		return nsc_fail(error, -EBADMSG, "it has options that liblzma does not know");
	default:
		return nsc_fail(error, -EBADMSG, "its data are corrupt");
	}
}

static int xz_step(void *state, struct nsc_compressed *in, uint8_t *to, size_t size, size_t *made,
		   struct nsc_error *error)
{
	struct xz *x = state;
	lzma_stream *s = &x->stream;
	lzma_ret rc;

	s->next_in = in->at + in->pos;
	s->avail_in = in->len - in->pos;
	s->next_out = to;
	s->avail_out = size;
	rc = lzma_code(s, LZMA_RUN);
	in->pos = in->len - (uint32_t)s->avail_in;
	*made = size - s->avail_out;
	in->between = rc == LZMA_STREAM_END;
	return rc == LZMA_OK || rc == LZMA_STREAM_END || rc == LZMA_BUF_ERROR ? 0 : xz_failed(x, rc, error);
}

static void xz_close(void *state)
{
	struct xz *x = state;

	lzma_end(&x->stream);
	pool_fini(&x->pool);
	free(x);
}

/* --- bzip2 ------------------------------------------------------------------------------------ */

#define BZIP2_MEMORY (4u << 20) /* a block of 900 kB and four bytes for each of its bytes */

struct bzip2 {
	bz_stream stream;
	struct pool pool;
};

static void *bzip2_take(void *pool, int n, int size)
{
	return pool_take(pool, (uint64_t)n * (uint64_t)size);
}

static void bzip2_give(void *pool, void *piece)
{
	pool_give(pool, piece);
}

static int bzip2_open(void **state, struct nsc_error *error)
{
	struct bzip2 *b = calloc(1, sizeof(*b));

	if (!b || pool_init(&b->pool, BZIP2_MEMORY)) {
		free(b);
		return nsc_fail(error, -ENOMEM, "no memory for a block of bzip2");
	}
	b->stream.bzalloc = bzip2_take;
	b->stream.bzfree = bzip2_give;
	b->stream.opaque = &b->pool;
	*state = b;
	return 0;
}

static int bzip2_begin(void *state, struct nsc_error *error)
{
	bz_stream *z = &((struct bzip2 *)state)->stream;

	if (z->state)
		BZ2_bzDecompressEnd(z);
	return BZ2_bzDecompressInit(z, 0, 0) == BZ_OK ? 0 : nsc_fail(error, -ENOMEM, "bzip2 does not start");
}

static int bzip2_step(void *state, struct nsc_compressed *in, uint8_t *to, size_t size, size_t *made,
		      struct nsc_error *error)
{
	bz_stream *z = &((struct bzip2 *)state)->stream;
	int rc;

	z->next_in = (char *)(uintptr_t)(in->at + in->pos);
	z->avail_in = in->len - in->pos;
	z->next_out = (char *)to;
	z->avail_out = (unsigned)size;
	rc = BZ2_bzDecompress(z);
	in->pos = in->len - z->avail_in;
	*made = size - z->avail_out;
	in->between = rc == BZ_STREAM_END;
	if (rc == BZ_OK || rc == BZ_STREAM_END)
		return 0;
	if (rc == BZ_MEM_ERROR)
		return nsc_fail(error, -ENOMEM, "bzip2 has no memory");
	return nsc_fail(error, -EBADMSG, "%s",
			rc == BZ_DATA_ERROR_MAGIC ? "no stream begins where one should" : "its data are corrupt");
}

static void bzip2_close(void *state)
{
	struct bzip2 *b = state;

	if (b->stream.state)
		BZ2_bzDecompressEnd(&b->stream);
	pool_fini(&b->pool);
	free(b);
}

/* --- lz4 -------------------------------------------------------------------------------------- */

/* The library allocates when a frame needs more than those before it: it is shown one that needs the most, with linked
 * blocks of 4 MiB. */
static bool lz4_grow(LZ4F_dctx *context)
{
	static const uint8_t largest[] = { 0x04, 0x22, 0x4d, 0x18, 0x40, 0x70, 0xdf, 1, 0, 0, 0 };
	size_t n = sizeof(largest), made = 0;
	bool grown = !LZ4F_isError(LZ4F_decompress(context, NULL, &made, largest, &n, NULL)) && n == sizeof(largest);

	LZ4F_resetDecompressionContext(context);
	return grown;
}

static int lz4_open(void **state, struct nsc_error *error)
{
	LZ4F_dctx *context = NULL;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
		return nsc_fail(error, -ENOMEM, "no memory for lz4");
	if (!lz4_grow(context)) {
		LZ4F_freeDecompressionContext(context);
		return nsc_fail(error, -ENOMEM, "no memory for lz4's blocks of 4 MiB");
	}
	*state = context;
	return 0;
}

static int lz4_begin(void *state, struct nsc_error *error)
{
	LZ4F_resetDecompressionContext(state);
	return 0;
}

static int lz4_step(void *state, struct nsc_compressed *in, uint8_t *to, size_t size, size_t *made,
		    struct nsc_error *error)
{
	size_t taken = in->len - in->pos, rc;

	*made = size;
	rc = LZ4F_decompress(state, to, made, in->at + in->pos, &taken, NULL);
	if (LZ4F_isError(rc)) {
		*made = 0;
		return nsc_fail(error, -EBADMSG, "%s", LZ4F_getErrorName(rc));
	}
	in->pos += (uint32_t)taken;
	in->between = rc == 0;
	return 0;
}

static void lz4_close(void *state)
{
	LZ4F_freeDecompressionContext(state);
}

/* --- the table -------------------------------------------------------------------------------- */

#define DECOMPRESSOR(called, bytes, prefix)                                                                            \
	{                                                                                                              \
		.name = (called), .magic = (bytes), .magic_len = sizeof(bytes) - 1, .open = prefix##_open,             \
		.begin = prefix##_begin, .step = prefix##_step, .close = prefix##_close                                \
	}

const struct nsc_decompressor nsc_decompressors[NSC_DECOMPRESSORS] = {
	DECOMPRESSOR("gzip", "\x1f\x8b", gzip),       DECOMPRESSOR("zstd", "\x28\xb5\x2f\xfd", zstd),
	DECOMPRESSOR("xz", "\xfd\x37zXZ\0", xz),      DECOMPRESSOR("bzip2", "BZh", bzip2),
	DECOMPRESSOR("lz4", "\x04\x22\x4d\x18", lz4),
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
