/* SPDX-License-Identifier: MIT */
#include "engine/decode/duplicates.h"

#include <errno.h>

#include "engine/decode/hash.h"
#include "engine/decode/walk.h"

struct duplicates_entry {
	uint64_t hash; /* 0: free */
	uint64_t clock_ns;
};

struct nsc_duplicates {
	alignas(NSC_CACHE_LINE) uint64_t window_ns;
	alignas(NSC_CACHE_LINE) struct duplicates_entry entry[DUPLICATES_SETS][DUPLICATES_WAYS];
};

uint64_t nsc_duplicates_bytes(void)
{
	return sizeof(struct nsc_duplicates);
}

int nsc_duplicates_open(struct nsc_duplicates **duplicates, uint64_t window_ns, struct nsc_arena *arena,
			struct nsc_error *error)
{
	*duplicates = nsc_arena_alloc(arena, sizeof(**duplicates));
	if (!*duplicates)
		return nsc_fail(error, -ENOMEM, "no memory for a table of packets to find copies of");
	(*duplicates)->window_ns = window_ns;
	return 0;
}

/* --- what is compared ------------------------------------------------------------------------- */

static uint64_t duplicates_mix(const struct nsc_hash_seed *seed, uint64_t h, const uint8_t *p, uint32_t n)
{
	uint64_t word[2];

	for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
		memcpy(word, p, sizeof(word));
		h = nsc_fold_multiply(word[0] ^ seed->word[0] ^ h, word[1] ^ seed->word[1]);
	}
	word[0] = word[1] = 0;
	memcpy(word, p, n);
	return nsc_fold_multiply(word[0] ^ seed->word[2] ^ h, word[1] ^ seed->word[3] ^ n);
}

/* The IP header without what a hop changes. Returns the bytes behind which the payload follows. */
static uint32_t duplicates_header(const uint8_t *ip, uint8_t version, uint8_t header[NSC_IPV6_HEADER])
{
	if (version == 6) {
		memcpy(header, ip, NSC_IPV6_HEADER);
		header[0] = 0x60; /* the traffic class, which lies across two bytes */
		header[1] &= 0x0f;
		header[7] = 0;
		return NSC_IPV6_HEADER;
	}
	memset(header, 0, NSC_IPV6_HEADER);
	memcpy(header, ip, 20);
	header[1] = header[8] = 0;
	header[10] = header[11] = 0;
	return (ip[0] & 15u) * 4;
}

static uint32_t duplicates_ip_bytes(const uint8_t *ip, uint8_t version)
{
	uint32_t total = version == 6 ? NSC_IPV6_HEADER + nsc_load16(ip + 4) : nsc_load16(ip + 2);

	return version == 4 && !total ? UINT32_MAX : total;
}

static uint64_t duplicates_hash(const struct nsc_hash_seed *seed, const struct nsc_packet *pkt)
{
	const uint8_t *ip = pkt->data + pkt->l3_off;
	uint32_t there = NSC_MIN(pkt->cap_len - pkt->l3_off, duplicates_ip_bytes(ip, pkt->ip_version));
	uint8_t header[NSC_IPV6_HEADER];
	uint32_t begin = duplicates_header(ip, pkt->ip_version, header);
	uint64_t h = duplicates_mix(seed, pkt->ip_version, header, sizeof(header));

	if (there > begin)
		h = duplicates_mix(seed, h, ip + begin, NSC_MIN(there - begin, DUPLICATES_BYTES));
	return h ? h : 1;
}

/* --- the table -------------------------------------------------------------------------------- */

static bool duplicates_is_recent(const struct nsc_duplicates *d, const struct duplicates_entry *entry,
				 uint64_t clock_ns)
{
	return entry->hash && entry->clock_ns <= clock_ns && clock_ns - entry->clock_ns <= d->window_ns;
}

/* Whether the packet was seen within the window; remembers it if not. */
static bool duplicates_seen(const struct nsc_decode_options *options, uint64_t hash, uint64_t clock_ns)
{
	struct nsc_duplicates *d = options->duplicates;
	struct duplicates_entry *set = d->entry[hash % DUPLICATES_SETS], *place = set;

	for (unsigned i = 0; i < DUPLICATES_WAYS; i++) {
		if (set[i].hash == hash && duplicates_is_recent(d, &set[i], clock_ns))
			return true;
		if (place->hash && (!set[i].hash || set[i].clock_ns < place->clock_ns))
			place = &set[i];
	}
	if (duplicates_is_recent(d, place, clock_ns))
		nsc_count(options->counters, NSC_C_DUPLICATE_EVICTED, 1);
	*place = (struct duplicates_entry){ .hash = hash, .clock_ns = clock_ns };
	return false;
}

/* The fates whose packets have a whole IP header. */
static bool duplicates_may_be(const struct nsc_packet *pkt)
{
	switch (pkt->fate) {
	case NSC_FATE_FLOW:
	case NSC_FATE_ICMP:
	case NSC_FATE_ICMPV6:
	case NSC_FATE_SCTP:
	case NSC_FATE_FRAGMENT:
	case NSC_FATE_NO_NEXT_HEADER:
	case NSC_FATE_UNSUPPORTED_L4:
		return pkt->ip_version == 4 || pkt->ip_version == 6;
	default:
		return false;
	}
}

void nsc_duplicates_burst(const struct nsc_decode_options *options, struct nsc_packet *pkt, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (!duplicates_may_be(&pkt[i]))
			continue;
		if (!duplicates_seen(options, duplicates_hash(&options->seed, &pkt[i]), pkt[i].clock_ns))
			continue;
		walk_clear_transport(&pkt[i]);
		pkt[i].fate = NSC_FATE_DUPLICATE;
	}
}
