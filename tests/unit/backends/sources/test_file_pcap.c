/* SPDX-License-Identifier: MIT
 *
 * pcap: byte orders, resolutions, versions, link types, damage, and a cut at every byte.
 */
#include "test_file_maker.h"

#include <errno.h>

#define US 0xa1b2c3d4u
#define NS 0xa1b23c4du
#define KUZNETZOV 0xa1b2cd34u

static struct got *one_record(bool big, uint32_t magic, unsigned major, unsigned minor, uint32_t linktype,
			      uint32_t first, uint32_t second, uint32_t bytes)
{
	struct made m = made_new(big);
	struct got *g;

	put_pcap_header(&m, magic, major, minor, linktype);
	put32(&m, 4000000000u);
	put32(&m, 123456);
	put32(&m, first);
	put32(&m, second);
	if (magic == KUZNETZOV)
		put(&m, "\1\0\0\0\10\0\0", 8);
	put_packet(&m, 0, bytes);
	g = read_made(&m);
	free(m.at);
	return g;
}

START_TEST(every_magic_in_both_orders)
{
	static const uint32_t magics[] = { US, NS, KUZNETZOV };
	unsigned wrong = 0;

	for (unsigned i = 0; i < 6; i++) {
		uint32_t magic = magics[i / 2];
		struct got *g = one_record(i % 2, magic, 2, 4, 1, 77, 1500, 77);
		uint64_t ts = 4000000000ull * NSC_NS_PER_SEC + (magic == NS ? 123456ull : 123456000ull);

		wrong += g->status || g->state != NSC_RX_END || g->n != 1 || g->bad_bytes;
		wrong += g->pkt[0].ts_ns != ts || g->pkt[0].cap_len != 77 || g->pkt[0].wire_len != 1500;
		wrong += g->pkt[0].link != NSC_LINK_ETHERNET || g->counters.snapped != 1;
		free(g);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(versions)
{
	static const struct {
		unsigned major, minor;
		uint32_t first, second; /* the lengths in file order; 60 bytes follow */
		bool opens;
	} cases[] = {
		{ 0, 0, 60, 80, false }, { 1, 9, 60, 80, false },  { 2, 0, 80, 60, true }, { 2, 2, 80, 60, true },
		{ 2, 3, 80, 60, true },  { 2, 3, 60, 80, true },   { 2, 4, 60, 80, true }, { 2, 8224, 60, 80, true },
		{ 3, 0, 60, 80, true },  { 543, 0, 60, 80, true },
	};
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		struct got *g =
			one_record(i % 2, US, cases[i].major, cases[i].minor, 1, cases[i].first, cases[i].second, 60);

		wrong += cases[i].opens ? g->status != 0 : g->status != -EINVAL || !strstr(g->error.text, "version");
		if (cases[i].opens)
			wrong += g->n != 1 || g->pkt[0].cap_len != 60 || g->pkt[0].wire_len != 80 || g->bad_bytes;
		free(g);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(link_types)
{
	static const struct {
		uint32_t number;
		uint8_t link;
	} cases[] = {
		{ 0, NSC_LINK_NULL_LOOP },   { 1, NSC_LINK_ETHERNET },     { 0x44000001, NSC_LINK_ETHERNET },
		{ 12, NSC_LINK_RAW },        { 14, NSC_LINK_RAW },         { 101, NSC_LINK_RAW },
		{ 108, NSC_LINK_NULL_LOOP }, { 113, NSC_LINK_LINUX_SLL },  { 228, NSC_LINK_RAW_IPV4 },
		{ 229, NSC_LINK_RAW_IPV6 },  { 276, NSC_LINK_LINUX_SLL2 },
	};
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		struct got *g = one_record(i % 2, NS, 2, 4, cases[i].number, 60, 60, 60);

		wrong += g->n != 1 || g->pkt[0].link != cases[i].link;
		free(g);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(captured_beyond_the_wire_is_cut)
{
	struct got *g = one_record(false, US, 2, 4, 1, 60, 40, 60);

	ck_assert_uint_eq(g->n, 1);
	ck_assert_uint_eq(g->pkt[0].cap_len, 40);
	ck_assert_uint_eq(g->pkt[0].wire_len, 40);
	ck_assert_uint_eq(g->counters.snapped, 0);
	free(g);
}
END_TEST

START_TEST(the_largest_times_are_exact)
{
	struct made m = made_new(false);
	struct got *g;

	put_pcap_header(&m, US, 2, 4, 1);
	put_record(&m, 0, UINT32_MAX, UINT32_MAX, 60, 60);
	g = read_made(&m);
	ck_assert_uint_eq(g->pkt[0].ts_ns, UINT32_MAX * NSC_NS_PER_SEC + UINT32_MAX * 1000ull);
	free(g);
	free(m.at);
}
END_TEST

START_TEST(an_impossible_length_is_damage)
{
	static const uint32_t lengths[] = { 262145, 0x7fffffff, 0x80000000, UINT32_MAX - 15, UINT32_MAX };
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(lengths); i++) {
		struct made m = made_new(i % 2);
		char words[64];
		struct got *g;

		put_pcap_header(&m, US, 2, 4, 1);
		put_record(&m, 0, 1, 2, 100, 100);
		put_record(&m, 1, 1, 3, 50, 100);
		put32(&m, 1);
		put32(&m, 4);
		put32(&m, lengths[i]);
		put32(&m, lengths[i]);
		put_packet(&m, 2, 100);
		g = read_made(&m);
		snprintf(words, sizeof(words), "damaged at byte 206: a record claims %u captured", lengths[i]);
		wrong += g->status || g->state != NSC_RX_FAILED || g->n != 2 || g->bad_bytes;
		wrong += !strstr(g->error.text, words);
		free(g);
		free(m.at);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static unsigned cut_pcap(bool big, uint32_t magic)
{
	struct made m = made_new(big);
	struct boundary boundaries[5];
	unsigned wrong;

	put_pcap_header(&m, magic, 2, 4, 1);
	boundaries[0] = (struct boundary){ m.n, 0 };
	for (uint32_t i = 0; i < 4; i++) {
		static const uint32_t sizes[] = { 60, 0, 1, 130 };

		put32(&m, 1);
		put32(&m, i);
		put32(&m, sizes[i]);
		put32(&m, 150);
		if (magic == KUZNETZOV)
			put(&m, "\0\0\0\0\0\0\0", 8);
		put_packet(&m, i, sizes[i]);
		boundaries[i + 1] = (struct boundary){ m.n, i + 1 };
	}
	wrong = cut_everywhere(&m, boundaries, 5, boundaries[0].at);
	free(m.at);
	return wrong;
}

START_TEST(a_cut_at_every_byte)
{
	ck_assert_uint_eq(cut_pcap(false, US), 0);
	ck_assert_uint_eq(cut_pcap(true, NS), 0);
	ck_assert_uint_eq(cut_pcap(false, KUZNETZOV), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/file_pcap");
	TCase *tcase = tcase_create("pcap");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, every_magic_in_both_orders);
	tcase_add_test(tcase, versions);
	tcase_add_test(tcase, link_types);
	tcase_add_test(tcase, captured_beyond_the_wire_is_cut);
	tcase_add_test(tcase, the_largest_times_are_exact);
	tcase_add_test(tcase, an_impossible_length_is_damage);
	tcase_add_test(tcase, a_cut_at_every_byte);
	return run_suite(suite);
}
