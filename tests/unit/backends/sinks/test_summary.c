/* SPDX-License-Identifier: MIT
 *
 * The printed summary: golden text, what a live source cannot know, a ledger that does not balance.
 */
#include "netscope/out.h"

#include "summary_view.h"

#include <errno.h>

static char *printed(const struct nsc_summary *summary, bool color)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(nsc_summary_print(out, summary, color), 0);
	fclose(out);
	return text;
}

START_TEST(golden)
{
	struct nsc_view *view = test_final_view();
	struct nsc_summary summary = { .view = view, .elapsed_ns = 2500000000, .input = "some.pcap" };
	char *text = printed(&summary, false);

	ck_assert_str_eq(text, "received                2,000  packets, 1,234,567 bytes from some.pcap\n"
			       "  filtered                100    5.0 %  packets that the filter refused\n"
			       "  flow                  1,890   94.5 %  counted in a flow\n"
			       "  arp                      10    0.5 %  ARP or RARP\n"
			       "drops                       0  offline: nothing can be lost\n"
			       "flows                      30  =  25 at the end + 5 timed out\n"
			       "elapsed              2.500000  s, 800 packets per second, 1 worker\n"
			       "cycles a packet          30.5  =  rx 10.0 + flow 20.5\n"
			       "                         15.3  ns a packet; 50.0 % of all cycles idle\n"
			       "ledger: balanced\n");
	free(text);
	free(view);
}
END_TEST

/* Waits are no cycles of a stage, and no idle ones. */
START_TEST(what_was_waited)
{
	struct nsc_view *view = test_final_view();
	struct nsc_summary summary = { .view = view, .elapsed_ns = 2500000000, .input = "some.pcap" };
	char *text;

	view->totals.value[NSC_C_WAITED_LANE] = 76000;
	view->totals.value[NSC_C_WAITED_RECORDS] = 8000;
	text = printed(&summary, false);
	ck_assert_ptr_nonnull(strstr(text, "\ncycles a packet          30.5  =  rx 10.0 + flow 20.5\n"
					   "                         15.3  ns a packet; 29.0 % of all cycles idle\n"
					   "cycles waited            44.2  =  lane 40.0 + records 4.2\n"));
	free(text);
	free(view);
}
END_TEST

START_TEST(live_and_full)
{
	struct nsc_view *view = test_final_view();
	struct nsc_summary summary = {
		.view = view, .elapsed_ns = 1, .live = true, .input = "eth0", .clock = "kernel"
	};
	char *text;

	view->totals.value[NSC_C_RX_KERNEL_DROPS] = 1234;
	view->totals.value[NSC_C_LANE_FULL] = 3;
	view->totals.value[NSC_C_RX_KERNEL_SEEN] = 10000;
	view->totals.value[NSC_C_RX_STACK_DROPS] = 9;
	view->totals.value[NSC_C_RX_WIRE_PACKETS] = 81000;
	view->totals.value[NSC_C_RX_WIRE_BYTES] = 83902000;
	view->totals.value[NSC_C_FLOW_EVICTED] = 1;
	view->totals.value[NSC_C_DETECT_SKIPPED] = 5;
	view->totals.value[NSC_C_RELOADS] = 1002;
	view->totals.value[NSC_C_RELOADS_REFUSED] = 1;
	text = printed(&summary, true);
	ck_assert_ptr_nonnull(strstr(text, "        1,002  of the configuration file, 1 refused\n"));
	ck_assert_ptr_nonnull(strstr(text, "        1,237  of 10,000 packets that the kernel had for us\n"));
	ck_assert_ptr_nonnull(strstr(text, "  interface                 ?  not known\n"));
	ck_assert_ptr_nonnull(strstr(text, "  kernel ring           1,234  "));
	ck_assert_ptr_nonnull(strstr(text, "  full lanes                3  "));
	ck_assert_ptr_nonnull(strstr(text, "  driver or backlog         9  (apart) "));
	ck_assert_ptr_nonnull(strstr(text, "       81,000  packets, 83,902,000 bytes: offloads"));
	ck_assert_ptr_nonnull(strstr(text, " packets, 1,234,567 bytes from eth0, clock: kernel\n"));
	ck_assert_ptr_nonnull(strstr(text, "  contacts                  5  (apart) "));
	ck_assert_ptr_null(strstr(text, "limit hit       \033[0m            3"));
	ck_assert_ptr_nonnull(strstr(text, "\033[1mlimit hit       \033[0m            1  flow records evicted "
					   "because the table was full\n"));
	ck_assert_ptr_nonnull(strstr(text, " + 1 evicted\n"));
	free(text);
	free(view);
}
END_TEST

START_TEST(missing_packets)
{
	struct nsc_view *view = test_final_view();
	struct nsc_summary summary = { .view = view };
	char *text;

	view->totals.value[NSC_C_RX_DELIVERED] = 1890;
	view->totals.value[NSC_C_WORKER_PACKETS] = 1890;
	text = printed(&summary, false);
	ck_assert_ptr_nonnull(strstr(text,
				     "ledger: does not balance\n"
				     "  source: received = filtered + delivered: 10 too many (2,000 against 1,990)\n"));
	ck_assert_ptr_nonnull(strstr(text, "sum of all fates: 10 missing (1,890 against 1,900)\n"));
	free(text);
	free(view);
}
END_TEST

START_TEST(nothing_came)
{
	struct nsc_view *view = test_final_view();
	struct nsc_summary summary = { .view = view };
	char *text;

	memset(&view->totals, 0, sizeof(view->totals));
	text = printed(&summary, false);
	ck_assert_str_eq(text, "received                    0  packets, 0 bytes\n"
			       "drops                       0  offline: nothing can be lost\n"
			       "flows                       0  =  0 at the end\n"
			       "elapsed              0.000000  s, 0 packets per second, 1 worker\n"
			       "ledger: balanced\n");
	free(text);
	free(view);
}
END_TEST

START_TEST(full_disk)
{
	struct nsc_view *view = test_final_view();
	struct nsc_summary summary = { .view = view };
	FILE *out = fopen("/dev/full", "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(nsc_summary_print(out, &summary, false), -ENOSPC);
	fclose(out);
	free(view);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("summary");
	TCase *tcase = tcase_create("text");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, golden);
	tcase_add_test(tcase, what_was_waited);
	tcase_add_test(tcase, live_and_full);
	tcase_add_test(tcase, missing_packets);
	tcase_add_test(tcase, nothing_came);
	tcase_add_test(tcase, full_disk);
	return test_run(suite);
}
