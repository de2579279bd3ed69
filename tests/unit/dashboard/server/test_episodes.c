/* SPDX-License-Identifier: MIT
 *
 * Episodes: begin, peak, last and end of an attack; what is seen or muted is no news; the oldest go.
 */
#include "dashboard/server/episodes.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

#define START (1700000000ull * NSC_NS_PER_SEC)

static struct nsc_episodes episodes;

static void begin(void)
{
	memset(&episodes, 0, sizeof(episodes));
}

static void note(uint64_t id, unsigned state, uint64_t seconds, uint64_t syns)
{
	struct nsc_alert alert = { .id = id,
				   .state = (uint8_t)state,
				   .ts_ns = START + seconds * NSC_NS_PER_SEC,
				   .kind = NSC_ALERT_SYN_FLOOD,
				   .ip_version = 4,
				   .has_target = true,
				   .target = { 10, 0, 0, 9 },
				   .target_port = 80 };

	memset(alert.observed, 0xff, sizeof(alert.observed));
	memset(alert.thresholds, 0xff, sizeof(alert.thresholds));
	alert.observed[NSC_ALERT_SYNS] = syns;
	nsc_episodes_note(&episodes, &alert);
}

/* "news": ids, open, unseen */
static const char *news(void)
{
	static char text[16384];
	struct nsc_json json = { .out = nsc_buffer_on(text, sizeof(text) - 1) };

	nsc_json_open(&json, '{');
	nsc_episodes_show_open(&episodes, &json);
	nsc_json_close(&json, '}');
	ck_assert(!json.out.full);
	text[json.out.length] = '\0';
	return text;
}

static const struct nsc_episode *of(uint64_t id)
{
	return &episodes.ring[id % NSC_EPISODES_KEPT];
}

START_TEST(an_attack_is_one_episode)
{
	begin();
	note(1, NSC_ALERT_BEGIN, 0, 200);
	note(1, NSC_ALERT_UPDATE, 30, 900);
	note(1, NSC_ALERT_UPDATE, 60, 300);
	ck_assert_str_eq(news(), "{\"news\":[{\"id\":1,\"key\":\"syn_flood 10.0.0.9:80\"}],\"open\":1,\"unseen\":1}");
	note(1, NSC_ALERT_END, 120, 900);
	note(1, NSC_ALERT_END, 130, 900);
	ck_assert_uint_eq(of(1)->begin_ns, START);
	ck_assert_uint_eq(of(1)->peak_ns, START + 30 * NSC_NS_PER_SEC);
	ck_assert_uint_eq(of(1)->last_ns, START + 60 * NSC_NS_PER_SEC);
	ck_assert_uint_eq(of(1)->end_ns, START + 120 * NSC_NS_PER_SEC);
	ck_assert_uint_eq(of(1)->count, 3);
	ck_assert_uint_eq(of(1)->most.observed[NSC_ALERT_SYNS], 900);
	ck_assert_str_eq(news(), "{\"news\":[],\"open\":0,\"unseen\":0}");
}
END_TEST

START_TEST(what_is_seen_or_muted_is_no_news)
{
	begin();
	note(1, NSC_ALERT_BEGIN, 0, 200);
	ck_assert(nsc_episodes_see(&episodes, 1, true));
	ck_assert_str_eq(news(), "{\"news\":[],\"open\":1,\"unseen\":0}");
	note(1, NSC_ALERT_END, 9, 200);
	note(2, NSC_ALERT_BEGIN, 10, 200);
	ck_assert_ptr_nonnull(strstr(news(), "\"unseen\":1"));
	ck_assert(nsc_episodes_mute(&episodes, "syn_flood 10.0.0.9:80", true));
	ck_assert(nsc_episodes_mute(&episodes, "syn_flood 10.0.0.9:80", true));
	ck_assert_uint_eq(episodes.mutes, 1);
	ck_assert_ptr_nonnull(strstr(news(), "\"unseen\":0"));
	ck_assert(nsc_episodes_mute(&episodes, "syn_flood 10.0.0.9:80", false));
	ck_assert_ptr_nonnull(strstr(news(), "\"unseen\":1"));
	ck_assert(!nsc_episodes_see(&episodes, 3, true));
	ck_assert(!nsc_episodes_see(&episodes, 0, true));
}
END_TEST

START_TEST(the_oldest_go)
{
	begin();
	for (uint64_t id = 1; id <= NSC_EPISODES_KEPT + 2; id++)
		note(id, NSC_ALERT_BEGIN, id, 200);
	ck_assert_ptr_nonnull(strstr(news(), "\"open\":512,\"unseen\":512"));
	ck_assert(!nsc_episodes_see(&episodes, 2, true));
	ck_assert(nsc_episodes_see(&episodes, 3, true));
	note(2, NSC_ALERT_END, 999, 200);
	note(1, NSC_ALERT_BEGIN, 999, 200);
	ck_assert_ptr_nonnull(strstr(news(), "\"open\":512,\"unseen\":511"));
}
END_TEST

