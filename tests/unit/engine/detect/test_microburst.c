/* SPDX-License-Identifier: MIT
 *
 * Milliseconds of a worker, to the nanosecond; adding them up; ticks of many epochs and epochs of many ticks; more
 * ticks than are kept.
 */
#include "engine/detect/microburst.h"

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/detect/records.h"

#define EPOCH 17000000000ull /* number */

static struct nsc_ms_counts counts;
static struct nsc_microbursts bursts;

static void feed(uint64_t clock_ns, uint32_t bytes)
{
	struct nsc_packet p = { .clock_ns = clock_ns, .wire_len = bytes };

	nsc_ms_counts_burst(&counts, &p, 1);
}

START_TEST(a_millisecond_ends_at_its_nanosecond)
{
	const uint64_t start = EPOCH * NSC_EPOCH_NS;

	memset(&counts, 0, sizeof(counts));
	nsc_ms_counts_begin(&counts, start);
	feed(start, 60);
	feed(start + NSC_MS_NS - 1, 40);
	feed(start + NSC_MS_NS, 9);
	feed(start + NSC_EPOCH_NS - 1, 7);
	ck_assert_uint_eq(counts.ms[0].packets, 2);
	ck_assert_uint_eq(counts.ms[0].bytes, 100);
	ck_assert_uint_eq(counts.ms[1].packets, 1);
	ck_assert_uint_eq(counts.ms[99].bytes, 7);
}
END_TEST

static void set_up(uint64_t tick_ns)
{
	memset(&bursts, 0, sizeof(bursts));
	bursts.tick_ns = tick_ns;
}

static void add(uint16_t ms, uint32_t packets, uint64_t bytes)
{
	uint64_t room[2];
	struct nsc_contact_record *record = (struct nsc_contact_record *)(void *)room;

	*record = (struct nsc_contact_record){ .count = packets, .port = ms, .kind = NSC_CONTACT_MS, .ip_version = 4 };
	memcpy(record->addr, &bytes, sizeof(bytes));
	nsc_microbursts_add(&bursts, record);
}

static void next_epoch(uint64_t epoch)
{
	nsc_microbursts_note(&bursts, epoch, UINT64_MAX);
	memset(bursts.ms, 0, sizeof(bursts.ms));
}

static void check_take(uint64_t tick, uint64_t packets, uint64_t bytes)
{
	struct nsc_microburst largest = nsc_microbursts_take(&bursts, tick);

	ck_assert_uint_eq(largest.packets, packets);
	ck_assert_uint_eq(largest.bytes, bytes);
}

START_TEST(workers_add_up)
{
	set_up(NSC_NS_PER_SEC);
	add(3, 5, 500);
	add(4, 7, 100);
	add(3, 4, 10);
	next_epoch(20);
	add(3, 1, 600); /* of a later epoch */
	next_epoch(21);
	check_take(2, 9, 600);
	check_take(3, 0, 0);
}
END_TEST

/* A view is made in the middle of an epoch, while other workers are ahead. */
START_TEST(ticks_within_an_epoch)
{
	set_up(10 * NSC_MS_NS);
	add(9, 5, 50);
	add(10, 2, 70);
	nsc_microbursts_note(&bursts, 20, 200);
	check_take(200, 5, 50);
	add(10, 3, 5);
	nsc_microbursts_note(&bursts, 20, 201);
	check_take(201, 5, 75);
	add(25, 8, 9);
	next_epoch(20);
	check_take(202, 8, 9);
	check_take(203, 0, 0);
}
END_TEST

START_TEST(the_oldest_of_too_many_ticks)
{
	set_up(NSC_MS_NS);
	for (uint16_t ms = 0; ms < NSC_MICROBURST_TICKS + 1; ms++)
		add(ms, ms + 1, 1);
	next_epoch(0);
	ck_assert_uint_eq(bursts.n, NSC_MICROBURST_TICKS);
	check_take(0, 0, 0);
	check_take(1, 2, 1);
	check_take(NSC_MICROBURST_TICKS, NSC_MICROBURST_TICKS + 1, 1);
	ck_assert_uint_eq(bursts.n, 0);
}
END_TEST

START_TEST(the_worst_and_all_above)
{
	uint32_t above;

	set_up(NSC_NS_PER_SEC);
	bursts.limit_bytes = 100;
	add(1, 9, 99);
	add(2, 3, 100);
	add(3, 4, 101);
	ck_assert_uint_eq(nsc_microbursts_worst(&bursts, &above).bytes, 101);
	ck_assert_uint_eq(above, 7);
}
END_TEST

CHECK_MAIN("microburst", a_millisecond_ends_at_its_nanosecond, workers_add_up, ticks_within_an_epoch,
	   the_oldest_of_too_many_ticks, the_worst_and_all_above)
