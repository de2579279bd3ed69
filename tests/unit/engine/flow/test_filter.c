/* SPDX-License-Identifier: MIT
 *
 * The language of filters: what is taken, what is refused with a sentence, what matches; names of flows.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/name_store.h"
#include "netscope/interfaces.h"
#include "netscope/query.h"
#include "tests/unit/engine/check_main.h"

static struct nsc_flow_filter filter;
static struct nsc_error error;

static int parse(const char *text)
{
	error.text[0] = '\0';
	return nsc_flow_filter_parse(&filter, text, strlen(text), &error);
}

static struct nsc_flow_record flow_of(const char *a, uint16_t port_a, const char *b, uint16_t port_b, uint8_t proto)
{
	struct nsc_flow_record r = { .port_a = port_a, .port_b = port_b, .proto = proto };

	r.ip_version = strchr(a, ':') ? 6 : 4;
	inet_pton(r.ip_version == 4 ? AF_INET : AF_INET6, a, r.addr_a);
	inet_pton(r.ip_version == 4 ? AF_INET : AF_INET6, b, r.addr_b);
	return r;
}

START_TEST(takes_what_is_written_right)
{
	static const char *const good[] = {
		"",
		"  ",
		"port:443",
		"port:1-1024",
		"!port:443,80",
		"port>1023",
		"host:10.0.0.0/8",
		"host:2001:db8::/32",
		"host:::1",
		"10.0.0.1",
		"2001:db8::1",
		"::1/128",
		"tcp",
		"!udp",
		"TCP",
		"Proto:TCP,udp",
		"state:reset,closed",
		"443",
		"1000-2000",
		"rtt>50ms",
		"rtt>1.5",
		"rtt<=3us",
		"duration>1m",
		"age>2h",
		"idle<10",
		"bytes>=1.5GiB",
		"bytes:1k-2M",
		"bps>10Mbps",
		"packets=3",
		"ip:6",
		"retrans>0",
		"ooo!=0",
		"lost:1",
		"client:10.0.0.0/8",
		"server_port:53",
		"port:443 host:10.0.0.0/8 tcp\tstate:reset",
		"host:0.0.0.0/0",
		"bytes>18446744073709000000",
		"protocol:sctp",
		"app:tls,QUIC",
		"app:http*",
		"app_source!=port",
		"http",
		"!dns,tls",
		"www.Example.com",
		"*example*,a.b",
		"name:a%3cb",
		"alpn:h2,http/1.1",
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(good); i++)
		ck_assert_msg(!parse(good[i]), "'%s': %s", good[i], error.text);
}
END_TEST

START_TEST(refuses_the_rest_with_a_sentence)
{
	static const char *const bad[] = {
		"x",
		"port",
		"port:",
		"port:x",
		"port:65536",
		"port:-1",
		"port:2-1",
		"port:1-",
		"host:1.2.3",
		"host:10.0.0.0/33",
		"host:::/129",
		"host:10.0.0.0/",
		"host:10.0.0.0/8x",
		"state:open",
		"state>reset",
		"proto:gre",
		"host<10.0.0.1",
		"rtt>5parsecs",
		"rtt>",
		"rtt>1.",
		"rtt>.5",
		"rtt>1e9",
		"bytes>1KiX",
		"bytes>-1",
		"bytes>1-2",
		"port<1,2",
		"nothing:1",
		"nothing>1",
		"!",
		"!!tcp",
		"port:443,",
		",",
		"bytes>99999999999999999999999999",
		"tcp,http",
		"dns,tsl",
		"app:",
		"app:https",
		"app_source:guess",
		"name:",
		"name:a,",
		"1.2.3",
		"prot:www.example.com",
		"a/b.example",
		"\"tcp\"",
		"port::443",
		"tick_bytes>1",
		"a:1.2.3.4",
		"interface>eth0",
		"interface:",
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(bad); i++) {
		ck_assert_msg(parse(bad[i]) == -22, "'%s' was taken", bad[i]);
		ck_assert_msg(!strncmp(error.text, "filter: ", 8), "'%s': '%s'", bad[i], error.text);
	}
	ck_assert_int_eq(nsc_flow_filter_parse(&filter, "port:4\0", 7, &error), -22);
}
END_TEST

/* Without a database nothing would match, and nobody would know why. */
START_TEST(places_need_a_database)
{
	static const char *const places[] = { "country:DE", "!country!=de", "asn:64500", "asn>1", "country:??" };

	for (size_t i = 0; i < NSC_ARRAY_LEN(places); i++) {
		ck_assert_int_eq(parse(places[i]), -22);
		ck_assert_msg(strstr(error.text, "only --geoip FILE tells this field"), "%s", error.text);
	}
}
END_TEST

