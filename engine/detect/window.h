/* SPDX-License-Identifier: MIT
 *
 * What one measure knows of the last seconds: its keys, each with its multisets, over a sliding window of epochs.
 *
 * Memory is laid out once: an index, entries, a pool for multisets. A key with one contact, of which a flood from
 * spoofed addresses makes millions, is only a place in the index, 16 bytes; its second contact makes it an entry with
 * multisets. A key lives as long as the window has something of it or an alert of it is still quiet. Full means: among
 * a few keys that the cursor points at, the one with the fewest elements is forgotten, and the one that was silent
 * longest among those (counted DETECT_KEY_EVICTED). So keys that were seen once drive each other out before they touch
 * one that has gathered something.
 *
 * An entry knows its key; a key with one contact is told from others by 47 bits of its keyed hash.
 *
 * Thread: publisher, but for open. Allocates: at open only.
 */
#ifndef NETSCOPE_DETECT_WINDOW_H
#define NETSCOPE_DETECT_WINDOW_H

#include "engine/detect/detector.h"
#include "engine/detect/multiset.h"

struct nsc_window_entry {                    /* 32 bytes and the multisets: a source is one cache line */
	uint8_t addr[16];                    /* of the key; number of the next free entry when free */
	uint32_t touched;                    /* epoch of the last contact */
	uint32_t quiet;                      /* no alert before this epoch */
	uint16_t port;                       /* of the key */
	uint8_t ip_version;                  /* of the key; 0 = free */
	uint8_t form[NSC_MEASURE_MULTISETS]; /* of the multisets */
	uint8_t purged;                      /* when it was purged last: see multiset.h */
	bool listed;                         /* among the candidates */
	struct nsc_multiset multiset[];      /* [n_multisets] */
};

static_assert(sizeof(struct nsc_window_entry) == 32, "two multisets fill the cache line");

struct nsc_window_slot { /* of the index; key 0 = empty */
	uint64_t key;    /* 47 bits of hash, a bit that says entry, 16 bits of epoch (of a single contact) */
	uint64_t value;  /* number of the entry, or the packed contact */
};

struct nsc_attacks;

struct nsc_window {
	const struct nsc_measure *measure;
	const struct nsc_rule *rule[NSC_DETECTORS_MAX];
	uint32_t n_rules;
	uint32_t contacts;                    /* bits of the kinds that its rules want now */
	uint32_t kind;                        /* bit of the kind of its alerts */
	struct nsc_attacks *attacks;          /* that go on; NULL: nobody counts their packets */
	uint32_t wanted[2];                   /* the same while nobody answers, and while somebody does */
	uint64_t gate[NSC_MEASURE_MULTISETS]; /* the lowest threshold of any rule: below all of them nothing can be
						 reached */
	bool singles;                         /* keys with one contact need no entry */
	bool sums;                            /* it has a series: the same contact again is another one */
	uint64_t seed[2];
	uint32_t now; /* epoch, counted from wherever the owner likes */
	uint32_t age; /* epochs passed, a jump counted as a window at most: what elements age by */
	struct nsc_multisets multisets;
	struct nsc_pool pool;
	struct nsc_window_slot *index;
	uint32_t index_bits;
	uint32_t keys; /* in the index */
	uint32_t index_cursor;
	uint8_t *entries; /* [capacity + 1]; number 0 is none */
	uint32_t stride;
	uint32_t capacity, used, free_head;
	uint32_t cursor;     /* on entries */
	uint32_t pinned;     /* entry that must not be forgotten now */
	uint32_t starved;    /* blocks asked for that the pool did not have */
	uint32_t *candidate; /* [capacity]: keys that may have reached a threshold in this epoch */
	uint32_t n_candidates;
	uint64_t evicted;     /* keys forgotten so far */
	uint64_t turned_away; /* contacts for which there was no place */
};

struct nsc_window_options {
	const struct nsc_measure *measure;
	uint32_t window; /* epochs, 1..NSC_MULTISET_WINDOW_MAX */
	uint64_t memory; /* bytes, at most */
	uint64_t seed[2];
	uint64_t *scratch[2]; /* NSC_MULTISET_SLOTS_MAX elements each, shared by all windows of a thread */
};

#define NSC_WINDOW_MEMORY_MIN (4ull << 20)

/* Rules are added by the owner afterwards. 0 or -errno. Thread: control. */
int nsc_window_open(struct nsc_window *window, struct nsc_arena *arena, const struct nsc_window_options *options,
		    struct nsc_error *error);
uint64_t nsc_window_bytes(const struct nsc_measure *measure, uint64_t memory); /* what that takes: at most `memory` */

void nsc_window_add_rule(struct nsc_window *window, const struct nsc_rule *rule); /* which stays the owner's */

/* The rules have other thresholds, or were switched on or off: those that it has, between two epochs. A threshold of 1
 * where there was none makes it forget everything: keys with one contact must be entries from then on. O(rules), or
 * O(memory). */
void nsc_window_rules_changed(struct nsc_window *window);

/* Forgets everything. O(memory). */
void nsc_window_reset(struct nsc_window *window);

/* Later epochs only. What left the window goes when its key is touched, or when the cursor comes by. */
void nsc_window_enter(struct nsc_window *window, uint32_t epoch);

/* Whether somebody answers somebody, from the epoch in progress on; true at first. */
void nsc_window_hear(struct nsc_window *window, bool answers);

/* Adds contacts to their keys, and lists keys that may reach a threshold. */
void nsc_window_merge(struct nsc_window *window, const struct nsc_contact *contact, uint32_t n);

nsc_always_inline struct nsc_window_entry *nsc_window_at(const struct nsc_window *window, uint32_t number)
{
	return (struct nsc_window_entry *)(void *)(window->entries + (uint64_t)number * window->stride);
}

/* Exact values of a key, and whether a rule is reached: the first one that is, or NULL. */
const struct nsc_rule *nsc_window_verdict(struct nsc_window *window, struct nsc_window_entry *entry,
					  uint64_t value[NSC_MEASURE_MULTISETS]);

/* The order of keys as for qsort: ip version, address bytes, port. */
int nsc_window_compare(const struct nsc_window_entry *x, const struct nsc_window_entry *y);

/* The entry of a key, or NULL (a key with one contact has none): for tests. */
struct nsc_window_entry *nsc_window_find(const struct nsc_window *window, const struct nsc_detect_key *key);

#endif
