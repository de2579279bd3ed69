/* SPDX-License-Identifier: MIT
 *
 * QUIC version 1's first datagrams in generated traffic: Initials under the keys that their connection id gives (RFC
 * 9001, 5.2), with the hello in CRYPTO frames that browsers scatter. Written after the text of the RFC and not after
 * what reads them.
 */
#define OPENSSL_API_COMPAT 10101 /* SHA256_*: unlike EVP's digests they take no memory */

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "gen_internal.h"

enum {
	VERSION = 1,
	ID_BYTES = 8,
	NUMBER_BYTES = 4,
	TAG_BYTES = 16,
	HEADER_BYTES = 1 + 4 + 1 + ID_BYTES + 1 + ID_BYTES + 1 + 2 + NUMBER_BYTES,
	PLAIN_BYTES = GEN_QUIC_BYTES - HEADER_BYTES - TAG_BYTES,
	FRAME_PING = 1,
	FRAME_ACK = 2,
	FRAME_CRYPTO = 6,
	PIECES = 4,    /* of the hello, in one datagram */
	OVERHEAD = 64, /* of their frames */
};

struct gen_quic {
	EVP_CIPHER_CTX *aead, *mask;
	uint8_t hello[GEN_HELLO_MAX];
};

struct quic_keys {
	uint8_t key[16], iv[12], hp[16];
};

int gen_quic_open(struct gen_quic **quic)
{
	struct gen_quic *q = calloc(1, sizeof(*q));

	if (q) {
		q->aead = EVP_CIPHER_CTX_new();
		q->mask = EVP_CIPHER_CTX_new();
	}
	if (!q || !q->aead || !q->mask || EVP_EncryptInit_ex(q->aead, EVP_aes_128_gcm(), NULL, NULL, NULL) != 1 ||
	    EVP_EncryptInit_ex(q->mask, EVP_aes_128_ecb(), NULL, NULL, NULL) != 1) {
		gen_quic_close(q);
		return -1;
	}
	*quic = q;
	return 0;
}

