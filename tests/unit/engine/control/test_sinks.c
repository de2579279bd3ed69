/* SPDX-License-Identifier: MIT
 *
 * Sinks are called for what they have functions for; a failing one is called no more, and the first failure stays.
 */
#include "engine/control/sinks.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

struct counting {
	struct nsc_sink sink;
	unsigned ticks, rotations, records, finishes, urgent, offered;
	int fails_with;
	bool keeps;
};

static int on_tick(struct nsc_sink *sink, const struct nsc_view *view, struct nsc_error *error)
{
	struct counting *c = (struct counting *)sink;

	c->ticks++;
	return c->fails_with ? nsc_fail(error, c->fails_with, "failure %d", -c->fails_with) : 0;
}

static int on_records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
		      struct nsc_error *error)
{
	struct counting *c = (struct counting *)sink;

	c->records++;
	c->urgent += urgent;
	c->offered += keep != NULL;
	if (keep && c->keeps)
		*keep = true;
	return 0;
}

static int on_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	((struct counting *)sink)->finishes++;
	return 0;
}

static int on_rotate(struct nsc_sink *sink, struct nsc_error *error)
{
	struct counting *c = (struct counting *)sink;

	c->rotations++;
	return c->fails_with ? nsc_fail(error, c->fails_with, "failure %d", -c->fails_with) : 0;
}

static const struct nsc_sink_ops all_ops = {
	.name = "all",
	.tick = on_tick,
	.records = on_records,
	.rotate = on_rotate,
	.finish = on_finish,
};
static const struct nsc_sink_ops no_ops = { .name = "none" };

static struct counting one = { .sink = { &all_ops } }, two = { .sink = { &all_ops } }, none = { .sink = { &no_ops } };
static struct nsc_sink *list[] = { &one.sink, &none.sink, &two.sink };
static struct nsc_failure failure;
static struct nsc_sinks sinks = { .sink = list, .n = 3, .failure = &failure };

/* The tests may run in one process. */
static void set_up(void)
{
	one = two = (struct counting){ .sink = { &all_ops } };
	failure = (struct nsc_failure){ .status = 0 };
	memset(sinks.failed, 0, sizeof(sinks.failed));
}

START_TEST(calls_what_there_is)
{
	set_up();
	nsc_sinks_tick(&sinks, NULL);
	nsc_sinks_finish(&sinks, NULL);
	ck_assert_uint_eq(one.ticks + two.ticks, 2);
	ck_assert_uint_eq(one.finishes + two.finishes, 2);
	ck_assert_int_eq(failure.status, 0);
}
END_TEST

/* A sink whose file could not begin anew goes on with the old one. */
START_TEST(a_failed_rotation_is_told_and_no_end)
{
	set_up();
	one.fails_with = -EACCES;
	nsc_sinks_rotate(&sinks);
	one.fails_with = 0;
	nsc_sinks_rotate(&sinks);
	ck_assert_uint_eq(one.rotations, 2);
	ck_assert_uint_eq(two.rotations, 2);
	ck_assert_int_eq(failure.status, -EACCES);
	nsc_sinks_tick(&sinks, NULL);
	ck_assert_uint_eq(one.ticks, 1);
}
END_TEST

START_TEST(the_first_failure_stays)
{
	set_up();
	one.fails_with = -ENOSPC;
	nsc_sinks_tick(&sinks, NULL);
	two.fails_with = -EIO;
	nsc_sinks_tick(&sinks, NULL);
	nsc_sinks_tick(&sinks, NULL);
	nsc_sinks_finish(&sinks, NULL);
	ck_assert_uint_eq(one.ticks, 1);
	ck_assert_uint_eq(two.ticks, 2);
	ck_assert_uint_eq(one.finishes + two.finishes, 0);
	ck_assert_int_eq(failure.status, -ENOSPC);
	ck_assert_str_eq(failure.error.text, "failure 28");
}
END_TEST

/* `netscope ... | head`: no failure, no further call; the run ends when nobody else waits for it. */
START_TEST(a_sink_without_reader_is_done)
{
	struct nsc_sink *some[] = { &one.sink, &two.sink };
	bool stop = false;
	struct nsc_sinks unread = { .sink = some, .n = 2, .failure = &failure, .stop = &stop };

	set_up();
	one.fails_with = -EPIPE;
	nsc_sinks_tick(&unread, NULL);
	nsc_sinks_tick(&unread, NULL);
	nsc_sinks_rotate(&unread);
	nsc_sinks_finish(&unread, NULL);
	ck_assert_uint_eq(one.ticks, 1);
	ck_assert_uint_eq(one.rotations + one.finishes, 0);
	ck_assert_uint_eq(two.ticks, 2);
	ck_assert_uint_eq(two.finishes, 1);
	ck_assert_int_eq(failure.status, 0);
	ck_assert(stop);
}
END_TEST

