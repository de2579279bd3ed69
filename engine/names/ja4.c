/* SPDX-License-Identifier: MIT
 *
 * t13d1516h2_8daaf6152771_e5627efa2ab1: transport, version, name, number of ciphers and extensions, first protocol;
 * hash of the sorted ciphers; hash of the sorted extensions (without server name and protocols) and the signature
 * algorithms as they came. After FoxIO's technical_details/JA4.md.
 */
#define OPENSSL_API_COMPAT 10101 /* SHA256_*: see below */

#include "engine/names/ja4.h"

#include <openssl/sha.h>
#include <string.h>

#include "engine/base/hash.h"
#include "engine/names/parser.h"
#include "engine/text/number.h"

enum {
	EXTENSION_NAME = 0,
	EXTENSION_ALPN = 16,
	SORT_LANES = 16,
	VALUE_DIGITS = 5,   /* with a comma */
	SEPARATOR = 0x0a0a, /* between two lists: GREASE, which no list has */
};

void ja4_collect(struct ja4_list *list, uint16_t value)
{
	list->value[NSC_MIN(list->n, JA4_LIST_MAX)] = value;
	list->n += !ja4_is_grease(value);
}

typedef uint16_t ja4_piece __attribute__((vector_size(16)));

enum { PIECE = sizeof(ja4_piece) / sizeof(uint16_t) };

/* Eight values at p become those from list->value[at] on, and the last ones; false when GREASE is among them, or no
 * room. */
static bool ja4_collect_piece(struct ja4_list *list, const uint8_t *p, uint32_t at)
{
	ja4_piece piece, grease;
	uint64_t half[2];

	memcpy(&piece, p, sizeof(piece));
	piece = piece << 8 | piece >> 8;
	grease = (ja4_piece)((piece & 0x0f0f) == 0x0a0a) & (ja4_piece)(piece >> 8 == (piece & 0xff));
	memcpy(half, &grease, sizeof(half));
	if (half[0] | half[1] || at + PIECE > JA4_LIST_MAX)
		return false;
	memcpy(list->value + at, &piece, sizeof(piece));
	list->n = at + PIECE;
	return true;
}

void ja4_collect_all(struct ja4_list *list, const uint8_t *p, uint32_t n)
{
	uint32_t i = 0, before = list->n;

	for (; i < n && ja4_is_grease((uint16_t)name_load16(p + 2 * i)); i++) /* where a browser puts it */
		;
	while (n - i >= PIECE && ja4_collect_piece(list, p + 2 * i, list->n))
		i += PIECE;
	/* what is left, with some of those before it once more */
	if (n - i < PIECE && list->n - before >= PIECE &&
	    ja4_collect_piece(list, p + 2 * (n - PIECE), list->n + (n - i) - PIECE))
		return;
	for (; i < n; i++)
		ja4_collect(list, (uint16_t)name_load16(p + 2 * i));
}

static const struct {
	uint16_t version;
	char text[3];
} version_texts[] = {
	{ 0x0304, "13" }, { 0x0303, "12" }, { 0x0302, "11" }, { 0x0301, "10" }, { 0x0300, "s3" }, { 0x0002, "s2" },
};

static const char *version_text(uint16_t version)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(version_texts); i++)
		if (version_texts[i].version == version)
			return version_texts[i].text;
	return "00";
}

static bool is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* First and last character; when one of them is no letter or digit, first and last of the hexadecimal form. */
static void ja4_write_alpn(char *at, const uint8_t *alpn, uint32_t length)
{
	uint8_t first, last;

	memcpy(at, "00", 2);
	if (!alpn || length == 0)
		return;
	first = alpn[0];
	last = alpn[length - 1];
	if (is_alphanumeric(first) && is_alphanumeric(last)) {
		at[0] = (char)first;
		at[1] = (char)last;
	} else {
		at[0] = nsc_hex_pairs[2 * first];
		at[1] = nsc_hex_pairs[2 * last + 1];
	}
}

/* A value's place is the number of smaller ones: vectors count that, and no branch depends on the order, neither on
 * that which a browser draws nor on the worst one. Of equal values only the first place is set. */
static void ja4_sort(uint16_t *value, uint32_t n)
{
	uint16_t place[JA4_LIST_MAX];
	uint32_t sorted[JA4_LIST_MAX], last = 0, padded = (n + SORT_LANES - 1) & ~(SORT_LANES - 1u);

	for (uint32_t i = n; i < padded; i++)
		value[i] = 0;
	memset(place, 0, padded * sizeof(*place));
	for (uint32_t k = 0; k < n; k++) {
		uint16_t other = value[k];

		for (uint32_t i = 0; i < padded; i++)
			place[i] += value[i] > other;
	}
	memset(sorted, 0xff, n * sizeof(*sorted));
	for (uint32_t i = 0; i < n; i++)
		sorted[place[i]] = value[i];
	for (uint32_t i = 0; i < n; i++) {
		last = sorted[i] == UINT32_MAX ? last : sorted[i];
		value[i] = (uint16_t)last;
	}
}

/* Takes the values out that the fingerprint leaves out. */
static void ja4_leave_out(struct ja4_list *list)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < list->n; i++) {
		list->value[n] = list->value[i];
		n += list->value[i] != EXTENSION_NAME && list->value[i] != EXTENSION_ALPN;
	}
	list->n = n;
}

