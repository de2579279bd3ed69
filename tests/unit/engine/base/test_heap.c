/* SPDX-License-Identifier: MIT
 *
 * The heap: what comes off the top is in order, whatever went in, by either way to build it.
 */
#include "netscope/heap.h"

#include "tests/unit/engine/check_main.h"

#define ABOVE(sign, x, y) ((int64_t)(sign) * (int64_t)(x) > (int64_t)(sign) * (int64_t)(y))
NSC_HEAP(test_heap, uint32_t, int, ABOVE)

static void check(uint32_t n, int sign, bool up)
{
	uint32_t heap[300], state = n * 2654435761u + 1, last = sign > 0 ? UINT32_MAX : 0;

	for (uint32_t i = 0; i < n; i++) {
		heap[i] = (state = state * 1664525 + 1013904223) >> 24; /* many are equal */
		if (up)
			test_heap_up(sign, heap, i);
	}
	for (uint32_t i = up ? 0 : n / 2; i-- > 0;)
		test_heap_down(sign, heap, n, i);
	for (; n; n--) {
		ck_assert(!ABOVE(sign, heap[0], last));
		last = heap[0];
		heap[0] = heap[n - 1];
		if (n > 1)
			test_heap_down(sign, heap, n - 1, 0);
	}
}

START_TEST(comes_off_in_order)
{
	for (uint32_t n = 0; n <= 300; n++)
		for (unsigned way = 0; way < 4; way++)
			check(n, way & 1 ? 1 : -1, way & 2);
}
END_TEST

START_TEST(sorts)
{
	uint32_t list[300], state = 1, wrong = 0;

	for (uint32_t n = 0; n <= 300; n++) {
		for (uint32_t i = 0; i < n; i++)
			list[i] = (state = state * 1664525 + 1013904223) >> 24;
		test_heap_sort(-1, list, n);
		for (uint32_t i = 1; i < n; i++)
			wrong += list[i - 1] < list[i];
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

CHECK_MAIN("heap", comes_off_in_order, sorts)
