/* SPDX-License-Identifier: MIT
 *
 * Sentences at open, blocks and loans, count, snaplen, filter, counters: what holds for every format.
 */
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
	refused("hello, world, this is text", 26, -EINVAL, "68 65 6c 6c");
}
END_TEST

START_TEST(refuses_an_unknown_link_type)
{
	struct made m = made_new(false);

	put_pcap_header(&m, US, 2, 4, 105);
	refused(m.at, m.n, -EPROTONOSUPPORT, "105 (IEEE802_11, 802.11)");
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
	struct nsc_rx_file_options options = { .loans = LOANS };
	uint64_t n = 0, released = 0, idle = 0, bad = 0, last_loan = 0, fell = 0;
	struct nsc_error error;
	struct nsc_rx *rx;
	char path[64];
	int fd;

	made_path(m.at, m.n, &fd, path);
	options.path = path;
	ck_assert_int_eq(nsc_rx_file_open(&rx, &options, &error), 0);
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
			ck_assert_uint_eq(last_loan - loan_of[released], LOANS - 1);
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
	ck_assert_uint_ge(idle, 4);
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
	tcase_add_test(tcase, a_filter_that_refuses_all_ends);
	tcase_add_test(tcase, count_ends_the_source);
	tcase_add_test(tcase, snaplen_cuts_the_capture_not_the_wire);
	tcase_add_test(tcase, time_and_clock);
	tcase_add_test(tcase, records_cross_blocks);
	tcase_add_test(tcase, lent_blocks_are_not_reused);
	tcase_add_test(tcase, one_block_waits_for_its_release);
	return run_suite(suite);
}
