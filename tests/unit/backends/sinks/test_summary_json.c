/* SPDX-License-Identifier: MIT
 *
 * The summary as JSON: every counter under its name, exact beyond 2^53, null for what is not known.
 */
#include "netscope/out.h"

#include "summary_view.h"

#include <cjson/cJSON.h>
#include <errno.h>

static char folder[64];

static void enter(void)
{
	test_enter_folder(folder);
}

static void leave(void)
{
	test_leave_folder(folder);
}

/* The file's text, to be freed. */
static char *written(const struct nsc_summary *summary)
{
	struct nsc_outfile *file;

	ck_assert_int_eq(nsc_summary_json_open(&file, "s.json", NULL), 0);
	ck_assert_int_eq(nsc_summary_json_write(file, summary, NULL), 0);
	nsc_summary_json_close(file);
	ck_assert_uint_eq(test_count_files(), 1);
	return test_read_file("s.json", NULL);
}

static const cJSON *at(const cJSON *json, const char *outer, const char *inner)
{
	return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(json, outer), inner);
}

START_TEST(what_it_says)
{
	struct nsc_view *view = test_final_view();
	struct nsc_engine_budget budget = { .flow_bytes_each = 123, .total = 456 };
	struct nsc_summary summary = { .view = view,
				       .elapsed_ns = 2500000001,
				       .source = "file",
				       .input = "a \"b\".pcap",
				       .version = "1.2",
				       .config_json = "{\"flow\":{\"max_flows\":9}}",
				       .budget = &budget };
	const cJSON *worker;
	cJSON *json;
	char *text;

	view->totals.value[NSC_C_WAITED_TAP] = 19000;
	text = written(&summary);
	json = cJSON_Parse(text);
	ck_assert_ptr_nonnull(json);
	ck_assert_ptr_nonnull(strstr(text, "\"elapsed_secs\":\t2.500000001,"));
	ck_assert_int_eq(cJSON_GetObjectItem(json, "schema_version")->valueint, 1);
	ck_assert_str_eq(cJSON_GetObjectItem(json, "version")->valuestring, "1.2");
	ck_assert_str_eq(at(json, "source", "name")->valuestring, "file");
	ck_assert_str_eq(at(json, "source", "input")->valuestring, "a \"b\".pcap");
	ck_assert(cJSON_IsFalse(at(json, "source", "live")));
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(json, "failure")));
	ck_assert_int_eq(cJSON_GetObjectItem(json, "packets_per_second")->valueint, 800);
	ck_assert_int_eq(at(json, "fates", "flow")->valueint, 1890);
	ck_assert_int_eq(at(json, "fates", "tag_limit")->valueint, 0);
	ck_assert(cJSON_IsTrue(at(json, "ledger", "balanced")));
	ck_assert_int_eq(cJSON_GetArraySize(at(json, "ledger", "lines")), 5);
	ck_assert(at(json, "cycles_per_packet", "rx")->valuedouble == 10.0);
	ck_assert(at(json, "cycles_per_packet", "total")->valuedouble == 30.526);
	ck_assert(at(json, "waited_per_packet", "tap")->valuedouble == 10.0);
	ck_assert(at(json, "waited_per_packet", "total")->valuedouble == 10.0);
	ck_assert_int_eq(at(json, "round_ns", "rounds")->valueint, 100);
	ck_assert_int_eq(at(json, "round_ns", "max")->valueint, 50000);
	ck_assert_int_ge(at(json, "round_ns", "p50")->valueint, 1000);
	ck_assert_int_lt(at(json, "round_ns", "p99")->valueint, 1200);
	ck_assert_int_eq(at(json, "round_ns", "p99_99")->valueint, 50000);
	ck_assert_int_eq(cJSON_GetArraySize(at(json, "round_ns", "histogram")), 2);
	ck_assert_int_eq(cJSON_GetArrayItem(at(json, "round_ns", "histogram")->child, 1)->valueint, 99);
	ck_assert_int_eq(at(json, "queue_ns", "bursts")->valueint, 0);
	ck_assert_int_eq(at(json, "age_ns", "bursts")->valueint, 0);
	ck_assert_int_eq(at(json, "memory_budget", "total")->valueint, 456);
	ck_assert_int_eq(at(json, "config", "flow")->child->valueint, 9);
	ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "workers")), 1);
	worker = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "workers"), 0);
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(worker, "core")));
	ck_assert_int_eq(at(worker, "counters", "worker_packets")->valueint, 1900);
	cJSON_Delete(json);
	free(text);
	free(view);
}
END_TEST

