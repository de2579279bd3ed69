/* SPDX-License-Identifier: MIT
 *
 * The owner of a ring: which packets, how much of each, and room for them.
 */
#include "engine/rings/recorder.h"

#include <errno.h>
#include <inttypes.h>

#include "engine/base/account.h"
#include "engine/base/assert.h"
#include "engine/rings/recorder_copy.h"
#include "engine/rings/recorder_parts.h"

enum {
	BLOCKS = 64,       /* of a ring of usual size: what is forgotten at once */
	BLOCK_MIN = 16384, /* bytes */
	PREFETCH_AHEAD = 4,
	TOUCHED_FIRST = 16 << 20,
	TOUCHED_STEP = 8 << 20,
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	ARP_LENGTH = 28,
	PORTS = 4,
};

/* --- memory ----------------------------------------------------------------------------------- */

static uint32_t recorder_snaplen(const struct nsc_recorder_options *o)
{
	return o->snaplen ? NSC_MIN(o->snaplen, NSC_PACKET_BYTES_MAX) : NSC_PACKET_BYTES_MAX;
}

static uint64_t recorder_ring_bytes(const struct nsc_recorder_options *o, uint32_t workers)
{
	return o->bytes / workers;
}

/* A block has room for two packets at least, so that little is left over at its end. */
static uint64_t recorder_block_bytes(const struct nsc_recorder_options *o, uint32_t workers)
{
	uint64_t least = NSC_MAX(2 * (recorder_snaplen(o) + sizeof(struct nsc_recorder_head)) / 4096 * 4096,
				 (uint64_t)BLOCK_MIN);

	return NSC_MAX(least, recorder_ring_bytes(o, workers) / BLOCKS / 4096 * 4096);
}

static uint32_t recorder_blocks(const struct nsc_recorder_options *o, uint32_t workers)
{
	return (uint32_t)(recorder_ring_bytes(o, workers) / recorder_block_bytes(o, workers));
}

uint64_t nsc_recorder_bytes(const struct nsc_recorder_options *o, uint32_t workers)
{
	uint64_t blocks;

	if (!o->bytes)
		return 0;
	blocks = (uint64_t)recorder_blocks(o, workers) * workers;
	return blocks * (recorder_block_bytes(o, workers) + sizeof(struct nsc_recorder_block)) +
	       workers * sizeof(struct nsc_recorder_ring) + NSC_RECORDER_WALKS * sizeof(struct nsc_recorder_walk) +
	       sizeof(struct nsc_recorder) + (o->cutoff ? workers * nsc_cutoff_memory() : 0);
}

int nsc_recorder_open(struct nsc_recorder **recorder, struct nsc_arena *arena, struct nsc_error *error)
{
	struct nsc_recorder *new = nsc_arena_alloc(arena, sizeof(*new));

	if (!new)
		return nsc_fail(error, -ENOMEM, "no memory for a recorder");
	new->workers = 0;
	new->walk = nsc_arena_alloc(arena, NSC_RECORDER_WALKS * sizeof(*new->walk));
	if (!new->walk)
		return nsc_fail(error, -ENOMEM, "no memory for walks over recorded packets");
	for (uint32_t i = 0; i < NSC_RECORDER_WALKS; i++) {
		new->walk[i].index = i;
		new->walk[i].recorder = new;
	}
	*recorder = new;
	return 0;
}

static void recorder_enter_block(struct nsc_recorder_ring *ring, uint64_t number)
{
	uint32_t slot = nsc_recorder_slot(ring, number);

	ring->number = number;
	ring->to = ring->data + slot * ring->block_bytes;
	ring->end = ring->to + ring->block_bytes;
	ring->latest_ns = 0;
}

/* All of a large ring takes seconds to clear, in which a live source would have to wait: the rest is touched while the
 * run goes on, long before the worker comes there. It would take a worker longer to clear a page than a round may. */
static void recorder_touch(struct nsc_recorder_ring *ring, uint64_t bytes)
{
	uint64_t all = ring->blocks * ring->block_bytes, next = NSC_MIN(bytes, all - ring->ready);

	nsc_arena_populate(ring->data + ring->ready, next);
	ring->ready += next;
}

bool nsc_recorder_prepare(struct nsc_recorder_ring *ring)
{
	if (nsc_likely(ring->ready == ring->blocks * ring->block_bytes))
		return false;
	recorder_touch(ring, TOUCHED_STEP);
	return true;
}

