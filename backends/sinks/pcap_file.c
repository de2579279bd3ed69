/* SPDX-License-Identifier: MIT
 *
 * The buffer of whole records and its way to the disk.
 */
#include "backends/sinks/pcap_file.h"

#include "backends/sinks/pump.h"
#include "backends/sinks/zstd_frames.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static int pcap_file_compress(struct nsc_pcap_file *f, const char *path, struct nsc_error *error)
{
	if (!f->place.regular)
		return nsc_fail(error, -EINVAL,
				"%s: only a regular file is compressed: leave .zst out of the name, and write through "
				"zstd",
				path);
	return nsc_zstd_frames_open(&f->frames, path, NSC_PCAP_FILE_BUFFER, error);
}

int nsc_pcap_file_open(struct nsc_pcap_file *f, const char *path, enum nsc_outfile_place_way way,
		       uint32_t (*length)(const uint8_t *at), struct nsc_error *error)
{
	int status = nsc_outfile_place_open(&f->place, path, way, error);

	f->is_open = !status;
	if (!status && nsc_zstd_frames_wanted(path))
		status = pcap_file_compress(f, path, error);
	f->size = f->written = f->plain = 0;
	f->next = f->buffer;
	f->lent = NULL;
	f->length = length;
	if (status)
		nsc_pcap_file_close(f);
	return status;
}

uint64_t nsc_pcap_file_offset(const struct nsc_pcap_file *f)
{
	return f->plain + (uint64_t)(f->next - f->buffer) + (f->lent ? (uint64_t)(f->lent_end - f->lent) : 0);
}

bool nsc_pcap_file_has_room(const struct nsc_pcap_file *f, size_t bytes)
{
	return !f->lent && bytes <= (size_t)(f->buffer + sizeof(f->buffer) - f->next);
}

bool nsc_pcap_file_may_lend(const struct nsc_pcap_file *f, const uint8_t *from)
{
	return !f->pump && (!f->lent || f->lent_end == from);
}

void nsc_pcap_file_lend(struct nsc_pcap_file *f, const uint8_t *from, const uint8_t *end)
{
	assert(nsc_pcap_file_may_lend(f, from) && end >= from);
	f->lent = f->lent ? f->lent : from;
	f->lent_end = end;
	f->size += (uint64_t)(end - from);
}

void nsc_pcap_file_commit(struct nsc_pcap_file *f, uint8_t *end)
{
	assert(end >= f->next && end <= f->buffer + sizeof(f->buffer));
	f->size += (uint64_t)(end - f->next);
	f->next = end;
}

/* Of the bytes of `from` up to `reached`, those that end with a record. The header is whole or nothing. */
static size_t whole_records(const struct nsc_pcap_file *f, const uint8_t *from, size_t reached)
{
	size_t whole = 0;

	while (f->written && whole < reached && f->length(from + whole) <= reached - whole)
		whole += f->length(from + whole);
	return whole;
}

/* Packets from `at`, which begins a record, to `end`. */
static uint64_t pcap_file_packets_in(const struct nsc_pcap_file *f, const uint8_t *at, const uint8_t *end)
{
	uint64_t n = 0;

	for (; at < end; at += f->length(at))
		n += !f->is_packet || f->is_packet(at);
	return n;
}

static int pcap_file_fail_write(struct nsc_pcap_file *f, const uint8_t *from, const uint8_t *end, size_t reached,
				int reason, struct nsc_error *error)
{
	size_t whole = !f->place.regular ? reached : f->frames ? 0 : whole_records(f, from, reached);

	f->lost += f->written ? pcap_file_packets_in(f, from + whole, end) : 0;
	if (whole < reached && ftruncate(f->place.fd, (off_t)(f->written + whole)))
		whole = reached;
	f->written += whole;
	f->plain += whole;
	return nsc_fail(error, -reason, "%s: writing failed after %" PRIu64 " bytes: %s", f->place.path, f->written,
			strerror(reason));
}

/* --- a reader --------------------------------------------------------------------------------- */

