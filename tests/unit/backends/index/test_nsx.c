/* SPDX-License-Identifier: MIT
 *
 * Indices of capture files: what a query finds is what a scan finds; and whatever is wrong with one is refused.
 */
#include "backends/index/nsx.h"
#include "backends/index/nsx_reader.h"
#include "backends/index/nsx_rebuild.h"
#include "netscope/out.h"

#include "../sinks/packets.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <utime.h>

static char folder[64];
static struct nsc_error error;

static void enter(void)
{
	test_enter_folder(folder);
}

static void leave(void)
{
	test_leave_folder(folder);
}

/* --- captures --------------------------------------------------------------------------------- */

static void record(const char *path, uint64_t packets, uint64_t flows, uint64_t rotate_bytes)
{
	static struct nsc_burst burst;
	struct nsc_synth_options synth;
	struct nsc_out out = { .asked = { .write_pcap = path, .write_pcap_index = true },
			       .rotate_bytes = rotate_bytes };
	struct nsc_sink *sink;
	struct nsc_rx *rx;

	nsc_synth_defaults(&synth);
	synth.packets = packets;
	synth.flows = flows;
	synth.fragment_share = 0.2;
	synth.ipv6_share = 0.3;
	synth.flow_packets = 20;
	ck_assert_int_eq(nsc_rx_synth_open(&rx, &synth, &error), 0);
	out.source = rx;
	ck_assert_int_eq(nsc_write_pcap_open(&sink, &out, &error), 0);
	do {
		struct nsc_packet_chunk *chunk = test_chunk();

		nsc_rx_poll(rx, &burst);
		for (uint32_t i = 0; i < burst.n; i++) {
			const struct nsc_packet *pkt = &burst.pkt[i];
			uint32_t size = nsc_packet_framed_size(chunk->frame, pkt->cap_len);

			ck_assert(nsc_packet_fits(chunk, size));
			nsc_packet_copy(chunk, pkt, i + 1, pkt->cap_len, size, rx->linktype[pkt->link]);
		}
		ck_assert_int_eq(sink->ops->packets(sink, chunk, &error), 0);
		nsc_rx_release(rx, burst.loan);
	} while (burst.state < NSC_RX_END);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, &error), 0);
	nsc_write_pcap_close(sink);
	nsc_rx_close(rx);
}

/* --- queries ---------------------------------------------------------------------------------- */

struct found {
	uint64_t packets, hash;
};

static void found_add(struct found *found, const struct nsc_packet *pkt)
{
	uint64_t hash = pkt->ts_ns * 0x9e3779b97f4a7c15 + pkt->cap_len;

	for (uint32_t i = 0; i < pkt->cap_len; i++)
		hash = (hash ^ pkt->data[i]) * 0x100000001b3;
	found->hash = found->hash * 31 + hash;
	found->packets++;
}

/* Those that match, in order; of `spans`, or of the whole file. */
static struct found scan(const char *path, const struct nsc_nsx_query *q, const struct nsc_nsx_ranges *ranges)
{
	static struct nsc_burst burst;
	const struct nsc_decode_options decode = nsc_conversation_decode(false);
	struct nsc_rx_file_options options = { .path = path, .loans = 1 };
	struct found found = { 0 };
	struct nsc_rx *rx;

	if (ranges) {
		options.spans = ranges->span;
		options.n_spans = (uint32_t)ranges->n;
	}
	ck_assert_msg(!nsc_rx_file_open(&rx, &options, &error), "%s", error.text);
	do {
		nsc_rx_poll(rx, &burst);
		nsc_decode_burst(&decode, burst.pkt, burst.n);
		for (uint32_t i = 0; i < burst.n; i++) {
			struct nsc_conversation c;

			nsc_conversation_of(&burst.pkt[i], &c);
			if (burst.pkt[i].ts_ns >= q->from_ns && burst.pkt[i].ts_ns <= q->to_ns &&
			    nsc_conversation_matches(&c, q->term, q->n_terms))
				found_add(&found, &burst.pkt[i]);
		}
		nsc_rx_release(rx, burst.loan);
	} while (burst.state < NSC_RX_END);
	ck_assert_msg(burst.state == NSC_RX_END, "%s", rx->error.text);
	nsc_rx_close(rx);
	return found;
}

/* Both ways; how many packets matched. */
static uint64_t compare(struct nsc_nsx *nsx, const char *path, const struct nsc_nsx_query *q,
			struct nsc_nsx_ranges *ranges)
{
	struct found all = scan(path, q, NULL), some = { 0 };
	bool any;

