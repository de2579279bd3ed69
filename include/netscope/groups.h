/* SPDX-License-Identifier: MIT
 *
 * Groups of flows: what all flows of a host, a port, a name come to. A worker adds its flows up while its sweep goes
 * by, as it answers any question (query.h); whoever asked adds up what the workers have.
 *
 * There is room for NSC_GROUPS_ROOM groups. When there are more, the walk has still noted in `bucket` what all groups
 * of one hash come to, which no single group of them exceeds. A second walk adds up the groups of the heaviest buckets
 * alone, from the first flow to the last. So every sum is exact, and what may be missing has a bound: the heaviest
 * bucket that was left out. docs/decisions/0047 says why.
 */
#ifndef NETSCOPE_GROUPS_H
#define NETSCOPE_GROUPS_H

#include "netscope/base.h"

enum {
	NSC_GROUPS_ROOM = 16384,      /* groups */
	NSC_GROUPS_TEXT = 512 * 1024, /* bytes of all their texts */
	NSC_GROUPS_SLOTS = 32768,     /* twice as many as groups: a power of 2 */
	NSC_GROUPS_BUCKETS = 65536,   /* a power of 2 */
	NSC_GROUPS_BURST = 16,        /* flows on their way into groups */
	NSC_GROUPS_PASSES = 4,        /* walks for one answer, at most */
	NSC_GROUPS_RTT_STEPS = 74,    /* of round trip times, see nsc_group_rtt_step */
};

/* What makes a group. X(ID, "name", "column")
 *   column  of query.h whose value or text is the key; NULL: an end of the flow, or what no column is */
#define NSC_GROUP_KINDS(X)                                                                                             \
	X(HOST, "host", NULL)       /* an address, at either end */                                                    \
	X(NET24, "net24", NULL)     /* its first 24 bits, of IPv6 the first 64 */                                      \
	X(PAIR, "pair", NULL)       /* both addresses, the smaller one first */                                        \
	X(PORT, "port", NULL)       /* the server's port */                                                            \
	X(SERVICE, "service", NULL) /* with the protocol */                                                            \
	X(APP, "app", "app")                                                                                           \
	X(NAME, "name", "name")                                                                                        \
	X(PROTOCOL, "protocol", "proto")                                                                               \
	X(VLAN, "vlan", "vlan")                                                                                        \
	X(INTERFACE, "interface", NULL)                                                                                \
	X(COUNTRY, "country", NULL) /* workers know pairs only: whoever asks looks them up */                          \
	X(ASN, "asn", NULL)

enum nsc_group_by {
	NSC_BY_NONE, /* no groups: flows */
#define NSC_X(id, name, column) NSC_BY_##id,
	NSC_GROUP_KINDS(NSC_X)
#undef NSC_X
		NSC_BY_COUNT
};

/* What groups are compared by. */
enum nsc_group_measure { NSC_MEASURE_BYTES, NSC_MEASURE_PACKETS, NSC_MEASURE_FLOWS, NSC_MEASURE_COUNT };

struct nsc_group_key {
	uint64_t hash;
	uint64_t word[5]; /* by kind, see groups.c; of a text, word[0] is another hash of it and the rest 0 */
	const char *text; /* APP, NAME: not ended by a NUL; NULL: no text */
	uint32_t length;  /* of it, 1..255; 0: no text */
};

struct nsc_group {
	struct nsc_group_key key;
	uint64_t flows, packets, bytes;            /* each flow once */
	uint64_t sent_packets, sent_bytes;         /* by the group's end; 0 for kinds without one */
	uint64_t received_packets, received_bytes; /* by the other end */
	uint64_t retransmissions, out_of_order, lost_segments, zero_windows;
	uint64_t rtt_ewma_ns, rtt_flows; /* sum over so many flows that have one */
	uint64_t rtt_min_ns;             /* UINT64_MAX without one */
	uint64_t first_seen_ns, last_seen_ns;
	uint8_t analyses; /* NSC_ANALYSIS_* that any of its flows has */
};

struct nsc_group_sum {
	uint64_t flows, packets, bytes;
};