int nsc_pcap_file_do_not_wait(struct nsc_pcap_file *f, struct nsc_error *error)
{
	if (!nsc_pump_is_wanted(f->place.fd))
		return 0;
	return nsc_pump_open(&f->pump, f->place.fd, f->place.path, NSC_PUMP_PACKETS, error);
}

/* What is on its way never arrives. The buffer is free for it: what was there was taken or counted. */
static int pcap_file_fail_reader(struct nsc_pcap_file *f, int status, struct nsc_error *error)
{
	size_t bytes, reached;
	bool header;

	while ((bytes = nsc_pump_take_back(f->pump, f->buffer, sizeof(f->buffer), &reached, &header))) {
		f->next = f->buffer + bytes;
		f->lost +=
			header ? 0 : pcap_file_packets_in(f, f->buffer + whole_records(f, f->buffer, reached), f->next);
	}
	f->next = f->buffer;
	if (status == -ETIMEDOUT)
		return nsc_fail(error, status,
				"%s: its reader took nothing at the end of the run; %" PRIu64 " packets were lost",
				f->place.path, f->lost);
	return nsc_fail(error, status, "%s: writing failed within %" PRIu64 " bytes: %s", f->place.path, f->written,
			strerror(-status));
}

/* Packets go; what describes them must come before the next ones. */
static void pcap_file_drop_packets(struct nsc_pcap_file *f)
{
	uint8_t *kept = f->buffer;

	for (uint8_t *at = f->buffer; at < f->next;) {
		uint32_t length = f->length(at);

		if (!f->is_packet || f->is_packet(at)) {
			f->lost++;
			f->size -= length;
		} else {
			memmove(kept, at, length);
			kept += length;
		}
		at += length;
	}
	f->next = kept;
}

static int pcap_file_pump_out(struct nsc_pcap_file *f, struct nsc_error *error)
{
	size_t bytes = (size_t)(f->next - f->buffer);
	int status = f->ends && bytes ? nsc_pump_wait(f->pump, bytes) : 0;

	if (!status)
		status = nsc_pump_put(f->pump, f->buffer, bytes);
	if (status && f->written)
		pcap_file_drop_packets(f);
	if (status == -EAGAIN)
		return 0;
	f->next = f->buffer;
	if (status)
		return pcap_file_fail_reader(f, status, error);
	f->written += bytes;
	return 0;
}

int nsc_pcap_file_behind(const struct nsc_pcap_file *f, struct nsc_error *error)
{
	if (!f->pump || !nsc_pump_is_behind(f->pump))
		return 0;
	return nsc_fail(error, -EAGAIN, "%s: its reader does not keep up: packets are lost", f->place.path);
}

int nsc_pcap_file_look(const struct nsc_pcap_file *f, struct nsc_error *error)
{
	if (!f->pump || nsc_pump_look(f->pump) <= 0)
		return nsc_pcap_file_behind(f, error);
	return nsc_fail(error, 1, "%s: its reader keeps up again; %" PRIu64 " packets were lost", f->place.path,
			f->lost);
}

int nsc_pcap_file_end(struct nsc_pcap_file *f, struct nsc_error *error)
{
	int status;

	f->ends = true;
	status = nsc_pcap_file_flush(f, error);
	if (status || !f->pump)
		return status;
	status = nsc_pump_wait(f->pump, 0);
	return status ? pcap_file_fail_reader(f, status, error) : 0;
}

/* --- out -------------------------------------------------------------------------------------- */

/* How many of the bytes were written: fewer, and *reason, when writing failed. */
static size_t pcap_file_put(struct nsc_pcap_file *f, const uint8_t *from, size_t bytes, int *reason)
{
	size_t done = 0;

	nsc_outfile_place_set_aside(&f->place, f->written, bytes);
	while (done < bytes) {
		ssize_t n = write(f->place.fd, from + done, bytes - done);

		*reason = n ? errno : EIO;
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			break;
	}
	return done;
}

/* A frame is there as a whole, or not at all. */
static int pcap_file_write_frame(struct nsc_pcap_file *f, const uint8_t *from, const uint8_t *end,
				 struct nsc_error *error)
{
	const uint8_t *frame = NULL;
	ssize_t bytes = from < end ? nsc_zstd_frames_make(f->frames, from, (size_t)(end - from), &frame) : 0;
	int reason = ENOMEM;
	size_t done = bytes > 0 ? pcap_file_put(f, frame, (size_t)bytes, &reason) : 0;

