/* SPDX-License-Identifier: MIT
 *
 * Flows that say who they talk to, in every way in which segments can come: right or empty, never something else.
 */
#include "tests/unit/engine/check_main.h"

#include "tests/unit/engine/flow/support.h"
#include "tests/unit/engine/names/hello.h"
#include "tests/unit/engine/names/seal.h"

#define HELLO ((const uint8_t *)HELLO_RECORD)
#define HELLO_BYTES ((uint32_t)sizeof(HELLO_RECORD) - 1)
#define TCP_FLOW 0u /* numbers of keys: side 0 is port 1000, side 1 port 443 */
#define UDP_FLOW 1u
#define ISN 0xfffffff0u /* the hello wraps around */

static struct nsc_naming *naming;
static struct nsc_arena *naming_arena;
static uint64_t now;
static uint64_t block_memory; /* 0: as many blocks of each size as a test asks for */

static struct rig *open_wide_rig(uint32_t flows, uint32_t blocks, uint32_t hellos, enum nsc_names names)
{
	struct nsc_flow_table_options options = rig_options(flows);
	const struct nsc_naming_options o = {
		.names = names, .blocks = blocks, .block_memory = block_memory, .hellos_a_tick = hellos
	};
	struct nsc_error error;

	if (nsc_arena_open(&naming_arena, &error) || nsc_naming_open(&naming, &o, naming_arena, &error))
		abort();
	options.names = true;
	options.naming = naming;
	now = TEST_EPOCH;
	return rig_open(options);
}

static struct rig *open_rig(uint32_t blocks, uint32_t hellos, enum nsc_names names)
{
	return open_wide_rig(64, blocks, hellos, names);
}

static struct rig *usual(void)
{
	return open_rig(8, 0, NSC_NAMES_FULL);
}

static void close_rig(struct rig *rig)
{
	rig_close(rig);
	nsc_naming_close(naming);
	nsc_arena_close(naming_arena);
}

/* A segment or datagram of side `from`; `captured` of its n bytes. Lies in memory of exactly its size. */
static void send_cut(struct rig *rig, uint32_t flow, unsigned from, uint8_t flags, uint32_t seq, const void *payload,
		     uint32_t n, uint32_t captured)
{
	struct event e = {
		.flow = flow, .from = (uint8_t)from, .flags = flags, .seq = seq, .payload = n, .len = 60 + n
	};
	uint8_t frame[FRAME_BYTES], *exact;
	struct nsc_packet pkt;
	uint32_t headers;

	e.ts_ns = e.clock_ns = now += 1000;
	packet_of_event(&pkt, frame, &e, &rig->options.seed);
	pkt.l4_len = pkt.ip_proto == NSC_PROTO_UDP ? 8 : 20;
	pkt.payload_len = n;
	headers = pkt.l4_off + (uint32_t)pkt.l4_len;
	exact = malloc(headers + captured);
	memcpy(exact, frame, headers);
	if (captured)
		memcpy(exact + headers, payload, captured);
	pkt.data = exact;
	pkt.cap_len = headers + captured;
	nsc_flow_table_burst(rig->t, &pkt, 1, &rig->counters, &rig->output);
	free(exact);
}

static void send(struct rig *rig, uint32_t flow, unsigned from, uint32_t seq, const void *payload, uint32_t n)
{
	send_cut(rig, flow, from, NSC_TCP_ACK, seq, payload, n, n);
}

static void syn(struct rig *rig)
{
	send_cut(rig, TCP_FLOW, 0, NSC_TCP_SYN, ISN - 1, NULL, 0, 0);
}

/* Ends the run; the record of `flow` that began first. */
static struct nsc_named finish(struct rig *rig)
{
	struct nsc_named named;

	rig_finish(rig, now);
	ck_assert_uint_ge(rig->records.n, 1);
	nsc_flow_named(&rig->records.at[0], &named);
	return named;
}

static bool is_named(const struct nsc_named *named)
{
	return named->name_length == 8 && !memcmp(named->name, "host.com", 8);
}

