/* SPDX-License-Identifier: MIT */
#include "engine/flow/naming.h"

#include <errno.h>

#include "engine/flow/internal.h"
#include "engine/names/ja4.h"
#include "engine/names/quic.h"

enum {
	LATE_PACKETS_MAX = 4,     /* of a stream whose beginning was not captured, any of which may begin something */
	STREAM_PACKETS_MAX = 16,  /* of a direction, with payload, that are listened to */
	DATAGRAMS_MAX = 4,        /* the same of UDP */
	WATCHED_PACKETS_MAX = 31, /* the same behind an application that may go over to TLS */
	STEAL_CANDIDATES = 8,
	WAITING_MAX = 8, /* enough that a miss of each is shared by all */
	TLS_RECORD = 22,
};

#define BLOCK_NONE UINT32_MAX
#define BLOCK_LARGE (1u << 31)        /* in the number of a block */
#define BLOCK_ROOM_SMALL 2048u        /* a hello with a post-quantum key takes 1800 */
#define BLOCKS_AHEAD_BYTES (1u << 19) /* made present */

struct naming_block {
	uint64_t taken_clock_ns;
	uint32_t id; /* of the record; FLOW_NONE: free, next is the next free one */
	uint32_t next;
	uint32_t base;   /* sequence number of its first byte */
	uint32_t wanted; /* bytes after which it is worth a look */
	uint8_t dir;
	struct nsc_name_block block; /* a small one ends early */
};

struct naming_pool { /* of blocks of one size */
	uint8_t *memory;
	uint32_t bytes, cut;      /* of a block; what it lacks of a whole one */
	uint32_t used, max, free; /* blocks ever taken (read by control), in all; head of the free ones */
	uint32_t hand;            /* where a block is looked for when all are lent */
	uint32_t ready;           /* control's: blocks made present */
};

struct naming_waiting { /* words that a record will have at the end of the burst, or when it is told */
	uint32_t id;
	struct nsc_name_entry entry;
};

struct nsc_naming {
	alignas(NSC_CACHE_LINE) struct naming_pool pool[2]; /* small, large */
	struct naming_waiting waiting[WAITING_MAX];
	uint32_t n_waiting;
	uint32_t current; /* record whose packet is not counted yet in sums by name, or that ends; FLOW_NONE */
	uint32_t hellos_a_tick, hellos_left;
	struct nsc_name_store *store;
	struct nsc_quic *quic;
	struct nsc_name_output out;
	struct ja4_cache ja4s;
	alignas(NSC_CACHE_LINE) enum nsc_names names; /* control's, relaxed */
};

struct naming_look { /* at one packet */
	const uint8_t *data;
	uint32_t n;    /* bytes captured of the payload */
	uint32_t wire; /* and how many there were */
	uint32_t seq;  /* of the first */
};

/* --- opening ---------------------------------------------------------------------------------- */

static struct naming_pool naming_pool_of(const struct nsc_naming_options *o, bool large)
{
	struct naming_pool pool = { .free = BLOCK_NONE, .cut = large ? 0 : NSC_NAME_STREAM_MAX - BLOCK_ROOM_SMALL };
	uint64_t most;

	pool.bytes = (uint32_t)(sizeof(struct naming_block) - pool.cut + NSC_CACHE_LINE - 1) & ~(NSC_CACHE_LINE - 1);
	most = (large ? o->block_memory / 4 : o->block_memory) / pool.bytes;
	pool.max = (uint32_t)NSC_MIN(NSC_MAX(most, o->blocks), NSC_NAMING_BLOCKS_MAX);
	return pool;
}

static uint64_t naming_pool_bytes(const struct naming_pool *pool)
{
	return (uint64_t)pool->bytes * pool->max;
}

int nsc_naming_open(struct nsc_naming **naming, const struct nsc_naming_options *o, struct nsc_arena *arena,
		    struct nsc_error *error)
{
	struct nsc_naming *n = nsc_arena_alloc(arena, sizeof(*n));
	int failed;

