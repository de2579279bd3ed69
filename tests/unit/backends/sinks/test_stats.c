/* SPDX-License-Identifier: MIT
 *
 * The [stats] lines: golden text, rates over the true length of a tick, unknown drops, a reader that has gone.
 */
#include "engine/base/name_store.h"
#include "netscope/out.h"

#include "records.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

static struct nsc_view view;
static char text[65536];

/* What the sink writes for the view. */
static const char *lines(bool live)
{
	struct nsc_out out = { .stats = true, .live = live, .top_flows = NSC_TOP_MAX };
	struct nsc_sink *sink;
	ssize_t n;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	out.fd = fds[1];
	ck_assert_int_eq(nsc_stats_open(&sink, &out, NULL), 0);
	ck_assert_int_eq(sink->ops->tick(sink, &view, NULL), 0);
	nsc_stats_close(sink);
	close(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	close(fds[0]);
	return text;
}

static void golden_view(void)
{
	memset(&view, 0, sizeof(view));
	view.start_ns = 1700000000 * NSC_NS_PER_SEC;
	view.end_ns = view.start_ns + NSC_NS_PER_SEC;
	view.rate_ns = NSC_NS_PER_SEC;
	view.tick_packets = 1234;
	view.tick_bytes = 1542500;
	view.totals.value[NSC_C_FLOW_ACTIVE] = 56;
}

START_TEST(one_line)
{
	golden_view();
	ck_assert_str_eq(lines(false), "[stats] 12.34 Mbps | 1234 pps | 56 flows | drops 0 | at 22:13:21.000000\n");
	view.tick_drops = 7;
	ck_assert_str_eq(lines(true), "[stats] 12.34 Mbps | 1234 pps | 56 flows | drops 7 | at 22:13:21.000000\n");
}
END_TEST

START_TEST(the_fullest_millisecond)
{
	golden_view();
	view.microbursts = true;
	view.microburst = (struct nsc_microburst){ .packets = 81, .bytes = 122634 };
	ck_assert_str_eq(lines(false), "[stats] 12.34 Mbps | 1234 pps | 56 flows | drops 0 | burst 81 packets, 122634 "
				       "bytes in a ms | at 22:13:21.000000\n");
}
END_TEST

START_TEST(unknown_drops)
{
	golden_view();
	view.tick_drops = NSC_UNKNOWN;
	ck_assert_ptr_nonnull(strstr(lines(true), "| drops ? |"));
	ck_assert_ptr_nonnull(strstr(lines(false), "| drops 0 |"));
}
END_TEST

START_TEST(losses_by_place)
{
	golden_view();
	view.tick_drops = 15;
	view.tick_loss[NSC_C_RX_KERNEL_DROPS] = 12;
	view.tick_loss[NSC_C_LANE_FULL] = 3;
	view.tick_loss[NSC_C_RX_NIC_DROPS] = 7;
	view.tick_loss[NSC_C_RX_STACK_DROPS] = NSC_UNKNOWN;
	ck_assert_ptr_eq(strstr(lines(true),
				"[stats] 12.34 Mbps | 1234 pps | 56 flows | drops 15 (kernel ring 12, full lanes 3; "
				"apart: interface 7) | at 22:13:21.000000\n[drops] interface: "),
			 text);
	ck_assert_ptr_nonnull(strstr(text, "\n[drops] kernel ring: "));
	ck_assert_ptr_nonnull(strstr(text, "--workers"));
	ck_assert_ptr_null(strstr(text, "backlog"));
	view.tick_loss[NSC_C_RX_KERNEL_DROPS] = view.tick_loss[NSC_C_LANE_FULL] = view.tick_drops = 0;
	ck_assert_ptr_nonnull(strstr(lines(true), "| drops 0 (apart: interface 7) |"));
}
END_TEST

START_TEST(partial_interval)
{
	golden_view();
	view.final = true;
	view.rate_ns = NSC_NS_PER_SEC / 4;
	view.end_ns = view.start_ns + view.rate_ns;
	ck_assert_str_eq(lines(false), "[stats] 49.36 Mbps | 4936 pps | 56 flows | drops 0 | at 22:13:20.250000\n");
	view.rate_ns = 0;
	view.end_ns = view.start_ns;
	ck_assert_str_eq(lines(false), "[stats] 0.00 Mbps | 0 pps | 56 flows | drops 0 | at 22:13:20.000000\n");
}
END_TEST

START_TEST(empty_intervals)
{
	golden_view();
	view.empty_ticks = 12;
	ck_assert_ptr_eq(strstr(lines(false), "[stats] 12 intervals without a packet\n[stats] 12.34 "), text);
	view.empty_ticks = 1;
	ck_assert_ptr_eq(strstr(lines(false), "[stats] 1 interval without a packet\n[stats] 12.34 "), text);
}
END_TEST

START_TEST(top_flows)
{
	golden_view();
	view.n_top = 3;
	view.top[0] = (struct nsc_top_flow){ .tick_bytes = 1000000, .flow = test_golden_record() };
	view.top[1] = (struct nsc_top_flow){ .tick_bytes = 500000, .flow = test_golden_record() };
	view.top[1].flow.client = NSC_CLIENT_A;
	view.top[1].flow.tcp_state = NSC_TCP_STATE_SYN_SENT;
	view.top[2] = (struct nsc_top_flow){ .tick_bytes = 60, .flow = test_golden_record() };
	view.top[2].flow.client = NSC_CLIENT_NONE;
	view.top[2].flow.proto = NSC_PROTO_UDP;
	view.top[2].flow.ip_version = 6;
	memset(view.top[2].flow.addr_a, 0, 16);
	view.top[2].flow.addr_a[15] = 1;
	memset(view.top[2].flow.addr_b, 0xfe, 16);
	ck_assert_str_eq(
		lines(false),
		"[stats] 12.34 Mbps | 1234 pps | 56 flows | drops 0 | at 22:13:21.000000\n"
		"   1  tcp  192.168.255.100:65535 -> 10.0.0.1:443           8.00 Mbps     65500 bytes  established\n"
		"   2  tcp  10.0.0.1:443 -> 192.168.255.100:65535           4.00 Mbps     65500 bytes  syn_sent\n"
		"   3  udp  [::1]:443 <-> [fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:65535 0.00 Mbps     65500 bytes\n");
}
END_TEST

/* The name first, then the address; an application that is known by its port only says so; the longest name. */
START_TEST(names_of_top_flows)
{
	struct nsc_named named = { .app = NSC_APP_TLS, .source = NSC_APP_SOURCE_PAYLOAD };
	struct nsc_counters counters = { 0 };
	struct nsc_name_store *store;
	struct nsc_arena *arena;
	struct nsc_error error;
	char longest[NSC_NAME_MAX + 32];

	ck_assert(!nsc_arena_open(&arena, &error) && !nsc_name_store_open(&store, arena, 0, false, &error));
	golden_view();
	view.n_top = 5;
	for (unsigned i = 0; i < view.n_top; i++)
		view.top[i] = (struct nsc_top_flow){ .tick_bytes = 1000000, .flow = test_golden_record() };
	nsc_flow_name_set(&view.top[0].flow, nsc_name_store_put(store, &named, &counters));
	nsc_flow_name_set(&view.top[1].flow, NSC_NAME_HANDLE_NONE);
	nsc_flow_name_set(&view.top[2].flow, NSC_NAME_HANDLE_NONE);
	view.top[2].flow.port_a = 1234;
	named.name_length = (uint8_t)strlen(strcpy(named.name, "www.example.com"));
	nsc_flow_name_set(&view.top[3].flow, nsc_name_store_put(store, &named, &counters));
	named.name_length = NSC_NAME_MAX;
	memset(named.name, 'x', NSC_NAME_MAX);
	nsc_flow_name_set(&view.top[4].flow, nsc_name_store_put(store, &named, &counters));
	snprintf(longest, sizeof(longest), "   5  tcp  %.*s 192.168", NSC_NAME_MAX, named.name);
	ck_assert_ptr_nonnull(strstr(
		lines(false),
		"   1  tcp  tls                             192.168.255.100:65535 -> 10.0.0.1:443           8.00"));
	ck_assert_ptr_nonnull(strstr(lines(false), "   2  tcp  tls?                            192.168"));
	ck_assert_ptr_nonnull(strstr(lines(false), "   3  tcp  -                               192.168"));
	ck_assert_ptr_nonnull(strstr(lines(false), "   4  tcp  www.example.com                 192.168"));
	ck_assert_ptr_nonnull(strstr(lines(false), longest));
	nsc_name_store_close(store);
	nsc_arena_close(arena);
}
END_TEST

/* The widest lines, as many as there can be, stay within the buffer (the sanitizer looks on). */
START_TEST(most_and_widest)
{
	struct nsc_out out = { .stats = true, .live = true, .top_flows = NSC_TOP_MAX };
	FILE *file = tmpfile();
	struct nsc_sink *sink;
	unsigned n = 0;

	memset(&view, 0xff, sizeof(view));
	view.start_ns = view.end_ns - 1;
	view.n_top = NSC_TOP_MAX;
	view.microbursts = true;
	for (unsigned i = 0; i < NSC_TOP_MAX; i++) {
		view.top[i].flow.ip_version = 6;
		view.top[i].flow.proto = NSC_PROTO_TCP;
		view.top[i].flow.tcp_state = NSC_TCP_STATE_ESTABLISHED;
	}
	out.fd = fileno(file);
	ck_assert_int_eq(nsc_stats_open(&sink, &out, NULL), 0);
	ck_assert_int_eq(sink->ops->tick(sink, &view, NULL), 0);
	nsc_stats_close(sink);
	rewind(file);
	for (int c; (c = getc(file)) != EOF;)
		n += c == '\n';
	ck_assert_uint_eq(n, NSC_TOP_MAX + 2);
	fclose(file);
}
END_TEST

static struct nsc_sink *shown_sink;
static int shown_fds[2];

/* What the sink writes for the next tick of a second; "" for nothing. */
static const char *next_tick(uint64_t empty, bool final)
{
	ssize_t n;

	view.empty_ticks = empty;
	view.start_ns = view.end_ns + empty * NSC_NS_PER_SEC;
	view.end_ns = view.start_ns + NSC_NS_PER_SEC;
	view.final = final;
	ck_assert_int_eq(shown_sink->ops->tick(shown_sink, &view, NULL), 0);
	n = read(shown_fds[0], text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void show(bool on, uint32_t every, uint32_t flows)
{
	nsc_stats_show(shown_sink, &(struct nsc_stats_shown){ .on = on, .every = every, .top_flows = flows });
}

/* Off and on, a line for several ticks, fewer flows under it: while the run goes on. */
START_TEST(what_is_shown_changes)
{
	struct nsc_out out = { .stats_later = true, .live = true, .top_flows = 1 };

	ck_assert_int_eq(pipe2(shown_fds, O_NONBLOCK), 0);
	out.fd = shown_fds[1];
	golden_view();
	view.n_top = 1;
	view.top[0] = (struct nsc_top_flow){ .tick_bytes = 1000000, .flow = test_golden_record() };
	ck_assert_int_eq(nsc_stats_open(&shown_sink, &out, NULL), 0);
	ck_assert_str_eq(next_tick(0, false), "");
	show(true, 1, 1);
	ck_assert_ptr_eq(strstr(next_tick(2, false), "[stats] 2 intervals without a packet\n[stats] 12.34 Mbps"), text);
	ck_assert_ptr_nonnull(strstr(text, "\n   1  tcp "));
	show(true, 4, 0);
	view.tick_loss[NSC_C_LANE_FULL] = view.tick_drops = 1;
	ck_assert_str_eq(next_tick(0, false), "");
	ck_assert_str_eq(next_tick(1, false), "");
	ck_assert_ptr_eq(
		strstr(next_tick(0, false), "[stats] 9.26 Mbps | 926 pps | 56 flows | drops 3 (full lanes 3) | at "),
		text);
	ck_assert_ptr_null(strstr(text, "without a packet"));
	ck_assert_ptr_null(strstr(text, "tcp"));
	ck_assert_ptr_nonnull(strstr(next_tick(0, true), "[stats] 12.34 Mbps | 1234 pps | 56 flows | drops 1 "));
	show(false, 1, 0);
	ck_assert_str_eq(next_tick(0, false), "");
	nsc_stats_show(NULL, NULL);
	nsc_stats_close(shown_sink);
	close(shown_fds[0]);
	close(shown_fds[1]);
}
END_TEST

START_TEST(reader_has_gone)
{
	struct nsc_out out = { .stats = true, .live = false, .top_flows = NSC_TOP_MAX };
	struct nsc_sink *sink;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	golden_view();
	ck_assert_int_eq(pipe(fds), 0);
	close(fds[0]);
	out.fd = fds[1];
	ck_assert_int_eq(nsc_stats_open(&sink, &out, NULL), 0);
	ck_assert_int_eq(sink->ops->tick(sink, &view, NULL), -EPIPE);
	nsc_stats_close(sink);
	close(fds[1]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stats");
	TCase *tcase = tcase_create("lines");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, one_line);
	tcase_add_test(tcase, the_fullest_millisecond);
	tcase_add_test(tcase, unknown_drops);
	tcase_add_test(tcase, losses_by_place);
	tcase_add_test(tcase, partial_interval);
	tcase_add_test(tcase, empty_intervals);
	tcase_add_test(tcase, top_flows);
	tcase_add_test(tcase, names_of_top_flows);
	tcase_add_test(tcase, most_and_widest);
	tcase_add_test(tcase, what_is_shown_changes);
	tcase_add_test(tcase, reader_has_gone);
	return test_run(suite);
}
