/* SPDX-License-Identifier: MIT
 *
 * pcapng: sections, interfaces, resolutions, the three packet blocks, blocks passed over, damage, a cut at every byte.
 */
#include "test_file_maker.h"

#include <errno.h>

#define S NSC_NS_PER_SEC

static struct made begin(bool big)
{
	struct made m = made_new(big);

	put_section(&m);
	return m;
}

static struct got *finish(struct made *m)
{
	struct got *g = read_made(m);

	free(m->at);
	return g;
}

START_TEST(resolutions_and_offsets)
{
	static const struct {
		int resolution;
		int64_t offset;
		uint64_t ticks, ns;
	} cases[] = {
		{ -1, 0, 1700000000123456, 1700000000123456000 },
		{ 6, 0, 1, 1000 },
		{ 9, 0, 1700000000123456789, 1700000000123456789 },
		{ 0, 0, 1700000000, 1700000000 * S },
		{ 3, 0, 1700000000123, 1700000000123000000 },
		{ 12, 0, 1999, 1 },
		{ 19, 0, UINT64_MAX, 1844674407 },
		{ 28, 0, UINT64_MAX, 1 },
		{ 40, 0, UINT64_MAX, 0 },
		{ 127, 0, UINT64_MAX, 0 },
		{ 0x80, 0, 7, 7 * S },
		{ 0x80 | 1, 0, 3, 1500000000 },
		{ 0x80 | 10, 0, 1024 * 5 + 512, 5500000000 },
		{ 0x80 | 32, 0, 1ull << 62, 1073741824ull * S },
		{ 0x80 | 63, 0, UINT64_MAX, 1999999999 },
		{ 0x80 | 127, 0, UINT64_MAX, 0 },
		{ 9, 100, 5, 100 * S + 5 },
		{ 6, -3, 3000001, 1000 },
		{ 6, -4, 3000001, 0 },
		{ 9, INT64_MIN, UINT64_MAX, 0 },
		{ 9, INT64_MAX, 0, INT64_MAX },
		{ 6, 0, UINT64_MAX, -1000ull }, /* a clock 1 us before 1970, as base.h says */
		{ 6, 0, -9223372036854775ull, -9223372036854775000ull },
		{ 6, 0, -9223372036854776ull, INT64_MAX },
		{ 0, 0, UINT64_MAX, INT64_MAX },
		{ 0x80, INT64_MAX, UINT64_MAX, INT64_MAX },
	};
	unsigned wrong = 0;

	for (size_t i = 0; i < 2 * NSC_ARRAY_LEN(cases); i++) {
		struct made m = begin(i % 2);
		struct got *g;

		put_interface(&m, 1, 0, cases[i / 2].resolution, cases[i / 2].offset);
		put_enhanced(&m, 0, 0, cases[i / 2].ticks, 60, 60);
		g = finish(&m);
		wrong += g->n != 1 || g->pkt[0].ts_ns != cases[i / 2].ns;
		free(g);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(sections_have_their_own_order_and_interfaces)
{
	struct made m = begin(false);
	struct got *g;

	put_interface(&m, 1, 0, -1, 0);
	put_interface(&m, 101, 0, 9, 0);
	put_enhanced(&m, 0, 0, 5, 61, 61);
	put_enhanced(&m, 1, 1, 7000, 62, 62);
	m.big = true;
	put_section(&m);
	put_interface(&m, 113, 0, 3, 0);
	put_enhanced(&m, 2, 0, 9, 63, 163);
	m.big = false;
	put_section(&m);
	put_interface(&m, 0, 0, 9, 0);
	put_enhanced(&m, 3, 0, 9, 64, 64);
	g = finish(&m);
	ck_assert_uint_eq(g->state, NSC_RX_END);
	ck_assert_uint_eq(g->n, 4);
	ck_assert_uint_eq(g->bad_bytes, 0);
	ck_assert(g->pkt[0].link == NSC_LINK_ETHERNET && g->pkt[0].ts_ns == 5000);
	ck_assert(g->pkt[1].link == NSC_LINK_RAW && g->pkt[1].ts_ns == 7000);
	ck_assert(g->pkt[2].link == NSC_LINK_LINUX_SLL && g->pkt[2].ts_ns == 9000000 && g->pkt[2].wire_len == 163);
	ck_assert(g->pkt[3].link == NSC_LINK_NULL_LOOP && g->pkt[3].ts_ns == 9);
	ck_assert_uint_eq(g->pkt[3].clock_ns, 9000000);
	ck_assert_uint_eq(g->counters.ts_backwards, 1);
	free(g);
}
END_TEST

START_TEST(simple_packets_take_the_clock)
{
	struct made m = begin(false);
	struct got *g;

	put_interface(&m, 1, 96, -1, 0);
	put_simple(&m, 0, 60, 60);
	put_enhanced(&m, 1, 0, 77, 60, 60);
	put_enhanced(&m, 2, 0, 70, 60, 60);
	put_simple(&m, 3, 96, 1000); /* the interface keeps 96 bytes */
	g = finish(&m);
	ck_assert_uint_eq(g->n, 4);
	ck_assert_uint_eq(g->bad_bytes, 0);
	ck_assert_uint_eq(g->pkt[0].ts_ns, 0);
	ck_assert_uint_eq(g->pkt[3].ts_ns, 77000);
	ck_assert(g->pkt[3].cap_len == 96 && g->pkt[3].wire_len == 1000);
	free(g);
}
END_TEST

START_TEST(the_obsolete_packet_block)
{
	struct made m = begin(true), body = made_new(true);
	struct got *g;

	put_interface(&m, 1, 0, -1, 0);
	put_interface(&m, 101, 0, -1, 0);
	put16(&body, 1);
	put16(&body, 0xffff); /* drops */
	put32(&body, 0);
	put32(&body, 42);
	put32(&body, 33);
	put32(&body, 99);
	put_packet(&body, 0, 33);
	put_block(&m, 2, &body);
	g = finish(&m);
	ck_assert_uint_eq(g->n, 1);
	ck_assert_uint_eq(g->bad_bytes, 0);
	ck_assert(g->pkt[0].link == NSC_LINK_RAW && g->pkt[0].ts_ns == 42000);
	ck_assert(g->pkt[0].cap_len == 33 && g->pkt[0].wire_len == 99);
	free(g);
	free(body.at);
}
END_TEST

START_TEST(other_blocks_are_passed_over)
{
	struct made m = begin(false), large = made_new(false), none = made_new(false);
	struct got *g;

	memset(large.at, 6, MADE_MAX);
	large.n = 3u << 20; /* longer than all memory of the source */
	put_block(&m, 0x0bad, &large);
	put_interface(&m, 1, 0, -1, 0);
	put_enhanced(&m, 0, 0, 1, 60, 60);
	put_block(&m, 5, &none);
	put_block(&m, 0x80000bad, &large);
	put_enhanced(&m, 1, 0, 2, 60, 60);
	put_block(&m, 4, &none);
	g = finish(&m);
	ck_assert_uint_eq(g->n, 2);
	ck_assert_uint_eq(g->state, NSC_RX_END);
	ck_assert_uint_eq(g->bad_bytes, 0);
	ck_assert_uint_eq(g->counters.skipped_blocks, 4);
	free(g);
	free(large.at);
	free(none.at);
}
END_TEST

START_TEST(link_types_of_interfaces)
{
	struct made m = begin(false);
	struct got *g;

	put_interface(&m, 189, 0, -1, 0);
	put_enhanced(&m, 0, 0, 1, 60, 60);
	g = finish(&m);
	ck_assert_int_eq(g->status, -EPROTONOSUPPORT);
	ck_assert_ptr_nonnull(strstr(g->error.text, "189 (USB_LINUX, "));
	free(g);

	m = begin(false);
	put_interface(&m, 1, 0, -1, 0);
	put_enhanced(&m, 0, 0, 1, 60, 60);
	put_interface(&m, 189, 0, -1, 0);
	put_enhanced(&m, 1, 1, 2, 60, 60);
	put_enhanced(&m, 2, 0, 3, 60, 60);
	g = read_made(&m);
	ck_assert_uint_eq(g->n, 3);
	ck_assert_uint_eq(g->state, NSC_RX_END);
	ck_assert_uint_eq(g->pkt[1].link, NSC_LINK_UNSUPPORTED);
	ck_assert_uint_eq(g->pkt[2].link, NSC_LINK_ETHERNET);
	free(g);

	/* no filter has a meaning there: such packets are refused by it */
	g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .filter = "len = 60" });
	ck_assert_uint_eq(g->n, 2);
	ck_assert_uint_eq(g->counters.filtered, 1);
	free(g);
	free(m.at);
}
END_TEST

