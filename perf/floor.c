/* SPDX-License-Identifier: MIT
 *
 * See floor.h.
 */
#include "perf/floor.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PIECE = 1 << 20,
	RECORD_MAX = 1 << 24, /* of pcapng, whose blocks may be large */
	PCAP_HEADER = 24,
	PCAP_RECORD = 16,
	PCAPNG_LEAST = 12,    /* type, length, and the length again */
	PCAPNG_CAPTURED = 20, /* of an enhanced packet: the captured length stands here, and the wire's behind it */
};

#define PCAP_US 0xa1b2c3d4u
#define PCAP_NS 0xa1b23c4du
#define PCAPNG_SECTION 0x0a0d0d0au
#define PCAPNG_ORDER 0x1a2b3c4du
enum { PCAPNG_OLD_PACKET = 2, PCAPNG_SIMPLE = 3, PCAPNG_PACKET = 6 };

struct floor_file {
	const char *path;
	int fd;
	uint8_t *buffer;
	size_t have; /* bytes in the buffer */
	bool pcapng, swapped;
};

static uint32_t floor_load(const struct floor_file *f, const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return f->swapped ? __builtin_bswap32(v) : v;
}

static int floor_read(struct floor_file *f, struct nsc_error *error)
{
	ssize_t n;

	do
		n = read(f->fd, f->buffer + f->have, PIECE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return nsc_fail(error, -errno, "cannot read %.400s: %s", f->path, strerror(errno));
	f->have += (size_t)n;
	return n > 0;
}

/* What it is; the header of pcap is taken away. */
static int floor_recognize(struct floor_file *f)
{
	uint32_t magic, swapped;

	if (f->have < PCAP_HEADER)
		return -ENOTSUP;
	memcpy(&magic, f->buffer, sizeof(magic));
	swapped = __builtin_bswap32(magic);
	f->pcapng = magic == PCAPNG_SECTION;
	f->swapped = swapped == PCAP_US || swapped == PCAP_NS;
	if (f->pcapng)
		return 0;
	if (!f->swapped && magic != PCAP_US && magic != PCAP_NS)
		return -ENOTSUP;
	f->have -= PCAP_HEADER;
	memmove(f->buffer, f->buffer + PCAP_HEADER, f->have);
	return 0;
}

/* Over the whole records in the buffer; where the first unfinished one begins. SIZE_MAX: nothing that can be walked. */
static size_t floor_records(const struct floor_file *f, struct floor_count *count)
{
	size_t at = 0;

	while (f->have - at >= PCAP_RECORD) {
		uint32_t length = floor_load(f, f->buffer + at + 8);

		if (length > RECORD_MAX - PCAP_RECORD)
			return SIZE_MAX;
		if (f->have - at - PCAP_RECORD < length)
			break;
		count->bytes += floor_load(f, f->buffer + at + 12);
		count->packets++;
		at += PCAP_RECORD + length;
	}
	return at;
}

static size_t floor_blocks(struct floor_file *f, struct floor_count *count)
{
	size_t at = 0;

	while (f->have - at >= PCAPNG_LEAST) {
		const uint8_t *block = f->buffer + at;
		uint32_t type, length;

		memcpy(&type, block, sizeof(type)); /* a section's is the same in both orders */
		if (type == PCAPNG_SECTION) {
			f->swapped = false;
			f->swapped = floor_load(f, block + 8) != PCAPNG_ORDER;
		}
		type = floor_load(f, block);
		length = floor_load(f, block + 4);
		if (length > RECORD_MAX || length < PCAPNG_LEAST || length % 4)
			return SIZE_MAX;
		if (f->have - at < length)
			break;
		if ((type == PCAPNG_PACKET || type == PCAPNG_OLD_PACKET) && length >= PCAPNG_CAPTURED + 8)
			count->bytes += floor_load(f, block + PCAPNG_CAPTURED + 4);
		else if (type == PCAPNG_SIMPLE && length >= PCAPNG_LEAST)
			count->bytes += floor_load(f, block + 8);
		count->packets += type == PCAPNG_PACKET || type == PCAPNG_OLD_PACKET || type == PCAPNG_SIMPLE;
		at += length;
	}
	return at;
}

static int floor_all(struct floor_file *f, struct floor_count *count, struct nsc_error *error)
{
	int more = floor_read(f, error);

	if (more >= 0 && floor_recognize(f))
		return nsc_fail(error, -ENOTSUP, "%.400s is no plain pcap or pcapng file", f->path);
	while (more > 0) {
		size_t at = f->pcapng ? floor_blocks(f, count) : floor_records(f, count);

		if (at == SIZE_MAX)
			return nsc_fail(error, -ENOTSUP, "%.400s is damaged after packet %llu", f->path,
					(unsigned long long)count->packets);
		f->have -= at;
		memmove(f->buffer, f->buffer + at, f->have);
		more = floor_read(f, error);
	}
	return more;
}

int floor_walk(const char *path, struct floor_count *count, struct nsc_error *error)
{
	struct floor_file f = { .path = path, .fd = open(path, O_RDONLY | O_CLOEXEC) };
	int status;

	*count = (struct floor_count){ 0 };
	if (f.fd < 0)
		return nsc_fail(error, -errno, "cannot read %.400s: %s", path, strerror(errno));
	f.buffer = malloc(PIECE + RECORD_MAX);
	status = f.buffer ? floor_all(&f, count, error) : nsc_fail(error, -ENOMEM, "no memory to read %.400s", path);
	free(f.buffer);
	close(f.fd);
	return status;
}

int floor_libpcap(const char *path, struct floor_count *count, struct nsc_error *error)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, why);
	struct pcap_pkthdr *header;
	const unsigned char *data;
	int next;

	*count = (struct floor_count){ 0 };
	if (!pcap)
		return nsc_fail(error, -EIO, "%.500s", why);
	while ((next = pcap_next_ex(pcap, &header, &data)) == 1) {
		count->packets++;
		count->bytes += header->len;
	}
	pcap_close(pcap);
	/* A file that is cut has been read as far as it goes. */
	return next == PCAP_ERROR && !count->packets ? nsc_fail(error, -EIO, "libpcap cannot read %.400s", path) : 0;
}
