/* SPDX-License-Identifier: MIT
 *
 * The longer forms: IPv6, 128-bit numbers, rates, time of day, JSON strings.
 */
#include "engine/text/format.h"

static char *format_group(char *at, unsigned group)
{
	static const char hex[] = "0123456789abcdef";

	if (group >= 0x1000)
		*at++ = hex[group >> 12];
	if (group >= 0x100)
		*at++ = hex[group >> 8 & 15];
	if (group >= 0x10)
		*at++ = hex[group >> 4 & 15];
	*at++ = hex[group & 15];
	return at;
}

struct zero_run {
	unsigned start, length;
};

/* The first of the longest runs of at least two zero groups; start is 8 when there is none. */
static struct zero_run longest_zero_run(const unsigned group[8])
{
	struct zero_run best = { 8, 1 };
	unsigned length = 0;

	for (unsigned i = 0; i < 8; i++) {
		length = group[i] ? 0 : length + 1;
		if (length > best.length)
			best = (struct zero_run){ i + 1 - length, length };
	}
	return best;
}

char *nsc_format_ipv6(char *at, const uint8_t addr[16])
{
	unsigned group[8], groups = 8;
	struct zero_run run;

	for (unsigned i = 0; i < 8; i++)
		group[i] = (unsigned)addr[2 * i] << 8 | addr[2 * i + 1];
	run = longest_zero_run(group);
	if (run.start == 0 && (run.length == 6 || (run.length == 5 && group[5] == 0xffff)))
		groups = 6;
	for (unsigned i = 0; i < groups; i++) {
		if (i == run.start) {
			*at++ = ':';
			i += run.length - 1;
			if (i == 7)
				*at++ = ':';
			continue;
		}
		if (i)
			*at++ = ':';
		at = format_group(at, group[i]);
	}
	if (groups == 8)
		return at;
	*at++ = ':';
	return nsc_format_ipv4(at, addr + 12);
}

char *nsc_format_ip(char *at, const uint8_t addr[16], unsigned ip_version)
{
	return ip_version == 4 ? nsc_format_ipv4(at, addr) : nsc_format_ipv6(at, addr);
}

char *nsc_format_endpoint(char *at, const uint8_t addr[16], unsigned ip_version, uint16_t port)
{
	if (ip_version != 4)
		*at++ = '[';
	at = nsc_format_ip(at, addr, ip_version);
	if (ip_version != 4)
		*at++ = ']';
	*at++ = ':';
	return nsc_format_u64(at, port);
}

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

/* Splits a time from 2^63 ns on: -ns is how far it lies before 2^64 us. */
static uint64_t late_seconds(uint64_t ns, uint32_t *rest_ns)
{
	uint64_t before = -ns, seconds = NSC_TIME_WRAP_SECONDS - before / NSC_NS_PER_SEC;
	int64_t rest = (int64_t)NSC_TIME_WRAP_NS - (int64_t)(before % NSC_NS_PER_SEC);

	*rest_ns = (uint32_t)(rest < 0 ? rest + (int64_t)NSC_NS_PER_SEC : rest);
	return rest < 0 ? seconds - 1 : seconds;
}

char *nsc_format_late_timestamp(char *at, uint64_t ns)
{
	uint32_t rest_ns;

	at = nsc_format_u64(at, late_seconds(ns, &rest_ns));
	*at++ = '.';
	return nsc_format_nine(at, rest_ns);
}

char *nsc_format_time_of_day(char *at, uint64_t ns)
{
	uint32_t rest_ns = (uint32_t)(ns % NSC_NS_PER_SEC);
	uint64_t seconds = ns > NSC_TIME_MAX ? late_seconds(ns, &rest_ns) : ns / NSC_NS_PER_SEC;
	uint32_t second = (uint32_t)(seconds % 86400), micro = rest_ns / 1000;

	at = nsc_format_pair(at, second / 3600);
	*at++ = ':';
	at = nsc_format_pair(at, second / 60 % 60);
	*at++ = ':';
	at = nsc_format_pair(at, second % 60);
	*at++ = '.';
	at = nsc_format_three(at, micro / 1000);
	return nsc_format_three(at, micro % 1000);
}

/* Bytes of the well-formed UTF-8 character at text, 0 when it is not well-formed (overlong, surrogate, cut). */
static size_t utf8_length(const unsigned char *text, size_t length)
{
	unsigned first = text[0], low = 0x80, high = 0xbf;
	size_t n = first < 0x80                    ? 1
		   : first >= 0xc2 && first < 0xe0 ? 2
		   : first >= 0xe0 && first < 0xf0 ? 3
		   : first >= 0xf0 && first < 0xf5 ? 4
						   : 0;

	if (n > length)
		return 0;
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < n; i++, low = 0x80, high = 0xbf)
		if (text[i] < low || text[i] > high)
			return 0;
	return n;
}

static char *format_json_ascii(char *at, unsigned char c)
{
	static const char hex[] = "0123456789abcdef", named[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (unsigned i = 0; i < sizeof(named) - 1; i += 2) {
		if (c == (unsigned char)named[i]) {
			*at++ = '\\';
			*at++ = named[i + 1];
			return at;
		}
	}
	if (c >= 0x20 && c != 0x7f) {
		*at++ = (char)c;
		return at;
	}
	at = nsc_format_literal(at, "\\u00");
	*at++ = hex[c >> 4];
	*at++ = hex[c & 15];
	return at;
}

char *nsc_format_json_string(char *at, const char *text, size_t length)
{
	const unsigned char *from = (const unsigned char *)text;
	size_t n;

	*at++ = '"';
	for (size_t i = 0; i < length; i += n ? n : 1) {
		n = utf8_length(from + i, length - i);
		if (n == 1) {
			at = format_json_ascii(at, from[i]);
		} else if (n) {
			memcpy(at, from + i, n);
			at += n;
		} else {
			at = nsc_format_literal(at, "\xef\xbf\xbd");
		}
	}
	*at++ = '"';
	return at;
}