START_TEST(interfaces_by_name)
{
	static const struct {
		const char *text;
		bool first, second, none;
	} cases[] = { { "interface:eth0", true, false, false },     { "interface:ETH0,wlan*", true, true, false },
		      { "interface!=eth0", false, true, false },    { "!interface:eth0", false, true, true },
		      { "interface:eth", false, false, false },     { "interface:*", true, true, false },
		      { "interface:wlan*five", false, true, false } };
	struct nsc_flow_record first = { .interface = nsc_interface_number("eth0", 4) };
	struct nsc_flow_record second = { .interface = nsc_interface_number("WLAN, five", 10) }, none = { 0 };
	const struct nsc_flow_moment now = { 0 };

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		ck_assert_msg(!parse(cases[i].text), "%s", error.text);
		ck_assert_msg(nsc_flow_filter_match(&filter, &first, &now) == cases[i].first &&
				      nsc_flow_filter_match(&filter, &second, &now) == cases[i].second &&
				      nsc_flow_filter_match(&filter, &none, &now) == cases[i].none,
			      "%s", cases[i].text);
	}
}
END_TEST

START_TEST(bounds_hold)
{
	char text[NSC_FILTER_TEXT + 2];
	size_t n = 0;

	for (int i = 0; i < NSC_FILTER_TERMS; i++)
		n += (size_t)sprintf(text + n, "tcp ");
	ck_assert_int_eq(parse(text), 0);
	ck_assert_uint_eq(filter.n, NSC_FILTER_TERMS);
	sprintf(text + n, "tcp");
	ck_assert_int_eq(parse(text), -22);
	n = (size_t)sprintf(text, "port:1");
	for (int i = 1; i < NSC_FILTER_VALUES; i++)
		n += (size_t)sprintf(text + n, ",1");
	ck_assert_int_eq(parse(text), 0);
	sprintf(text + n, ",1");
	ck_assert_int_eq(parse(text), -22);
	n = (size_t)sprintf(text, "name:");
	memset(text + n, 'a', NSC_NAME_MAX + 1);
	text[n + NSC_NAME_MAX] = '\0';
	ck_assert_int_eq(parse(text), 0);
	memcpy(text + n + NSC_NAME_MAX, "a", 2);
	ck_assert_int_eq(parse(text), -22);
	memset(text, 'a', sizeof(text)); /* the longest filter of names alone */
	memcpy(text, "name:", n);
	memcpy(text + n + NSC_NAME_MAX, " name:", n + 1);
	ck_assert_int_eq(nsc_flow_filter_parse(&filter, text, NSC_FILTER_TEXT, &error), 0);
	ck_assert_uint_eq(filter.n_text, NSC_FILTER_TEXT - 2 * n - 1);
	memset(text, ' ', sizeof(text));
	ck_assert_int_eq(nsc_flow_filter_parse(&filter, text, NSC_FILTER_TEXT, &error), 0);
	ck_assert_int_eq(nsc_flow_filter_parse(&filter, text, NSC_FILTER_TEXT + 1, &error), -22);
}
END_TEST

struct match_case {
	const char *text;
	bool tcp, udp; /* whether it lets the two flows below through */
};

