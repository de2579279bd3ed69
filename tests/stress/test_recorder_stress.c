/* SPDX-License-Identifier: MIT
 *
 * Walks over rings that are overwritten at full speed: two workers record packets that carry a checksum, while readers
 * begin a thousand walks, everywhere in the ring, slow ones and fast ones. No packet is torn, each walk is in order,
 * and what it gave out and what it counts as overwritten are all that was recorded meanwhile. Live and offline, with
 * walks that hold.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "engine/rings/recorder.h"
#include "engine/rings/recorder_parts.h"
#include "tests/unit/engine/check_main.h"

enum {
	WORKERS = 2,
	READERS = 2,
	WALKS = 1000,
	WALKS_HOLDING = 150,   /* each stands in the way of both workers */
	PACKETS_OF_WALK = 100, /* then it reads what is there, and ends */
	FRAMES = 64,
	LEAST = 4, /* words of a packet */
	MOST = 180,
};

static struct nsc_recorder *recorder;
static struct nsc_recorder_ring *ring[WORKERS];
static struct nsc_counters counters[WORKERS];
static const struct nsc_rx rx = { .linktype = { [NSC_LINK_ETHERNET] = 1 } };
static uint64_t clock_ns;      /* of all packets: no two have the same */
static uint32_t walks, wanted; /* begun, and how many shall be */
static uint32_t over;          /* readers that have ended */

/* Words, the last of which is the checksum of those before it. */
static void fill(uint64_t *word, uint32_t n, uint64_t seed)
{
	word[n - 1] = n;
	for (uint32_t i = 0; i < n - 1; i++) {
		word[i] = seed = seed * 6364136223846793005u + 1442695040888963407u;
		word[n - 1] = (word[n - 1] ^ word[i]) * 0x9e3779b97f4a7c15;
	}
}

static bool is_whole(const struct nsc_packet_record *record)
{
	const uint64_t *word = (const uint64_t *)(const void *)nsc_packet_bytes(record);
	uint32_t n = record->len / 8;
	uint64_t sum = n;

	if (record->len != record->cap_len || n < LEAST || n >= MOST || record->wire_len != record->len + 4)
		return false;
	for (uint32_t i = 0; i < n - 1; i++)
		sum = (sum ^ word[i]) * 0x9e3779b97f4a7c15;
	return sum == word[n - 1];
}

static uint64_t frames[WORKERS][FRAMES][MOST];

static void *record_packets(void *context)
{
	uint32_t self = (uint32_t)(uintptr_t)context;
	struct nsc_packet pkt[NSC_BURST_MAX];

	for (uint32_t i = 0; i < FRAMES; i++)
		fill(frames[self][i], LEAST + i * 37 % (MOST - LEAST), i + self * FRAMES);
	for (uint64_t burst = 0; __atomic_load_n(&over, __ATOMIC_RELAXED) < READERS; burst++) {
		uint32_t n = 1 + burst * 13 % NSC_BURST_MAX;
		uint64_t at = __atomic_fetch_add(&clock_ns, n, __ATOMIC_RELAXED);

		for (uint32_t i = 0; i < n; i++) {
			uint32_t which = (uint32_t)(burst + i) % FRAMES,
				 len = 8 * (LEAST + which * 37 % (MOST - LEAST));

			pkt[i] = (struct nsc_packet){ .data = (const uint8_t *)frames[self][which],
						      .ts_ns = at + i + 1,
						      .clock_ns = at + i + 1,
						      .cap_len = len,
						      .wire_len = len + 4,
						      .link = NSC_LINK_ETHERNET };
		}
		nsc_recorder_burst(ring[self], &rx, pkt, n, 0, &counters[self]);
		nsc_recorder_advance(ring[self], at + n, 0);
	}
	nsc_recorder_end(ring[self]);
	return NULL;
}

struct of_walks {
	uint64_t given, overwritten, held_lost, torn, disorder, miscounted;
};

/* From its begin in each ring to its end there: given out, passed over, or overwritten. */
static bool adds_up(const struct nsc_recorder_walk *walk, const uint64_t begin[WORKERS])
{
	uint64_t sum = walk->numbers.packets + walk->numbers.passed + walk->numbers.overwritten, all = 0;

	for (uint32_t i = 0; i < WORKERS; i++)
		all += walk->ring[i].until - begin[i];
	return sum == all;
}

