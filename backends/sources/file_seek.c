/* SPDX-License-Identifier: MIT */
#include "backends/sources/file_seek.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEAD = 8, FOOT = 9, HAS_CHECKSUMS = 0x80, RESERVED = 0x7c };

#define SKIPPABLE_MAGIC 0x184d2a5eu
#define SEEKABLE_MAGIC 0x8f92eab1u

struct nsc_file_seek {
	uint32_t n;                         /* >= 1 */
	struct nsc_file_seek_place frame[]; /* [n + 1]: the last one is the table */
};

struct seek_table {        /* as it lies in the file */
	uint32_t n, entry; /* frames, and bytes for each */
	uint64_t at, bytes;
};

static uint32_t seek_u32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static bool seek_read(int fd, uint8_t *to, size_t bytes, uint64_t at)
{
	return pread(fd, to, bytes, (off_t)at) == (ssize_t)bytes;
}

/* From its last bytes. `size` is the file's. */
static bool table_of(struct seek_table *table, int fd, uint64_t start, uint64_t size)
{
	uint8_t foot[FOOT], head[HEAD];

	if (size < HEAD + FOOT || !seek_read(fd, foot, FOOT, start + size - FOOT) ||
	    seek_u32(foot + 5) != SEEKABLE_MAGIC || foot[4] & RESERVED)
		return false;
	table->n = seek_u32(foot);
	table->entry = foot[4] & HAS_CHECKSUMS ? 12 : 8;
	table->bytes = HEAD + (uint64_t)table->n * table->entry + FOOT;
	if (!table->n || table->n > NSC_FILE_SEEK_MAX || table->bytes > size)
		return false;
	table->at = size - table->bytes;
	return seek_read(fd, head, HEAD, start + table->at) && seek_u32(head) == SKIPPABLE_MAGIC &&
	       seek_u32(head + 4) == table->bytes - HEAD;
}

/* The frames stand one behind the other, up to the table. */
static bool seek_fill(struct nsc_file_seek *seek, const struct seek_table *table, const uint8_t *entries)
{
	struct nsc_file_seek_place place = { 0 };

	seek->n = table->n;
	for (uint32_t i = 0; i < table->n; i++, entries += table->entry) {
		seek->frame[i] = place;
		place.at += seek_u32(entries);
		place.plain += seek_u32(entries + 4);
	}
	seek->frame[table->n] = place;
	return place.at == table->at;
}

struct nsc_file_seek *nsc_file_seek_open(int fd, uint64_t start, uint64_t size)
{
	struct seek_table table;
	struct nsc_file_seek *seek;
	uint8_t *entries;
	size_t bytes;
	bool good;

	if (!table_of(&table, fd, start, size))
		return NULL;
	bytes = (size_t)table.n * table.entry;
	seek = malloc(sizeof(*seek) + (table.n + (size_t)1) * sizeof(seek->frame[0]));
	entries = malloc(bytes);
	good = seek && entries && seek_read(fd, entries, bytes, start + table.at + HEAD) &&
	       seek_fill(seek, &table, entries);
	free(entries);
	if (good)
		return seek;
	free(seek);
	return NULL;
}

static uint32_t seek_frame_of(const struct nsc_file_seek *seek, uint64_t plain)
{
	uint32_t low = 0, high = seek->n;

	while (high - low > 1) { /* frame[low] begins no later */
		uint32_t middle = low + (high - low) / 2;

		if (seek->frame[middle].plain <= plain)
			low = middle;
		else
			high = middle;
	}
	return low;
}

struct nsc_file_seek_place nsc_file_seek_find(const struct nsc_file_seek *seek, uint64_t plain)
{
	return seek->frame[seek_frame_of(seek, plain)];
}

uint64_t nsc_file_seek_end(const struct nsc_file_seek *seek, uint64_t plain)
{
	return seek->frame[seek_frame_of(seek, plain) + 1].at;
}

void nsc_file_seek_close(struct nsc_file_seek *seek)
{
	free(seek);
}