int nsc_recorder_ring_open(struct nsc_recorder_ring **out, struct nsc_recorder *recorder,
			   const struct nsc_recorder_options *o, uint32_t workers, bool live, struct nsc_arena *arena,
			   struct nsc_error *error)
{
	struct nsc_recorder_ring *ring;

	nsc_assert(recorder_ring_bytes(o, workers) >= NSC_RECORDER_BYTES_MIN, "a ring has room for some packets");
	ring = nsc_arena_alloc(arena, sizeof(*ring));
	if (!ring)
		return nsc_fail(error, -ENOMEM, "no memory for a recorder");
	ring->snaplen = recorder_snaplen(o);
	ring->headers_only = o->headers_only;
	ring->matches = o->matches;
	ring->context = o->context;
	ring->live = live;
	ring->block_bytes = recorder_block_bytes(o, workers);
	ring->blocks = recorder_blocks(o, workers);
	ring->data = nsc_arena_reserve(arena, ring->blocks * ring->block_bytes);
	ring->block = nsc_arena_alloc(arena, ring->blocks * sizeof(*ring->block));
	if (!ring->data || !ring->block)
		return nsc_fail(error, -ENOMEM, "no memory for %" PRIu64 " MiB of recorded packets",
				ring->blocks * ring->block_bytes >> 20);
	recorder_touch(ring, TOUCHED_FIRST);
	for (uint32_t i = 0; i < NSC_RECORDER_WALKS; i++)
		ring->held[i] = UINT64_MAX;
	for (uint32_t i = 0; i < ring->blocks; i++)
		ring->block[i].number = UINT64_MAX;
	nsc_idle_init(&ring->idle, NSC_POLL_BLOCK, true);
	ring->to = ring->end = ring->data;
	ring->number = UINT64_MAX;
	recorder->ring[recorder->workers++] = ring;
	*out = ring;
	return 0;
}

void nsc_recorder_cut(struct nsc_recorder_ring *ring, struct nsc_cutoff *cutoff)
{
	ring->cutoff = cutoff;
}

/* --- room ------------------------------------------------------------------------------------- */

static void recorder_publish(struct nsc_recorder_ring *ring)
{
	nsc_recorder_put_done();
	__atomic_store_n(&ring->recorded, ring->n, __ATOMIC_RELEASE); /* partner: the acquire of walk_look */
}

static uint64_t recorder_oldest_held(const struct nsc_recorder_ring *ring)
{
	uint64_t oldest = UINT64_MAX;

	for (uint32_t i = 0; i < NSC_RECORDER_WALKS; i++) {
		uint64_t held = __atomic_load_n(&ring->held[i], __ATOMIC_ACQUIRE); /* partner: walk_hold */

		oldest = NSC_MIN(oldest, held);
	}
	return oldest;
}

static __attribute__((noinline, cold)) void recorder_wait(struct nsc_recorder_ring *ring, uint64_t tail,
							  struct nsc_counters *counters)
{
	uint64_t began = nsc_cycles();

	nsc_count(counters, NSC_C_RECORDER_WAITS, 1);
	__atomic_store_n(&ring->waits, true, __ATOMIC_RELEASE);
	while (recorder_oldest_held(ring) < tail)
		nsc_idle_wait(&ring->idle);
	nsc_idle_reset(&ring->idle);
	__atomic_store_n(&ring->waits, false, __ATOMIC_RELEASE);
	nsc_account_waited(counters, NSC_C_WAITED_RECORDER, began);
}

/* Blocks before `tail` are gone from now on. A walk that begins to hold meanwhile either sees the claim, or is seen. */
static void recorder_forget(struct nsc_recorder_ring *ring, uint64_t tail, struct nsc_counters *counters)
{
	const struct nsc_recorder_block *gone = &ring->block[nsc_recorder_slot(ring, tail - 1)];
	const struct nsc_recorder_block *left = &ring->block[nsc_recorder_slot(ring, tail)];

	if (!ring->live) {
		__atomic_store_n(&ring->claimed, tail, __ATOMIC_RELAXED);
		nsc_idle_barrier(&ring->idle); /* partner: walk_hold */
		if (recorder_oldest_held(ring) < tail)
			recorder_wait(ring, tail, counters);
	}
	nsc_count(counters, NSC_C_RECORDER_OVERWRITTEN, left->first - gone->first);
	__atomic_store_n(&ring->tail, tail, __ATOMIC_RELEASE);
	nsc_recorder_put_after();
}

