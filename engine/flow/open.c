/* SPDX-License-Identifier: MIT
 *
 * Memory of the flow table: all laid out at the start; growth makes it ready ahead of the owner.
 */
#include <errno.h>
#include <inttypes.h>

#include "engine/base/name_sums.h"
#include "engine/flow/internal.h"

#define FLOWS_MAX (1ull << 31)
#define GROW_BUCKETS (1u << 16) /* a table that grows begins here: see index.c */
#define POPULATE_BYTES (2u << 20)
#define OVERFLOW_SHARE 5u /* of all buckets of a full table one in six has a next one */
#define AHEAD_MIN 16384u
#define BLOCKS_SHARE 16u  /* flows for each pooled block of outstanding segments */
#define BLOCKS_MIN 65536u /* 0.3 million segments: 200 ms of 1.6 million packets a second */
#define BLOCKS_AHEAD 4096u
#define AHEAD_MAX 131072u
#define AHEAD_LOOKS 4u     /* as much as the worker takes between so many looks of control, */
#define AHEAD_FAST 262144u /* up to so many records, and a quarter of those in use */

struct layout {
	uint64_t records, buckets, overflow, blocks;
	uint64_t record_bytes; /* of one record, over all arrays */
};

static uint64_t round_up_power_of_2(uint64_t x)
{
	return x <= 1 ? 1 : 1ull << (64 - __builtin_clzll(x - 1));
}

/* Fixed: up to 8 records a bucket (of 10 slots). Growing: 5.5. Overflow: see internal.h. */
static struct layout table_layout(const struct nsc_flow_table_options *o)
{
	struct layout l = { .records = o->max_flows + NSC_BURST_MAX, .overflow = o->max_flows / 10 + 2 };

	l.buckets = o->grow ? NSC_MAX(GROW_BUCKETS, o->max_flows * 2 / 11 + 1)
			    : round_up_power_of_2((o->max_flows + 7) / 8);
	l.record_bytes = sizeof(struct flow_hot) + sizeof(struct flow_cold) + sizeof(struct flow_tail) +
			 sizeof(struct flow_story);
	if (o->active_ns)
		l.record_bytes += sizeof(struct flow_part);
	if (o->decap)
		l.record_bytes += sizeof(struct flow_tunnels);
	if (o->key)
		l.record_bytes += sizeof(uint64_t);
	if (o->names)
		l.record_bytes += sizeof(struct flow_named);
	if (o->top_names)
		l.record_bytes += sizeof(uint32_t);
	if (o->analyses) {
		l.record_bytes += sizeof(struct flow_tcp) + sizeof(struct flow_tcp_counts);
		l.blocks = NSC_MIN(NSC_MAX(o->max_flows / BLOCKS_SHARE, BLOCKS_MIN), (1ull << BLOCK_ID_BITS) - 1);
	}
	if (o->analyses & NSC_ANALYSIS_RTT)
		l.record_bytes += sizeof(struct flow_rtt);
	return l;
}

uint64_t nsc_flow_table_bytes(const struct nsc_flow_table_options *o)
{
	struct layout l = table_layout(o);

	if (o->grow)
		return sizeof(struct nsc_flow_table) + GROW_BUCKETS * sizeof(struct flow_bucket) +
		       (o->top_names ? nsc_name_sums_bytes() : 0);
	return sizeof(struct nsc_flow_table) + (o->top_names ? nsc_name_sums_bytes() : 0) + l.records * l.record_bytes +
	       (l.buckets + l.overflow) * sizeof(struct flow_bucket) + l.blocks * sizeof(struct flow_block);
}

double nsc_flow_table_bytes_per_flow(const struct nsc_flow_table_options *o)
{
	struct layout l = table_layout(o);

	return (double)l.record_bytes +
	       (double)((l.buckets + l.overflow) * sizeof(struct flow_bucket) + l.blocks * sizeof(struct flow_block)) /
		       (double)o->max_flows;
}

uint64_t nsc_flow_table_outstanding(const struct nsc_flow_table_options *o)
{
	return table_layout(o).blocks * BLOCK_ENTRIES;
}

/* What few flows need is populated later: table_prepare_rare. */
static void *array_take_rare(struct nsc_arena *arena, uint64_t count, size_t size, bool grow)
{
	return grow ? nsc_arena_reserve(arena, count * size) : nsc_arena_alloc(arena, count * size);
}

/* Of a table that does not grow all pages are made present. */
static void *array_take(struct nsc_arena *arena, uint64_t count, size_t size, bool grow)
{
	void *array = array_take_rare(arena, count, size, grow);

	if (array && !grow)
		nsc_arena_populate(array, count * size);
	return array;
}

