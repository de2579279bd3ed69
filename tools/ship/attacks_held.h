/* SPDX-License-Identifier: MIT
 *
 * Attacks that go on, as far as a destination was told: what must be told again so that it is not forgotten there. They
 * are kept in a file of the spool, so that a shipper that was killed goes on with them.
 *
 * Thread: one owner. Allocates: never. Blocks: load and save, on the disk.
 */
#ifndef TOOLS_SHIP_ATTACKS_HELD_H
#define TOOLS_SHIP_ATTACKS_HELD_H

#include "tools/ship/alerts.h"

enum { NSC_ATTACKS_HELD = 4096 };

struct nsc_attack_held {
	struct nsc_segment segment; /* of its newest alert: sensor and run */
	uint64_t row;               /* of that alert */
	struct nsc_alert alert;     /* that alert */
	uint64_t began_ns;          /* the first one, as far as it is known */
	uint64_t heard_s;           /* when it came, seconds since 1970 */
};

struct nsc_attacks_held {
	uint32_t n;
	bool changed;       /* since load and save */
	uint64_t forgotten; /* there was no room, and the one that was heard of least recently gave way */
	struct nsc_attack_held attack[NSC_ATTACKS_HELD];
};

/* Takes what an alert says. *known: of its attack, all that is known. A sensor has one attack at a time of a kind,
 * source and target: a later one takes the place of an earlier one. What a run of the sensor had begun is over when a
 * later run tells of something: the state becomes that of an end. */
void nsc_attacks_held_note(struct nsc_attacks_held *held, const struct nsc_ship_alert *alert, uint64_t now_s,
			   struct nsc_attack_held *known);

/* The attack of an end that was sent goes. */
void nsc_attacks_held_drop(struct nsc_attacks_held *held, const struct nsc_ship_alert *alert);

/* Takes out one that has become over this way, or that was not heard of for `silent_s`. False: there is none. */
bool nsc_attacks_held_take_over(struct nsc_attacks_held *held, uint64_t now_s, uint64_t silent_s,
				struct nsc_attack_held *over);

/* A file that is damaged, or of another version, holds nothing. */
void nsc_attacks_held_load(struct nsc_attacks_held *held, int folder, const char *name);

/* 0, or -errno and one sentence; then it has what it had. */
int nsc_attacks_held_save(struct nsc_attacks_held *held, int folder, const char *name, struct nsc_error *error);

#endif
