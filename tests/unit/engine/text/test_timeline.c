/* SPDX-License-Identifier: MIT
 *
 * Events of two threads become spans, marks, arrows and counters; pieces come one behind the other, whatever their
 * size. tests/cli/timeline looks at whole documents.
 */
#include "engine/text/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/timeline.h"
#include "tests/unit/engine/check_main.h"

#define HZ 1e9 /* a cycle is a nanosecond */

static struct nsc_arena *arena;
static struct nsc_timeline *capture, *worker;
static char *text;

static void open_timelines(void)
{
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_timeline_open(&capture, arena, NSC_TIMELINE_BUSY, HZ, NULL), 0);
	ck_assert_int_eq(nsc_timeline_open(&worker, arena, NSC_TIMELINE_CALM, HZ, NULL), 0);
	capture->minute_ends = worker->minute_ends = UINT64_MAX;
}

/* All pieces, joined in `text`; how many they were. */
static uint32_t dump(void)
{
	const struct nsc_timelines timelines = {
		.n = 2,
		.thread = { { .timeline = capture, .name = "nsc-capture", .id = 11, .lane = -1 },
			    { .timeline = worker, .name = "nsc-worker-0", .id = 12, .lane = 0 } },
		.began_cycles = 1000,
		.began_ns = 1500000000,
		.tsc_hz = HZ,
	};
	struct nsc_timeline_dump *dump;
	struct nsc_json json;
	uint32_t pieces = 0;
	size_t length = 0;
	bool more;

	ck_assert_int_eq(nsc_timeline_dump_open(&dump, &timelines, NULL), 0);
	nsc_json_init(&json, (size_t)4 * NSC_TIMELINE_PIECE);
	text = NULL;
	do {
		more = nsc_timeline_dump_next(dump, &json);
		text = realloc(text, length + json.out.length + 1);
		memcpy(text + length, json.out.data, json.out.length);
		length += json.out.length;
		text[length] = '\0';
		ck_assert_uint_le(json.out.length, NSC_TIMELINE_PIECE + 4096);
		ck_assert(!json.out.full);
		json.out.length = 0;
		pieces++;
	} while (more);
	nsc_json_free(&json);
	nsc_timeline_dump_close(dump);
	return pieces;
}

static void close_timelines(void)
{
	free(text);
	nsc_arena_close(arena);
}

static void has(const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "%s is not in %s", part, text);
}

static uint32_t times(const char *part)
{
	uint32_t n = 0;

	for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
		n++;
	return n;
}

