/* SPDX-License-Identifier: MIT
 *
 * Streams out of segments: order, repeats, other bytes, gaps, cuts, limits, the border of 2^32. The model of the last
 * test is an array of bytes.
 */
#include "netscope/follow.h"

#include <stdio.h>
#include <string.h>

#include "engine/text/json.h"
#include "tests/unit/engine/check_main.h"

enum { HEADERS = 40, ROOM = 70000 };

static struct nsc_follow *follow;
static uint8_t frame[HEADERS + ROOM];
static uint64_t now;

static void begin(uint8_t proto)
{
	struct nsc_error error;

	now = 0;
	ck_assert_int_eq(nsc_follow_open(&follow, proto, &error), 0);
}

/* `kept`: bytes that were not cut off. */
static void add(uint8_t dir, uint8_t flags, uint32_t seq, const void *bytes, uint32_t length, uint32_t kept)
{
	struct nsc_packet pkt = {
		.data = frame,
		.ts_ns = ++now * 1000,
		.cap_len = HEADERS + kept,
		.tcp_seq = seq,
		.payload_len = length,
		.l3_off = 14,
		.l4_off = HEADERS - 20,
		.l4_len = 20,
		.tcp_flags = flags,
		.dir = dir,
		.fate = NSC_FATE_FLOW,
	};

	ck_assert_uint_le(length, ROOM);
	memcpy(frame + HEADERS, bytes, kept);
	nsc_follow_add(follow, &pkt);
}

static void say(uint8_t dir, uint32_t seq, const char *text)
{
	add(dir, NSC_TCP_ACK, seq, text, (uint32_t)strlen(text), (uint32_t)strlen(text));
}

/* "a:text b:[3 missing] a:[4 cut]", parts of one kind and side joined. */
static const char *told(void)
{
	static char text[4096];
	char *at = text;
	struct nsc_follow_part part, before = { .side = 2 };

	nsc_follow_finish(follow);
	while (nsc_follow_next(follow, &part)) {
		if (part.side != before.side || part.kind != before.kind)
			at += sprintf(at, "%s%c:", at == text ? "" : " ", 'a' + part.side);
		if (part.kind == NSC_FOLLOW_BYTES)
			at += sprintf(at, "%.*s", (int)part.length, (const char *)part.bytes);
		else
			at += sprintf(at, "[%llu %s]", (unsigned long long)part.length,
				      part.kind == NSC_FOLLOW_CUT ? "cut" : "missing");
		before = part;
	}
	return text;
}

static struct nsc_follow_numbers end(void)
{
	struct nsc_follow_numbers numbers = nsc_follow_numbers(follow);

	nsc_follow_close(follow);
	return numbers;
}

START_TEST(both_sides)
{
	struct nsc_follow_numbers n;

	begin(NSC_PROTO_TCP);
	add(1, NSC_TCP_SYN, 99, "", 0, 0);
	add(0, NSC_TCP_SYN | NSC_TCP_ACK, 499, "", 0, 0);
	say(1, 100, "GET");
	say(0, 500, "200 ");
	say(0, 504, "OK");
	say(1, 103, "bye");
	ck_assert_str_eq(told(), "b:GET a:200 OK b:bye");
	n = end();
	ck_assert_int_eq(n.client, 1);
	ck_assert_uint_eq(n.side[1].packets, 3);
	ck_assert_uint_eq(n.side[1].bytes, 6);
	ck_assert_uint_eq(n.side[0].held, 6);
}
END_TEST

/* What waits for a late segment is read behind it. */
START_TEST(out_of_order)
{
	begin(NSC_PROTO_TCP);
	say(0, 103, "def");
	say(1, 7, "x");
	say(0, 100, "abc");
	ck_assert_str_eq(told(), "b:x a:abcdef");
	ck_assert_int_eq(end().client, -1);
}
END_TEST

START_TEST(the_first_copy_wins)
{
	struct nsc_follow_numbers n;

	begin(NSC_PROTO_TCP);
	say(0, 100, "abcd");
	say(0, 102, "XYef");
	say(0, 98, "12ab");
	say(0, 100, "abcd");
	ck_assert_str_eq(told(), "a:12abcdef");
	n = end();
	ck_assert_uint_eq(n.side[0].repeated, 8);
	ck_assert_uint_eq(n.side[0].differing, 2);
	ck_assert_uint_eq(n.side[0].bytes, 16);
	ck_assert_uint_eq(n.side[0].held, 8);
}
END_TEST

