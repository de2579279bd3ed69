/* SPDX-License-Identifier: MIT
 *
 * Copies: what a hop changes does not matter, everything else does; within the window, and within the table's room.
 */
#include "engine/decode/duplicates.h"
#include "packets.h"
#include "tests/unit/engine/check_main.h"

enum { WINDOW_NS = 1000 };

static struct nsc_counters counters;
static struct nsc_decode_options options;

static struct nsc_arena *arena; /* of the latest test */

static void set_up(void)
{
	struct nsc_error error;

	options = packets_options(false, false);
	if (arena)
		nsc_arena_close(arena);
	ck_assert_int_eq(nsc_arena_open(&arena, &error), 0);
	ck_assert_int_eq(nsc_duplicates_open(&options.duplicates, WINDOW_NS, arena, &error), 0);
	options.counters = &counters;
}

static bool is_copy(const void *bytes, size_t len, uint64_t clock_ns)
{
	struct nsc_packet p = { .data = bytes,
				.cap_len = (uint32_t)len,
				.wire_len = (uint32_t)len,
				.clock_ns = clock_ns,
				.link = NSC_LINK_ETHERNET };

	nsc_decode_burst(&options, &p, 1);
	ck_assert(packets_sane(&p));
	return p.fate == NSC_FATE_DUPLICATE;
}

/* Each byte of the IP packet in turn is another one. */
static void check_bytes(const char *frame, size_t len, const char *ignored, size_t n_ignored, size_t header)
{
	uint8_t bytes[256];

	set_up();
	ck_assert(!is_copy(frame, len, 0));
	ck_assert(is_copy(frame, len, 0));
	for (size_t i = 14; i < len; i++) {
		bool same = i - 14 < header && memchr(ignored, (int)(i - 14), n_ignored);

		memcpy(bytes, frame, len);
		bytes[i] ^= 1;
		if (same)
			ck_assert_msg(is_copy(bytes, len, 0), "byte %zu", i);
		else
			ck_assert_msg(!is_copy(bytes, len, 0), "byte %zu", i);
	}
}

START_TEST(what_is_compared)
{
	static const char v4[] = MAC T_IPV4 IPV4_TCP, v6[] = MAC T_IPV6 IPV6_UDP;
	/* the version, a header length that is impossible and the next header 0 make other packets */
	check_bytes(v4, sizeof(v4) - 1, "\1\x08\x0a\x0b", 4, 20);
	check_bytes(v6, sizeof(v6) - 1, "\0\x07", 2, 40);
}
END_TEST

START_TEST(what_hops_change)
{
	static const char plain[] = MAC T_IPV4 IPV4_TCP "padding", tagged[] = "abcdefABCDEF\x81\0\0\5" T_IPV4 IPV4_TCP,
			  arp[] = MAC "\x08\x06\0\1\x08\0";

	set_up();
	ck_assert(!is_copy(plain, sizeof(plain) - 1, 0));
	ck_assert(is_copy(tagged, sizeof(tagged) - 1, 0));
	ck_assert(!is_copy(arp, sizeof(arp) - 1, 0));
	ck_assert(!is_copy(arp, sizeof(arp) - 1, 0));
}
END_TEST

START_TEST(the_window)
{
	static const char frame[] = MAC T_IPV6 IPV6_TCP;
	const uint64_t start = UINT64_MAX - 4 * WINDOW_NS;

	set_up();
	ck_assert(!is_copy(frame, sizeof(frame) - 1, 5));
	ck_assert(is_copy(frame, sizeof(frame) - 1, 5 + WINDOW_NS));
	ck_assert(!is_copy(frame, sizeof(frame) - 1, 6 + WINDOW_NS)); /* measured from the first, and begins anew */
	ck_assert(is_copy(frame, sizeof(frame) - 1, 6 + 2 * WINDOW_NS));
	ck_assert(!is_copy(frame, sizeof(frame) - 1, start));
	ck_assert(is_copy(frame, sizeof(frame) - 1, start + WINDOW_NS));
	ck_assert(!is_copy(frame, sizeof(frame) - 1, UINT64_MAX));
}
END_TEST

static unsigned count_copies(unsigned n, uint64_t clock_ns)
{
	char frame[] = MAC T_IPV4 IPV4_TCP;
	unsigned copies = 0;

	for (unsigned i = 0; i < n; i++) {
		memcpy(frame + 38, &i, sizeof(i));
		copies += is_copy(frame, sizeof(frame) - 1, clock_ns);
	}
	return copies;
}

START_TEST(more_than_there_is_room_for)
{
	enum { ALL = 2 * DUPLICATES_SETS * DUPLICATES_WAYS };

	set_up();
	ck_assert_uint_eq(count_copies(ALL / 8, 0), 0);
	ck_assert_uint_ge(count_copies(ALL / 8, WINDOW_NS) + counters.value[NSC_C_DUPLICATE_EVICTED], ALL / 8);
	ck_assert_uint_le(counters.value[NSC_C_DUPLICATE_EVICTED], ALL / 1000);
	ck_assert_uint_eq(count_copies(ALL, 5 * WINDOW_NS), 0);
	ck_assert_uint_ge(counters.value[NSC_C_DUPLICATE_EVICTED], ALL / 2);
}
END_TEST

CHECK_MAIN("duplicates", what_is_compared, what_hops_change, the_window, more_than_there_is_room_for)