static void recorder_store(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, NSC_RECORDER_STORE);
}

/* The number comes last: who sees it sees the rest. */
static void recorder_describe_block(struct nsc_recorder_ring *ring, uint64_t clock_ns)
{
	struct nsc_recorder_block *block = &ring->block[nsc_recorder_slot(ring, ring->number)];

	recorder_store(&block->first, ring->n);
	recorder_store(&block->clock_ns, clock_ns);
	recorder_store(&block->time_ns, clock_ns + ring->offset_ns);
	recorder_store(&block->latest_ns, UINT64_MAX);
	__atomic_store_n(&block->number, ring->number, __ATOMIC_RELEASE); /* partner: walk_block */
}

/* What was recorded so far may be read before somebody is waited for who must read it. */
static __attribute__((noinline)) void recorder_next_block(struct nsc_recorder_ring *ring, uint64_t clock_ns,
							  struct nsc_counters *counters)
{
	uint64_t number = ring->number + 1;

	recorder_publish(ring);
	if (number)
		recorder_store(&ring->block[nsc_recorder_slot(ring, ring->number)].latest_ns, ring->latest_ns);
	if (number >= ring->blocks)
		recorder_forget(ring, number - ring->blocks + 1, counters);
	recorder_enter_block(ring, number);
	recorder_describe_block(ring, clock_ns);
}

/* --- packets ---------------------------------------------------------------------------------- */

/* Up to the end of the header that makes the flow. Where decode found none: the ports, or the IP header, or nothing but
 * the addresses of ARP and of Ethernet. */
static uint32_t recorder_headers(const struct nsc_packet *pkt)
{
	if (pkt->l4_off)
		return pkt->l4_off + (pkt->l4_len ? pkt->l4_len : (uint32_t)PORTS);
	if (pkt->ip_version == 6)
		return pkt->l3_off + IPV6_HEADER;
	if (pkt->ip_version == 4 && pkt->l3_off < pkt->cap_len)
		return pkt->l3_off + NSC_MAX((pkt->data[pkt->l3_off] & 15u) * 4, (uint32_t)IPV4_HEADER);
	if (pkt->fate == NSC_FATE_ARP && pkt->l3_off)
		return pkt->l3_off + ARP_LENGTH;
	return pkt->link == NSC_LINK_ETHERNET ? 14 : 0;
}

nsc_always_inline uint32_t recorder_wanted(const struct nsc_recorder_ring *ring, const struct nsc_packet *pkt)
{
	uint32_t len = NSC_MIN(pkt->cap_len, ring->snaplen);

	return nsc_likely(!ring->headers_only) ? len : NSC_MIN(len, recorder_headers(pkt));
}

nsc_always_inline void recorder_put_packet(uint8_t *to, const struct nsc_packet *pkt, uint32_t len, uint16_t linktype)
{
#ifdef NSC_RECORDER_STREAMS
	const uint64_t head[4] = {
		pkt->ts_ns,
		pkt->clock_ns,
		pkt->cap_len | (uint64_t)pkt->wire_len << 32,
		len | (uint64_t)linktype << 32 | (uint64_t)pkt->fate << 48 | (uint64_t)pkt->interface << 56,
	};
#else
	const struct nsc_recorder_head fields = {
		.ts_ns = pkt->ts_ns,
		.clock_ns = pkt->clock_ns,
		.cap_len = pkt->cap_len,
		.wire_len = pkt->wire_len,
		.len = len,
		.linktype = linktype,
		.fate = pkt->fate,
		.interface = pkt->interface,
	};
	uint64_t head[4];

	memcpy(head, &fields, sizeof(head));
#endif
	nsc_recorder_put_words(to, head);
	nsc_recorder_put(to + sizeof(head), pkt->data, len);
}

nsc_always_inline uint32_t recorder_put(struct nsc_recorder_ring *ring, const struct nsc_rx *rx,
					const struct nsc_packet *pkt, struct nsc_counters *counters)
{
	uint32_t len = recorder_wanted(ring, pkt);
	uint64_t size = nsc_recorder_size(len);

	if (nsc_unlikely((uint64_t)(ring->end - ring->to) < size))
		recorder_next_block(ring, pkt->clock_ns, counters);
	recorder_put_packet(ring->to, pkt, len, rx->linktype[pkt->link]);
	ring->to += size;
	ring->n++;
	ring->latest_ns = NSC_MAX(ring->latest_ns, pkt->ts_ns);
	return len;
}

