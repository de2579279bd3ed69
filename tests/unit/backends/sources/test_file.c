/* SPDX-License-Identifier: MIT
 *
 * Sentences at open, blocks and loans, count, snaplen, filter, counters: what holds for every format.
 */
#include "backends/sources/file_direct.h"
#include "test_file_maker.h"

#include <errno.h>

#define US 0xa1b2c3d4u

/* n packets of `size` bytes, one microsecond apart */
static struct made many(uint32_t n, uint32_t size)
{
	struct made m = made_new(false);

	put_pcap_header(&m, US, 2, 4, 1);
	for (uint32_t i = 0; i < n; i++)
		put_record(&m, i, 1000, i, size, size);
	return m;
}

static void refused(const void *bytes, size_t n, int status, const char *words)
{
	struct got *g = read_bytes(bytes, n, (struct nsc_rx_file_options){ 0 });

	ck_assert_int_eq(g->status, status);
	ck_assert_msg(strstr(g->error.text, words), "'%s' lacks '%s'", g->error.text, words);
	free(g);
}

START_TEST(refuses_what_is_no_file)
{
	struct nsc_rx_file_options options = { .path = "/nonexistent/x.pcap", .loans = 1 };
	struct got *g = read_path(&options);

	ck_assert_int_eq(g->status, -ENOENT);
	ck_assert_ptr_nonnull(strstr(g->error.text, "cannot open '/nonexistent/x.pcap'"));
	free(g);
	options.path = "/";
	g = read_path(&options);
	ck_assert_int_eq(g->status, -EISDIR);
	ck_assert_ptr_nonnull(strstr(g->error.text, "directory"));
	free(g);
}
END_TEST

START_TEST(refuses_what_is_no_capture)
{
	refused("", 0, -ENODATA, "is empty");
	refused("ab", 2, -EBADMSG, "cut short");
	refused("\x01\x02\x03\x04\x05", 5, -EINVAL, "01 02 03 04");
	refused("hello, world, this is text", 26, -EINVAL, "is no capture file but text");
	refused("  <HTML><body>404", 17, -EINVAL, "an HTML page");
	refused("LZIP\1", 5, -EINVAL, "is compressed with lzip, which is not read here: lzip -dc '/");
	refused("snoop\0\0\0\0\0\0\2", 12, -EINVAL, "is a snoop capture, which is not read here: editcap -F pcapng");
}
END_TEST

START_TEST(refuses_an_unknown_link_type)
{
	struct made m = made_new(false);

	put_pcap_header(&m, US, 2, 4, 189);
	refused(m.at, m.n, -EPROTONOSUPPORT, "189 (USB_LINUX, ");
	m.n = 0;
	put_pcap_header(&m, US, 2, 4, 44711);
	refused(m.at, m.n, -EPROTONOSUPPORT, "44711 (unknown to libpcap)");
	free(m.at);
}
END_TEST

START_TEST(refuses_a_bad_number_of_loans)
{
	struct made m = many(1, 60);
	struct got *g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .loans = 1000000 });

	ck_assert_int_eq(g->status, -EINVAL);
	free(g);
	free(m.at);
}
END_TEST

START_TEST(refuses_a_filter_that_does_not_compile)
{
	struct made m = many(1, 60);
	struct got *g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .filter = "tcp prot 80" });

	ck_assert_int_eq(g->status, -EINVAL);
	ck_assert_msg(strstr(g->error.text, "'tcp prot 80' does not compile: "), "%s", g->error.text);
	ck_assert_msg(strstr(g->error.text, "syntax error"), "%s", g->error.text);
	free(g);
	free(m.at);
}
END_TEST

START_TEST(filter_refuses_and_counts)
{
	struct made m = made_new(false);
	struct got *g;

	put_pcap_header(&m, US, 2, 4, 1);
	for (uint32_t i = 0; i < 300; i++)
		put_record(&m, i, 5, i, i % 3 ? 60 : 200, i % 3 ? 60 : 200);
	g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .filter = "len > 100", .count = 70 });
	ck_assert_uint_eq(g->n, 70);
	ck_assert_uint_eq(g->state, NSC_RX_END);
	ck_assert_uint_eq(g->counters.delivered, 70);
	ck_assert_uint_eq(g->counters.filtered, 69 * 2);
	ck_assert_uint_eq(g->counters.received, 70 + 69 * 2);
	ck_assert_uint_eq(g->counters.received_bytes, 70 * 200 + 69 * 2 * 60);
	free(g);
	free(m.at);
}
END_TEST

