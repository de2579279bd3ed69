/* SPDX-License-Identifier: MIT
 *
 * A handshake is completed by the packet that acknowledges its SYN+ACK, in time, once.
 */
#include "engine/detect/handshakes.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/detect/records.h"

static struct nsc_arena *arena;
static struct nsc_handshakes *handshakes;
static struct nsc_counters counters;
static uint8_t frame[2][64];

static void set_up(void)
{
	memset(&counters, 0, sizeof(counters));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_handshakes_open(&handshakes, arena, test_seed, NULL), 0);
}

static struct nsc_packet answer(uint8_t version, uint32_t client, uint64_t clock_ns)
{
	uint8_t *at = frame[0];

	memset(at, 0, sizeof(frame[0]));
	test_address(at + (version == 4 ? 12 : 8), 192, 1);
	test_address(at + (version == 4 ? 16 : 24), 10, client);
	return (struct nsc_packet){
		.data = at,
		.clock_ns = clock_ns,
		.ip_version = version,
		.ip_proto = NSC_PROTO_TCP,
		.tcp_flags = NSC_TCP_SYN | NSC_TCP_ACK,
		.src_port = 80,
		.dst_port = 1000,
		.tcp_seq = UINT32_MAX,
		.tcp_ack = 77,
		.fate = NSC_FATE_FLOW,
	};
}

static struct nsc_packet ack(uint8_t version, uint32_t client, uint64_t clock_ns)
{
	uint8_t *at = frame[1];

	memset(at, 0, sizeof(frame[1]));
	test_address(at + (version == 4 ? 12 : 8), 10, client);
	test_address(at + (version == 4 ? 16 : 24), 192, 1);
	return (struct nsc_packet){
		.data = at,
		.clock_ns = clock_ns,
		.ip_version = version,
		.ip_proto = NSC_PROTO_TCP,
		.tcp_flags = NSC_TCP_ACK,
		.src_port = 1000,
		.dst_port = 80,
		.tcp_seq = 77,
		.tcp_ack = 0,
		.fate = NSC_FATE_FLOW,
	};
}

static bool completes(struct nsc_packet one, struct nsc_packet other)
{
	struct nsc_packet pkt[2] = { one, other };

	return nsc_handshakes_burst(handshakes, pkt, 2, &counters) == 2;
}

static bool completes_alone(struct nsc_packet one)
{
	return nsc_handshakes_burst(handshakes, &one, 1, &counters);
}

START_TEST(once_and_in_time)
{
	for (uint8_t version = 4; version <= 6; version += 2) {
		set_up();
		ck_assert(completes(answer(version, 1, 5), ack(version, 1, 6)));
		ck_assert(!completes_alone(ack(version, 1, 7)));
		ck_assert(!completes(answer(version, 1, 5), ack(version, 2, 6)));
		ck_assert(completes_alone(ack(version, 1, 5 + NSC_HANDSHAKE_NS)));
		ck_assert(!completes(answer(version, 1, 5), ack(version, 1, 6 + NSC_HANDSHAKE_NS)));
		nsc_arena_close(arena);
	}
}
END_TEST

START_TEST(numbers_must_fit)
{
	struct nsc_packet wrong;

	set_up();
	wrong = ack(4, 1, 6);
	wrong.tcp_ack = 1;
	ck_assert(!completes(answer(4, 1, 5), wrong));
	wrong = ack(4, 1, 6);
	wrong.tcp_seq = 78;
	ck_assert(!completes_alone(wrong));
	wrong = ack(4, 1, 6);
	wrong.src_port = 1001;
	ck_assert(!completes_alone(wrong));
	wrong = ack(4, 1, 6);
	wrong.tcp_flags |= NSC_TCP_RST;
	ck_assert(!completes_alone(wrong));
	wrong = ack(4, 1, 6);
	wrong.tcp_flags |= NSC_TCP_PSH;
	ck_assert(completes_alone(wrong));
	nsc_arena_close(arena);
}
END_TEST

/* A SYN+ACK that is sent again begins its time anew. */
START_TEST(sent_again)
{
	set_up();
	ck_assert(!completes_alone(answer(4, 1, 5)));
	ck_assert(!completes_alone(answer(4, 1, NSC_HANDSHAKE_NS)));
	ck_assert(completes_alone(ack(4, 1, 2 * NSC_HANDSHAKE_NS)));
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_HANDSHAKE_EVICTED], 0);
	nsc_arena_close(arena);
}
END_TEST

/* Half-open ones in time push each other out, counted; those whose time is over make room. */
START_TEST(too_many)
{
	set_up();
	for (uint32_t i = 0; i < 200000; i++)
		completes_alone(answer(4, i, 5));
	ck_assert_uint_gt(counters.value[NSC_C_DETECT_HANDSHAKE_EVICTED], 200000 - 65536);
	counters.value[NSC_C_DETECT_HANDSHAKE_EVICTED] = 0;
	for (uint32_t i = 0; i < 500; i++)
		completes_alone(answer(4, i, 6 + NSC_HANDSHAKE_NS));
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_HANDSHAKE_EVICTED], 0);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("handshakes", once_and_in_time, numbers_must_fit, sent_again, too_many)
