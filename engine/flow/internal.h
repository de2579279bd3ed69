/* SPDX-License-Identifier: MIT
 *
 * The inside of the flow table, shared by the files of engine/flow only. One thread owns all of it, but for one line
 * of struct nsc_flow_table: control keeps memory ready ahead of growth (open.c), and notes there how far.
 */
#ifndef NETSCOPE_FLOW_INTERNAL_H
#define NETSCOPE_FLOW_INTERNAL_H

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "engine/decode/hash.h"
#include "engine/flow/naming.h"
#include "engine/flow/table.h"

#define FLOW_NONE UINT32_MAX /* no record */

/* flow_hot.flags */
enum {
	FLOW_CLIENT_MASK = 0x03, /* enum nsc_client; when not TCP the side that opened the flow */
	FLOW_FIN_A = 0x04,       /* a FIN from a; from b is the next bit: FLOW_FIN_A << dir */
	FLOW_FIN_B = 0x08,
	FLOW_ISN_KNOWN = 0x10,  /* isn holds the client's initial sequence number */
	FLOW_LAST_APART = 0x20, /* last_seen is in cold, because it is not last_clock_ns */
	FLOW_IN_TOP = 0x40,     /* among the candidates of this tick's top flows */
	FLOW_DISPLACED = 0x80,  /* at the end of the run: not where its number would put it, but in order[] */
};

struct flow_hot {        /* what a packet of a known IPv4 flow touches: one cache line */
	uint32_t a4, b4; /* IPv4, host order; for IPv6 the last 4 bytes of each address */
	uint16_t a_port, b_port;
	uint8_t proto;
	uint8_t ip_version;    /* 4, 6; 0 = the record is free, a4 then links to the next free one */
	uint8_t tcp_state : 4; /* enum nsc_tcp_state */
	uint8_t unnamed : 2;   /* bit dir: that direction is listened to: naming.c */
	uint8_t : 2;
	uint8_t flags;
	uint64_t last_clock_ns; /* clock_ns of its last packet */
	uint64_t bytes[2];
	uint32_t packets[2];      /* low 32 bits */
	uint16_t packets_high[2]; /* and the next 16 */
	uint8_t tcp_flags[2];     /* of all packets of a direction */
	uint8_t ttl_min[2];       /* 255 before the first packet */
	uint64_t tick_base;       /* bytes[0] + bytes[1] when the tick of its last packet began */
};

struct flow_cold {
	uint64_t first_seen_ns;
	uint64_t last_seen_ns; /* with FLOW_LAST_APART: largest ts_ns, when that is not the clock of the last packet */
};

struct flow_story {            /* what is noted when a flow, or a direction of it, begins; and rare events */
	uint32_t isn;          /* with FLOW_ISN_KNOWN */
	uint32_t fragments;    /* later ones */
	uint32_t fragment_low; /* their bytes, 48 bits */
	uint16_t fragment_high;
	uint16_t vlan_high; /* tags: 12 bits each, the outermost lowest */
	uint32_t vlan_low;
	uint8_t dscp[2];
	uint8_t interface;
	uint8_t n_vlans : 3;
	uint8_t era : 4;     /* number of the offset of its last packet in order: FLOW_ERAS */
	uint8_t strayed : 1; /* its last packet was an outlier, or behind before a step was taken */
};

/* Offsets of packet time have numbers, so that a flow can tell whether one has changed: 0 for none, and the last ones
 * that were met beside. */
#define FLOW_ERAS 16u

struct flow_part {                            /* with an active timeout: what the rows before this part have told */
	uint64_t begin_clock_ns;              /* clock of the part's first packet */
	uint64_t first_seen_ns, last_seen_ns; /* of all parts before */
	uint64_t bytes[2], packets[2];
	uint64_t fragment_bytes;
	uint32_t fragments;
	uint32_t retransmissions, out_of_order, zero_windows, rtt_samples;
	uint32_t number;
	uint8_t tcp_flags[2], ttl_min[2]; /* of all parts before */
};

static_assert(sizeof(struct flow_part) == 96, "memory per flow");

struct flow_tunnels {                     /* under decap */
	uint8_t n, kind[NSC_TUNNELS_MAX]; /* as in nsc_flow_record */
	uint8_t reserved[3];
	uint32_t id[NSC_TUNNELS_MAX];
};

enum flow_named_state {
	FLOW_NAMED_NEW,     /* nothing was heard yet */
	FLOW_NAMED_STARTED, /* the same, and at[] is the number of the first byte */
	FLOW_NAMED_COLLECT, /* the beginning is incomplete: at[] is a block */
	FLOW_NAMED_WATCH,   /* the application is known, a TLS hello may come */
};

