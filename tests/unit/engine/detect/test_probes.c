/* SPDX-License-Identifier: MIT
 *
 * What waits for an answer, what answers it, and when it counts: to the nanosecond; more than there is room for; the
 * last of all clocks. Kinds of scans are in tests/property/scans.
 */
#include "engine/detect/probes.h"

#include "engine/detect/contact.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/detect/records.h"

enum { NOW = 1000, PLACES = 65535 };

static struct nsc_arena *arena;
static struct nsc_probes *probes;
static struct nsc_counters counters;
static struct nsc_probes_found found;

static void set_up(void)
{
	memset(&counters, 0, sizeof(counters));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_probes_open(&probes, arena, true, test_seed, NULL), 0);
}

/* A packet of 10.s:40000 to 192.t:port, or back; both ways it has the hash of its flow. */
static void feed(uint64_t clock_ns, uint8_t proto, uint8_t flags, uint32_t s, uint16_t port, bool back, bool unanswered)
{
	static uint8_t frame[64];
	struct nsc_packet p = {
		.data = frame,
		.clock_ns = clock_ns,
		.hash = s * 2654435761u ^ port * 40503u,
		.link = NSC_LINK_RAW,
		.cap_len = sizeof(frame),
		.ip_version = 4,
		.ip_proto = proto,
		.tcp_flags = flags,
		.l4_off = 20,
		.l4_len = 20,
		.src_port = back ? port : 40000,
		.dst_port = back ? 40000 : port,
		.fate = NSC_FATE_FLOW,
	};

	memset(frame, 0, sizeof(frame));
	test_address(frame + (back ? 16 : 12), 10, s);
	test_address(frame + (back ? 12 : 16), 192, 5);
	nsc_probes_burst(probes, &p, 1, unanswered, &found, &counters);
}

static uint32_t overdue(uint64_t last_ns)
{
	struct nsc_probe_contact contact;
	uint64_t deadline_ns;
	uint32_t n = 0;

	while (nsc_probes_overdue(probes, last_ns, &contact, &deadline_ns))
		n++;
	return n;
}

START_TEST(silence_counts_when_the_time_is_over)
{
	struct nsc_probe_contact contact;
	uint64_t deadline_ns;

	set_up();
	feed(NOW, NSC_PROTO_TCP, NSC_TCP_SYN, 1, 80, false, true);
	feed(NOW + 5, NSC_PROTO_TCP, NSC_TCP_SYN, 1, 80, false, true); /* again: it waits already */
	ck_assert_uint_eq(found.n, 0);
	ck_assert(!nsc_probes_overdue(probes, NOW + NSC_PROBE_NS - 1, &contact, &deadline_ns));
	ck_assert(nsc_probes_overdue(probes, NOW + NSC_PROBE_NS, &contact, &deadline_ns));
	ck_assert_uint_eq(deadline_ns, NOW + NSC_PROBE_NS);
	ck_assert_uint_eq(contact.kind, NSC_CONTACT_PROBE);
	ck_assert_uint_eq(contact.port, 80);
	ck_assert_uint_eq(contact.addr[0], 10);
	ck_assert_uint_eq(contact.addr[4], 192);
	ck_assert_uint_eq(overdue(UINT64_MAX), 0);
	nsc_arena_close(arena);
}
END_TEST

/* An answer at the deadline is one; a nanosecond later it is none, whether anybody has looked meanwhile or not. */
START_TEST(an_answer_is_in_time_or_not)
{
	for (uint32_t late = 0; late < 2; late++) {
		set_up();
		feed(NOW, NSC_PROTO_TCP, NSC_TCP_SYN, 1, 80, false, true);
		feed(NOW + NSC_PROBE_NS + late, NSC_PROTO_TCP, NSC_TCP_SYN | NSC_TCP_ACK, 1, 80, true, false);
		ck_assert_uint_eq(found.n, late);
		ck_assert_uint_eq(found.answered, !late);
		ck_assert_uint_eq(overdue(UINT64_MAX), 0);
		nsc_arena_close(arena);
	}
}
END_TEST

