/* SPDX-License-Identifier: MIT
 *
 * The tables, and the forms that are not hot.
 */
#include "engine/text/number.h"

/* clang-format off */
const char nsc_digit_pairs[200] = {
	"00010203040506070809"
	"10111213141516171819"
	"20212223242526272829"
	"30313233343536373839"
	"40414243444546474849"
	"50515253545556575859"
	"60616263646566676869"
	"70717273747576777879"
	"80818283848586878889"
	"90919293949596979899"
};

const uint64_t nsc_powers_of_ten[20] = {
	1ull, 10ull, 100ull, 1000ull, 10000ull,
	100000ull, 1000000ull, 10000000ull, 100000000ull, 1000000000ull,
	10000000000ull, 100000000000ull, 1000000000000ull, 10000000000000ull, 100000000000000ull,
	1000000000000000ull, 10000000000000000ull, 100000000000000000ull, 1000000000000000000ull, 10000000000000000000ull,
};

const char nsc_hex_pairs[513] =
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
	"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
	"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
	"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
	"a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
	"c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
	"e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
/* clang-format on */

char *nsc_format_u128(char *at, unsigned __int128 value)
{
	const uint64_t part = 1000000000000000000ull; /* 18 digits: two times nine */
	uint64_t low;

	if (value <= UINT64_MAX)
		return nsc_format_u64(at, (uint64_t)value);
	low = (uint64_t)(value % part);
	at = nsc_format_u128(at, value / part);
	at = nsc_format_nine(at, (uint32_t)(low / NSC_NS_PER_SEC));
	return nsc_format_nine(at, (uint32_t)(low % NSC_NS_PER_SEC));
}

char *nsc_format_thousandths(char *at, unsigned __int128 value)
{
	if (nsc_likely(value <= UINT64_MAX)) {
		at = nsc_format_u64(at, (uint64_t)value / 1000);
		*at++ = '.';
		return nsc_format_three(at, (uint32_t)((uint64_t)value % 1000));
	}
	at = nsc_format_u128(at, value / 1000);
	*at++ = '.';
	return nsc_format_three(at, (uint32_t)(value % 1000));
}

unsigned __int128 nsc_bps_thousandths(uint64_t bytes, uint64_t duration_ns)
{
	const uint64_t scale = 8 * NSC_NS_PER_SEC * 1000;
	uint64_t scaled;

	if (!duration_ns)
		return 0;
	/* Nearly every flow is below 2.3 MB, where a 64-bit division will do. */
	if (nsc_likely(!__builtin_mul_overflow(bytes, scale, &scaled) &&
		       !__builtin_add_overflow(scaled, duration_ns / 2, &scaled)))
		return scaled / duration_ns;
	return ((unsigned __int128)bytes * scale + duration_ns / 2) / duration_ns;
}

char *nsc_format_grouped(char *at, uint64_t value)
{
	char digits[NSC_FORMAT_U64_MAX];
	size_t n = (size_t)(nsc_format_u64(digits, value) - digits);

	for (size_t i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	return at;
}