struct flow_named {    /* with names */
	uint32_t name; /* handle: low half, */
	uint8_t name_high;
	uint8_t reserved;
	struct flow_named_direction {
		uint8_t state : 2;   /* enum flow_named_state */
		uint8_t watched : 1; /* what is collected is a hello that was watched for */
		uint8_t heard : 5;   /* packets with payload that were listened to, in this state */
	} direction[2];
	uint32_t at[2];
};

struct flow_recent {        /* with `recent`: bytes as they were, of each direction: see recent.c */
	uint64_t base[2];   /* when the span of its last packet began */
	uint64_t before[2]; /* when the span before that one began */
};

struct flow_recent_ended { /* beside a record that is kept */
	struct flow_recent bytes;
	uint64_t last_clock_ns;
};

struct flow_tail { /* of an IPv6 flow: the first 12 bytes of each address */
	uint8_t a12[12], b12[12];
};

#define BUCKET_SLOTS 10u

struct flow_bucket {
	uint16_t tag[BUCKET_SLOTS]; /* upper half of the hash, never 0; 0 = empty */
	uint32_t id[BUCKET_SLOTS];
	uint32_t next; /* overflow bucket; 0 = none */
};

/* --- TCP analysis: docs/tcp.md ---------------------------------------------------------------- */

/* flow_tcp.flags, one set for each direction */
enum {
	TCP_NEXT_KNOWN = 0x01,  /* next and next_time hold something */
	TCP_HEARD = 0x02,       /* window and heard do */
	TCP_ACK_KNOWN = 0x04,   /* ack does */
	TCP_OUTSTANDING = 0x08, /* the segment that ends at next waits for its acknowledgement */
	TCP_REPEATED = 0x10,    /* it was sent more than once: no sample (Karn) */
	TCP_KEPT_ALIVE = 0x20,  /* the last packet was a keep-alive */
	TCP_SYN_TIMED = 0x40,   /* next_time is that of the latest SYN, and the handshake is not over */
	TCP_PROBED = 0x80,      /* the byte at next was sent in a zero-window probe */
};

enum outstanding_kind { OUTSTANDING_NONE, OUTSTANDING_SEGMENT, OUTSTANDING_REPEATED = 3, OUTSTANDING_HOLE = 5 };

struct flow_outstanding {       /* an older segment that waits for its acknowledgement, or a hole */
	uint32_t first, second; /* segment: end, time (low); hole: start, end */
	uint16_t time_high;
	uint8_t kind; /* enum outstanding_kind + direction; 0 = empty */
} __attribute__((packed));

struct flow_tcp {                      /* what a TCP packet touches beside its flow: one cache line. [0] sent by a */
	uint32_t next[2];              /* highest sequence number seen, plus one */
	uint32_t ack[2];               /* the last one, not the highest */
	uint32_t heard[2];             /* ts_ns of the last packet, in 1024 ns */
	uint32_t next_time_low[2];     /* ts_ns of the packet that raised next, low 48 bits */
	uint32_t ring[2];              /* newest pooled block of what is outstanding; 0 = none: see rings.h */
	struct flow_outstanding older; /* of one direction, the segment before the newest; kind 0 = none */
	bool counted;                  /* tcp_counts holds something */
	uint16_t next_time_high[2];
	uint16_t window[2]; /* as it stands in the header */
	uint8_t flags[2];
	uint8_t dup_acks[2]; /* in a row; stays at 255 */
};

struct flow_tcp_counts { /* touched by what is rare */
	uint32_t retransmissions, out_of_order;
	uint32_t lost; /* holes in the sequence that nothing has filled (yet) */
	uint32_t zero_windows;
};

enum { RTT_LAST, RTT_MIN, RTT_EWMA, RTT_HANDSHAKE, RTT_FIELDS };

struct flow_rtt { /* touched by a sample */
	uint32_t samples;
	uint32_t low[RTT_FIELDS]; /* ns, 40 bits: up to 18 minutes, and no more for what took longer */
	uint8_t high[RTT_FIELDS];
};

#define RTT_MAX_NS ((1ull << 40) - 1)

/* The longest interval between two times of 48 bits that is not a negative one: 39 hours. */
#define FLOW_INTERVAL_MAX_NS ((1ull << 47) - 1)

#define BLOCK_ENTRIES 5u
#define BLOCK_ID_BITS 24u