void gen_quic_close(struct gen_quic *quic)
{
	if (!quic)
		return;
	EVP_CIPHER_CTX_free(quic->aead);
	EVP_CIPHER_CTX_free(quic->mask);
	free(quic);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void quic_hmac(const uint8_t *key, uint32_t key_length, const uint8_t *text, uint32_t n, uint8_t out[32])
{
	uint8_t pad[2][SHA256_CBLOCK], inner[SHA256_DIGEST_LENGTH];
	SHA256_CTX h;

	for (uint32_t i = 0; i < SHA256_CBLOCK; i++) {
		uint8_t byte = i < key_length ? key[i] : 0;

		pad[0][i] = byte ^ 0x36;
		pad[1][i] = byte ^ 0x5c;
	}
	SHA256_Init(&h);
	SHA256_Update(&h, pad[0], sizeof(pad[0]));
	SHA256_Update(&h, text, n);
	SHA256_Final(inner, &h);
	SHA256_Init(&h);
	SHA256_Update(&h, pad[1], sizeof(pad[1]));
	SHA256_Update(&h, inner, sizeof(inner));
	SHA256_Final(out, &h);
}

static void quic_expand(const uint8_t secret[32], const char *label, uint8_t *out, uint32_t n)
{
	uint32_t length = (uint32_t)strlen(label), at = 0;
	uint8_t info[40], block[32];

	info[at++] = 0;
	info[at++] = (uint8_t)n;
	info[at++] = (uint8_t)(6 + length);
	memcpy(info + at, "tls13 ", 6);
	memcpy(info + at + 6, label, length);
	at += 6 + length;
	info[at++] = 0; /* no context */
	info[at++] = 1; /* the first block is enough */
	quic_hmac(secret, 32, info, at, block);
	memcpy(out, block, n);
}

static void quic_make_keys(const uint8_t id[ID_BYTES], uint32_t dir, struct quic_keys *keys)
{
	static const uint8_t salt[20] = { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
					  0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a };
	uint8_t initial[32], secret[32];

	quic_hmac(salt, sizeof(salt), id, ID_BYTES, initial);
	quic_expand(initial, dir == 0 ? "client in" : "server in", secret, 32);
	quic_expand(secret, "quic key", keys->key, sizeof(keys->key));
	quic_expand(secret, "quic iv", keys->iv, sizeof(keys->iv));
	quic_expand(secret, "quic hp", keys->hp, sizeof(keys->hp));
}

/* --- packets ---------------------------------------------------------------------------------- */

/* The client's own connection id has no bytes; the server's is drawn. */
static uint32_t quic_put_header(uint64_t identity, uint32_t dir, uint32_t number, uint8_t *out)
{
	uint64_t id = gen_mix(identity + 10 + dir);
	uint32_t at = 0, rest;

	out[at++] = 0xc0 | (NUMBER_BYTES - 1);
	gen_put32(out + at, VERSION);
	at += 4;
	out[at++] = dir == 0 ? ID_BYTES : 0;
	if (dir == 0) {
		memcpy(out + at, &id, ID_BYTES);
		at += ID_BYTES;
	}
	out[at++] = dir == 0 ? 0 : ID_BYTES;
	if (dir == 1) {
		memcpy(out + at, &id, ID_BYTES);
		at += ID_BYTES;
	}
	out[at++] = 0; /* no token */
	rest = GEN_QUIC_BYTES - at - 2;
	gen_put16(out + at, 0x4000 | rest);
	gen_put32(out + at + 2, number);
	return at + 2 + NUMBER_BYTES;
}

static void quic_seal(struct gen_quic *q, const struct quic_keys *keys, uint32_t number, uint32_t header,
		      const uint8_t *plain, uint8_t *out)
{
	uint32_t n = GEN_QUIC_BYTES - header - TAG_BYTES;
	uint8_t nonce[12], mask[16];
	int length;

	memcpy(nonce, keys->iv, sizeof(nonce));
	for (uint32_t i = 0; i < 4; i++)
		nonce[8 + i] ^= (uint8_t)(number >> (24 - 8 * i));
	EVP_EncryptInit_ex(q->aead, NULL, NULL, keys->key, nonce);
	EVP_EncryptUpdate(q->aead, NULL, &length, out, (int)header);
	EVP_EncryptUpdate(q->aead, out + header, &length, plain, (int)n);
	EVP_EncryptFinal_ex(q->aead, out + header + length, &length);
	EVP_CIPHER_CTX_ctrl(q->aead, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, out + header + n);
	EVP_EncryptInit_ex(q->mask, NULL, NULL, keys->hp, NULL);
	EVP_EncryptUpdate(q->mask, mask, &length, out + header, sizeof(mask)); /* the number has four bytes */
	out[0] ^= mask[0] & 0x0f;
	for (uint32_t i = 0; i < NUMBER_BYTES; i++)
		out[header - NUMBER_BYTES + i] ^= mask[1 + i];
}

static uint32_t quic_put_crypto(uint8_t *out, const uint8_t *hello, uint32_t start, uint32_t end)
{
	out[0] = FRAME_CRYPTO;
	gen_put16(out + 1, 0x4000 | start);
	gen_put16(out + 3, 0x4000 | (end - start));
	memcpy(out + 5, hello + start, end - start);
	return 5 + end - start;
}

/* hello[start, end) in pieces of different lengths, the later ones first in half of the datagrams; PING and padding
 * among them. */
static void quic_scatter(struct gen_random *random, const uint8_t *hello, uint32_t start, uint32_t end, uint8_t *plain)
{
	uint64_t roll = gen_random(random);
	uint32_t cut[PIECES + 1], at = 0;

	for (uint32_t i = 0; i <= PIECES; i++)
		cut[i] = start + (end - start) * i / PIECES;
	for (uint32_t i = 1; i < PIECES; i++)
		cut[i] -= gen_scale((uint32_t)gen_random(random), (end - start) / PIECES / 2 + 1);
	for (uint32_t i = 0; i < PIECES; i++) {
		uint32_t piece = roll & 1 ? PIECES - 1 - i : (i + (uint32_t)(roll >> 62)) % PIECES;

		at += quic_put_crypto(plain + at, hello, cut[piece], cut[piece + 1]);
		if (roll >> i & 2)
			plain[at++] = FRAME_PING;
		at += (uint32_t)(roll >> (8 + 2 * i) & 3);
	}
	assert(at <= PLAIN_BYTES);
}

uint32_t gen_quic_datagrams(struct nsc_gen *gen, const struct gen_flow *flow)
{
	uint32_t n = gen_hello_quic(gen, flow, 0, gen->quic->hello);

	return (n + PLAIN_BYTES - OVERHEAD - 1) / (PLAIN_BYTES - OVERHEAD);
}

void gen_quic_datagram(struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint32_t number, uint8_t *out)
{
	uint64_t identity = gen_identity(gen, flow->connection), id = gen_mix(identity + 10);
	struct gen_random random = { .state = identity + 20 + 2 * number + dir };
	uint32_t n = gen_hello_quic(gen, flow, dir, gen->quic->hello), part = PLAIN_BYTES - OVERHEAD;
	uint32_t header = quic_put_header(identity, dir, number, out);
	uint8_t plain[GEN_QUIC_BYTES] = { 0 };
	struct quic_keys keys;

	assert(number * part < n);
	if (dir == 0) {
		quic_scatter(&random, gen->quic->hello, number * part, NSC_MIN(n, (number + 1) * part), plain);
	} else {
		memcpy(plain, (const uint8_t[]){ FRAME_ACK, 0, 0, 0, 0 }, 5);
		quic_put_crypto(plain + 5, gen->quic->hello, 0, NSC_MIN(n, part));
	}
	quic_make_keys((const uint8_t *)&id, dir, &keys);
	quic_seal(gen->quic, &keys, number, header, plain, out);
}
