/* SPDX-License-Identifier: MIT */
#include "backends/sinks/zstd_frames.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { LEVEL = 3, SKIPPABLE_HEAD = 8, TABLE_FOOT = 9, FRAMES_AT_ONCE = 1024 };

#define SKIPPABLE_MAGIC 0x184d2a5eu
#define SEEKABLE_MAGIC 0x8f92eab1u

struct zstd_frame { /* an entry of the table, as on the disk */
	uint32_t bytes, plain;
};

static_assert(sizeof(struct zstd_frame) == 8, "as on the disk");

struct nsc_zstd_frames {
	ZSTD_CCtx *context;
	struct zstd_frame made;   /* the last one */
	struct zstd_frame *frame; /* [room], `n` of them kept; in host order */
	uint32_t n, room;
	bool lost; /* there are more than the table can have, or than memory */
	uint64_t plain;
	uint8_t *table;
	size_t most, out_size;
	uint8_t out[];
};

bool nsc_zstd_frames_wanted(const char *path)
{
	static const char ending[] = ".zst";
	size_t length = strlen(path);

	return length >= sizeof(ending) && !strcmp(path + length - (sizeof(ending) - 1), ending);
}

int nsc_zstd_frames_open(struct nsc_zstd_frames **frames, const char *path, size_t most, struct nsc_error *error)
{
	size_t out_size = ZSTD_compressBound(most);
	struct nsc_zstd_frames *f = calloc(1, sizeof(*f) + out_size);

	if (f)
		f->context = ZSTD_createCCtx();
	if (!f || !f->context || ZSTD_isError(ZSTD_CCtx_setParameter(f->context, ZSTD_c_compressionLevel, LEVEL))) {
		nsc_zstd_frames_close(f);
		return nsc_fail(error, -ENOMEM, "%s: no memory to compress it", path);
	}
	f->most = most;
	f->out_size = out_size;
	*frames = f;
	return 0;
}

ssize_t nsc_zstd_frames_make(struct nsc_zstd_frames *f, const uint8_t *from, size_t bytes, const uint8_t **out)
{
	size_t made;

	assert(bytes && bytes <= f->most);
	made = ZSTD_compress2(f->context, f->out, f->out_size, from, bytes);
	if (ZSTD_isError(made))
		return -ENOMEM;
	f->made = (struct zstd_frame){ .bytes = (uint32_t)made, .plain = (uint32_t)bytes };
	*out = f->out;
	return (ssize_t)made;
}

static bool frames_have_room(struct nsc_zstd_frames *f)
{
	uint32_t room = NSC_MIN(f->room + FRAMES_AT_ONCE + f->room / 2, (uint32_t)NSC_ZSTD_FRAMES_MAX);
	struct zstd_frame *more;

	if (f->n < f->room)
		return true;
	more = f->n == room ? NULL : realloc(f->frame, room * sizeof(*more));
	if (!more)
		return false;
	f->frame = more;
	f->room = room;
	return true;
}

void nsc_zstd_frames_keep(struct nsc_zstd_frames *f)
{
	f->plain += f->made.plain;
	f->lost |= !frames_have_room(f);
	if (!f->lost)
		f->frame[f->n++] = f->made;
}

static uint8_t *put_le32(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

size_t nsc_zstd_frames_table(struct nsc_zstd_frames *f, const uint8_t **out)
{
	size_t entries = f->n * sizeof(struct zstd_frame), size = SKIPPABLE_HEAD + entries + TABLE_FOOT;
	uint8_t *at = f->lost || !f->n ? NULL : realloc(f->table, size);

	if (!at)
		return 0;
	f->table = at;
	at = put_le32(at, SKIPPABLE_MAGIC);
	at = put_le32(at, (uint32_t)(entries + TABLE_FOOT));
	for (uint32_t i = 0; i < f->n; i++)
		at = put_le32(put_le32(at, f->frame[i].bytes), f->frame[i].plain);
	at = put_le32(at, f->n);
	*at++ = 0; /* no checksums in the table: the capture's records are checked as they are read */
	put_le32(at, SEEKABLE_MAGIC);
	f->made = (struct zstd_frame){ .bytes = (uint32_t)size };
	*out = f->table;
	return size;
}

size_t nsc_zstd_frames_table_size(const struct nsc_zstd_frames *f)
{
	return SKIPPABLE_HEAD + (f->n + (size_t)1) * sizeof(struct zstd_frame) + TABLE_FOOT;
}

uint64_t nsc_zstd_frames_plain(const struct nsc_zstd_frames *f)
{
	return f->plain;
}

void nsc_zstd_frames_restart(struct nsc_zstd_frames *f)
{
	f->n = 0;
	f->plain = 0;
	f->lost = false;
}

void nsc_zstd_frames_close(struct nsc_zstd_frames *f)
{
	if (!f)
		return;
	ZSTD_freeCCtx(f->context);
	free(f->frame);
	free(f->table);
	free(f);
}
