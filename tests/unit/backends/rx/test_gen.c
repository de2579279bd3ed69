/* SPDX-License-Identifier: MIT
 *
 * Unit tests of backends/rx/gen*.c: the same bytes everywhere, valid frames, shares met, sequence numbers that follow.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "backends/rx/gen.h"

#define FLOWS 300u
#define GOLDEN_EVERYTHING 371012380483899193ull
#define GOLDEN_DEFAULTS 2023331962286495966ull

static struct nsc_gen_options everything(void)
{
	struct nsc_gen_options options = { 0 };

	nsc_synth_defaults(&options.traffic);
	options.traffic.flows = FLOWS;
	options.traffic.packets = 10000;
	options.traffic.ipv6_share = 0.3;
	options.traffic.vlan_share = 0.2;
	options.traffic.fragment_share = 0.1;
	options.traffic.loss = 0.01;
	options.traffic.reorder = 0.01;
	options.traffic.flow_packets = 30;
	options.traffic.rate_pps = 10000;
	return options;
}

struct traffic {
	struct nsc_gen *gen;
	uint8_t *slot;
	struct nsc_gen_frame frame;
};

static struct traffic open_traffic(const struct nsc_gen_options *options)
{
	struct traffic t = { 0 };
	struct nsc_error error;

	ck_assert_msg(nsc_gen_open(&t.gen, options, &error) == 0, "%s", error.text);
	t.slot = malloc(nsc_gen_slot_size(t.gen));
	ck_assert_ptr_nonnull(t.slot);
	nsc_gen_slot_init(t.gen, t.slot);
	return t;
}

static bool next(struct traffic *t)
{
	return nsc_gen_next(t->gen, t->slot, &t->frame);
}

static void close_traffic(struct traffic *t)
{
	nsc_gen_close(t->gen);
	free(t->slot);
}

static uint64_t fnv1a(uint64_t hash, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ull;
	return hash;
}

static uint64_t hash_of(const struct nsc_gen_options *options)
{
	struct traffic t = open_traffic(options);
	uint64_t hash = 0xcbf29ce484222325ull;

	while (next(&t)) {
		hash = fnv1a(hash, &t.frame.ts_ns, sizeof(t.frame.ts_ns));
		hash = fnv1a(hash, &t.frame.wire_len, sizeof(t.frame.wire_len));
		hash = fnv1a(hash, t.frame.data, t.frame.cap_len);
	}
	close_traffic(&t);
	return hash;
}

/* The bytes are a promise: tests and benchmarks everywhere count on them. */
START_TEST(test_golden)
{
	struct nsc_gen_options options = everything(), defaults = { 0 };

	nsc_synth_defaults(&defaults.traffic);
	defaults.traffic.packets = 10000;
	ck_assert_uint_eq(hash_of(&options), GOLDEN_EVERYTHING);
	ck_assert_uint_eq(hash_of(&defaults), GOLDEN_DEFAULTS);
}
END_TEST

START_TEST(test_seeds_differ)
{
	struct nsc_gen_options options = everything();
	uint64_t first = hash_of(&options);

	ck_assert_uint_eq(hash_of(&options), first);
	options.traffic.seed = 2;
	ck_assert_uint_ne(hash_of(&options), first);
}
END_TEST

/* --- every frame is valid ---------------------------------------------------------------------------------- */