/* --- several files ---------------------------------------------------------------------------- */

enum { FILES = 3 };

struct files {
	struct made made[FILES];
	const char *paths[FILES];
	char names[FILES][64];
	int fds[FILES];
};

/* Packets 0..4, 5..9 and 10..14, of three kinds of file. */
static struct files files_made(void)
{
	struct files s = { .made[0] = made_new(false) };

	put_pcap_header(&s.made[0], US, 2, 4, 1);
	s.made[1] = made_new(true);
	put_pcap_header(&s.made[1], 0xa1b23c4d, 2, 4, 113);
	s.made[2] = made_new(false);
	put_section(&s.made[2]);
	put_interface(&s.made[2], 1, 0, -1, 0);
	for (uint32_t i = 0; i < 15; i++) {
		if (i < 10)
			put_record(&s.made[i / 5], i, 100 + i, 7, 60, 60);
		else
			put_enhanced(&s.made[2], i, 0, 1000000 * (100 + i), 60, 60);
	}
	return s;
}

static struct got *read_files(struct files *s, uint32_t loans, uint64_t count)
{
	struct nsc_rx_file_options options = { .paths = s->paths, .n_paths = FILES, .loans = loans, .count = count };
	struct got *g;

	for (unsigned i = 0; i < FILES; i++) {
		made_path(s->made[i].at, s->made[i].n, &s->fds[i], s->names[i]);
		s->paths[i] = s->names[i];
	}
	g = read_path(&options);
	for (unsigned i = 0; i < FILES; i++) {
		close(s->fds[i]);
		free(s->made[i].at);
	}
	return g;
}

START_TEST(several_files_are_one_source)
{
	struct files s = files_made();
	uint64_t size = s.made[0].n + s.made[1].n + s.made[2].n;
	struct got *g = read_files(&s, 1, 0);

	ck_assert_msg(!g->status, "%s", g->error.text);
	ck_assert_uint_eq(g->state, NSC_RX_END);
	ck_assert_uint_eq(g->n, 15);
	ck_assert_uint_eq(g->bad_bytes, 0);
	ck_assert(g->nanoseconds);
	ck_assert_uint_eq(g->linktype[4], 1);
	ck_assert_uint_eq(g->linktype[5], 113);
	ck_assert_uint_eq(g->linktype[10], 1);
	ck_assert_uint_eq(g->counters.file_size, size);
	ck_assert_uint_eq(g->counters.file_bytes, size);
	free(g);
	s = files_made();
	g = read_files(&s, 2, 7);
	ck_assert_uint_eq(g->n, 7);
	ck_assert_uint_eq(g->state, NSC_RX_END);
	free(g);
}
END_TEST

START_TEST(a_damaged_file_does_not_keep_the_next_from_being_read)
{
	struct files s = files_made();
	struct got *g;

	s.made[1].n -= 3; /* packet 9 is cut */
	g = read_files(&s, 1, 0);
	ck_assert_uint_eq(g->state, NSC_RX_FAILED);
	ck_assert_uint_eq(g->n, 14);
	ck_assert_msg(strstr(g->error.text, "is cut short"), "%s", g->error.text);
	ck_assert_msg(strstr(g->error.text, s.names[1]), "%s", g->error.text);
	free(g);
	s = files_made();
	s.made[2].n = 20; /* its header */
	g = read_files(&s, 1, 0);
	ck_assert_int_ne(g->status, 0);
	ck_assert_msg(strstr(g->error.text, s.names[2]), "%s", g->error.text);
	free(g);
}
END_TEST

/* --- what stands where a record should -------------------------------------------------------- */