	if (!o->blocks || o->blocks > NSC_NAMING_BLOCKS_MAX)
		return nsc_fail(error, -EINVAL, "names take 1 to %u blocks, not %u", NSC_NAMING_BLOCKS_MAX, o->blocks);
	for (unsigned large = 0; n && large < 2; large++) {
		n->pool[large] = naming_pool_of(o, large);
		n->pool[large].memory =
			nsc_arena_reserve_split(arena, naming_pool_bytes(&n->pool[large]), BLOCKS_AHEAD_BYTES);
	}
	if (!n || !n->pool[0].memory || !n->pool[1].memory)
		return nsc_fail(error, -ENOMEM, "no memory for the names of flows");
	n->names = o->names;
	n->current = FLOW_NONE;
	n->hellos_a_tick = o->hellos_a_tick ? o->hellos_a_tick : UINT32_MAX;
	n->hellos_left = n->hellos_a_tick;
	failed = nsc_name_store_open(&n->store, arena, o->memory, o->keep, error);
	if (!failed)
		failed = nsc_quic_open(&n->quic, error);
	if (failed) {
		nsc_naming_close(n);
		return failed;
	}
	nsc_naming_prepare(n);
	*naming = n;
	return 0;
}

void nsc_naming_keep(struct nsc_naming *n, enum nsc_names names)
{
	__atomic_store_n(&n->names, names, __ATOMIC_RELAXED);
}

void nsc_naming_close(struct nsc_naming *n)
{
	if (!n)
		return;
	nsc_name_store_close(n->store);
	nsc_quic_close(n->quic);
}

uint64_t nsc_naming_bytes(const struct nsc_naming_options *o)
{
	struct naming_pool small = naming_pool_of(o, false), large = naming_pool_of(o, true);

	return sizeof(struct nsc_naming) + nsc_name_store_bytes(o->memory) + naming_pool_bytes(&small) +
	       naming_pool_bytes(&large);
}

static bool naming_pool_prepare(struct naming_pool *pool)
{
	uint32_t used = __atomic_load_n(&pool->used, __ATOMIC_RELAXED), ahead = BLOCKS_AHEAD_BYTES / pool->bytes;
	uint32_t ready = NSC_MIN(used + ahead, pool->max);

	if (pool->ready >= NSC_MIN(used + ahead / 2, pool->max))
		return false;
	nsc_arena_populate(pool->memory + (size_t)pool->ready * pool->bytes,
			   (size_t)(ready - pool->ready) * pool->bytes);
	pool->ready = ready;
	return true;
}

bool nsc_naming_prepare(struct nsc_naming *n)
{
	bool any = nsc_name_store_prepare(n->store);

	any |= naming_pool_prepare(&n->pool[0]);
	return naming_pool_prepare(&n->pool[1]) || any;
}

void flow_naming_tick(struct nsc_naming *n)
{
	n->hellos_left = n->hellos_a_tick;
}

/* --- blocks ----------------------------------------------------------------------------------- */

static struct naming_pool *naming_pool_at(struct nsc_naming *n, uint32_t number)
{
	return &n->pool[number / BLOCK_LARGE];
}

static struct naming_block *naming_block_at(struct nsc_naming *n, uint32_t number)
{
	const struct naming_pool *pool = naming_pool_at(n, number);

	return (struct naming_block *)(pool->memory + (size_t)(number % BLOCK_LARGE) * pool->bytes);
}

static void naming_release(struct nsc_naming *n, uint32_t number)
{
	struct naming_block *block = naming_block_at(n, number);
	struct naming_pool *pool = naming_pool_at(n, number);

	block->id = FLOW_NONE;
	block->next = pool->free;
	pool->free = number;
}

