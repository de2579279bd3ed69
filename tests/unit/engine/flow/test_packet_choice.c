/* SPDX-License-Identifier: MIT
 *
 * Words that choose packets: what is taken, and what is refused with a sentence.
 */
#include "netscope/packet_choice.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_packet_choice choice;
static struct nsc_error error;

static int set(const char *word, const char *value)
{
	nsc_packet_choice_init(&choice);
	error.text[0] = '\0';
	return nsc_packet_choice_set(&choice, word, value, &error);
}

START_TEST(hosts)
{
	ck_assert_int_eq(set("host", "10.0.0.1"), 0);
	ck_assert(choice.kind == NSC_CHOICE_HOST && choice.ip_version == 4 && !memcmp(choice.a, "\x0a\0\0\1\0", 5));
	ck_assert_int_eq(set("host", "10.0.0.1:80"), 0);
	ck_assert(choice.kind == NSC_CHOICE_END && choice.a_port == 80 && choice.ip_version == 4);
	ck_assert_int_eq(set("host", "2001:db8::1"), 0);
	ck_assert(choice.kind == NSC_CHOICE_HOST && choice.ip_version == 6 && choice.a[15] == 1);
	ck_assert_int_eq(set("host", "[2001:db8::1]:65535"), 0);
	ck_assert(choice.kind == NSC_CHOICE_END && choice.a_port == 65535 && choice.ip_version == 6);
}
END_TEST

START_TEST(flows)
{
	static const char *const same[] = { "10.0.0.1:80-10.0.0.2:4242", "tcp-10.0.0.1-80-10.0.0.2-4242" };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(same); i++) {
		ck_assert_int_eq(set("flow", same[i]), 0);
		ck_assert(choice.kind == NSC_CHOICE_FLOW && choice.ip_version == 4 && choice.a_port == 80 &&
			  choice.b_port == 4242 && choice.a[3] == 1 && choice.b[3] == 2);
		ck_assert_uint_eq(choice.proto, i ? NSC_PROTO_TCP : 0);
	}
	ck_assert_int_eq(set("flow", "10.0.0.1-10.0.0.2"), 0);
	ck_assert(choice.any_port && !choice.proto && choice.ip_version == 4);
	ck_assert_int_eq(set("flow", "10.0.0.1:80-10.0.0.2:4242/udp"), 0);
	ck_assert(!choice.any_port && choice.proto == NSC_PROTO_UDP && choice.a_port == 80);
	ck_assert_int_eq(set("flow", "[::1]:1-[2001:db8::2]:2"), 0);
	ck_assert(choice.ip_version == 6 && choice.a[15] == 1 && choice.b[15] == 2);
}
END_TEST

START_TEST(times)
{
	const uint64_t day = 1700000000 * NSC_NS_PER_SEC;

	ck_assert_int_eq(set("last", "30s"), 0);
	ck_assert_uint_eq(choice.last_ns, 30 * NSC_NS_PER_SEC);
	ck_assert_int_eq(set("last", "1.5"), 0);
	ck_assert_uint_eq(choice.last_ns, 1500000000);
	ck_assert_int_eq(set("last", "250ms"), 0);
	ck_assert_uint_eq(choice.last_ns, 250000000);
	ck_assert_int_eq(set("last", "2m"), 0);
	ck_assert_uint_eq(choice.last_ns, 120 * NSC_NS_PER_SEC);
	ck_assert_int_eq(set("from", "1700000000.123456789"), 0);
	ck_assert_uint_eq(choice.from_ns, day + 123456789);
	ck_assert_int_eq(set("from", "2023-11-14T22:13:20Z"), 0);
	ck_assert_uint_eq(choice.from_ns, day);
	ck_assert_int_eq(set("to", "2023-11-14 22:13:20.25"), 0);
	ck_assert_uint_eq(choice.to_ns, day + 250000000);
	ck_assert_int_eq(set("to", "0"), 0);
	ck_assert_uint_eq(choice.to_ns, 0);
}
END_TEST

