/* SPDX-License-Identifier: MIT
 *
 * What a reload makes of two settings: which values differ, which of them a run may take over, and that taking them
 * leaves each text to one owner.
 */
#include "tools/netscope/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static char path[] = "/tmp/reload-XXXXXX";
static char *argv[] = { "netscope", "--backend", "tpacket", "-i", "lo", "--config", path, "--snaplen", "96", NULL };
static struct nsc_settings now, next;
static struct nsc_problems problems;
static struct nsc_reload_change change[NSC_OPTIONS_MAX];

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

/* A run that began with this file. */
static void begin(const char *text)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	write_file(text);
	nsc_settings_init(&now);
	nsc_settings_parse_all(&now, (int)NSC_ARRAY_LEN(argv) - 1, argv, &problems);
	ck_assert_uint_eq(problems.n, 0);
}

/* The file has changed. Returns how many options have. */
static uint32_t read_again(const struct nsc_settings *start, const char *text)
{
	write_file(text);
	problems = (struct nsc_problems){ .n = 0 };
	nsc_reload_read(&next, &now, &problems);
	return problems.n ? 0 : nsc_reload_compare(start, &now, &next, change);
}

static void end(void)
{
	nsc_settings_fini(&now);
	nsc_settings_fini(&next);
	unlink(path);
	memcpy(path + strlen(path) - 6, "XXXXXX", 6);
}

static bool is(uint32_t i, const char *key, bool taken)
{
	return !strcmp(change[i].option->key, key) && change[i].taken == taken;
}

START_TEST(what_differs_is_found)
{
	begin("[capture]\nfilter = \"tcp\"\nsnaplen = 100\n[analysis.anomalies.syn_flood]\nsyn_threshold = 50\n");
	ck_assert_uint_eq(read_again(&now, "[capture]\nfilter = \"tcp\"\nsnaplen = 200\npromiscuous = false\n"
					   "[analysis.anomalies.syn_flood]\nsyn_threshold = 60\n"),
			  2);
	ck_assert(is(0, "capture.promiscuous", false)); /* and the snaplen is the command line's */
	ck_assert(is(1, "analysis.anomalies.syn_flood.syn_threshold", true));
	ck_assert_uint_eq(now.syn_flood.threshold, 50);
	end();
}
END_TEST

START_TEST(what_is_taken_changes_owners)
{
	struct nsc_settings start, merged;
	uint32_t n;

	begin("[capture]\nfilter = \"tcp\"\n[analysis.anomalies]\nignore_sources = [\"10.0.0.0/8\"]\n");
	start = now;
	n = read_again(&start, "[capture]\nbackend = \"pcap\"\nbuffer_size_mb = 8\n"
			       "[analysis.anomalies]\nignore_sources = [\"10.1.0.0/16\", \"::1\"]\n");
	nsc_reload_preview(&merged, &now, &next, change, n);
	ck_assert_str_eq(now.ignored[NSC_ALERT_KIND_COUNT].sources, "10.0.0.0/8");
	ck_assert_str_eq(merged.ignored[NSC_ALERT_KIND_COUNT].sources, "10.1.0.0/16,::1");
	ck_assert_uint_eq(merged.buffer_size_mb, 0);
	nsc_reload_take(&now, &next, change, n);
	nsc_settings_fini(&next);
	ck_assert_str_eq(now.ignored[NSC_ALERT_KIND_COUNT].sources, "10.1.0.0/16,::1");
	ck_assert_uint_eq(now.backend, NSC_BACKEND_TPACKET);
	ck_assert_uint_eq(now.buffer_size_mb, 0);
	/* the key is gone: its default, and the text of before is nobody's any more */
	n = read_again(&start, "");
	nsc_reload_take(&now, &next, change, n);
	ck_assert_str_eq(now.ignored[NSC_ALERT_KIND_COUNT].sources, "");
	end();
}
END_TEST

/* Off, and on again; what was off at the start stays so. */
START_TEST(the_start_bounds_some)
{
	static const char off[] = "analysis.anomalies.syn_flood.enabled = false\n";
	struct nsc_settings start;

	begin("analysis.anomalies.enabled = true\nanalysis.anomalies.port_scan.enabled = false\n");
	start = now;
	ck_assert_uint_eq(read_again(&start, off), 3);
	ck_assert(is(0, "analysis.anomalies.enabled", true));
	ck_assert(is(1, "analysis.anomalies.syn_flood.enabled", true));
	ck_assert(is(2, "analysis.anomalies.port_scan.enabled", false));
	nsc_reload_take(&now, &next, change, 3);
	ck_assert(!now.anomalies && !now.syn_flood.enabled && !now.port_scan.enabled);
	nsc_settings_fini(&next);
	ck_assert_uint_eq(read_again(&start, "analysis.anomalies.enabled = true\n"), 3);
	ck_assert(is(0, "analysis.anomalies.enabled", true));
	ck_assert(is(2, "analysis.anomalies.port_scan.enabled", false));
	end();
}
END_TEST

START_TEST(names_are_not_switched_off)
{
	struct nsc_settings start;

	begin("");
	start = now;
	ck_assert_uint_eq(read_again(&start, "flow.names = \"off\"\noutput.quiet = true\n"), 2);
	ck_assert(is(0, "output.quiet", true) && is(1, "flow.names", false));
	nsc_settings_fini(&next);
	ck_assert_uint_eq(read_again(&start, "flow.names = \"apps\"\n"), 1);
	ck_assert(is(0, "flow.names", true));
	end();
}
END_TEST

/* Each mistake is found, also one between options, and ports of tunnels are those of the start. */
START_TEST(mistakes_are_all_found)
{
	begin("flow.decap_ports = [\"vxlan=9000\"]\n");
	for (unsigned i = 0; i < 20; i++) { /* as many as could be named once */
		ck_assert_uint_eq(read_again(&now, "flow.decap_ports = [\"vxlan=9000\", \"vxlan=9001\"]\n"), 1);
		nsc_settings_fini(&next);
	}
	read_again(&now, "flow.decap_ports = [\"vlan=1\"]\ncapture.filter = \"tcp prot 80\"\nflow.maxflows = 1\n"
			 "analysis.anomalies.ignore_targets = [\"10.0.0.0/33\"]\n");
	ck_assert_uint_eq(problems.n, 4);
	ck_assert_ptr_nonnull(strstr(problems.said[0].text, ":3:"));
	end();
}
END_TEST

START_TEST(rows_that_are_bounded_are_numbers)
{
	for (const struct nsc_option *option = nsc_option_table; option < nsc_option_end; option++) {
		bool number = option->type == NSC_OPTION_BOOL || option->type == NSC_OPTION_UINT ||
			      option->type == NSC_OPTION_CHOICE || option->type == NSC_OPTION_COUNT;

		ck_assert(option->reload == NSC_RELOAD_RESTART || option->key);
		ck_assert(option->reload < NSC_RELOAD_AT_MOST || number);
	}
}
END_TEST

CHECK_MAIN("reload", what_differs_is_found, what_is_taken_changes_owners, the_start_bounds_some,
	   names_are_not_switched_off, mistakes_are_all_found, rows_that_are_bounded_are_numbers)