START_TEST(a_file_behind_the_end_of_another_is_read_on)
{
	struct made m = many(3, 60);
	struct got *g;

	put_pcap_header(&m, US, 2, 4, 113);
	for (uint32_t i = 3; i < 5; i++)
		put_record(&m, i, 1000, i, 60, 60);
	m.big = true;
	put_pcap_header(&m, 0xa1b23c4d, 2, 4, 1);
	put_record(&m, 5, 1000, 5, 60, 60);
	put_section(&m);
	put_interface(&m, 1, 0, -1, 0);
	put_enhanced(&m, 6, 0, 1, 60, 60);
	m.big = false;
	put_pcap_header(&m, US, 2, 4, 1);
	put_record(&m, 7, 1000, 7, 60, 60);
	g = read_made(&m);
	ck_assert_msg(g->state == NSC_RX_END, "%s", g->error.text);
	ck_assert_uint_eq(g->n, 8);
	ck_assert_uint_eq(g->bad_bytes, 0);
	ck_assert_uint_eq(g->linktype[2], 1);
	ck_assert_uint_eq(g->linktype[3], 113);
	ck_assert_uint_eq(g->linktype[5], 1);
	ck_assert_uint_eq(g->counters.received_bytes, 8 * 60);
	free(g);
	put_pcap_header(&m, US, 2, 4, 189); /* a link type that decode does not know */
	put_record(&m, 8, 1000, 8, 60, 60);
	g = read_made(&m);
	ck_assert_uint_eq(g->state, NSC_RX_FAILED);
	ck_assert_uint_eq(g->n, 8);
	ck_assert_ptr_nonnull(strstr(g->error.text, "189"));
	free(g);
	free(m.at);
}
END_TEST

static void zeros(struct made *m, size_t n)
{
	static const uint8_t nothing[1 << 16];

	for (; n; n -= NSC_MIN(n, sizeof(nothing)))
		put(m, nothing, NSC_MIN(n, sizeof(nothing)));
}

START_TEST(zeros_at_the_end_are_no_packets)
{
	static const size_t lengths[] = { 16, 40, 4095, 4096, 100000, 3 << 20 };
	char wanted[64];

	for (size_t i = 0; i < NSC_ARRAY_LEN(lengths); i++) {
		struct made m = many(3, 60);
		struct got *g;

		zeros(&m, lengths[i]);
		g = read_made(&m);
		snprintf(wanted, sizeof(wanted), "ends in %zu zero bytes, from byte 252", lengths[i]);
		ck_assert_uint_eq(g->n, 3);
		ck_assert_uint_eq(g->state, NSC_RX_FAILED);
		ck_assert_msg(strstr(g->error.text, wanted), "%s", g->error.text);
		free(g);
		free(m.at);
	}
}
END_TEST

START_TEST(an_empty_record_is_a_packet_and_a_hole_is_damage)
{
	struct made m = many(3, 60);
	struct got *g;

	zeros(&m, 16);
	put_record(&m, 4, 1000, 4, 60, 60);
	g = read_made(&m);
	ck_assert_uint_eq(g->n, 5);
	ck_assert_uint_eq(g->state, NSC_RX_END);
	ck_assert_uint_eq(g->pkt[3].wire_len, 0);
	free(g);
	zeros(&m, 8192);
	put_record(&m, 5, 1000, 5, 60, 60);
	g = read_made(&m);
	ck_assert_uint_eq(g->n, 5);
	ck_assert_uint_eq(g->state, NSC_RX_FAILED);
	ck_assert_msg(strstr(g->error.text, "8192 zero bytes stand before it"), "%s", g->error.text);
	free(g);
	free(m.at);
}
END_TEST

START_TEST(a_filter_that_refuses_all_ends)
{
	struct made m = many(200, 20000); /* four blocks and none for us */
	struct got *g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .filter = "greater 30000" });

	ck_assert_uint_eq(g->n, 0);
	ck_assert_uint_eq(g->state, NSC_RX_END);
	ck_assert_uint_eq(g->counters.filtered, 200);
	free(g);
	free(m.at);
}
END_TEST

