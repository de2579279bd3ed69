/* SPDX-License-Identifier: MIT
 *
 * Tables of groups, and the sum of those of all workers: what fits, what is wanted in the next walk, which are largest.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "netscope/groups.h"
#include "netscope/heap.h"
#include "netscope/histogram.h"

static const char *const group_names[] = { [NSC_BY_NONE] = "",
#define NSC_X(id, name, column) [NSC_BY_##id] = name,
					   NSC_GROUP_KINDS(NSC_X)
#undef NSC_X
};

const char *nsc_group_name(unsigned by)
{
	return group_names[by];
}

const char *nsc_measure_name(unsigned measure)
{
	static const char *const names[] = { "bytes", "packets", "flows" };

	return names[measure];
}

/* --- the table -------------------------------------------------------------------------------- */

void nsc_groups_clear(struct nsc_flow_groups *groups, unsigned pass, const struct nsc_flow_groups *like)
{
	if (like)
		memcpy(groups->wanted, like->wanted, sizeof(groups->wanted));
	else
		memset(groups->wanted, 0xff, sizeof(groups->wanted));
	groups->again = pass < NSC_GROUPS_PASSES;
	groups->guessed = false;
	nsc_groups_empty(groups);
}

void nsc_groups_empty(struct nsc_flow_groups *groups)
{
	memset(groups->spilled, 0, sizeof(groups->spilled));
	memset(groups->slot, 0, sizeof(groups->slot));
	memset(groups->bucket, 0, sizeof(groups->bucket));
	groups->over = false;
	groups->n = groups->text_used = groups->n_waiting = groups->n_heavier = 0;
	groups->total = groups->without = (struct nsc_group_sum){ 0 };
}

static struct nsc_group *groups_append(struct nsc_flow_groups *groups, const struct nsc_group_key *key)
{
	uint32_t bucket = nsc_group_bucket(key);
	struct nsc_group *group = &groups->group[groups->n];

	if (groups->n == NSC_GROUPS_ROOM || key->length > NSC_GROUPS_TEXT - groups->text_used) {
		groups->spilled[bucket / 64] |= 1ull << bucket % 64;
		groups->over = true;
		return NULL;
	}
	*group = (struct nsc_group){ .key = *key, .rtt_min_ns = UINT64_MAX, .first_seen_ns = UINT64_MAX };
	memset(groups->rtt[groups->n], 0, sizeof(groups->rtt[0]));
	if (key->length) {
		group->key.text = memcpy(groups->text + groups->text_used, key->text, key->length);
		groups->text_used += key->length;
	}
	groups->n++;
	return group;
}

static bool group_key_equal(const struct nsc_group_key *x, const struct nsc_group_key *y)
{
	return x->hash == y->hash && x->length == y->length && !memcmp(x->word, y->word, sizeof(x->word));
}

static uint32_t groups_slot(const struct nsc_group_key *key)
{
	return (uint32_t)(key->hash >> 40) & (NSC_GROUPS_SLOTS - 1);
}

void nsc_groups_prefetch(const struct nsc_flow_groups *groups, const struct nsc_group_key *key)
{
	uint16_t number = groups->slot[groups_slot(key)];
	const char *group = (const char *)&groups->group[number ? number - 1u : groups->n];

	for (size_t at = 0; at < sizeof(struct nsc_group); at += NSC_CACHE_LINE)
		nsc_prefetch_write(group + at);
}

/* Half of the slots are empty at least: every look has an end, and hashes have a key that nobody outside knows. */
struct nsc_group *nsc_groups_find(struct nsc_flow_groups *groups, const struct nsc_group_key *key)
{
	uint32_t at = groups_slot(key);
	struct nsc_group *group;

	for (; groups->slot[at]; at = (at + 1) & (NSC_GROUPS_SLOTS - 1)) {
		group = &groups->group[groups->slot[at] - 1];
		if (group_key_equal(&group->key, key))
			return group;
	}
	group = groups_append(groups, key);
	if (group)
		groups->slot[at] = (uint16_t)groups->n;
	return group;
}

/* --- the sum ---------------------------------------------------------------------------------- */

void nsc_group_add(struct nsc_group *group, const struct nsc_group *from, bool turned)
{
	group->flows += from->flows;
	group->packets += from->packets;
	group->bytes += from->bytes;
	group->sent_packets += turned ? from->received_packets : from->sent_packets;
	group->sent_bytes += turned ? from->received_bytes : from->sent_bytes;
	group->received_packets += turned ? from->sent_packets : from->received_packets;
	group->received_bytes += turned ? from->sent_bytes : from->received_bytes;
	group->retransmissions += from->retransmissions;
	group->out_of_order += from->out_of_order;
	group->lost_segments += from->lost_segments;
	group->zero_windows += from->zero_windows;
	group->rtt_ewma_ns += from->rtt_ewma_ns;
	group->rtt_flows += from->rtt_flows;
	group->rtt_min_ns = NSC_MIN(group->rtt_min_ns, from->rtt_min_ns);
	group->first_seen_ns = NSC_MIN(group->first_seen_ns, from->first_seen_ns);
	group->last_seen_ns = NSC_MAX(group->last_seen_ns, from->last_seen_ns);
	group->analyses |= from->analyses;
}