static bool table_lay_out(struct nsc_flow_table *t, const struct nsc_flow_table_options *o, struct nsc_arena *arena)
{
	struct layout l = table_layout(o);

	t->hot = array_take(arena, l.records, sizeof(*t->hot), o->grow);
	t->cold = array_take(arena, l.records, sizeof(*t->cold), o->grow);
	t->tail = array_take_rare(arena, l.records, sizeof(*t->tail), o->grow);
	t->story = array_take(arena, l.records, sizeof(*t->story), o->grow);
	if (o->active_ns)
		t->part = array_take(arena, l.records, sizeof(*t->part), o->grow);
	if (o->decap)
		t->tunnels = array_take(arena, l.records, sizeof(*t->tunnels), o->grow);
	if (o->key)
		t->tenant = array_take(arena, l.records, sizeof(*t->tenant), o->grow);
	if (o->names)
		t->named = array_take(arena, l.records, sizeof(*t->named), o->grow);
	if (o->top_names)
		t->top_name = array_take(arena, l.records, sizeof(*t->top_name), o->grow);
	if (o->analyses)
		t->tcp = array_take(arena, l.records, sizeof(*t->tcp), o->grow);
	if (o->analyses)
		t->tcp_counts = array_take_rare(arena, l.records, sizeof(*t->tcp_counts), o->grow);
	if (o->analyses)
		t->block = nsc_arena_reserve(arena, (l.blocks + 1) * sizeof(*t->block));
	if (o->analyses & NSC_ANALYSIS_RTT)
		t->rtt = array_take(arena, l.records, sizeof(*t->rtt), o->grow);
	t->block_max = (uint32_t)l.blocks + 1;
	t->analyses = o->analyses;
	t->unanswered = o->unanswered;
	t->bits = o->openers || o->unanswered;
	t->bucket = array_take(arena, l.buckets, sizeof(*t->bucket), o->grow);
	t->overflow = array_take_rare(arena, l.overflow, sizeof(*t->overflow), o->grow);
	t->order = nsc_arena_reserve(arena, o->max_flows * sizeof(*t->order));
	t->max_buckets = (uint32_t)l.buckets;
	t->overflow_max = (uint32_t)l.overflow - 1;
	t->n_buckets = o->grow ? GROW_BUCKETS : t->max_buckets;
	t->mask = t->n_buckets - 1;
	t->naming = o->naming;
	if (o->names && (!t->named || !t->naming))
		return false;
	if ((o->decap && !t->tunnels) || (o->active_ns && !t->part) || (o->key && !t->tenant))
		return false;
	if (o->top_names && (!t->top_name || nsc_name_sums_open(&t->name_sums, arena, NULL)))
		return false;
	t->top_names = o->top_names;
	t->key = o->key;
	if (o->analyses && (!t->tcp || !t->tcp_counts || !t->block))
		return false;
	if (o->analyses & NSC_ANALYSIS_RTT && !t->rtt)
		return false;
	return t->hot && t->cold && t->tail && t->story && t->bucket && t->overflow && t->order;
}

/* Populates [ready, wanted) of an array, in whole pieces; returns how far it is ready now. */
static uint32_t array_populate(void *array, size_t size, uint32_t ready, uint64_t wanted, uint64_t max)
{
	uint64_t piece = POPULATE_BYTES / size;
	uint64_t end = NSC_MIN((wanted + piece - 1) / piece * piece, max);

	if (end <= ready)
		return ready;
	nsc_arena_populate((char *)array + (uint64_t)ready * size, (end - ready) * size);
	return (uint32_t)end;
}

static uint32_t rare_populate(const struct nsc_flow_table *t, void *array, size_t size, uint32_t ready,
			      const bool *used)
{
	uint32_t wanted = t->grow ? t->ready_records : t->max_flows;

	if (!__atomic_load_n(used, __ATOMIC_RELAXED))
		wanted = !t->grow;
	return array && ready < wanted ? array_populate(array, size, ready, wanted, t->max_flows) : ready;
}

/* A capture without IPv6 does not pay for tails, and one without losses not for counts of TCP. With the first flow that
 * has some, all are made ready as far as records are. Of a table that does not grow the first ones are ready at the
 * start. */
static bool table_prepare_rare(struct nsc_flow_table *t)
{
	uint32_t tails = t->ready_tails, counts = t->ready_counts;

	t->ready_tails = rare_populate(t, t->tail, sizeof(*t->tail), tails, &t->tails_used);
	t->ready_counts = rare_populate(t, t->tcp_counts, sizeof(*t->tcp_counts), counts, &t->counts_used);
	return t->ready_tails != tails || t->ready_counts != counts;
}

int nsc_flow_table_open(struct nsc_flow_table **table, const struct nsc_flow_table_options *o, struct nsc_arena *arena,
			struct nsc_error *error)
{
	struct nsc_flow_table *t;

