/* SPDX-License-Identifier: MIT
 *
 * What the options mean: frames, flows, backends, and the cores of both ends.
 */
#include "tools/bench/rate.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"
#include "tools/netscope/options.h"

static struct nsc_settings settings;
static struct nsc_rate_setup setup;
static struct nsc_error error;

static int setup_of(const char *frames, const char *flows)
{
	nsc_settings_init(&settings);
	settings.interface = "rx0";
	settings.send = "tx0";
	settings.frame_sizes = frames;
	settings.flow_counts = flows;
	return nsc_rate_setup(&setup, &settings, &error);
}

START_TEST(frames_and_flows)
{
	ck_assert_int_eq(setup_of("64,1518,9018", "1,10000000"), 0);
	ck_assert_uint_eq(setup.n_frames, 3);
	ck_assert_uint_eq(setup.frame[2], 9018);
	ck_assert_uint_eq(setup.n_flows, 2);
	ck_assert_uint_eq(setup.flows[1], 10000000);
	ck_assert_uint_eq(setup.n_backends, 2);
	ck_assert_str_eq(setup.backend[0], "tpacket");
	ck_assert(setup.trial_s == 2 && setup.repeats == 3 && !setup.anyway);
	settings.backend = NSC_BACKEND_PCAP;
	ck_assert_int_eq(nsc_rate_setup(&setup, &settings, &error), 0);
	ck_assert_uint_eq(setup.n_backends, 1);
	ck_assert_str_eq(setup.backend[0], "pcap");
}
END_TEST

static void refuses(const char *frames, const char *flows, const char *sentence)
{
	ck_assert_int_eq(setup_of(frames, flows), -EINVAL);
	ck_assert_msg(strstr(error.text, sentence) != NULL, "no '%s' in '%s'", sentence, error.text);
}

START_TEST(what_is_refused)
{
	refuses("63", "1", "--frame-sizes: wanted numbers from 64 to 9018 with commas between them, found '63'");
	refuses("64,9019", "1", "found '9019'");
	refuses("64,", "", "--flow-counts is empty");
	refuses("", "1", "--frame-sizes is empty");
	refuses("64;128", "1", "found '64;128'");
	refuses("64,x", "1", "found 'x'");
	refuses(",64", "1", "found ''");
	refuses("-64", "1", "found '-64'");
	refuses("64", "0", "--flow-counts: wanted numbers from 1 to 10000000");
	refuses("64", "99999999999999999999", "found '99999999999999999999'");
	refuses("64", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "at most 16");
	setup_of("64", "1");
	settings.backend = NSC_BACKEND_SYNTH;
	ck_assert_int_eq(nsc_rate_setup(&setup, &settings, &error), -EINVAL);
}
END_TEST

/* Of the cores that this process may use: both ends share one core only when there is no other. */
START_TEST(cores_of_both_ends)
{
	unsigned usable = nsc_cores_usable();

	ck_assert_int_eq(setup_of("64", "1"), 0);
	if (usable == 1) {
		ck_assert_int_eq(setup.core, -1);
		ck_assert_int_eq(CPU_COUNT(&setup.cores), 1);
		return;
	}
	ck_assert_int_ge(setup.core, 0);
	ck_assert(!CPU_ISSET((unsigned)setup.core, &setup.cores));
	ck_assert_int_eq(CPU_COUNT(&setup.cores), (int)usable - 1);
	settings.cores = (struct nsc_core_list){ .n = 1, .core = { setup.core } };
	ck_assert_int_eq(nsc_rate_setup(&setup, &settings, &error), 0);
	ck_assert_int_eq(CPU_COUNT(&setup.cores), 1);
	ck_assert(CPU_ISSET((unsigned)settings.cores.core[0], &setup.cores));
	ck_assert_int_ne(setup.core, settings.cores.core[0]);
	settings.send_core = (struct nsc_core_list){ .n = 1, .core = { settings.cores.core[0] } };
	ck_assert_int_eq(nsc_rate_setup(&setup, &settings, &error), 0);
	ck_assert_int_eq(setup.core, settings.cores.core[0]); /* as it was asked for */
}
END_TEST

CHECK_MAIN("rate", frames_and_flows, what_is_refused, cores_of_both_ends)
