/* SPDX-License-Identifier: MIT
 *
 * Later fragments find the flow of their first one, and only there: by addresses, identification and, for IPv4,
 * protocol, within the timeout and the table's room.
 */
#include "packets.h"
#include "tests/unit/engine/check_main.h"

#define V4(id, fragment, proto, payload) MAC T_IPV4 "\x45\0\0\x1c" id fragment "\x40" proto "\0\0" A4 B4 payload
#define V6(id, fragment, payload) MAC T_IPV6 IPV6("\0\x10", "\x2c") "\x11\0" fragment id payload
#define UDP_HEAD UDP("\0\x40")

static struct nsc_counters counters;
static struct nsc_decode_options options;

static struct nsc_arena *arena; /* of the latest test */

static void set_up(void)
{
	struct nsc_error error;

	options = packets_options(false, false);
	if (arena)
		nsc_arena_close(arena);
	ck_assert_int_eq(nsc_arena_open(&arena, &error), 0);
	ck_assert_int_eq(nsc_fragments_open(&options.fragments, arena, &error), 0);
	counters = (struct nsc_counters){ 0 };
	options.counters = &counters;
}

static struct nsc_packet decoded(const char *bytes, uint32_t len, uint64_t clock_ns)
{
	struct nsc_packet p = { .data = (const uint8_t *)bytes,
				.cap_len = len,
				.wire_len = len,
				.ts_ns = clock_ns,
				.clock_ns = clock_ns,
				.link = NSC_LINK_ETHERNET };

	nsc_decode_burst(&options, &p, 1);
	return p;
}

#define DECODED(bytes, clock_ns) decoded(bytes, sizeof(bytes) - 1, clock_ns)

static bool belongs_to(const struct nsc_packet *later, const struct nsc_packet *first)
{
	return later->fate == NSC_FATE_FLOW && first->fate == NSC_FATE_FLOW && later->hash == first->hash &&
	       later->src_port == first->src_port && later->dst_port == first->dst_port && later->dir == first->dir &&
	       later->ip_proto == first->ip_proto && first->l4_off && !later->l4_off && !later->l4_len;
}

START_TEST(later_fragments_join)
{
	struct nsc_packet first, second, last, p;

	set_up();
	first = DECODED(V4("\0\7", "\x20\0", "\x11", UDP_HEAD), 0);
	second = DECODED(V4("\0\7", "\x20\1", "\x11", TWICE(FOUR)), 0);
	last = DECODED(V4("\0\7", "\0\2", "\x11", TWICE(FOUR)), 0);
	ck_assert(belongs_to(&second, &first) && belongs_to(&last, &first));
	first = DECODED(V6("\0\0\0\7", "\0\1", UDP_HEAD), 0);
	last = DECODED(V6("\0\0\0\7", "\0\x08", TWICE(FOUR)), 0);
	ck_assert(belongs_to(&last, &first));
	p = DECODED(V4("\0\x8", "\0\2", "\x11", TWICE(FOUR)), 0);
	ck_assert_uint_eq(p.fate, NSC_FATE_FRAGMENT);
	p = DECODED(V4("\0\7", "\0\2", "\x06", TWICE(FOUR)), 0);
	ck_assert_uint_eq(p.fate, NSC_FATE_FRAGMENT);
	p = DECODED(V6("\0\0\0\x8", "\0\x08", TWICE(FOUR)), 0);
	ck_assert_uint_eq(p.fate, NSC_FATE_FRAGMENT);
	ck_assert_uint_eq(counters.value[NSC_C_FRAGMENTS_JOINED], 3);
	options.fragments = NULL;
	p = DECODED(V4("\0\7", "\0\2", "\x11", TWICE(FOUR)), 0);
	ck_assert_uint_eq(p.fate, NSC_FATE_FRAGMENT);
}
END_TEST

START_TEST(too_early_and_too_late)
{
	struct nsc_packet p, first;

	set_up();
	p = DECODED(V4("\0\7", "\0\1", "\x11", TWICE(FOUR)), 5);
	ck_assert_uint_eq(p.fate, NSC_FATE_FRAGMENT);
	first = DECODED(V4("\0\7", "\x20\0", "\x11", UDP_HEAD), 5);
	p = DECODED(V4("\0\7", "\0\1", "\x11", TWICE(FOUR)), 5 + FRAGMENTS_TIMEOUT_NS);
	ck_assert(belongs_to(&p, &first));
	p = DECODED(V4("\0\7", "\0\1", "\x11", TWICE(FOUR)), 6 + FRAGMENTS_TIMEOUT_NS);
	ck_assert_uint_eq(p.fate, NSC_FATE_FRAGMENT);
	p = DECODED(V4("\0\7", "\0\1", "\x11", TWICE(FOUR)), UINT64_MAX);
	ck_assert_uint_eq(p.fate, NSC_FATE_FRAGMENT);
	first = DECODED(V4("\0\7", "\x20\0", "\x11", "\0\x35\x04\xd2\0\x40\0\0"), UINT64_MAX); /* used again */
	p = DECODED(V4("\0\7", "\0\1", "\x11", TWICE(FOUR)), UINT64_MAX);
	ck_assert(belongs_to(&p, &first));
	ck_assert_uint_eq(p.src_port, 53);
}
END_TEST

