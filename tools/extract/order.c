/* SPDX-License-Identifier: MIT */
#include "tools/extract/order.h"

#include "netscope/heap.h"

static bool head_is_first(const void *nothing, struct nsc_order_head x, struct nsc_order_head y)
{
	return x.ts_ns < y.ts_ns || (x.ts_ns == y.ts_ns && x.file < y.file);
}

NSC_HEAP(order_heap, struct nsc_order_head, const void *, head_is_first)

void nsc_order_put(struct nsc_order_head *heads, uint32_t *n, uint32_t file, uint64_t ts_ns)
{
	heads[*n] = (struct nsc_order_head){ .ts_ns = ts_ns, .file = file };
	order_heap_up(NULL, heads, (*n)++);
}

struct nsc_order_head nsc_order_take(struct nsc_order_head *heads, uint32_t *n)
{
	struct nsc_order_head first = heads[0];

	heads[0] = heads[--*n];
	if (*n)
		order_heap_down(NULL, heads, *n, 0);
	return first;
}