/* This direction is not listened to any further. */
static void naming_stop(struct nsc_flow_table *t, uint32_t id, unsigned dir)
{
	struct flow_named *named = &t->named[id];

	if (named->direction[dir].state == FLOW_NAMED_COLLECT)
		naming_release(t->naming, named->at[dir]);
	named->direction[dir].state = FLOW_NAMED_NEW;
	t->hot[id].unnamed &= (uint8_t)(3 & ~(1u << dir));
}

/* All blocks of a size are lent: the oldest of a few, its flow not listened to any further. */
static void naming_steal(struct nsc_flow_table *t, uint32_t large, struct nsc_counters *counters)
{
	struct naming_pool *pool = naming_pool_at(t->naming, large);
	struct naming_block *oldest = naming_block_at(t->naming, large | pool->hand);

	for (uint32_t i = 0; i < STEAL_CANDIDATES; i++) {
		struct naming_block *block = naming_block_at(t->naming, large | pool->hand);

		if (block->taken_clock_ns < oldest->taken_clock_ns)
			oldest = block;
		pool->hand = pool->hand + 1 < pool->max ? pool->hand + 1 : 0;
	}
	nsc_count(counters, NSC_C_NAME_SKIPPED, 1);
	naming_stop(t, oldest->id, oldest->dir);
}

/* The number of a block; `large` is 0 or BLOCK_LARGE. */
static uint32_t naming_take_block(struct nsc_flow_table *t, uint32_t large, struct nsc_counters *counters)
{
	struct naming_pool *pool = naming_pool_at(t->naming, large);
	uint32_t number;

	if (pool->free == BLOCK_NONE && pool->used < pool->max) {
		number = large | pool->used;
		__atomic_store_n(&pool->used, pool->used + 1, __ATOMIC_RELAXED);
		naming_block_at(t->naming, number)->block.cut = pool->cut;
		return number;
	}
	if (pool->free == BLOCK_NONE)
		naming_steal(t, large, counters);
	number = pool->free;
	pool->free = naming_block_at(t->naming, number)->next;
	return number;
}

static struct naming_block *naming_lend(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
					struct nsc_counters *counters)
{
	uint32_t number = naming_take_block(t, 0, counters);
	struct naming_block *block = naming_block_at(t->naming, number);

	block->taken_clock_ns = pkt->clock_ns;
	block->id = id;
	block->dir = pkt->dir;
	block->wanted = 0;
	nsc_name_block_clear(&block->block);
	t->named[id].at[pkt->dir] = number;
	t->named[id].direction[pkt->dir].state = FLOW_NAMED_COLLECT;
	return block;
}

/* The stream goes on in a large block. */
static struct naming_block *naming_enlarge(struct nsc_flow_table *t, uint32_t id, unsigned dir,
					   struct nsc_counters *counters)
{
	uint32_t small = t->named[id].at[dir], number = naming_take_block(t, BLOCK_LARGE, counters);
	struct naming_block *from = naming_block_at(t->naming, small), *block = naming_block_at(t->naming, number);

	block->taken_clock_ns = from->taken_clock_ns;
	block->id = id;
	block->dir = (uint8_t)dir;
	block->base = from->base;
	block->wanted = from->wanted;
	nsc_name_block_copy(&block->block, &from->block);
	naming_release(t->naming, small);
	t->named[id].at[dir] = number;
	return block;
}

/* Takes a piece in; the block, which may be another one then. */
static struct naming_block *naming_put(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint32_t start,
				       const struct naming_look *look, struct nsc_counters *counters)
{
	struct naming_block *block = naming_block_at(t->naming, t->named[id].at[dir]);

	nsc_name_block_put(&block->block, start, look->data, look->n);
	if (block->block.small) {
		block = naming_enlarge(t, id, dir, counters);
		nsc_name_block_put(&block->block, start, look->data, look->n);
	}
	return block;
}

/* --- what was found --------------------------------------------------------------------------- */

static bool naming_merge_text(uint8_t *length, char *text, uint8_t new_length, const char *new_text)
{
	if (!new_length || (new_length == *length && !memcmp(text, new_text, new_length)))
		return false;
	*length = new_length;
	memcpy(text, new_text, new_length);
	return true;
}