	ck_assert_msg(!nsc_nsx_find(nsx, q, ranges, &any, &error), "%s", error.text);
	for (size_t i = 0; i < ranges->n; i++)
		ck_assert(ranges->span[i].from < ranges->span[i].to &&
			  (!i || ranges->span[i - 1].to < ranges->span[i].from));
	if (any)
		some = scan(path, q, ranges);
	ck_assert_uint_eq(all.packets, some.packets);
	ck_assert_uint_eq(all.hash, some.hash);
	return all.packets;
}

/* The conversation of packet `number` of the file. */
static struct nsc_conversation conversation_at(const char *path, uint64_t number)
{
	static struct nsc_burst burst;
	const struct nsc_decode_options decode = nsc_conversation_decode(false);
	const struct nsc_rx_file_options options = { .path = path, .loans = 1 };
	struct nsc_conversation c = { 0 };
	struct nsc_rx *rx;
	uint64_t n = 0;

	ck_assert_int_eq(nsc_rx_file_open(&rx, &options, &error), 0);
	do {
		nsc_rx_poll(rx, &burst);
		nsc_decode_burst(&decode, burst.pkt, burst.n);
		if (number < n + burst.n) {
			nsc_conversation_of(&burst.pkt[number - n], &c);
			break;
		}
		n += burst.n;
		nsc_rx_release(rx, burst.loan);
	} while (burst.state < NSC_RX_END);
	nsc_rx_close(rx);
	return c;
}

static void ask_all(const char *path, uint64_t packets)
{
	struct nsc_nsx_ranges ranges = { 0 };
	struct nsc_nsx *nsx;
	const struct nsc_nsx_info *info;
	uint64_t matched = 0;

	ck_assert_msg(!nsc_nsx_open(&nsx, path, false, NULL, &error), "%s", error.text);
	info = nsc_nsx_info(nsx);
	ck_assert_uint_eq(info->packets, packets);
	for (unsigned i = 0; i < 8; i++) {
		struct nsc_conversation c = conversation_at(path, packets * (2 * i + 1) / 16);
		uint64_t middle = info->min_ns + (info->max_ns - info->min_ns) / 2;
		const struct nsc_term terms[] = {
			{ .kind = NSC_TERM_FLOW, .of = c },
			{ .kind = NSC_TERM_HOST, .of = c },
			{ .kind = NSC_TERM_PORT, .of = c },
		};
		struct nsc_nsx_query q = { .to_ns = UINT64_MAX, .term = terms, .n_terms = 1 };

		for (unsigned k = 0; k < 3; k++) {
			q.term = &terms[k];
			matched += compare(nsx, path, &q, &ranges);
		}
		q.term = &terms[1];
		q.n_terms = 2;
		matched += compare(nsx, path, &q, &ranges);
		q.n_terms = i % 2;
		q.from_ns = middle - (middle - info->min_ns) / 4;
		q.to_ns = middle;
		matched += compare(nsx, path, &q, &ranges);
		c.port[0] ^= 0x5a5a; /* nobody */
		q = (struct nsc_nsx_query){ .to_ns = UINT64_MAX,
					    .term = &(struct nsc_term){ NSC_TERM_FLOW, c },
					    .n_terms = 1 };
		matched += compare(nsx, path, &q, &ranges);
	}
	ck_assert_uint_gt(matched, 0);
	nsc_nsx_ranges_free(&ranges);
	nsc_nsx_close(nsx);
}

static struct nsc_nsx_rebuilt rebuild(const char *path)
{
	const struct nsc_nsx_writer_options options = { 0 };
	struct nsc_nsx_rebuilt rebuilt;
	struct nsc_nsx_writer *writer;

	ck_assert_int_eq(nsc_nsx_writer_open(&writer, &options, &error), 0);
	ck_assert_msg(!nsc_nsx_rebuild(writer, path, NULL, &rebuilt, &error), "%s", error.text);
	nsc_nsx_writer_close(writer);
	return rebuilt;
}

START_TEST(a_query_finds_what_a_scan_finds)
{
	static const char *const targets[] = { "a.pcap", "b.pcapng" };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(targets); i++) {
		char name[32];
		struct stat found;

		record(targets[i], 6000, 300, 1 << 30);
		snprintf(name, sizeof(name), "%c.000000.pcap%s", 'a' + (int)i, i ? "ng" : "");
		ask_all(name, 6000);
		snprintf(name, sizeof(name), "%c.000000.pcap%s.nsx", 'a' + (int)i, i ? "ng" : "");
		ck_assert_int_eq(stat(name, &found), 0);
		ck_assert_uint_eq(found.st_mode & 0777, 0600);
		ck_assert_int_eq(unlink(name), 0);
		name[strlen(name) - 4] = '\0';
		ck_assert_uint_eq(rebuild(name).made.packets, 6000);
		ask_all(name, 6000);
	}
}
END_TEST

