/* SPDX-License-Identifier: MIT
 *
 * The hash has to spread what real traffic looks like: neighbouring addresses and ports. Low bits find the bucket,
 * high bits steer, and those between tell entries of one bucket apart, so each group is tested by itself.
 */
#include "packets.h"

#include "engine/decode/hash.h"

enum { BINS = 256, KEYS = 1 << 18 };

/* Chi-square over 256 bins has mean 255 and deviation 22.6: a good hash passes 400 less than once in 10^7 times. */
#define CHI_SQUARE_MAX 400.0

typedef uint32_t (*hash_of)(unsigned i);

static double chi_square(hash_of hash, unsigned shift)
{
	static uint32_t bins[BINS];
	double sum = 0, expected = (double)KEYS / BINS;

	memset(bins, 0, sizeof(bins));
	for (unsigned i = 0; i < KEYS; i++)
		bins[hash(i) >> shift & (BINS - 1)]++;
	for (unsigned i = 0; i < BINS; i++)
		sum += (bins[i] - expected) * (bins[i] - expected) / expected;
	return sum;
}

static uint32_t hash_ports(unsigned i) /* one client, one server: all ports, both sides */
{
	uint64_t a = 0x0a000001ull << 16 | (i & 0xffff), b = 0x0a000002ull << 16 | (80 + (i >> 16));

	return nsc_hash_ipv4(&packets_seed, a, b, 6);
}

static uint32_t hash_addresses(unsigned i) /* a scan of neighbours */
{
	return nsc_hash_ipv4(&packets_seed, (0x0a000000ull + i) << 16 | 40000, 0xc0a80101ull << 16 | 443, 6);
}

static uint32_t hash_strides(unsigned i) /* addresses that differ only in their upper bits */
{
	return nsc_hash_ipv4(&packets_seed, (uint64_t)(i << 14) << 16 | 53, 0xf0000000ull << 16 | 53, 17);
}

static uint32_t hash_six(unsigned i) /* one prefix, neighbouring interface identifiers */
{
	uint8_t a[16] = { 0xfd }, b[16] = { 0xfd, 1 };

	a[15] = (uint8_t)i;
	a[14] = (uint8_t)(i >> 8);
	return nsc_hash_ipv6(&packets_seed, a, b, (uint16_t)(1024 + (i >> 16)), 443, 6);
}

static uint32_t hash_six_ports(unsigned i)
{
	static const uint8_t a[16] = { 0xfd }, b[16] = { 0xfd, 1 };

	return nsc_hash_ipv6(&packets_seed, a, b, (uint16_t)i, (uint16_t)(443 + (i >> 16)), 6);
}

START_TEST(every_group_of_bits_is_even)
{
	static const hash_of hashes[] = { hash_ports, hash_addresses, hash_strides, hash_six, hash_six_ports };
	unsigned uneven = 0;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(hashes); i++) {
		for (unsigned shift = 0; shift <= 24; shift += 4) {
			double chi = chi_square(hashes[i], shift);

			if (chi > CHI_SQUARE_MAX)
				printf("hash %u, bits %u..%u: chi-square %.0f\n", i, shift, shift + 7, chi);
			uneven += chi > CHI_SQUARE_MAX;
		}
	}
	ck_assert_uint_eq(uneven, 0);
}
END_TEST

/* One bit of the key changes half of the hash, on average and not far from it. */
START_TEST(every_bit_of_the_key_counts)
{
	uint64_t state = 7;
	unsigned weak = 0;

	for (unsigned bit = 0; bit < 48; bit++) {
		unsigned changed = 0;

		for (unsigned i = 0; i < 1000; i++) {
			uint64_t a = packets_random(&state) >> 16, b = packets_random(&state) >> 16;

			changed += (unsigned)__builtin_popcount(nsc_hash_ipv4(&packets_seed, a, b, 6) ^
								nsc_hash_ipv4(&packets_seed, a ^ 1ull << bit, b, 6));
		}
		weak += changed < 15000 || changed > 17000;
	}
	ck_assert_uint_eq(weak, 0);
}
END_TEST

START_TEST(the_protocol_counts)
{
	static const uint8_t a[16] = { 0xfd }, b[16] = { 0xfe };

	ck_assert_uint_ne(nsc_hash_ipv4(&packets_seed, 1, 2, 6), nsc_hash_ipv4(&packets_seed, 1, 2, 17));
	ck_assert_uint_ne(nsc_hash_ipv6(&packets_seed, a, b, 1, 2, 6), nsc_hash_ipv6(&packets_seed, a, b, 1, 2, 17));
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, every_group_of_bits_is_even);
	tcase_add_test(tcase, every_bit_of_the_key_counts);
	tcase_add_test(tcase, the_protocol_counts);
}

int main(void)
{
	return packets_run("hash", add);
}
