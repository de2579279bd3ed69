/* SPDX-License-Identifier: MIT
 *
 * pcap and pcapng byte by byte, and the edges of time.
 */
#include "engine/text/pcap_format.h"

#include "tests/unit/backends/sinks/packets.h"

static uint8_t out[4096];

static uint32_t word(unsigned i)
{
	uint32_t value;

	memcpy(&value, out + 4 * i, sizeof(value));
	return value;
}

static const struct nsc_packet_record *packet(uint64_t ts_ns, uint32_t len)
{
	return test_add_packet(test_chunk(), 1, ts_ns, len, 1);
}

START_TEST(pcap_header)
{
	ck_assert_ptr_eq(nsc_pcap_put_header(out, 113, false, 96), out + NSC_PCAP_HEADER);
	ck_assert_uint_eq(word(0), 0xa1b2c3d4);
	ck_assert_uint_eq(word(1), 4 << 16 | 2);
	ck_assert_uint_eq(word(2) | word(3), 0);
	ck_assert_uint_eq(word(4), 96);
	ck_assert_uint_eq(word(5), 113);
	nsc_pcap_put_header(out, 1, true, 0);
	ck_assert_uint_eq(word(0), 0xa1b23c4d);
	ck_assert_uint_eq(word(4), 262144);
}
END_TEST

START_TEST(pcap_records)
{
	const struct nsc_packet_record *r = packet(1700000000 * NSC_NS_PER_SEC + 123456789, 5);

	ck_assert_ptr_eq(nsc_pcap_put_record(out, r, true), out + 16 + 5);
	ck_assert_uint_eq(word(0), 1700000000);
	ck_assert_uint_eq(word(1), 123456789);
	ck_assert_uint_eq(word(2), 5);
	ck_assert_uint_eq(word(3), 9);
	ck_assert_mem_eq(out + 16, nsc_packet_bytes(r), 5);
	ck_assert_uint_eq(nsc_pcap_record_length(out), 21);
	nsc_pcap_put_record(out, r, false);
	ck_assert_uint_eq(word(1), 123456);
}
END_TEST

START_TEST(pcap_times_that_fit)
{
	const uint64_t last = UINT32_MAX * NSC_NS_PER_SEC + 999999999;

	ck_assert(nsc_pcap_time_fits(last, true));
	ck_assert(!nsc_pcap_time_fits(last + 1, true));
	ck_assert(!nsc_pcap_time_fits(last, false));
	ck_assert(nsc_pcap_time_fits(last - 999, false));
	ck_assert(nsc_pcap_time_fits(0, false));
	ck_assert(!nsc_pcap_time_fits(1, false));
	ck_assert(!nsc_pcap_time_fits(UINT64_MAX - 999, true));
}
END_TEST

START_TEST(pcapng_blocks)
{
	ck_assert_ptr_eq(nsc_pcapng_put_section(out), out + NSC_PCAPNG_SECTION);
	ck_assert_uint_eq(word(0), 0x0a0d0d0a);
	ck_assert_uint_eq(word(2), 0x1a2b3c4d);
	ck_assert_uint_eq(word(3), 1);
	ck_assert_uint_eq(word(1), 28);
	ck_assert_uint_eq(word(6), 28);
	ck_assert_ptr_eq(nsc_pcapng_put_interface(out, 276, NSC_PCAPNG_NS, 0), out + NSC_PCAPNG_INTERFACE);
	ck_assert_uint_eq(nsc_pcapng_block_length(out), 32);
	ck_assert_uint_eq(word(2), 276);
	ck_assert_uint_eq(word(3), 0);
	ck_assert_uint_eq(word(4), 1 << 16 | 9);
	ck_assert_uint_eq(word(5), 9);
	ck_assert_uint_eq(word(6), 0);
	nsc_pcapng_put_interface(out, 1, NSC_PCAPNG_US, 77);
	ck_assert_uint_eq(word(3), 77);
	ck_assert_uint_eq(word(5), 6);
}
END_TEST

