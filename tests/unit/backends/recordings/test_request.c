/* SPDX-License-Identifier: MIT
 *
 * What each kind of alert asks for, within times that do not wrap.
 */
#include "backends/recordings/request.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

static const struct nsc_recordings_options options = {
	.before_ns = 30 * NSC_NS_PER_SEC,
	.after_ns = 10 * NSC_NS_PER_SEC,
	.about = "whole packets",
	.live = true,
};

static struct nsc_recording_request request;

static void ask(uint8_t kind, uint64_t ts_ns, bool source, bool target)
{
	struct nsc_alert alert = { .ts_ns = ts_ns,
				   .id = 7,
				   .source = { 10, 0, 0, 1 },
				   .target = { 10, 0, 0, 2 },
				   .target_port = 80,
				   .kind = kind,
				   .ip_version = 4,
				   .has_source = source,
				   .has_target = target };

	nsc_recording_of_alert(&request, &options, &alert);
}

START_TEST(kinds)
{
	const struct nsc_packet_choice *choice = &request.ask.choice;
	const uint64_t ts_ns = 1700000000 * NSC_NS_PER_SEC;

	ask(NSC_ALERT_SYN_FLOOD, ts_ns, false, true);
	ck_assert(choice->kind == NSC_CHOICE_END && choice->a_port == 80 && choice->proto == NSC_PROTO_TCP &&
		  choice->a[3] == 2);
	ck_assert(choice->from_ns == ts_ns - options.before_ns && choice->to_ns == ts_ns + options.after_ns);
	ck_assert(request.waits && request.live && request.number == 7 && request.ts_ns == ts_ns);
	ck_assert_str_eq(request.kind, "syn_flood");
	ck_assert_msg(strstr(request.why, "packets to or from 10.0.0.2:80, because alert 7 (syn_flood) began: SYN "
					  "flood suspected"),
		      "%s", request.why);
	ask(NSC_ALERT_PORT_SCAN, ts_ns, true, false);
	ck_assert(choice->kind == NSC_CHOICE_HOST && choice->a[3] == 1 && choice->ip_version == 4);
	ask(NSC_ALERT_UDP_ICMP_FLOOD, ts_ns, false, true);
	ck_assert(choice->kind == NSC_CHOICE_HOST && choice->a[3] == 2);
	ask(NSC_ALERT_MICROBURST, ts_ns, false, false);
	ck_assert(choice->kind == NSC_CHOICE_ALL);
}
END_TEST

START_TEST(edges_of_time)
{
	ask(NSC_ALERT_MICROBURST, 1, false, false);
	ck_assert_uint_eq(request.ask.choice.from_ns, 0);
	ask(NSC_ALERT_MICROBURST, UINT64_MAX - 1, false, false);
	ck_assert_uint_eq(request.ask.choice.to_ns, UINT64_MAX);
}
END_TEST

START_TEST(choices)
{
	struct nsc_record_ask wanted = { .bytes_most = 7 };
	struct nsc_error error;
	static char why[2000];

	memset(why, 'w', sizeof(why) - 1);
	nsc_packet_choice_init(&wanted.choice);
	ck_assert_int_eq(nsc_packet_choice_set(&wanted.choice, "flow", "[::1]:80-[::2]:4242", &error), 0);
	nsc_recording_request(&request, &options, &wanted, why);
	ck_assert_uint_eq(request.ask.bytes_most, 7);
	ck_assert(!request.waits && !strncmp(request.why, "packets between [::1]:80 and [::2]:4242, ww", 43));
	ck_assert_uint_lt(strlen(request.why), sizeof(request.why));
}
END_TEST

CHECK_MAIN("request", kinds, edges_of_time, choices)
