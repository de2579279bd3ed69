/* SPDX-License-Identifier: MIT
 *
 * Capture files out: see writer.h.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/pktgen/writer.h"

#define BUFFER_BYTES (4u << 20)
#define SNAPLEN_NONE 262144u

enum { PCAP_RECORD = 16, PCAPNG_AROUND = 32 };

struct writer {
	struct writer_options options;
	int fd;
	size_t used;
	uint8_t *buffer;
};

static int writer_fail(const struct writer *writer, int error_number, struct nsc_error *error)
{
	return nsc_fail(error, -error_number, "cannot write %s: %s", writer->options.path, strerror(error_number));
}

static int flush(struct writer *writer, struct nsc_error *error)
{
	for (size_t done = 0; done < writer->used;) {
		ssize_t n = write(writer->fd, writer->buffer + done, writer->used - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return writer_fail(writer, errno, error);
		done += (size_t)n;
	}
	writer->used = 0;
	return 0;
}

static uint8_t *writer_put16(const struct writer *writer, uint8_t *at, uint16_t value)
{
	uint16_t ordered = writer->options.big_endian ? htobe16(value) : htole16(value);

	memcpy(at, &ordered, sizeof(ordered));
	return at + sizeof(ordered);
}

static uint8_t *writer_put32(const struct writer *writer, uint8_t *at, uint32_t value)
{
	uint32_t ordered = writer->options.big_endian ? htobe32(value) : htole32(value);

	memcpy(at, &ordered, sizeof(ordered));
	return at + sizeof(ordered);
}

static void put_pcap_header(struct writer *writer, uint32_t snaplen)
{
	uint8_t *at = writer->buffer;

	at = writer_put32(writer, at, writer->options.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
	at = writer_put16(writer, at, 2);
	at = writer_put16(writer, at, 4);
	at = writer_put32(writer, at, 0);
	at = writer_put32(writer, at, 0);
	at = writer_put32(writer, at, snaplen);
	at = writer_put32(writer, at, 1); /* LINKTYPE_ETHERNET */
	writer->used = (size_t)(at - writer->buffer);
}

/* Section header, then one Ethernet interface with its time resolution as a power of ten. */
static void put_pcapng_header(struct writer *writer, uint32_t snaplen)
{
	uint8_t *at = writer->buffer;

	at = writer_put32(writer, at, 0x0a0d0d0a);
	at = writer_put32(writer, at, 28);
	at = writer_put32(writer, at, 0x1a2b3c4d);
	at = writer_put16(writer, at, 1);
	at = writer_put16(writer, at, 0);
	at = writer_put32(writer, at, UINT32_MAX); /* section length: not told */
	at = writer_put32(writer, at, UINT32_MAX);
	at = writer_put32(writer, at, 28);
	at = writer_put32(writer, at, 1);
	at = writer_put32(writer, at, 32);
	at = writer_put16(writer, at, 1); /* LINKTYPE_ETHERNET */
	at = writer_put16(writer, at, 0);
	at = writer_put32(writer, at, snaplen);
	at = writer_put16(writer, at, 9); /* if_tsresol */
	at = writer_put16(writer, at, 1);
	memset(at, 0, 4);
	*at = writer->options.nanoseconds ? 9 : 6;
	at = writer_put32(writer, at + 4, 0); /* end of options */
	at = writer_put32(writer, at, 32);
	writer->used = (size_t)(at - writer->buffer);
}

int writer_open(struct writer **out, const struct writer_options *options, struct nsc_error *error)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	uint32_t snaplen = options->snaplen ? options->snaplen : SNAPLEN_NONE;
	int status;

	if (writer)
		writer->buffer = malloc(BUFFER_BYTES);
	if (!writer || !writer->buffer) {
		free(writer);
		return nsc_fail(error, -ENOMEM, "no memory for the output buffer");
	}
	writer->options = *options;
	writer->fd = STDOUT_FILENO;
	if (strcmp(options->path, "-"))
		writer->fd = open(options->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (writer->fd < 0) {
		status = writer_fail(writer, errno, error);
		free(writer->buffer);
		free(writer);
		return status;
	}
	if (options->pcapng)
		put_pcapng_header(writer, snaplen);
	else
		put_pcap_header(writer, snaplen);
	*out = writer;
	return 0;
}

static void put_pcap_record(struct writer *writer, const struct nsc_gen_frame *frame)
{
	uint8_t *at = writer->buffer + writer->used;
	uint32_t below_second = (uint32_t)(frame->ts_ns % NSC_NS_PER_SEC);

	at = writer_put32(writer, at, (uint32_t)(frame->ts_ns / NSC_NS_PER_SEC));
	at = writer_put32(writer, at, writer->options.nanoseconds ? below_second : below_second / 1000);
	at = writer_put32(writer, at, frame->cap_len);
	at = writer_put32(writer, at, frame->wire_len);
	memcpy(at, frame->data, frame->cap_len);
	writer->used += PCAP_RECORD + frame->cap_len;
}

static void put_pcapng_packet(struct writer *writer, const struct nsc_gen_frame *frame)
{
	uint8_t *at = writer->buffer + writer->used;
	uint64_t ticks = writer->options.nanoseconds ? frame->ts_ns : frame->ts_ns / 1000;
	uint32_t padded = (frame->cap_len + 3) & ~3u;

	at = writer_put32(writer, at, 6);
	at = writer_put32(writer, at, PCAPNG_AROUND + padded);
	at = writer_put32(writer, at, 0); /* interface */
	at = writer_put32(writer, at, (uint32_t)(ticks >> 32));
	at = writer_put32(writer, at, (uint32_t)ticks);
	at = writer_put32(writer, at, frame->cap_len);
	at = writer_put32(writer, at, frame->wire_len);
	memcpy(at, frame->data, frame->cap_len);
	memset(at + frame->cap_len, 0, padded - frame->cap_len);
	writer_put32(writer, at + padded, PCAPNG_AROUND + padded);
	writer->used += PCAPNG_AROUND + padded;
}

int writer_add(struct writer *writer, const struct nsc_gen_frame *frame, struct nsc_error *error)
{
	if (BUFFER_BYTES - writer->used < PCAPNG_AROUND + frame->cap_len + 3) {
		int status = flush(writer, error);

		if (status)
			return status;
	}
	if (writer->options.pcapng) {
		put_pcapng_packet(writer, frame);
		return 0;
	}
	if (frame->ts_ns / NSC_NS_PER_SEC > UINT32_MAX)
		return nsc_fail(error, -EOVERFLOW, "cannot write %s: pcap has no times after the year 2106, pcapng has",
				writer->options.path);
	put_pcap_record(writer, frame);
	return 0;
}

static void free_writer(struct writer *writer)
{
	free(writer->buffer);
	free(writer);
}

int writer_close(struct writer *writer, struct nsc_error *error)
{
	int status = flush(writer, error);

	if (status) {
		writer_abandon(writer);
		return status;
	}
	if (close(writer->fd))
		status = writer_fail(writer, errno, error);
	free_writer(writer);
	return status;
}

void writer_abandon(struct writer *writer)
{
	struct stat stat;
	bool regular = writer->fd != STDOUT_FILENO && !fstat(writer->fd, &stat) && S_ISREG(stat.st_mode);

	close(writer->fd);
	if (regular)
		unlink(writer->options.path);
	free_writer(writer);
}
