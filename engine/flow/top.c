/* SPDX-License-Identifier: MIT
 *
 * The top flows of a tick, exactly, without looking at all flows: a set of at most 2 N candidates.
 *
 * Within a tick the bytes of a flow only grow. When the set is full it is cut to its best N; the worst of these is the
 * threshold. It only rises, so a flow below it cannot be among the best N unless it gets another packet, and with
 * that packet it is offered again. A candidate that ends stays, as a copy. Cost: one comparison a packet, and a
 * selection among 2 N for every N offers.
 */
#include "engine/flow/internal.h"
#include "netscope/heap.h"

void flow_top_init(struct flow_top *top, uint32_t wanted)
{
	top->wanted = wanted;
	top->n = 0;
	top->threshold = wanted ? 0 : UINT64_MAX;
}

static void top_refresh(struct nsc_flow_table *t, uint32_t i)
{
	uint32_t id = t->top.id[i];

	if (id == FLOW_NONE)
		return;
	t->top.entry[i].tick_bytes = flow_total_bytes(&t->hot[id]) - t->hot[id].tick_base;
	flow_record_fill(t, id, &t->top.entry[i].flow);
}

static void top_swap(struct flow_top *top, uint32_t i, uint32_t j)
{
	struct nsc_top_flow entry = top->entry[i];
	uint32_t id = top->id[i];

	top->entry[i] = top->entry[j];
	top->id[i] = top->id[j];
	top->entry[j] = entry;
	top->id[j] = id;
}

/* The best `wanted` first, in no order among themselves (quickselect; the order of top flows is total). */
static void top_select_best(struct flow_top *top)
{
	uint32_t low = 0, high = top->n;

	while (high - low > 1 && low < top->wanted) {
		uint32_t edge = low;

		top_swap(top, low + (high - low) / 2, high - 1);
		for (uint32_t i = low; i < high - 1; i++)
			if (nsc_top_flow_compare(&top->entry[i], &top->entry[high - 1]) < 0)
				top_swap(top, i, edge++);
		top_swap(top, edge, high - 1);
		if (edge == top->wanted || edge + 1 == top->wanted)
			return;
		if (edge > top->wanted)
			high = edge;
		else
			low = edge + 1;
	}
}

static void top_cut(struct nsc_flow_table *t)
{
	struct flow_top *top = &t->top;
	uint32_t worst = 0;

	for (uint32_t i = 0; i < top->n; i++)
		top_refresh(t, i);
	if (top->n <= top->wanted)
		return;
	top_select_best(top);
	for (uint32_t i = top->wanted; i < top->n; i++)
		if (top->id[i] != FLOW_NONE)
			t->hot[top->id[i]].flags &= (uint8_t)~FLOW_IN_TOP;
	top->n = top->wanted;
	for (uint32_t i = 1; i < top->n; i++)
		if (nsc_top_flow_compare(&top->entry[i], &top->entry[worst]) > 0)
			worst = i;
	top->worst = top->entry[worst];
	top->threshold = top->worst.tick_bytes;
}

/* As many bytes as the worst of the wanted: the key decides, as it will in the end. */
static bool top_loses_tie(struct nsc_flow_table *t, uint32_t id)
{
	struct nsc_top_flow offered;

	offered.tick_bytes = flow_total_bytes(&t->hot[id]) - t->hot[id].tick_base;
	if (offered.tick_bytes > t->top.threshold || !t->top.threshold)
		return false;
	flow_record_fill(t, id, &offered.flow);
	return nsc_top_flow_compare(&offered, &t->top.worst) > 0;
}

void flow_top_offer(struct nsc_flow_table *t, uint32_t id)
{
	struct flow_top *top = &t->top;

	if (top_loses_tie(t, id))
		return;
	if (top->n == 2 * top->wanted)
		top_cut(t);
	top->id[top->n++] = id;
	t->hot[id].flags |= FLOW_IN_TOP;
}

void flow_top_forget(struct nsc_flow_table *t, uint32_t id)
{
	struct flow_top *top = &t->top;

	if (!(t->hot[id].flags & FLOW_IN_TOP))
		return;
	t->hot[id].flags &= (uint8_t)~FLOW_IN_TOP;
	for (uint32_t i = 0; i < top->n; i++) {
		if (top->id[i] == id) {
			top_refresh(t, i);
			top->id[i] = FLOW_NONE;
			return;
		}
	}
}

#define TOP_LESS(none, x, y) (nsc_top_flow_compare(&(x), &(y)) > 0)
NSC_HEAP(top_heap, struct nsc_top_flow, const void *, TOP_LESS)

/* Heapsort: in place, because libc's qsort allocates from 1 KiB on. */
static void top_sort(struct nsc_top_flow *flow, uint32_t n)
{
	for (uint32_t i = n / 2; i-- > 0;)
		top_heap_down(NULL, flow, n, i);
	for (uint32_t end = n; end-- > 1;) {
		struct nsc_top_flow last = flow[0];

		flow[0] = flow[end];
		flow[end] = last;
		top_heap_down(NULL, flow, end, 0);
	}
}

uint32_t flow_top_close(struct nsc_flow_table *t, struct nsc_top_flow *out)
{
	struct flow_top *top = &t->top;
	uint32_t n;

	top_cut(t);
	n = top->n;
	for (uint32_t i = 0; i < n; i++)
		if (top->id[i] != FLOW_NONE)
			t->hot[top->id[i]].flags &= (uint8_t)~FLOW_IN_TOP;
	memcpy(out, top->entry, n * sizeof(*out));
	top_sort(out, n);
	flow_top_init(top, top->wanted);
	return n;
}