enum {
	BLOCK_UNTIMED = 1,   /* newest: no samples from this ring, see outstanding_again.c */
	BLOCK_RESERVED = 2,  /* newest: only holes may stand here */
	BLOCK_MILESTONE = 4, /* see rings.h */
};

#define WAY_MILESTONES 7u

struct flow_milestone {
	uint32_t mark; /* of the first entry of */
	uint32_t id;   /* this block */
};

struct flow_block {
	uint32_t next;      /* the newer one; newest: the oldest. The upper 8 bits are its number in the ring */
	uint32_t milestone; /* see rings.c */
	union {
		struct {
			struct flow_outstanding entry[BLOCK_ENTRIES]; /* packed to the front, oldest first */
			uint8_t flags;                                /* BLOCK_* */
		};
		struct flow_milestone way[WAY_MILESTONES]; /* of a block that holds milestones: see rings.c */
	};
};

#define FLOW_WALK_MAX 8u /* blocks that one packet visits one by one, to its place in a ring and from there */

static_assert(sizeof(struct flow_tcp) == NSC_CACHE_LINE, "a TCP packet costs one line more");
static_assert(sizeof(struct flow_rtt) == 24 && sizeof(struct flow_tcp_counts) == 16, "memory per flow");
static_assert(sizeof(struct flow_block) == NSC_CACHE_LINE, "one line per step");

static_assert(sizeof(struct flow_hot) == NSC_CACHE_LINE, "a known IPv4 flow costs one line");
static_assert(offsetof(struct flow_hot, a_port) == 8 && offsetof(struct flow_hot, flags) == 15,
	      "the key is the first 14 bytes");
static_assert(sizeof(struct flow_cold) == 16 && sizeof(struct flow_tail) == 24 && sizeof(struct flow_story) == 24 &&
		      sizeof(struct flow_tunnels) == 24 && sizeof(struct flow_named) == 16,
	      "memory per flow");
static_assert(sizeof(struct flow_bucket) == NSC_CACHE_LINE, "one line per probe");

struct flow_order {
	uint64_t first_seen_ns;
	uint32_t id;
};

struct flow_key {
	uint64_t addr;                /* a4 | b4 << 32 */
	uint64_t rest;                /* a_port | b_port << 16 | proto << 32 | ip_version << 40 */
	const struct nsc_packet *pkt; /* IPv6: where the first 12 bytes of each address lie */
};

nsc_always_inline bool flow_key_is_ipv6(const struct flow_key *key)
{
	return key->rest >> 40 == 6;
}

nsc_always_inline const uint8_t *flow_key_a12(const struct flow_key *key)
{
	return key->pkt->data + key->pkt->l3_off + 8 + key->pkt->dir * 16u;
}

nsc_always_inline const uint8_t *flow_key_b12(const struct flow_key *key)
{
	return key->pkt->data + key->pkt->l3_off + 24 - key->pkt->dir * 16u;
}

nsc_always_inline uint64_t rotate_left_64(uint64_t x, unsigned n)
{
	return x << (n & 63) | x >> (-n & 63);
}

nsc_always_inline uint32_t rotate_left_32(uint32_t x, unsigned n)
{
	return x << (n & 31) | x >> (-n & 31);
}

/* Which endpoint is a comes at random, so it is rotated into place: a branch would be mispredicted half the time. */
nsc_always_inline void flow_key_of(struct flow_key *key, const struct nsc_packet *pkt)
{
	uint32_t ports = pkt->src_port | (uint32_t)pkt->dst_port << 16;
	uint16_t kind = (uint16_t)(pkt->ip_proto | pkt->ip_version << 8);

	key->pkt = pkt;
	key->rest = rotate_left_32(ports, pkt->dir * 16u) | (uint64_t)kind << 32;
	if (nsc_likely(pkt->ip_version == 4)) {
		uint64_t both;

		memcpy(&both, pkt->data + pkt->l3_off + 12, 8); /* source, destination */
		key->addr = rotate_left_64(__builtin_bswap64(both), 32u - pkt->dir * 32u);
	} else {
		uint32_t a4, b4;

		memcpy(&a4, flow_key_a12(key) + 12, 4);
		memcpy(&b4, flow_key_b12(key) + 12, 4);
		key->addr = a4 | (uint64_t)b4 << 32;
	}
}

#define FLOW_KEY_REST_MASK 0x0000ffffffffffffull