START_TEST(count_ends_the_source)
{
	static const uint64_t counts[] = { 1, 63, 64, 65, 128, 129, 200, 500 };
	struct made m = many(200, 60);
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(counts); i++) {
		struct got *g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .count = counts[i] });

		wrong += g->n != NSC_MIN(counts[i], 200) || g->state != NSC_RX_END || g->bad_bytes;
		free(g);
	}
	ck_assert_uint_eq(wrong, 0);
	free(m.at);
}
END_TEST

START_TEST(snaplen_cuts_the_capture_not_the_wire)
{
	struct made m = many(3, 600);
	struct nsc_rx_file_options options = { .snaplen = 96, .filter = "ether[500] >= 0" };
	struct got *g = read_bytes(m.at, m.n, options);

	ck_assert_uint_eq(g->n, 3); /* the filter sees what was captured */
	ck_assert_uint_eq(g->pkt[2].cap_len, 96);
	ck_assert_uint_eq(g->pkt[2].wire_len, 600);
	ck_assert_uint_eq(g->counters.snapped, 3);
	ck_assert_uint_eq(g->bad_bytes, 0);
	free(g);
	free(m.at);
}
END_TEST

START_TEST(time_and_clock)
{
	static const uint32_t us[] = { 5, 9, 7, 8, 8, 20 };
	struct made m = made_new(false);
	uint64_t clock = 0;
	unsigned wrong = 0;
	struct got *g;

	put_pcap_header(&m, US, 2, 4, 1);
	for (uint32_t i = 0; i < NSC_ARRAY_LEN(us); i++)
		put_record(&m, i, 1700000000, us[i], 60, 60);
	g = read_made(&m);
	for (uint32_t i = 0; i < NSC_ARRAY_LEN(us); i++) {
		uint64_t ts = 1700000000 * NSC_NS_PER_SEC + us[i] * 1000ull;

		clock = NSC_MAX(clock, ts);
		wrong += g->pkt[i].ts_ns != ts || g->pkt[i].clock_ns != clock;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(g->counters.ts_backwards, 1);
	ck_assert_uint_eq(g->counters.file_bytes, m.n);
	ck_assert_uint_eq(g->counters.file_size, m.n);
	ck_assert(g->counters.kernel_drops == NSC_UNKNOWN && g->counters.nic_drops == NSC_UNKNOWN);
	free(g);
	free(m.at);
}
END_TEST

START_TEST(records_cross_blocks)
{
	struct made m = made_new(false);
	struct got *g;

	put_pcap_header(&m, US, 2, 4, 1);
	for (uint32_t i = 0; i < 29; i++) /* the largest possible packets, 1 MiB blocks: every fourth crosses */
		put_record(&m, i, 1, i, 262144 - i % 5, 262144);
	for (uint32_t i = 29; i < 400; i++)
		put_record(&m, i, 1, i, i * 3, i * 3);
	for (uint32_t loans = 1; loans < 4; loans++) {
		g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .loans = loans });
		ck_assert_uint_eq(g->n, 400);
		ck_assert_uint_eq(g->bad_bytes, 0);
		ck_assert_uint_eq(g->state, NSC_RX_END);
		free(g);
	}
	free(m.at);
}
END_TEST

#define LOANS 3u

/* Every packet that is still lent has its own bytes, whatever was read since. */
static uint64_t spoiled(const struct nsc_packet *pkt, uint64_t from, uint64_t to)
{
	uint64_t bad = 0;

	for (uint64_t i = from; i < to; i++)
		for (uint32_t k = 0; k < pkt[i].cap_len; k++)
			bad += pkt[i].data[k] != packet_byte((uint32_t)i, k);
	return bad;
}

