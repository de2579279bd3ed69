/* SPDX-License-Identifier: MIT */
#include "backends/index/nsx_file.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

void nsc_nsx_file_open(struct nsc_nsx_file *file, const char *path)
{
	file->failed = nsc_outfile_place_open(&file->place, path, NSC_PLACE_REPLACED, &file->why);
	file->is_open = !file->failed;
	file->number = file->used = 0;
	if (file->is_open && !file->place.regular)
		file->failed = nsc_fail(&file->why, -EINVAL, "%s: cannot be written: it is no file", path);
	if (getrandom(&file->id, sizeof(file->id), 0) != sizeof(file->id))
		file->id = (uint64_t)(uintptr_t)file;
}

uint64_t nsc_nsx_file_at(const struct nsc_nsx_file *file)
{
	return file->number * NSC_NSX_PAYLOAD + file->used;
}

/* The first `n` blocks of the buffer. */
static void nsx_file_write(struct nsc_nsx_file *file, size_t n)
{
	const uint8_t *from = file->block[0];
	size_t all = n * NSC_NSX_BLOCK, done = 0;

	while (done < all && !file->failed) {
		ssize_t written = write(file->place.fd, from + done, all - done);

		if (written > 0)
			done += (size_t)written;
		else if (!written || errno != EINTR)
			file->failed = nsc_fail(&file->why, written ? -errno : -EIO, "%s: writing failed: %s",
						file->place.path, strerror(written ? errno : EIO));
	}
	file->number += n;
	file->used = 0;
}

static void nsx_file_seal(uint8_t block[NSC_NSX_BLOCK], uint64_t id, uint64_t number)
{
	uint32_t crc = nsc_nsx_block_crc(id, number, block);

	memcpy(block + NSC_NSX_PAYLOAD, &crc, sizeof(crc));
}

void nsc_nsx_file_put(struct nsc_nsx_file *file, const void *bytes, size_t n)
{
	const uint8_t *from = bytes;

	while (n && !file->failed) {
		size_t block = file->used / NSC_NSX_PAYLOAD, at = file->used % NSC_NSX_PAYLOAD;
		size_t step = NSC_MIN(n, NSC_NSX_PAYLOAD - at);

		memcpy(file->block[block] + at, from, step);
		file->used += step;
		from += step;
		n -= step;
		if (at + step < NSC_NSX_PAYLOAD)
			continue;
		nsx_file_seal(file->block[block], file->id, file->number + block);
		if (block + 1 == NSC_NSX_FILE_BLOCKS)
			nsx_file_write(file, NSC_NSX_FILE_BLOCKS);
	}
}

/* Zeros up to the end of the block that was begun. */
static void nsx_file_fill(struct nsc_nsx_file *file)
{
	static const uint8_t zeros[NSC_NSX_PAYLOAD];
	size_t over = file->used % NSC_NSX_PAYLOAD;

	if (over)
		nsc_nsx_file_put(file, zeros, NSC_NSX_PAYLOAD - over);
}

int nsc_nsx_file_finish(struct nsc_nsx_file *file, struct nsc_nsx_foot *foot, struct nsc_error *error)
{
	int status;

	foot->id = file->id;
	nsx_file_fill(file);
	nsx_file_write(file, file->used / NSC_NSX_PAYLOAD);
	memset(file->block[0], 0, NSC_NSX_BLOCK);
	memcpy(file->block[0], foot, sizeof(*foot));
	nsx_file_seal(file->block[0], 0, file->number);
	nsx_file_write(file, 1);
	if (!file->failed)
		file->failed = nsc_outfile_place_settle(&file->place, &file->why);
	status = file->failed ? nsc_fail(error, file->failed, "%s", file->why.text) : 0;
	nsc_nsx_file_drop(file);
	return status;
}

void nsc_nsx_file_drop(struct nsc_nsx_file *file)
{
	if (file->is_open)
		nsc_outfile_place_close(&file->place);
	file->is_open = false;
}
