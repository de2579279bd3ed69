/* SPDX-License-Identifier: MIT
 *
 * Indices of capture files. The first byte chooses: the bytes are an index of a file that is none of theirs, with
 * checksums that are right, and whatever they say, what is to be read lies in the file, in order. Or they are a
 * capture: it gets an index, and what that finds is what a scan finds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/index/nsx.h"
#include "backends/index/nsx_reader.h"
#include "backends/index/nsx_rebuild.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CAPTURE_BYTES = 20000, QUERIES = 6 };

static char capture[64], index_path[72];
static bool is_zeros; /* the capture is that of as_index */
static struct nsc_nsx_writer *writer;
static struct nsc_nsx_ranges ranges;

static void demand(bool good)
{
	if (!good)
		abort();
}

static void leave_nothing(void)
{
	unlink(capture);
	unlink(index_path);
	*strrchr(capture, '/') = '\0';
	rmdir(capture);
}

static void make_folder(void)
{
	const struct nsc_nsx_writer_options options = { 0 };
	struct nsc_error error;

	snprintf(capture, sizeof(capture), "%s/fuzz-nsx-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	demand(mkdtemp(capture) != NULL);
	strcat(capture, "/a");
	snprintf(index_path, sizeof(index_path), "%s%s", capture, NSC_NSX_SUFFIX);
	demand(!nsc_nsx_writer_open(&writer, &options, &error));
	atexit(leave_nothing);
}

static void write_file(const char *path, const void *bytes, size_t n)
{
	FILE *file = fopen(path, "w");

	demand(file && fwrite(bytes, 1, n, file) == n && !fclose(file));
}

/* --- as an index ------------------------------------------------------------------------------ */

static void write_index(const uint8_t *data, size_t size)
{
	static const uint8_t zeros[CAPTURE_BYTES];
	struct nsc_nsx_foot foot = { 0 };
	FILE *file;
	uint64_t number = 0;

	if (!is_zeros)
		write_file(capture, zeros, sizeof(zeros));
	is_zeros = true;
	file = fopen(capture, "r");
	demand(file != NULL);
	memcpy(&foot, data, NSC_MIN(size, sizeof(foot)));
	size -= NSC_MIN(size, sizeof(foot));
	foot.magic = NSC_NSX_MAGIC;
	foot.version = NSC_NSX_VERSION;
	foot.size = CAPTURE_BYTES;
	foot.flags &= ~NSC_NSX_DECAP;
	demand(!nsc_nsx_edge_crc(fileno(file), CAPTURE_BYTES, false, &foot.head_crc));
	demand(!nsc_nsx_edge_crc(fileno(file), CAPTURE_BYTES, true, &foot.tail_crc));
	fclose(file);
	file = fopen(index_path, "w");
	demand(file != NULL);
	for (const uint8_t *at = data + sizeof(foot); size; number++) {
		uint8_t block[NSC_NSX_BLOCK] = { 0 };
		size_t step = NSC_MIN(size, (size_t)NSC_NSX_PAYLOAD);
		uint32_t crc;

		memcpy(block, at, step);
		crc = nsc_nsx_block_crc(foot.id, number, block);
		memcpy(block + NSC_NSX_PAYLOAD, &crc, sizeof(crc));
		demand(fwrite(block, 1, sizeof(block), file) == sizeof(block));
		at += step;
		size -= step;
	}
	{
		uint8_t block[NSC_NSX_BLOCK] = { 0 };
		uint32_t crc;

		memcpy(block, &foot, sizeof(foot));
		crc = nsc_nsx_block_crc(0, number, block);
		memcpy(block + NSC_NSX_PAYLOAD, &crc, sizeof(crc));
		demand(fwrite(block, 1, sizeof(block), file) == sizeof(block) && !fclose(file));
	}
}

static void ask(struct nsc_nsx *nsx, const struct nsc_nsx_query *query, bool *any)
{
	struct nsc_error error;
	uint64_t end = 0;

	if (nsc_nsx_find(nsx, query, &ranges, any, &error)) {
		demand(error.text[0] != '\0');
		return;
	}
	for (size_t i = 0; i < ranges.n; i++) {
		demand(ranges.span[i].from < ranges.span[i].to && (!i || ranges.span[i].from > end));
		end = ranges.span[i].to;
	}
	demand(end <= nsc_nsx_info(nsx)->covered);
}

static void as_index(const uint8_t *data, size_t size)
{
	struct nsc_term term = {
		.of = { .ip_version = 4, .proto = 6, .address = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } } }
	};
	struct nsc_nsx_query query = { .to_ns = UINT64_MAX, .term = &term };
	struct nsc_error error;
	struct nsc_nsx *nsx;
	bool any;

	write_index(data, size);
	if (nsc_nsx_open(&nsx, capture, false, NULL, &error))
		return;
	ask(nsx, &query, &any);
	query.n_terms = 1;
	for (unsigned kind = 0; kind < 3; kind++) {
		term.kind = (enum nsc_term_kind)kind;
		ask(nsx, &query, &any);
	}
	nsc_nsx_close(nsx);
}

