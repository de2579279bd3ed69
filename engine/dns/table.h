/* SPDX-License-Identifier: MIT
 *
 * What is known of each server, or of each name: counts and a histogram of latencies by key, and which keys have the
 * most queries.
 *
 * Full: of the eight keys at the hand, which goes round, the one with the fewest queries is forgotten, the first of
 * several, and a candidate for the top only when all eight are; the caller counts that. So keys that were asked for
 * once drive each other out before they touch one that has gathered something. What belongs to a forgotten key is not
 * counted for it any more.
 *
 * The top is exact without a look at all keys: a set of at most twice as many candidates as are wanted. Counts only
 * grow. When the set is full it is cut to its best; the worst of these is the threshold. A key below it cannot be among
 * the best unless it is asked for again, and then it is offered again.
 *
 * Thread: publisher, but for open. Allocates: at open only. Blocks: never.
 */
#ifndef NETSCOPE_DNS_TABLE_H
#define NETSCOPE_DNS_TABLE_H

#include "engine/base/arena.h"
#include "netscope/dns.h"

#define NSC_DNS_TOP_MAX 64u
#define NSC_DNS_BLOCK 512u /* entries that lie side by side: below 2 MiB, so that the first one costs no huge page */
#define NSC_DNS_BLOCKS_MAX 8u
#define NSC_DNS_CANDIDATE (1ull << 63)
#define NSC_DNS_FEW                                                                                                    \
	8u /* latencies that an entry holds itself; with more it has a histogram, which is four times as large */

struct nsc_dns_entry { /* most answers touch two lines that lie side by side */
	uint64_t hash;
	uint32_t number;
	uint8_t key_length;
	uint64_t samples;             /* latencies */
	uint64_t few_ns[NSC_DNS_FEW]; /* [samples], while there are no more */
	struct nsc_dns_counts counts;
	uint8_t key[NSC_NAME_MAX]; /* keys are ordered by their bytes, and a prefix is first */
};

static_assert(offsetof(struct nsc_dns_entry, counts.answers[1]) <= 2 * NSC_CACHE_LINE,
	      "queries, and answers without error");

struct nsc_dns_link {  /* of an entry: apart from it, so that looking for a key touches no entry but its own */
	uint32_t part; /* bits 16..47 of the hash, of which the lowest tell the chain */
	uint32_t next; /* of the chain: number + 1; 0 = none */
};

struct nsc_dns_table {
	struct nsc_dns_entry *block[NSC_DNS_BLOCKS_MAX]; /* of NSC_DNS_BLOCK; the first `used` entries are known */
	struct nsc_histogram *many[NSC_DNS_BLOCKS_MAX];  /* by number, as the entries */
	uint64_t *weight; /* [capacity]: queries, and above all of them NSC_DNS_CANDIDATE; side by side, for who forgets
			   */
	uint32_t *head;
	struct nsc_dns_link *link; /* [capacity] */
	uint32_t capacity, used, hand, mask;
	uint32_t top, n; /* wanted; candidates */
	uint32_t candidate[2 * NSC_DNS_TOP_MAX];
	uint64_t threshold;   /* queries: with fewer no key can be among the wanted, */
	uint8_t worst_length; /* nor can one with as many that comes behind this one */
	uint8_t worst[NSC_NAME_MAX];
};

/* `capacity` is a power of two, NSC_DNS_BLOCK..NSC_DNS_BLOCK * NSC_DNS_BLOCKS_MAX; top 1..NSC_DNS_TOP_MAX. 0 or -errno
 * and one sentence. Thread: control. */
int nsc_dns_table_open(struct nsc_dns_table *table, struct nsc_arena *arena, uint32_t capacity, uint32_t top,
		       struct nsc_error *error);
uint64_t nsc_dns_table_bytes(uint32_t capacity);

/* The entry of this hash, or NULL. */
struct nsc_dns_entry *nsc_dns_table_find(const struct nsc_dns_table *table, uint64_t hash);

/* The same, made when it is not there; *forgot: another one had to be forgotten for it. length 1..NSC_NAME_MAX. */
struct nsc_dns_entry *nsc_dns_table_get(struct nsc_dns_table *table, uint64_t hash, const void *key, uint32_t length,
					bool *forgot);

/* After counts.queries of the entry has grown. */
void nsc_dns_table_offer(struct nsc_dns_table *table, struct nsc_dns_entry *entry);

/* One more latency of the entry, and what all of them are. */
void nsc_dns_table_note(struct nsc_dns_table *table, struct nsc_dns_entry *entry, uint64_t latency_ns);
void nsc_dns_table_latency(const struct nsc_dns_table *table, const struct nsc_dns_entry *entry,
			   struct nsc_dns_latency *latency);

/* The wanted entries, best first, `most` of them at most: how many. O(top log top) */
uint32_t nsc_dns_table_best(struct nsc_dns_table *table, const struct nsc_dns_entry *best[NSC_DNS_TOP_MAX]);

#endif