/* More conversations than a part holds. */
START_TEST(several_parts)
{
	struct nsc_nsx_ranges ranges = { 0 };
	struct nsc_nsx_query q = { .to_ns = UINT64_MAX, .n_terms = 1 };
	struct nsc_nsx *nsx;

	record("a.pcapng", 120000, 60000, 1 << 30);
	ck_assert_int_eq(nsc_nsx_open(&nsx, "a.000000.pcapng", false, NULL, &error), 0);
	ck_assert_uint_gt(nsc_nsx_info(nsx)->parts, 1);
	for (unsigned i = 0; i < 4; i++) {
		struct nsc_term term = { NSC_TERM_HOST, conversation_at("a.000000.pcapng", 37000 * i) };

		q.term = &term;
		ck_assert_uint_gt(compare(nsx, "a.000000.pcapng", &q, &ranges), 0);
		ck_assert_uint_lt(ranges.bytes, nsc_nsx_info(nsx)->size / 20);
	}
	nsc_nsx_ranges_free(&ranges);
	nsc_nsx_close(nsx);
}
END_TEST

/* --- what is refused -------------------------------------------------------------------------- */

static int open_and_ask(const char *path)
{
	struct nsc_nsx_ranges ranges = { 0 };
	struct nsc_nsx_query q = { .to_ns = UINT64_MAX, .n_terms = 1 };
	struct nsc_term term = { NSC_TERM_HOST, conversation_at(path, 100) };
	struct nsc_nsx *nsx;
	int status = nsc_nsx_open(&nsx, path, false, NULL, &error);
	bool any;

	if (status)
		return status;
	q.term = &term;
	for (unsigned k = 0; k < 3 && !status; k++) {
		term.kind = (enum nsc_term_kind)k;
		status = nsc_nsx_find(nsx, &q, &ranges, &any, &error);
	}
	if (!status) /* whatever was changed was not asked */
		compare(nsx, path, &q, &ranges);
	nsc_nsx_ranges_free(&ranges);
	nsc_nsx_close(nsx);
	return status;
}

