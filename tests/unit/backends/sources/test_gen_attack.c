/* SPDX-License-Identifier: MIT
 *
 * Attacks among generated traffic: their share, their addresses and ports, their times; the traffic around them.
 */
#include <math.h>

#include "test_gen_maker.h"
#include "tests/unit/engine/check_main.h"

enum { PACKETS = 200000 };

struct census {
	uint32_t packets, attack, targets, ports, least_port, most_port, syns;
	uint32_t wrong;   /* frames with a bad length or checksum */
	uint32_t outside; /* attack packets outside of their time */
	uint64_t sources;
};

static uint8_t source_seen[(1u << 22) / 8], port_seen[65536 / 8], target_seen[65536 / 8];

static bool first_time(uint8_t *seen, uint32_t i)
{
	bool first = !(seen[i / 8] & 1u << i % 8);

	seen[i / 8] |= (uint8_t)(1u << i % 8);
	return first;
}

static void count(struct census *c, const struct nsc_gen_frame *frame)
{
	const uint8_t *ip = frame->data + 14;
	uint32_t port = get16(ip + 22);
	struct view view;

	c->attack++;
	c->wrong += view_ip(frame, &view) || check_l4(&view);
	c->syns += ip[9] == 6 && ip[33] == NSC_TCP_SYN && frame->flow == UINT32_MAX;
	c->sources += first_time(source_seen, get32(ip + 12) & ((1u << 22) - 1));
	c->targets += first_time(target_seen, get32(ip + 16) & 0xffff);
	c->ports += first_time(port_seen, port);
	c->least_port = NSC_MIN(c->least_port, port);
	c->most_port = NSC_MAX(c->most_port, port);
}

static struct census census(enum nsc_synth_attack attack, double share, double every_s, double for_s)
{
	struct nsc_gen_options options = { .reuse = false };
	struct census c = { .least_port = UINT32_MAX };
	struct traffic t;

	nsc_synth_defaults(&options.traffic);
	options.traffic.packets = PACKETS;
	options.traffic.rate_pps = 20000;
	options.traffic.attack = attack;
	options.traffic.attack_share = share;
	options.traffic.attack_sources = 1000;
	options.traffic.attack_targets = 50;
	options.traffic.attack_every_s = every_s;
	options.traffic.attack_for_s = for_s;
	memset(source_seen, 0, sizeof(source_seen));
	memset(target_seen, 0, sizeof(target_seen));
	memset(port_seen, 0, sizeof(port_seen));
	t = open_traffic(&options);
	while (next(&t)) {
		double at = (double)(t.frame.ts_ns - options.traffic.start_ns) / 1e9;

		c.packets++;
		if (!(t.frame.events & NSC_GEN_ATTACK))
			continue;
		count(&c, &t.frame);
		c.outside += every_s > 0 && fmod(at, every_s) < every_s - for_s - 1e-6;
	}
	close_traffic(&t);
	return c;
}

START_TEST(test_flood)
{
	struct census c = census(NSC_SYNTH_ATTACK_FLOOD, 0.3, 0, 1);

	ck_assert_uint_eq(c.packets, PACKETS);
	ck_assert_uint_eq(c.syns, c.attack);
	ck_assert_uint_eq(c.wrong, 0);
	ck_assert_uint_gt(c.attack, PACKETS * 29 / 100);
	ck_assert_uint_lt(c.attack, PACKETS * 31 / 100);
	ck_assert_uint_eq(c.sources, 1000);
	ck_assert_uint_eq(c.targets, 1);
	ck_assert_uint_eq(c.ports, 1);
}
END_TEST

START_TEST(test_spread)
{
	struct census c = census(NSC_SYNTH_ATTACK_SPREAD, 0.3, 0, 1);

	ck_assert_uint_eq(c.sources, 1000);
	ck_assert_uint_eq(c.targets, 50);
	ck_assert_uint_eq(c.ports, 1);
}
END_TEST

/* Every port once before one comes again. */
START_TEST(test_scan)
{
	struct census c = census(NSC_SYNTH_ATTACK_SCAN, 0.3, 0, 1);

	ck_assert_uint_eq(c.sources, 1);
	ck_assert_uint_eq(c.targets, 1);
	ck_assert_uint_eq(c.ports, NSC_MIN(c.attack, 65535u));
	ck_assert_uint_gt(c.ports, 50000);
	ck_assert_uint_ge(c.least_port, 1);
}
END_TEST

START_TEST(test_now_and_then)
{
	struct census c = census(NSC_SYNTH_ATTACK_FLOOD, 0.5, 2, 0.5);

	ck_assert_uint_eq(c.outside, 0);
	ck_assert_uint_gt(c.attack, PACKETS / 8 * 9 / 10);
	ck_assert_uint_lt(c.attack, PACKETS / 8 * 11 / 10);
}
END_TEST

START_TEST(test_off_by_default)
{
	ck_assert_uint_eq(census(NSC_SYNTH_ATTACK_NONE, 1, 0, 1).attack, 0);
}
END_TEST

START_TEST(test_wrong_options)
{
	struct nsc_gen_options options = { .reuse = false };
	struct nsc_error error;

	nsc_synth_defaults(&options.traffic);
	options.traffic.attack = NSC_SYNTH_ATTACK_FLOOD;
	ck_assert_int_eq(nsc_gen_check(&options, &error), 0);
	options.traffic.attack_sources = 0;
	ck_assert_int_ne(nsc_gen_check(&options, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "attack_sources is 0"));
	options.traffic.attack_sources = 1;
	options.traffic.attack_every_s = 1;
	options.traffic.attack_for_s = 2;
	ck_assert_int_ne(nsc_gen_check(&options, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "attack_for_s is 2"));
	options.traffic.attack_for_s = 1;
	options.traffic.attack_targets = 65537;
	ck_assert_int_ne(nsc_gen_check(&options, &error), 0);
	options.traffic.attack_targets = 1;
	options.traffic.attack_share = 1.5;
	ck_assert_int_ne(nsc_gen_check(&options, &error), 0);
	options.traffic.attack_share = 1;
	options.traffic.attack = NSC_SYNTH_ATTACK_COUNT;
	ck_assert_int_ne(nsc_gen_check(&options, &error), 0);
}
END_TEST

CHECK_MAIN("rx/gen_attack", test_flood, test_spread, test_scan, test_now_and_then, test_off_by_default,
	   test_wrong_options)