/* `new` is what the same flow says later: the application that was known stays. A hello that was watched for names the
 * server better than what came before it; otherwise the first name stays. False when nothing is new. */
static bool naming_merge(struct nsc_named *known, const struct nsc_named *new, bool watched)
{
	bool any = false;

	if (!watched && new->app != known->app)
		return false;
	if (watched || !known->name_length)
		any |= naming_merge_text(&known->name_length, known->name, new->name_length, new->name);
	if (!known->alpn_length)
		any |= naming_merge_text(&known->alpn_length, known->alpn, new->alpn_length, new->alpn);
	if (!known->ja4_length)
		any |= naming_merge_text(&known->ja4_length, known->ja4, new->ja4_length, new->ja4);
	return any;
}

static bool naming_waits(const struct nsc_naming *n, uint32_t id)
{
	for (uint32_t i = 0; i < n->n_waiting; i++)
		if (n->waiting[i].id == id)
			return true;
	return false;
}

static void naming_link(struct nsc_flow_table *t, const struct naming_waiting *waiting, struct nsc_counters *counters)
{
	struct flow_named *named = &t->named[waiting->id];
	uint64_t handle;

	nsc_name_store_drop(t->naming->store, flow_name_handle(t, waiting->id));
	handle = nsc_name_store_keep(t->naming->store, &waiting->entry, counters);
	named->name = (uint32_t)handle;
	named->name_high = (uint8_t)(handle >> 32);
	if (!t->top_names)
		return;
	t->top_name[waiting->id] |= FLOW_TOP_NAME_NEW;
	if (waiting->id != t->naming->current)
		flow_top_name_count(t, waiting->id, 0, counters);
}

void flow_naming_link(struct nsc_flow_table *t, struct nsc_counters *counters)
{
	struct nsc_naming *n = t->naming;

	for (uint32_t i = 0; i < n->n_waiting; i++)
		nsc_name_entry_fetch(&n->waiting[i].entry, n->store);
	for (uint32_t i = 0; i < n->n_waiting; i++)
		naming_link(t, &n->waiting[i], counters);
	n->n_waiting = 0;
}

/* The same while a packet of `id` is looked at. */
static void naming_link_before(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters)
{
	uint32_t current = t->naming->current;

	t->naming->current = id;
	flow_naming_link(t, counters);
	t->naming->current = current;
}

static __attribute__((noinline, cold)) void naming_tell(const struct nsc_named *named)
{
	char name[NSC_NAME_MAX + 1];

	memcpy(name, named->name, named->name_length);
	name[named->name_length] = 0;
	NSC_USDT(name, nsc_usdt_text(nsc_app_name(named->app)), name,
		 nsc_usdt_text(nsc_app_source_name(named->source)));
}

static void naming_set(struct nsc_flow_table *t, uint32_t id, struct nsc_named *new, bool watched,
		       struct nsc_counters *counters)
{
	struct flow_named *named = &t->named[id];
	uint64_t handle = flow_name_handle(t, id);
	struct naming_waiting *waiting;
	struct nsc_named known;

	nsc_count(counters, NSC_C_NAME_FOUND, 1);
	if (NSC_USDT_ON(name))
		naming_tell(new);
	if (naming_waits(t->naming, id)) {
		naming_link_before(t, id, counters);
		handle = flow_name_handle(t, id);
	}
	if (__atomic_load_n(&t->naming->names, __ATOMIC_RELAXED) != NSC_NAMES_FULL)
		new->name_length = 0;
	if (named->name && !new->name_length && !new->alpn_length && !new->ja4_length)
		return; /* the other end, as a rule */
	if (nsc_named_read(handle, &known)) {
		if (!naming_merge(&known, new, watched))
			return;
		new = &known;
	}
	if (t->naming->n_waiting == WAITING_MAX)
		flow_naming_link(t, counters);
	waiting = &t->naming->waiting[t->naming->n_waiting++];
	waiting->id = id;
	nsc_name_entry_make(&waiting->entry, t->naming->store, new);
}

