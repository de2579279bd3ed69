/* SPDX-License-Identifier: MIT
 *
 * Hashes come from libcrypto's SHA256_* and ciphers from contexts that were set up at open, for the same reason as in
 * ja4.c: with these, no call on the packet path takes memory.
 */
#define OPENSSL_API_COMPAT 10101 /* SHA256_*: see ja4.c */

#include "engine/names/quic.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "engine/names/ja4.h"
#include "engine/names/parser.h"

enum {
	LONG_HEADER = 0xc0, /* with the fixed bit */
	TYPE_MASK = 0x30,
	DATAGRAM_MIN = 1200, /* that a client's first one has */
	PACKETS_MAX = 4,     /* of one datagram */
	PACKET_MAX = 4096,   /* a larger one is not opened */
	FRAMES_MAX = 256,
	TAG = 16,
	SAMPLE = 16,
	FRAME_PADDING = 0,
	FRAME_PING = 1,
	FRAME_ACK = 2,
	FRAME_ACK_ECN = 3,
	FRAME_CRYPTO = 6,
};

static const struct quic_version {
	uint32_t version;
	uint8_t initial; /* the type of an Initial, in place */
	uint8_t salt[20];
	const char *key, *iv, *hp;
} quic_versions[] = {
	{ 1,
	  0x00,
	  { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
	    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a },
	  "quic key",
	  "quic iv",
	  "quic hp" },
	{ 0x6b3343cf,
	  0x10,
	  { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
	    0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 },
	  "quicv2 key",
	  "quicv2 iv",
	  "quicv2 hp" },
};

struct nsc_quic {
	EVP_CIPHER_CTX *aead, *mask;
	uint32_t tries;
	uint8_t header[PACKET_MAX], plain[PACKET_MAX];
	struct ja4_cache ja4s;
};

static const struct quic_version *quic_find_version(uint32_t version)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(quic_versions); i++)
		if (quic_versions[i].version == version)
			return &quic_versions[i];
	return NULL;
}

void nsc_quic_close(struct nsc_quic *quic)
{
	if (!quic)
		return;
	EVP_CIPHER_CTX_free(quic->aead);
	EVP_CIPHER_CTX_free(quic->mask);
	free(quic);
}

/* What fails here fails again in nsc_quic_open, which says so. */
void nsc_quic_start_alone(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
				    OPENSSL_INIT_NO_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_ATEXIT,
			    NULL);
}

int nsc_quic_open(struct nsc_quic **quic, struct nsc_error *error)
{
	struct nsc_quic *new = calloc(1, sizeof(*new));

	if (new) {
		new->aead = EVP_CIPHER_CTX_new();
		new->mask = EVP_CIPHER_CTX_new();
	}
	if (!new || !new->aead || !new->mask ||
	    EVP_DecryptInit_ex(new->aead, EVP_aes_128_gcm(), NULL, NULL, NULL) != 1 ||
	    EVP_EncryptInit_ex(new->mask, EVP_aes_128_ecb(), NULL, NULL, NULL) != 1) {
		nsc_quic_close(new);
		return nsc_fail(error, -ENOMEM, "no memory for the keys of QUIC");
	}
	*quic = new;
	return 0;
}

/* --- keys ------------------------------------------------------------------------------------- */

struct hmac { /* HMAC-SHA256 with its key taken in: RFC 2104 */
	SHA256_CTX inner, outer;
};