/* Most types are small: the bits of a word sort those, and leave out two. The few others are sorted behind them. */
static void ja4_sort_extensions(struct ja4_list *list)
{
	uint64_t small = 0;
	uint32_t large = 0, n = 0;
	uint16_t *value = list->value, high[JA4_LIST_MAX];

	for (uint32_t i = 0; i < list->n; i++) {
		small |= value[i] < 64 ? 1ull << value[i] : 0;
		high[large] = value[i];
		large += value[i] >= 64;
	}
	if ((uint32_t)__builtin_popcountll(small) + large != list->n) { /* one comes twice */
		ja4_leave_out(list);
		ja4_sort(value, list->n);
		return;
	}
	for (small &= ~(1ull << EXTENSION_NAME | 1ull << EXTENSION_ALPN); small; small &= small - 1)
		value[n++] = (uint16_t)__builtin_ctzll(small);
	ja4_sort(high, large);
	memcpy(value + n, high, large * sizeof(*value));
	list->n = n + large;
}

/* The hash is libcrypto's, by the functions that OpenSSL 3 calls deprecated: they need no memory and no provider. EVP
 * allocates for each digest, and reads a configuration file at the first one, which the sandbox forbids. */
static void ja4_write_hash(char *at, const char *text, size_t length)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX h;

	SHA256_Init(&h);
	SHA256_Update(&h, text, length);
	SHA256_Final(digest, &h);
	for (unsigned i = 0; i < JA4_HASH_DIGITS / 2; i++)
		at = nsc_format_hex(at, digest[i]);
}

/* Writes the values as "002f,0035_0403"; where they end. */
static char *ja4_write_list(char *at, const struct ja4_list *list)
{
	char *begin = at;

	for (uint32_t i = 0; i < list->n; i++) {
		uint16_t value = list->value[i];

		if (value == SEPARATOR) {
			at[-(at != begin)] = '_';
			at += at == begin;
			continue;
		}
		at = nsc_format_hex(nsc_format_hex(at, (uint8_t)(value >> 8)), (uint8_t)value);
		*at++ = ',';
	}
	return at - 1;
}

/* Are the digits for these values known? *known: where they are, or go when they have been made; NULL for none. */
static bool ja4_recall(struct ja4_cache *cache, struct ja4_list *list, struct ja4_known **known)
{
	size_t bytes = list->n * sizeof(*list->value);
	struct ja4_known *k;

	*known = NULL;
	if (!cache || list->n > JA4_KNOWN_VALUES)
		return false;
	memset(list->value + list->n, 0, sizeof(uint64_t));
	k = &cache->known[nsc_hash_bytes(list->value, bytes) % NSC_ARRAY_LEN(cache->known)];
	*known = k;
	if (k->n == list->n && !memcmp(k->value, list->value, bytes))
		return true;
	k->n = (uint16_t)list->n;
	memcpy(k->value, list->value, bytes);
	return false;
}

/* The digits of a list as it stands: ciphers come in the order that a program has once for all, and so are not sorted
 * before it is known that they must be hashed. */
static void ja4_write_digits(char *at, struct ja4_cache *cache, struct ja4_list *list, bool sorted)
{
	char text[VALUE_DIGITS * JA4_ROOM];
	struct ja4_known *known;

	if (!list->n) {
		memset(at, '0', JA4_HASH_DIGITS);
		return;
	}
	if (ja4_recall(cache, list, &known)) {
		memcpy(at, known->digits, JA4_HASH_DIGITS);
		return;
	}
	if (!sorted)
		ja4_sort(list->value, list->n);
	ja4_write_hash(at, text, (size_t)(ja4_write_list(text, list) - text));
	if (known)
		memcpy(known->digits, at, JA4_HASH_DIGITS);
}

bool ja4_print(struct ja4 *ja4, struct ja4_cache *cache, char text[JA4_LENGTH])
{
	struct ja4_list *extensions = &ja4->extensions, *algorithms = &ja4->algorithms;

	if (ja4->ciphers.n > JA4_LIST_MAX || extensions->n > JA4_LIST_MAX || algorithms->n > JA4_LIST_MAX)
		return false;
	text[0] = ja4->transport;
	memcpy(text + 1, version_text(ja4->version), 2);
	text[3] = ja4->has_name ? 'd' : 'i';
	nsc_format_pair(text + 4, NSC_MIN(ja4->ciphers.n, 99));
	nsc_format_pair(text + 6, NSC_MIN(extensions->n, 99));
	ja4_write_alpn(text + 8, ja4->alpn, ja4->alpn_length);
	text[10] = text[23] = '_';
	ja4_write_digits(text + 11, cache, &ja4->ciphers, false);
	ja4_sort_extensions(extensions);
	if (algorithms->n > 0) {
		extensions->value[extensions->n++] = SEPARATOR;
		memcpy(extensions->value + extensions->n, algorithms->value, algorithms->n * sizeof(uint16_t));
		extensions->n += algorithms->n;
	}
	ja4_write_digits(text + 24, cache, extensions, true);
	return true;
}