START_TEST(what_answers)
{
	static const struct {
		uint8_t proto, probe, flags;
		bool back;
		uint32_t at_once, later;
	} cases[] = {
		{ NSC_PROTO_TCP, NSC_TCP_SYN, NSC_TCP_RST | NSC_TCP_ACK, true, 1, 0 },
		{ NSC_PROTO_TCP, NSC_TCP_SYN, NSC_TCP_ACK, true, 0, 0 },
		{ NSC_PROTO_TCP, NSC_TCP_SYN, NSC_TCP_ACK, false, 0, 0 }, /* whoever tried goes on */
		{ NSC_PROTO_TCP, NSC_TCP_SYN, NSC_TCP_RST, false, 0, 1 }, /* or gives up */
		{ NSC_PROTO_TCP, NSC_TCP_FIN, NSC_TCP_RST, true, 1, 0 },
		{ NSC_PROTO_TCP, 0, NSC_TCP_RST, true, 1, 0 },
		{ NSC_PROTO_TCP, NSC_TCP_ACK, NSC_TCP_RST, true, 1, 0 },
		{ NSC_PROTO_TCP, NSC_TCP_ACK, NSC_TCP_ACK, true, 0, 0 },
		{ NSC_PROTO_TCP, NSC_TCP_ACK, NSC_TCP_SYN, false, 0, 0 }, /* silence after an ACK says nothing */
		{ NSC_PROTO_UDP, 0, 0, true, 0, 0 },
		{ NSC_PROTO_UDP, 0, 0, false, 0, 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_up();
		feed(NOW, cases[i].proto, cases[i].probe, 1, 8080, false, true);
		feed(NOW + 9, cases[i].proto, cases[i].flags, 1, 8080, cases[i].back, false);
		ck_assert_msg(found.n == cases[i].at_once, "case %zu: %u at once", i, found.n);
		ck_assert_msg(overdue(UINT64_MAX) == cases[i].later, "case %zu later", i);
		nsc_arena_close(arena);
	}
}
END_TEST

START_TEST(no_probes)
{
	set_up();
	feed(NOW, NSC_PROTO_TCP, NSC_TCP_SYN, 1, 80, false, false); /* its flow has an answer */
	feed(NOW, NSC_PROTO_TCP, NSC_TCP_SYN | NSC_TCP_ACK, 1, 80, false, true);
	feed(NOW, NSC_PROTO_TCP, NSC_TCP_RST, 1, 80, false, true);
	feed(NOW, NSC_PROTO_UDP, 0, 1, 33434, false, true); /* traceroute */
	ck_assert_uint_eq(overdue(UINT64_MAX), 0);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(too_many_count_early)
{
	set_up();
	for (uint32_t s = 0; s < PLACES; s++)
		feed(NOW + s, NSC_PROTO_TCP, NSC_TCP_SYN, s, 80, false, true);
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_PROBE_EARLY], 0);
	feed(NOW + PLACES, NSC_PROTO_TCP, NSC_TCP_SYN, PLACES, 80, false, true);
	ck_assert_uint_eq(found.n, 1); /* the oldest */
	ck_assert_uint_eq(found.contact[0].addr[3], 0);
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_PROBE_EARLY], 1);
	feed(NOW + PLACES, NSC_PROTO_TCP, NSC_TCP_ACK, PLACES + 1, 80, false, true); /* no room for these */
	ck_assert_uint_eq(found.n, 0);
	ck_assert_uint_eq(counters.value[NSC_C_DETECT_PROBE_EARLY], 2);
	ck_assert_uint_eq(overdue(UINT64_MAX), PLACES);
	feed(NOW + PLACES, NSC_PROTO_TCP, NSC_TCP_SYN, 1, 80, false, true); /* places are used again */
	ck_assert_uint_eq(overdue(UINT64_MAX), 1);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(the_last_clocks)
{
	set_up();
	feed(UINT64_MAX - 1, NSC_PROTO_TCP, NSC_TCP_SYN, 1, 80, false, true);
	feed(UINT64_MAX, NSC_PROTO_TCP, NSC_TCP_SYN, 2, 80, false, true);
	ck_assert_uint_eq(overdue(UINT64_MAX - 1), 0);
	ck_assert_uint_eq(overdue(UINT64_MAX), 2);
	nsc_arena_close(arena);
}
END_TEST

/* The only contact that is overdue at the end of time. */
static struct nsc_probe_contact last_overdue(void)
{
	struct nsc_probe_contact contact = { .count = 0 }, other;
	uint64_t deadline_ns;