static bool is_host(const struct nsc_named *named)
{
	return named->app == NSC_APP_TLS && named->source == NSC_APP_SOURCE_PAYLOAD && is_named(named) &&
	       named->ja4_length == NSC_JA4_LENGTH && named->alpn_length == strlen("h2;http/1.1");
}

/* Every block is given back by the end. */
static bool all_blocks_are_back(const struct rig *rig)
{
	for (uint32_t id = 0; id < rig->t->used; id++)
		if (rig->t->hot[id].unnamed)
			return false;
	return true;
}

START_TEST(one_segment)
{
	struct rig *rig = usual();
	struct nsc_named named;

	syn(rig);
	send(rig, TCP_FLOW, 0, ISN, HELLO, HELLO_BYTES);
	ck_assert_uint_eq(rig->t->hot[0].unnamed, 2); /* the server has not spoken */
	named = finish(rig);
	ck_assert(is_host(&named) && all_blocks_are_back(rig));
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_LOOKS), 1);
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_FOUND), 1);
	close_rig(rig);
}
END_TEST

/* In order; the second part first; the first part twice; with and without a SYN in the capture. Without one, what came
 * before the beginning is lost. */
START_TEST(two_segments_at_every_byte)
{
	unsigned wrong = 0;

	for (uint32_t cut = 1; cut < HELLO_BYTES; cut++) {
		for (unsigned way = 0; way < 6; way++) {
			struct rig *rig = usual();
			struct nsc_named named;

			if (way < 3)
				syn(rig);
			if (way % 3 == 1)
				send(rig, TCP_FLOW, 0, ISN + cut, HELLO + cut, HELLO_BYTES - cut);
			send(rig, TCP_FLOW, 0, ISN, HELLO, cut);
			if (way % 3 == 2)
				send(rig, TCP_FLOW, 0, ISN, HELLO, cut);
			if (way % 3 != 1)
				send(rig, TCP_FLOW, 0, ISN + cut, HELLO + cut, HELLO_BYTES - cut);
			named = finish(rig);
			wrong += way == 4 ? named.name_length && memcmp(named.name, "host.com", 8) : !is_host(&named);
			wrong += !all_blocks_are_back(rig);
			close_rig(rig);
		}
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Ends the run; how many flows say something wrong: where parts are lost, the name is right or empty, and a fingerprint
 * of half a hello would be wrong. */
static unsigned finish_wide(struct rig *rig, uint32_t flows, bool lossy)
{
	unsigned wrong = 0;

	rig_finish(rig, now);
	for (size_t i = 0; i < rig->records.n; i++) {
		struct nsc_named named;

		nsc_flow_named(&rig->records.at[i], &named);
		if (lossy)
			wrong += named.ja4_length || (named.name_length && !is_named(&named));
		else
			wrong += !is_host(&named);
	}
	wrong += rig->records.n != flows || !all_blocks_are_back(rig);
	close_rig(rig);
	return wrong;
}

/* Every pair of cuts in every order, each a flow of its own; the first part once more in between; then the same with
 * one part lost, which comes too late or never. */
START_TEST(three_segments_at_every_pair_of_bytes)
{
	static const uint8_t orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					      { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	const uint32_t most = HELLO_BYTES * HELLO_BYTES / 2;
	unsigned wrong = 0;

	for (unsigned way = 0; way < 9; way++) {
		struct rig *rig = open_wide_rig(most, 8, 0, NSC_NAMES_FULL);
		uint32_t flows = 0;

		for (uint32_t a = 1; a < HELLO_BYTES; a++) {
			for (uint32_t b = a + 1; b < HELLO_BYTES; b += way < 6 ? 1 : 7) {
				const uint32_t cut[] = { 0, a, b, HELLO_BYTES };
				uint32_t flow = 8 * flows++;

				send_cut(rig, flow, 0, NSC_TCP_SYN, ISN - 1, NULL, 0, 0);
				for (unsigned i = 0; i < 3; i++) {
					unsigned part = orders[way % 6][i];

					if (way >= 6 && part == way - 6) /* lost */
						continue;
					send(rig, flow, 0, ISN + cut[part], HELLO + cut[part],
					     cut[part + 1] - cut[part]);
					if (way < 6 && i == 1)
						send(rig, flow, 0, ISN, HELLO, a);
				}
			}
		}
		wrong += finish_wide(rig, flows, way >= 6);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Hellos of TLS and QUIC with some bytes changed, cut by the capture, in pieces in any order: no crash, harmless text,
 * and every block comes back. */
START_TEST(mutations)
{
	static uint8_t bytes[2048], frames[2048];
	const struct seal seal = { .version = 1, .id = "somebody", .id_length = 8 };
	const uint32_t flows = 10000;
	struct rig *rig = open_wide_rig(flows, 8, 0, NSC_NAMES_FULL);
	struct rng rng = { 11 };
	unsigned wrong = 0, found = 0;

	for (uint32_t i = 0; i < flows; i++) {
		bool quic = i & 1;
		uint32_t n = HELLO_BYTES, pieces = quic ? 1 : 1 + (uint32_t)rng_below(&rng, 4), first;

		memcpy(bytes, HELLO, n);
		for (uint64_t k = rng_below(&rng, 4); k; k--)
			bytes[rng_below(&rng, n)] = (uint8_t)rng_below(&rng, 256);
		if (quic) {
			n = seal_initial(frames + 600, &seal, frames, seal_crypto(frames, bytes + 5, 0, n - 5), 1162);
			memmove(bytes, frames + 600, n);
			if (rng_below(&rng, 4) == 0)
				bytes[rng_below(&rng, n)] ^= (uint8_t)(1 + rng_below(&rng, 255));
		}
		first = (uint32_t)rng_below(&rng, pieces);
		for (uint32_t k = 0; k < pieces; k++) {
			uint32_t piece = (k + first) % pieces, at = n * piece / pieces;
			uint32_t end = n * (piece + 1) / pieces;
			uint32_t captured = end - at - (rng_below(&rng, 8) ? 0 : (uint32_t)rng_below(&rng, end - at));

			send_cut(rig, 8 * i + quic, 0, NSC_TCP_ACK, ISN + at, bytes + at, end - at, captured);
		}
	}
	rig_finish(rig, now);
	for (size_t i = 0; i < rig->records.n; i++) {
		struct nsc_named named;

		nsc_flow_named(&rig->records.at[i], &named);
		found += is_named(&named);
		for (uint32_t k = 0; k < named.name_length; k++)
			wrong += named.name[k] <= ' ' || named.name[k] >= 0x7f || strchr("\"',\\<>&=+@", named.name[k]);
	}
	wrong += rig->records.n != flows || !all_blocks_are_back(rig);
	close_rig(rig);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(found, flows / 3);
}
END_TEST

/* Up to 16 KiB in pieces of any size, shuffled among their neighbours, some twice, some overlapping. */
START_TEST(pieces_of_any_size)
{
	static uint8_t bytes[2 * NSC_NAME_STREAM_MAX];
	static const uint32_t sizes[] = { 124, 1700, 4000, 16000 };
	struct rng rng = { 7 };
	unsigned wrong = 0;

	for (unsigned round = 0; round < 400; round++) {
		struct rig *rig = usual();
		uint32_t n, starts[32], pieces = 0, piece;
		struct nsc_named named;

		hello_padded(bytes, &n, sizes[round % 4], 16384);
		piece = n / 12 + 1 + (uint32_t)rng_below(&rng, n);
		for (uint32_t at = 0; at < n; at += piece)
			starts[pieces++] = at;
		for (uint32_t i = 0; i + 1 < pieces; i++) {
			uint32_t other = i + (uint32_t)rng_below(&rng, NSC_MIN(3u, pieces - i)), swap = starts[i];

			starts[i] = starts[other];
			starts[other] = swap;
		}
		syn(rig);
		for (uint32_t i = 0; i < pieces; i++) {
			uint32_t back = (uint32_t)rng_below(&rng, NSC_MIN(starts[i] + 1, 30u));
			uint32_t end = NSC_MIN(starts[i] + piece, n);

			send(rig, TCP_FLOW, 0, ISN + starts[i] - back, bytes + starts[i] - back,
			     end - starts[i] + back);
			if (rng_below(&rng, 4) == 0)
				send(rig, TCP_FLOW, 0, ISN + starts[i], bytes + starts[i], end - starts[i]);
		}
		named = finish(rig);
		wrong += !named.name_length ? rig_count(rig, NSC_C_NAME_LOOKS) > 4 : !is_host(&named);
		wrong += pieces <= 8 && !is_host(&named);
		close_rig(rig);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* A hole that is never filled, before the hello or in it; a capture that cuts packets. */
START_TEST(what_is_missing)
{
	struct rig *rig = usual();
	struct nsc_named named;

	syn(rig);
	for (unsigned i = 0; i < 20; i++)
		send(rig, TCP_FLOW, 0, ISN + 10 + i * HELLO_BYTES, HELLO, HELLO_BYTES);
	ck_assert(!(rig->t->hot[0].unnamed & 1));
	named = finish(rig);
	ck_assert(!named.name_length && named.source == NSC_APP_SOURCE_PORT && named.app == NSC_APP_TLS);
	close_rig(rig);

	rig = usual(); /* the end is missing, but the name is there */
	syn(rig);
	send_cut(rig, TCP_FLOW, 0, NSC_TCP_ACK, ISN, HELLO, HELLO_BYTES, HELLO_BYTES - 20);
	named = finish(rig);
	ck_assert(named.name_length == 8 && !named.ja4_length && !rig->t->hot[0].unnamed);
	close_rig(rig);

	rig = usual(); /* the same when the flow ends */
	send(rig, TCP_FLOW, 0, ISN, HELLO, HELLO_BYTES - 20);
	named = finish(rig);
	ck_assert(named.name_length == 8 && !named.ja4_length && all_blocks_are_back(rig));
	close_rig(rig);

	rig = usual(); /* nothing was captured of it */
	syn(rig);
	send_cut(rig, TCP_FLOW, 0, NSC_TCP_ACK, ISN, HELLO, HELLO_BYTES, 0);
	send(rig, TCP_FLOW, 0, ISN + 100000, HELLO, HELLO_BYTES);
	named = finish(rig);
	ck_assert(!named.name_length);
	close_rig(rig);
}
END_TEST

/* Keep-alives and what was sent before the capture began lie before the first byte. */
START_TEST(old_bytes)
{
	struct rig *rig = usual();
	struct nsc_named named;

	syn(rig);
	send(rig, TCP_FLOW, 0, ISN - 1, "\0", 1);
	send(rig, TCP_FLOW, 0, ISN - 30, "012345678901234567890123456789", 30);
	send(rig, TCP_FLOW, 0, ISN, HELLO, HELLO_BYTES);
	named = finish(rig);
	ck_assert(is_host(&named));
	close_rig(rig);
}
END_TEST

/* A capture that begins late: a keep-alive and the middle of something, then a hello. After four packets nobody listens
 * any more. */
START_TEST(captured_late)
{
	for (unsigned before = 1; before < 6; before++) {
		struct rig *rig = usual();
		struct nsc_named named;

		for (unsigned i = 0; i < before; i++)
			send(rig, TCP_FLOW, 0, 5000 + i, "\xff", 1);
		send(rig, TCP_FLOW, 0, 5000 + before, HELLO, HELLO_BYTES);
		named = finish(rig);
		ck_assert(is_host(&named) == (before < 4) && all_blocks_are_back(rig));
		close_rig(rig);
	}
}
END_TEST

/* The application that greets first stays; the hello behind it names the server. */
START_TEST(starttls)
{
	struct rig *rig = usual();
	struct nsc_named named;
	uint32_t seq = 1000;

	send(rig, TCP_FLOW, 1, 5000, "220 mx.example ESMTP\r\n", 22);
	send(rig, TCP_FLOW, 0, seq, "EHLO me\r\n", 9);
	send(rig, TCP_FLOW, 0, seq += 9, "STARTTLS\r\n", 10);
	send(rig, TCP_FLOW, 0, seq += 10, HELLO, 50);
	send(rig, TCP_FLOW, 0, seq += 50, HELLO + 50, HELLO_BYTES - 50);
	named = finish(rig);
	ck_assert(named.app == NSC_APP_SMTP && named.name_length == 8 && !memcmp(named.name, "host.com", 8) &&
		  named.ja4_length);
	close_rig(rig);

	rig = usual(); /* without a hello its own name stays, and after a while nobody watches */
	send(rig, TCP_FLOW, 1, 5000, "220 mx.example ESMTP\r\n", 22);
	send(rig, TCP_FLOW, 0, seq, "EHLO me\r\n", 9);
	for (unsigned i = 0; i < 40; i++)
		send(rig, TCP_FLOW, 0, seq += 10, "RCPT TO: x", 10);
	ck_assert(!rig->t->hot[0].unnamed);
	named = finish(rig);
	ck_assert(named.app == NSC_APP_SMTP && named.name_length == 10 && !memcmp(named.name, "mx.example", 10));
	close_rig(rig);
}
END_TEST

START_TEST(application_only)
{
	struct rig *rig = open_rig(8, 0, NSC_NAMES_APPS);
	struct nsc_named named;

	send(rig, TCP_FLOW, 0, ISN, HELLO, HELLO_BYTES);
	named = finish(rig);
	ck_assert(named.app == NSC_APP_TLS && !named.name_length && named.alpn_length && named.ja4_length);
	close_rig(rig);
}
END_TEST

/* While the run goes on: what a flow has, it keeps. */
START_TEST(fewer_names_from_now_on)
{
	for (unsigned i = 0; i < 2; i++) {
		struct rig *rig = usual();
		struct nsc_named named;

		nsc_naming_keep(naming, i ? NSC_NAMES_FULL : NSC_NAMES_APPS);
		syn(rig);
		send(rig, TCP_FLOW, 0, ISN, HELLO, HELLO_BYTES);
		nsc_naming_keep(naming, NSC_NAMES_APPS);
		named = finish(rig);
		ck_assert_uint_eq(named.app, NSC_APP_TLS);
		ck_assert_uint_eq(is_named(&named), i);
		close_rig(rig);
	}
}
END_TEST

START_TEST(quic)
{
	static uint8_t frames[2048], packet[2048];
	const struct seal seal = { .version = 1, .id = "somebody", .id_length = 8 };
	const uint8_t *message = HELLO + 5;
	uint32_t n = HELLO_BYTES - 5, length;
	struct rig *rig = usual();
	struct nsc_named named;

	length = seal_initial(packet, &seal, frames, seal_crypto(frames, message, 60, n), 1162);
	send(rig, UDP_FLOW, 0, 0, packet, length);
	send(rig, UDP_FLOW, 1, 0, packet, length);
	length = seal_initial(packet, &seal, frames, seal_crypto(frames, message, 0, 60), 1162);
	send(rig, UDP_FLOW, 0, 0, packet, length);
	named = finish(rig);
	ck_assert(named.app == NSC_APP_QUIC && named.name_length == 8 && named.ja4[0] == 'q');
	ck_assert(all_blocks_are_back(rig));
	close_rig(rig);

	rig = usual(); /* one that does not open, and what is no QUIC at all: four datagrams are looked at */
	packet[100] ^= 1;
	send(rig, UDP_FLOW, 0, 0, packet, length);
	for (unsigned i = 0; i < 6; i++)
		send(rig, UDP_FLOW, 1, 0, "noise", 5);
	ck_assert(!rig->t->hot[0].unnamed);
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_LOOKS), 4);
	named = finish(rig);
	ck_assert(named.app == NSC_APP_QUIC && named.source == NSC_APP_SOURCE_PORT);
	close_rig(rig);
}
END_TEST

/* More beginnings than blocks: the oldest give way, each is counted, and the others have their names. */
START_TEST(few_blocks)
{
	enum { FLOWS = 20, BLOCKS = 4 };
	struct rig *rig = open_rig(BLOCKS, 0, NSC_NAMES_FULL);
	unsigned named = 0, other = 0;

	for (uint32_t i = 0; i < FLOWS; i++)
		send(rig, 8 * i, 0, ISN, HELLO, 50);
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_SKIPPED), FLOWS - BLOCKS);
	for (uint32_t i = 0; i < FLOWS; i++)
		send(rig, 8 * i, 0, ISN + 50, HELLO + 50, HELLO_BYTES - 50);
	rig_finish(rig, now);
	for (size_t i = 0; i < rig->records.n; i++) {
		struct nsc_named said;

		nsc_flow_named(&rig->records.at[i], &said);
		named += is_host(&said);
		other += said.name_length && !is_host(&said);
	}
	ck_assert_uint_eq(named, BLOCKS);
	ck_assert_uint_eq(other, 0);
	ck_assert(all_blocks_are_back(rig));
	close_rig(rig);
}
END_TEST

/* Hellos around the size of a small block and far above it, in segments from the first to the last and the other way,
 * with one block of each size. */
START_TEST(large_hellos)
{
	static const uint32_t sizes[] = { 2042, 2043, 2044, 5000, 9000 };
	static uint8_t bytes[NSC_NAME_STREAM_MAX];
	unsigned wrong = 0;
	uint32_t n;

	for (unsigned i = 0; i < 2 * NSC_ARRAY_LEN(sizes); i++) {
		struct rig *rig = open_rig(1, 0, NSC_NAMES_FULL);
		struct nsc_named named;

		hello_padded(bytes, &n, sizes[i / 2], 16384);
		syn(rig);
		for (uint32_t k = 0; k < (n + 699) / 700; k++) {
			uint32_t at = 700 * (i & 1 ? (n - 1) / 700 - k : k);

			send(rig, TCP_FLOW, 0, ISN + at, bytes + at, NSC_MIN(n - at, 700));
		}
		named = finish(rig);
		wrong += !is_named(&named) || named.ja4_length != NSC_JA4_LENGTH || !all_blocks_are_back(rig) ||
			 rig_count(rig, NSC_C_NAME_SKIPPED);
		close_rig(rig);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* The same over QUIC, in three datagrams, the last first. */
START_TEST(large_hello_of_quic)
{
	static uint8_t bytes[NSC_NAME_STREAM_MAX], frames[2048], packet[2048];
	const struct seal seal = { .version = 1, .id = "somebody", .id_length = 8 };
	struct rig *rig = open_rig(1, 0, NSC_NAMES_FULL);
	struct nsc_named named;
	uint32_t n;

	hello_padded(bytes, &n, 3000, 16384);
	for (uint32_t i = 3; i-- > 0;) {
		uint32_t length = seal_crypto(frames, bytes + 5, 1000 * i, 1000 * i + 1000);

		send(rig, UDP_FLOW, 0, 0, packet, seal_initial(packet, &seal, frames, length, 1162));
	}
	named = finish(rig);
	ck_assert(named.app == NSC_APP_QUIC && is_named(&named) && named.ja4_length == NSC_JA4_LENGTH);
	ck_assert(all_blocks_are_back(rig) && !rig_count(rig, NSC_C_NAME_SKIPPED));
	close_rig(rig);
}
END_TEST

/* Where memory is for more small blocks than large ones, a stream that needs a large one pushes out only such a one. */
START_TEST(few_large_blocks)
{
	enum { FLOWS = 12, LARGE = 4 };
	static uint8_t bytes[NSC_NAME_STREAM_MAX];
	unsigned named = 0;
	struct rig *rig;
	uint32_t n;

	block_memory = FLOWS * 4096;
	rig = open_rig(1, 0, NSC_NAMES_FULL);
	block_memory = 0;
	hello_padded(bytes, &n, 5000, 16384);
	for (uint32_t i = 0; i < FLOWS; i++)
		send(rig, 8 * i, 0, ISN, bytes, 1000);
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_SKIPPED), 0);
	for (uint32_t i = 0; i < LARGE; i++)
		send(rig, 8 * i, 0, ISN + 1000, bytes + 1000, 2000);
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_SKIPPED), LARGE - 1);
	for (uint32_t i = 0; i < FLOWS; i++)
		send(rig, 8 * i, 0, ISN + 1000, bytes + 1000, n - 1000);
	rig_finish(rig, now);
	for (size_t i = 0; i < rig->records.n; i++) {
		struct nsc_named said;

		nsc_flow_named(&rig->records.at[i], &said);
		named += said.ja4_length == NSC_JA4_LENGTH;
	}
	ck_assert_uint_eq(named, FLOWS - LARGE + 1);
	ck_assert(all_blocks_are_back(rig));
	close_rig(rig);
}
END_TEST

/* A tick has time for so many hellos; the next one has again. */
START_TEST(little_time)
{
	struct rig *rig = open_rig(8, 3, NSC_NAMES_FULL);

	for (uint32_t i = 0; i < 5; i++)
		send(rig, 8 * i, 0, ISN, HELLO, HELLO_BYTES);
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_FOUND), 3);
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_SKIPPED), 2);
	nsc_flow_table_tick(rig->t, TEST_EPOCH + TEST_SECOND, &rig->counters, NULL);
	send(rig, 8 * 5, 0, ISN, HELLO, HELLO_BYTES);
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_FOUND), 4);
	rig_finish(rig, now);
	close_rig(rig);
}
END_TEST

