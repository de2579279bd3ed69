/* SPDX-License-Identifier: MIT
 *
 * Writing and reading are mirrors of each other. What is read is damaged or hostile until its end: every number is
 * checked where it is used.
 */
#include "dashboard/server/history_file.h"

#include <errno.h>
#include <string.h>

enum { POINTS_AT_ONCE = 64, EVENTS_AT_ONCE = 64, CHECKSUM = 8, POINT_DOWN = 2, LEB_MOST = 10 };

#define AHEAD_NS (3600 * NSC_NS_PER_SEC)

static const char file_magic[] = "netscope history\n";

/* The worst point and the worst event, of all. */
static_assert((NSC_HISTORY_SECONDS + NSC_HISTORY_TENS + NSC_HISTORY_MINUTES + NSC_HISTORY_TEN_MINUTES +
	       NSC_HISTORY_STEPS) * (1 + LEB_MOST * (3 + NSC_HISTORY_VALUE_COUNT) +
				     NSC_HISTORY_MEASURES * (1 + NSC_HISTORY_BUCKETS * 6)) +
			      NSC_EVENTS_KEPT * (4 + LEB_MOST + NSC_EVENT_TEXT) + 2 * NSC_HISTORY_SENSOR_MAX +
			      (NSC_MUTES_MAX + NSC_CARRIED_MAX) * (1 + NSC_MUTE_KEY + LEB_MOST) <=
		      NSC_HISTORY_FILE_MAX,
	      "whatever happened, the file is not longer");

static uint64_t file_checksum(const uint8_t *bytes, size_t n)
{
	uint64_t sum = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3;
	return sum;
}

static void file_lock(pthread_mutex_t *mutex)
{
	if (mutex)
		pthread_mutex_lock(mutex);
}

