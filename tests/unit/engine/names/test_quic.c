/* SPDX-License-Identifier: MIT
 *
 * Initials: the vectors of RFC 9001 and RFC 9369, and what clients do with their hellos.
 */
#include "tests/unit/engine/check_main.h"

#include <stdio.h>

#include <openssl/crypto.h>

#include "tests/unit/engine/names/hello.h"
#include "tests/unit/engine/names/seal.h"

#define ID "\x83\x94\xc8\xf0\x3e\x51\x57\x08"
#define V1 .version = 1, .id = ID, .id_length = 8
#define V2 .version = 0x6b3343cf, .id = ID, .id_length = 8
#define HELLO ((const uint8_t *)HELLO_MESSAGE)
#define HELLO_LENGTH ((uint32_t)sizeof(HELLO_MESSAGE) - 1)
#define PLAIN 1162

static struct nsc_quic *quic;
static struct nsc_name_block block;
static struct nsc_named named;
static uint8_t packet[8192], frames[2048];

static void start(void)
{
	struct nsc_error error;

	if (!quic && nsc_quic_open(&quic, &error))
		abort();
	nsc_name_block_clear(&block);
}

/* In memory of exactly its size. */
static enum nsc_name_verdict take(const uint8_t *p, uint32_t n)
{
	uint8_t *exact = malloc(n);
	enum nsc_name_verdict verdict;

	memcpy(exact, p, n);
	verdict = nsc_quic_datagram(quic, exact, n, &block, &named);
	free(exact);
	return verdict;
}

static bool is_host(enum nsc_name_verdict verdict)
{
	return verdict == NSC_NAME_FOUND && named.app == NSC_APP_QUIC && named.name_length == 8 &&
	       !memcmp(named.name, "host.com", 8) && named.ja4_length == NSC_JA4_LENGTH && named.ja4[0] == 'q' &&
	       !memcmp(named.ja4 + 4, HELLO_JA4_END, NSC_JA4_LENGTH - 4);
}

static bool hex_is(const uint8_t *p, const char *hex)
{
	for (; *hex; hex += 2, p++) {
		char byte[3] = { hex[0], hex[1], 0 };

		if (strtoul(byte, NULL, 16) != *p)
			return false;
	}
	return true;
}

START_TEST(keys)
{
	struct nsc_quic_keys k;

	ck_assert(nsc_quic_derive(1, (const uint8_t *)ID, 8, &k));
	ck_assert(hex_is(k.key, "1f369613dd76d5467730efcbe3b1a22d") && hex_is(k.iv, "fa044b2f42a3fd3b46fb255c") &&
		  hex_is(k.hp, "9f50449e04a0e810283a1e9933adedd2"));
	ck_assert(nsc_quic_derive(0x6b3343cf, (const uint8_t *)ID, 8, &k));
	ck_assert(hex_is(k.key, "8b1a0bc121284290a29e0971b5cd045d") && hex_is(k.iv, "91f73e2351d8fa91660e909f") &&
		  hex_is(k.hp, "45b95e15235d6f45a6b19cbcb0294ba9"));
	ck_assert(!nsc_quic_derive(2, (const uint8_t *)ID, 8, &k));
}
END_TEST

/* The frame of appendix A.2, of which only the random bytes and the key share have no meaning here. */
static const char rfc_frame[] =
	"060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c0000041301"
	"1302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a0008000600"
	"1d0017001800100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa"
	"71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306030203080408050806002d00020101001c000240010039"
	"00320408ffffffffffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff";

static bool rfc_vector(uint32_t version, const char *begins, const char *ends)
{
	const struct seal seal = { .version = version, .id = ID, .id_length = 8, .number = 2 };
	uint32_t n = 0;

	for (const char *hex = rfc_frame; *hex; hex += 2)
		frames[n++] = (uint8_t)strtoul((const char[]){ hex[0], hex[1], 0 }, NULL, 16);
	n = seal_initial(packet, &seal, frames, n, PLAIN);
	start();
	return n == 1200 && hex_is(packet, begins) && hex_is(packet + n - 16, ends) && nsc_quic_begins(packet, n, n) &&
	       take(packet, n) == NSC_NAME_FOUND && named.name_length == 11 && !memcmp(named.name, "example.com", 11) &&
	       named.alpn_length == 4 && !memcmp(named.alpn, "alpn", 4);
}