/* Four Initials in a datagram take the time of four hellos, and of eight when each begins anew behind a known one. */
START_TEST(several_initials_in_one)
{
	static uint8_t frames[2048], packet[2048];
	struct seal seal = { .version = 1, .id_length = 8 };
	struct rig *rig = open_rig(8, 9, NSC_NAMES_FULL);
	uint32_t length = 0;

	for (unsigned i = 0; i < 4; i++) {
		seal.id = &"0123456789abcdef"[i];
		length += seal_initial(packet + length, &seal, frames, seal_crypto(frames, HELLO + 5, 20, 60), 300);
	}
	for (uint32_t i = 0; i < 4; i++)
		send(rig, 8 * i + UDP_FLOW, 0, 0, packet, length);
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_LOOKS), 2); /* 1 + 2 + 2 + 2 tries each; the second is begun */
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_SKIPPED), 2);
	rig_finish(rig, now);
	close_rig(rig);
}
END_TEST

/* A new connection on the same ports has a name of its own. */
START_TEST(reused)
{
	struct rig *rig = usual();
	struct nsc_named named;

	syn(rig);
	send(rig, TCP_FLOW, 0, ISN, HELLO, 50);
	send_cut(rig, TCP_FLOW, 0, NSC_TCP_RST, ISN + 50, NULL, 0, 0);
	send_cut(rig, TCP_FLOW, 0, NSC_TCP_SYN, 1000, NULL, 0, 0);
	send(rig, TCP_FLOW, 0, 1001, "GET / HTTP/1.1\r\nHost: b\r\n\r\n", 27);
	named = finish(rig);
	ck_assert_uint_eq(rig->records.n, 2);
	ck_assert(named.app == NSC_APP_TLS && !named.ja4_length);
	nsc_flow_named(&rig->records.at[1], &named);
	ck_assert(named.app == NSC_APP_HTTP && named.name_length == 1);
	close_rig(rig);
}
END_TEST

/* Nobody wants names: nothing is looked at, and all is empty. */
START_TEST(off)
{
	struct rig *rig = rig_open(rig_options(8));
	struct nsc_named named;

	now = TEST_EPOCH;
	send(rig, TCP_FLOW, 0, ISN, HELLO, HELLO_BYTES);
	named = finish(rig);
	ck_assert(!named.app && !named.source && !named.name_length);
	ck_assert_uint_eq(rig_count(rig, NSC_C_NAME_LOOKS), 0);
	rig_close(rig);
}
END_TEST

CHECK_MAIN("naming", one_segment, two_segments_at_every_byte, three_segments_at_every_pair_of_bytes, mutations,
	   pieces_of_any_size, what_is_missing, old_bytes, captured_late, starttls, application_only,
	   fewer_names_from_now_on, quic, few_blocks, large_hellos, large_hello_of_quic, few_large_blocks, little_time,
	   several_initials_in_one, reused, off)