/* One worker's groups, or those of all. */
struct nsc_flow_groups {
	uint64_t wanted[NSC_GROUPS_BUCKETS / 64];  /* bit: groups of this bucket are added up */
	uint64_t spilled[NSC_GROUPS_BUCKETS / 64]; /* bit: one of this bucket had no room */
	bool over;                                 /* any had none */
	bool again;                                /* then nothing more is added up: another walk will be made */
	bool guessed;                              /* `wanted` is an older answer's */
	uint32_t n, text_used;
	struct nsc_group_sum total, without; /* all flows; those that have no key */
	uint16_t slot[NSC_GROUPS_SLOTS];     /* number of a group, from 1; 0 = empty */
	uint64_t bucket[NSC_GROUPS_BUCKETS]; /* the measure of all groups of a bucket */
	struct nsc_group group[NSC_GROUPS_ROOM];
	uint32_t rtt[NSC_GROUPS_ROOM][NSC_GROUPS_RTT_STEPS]; /* of the same group: flows by their smoothed one */
	char text[NSC_GROUPS_TEXT];
	/* the worker's own: what waits until its group is near; none after a walk */
	uint32_t n_waiting, n_heavier;
	struct {
		uint64_t weight;
		uint32_t bucket;
	} heavier[2 * NSC_GROUPS_BURST]; /* what is to be added to buckets */
	struct nsc_group waiting[NSC_GROUPS_BURST];
	uint8_t waiting_step[NSC_GROUPS_BURST]; /* with rtt_flows */
	char waiting_text[NSC_GROUPS_BURST][256];
};

/* 0..NSC_BY_COUNT - 1 and 0..NSC_MEASURE_COUNT - 1; "" for NONE. Thread: any. */
const char *nsc_group_name(unsigned by);
const char *nsc_measure_name(unsigned measure);

nsc_always_inline uint64_t nsc_group_measure(const struct nsc_group *group, unsigned measure)
{
	return measure == NSC_MEASURE_BYTES     ? group->bytes
	       : measure == NSC_MEASURE_PACKETS ? group->packets
						: group->flows;
}

nsc_always_inline uint32_t nsc_group_bucket(const struct nsc_group_key *key)
{
	return (uint32_t)key->hash & (NSC_GROUPS_BUCKETS - 1);
}

/* --- for whoever asks. Thread: any, one at a time. Allocates, blocks: never -------------------- */

/* Empties it for walk number `pass` (1..NSC_GROUPS_PASSES); `like` has the buckets that are wanted, NULL: all are.
 * O(buckets). */
void nsc_groups_clear(struct nsc_flow_groups *groups, unsigned pass, const struct nsc_flow_groups *like);

/* The same, for the same walk again. */
void nsc_groups_empty(struct nsc_flow_groups *groups);

/* The group of this key, a new empty one if need be; its text is copied. NULL, and noted, when there is no room. */
struct nsc_group *nsc_groups_find(struct nsc_flow_groups *groups, const struct nsc_group_key *key);

/* Asks the memory for the group that find will look at first. */
void nsc_groups_prefetch(const struct nsc_flow_groups *groups, const struct nsc_group_key *key);

/* Adds all numbers of `from`; `turned`: what it sent was received. */
void nsc_group_add(struct nsc_group *group, const struct nsc_group *from, bool turned);

/* Steps of a quarter of a power of two, from 2^14 ns: 0 is what is shorter, the last one 2^32 ns and more. */
unsigned nsc_group_rtt_step(uint64_t ns);

/* Flows of a group of `groups` by step; and adds others to them. */
const uint32_t *nsc_groups_rtt(const struct nsc_flow_groups *groups, const struct nsc_group *group);
void nsc_groups_add_rtt(struct nsc_flow_groups *groups, const struct nsc_group *group, const uint32_t *flows);

/* The end of the step in which the median is, the lower one of two: it is less than that, and 4/5 of it at least, but
 * in the first step. The last step ends nowhere: its begin. 0 without flows. */
uint64_t nsc_group_rtt_median_ns(const uint32_t flows[NSC_GROUPS_RTT_STEPS]);

/* Adds a worker's answer to the sum of all, which wants the same buckets. */
void nsc_groups_join(struct nsc_flow_groups *sum, const struct nsc_flow_groups *part);

/* After clear, for the first walk: wants the buckets that the last walk of an older answer to the same query wanted.
 * When these are still heavy, one walk does. */
void nsc_groups_guess(struct nsc_flow_groups *sum, const uint64_t wanted[NSC_GROUPS_BUCKETS / 64]);

/* Whether the sum has no room for what was wanted, or lacks heavy buckets that a guess did not name: then `sum` is
 * emptied for walk number `pass` (2..), and wants the heaviest buckets whose groups find room. `keys`: how many groups
 * there can be at most. False for pass > NSC_GROUPS_PASSES: what has no room is left out then. O(buckets log buckets).
 */
bool nsc_groups_again(struct nsc_flow_groups *sum, unsigned pass, uint64_t keys);

struct nsc_groups_rest { /* what is in no group of `sum` */
	uint64_t most;   /* a group has at most so much */
	uint64_t all;    /* and all of them together */
	bool none;       /* there is no such group */
};

struct nsc_groups_rest nsc_groups_rest(const struct nsc_flow_groups *sum);

/* The groups of `sum` that are whole, most first, equal ones in the order of their keys: row[0..return), room for
 * NSC_GROUPS_ROOM. */
uint32_t nsc_groups_rank(struct nsc_flow_groups *sum, unsigned measure, struct nsc_group **row);

#endif
