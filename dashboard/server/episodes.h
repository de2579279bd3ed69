/* SPDX-License-Identifier: MIT
 *
 * Attacks as states: all alerts of one kind and one target (or source) from the first one until no threshold was
 * reached for a cooldown and a window, on the engine's clock. The newest are kept; an episode's place follows from the
 * number of its attack. What somebody has seen or does not want to hear of is noted here, too.
 *
 * Thread: one at a time (the caller's lock). Allocates, blocks: never.
 */
#ifndef DASHBOARD_EPISODES_H
#define DASHBOARD_EPISODES_H

#include "engine/text/json.h"
#include "netscope/alert.h"

enum {
	NSC_EPISODES_KEPT = 512,
	NSC_EPISODES_IN_FRAME = 64,
	NSC_MUTES_MAX = 256,
	NSC_MUTE_KEY = 96, /* with its NUL; kind and target never need more */
	NSC_CARRIED_MAX = 64,
};

struct nsc_episode {
	struct nsc_alert most; /* the newest alert, with the largest values that were observed; id 0: no episode */
	uint64_t begin_ns, last_ns, peak_ns; /* of its alerts: the first, the last, the one with the largest value */
	uint64_t end_ns;                     /* 0: it goes on */
	uint64_t count;                      /* alerts, the ends not counted */
	bool seen;
};

/* Seen in an earlier run, at whose end it went on: an attack with this key that begins soon is the same one. */
struct nsc_carried {
	char key[NSC_MUTE_KEY];
	uint64_t last_ns; /* packet time of its last alert */
};

#define NSC_CARRIED_NS (600 * NSC_NS_PER_SEC) /* soon */

struct nsc_episodes {
	bool apart; /* every client keeps what it says for itself: nobody is muted here, and nothing is carried */
	uint32_t carried;
	struct nsc_carried carry[NSC_CARRIED_MAX];
	uint64_t newest; /* number of an attack; 0: there was none */
	uint32_t mutes;
	char mute[NSC_MUTES_MAX][NSC_MUTE_KEY];
	struct nsc_episode ring[NSC_EPISODES_KEPT];
};

void nsc_episodes_note(struct nsc_episodes *episodes, const struct nsc_alert *alert);

/* False: it is not kept. */
bool nsc_episodes_see(struct nsc_episodes *episodes, uint64_t id, bool seen);
/* Mutes a key, or speaks of it again; once more changes nothing. False: there is no room. */
bool nsc_episodes_mute(struct nsc_episodes *episodes, const char *key, bool mute);
/* Whether this can be a key: the name of a kind, a space and up to 64 characters of an address and a port. */
bool nsc_episode_is_key(const char *key, size_t length);

/* The seen attacks that go on at now_ns (packet time), the newest first, and those of earlier runs that have not begun
 * again: what the next run carries. The end of a run ends its attacks, at a time to come. At most NSC_CARRIED_MAX;
 * returns how many. */
uint32_t nsc_episodes_carry(const struct nsc_episodes *episodes, uint64_t now_ns,
			    struct nsc_carried out[NSC_CARRIED_MAX]);

/* "syn_flood 10.0.0.9:80", "port_scan 10.0.0.7", "microburst -". Room: NSC_MUTE_KEY. */
void nsc_episode_key(char key[NSC_MUTE_KEY], const struct nsc_alert *alert);

/* Members "open" (how many go on), "unseen" (of these, those that nobody has seen and that are not muted) and "news":
 * the newest of "unseen", NSC_EPISODES_IN_FRAME at most, each with "id" and "key". */
void nsc_episodes_show_open(const struct nsc_episodes *episodes, struct nsc_json *json);
/* "episodes", the newest first, and "mutes". */
void nsc_episodes_show(const struct nsc_episodes *episodes, struct nsc_json *json);

#endif