	if (o->top_flows > NSC_TOP_MAX)
		return nsc_fail(error, -EINVAL, "a flow table keeps at most %u top flows, not %u", NSC_TOP_MAX,
				o->top_flows);
	if (o->max_flows == 0 || o->max_flows > FLOWS_MAX)
		return nsc_fail(error, -EINVAL, "a flow table wants 1 to %" PRIu64 " flows, not %" PRIu64,
				(uint64_t)FLOWS_MAX, o->max_flows);
	t = nsc_arena_alloc(arena, sizeof(*t));
	if (!t || !table_lay_out(t, o, arena))
		return nsc_fail(error, -ENOMEM, "no memory for a table of %" PRIu64 " flows (%" PRIu64 " bytes)",
				o->max_flows, nsc_flow_table_bytes(o));
	t->max_flows = (uint32_t)o->max_flows;
	t->grow = o->grow;
	t->timeout_ns = o->timeout_ns ? o->timeout_ns : UINT64_MAX;
	t->seed = o->seed;
	t->decap = o->decap;
	t->active_ns = o->active_ns;
	t->parts = o->active_ns != 0;
	t->begins_more = t->parts || t->tunnels;
	t->free_head = t->victim = FLOW_NONE;
	flow_top_init(&t->top, o->top_flows);
	flow_active_init(&t->active, o->timeout_ns, o->tick_ns);
	nsc_flow_table_prepare(t);
	table_prepare_rare(t);
	if (!t->grow)
		nsc_arena_populate(t->overflow,
				   NSC_MIN(t->overflow_max, t->max_buckets / OVERFLOW_SHARE) * sizeof(*t->overflow));
	*table = t;
	return 0;
}

/* Blocks are taken one by one as connections run into loss or send ahead, whatever the number of flows. */
static bool table_prepare_blocks(struct nsc_flow_table *t)
{
	uint32_t wanted = __atomic_load_n(&t->block_used, __ATOMIC_RELAXED) + BLOCKS_AHEAD / 2;

	if (!t->block || t->ready_blocks >= NSC_MIN(wanted, t->block_max))
		return false;
	t->ready_blocks =
		array_populate(t->block, sizeof(*t->block), t->ready_blocks, wanted + BLOCKS_AHEAD / 2, t->block_max);
	return true;
}

static void table_prepare_records(struct nsc_flow_table *t, uint32_t ready)
{
	array_populate(t->cold, sizeof(*t->cold), t->ready_records, ready, t->max_flows);
	array_populate(t->story, sizeof(*t->story), t->ready_records, ready, t->max_flows);
	if (t->part)
		array_populate(t->part, sizeof(*t->part), t->ready_records, ready, t->max_flows);
	if (t->tenant)
		array_populate(t->tenant, sizeof(*t->tenant), t->ready_records, ready, t->max_flows);
	if (t->named)
		array_populate(t->named, sizeof(*t->named), t->ready_records, ready, t->max_flows);
	if (t->top_name)
		array_populate(t->top_name, sizeof(*t->top_name), t->ready_records, ready, t->max_flows);
	if (t->tunnels)
		array_populate(t->tunnels, sizeof(*t->tunnels), t->ready_records, ready, t->max_flows);
	if (t->tcp)
		array_populate(t->tcp, sizeof(*t->tcp), t->ready_records, ready, t->max_flows);
	if (t->rtt)
		array_populate(t->rtt, sizeof(*t->rtt), t->ready_records, ready, t->max_flows);
}

bool nsc_flow_table_prepare(struct nsc_flow_table *t)
{
	uint32_t used = __atomic_load_n(&t->used, __ATOMIC_RELAXED);
	uint32_t buckets = __atomic_load_n(&t->n_buckets, __ATOMIC_RELAXED);
	uint32_t ready = t->ready_records, ready_buckets = t->ready_buckets;
	/* What a worker can insert in some milliseconds, but not much for a small capture: pages that are made ready
	 * and never used cost as much as those that are. How much that is, and how late control looks on a busy
	 * machine, is told by what the worker took since the last look. */
	uint64_t usual = NSC_MIN(NSC_MAX((uint64_t)used / 8, AHEAD_MIN), AHEAD_MAX);
	uint64_t fast = NSC_MAX(AHEAD_LOOKS * (uint64_t)(used - t->looked_used), t->pace - t->pace / 8);
	uint64_t ahead = NSC_MAX(usual, NSC_MIN(NSC_MIN(fast, AHEAD_FAST), (uint64_t)used / 4));

	t->looked_used = used;
	t->pace = (uint32_t)NSC_MIN(fast, AHEAD_FAST);
	if (table_prepare_blocks(t) || table_prepare_rare(t))
		return true;
	if (!t->grow || (ready >= NSC_MIN((uint64_t)used + ahead / 2, t->max_flows) && ready_buckets >= buckets))
		return false;
	/* one piece: the next call goes on, and the worker has this one already */
	ready = array_populate(t->hot, sizeof(*t->hot), ready,
			       NSC_MIN(used + ahead, (uint64_t)ready + POPULATE_BYTES / sizeof(*t->hot)), t->max_flows);
	table_prepare_records(t, ready);
	t->ready_overflow = array_populate(t->overflow, sizeof(*t->overflow), t->ready_overflow,
					   buckets / OVERFLOW_SHARE + ahead / 20, t->overflow_max);
	t->ready_buckets =
		array_populate(t->bucket, sizeof(*t->bucket), ready_buckets, buckets + ahead / 5, t->max_buckets);
	__atomic_store_n(&t->ready_records, ready, __ATOMIC_RELAXED);
	return true;
}
