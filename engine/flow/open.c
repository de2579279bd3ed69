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
#define FEW_RECORDS 4096u /* of a table whose memory is made ready ahead: the first step, in small pages */
#define FEW_BLOCKS 4096u  /* the same */
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
	if (o->recent)
		l.record_bytes += sizeof(struct flow_recent);
	if (o->analyses) {
		l.record_bytes += sizeof(struct flow_tcp) + sizeof(struct flow_tcp_counts);
		l.blocks = NSC_MIN(NSC_MAX(o->max_flows / BLOCKS_SHARE, BLOCKS_MIN), (1ull << BLOCK_ID_BITS) - 1);
	}
	if (o->analyses & NSC_ANALYSIS_RTT)
		l.record_bytes += sizeof(struct flow_rtt);
	return l;
}

static bool table_adds_rtts(const struct nsc_flow_table_options *o)
{
	return o->rtts && o->analyses & NSC_ANALYSIS_RTT;
}

uint64_t nsc_flow_table_bytes(const struct nsc_flow_table_options *o)
{
	struct layout l = table_layout(o);
	uint64_t beside =
		sizeof(struct nsc_flow_table) + (o->top_names ? nsc_name_sums_bytes() : 0) +
		o->ended_kept * (sizeof(struct nsc_flow_record) + (o->recent ? sizeof(struct flow_recent_ended) : 0)) +
		(table_adds_rtts(o) ? sizeof(struct nsc_histogram) : 0) + (o->recent ? sizeof(struct flow_hosts) : 0);

	if (o->grow)
		return beside + GROW_BUCKETS * sizeof(struct flow_bucket);
	return beside + l.records * l.record_bytes + (l.buckets + l.overflow) * sizeof(struct flow_bucket) +
	       l.blocks * sizeof(struct flow_block);
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
static void *array_take_rare(struct nsc_arena *arena, uint64_t count, size_t size,
			     const struct nsc_flow_table_options *o)
{
	if (o->ahead)
		return nsc_arena_reserve_split(arena, count * size, FEW_RECORDS * size);
	return o->grow ? nsc_arena_reserve(arena, count * size) : nsc_arena_alloc(arena, count * size);
}

/* Of a fixed table all pages are made present, unless that is done ahead of the owner. */
static void *array_take(struct nsc_arena *arena, uint64_t count, size_t size, const struct nsc_flow_table_options *o)
{
	void *array = array_take_rare(arena, count, size, o);

	if (array && !o->grow && !o->ahead)
		nsc_arena_populate(array, count * size);
	return array;
}

/* The index of a fixed table is all there at the start, of `present` buckets: a look-up goes anywhere in it. */
static struct flow_bucket *table_take_index(struct nsc_arena *arena, uint64_t count, uint64_t present, bool grow)
{
	struct flow_bucket *bucket = grow ? nsc_arena_reserve(arena, count * sizeof(*bucket))
					  : nsc_arena_alloc(arena, count * sizeof(*bucket));

	if (bucket && !grow)
		nsc_arena_populate(bucket, present * sizeof(*bucket));
	return bucket;
}

static struct flow_block *table_take_blocks(struct nsc_arena *arena, uint64_t count, bool ahead)
{
	size_t bytes = (count + 1) * sizeof(struct flow_block);

	return ahead ? nsc_arena_reserve_split(arena, bytes, FEW_BLOCKS * sizeof(struct flow_block))
		     : nsc_arena_reserve(arena, bytes);
}

/* Flows that have ended, and their bytes of the last minute. */
static bool table_take_ended(struct nsc_flow_table *t, const struct nsc_flow_table_options *o, struct nsc_arena *arena)
{
	if (!o->ended_kept)
		return true;
	t->ended_room = o->ended_kept;
	t->ended = nsc_arena_alloc(arena, o->ended_kept * sizeof(*t->ended));
	if (t->ended && !o->ahead)
		nsc_arena_populate(t->ended, o->ended_kept * sizeof(*t->ended));
	if (!t->ended || !o->recent)
		return t->ended;
	t->ended_recent = nsc_arena_alloc(arena, o->ended_kept * sizeof(*t->ended_recent));
	if (t->ended_recent && !o->ahead)
		nsc_arena_populate(t->ended_recent, o->ended_kept * sizeof(*t->ended_recent));
	return t->ended_recent;
}

static bool table_lay_out(struct nsc_flow_table *t, const struct nsc_flow_table_options *o, struct nsc_arena *arena)
{
	struct layout l = table_layout(o);

	t->hot = array_take(arena, l.records, sizeof(*t->hot), o);
	t->cold = array_take(arena, l.records, sizeof(*t->cold), o);
	t->tail = array_take_rare(arena, l.records, sizeof(*t->tail), o);
	t->story = array_take(arena, l.records, sizeof(*t->story), o);
	if (o->active_ns)
		t->part = array_take(arena, l.records, sizeof(*t->part), o);
	if (o->decap)
		t->tunnels = array_take(arena, l.records, sizeof(*t->tunnels), o);
	if (o->key)
		t->tenant = array_take(arena, l.records, sizeof(*t->tenant), o);
	if (o->names)
		t->named = array_take(arena, l.records, sizeof(*t->named), o);
	if (o->top_names)
		t->top_name = array_take(arena, l.records, sizeof(*t->top_name), o);
	if (o->recent)
		t->recent = array_take(arena, l.records, sizeof(*t->recent), o);
	if (o->analyses)
		t->tcp = array_take(arena, l.records, sizeof(*t->tcp), o);
	if (o->analyses)
		t->tcp_counts = array_take_rare(arena, l.records, sizeof(*t->tcp_counts), o);
	if (o->analyses)
		t->block = table_take_blocks(arena, l.blocks, o->ahead);
	if (o->analyses & NSC_ANALYSIS_RTT)
		t->rtt = array_take(arena, l.records, sizeof(*t->rtt), o);
	if (table_adds_rtts(o))
		t->rtts = nsc_arena_alloc(arena, sizeof(*t->rtts));
	t->block_max = (uint32_t)l.blocks + 1;
	t->analyses = o->analyses;
	t->unanswered = o->unanswered;
	t->bits = o->openers || o->unanswered;
	t->bucket = table_take_index(arena, l.buckets, l.buckets, o->grow);
	t->overflow = table_take_index(arena, l.overflow, NSC_MIN(l.overflow - 1, l.buckets / OVERFLOW_SHARE), o->grow);
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
	if (o->recent && (!t->recent || !(t->hosts = nsc_arena_alloc(arena, sizeof(*t->hosts)))))
		return false;
	if (!table_take_ended(t, o, arena))
		return false;
	t->top_names = o->top_names;
	t->key = o->key;
	if (o->analyses && (!t->tcp || !t->tcp_counts || !t->block))
		return false;
	if ((o->analyses & NSC_ANALYSIS_RTT && !t->rtt) || (table_adds_rtts(o) && !t->rtts))
		return false;
	return t->hot && t->cold && t->tail && t->story && t->bucket && t->overflow && t->order;
}

/* Populates [ready, wanted) of an array, in whole pieces behind the first `few`; returns how far it is ready now. */
static uint32_t array_populate(void *array, size_t size, uint32_t few, uint32_t ready, uint64_t wanted, uint64_t max)
{
	uint64_t piece = POPULATE_BYTES / size, beyond = wanted - NSC_MIN(wanted, (uint64_t)few);
	uint64_t end = NSC_MIN(few + (beyond + piece - 1) / piece * piece, max);

	if (end <= ready)
		return ready;
	nsc_arena_populate((char *)array + (uint64_t)ready * size, (end - ready) * size);
	return (uint32_t)end;
}

static uint32_t rare_populate(const struct nsc_flow_table *t, void *array, size_t size, uint32_t ready,
			      const bool *used)
{
	uint32_t wanted = t->ahead ? t->ready_records : t->max_flows;

	if (!__atomic_load_n(used, __ATOMIC_RELAXED))
		wanted = !t->ahead;
	return array && ready < wanted ? array_populate(array, size, t->few, ready, wanted, t->max_flows) : ready;
}

/* A capture without IPv6 does not pay for tails, and one without losses not for counts of TCP. With the first flow that
 * has some, all are made ready as far as records are. Of a table that is there at the start the first ones of these
 * are, too. */
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
	t->ahead = o->grow || o->ahead;
	t->few = o->ahead ? FEW_RECORDS : 0;
	t->timeout_ns = o->timeout_ns ? o->timeout_ns : UINT64_MAX;
	t->seed = o->seed;
	t->decap = o->decap;
	t->active_ns = o->active_ns;
	t->parts = o->active_ns != 0;
	t->begins_more = t->parts || t->tunnels || t->recent;
	t->free_head = t->victim = FLOW_NONE;
	flow_top_init(&t->top, o->top_flows);
	flow_active_init(&t->active, o->timeout_ns, o->tick_ns);
	while (nsc_flow_table_prepare(t))
		;
	*table = t;
	return 0;
}

