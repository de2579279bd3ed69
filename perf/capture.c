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

#define PIECE (1u << 20)
#define RECORD_MAX (1u << 18)
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

/* Goes over the whole records in the buffer, at most *packets of them (counted down), keeps the rest; bytes walked. */
static size_t walk_records(struct walk *w, uint64_t *packets)
{
	size_t at = 0;

	while (*packets && w->have - at >= RECORD_HEADER) {
		uint32_t length = load32(w->buffer + at + 8);

		if (length > RECORD_MAX - RECORD_HEADER)
			bench_die("%s: a record of %u bytes", w->path, length);
		if (w->have - at - RECORD_HEADER < length)
			break;
		at += RECORD_HEADER + length;
		--*packets;
	}
	return at;
}

static void walk_keep(struct walk *w, size_t at)
{
	memmove(w->buffer, w->buffer + at, w->have - at);
	w->have -= at;
}

static void walk_close(struct walk *w)
{
	close(w->fd);
	free(w->buffer);
}

uint64_t capture_walk(const char *path)
{
	uint64_t left = UINT64_MAX;
	struct walk w;

	walk_open(&w, path);
	while (walk_read(&w))
		walk_keep(&w, walk_records(&w, &left));
	walk_close(&w);
	return UINT64_MAX - left;
}

uint64_t capture_libpcap(const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, error);
	struct pcap_pkthdr *header;
	const unsigned char *data;
	uint64_t packets = 0, bytes = 0;

	if (!pcap)
		bench_die("%s", error);
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		packets++;
		bytes += header->len;
	}
	bench_keep(bytes);
	pcap_close(pcap);
	return packets;
}

static void capture_put(int fd, const char *path, const uint8_t *data, size_t size)
{
	if (write(fd, data, size) != (ssize_t)size)
		bench_die("cannot write %s: %s", path, strerror(errno));
}

void capture_cut(const char *from, const char *to, uint64_t packets)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct walk w;

	if (fd < 0)
		bench_die("cannot write %s: %s", to, strerror(errno));
	walk_open(&w, from);
	capture_put(fd, to, w.buffer, FILE_HEADER);
	while (packets && walk_read(&w)) {
		size_t walked = walk_records(&w, &packets);

		capture_put(fd, to, w.buffer, walked);
		walk_keep(&w, walked);
	}
	walk_close(&w);
	close(fd);
}
