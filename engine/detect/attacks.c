/* SPDX-License-Identifier: MIT
 *
 * Attacks lie side by side, so that ends are found by a walk; chains of numbers find one by its key. There are few, and
 * a walk happens only when one of them is over.
 */
#include "engine/detect/attacks.h"

#include <errno.h>

#include "engine/detect/hash.h"

enum { HEADS = 2 * NSC_ATTACKS_MAX };

struct attack {
	struct nsc_detect_key key;
	struct nsc_alert last; /* with the largest values */
	uint64_t begin_ns;
	uint64_t over; /* the epoch with which it is over */
	uint32_t next; /* of the chain: number + 1, 0 = none */
	uint32_t head; /* whose chain */
};

struct nsc_attacks {
	uint64_t seed[2];
	uint64_t id;       /* of the last one */
	uint64_t earliest; /* no attack is over before this epoch */
	uint32_t n;
	uint32_t head[HEADS];
	struct attack attack[NSC_ATTACKS_MAX];
};

uint64_t nsc_attacks_bytes(void)
{
	return sizeof(struct nsc_attacks);
}

int nsc_attacks_open(struct nsc_attacks **attacks, struct nsc_arena *arena, const uint64_t seed[2],
		     struct nsc_error *error)
{
	struct nsc_attacks *a = nsc_arena_alloc(arena, sizeof(*a));

	if (!a)
		return nsc_fail(error, -ENOMEM, "no memory for attacks that go on");
	memcpy(a->seed, seed, sizeof(a->seed));
	a->earliest = UINT64_MAX;
	*attacks = a;
	return 0;
}

static uint32_t attack_head(const struct nsc_attacks *a, unsigned kind, const struct nsc_detect_key *key)
{
	uint64_t rest = key->port | (uint64_t)kind << 16 | (uint64_t)key->ip_version << 24;

	return (uint32_t)(nsc_detect_hash_address(a->seed, key->addr, rest) >> 32) % HEADS;
}

static int attack_key_compare(const struct nsc_detect_key *x, const struct nsc_detect_key *y)
{
	int order = (int)x->ip_version - y->ip_version;

	if (!order)
		order = memcmp(x->addr, y->addr, sizeof(x->addr));
	return order ? order : (int)x->port - y->port;
}

static struct attack *attacks_find(struct nsc_attacks *a, unsigned kind, const struct nsc_detect_key *key)
{
	for (uint32_t i = a->head[attack_head(a, kind, key)]; i; i = a->attack[i - 1].next)
		if (a->attack[i - 1].last.kind == kind && !attack_key_compare(&a->attack[i - 1].key, key))
			return &a->attack[i - 1];
	return NULL;
}

/* A scan has sent a packet to each port, or to each host. Bytes are none. */
static uint64_t attack_packets(const struct nsc_alert *alert)
{
	uint64_t most = 0;

	for (unsigned i = 0; i < NSC_ALERT_VALUE_COUNT; i++)
		if (alert->observed[i] != NSC_ALERT_NONE && i != NSC_ALERT_MS_BYTES)
			most = NSC_MAX(most, alert->observed[i]);
	return most;
}

static void attack_keep_largest(struct attack *attack, const struct nsc_alert *alert)
{
	struct nsc_alert largest = *alert;

	for (unsigned i = 0; i < NSC_ALERT_VALUE_COUNT; i++)
		if (attack->last.observed[i] != NSC_ALERT_NONE)
			largest.observed[i] = alert->observed[i] == NSC_ALERT_NONE
						      ? attack->last.observed[i]
						      : NSC_MAX(alert->observed[i], attack->last.observed[i]);
	attack->last = largest;
}

static void attacks_begin(struct nsc_attacks *a, const struct nsc_detect_key *key, struct nsc_alert *alert,
			  uint64_t over, struct nsc_counters *counters)
{
	uint32_t head = attack_head(a, alert->kind, key);

	alert->id = ++a->id;
	alert->state = NSC_ALERT_BEGIN;
	alert->packets = attack_packets(alert);
	alert->duration_ns = 0;
	if (a->n == NSC_ATTACKS_MAX) {
		nsc_count(counters, NSC_C_ATTACKS_FULL, 1);
		return;
	}
	a->attack[a->n] = (struct attack){
		.key = *key, .last = *alert, .begin_ns = alert->ts_ns, .over = over, .next = a->head[head], .head = head
	};
	a->head[head] = ++a->n;
	a->earliest = NSC_MIN(a->earliest, over);
}

void nsc_attacks_note(struct nsc_attacks *a, const struct nsc_detect_key *key, struct nsc_alert *alert, uint64_t over,
		      struct nsc_counters *counters)
{
	struct attack *attack = attacks_find(a, alert->kind, key);

	if (!attack) {
		attacks_begin(a, key, alert, over, counters);
		return;
	}
	alert->id = attack->last.id;
	alert->state = NSC_ALERT_UPDATE;
	alert->packets = attack->last.packets;
	alert->duration_ns = alert->ts_ns - attack->begin_ns;
	attack_keep_largest(attack, alert);
	attack->over = NSC_MAX(attack->over, over);
}

void nsc_attacks_count(struct nsc_attacks *a, unsigned kind, const struct nsc_detect_key *key, uint32_t packets)
{
	struct attack *attack = a->n ? attacks_find(a, kind, key) : NULL;

	if (attack)
		attack->last.packets += packets;
}

/* Its place goes to the last one. */
static void attacks_remove(struct nsc_attacks *a, uint32_t i)
{
	uint32_t *link = &a->head[a->attack[i].head];

	while (*link != i + 1)
		link = &a->attack[*link - 1].next;
	*link = a->attack[i].next;
	if (i == --a->n)
		return;
	link = &a->head[a->attack[a->n].head];
	while (*link != a->n + 1)
		link = &a->attack[*link - 1].next;
	*link = i + 1;
	a->attack[i] = a->attack[a->n];
}

static bool attack_is_before(const struct attack *x, const struct attack *y)
{
	if (x->over != y->over)
		return x->over < y->over;
	if (x->last.kind != y->last.kind)
		return x->last.kind < y->last.kind;
	return attack_key_compare(&x->key, &y->key) < 0;
}

bool nsc_attacks_take_over(struct nsc_attacks *a, uint64_t epoch, struct nsc_alert *alert)
{
	uint32_t first = 0;

	if (nsc_likely(a->earliest >= epoch))
		return false;
	for (uint32_t i = 1; i < a->n; i++)
		if (attack_is_before(&a->attack[i], &a->attack[first]))
			first = i;
	a->earliest = a->n ? a->attack[first].over : UINT64_MAX;
	if (a->earliest >= epoch)
		return false;
	*alert = a->attack[first].last;
	alert->state = NSC_ALERT_END;
	alert->duration_ns = alert->ts_ns - a->attack[first].begin_ns;
	alert->ts_ns = a->attack[first].over;
	attacks_remove(a, first);
	return true;
}
