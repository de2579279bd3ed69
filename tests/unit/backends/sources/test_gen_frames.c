/* SPDX-License-Identifier: MIT
 *
 * Unit tests of backends/sources/gen*.c: every frame is valid, fragments join, sequence numbers follow, handshakes.
 */
#include "test_gen_maker.h"

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

/* --- TCP -------------------------------------------------------------------------------------- */

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

int main(void)
{
	Suite *suite = suite_create("rx/gen frames");
	TCase *tcase = tcase_create("gen");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_frames_are_valid, 0, 2);
	tcase_add_test(tcase, test_fragments_join);
	tcase_add_loop_test(tcase, test_sequence_numbers_follow, 0, 2);
	tcase_add_test(tcase, test_handshakes);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
