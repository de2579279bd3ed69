/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: what names are read from. The first byte picks a stream (0), the last look at one (1), a datagram (2),
 * QUIC (3), or pieces of a stream in any order (4); the second one the port of the other end.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/names/ja4.h"
#include "engine/names/quic.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const uint16_t ports[] = { 443, 53, 5353, 25, 21, 143, 110, 554, 5060, 502, 5432, 3306, 80 };

static void check_text(const char *text, uint32_t n, uint32_t most)
{
	if (n > most || (n && text[0] == '-'))
		abort();
	for (uint32_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f || strchr("\"',\\<>&=+@", text[i]))
			abort();
}

static void check_named(enum nsc_name_verdict verdict, const struct nsc_named *named)
{
	if (verdict < NSC_NAME_FOUND)
		return;
	if (!named->app || named->app >= NSC_APP_COUNT || named->source != NSC_APP_SOURCE_PAYLOAD)
		abort();
	check_text(named->name, named->name_length, NSC_NAME_MAX);
	check_text(named->alpn, named->alpn_length, NSC_ALPN_MAX);
	if (named->ja4_length && named->ja4_length != NSC_JA4_LENGTH)
		abort();
}

static void fuzz_stream(const uint8_t *bytes, size_t size, uint16_t port, bool datagram, bool last)
{
	static struct ja4_cache ja4s;
	struct nsc_name_input in = { bytes, (uint32_t)size, 40000, port, last || datagram, NULL };
	struct nsc_name_output out, again;
	enum nsc_name_verdict verdict = datagram ? nsc_name_datagram(&in, &out) : nsc_name_stream(&in, &out);

	if (verdict == NSC_NAME_MORE && (last || datagram || out.wanted <= size))
		abort();
	check_named(verdict, &out.named);
	in.ja4s = &ja4s;
	if (verdict != (datagram ? nsc_name_datagram(&in, &again) : nsc_name_stream(&in, &again)))
		abort();
	if (verdict >= NSC_NAME_FOUND && (again.named.ja4_length != out.named.ja4_length ||
					  memcmp(again.named.ja4, out.named.ja4, out.named.ja4_length)))
		abort();
}

static void fuzz_quic(const uint8_t *bytes, size_t size)
{
	static struct nsc_name_block block;
	static struct nsc_quic *quic;
	struct nsc_error error;
	struct nsc_named named;

	if (!quic && nsc_quic_open(&quic, &error))
		abort();
	nsc_name_block_clear(&block);
	check_named(nsc_quic_datagram(quic, bytes, (uint32_t)size, &block, &named), &named);
}

/* Start and length stand before each piece. */
static void fuzz_block(const uint8_t *bytes, size_t size, uint16_t port)
{
	static struct nsc_name_block block;
	uint8_t *exact;

	nsc_name_block_clear(&block);
	for (size_t at = 0; at + 3 <= size;) {
		uint32_t start = (uint32_t)bytes[at] << 8 | bytes[at + 1], n = bytes[at + 2];

		at += 3;
		n = (uint32_t)NSC_MIN((size_t)n, size - at);
		nsc_name_block_put(&block, start, bytes + at, n);
		at += n;
	}
	size = nsc_name_block_length(&block);
	exact = malloc(size + 1);
	memcpy(exact, block.data, size);
	exact = realloc(exact, size ? size : 1);
	fuzz_stream(exact, size, port, false, true);
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint16_t port;

	if (size < 3)
		return 0;
	port = ports[bytes[1] % NSC_ARRAY_LEN(ports)];
	if (bytes[0] % 5 == 3)
		fuzz_quic(bytes + 2, size - 2);
	else if (bytes[0] % 5 == 4)
		fuzz_block(bytes + 2, size - 2, port);
	else
		fuzz_stream(bytes + 2, size - 2, port, bytes[0] % 5 == 2, bytes[0] % 5 == 1);
	return 0;
}