START_TEST(events_become_a_trace)
{
	open_timelines();
	nsc_timeline_border(capture, 2000, NSC_C_CYCLES_RX, 64);
	nsc_timeline_tag(capture, NSC_TIMELINE_LANE_SEND, 0, 5);
	nsc_timeline_tag(capture, NSC_TIMELINE_LANE_SEND, 0, 6); /* is not received in time */
	nsc_timeline_mark(capture, NSC_C_LANE_FULL, 3);
	nsc_timeline_border(capture, 4500, NSC_C_CYCLES_STEER, 64);
	nsc_timeline_border(worker, 3000, NSC_C_CYCLES_SWEEP, 0);
	nsc_timeline_tag(worker, NSC_TIMELINE_LANE_RECEIVE, 2, 5);
	nsc_timeline_tag(worker, NSC_TIMELINE_CORE, 0, 7);
	nsc_timeline_border(worker, 5000, NSC_C_CYCLES_RX, 64);
	nsc_timeline_mark(worker, NSC_TIMELINE_BLOCKED, 350000);
	nsc_timeline_mark(worker, NSC_TIMELINE_FAULTED, 9);
	nsc_timeline_border(worker, 6000, NSC_TIMELINE_PART, 0);
	nsc_timeline_border(worker, 8000, NSC_C_WAITED_RECORDS, 0);
	nsc_timeline_border(worker, 9001, NSC_C_CYCLES_FLOW, 64);
	nsc_timeline_round(worker, 3000, 9001);
	ck_assert_uint_eq(dump(), 1);
	has("\"began\":1.500000000");
	has("\"name\":\"thread_name\",\"pid\":");
	has("\"args\":{\"name\":\"nsc-worker-0\"}");
	has("\"tid\":11,\"cat\":\"stage\",\"ts\":1.000,\"dur\":2.500,\"args\":{\"n\":64}}");
	has("\"tid\":11,\"cat\":\"lane\",\"id\":\"0.5\",\"ts\":1.000}");
	has("\"tid\":11,\"cat\":\"loss\",\"s\":\"t\",\"ts\":1.000,\"args\":{\"n\":3}}");
	has("\"tid\":12,\"cat\":\"lane\",\"id\":\"0.5\",\"bp\":\"e\",\"ts\":3.999}");
	has("\"tid\":12,\"ts\":2.000,\"args\":{\"bursts waiting\":2}}");
	has("\"tid\":12,\"ts\":2.000,\"args\":{\"core\":7}}");
	has("\"name\":\"blocked\",\"pid\":");
	has("\"tid\":12,\"cat\":\"event\",\"s\":\"t\",\"ts\":4.000,\"args\":{\"us\":350000}}");
	has("\"tid\":12,\"cat\":\"event\",\"s\":\"t\",\"ts\":4.000,\"args\":{\"n\":9}}");
	has("\"tid\":12,\"cat\":\"stage\",\"ts\":4.000,\"dur\":1.000}"); /* flow, up to its wait */
	has("\"tid\":12,\"cat\":\"wait\",\"ts\":5.000,\"dur\":2.000}");
	has("\"tid\":12,\"cat\":\"stage\",\"ts\":7.000,\"dur\":1.001,\"args\":{\"n\":64}}");
	has("\"cat\":\"round\",\"ts\":2.000,\"dur\":6.001}");
	ck_assert_uint_eq(times("\"name\":\"flow\""), 2);
	ck_assert_uint_eq(times("\"name\":\"wait: records\""), 1);
	ck_assert_uint_eq(times("\"ph\":\"s\""), 1);
	ck_assert_uint_eq(times("\"ph\":\"f\""), 1);
	ck_assert_str_eq(text + strlen(text) - 3, "}]}");
	close_timelines();
}
END_TEST

START_TEST(many_events_come_in_pieces)
{
	open_timelines();
	for (uint64_t i = 1; i <= 2 * NSC_TIMELINE_BUSY; i++)
		nsc_timeline_border(capture, 1000 + i, NSC_C_CYCLES_RX, 64);
	ck_assert_uint_gt(dump(), 10);
	ck_assert_uint_eq(times("\"ph\":\"X\""), NSC_TIMELINE_BUSY - 2);
	ck_assert_uint_eq(times("\"name\":\"nsc-worker-0\""), 1);
	close_timelines();
}
END_TEST

/* Whatever the first thread leaves of a piece: with an event more each time its end passes over the other's head. */
START_TEST(a_head_is_written_once)
{
	uint32_t pieces = 1;

	open_timelines();
	nsc_timeline_border(worker, 1000, NSC_C_CYCLES_RX, 64);
	nsc_timeline_border(worker, 1100, NSC_C_CYCLES_FLOW, 64);
	nsc_timeline_round(worker, 1000, 1100);
	for (uint64_t i = 1; pieces == 1 || i % 32; i++) {
		nsc_timeline_border(capture, 1000 + i, NSC_C_CYCLES_RX, 64);
		pieces = dump();
		ck_assert_uint_eq(times("\"args\":{\"name\":\"nsc-worker-0\"}"), 1);
		ck_assert_uint_eq(times("\"cat\":\"round\""), 1);
		free(text);
		text = NULL;
	}
	close_timelines();
}
END_TEST

CHECK_MAIN("timeline_text", events_become_a_trace, many_events_come_in_pieces, a_head_is_written_once)