START_TEST(filters_follow_the_link_type)
{
	struct made m = begin(true);
	struct got *g;

	put_interface(&m, 1, 0, -1, 0);
	put_interface(&m, 276, 0, -1, 0);
	for (uint32_t i = 0; i < 100; i++)
		put_enhanced(&m, i, i % 2, i, i < 50 ? 60 : 90, i < 50 ? 60 : 90);
	g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .filter = "len <= 60" });
	ck_assert_uint_eq(g->n, 50);
	ck_assert_uint_eq(g->counters.filtered, 50);
	ck_assert_uint_eq(g->bad_bytes, 0);
	free(g);

	g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .filter = "tcp and and" });
	ck_assert_int_eq(g->status, -EINVAL);
	ck_assert_ptr_nonnull(strstr(g->error.text, "syntax error"));
	free(g);

	/* it has no meaning on SLL2 */
	g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .filter = "vlan 5" });
	ck_assert_int_eq(g->status, 0);
	ck_assert_uint_eq(g->state, NSC_RX_END);
	ck_assert_uint_eq(g->counters.filtered, 100);
	free(g);
	free(m.at);
}
END_TEST

START_TEST(a_filter_without_meaning_is_refused)
{
	struct made m = begin(true);
	struct got *g;

	put_interface(&m, 1, 0, -1, 0);
	put_enhanced(&m, 0, 0, 0, 60, 60);
	g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .filter = "inbound" });
	ck_assert_int_eq(g->status, -ENOEXEC);
	ck_assert_msg(strstr(g->error.text, "not supported on Ethernet when reading savefiles"), "%s", g->error.text);
	free(g);
	free(m.at);
}
END_TEST

