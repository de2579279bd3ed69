/* SPDX-License-Identifier: MIT
 *
 * Makes capture files in memory, byte by byte, and reads them back through the source. For the tests of rx/file only.
 */
#ifndef NETSCOPE_TEST_FILE_MAKER_H
#define NETSCOPE_TEST_FILE_MAKER_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "netscope/rx.h"

#define MADE_MAX (8u << 20)
#define GOT_MAX 4096u

struct made { /* a file under construction */
	uint8_t *at;
	size_t n;
	bool big; /* numbers go in big endian */
};

struct got {            /* what came out of the source */
	int status;     /* of open */
	uint32_t state; /* last state of poll */
	uint64_t n, idle, bad_bytes;
	struct nsc_packet pkt[GOT_MAX]; /* data is NULL: the loan is over */
	struct nsc_rx_counters counters;
	struct nsc_error error;     /* of open or of the source */
	uint16_t linktype[GOT_MAX]; /* as the source told it with the burst of each packet */
	bool nanoseconds;           /* as the source told it at open */
};

static inline struct made made_new(bool big)
{
	struct made m = { .at = malloc(MADE_MAX), .big = big };

	ck_assert_ptr_nonnull(m.at);
	return m;
}

static inline void put(struct made *m, const void *bytes, size_t n)
{
	if (m->n + n > MADE_MAX) /* an assertion that holds costs a write to a file: not for each byte */
		ck_abort_msg("the file under construction is too long");
	memcpy(m->at + m->n, bytes, n);
	m->n += n;
}

static inline void put_number(struct made *m, uint64_t v, unsigned size)
{
	uint8_t b[8];

	for (unsigned i = 0; i < size; i++)
		b[m->big ? size - 1 - i : i] = (uint8_t)(v >> 8 * i);
	put(m, b, size);
}

static inline void put32(struct made *m, uint64_t v)
{
	put_number(m, v, 4);
}

static inline void put16(struct made *m, uint64_t v)
{
	put_number(m, v, 2);
}

/* Packet `id` has bytes that follow from id, so that a reader can see whether they are its own. */
static inline uint8_t packet_byte(uint32_t id, uint32_t i)
{
	return (uint8_t)(id * 31 + i * 7 + 1);
}

static inline void put_packet(struct made *m, uint32_t id, uint32_t captured)
{
	for (uint32_t i = 0; i < captured; i++) {
		uint8_t b = packet_byte(id, i);

		put(m, &b, 1);
	}
}

/* --- pcap ------------------------------------------------------------------------------------- */

static inline void put_pcap_header(struct made *m, uint32_t magic, unsigned major, unsigned minor, uint32_t linktype)
{
	put32(m, magic);
	put16(m, major);
	put16(m, minor);
	put32(m, 0);
	put32(m, 0);
	put32(m, 65535);
	put32(m, linktype);
}

static inline void put_record(struct made *m, uint32_t id, uint32_t s, uint32_t part, uint32_t captured, uint32_t wire)
{
	put32(m, s);
	put32(m, part);
	put32(m, captured);
	put32(m, wire);
	put_packet(m, id, captured);
}

/* --- pcapng ----------------------------------------------------------------------------------- */

static inline void put_block(struct made *m, uint32_t type, const struct made *body)
{
	static const uint8_t zeros[4];
	uint32_t padded = ((uint32_t)body->n + 3) & ~3u;

	put32(m, type);
	put32(m, padded + 12);
	put(m, body->at, body->n);
	put(m, zeros, padded - body->n);
	put32(m, padded + 12);
}

static inline void put_section(struct made *m)
{
	struct made body = made_new(m->big);

	put32(&body, 0x1a2b3c4d);
	put16(&body, 1);
	put16(&body, 0);
	put_number(&body, UINT64_MAX, 8);
	put_block(m, 0x0a0d0d0a, &body);
	free(body.at);
}

/* resolution < 0 and offset 0 leave their options out */
static inline void put_interface(struct made *m, unsigned linktype, uint32_t snaplen, int resolution, int64_t offset)
{
	struct made body = made_new(m->big);

	put16(&body, linktype);
	put16(&body, 0);
	put32(&body, snaplen);
	if (resolution >= 0) {
		put16(&body, 9);
		put16(&body, 1);
		put_number(&body, (uint8_t)resolution, 1);
		put_number(&body, 0, 3);
	}
	if (offset) {
		put16(&body, 14);
		put16(&body, 8);
		put_number(&body, (uint64_t)offset, 8);
	}
	if (resolution >= 0 || offset)
		put32(&body, 0);
	put_block(m, 1, &body);
	free(body.at);
}

