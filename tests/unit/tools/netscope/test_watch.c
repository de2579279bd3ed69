/* SPDX-License-Identifier: MIT
 *
 * What is said when a link goes down and comes back, and when an interface counts what does not arrive.
 */
#include "tools/netscope/watch.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

#define S NSC_NS_PER_SEC

static struct nsc_watch watch;
static char *text;
static size_t size;

static void begin(bool filtered)
{
	FILE *out = open_memstream(&text, &size);

	nsc_watch_open(&watch, "lo", filtered, out);
	ck_assert(watch.on);
	fflush(out);
	watch.state = NSC_INTERFACE_UP; /* wherever this runs */
	rewind(out);
	fflush(out);
}

static const char *said(void)
{
	fflush(watch.out);
	return text;
}

static void end(void)
{
	FILE *out = watch.out;

	nsc_watch_close(&watch);
	fclose(out);
	free(text);
}

START_TEST(down_and_up)
{
	begin(false);
	nsc_watch_link(&watch, NSC_INTERFACE_UP, 1 * S);
	ck_assert_str_eq(said(), "");
	nsc_watch_link(&watch, NSC_INTERFACE_DOWN, 10 * S);
	ck_assert_ptr_nonnull(strstr(said(), "netscope: lo is down since "));
	ck_assert(!nsc_watch_is_up(&watch));
	nsc_watch_link(&watch, NSC_INTERFACE_NO_CARRIER, 12 * S); /* on its way up: no news */
	nsc_watch_link(&watch, NSC_INTERFACE_UP, 13 * S + S / 4);
	ck_assert_ptr_nonnull(strstr(said(), "netscope: lo is up again at "));
	ck_assert_ptr_nonnull(strstr(said(), "after 3.2 s in which nothing could arrive\n"));
	ck_assert_ptr_null(strstr(said(), "carrier"));
	ck_assert(nsc_watch_is_up(&watch));
	end();
}
END_TEST

START_TEST(the_source_tells_of_its_own_end)
{
	begin(false);
	nsc_watch_link(&watch, NSC_INTERFACE_GONE, 10 * S);
	ck_assert_str_eq(said(), "");
	end();
}
END_TEST

START_TEST(counted_but_not_here)
{
	begin(false);
	nsc_watch_stall(&watch, 5, 100, 1 * S);
	nsc_watch_stall(&watch, 6, 200, 2 * S);
	nsc_watch_stall(&watch, 6, 300, 3 * S);
	nsc_watch_stall(&watch, 6, 400, 11 * S);
	ck_assert_str_eq(said(), "");
	nsc_watch_stall(&watch, 6, 500, 12 * S);
	ck_assert_ptr_nonnull(strstr(said(), "lo has counted 300 packets in the last 10 s, and none arrived here"));
	nsc_watch_stall(&watch, 6, 900, 60 * S);
	ck_assert_ptr_null(strstr(strchr(said(), '\n'), "counted")); /* once */
	end();
}
END_TEST

START_TEST(silence_and_filters_are_no_stall)
{
	begin(false);
	for (uint64_t s = 1; s < 60; s++)
		nsc_watch_stall(&watch, 6, 100 + s / 10, s * S);
	ck_assert_str_eq(said(), "");
	for (uint64_t s = 60; s < 120; s++)
		nsc_watch_stall(&watch, 6, NSC_UNKNOWN, s * S);
	ck_assert_str_eq(said(), "");
	end();
	begin(true);
	for (uint64_t s = 1; s < 60; s++)
		nsc_watch_stall(&watch, 6, 100 * s, s * S);
	ck_assert_str_eq(said(), "");
	end();
}
END_TEST

START_TEST(no_interface)
{
	nsc_watch_open(&watch, "", false, stderr);
	ck_assert(!watch.on);
	ck_assert(!nsc_watch_look(&watch, 5 * S));
	nsc_watch_close(&watch);
}
END_TEST

START_TEST(counts_once_a_second)
{
	begin(false);
	ck_assert(nsc_watch_look(&watch, 100 * S));
	ck_assert(!nsc_watch_look(&watch, 100 * S + S / 2));
	ck_assert(nsc_watch_look(&watch, 101 * S));
	nsc_watch_count(&watch, 1, 101 * S);
	end();
}
END_TEST

CHECK_MAIN("watch", down_and_up, the_source_tells_of_its_own_end, counted_but_not_here,
	   silence_and_filters_are_no_stall, no_interface, counts_once_a_second)