struct flow_top {           /* candidates for the top flows of the open tick: see top.c */
	uint64_t threshold; /* with fewer bytes in the tick no flow can be among the wanted */
	uint32_t wanted, n;
	struct nsc_top_flow worst;    /* of the wanted ones, when the threshold was last set */
	uint32_t id[2 * NSC_TOP_MAX]; /* FLOW_NONE: the record has ended, entry[] holds its last state */
	struct nsc_top_flow entry[2 * NSC_TOP_MAX];
};

#define FLOW_TOP_NAME_NEW (1u << 31) /* a tick has begun, or another name is known: to be looked up again */

#define ACTIVE_WINDOW_MAX 1024u

struct flow_active {            /* flows by the time of their last packet, for "active flows": see active.c */
	uint64_t width_ns, now; /* width of a bucket of time; the current one, counted since 1970 */
	uint32_t window;        /* buckets that count as active, the current one included; 0 = for ever */
	uint64_t sum;
	uint32_t count[ACTIVE_WINDOW_MAX + 1];
};

struct flow_hosts {                           /* hosts.c */
	uint64_t filter;                      /* bits of the hosts' last four bytes: most flows have none of them */
	uint64_t before[NSC_HOST_UNANSWERED]; /* the worker's counters at the packet before */
	uint32_t low[NSC_HOSTS_MAX];          /* last four bytes of each host, as in flow_hot */
	struct nsc_hosts sums;
};

/* One writer for each line: the owner for all of them but one, control for that one (open.c). Control reads `used`,
 * `n_buckets`, `tails_used` and `block_used` (relaxed), the owner reads `ready_records`. */
struct nsc_flow_table {
	/* a look-up, and an update of a known flow: where the arrays are */
	alignas(NSC_CACHE_LINE) struct flow_bucket *bucket;
	struct flow_hot *hot;
	struct flow_cold *cold;
	struct flow_tail *tail;   /* touched by IPv6 only */
	struct flow_tcp *tcp;     /* by record, like hot and cold; NULL: no analysis */
	struct flow_rtt *rtt;     /* NULL: no round trip times */
	struct flow_block *block; /* [0] is not used: 0 ends a list */
	uint32_t n_buckets, mask; /* linear hashing: mask = 2^k - 1 with 2^(k-1) <= n_buckets - 1 < 2^k */

	/* the same: times, and what is taken for new flows and outstanding segments */
	alignas(NSC_CACHE_LINE) uint64_t timeout_ns; /* UINT64_MAX = never */
	uint64_t tick_start_ns;
	uint32_t used; /* records ever taken from the frontier, 0..max_flows */
	uint32_t free_head, n_free;
	uint32_t max_flows; /* 1..2^31 */
	uint32_t block_used, block_max, block_free;
	uint32_t victim; /* to be evicted: chosen ahead of need, so that its bucket is near; FLOW_NONE */
	uint64_t victim_clock_ns;
	uint32_t cursor;  /* where eviction looks next */
	uint8_t analyses; /* NSC_ANALYSIS_* */
	/* bits of one byte: the owner's alone, because it writes `hosts_on` */
	bool bits : 1; /* nsc_flow_table_burst returns some: those of `unanswered`, or of openers */
	bool unanswered : 1;
	bool parts : 1;       /* flows have parts: part is there */
	bool begins_more : 1; /* a new flow has more to set: parts or tunnels */
	bool top_names : 1;   /* bytes are added up by name: top_name and name_sums are there */
	bool hosts_on : 1;    /* some hosts are counted apart: hosts is there */
	bool tails_used;      /* an IPv6 flow was seen: control makes tails ready, too */
	uint8_t key;          /* NSC_KEY_*: flows have tenants */