/* --- as a capture ----------------------------------------------------------------------------- */

static struct nsc_conversation met[QUERIES];
static uint32_t n_met;

/* A sum over the packets that match, in their order. `spans`: NULL = of the whole file, and conversations are kept. */
static uint64_t scan(const struct nsc_nsx_query *query, const struct nsc_nsx_ranges *spans)
{
	static struct nsc_burst burst;
	const struct nsc_decode_options decode = nsc_conversation_decode(false);
	struct nsc_rx_file_options options = { .path = capture, .loans = 1 };
	struct nsc_error error;
	struct nsc_rx *rx;
	uint64_t sum = 0;

	options.spans = spans ? spans->span : NULL;
	options.n_spans = spans ? (uint32_t)spans->n : 0;
	demand(!nsc_rx_file_open(&rx, &options, &error));
	do {
		nsc_rx_poll(rx, &burst);
		nsc_decode_burst(&decode, burst.pkt, burst.n);
		for (uint32_t i = 0; i < burst.n; i++) {
			const struct nsc_packet *pkt = &burst.pkt[i];
			struct nsc_conversation c;

			nsc_conversation_of(pkt, &c);
			if (!query && c.ip_version && n_met < QUERIES)
				met[n_met++] = c;
			if (query && !nsc_conversation_matches(&c, query->term, query->n_terms))
				continue;
			sum = (sum ^ pkt->ts_ns ^ pkt->cap_len) * 0x9e3779b97f4a7c15;
			for (uint32_t k = 0; k < pkt->cap_len; k++)
				sum = (sum ^ pkt->data[k]) * 0x100000001b3;
		}
		nsc_rx_release(rx, burst.loan);
	} while (burst.state == NSC_RX_MORE || burst.state == NSC_RX_IDLE);
	nsc_rx_close(rx);
	return sum;
}

static void as_capture(const uint8_t *data, size_t size)
{
	struct nsc_nsx_rebuilt rebuilt;
	struct nsc_error error;
	struct nsc_nsx *nsx;

	is_zeros = false;
	write_file(capture, data, size);
	if (nsc_nsx_rebuild(writer, capture, NULL, &rebuilt, &error)) {
		demand(error.text[0] != '\0');
		return;
	}
	demand(!nsc_nsx_open(&nsx, capture, false, NULL, &error));
	demand(nsc_nsx_info(nsx)->packets == rebuilt.made.packets);
	n_met = 0;
	scan(NULL, NULL);
	for (uint32_t i = 0; i < n_met; i++) {
		struct nsc_term term = { .kind = (enum nsc_term_kind)(i % 3), .of = met[i] };
		const struct nsc_nsx_query query = { .to_ns = UINT64_MAX, .term = &term, .n_terms = 1 };
		bool any;

		ask(nsx, &query, &any);
		demand(scan(&query, NULL) == (any ? scan(&query, &ranges) : 0));
	}
	nsc_nsx_close(nsx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!writer)
		make_folder();
	if (size < 1 + sizeof(struct nsc_nsx_foot) || size > 1 << 20)
		return 0;
	if (data[0] & 1)
		as_index(data + 1, size - 1);
	else
		as_capture(data + 1, size - 1);
	return 0;
}