/* Every length modulo 4: the block is whole, its padding 0, its length repeated. */
START_TEST(pcapng_packets)
{
	unsigned wrong = 0;

	for (uint32_t len = 0; len < 9; len++) {
		const struct nsc_packet_record *r = packet(0x123456789abcdef0ull, len);
		uint32_t padded = (len + 3) & ~3u, length = NSC_PCAPNG_PACKET + padded;

		memset(out, 0xee, sizeof(out));
		wrong += nsc_pcapng_put_packet(out, r, 3, NSC_PCAPNG_NS) != out + length ||
			 nsc_pcapng_block_length(out) != length;
		wrong += word(0) != 6 || word(2) != 3 || word(3) != 0x12345678 || word(4) != 0x9abcdef0 ||
			 word(5) != len || word(6) != len + 4 || word(length / 4 - 1) != length;
		wrong += memcmp(out + 28, nsc_packet_bytes(r), len) != 0;
		for (uint32_t i = len; i < padded; i++)
			wrong += out[28 + i] != 0;
		wrong +=
			NSC_PCAPNG_FRAME.head + ((len + NSC_PCAPNG_FRAME.mask) & ~3u) + NSC_PCAPNG_FRAME.tail != length;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Comments of every length modulo 4, behind a bare packet and behind each other. */
START_TEST(pcapng_comments)
{
	const struct nsc_packet_record *r = packet(0, 8);
	uint8_t *end = nsc_pcapng_put_packet(out, r, 0, NSC_PCAPNG_US);
	uint32_t length = NSC_PCAPNG_PACKET + 8 + 4, at = length / 4 - 2;

	for (uint16_t n = 0; n < 6; n++) {
		end = nsc_pcapng_add_comment(out, end, n == 0, (const uint8_t *)"comment", n);
		length += 4 + ((n + 3u) & ~3u);
		ck_assert_ptr_eq(end, out + length);
		ck_assert_uint_eq(nsc_pcapng_block_length(out), length);
		ck_assert_uint_eq(word(length / 4 - 1), length);
		ck_assert_uint_eq(word(length / 4 - 2), 0);
		ck_assert_uint_eq(word(at), 1 | (uint32_t)n << 16);
		ck_assert(!memcmp(out + 4 * (at + 1), "comment", n));
		at += 1 + (n + 3u) / 4;
	}
	end = nsc_pcapng_put_named_interface(out, 1, NSC_PCAPNG_US, 0, "eth0");
	end = nsc_pcapng_add_comment(out, end, false, (const uint8_t *)"uplink", 6);
	ck_assert_ptr_eq(end, out + 52);
	ck_assert_uint_eq(word(8), 1 | 6 << 16);
	ck_assert_uint_eq(word(11), 0);
	ck_assert_uint_eq(word(12), 52);
}
END_TEST

/* A second before 1970 is 2^64 us minus a second, as it came. */
START_TEST(pcapng_before_1970)
{
	nsc_pcapng_put_packet(out, packet((uint64_t) - (int64_t)NSC_NS_PER_SEC, 0), 0, NSC_PCAPNG_US);
	ck_assert_uint_eq((uint64_t)word(3) << 32 | word(4), UINT64_MAX - 1000000 + 1);
	nsc_pcapng_put_packet(out, packet(1700000000 * NSC_NS_PER_SEC + 1999, 0), 0, NSC_PCAPNG_US);
	ck_assert_uint_eq((uint64_t)word(3) << 32 | word(4), 1700000000000001ull);
}
END_TEST

/* Nanoseconds of such a clock count from an offset: 2^63 and 2^64 - 1 are the ends of what is late. */
START_TEST(pcapng_before_1970_in_nanoseconds)
{
	const uint64_t offset = 18437520701672;

	ck_assert_int_eq(nsc_pcapng_clock_of(UINT64_MAX, false), NSC_PCAPNG_LATE_NS);
	ck_assert_int_eq(nsc_pcapng_clock_of((uint64_t)-1000, true), NSC_PCAPNG_US);
	ck_assert_int_eq(nsc_pcapng_clock_of(NSC_TIME_MAX, false), NSC_PCAPNG_NS);
	ck_assert_ptr_eq(nsc_pcapng_put_interface(out, 1, NSC_PCAPNG_LATE_NS, 0), out + NSC_PCAPNG_INTERFACE_MAX);
	ck_assert_uint_eq(word(6), 14 | 8 << 16);
	ck_assert_uint_eq((uint64_t)word(8) << 32 | word(7), offset);
	nsc_pcapng_put_packet(out, packet(UINT64_MAX, 0), 0, NSC_PCAPNG_LATE_NS);
	ck_assert_uint_eq((uint64_t)word(3) << 32 | word(4),
			  (NSC_TIME_WRAP_SECONDS - offset) * NSC_NS_PER_SEC + NSC_TIME_WRAP_NS - 1);
	nsc_pcapng_put_packet(out, packet(1ull << 63, 0), 0, NSC_PCAPNG_LATE_NS);
	ck_assert_uint_eq((uint64_t)word(3) << 32 | word(4), 696840192);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { pcap_header,         pcap_records,
				       pcap_times_that_fit, pcapng_blocks,
				       pcapng_packets,      pcapng_comments,
				       pcapng_before_1970,  pcapng_before_1970_in_nanoseconds };

	return test_main("pcap_format", NULL, NULL, tests, NSC_ARRAY_LEN(tests));
}
