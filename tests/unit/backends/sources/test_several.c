/* SPDX-License-Identifier: MIT
 *
 * Several sources as one, with faked members: order, clocks, loans, sleep and the end.
 */
#include "backends/sources/several.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "netscope/clock.h"
#include "tests/unit/engine/check_main.h"

#define PACKETS 4096u
#define MEMBERS 4u
#define GONE 0xddu

struct fake { /* a member: what the test lets become visible comes, in bursts of any size */
	struct nsc_rx rx;
	uint64_t ts_ns[PACKETS], loan_of[PACKETS];
	uint8_t bytes[PACKETS]; /* the memory that is lent: GONE after its loan */
	uint32_t n, visible, given, burst_max;
	uint64_t clock_ns, offset_ns, loan;
	uint32_t state; /* when nothing is visible */
	uint32_t waits, stops;
	bool closed;
	int pipe[2];
};

static struct fake fake[MEMBERS];
static struct nsc_rx *rx;
static struct nsc_burst burst;
static struct nsc_error error;
static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(random_state >> 33) % below;
}

/* Two bursts out of three share a loan with the one before, as packets of one block do. */
static void fake_poll(struct nsc_rx *self, struct nsc_burst *b)
{
	struct fake *f = (struct fake *)self;

	b->n = 0;
	f->loan += f->given < f->visible && (!f->loan || !draw(3));
	for (; b->n < f->burst_max && f->given < f->visible; f->given++) {
		f->clock_ns = NSC_MAX(f->clock_ns, f->ts_ns[f->given] - f->offset_ns);
		f->loan_of[f->given] = f->loan;
		b->pkt[b->n++] = (struct nsc_packet){ .data = &f->bytes[f->given],
						      .ts_ns = f->ts_ns[f->given],
						      .clock_ns = f->clock_ns,
						      .interface = (uint8_t)(f - fake + 1) };
	}
	b->state = f->given < f->visible ? (uint32_t)NSC_RX_MORE : f->state;
	b->clock_ns = f->clock_ns;
	b->offset_ns = f->offset_ns;
	b->loan = f->loan;
}

static void fake_release(struct nsc_rx *self, uint64_t loan)
{
	struct fake *f = (struct fake *)self;

	for (uint32_t i = 0; i < f->given; i++)
		if (f->loan_of[i] <= loan)
			f->bytes[i] = GONE;
}

static void fake_counters(const struct nsc_rx *self, struct nsc_rx_counters *counters)
{
	*counters = nsc_rx_counters_unknown();
	counters->received = counters->delivered = ((const struct fake *)self)->given;
	counters->kernel_drops = (uint64_t)((const struct fake *)self - fake);
}

static void fake_close(struct nsc_rx *self)
{
	((struct fake *)self)->closed = true;
}

static void fake_stop(struct nsc_rx *self)
{
	((struct fake *)self)->stops++;
	((struct fake *)self)->state = NSC_RX_END;
}

static void fake_wait(struct nsc_rx *self, uint64_t timeout_ns)
{
	ck_assert_uint_eq(timeout_ns, 0);
	((struct fake *)self)->waits++;
}

static const struct nsc_rx_ops fake_ops = {
	.name = "tpacket",
	.poll = fake_poll,
	.release = fake_release,
	.counters = fake_counters,
	.close = fake_close,
	.stop = fake_stop,
	.wait = fake_wait,
};

static void begin(uint32_t n)
{
	struct nsc_several_member member[MEMBERS];

	memset(fake, 0, sizeof(fake));
	for (uint32_t i = 0; i < n; i++) {
		fake[i].rx = (struct nsc_rx){ .ops = &fake_ops, .live = true, .nanoseconds = true, .clock = "kernel" };
		fake[i].rx.linktype[NSC_LINK_ETHERNET] = 1;
		fake[i].state = NSC_RX_IDLE;
		fake[i].burst_max = NSC_BURST_MAX;
		ck_assert_int_eq(pipe(fake[i].pipe), 0);
		member[i] = (struct nsc_several_member){ .rx = &fake[i].rx, .fd = fake[i].pipe[0] };
	}
	ck_assert_msg(!nsc_several_open(&rx, member, n, &error), "%s", error.text);
}

static void end(uint32_t n)
{
	nsc_rx_close(rx);
	for (uint32_t i = 0; i < n; i++) {
		ck_assert(fake[i].closed);
		close(fake[i].pipe[0]);
		close(fake[i].pipe[1]);
	}
}

/* One packet more of a member. */
static void comes(struct fake *f, uint64_t ts_ns)
{
	f->bytes[f->n] = (uint8_t)(ts_ns % GONE);
	f->ts_ns[f->n++] = ts_ns;
	f->visible = f->n;
}

static void poll_one(uint32_t n, uint32_t state, uint64_t clock_ns)
{
	nsc_rx_poll(rx, &burst);
	ck_assert_uint_eq(burst.n, n);
	ck_assert_uint_eq(burst.state, state);
	ck_assert_uint_eq(burst.clock_ns, clock_ns);
}