/* Both keep what they can: two chunks always come back, and everybody hears in time that they run short. */
START_TEST(keepers_cannot_take_the_last_chunks)
{
	struct nsc_idle worker = { .asleep = 0 }, writer = { .asleep = 0 };
	struct nsc_records records = { .index = 0 };
	struct nsc_arena *arena;
	unsigned passed = 0;

	set_up();
	one.keeps = two.keeps = true;
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_records_open(&records, arena, 0, 10 * sizeof(struct nsc_flow_chunk), NULL), 0);
	nsc_channel_connect(records.channel, &(struct nsc_channel_doorbells){ .sender = &worker, .receiver = &writer });
	for (; passed < 50; passed++) {
		struct nsc_flow_chunk *chunk = nsc_records_acquire(&records);

		if (!chunk)
			break;
		nsc_channel_send(records.channel, chunk);
		nsc_sinks_records(&sinks, &records, nsc_channel_receive(records.channel));
	}
	ck_assert_uint_eq(passed, 50);
	ck_assert_uint_eq(records.held, 8);
	ck_assert_uint_eq(one.records, 50);
	ck_assert_uint_eq(one.offered, 8);
	ck_assert_uint_ge(one.urgent, 46);
	nsc_arena_close(arena);
}
END_TEST

static int no_packets(struct nsc_sink *sink, const struct nsc_packet_chunk *chunk, struct nsc_error *error)
{
	return 0;
}

/* What is copied must do for all of them. */
START_TEST(how_much_of_a_packet)
{
	static const struct {
		uint32_t wants[3], bytes;
	} cases[] = {
		{ { 0, 0, 0 }, 0 },
		{ { 0, 100, 0 }, 100 },
		{ { 100, 0, 200 }, 200 },
		{ { NSC_PACKET_LINE, 0, 0 }, NSC_PACKET_LINE },
		{ { NSC_PACKET_LINE, NSC_PACKET_LINE, 0 }, NSC_PACKET_LINE },
		{ { NSC_PACKET_LINE, 0, 64 }, NSC_PACKET_BYTES_MAX },
		{ { NSC_PACKET_BYTES_MAX, NSC_PACKET_LINE, 64 }, NSC_PACKET_BYTES_MAX },
	};
	unsigned wrong = 0;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		struct nsc_sink_ops ops[3];
		struct nsc_sink sink[3], *three[3];
		struct nsc_sinks some = { .sink = three, .n = 3 };

		for (unsigned k = 0; k < 3; k++) {
			ops[k] = (struct nsc_sink_ops){ .packet_bytes = cases[i].wants[k],
							.packets = cases[i].wants[k] ? no_packets : NULL };
			sink[k].ops = &ops[k];
			three[k] = &sink[k];
		}
		wrong += nsc_sinks_packet_bytes(&some) != cases[i].bytes;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Packets lie in one way only: that of the first sink that asks. */
START_TEST(whose_frame_packets_have)
{
	struct nsc_sink asks_not = { .ops = NULL }, asks = { .frame = { .head = 28, .mask = 3, .tail = 4 } };
	struct nsc_sink other = { .frame = { .head = 16 } };
	struct nsc_sink *three[] = { &asks_not, &asks, &other };

	ck_assert_uint_eq(nsc_sinks_packet_frame(&(struct nsc_sinks){ .sink = three, .n = 1 }).head, 0);
	ck_assert_uint_eq(nsc_sinks_packet_frame(&(struct nsc_sinks){ .sink = three, .n = 3 }).head, 28);
	ck_assert_uint_eq(nsc_sinks_packet_frame(&(struct nsc_sinks){ .sink = three, .n = 3 }).tail, 4);
}
END_TEST

static int on_packets(struct nsc_sink *sink, const struct nsc_packet_chunk *chunk, struct nsc_error *error)
{
	struct counting *c = (struct counting *)sink;

	c->records++;
	if (!c->fails_with)
		return 0;
	sink->lost += chunk->n;
	return nsc_fail(error, c->fails_with, "failure %d", -c->fails_with);
}

static int on_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct counting *c = (struct counting *)sink;

	if (c->fails_with)
		return nsc_fail(error, c->fails_with, "failure %d", -c->fails_with);
	return c->offered ? nsc_fail(error, 1, "written again") : 0;
}

static const struct nsc_sink_ops heals_ops = { .name = "heals", .packets = on_packets, .check = on_check };
static const struct nsc_sink_ops fails_ops = { .name = "fails", .packets = on_packets };