	/* growth, sweep, the end of the run */
	alignas(NSC_CACHE_LINE) struct nsc_hash_seed seed;
	bool grow;
	bool ahead; /* control makes memory ready as records are taken: of every table that grows, and of some */
	bool decap;
	struct flow_story *story;           /* by record, like hot and cold */
	struct nsc_histogram *rtts;         /* of all flows; NULL: nobody asks */
	struct flow_hosts *hosts;           /* hosts that are counted apart; NULL: nobody can ask */
	struct flow_tcp_counts *tcp_counts; /* the same, with `tcp`; see flow_counts */
	bool counts_used;                   /* some flow has counts: control makes them ready, too */
	struct flow_tunnels *tunnels;       /* the same; NULL: nothing opens tunnels */
	struct flow_part *part;             /* the same; NULL: a flow is one part */
	uint64_t active_ns;
	uint64_t *tenant;          /* the same, with `key` */
	struct flow_named *named;  /* the same, with `naming` */
	struct nsc_naming *naming; /* NULL: nobody looks for names */
	uint32_t *top_name;        /* the same, with `top_names`: number in name_sums, 0, and FLOW_TOP_NAME_NEW */
	struct nsc_name_sums *name_sums;
	struct flow_recent *recent; /* the same; NULL: nobody asks */
	uint64_t span_start_ns, recent_start_ns;
	bool recent_began;            /* there was a flow */
	struct flow_bucket *overflow; /* [0] is not used: 0 ends a chain. A tenth of max_flows always suffices: only
				       * full buckets have a next one */
	uint32_t overflow_used, overflow_max, overflow_free;
	uint32_t max_buckets;
	uint32_t sweep_next; /* where the sweep goes on */
	uint64_t sweep_clock_ns;
	uint64_t sweep_credit;
	struct flow_order *order; /* records that are not in the order of their numbers, at the end: drain.c */
	uint64_t offset_ns;       /* packet time minus clock_ns, of the packets at hand, modulo 2^64 */
	uint64_t era_offset_ns[FLOW_ERAS];
	uint32_t era, eras; /* number of offset_ns; how many came after the first */
	uint64_t drain_clock_ns;
	uint32_t drain_next, drain_end;         /* records, by number */
	uint32_t displaced_next, displaced_end; /* in order[] */

	/* control: how far each array is populated */
	alignas(NSC_CACHE_LINE) uint32_t ready_records;
	uint32_t ready_buckets, ready_overflow, ready_blocks, ready_tails, ready_counts;
	uint32_t looked_used; /* `used` when control looked last */
	uint32_t pace;        /* records to have ready for a worker as fast as it was of late */
	uint32_t few;         /* records of the first step, which lies in small pages; 0: there is no such */

	alignas(NSC_CACHE_LINE) struct flow_top top;
	struct flow_active active;
	struct nsc_flow_record *ended;          /* ring of flows that have ended; NULL: none is kept */
	struct flow_recent_ended *ended_recent; /* of the same, with `recent` */
	uint32_t ended_room;
	uint32_t n_settled; /* of `used`: those that ended at the end of the input, and have their places still */
	uint64_t n_ended;   /* ever: number i lies at i % ended_room, the newest `ended_room` of them */
};

static_assert(offsetof(struct nsc_flow_table, timeout_ns) == NSC_CACHE_LINE &&
		      offsetof(struct nsc_flow_table, seed) == 2 * NSC_CACHE_LINE,
	      "an update of a known flow touches two lines of the table");
static_assert(offsetof(struct nsc_flow_table, ready_records) % NSC_CACHE_LINE == 0 &&
		      offsetof(struct nsc_flow_table, top) ==
			      offsetof(struct nsc_flow_table, ready_records) + NSC_CACHE_LINE,
	      "what control writes has a line of its own");

/* --- index.c ---------------------------------------------------------------------------------- */

nsc_always_inline uint32_t flow_bucket_of(const struct nsc_flow_table *t, uint32_t hash)
{
	uint32_t i = hash & t->mask;

	return i < t->n_buckets ? i : i & (t->mask >> 1);
}

/* The hash as the table uses it: its upper half, the tag, is never 0. */
nsc_always_inline uint32_t flow_hash(uint32_t hash)
{
	return hash >> 16 ? hash : hash | 1u << 16;
}

/* The record of `key`, or FLOW_NONE. */
uint32_t flow_find(const struct nsc_flow_table *t, uint32_t hash, const struct flow_key *key);
/* Bits set for the slots of `b` that carry `tag`. */
nsc_always_inline uint32_t flow_bucket_match(const struct flow_bucket *b, uint16_t tag)
{
#ifdef __SSE2__
	__m128i want = _mm_set1_epi16((short)tag);
	__m128i low = _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)&b->tag[0]), want);
	__m128i high = _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)&b->tag[8]), want);

	/* the second load runs on into id[]: only its first two lanes are tags */
	return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high)) & ((1u << BUCKET_SLOTS) - 1);
#else
	uint32_t bits = 0;

	for (unsigned i = 0; i < BUCKET_SLOTS; i++)
		bits |= (uint32_t)(b->tag[i] == tag) << i;
	return bits;
#endif
}

void flow_index_insert(struct nsc_flow_table *t, uint32_t hash, uint32_t id);
/* The record is there. */
void flow_index_remove(struct nsc_flow_table *t, uint32_t hash, uint32_t id);
void flow_index_split(struct nsc_flow_table *t);
uint32_t flow_record_hash(const struct nsc_flow_table *t, uint32_t id);

