/* SPDX-License-Identifier: MIT
 *
 * See capture.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "perf/bench.h"
#include "perf/capture.h"
#include "perf/floor.h"

#define PIECE (1u << 20)
#define RECORD_MAX (1u << 18)
#define WRITE_PIECE (1u << 18)
#define FILE_HEADER 24u
#define RECORD_HEADER 16u

static uint32_t load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

struct walk {
	const char *path;
	int fd;
	uint8_t *buffer;
	size_t have; /* bytes in the buffer */
};

static void walk_open(struct walk *w, const char *path)
{
	*w = (struct walk){ .path = path,
			    .fd = open(path, O_RDONLY | O_CLOEXEC),
			    .buffer = malloc(PIECE + RECORD_MAX) };
	if (w->fd < 0 || !w->buffer)
		bench_die("cannot read %s: %s", path, strerror(errno));
	if (read(w->fd, w->buffer, FILE_HEADER) != FILE_HEADER ||
	    (load32(w->buffer) != 0xa1b2c3d4 && load32(w->buffer) != 0xa1b23c4d))
		bench_die("%s is no pcap file of this machine", path);
}

static bool walk_read(struct walk *w)
{
	ssize_t n = read(w->fd, w->buffer + w->have, PIECE);

	if (n < 0)
		bench_die("cannot read %s: %s", w->path, strerror(errno));
	w->have += (size_t)n;
	return n > 0;
}

struct written {
	int fd;
	size_t have; /* bytes in the buffer */
	uint8_t buffer[WRITE_PIECE + RECORD_MAX];
};

static void written_flush(struct written *out)
{
	if (write(out->fd, out->buffer, out->have) != (ssize_t)out->have)
		bench_die("cannot write a copy: %s", strerror(errno));
	out->have = 0;
}

static void written_add(struct written *out, const uint8_t *bytes, size_t n)
{
	if (out->have >= WRITE_PIECE)
		written_flush(out);
	memcpy(out->buffer + out->have, bytes, n);
	out->have += n;
}

/* Goes over the whole records in the buffer, copies them into `out`, and keeps the rest. Packets. */
static uint64_t walk_records(struct walk *w, struct written *out)
{
	uint64_t packets = 0;
	size_t at = 0;

	while (w->have - at >= RECORD_HEADER) {
		uint32_t length = load32(w->buffer + at + 8);

		if (length > RECORD_MAX - RECORD_HEADER)
			bench_die("%s: a record of %u bytes", w->path, length);
		if (w->have - at - RECORD_HEADER < length)
			break;
		written_add(out, w->buffer + at, RECORD_HEADER + length);
		at += RECORD_HEADER + length;
		packets++;
	}
	memmove(w->buffer, w->buffer + at, w->have - at);
	w->have -= at;
	return packets;
}

static void walk_close(struct walk *w)
{
	close(w->fd);
	free(w->buffer);
}

static uint64_t capture_floor(int (*read_all)(const char *, struct floor_count *, struct nsc_error *), const char *path)
{
	struct floor_count count;
	struct nsc_error error;

	if (read_all(path, &count, &error))
		bench_die("%s", error.text);
	return count.packets;
}

uint64_t capture_walk(const char *path)
{
	return capture_floor(floor_walk, path);
}

uint64_t capture_write(const char *path, const char *to)
{
	static struct written out;
	uint64_t packets = 0;
	struct walk w;

	walk_open(&w, path);
	out.fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	memcpy(out.buffer, w.buffer, FILE_HEADER);
	out.have = FILE_HEADER;
	while (walk_read(&w))
		packets += walk_records(&w, &out);
	written_flush(&out);
	close(out.fd);
	walk_close(&w);
	return packets;
}

uint64_t capture_libpcap(const char *path)
{
	return capture_floor(floor_libpcap, path);
}

void capture_copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	uint8_t *piece = malloc(PIECE);
	ssize_t n = -1;

	while (in >= 0 && out >= 0 && piece && (n = read(in, piece, PIECE)) > 0)
		if (write(out, piece, (size_t)n) != n) {
			n = -1;
			break;
		}
	if (n || close(out))
		bench_die("cannot copy %s to %s: %s", from, to, strerror(errno));
	close(in);
	free(piece);
}

void capture_cut(const char *from, const char *to, uint64_t packets)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(from, error);
	pcap_dumper_t *dumper = pcap ? pcap_dump_open(pcap, to) : NULL;

	if (!dumper)
		bench_die("cannot cut %s to %s: %s", from, to, pcap ? pcap_geterr(pcap) : error);
	if (pcap_loop(pcap, (int)packets, pcap_dump, (unsigned char *)dumper) < 0 || pcap_dump_flush(dumper))
		bench_die("cannot cut %s to %s: %s", from, to, pcap_geterr(pcap));
	pcap_dump_close(dumper);
	pcap_close(pcap);
}