START_TEST(lent_blocks_are_not_reused)
{
	static struct nsc_packet held[GOT_MAX];
	static uint64_t loan_of[GOT_MAX];
	static struct nsc_burst burst;
	struct made m = many(1500, 5000); /* 7.5 MB: seven blocks through three slots */
	struct nsc_rx_file_options options = { .loans = LOANS, .direct = _i ? NSC_DIRECT_ALWAYS : NSC_DIRECT_NEVER };
	uint32_t slots = LOANS, waits = 4;
	uint64_t n = 0, released = 0, idle = 0, bad = 0, last_loan = 0, fell = 0;
	struct nsc_error error;
	struct nsc_rx *rx;
	char path[64];
	int fd;

	made_path(m.at, m.n, &fd, path);
	options.path = path;
	ck_assert_int_eq(nsc_rx_file_open(&rx, &options, &error), 0);
	if (nsc_rx_file_report(rx).direct.files) { /* blocks in flight have slots of their own */
		slots += NSC_DIRECT_DEPTH;
		waits = 1;
	}
	do {
		nsc_rx_poll(rx, &burst);
		fell += burst.loan < last_loan;
		last_loan = burst.loan;
		for (uint32_t i = 0; i < burst.n; i++, n++) {
			held[n] = burst.pkt[i];
			loan_of[n] = burst.loan;
		}
		if (burst.state == NSC_RX_IDLE) { /* all are out: check them, give back the oldest */
			ck_assert_uint_eq(burst.n, 0);
			ck_assert_uint_eq(last_loan - loan_of[released], slots - 1);
			bad += spoiled(held, released, n);
			idle++;
			nsc_rx_release(rx, loan_of[released]);
			for (uint64_t loan = loan_of[released]; released < n && loan_of[released] == loan;)
				released++;
		}
	} while (burst.state == NSC_RX_MORE || burst.state == NSC_RX_IDLE);
	bad += spoiled(held, released, n);
	ck_assert_uint_eq(n, 1500);
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_eq(fell, 0);
	ck_assert_uint_ge(idle, waits);
	nsc_rx_close(rx);
	close(fd);
	free(m.at);
}
END_TEST

START_TEST(one_block_waits_for_its_release)
{
	static struct nsc_burst burst;
	struct made m = many(300, 5000);
	struct nsc_rx_file_options options = { .loans = 1 };
	struct nsc_error error;
	struct nsc_rx *rx;
	uint64_t n = 0;
	char path[64];
	int fd;

	made_path(m.at, m.n, &fd, path);
	options.path = path;
	ck_assert_int_eq(nsc_rx_file_open(&rx, &options, &error), 0);
	do {
		nsc_rx_poll(rx, &burst);
		n += burst.n;
	} while (burst.state == NSC_RX_MORE);
	ck_assert_uint_eq(burst.state, NSC_RX_IDLE);
	ck_assert_uint_lt(n, 300);
	nsc_rx_poll(rx, &burst);
	ck_assert(burst.n == 0 && burst.state == NSC_RX_IDLE);
	nsc_rx_release(rx, burst.loan);
	nsc_rx_poll(rx, &burst);
	ck_assert_uint_gt(burst.n, 0);
	nsc_rx_close(rx);
	close(fd);
	free(m.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/file");
	TCase *tcase = tcase_create("file");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, refuses_what_is_no_file);
	tcase_add_test(tcase, refuses_what_is_no_capture);
	tcase_add_test(tcase, refuses_an_unknown_link_type);
	tcase_add_test(tcase, refuses_a_bad_number_of_loans);
	tcase_add_test(tcase, refuses_a_filter_that_does_not_compile);
	tcase_add_test(tcase, filter_refuses_and_counts);
	tcase_add_test(tcase, several_files_are_one_source);
	tcase_add_test(tcase, a_damaged_file_does_not_keep_the_next_from_being_read);
	tcase_add_test(tcase, a_file_behind_the_end_of_another_is_read_on);
	tcase_add_test(tcase, zeros_at_the_end_are_no_packets);
	tcase_add_test(tcase, an_empty_record_is_a_packet_and_a_hole_is_damage);
	tcase_add_test(tcase, a_filter_that_refuses_all_ends);
	tcase_add_test(tcase, count_ends_the_source);
	tcase_add_test(tcase, snaplen_cuts_the_capture_not_the_wire);
	tcase_add_test(tcase, time_and_clock);
	tcase_add_test(tcase, records_cross_blocks);
	tcase_add_loop_test(tcase, lent_blocks_are_not_reused, 0, 2);
	tcase_add_test(tcase, one_block_waits_for_its_release);
	return run_suite(suite);
}
