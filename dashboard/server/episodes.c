/* SPDX-License-Identifier: MIT
 *
 * A ring: an attack's place follows from its number. An update or an end of one that is not kept any more says nothing.
 */
#include "dashboard/server/episodes.h"

#include <stdio.h>
#include <string.h>

#include "engine/text/address.h"

static uint64_t episodes_oldest(const struct nsc_episodes *e)
{
	return e->newest > NSC_EPISODES_KEPT ? e->newest - NSC_EPISODES_KEPT + 1 : 1;
}

static struct nsc_episode *episode_find(struct nsc_episodes *e, uint64_t id)
{
	struct nsc_episode *episode = &e->ring[id % NSC_EPISODES_KEPT];

	return id && episode->most.id == id ? episode : NULL;
}

/* --- alerts ----------------------------------------------------------------------------------- */

/* The largest of each value. True when one has grown. */
static bool episode_keep_largest(struct nsc_episode *episode, const struct nsc_alert *alert)
{
	struct nsc_alert largest = *alert;
	bool grown = false;

	for (unsigned i = 0; i < NSC_ALERT_VALUE_COUNT; i++) {
		uint64_t before = episode->most.observed[i];

		if (before == NSC_ALERT_NONE)
			continue;
		if (alert->observed[i] == NSC_ALERT_NONE || alert->observed[i] <= before)
			largest.observed[i] = before;
		else
			grown = true;
	}
	episode->most = largest;
	return grown;
}

/* Whether an attack that begins was seen in an earlier run, and has gone on since. */
static bool episode_is_carried(struct nsc_episodes *e, const struct nsc_alert *alert)
{
	char key[NSC_MUTE_KEY];

	if (e->apart || !e->carried)
		return false;
	nsc_episode_key(key, alert);
	for (uint32_t i = 0; i < e->carried; i++) {
		struct nsc_carried *carried = &e->carry[i];
		uint64_t ago_ns = NSC_MAX(alert->ts_ns, carried->last_ns) - NSC_MIN(alert->ts_ns, carried->last_ns);

		if (strcmp(carried->key, key) != 0)
			continue;
		*carried = e->carry[--e->carried];
		return ago_ns <= NSC_CARRIED_NS;
	}
	return false;
}

static void episode_begin(struct nsc_episodes *e, const struct nsc_alert *alert)
{
	if (alert->id + NSC_EPISODES_KEPT <= e->newest)
		return;
	e->newest = NSC_MAX(e->newest, alert->id);
	e->ring[alert->id % NSC_EPISODES_KEPT] = (struct nsc_episode){
		.most = *alert,
		.begin_ns = alert->ts_ns,
		.last_ns = alert->ts_ns,
		.peak_ns = alert->ts_ns,
		.count = 1,
		.seen = episode_is_carried(e, alert),
	};
}

static void episode_go_on(struct nsc_episode *episode, const struct nsc_alert *alert)
{
	episode->last_ns = alert->ts_ns;
	episode->count++;
	if (episode_keep_largest(episode, alert))
		episode->peak_ns = alert->ts_ns;
}

void nsc_episodes_note(struct nsc_episodes *e, const struct nsc_alert *alert)
{
	struct nsc_episode *episode = episode_find(e, alert->id);

	if (!alert->id)
		return;
	if (alert->state == NSC_ALERT_BEGIN) {
		episode_begin(e, alert);
	} else if (episode && alert->state == NSC_ALERT_UPDATE) {
		episode_go_on(episode, alert);
	} else if (episode && !episode->end_ns) {
		episode_keep_largest(episode, alert);
		episode->end_ns = NSC_MAX(alert->ts_ns, (uint64_t)1);
	}
}

/* --- what somebody has said ------------------------------------------------------------------- */

bool nsc_episodes_see(struct nsc_episodes *e, uint64_t id, bool seen)
{
	struct nsc_episode *episode = episode_find(e, id);

	if (episode)
		episode->seen = seen;
	return episode != NULL;
}

static uint32_t episodes_find_mute(const struct nsc_episodes *e, const char *key)
{
	uint32_t i = 0;

	while (i < e->mutes && strcmp(e->mute[i], key) != 0)
		i++;
	return i;
}

bool nsc_episodes_mute(struct nsc_episodes *e, const char *key, bool mute)
{
	uint32_t i = episodes_find_mute(e, key);

	if (mute == (i < e->mutes))
		return true;
	if (!mute) {
		memmove(e->mute[i], e->mute[e->mutes - 1], NSC_MUTE_KEY);
		e->mutes--;
		return true;
	}
	if (e->mutes == NSC_MUTES_MAX)
		return false;
	snprintf(e->mute[e->mutes++], NSC_MUTE_KEY, "%s", key);
	return true;
}

