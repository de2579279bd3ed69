/* SPDX-License-Identifier: MIT
 *
 * Which packets are contacts; each once an epoch; counts; epochs and marks; full channels, live and offline.
 */
#include "engine/detect/contacts.h"

#include <pthread.h>

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/detect/records.h"

#define EPOCH(n) ((n)*NSC_EPOCH_NS)
#define ALL                                                                                                            \
	(NSC_CONTACT_BIT(NSC_CONTACT_SYN) | NSC_CONTACT_BIT(NSC_CONTACT_UDP) | NSC_CONTACT_BIT(NSC_CONTACT_HANDSHAKE))

static struct nsc_arena *arena;
static struct nsc_idle worker, publisher;
static struct nsc_channel *epochs;
static struct nsc_contacts *contacts;
static struct nsc_counters counters;
static uint8_t frames[NSC_BURST_MAX][64];
static struct nsc_packet burst[NSC_BURST_MAX];
static uint32_t n;

static void set_up(uint32_t wanted, bool live)
{
	memset(&counters, 0, sizeof(counters));
	nsc_idle_init(&worker, NSC_POLL_ADAPTIVE, true);
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_epochs_open(&epochs, arena, NULL), 0);
	nsc_channel_connect(epochs, &(struct nsc_channel_doorbells){ .sender = &worker, .receiver = &publisher });
	ck_assert_int_eq(nsc_contacts_open(&contacts, arena, epochs, wanted, test_seed, NULL), 0);
	nsc_contacts_attach(contacts, &counters, live);
	nsc_contacts_advance(contacts, EPOCH(100));
	n = 0;
}

/* A packet of source 10.s to 192.t; IPv6 has the same numbers in its last bytes. */
static struct nsc_packet *add(uint8_t version, uint8_t proto, uint8_t flags, uint32_t s, uint32_t t, uint16_t port)
{
	struct nsc_packet *p = &burst[n];
	uint8_t *at = frames[n];

	memset(at, 0, sizeof(frames[n]));
	test_address(at + (version == 4 ? 12 : 20), 10, s);
	test_address(at + (version == 4 ? 16 : 36), 192, t);
	*p = (struct nsc_packet){
		.data = at,
		.clock_ns = EPOCH(100),
		.ip_version = version,
		.ip_proto = proto,
		.tcp_flags = flags,
		.src_port = 1000,
		.dst_port = port,
		.fate = NSC_FATE_FLOW,
	};
	n++;
	return p;
}

static void run(uint64_t openers)
{
	nsc_contacts_burst(contacts, burst, n, openers);
	n = 0;
}

/* The records of the next chunk, read back; 0 when there is none. */
static uint32_t take(struct nsc_contact_record *record, uint32_t max, uint64_t *epoch)
{
	static struct nsc_contact contact[NSC_EPOCH_CHUNK_RECORDS];
	struct nsc_epoch_chunk *chunk = nsc_channel_receive(epochs);
	uint32_t all = chunk ? test_read(chunk, contact) : 0;

	for (uint32_t i = 0; i < all && i < max; i++)
		record[i] = *contact[i].record;
	if (chunk) {
		*epoch = chunk->epoch;
		ck_assert_uint_eq(all, chunk->n);
		nsc_channel_give_back(epochs, chunk);
	}
	return all;
}