/* Blocks are taken one by one as connections run into loss or send ahead, whatever the number of flows. */
static bool table_prepare_blocks(struct nsc_flow_table *t)
{
	uint32_t wanted = __atomic_load_n(&t->block_used, __ATOMIC_RELAXED) + BLOCKS_AHEAD / 2;

	if (!t->block || t->ready_blocks >= NSC_MIN(wanted, t->block_max))
		return false;
	t->ready_blocks = array_populate(t->block, sizeof(*t->block), t->few ? FEW_BLOCKS : 0, t->ready_blocks,
					 wanted + BLOCKS_AHEAD / 2, t->block_max);
	return true;
}

/* One piece of `hot`, and as many records of the others: the next call goes on, and the worker has this one already. */
static uint32_t table_prepare_records(struct nsc_flow_table *t, uint64_t wanted)
{
	const struct {
		void *start;
		size_t size;
	} array[] = {
		{ t->hot, sizeof(*t->hot) },           { t->cold, sizeof(*t->cold) },
		{ t->story, sizeof(*t->story) },       { t->part, sizeof(*t->part) },
		{ t->tenant, sizeof(*t->tenant) },     { t->named, sizeof(*t->named) },
		{ t->top_name, sizeof(*t->top_name) }, { t->tunnels, sizeof(*t->tunnels) },
		{ t->recent, sizeof(*t->recent) },     { t->tcp, sizeof(*t->tcp) },
		{ t->rtt, sizeof(*t->rtt) },
	};
	uint32_t from = t->ready_records;
	uint32_t ready =
		array_populate(t->hot, sizeof(*t->hot), t->few, from,
			       NSC_MIN(wanted, (uint64_t)from + POPULATE_BYTES / sizeof(*t->hot)), t->max_flows);

	for (unsigned i = 1; i < NSC_ARRAY_LEN(array); i++)
		if (array[i].start)
			array_populate(array[i].start, array[i].size, t->few, from, ready, t->max_flows);
	return ready;
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
	bool few = used < t->few / 2;

	t->looked_used = used;
	t->pace = (uint32_t)NSC_MIN(fast, AHEAD_FAST);
	if (table_prepare_blocks(t) || table_prepare_rare(t))
		return true;
	if (!t->ahead || (ready >= NSC_MIN(few ? t->few : (uint64_t)used + ahead / 2, t->max_flows) &&
			  (!t->grow || ready_buckets >= buckets)))
		return false;
	ready = table_prepare_records(t, few ? t->few : used + ahead);
	if (t->grow) {
		t->ready_overflow = array_populate(t->overflow, sizeof(*t->overflow), 0, t->ready_overflow,
						   buckets / OVERFLOW_SHARE + ahead / 20, t->overflow_max);
		t->ready_buckets = array_populate(t->bucket, sizeof(*t->bucket), 0, ready_buckets, buckets + ahead / 5,
						  t->max_buckets);
	}
	__atomic_store_n(&t->ready_records, ready, __ATOMIC_RELAXED);
	return true;
}

const struct nsc_histogram *nsc_flow_table_rtts(const struct nsc_flow_table *t)
{
	return t->rtts;
}