static void file_unlock(pthread_mutex_t *mutex)
{
	if (mutex)
		pthread_mutex_unlock(mutex);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void write_number(struct nsc_buffer *out, uint64_t x)
{
	uint8_t bytes[LEB_MOST];
	size_t n = 0;

	for (; x > 0x7f; x >>= 7)
		bytes[n++] = (uint8_t)(x | 0x80);
	bytes[n++] = (uint8_t)x;
	nsc_buffer_bytes(out, bytes, n);
}

static void write_time(struct nsc_buffer *out, uint64_t ns, uint64_t *before)
{
	uint64_t difference = ns - *before;

	write_number(out, difference << 1 ^ (uint64_t)((int64_t)difference >> 63));
	*before = ns;
}

static void write_samples(struct nsc_buffer *out, const uint32_t count[NSC_HISTORY_BUCKETS])
{
	for (unsigned i = 0, last = 0; i < NSC_HISTORY_BUCKETS; i++) {
		if (!count[i])
			continue;
		write_number(out, i + 1 - last);
		write_number(out, count[i]);
		last = i;
	}
	write_number(out, 0);
}

static void write_point(struct nsc_buffer *out, const struct nsc_point *point, const struct nsc_point_samples *samples,
			uint64_t *before)
{
	write_number(out, 1 + (point->down ? POINT_DOWN : 0));
	write_time(out, point->start_ns, before);
	write_number(out, point->length_ns);
	write_number(out, point->known_ns);
	for (unsigned i = 0; i < NSC_HISTORY_VALUE_COUNT; i++)
		write_number(out, point->value[i] + 1); /* unknown is 0 */
	for (unsigned m = 0; m < NSC_HISTORY_MEASURES; m++)
		if (nsc_point_has_samples(point, m))
			write_samples(out, samples->count[m]);
}

static void write_tier(const struct nsc_history *h, unsigned series, pthread_mutex_t *mutex, struct nsc_buffer *out)
{
	struct nsc_history_range range = { .to_ns = UINT64_MAX, .series = series };
	struct nsc_point points[POINTS_AT_ONCE];
	struct nsc_point_samples samples[POINTS_AT_ONCE];
	const struct nsc_series *s = &h->series[series];
	uint64_t before = 0;

	range.step_ns = s->step_ns;
	file_lock(mutex);
	write_number(out, s->cut || s->n > s->room);
	file_unlock(mutex);
	while (!range.over) {
		uint32_t n;

		file_lock(mutex);
		n = nsc_history_part(h, &range, points, samples, POINTS_AT_ONCE);
		file_unlock(mutex);
		for (uint32_t i = 0; i < n; i++)
			write_point(out, &points[i], &samples[i], &before);
	}
	write_number(out, 0);
}

static void write_events(const struct nsc_events *e, pthread_mutex_t *mutex, struct nsc_buffer *out)
{
	struct nsc_event events[EVENTS_AT_ONCE];
	uint64_t after, last, before = 0;

	file_lock(mutex);
	after = nsc_events_oldest(e) - 1;
	last = e->seen;
	file_unlock(mutex);
	write_number(out, after + 1);
	while (after < last) {
		uint32_t n;

		file_lock(mutex);
		n = nsc_events_next(e, after, events, EVENTS_AT_ONCE);
		file_unlock(mutex);
		for (uint32_t i = 0; i < n; i++) {
			size_t length = strlen(events[i].text);

			write_number(out, 1u + events[i].kind);
			write_time(out, events[i].time_ns, &before);
			write_number(out, length);
			nsc_buffer_bytes(out, events[i].text, length);
		}
		after = n ? events[n - 1].id : last;
	}
	write_number(out, 0);
}

static void write_key(struct nsc_buffer *out, const char *key)
{
	size_t length = strlen(key);

	write_number(out, length);
	nsc_buffer_bytes(out, key, length);
}

static void write_episodes(const struct nsc_episodes *e, const struct nsc_events *events, pthread_mutex_t *mutex,
			   struct nsc_buffer *out)
{
	char mute[NSC_MUTES_MAX][NSC_MUTE_KEY];
	struct nsc_carried carried[NSC_CARRIED_MAX];
	uint32_t mutes, n;

	file_lock(mutex);
	mutes = e->mutes;
	memcpy(mute, e->mute, sizeof(mute));
	n = nsc_episodes_carry(e, events->now_ns + events->offset_ns, carried);
	file_unlock(mutex);
	for (uint32_t i = 0; i < mutes; i++)
		write_key(out, mute[i]);
	write_number(out, 0);
	for (uint32_t i = 0; i < n; i++) {
		write_key(out, carried[i].key);
		write_number(out, carried[i].last_ns);
	}
	write_number(out, 0);
}

void nsc_history_write(const struct nsc_history *history, const struct nsc_events *events,
		       const struct nsc_episodes *episodes, pthread_mutex_t *mutex, const char *sensor,
		       struct nsc_buffer *out)
{
	size_t length = strnlen(sensor, NSC_HISTORY_SENSOR_MAX);
	uint8_t sum[CHECKSUM];
	uint64_t checksum;

	nsc_buffer_text(out, file_magic);
	nsc_buffer_char(out, NSC_HISTORY_FILE_VERSION);
	write_number(out, NSC_HISTORY_VALUE_COUNT);
	write_number(out, NSC_HISTORY_BUCKETS);
	write_number(out, NSC_HISTORY_STEPS);
	write_number(out, length);
	nsc_buffer_bytes(out, sensor, length);
	for (unsigned i = 0; i < NSC_HISTORY_STEPS; i++)
		write_tier(history, i, mutex, out);
	write_events(events, mutex, out);
	write_episodes(episodes, events, mutex, out);
	checksum = file_checksum((const uint8_t *)out->data, out->length);
	for (unsigned i = 0; i < CHECKSUM; i++)
		sum[i] = (uint8_t)(checksum >> 8 * i);
	nsc_buffer_bytes(out, sum, sizeof(sum));
}

/* --- reading ---------------------------------------------------------------------------------- */

struct file_reader {
	const uint8_t *at, *end;
	bool bad; /* it ended early, or a number cannot be */
};

static uint64_t read_number(struct file_reader *r, uint64_t most)
{
	uint64_t x = 0;
	unsigned shift = 0;

	while (r->at < r->end && shift < 64) {
		uint8_t byte = *r->at++;

		x |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		if (byte < 0x80) {
			r->bad |= x > most;
			return x > most ? 0 : x;
		}
	}
	r->bad = true;
	return 0;
}

static uint64_t read_time(struct file_reader *r, uint64_t *before)
{
	uint64_t zigzag = read_number(r, UINT64_MAX);

	*before += zigzag >> 1 ^ -(zigzag & 1);
	return *before;
}

static void read_samples(struct file_reader *r, uint32_t count[NSC_HISTORY_BUCKETS])
{
	uint64_t at = 0, gap;

	memset(count, 0, NSC_HISTORY_BUCKETS * sizeof(count[0]));
	while ((gap = read_number(r, NSC_HISTORY_BUCKETS))) {
		at += gap;
		if (at > NSC_HISTORY_BUCKETS) {
			r->bad = true;
			return;
		}
		count[--at] = (uint32_t)read_number(r, UINT32_MAX);
	}
}

static void read_point(struct file_reader *r, struct nsc_point *point, struct nsc_point_samples *samples,
		       uint64_t *before)
{
	point->start_ns = read_time(r, before);
	point->length_ns = read_number(r, UINT64_MAX);
	point->known_ns = read_number(r, UINT64_MAX);
	for (unsigned i = 0; i < NSC_HISTORY_VALUE_COUNT; i++)
		point->value[i] = read_number(r, UINT64_MAX) - 1;
	for (unsigned m = 0; m < NSC_HISTORY_MEASURES; m++)
		if (nsc_point_has_samples(point, m))
			read_samples(r, samples->count[m]);
	r->bad |= !point->length_ns;
}

static void read_tier(struct file_reader *r, struct nsc_series *s)
{
	uint64_t before = 0, newest_ns = 0, flags;
	struct nsc_point_samples samples;

	s->cut = read_number(r, 1);
	while (!r->bad && (flags = read_number(r, 1 + POINT_DOWN))) {
		struct nsc_point point = { .down = flags & POINT_DOWN, .earlier = true };

		read_point(r, &point, &samples, &before);
		if (r->bad || (s->n && point.start_ns < newest_ns))
			continue;
		nsc_series_restore(s, &point, &samples);
		newest_ns = point.start_ns;
	}
}

static void read_events(struct file_reader *r, struct nsc_events *e)
{
	uint64_t before = 0, kind;

	e->seen = read_number(r, INT64_MAX);
	r->bad |= !e->seen;
	e->seen -= e->seen != 0;
	e->lost_ids = e->seen;
	while (!r->bad && (kind = read_number(r, NSC_EVENT_KIND_COUNT))) {
		struct nsc_event event = { .id = e->seen + 1, .kind = (uint8_t)(kind - 1), .earlier = true };
		size_t length;

		event.time_ns = read_time(r, &before);
		length = read_number(r, NSC_EVENT_TEXT - 1);
		if (r->bad || length > (size_t)(r->end - r->at)) {
			r->bad = true;
			return;
		}
		memcpy(event.text, r->at, length);
		r->at += length;
		e->ring[++e->seen % NSC_EVENTS_KEPT] = event;
	}
}

/* A key that can be one; false at the end of the list, and where the list is bad. */
static bool read_key(struct file_reader *r, char key[NSC_MUTE_KEY])
{
	size_t length = read_number(r, NSC_MUTE_KEY - 1);

	if (!length || length > (size_t)(r->end - r->at) || !nsc_episode_is_key((const char *)r->at, length)) {
		r->bad |= length != 0;
		return false;
	}
	memcpy(key, r->at, length);
	key[length] = '\0';
	r->at += length;
	return true;
}

static void read_episodes(struct file_reader *r, struct nsc_episodes *e)
{
	struct nsc_carried carried;
	char key[NSC_MUTE_KEY];

	while (!r->bad && read_key(r, key))
		r->bad |= !nsc_episodes_mute(e, key, true);
	while (!r->bad && read_key(r, carried.key)) {
		carried.last_ns = read_number(r, UINT64_MAX);
		if (e->carried == NSC_CARRIED_MAX)
			r->bad = true;
		else
			e->carry[e->carried++] = carried;
	}
}

static int read_head(struct file_reader *r, const char *sensor, struct nsc_error *error)
{
	char written[NSC_HISTORY_SENSOR_MAX + 1];
	bool other = read_number(r, UINT64_MAX) != NSC_HISTORY_VALUE_COUNT;
	size_t length;

	other |= read_number(r, UINT64_MAX) != NSC_HISTORY_BUCKETS;
	other |= read_number(r, UINT64_MAX) != NSC_HISTORY_STEPS;
	if (other)
		return nsc_fail(error, -EPROTONOSUPPORT, "the history is of another version of netscope");
	length = read_number(r, NSC_HISTORY_SENSOR_MAX);
	if (r->bad || length > (size_t)(r->end - r->at))
		return nsc_fail(error, -EBADMSG, "the history is damaged: its head is not whole");
	memcpy(written, r->at, length);
	written[length] = '\0';
	r->at += length;
	if (length != strnlen(sensor, NSC_HISTORY_SENSOR_MAX) || memcmp(written, sensor, length))
		return nsc_fail(error, -EXDEV, "the history is of \"%.200s\", and this run looks at \"%.200s\"",
				written, sensor);
	return 0;
}

static int read_history(struct nsc_history *history, struct nsc_events *events, struct nsc_episodes *episodes,
			struct file_reader *r, const char *sensor, struct nsc_error *error)
{
	int status = read_head(r, sensor, error);

	if (status)
		return status;
	for (unsigned i = 0; i < NSC_HISTORY_STEPS; i++)
		read_tier(r, &history->series[i]);
	read_events(r, events);
	if (episodes)
		read_episodes(r, episodes);
	return r->bad || r->at != r->end
		       ? nsc_fail(error, -EBADMSG, "the history is damaged: its points cannot be read")
		       : 0;
}

int nsc_history_read(struct nsc_history *history, struct nsc_events *events, struct nsc_episodes *episodes,
		     const void *bytes, size_t n, const char *sensor, struct nsc_error *error)
{
	const uint8_t *first = bytes;
	const size_t magic = sizeof(file_magic) - 1;
	struct file_reader r;
	uint64_t checksum = 0;
	int status;

	if (n < magic + 1 + CHECKSUM || memcmp(bytes, file_magic, magic))
		return nsc_fail(error, -EBADMSG, "it is no history of netscope");
	if (!first[magic] || first[magic] > NSC_HISTORY_FILE_VERSION)
		return nsc_fail(error, -EPROTONOSUPPORT,
				"the history is of version %u, and this netscope reads 1 and %d", first[magic],
				NSC_HISTORY_FILE_VERSION);
	r = (struct file_reader){ .at = first + magic + 1, .end = first + n - CHECKSUM };
	for (unsigned i = 0; i < CHECKSUM; i++)
		checksum |= (uint64_t)r.end[i] << 8 * i;
	if (n > NSC_HISTORY_FILE_MAX || checksum != file_checksum(first, n - CHECKSUM))
		return nsc_fail(error, -EBADMSG, "the history is damaged: its checksum is wrong");
	status = read_history(history, events, first[magic] > 1 ? episodes : NULL, &r, sensor, error);
	if (!status)
		return 0;
	nsc_history_clear(history);
	events->seen = events->lost_ids = 0;
	episodes->mutes = episodes->carried = 0;
	return status;
}

bool nsc_history_is_ahead(const struct nsc_history *h)
{
	const struct nsc_series *s = &h->series[0];
	uint64_t begin_ns = h->begin_ns + h->offset_ns;

	for (uint64_t held = NSC_MIN(s->n, (uint64_t)s->room), i = s->n - held; h->end_ns && i < s->n; i++) {
		const struct nsc_point *point = &s->ring[i % s->room];

		if (point->earlier && point->start_ns > begin_ns && point->start_ns - begin_ns > AHEAD_NS)
			return true;
	}
	return false;
}