START_TEST(waits_for_the_slower_one)
{
	begin(2);
	comes(&fake[0], 100);
	comes(&fake[0], 300);
	fake[1].clock_ns = 50;
	poll_one(0, NSC_RX_IDLE, 50);
	fake[1].clock_ns = 100; /* everything up to then has come */
	poll_one(1, NSC_RX_MORE, 100);
	poll_one(0, NSC_RX_IDLE, 100);
	comes(&fake[1], 200);
	poll_one(1, NSC_RX_MORE, 200);
	ck_assert_uint_eq(burst.pkt[0].interface, 2);
	fake[1].state = NSC_RX_END; /* nobody is waited for any more */
	poll_one(1, NSC_RX_MORE, 300);
	fake[0].state = NSC_RX_END;
	poll_one(0, NSC_RX_END, 300);
	end(2);
}
END_TEST

/* What is out must be as it came. */
static void check_bytes(const struct nsc_burst *b)
{
	for (uint32_t i = 0; i < b->n; i++)
		ck_assert_uint_eq(*b->pkt[i].data, b->pkt[i].ts_ns % GONE);
}

static void show_some(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct fake *f = &fake[i];
		uint32_t more = draw(100), before = 1 + draw(3);

		f->burst_max = 1 + draw(NSC_BURST_MAX);
		f->visible = NSC_MIN(f->n, f->visible + more);
		if (f->given == f->n)
			f->state = NSC_RX_END;
		else if (f->given == f->visible) /* what is not visible is newer than the clock */
			f->clock_ns = NSC_MAX(f->clock_ns, f->ts_ns[f->given] - before);
	}
}

static void run_random(uint32_t n, uint32_t held)
{
	static struct nsc_burst out[64]; /* that the reader still holds */
	uint64_t last_ns = 0, seen = 0, all = 0, tail = 0, head = 0;

	begin(n);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t ts_ns = 1000;

		for (uint32_t k = 0; k < 1000 + draw(3000); k++)
			comes(&fake[i], ts_ns += draw(50));
		all += fake[i].n;
		fake[i].visible = 0;
	}
	do {
		show_some(n);
		nsc_rx_poll(rx, &burst);
		for (uint32_t i = 0; i < burst.n; i++) {
			ck_assert_uint_ge(burst.pkt[i].ts_ns, last_ns);
			ck_assert_uint_eq(burst.pkt[i].clock_ns, burst.pkt[i].ts_ns);
			last_ns = burst.pkt[i].ts_ns;
		}
		ck_assert_uint_ge(burst.clock_ns, last_ns);
		seen += burst.n;
		out[head++ % 64] = burst;
		while (head - tail > held) {
			uint64_t loan = out[tail % 64].loan;

			check_bytes(&out[tail++ % 64]);
			nsc_rx_release(rx, tail < head ? NSC_MIN(loan, out[tail % 64].loan - 1) : loan);
		}
	} while (burst.state < NSC_RX_END);
	ck_assert_uint_eq(burst.state, NSC_RX_END);
	ck_assert_uint_eq(seen, all);
	end(n);
}

START_TEST(any_schedule_comes_in_order)
{
	for (uint32_t round = 0; round < 60; round++) {
		random_state = round;
		run_random(1 + round % MEMBERS, round % 3 ? draw(60) : 0);
	}
}
END_TEST

START_TEST(one_that_fails_ends_alone)
{
	begin(2);
	comes(&fake[0], 10);
	fake[1].state = NSC_RX_FAILED;
	nsc_fail(&fake[1].rx.error, 0, "the second");
	poll_one(1, NSC_RX_MORE, 10);
	nsc_rx_release(rx, burst.loan);
	comes(&fake[0], 20);
	poll_one(1, NSC_RX_MORE, 20);
	fake[0].state = NSC_RX_FAILED;
	nsc_fail(&fake[0].rx.error, 0, "the first");
	poll_one(0, NSC_RX_FAILED, 20);
	ck_assert_str_eq(rx->error.text, "the first");
	end(2);

	begin(2); /* the end of the other one was wanted */
	fake[1].state = NSC_RX_FAILED;
	poll_one(0, NSC_RX_IDLE, 0);
	nsc_rx_stop(rx);
	nsc_rx_stop(rx);
	ck_assert_uint_eq(fake[0].stops, 1);
	ck_assert_uint_eq(fake[1].stops, 0);
	poll_one(0, NSC_RX_END, 0);
	end(2);
}
END_TEST

START_TEST(the_last_of_those_apart_fails)
{
	struct nsc_rx *apart[2];
	uint32_t alive = 2;

	for (uint32_t i = 0; i < 2; i++) {
		struct nsc_several_member member;

		begin(2);
		nsc_rx_close(rx);
		member = (struct nsc_several_member){ .rx = &fake[i].rx, .fd = fake[i].pipe[0] };
		ck_assert_int_eq(nsc_several_open(&apart[i], &member, 1, &error), 0);
		nsc_several_share(apart[i], &alive);
		comes(&fake[i], 7);
		fake[i].state = NSC_RX_FAILED;
		nsc_fail(&fake[i].rx.error, 0, "number %u", i);
		rx = apart[i];
		nsc_rx_poll(rx, &burst);
		ck_assert_uint_eq(burst.n, 1);
		ck_assert_uint_eq(burst.state, i ? NSC_RX_FAILED : NSC_RX_END);
		nsc_rx_poll(rx, &burst);
		ck_assert_uint_eq(burst.state, i ? NSC_RX_FAILED : NSC_RX_END); /* found once */
		ck_assert_str_eq(rx->error.text, i ? "number 1" : "number 0");
		end(0);
	}
	ck_assert_uint_eq(alive, 0);
}
END_TEST