bool nsc_episode_is_key(const char *key, size_t length)
{
	for (unsigned kind = 0; kind < NSC_ALERT_KIND_COUNT; kind++) {
		const char *name = nsc_alert_kind_name(kind);
		size_t n = strlen(name);

		if (length > n + 1 && length <= n + 65 && !memcmp(key, name, n) && key[n] == ' ')
			return strspn(key + n + 1, "0123456789abcdef:.[]-") == length - n - 1;
	}
	return false;
}

void nsc_episode_key(char key[NSC_MUTE_KEY], const struct nsc_alert *alert)
{
	char text[80], *end = text;

	if (nsc_alert_has_port(alert))
		end = nsc_format_endpoint(text, alert->target, alert->ip_version, alert->target_port);
	else if (alert->has_target)
		end = nsc_format_ip(text, alert->target, alert->ip_version);
	else if (alert->has_source)
		end = nsc_format_ip(text, alert->source, alert->ip_version);
	else
		*end++ = '-';
	snprintf(key, NSC_MUTE_KEY, "%s %.*s", nsc_alert_kind_name(alert->kind), (int)(end - text), text);
}

uint32_t nsc_episodes_carry(const struct nsc_episodes *e, uint64_t now_ns, struct nsc_carried out[NSC_CARRIED_MAX])
{
	uint32_t n = 0;

	for (uint64_t id = e->newest; n < NSC_CARRIED_MAX && id >= episodes_oldest(e); id--) {
		const struct nsc_episode *episode = &e->ring[id % NSC_EPISODES_KEPT];

		if (episode->most.id != id || !episode->seen || (episode->end_ns && episode->end_ns < now_ns))
			continue;
		nsc_episode_key(out[n].key, &episode->most);
		out[n++].last_ns = episode->last_ns;
	}
	for (uint32_t i = 0; n < NSC_CARRIED_MAX && i < e->carried; i++)
		out[n++] = e->carry[i];
	return n;
}

static bool episodes_mutes(const struct nsc_episodes *e, const char *key)
{
	return !e->apart && episodes_find_mute(e, key) < e->mutes;
}

/* --- JSON ------------------------------------------------------------------------------------- */

void nsc_episodes_show_open(const struct nsc_episodes *e, struct nsc_json *json)
{
	uint64_t open = 0, unseen = 0;
	char key[NSC_MUTE_KEY];

	nsc_json_add_open(json, "news", '[');
	for (uint64_t id = e->newest; id >= episodes_oldest(e); id--) {
		const struct nsc_episode *episode = &e->ring[id % NSC_EPISODES_KEPT];

		if (episode->most.id != id || episode->end_ns)
			continue;
		open++;
		nsc_episode_key(key, &episode->most);
		if (episode->seen || episodes_mutes(e, key) || unseen++ >= NSC_EPISODES_IN_FRAME)
			continue;
		nsc_json_open(json, '{');
		nsc_json_add_u64(json, "id", id);
		nsc_json_add_text(json, "key", key);
		nsc_json_close(json, '}');
	}
	nsc_json_close(json, ']');
	nsc_json_add_u64(json, "open", open);
	nsc_json_add_u64(json, "unseen", unseen);
}

static void episode_show(const struct nsc_episodes *e, const struct nsc_episode *episode, struct nsc_json *json)
{
	char text[NSC_ALERT_JSON_MAX], key[NSC_MUTE_KEY];
	char *end = nsc_alert_json(text, &episode->most);

	nsc_episode_key(key, &episode->most);
	nsc_json_open(json, '{');
	nsc_json_add_u64(json, "id", episode->most.id);
	nsc_json_add_text(json, "key", key);
	nsc_json_add_bool(json, "open", !episode->end_ns);
	nsc_json_add_bool(json, "seen", episode->seen);
	nsc_json_add_bool(json, "muted", episodes_mutes(e, key));
	nsc_json_add_time(json, "begin", episode->begin_ns);
	nsc_json_add_time(json, "last", episode->last_ns);
	nsc_json_add_time(json, "peak", episode->peak_ns);
	nsc_json_key(json, "end");
	if (episode->end_ns)
		nsc_json_time(json, episode->end_ns);
	else
		nsc_json_null(json);
	nsc_json_add_u64(json, "count", episode->count);
	nsc_json_raw_members(json, text + 1, (size_t)(end - text) - 2);
	nsc_json_close(json, '}');
}

void nsc_episodes_show(const struct nsc_episodes *e, struct nsc_json *json)
{
	nsc_json_add_open(json, "episodes", '[');
	for (uint64_t id = e->newest; id >= episodes_oldest(e); id--)
		if (e->ring[id % NSC_EPISODES_KEPT].most.id == id)
			episode_show(e, &e->ring[id % NSC_EPISODES_KEPT], json);
	nsc_json_close(json, ']');
	nsc_json_add_open(json, "mutes", '[');
	for (uint32_t i = 0; !e->apart && i < e->mutes; i++)
		nsc_json_text(json, e->mute[i]);
	nsc_json_close(json, ']');
}