START_TEST(syns_and_openers_only)
{
	struct nsc_contact_record record[8];
	uint64_t epoch;

	set_up(ALL, false);
	add(4, NSC_PROTO_TCP, NSC_TCP_SYN, 1, 2, 80);
	add(4, NSC_PROTO_TCP, NSC_TCP_SYN | NSC_TCP_ACK, 2, 1, 1000);
	add(4, NSC_PROTO_TCP, NSC_TCP_ACK, 1, 3, 80);
	add(6, NSC_PROTO_UDP, 0, 1, 2, 53);
	add(4, NSC_PROTO_UDP, 0, 2, 1, 1000);
	add(4, NSC_PROTO_TCP, NSC_TCP_SYN | NSC_TCP_FIN, 1, 4, 81);
	add(4, NSC_PROTO_TCP, NSC_TCP_SYN, 1, 5, 82)->fate = NSC_FATE_FRAGMENT;
	run(1ull << 3);
	nsc_contacts_end(contacts);
	ck_assert_uint_eq(take(record, 8, &epoch), 3);
	ck_assert_uint_eq(epoch, 100);
	ck_assert_uint_eq(record[0].kind, NSC_CONTACT_SYN);
	ck_assert_uint_eq(record[0].port, 80);
	ck_assert_uint_eq(record[1].port, 81);
	ck_assert_uint_eq(record[2].kind, NSC_CONTACT_UDP);
	ck_assert_uint_eq(record[2].ip_version, 6);
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_CONTACTS], 3);
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_RECORDS], 3);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(nobody_wants_udp)
{
	struct nsc_contact_record record;
	uint64_t epoch;

	set_up(NSC_CONTACT_BIT(NSC_CONTACT_SYN), false);
	add(4, NSC_PROTO_UDP, 0, 1, 2, 53);
	run(1);
	nsc_contacts_end(contacts);
	ck_assert_uint_eq(take(&record, 1, &epoch), 0);
	nsc_arena_close(arena);
}
END_TEST

/* The same contact again is counted where it stands; in the next epoch it stands again. */
START_TEST(each_contact_once_an_epoch)
{
	struct nsc_contact_record record[8];
	uint64_t epoch;

	set_up(ALL, false);
	for (int i = 0; i < 10; i++) {
		add(4, NSC_PROTO_TCP, NSC_TCP_SYN, 1, 2, 80);
		add(4, NSC_PROTO_TCP, NSC_TCP_SYN, 1, 2, 81);
		add(4, NSC_PROTO_UDP, 0, 1, 2, 80);
		run(4);
	}
	nsc_contacts_advance(contacts, EPOCH(101));
	add(4, NSC_PROTO_UDP, 0, 1, 2, 80);
	run(1);
	nsc_contacts_end(contacts);
	ck_assert_uint_eq(take(record, 8, &epoch), 3);
	ck_assert_uint_eq(record[0].count, 10);
	ck_assert_uint_eq(record[1].count, 10);
	ck_assert_uint_eq(record[2].count, 1);
	ck_assert_uint_eq(take(record, 8, &epoch), 1);
	ck_assert_uint_eq(epoch, 101);
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_CONTACTS], 31);
	nsc_arena_close(arena);
}
END_TEST

/* More than a chunk: SYNs of one that is gone are counted anew, so that the sum is right; UDP is not sent again. */
START_TEST(sums_hold_over_chunks)
{
	static struct nsc_contact_record record[NSC_EPOCH_CHUNK_RECORDS];
	uint64_t epoch, syns = 0, udp = 0, chunks = 0;

	set_up(ALL, false);
	for (int again = 0; again < 3; again++) {
		for (uint32_t s = 0; s < 3000; s++) {
			add(4, NSC_PROTO_TCP, NSC_TCP_SYN, s, 2, 80);
			add(4, NSC_PROTO_UDP, 0, s, 2, 80);
			run(2);
		}
	}
	nsc_contacts_end(contacts);
	for (uint32_t all; (all = take(record, NSC_EPOCH_CHUNK_RECORDS, &epoch)); chunks++) {
		for (uint32_t i = 0; i < all; i++) {
			syns += record[i].kind == NSC_CONTACT_SYN ? record[i].count : 0;
			udp += record[i].kind == NSC_CONTACT_UDP;
		}
	}
	ck_assert_uint_gt(chunks, 2);
	ck_assert_uint_eq(syns, 9000);
	ck_assert_uint_ge(udp, 3000);
	ck_assert_uint_lt(udp, 3600); /* but for places that two contacts share */
	nsc_arena_close(arena);
}
END_TEST

