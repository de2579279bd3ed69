/* SPDX-License-Identifier: MIT
 *
 * Bytes of a tick by the end of the names of its flows. A flow's bytes of the tick belong to the name that it has at
 * the tick's end, or at its own: what came before its name was known is added when it is. Names that are found only
 * when a flow ends count for nothing, since that happens when somebody comes by, not when a packet does.
 */
#include "engine/base/name_sums.h"
#include "engine/flow/internal.h"

/* The first packet of a tick, or a new name: which sum the flow belongs to. `bytes` of its last packet are in its
 * total, and not in a sum yet. */
static void top_name_look(struct nsc_flow_table *t, uint32_t id, uint64_t bytes, struct nsc_counters *counters)
{
	uint64_t whole = flow_total_bytes(&t->hot[id]) - t->hot[id].tick_base;
	uint32_t old = t->top_name[id] & ~FLOW_TOP_NAME_NEW, start;
	struct nsc_named named;

	if (old)
		nsc_name_sums_add(t->name_sums, old, bytes - whole);
	t->top_name[id] = 0;
	if (!nsc_named_read(flow_name_handle(t, id), &named) || !named.name_length)
		return;
	named.name_length -= named.name_length > 1 && named.name[named.name_length - 1] == '.';
	start = nsc_name_suffix(named.name, named.name_length);
	t->top_name[id] = nsc_name_sums_find(t->name_sums, named.name + start, named.name_length - start);
	if (t->top_name[id])
		nsc_name_sums_add(t->name_sums, t->top_name[id], whole);
	else
		nsc_count(counters, NSC_C_TOP_NAMES_FULL, 1);
}

void flow_top_name_count(struct nsc_flow_table *t, uint32_t id, uint64_t bytes, struct nsc_counters *counters)
{
	if (nsc_unlikely(t->top_name[id] & FLOW_TOP_NAME_NEW))
		top_name_look(t, id, bytes, counters);
	else if (t->top_name[id])
		nsc_name_sums_add(t->name_sums, t->top_name[id], bytes);
}

uint32_t nsc_flow_table_tick_names(struct nsc_flow_table *t, uint8_t *packed)
{
	uint32_t n = nsc_name_sums_pack(t->name_sums, packed);

	nsc_name_sums_clear(t->name_sums);
	return n;
}