START_TEST(mutes_are_bounded_and_keys_are_keys)
{
	static const char *const good[] = { "syn_flood 10.0.0.9:80", "port_scan 2001:db8::1", "microburst -",
					    "syn_flood [2001:db8::1]:443" };
	static const char *const bad[] = { "",
					   "syn_flood",
					   "syn_flood ",
					   "flood 10.0.0.9",
					   "syn_flood <b>",
					   "port_scan 10.0.0.9 ",
					   "syn_flood x\"y" };
	char key[NSC_MUTE_KEY];

	begin();
	for (unsigned i = 0; i < NSC_ARRAY_LEN(good); i++)
		ck_assert_msg(nsc_episode_is_key(good[i], strlen(good[i])), "%s", good[i]);
	for (unsigned i = 0; i < NSC_ARRAY_LEN(bad); i++)
		ck_assert_msg(!nsc_episode_is_key(bad[i], strlen(bad[i])), "%s", bad[i]);
	for (unsigned i = 0; i < NSC_MUTES_MAX; i++) {
		snprintf(key, sizeof(key), "port_scan 10.0.0.%u", i);
		ck_assert(nsc_episodes_mute(&episodes, key, true));
	}
	ck_assert(!nsc_episodes_mute(&episodes, "port_scan 10.0.1.1", true));
	ck_assert(nsc_episodes_mute(&episodes, "port_scan 10.0.0.0", false));
	ck_assert(nsc_episodes_mute(&episodes, "port_scan 10.0.1.1", true));
}
END_TEST

static void carry(const char *key, uint64_t seconds)
{
	struct nsc_carried *carried = &episodes.carry[episodes.carried++];

	snprintf(carried->key, sizeof(carried->key), "%s", key);
	carried->last_ns = START + seconds * NSC_NS_PER_SEC;
}

START_TEST(seen_goes_over_a_restart)
{
	struct nsc_carried out[NSC_CARRIED_MAX];

	begin();
	carry("syn_flood 10.0.0.8:80", 0);
	carry("syn_flood 10.0.0.9:80", 0);
	note(1, NSC_ALERT_BEGIN, 30, 200);
	ck_assert(of(1)->seen);
	ck_assert_uint_eq(episodes.carried, 1);
	note(1, NSC_ALERT_END, 40, 200);
	note(2, NSC_ALERT_BEGIN, 50, 200); /* another one */
	ck_assert(!of(2)->seen);
	ck_assert_uint_eq(nsc_episodes_carry(&episodes, START + 45 * NSC_NS_PER_SEC, out), 1);
	ck_assert_str_eq(out[0].key, "syn_flood 10.0.0.8:80");
	ck_assert(nsc_episodes_see(&episodes, 2, true));
	ck_assert_uint_eq(nsc_episodes_carry(&episodes, START + 45 * NSC_NS_PER_SEC, out), 2);
	ck_assert_str_eq(out[0].key, "syn_flood 10.0.0.9:80");
	ck_assert_uint_eq(out[0].last_ns, START + 50 * NSC_NS_PER_SEC);
	ck_assert_uint_eq(nsc_episodes_carry(&episodes, START + 40 * NSC_NS_PER_SEC, out), 3); /* 1 ended then */
	begin();
	carry("syn_flood 10.0.0.9:80", 0);
	note(1, NSC_ALERT_BEGIN, 601, 200); /* too late */
	ck_assert(!of(1)->seen);
}
END_TEST

START_TEST(without_authentication_nobody_speaks_for_all)
{
	struct nsc_carried out[NSC_CARRIED_MAX];

	begin();
	episodes.apart = true;
	carry("syn_flood 10.0.0.9:80", 0);
	ck_assert(nsc_episodes_mute(&episodes, "syn_flood 10.0.0.9:80", true));
	note(1, NSC_ALERT_BEGIN, 30, 200);
	ck_assert(!of(1)->seen);
	ck_assert_ptr_nonnull(strstr(news(), "\"unseen\":1"));
	ck_assert_uint_eq(nsc_episodes_carry(&episodes, START + 45 * NSC_NS_PER_SEC, out),
			  1); /* for a run that has it */
	ck_assert_uint_eq(episodes.mutes, 1);
}
END_TEST

CHECK_MAIN("episodes", an_attack_is_one_episode, what_is_seen_or_muted_is_no_news, the_oldest_go,
	   mutes_are_bounded_and_keys_are_keys, seen_goes_over_a_restart, without_authentication_nobody_speaks_for_all)