	ck_assert(nsc_probes_overdue(probes, UINT64_MAX, &contact, &deadline_ns));
	ck_assert(!nsc_probes_overdue(probes, UINT64_MAX, &other, &deadline_ns));
	return contact;
}

START_TEST(a_flow_of_udp_counts_its_packets)
{
	set_up();
	for (uint32_t i = 0; i < 5; i++)
		feed(NOW + i, NSC_PROTO_UDP, 0, 1, 8080, false, true);
	ck_assert_uint_eq(last_overdue().count, 5);
	for (uint32_t i = 0; i < 5; i++)
		feed(NOW, NSC_PROTO_TCP, NSC_TCP_SYN, 1, 8080, false, true);
	ck_assert_uint_eq(last_overdue().count, 1);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(kinds_of_udp)
{
	static const struct {
		uint16_t port;
		bool back;
		uint32_t kind;
	} cases[] = {
		{ 8080, false, NSC_CONTACT_UDP_PROBE },
		{ 4789, false, NSC_CONTACT_UDP_TUNNEL },
		{ 443, false, NSC_CONTACT_UDP_PROBE }, /* no byte of QUIC */
		{ 1900, true, NSC_CONTACT_UDP_STRAY },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_up();
		feed(NOW, NSC_PROTO_UDP, 0, 1, cases[i].port, cases[i].back, true);
		ck_assert_msg(last_overdue().kind == cases[i].kind, "case %zu", i);
		feed(NOW, NSC_PROTO_UDP, 0, 1, 443, true, true); /* a download of which one direction is captured */
		ck_assert_uint_eq(overdue(UINT64_MAX), 0);
		nsc_arena_close(arena);
	}
}
END_TEST

/* Whoever sends something back to a stray has not been asked. */
START_TEST(a_stray_is_no_question)
{
	for (uint32_t answered = 0; answered < 2; answered++) {
		set_up();
		feed(NOW, NSC_PROTO_UDP, 0, 1, 1900, true, true);
		feed(NOW + 1, NSC_PROTO_UDP, 0, 1, 1900, true, true);
		feed(NOW + 2, NSC_PROTO_UDP, 0, 1, 1900, false, answered);
		ck_assert(!found.answered);
		ck_assert_uint_eq(overdue(NOW + NSC_PROBE_NS + 1), 0);
		ck_assert_uint_eq(overdue(UINT64_MAX), 0);
		nsc_arena_close(arena);
	}
}
END_TEST

/* An ICMP message of this type, to or from 192.0.0.5. */
static bool feed_icmp(uint64_t clock_ns, uint8_t type, bool back, bool group)
{
	static uint8_t frame[28];
	struct nsc_packet p = { .data = frame,
				.clock_ns = clock_ns,
				.link = NSC_LINK_RAW,
				.cap_len = sizeof(frame),
				.ip_version = 4,
				.ip_proto = NSC_PROTO_ICMP,
				.fate = NSC_FATE_ICMP };

	memset(frame, 0, sizeof(frame));
	frame[0] = 0x45;
	test_address(frame + (back ? 16 : 12), 10, 1);
	test_address(frame + (back ? 12 : 16), group ? 224 : 192, 5);
	frame[20] = type;
	nsc_probes_burst(probes, &p, 1, 0, &found, &counters);
	ck_assert_uint_le(found.icmp, 1);
	return found.icmp;
}

START_TEST(icmp_of_which_a_flood_may_be_made)
{
	set_up();
	ck_assert(feed_icmp(NOW, 8, false, false));
	ck_assert(feed_icmp(NOW, 8, false, false));     /* each of them */
	ck_assert(!feed_icmp(NOW + 1, 0, true, false)); /* a reply that was asked for */
	ck_assert(feed_icmp(NOW + 2, 0, true, false));
	ck_assert(feed_icmp(NOW, 3, false, false));
	ck_assert(feed_icmp(NOW, 9, false, false)); /* whatever it says */
	ck_assert(!feed_icmp(NOW, 8, false, true));
	ck_assert(!feed_icmp(NOW, 9, false, true));
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("probes", silence_counts_when_the_time_is_over, an_answer_is_in_time_or_not, what_answers, no_probes,
	   too_many_count_early, the_last_clocks, a_flow_of_udp_counts_its_packets, kinds_of_udp,
	   a_stray_is_no_question, icmp_of_which_a_flood_may_be_made)
