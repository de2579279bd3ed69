/* SPDX-License-Identifier: MIT
 *
 * Contacts for tests: records in a chunk, and with their hashes, as the merge half reads them.
 */
#ifndef NETSCOPE_TESTS_DETECT_RECORDS_H
#define NETSCOPE_TESTS_DETECT_RECORDS_H

#include <endian.h>
#include <string.h>

#include "engine/detect/contact.h"
#include "engine/detect/detector.h"
#include "engine/detect/hash.h"

static const uint64_t test_seed[2] = { 0x243f6a8885a308d3, 0x13198a2e03707344 };

/* 10.x.x.x for sources, 192.x.x.x for targets: any 24-bit numbers. */
static inline void test_address(uint8_t addr[4], uint8_t net, uint32_t number)
{
	uint32_t big = htobe32((uint32_t)net << 24 | (number & 0xffffff));

	memcpy(addr, &big, sizeof(big));
}

static inline void test_append(struct nsc_epoch_chunk *chunk, enum nsc_contact_kind kind, uint32_t source,
			       uint32_t target, uint16_t port, uint32_t count)
{
	struct nsc_contact_record *record = (struct nsc_contact_record *)(void *)(chunk->record + chunk->bytes);

	*record = (struct nsc_contact_record){ .count = count, .port = port, .kind = (uint8_t)kind, .ip_version = 4 };
	test_address(record->addr, 10, source);
	test_address(record->addr + 4, 192, target);
	chunk->bytes += nsc_contact_bytes(4);
	chunk->n++;
}

static inline bool test_has_room(const struct nsc_epoch_chunk *chunk)
{
	return chunk->bytes + nsc_contact_bytes(6) <= sizeof(chunk->record);
}

static inline uint32_t test_read(const struct nsc_epoch_chunk *chunk, struct nsc_contact *contact)
{
	uint32_t n = 0;

	for (uint32_t at = 0; at < chunk->bytes; n++) {
		const struct nsc_contact_record *record =
			(const struct nsc_contact_record *)(const void *)(chunk->record + at);
		uint8_t addr[16];

		at += nsc_contact_bytes(record->ip_version);
		contact[n].record = record;
		nsc_contact_address(record, false, addr);
		contact[n].source = nsc_contact_address_hash(test_seed, addr, record->ip_version);
		nsc_contact_address(record, true, addr);
		contact[n].target = nsc_contact_address_hash(test_seed, addr, record->ip_version);
	}
	return n;
}

static inline struct nsc_detect_key test_source_key(uint32_t source)
{
	struct nsc_detect_key key = { .ip_version = 4 };

	test_address(key.addr, 10, source);
	return key;
}

static inline struct nsc_detect_key test_target_key(uint32_t target, uint16_t port)
{
	struct nsc_detect_key key = { .ip_version = 4, .port = port };

	test_address(key.addr, 192, target);
	return key;
}

static inline struct nsc_detect_options test_options(void)
{
	return (struct nsc_detect_options){
		.syn_flood = { .enabled = true,
			       .window_ns = 5 * NSC_NS_PER_SEC,
			       .cooldown_ns = 10 * NSC_NS_PER_SEC,
			       .threshold = 200,
			       .unique_threshold = 50 },
		.port_scan = { .enabled = true,
			       .window_ns = 10 * NSC_NS_PER_SEC,
			       .cooldown_ns = 30 * NSC_NS_PER_SEC,
			       .threshold = 25,
			       .unique_threshold = 10 },
		.udp_icmp_flood = { .enabled = true,
				    .window_ns = 10 * NSC_NS_PER_SEC,
				    .cooldown_ns = 10 * NSC_NS_PER_SEC,
				    .threshold = 10000,
				    .unique_threshold = 1000 },
		.scan_all = true,
		.scan_arp_threshold = 20,
		.memory = 32u << 20,
		.seed = { test_seed[0], test_seed[1] },
	};
}

#endif