static void change_byte(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	uint8_t byte;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
	byte ^= 0x41;
	ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

START_TEST(every_damage_is_refused)
{
	const char *capture = "a.000000.pcap", *index = "a.000000.pcap.nsx";
	struct stat found;
	unsigned wrong = 0, refused = 0;

	record("a.pcap", 2000, 100, 1 << 30);
	ck_assert_int_eq(stat(index, &found), 0);
	ck_assert_int_eq(open_and_ask(capture), 0);
	for (off_t at = 0; at < found.st_size; at += 257) {
		int status;

		change_byte(index, at);
		status = open_and_ask(capture);
		refused += status != 0;
		wrong += status && status != -EBADMSG && status != -ENOTSUP;
		change_byte(index, at);
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(refused, found.st_size / 257 / 4);
	for (off_t left = found.st_size - 4096; left >= 0; left -= 4096) {
		ck_assert_int_eq(truncate(index, left), 0);
		ck_assert_int_eq(open_and_ask(capture), -EBADMSG);
	}
	ck_assert_int_eq(truncate(index, 1000), 0);
	ck_assert_int_eq(open_and_ask(capture), -EBADMSG);
	ck_assert_int_eq(unlink(index), 0);
	ck_assert_int_eq(open_and_ask(capture), -ENOENT);
	ck_assert_str_eq(error.text, "a.000000.pcap.nsx: there is no index");
}
END_TEST

START_TEST(of_another_file)
{
	const struct utimbuf times = { .actime = 2000000000, .modtime = 2000000000 };
	struct nsc_nsx *nsx;
	size_t size;
	char *bytes;

	record("a.pcap", 2000, 100, 1 << 30);
	record("b.pcap", 2001, 100, 1 << 30);
	ck_assert_int_eq(rename("b.000000.pcap.nsx", "a.000000.pcap.nsx"), 0);
	ck_assert_int_eq(open_and_ask("a.000000.pcap"), -ESTALE);
	ck_assert_ptr_nonnull(strstr(error.text, "is the index of another file"));
	rebuild("a.000000.pcap");
	ck_assert_int_eq(open_and_ask("a.000000.pcap"), 0);
	change_byte("a.000000.pcap", 3000);
	ck_assert_int_eq(utime("a.000000.pcap.nsx", &times), 0);
	ck_assert_int_eq(open_and_ask("a.000000.pcap"), -ESTALE);
	change_byte("a.000000.pcap", 3000);
	ck_assert_int_eq(utime("a.000000.pcap.nsx", &times), 0);
	ck_assert_int_eq(open_and_ask("a.000000.pcap"), 0);
	ck_assert_int_eq(utime("a.000000.pcap", &(struct utimbuf){ 2000000001, 2000000001 }), 0);
	ck_assert_int_eq(open_and_ask("a.000000.pcap"), -ESTALE);
	ck_assert_str_eq(error.text, "a.000000.pcap.nsx: is older than its file");
	rebuild("a.000000.pcap");
	ck_assert_int_eq(utime("a.000000.pcap", &(struct utimbuf){ 1, 1 }), 0);
	ck_assert_int_eq(nsc_nsx_open(&nsx, "a.000000.pcap", true, NULL, &error), -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(error.text, "was made without --decap"));
	bytes = test_read_file("a.000000.pcap.nsx", &size);
	free(bytes);
	change_byte("a.000000.pcap.nsx", (off_t)size - 4096 + 8);
	ck_assert_int_eq(open_and_ask("a.000000.pcap"), -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(error.text, "and 1 is known"));
}
END_TEST

/* Up to where it is whole: a record that was cut, and bytes that are none. */
START_TEST(a_damaged_capture)
{
	struct nsc_nsx_rebuilt rebuilt;
	struct nsc_nsx *nsx;
	struct stat found;

	record("a.pcapng", 2000, 100, 1 << 30);
	ck_assert_int_eq(stat("a.000000.pcapng", &found), 0);
	ck_assert_int_eq(truncate("a.000000.pcapng", found.st_size - 10), 0);
	ck_assert_int_eq(nsc_nsx_open(&nsx, "a.000000.pcapng", false, NULL, &error), -ESTALE);
	rebuilt = rebuild("a.000000.pcapng");
	ck_assert_ptr_nonnull(strstr(rebuilt.damage.text, "is cut short"));
	ck_assert_uint_eq(rebuilt.made.packets, 1999);
	ck_assert_int_eq(nsc_nsx_open(&nsx, "a.000000.pcapng", false, NULL, &error), 0);
	ck_assert_uint_lt(nsc_nsx_info(nsx)->covered, nsc_nsx_info(nsx)->size);
	nsc_nsx_close(nsx);
	test_write_file("b.pcap", "no capture at all, but a text of some length");
	ck_assert_int_lt(nsc_nsx_rebuild(NULL, "b.pcap", NULL, &rebuilt, &error), 0);
}
END_TEST

/* Sections, interfaces and another capture in the middle of a file. */
START_TEST(joined_captures)
{
	size_t size[2];
	char *bytes[2];
	FILE *out;

	record("a.pcapng", 3000, 100, 1 << 30);
	record("b.pcap", 3000, 50, 1 << 30);
	bytes[0] = test_read_file("a.000000.pcapng", &size[0]);
	bytes[1] = test_read_file("b.000000.pcap", &size[1]);
	out = fopen("c.pcapng", "w");
	ck_assert_ptr_nonnull(out);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(fwrite(bytes[i % 2], 1, size[i % 2], out), size[i % 2]);
	ck_assert_int_eq(fclose(out), 0);
	free(bytes[0]);
	free(bytes[1]);
	ck_assert_uint_eq(rebuild("c.pcapng").made.packets, 12000);
	ask_all("c.pcapng", 12000);
}
END_TEST

START_TEST(without_packets)
{
	struct nsc_nsx_ranges ranges = { 0 };
	struct nsc_nsx_query q = { .to_ns = UINT64_MAX };
	struct nsc_nsx *nsx;
	bool any;

	record("a.pcapng", 1, 1, 1 << 30);
	ck_assert_int_eq(truncate("a.000000.pcapng", 28), 0); /* the section alone */
	ck_assert_uint_eq(rebuild("a.000000.pcapng").made.packets, 0);
	ck_assert_int_eq(nsc_nsx_open(&nsx, "a.000000.pcapng", false, NULL, &error), 0);
	ck_assert_int_eq(nsc_nsx_find(nsx, &q, &ranges, &any, &error), 0);
	ck_assert(!any);
	nsc_nsx_ranges_free(&ranges);
	nsc_nsx_close(nsx);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { a_query_finds_what_a_scan_finds,
				       several_parts,
				       every_damage_is_refused,
				       of_another_file,
				       a_damaged_capture,
				       joined_captures,
				       without_packets };

	return test_main("nsx", enter, leave, tests, NSC_ARRAY_LEN(tests));
}