/* tcp 10.1.2.3:51000 -> 192.168.0.9:443, opened by a, all analyses; udp [2001:db8::1]:53 -> [2001:db8::2]:40000, opener
 * unknown */
static const struct match_case match_cases[] = {
	{ "", true, true },
	{ "tcp", true, false },
	{ "!tcp", false, true },
	{ "proto!=tcp", false, true },
	{ "udp,sctp", false, true },
	{ "port:443", true, false },
	{ "port:53,443", true, true },
	{ "port:50000-52000", true, false },
	{ "!port:443", false, true },
	{ "port>40000", true, false },
	{ "port>=40000", true, true },
	{ "port<443", false, true },
	{ "443", true, false },
	{ "host:10.0.0.0/8", true, false },
	{ "host:10.1.2.3", true, false },
	{ "host:10.1.2.2/31", true, false },
	{ "host:10.1.2.0/31", false, false },
	{ "192.168.0.0/16", true, false },
	{ "host:0.0.0.0/0", true, false },
	{ "host:2001:db8::/127", false, true },
	{ "host:2001:db8::2", false, true },
	{ "::/0", false, true },
	{ "ip:4", true, false },
	{ "client:10.1.2.3", true, false },
	{ "client:192.168.0.9", false, false },
	{ "server:192.168.0.9", true, false },
	{ "!client:192.168.0.9", true, true },
	{ "client!=192.168.0.9", true, false },
	{ "server_port:443", true, false },
	{ "client_port:51000", true, false },
	{ "client_port:443", false, false },
	{ "state:established", true, false },
	{ "state!=established", false, false },
	{ "!state:established", false, true },
	{ "bytes>2999", true, true },
	{ "bytes>3000", false, true },
	{ "bytes:3k", true, false },
	{ "bytes>1Mi", false, false },
	{ "packets<10", true, false },
	{ "duration:2s", true, false },
	{ "duration<3", true, true },
	{ "age>9s", true, true },
	{ "age>11s", false, false },
	{ "idle>7.9", true, false },
	{ "bps>11k", true, true },
	{ "bps<13kbps", true, false },
	{ "rtt>4", true, false },
	{ "rtt>6ms", false, false },
	{ "rtt<6ms", true, false },
	{ "!rtt>6ms", true, true },
	{ "rtt_min:4ms", true, false },
	{ "rtt_last>5ms", true, false },
	{ "rtt_handshake>=5ms", true, false },
	{ "retrans>0", true, false },
	{ "ooo:0", true, false },
	{ "lost!=1", true, false },
	{ "zero_windows:2-9", true, false },
	{ "tcp port:443 bytes>1k !state:reset", true, false },
	{ "tcp udp", false, false },
};

START_TEST(matches)
{
	const uint64_t second = NSC_NS_PER_SEC, start = 1700000000 * second;
	struct nsc_flow_record tcp = flow_of("10.1.2.3", 51000, "192.168.0.9", 443, NSC_PROTO_TCP);
	struct nsc_flow_record udp = flow_of("2001:db8::1", 53, "2001:db8::2", 40000, NSC_PROTO_UDP);
	const struct nsc_flow_moment now = { .clock_ns = start + 10 * second };
	const struct match_case *c = &match_cases[_i];

	tcp.first_seen_ns = udp.first_seen_ns = start;
	tcp.last_seen_ns = start + 2 * second;
	udp.last_seen_ns = start + 25 * second / 10;
	tcp.packets[0] = 4;
	tcp.packets[1] = 5;
	tcp.bytes[0] = 1000;
	tcp.bytes[1] = 2000;
	udp.packets[0] = 100;
	udp.bytes[0] = 9000;
	tcp.tcp_state = NSC_TCP_STATE_ESTABLISHED;
	tcp.client = NSC_CLIENT_A;
	tcp.analyses = NSC_ANALYSIS_ALL;
	tcp.retransmissions = 3;
	tcp.zero_windows = 2;
	tcp.rtt_samples = 2;
	tcp.rtt_last_ns = 6000000;
	tcp.rtt_min_ns = 4000000;
	tcp.rtt_ewma_ns = tcp.rtt_handshake_ns = 5000000;
	udp.last_seen_ns = start + 3 * second - 1;
	ck_assert_msg(!parse(c->text), "%s", error.text);
	ck_assert_msg(nsc_flow_filter_match(&filter, &tcp, &now) == c->tcp, "'%s' and the TCP flow", c->text);
	ck_assert_msg(nsc_flow_filter_match(&filter, &udp, &now) == c->udp, "'%s' and the UDP flow", c->text);
}
END_TEST

