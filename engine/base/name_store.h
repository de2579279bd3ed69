/* SPDX-License-Identifier: MIT
 *
 * What flows have said, kept once for each worker: a ring of entries that only its worker writes. The same words are
 * kept once as long as they are remembered. A record carries a handle; whoever has the record reads the words by it
 * (nsc_named_read in netscope/names.h), on any thread, also while the worker writes on.
 *
 * Full: the oldest entry gives way, whatever still names it; its handle reads as nothing then, never as something else.
 * Each flow that loses its name so is counted (NAME_FORGOTTEN).
 */
#ifndef NETSCOPE_BASE_NAME_STORE_H
#define NETSCOPE_BASE_NAME_STORE_H

#include "engine/base/arena.h"
#include "netscope/counters.h"
#include "netscope/names.h"

struct nsc_name_store;

#define NSC_NAME_STORE_MIN (1ull << 20)

enum { NSC_NAME_ENTRY_WORDS = 2 * ((16 + NSC_NAME_MAX + NSC_ALPN_MAX + NSC_JA4_LENGTH + 15) / 16 + 2) };

/* Room for `bytes` of entries, at least NSC_NAME_STORE_MIN, set aside and made present as they are needed. 0 or -errno.
 * `keep`: what was given to nsc_name_store_drop may be read still. At most NSC_WORKERS_MAX stores are open at once.
 * Thread: control. */
int nsc_name_store_open(struct nsc_name_store **store, struct nsc_arena *arena, uint64_t bytes, bool keep,
			struct nsc_error *error);
/* Its handles read as nothing from now on; the arena keeps the memory. NULL is fine. Thread: control. */
void nsc_name_store_close(struct nsc_name_store *store);
uint64_t nsc_name_store_bytes(uint64_t bytes); /* what a store of so many may take in all */

/* Makes entries present ahead of the owner; true when it did something. Thread: control. */
bool nsc_name_store_prepare(struct nsc_name_store *store);

/* Words on their way into the store. Between the three steps others may be taken, so that what each of them reads is
 * near by the time that the next one reads it. */
struct nsc_name_entry {
	uint32_t n, hash; /* words; of what stands in them */
	uint64_t word[NSC_NAME_ENTRY_WORDS];
};

/* Of `named`, whose lengths are within their bounds. Thread, as with the rest: owner. Allocates, blocks: never. */
void nsc_name_entry_make(struct nsc_name_entry *entry, const struct nsc_name_store *store,
			 const struct nsc_named *named);
/* Fetches what may be the same words. Says nothing. */
void nsc_name_entry_fetch(const struct nsc_name_entry *entry, const struct nsc_name_store *store);
/* The handle of the words, held once more. O(entries that give way), a few. */
uint64_t nsc_name_store_keep(struct nsc_name_store *store, const struct nsc_name_entry *entry,
			     struct nsc_counters *counters);
/* The first and the last step. */
uint64_t nsc_name_store_put(struct nsc_name_store *store, const struct nsc_named *named, struct nsc_counters *counters);

/* A flow that held the handle has ended. Any handle. Thread: owner. */
void nsc_name_store_drop(struct nsc_name_store *store, uint64_t handle);

#endif
