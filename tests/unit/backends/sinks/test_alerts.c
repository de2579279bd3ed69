/* SPDX-License-Identifier: MIT
 *
 * The sink of alerts: whole lines on the terminal and in the file, at once.
 */
#include "netscope/out.h"

#include "records.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

static char folder[64];

static void enter(void)
{
	test_enter_folder(folder);
}

static void leave(void)
{
	test_leave_folder(folder);
}

static struct nsc_alert scan_of(uint32_t number)
{
	struct nsc_alert alert = {
		.ts_ns = 1700000000 * NSC_NS_PER_SEC,
		.window_ns = NSC_NS_PER_SEC,
		.kind = NSC_ALERT_PORT_SCAN,
		.ip_version = 4,
		.source = { 10, 0, (uint8_t)(number >> 8), (uint8_t)number },
		.has_source = true,
	};

	alert.observed[NSC_ALERT_PORTS] = number;
	alert.observed[NSC_ALERT_HOSTS] = 1;
	return alert;
}

static struct nsc_sink *open_lines(int fd, bool color)
{
	struct nsc_out out = { .alerts = true, .fd = fd, .color = color };
	struct nsc_sink *sink = NULL;

	ck_assert_int_eq(nsc_alerts_open(&sink, &out, NULL), 0);
	return sink;
}

static struct nsc_sink *open_file(const char *path)
{
	struct nsc_out out = { .alerts = true, .fd = -1, .asked.alerts_jsonl = path };
	struct nsc_sink *sink = NULL;

	ck_assert_int_eq(nsc_alerts_jsonl_open(&sink, &out, NULL), 0);
	return sink;
}

static uint32_t lines_of(const char *path)
{
	char *text = test_read_file(path, NULL);
	uint32_t lines = 0;

	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	free(text);
	return lines;
}

START_TEST(lines_are_there_at_once)
{
	int fd = open("terminal", O_WRONLY | O_CREAT, 0600);
	struct nsc_sink *lines = open_lines(fd, false), *sink = open_file("x.jsonl");
	struct nsc_alert alert[2] = { scan_of(25), scan_of(26) };
	struct stat st;
	char *text;

	ck_assert_int_eq(lines->ops->alerts(lines, alert, 2, NULL), 0);
	ck_assert_int_eq(sink->ops->alerts(sink, alert, 2, NULL), 0);
	text = test_read_file("terminal", NULL);
	ck_assert_str_eq(text, "[alert] Port scan suspected: 25 ports, 1 hosts from 10.0.0.25\n"
			       "[alert] Port scan suspected: 26 ports, 1 hosts from 10.0.0.26\n");
	free(text);
	text = test_read_file("x.jsonl", NULL);
	ck_assert_int_eq(strncmp(text, "{\"ts\":1700000000.000000000,\"kind\":\"port_scan\",", 46), 0);
	free(text);
	ck_assert_uint_eq(lines_of("x.jsonl"), 2);
	ck_assert_int_eq(stat("x.jsonl", &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	nsc_alerts_jsonl_close(sink);
	nsc_alerts_close(lines);
	close(fd);
}
END_TEST

START_TEST(more_than_one_write)
{
	int fd = open("terminal", O_WRONLY | O_CREAT, 0600);
	struct nsc_sink *sink = open_lines(fd, true);
	static struct nsc_alert alert[1000];

	for (uint32_t i = 0; i < 1000; i++)
		alert[i] = scan_of(i);
	ck_assert_int_eq(sink->ops->alerts(sink, alert, 1000, NULL), 0);
	ck_assert_uint_eq(lines_of("terminal"), 1000);
	nsc_alerts_close(sink);
	close(fd);
}
END_TEST

START_TEST(a_closed_pipe)
{
	struct nsc_alert alert = scan_of(25);
	struct nsc_error error;
	struct nsc_sink *sink;
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(ends), 0);
	close(ends[0]);
	sink = open_lines(ends[1], false);
	ck_assert_int_eq(sink->ops->alerts(sink, &alert, 1, &error), -EPIPE);
	nsc_alerts_close(sink);
	close(ends[1]);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
	struct nsc_alert alert = scan_of(25);
	struct nsc_error error = { "" };
	struct nsc_sink *sink = open_file("/dev/full");

	ck_assert_int_eq(sink->ops->alerts(sink, &alert, 1, &error), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(error.text, "/dev/full"));
	nsc_alerts_jsonl_close(sink);
}
END_TEST

START_TEST(a_bad_path_is_refused)
{
	struct nsc_out out = { .alerts = true, .fd = -1, .asked.alerts_jsonl = "no/such/folder" };
	struct nsc_error error;
	struct nsc_sink *sink;

	ck_assert_int_lt(nsc_alerts_jsonl_open(&sink, &out, &error), 0);
	ck_assert_int_eq(symlink("target", "link"), 0);
	out.asked.alerts_jsonl = "link";
	ck_assert_int_lt(nsc_alerts_jsonl_open(&sink, &out, &error), 0);
	nsc_alerts_jsonl_close(NULL);
	nsc_alerts_close(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("alerts");
	TCase *tcase = tcase_create("alerts");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, enter, leave);
	tcase_add_test(tcase, lines_are_there_at_once);
	tcase_add_test(tcase, more_than_one_write);
	tcase_add_test(tcase, a_closed_pipe);
	tcase_add_test(tcase, a_full_disk_is_told);
	tcase_add_test(tcase, a_bad_path_is_refused);
	return test_run(suite);
}