/* Behind a SYN, between two segments, before a FIN. */
START_TEST(gaps)
{
	begin(NSC_PROTO_TCP);
	add(0, NSC_TCP_SYN, 99, "", 0, 0);
	say(0, 105, "ab");
	say(0, 110, "cd");
	add(0, NSC_TCP_FIN | NSC_TCP_ACK, 120, "", 0, 0);
	ck_assert_str_eq(told(), "a:[5 missing] a:ab a:[3 missing] a:cd a:[8 missing]");
	ck_assert_uint_eq(end().side[0].missing, 16);
}
END_TEST

/* A byte before the first one keeps a connection alive; a reset has no data; a SYN comes again. */
START_TEST(what_is_no_data)
{
	begin(NSC_PROTO_TCP);
	add(0, NSC_TCP_SYN, 99, "", 0, 0);
	add(0, NSC_TCP_SYN, 99, "", 0, 0);
	say(0, 99, "?");
	say(0, 100, "ab");
	add(0, NSC_TCP_RST, 102, "why", 3, 3);
	ck_assert_str_eq(told(), "a:ab");
	ck_assert_uint_eq(end().side[0].bytes, 3);
}
END_TEST

START_TEST(another_connection)
{
	struct nsc_follow_numbers n;

	begin(NSC_PROTO_TCP);
	say(0, 100, "ab");
	add(0, NSC_TCP_SYN, 99, "", 0, 0); /* came late: it is this one's */
	add(0, NSC_TCP_SYN, 70000, "", 0, 0);
	say(0, 70001, "cd");
	ck_assert_str_eq(told(), "a:ab");
	n = end();
	ck_assert_uint_eq(n.later, 2);
	ck_assert_uint_eq(n.side[0].packets, 2);
}
END_TEST

START_TEST(what_was_cut)
{
	begin(NSC_PROTO_TCP);
	add(0, NSC_TCP_ACK, 100, "abcd", 4, 2);
	add(0, NSC_TCP_ACK, 104, "efgh", 4, 1);
	say(0, 103, "DE");
	ck_assert_str_eq(told(), "a:ab a:[1 cut] a:De a:[3 cut]");
	ck_assert_uint_eq(end().side[0].cut, 4);
	begin(NSC_PROTO_UDP);
	add(0, 0, 0, "abcd", 4, 0);
	add(1, 0, 0, "ef", 2, 2);
	ck_assert_str_eq(told(), "a:[4 cut] b:ef");
	end();
}
END_TEST

START_TEST(datagrams)
{
	struct nsc_follow_part part;
	const char *const wanted[] = { "one", "two", "two", "" };

	begin(NSC_PROTO_UDP);
	say(0, 0, "one");
	say(1, 0, "two");
	say(1, 0, "two");
	say(1, 0, "");
	nsc_follow_finish(follow);
	for (unsigned i = 0; nsc_follow_next(follow, &part); i++) {
		ck_assert_uint_lt(i, 3);
		ck_assert_mem_eq(part.bytes, wanted[i], part.length);
	}
	ck_assert_uint_eq(end().side[1].repeated, 0);
}
END_TEST

START_TEST(limits)
{
	struct nsc_follow_numbers n;
	static uint8_t much[60000];

	begin(NSC_PROTO_TCP);
	for (uint32_t i = 0; i < 5; i++)
		add(0, NSC_TCP_ACK, i * 60000, much, 60000, 60000);
	add(0, NSC_TCP_FIN, 300000, "", 0, 0);
	nsc_follow_finish(follow);
	n = end();
	ck_assert_uint_eq(n.side[0].held, NSC_FOLLOW_BYTES_MOST);
	ck_assert_uint_eq(n.side[0].beyond, 300000 - NSC_FOLLOW_BYTES_MOST);
	ck_assert_uint_eq(n.side[0].missing, 0);
	begin(NSC_PROTO_TCP);
	for (uint32_t i = 0; i < NSC_FOLLOW_PACKETS_MOST + 7; i++)
		say(0, 2 * i, "z");
	nsc_follow_finish(follow);
	n = end();
	ck_assert_uint_eq(n.side[0].held, NSC_FOLLOW_PACKETS_MOST);
	ck_assert_uint_eq(n.side[0].beyond, 7);
	ck_assert_uint_eq(n.side[0].missing, NSC_FOLLOW_PACKETS_MOST - 1);
}
END_TEST