/* --- streams ---------------------------------------------------------------------------------- */

/* False when the tick has no time for another one. */
static bool naming_has_time(struct nsc_flow_table *t, uint8_t first_byte, bool quic, struct nsc_counters *counters)
{
	if (first_byte != TLS_RECORD && !quic)
		return true;
	if (t->naming->hellos_left) {
		t->naming->hellos_left--;
		return true;
	}
	nsc_count(counters, NSC_C_NAME_SKIPPED, 1);
	return false;
}

static uint16_t naming_port(const struct flow_hot *hot, unsigned dir)
{
	return dir ? hot->b_port : hot->a_port;
}

/* Looks at the beginning of what `dir` sent; takes in what it says. */
static enum nsc_name_verdict naming_ask(struct nsc_flow_table *t, uint32_t id, unsigned dir, const uint8_t *data,
					uint32_t n, bool last, struct nsc_counters *counters)
{
	const struct flow_hot *hot = &t->hot[id];
	struct nsc_name_output *out = &t->naming->out;
	const struct nsc_name_input in = {
		data, n, naming_port(hot, dir), naming_port(hot, !dir), last, &t->naming->ja4s
	};
	enum nsc_name_verdict verdict;

	nsc_count(counters, NSC_C_NAME_LOOKS, 1);
	verdict = hot->proto == NSC_PROTO_TCP ? nsc_name_stream(&in, out) : nsc_name_datagram(&in, out);
	if (verdict >= NSC_NAME_FOUND)
		naming_set(t, id, &out->named, t->named[id].direction[dir].watched, counters);
	return verdict;
}

/* What follows from an answer other than MORE. */
static void naming_settle(struct nsc_flow_table *t, uint32_t id, unsigned dir, enum nsc_name_verdict verdict)
{
	struct flow_named_direction *direction = &t->named[id].direction[dir];
	bool watch = verdict == NSC_NAME_WATCH && !direction->watched;

	naming_stop(t, id, dir);
	if (!watch)
		return;
	direction->state = FLOW_NAMED_WATCH;
	direction->heard = 0;
	t->hot[id].unnamed |= (uint8_t)(1u << dir) & 3;
}

/* The SYN was not captured: what was heard may be the middle of something (a keep-alive repeats one byte), and what
 * comes next a beginning. */
static bool naming_is_late(const struct flow_named_direction *direction)
{
	return direction->state == FLOW_NAMED_NEW && !direction->watched && direction->heard < LATE_PACKETS_MAX;
}

/* The bytes are the first ones: looks at them where they lie, and keeps them only when there must be more. */
static void naming_begin(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
			 const struct naming_look *look, struct nsc_counters *counters)
{
	enum nsc_name_verdict verdict;
	struct naming_block *block;

	if (!look->n || !naming_has_time(t, look->data[0], false, counters)) {
		naming_stop(t, id, pkt->dir);
		return;
	}
	verdict = naming_ask(t, id, pkt->dir, look->data, look->n, look->n < look->wire, counters);
	if (verdict == NSC_NAME_NO && naming_is_late(&t->named[id].direction[pkt->dir]))
		return;
	if (verdict != NSC_NAME_MORE) {
		naming_settle(t, id, pkt->dir, verdict);
		return;
	}
	block = naming_lend(t, id, pkt, counters);
	block->base = look->seq;
	block->wanted = t->naming->out.wanted;
	naming_put(t, id, pkt->dir, 0, look, counters);
}

/* Leaves out what lies before `base`; how far behind it the rest begins. False when nothing is left. */
static bool naming_trim(struct naming_look *look, uint32_t base, uint32_t *start)
{
	uint32_t before = base - look->seq;

	*start = look->seq - base;
	if (!tcp_before(look->seq, base))
		return true;
	if (before >= look->n)
		return false;
	look->data += before;
	look->n -= before;
	look->wire -= before;
	look->seq = base;
	*start = 0;
	return true;
}