START_TEST(refused)
{
	static const struct {
		const char *word, *value;
	} wrong[] = {
		{ "host", "" },
		{ "host", "example.org" },
		{ "host", "10.0.0.1:" },
		{ "host", "10.0.0.1:65536" },
		{ "host", "[2001:db8::1]" },
		{ "host", "[10.0.0.1]:80" },
		{ "host", "[" },
		{ "host", "]:1" },
		{ "host", "10.0.0.0/8" },
		{ "flow", "" },
		{ "flow", "10.0.0.1:80" },
		{ "flow", "10.0.0.1-10.0.0.2:80" },
		{ "flow", "10.0.0.1-10.0.0.2/xyz" },
		{ "flow", "10.0.0.1-10.0.0.2/" },
		{ "flow", "10.0.0.1:80-[::1]:80" },
		{ "flow", "xyz-10.0.0.1-80-10.0.0.2-4242" },
		{ "last", "" },
		{ "last", "0" },
		{ "last", "0s" },
		{ "last", "-1s" },
		{ "last", "1..5" },
		{ "last", "5 s" },
		{ "last", "5parsecs" },
		{ "last", "99999999999999999999h" },
		{ "from", "yesterday" },
		{ "from", "2023-11-14T22:13:20Zz" },
		{ "from", "1969-01-01T00:00:00Z" },
		{ "to", "99999999999999999999" },
	};

	for (unsigned i = 0; i < NSC_ARRAY_LEN(wrong); i++) {
		ck_assert_msg(set(wrong[i].word, wrong[i].value) == -EINVAL, "%s %s was taken", wrong[i].word,
			      wrong[i].value);
		ck_assert_msg(error.text[0] && choice.kind == NSC_CHOICE_ALL && !choice.last_ns, "%s %s: %s",
			      wrong[i].word, wrong[i].value, error.text);
	}
	ck_assert_int_eq(set("colour", "blue"), -ENOENT);
}
END_TEST

START_TEST(together)
{
	char text[NSC_CHOICE_TEXT + 2];

	ck_assert_int_eq(set("host", "10.0.0.1"), 0);
	ck_assert_int_eq(nsc_packet_choice_set(&choice, "flow", "10.0.0.1:80-10.0.0.2:4242", &error), -EINVAL);
	ck_assert(choice.kind == NSC_CHOICE_HOST);
	ck_assert_int_eq(nsc_packet_choice_set(&choice, "last", "3s", &error), 0);
	ck_assert_int_eq(nsc_packet_choice_set(&choice, "from", "3", &error), -EINVAL);
	ck_assert_int_eq(nsc_packet_choice_set(&choice, "to", "3", &error), 0);
	ck_assert_int_eq(set("from", "4"), 0);
	ck_assert_int_eq(nsc_packet_choice_set(&choice, "to", "3", &error), -EINVAL);
	memset(text, '1', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(set("host", text), -EINVAL);
}
END_TEST

START_TEST(filters)
{
	ck_assert_int_eq(set("filter", "host:10.0.0.0/8 !port:22 proto:tcp,udp ip:4"), 0);
	ck_assert(choice.kind == NSC_CHOICE_FILTER && !strncmp(choice.filter, "host:10", 7));
	ck_assert_int_eq(nsc_packet_choice_set(&choice, "host", "10.0.0.1", &error), -EINVAL);
	ck_assert_int_eq(set("filter", "port:80 state:reset"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "no packet by itself tells state"));
	ck_assert_int_eq(set("filter", "colour:blue"), -EINVAL);
	ck_assert_int_eq(set("filter", " "), -EINVAL);
}
END_TEST

START_TEST(settled)
{
	set("last", "3s");
	nsc_packet_choice_settle(&choice, 10 * NSC_NS_PER_SEC);
	ck_assert(choice.from_ns == 7 * NSC_NS_PER_SEC && !choice.last_ns);
	set("last", "3s");
	nsc_packet_choice_settle(&choice, NSC_NS_PER_SEC);
	ck_assert_uint_eq(choice.from_ns, 0);
	set("last", "3s");
	nsc_packet_choice_set(&choice, "to", "2", &error);
	nsc_packet_choice_settle(&choice, 10 * NSC_NS_PER_SEC);
	ck_assert_uint_eq(choice.from_ns, 2 * NSC_NS_PER_SEC);
}
END_TEST

START_TEST(followed)
{
	static const struct {
		const char *flow;
		bool can;
	} cases[] = {
		{ "tcp-10.0.0.1-80-10.0.0.2-4242", true },   { "[::1]:80-[::2]:4242/udp", true },
		{ "10.0.0.1:80-10.0.0.2:4242", false },      { "10.0.0.1-10.0.0.2/tcp", false },
		{ "sctp-10.0.0.1-80-10.0.0.2-4242", false },
	};

	for (unsigned i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		ck_assert_int_eq(set("flow", cases[i].flow), 0);
		ck_assert_msg(nsc_packet_choice_can_follow(&choice) == cases[i].can, "%s", cases[i].flow);
	}
	set("host", "10.0.0.1:80");
	ck_assert(!nsc_packet_choice_can_follow(&choice));
	set("filter", "port:80");
	ck_assert(!nsc_packet_choice_can_follow(&choice));
}
END_TEST

CHECK_MAIN("packet_choice", hosts, flows, times, refused, together, filters, settled, followed)
