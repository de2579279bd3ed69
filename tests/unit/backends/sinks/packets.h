/* SPDX-License-Identifier: MIT
 *
 * Chunks of packets for the tests of packet sinks, and a suite's main.
 */
#ifndef TEST_OUT_PACKETS_H
#define TEST_OUT_PACKETS_H

#include "engine/rings/packet_copy.h"
#include "records.h"

enum { TEST_CHUNK = 1 << 20 };

/* The chunk, emptied. */
static inline struct nsc_packet_chunk *test_chunk(void)
{
	static struct {
		struct nsc_packet_chunk chunk;
		uint8_t room[TEST_CHUNK];
	} made;

	made.chunk.n = made.chunk.bytes = 0;
	made.chunk.room = TEST_CHUNK;
	made.chunk.frame = (struct nsc_packet_frame){ 0 };
	return &made.chunk;
}

/* Adds packet `number` of `len` bytes, 4 fewer than on the wire. */
static inline struct nsc_packet_record *test_add_packet(struct nsc_packet_chunk *chunk, uint64_t number, uint64_t ts_ns,
							uint32_t len, uint16_t linktype)
{
	static uint8_t bytes[NSC_PACKET_BYTES_MAX];
	struct nsc_packet_record record = {
		.number = number,
		.ts_ns = ts_ns,
		.clock_ns = ts_ns,
		.cap_len = len,
		.wire_len = len + 4,
		.len = len,
		.linktype = linktype,
		.link = NSC_LINK_ETHERNET,
		.fate = NSC_FATE_FLOW,
	};
	for (uint32_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(number * 31 + i);
	ck_assert(nsc_packet_fits(chunk, len));
	nsc_packet_append(chunk, record, bytes, len);
	return (struct nsc_packet_record *)(void *)(chunk->data + chunk->room) - chunk->n;
}

static inline int test_main(const char *name, void (*enter)(void), void (*leave)(void), const TTest *const *tests,
			    size_t n)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	suite_add_tcase(suite, tcase);
	if (enter)
		tcase_add_checked_fixture(tcase, enter, leave);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	return test_run(suite);
}

#endif
