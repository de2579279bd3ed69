/* SPDX-License-Identifier: MIT
 *
 * Interfaces of a section: each described once, before its first packet, as long as they are few.
 */
#include "engine/text/pcapng_section.h"

#include "netscope/interfaces.h"
#include "tests/unit/backends/sinks/packets.h"

static uint8_t out[4096];
static struct nsc_pcapng_section section;

static uint32_t word(const uint8_t *at, unsigned i)
{
	uint32_t value;

	memcpy(&value, at + 4 * i, sizeof(value));
	return value;
}

/* Adds one packet; how many blocks that took, and the interface of the packet. */
static unsigned add(uint16_t linktype, uint8_t interface, uint64_t ts_ns, uint32_t *number)
{
	struct nsc_packet_record *r = (struct nsc_packet_record *)test_add_packet(test_chunk(), 1, ts_ns, 5, linktype);
	const uint8_t *at = out, *end;
	unsigned blocks = 0;

	r->interface = interface;
	end = nsc_pcapng_section_add(&section, out, r);
	ck_assert(end <= out + nsc_pcapng_section_room(r->len));
	for (; at < end; at += nsc_pcapng_block_length(at), blocks++)
		*number = word(at, 2);
	ck_assert_ptr_eq(at, end);
	return blocks;
}

START_TEST(each_once)
{
	uint8_t eth0 = nsc_interface_number("eth0", 4), eth1 = nsc_interface_number("eth1", 4);
	uint32_t number;

	memset(&section, 0, sizeof(section));
	ck_assert_uint_eq(add(1, eth0, NSC_NS_PER_SEC, &number), 2);
	ck_assert_mem_eq(out + 16, "\2\0\4\0eth0", 8);
	ck_assert_uint_eq(number, 0);
	ck_assert_uint_eq(add(1, eth1, NSC_NS_PER_SEC, &number), 2);
	ck_assert_uint_eq(number, 1);
	ck_assert_uint_eq(add(113, eth1, NSC_NS_PER_SEC, &number), 2);
	ck_assert_uint_eq(number, 2);
	ck_assert_uint_eq(add(1, eth0, 2 * NSC_NS_PER_SEC, &number), 1);
	ck_assert_uint_eq(number, 0);
	ck_assert_uint_eq(add(1, eth0, UINT64_MAX - 1, &number), 2); /* a clock before 1970 */
	ck_assert_uint_eq(number, 3);
}
END_TEST

START_TEST(many)
{
	uint32_t number;

	memset(&section, 0, sizeof(section));
	for (unsigned i = 0; i < 2 * NSC_PCAPNG_KNOWN; i++) {
		ck_assert_uint_eq(add((uint16_t)i, 0, 1, &number), 2);
		ck_assert_uint_eq(number, i);
	}
	ck_assert_uint_eq(add(2 * NSC_PCAPNG_KNOWN - 1, 0, 1, &number), 1);
	ck_assert_uint_eq(add(NSC_PCAPNG_KNOWN, 0, 1, &number), 1);
	ck_assert_uint_eq(add(0, 0, 1, &number), 2); /* forgotten, and described again */
	ck_assert_uint_eq(number, 2 * NSC_PCAPNG_KNOWN);
}
END_TEST

START_TEST(statistics)
{
	uint8_t *end = nsc_pcapng_put_statistics(out, 1ull << 33, 7, NSC_PCAPNG_NS);

	ck_assert_ptr_eq(end, out + NSC_PCAPNG_STATISTICS);
	ck_assert_uint_eq(word(out, 0), 5);
	ck_assert_uint_eq(word(out, 2), 7);
	ck_assert_uint_eq(word(out, 3), 2);
	end = nsc_pcapng_add_comment(out, end, true, (const uint8_t *)"nothing was lost", 16);
	ck_assert_uint_eq(nsc_pcapng_block_length(out), (uint32_t)(end - out));
	ck_assert_mem_eq(out + 24, "nothing was lost", 16);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { each_once, many, statistics };

	return test_main("pcapng_section", NULL, NULL, tests, NSC_ARRAY_LEN(tests));
}
