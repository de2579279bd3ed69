/* SPDX-License-Identifier: MIT
 *
 * What is compressed comes back, which offers are taken, and what a client must not send: bombs, garbage, half of a
 * message.
 */
#include "dashboard/server/deflate.h"

#include <errno.h>
#include <zlib.h>

#include "tests/unit/engine/check_main.h"

enum { ROOM = 4096 };

static struct nsc_deflate *deflate_state;
static uint8_t text[ROOM + 1];

static struct nsc_span span(const char *s)
{
	return (struct nsc_span){ s, s ? strlen(s) : 0 };
}

static void fill(char *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (char)('a' + (i * i / 7) % 5);
}

START_TEST(comes_back)
{
	static const size_t lengths[] = { 1, 2, 100, 257, 4095, 4096 };
	char data[ROOM];
	size_t packed;

	fill(data, sizeof(data));
	deflate_state = nsc_deflate_open();
	for (size_t i = 0; i < NSC_ARRAY_LEN(lengths); i++) {
		char *out = nsc_deflate_pack(deflate_state, data, lengths[i], &packed);

		ck_assert(lengths[i] < 100 || (out && packed < lengths[i]));
		if (!out)
			continue;
		ck_assert_int_eq(nsc_deflate_unpack(deflate_state, (uint8_t *)out, packed, text, ROOM),
				 (ssize_t)lengths[i]);
		ck_assert(!memcmp(text, data, lengths[i]));
		free(out);
	}
	nsc_deflate_close(deflate_state);
}
END_TEST

/* Nothing of one message is needed for the next one: the same text makes the same bytes. */
START_TEST(each_by_itself)
{
	char data[1000];
	size_t first, second;

	fill(data, sizeof(data));
	deflate_state = nsc_deflate_open();
	char *x = nsc_deflate_pack(deflate_state, data, sizeof(data), &first);
	char *y = nsc_deflate_pack(deflate_state, data, sizeof(data), &second);

	ck_assert(x && y && first == second && !memcmp(x, y, first));
	free(x);
	free(y);
	nsc_deflate_close(deflate_state);
}
END_TEST

START_TEST(what_does_not_shrink_stays)
{
	uint8_t noise[300];
	uint64_t state = 1;
	size_t packed;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)((state = state * 6364136223846793005ull + 1442695040888963407ull) >> 56);
	deflate_state = nsc_deflate_open();
	ck_assert_ptr_null(nsc_deflate_pack(deflate_state, (char *)noise, sizeof(noise), &packed));
	ck_assert_ptr_null(nsc_deflate_gzip(deflate_state, (char *)noise, sizeof(noise), &packed));
	nsc_deflate_close(deflate_state);
}
END_TEST

START_TEST(gzip_is_gzip)
{
	char data[3000], back[3001];
	z_stream z = { 0 };
	size_t packed;

	fill(data, sizeof(data));
	deflate_state = nsc_deflate_open();
	char *out = nsc_deflate_gzip(deflate_state, data, sizeof(data), &packed);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (uint8_t *)out;
	z.avail_in = (uInt)packed;
	z.next_out = (uint8_t *)back;
	z.avail_out = sizeof(back);
	ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
	ck_assert_uint_eq(z.total_out, sizeof(data));
	ck_assert(!memcmp(back, data, sizeof(data)));
	inflateEnd(&z);
	free(out);
	nsc_deflate_close(deflate_state);
}
END_TEST

/* Compresses `length` zeros as a client may. */
static size_t pack_zeros(uint8_t *out, size_t room, size_t length)
{
	uint8_t *zeros = calloc(1, length + 1);
	z_stream z = { 0 };

	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = zeros;
	z.avail_in = (uInt)length;
	z.next_out = out;
	z.avail_out = (uInt)room;
	ck_assert_int_eq(deflate(&z, Z_SYNC_FLUSH), Z_OK);
	deflateEnd(&z);
	free(zeros);
	return room - z.avail_out - 4;
}