/* Of a packet, when flows have tenants. */
uint64_t flow_tenant(const struct nsc_flow_table *t, const struct nsc_packet *pkt);

/* `tenants`: flows have tenants (t->key). */
nsc_always_inline bool flow_key_equal(const struct nsc_flow_table *t, uint32_t id, const struct flow_key *key,
				      bool tenants)
{
	uint64_t word[2];

	memcpy(word, &t->hot[id], sizeof(word));
	if (word[0] != key->addr || (word[1] & FLOW_KEY_REST_MASK) != key->rest)
		return false;
	if (tenants && t->tenant[id] != flow_tenant(t, key->pkt))
		return false;
	return nsc_likely(!flow_key_is_ipv6(key)) ||
	       (!memcmp(t->tail[id].a12, flow_key_a12(key), 12) && !memcmp(t->tail[id].b12, flow_key_b12(key), 12));
}

/* --- record.c, end.c -------------------------------------------------------------------------- */

nsc_always_inline uint64_t flow_total_bytes(const struct flow_hot *hot)
{
	return hot->bytes[0] + hot->bytes[1];
}

/* The low halves alone are 0 again after 2^32 packets. */
nsc_always_inline bool flow_has_packets(const struct flow_hot *hot)
{
	return (hot->packets[0] | hot->packets[1]) || (hot->packets_high[0] | hot->packets_high[1]);
}

nsc_always_inline uint64_t flow_packets(const struct flow_hot *hot)
{
	uint64_t high = (uint64_t)hot->packets_high[0] + hot->packets_high[1];

	return (high << 32) + hot->packets[0] + hot->packets[1];
}

nsc_always_inline bool flow_expired(const struct nsc_flow_table *t, uint32_t id, uint64_t clock_ns)
{
	return t->hot[id].ip_version && clock_ns > t->hot[id].last_clock_ns &&
	       clock_ns - t->hot[id].last_clock_ns > t->timeout_ns;
}

nsc_always_inline uint64_t flow_last_seen(const struct nsc_flow_table *t, uint32_t id)
{
	return t->hot[id].flags & FLOW_LAST_APART ? t->cold[id].last_seen_ns : t->hot[id].last_clock_ns;
}

/* `ip` is a whole IP header: the TTL or hop limit, and the first six bits of the traffic class. */
nsc_always_inline uint8_t flow_ttl(const uint8_t *ip, uint8_t version)
{
	return ip[nsc_likely(version == 4) ? 8 : 7];
}

nsc_always_inline uint8_t flow_dscp(const uint8_t *ip, uint8_t version)
{
	return version == 4 ? ip[1] >> 2 : (uint8_t)((ip[0] & 15) << 2 | ip[1] >> 6);
}

/* Packet time at which silence ends the record: the times of its packets decide, not the offset that is in force when
 * somebody notices. */
nsc_always_inline uint64_t flow_silence_ends(const struct nsc_flow_table *t, uint32_t id)
{
	uint64_t ns;

	return __builtin_add_overflow(flow_last_seen(t, id), t->timeout_ns, &ns) ? UINT64_MAX : ns;
}

/* The flow so far, or the row that ends now: only what its part adds. The same without an active timeout. */
void flow_record_fill(const struct nsc_flow_table *t, uint32_t id, struct nsc_flow_record *record);
nsc_always_inline void flow_record_prefetch(const struct nsc_flow_table *t, uint32_t id)
{
	nsc_prefetch(&t->hot[id]);
	nsc_prefetch(&t->cold[id]);
	nsc_prefetch(&t->story[id]);
	if (t->tcp)
		nsc_prefetch(&t->tcp[id]);
	if (t->rtt)
		nsc_prefetch(&t->rtt[id]);
	if (t->named)
		nsc_prefetch(&t->named[id]);
}

/* Ends of a name come in any order. */
bool flow_is_named(const struct nsc_flow_name *name, const struct nsc_flow_record *r);
void flow_record_fill_row(const struct nsc_flow_table *t, uint32_t id, struct nsc_flow_record *record);

/* --- part.c --- */

/* The first packet of record `id`, which has just begun. */
void flow_part_first(struct nsc_flow_table *t, uint32_t id, uint64_t clock_ns);
/* Record `id` has told all that it has; its next part begins with `pkt`, which is not counted yet. */
void flow_part_next(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt);
/* From the flow so far (as the table has it, with times, flags and TTL of this part) to the flow, or to the row. */
void flow_part_whole(const struct flow_part *part, struct nsc_flow_record *record);
void flow_part_row(const struct flow_part *part, struct nsc_flow_record *record);