START_TEST(vectors)
{
	ck_assert(rfc_vector(1, "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
			     "e221af44860018ab0856972e194cd934"));
	ck_assert(rfc_vector(0x6b3343cf, "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485",
			     "a18b2faa745b6fe189cf772a9f84cbfc"));
}
END_TEST

/* The same where libcrypto is started for nobody else. */
START_TEST(vectors_alone)
{
	nsc_quic_start_alone();
	ck_assert(rfc_vector(1, "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
			     "e221af44860018ab0856972e194cd934"));
}
END_TEST

/* Pieces of 30 bytes from the last to the first, with padding, pings and an acknowledgement between them. */
static uint32_t scattered(void)
{
	uint32_t n = 0;

	for (uint32_t end = HELLO_LENGTH, begin; end; end = begin) {
		begin = end > 30 ? end - 30 : 0;
		n += seal_crypto(frames + n, HELLO, begin, end);
		memcpy(frames + n, "\0\0\1\2\0\0\0\0", 8);
		n += 8;
	}
	return n;
}

START_TEST(scattered_in_one)
{
	const struct seal v1 = { V1 },
			  v2 = { V2, .source = "source", .source_length = 6, .token = "t", .token_length = 1 };

	start();
	ck_assert(is_host(take(packet, seal_initial(packet, &v1, frames, scattered(), PLAIN))));
	start();
	ck_assert(is_host(take(packet, seal_initial(packet, &v2, frames, scattered(), PLAIN))));
}
END_TEST

/* In either order. The second one may bear the id that the server has chosen meanwhile. */
START_TEST(over_two_datagrams)
{
	const struct seal one = { V1 }, two = { V1, .shown = "serverid", .number = 1 };
	uint32_t first, second, cut = 60;

	start();
	first = seal_initial(packet, &one, frames, seal_crypto(frames, HELLO, 0, cut), PLAIN);
	ck_assert(take(packet, first) == NSC_NAME_MORE);
	second = seal_initial(packet, &two, frames, seal_crypto(frames, HELLO, cut, HELLO_LENGTH), PLAIN);
	ck_assert(is_host(take(packet, second)));
	start();
	second = seal_initial(packet, &one, frames, seal_crypto(frames, HELLO, cut, HELLO_LENGTH), PLAIN);
	ck_assert(take(packet, second) == NSC_NAME_MORE && take(packet, second) == NSC_NAME_MORE);
	first = seal_initial(packet, &one, frames, seal_crypto(frames, HELLO, 0, cut), PLAIN);
	ck_assert(is_host(take(packet, first)));
}
END_TEST

/* Two Initials and a 0-RTT packet in one datagram. */
START_TEST(coalesced)
{
	const struct seal seal = { V1 };
	uint32_t n;

	start();
	n = seal_initial(packet, &seal, frames, seal_crypto(frames, HELLO, 0, 50), 300);
	memcpy(packet + n, "\xd0\0\0\0\1\x08" ID "\0\5abcde", 21);
	n += 21;
	n += seal_initial(packet + n, &seal, frames, seal_crypto(frames, HELLO, 50, HELLO_LENGTH), 900);
	ck_assert(is_host(take(packet, n)));
}
END_TEST

/* After a Retry the client begins again, with the server's id and a token. */
START_TEST(retry)
{
	const struct seal one = { V1 }, two = {
		.version = 1, .id = "anotherid", .id_length = 9, .token = "token", .token_length = 5, .number = 1
	};

	start();
	ck_assert(take(packet, seal_initial(packet, &one, frames, seal_crypto(frames, HELLO, 0, 60), PLAIN)) ==
		  NSC_NAME_MORE);
	ck_assert(is_host(take(packet, seal_initial(packet, &two, frames, scattered(), PLAIN))));
}
END_TEST