static void walk_once(uint32_t number, struct of_walks *sum)
{
	struct nsc_recorder_walk_options options = { .to_ns = UINT64_MAX, .hold = number % 3 == 0 };
	uint64_t before_ns = 0, begin[WORKERS], n = 0;
	const struct nsc_packet_record *record;
	struct nsc_recorder_walk *walk;
	enum nsc_recorder_state state;

	if (number % 8) /* not from the oldest */
		options.from_ns = __atomic_load_n(&clock_ns, __ATOMIC_RELAXED);
	ck_assert_int_eq(nsc_recorder_walk_open(&walk, recorder, &options, NULL), 0);
	for (uint32_t i = 0; i < WORKERS; i++)
		begin[i] = walk->ring[i].next;
	while ((state = nsc_recorder_walk_next(walk, &record)) != NSC_RECORDER_END) {
		if (state == NSC_RECORDER_NOTHING)
			sched_yield();
		if (state != NSC_RECORDER_PACKET)
			continue;
		sum->torn += !is_whole(record);
		sum->disorder += record->ts_ns <= before_ns && !walk->numbers.early;
		before_ns = record->ts_ns;
		if (++n == PACKETS_OF_WALK)
			nsc_recorder_walk_until_now(walk);
		if (number % 7 == 2 && n % 16 == 0) /* a slow one */
			sched_yield();
	}
	sum->given += n;
	sum->overwritten += walk->numbers.overwritten;
	sum->held_lost += walk->hold ? walk->numbers.overwritten : 0;
	sum->miscounted += walk->numbers.packets != n || !adds_up(walk, begin);
	nsc_recorder_walk_close(walk);
}

static void *read_packets(void *context)
{
	struct of_walks *sum = context;

	for (uint32_t number; (number = __atomic_fetch_add(&walks, 1, __ATOMIC_RELAXED)) < wanted;)
		walk_once(number, sum);
	__atomic_fetch_add(&over, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void walk_under_load(bool live, struct of_walks *all)
{
	struct nsc_recorder_options options = { .bytes = WORKERS * NSC_RECORDER_BYTES_MIN, .snaplen = 8 * MOST };
	pthread_t worker[WORKERS], reader[READERS];
	struct of_walks sum[READERS];
	struct nsc_arena *arena;

	memset(sum, 0, sizeof(sum));
	memset(all, 0, sizeof(*all));
	walks = over = 0;
	clock_ns = 0;
	wanted = live ? WALKS : WALKS_HOLDING;
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_recorder_open(&recorder, arena, NULL), 0);
	for (uint32_t i = 0; i < WORKERS; i++)
		ck_assert_int_eq(nsc_recorder_ring_open(&ring[i], recorder, &options, WORKERS, live, arena, NULL), 0);
	for (uintptr_t i = 0; i < WORKERS; i++)
		ck_assert_int_eq(pthread_create(&worker[i], NULL, record_packets, (void *)i), 0);
	for (uint32_t i = 0; i < READERS; i++)
		ck_assert_int_eq(pthread_create(&reader[i], NULL, read_packets, &sum[i]), 0);
	for (uint32_t i = 0; i < READERS; i++) {
		pthread_join(reader[i], NULL);
		for (size_t j = 0; j < sizeof(*all) / sizeof(uint64_t); j++)
			((uint64_t *)all)[j] += ((uint64_t *)&sum[i])[j];
	}
	for (uint32_t i = 0; i < WORKERS; i++)
		pthread_join(worker[i], NULL);
	nsc_arena_close(arena);
}

START_TEST(no_packet_is_torn)
{
	struct of_walks all;

	walk_under_load(true, &all);
	ck_assert_uint_eq(all.torn, 0);
	ck_assert_uint_eq(all.disorder, 0);
	ck_assert_uint_eq(all.miscounted, 0);
	ck_assert_uint_ge(all.given, WALKS);
	ck_assert_uint_gt(all.overwritten, 0);
}
END_TEST

START_TEST(nothing_is_lost_that_is_held)
{
	struct of_walks all;

	walk_under_load(false, &all);
	ck_assert_uint_eq(all.torn, 0);
	ck_assert_uint_eq(all.disorder, 0);
	ck_assert_uint_eq(all.miscounted, 0);
	ck_assert_uint_eq(all.held_lost, 0);
}
END_TEST

CHECK_MAIN("recorder_stress", no_packet_is_torn, nothing_is_lost_that_is_held)