/* Live: one that can begin anew is called on, and control is told once of each change; the other one is not, and what
 * it would have been given is counted. */
START_TEST(a_live_sink_may_begin_anew)
{
	struct counting heals = { .sink = { &heals_ops } }, fails = { .sink = { &fails_ops } };
	struct nsc_sink *both[] = { &heals.sink, &fails.sink };
	static struct nsc_sinks live;
	static struct nsc_packet_chunk chunk;
	struct nsc_error error;
	uint64_t *count = live.counters.value;

	live = (struct nsc_sinks){ .sink = both, .n = 2, .live = true, .failure = &failure };
	failure = (struct nsc_failure){ .status = 0 };
	chunk.n = 7;
	nsc_sinks_packets(&live, &chunk);
	ck_assert_int_eq(nsc_sinks_news(&live, &error), NSC_OUTPUT_NO_NEWS);
	heals.fails_with = fails.fails_with = -ENOSPC;
	for (unsigned i = 0; i < 3; i++)
		nsc_sinks_packets(&live, &chunk);
	ck_assert_uint_eq(heals.records, 4);
	ck_assert_uint_eq(fails.records, 2);
	ck_assert_uint_eq(count[NSC_C_OUTPUT_LOST_PACKETS], 2 * 3 * 7);
	ck_assert_uint_eq(count[NSC_C_OUTPUT_FAILING], 2);
	ck_assert_uint_eq(count[NSC_C_OUTPUT_FAILURES], 2);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(nsc_sinks_news(&live, &error), NSC_OUTPUT_FAILS);
	ck_assert_str_eq(error.text, "failure 28");
	nsc_sinks_check(&live); /* no change, no news */
	ck_assert_int_eq(nsc_sinks_news(&live, &error), NSC_OUTPUT_NO_NEWS);
	heals.fails_with = 0;
	heals.offered = 1;
	nsc_sinks_check(&live);
	nsc_sinks_check(&live);
	ck_assert_int_eq(nsc_sinks_news(&live, &error), NSC_OUTPUT_WORKS);
	ck_assert_str_eq(error.text, "written again");
	ck_assert_int_eq(nsc_sinks_news(&live, &error), NSC_OUTPUT_NO_NEWS);
	ck_assert_uint_eq(count[NSC_C_OUTPUT_FAILING], 1);
	ck_assert_uint_eq(count[NSC_C_OUTPUT_FAILURES], 2);
	ck_assert_int_eq(failure.status, -ENOSPC);
}
END_TEST

/* A reader that does not keep up is told of like a failure, and is none: the run's status stays. All that fail now are
 * named, and one that fails in another way is told of again. */
START_TEST(a_reader_that_is_behind_and_others_that_fail)
{
	struct counting behind = { .sink = { &heals_ops }, .fails_with = -EAGAIN };
	struct counting fails = { .sink = { &heals_ops }, .fails_with = -ENOSPC };
	struct nsc_sink *both[] = { &behind.sink, &fails.sink };
	static struct nsc_packet_chunk chunk;
	static struct nsc_sinks live;
	struct nsc_error error;
	char text[64];

	live = (struct nsc_sinks){ .sink = both, .n = 1, .live = true, .failure = &failure };
	failure = (struct nsc_failure){ .status = 0 };
	chunk.n = 1;
	ck_assert_uint_eq(nsc_sinks_failing(&live, text, sizeof(text)), 0);
	nsc_sinks_packets(&live, &chunk);
	ck_assert_int_eq(nsc_sinks_news(&live, &error), NSC_OUTPUT_FAILS);
	ck_assert_uint_eq(live.counters.value[NSC_C_OUTPUT_FAILING], 1);
	ck_assert_int_eq(failure.status, 0);
	live.n = 2;
	nsc_sinks_packets(&live, &chunk);
	ck_assert_int_eq(failure.status, -ENOSPC);
	ck_assert_uint_eq(nsc_sinks_failing(&live, text, sizeof(text)), 2);
	ck_assert_str_eq(text, "failure 11; failure 28");
	ck_assert_uint_eq(nsc_sinks_failing(&live, text, 14), 2);
	ck_assert_str_eq(text, "failure 11; f");
	ck_assert_int_eq(nsc_sinks_news(&live, &error), NSC_OUTPUT_FAILS);
	fails.fails_with = -EIO;
	nsc_sinks_check(&live);
	ck_assert_int_eq(nsc_sinks_news(&live, &error), NSC_OUTPUT_FAILS);
	ck_assert_str_eq(error.text, "failure 5");
	ck_assert_int_eq(nsc_sinks_news(&live, &error), NSC_OUTPUT_NO_NEWS);
	ck_assert_uint_eq(live.counters.value[NSC_C_OUTPUT_FAILURES], 2);
}
END_TEST