START_TEST(connection_ids)
{
	static const char long_id[] = "01234567890123456789";
	const struct seal none = { .version = 1, .id = "", .id_length = 0 }, longest = {
		.version = 1, .id = long_id, .id_length = 20, .source = long_id, .source_length = 20
	};

	start();
	ck_assert(is_host(take(packet, seal_initial(packet, &none, frames, scattered(), PLAIN))));
	start();
	ck_assert(is_host(take(packet, seal_initial(packet, &longest, frames, scattered(), PLAIN))));
}
END_TEST

START_TEST(nothing_there)
{
	const struct seal seal = { V1 };
	uint32_t n = seal_initial(packet, &seal, frames, scattered(), PLAIN), header = 22;

	ck_assert(nsc_quic_begins(packet, n, n) && !nsc_quic_begins(packet, n, n + 1));
	ck_assert(!nsc_quic_begins(packet, 1199, 1199));
	start();
	ck_assert(take(packet, n - 1) == NSC_NAME_NO);
	packet[header + 400] ^= 1;
	ck_assert(take(packet, n) == NSC_NAME_NO);
	packet[header + 400] ^= 1;
	packet[4] = 2; /* another version */
	ck_assert(!nsc_quic_begins(packet, n, n) && take(packet, n) == NSC_NAME_NO);
	packet[4] = 1;
	ck_assert(is_host(take(packet, n)));
	n = seal_initial(packet, &seal, frames, seal_crypto(frames, (const uint8_t *)"\2\0\0\5hello", 0, 9), PLAIN);
	start();
	ck_assert(take(packet, n) == NSC_NAME_NO); /* a server's hello */
}
END_TEST

/* libcrypto asks for no memory once the contexts are open. */
static unsigned allocations;

static void *counted_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	allocations++;
	return malloc(size);
}

static void *counted_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	allocations++;
	return realloc(p, size);
}

static void counted_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static __attribute__((constructor)) void count_allocations(void)
{
	CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free);
}

START_TEST(allocates_nothing)
{
	const struct seal v1 = { V1 }, v2 = { V2 };
	uint32_t one = seal_initial(packet, &v1, frames, scattered(), PLAIN), two;
	unsigned before;

	two = seal_initial(packet + 4096, &v2, frames, scattered(), PLAIN);
	start();
	ck_assert_uint_gt(allocations, 0);
	before = allocations;
	for (unsigned i = 0; i < 100; i++) {
		nsc_name_block_clear(&block);
		ck_assert(is_host(take(packet, one)));
		nsc_name_block_clear(&block);
		ck_assert(is_host(take(packet + 4096, two)));
		packet[500] ^= 1;
		nsc_name_block_clear(&block);
		ck_assert(take(packet, one) == NSC_NAME_NO);
		packet[500] ^= 1;
	}
	ck_assert_uint_eq(allocations, before);
}
END_TEST

/* Cut at every byte, and 10,000 times damaged before and after it was sealed: right, empty or nothing. */
START_TEST(damaged)
{
	const struct seal seal = { V1 };
	uint32_t n = scattered(), sealed, wrong = 0;
	uint64_t state = 42;
	uint8_t plain[sizeof(frames)];

	memcpy(plain, frames, sizeof(plain));
	sealed = seal_initial(packet, &seal, frames, n, 600);
	for (uint32_t cut = 1; cut < sealed; cut++) {
		start();
		wrong += take(packet, cut) == NSC_NAME_FOUND;
	}
	for (unsigned round = 0; round < 10000; round++) {
		uint64_t at;

		state = state * 6364136223846793005u + 1442695040888963407u;
		at = state >> 33;
		start();
		memcpy(frames, plain, n);
		if (round & 1)
			frames[at % n] ^= (uint8_t)(1 + (state >> 20) % 255);
		sealed = seal_initial(packet, &seal, frames, n, 600);
		if (!(round & 1))
			packet[at % sealed] ^= (uint8_t)(1 + (state >> 20) % 255);
		if (take(packet, sealed) == NSC_NAME_FOUND)
			wrong += named.app != NSC_APP_QUIC;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

CHECK_MAIN("quic", keys, vectors, vectors_alone, scattered_in_one, over_two_datagrams, coalesced, retry, connection_ids,
	   nothing_there, allocates_nothing, damaged)