/* --- round trip times ------------------------------------------------------------------------- */

enum { RTT_FIRST = 47 }; /* step 1 is this pair of eighths of histogram.h and the next one */

static_assert(NSC_GROUPS_RTT_STEPS + RTT_FIRST <= NSC_HISTOGRAM_BUCKETS / 2, "each step is two of its buckets");

unsigned nsc_group_rtt_step(uint64_t ns)
{
	unsigned pair = nsc_histogram_bucket(ns) / 2;

	return pair < RTT_FIRST ? 0 : NSC_MIN(pair - RTT_FIRST, NSC_GROUPS_RTT_STEPS - 1u);
}

const uint32_t *nsc_groups_rtt(const struct nsc_flow_groups *groups, const struct nsc_group *group)
{
	return groups->rtt[group - groups->group];
}

void nsc_groups_add_rtt(struct nsc_flow_groups *groups, const struct nsc_group *group, const uint32_t *flows)
{
	uint32_t *sum = groups->rtt[group - groups->group];

	for (unsigned i = 0; i < NSC_GROUPS_RTT_STEPS; i++)
		sum[i] += flows[i];
}

uint64_t nsc_group_rtt_median_ns(const uint32_t flows[NSC_GROUPS_RTT_STEPS])
{
	uint64_t all = 0, below = 0;
	unsigned step = 0;

	for (unsigned i = 0; i < NSC_GROUPS_RTT_STEPS; i++)
		all += flows[i];
	while (step < NSC_GROUPS_RTT_STEPS - 1 && 2 * (below + flows[step]) < all)
		below += flows[step++];
	if (!all)
		return 0;
	if (step == NSC_GROUPS_RTT_STEPS - 1)
		step--;
	return nsc_histogram_bucket_end(2 * (step + RTT_FIRST) + 1) + 1;
}

/* --- all workers ------------------------------------------------------------------------------ */

static void groups_sum_add(struct nsc_group_sum *sum, const struct nsc_group_sum *from)
{
	sum->flows += from->flows;
	sum->packets += from->packets;
	sum->bytes += from->bytes;
}

void nsc_groups_join(struct nsc_flow_groups *sum, const struct nsc_flow_groups *part)
{
	groups_sum_add(&sum->total, &part->total);
	groups_sum_add(&sum->without, &part->without);
	for (uint32_t i = 0; i < NSC_GROUPS_BUCKETS; i++)
		sum->bucket[i] += part->bucket[i];
	for (uint32_t i = 0; i < NSC_ARRAY_LEN(sum->spilled); i++)
		sum->spilled[i] |= part->spilled[i];
	sum->over |= part->over;
	for (uint32_t i = 0; i < part->n; i++) {
		struct nsc_group *group = nsc_groups_find(sum, &part->group[i].key);

		if (!group)
			continue;
		nsc_group_add(group, &part->group[i], false);
		if (part->group[i].rtt_flows)
			nsc_groups_add_rtt(sum, group, part->rtt[i]);
	}
}

/* --- the next walk ---------------------------------------------------------------------------- */

struct heavy {
	uint64_t sum;
	uint32_t bucket;
};

#define HEAVY_LIGHTER(none, x, y) ((x).sum < (y).sum || ((x).sum == (y).sum && (x).bucket > (y).bucket))
NSC_HEAP(heavy_heap, struct heavy, const void *, HEAVY_LIGHTER)

/* Groups in a bucket: told by how many buckets are empty, as long as some are (linear counting: Whang et al. 1990). */
static double groups_per_bucket(const struct nsc_flow_groups *sum, uint64_t keys)
{
	uint32_t empty = 0;
	double each = (double)keys / NSC_GROUPS_BUCKETS;

	for (uint32_t i = 0; i < NSC_GROUPS_BUCKETS; i++)
		empty += !sum->bucket[i];
	return empty ? NSC_MIN(each, log((double)NSC_GROUPS_BUCKETS / empty)) : each;
}

/* So many that their groups find room though the heaviest have more of them than others. */
static uint32_t groups_buckets_with_room(const struct nsc_flow_groups *sum, unsigned pass, uint64_t keys)
{
	double each = groups_per_bucket(sum, keys), room = NSC_GROUPS_ROOM / (each + 3 * sqrt(each) + 1);

	return (uint32_t)NSC_MAX(room / (1u << 2 * (pass - 2)), 1.0);
}