nsc_hot_clones static uint64_t recorder_put_all(struct nsc_recorder_ring *ring, const struct nsc_rx *rx,
						const struct nsc_packet *pkt, uint32_t n, struct nsc_counters *counters)
{
	uint64_t bytes = 0;
	uint32_t i = 0;

	for (; i + PREFETCH_AHEAD < n; i++) {
		nsc_prefetch(pkt[i + PREFETCH_AHEAD].data);
		nsc_prefetch(pkt[i + PREFETCH_AHEAD].data + NSC_CACHE_LINE);
		bytes += recorder_put(ring, rx, &pkt[i], counters);
	}
	for (; i < n; i++)
		bytes += recorder_put(ring, rx, &pkt[i], counters);
	return bytes;
}

/* The same for those that are wanted: the bytes of the next one are asked for while this one is copied. */
static uint64_t recorder_put_some(struct nsc_recorder_ring *ring, const struct nsc_rx *rx, const struct nsc_packet *pkt,
				  uint64_t wanted, struct nsc_counters *counters)
{
	uint64_t bytes = 0;

	while (wanted) {
		const struct nsc_packet *now = &pkt[__builtin_ctzll(wanted)];

		wanted &= wanted - 1;
		if (wanted)
			nsc_prefetch(pkt[__builtin_ctzll(wanted)].data);
		bytes += recorder_put(ring, rx, now, counters);
	}
	return bytes;
}

static uint64_t recorder_filter(const struct nsc_recorder_ring *ring, const struct nsc_rx *rx,
				const struct nsc_packet *pkt, uint32_t n)
{
	uint64_t wanted = 0;

	for (uint32_t i = 0; i < n; i++)
		wanted |= (uint64_t)ring->matches(ring->context, &pkt[i], rx->linktype[pkt[i].link]) << i;
	return wanted;
}

static uint64_t recorder_choose(struct nsc_recorder_ring *ring, const struct nsc_rx *rx, const struct nsc_packet *pkt,
				uint32_t n, struct nsc_counters *counters)
{
	uint64_t wanted = n < 64 ? (1ull << n) - 1 : UINT64_MAX;

	if (ring->matches) {
		wanted = recorder_filter(ring, rx, pkt, n);
		nsc_count(counters, NSC_C_RECORDER_FILTERED, n - (uint64_t)__builtin_popcountll(wanted));
	}
	if (ring->cutoff)
		wanted = nsc_cutoff_burst(ring->cutoff, pkt, n, wanted, counters, NSC_C_RECORDER_CUT);
	return wanted;
}

void nsc_recorder_burst(struct nsc_recorder_ring *ring, const struct nsc_rx *rx, const struct nsc_packet *pkt,
			uint32_t n, uint64_t offset_ns, struct nsc_counters *counters)
{
	uint64_t before = ring->n, bytes;

	nsc_assert(n <= NSC_BURST_MAX, "a burst has a bit for each of its packets");
	ring->offset_ns = offset_ns;
	if (nsc_likely(!ring->matches && !ring->cutoff))
		bytes = recorder_put_all(ring, rx, pkt, n, counters);
	else
		bytes = recorder_put_some(ring, rx, pkt, recorder_choose(ring, rx, pkt, n, counters), counters);
	recorder_publish(ring);
	nsc_count(counters, NSC_C_RECORDER_PACKETS, ring->n - before);
	nsc_count(counters, NSC_C_RECORDER_BYTES, bytes);
}

/* After `recorded`: who sees this clock sees all that came before it. Partner: the acquire of walk_look. */
void nsc_recorder_advance(struct nsc_recorder_ring *ring, uint64_t clock_ns, uint64_t offset_ns)
{
	__atomic_store_n(&ring->time_ns, clock_ns + offset_ns, __ATOMIC_RELEASE);
	__atomic_store_n(&ring->clock_ns, clock_ns, __ATOMIC_RELEASE);
}

void nsc_recorder_end(struct nsc_recorder_ring *ring)
{
	__atomic_store_n(&ring->ended, true, __ATOMIC_RELEASE);
}