START_TEST(as_json)
{
	const struct nsc_follow_source source = { "samples", "all bytes", NSC_UNKNOWN, 3 };
	struct nsc_json json;

	begin(NSC_PROTO_TCP);
	say(0, 1, "<b>");
	add(0, NSC_TCP_ACK, 6, "xy", 2, 0);
	nsc_follow_finish(follow);
	nsc_json_init(&json, NSC_FOLLOW_JSON_MOST);
	nsc_follow_json(follow, &source, &json);
	nsc_buffer_char(&json.out, '\0');
	ck_assert_ptr_nonnull(strstr(json.out.data, "{\"source\":\"samples\",\"kept\":\"all bytes\",\"since\":null,"
						    "\"overwritten\":3,\"first\":0.000001000,\"last\":0.000002000,"));
	ck_assert_ptr_nonnull(strstr(json.out.data, "\"client\":null,\"later\":0,\"fragments\":0,"));
	ck_assert_ptr_nonnull(strstr(json.out.data, "{\"side\":\"a\",\"at\":0,\"time\":0.000001000,\"hex\":\"3c623e\"},"
						    "{\"side\":\"a\",\"at\":3,\"missing\":2},"
						    "{\"side\":\"a\",\"at\":5,\"time\":0.000002000,\"cut\":2}]}"));
	nsc_json_free(&json);
	end();
}
END_TEST

/* --- a model: what was sent, and what came ---------------------------------------------------- */

enum { STREAM = 20000, SEGMENTS = 300 };

static uint64_t seed;

static uint32_t drawn(uint32_t below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((seed >> 33) % below);
}

/* Segments of any place and length, in any order, some of them with other bytes: who came first at a byte has it. */
static void one_round(uint32_t isn)
{
	static uint8_t model[STREAM], bytes[STREAM];
	static bool has[STREAM];
	uint64_t repeated = 0, differing = 0, read = 0, first = STREAM;
	struct nsc_follow_part part;
	struct nsc_follow_numbers n;

	memset(has, 0, sizeof(has));
	begin(NSC_PROTO_TCP);
	for (unsigned s = 0; s < SEGMENTS; s++) {
		uint32_t at = drawn(STREAM - 1), length = 1 + drawn(NSC_MIN(400u, STREAM - at));

		for (uint32_t i = 0; i < length; i++) {
			bytes[i] = (uint8_t)(at + i + (drawn(50) == 0));
			repeated += has[at + i];
			differing += has[at + i] && model[at + i] != bytes[i];
			model[at + i] = has[at + i] ? model[at + i] : bytes[i];
			has[at + i] = true;
		}
		first = NSC_MIN(first, (uint64_t)at);
		add(0, NSC_TCP_ACK, isn + at, bytes, length, length);
	}
	nsc_follow_finish(follow);
	while (nsc_follow_next(follow, &part)) {
		ck_assert_uint_eq(part.at, read);
		ck_assert_uint_le(first + read + part.length, STREAM);
		for (uint64_t i = 0; i < part.length; i++)
			if (has[first + read + i] != (part.kind == NSC_FOLLOW_BYTES) ||
			    (part.bytes && part.bytes[i] != model[first + read + i]))
				ck_abort_msg("byte %llu", (unsigned long long)(first + read + i));
		read += part.length;
	}
	n = end();
	ck_assert_uint_eq(n.side[0].repeated, repeated);
	ck_assert_uint_eq(n.side[0].differing, differing);
	ck_assert_uint_eq(n.side[0].held + n.side[0].missing, read);
	ck_assert_uint_eq(n.side[0].held + repeated, n.side[0].bytes);
}

START_TEST(any_order_with_repeats_and_wraps)
{
	for (uint64_t round = 1; round < 100; round++) {
		seed = round;
		one_round(round % 3 ? UINT32_MAX - drawn(STREAM) : drawn(UINT32_MAX));
	}
}
END_TEST

CHECK_MAIN("follow", both_sides, out_of_order, the_first_copy_wins, gaps, what_is_no_data, another_connection,
	   what_was_cut, datagrams, limits, as_json, any_order_with_repeats_and_wraps)