static int heavy_compare(const void *x, const void *y)
{
	const struct heavy *a = x, *b = y;

	return HEAVY_LIGHTER(NULL, *a, *b) ? 1 : -1;
}

/* heap[0..return): the heaviest buckets, `room` at most, in no order. */
static uint32_t groups_heaviest(const struct nsc_flow_groups *sum, uint32_t room, struct heavy *heap)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < NSC_GROUPS_BUCKETS; i++) {
		struct heavy heavy = { sum->bucket[i], i };

		if (n < room) {
			heap[n] = heavy;
			heavy_heap_up(NULL, heap, n++);
		} else if (HEAVY_LIGHTER(NULL, heap[0], heavy)) {
			heap[0] = heavy;
			heavy_heap_down(NULL, heap, n, 0);
		}
	}
	return n;
}

static bool groups_is_wanted(const struct nsc_flow_groups *sum, uint32_t bucket)
{
	return sum->wanted[bucket / 64] >> bucket % 64 & 1;
}

/* Buckets that were chosen by an older answer are still good when the heavier half is among them. */
static bool groups_lack_heavy(const struct nsc_flow_groups *sum, struct heavy *heap, uint32_t n)
{
	qsort(heap, n, sizeof(*heap), heavy_compare);
	for (uint32_t i = 0; i < (n + 1) / 2; i++)
		if (heap[i].sum && !groups_is_wanted(sum, heap[i].bucket))
			return true;
	return false;
}

bool nsc_groups_again(struct nsc_flow_groups *sum, unsigned pass, uint64_t keys)
{
	struct heavy heap[NSC_GROUPS_ROOM];
	uint32_t n;

	if (pass > NSC_GROUPS_PASSES || (!sum->over && !(pass == 2 && sum->guessed)))
		return false;
	n = groups_heaviest(sum, groups_buckets_with_room(sum, pass, keys), heap);
	if (!sum->over && !groups_lack_heavy(sum, heap, n))
		return false;
	nsc_groups_clear(sum, pass, NULL);
	memset(sum->wanted, 0, sizeof(sum->wanted));
	while (n--)
		sum->wanted[heap[n].bucket / 64] |= 1ull << heap[n].bucket % 64;
	return true;
}

void nsc_groups_guess(struct nsc_flow_groups *sum, const uint64_t wanted[NSC_GROUPS_BUCKETS / 64])
{
	memcpy(sum->wanted, wanted, sizeof(sum->wanted));
	sum->guessed = true;
}

/* --- the answer ------------------------------------------------------------------------------- */

static bool groups_bucket_is_whole(const struct nsc_flow_groups *sum, uint32_t bucket)
{
	return (sum->wanted[bucket / 64] & ~sum->spilled[bucket / 64]) >> bucket % 64 & 1;
}

struct nsc_groups_rest nsc_groups_rest(const struct nsc_flow_groups *sum)
{
	struct nsc_groups_rest rest = { .none = true };

	for (uint32_t i = 0; i < NSC_GROUPS_BUCKETS; i++) {
		if (groups_bucket_is_whole(sum, i) || !sum->bucket[i])
			continue;
		rest.most = NSC_MAX(rest.most, sum->bucket[i]);
		rest.all += sum->bucket[i];
		rest.none = false;
	}
	return rest;
}

static int group_key_compare(const struct nsc_group_key *x, const struct nsc_group_key *y)
{
	int order;

	if (x->length && y->length) {
		order = memcmp(x->text, y->text, NSC_MIN(x->length, y->length));
		return order ? order : (x->length > y->length) - (x->length < y->length);
	}
	for (unsigned i = 0; i < NSC_ARRAY_LEN(x->word); i++)
		if (x->word[i] != y->word[i])
			return x->word[i] < y->word[i] ? -1 : 1;
	return 0;
}

static int groups_compare(const void *x, const void *y, void *measure)
{
	const struct nsc_group *a = *(struct nsc_group *const *)x, *b = *(struct nsc_group *const *)y;
	uint64_t m = nsc_group_measure(a, *(const unsigned *)measure);
	uint64_t n = nsc_group_measure(b, *(const unsigned *)measure);

	return m != n ? (m < n ? 1 : -1) : group_key_compare(&a->key, &b->key);
}

uint32_t nsc_groups_rank(struct nsc_flow_groups *sum, unsigned measure, struct nsc_group **row)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < sum->n; i++)
		if (groups_bucket_is_whole(sum, nsc_group_bucket(&sum->group[i].key)))
			row[n++] = &sum->group[i];
	qsort_r(row, n, sizeof(*row), groups_compare, &measure);
	return n;
}