START_TEST(names_of_flows)
{
	static const char *const bad[] = { "",
					   "tcp",
					   "tcp-1.2.3.4-1-1.2.3.5",
					   "tcp-1.2.3.4-1-1.2.3.5-2-",
					   "tcp-1.2.3.4-1-::1-2",
					   "gre-1.2.3.4-1-1.2.3.5-2",
					   "tcp-1.2.3.4-70000-1.2.3.5-2",
					   "tcp-1.2.3.4/8-1-1.2.3.5-2",
					   "tcp--1-1.2.3.5-2",
					   "tcp-1.2.3.4-1x-1.2.3.5-2" };
	struct nsc_flow_name name;

	ck_assert_int_eq(nsc_flow_name_parse(&name, "udp-2001:db8::1-53-::2-65535", 28, &error), 0);
	ck_assert_uint_eq(name.proto, NSC_PROTO_UDP);
	ck_assert_uint_eq(name.ip_version, 6);
	ck_assert_uint_eq(name.port_b, 65535);
	ck_assert_uint_eq(name.addr_a[0], 0x20);
	ck_assert_uint_eq(name.addr_b[15], 2);
	for (size_t i = 0; i < NSC_ARRAY_LEN(bad); i++)
		ck_assert_msg(nsc_flow_name_parse(&name, bad[i], strlen(bad[i]), &error) == -22, "'%s' was taken",
			      bad[i]);
}
END_TEST

/* What a flow said: whole, with stars, below a name, one of a list. */
START_TEST(matches_what_flows_say)
{
	static const struct {
		const char *text;
		bool matches;
	} rows[] = {
		{ "app:tls", true },
		{ "app:TLS,quic", true },
		{ "app:quic", false },
		{ "!app:quic", true },
		{ "app!=quic", true },
		{ "app!=tls", false },
		{ "app_source:payload", true },
		{ "app:t*", true },
		{ "tls", true },
		{ "example.com", true },
		{ "*.example.com", true },
		{ "!example.com", false },
		{ "example.org", false },
		{ "name:*.www.example.com", false },
		{ "name:.com", true },
		{ "name:*xam*", true },
		{ "name:*xam*xam*", false },
		{ "name:*www*", true },
		{ "name:*com", true },
		{ "name:*com*m", false },
		{ "name:www.example.com*com", false },
		{ "name:m*.com", false },
		{ "name:www.example.com", true },
		{ "name:Example.COM", true },
		{ "name:ample.com", false },
		{ "name:com", true },
		{ "name:*ample.com", true },
		{ "name:www.*", true },
		{ "name:w*.ex*le.c*m", true },
		{ "name:w*x", false },
		{ "name:*", true },
		{ "name:**", true },
		{ "name:www.example.com.", false },
		{ "name:example.org,example.com", true },
		{ "sni:example.com", true },
		{ "alpn:h2", true },
		{ "alpn:http/1.1", true },
		{ "alpn:http*", true },
		{ "alpn:h", false },
		{ "ja4:t13d*", true },
		{ "ja4:q*", false },
		{ "app:tls name:example.com !alpn:h3", true },
	};
	static const char ja4[] = "t13d1516h2_8daaf6152771_e5627efa2ab1";
	struct nsc_named named = { .app = NSC_APP_TLS, .source = NSC_APP_SOURCE_PAYLOAD };
	struct nsc_flow_record r = flow_of("10.0.0.1", 5000, "10.0.0.2", 6000, NSC_PROTO_TCP);
	const struct nsc_flow_moment moment = { .clock_ns = 1 };
	struct nsc_counters counters = { 0 };
	struct nsc_name_store *store;
	struct nsc_arena *arena;

	ck_assert(!nsc_arena_open(&arena, &error) && !nsc_name_store_open(&store, arena, 0, false, &error));
	named.name_length = (uint8_t)strlen(strcpy(named.name, "www.example.com"));
	named.alpn_length = (uint8_t)strlen(strcpy(named.alpn, "h2;http/1.1"));
	named.ja4_length = NSC_JA4_LENGTH;
	memcpy(named.ja4, ja4, NSC_JA4_LENGTH);
	for (size_t i = 0; i < NSC_ARRAY_LEN(rows); i++) {
		ck_assert_msg(!parse(rows[i].text), "%s: %s", rows[i].text, error.text);
		nsc_flow_name_set(&r, nsc_name_store_put(store, &named, &counters));
		ck_assert_msg(nsc_flow_filter_match(&filter, &r, &moment) == rows[i].matches, "%s", rows[i].text);
	}
	nsc_flow_name_set(&r, NSC_NAME_HANDLE_NONE); /* what is not known matches nothing */
	ck_assert(!parse("name:*") && !nsc_flow_filter_match(&filter, &r, &moment));
	ck_assert(!parse("name!=x") && !nsc_flow_filter_match(&filter, &r, &moment));
	ck_assert(!parse("!name:*") && nsc_flow_filter_match(&filter, &r, &moment));
	ck_assert(parse("name>a") && parse("app:"));
	nsc_name_store_close(store);
	nsc_arena_close(arena);
}
END_TEST