static void naming_collect(struct nsc_flow_table *t, uint32_t id, unsigned dir, struct naming_look *look,
			   struct nsc_counters *counters)
{
	struct naming_block *block = naming_block_at(t->naming, t->named[id].at[dir]);
	bool last = t->named[id].direction[dir].heard >= STREAM_PACKETS_MAX;
	enum nsc_name_verdict verdict = NSC_NAME_NO;
	uint32_t start, n;

	if (naming_trim(look, block->base, &start))
		block = naming_put(t, id, dir, start, look, counters);
	n = nsc_name_block_length(&block->block);
	last |= n == NSC_NAME_STREAM_MAX;
	if (!last && (!n || n < block->wanted))
		return;
	if (n && naming_has_time(t, block->block.data[0], false, counters))
		verdict = naming_ask(t, id, dir, block->block.data, n, last, counters);
	if (verdict == NSC_NAME_MORE)
		block->wanted = t->naming->out.wanted;
	else
		naming_settle(t, id, dir, verdict);
}

static void naming_watch(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
			 const struct naming_look *look, struct nsc_counters *counters)
{
	struct flow_named_direction *direction = &t->named[id].direction[pkt->dir];

	if (nsc_name_is_hello(look->data, look->n)) {
		direction->watched = true;
		direction->heard = 0;
		naming_begin(t, id, pkt, look, counters);
	} else if (direction->heard >= WATCHED_PACKETS_MAX) {
		naming_stop(t, id, pkt->dir);
	}
}

/* Where the first byte stands is known from the SYN, else this is the first. */
static void naming_stream(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt, struct naming_look *look,
			  struct nsc_counters *counters)
{
	struct flow_named *named = &t->named[id];
	struct flow_named_direction *direction = &named->direction[pkt->dir];
	uint32_t base = direction->state == FLOW_NAMED_STARTED ? named->at[pkt->dir] : look->seq, start;
	struct naming_block *block;

	if (direction->state == FLOW_NAMED_COLLECT) {
		naming_collect(t, id, pkt->dir, look, counters);
	} else if (direction->state == FLOW_NAMED_WATCH) {
		naming_watch(t, id, pkt, look, counters);
	} else if (!naming_trim(look, base, &start)) {
		if (direction->heard >= STREAM_PACKETS_MAX)
			naming_stop(t, id, pkt->dir);
	} else if (start == 0) {
		naming_begin(t, id, pkt, look, counters);
	} else if (start >= NSC_NAME_STREAM_MAX) { /* too much is missing */
		naming_stop(t, id, pkt->dir);
	} else {
		block = naming_lend(t, id, pkt, counters);
		block->base = base;
		naming_put(t, id, pkt->dir, start, look, counters);
	}
}

/* --- datagrams -------------------------------------------------------------------------------- */

/* A datagram may hold several Initials, each with keys of its own: each of them takes the time of a hello. */
static void naming_spend_tries(struct nsc_naming *n)
{
	uint32_t tries = nsc_quic_tries(n->quic);

	n->hellos_left -= NSC_MIN(n->hellos_left, tries ? tries - 1 : 0);
}