START_TEST(marks_say_what_is_complete)
{
	set_up(ALL, false);
	ck_assert_uint_eq(nsc_channel_marked(epochs), 100);
	nsc_contacts_advance(contacts, EPOCH(500) + 7);
	ck_assert_uint_eq(nsc_channel_marked(epochs), 500);
	ck_assert_uint_eq(nsc_period_end(&contacts->period), EPOCH(501));
	ck_assert_ptr_null(nsc_channel_receive(epochs));
	nsc_contacts_advance(contacts, UINT64_MAX - 5);
	ck_assert_uint_eq(nsc_period_end(&contacts->period), UINT64_MAX);
	nsc_contacts_end(contacts);
	ck_assert_uint_eq(nsc_channel_marked(epochs), NSC_EPOCH_NONE);
	nsc_arena_close(arena);
}
END_TEST

static void flood(uint32_t packets)
{
	for (uint32_t s = 0; s < packets; s++) {
		add(4, NSC_PROTO_TCP, NSC_TCP_SYN, s, 2, 80);
		run(0);
	}
}

/* Nobody takes chunks: what does not fit is counted, and later contacts find room again. */
START_TEST(live_a_full_channel_skips)
{
	const uint32_t fits = NSC_EPOCH_CHUNKS * NSC_EPOCH_CHUNK_RECORDS;
	struct nsc_contact_record record;
	uint64_t epoch;

	set_up(ALL, true);
	flood(fits + 1000);
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_SKIPPED], 1000);
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_WAITS], 0);
	take(&record, 1, &epoch);
	flood(10);
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_SKIPPED], 1000);
	nsc_arena_close(arena);
}
END_TEST

static void *receive_all(void *context)
{
	uint64_t *sum = context;
	bool ended;

	do {
		struct nsc_epoch_chunk *chunk;

		ended = nsc_channel_marked(epochs) == NSC_EPOCH_NONE;
		while ((chunk = nsc_channel_receive(epochs))) {
			*sum += chunk->n;
			nsc_channel_give_back(epochs, chunk);
			ended = false;
		}
		sched_yield();
	} while (!ended);
	return NULL;
}

START_TEST(offline_the_worker_waits)
{
	const uint32_t packets = 2 * NSC_EPOCH_CHUNKS * NSC_EPOCH_CHUNK_RECORDS;
	pthread_t thread;
	uint64_t sum = 0;

	set_up(ALL, false);
	pthread_create(&thread, NULL, receive_all, &sum);
	flood(packets);
	nsc_contacts_end(contacts);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(sum, packets);
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_SKIPPED], 0);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(handshakes_are_contacts_when_wanted)
{
	struct nsc_contact_record record[8];
	struct nsc_packet *p;
	uint64_t epoch;

	set_up(ALL, false);
	p = add(4, NSC_PROTO_TCP, NSC_TCP_SYN | NSC_TCP_ACK, 2, 1, 1000);
	test_address(frames[0] + 12, 192, 2);
	test_address(frames[0] + 16, 10, 1);
	p->src_port = 80;
	p->tcp_seq = 5000;
	p->tcp_ack = 101;
	p = add(4, NSC_PROTO_TCP, NSC_TCP_ACK, 1, 2, 80);
	p->tcp_seq = 101;
	p->tcp_ack = 5001;
	run(0);
	nsc_contacts_end(contacts);
	ck_assert_uint_eq(take(record, 8, &epoch), 1);
	ck_assert_uint_eq(record[0].kind, NSC_CONTACT_HANDSHAKE);
	ck_assert_uint_eq(record[0].port, 80);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("contacts", syns_and_openers_only, nobody_wants_udp, each_contact_once_an_epoch, sums_hold_over_chunks,
	   marks_say_what_is_complete, live_a_full_channel_skips, offline_the_worker_waits,
	   handshakes_are_contacts_when_wanted)
