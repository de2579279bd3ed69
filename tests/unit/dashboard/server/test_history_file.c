/* SPDX-License-Identifier: MIT
 *
 * What was written is read again, byte for byte; damage, other versions and other sensors are refused and change
 * nothing; a restart leaves a gap and no doubled point.
 */
#include "dashboard/server/history_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

#define START (1700006400ull * NSC_NS_PER_SEC)
#define SEC NSC_NS_PER_SEC
#define SENSOR "probe-1, eth0"

static struct nsc_history history, again;
static struct nsc_history_rings rings, again_rings;
static struct nsc_events events, events_again;
static struct nsc_episodes episodes, episodes_again;
static struct nsc_view view;
static struct nsc_point points[5008];
static struct nsc_point_samples samples[5008];
static struct nsc_error error;

static void begin(void)
{
	memset(&history, 0, sizeof(history));
	memset(&events, 0, sizeof(events));
	memset(&episodes, 0, sizeof(episodes));
	nsc_history_init(&history, &rings);
	events.source = "eth0";
}

/* Two targets are muted, and an attack that goes on is seen; another one goes on and is not. */
static void say_something(void)
{
	struct nsc_alert alert = { .id = 7, .kind = NSC_ALERT_SYN_FLOOD, .ip_version = 4, .has_target = true };

	alert.ts_ns = START;
	alert.target[0] = 10;
	alert.target_port = 80;
	nsc_episodes_note(&episodes, &alert);
	ck_assert(nsc_episodes_see(&episodes, 7, true));
	alert.id = 8;
	alert.target_port = 81;
	nsc_episodes_note(&episodes, &alert);
	ck_assert(nsc_episodes_mute(&episodes, "port_scan 10.0.0.7", true));
	ck_assert(nsc_episodes_mute(&episodes, "syn_flood 10.0.0.9:443", true));
}

/* What is left in the rings is out of their counts. */
static void begin_again(void)
{
	nsc_history_init(&again, &again_rings);
	memset(&events_again, 0, offsetof(struct nsc_events, ring));
	memset(&episodes_again, 0, sizeof(episodes_again));
	events_again.source = "eth0";
}

/* `n` ticks of a run that begins there. */
static void run(struct nsc_history *h, struct nsc_events *e, uint64_t start_ns, unsigned n)
{
	memset(&view, 0, sizeof(view));
	view.rtts = view.dns.on = view.dns.heard = true;
	for (unsigned i = 0; i < n; i++) {
		view.start_ns = start_ns + i * SEC;
		view.end_ns = view.start_ns + SEC;
		view.tick_packets = 10 + i % 7;
		view.rtt.count[nsc_histogram_bucket(20000 + i * 7919 % 90000000)] += i % 5;
		view.dns.latency.count[nsc_histogram_bucket(3000000 + i * 104729)] += i % 3;
		view.tick_loss[NSC_C_LANE_FULL] = i % 100 == 50;
		nsc_history_add(h, &view, i % 11 ? i % 4 : NSC_UNKNOWN, i % 60 == 7);
		nsc_events_view(e, &view);
	}
}

static struct nsc_buffer written(const struct nsc_history *h, const struct nsc_events *e)
{
	struct nsc_buffer out = nsc_buffer_open(NSC_HISTORY_FILE_MAX);

	nsc_history_write(h, e, h == &again ? &episodes_again : &episodes, NULL, SENSOR, &out);
	ck_assert(!out.full);
	return out;
}

static uint32_t all_points(const struct nsc_history *h, uint64_t from_ns)
{
	struct nsc_history_range range = { .from_ns = from_ns, .to_ns = UINT64_MAX };

	nsc_history_plan(h, &range, 5000);
	return nsc_history_part(h, &range, points, samples, 5000);
}