static void hmac_init(struct hmac *h, const uint8_t *key, uint32_t length)
{
	uint8_t pad[SHA256_CBLOCK];

	memset(pad, 0x36, sizeof(pad));
	for (uint32_t i = 0; i < length; i++)
		pad[i] ^= key[i];
	SHA256_Init(&h->inner);
	SHA256_Update(&h->inner, pad, sizeof(pad));
	for (uint32_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	SHA256_Init(&h->outer);
	SHA256_Update(&h->outer, pad, sizeof(pad));
}

static void hmac_of(const struct hmac *h, const void *text, size_t length, uint8_t digest[SHA256_DIGEST_LENGTH])
{
	SHA256_CTX inner = h->inner, outer = h->outer;

	SHA256_Update(&inner, text, length);
	SHA256_Final(digest, &inner);
	SHA256_Update(&outer, digest, SHA256_DIGEST_LENGTH);
	SHA256_Final(digest, &outer);
}

/* HKDF-Expand-Label of RFC 8446, 7.1, without a context and of at most one hash. */
static void hkdf_expand(const struct hmac *h, const char *label, uint8_t *out, uint32_t length)
{
	uint8_t text[32] = { 0 }, digest[SHA256_DIGEST_LENGTH];
	uint32_t n = (uint32_t)strlen(label);

	text[1] = (uint8_t)length;
	text[2] = (uint8_t)(6 + n);
	memcpy(text + 3, "tls13 ", 6);
	memcpy(text + 9, label, n);
	text[9 + n + 1] = 1; /* behind the empty context: the first block */
	hmac_of(h, text, 9 + n + 2, digest);
	memcpy(out, digest, length);
}

bool nsc_quic_derive(uint32_t version, const uint8_t *id, uint32_t length, struct nsc_quic_keys *keys)
{
	const struct quic_version *v = quic_find_version(version);
	uint8_t secret[SHA256_DIGEST_LENGTH];
	struct hmac h;

	if (!v || length > NSC_QUIC_ID_MAX)
		return false;
	hmac_init(&h, v->salt, sizeof(v->salt));
	hmac_of(&h, id, length, secret);
	hmac_init(&h, secret, sizeof(secret));
	hkdf_expand(&h, "client in", secret, sizeof(secret));
	hmac_init(&h, secret, sizeof(secret));
	hkdf_expand(&h, v->key, keys->key, sizeof(keys->key));
	hkdf_expand(&h, v->iv, keys->iv, sizeof(keys->iv));
	hkdf_expand(&h, v->hp, keys->hp, sizeof(keys->hp));
	return true;
}

/* --- packets ---------------------------------------------------------------------------------- */

struct quic_reader {
	const uint8_t *p;
	uint32_t at, n;
	bool bad; /* more was asked for than is there */
};

static uint64_t quic_read(struct quic_reader *r, uint32_t bytes)
{
	uint64_t value = 0;

	if (r->bad || r->n - r->at < bytes) {
		r->bad = true;
		return 0;
	}
	while (bytes--)
		value = value << 8 | r->p[r->at++];
	return value;
}

static uint64_t quic_read_varint(struct quic_reader *r)
{
	uint32_t bytes = r->at < r->n ? 1u << (r->p[r->at] >> 6) : 1;
	uint64_t value = quic_read(r, bytes);

	return value & (UINT64_MAX >> (66 - 8 * bytes));
}

static const uint8_t *quic_skip(struct quic_reader *r, uint64_t bytes)
{
	const uint8_t *start = r->p + r->at;

	if (r->bad || r->n - r->at < bytes) {
		r->bad = true;
		return NULL;
	}
	r->at += (uint32_t)bytes;
	return start;
}

struct quic_packet { /* with a long header */
	const uint8_t *start, *id;
	uint32_t version;
	uint32_t number_at; /* of the packet number, from start */
	uint32_t length;    /* of all, from start */
	uint8_t id_length;
	bool initial;
};

/* Reads the header at the reader and moves behind the packet. */
static bool quic_read_header(struct quic_reader *r, struct quic_packet *packet)
{
	uint32_t start = r->at;
	uint8_t first = (uint8_t)quic_read(r, 1);
	const struct quic_version *v;
	uint64_t rest;

	if ((first & LONG_HEADER) != LONG_HEADER)
		return false;
	packet->start = r->p + start;
	packet->version = (uint32_t)quic_read(r, 4);
	packet->id_length = (uint8_t)quic_read(r, 1);
	packet->id = quic_skip(r, packet->id_length);
	quic_skip(r, quic_read(r, 1));
	v = r->bad ? NULL : quic_find_version(packet->version);
	if (!v || packet->id_length > NSC_QUIC_ID_MAX)
		return false;
	packet->initial = (first & TYPE_MASK) == v->initial;
	if (packet->initial)
		quic_skip(r, quic_read_varint(r)); /* token */
	rest = quic_read_varint(r);
	packet->number_at = r->at - start;
	quic_skip(r, rest);
	packet->length = r->at - start;
	return !r->bad;
}

bool nsc_quic_begins(const uint8_t *p, uint32_t n, uint32_t wire)
{
	const struct quic_version *v;

	if (n < wire || n < DATAGRAM_MIN || (p[0] & LONG_HEADER) != LONG_HEADER)
		return false;
	v = quic_find_version(name_load32(p + 1));
	return v && (p[0] & TYPE_MASK) == v->initial;
}

static bool quic_aead_open(struct nsc_quic *quic, const struct quic_packet *packet, const struct nsc_quic_keys *keys,
			   uint32_t number_length, uint32_t number, uint32_t *plain_length)
{
	uint32_t header = packet->number_at + number_length, n = packet->length - header - TAG;
	uint8_t nonce[12], tag[TAG];
	int length;

	memcpy(nonce, keys->iv, sizeof(nonce));
	for (unsigned i = 0; i < 4; i++)
		nonce[8 + i] ^= (uint8_t)(number >> (24 - 8 * i));
	memcpy(tag, packet->start + packet->length - TAG, TAG);
	*plain_length = n;
	return EVP_DecryptInit_ex(quic->aead, NULL, NULL, keys->key, nonce) == 1 &&
	       EVP_DecryptUpdate(quic->aead, NULL, &length, quic->header, (int)header) == 1 &&
	       EVP_DecryptUpdate(quic->aead, quic->plain, &length, packet->start + header, (int)n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(quic->aead, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1 &&
	       EVP_DecryptFinal_ex(quic->aead, quic->plain + length, &length) == 1;
}

/* The header without its protection stands in quic->header afterwards, what the packet holds in quic->plain. */
static bool quic_open_with(struct nsc_quic *quic, const struct quic_packet *packet, const struct nsc_quic_keys *keys,
			   uint32_t *plain_length)
{
	uint32_t number_length, number = 0;
	uint8_t mask[SAMPLE];
	int length;

	quic->tries++;
	memcpy(quic->header, packet->start, packet->number_at + 4);
	if (EVP_EncryptInit_ex(quic->mask, NULL, NULL, keys->hp, NULL) != 1 ||
	    EVP_EncryptUpdate(quic->mask, mask, &length, packet->start + packet->number_at + 4, SAMPLE) != 1)
		return false;
	quic->header[0] ^= mask[0] & 0x0f;
	number_length = (quic->header[0] & 3) + 1u;
	for (uint32_t i = 0; i < number_length; i++) {
		quic->header[packet->number_at + i] ^= mask[1 + i];
		number = number << 8 | quic->header[packet->number_at + i];
	}
	return quic_aead_open(quic, packet, keys, number_length, number, plain_length);
}

/* The keys of a flow come from the first connection id. After a Retry the client begins again with another one. */
static bool quic_open_packet(struct nsc_quic *quic, const struct quic_packet *packet, struct nsc_name_block *block,
			     uint32_t *plain_length)
{
	struct nsc_quic_keys keys;
	bool known = block->quic_version == packet->version;

	if (packet->length > PACKET_MAX || packet->length < packet->number_at + 4 + SAMPLE)
		return false;
	if (known) {
		if (quic_open_with(quic, packet, &block->quic_keys, plain_length))
			return true;
		if (packet->id_length == block->quic_id_length &&
		    !memcmp(packet->id, block->quic_id, packet->id_length))
			return false;
	}
	if (!nsc_quic_derive(packet->version, packet->id, packet->id_length, &keys) ||
	    !quic_open_with(quic, packet, &keys, plain_length))
		return false;
	nsc_name_block_clear(block);
	block->quic_version = packet->version;
	block->quic_id_length = packet->id_length;
	memcpy(block->quic_id, packet->id, packet->id_length);
	block->quic_keys = keys;
	return true;
}

static void quic_skip_ack(struct quic_reader *r, bool ecn)
{
	uint64_t ranges;

	quic_read_varint(r);
	quic_read_varint(r);
	ranges = quic_read_varint(r);
	quic_read_varint(r);
	for (uint64_t i = 0; i < ranges && !r->bad; i++) {
		quic_read_varint(r);
		quic_read_varint(r);
	}
	for (unsigned i = 0; ecn && i < 3; i++)
		quic_read_varint(r);
}

static void quic_take_crypto(struct quic_reader *r, struct nsc_name_block *block)
{
	uint64_t offset = quic_read_varint(r), length = quic_read_varint(r);
	const uint8_t *p = quic_skip(r, length);

	if (p && offset < NSC_NAME_STREAM_MAX)
		nsc_name_block_put(block, (uint32_t)offset, p, (uint32_t)length);
}

/* Padding is a frame of one byte, and most of a client's first packet. */
static void quic_skip_padding(struct quic_reader *r)
{
	uint64_t eight;

	while (r->n - r->at >= sizeof(eight)) {
		memcpy(&eight, r->p + r->at, sizeof(eight));
		if (eight)
			break;
		r->at += sizeof(eight);
	}
	while (r->at < r->n && r->p[r->at] == FRAME_PADDING)
		r->at++;
}

static void quic_read_frames(const uint8_t *plain, uint32_t n, struct nsc_name_block *block)
{
	struct quic_reader r = { .p = plain, .n = n };

	for (unsigned frames = 0; r.at < r.n && !r.bad && frames < FRAMES_MAX; frames++) {
		uint8_t type = r.p[r.at++];

		if (type == FRAME_PADDING)
			quic_skip_padding(&r);
		else if (type == FRAME_ACK || type == FRAME_ACK_ECN)
			quic_skip_ack(&r, type == FRAME_ACK_ECN);
		else if (type == FRAME_CRYPTO)
			quic_take_crypto(&r, block);
		else if (type != FRAME_PING)
			return; /* nothing else may precede the hello */
	}
}

/* The hello as far as it is there. */
static enum nsc_name_verdict quic_read_hello(struct nsc_quic *quic, const struct nsc_name_block *block,
					     struct nsc_named *named)
{
	uint32_t n = nsc_name_block_length(block);

	if (n < 4)
		return NSC_NAME_MORE;
	if (block->data[0] != 1)
		return NSC_NAME_NO;
	if (n < 4 + name_load24(block->data + 1) && n < NSC_NAME_STREAM_MAX)
		return NSC_NAME_MORE;
	name_read_hello(block->data, n, 'q', &quic->ja4s, named);
	return NSC_NAME_FOUND;
}

uint32_t nsc_quic_tries(const struct nsc_quic *quic)
{
	return quic->tries;
}

enum nsc_name_verdict nsc_quic_datagram(struct nsc_quic *quic, const uint8_t *p, uint32_t n,
					struct nsc_name_block *block, struct nsc_named *named)
{
	struct quic_reader r = { .p = p, .n = n };
	struct quic_packet packet;
	enum nsc_name_verdict verdict;
	uint32_t plain_length;
	bool opened = false;

	quic->tries = 0;
	memset(named, 0, offsetof(struct nsc_named, name));
	for (unsigned i = 0; i < PACKETS_MAX && r.at < r.n && quic_read_header(&r, &packet); i++) {
		if (!packet.initial || !quic_open_packet(quic, &packet, block, &plain_length))
			continue;
		opened = true;
		quic_read_frames(quic->plain, plain_length, block);
	}
	verdict = opened ? quic_read_hello(quic, block, named) : NSC_NAME_NO;
	if (verdict == NSC_NAME_FOUND) {
		named->app = NSC_APP_QUIC;
		named->source = NSC_APP_SOURCE_PAYLOAD;
	}
	return verdict;
}