START_TEST(clocks_that_were_set)
{
	const uint64_t hour = 3600 * NSC_NS_PER_SEC;

	begin(2);
	comes(&fake[0], 1000);
	comes(&fake[1], 1001);
	poll_one(1, NSC_RX_MORE, 1000);
	fake[0].offset_ns = hour; /* the first has noticed that the wall clock was set, the second has not */
	comes(&fake[0], hour + 2000);
	comes(&fake[1], 1500);
	poll_one(2, NSC_RX_MORE, 1500);
	ck_assert_uint_eq(burst.offset_ns, hour);
	fake[1].offset_ns = hour + 5; /* which it does a little differently: times are those of the first */
	comes(&fake[1], hour + 2005);
	comes(&fake[1], hour + 2010);
	fake[0].clock_ns = 3000;
	poll_one(3, NSC_RX_MORE, 2010);
	ck_assert_uint_eq(burst.pkt[1].ts_ns, hour + 2005);
	ck_assert_uint_eq(burst.pkt[1].clock_ns, 2005);
	end(2);
}
END_TEST

static uint64_t slept(uint64_t timeout_ns)
{
	uint64_t began_ns = nsc_monotonic_ns();

	nsc_rx_wait(rx, timeout_ns);
	return nsc_monotonic_ns() - began_ns;
}

START_TEST(one_sleep_for_all)
{
	const uint64_t long_ns = 100 * NSC_NS_PER_SEC;

	begin(3);
	ck_assert_uint_ge(slept(1000000), 1000000);
	ck_assert_int_eq(write(fake[2].pipe[1], "x", 1), 1);
	slept(long_ns); /* or the test would not end */
	ck_assert_uint_eq(fake[2].waits, 0);
	comes(&fake[2], 5000000);
	comes(&fake[1], 4000000);
	nsc_rx_poll(rx, &burst);
	ck_assert_uint_eq(burst.n, 0);
	slept(long_ns); /* until the first one's clock is past the packet, and no readable socket of the others matters
			 */
	close(fake[0].pipe[1]);
	slept(long_ns);
	ck_assert_uint_eq(fake[0].waits, 1); /* it is told of its trouble */
	fake[0].pipe[1] = dup(0);
	end(3);
}
END_TEST

START_TEST(loans_run_out)
{
	begin(2);
	fake[1].state = NSC_RX_END;
	for (uint32_t i = 0; i < NSC_SEVERAL_LOANS; i++) {
		comes(&fake[0], i + 1);
		nsc_rx_poll(rx, &burst);
		ck_assert_uint_eq(burst.n, 1);
	}
	comes(&fake[0], 5000);
	poll_one(0, NSC_RX_IDLE, NSC_SEVERAL_LOANS);
	ck_assert_uint_eq(fake[0].bytes[0], 1);
	nsc_rx_release(rx, 1);
	poll_one(1, NSC_RX_MORE, 5000);
	end(2);
}
END_TEST

START_TEST(counts_and_links)
{
	struct nsc_several_member member[2];
	struct nsc_rx_counters counters;

	begin(3);
	comes(&fake[0], 1);
	comes(&fake[2], 2);
	fake[1].clock_ns = 5;
	nsc_rx_poll(rx, &burst);
	rx->ops->counters(rx, &counters);
	ck_assert_uint_eq(counters.received, 2);
	ck_assert_uint_eq(counters.kernel_drops, 3);
	ck_assert_uint_eq(counters.nic_drops, NSC_UNKNOWN);
	ck_assert_ptr_eq(nsc_several_first(rx), &fake[0].rx);
	ck_assert_ptr_eq(nsc_several_first(&fake[0].rx), &fake[0].rx);
	ck_assert_uint_eq(rx->linktype[NSC_LINK_ETHERNET], 1);
	fake[1].rx.linktype[NSC_LINK_ETHERNET] = 147;
	for (uint32_t i = 0; i < 2; i++)
		member[i] = (struct nsc_several_member){ .rx = &fake[i].rx, .fd = -1 };
	end(3);
	ck_assert_int_eq(nsc_several_open(&rx, member, 2, &error), -EPROTONOSUPPORT);
	ck_assert_ptr_nonnull(strstr(error.text, "link types 1 and 147"));
}
END_TEST

CHECK_MAIN("several", waits_for_the_slower_one, any_schedule_comes_in_order, one_that_fails_ends_alone,
	   the_last_of_those_apart_fails, clocks_that_were_set, one_sleep_for_all, loans_run_out, counts_and_links)