/* --- damage: two good packets, then something, then a good packet that must not come out ------ */

static unsigned damaged(const struct made *bad, const char *words)
{
	struct made m = begin(bad->big);
	struct got *g;
	unsigned wrong;
	char place[64];

	put_interface(&m, 1, 0, -1, 0);
	put_enhanced(&m, 0, 0, 1, 60, 60);
	put_enhanced(&m, 1, 0, 2, 61, 61);
	snprintf(place, sizeof(place), "damaged at byte %zu: ", m.n);
	put(&m, bad->at, bad->n);
	put_enhanced(&m, 2, 0, 3, 60, 60);
	g = finish(&m);
	wrong = g->status || g->n != 2 || g->state != NSC_RX_FAILED || g->bad_bytes || !strstr(g->error.text, place) ||
		!strstr(g->error.text, words);
	if (wrong)
		printf("%llu packets, wanted '%s' '%s', found: %s\n", (unsigned long long)g->n, place, words,
		       g->error.text);
	free(g);
	return wrong;
}

static unsigned damaged_block(bool big, uint32_t type, uint32_t length, uint32_t trailer, const char *words)
{
	struct made bad = made_new(big);
	unsigned wrong;

	put32(&bad, type);
	put32(&bad, length);
	for (uint32_t i = 8; i + 4 < length && i < 256; i++)
		put(&bad, "", 1);
	put32(&bad, trailer);
	wrong = damaged(&bad, words);
	free(bad.at);
	return wrong;
}