static struct nsc_flow_record said_flow(struct nsc_name_store *store, enum nsc_app app, const char *name,
					const char *alpn, const char *ja4)
{
	struct nsc_flow_record r = flow_of("10.1.2.3", 51000, "192.168.0.9", 80, NSC_PROTO_TCP);
	struct nsc_named named = { .app = (uint8_t)app, .source = NSC_APP_SOURCE_PAYLOAD };
	struct nsc_counters counters = { 0 };

	named.name_length = (uint8_t)strlen(name);
	memcpy(named.name, name, strlen(name));
	named.alpn_length = (uint8_t)strlen(alpn);
	memcpy(named.alpn, alpn, strlen(alpn));
	named.ja4_length = (uint8_t)strlen(ja4);
	memcpy(named.ja4, ja4, strlen(ja4));
	nsc_flow_name_set(&r, app ? nsc_name_store_put(store, &named, &counters) : NSC_NAME_HANDLE_NONE);
	return r;
}

/* What a star means, in the fewest words. */
static bool star_model(const char *want, const char *have)
{
	if (*want == '*')
		return star_model(want + 1, have) || (*have && star_model(want, have + 1));
	return *want == *have && (!*want || star_model(want + 1, have + 1));
}

static void random_word(char *word, unsigned most, const char *letters)
{
	unsigned n = 1 + (unsigned)rand() % most;

	for (unsigned i = 0; i < n; i++)
		word[i] = letters[(unsigned)rand() % strlen(letters)];
	word[n] = '\0';
}

