/* SPDX-License-Identifier: MIT
 *
 * The ring that the kernel writes, written here: samples, names of threads, losses, records that go on at its begin,
 * and what nobody has written like this.
 */
#include "engine/base/profile_events.h"

#include <linux/perf_event.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

enum { RING = 4096, SEEN_MAX = 64 };

static struct nsc_profile_core core;
static uint8_t *data;
static uint64_t written;

static struct nsc_profile_sample sample[SEEN_MAX];
static char named[SEEN_MAX][16];
static uint32_t samples, names;
static uint64_t lost;

static void on_sample(void *context, const struct nsc_profile_sample *one)
{
	ck_assert_uint_lt(samples, SEEN_MAX);
	sample[samples++] = *one;
}

static void on_name(void *context, uint32_t pid, uint32_t tid, const char *name)
{
	ck_assert_uint_lt(names, SEEN_MAX);
	ck_assert_uint_eq(tid, pid + 1);
	memcpy(named[names++], name, 16);
}

static void on_lost(void *context, uint64_t n)
{
	lost += n;
}

static void ring_open(void)
{
	long page = sysconf(_SC_PAGESIZE);
	void *memory = mmap(NULL, (size_t)page + RING, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	core = (struct nsc_profile_core){ .core = 3, .ring = memory };
	data = (uint8_t *)memory + page;
	written = 0;
	samples = names = 0;
	lost = 0;
}

static void ring_close(void)
{
	munmap(core.ring, (size_t)sysconf(_SC_PAGESIZE) + RING);
}

static void ring_put(const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		data[written++ % RING] = ((const uint8_t *)bytes)[i];
}

static void ring_take(void)
{
	const struct nsc_profile_visitor visitor = { .sample = on_sample, .named = on_name, .lost = on_lost };

	core.ring->data_head = written;
	nsc_profile_ring_take(&core, RING, &visitor);
	ck_assert_uint_eq(core.ring->data_tail, written);
}

static void put_head(uint32_t type, uint16_t misc, size_t body)
{
	const struct perf_event_header head = { .type = type, .misc = misc, .size = (uint16_t)(sizeof(head) + body) };

	ring_put(&head, sizeof(head));
}

static void put_sample(uint16_t misc, uint64_t time, const uint64_t *address, uint64_t n)
{
	const uint32_t ids[2] = { 10, 11 };

	put_head(PERF_RECORD_SAMPLE, misc, 24 + 8 * n);
	ring_put(ids, sizeof(ids));
	ring_put(&time, sizeof(time));
	ring_put(&n, sizeof(n));
	ring_put(address, 8 * n);
}

START_TEST(records_of_all_kinds)
{
	const uint64_t user[] = { (uint64_t)PERF_CONTEXT_USER, 0x1000, 0x2000 }, gone[] = { 7, 5 };
	const struct {
		uint32_t pid, tid;
		char name[16];
	} comm = { 10, 11, "nsc-worker-0" };

	ring_open();
	put_sample(PERF_RECORD_MISC_USER, 99, user, 3);
	put_sample(PERF_RECORD_MISC_KERNEL, 100, user, 3);
	put_sample(PERF_RECORD_MISC_KERNEL, 101, NULL, 0);
	put_head(PERF_RECORD_COMM, 0, sizeof(comm));
	ring_put(&comm, sizeof(comm));
	put_head(PERF_RECORD_LOST, 0, sizeof(gone));
	ring_put(gone, sizeof(gone));
	put_head(PERF_RECORD_THROTTLE, 0, sizeof(gone)); /* of no interest */
	ring_put(gone, sizeof(gone));
	ring_take();
	ck_assert_uint_eq(samples, 3);
	ck_assert_uint_eq(sample[0].pid, 10);
	ck_assert_uint_eq(sample[0].tid, 11);
	ck_assert_uint_eq(sample[0].core, 3);
	ck_assert_uint_eq(sample[0].time_ns, 99);
	ck_assert(!sample[0].in_kernel);
	ck_assert_uint_eq(sample[0].n, 2); /* the mark of a context is no frame */
	ck_assert_uint_eq(sample[0].address[0], 0x1000);
	ck_assert_uint_eq(sample[0].address[1], 0x2000);
	ck_assert(sample[1].in_kernel);
	ck_assert_uint_eq(sample[2].n, 0);
	ck_assert_uint_eq(names, 1);
	ck_assert_str_eq(named[0], "nsc-worker-0");
	ck_assert_uint_eq(lost, 5);
	ring_take(); /* nothing is new */
	ck_assert_uint_eq(samples, 3);
	ring_close();
}
END_TEST

START_TEST(records_over_the_end)
{
	uint64_t address[9], n = 0;

	ring_open();
	for (unsigned round = 0; round < 200; round++) {
		for (unsigned i = 0; i < 9; i++)
			address[i] = round * 100 + i;
		put_sample(PERF_RECORD_MISC_USER, round, address, 9);
		samples = 0;
		ring_take();
		ck_assert_uint_eq(samples, 1);
		n += sample[0].n == 9 && sample[0].time_ns == round &&
		     !memcmp(sample[0].address, address, sizeof(address));
	}
	ck_assert_uint_eq(n, 200);
	ring_close();
}
END_TEST

START_TEST(a_deep_stack_is_cut_on_the_outside)
{
	uint64_t address[NSC_PROFILE_DEPTH + 40];

	ring_open();
	for (unsigned i = 0; i < NSC_ARRAY_LEN(address); i++)
		address[i] = 1000 + i;
	put_sample(PERF_RECORD_MISC_USER, 1, address, NSC_ARRAY_LEN(address));
	put_sample(PERF_RECORD_MISC_USER, 2, address, 1);
	ring_take();
	ck_assert_uint_eq(samples, 2);
	ck_assert_uint_eq(sample[0].n, NSC_PROFILE_DEPTH);
	ck_assert_uint_eq(sample[0].address[0], 1000);
	ck_assert_uint_eq(sample[0].address[NSC_PROFILE_DEPTH - 1], 1000 + NSC_PROFILE_DEPTH - 1);
	ck_assert_uint_eq(sample[1].n, 1);
	ring_close();
}
END_TEST

START_TEST(a_ring_that_makes_no_sense_is_given_up)
{
	const struct perf_event_header none = { .type = PERF_RECORD_SAMPLE, .size = 0 },
				       large = { .type = PERF_RECORD_SAMPLE, .size = 4000 };

	ring_open();
	ring_put(&none, sizeof(none));
	ring_take();
	ring_put(&large, sizeof(large));
	ring_take();
	ck_assert_uint_eq(samples + names, 0);
	ring_close();
}
END_TEST

CHECK_MAIN("profile_events", records_of_all_kinds, records_over_the_end, a_deep_stack_is_cut_on_the_outside,
	   a_ring_that_makes_no_sense_is_given_up)