nsc_always_inline bool flow_part_is_over(const struct nsc_flow_table *t, uint32_t id, uint64_t clock_ns)
{
	return clock_ns - t->part[id].begin_clock_ns > t->active_ns;
}

/* Hands out the part of record `id` that is over. */
/* For the probe `flow_end`: nothing while nobody is attached. */
void flow_tell_end(const struct nsc_flow_table *t, uint32_t id, enum nsc_end_reason reason);

void flow_end_part(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters,
		   struct nsc_flow_output *output);
/* Counts the end of record `id` and hands it out; the record itself stays as it is. */
void flow_end(struct nsc_flow_table *t, uint32_t id, enum nsc_end_reason reason, uint64_t ended_ns,
	      struct nsc_counters *counters, struct nsc_flow_output *output);
/* Takes the record out of the index and puts it on the free list. */
void flow_free(struct nsc_flow_table *t, uint32_t id);

/* Sequence numbers (RFC 9293, 3.4) wrap around: x lies before y, less than 2^31 away from it. */
nsc_always_inline bool tcp_before(uint32_t x, uint32_t y)
{
	return (int32_t)(x - y) < 0;
}

/* --- tcp_seq.c, outstanding.c, outstanding_again.c, rtt.c ------------------------------------- */

/* One packet calls each of these at most once: acked for the other direction, the rest for its own. again and acked
 * find their place in a ring by way of at most 4 blocks, and visit at most FLOW_WALK_MAX there; a walk that ends
 * before it is done is counted (TCP_WALK_CUT). */

/* To count something in. A flow without losses and closed windows never touches its counts: they are cleared here. */
nsc_always_inline struct flow_tcp_counts *flow_counts(struct nsc_flow_table *t, uint32_t id)
{
	struct flow_tcp_counts *counts = &t->tcp_counts[id];

	if (t->tcp[id].counted)
		return counts;
	if (nsc_unlikely(!t->counts_used))
		__atomic_store_n(&t->counts_used, true, __ATOMIC_RELAXED);
	t->tcp[id].counted = true;
	*counts = (struct flow_tcp_counts){ 0 };
	return counts;
}

/* Whether the segment in flow_tcp.older is one of `dir`. */
nsc_always_inline bool flow_older_waits(const struct flow_tcp *s, unsigned dir)
{
	return s->older.kind && (s->older.kind & 1) != dir;
}

/* Remembers the segment that ends at next[dir] as it stands, before a newer one takes its place. */
void flow_outstanding_push(struct nsc_flow_table *t, uint32_t id, unsigned dir, struct nsc_counters *counters);
/* A keep-alive at `ts_ns` repeats the last byte before next[dir], which is acknowledged: it waits for its answer. */
void flow_outstanding_kept_alive(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint64_t ts_ns,
				 struct nsc_counters *counters);
/* Opens the hole [start, end) in what `dir` sends. */
void flow_outstanding_hole(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint32_t start, uint32_t end,
			   struct nsc_counters *counters);
/* `dir` sends [seq, end) again: no sample from what ends there; holes are filled. True when a byte fell into a hole. */
bool flow_outstanding_again(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint32_t seq, uint32_t end,
			    struct nsc_counters *counters);
/* The other side has acknowledged all that `dir` sent before `ack`. True with *sent_ns (low 48 bits) when a segment
 * that was sent once ends there. */
bool flow_outstanding_acked(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint32_t ack, uint64_t *sent_ns,
			    struct nsc_counters *counters);
/* No sample from what is outstanding now. With more than FLOW_WALK_MAX blocks of a direction: none until all that it
 * has outstanding is acknowledged (counted TCP_WALK_CUT). */
void flow_outstanding_untime(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters);
/* The way of one packet to what it will look for in a ring: to the block where `number` is, and from there to `end`. */
struct flow_ahead {
	uint32_t newest; /* of the ring; the caller has asked for this block */
	uint32_t number, end;
	uint32_t at; /* the block that has been asked for */
	uint8_t stage, milestones, left;
};

enum { AHEAD_NEWEST, AHEAD_OLDEST, AHEAD_WAY, AHEAD_BLOCKS }; /* flow_ahead.stage: 0 at the start */

/* Asks for all blocks of `n` ways, so that packets find them near. Changes nothing in the table. */
void flow_outstanding_ahead(const struct nsc_flow_table *t, struct flow_ahead *ahead, uint32_t n);
/* Gives every block back, in O(1). */
void flow_outstanding_release(struct nsc_flow_table *t, uint32_t id);