START_TEST(impossible_blocks_are_damage)
{
	unsigned wrong = 0;

	for (int big = 0; big < 2; big++) {
		wrong += damaged_block(big, 6, 64, 60, "a block of 64 bytes ends by saying that it has 60");
		wrong += damaged_block(big, 6, 28, 28, "impossible length of 28");
		wrong += damaged_block(big, 6, 66, 66, "impossible length of 66");
		wrong += damaged_block(big, 6, 0, 0, "impossible length of 0");
		wrong += damaged_block(big, 6, 0x7ffffffc, 4, "at most 524288 are possible");
		wrong += damaged_block(big, 3, 12, 12, "impossible length of 12");
		wrong += damaged_block(big, 1, 16, 16, "impossible length of 16");
		wrong += damaged_block(big, 0x99, 8, 8, "impossible length of 8");
		wrong += damaged_block(big, 0x99, 33, 33, "impossible length of 33");
		wrong += damaged_block(big, 0x0a0d0d0a, 28, 28, "byte order magic is 0x00000000");
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(impossible_packets_are_damage)
{
	struct made bad = made_new(false), body = made_new(false);
	unsigned wrong;

	put_enhanced(&bad, 2, 1, 3, 60, 60);
	wrong = damaged(&bad, "names interface 1, and this section has described 1");
	bad.n = 0;
	put_enhanced(&bad, 2, 0, 3, 262145, 262145);
	wrong += damaged(&bad, "claims 262145 captured bytes, and at most 262144");
	bad.n = 0;
	put_simple(&bad, 2, 40, 50);
	wrong += damaged(&bad, "claims 50 captured bytes in a block of 56");
	bad.n = 0;
	put32(&body, 0);
	put32(&body, 0);
	put32(&body, 0);
	put32(&body, 61);
	put32(&body, 61);
	put_packet(&body, 2, 60);
	put_block(&bad, 6, &body);
	wrong += damaged(&bad, "claims 61 captured bytes in a block of 92");
	ck_assert_uint_eq(wrong, 0);
	free(bad.at);
	free(body.at);
}
END_TEST

START_TEST(impossible_headers_are_refused)
{
	struct made m = begin(false), body = made_new(false);
	struct got *g;

	put16(&body, 1);
	put16(&body, 0);
	put32(&body, 0);
	put16(&body, 9);
	put16(&body, 400); /* longer than the block */
	put_block(&m, 1, &body);
	g = finish(&m);
	ck_assert_int_eq(g->status, -EBADMSG);
	ck_assert_ptr_nonnull(strstr(g->error.text, "at byte 28: an option is longer"));
	free(g);

	m = begin(false);
	m.at[12] = 2;
	g = finish(&m);
	ck_assert_int_eq(g->status, -EBADMSG);
	ck_assert_ptr_nonnull(strstr(g->error.text, "version 2.0"));
	free(g);
	free(body.at);
}
END_TEST

START_TEST(a_file_without_packets)
{
	struct made m = begin(true);
	struct got *g = finish(&m);

	ck_assert_int_eq(g->status, 0);
	ck_assert_uint_eq(g->n, 0);
	ck_assert_uint_eq(g->state, NSC_RX_END);
	free(g);
}
END_TEST

/* One link of ours, several numbers on disk: raw IP is 12, 14 and 101, and of what we do not know there is any. */
START_TEST(link_types_on_disk_are_told)
{
	static const uint16_t numbers[] = { 101, 1, 147, 12, 149, 0, 108 };
	struct made m = begin(false);
	unsigned wrong = 0;
	struct got *g;

	for (uint32_t i = 0; i < NSC_ARRAY_LEN(numbers); i++)
		put_interface(&m, numbers[i], 0, -1, 0);
	for (uint32_t i = 0; i < 200; i++)
		put_enhanced(&m, i, i * i / 3 % NSC_ARRAY_LEN(numbers), i, 60, 60);
	g = finish(&m);
	ck_assert_uint_eq(g->n, 200);
	for (uint32_t i = 0; i < 200; i++)
		wrong += g->linktype[i] != numbers[i * i / 3 % NSC_ARRAY_LEN(numbers)];
	ck_assert_uint_eq(wrong, 0);
	ck_assert(!g->nanoseconds);
	free(g);
}
END_TEST

START_TEST(finer_times_are_told)
{
	static const struct {
		int resolution;
		bool nanoseconds;
	} cases[] = { { -1, false }, { 6, false }, { 3, false }, { 0, false },  { 0x80, false },
		      { 7, true },   { 9, true },  { 12, true }, { 0x8a, true } };
	unsigned wrong = 0;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		struct made m = begin(i % 2);
		struct got *g;

		put_interface(&m, 1, 0, 6, 0);
		put_interface(&m, 1, 0, cases[i].resolution, 0);
		put_enhanced(&m, 0, 0, 1, 60, 60);
		g = finish(&m);
		wrong += g->nanoseconds != cases[i].nanoseconds;
		free(g);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static unsigned cut_pcapng(bool big)
{
	struct made m = begin(big), none = made_new(big);
	struct boundary b[9];
	unsigned n = 0, wrong;

	b[n++] = (struct boundary){ m.n, 0 };
	put_interface(&m, 1, 0, 9, 12);
	b[n++] = (struct boundary){ m.n, 0 };
	put_enhanced(&m, 0, 0, 1, 60, 60);
	b[n++] = (struct boundary){ m.n, 1 };
	put_simple(&m, 1, 33, 33);
	b[n++] = (struct boundary){ m.n, 2 };
	put32(&none, 7);
	put_block(&m, 0x77, &none);
	b[n++] = (struct boundary){ m.n, 2 };
	m.big = !big;
	put_section(&m);
	b[n++] = (struct boundary){ m.n, 2 };
	put_interface(&m, 1, 0, -1, 0);
	b[n++] = (struct boundary){ m.n, 2 };
	put_enhanced(&m, 2, 0, 1, 0, 60);
	b[n++] = (struct boundary){ m.n, 3 };
	wrong = cut_everywhere(&m, b, n, b[1].at + 12);
	free(m.at);
	free(none.at);
	return wrong;
}

START_TEST(a_cut_at_every_byte)
{
	ck_assert_uint_eq(cut_pcapng(false), 0);
	ck_assert_uint_eq(cut_pcapng(true), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/file_pcapng");
	TCase *tcase = tcase_create("pcapng");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, resolutions_and_offsets);
	tcase_add_test(tcase, sections_have_their_own_order_and_interfaces);
	tcase_add_test(tcase, simple_packets_take_the_clock);
	tcase_add_test(tcase, the_obsolete_packet_block);
	tcase_add_test(tcase, other_blocks_are_passed_over);
	tcase_add_test(tcase, link_types_of_interfaces);
	tcase_add_test(tcase, link_types_on_disk_are_told);
	tcase_add_test(tcase, finer_times_are_told);
	tcase_add_test(tcase, filters_follow_the_link_type);
	tcase_add_test(tcase, a_filter_without_meaning_is_refused);
	tcase_add_test(tcase, impossible_blocks_are_damage);
	tcase_add_test(tcase, impossible_packets_are_damage);
	tcase_add_test(tcase, impossible_headers_are_refused);
	tcase_add_test(tcase, a_file_without_packets);
	tcase_add_test(tcase, a_cut_at_every_byte);
	return run_suite(suite);
}
