/* SPDX-License-Identifier: MIT
 *
 * The burst: its packets do not know of each other, both directions of a flow find the same place, and the fast path
 * and the walker give the same descriptor for ordinary packets of every size.
 */
#include "packets.h"

static const char tcp4[] = MAC T_IPV4 IPV4_TCP;
static const char udp6[] = MAC "\x81\x00"
			       "\0\5" T_IPV6 IPV6_UDP;
static const char cooked[] = "\0\0\0\1\0\6\2\0\0\0\0\1\0\0" T_IPV4 IPV4_UDP;
static const char arp[] = MAC "\x08\x06"
			      "\0\1\x08\0";

static struct nsc_packet packet_of(const char *bytes, size_t size, enum nsc_link link)
{
	return (struct nsc_packet){
		.data = (const uint8_t *)bytes,
		.cap_len = (uint32_t)size - 1,
		.wire_len = (uint32_t)size - 1,
		.link = link,
	};
}

static struct nsc_packet packet_number(unsigned i, bool only_ethernet)
{
	switch (i % (only_ethernet ? 3 : 4)) {
	case 0:
		return packet_of(tcp4, sizeof(tcp4), NSC_LINK_ETHERNET);
	case 1:
		return packet_of(udp6, sizeof(udp6), NSC_LINK_ETHERNET);
	case 2:
		return packet_of(arp, sizeof(arp), NSC_LINK_ETHERNET);
	default:
		return packet_of(cooked, sizeof(cooked), NSC_LINK_LINUX_SLL);
	}
}

/* Decodes n packets in one burst and one by one; returns how many differ. */
static unsigned count_burst_differences(uint32_t n, bool only_ethernet)
{
	struct nsc_decode_options options = packets_options(false, false);
	struct nsc_packet burst[NSC_BURST_MAX], alone;
	unsigned differences = 0;

	for (uint32_t i = 0; i < n; i++)
		burst[i] = packet_number(i, only_ethernet);
	nsc_decode_burst(&options, burst, n);
	for (uint32_t i = 0; i < n; i++) {
		alone = packet_number(i, only_ethernet);
		nsc_decode_cold(&options, &alone);
		differences += memcmp(&alone, &burst[i], sizeof(alone)) != 0;
	}
	return differences;
}

START_TEST(bursts_of_every_size)
{
	unsigned differences = 0;

	for (uint32_t n = 0; n <= NSC_BURST_MAX; n++)
		differences += count_burst_differences(n, true) + count_burst_differences(n, false);
	ck_assert_uint_eq(differences, 0);
}
END_TEST

/* Swaps addresses and ports in place. */
static void reverse(uint8_t *ip, size_t address, size_t first, size_t ports)
{
	uint8_t t[16];

	memcpy(t, ip + first, address);
	memcpy(ip + first, ip + first + address, address);
	memcpy(ip + first + address, t, address);
	memcpy(t, ip + ports, 2);
	memcpy(ip + ports, ip + ports + 2, 2);
	memcpy(ip + ports + 2, t, 2);
}

static void check_reverse(uint8_t *bytes, size_t size, size_t l3, size_t address, size_t first, size_t ports)
{
	struct nsc_decode_options options = packets_options(false, false);
	struct nsc_packet there = packet_of((char *)bytes, size, NSC_LINK_ETHERNET), back = there;

	nsc_decode_burst(&options, &there, 1);
	reverse(bytes + l3, address, first, ports);
	nsc_decode_burst(&options, &back, 1);
	ck_assert_uint_eq(there.hash, back.hash);
	ck_assert_uint_eq(there.dir, 0);
	ck_assert_uint_eq(back.dir, 1);
	ck_assert_uint_eq(back.src_port, there.dst_port);
}

START_TEST(both_directions_are_one_flow)
{
	uint8_t v4[sizeof(tcp4)], v6[sizeof(udp6)];

	memcpy(v4, tcp4, sizeof(tcp4));
	memcpy(v6, udp6, sizeof(udp6));
	check_reverse(v4, sizeof(v4), 14, 4, 12, 20);
	check_reverse(v6, sizeof(v6), 18, 16, 8, 40);
}
END_TEST

START_TEST(the_seed_decides_the_hash)
{
	struct nsc_decode_options one = packets_options(false, false), other = one;
	struct nsc_packet p = packet_of(tcp4, sizeof(tcp4), NSC_LINK_ETHERNET), q = p;

	other.seed.word[0] ^= 1;
	nsc_decode_burst(&one, &p, 1);
	nsc_decode_burst(&other, &q, 1);
	ck_assert_uint_ne(p.hash, q.hash);
}
END_TEST

/* A header so far into the frame that its offset fits in no 16 bits must not wrap around. */
START_TEST(far_offsets_do_not_wrap)
{
	enum { EXTENSION = 2048, SIZE = 14 + 32 * (40 + 16 * EXTENSION) };
	struct nsc_decode_options options = packets_options(true, false);
	uint8_t *bytes = calloc(1, SIZE);
	struct nsc_packet p = { .data = bytes, .cap_len = SIZE, .wire_len = SIZE, .link = NSC_LINK_RAW_IPV6 };
	uint32_t at = 0;

	ck_assert_ptr_nonnull(bytes);
	for (unsigned layer = 0; layer < 4; layer++) { /* IPv6 in IPv6, each with 15 long routing headers */
		memcpy(bytes + at, IPV6("\xff\xff", "\x2b"), 40);
		at += 40;
		for (unsigned i = 0; i < 15; i++, at += EXTENSION) {
			bytes[at] = i < 14 ? 43 : 41;
			bytes[at + 1] = 255;
		}
	}
	nsc_decode_burst(&options, &p, 1);
	ck_assert(packets_sane(&p));
	ck_assert_uint_eq(p.fate, NSC_FATE_TRUNCATED_L3);
	free(bytes);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, bursts_of_every_size);
	tcase_add_test(tcase, both_directions_are_one_flow);
	tcase_add_test(tcase, the_seed_decides_the_hash);
	tcase_add_test(tcase, far_offsets_do_not_wrap);
}

int main(void)
{
	return packets_run("decode", add);
}