static inline void put_enhanced(struct made *m, uint32_t id, uint32_t interface, uint64_t ticks, uint32_t captured,
				uint32_t wire)
{
	struct made body = made_new(m->big);

	put32(&body, interface);
	put32(&body, ticks >> 32);
	put32(&body, ticks & UINT32_MAX);
	put32(&body, captured);
	put32(&body, wire);
	put_packet(&body, id, captured);
	put_block(m, 6, &body);
	free(body.at);
}

static inline void put_simple(struct made *m, uint32_t id, uint32_t captured, uint32_t wire)
{
	struct made body = made_new(m->big);

	put32(&body, wire);
	put_packet(&body, id, captured);
	put_block(m, 3, &body);
	free(body.at);
}

/* --- reading back ----------------------------------------------------------------------------- */

/* A path that opens these bytes; *fd keeps them alive. */
static inline void made_path(const void *bytes, size_t n, int *fd, char path[64])
{
	*fd = memfd_create("capture", MFD_CLOEXEC);
	ck_assert_int_ge(*fd, 0);
	ck_assert_int_eq(write(*fd, bytes, n), (ssize_t)n);
	snprintf(path, 64, "/proc/self/fd/%d", *fd);
}

static inline void take_burst(struct got *g, const struct nsc_rx *rx, const struct nsc_burst *burst)
{
	for (uint32_t i = 0; i < burst->n; i++, g->n++) {
		if (g->n == GOT_MAX)
			ck_abort_msg("more packets than any test makes");
		g->pkt[g->n] = burst->pkt[i];
		g->pkt[g->n].data = NULL;
		g->linktype[g->n] = rx->linktype[burst->pkt[i].link];
		for (uint32_t k = 0; k < burst->pkt[i].cap_len; k++)
			g->bad_bytes += burst->pkt[i].data[k] != packet_byte((uint32_t)g->n, k);
	}
}

/* Reads everything; bytes are compared with packet_byte under the packet's number in the file. */
static inline struct got *read_path(const struct nsc_rx_file_options *options)
{
	static struct nsc_burst burst;
	struct got *g = calloc(1, sizeof(*g));
	struct nsc_rx *rx;

	ck_assert_ptr_nonnull(g);
	g->status = nsc_rx_file_open(&rx, options, &g->error);
	if (g->status)
		return g;
	g->nanoseconds = rx->nanoseconds;
	do {
		nsc_rx_poll(rx, &burst);
		take_burst(g, rx, &burst);
		g->idle += burst.state == NSC_RX_IDLE;
		nsc_rx_release(rx, burst.loan);
	} while (burst.state == NSC_RX_MORE || burst.state == NSC_RX_IDLE);
	g->state = burst.state;
	g->error = rx->error;
	rx->ops->counters(rx, &g->counters);
	nsc_rx_close(rx);
	return g;
}

static inline struct got *read_bytes(const void *bytes, size_t n, struct nsc_rx_file_options options)
{
	struct got *g;
	char path[64];
	int fd;

	made_path(bytes, n, &fd, path);
	options.path = path;
	options.loans = options.loans ? options.loans : 1;
	g = read_path(&options);
	close(fd);
	return g;
}

static inline struct got *read_made(const struct made *m)
{
	return read_bytes(m->at, m->n, (struct nsc_rx_file_options){ 0 });
}

struct boundary { /* a place where a file may end */
	size_t at;
	unsigned packets; /* before it */
};

/* Cuts the file at every byte: at a boundary it ends well, elsewhere it is "cut short", at open or (from `head` on,
 * always) after the packets before the cut. Returns the number of cuts at which something was wrong. */
static inline unsigned cut_everywhere(const struct made *m, const struct boundary *boundaries, unsigned n, size_t head)
{
	unsigned wrong = 0;

	for (size_t cut = 0; cut <= m->n; cut++) {
		struct got *g = read_bytes(m->at, cut, (struct nsc_rx_file_options){ 0 });
		unsigned packets = 0;
		bool whole = false, told;

		for (unsigned i = 0; i < n; i++) {
			packets = cut >= boundaries[i].at ? boundaries[i].packets : packets;
			whole |= cut == boundaries[i].at;
		}
		told = strstr(g->error.text, cut ? "cut short" : "is empty");
		if (whole)
			wrong += g->status || g->state != NSC_RX_END;
		else
			wrong += !told || (g->status ? cut >= head : g->state != NSC_RX_FAILED);
		wrong += g->n != packets || g->bad_bytes;
		free(g);
	}
	return wrong;
}

static inline int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