/* A capture file is read to its end without what failed: that is told, and all is counted. */
START_TEST(offline_a_failure_is_for_good)
{
	struct counting heals = { .sink = { &heals_ops } };
	struct nsc_sink *one_sink[] = { &heals.sink };
	static struct nsc_sinks offline;
	static struct nsc_packet_chunk chunk;
	struct nsc_error error;

	offline = (struct nsc_sinks){ .sink = one_sink, .n = 1, .failure = &failure };
	heals.fails_with = -ENOSPC;
	chunk.n = 7;
	nsc_sinks_packets(&offline, &chunk);
	heals.fails_with = 0;
	nsc_sinks_packets(&offline, &chunk);
	nsc_sinks_check(&offline);
	ck_assert_uint_eq(heals.records, 1);
	ck_assert_uint_eq(offline.counters.value[NSC_C_OUTPUT_LOST_PACKETS], 14);
	ck_assert_int_eq(nsc_sinks_news(&offline, &error), NSC_OUTPUT_FAILS);
	ck_assert_int_eq(nsc_sinks_news(&offline, &error), NSC_OUTPUT_NO_NEWS);
}
END_TEST

struct watching { /* sees what remained, and may read it too */
	struct nsc_sink sink;
	uint64_t seen, read, seen_at_finish;
	unsigned finishes;
};

static int on_remaining(struct nsc_sink *sink, uint32_t worker, const struct nsc_flow_record *record, uint32_t n,
			struct nsc_error *error)
{
	struct watching *w = (struct watching *)sink;

	for (uint32_t i = 0; i < n; i++)
		w->seen = w->seen * 31 + worker * 10 + record[i].first_seen_ns;
	return 0;
}

static int on_finish_watching(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct watching *w = (struct watching *)sink;
	struct nsc_flow_record record[2];

	w->finishes++;
	w->seen_at_finish = w->seen;
	nsc_sink_count(sink, NSC_C_OUTPUT_LOST_ROWS, 3);
	while (sink->ops->wants_remaining && remaining->next(remaining, 0, record, 2))
		w->read++;
	return 0;
}

/* Two workers with three flows each, whose time is their number. */
static uint32_t three_each(const struct nsc_remaining *remaining, uint32_t worker, struct nsc_flow_record *out,
			   uint32_t max)
{
	uint32_t *at = remaining->context, n = 0;

	for (; n < max && at[worker] < 3; n++)
		out[n] = (struct nsc_flow_record){ .first_seen_ns = ++at[worker] };
	return n;
}

/* A reader that leaves the second worker's flows, none, and what the others see of all flows. */
START_TEST(what_remained_is_seen_once_by_all)
{
	static const struct nsc_sink_ops sees_ops = { .remaining = on_remaining, .finish = on_finish_watching };
	static const struct nsc_sink_ops reads_ops = { .wants_remaining = true, .finish = on_finish_watching };
	uint64_t expected = 0;

	for (unsigned i = 0; i < 6; i++)
		expected = expected * 31 + i / 3 * 10 + i % 3 + 1;
	for (unsigned readers = 0; readers < 2; readers++) {
		struct watching a = { .sink = { &sees_ops } }, reader = { .sink = { &reads_ops } }, b = a;
		struct nsc_sink *some[] = { &a.sink, &b.sink, &reader.sink };
		struct nsc_sinks all = { .sink = some, .n = 2 + readers, .failure = &failure };
		uint32_t at[2] = { 0, 0 };
		const struct nsc_remaining remaining = { .workers = 2, .next = three_each, .context = at };

		a.sink.counters = &all.counters;
		ck_assert(nsc_sinks_want_remaining(&all));
		nsc_sinks_finish(&all, &remaining);
		ck_assert_uint_eq(a.seen_at_finish, expected);
		ck_assert_uint_eq(b.seen_at_finish, expected);
		ck_assert_uint_eq(a.finishes + b.finishes + reader.finishes, 2 + readers);
		ck_assert_uint_eq(reader.read, 2 * readers);
		ck_assert_uint_eq(all.counters.value[NSC_C_OUTPUT_LOST_ROWS], 3);
	}
}
END_TEST

CHECK_MAIN("sinks", what_remained_is_seen_once_by_all, a_reader_that_is_behind_and_others_that_fail,
	   a_live_sink_may_begin_anew, offline_a_failure_is_for_good, how_much_of_a_packet, whose_frame_packets_have,
	   calls_what_there_is, a_failed_rotation_is_told_and_no_end, the_first_failure_stays,
	   a_sink_without_reader_is_done, keepers_cannot_take_the_last_chunks)
