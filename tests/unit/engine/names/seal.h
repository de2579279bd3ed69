/* SPDX-License-Identifier: MIT
 *
 * The other side of engine/names/quic.c: protects a client's Initial. Written after RFC 9001, 5, with libcrypto's EVP.
 */
#ifndef TEST_NAMES_SEAL_H
#define TEST_NAMES_SEAL_H

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "engine/names/quic.h"

struct seal {
	uint32_t version;
	const char *id; /* from which the keys come, and, unless `shown` is set, in the header */
	uint32_t id_length;
	const char *shown; /* another connection id in the header, of the same length */
	const char *source;
	uint32_t source_length;
	const char *token;
	uint32_t token_length;
	uint32_t number;
};

static inline uint32_t seal_header(uint8_t *out, const struct seal *s, uint32_t length)
{
	uint32_t at = 0;

	out[at++] = s->version == 1 ? 0xc3 : 0xd3;
	for (int shift = 24; shift >= 0; shift -= 8)
		out[at++] = (uint8_t)(s->version >> shift);
	out[at++] = (uint8_t)s->id_length;
	memcpy(out + at, s->shown ? s->shown : s->id, s->id_length);
	at += s->id_length;
	out[at++] = (uint8_t)s->source_length;
	if (s->source_length)
		memcpy(out + at, s->source, s->source_length);
	at += s->source_length;
	out[at++] = (uint8_t)s->token_length;
	if (s->token_length)
		memcpy(out + at, s->token, s->token_length);
	at += s->token_length;
	out[at++] = (uint8_t)(0x40 | length >> 8);
	out[at++] = (uint8_t)length;
	for (int shift = 24; shift >= 0; shift -= 8)
		out[at++] = (uint8_t)(s->number >> shift);
	return at;
}

/* An Initial whose frames are frames[0..n) and padding to `plain` bytes; its length. */
static inline uint32_t seal_initial(uint8_t *out, const struct seal *s, const uint8_t *frames, uint32_t n,
				    uint32_t plain)
{
	EVP_CIPHER_CTX *aead = EVP_CIPHER_CTX_new(), *mask = EVP_CIPHER_CTX_new();
	uint32_t header = seal_header(out, s, 4 + plain + 16);
	struct nsc_quic_keys keys;
	uint8_t text[2048] = { 0 }, bits[16];
	int length;

	memcpy(text, frames, n);
	if (!nsc_quic_derive(s->version, (const uint8_t *)s->id, s->id_length, &keys))
		abort();
	for (int i = 0; i < 4; i++)
		keys.iv[8 + i] ^= out[header - 4 + (uint32_t)i];
	EVP_EncryptInit_ex(aead, EVP_aes_128_gcm(), NULL, keys.key, keys.iv);
	EVP_EncryptUpdate(aead, NULL, &length, out, (int)header);
	EVP_EncryptUpdate(aead, out + header, &length, text, (int)plain);
	EVP_EncryptFinal_ex(aead, out + header + length, &length);
	EVP_CIPHER_CTX_ctrl(aead, EVP_CTRL_AEAD_GET_TAG, 16, out + header + plain);
	EVP_EncryptInit_ex(mask, EVP_aes_128_ecb(), NULL, keys.hp, NULL);
	EVP_EncryptUpdate(mask, bits, &length, out + header, 16);
	out[0] ^= bits[0] & 0x0f;
	for (uint32_t i = 0; i < 4; i++)
		out[header - 4 + i] ^= bits[1 + i];
	EVP_CIPHER_CTX_free(aead);
	EVP_CIPHER_CTX_free(mask);
	return header + plain + 16;
}

/* A CRYPTO frame with data[start, end); its length. */
static inline uint32_t seal_crypto(uint8_t *out, const uint8_t *data, uint32_t start, uint32_t end)
{
	out[0] = 6;
	out[1] = (uint8_t)(0x40 | start >> 8);
	out[2] = (uint8_t)start;
	out[3] = (uint8_t)(0x40 | (end - start) >> 8);
	out[4] = (uint8_t)(end - start);
	memcpy(out + 5, data + start, end - start);
	return 5 + end - start;
}

#endif