START_TEST(read_and_written_again_is_the_same)
{
	struct nsc_buffer one, two;

	begin();
	run(&history, &events, START, 20000);
	one = written(&history, &events);
	begin_again();
	ck_assert_int_eq(nsc_history_read(&again, &events_again, &episodes_again, one.data, one.length, SENSOR, &error),
			 0);
	two = written(&again, &events_again);
	ck_assert_uint_eq(one.length, two.length);
	ck_assert_int_eq(memcmp(one.data, two.data, one.length), 0);
	ck_assert_uint_eq(events_again.seen, events.seen);
	ck_assert(events_again.ring[events.seen % NSC_EVENTS_KEPT].earlier);
	ck_assert_uint_eq(all_points(&again, 0), 334); /* 20000 s: minutes; tens do not claim to reach back so far */
	ck_assert_uint_eq(all_points(&again, START + 19500 * SEC), 500);
	nsc_buffer_close(&one);
	nsc_buffer_close(&two);
}
END_TEST

START_TEST(a_restart_is_a_gap)
{
	struct nsc_buffer out;
	uint32_t n, wrong = 0;

	begin();
	run(&history, &events, START, 245);
	out = written(&history, &events);
	begin_again();
	ck_assert_int_eq(nsc_history_read(&again, &events_again, &episodes_again, out.data, out.length, SENSOR, &error),
			 0);
	run(&again, &events_again, START + 300 * SEC, 100);
	n = all_points(&again, 0);
	ck_assert_uint_eq(n, 345);
	for (uint32_t i = 1; i < n; i++)
		wrong += points[i].start_ns != points[i - 1].start_ns + (i == 245 ? 56 : 1) * SEC;
	ck_assert_uint_eq(wrong, 0);
	again.series[0].cut = again.series[1].cut = again.series[2].cut = true;
	ck_assert_uint_eq(all_points(&again, 0), 1); /* both runs are in one point of ten minutes */
	ck_assert_uint_eq(points[0].known_ns, 345 * SEC);
	ck_assert_uint_eq(events_again.ring[events.seen + 1].kind, NSC_EVENT_START);
	nsc_buffer_close(&out);
}
END_TEST

/* A clock that is set back a little before the restart hides what lies in the new run; much, and it is told. */
START_TEST(what_lies_behind_the_start_is_hidden)
{
	struct nsc_buffer out;

	begin();
	run(&history, &events, START, 100);
	out = written(&history, &events);
	begin_again();
	ck_assert_int_eq(nsc_history_read(&again, &events_again, &episodes_again, out.data, out.length, SENSOR, &error),
			 0);
	run(&again, &events_again, START + 60 * SEC, 10);
	ck_assert_uint_eq(all_points(&again, 0), 70);
	ck_assert(!nsc_history_is_ahead(&again));
	begin_again();
	ck_assert_int_eq(nsc_history_read(&again, &events_again, &episodes_again, out.data, out.length, SENSOR, &error),
			 0);
	run(&again, &events_again, START - 4000 * SEC, 10);
	ck_assert_uint_eq(all_points(&again, 0), 10);
	ck_assert(nsc_history_is_ahead(&again));
	again.offset_ns = 5000 * SEC; /* the clock is right now */
	ck_assert_uint_eq(all_points(&again, 0), 110);
	ck_assert(!nsc_history_is_ahead(&again));
	nsc_buffer_close(&out);
}
END_TEST

static void expect(const void *bytes, size_t n, const char *sensor, int status)
{
	begin_again();
	again.without = 5;
	ck_assert_int_eq(nsc_history_read(&again, &events_again, &episodes_again, bytes, n, sensor, &error), status);
	ck_assert_uint_eq(again.series[0].n | again.series[1].n | again.series[2].n | again.series[3].n, 0);
	ck_assert_uint_eq(events_again.seen, 0);
	ck_assert_uint_eq(again.without, 5);
}

