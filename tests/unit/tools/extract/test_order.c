/* SPDX-License-Identifier: MIT
 *
 * The merge of files by time, against a sort.
 */
#include "tools/extract/order.h"

#include "tests/unit/engine/check_main.h"

enum { FILES = 9, PACKETS = 400, ROUNDS = 60 };

struct wanted { /* a packet, by what it is sorted by */
	uint64_t latest_ns;
	uint32_t file, number;
};

static uint32_t order_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static int wanted_compare(const void *x, const void *y)
{
	const struct wanted *a = x, *b = y;

	if (a->latest_ns != b->latest_ns)
		return a->latest_ns < b->latest_ns ? -1 : 1;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	return a->number < b->number ? -1 : 1;
}

static uint64_t times[FILES][PACKETS]; /* the latest so far: of the file as it is merged */

/* Times that mostly grow, with equal ones, and some that go back. */
static uint32_t make_times(uint32_t *state, struct wanted *wanted)
{
	uint32_t n = 0;

	for (uint32_t f = 0; f < FILES; f++) {
		uint64_t now = order_random(state) % 50, latest = 0;

		for (uint32_t i = 0; i < PACKETS; i++) {
			uint32_t back = order_random(state) % 10 ? 0 : 5;

			now += order_random(state) % 3;
			latest = NSC_MAX(latest, now - NSC_MIN(now, (uint64_t)back));
			times[f][i] = latest;
			wanted[n++] = (struct wanted){ latest, f, i };
		}
	}
	return n;
}

START_TEST(as_a_sort)
{
	static struct wanted wanted[FILES * PACKETS];
	struct nsc_order_head heads[FILES];
	uint32_t state = 7, wrong = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint32_t all = make_times(&state, wanted), n = 0, at[FILES] = { 0 }, k = 0;

		qsort(wanted, all, sizeof(*wanted), wanted_compare);
		for (uint32_t f = 0; f < FILES; f++)
			nsc_order_put(heads, &n, f, times[f][0]);
		while (n) {
			struct nsc_order_head head = nsc_order_take(heads, &n);
			uint64_t ts_ns = head.ts_ns;
			uint32_t f = head.file;

			do { /* as long as it is the next one, it is not put back */
				wrong += wanted[k].file != f || wanted[k].number != at[f] ||
					 wanted[k].latest_ns != ts_ns;
				k++;
				at[f]++;
				ts_ns = at[f] < PACKETS ? times[f][at[f]] : 0;
			} while (at[f] < PACKETS && nsc_order_is_next(heads, n, f, ts_ns));
			if (at[f] < PACKETS)
				nsc_order_put(heads, &n, f, ts_ns);
		}
		wrong += k != all;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

CHECK_MAIN("extract/order", as_a_sort)