/* A client's Initial. Nobody's else: what the server sends does not open with its keys. */
static void naming_quic(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
			const struct naming_look *look, struct nsc_counters *counters)
{
	struct flow_named *named = &t->named[id];
	bool collects = named->direction[pkt->dir].state == FLOW_NAMED_COLLECT;
	bool answers = named->name || named->direction[!pkt->dir].state == FLOW_NAMED_COLLECT;
	struct nsc_named *found = &t->naming->out.named;
	enum nsc_name_verdict verdict = NSC_NAME_NO;
	struct naming_block *block;

	if ((collects || !answers) && naming_has_time(t, look->data[0], true, counters)) {
		block = collects ? naming_block_at(t->naming, named->at[pkt->dir]) : naming_lend(t, id, pkt, counters);
		nsc_count(counters, NSC_C_NAME_LOOKS, 1);
		verdict = nsc_quic_datagram(t->naming->quic, look->data, look->n, &block->block, found);
		naming_spend_tries(t->naming);
		if (block->block.small) { /* seldom: what did not fit is opened again */
			block = naming_enlarge(t, id, pkt->dir, counters);
			verdict = nsc_quic_datagram(t->naming->quic, look->data, look->n, &block->block, found);
			naming_spend_tries(t->naming);
		}
		if (verdict == NSC_NAME_FOUND)
			naming_set(t, id, found, false, counters);
		if (verdict == NSC_NAME_NO && collects) /* another one may say more */
			verdict = NSC_NAME_MORE;
	}
	if (verdict != NSC_NAME_MORE || named->direction[pkt->dir].heard >= DATAGRAMS_MAX)
		naming_stop(t, id, pkt->dir);
}

static void naming_datagram(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
			    const struct naming_look *look, struct nsc_counters *counters)
{
	struct flow_named_direction *direction = &t->named[id].direction[pkt->dir];

	if (look->n && nsc_quic_begins(look->data, look->n, look->wire))
		naming_quic(t, id, pkt, look, counters);
	else if (direction->heard >= DATAGRAMS_MAX ||
		 (look->n && direction->state != FLOW_NAMED_COLLECT &&
		  naming_ask(t, id, pkt->dir, look->data, look->n, true, counters) >= NSC_NAME_FOUND))
		naming_stop(t, id, pkt->dir);
}

/* --- packets ---------------------------------------------------------------------------------- */

void flow_naming_packet(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
			struct nsc_counters *counters)
{
	struct flow_named *named = &t->named[id];
	struct flow_named_direction *direction = &named->direction[pkt->dir];
	uint32_t at = pkt->l4_off + (uint32_t)pkt->l4_len, captured = pkt->cap_len > at ? pkt->cap_len - at : 0;
	bool syn = pkt->tcp_flags & NSC_TCP_SYN;
	struct naming_look look = {
		.data = pkt->data + at,
		.n = NSC_MIN(captured, pkt->payload_len),
		.wire = pkt->payload_len,
		.seq = pkt->tcp_seq + syn,
	};

	if (syn && direction->state == FLOW_NAMED_NEW) {
		direction->state = FLOW_NAMED_STARTED;
		named->at[pkt->dir] = look.seq;
	}
	if (!pkt->l4_off || !pkt->payload_len) /* a later fragment; nothing is said */
		return;
	direction->heard = (direction->heard < WATCHED_PACKETS_MAX ? direction->heard + 1u : WATCHED_PACKETS_MAX) & 31;
	if (pkt->ip_proto == NSC_PROTO_TCP)
		naming_stream(t, id, pkt, &look, counters);
	else
		naming_datagram(t, id, pkt, &look, counters);
}

void flow_naming_finish(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters)
{
	flow_naming_link(t, counters);
	t->naming->current = id;
	for (unsigned dir = 0; dir < 2; dir++) {
		struct flow_named *named = &t->named[id];
		struct nsc_name_block *block;
		uint32_t n;

		if (!(t->hot[id].unnamed >> dir & 1))
			continue;
		block = named->direction[dir].state == FLOW_NAMED_COLLECT
				? &naming_block_at(t->naming, named->at[dir])->block
				: NULL;
		n = block ? nsc_name_block_length(block) : 0;
		if (n && t->hot[id].proto == NSC_PROTO_TCP)
			naming_ask(t, id, dir, block->data, n, true, counters);
		naming_stop(t, id, dir);
	}
	flow_naming_link(t, counters);
	t->naming->current = FLOW_NONE;
}

void flow_naming_drop(struct nsc_flow_table *t, uint32_t id)
{
	nsc_name_store_drop(t->naming->store, flow_name_handle(t, id));
}