static void seal(uint8_t *bytes, size_t n)
{
	uint64_t sum = 0xcbf29ce484222325;

	for (size_t i = 0; i + 8 < n; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3;
	for (unsigned i = 0; i < 8; i++)
		bytes[n - 8 + i] = (uint8_t)(sum >> 8 * i);
}

START_TEST(what_was_said_of_attacks_goes_along)
{
	struct nsc_buffer out, two;

	begin();
	run(&history, &events, START, 3);
	say_something();
	out = written(&history, &events);
	begin_again();
	ck_assert_int_eq(nsc_history_read(&again, &events_again, &episodes_again, out.data, out.length, SENSOR, &error),
			 0);
	ck_assert_uint_eq(episodes_again.mutes, 2);
	ck_assert_str_eq(episodes_again.mute[0], "port_scan 10.0.0.7");
	ck_assert_str_eq(episodes_again.mute[1], "syn_flood 10.0.0.9:443");
	ck_assert_uint_eq(episodes_again.carried, 1);
	ck_assert_str_eq(episodes_again.carry[0].key, "syn_flood 10.0.0.0:80");
	ck_assert_uint_eq(episodes_again.carry[0].last_ns, START);
	two = written(&again, &events_again); /* it goes on to the next run, as long as it does not begin again */
	ck_assert_uint_eq(two.length, out.length);
	nsc_buffer_close(&two);
	nsc_buffer_close(&out);
}
END_TEST

/* Of version 1, which ended with the events. */
START_TEST(an_old_file_is_read)
{
	struct nsc_buffer out;

	begin();
	run(&history, &events, START, 30);
	out = written(&history, &events);
	out.data[17] = 1;
	out.length -= 2; /* both lists are empty */
	seal((uint8_t *)out.data, out.length);
	begin_again();
	ck_assert_int_eq(nsc_history_read(&again, &events_again, &episodes_again, out.data, out.length, SENSOR, &error),
			 0);
	ck_assert_uint_eq(again.series[0].n, 30);
	ck_assert_uint_eq(episodes_again.mutes | episodes_again.carried, 0);
	nsc_buffer_close(&out);
}
END_TEST

/* With a checksum that fits: keys that are none. As many as there is room for are taken. */
START_TEST(bad_keys_are_refused)
{
	static const char *const bad[] = { "syn_flood 10.0.0.9:80\n", "syn_flood", "flood 10.0.0.9", "syn_flood <b>" };
	struct nsc_buffer out;

	for (size_t i = 0; i < NSC_ARRAY_LEN(bad); i++) {
		begin();
		run(&history, &events, START, 2);
		say_something();
		snprintf(episodes.mute[1], NSC_MUTE_KEY, "%s", bad[i]);
		out = written(&history, &events);
		expect(out.data, out.length, SENSOR, -EBADMSG);
		ck_assert_uint_eq(episodes_again.mutes | episodes_again.carried, 0);
		nsc_buffer_close(&out);
	}
	for (episodes.mutes = 0; episodes.mutes < NSC_MUTES_MAX; episodes.mutes++)
		snprintf(episodes.mute[episodes.mutes], NSC_MUTE_KEY, "syn_flood 10.0.0.9:%u", episodes.mutes);
	out = written(&history, &events);
	begin_again();
	ck_assert_int_eq(nsc_history_read(&again, &events_again, &episodes_again, out.data, out.length, SENSOR, &error),
			 0);
	ck_assert_uint_eq(episodes_again.mutes, NSC_MUTES_MAX);
	nsc_buffer_close(&out);
}
END_TEST

START_TEST(damage_is_refused)
{
	struct nsc_buffer out;
	uint32_t taken = 0;

	begin();
	run(&history, &events, START, 30);
	out = written(&history, &events);
	expect(out.data, out.length, "probe-2, eth0", -EXDEV);
	expect(out.data, 0, SENSOR, -EBADMSG);
	expect("netscope history\n\3 and more", 25, SENSOR, -EBADMSG);
	expect("netscope history\n\0 and more!", 26, SENSOR, -EPROTONOSUPPORT);
	expect("netscope history\n\3 and more!", 26, SENSOR, -EPROTONOSUPPORT);
	for (size_t i = 0; i < out.length; i++) {
		begin_again();
		taken += !nsc_history_read(&again, &events_again, &episodes_again, out.data, i, SENSOR, &error);
		out.data[i] ^= 0x11;
		begin_again();
		taken +=
			!nsc_history_read(&again, &events_again, &episodes_again, out.data, out.length, SENSOR, &error);
		out.data[i] ^= 0x11;
	}
	ck_assert_uint_eq(taken, 0);
	nsc_buffer_close(&out);
}
END_TEST

/* With a checksum that fits: a hostile writer. Whatever is taken can be shown and written again. */
START_TEST(hostile_bytes_do_no_harm)
{
	struct nsc_buffer out;
	uint64_t state = 1;

	begin();
	run(&history, &events, START, 40);
	say_something();
	out = written(&history, &events);
	for (unsigned round = 0; round < 3000; round++) {
		size_t n = out.length;
		uint8_t *copy = malloc(n);

		memcpy(copy, out.data, n);
		for (unsigned i = 0; i < 1 + round % 4; i++) {
			state = state * 6364136223846793005 + 1442695040888963407;
			copy[18 + (state >> 33) % (n - 26)] = (uint8_t)(state >> 56);
		}
		if (round % 3 == 0)
			n = 26 + (state >> 20) % (n - 26);
		seal(copy, n);
		begin_again();
		if (!nsc_history_read(&again, &events_again, &episodes_again, copy, n, SENSOR, &error)) {
			struct nsc_buffer two = written(&again, &events_again);

			all_points(&again, 0);
			run(&again, &events_again, START + 100 * SEC, 3);
			nsc_buffer_close(&two);
		}
		free(copy);
	}
	nsc_buffer_close(&out);
}
END_TEST

START_TEST(a_month_takes_a_few_mib)
{
	struct nsc_buffer out;

	begin();
	run(&history, &events, START, 31 * 86400);
	out = written(&history, &events);
	fprintf(stderr, "# 31 days: %zu bytes\n", out.length);
	ck_assert_uint_lt(out.length, 6u << 20);
	nsc_buffer_close(&out);
}
END_TEST

/* The worst: every histogram full, every number large, every text long. */
START_TEST(the_largest_file_is_within_its_bound)
{
	struct nsc_buffer out;
	char text[NSC_EVENT_TEXT + 10];

	begin();
	for (unsigned t = 0; t < NSC_HISTORY_STEPS; t++) {
		struct nsc_point point = { .length_ns = UINT64_MAX, .known_ns = UINT64_MAX };
		struct nsc_point_samples full;

		memset(point.value, 0xfe, sizeof(point.value));
		memset(full.count, 0xff, sizeof(full.count));
		for (uint32_t i = 0; i < history.series[t].room; i++) {
			point.start_ns = i % 2 ? 0 : UINT64_MAX / 2;
			nsc_series_restore(&history.series[t], &point, &full);
		}
	}
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (unsigned i = 0; i < NSC_EVENTS_KEPT; i++) {
		events.now_ns = i % 2 ? 0 : UINT64_MAX / 2;
		nsc_events_note(&events, NSC_EVENT_RELOAD, text);
	}
	for (unsigned i = 0; i < NSC_MUTES_MAX; i++)
		memset(episodes.mute[i], 'x', NSC_MUTE_KEY - 1);
	episodes.mutes = NSC_MUTES_MAX;
	out = written(&history, &events);
	fprintf(stderr, "# the largest file: %zu bytes\n", out.length);
	ck_assert_uint_gt(out.length, 8u << 20);
	nsc_buffer_close(&out);
}
END_TEST

CHECK_MAIN("history_file", read_and_written_again_is_the_same, a_restart_is_a_gap, what_lies_behind_the_start_is_hidden,
	   damage_is_refused, hostile_bytes_do_no_harm, what_was_said_of_attacks_goes_along, an_old_file_is_read,
	   bad_keys_are_refused, a_month_takes_a_few_mib, the_largest_file_is_within_its_bound)