static uint32_t get16(const uint8_t *at)
{
	return (uint32_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

static uint32_t sum16(const uint8_t *data, uint32_t len, uint32_t sum)
{
	for (uint32_t i = 0; i < len; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum >> 16) + (sum & 0xffff);
	return sum;
}

/* a frame taken apart by the test's own means */
struct view {
	uint32_t version, proto, l4_len, addresses_sum;
	bool fragment;
	const uint8_t *ip, *l4;
};

/* NULL, or what is wrong. */
static const char *view_ip(const struct nsc_gen_frame *frame, struct view *view)
{
	const uint8_t *end = frame->data + frame->cap_len, *ip = frame->data + 14;
	uint32_t type = get16(ip - 2);

	*view = (struct view){ 0 };
	if (type == 0x8100) {
		type = get16(ip + 2);
		ip += 4;
	}
	view->ip = ip;
	if (type == 0x0800 && ip[0] == 0x45) {
		*view = (struct view){
			.version = 4, .proto = ip[9], .l4_len = get16(ip + 2) - 20, .ip = ip, .l4 = ip + 20
		};
		view->fragment = get16(ip + 6) & 0x3fff;
		view->addresses_sum = sum16(ip + 12, 8, 0);
		if (sum16(ip, 20, 0) != 0xffff)
			return "IPv4 header checksum";
	} else if (type == 0x86dd && ip[0] == 0x60) {
		*view = (struct view){ .version = 6, .proto = ip[6], .l4_len = get16(ip + 4), .ip = ip, .l4 = ip + 40 };
		view->fragment = ip[6] == 44;
		view->addresses_sum = sum16(ip + 8, 32, 0);
	} else {
		return "ethertype or version";
	}
	return view->l4 + view->l4_len > end ? "IP length" : NULL;
}

static const char *check_l4(const struct view *v)
{
	if (v->proto == NSC_PROTO_UDP && get16(v->l4 + 4) != v->l4_len)
		return "UDP length";
	if (v->proto == NSC_PROTO_UDP && get16(v->l4 + 6) == 0)
		return "UDP without checksum";
	if (v->proto != NSC_PROTO_UDP && v->proto != NSC_PROTO_TCP)
		return "protocol";
	if (sum16(v->l4, v->l4_len, v->addresses_sum + v->proto + v->l4_len) != 0xffff)
		return "L4 checksum";
	return NULL;
}

static const char *check_key(struct traffic *t, const struct view *v)
{
	uint32_t len = v->version == 4 ? 4 : 16, at = v->version == 4 ? 12 : 8;
	uint8_t dir = t->frame.dir;
	struct nsc_gen_key key;

	nsc_gen_key(t->gen, t->frame.flow, &key);
	if (key.ip_version != v->version || key.ip_proto != v->proto)
		return "key: version or protocol";
	if (memcmp(key.address[dir], v->ip + at, len) || memcmp(key.address[!dir], v->ip + at + len, len))
		return "key: address";
	if (key.port[dir] != get16(v->l4) || key.port[!dir] != get16(v->l4 + 2))
		return "key: port";
	return key.vlan_id != (v->ip == t->frame.data + 18 ? (get16(v->ip - 4) & 0xfff) : 0) ? "key: vlan" : NULL;
}

static const char *check_frame(struct traffic *t)
{
	struct view view;
	const char *wrong = view_ip(&t->frame, &view);

	if (wrong || view.fragment != ((t->frame.events & (NSC_GEN_FRAGMENT | NSC_GEN_REST)) != 0))
		return wrong ? wrong : "fragment";
	if (view.fragment)
		return NULL;
	wrong = check_l4(&view);
	return wrong ? wrong : check_key(t, &view);
}

START_TEST(test_frames_are_valid)
{
	struct nsc_gen_options options = everything();
	struct traffic t;
	const char *wrong = NULL;
	uint32_t frames = 0;

	options.traffic.payload_max = _i == 1 ? 32 : 9000;
	options.traffic.handshake = _i != 1;
	t = open_traffic(&options);
	while (!wrong && next(&t)) {
		wrong = check_frame(&t);
		frames++;
	}
	ck_assert_msg(!wrong, "frame %u: %s", frames, wrong);
	ck_assert_uint_eq(frames, 10000);
	close_traffic(&t);
}
END_TEST

/* Both halves of each datagram, put together, have the checksum that the first one carries. */
START_TEST(test_fragments_join)
{
	struct nsc_gen_options options = everything();
	static uint8_t datagram[FLOWS][2048];
	static uint32_t have[FLOWS], sums[FLOWS];
	uint32_t joined = 0, bad = 0;
	struct traffic t;

	options.traffic.tcp_share = 0;
	options.traffic.dns_share = 0;
	options.traffic.fragment_share = 1;
	t = open_traffic(&options);
	while (next(&t)) {
		uint32_t flow = t.frame.flow, extension;
		struct view view;

		ck_assert_ptr_null(view_ip(&t.frame, &view));
		extension = view.version == 6 ? 8 : 0;
		if (t.frame.events & NSC_GEN_FRAGMENT)
			have[flow] = 0;
		memcpy(datagram[flow] + have[flow], view.l4 + extension, view.l4_len - extension);
		have[flow] += view.l4_len - extension;
		if (!(t.frame.events & NSC_GEN_REST))
			continue;
		sums[flow] = sum16(datagram[flow], have[flow], view.addresses_sum + NSC_PROTO_UDP + have[flow]);
		bad += sums[flow] != 0xffff || get16(datagram[flow] + 4) != have[flow];
		joined++;
	}
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_gt(joined, 4000);
	close_traffic(&t);
}
END_TEST

/* --- TCP --------------------------------------------------------------------------------------------------- */

struct stream {
	uint32_t connection, next[2], acked[2];
	bool known[2], seen, hole;
};

static uint32_t tcp_payload(const struct view *v)
{
	return v->l4_len - (v->l4[12] >> 4) * 4u;
}

/* New data continues where the last ended; a gap is announced; resent and late segments lie below. */
static const char *follow(struct stream *s, const struct nsc_gen_frame *frame, const struct view *v)
{
	uint32_t seq = get32(v->l4 + 4), ack = get32(v->l4 + 8), dir = frame->dir;
	uint32_t end = seq + tcp_payload(v) + ((frame->tcp_flags & (NSC_TCP_SYN | NSC_TCP_FIN)) != 0);
	bool below = frame->events & (NSC_GEN_RESENT | NSC_GEN_LATE);
	const char *wrong = NULL;

	if (!s->seen || s->connection != frame->connection)
		*s = (struct stream){ .connection = frame->connection, .seen = true };
	if (frame->seq != seq)
		return "the frame's own record of seq";
	if (s->known[dir] && !below && seq != s->next[dir]) {
		wrong = s->hole || (int32_t)(seq - s->next[dir]) < 0 ? "gap" : NULL;
		s->hole = true;
	}
	if (below && (!s->hole || (int32_t)(end - s->next[dir]) >= 0))
		wrong = "resent or late segment does not fill a hole";
	if (frame->events & NSC_GEN_LOST && !s->hole)
		wrong = "lost without a gap";
	if (frame->tcp_flags & NSC_TCP_ACK && s->known[!dir] && (int32_t)(ack - s->next[!dir]) > 0)
		wrong = "acknowledges what was not sent";
	if (s->acked[dir] && (int32_t)(ack - s->acked[dir]) < 0 && !(frame->tcp_flags & NSC_TCP_RST))
		wrong = "acknowledgement goes back";
	s->hole &= !below;
	s->next[dir] = below ? s->next[dir] : end;
	s->known[dir] = true;
	s->acked[dir] = ack;
	return wrong;
}

START_TEST(test_sequence_numbers_follow)
{
	struct nsc_gen_options options = everything();
	static struct stream streams[FLOWS];
	const char *wrong = NULL;
	uint32_t frames = 0, resent = 0, late = 0;
	struct traffic t;

	options.traffic.tcp_share = 1;
	options.traffic.packets = 100000;
	options.traffic.handshake = _i;
	t = open_traffic(&options);
	while (!wrong && next(&t)) {
		struct view view;

		wrong = view_ip(&t.frame, &view);
		if (!wrong)
			wrong = follow(&streams[t.frame.flow], &t.frame, &view);
		resent += (t.frame.events & NSC_GEN_RESENT) != 0;
		late += (t.frame.events & NSC_GEN_LATE) != 0;
		frames++;
	}
	ck_assert_msg(!wrong, "frame %u: %s", frames, wrong);
	ck_assert_uint_gt(resent, 100);
	ck_assert_uint_gt(late, 100);
	close_traffic(&t);
}
END_TEST

/* A connection: SYN, SYN+ACK, ACK; its end: FINs or a reset. Nothing of it comes after its end. */
START_TEST(test_handshakes)
{
	struct nsc_gen_options options = everything();
	static uint32_t packets[FLOWS], connection[FLOWS];
	static const uint8_t begin[3] = { NSC_TCP_SYN, NSC_TCP_SYN | NSC_TCP_ACK, NSC_TCP_ACK };
	uint32_t bad = 0, syns = 0, refused = 0;
	struct traffic t;

	options.traffic.tcp_share = 1;
	options.traffic.packets = 100000;
	t = open_traffic(&options);
	while (next(&t)) {
		uint32_t flow = t.frame.flow, nth;

		if (t.frame.tcp_flags == NSC_TCP_SYN) {
			connection[flow] = t.frame.connection;
			packets[flow] = 0;
			syns++;
		}
		bad += connection[flow] != t.frame.connection;
		nth = packets[flow]++;
		if (nth == 1 && t.frame.tcp_flags & NSC_TCP_RST)
			refused++;
		else if (nth < 3)
			bad += t.frame.tcp_flags != begin[nth] || t.frame.dir != (nth == 1);
	}
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_gt(syns, 2000);
	ck_assert(refused * 80 < syns && refused * 200 > syns);
	close_traffic(&t);
}
END_TEST

/* --- shares and limits ------------------------------------------------------------------------------------- */

struct census {
	uint32_t connections, tcp, ipv6, vlan, dns;
	uint32_t data, lost, late, datagrams, fragmented, elephant, packets;
	uint64_t last_ns;
};

static struct census take_census(const struct nsc_gen_options *options)
{
	struct traffic t = open_traffic(options);
	struct census c = { 0 };
	uint32_t highest = 0;

	while (next(&t)) {
		struct nsc_gen_key key;

		nsc_gen_key(t.gen, t.frame.flow, &key);
		if (c.packets++ == 0 || t.frame.connection > highest) {
			highest = t.frame.connection;
			c.connections++;
			c.tcp += key.ip_proto == NSC_PROTO_TCP;
			c.ipv6 += key.ip_version == 6;
			c.vlan += key.vlan_id != 0;
			c.dns += key.port[1] == 53;
		}
		c.data += key.ip_proto == NSC_PROTO_TCP && t.frame.events & NSC_GEN_DATA;
		c.lost += (t.frame.events & NSC_GEN_LOST) != 0;
		c.late += (t.frame.events & NSC_GEN_LATE) != 0;
		c.datagrams += t.frame.events & NSC_GEN_DATA && !t.frame.tcp_flags && key.port[1] != 53;
		c.fragmented += (t.frame.events & NSC_GEN_FRAGMENT) != 0;
		c.elephant += t.frame.flow < options->traffic.flows / 100;
		ck_assert_uint_ge(t.frame.ts_ns, c.last_ns);
		c.last_ns = t.frame.ts_ns;
	}
	close_traffic(&t);
	return c;
}

static bool near(uint32_t part, uint32_t whole, double share)
{
	double found = (double)part / whole;

	return found > share * 0.85 && found < share * 1.15;
}

START_TEST(test_shares)
{
	struct nsc_gen_options options = everything();
	struct census c;

	options.traffic.packets = 200000;
	c = take_census(&options);
	ck_assert_uint_eq(c.packets, 200000);
	ck_assert(near(c.tcp, c.connections, 0.8));
	ck_assert(near(c.ipv6, c.connections, 0.3));
	ck_assert(near(c.vlan, c.connections, 0.2));
	ck_assert(near(c.dns, c.connections - c.tcp, 0.3));
	ck_assert(near(c.lost, c.data + c.lost, 0.01));
	ck_assert(near(c.late, c.data + c.lost, 0.01));
	ck_assert(near(c.fragmented, c.datagrams, 0.1));
	ck_assert(near((uint32_t)((c.last_ns - options.traffic.start_ns) / 1000), 200000, 100)); /* 10 kpps: 100 us */
}
END_TEST

START_TEST(test_elephants)
{
	struct nsc_gen_options options = everything();
	struct census c;

	options.traffic.packets = 200000;
	options.traffic.flow_packets = 0;
	options.traffic.tcp_share = 0;
	options.traffic.fragment_share = 0;
	options.traffic.dns_share = 0;
	options.traffic.elephant_share = 0.5;
	c = take_census(&options);
	ck_assert(near(c.elephant, c.packets, 0.505));
	ck_assert_uint_eq(c.connections, FLOWS);
}
END_TEST

START_TEST(test_mean_flow)
{
	struct nsc_gen_options options = everything();
	struct census c;

	options.traffic.packets = 400000;
	options.traffic.dns_share = 0;
	options.traffic.fragment_share = 0;
	options.traffic.flow_packets = 40;
	c = take_census(&options);
	ck_assert(near(c.packets, c.connections, 40));
}
END_TEST

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

START_TEST(test_keys_do_not_repeat)
{
	struct nsc_gen_options options = everything();
	static uint64_t seen[500000]; /* client's host and port of each connection */
	uint32_t repeated = 0, connections = 0;
	struct traffic t;

	options.traffic.packets = NSC_ARRAY_LEN(seen);
	options.traffic.payload_max = 32;
	options.traffic.dns_share = 1;
	t = open_traffic(&options);
	while (next(&t)) {
		struct nsc_gen_key key;

		if (t.frame.connection < connections)
			continue;
		connections = t.frame.connection + 1;
		nsc_gen_key(t.gen, t.frame.flow, &key);
		seen[t.frame.connection] =
			(uint64_t)get32(key.address[0] + (key.ip_version == 4 ? 0 : 12)) << 16 | key.port[0];
	}
	qsort(seen, connections, sizeof(seen[0]), compare_keys);
	for (uint32_t i = 1; i < connections; i++)
		repeated += seen[i] == seen[i - 1];
	ck_assert_uint_gt(connections, 15000);
	ck_assert_uint_eq(repeated, 0);
	close_traffic(&t);
}
END_TEST

START_TEST(test_reuse_keeps_keys)
{
	struct nsc_gen_options options = everything();
	static struct nsc_gen_key keys[FLOWS];
	uint32_t differ = 0, syns = 0;
	struct traffic t;

	options.reuse = true;
	t = open_traffic(&options);
	while (next(&t)) {
		struct nsc_gen_key key;

		nsc_gen_key(t.gen, t.frame.flow, &key);
		differ += keys[t.frame.flow].ip_version && memcmp(&keys[t.frame.flow], &key, sizeof(key));
		keys[t.frame.flow] = key;
		syns += t.frame.tcp_flags == NSC_TCP_SYN;
	}
	ck_assert_uint_eq(differ, 0);
	ck_assert_uint_gt(syns, FLOWS + FLOWS / 2);
	close_traffic(&t);
}
END_TEST

/* One flow cannot carry the rate: time jumps to its timers and the packets come all the same. */
START_TEST(test_one_flow)
{
	struct nsc_gen_options options = everything();
	struct census c;

	options.traffic.flows = 1;
	options.traffic.tcp_share = 1;
	options.traffic.rate_pps = 1e9;
	c = take_census(&options);
	ck_assert_uint_eq(c.packets, 10000);
	ck_assert_uint_gt(c.connections, 100);
}
END_TEST

START_TEST(test_empty_payload)
{
	struct nsc_gen_options options = everything();
	struct traffic t;
	uint32_t longest = 0;

	options.traffic.payload_max = options.traffic.snaplen = 0;
	options.traffic.loss = options.traffic.reorder = options.traffic.fragment_share = options.traffic.dns_share = 0;
	t = open_traffic(&options);
	while (next(&t)) {
		ck_assert_ptr_null(check_frame(&t));
		longest = NSC_MAX(longest, t.frame.wire_len);
	}
	ck_assert_uint_eq(longest, 14 + 4 + 40 + 32); /* an IPv6 SYN with options and a tag */
	close_traffic(&t);
}
END_TEST

START_TEST(test_bad_options)
{
	static const char *const wanted[] = { "tcp_share",      "loss + reorder", "payload_max", "payload_min",
					      "flows",          "flows",          "rate_pps",    "rtt_us",
					      "fragment_share", "loss and",       "start_ns",    "elephant_share" };
	struct nsc_gen_options o = everything();
	struct nsc_synth_options *t = &o.traffic;
	struct nsc_error error = { "" };

	switch (_i) {
	case 0:
		t->tcp_share = 1.5;
		break;
	case 1:
		t->loss = t->reorder = 0.7;
		break;
	case 2:
		t->payload_max = 9001;
		break;
	case 3:
		t->payload_min = 1401;
		break;
	case 4:
		t->flows = 0;
		break;
	case 5:
		t->flows = NSC_GEN_FLOWS_MAX + 1ull;
		break;
	case 6:
		t->rate_pps = 0.0 / 1.0;
		break;
	case 7:
		t->rtt_us = 0;
		break;
	case 8:
		t->payload_max = 31;
		break;
	case 9:
		t->payload_max = 0;
		t->fragment_share = 0;
		break;
	case 10:
		t->start_ns = UINT64_MAX;
		break;
	case 11:
		t->elephant_share = __builtin_nan("");
		break;
	}
	ck_assert_int_eq(nsc_gen_check(&o, &error), -22);
	ck_assert_msg(strstr(error.text, wanted[_i]), "%s", error.text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/gen");
	TCase *tcase = tcase_create("gen");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_golden);
	tcase_add_test(tcase, test_seeds_differ);
	tcase_add_loop_test(tcase, test_frames_are_valid, 0, 2);
	tcase_add_test(tcase, test_fragments_join);
	tcase_add_loop_test(tcase, test_sequence_numbers_follow, 0, 2);
	tcase_add_test(tcase, test_handshakes);
	tcase_add_test(tcase, test_shares);
	tcase_add_test(tcase, test_elephants);
	tcase_add_test(tcase, test_mean_flow);
	tcase_add_test(tcase, test_keys_do_not_repeat);
	tcase_add_test(tcase, test_reuse_keeps_keys);
	tcase_add_test(tcase, test_one_flow);
	tcase_add_test(tcase, test_empty_payload);
	tcase_add_loop_test(tcase, test_bad_options, 0, 12);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
