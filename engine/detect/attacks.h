/* SPDX-License-Identifier: MIT
 *
 * Attacks that go on. The first alert of a target or source begins one; each further alert, which its cooldown lets
 * through, is an update; it ends when no threshold was reached for a cooldown and a window. An attack has a number,
 * counts packets from its begin on, and keeps the largest values that were observed.
 *
 * Full: an alert begins an attack that is not remembered, so it has no updates and no end (counted ATTACKS_FULL).
 *
 * Thread: publisher, but for open. Allocates, blocks: never.
 */
#ifndef NETSCOPE_DETECT_ATTACKS_H
#define NETSCOPE_DETECT_ATTACKS_H

#include "engine/base/arena.h"
#include "engine/detect/detector.h"
#include "netscope/counters.h"

#define NSC_ATTACKS_MAX 4096u

struct nsc_attacks;

/* 0 or -errno and one sentence. Thread: control. */
int nsc_attacks_open(struct nsc_attacks **attacks, struct nsc_arena *arena, const uint64_t seed[2],
		     struct nsc_error *error);
uint64_t nsc_attacks_bytes(void);

/* An alert of this key is raised, with the time of the clock: says which attack it belongs to, its state, packets and
 * duration. The attack is over with the epoch `over`, unless it is noted again. */
void nsc_attacks_note(struct nsc_attacks *attacks, const struct nsc_detect_key *key, struct nsc_alert *alert,
		      uint64_t over, struct nsc_counters *counters);

/* Packets of a key that has raised an alert of this kind; nothing when its attack is over. */
void nsc_attacks_count(struct nsc_attacks *attacks, unsigned kind, const struct nsc_detect_key *key, uint32_t packets);

/* Takes the next attack that is over with an epoch below `epoch`, in the order of that epoch, kind and key: its last
 * alert with the largest values; ts_ns holds the epoch. False: there is none. O(n of attacks) when there is. */
bool nsc_attacks_take_over(struct nsc_attacks *attacks, uint64_t epoch, struct nsc_alert *alert);

#endif
