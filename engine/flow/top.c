/* SPDX-License-Identifier: MIT
 *
 * The top flows of a tick, exactly, without looking at all flows: a set of at most 2 N candidates.
 *
 * Within a tick the bytes of a flow only grow. When the set is full it is cut to its best N; the worst of these is the
 * threshold. It only rises, so a flow below it cannot be among the best N unless it gets another packet, and with
 * that packet it is offered again. A candidate that ends stays, as a copy. Cost: one comparison a packet, and a
 * selection among 2 N for every N offers, of at most N (2 log2 N + 3) comparisons in any order.
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

/* --- the heap: places in entry[], the worst one first ------------------------------------------ */

#define TOP_WORSE(entry, x, y) (nsc_top_flow_compare(&(entry)[x], &(entry)[y]) > 0)
NSC_HEAP(top_heap, uint16_t, const struct nsc_top_flow *, TOP_WORSE)

static void top_places(uint16_t *place, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		place[i] = (uint16_t)i;
}

/* --- candidates --------------------------------------------------------------------------------- */

/* The worst of the wanted gives its place to candidate `i` when that one is better. */
static void top_keep_better(struct nsc_flow_table *t, uint16_t *place, uint32_t i)
{
	struct flow_top *top = &t->top;
	uint32_t worst = place[0];
	uint32_t loser = TOP_WORSE(top->entry, worst, i) ? worst : i;

	if (top->id[loser] != FLOW_NONE)
		t->hot[top->id[loser]].flags &= (uint8_t)~FLOW_IN_TOP;
	if (loser == i)
		return;
	top->entry[worst] = top->entry[i];
	top->id[worst] = top->id[i];
	top_heap_down(top->entry, place, top->wanted, 0);
}

/* A heap and not a quickselect: whoever sends packets orders the candidates, and must not make this quadratic. */
static void top_cut(struct nsc_flow_table *t)
{
	struct flow_top *top = &t->top;
	uint16_t place[NSC_TOP_MAX];

	for (uint32_t i = 0; i < top->n; i++)
		top_refresh(t, i);
	if (top->n <= top->wanted)
		return;
	top_places(place, top->wanted);
	top_heap_make(top->entry, place, top->wanted);
	for (uint32_t i = top->wanted; i < top->n; i++)
		top_keep_better(t, place, i);
	top->n = top->wanted;
	top->worst = top->entry[place[0]];
	top->threshold = top->worst.tick_bytes;
}

/* As nsc_top_flow_compare among flows of as many bytes, where a glance decides: one protocol, IPv4, other addresses a.
 * 0: look closer. In a flood of equal packets every new flow comes here. */
static int top_glance(const struct flow_hot *hot, const struct nsc_flow_record *worst)
{
	uint32_t a;

	if (hot->proto != worst->proto || hot->ip_version != 4 || worst->ip_version != 4)
		return 0;
	memcpy(&a, worst->addr_a, 4);
	a = __builtin_bswap32(a);
	return (hot->a4 > a) - (hot->a4 < a);
}

/* As many bytes as the worst of the wanted: the key decides, as it will in the end. */
static bool top_loses_tie(struct nsc_flow_table *t, uint32_t id)
{
	struct nsc_top_flow offered;
	int order;

	offered.tick_bytes = flow_total_bytes(&t->hot[id]) - t->hot[id].tick_base;
	if (offered.tick_bytes > t->top.threshold || !t->top.threshold)
		return false;
	order = top_glance(&t->hot[id], &t->top.worst.flow);
	if (order)
		return order > 0;
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

/* Best first. Not by libc's qsort, which allocates from 1 KiB on. */
static void top_copy_sorted(const struct flow_top *top, struct nsc_top_flow *out)
{
	uint16_t place[NSC_TOP_MAX];

	top_places(place, top->n);
	top_heap_sort(top->entry, place, top->n);
	for (uint32_t i = 0; i < top->n; i++)
		out[i] = top->entry[place[i]];
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
	top_copy_sorted(top, out);
	flow_top_init(top, top->wanted);
	return n;
}