START_TEST(a_bomb_does_not_go_off)
{
	static uint8_t bomb[ROOM + 64];
	size_t n = pack_zeros(bomb, sizeof(bomb), 3 << 20);

	ck_assert_uint_le(n, ROOM);
	deflate_state = nsc_deflate_open();
	text[ROOM] = 7;
	ck_assert_int_eq(nsc_deflate_unpack(deflate_state, bomb, n, text, ROOM), -E2BIG);
	n = pack_zeros(bomb, sizeof(bomb), ROOM + 1);
	ck_assert_int_eq(nsc_deflate_unpack(deflate_state, bomb, n, text, ROOM), -E2BIG);
	n = pack_zeros(bomb, sizeof(bomb), ROOM);
	ck_assert_int_eq(nsc_deflate_unpack(deflate_state, bomb, n, text, ROOM), ROOM);
	nsc_deflate_close(deflate_state);
}
END_TEST

START_TEST(garbage_is_none)
{
	static const uint8_t empty[] = { 0x00 }, last[] = { 0x03, 0x00 }, behind[] = { 0x03, 0x00, 0x55 },
			     broken[] = { 0xff, 0xff, 0xff };
	uint8_t half[64];
	size_t n = pack_zeros(half, sizeof(half), 1000);

	deflate_state = nsc_deflate_open();
	ck_assert_int_eq(nsc_deflate_unpack(deflate_state, empty, sizeof(empty), text, ROOM), 0);
	ck_assert_int_eq(nsc_deflate_unpack(deflate_state, last, sizeof(last), text, ROOM), 0);
	ck_assert_int_eq(nsc_deflate_unpack(deflate_state, behind, sizeof(behind), text, ROOM), -EINVAL);
	ck_assert_int_eq(nsc_deflate_unpack(deflate_state, broken, sizeof(broken), text, ROOM), -EINVAL);
	ck_assert_int_eq(nsc_deflate_unpack(deflate_state, half, n, text, ROOM), 1000);
	ck_assert_int_lt(nsc_deflate_unpack(deflate_state, half, n / 2, text, ROOM), 0);
	ck_assert_int_eq(nsc_deflate_unpack(deflate_state, half, n, text, ROOM), 1000);
	nsc_deflate_close(deflate_state);
}
END_TEST

START_TEST(offers)
{
	static const struct {
		const char *offers;
		int answer; /* 0 none, 1 plain, 2 with the window */
	} cases[] = {
		{ NULL, 0 },
		{ "", 0 },
		{ "permessage-deflate", 1 },
		{ "permessage-deflate; client_max_window_bits", 1 },
		{ " permessage-deflate ;client_max_window_bits=\"10\" ", 1 },
		{ "permessage-deflate; server_no_context_takeover; client_no_context_takeover", 1 },
		{ "permessage-deflate; server_max_window_bits=15", 2 },
		{ "permessage-deflate; server_max_window_bits=10", 0 },
		{ "permessage-deflate; server_max_window_bits=10, permessage-deflate", 1 },
		{ "permessage-deflate; server_max_window_bits", 0 },
		{ "permessage-deflate; client_max_window_bits=16", 0 },
		{ "permessage-deflate; client_max_window_bits=7", 0 },
		{ "permessage-deflate; client_no_context_takeover; client_no_context_takeover", 0 },
		{ "permessage-deflate; client_no_context_takeover=1", 0 },
		{ "permessage-deflate; something", 0 },
		{ "x-webkit-deflate-frame", 0 },
		{ "permessage-bzip2, permessage-deflate", 1 },
		{ "permessage-deflated", 0 },
		{ ";;;,,,====,\"", 0 },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		const char *answer = nsc_deflate_choose(span(cases[i].offers));

		ck_assert_msg((answer != NULL) == (cases[i].answer > 0), "%s", cases[i].offers);
		ck_assert_msg(!answer ||
				      (strstr(answer, "server_max_window_bits=15") != NULL) == (cases[i].answer == 2),
			      "%s", cases[i].offers);
	}
}
END_TEST

CHECK_MAIN("deflate", comes_back, each_by_itself, what_does_not_shrink_stays, gzip_is_gzip, a_bomb_does_not_go_off,
	   garbage_is_none, offers)