/* A first fragment without ports, or of a protocol that makes no flow, is not remembered. */
START_TEST(first_fragments_without_a_flow)
{
	struct nsc_packet p;

	set_up();
	p = DECODED(MAC T_IPV4 IPV4_FULL("\x45", "\0\x16", "\x20\0", "\x11", A4, B4) "\0\x35", 0);
	ck_assert_uint_eq(p.fate, NSC_FATE_TRUNCATED_L4);
	p = DECODED(V4("\0\1", "\0\1", "\x11", TWICE(FOUR)), 0);
	ck_assert_uint_eq(p.fate, NSC_FATE_FRAGMENT);
	p = DECODED(V4("\0\2", "\x20\0", "\1", TWICE(FOUR)), 0);
	ck_assert_uint_eq(p.fate, NSC_FATE_ICMP);
	p = DECODED(V4("\0\2", "\0\1", "\1", TWICE(FOUR)), 0);
	ck_assert_uint_eq(p.fate, NSC_FATE_FRAGMENT);
}
END_TEST

/* The fragments of the outer packet have no inner addresses: they stay apart. */
START_TEST(fragments_of_a_tunnel)
{
	struct nsc_packet p;

	set_up();
	options.decap = true;
	p = DECODED(MAC T_IPV4 IPV4_FULL("\x45", "\0\x40", "\x20\0", "\4", A4, B4) IPV4_TCP, 0);
	ck_assert_uint_eq(p.fate, NSC_FATE_FLOW);
	ck_assert_uint_eq(p.l3_off, 34);
	p = DECODED(V4("\0\1", "\0\1", "\4", TWICE(FOUR)), 0);
	ck_assert_uint_eq(p.fate, NSC_FATE_FRAGMENT);
}
END_TEST

static struct nsc_packet numbered(unsigned i, bool first, bool last, uint64_t clock_ns)
{
	static char bytes[] = V4("\0\0", "\0\0", "\x11", UDP_HEAD);

	bytes[18] = (char)(i >> 8);
	bytes[19] = (char)i;
	bytes[20] = last ? 0 : 0x20;
	bytes[21] = !first;
	return DECODED(bytes, clock_ns);
}

/* Datagrams that are whole make room without a word; others are counted, the oldest first. */
START_TEST(more_than_there_is_room_for)
{
	enum { ALL = 4 * FRAGMENTS_SETS * FRAGMENTS_WAYS };
	unsigned found = 0;

	set_up();
	for (unsigned i = 0; i < ALL; i++) {
		numbered(i, true, false, i);
		found += numbered(i, false, true, i).fate == NSC_FATE_FLOW;
	}
	ck_assert_uint_eq(found, ALL);
	ck_assert_uint_eq(counters.value[NSC_C_FRAGMENT_EVICTED], 0);
	for (unsigned i = 0; i < ALL; i++)
		numbered(i, true, false, ALL + i);
	ck_assert_uint_ge(counters.value[NSC_C_FRAGMENT_EVICTED], ALL - FRAGMENTS_SETS * FRAGMENTS_WAYS);
	found = 0;
	for (unsigned i = ALL - FRAGMENTS_SETS; i < ALL; i++)
		found += numbered(i, false, true, 2 * ALL).fate == NSC_FATE_FLOW;
	ck_assert_uint_ge(found, FRAGMENTS_SETS - 8);
}
END_TEST

/* What was noted and is caught up later is what would have been decoded in order. */
START_TEST(noted_and_caught_up)
{
	static const char *const bytes[] = {
		V4("\0\7", "\0\1", "\x11", TWICE(FOUR)),   V4("\0\7", "\x20\0", "\x11", UDP_HEAD),
		V4("\0\7", "\x20\1", "\x11", TWICE(FOUR)), V4("\0\0", "\0\0", "\x11", UDP_HEAD),
		V4("\0\7", "\0\2", "\x11", TWICE(FOUR)),   V4("\0\x8", "\0\2", "\x11", TWICE(FOUR)),
	};
	enum { N = NSC_ARRAY_LEN(bytes), LENGTH = sizeof(V4("\0\7", "\0\1", "\x11", TWICE(FOUR))) - 1 };
	struct nsc_packet in_order[N], later[N];
	static struct nsc_decode_notes notes;
	struct nsc_decode_options settle;

	set_up();
	for (unsigned i = 0; i < N; i++)
		in_order[i] = decoded(bytes[i], LENGTH, i);
	set_up();
	settle = options;
	options.fragments = NULL;
	options.notes = &notes;
	notes.n = 0;
	for (unsigned i = 0; i < N; i++) { /* a burst of one, which is packet i */
		options.noted = &later[i];
		options.noted_from = i;
		later[i] = in_order[i];
		nsc_decode_burst(&options, &later[i], 1);
	}
	ck_assert_uint_eq(notes.n, N - 1);
	ck_assert_uint_eq(later[2].fate, NSC_FATE_FRAGMENT);
	nsc_decode_settle(&settle, later, N, &notes);
	ck_assert_int_eq(memcmp(later, in_order, sizeof(later)), 0);
	ck_assert_uint_eq(later[2].fate, NSC_FATE_FLOW);
	ck_assert_uint_eq(later[0].fate, NSC_FATE_FRAGMENT);
}
END_TEST

CHECK_MAIN("fragments", noted_and_caught_up, later_fragments_join, too_early_and_too_late,
	   first_fragments_without_a_flow, fragments_of_a_tunnel, more_than_there_is_room_for)