	if (bytes < 0 || done < (size_t)bytes)
		return pcap_file_fail_write(f, from, end, done, reason, error);
	if (bytes)
		nsc_zstd_frames_keep(f->frames);
	f->written += (size_t)bytes;
	f->plain += (uint64_t)(end - from);
	return 0;
}

static int pcap_file_write(struct nsc_pcap_file *f, const uint8_t *from, const uint8_t *end, struct nsc_error *error)
{
	size_t all = (size_t)(end - from), done;
	int reason;

	if (f->frames)
		return pcap_file_write_frame(f, from, end, error);
	done = pcap_file_put(f, from, all, &reason);
	if (done < all)
		return pcap_file_fail_write(f, from, end, done, reason, error);
	f->written += all;
	f->plain += all;
	return 0;
}

/* Behind the last frame; the file is as good without it. */
static void pcap_file_put_table(struct nsc_pcap_file *f)
{
	const uint8_t *table;
	size_t bytes = f->frames ? nsc_zstd_frames_table(f->frames, &table) : 0, done;
	int reason;

	if (!bytes)
		return;
	done = pcap_file_put(f, table, bytes, &reason);
	if (done < bytes) {
		(void)!ftruncate(f->place.fd, (off_t)f->written);
		return;
	}
	nsc_zstd_frames_keep(f->frames);
	f->written += bytes;
}

int nsc_pcap_file_flush(struct nsc_pcap_file *f, struct nsc_error *error)
{
	const uint8_t *lent = f->lent;
	int status;

	if (f->pump)
		return pcap_file_pump_out(f, error);
	f->lent = NULL;
	status = pcap_file_write(f, f->buffer, f->next, error);
	f->next = f->buffer;
	if (lent && !status)
		status = pcap_file_write(f, lent, f->lent_end, error);
	else if (lent)
		f->lost += pcap_file_packets_in(f, lent, f->lent_end);
	if (f->frames)
		f->size = f->written + nsc_zstd_frames_table_size(f->frames); /* they are smaller now */
	return status;
}

static void pcap_file_begin_anew(struct nsc_pcap_file *f)
{
	f->size = f->written = f->plain = 0;
	if (f->frames)
		nsc_zstd_frames_restart(f->frames);
}

int nsc_pcap_file_rotate(struct nsc_pcap_file *f, bool *rotated, struct nsc_error *error)
{
	int status;

	*rotated = false;
	if (!f->is_open || !f->written)
		return 0;
	pcap_file_put_table(f);
	status = nsc_outfile_place_rotate(&f->place, rotated, error);
	if (*rotated)
		pcap_file_begin_anew(f);
	return status;
}

int nsc_pcap_file_watch(struct nsc_pcap_file *f, bool *begun, struct nsc_error *error)
{
	int status = 0;

	*begun = false;
	if (f->is_open)
		status = nsc_outfile_place_watch(&f->place, begun, error);
	if (*begun)
		pcap_file_begin_anew(f);
	return status;
}

int nsc_pcap_file_restart(struct nsc_pcap_file *f, struct nsc_error *error)
{
	bool keep = f->written && !nsc_outfile_folder_gone(f->place.dir);
	int status = nsc_outfile_place_restart(&f->place, keep, error);

	if (status)
		return status;
	pcap_file_begin_anew(f);
	f->next = f->buffer;
	return 0;
}

int nsc_pcap_file_settle(struct nsc_pcap_file *f, struct nsc_error *error)
{
	int status;

	pcap_file_put_table(f);
	status = nsc_outfile_place_settle(&f->place, error);
	nsc_pcap_file_close(f);
	return status;
}

void nsc_pcap_file_close(struct nsc_pcap_file *f)
{
	nsc_pump_close(f->pump);
	f->pump = NULL;
	if (f->is_open)
		nsc_outfile_place_close(&f->place);
	nsc_zstd_frames_close(f->frames);
	f->frames = NULL;
	f->is_open = false;
}