START_TEST(every_counter_exactly)
{
	struct nsc_view *view = test_final_view();
	struct nsc_summary summary = { .view = view };
	unsigned wrong = 0;
	cJSON *json;
	char *text;

	view->n_workers = 0;
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		view->totals.value[i] = 9007199254740993ull + i; /* 2^53 + 1: not a double */
	view->totals.value[NSC_C_RX_NIC_DROPS] = NSC_UNKNOWN;
	text = written(&summary);
	json = cJSON_Parse(text);
	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		char want[96];

		snprintf(want, sizeof(want), "\"%s\":\t%llu", nsc_counter_table[i].name,
			 (unsigned long long)view->totals.value[i]);
		wrong += i != NSC_C_RX_NIC_DROPS && !strstr(text, want);
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert(cJSON_IsNull(at(json, "counters", "rx_nic_drops")));
	ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "counters")), NSC_C_COUNT);
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(json, "memory_budget")));
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(json, "config")));
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(json, "version")));
	cJSON_Delete(json);
	free(text);
	free(view);
}
END_TEST

/* Two lists, by class: each has every counter of it, hit or not. */
START_TEST(losses_and_limits)
{
	struct nsc_view *view = test_final_view();
	struct nsc_summary summary = { .view = view };
	const cJSON *item;
	cJSON *json;
	char *text;
	int n[NSC_CLASS_COUNT] = { 0 };

	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		n[nsc_counter_table[i].class]++;
	view->totals.value[NSC_C_FLOW_EVICTED] = 7;
	view->totals.value[NSC_C_TAP_FULL] = 8;
	text = written(&summary);
	json = cJSON_Parse(text);
	ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "losses")), n[NSC_CLASS_LOSS]);
	ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "limits")), n[NSC_CLASS_LIMIT]);
	cJSON_ArrayForEach(item, cJSON_GetObjectItem(
					 json, "losses")) if (!strcmp(cJSON_GetObjectItem(item, "counter")->valuestring,
								      "tap_full"))
		ck_assert_int_eq(cJSON_GetObjectItem(item, "lost")->valueint, 8);
	cJSON_ArrayForEach(item, cJSON_GetObjectItem(json, "limits"))
	{
		if (!strcmp(cJSON_GetObjectItem(item, "counter")->valuestring, "flow_evicted"))
			break;
	}
	ck_assert_ptr_nonnull(item);
	ck_assert_str_eq(cJSON_GetObjectItem(item, "counter")->valuestring, "flow_evicted");
	ck_assert_str_eq(cJSON_GetObjectItem(item, "what")->valuestring, "flow table");
	ck_assert_int_eq(cJSON_GetObjectItem(item, "hit")->valueint, 7);
	cJSON_Delete(json);
	free(text);
	free(view);
}
END_TEST

START_TEST(refused_and_full)
{
	struct nsc_view *view = test_final_view();
	struct nsc_summary summary = { .view = view };
	struct nsc_outfile *file;
	struct nsc_error error;

	ck_assert_int_eq(nsc_summary_json_open(&file, "missing/s.json", &error), -ENOENT);
	ck_assert_int_eq(nsc_summary_json_open(&file, "/dev/full", &error), 0);
	ck_assert_int_eq(nsc_summary_json_write(file, &summary, &error), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(error.text, "No space left on device"));
	nsc_summary_json_close(file);
	free(view);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("summary json");
	TCase *tcase = tcase_create("file");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, enter, leave);
	tcase_add_test(tcase, what_it_says);
	tcase_add_test(tcase, every_counter_exactly);
	tcase_add_test(tcase, losses_and_limits);
	tcase_add_test(tcase, refused_and_full);
	return test_run(suite);
}