START_TEST(stars_are_what_the_model_says)
{
	const struct nsc_flow_moment now = { 0 };
	struct nsc_name_store *store;
	struct nsc_arena *arena;
	unsigned through = 0;

	ck_assert(!nsc_arena_open(&arena, &error) && !nsc_name_store_open(&store, arena, 0, false, &error));
	srand(7);
	for (unsigned i = 0; i < 20000; i++) {
		char have[9], text[16] = "ja4:";
		struct nsc_flow_record flow;
		bool fits;

		random_word(have, 8, "ab");
		random_word(text + 4, 7, "ab**");
		flow = said_flow(store, NSC_APP_TLS, "", "", have);
		ck_assert_int_eq(parse(text), 0);
		fits = nsc_flow_filter_match(&filter, &flow, &now);
		ck_assert_msg(fits == star_model(text + 4, have), "%s and %s", text, have);
		through += fits;
	}
	ck_assert_uint_gt(through, 2000);
	nsc_name_store_close(store);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(sorts_by_what_flows_say)
{
	static const char *const keys[] = { "app", "name", "ja4" };
	struct nsc_flow_record flow[3];
	struct nsc_flow_moment now = { 0 };
	struct nsc_name_store *store;
	struct nsc_arena *arena;

	ck_assert(!nsc_arena_open(&arena, &error) && !nsc_name_store_open(&store, arena, 0, false, &error));
	flow[0] = said_flow(store, NSC_APP_SSH, "b.example", "", "t13d1516h2_8daaf6152771_e5627efa2ab1");
	flow[1] = said_flow(store, NSC_APP_TLS, "b.example.com", "", "t13d1517h2_8daaf6152771_e5627efa2ab1");
	flow[2] = said_flow(store, NSC_APP_NONE, "", "", "");
	flow[2].port_b = 1;
	for (size_t k = 0; k < NSC_ARRAY_LEN(keys); k++) {
		const struct nsc_column *column = nsc_column_find(keys[k], true);
		struct nsc_flow_key_value v[3];
		bool before = false;

		ck_assert_msg(column->value(&flow[0], &now, &v[0]) && column->value(&flow[1], &now, &v[1]), "%s",
			      keys[k]);
		ck_assert_msg(!column->value(&flow[2], &now, &v[2]), "%s is not known", keys[k]);
		for (unsigned i = 0; i < NSC_ARRAY_LEN(v->word) && v[0].word[i] <= v[1].word[i] && !before; i++)
			before = v[0].word[i] < v[1].word[i];
		ck_assert_msg(before, "%s is not in the order of its letters", keys[k]);
	}
	nsc_name_store_close(store);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(columns_have_what_they_need)
{
	for (uint32_t i = 0; i < nsc_column_count; i++) {
		const struct nsc_column *c = &nsc_column_table[i];

		ck_assert_msg(c->filters || c->sorts, "%s", c->name);
		ck_assert_msg(!c->sorts || c->value, "%s sorts by nothing", c->name);
		ck_assert_msg(!c->filters || c->value || c->text || c->end != NSC_SIDE_NONE, "%s filters by nothing",
			      c->name);
		ck_assert_msg((c->kind == NSC_COLUMN_TEXT) == (c->text != NULL), "%s and its text", c->name);
		ck_assert_msg(c->kind == NSC_COLUMN_TEXT || (c->kind == NSC_COLUMN_WORD) == (c->words != NULL),
			      "%s and its words", c->name);
		ck_assert_msg(c->help && c->help[0], "%s has no help", c->name);
		if (c->sorts)
			ck_assert_ptr_eq(nsc_column_find(c->name, true), c);
	}
	ck_assert_ptr_null(nsc_column_find("host", true));
	ck_assert_ptr_null(nsc_column_find("", false));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("filter");
	TCase *tcase = tcase_create("filter");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, takes_what_is_written_right);
	tcase_add_test(tcase, refuses_the_rest_with_a_sentence);
	tcase_add_test(tcase, places_need_a_database);
	tcase_add_test(tcase, interfaces_by_name);
	tcase_add_test(tcase, bounds_hold);
	tcase_add_loop_test(tcase, matches, 0, NSC_ARRAY_LEN(match_cases));
	tcase_add_test(tcase, names_of_flows);
	tcase_add_test(tcase, matches_what_flows_say);
	tcase_add_test(tcase, stars_are_what_the_model_says);
	tcase_add_test(tcase, sorts_by_what_flows_say);
	tcase_add_test(tcase, columns_have_what_they_need);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