nsc_always_inline uint64_t flow_rtt_get(const struct flow_rtt *rtt, unsigned field)
{
	return (uint64_t)rtt->high[field] << 32 | rtt->low[field];
}

void flow_rtt_sample(struct flow_rtt *rtt, uint64_t ns);
void flow_rtt_handshake(struct flow_rtt *rtt, uint64_t ns);

/* --- naming.c --- */

/* A packet that record `id` has counted, of a direction that is listened to. O(payload), once or a few times. */
void flow_naming_packet(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
			struct nsc_counters *counters);
/* Nothing more will come: makes of incomplete beginnings what can be made. */
void flow_naming_finish(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters);
/* Gives records what was found since the last call. Before a record is told, and at the end of a burst. */
void flow_naming_link(struct nsc_flow_table *t, struct nsc_counters *counters);
/* The record is told: gives up its hold on its name. */
void flow_naming_drop(struct nsc_flow_table *t, uint32_t id);
void flow_naming_tick(struct nsc_naming *naming);

nsc_always_inline uint64_t flow_name_handle(const struct nsc_flow_table *t, uint32_t id)
{
	uint64_t handle;

	if (!t->named)
		return NSC_NAME_HANDLE_OFF;
	handle = (uint64_t)t->named[id].name_high << 32 | t->named[id].name;
	return handle ? handle : NSC_NAME_HANDLE_NONE;
}

/* --- story.c --- */

/* Notes what stands in front of the IP header of `pkt`, the first packet of record `id`. */
void flow_note_layers(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt);

/* --- evict.c ---------------------------------------------------------------------------------- */

void flow_evict_one(struct nsc_flow_table *t, uint64_t clock_ns, struct nsc_counters *counters,
		    struct nsc_flow_output *output);

/* --- recent.c --- */

#define FLOW_SPAN_NS (30 * NSC_NS_PER_SEC)

/* The clock from which on bytes are recent; UINT64_MAX: there was no flow yet. */
nsc_always_inline uint64_t flow_recent_start(const struct nsc_flow_table *t)
{
	return t->recent_began ? t->recent_start_ns : UINT64_MAX;
}

/* The first packet of record `id`, which has just begun. */
void flow_recent_begin(struct nsc_flow_table *t, uint32_t id, uint64_t clock_ns);
/* The first packet of the open tick, which is not counted yet. */
void flow_recent_enter(struct nsc_flow_table *t, uint32_t id);
/* A tick begins. */
void flow_recent_tick(struct nsc_flow_table *t, uint64_t start_ns);
/* Whether a flow has had a packet since recent_start_ns, and its bytes since then. */
bool flow_recent_bytes(const struct nsc_flow_table *t, const struct flow_recent *recent, uint64_t last_clock_ns,
		       const uint64_t bytes[2], uint64_t out[2]);

/* --- hosts.c --- */

/* Record `id` has counted `pkt`, and `counters` what it did. With hosts_on. */
void flow_hosts_packet(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
		       const struct nsc_counters *counters);
void flow_hosts_sample(struct nsc_flow_table *t, uint32_t id, uint64_t ns); /* a round trip time of its */
void flow_hosts_unanswered(struct nsc_flow_table *t, uint32_t id);          /* it ends in its handshake */

/* --- groups.c --- */

/* Adds a flow that the filter let through to its groups; the last ones are in them after flow_groups_finish only. */
void flow_groups_finish(struct nsc_flow_groups *groups);
void flow_groups_take(struct nsc_flow_question *q, const struct nsc_hash_seed *seed, const struct nsc_flow_hit *hit);

/* --- top.c, active.c -------------------------------------------------------------------------- */

void flow_top_init(struct flow_top *top, uint32_t wanted);
void flow_top_offer(struct nsc_flow_table *t, uint32_t id);
void flow_top_forget(struct nsc_flow_table *t, uint32_t id);
uint32_t flow_top_close(struct nsc_flow_table *t, struct nsc_top_flow *top);

/* Record `id` has counted `bytes` more. With top_names. */
void flow_top_name_count(struct nsc_flow_table *t, uint32_t id, uint64_t bytes, struct nsc_counters *counters);

void flow_active_init(struct flow_active *active, uint64_t timeout_ns, uint64_t tick_ns);
void flow_active_advance(struct flow_active *active, uint64_t clock_ns);
void flow_active_begin(struct flow_active *active);
void flow_active_leave(struct flow_active *active, uint64_t last_clock_ns);

#endif
