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

#include "engine/text/number.h"

enum {
	EXTENSION_NAME = 0,
	EXTENSION_ALPN = 16,
	HASH_DIGITS = 12,
	SORT_LANES = 16,
	VALUE_DIGITS = 5, /* with a comma */
};

bool ja4_is_grease(uint16_t value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

void ja4_collect(struct ja4_list *list, uint16_t value)
{
	if (ja4_is_grease(value))
		return;
	if (list->n < JA4_LIST_MAX)
		list->value[list->n] = value;
	list->n++;
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
static void ja4_sort(struct ja4_list *list)
{
	uint16_t place[JA4_LIST_MAX] = { 0 };
	uint32_t sorted[JA4_LIST_MAX], last = 0, padded = (list->n + SORT_LANES - 1) & ~(SORT_LANES - 1u);

	for (uint32_t i = list->n; i < padded; i++)
		list->value[i] = 0;
	for (uint32_t k = 0; k < list->n; k++) {
		uint16_t other = list->value[k];

		for (uint32_t i = 0; i < padded; i++)
			place[i] += list->value[i] > other;
	}
	memset(sorted, 0xff, list->n * sizeof(*sorted));
	for (uint32_t i = 0; i < list->n; i++)
		sorted[place[i]] = list->value[i];
	for (uint32_t i = 0; i < list->n; i++) {
		last = sorted[i] == UINT32_MAX ? last : sorted[i];
		list->value[i] = (uint16_t)last;
	}
}

/* The hash is libcrypto's, by the functions that OpenSSL 3 calls deprecated: they need no memory and no provider. EVP
 * allocates for each digest, and reads a configuration file at the first one, which the sandbox forbids. */
static void ja4_write_hash(char *at, const char *text, size_t length)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX h;

	if (!length) {
		memset(at, '0', HASH_DIGITS);
		return;
	}
	SHA256_Init(&h);
	SHA256_Update(&h, text, length);
	SHA256_Final(digest, &h);
	for (unsigned i = 0; i < HASH_DIGITS / 2; i++)
		at = nsc_format_hex(at, digest[i]);
}

/* Writes the values as "002f,0035"; where they end. */
static char *ja4_write_list(char *at, const struct ja4_list *list, bool extensions)
{
	const char *begin = at;

	for (uint32_t i = 0; i < list->n; i++) {
		uint16_t value = list->value[i];

		if (extensions && (value == EXTENSION_NAME || value == EXTENSION_ALPN))
			continue;
		*at = ',';
		at += at != begin;
		at = nsc_format_hex(nsc_format_hex(at, (uint8_t)(value >> 8)), (uint8_t)value);
	}
	return at;
}

bool ja4_print(struct ja4 *ja4, char text[JA4_LENGTH])
{
	char lists[2 * VALUE_DIGITS * JA4_LIST_MAX], *end;

	if (ja4->ciphers.n > JA4_LIST_MAX || ja4->extensions.n > JA4_LIST_MAX || ja4->algorithms.n > JA4_LIST_MAX)
		return false;
	text[0] = ja4->transport;
	memcpy(text + 1, version_text(ja4->version), 2);
	text[3] = ja4->has_name ? 'd' : 'i';
	nsc_format_pair(text + 4, NSC_MIN(ja4->ciphers.n, 99));
	nsc_format_pair(text + 6, NSC_MIN(ja4->extensions.n, 99));
	ja4_write_alpn(text + 8, ja4->alpn, ja4->alpn_length);
	ja4_sort(&ja4->ciphers);
	ja4_sort(&ja4->extensions);
	text[10] = text[23] = '_';
	end = ja4_write_list(lists, &ja4->ciphers, false);
	ja4_write_hash(text + 11, lists, (size_t)(end - lists));
	end = ja4_write_list(lists, &ja4->extensions, true);
	if (ja4->algorithms.n > 0) {
		*end++ = '_';
		end = ja4_write_list(end, &ja4->algorithms, false);
	}
	ja4_write_hash(text + 24, lists, (size_t)(end - lists));
	return true;
}
