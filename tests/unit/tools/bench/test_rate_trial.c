/* SPDX-License-Identifier: MIT
 *
 * What a receiver's summary means beside what was sent; and what a receiver that fails is told of.
 */
#include "tools/bench/rate_trial.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

#define LOSSES(ring, lanes, interface)                                                                                 \
	"\"losses\":[{\"place\":\"interface\",\"counter\":\"rx_nic_drops\",\"apart\":true,\"lost\":" interface "},"    \
	"{\"place\":\"kernel ring\",\"counter\":\"rx_kernel_drops\",\"apart\":false,\"lost\":" ring "},"               \
	"{\"place\":\"full lanes\",\"counter\":\"lane_full\",\"apart\":false,\"lost\":" lanes "},"                     \
	"{\"place\":\"alerts\",\"counter\":\"alerts_dropped\",\"apart\":true,\"lost\":null}]"
#define SUMMARY(received, dropped, balanced, age, losses)                                                              \
	"{\"counters\":{\"rx_received\":" received ",\"rx_kernel_drops\":" dropped                                     \
	"},\"ledger\":{\"balanced\":" balanced "},\"age_ns\":{\"p50\":" age "}," losses "}"

static struct nsc_rate_outcome outcome;
static struct nsc_error error;

static int read_of(uint64_t sent, const char *summary)
{
	outcome = (struct nsc_rate_outcome){ .sent = { .frames = sent } };
	error.text[0] = '\0';
	return nsc_rate_trial_read(&outcome, summary, 40e6, &error);
}

static void place_is(unsigned i, const char *name, uint64_t lost, bool apart)
{
	ck_assert_uint_lt(i, outcome.n_places);
	ck_assert_str_eq(outcome.place[i].name, name);
	ck_assert_uint_eq(outcome.place[i].lost, lost);
	ck_assert_int_eq(outcome.place[i].apart, apart);
}

START_TEST(nothing_is_lost)
{
	ck_assert_int_eq(read_of(1000, SUMMARY("1000", "0", "true", "8000000", LOSSES("0", "0", "0"))), 0);
	ck_assert_uint_eq(outcome.received, 1000);
	ck_assert_uint_eq(outcome.lost, 0);
	ck_assert_uint_eq(outcome.n_places, 0);
	ck_assert_uint_eq(outcome.age_ns, 8000000);
	ck_assert(!outcome.behind);
}
END_TEST

/* 10 on the way, 20 in the ring, 30 in lanes; what the interface lost is of anybody's frames, and no loss of ours. */
START_TEST(each_place_is_told)
{
	ck_assert_int_eq(read_of(1000, SUMMARY("970", "20", "true", "8000000", LOSSES("20", "30", "7"))), 0);
	ck_assert_uint_eq(outcome.lost, 60);
	ck_assert_uint_eq(outcome.received, 940);
	ck_assert_uint_eq(outcome.n_places, 4);
	place_is(0, "between the interfaces", 10, false);
	place_is(1, "kernel ring", 20, false);
	place_is(2, "full lanes", 30, false);
	place_is(3, "interface", 7, true);
}
END_TEST

/* A large ring hides for a while that the receiver is too slow. */
START_TEST(a_receiver_that_falls_behind)
{
	ck_assert_int_eq(read_of(1000, SUMMARY("1000", "0", "true", "40000001", LOSSES("0", "0", "0"))), 0);
	ck_assert(outcome.behind);
	ck_assert_int_eq(read_of(1000, SUMMARY("1000", "0", "true", "40000000", LOSSES("0", "0", "0"))), 0);
	ck_assert(!outcome.behind);
	ck_assert_int_eq(read_of(1000, SUMMARY("999", "1", "true", "90000000", LOSSES("1", "0", "0"))), 0);
	ck_assert(!outcome.behind); /* it is lossy already */
}
END_TEST

static void refuses(uint64_t sent, const char *summary, const char *sentence)
{
	ck_assert_int_eq(read_of(sent, summary), -EPROTO);
	ck_assert_msg(strstr(error.text, sentence) != NULL, "no '%s' in '%s'", sentence, error.text);
}

START_TEST(what_is_no_proof)
{
	refuses(1000, SUMMARY("1001", "0", "true", "1", LOSSES("0", "0", "0")),
		"1000 frames were sent, and 1001 arrived");
	refuses(1000, SUMMARY("1000", "0", "false", "1", LOSSES("0", "0", "0")), "does not balance");
	refuses(1000, SUMMARY("1000", "null", "true", "1", LOSSES("0", "0", "0")), "does not say");
	refuses(1000, "{}", "does not say");
	refuses(1000, "[", "no JSON");
	refuses(1000, "", "no JSON");
}
END_TEST

static int run_program(const char *program)
{
	const struct nsc_rate_receiver receiver = {
		.program = program, .interface = "lo", .backend = "tpacket", .folder = getenv("TEST_TMP") ?: "/tmp"
	};
	const struct nsc_rate_plan plan = { .rate = INFINITY, .seconds = 1, .core = -1 };
	volatile sig_atomic_t stop = 0;

	return nsc_rate_trial_run(&outcome, NULL, &receiver, &plan, &stop, &error);
}

START_TEST(a_receiver_that_does_not_begin)
{
	ck_assert_int_eq(run_program("/no/such/program"), -EIO);
	ck_assert_msg(strstr(error.text, "did not begin to capture (status 127): /no/such/program cannot be run") !=
			      NULL,
		      "%s", error.text);
	ck_assert_int_eq(run_program("/bin/false"), -EIO);
	ck_assert_msg(strstr(error.text, "(status 1): it said nothing") != NULL, "%s", error.text);
}
END_TEST

CHECK_MAIN("rate_trial", nothing_is_lost, each_place_is_told, a_receiver_that_falls_behind, what_is_no_proof,
	   a_receiver_that_does_not_begin)
