/* SPDX-License-Identifier: MIT
 *
 * Flows, alerts, and each minute the counters, as segments in a folder. Each worker's flows have segments and numbers
 * of their own. A segment that cannot be written is dropped whole and counted, and its numbers stay used: the gap is
 * visible.
 */
#include "backends/sinks/spool_folder.h"
#include "engine/text/alert_row.h"
#include "netscope/clock.h"
#include "netscope/out.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	PIECE = 256 * 1024,
	ROW_MAX = NSC_ROW_BINARY_MAX + NSC_SENSOR_MAX + 64, /* with what stands before the columns */
	SEGMENT_BYTES = 64 << 20,
	ALERT_ROWS = 1000,       /* of a segment of alerts: a shipper that is killed sends as many twice, at most */
	LEDGER_BYTES = 64 << 10, /* more than all counters take */
	WAIT_MS = 50,
	SAY_MS = 1000,
};

static_assert((int)NSC_ALERT_ROW_MAX <= (int)NSC_ROW_BINARY_MAX, "an alert has the room of a flow");

/* alerts_ns: an alert is complete at once unless another one was within that time: then with the next look, which
 * comes once a second. */
static const uint64_t segment_ns = 5000000000, alerts_ns = 1000000000, minute_ns = 60 * NSC_NS_PER_SEC;

enum { LEDGER = NSC_WORKERS_MAX, ALERTS, FILES }; /* behind the files of flows */

struct spool_file { /* a segment that is written; fd < 0 = none */
	int fd;
	struct nsc_segment segment;
	uint64_t next, begun_ns, written; /* number of the next row; bytes that left the buffer */
	uint64_t sealed_ns;               /* when the last segment was completed; 0 = never */
	char *buffer;
	size_t used;
};

struct spool {
	struct nsc_sink sink;
	struct nsc_spool_folder *folder;
	struct nsc_spool_dropped told; /* what the counters have of the folder's */
	void (*tell)(const struct nsc_error *);
	bool live, failed, gone; /* gone: a segment was dropped since the last ledger */
	struct nsc_error why;
	uint64_t segment_bytes;
	struct spool_file file[FILES];
	pthread_mutex_t mutex; /* over the rest, which the publisher writes */
	struct nsc_counters totals, kept;
	struct nsc_counters spooled, sealed; /* what rows have said last, and what a segment that is complete has */
	uint64_t minute, due; /* of `totals` and of `kept`, in minutes since 1970; due: 0 = nothing to write */
};

/* --- one segment ------------------------------------------------------------------------------ */

static void spool_count_drops(struct spool *s)
{
	const struct nsc_spool_dropped *now = nsc_spool_folder_dropped(s->folder);

	s->gone |= now->segments != s->told.segments;
	nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_SEGMENTS, now->segments - s->told.segments);
	nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_ROWS, now->rows - s->told.rows);
	nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_PACKETS, now->packets - s->told.packets);
	nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_BYTES, now->bytes - s->told.bytes);
	nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_ALERTS, now->alerts - s->told.alerts);
	s->told = *now;
}

/* What will not be written, as a segment that was begun or as one row that none took. */
static void spool_count_lost(struct spool *s, const struct nsc_segment *segment, uint64_t rows)
{
	s->gone = true;
	nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_SEGMENTS, 1);
	if (segment->kind == NSC_SEGMENT_ALERTS)
		nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_ALERTS, rows);
	if (segment->kind != NSC_SEGMENT_FLOWS)
		return;
	nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_ROWS, rows);
	nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_PACKETS, segment->packets);
	nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_BYTES, segment->bytes);
}

static int spool_fail(struct spool *s, int status, const struct nsc_error *error)
{
	s->failed = true;
	s->why = *error;
	return status;
}

static int spool_discard(struct spool *s, struct spool_file *f, int status, const struct nsc_error *error)
{
	nsc_spool_folder_discard(s->folder, f->fd, &f->segment);
	f->fd = -1;
	spool_count_lost(s, &f->segment, f->next - f->segment.first);
	return spool_fail(s, status, error);
}

static int spool_flush(struct spool *s, struct spool_file *f, struct nsc_error *error)
{
	size_t done = 0;

	while (done < f->used) {
		ssize_t n = write(f->fd, f->buffer + done, f->used - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int failed = n ? errno : EIO;

			nsc_fail(error, -failed, "the spool: a segment cannot be written: %s", strerror(failed));
			return spool_discard(s, f, -failed, error);
		}
		done += (size_t)n;
	}
	f->written += f->used;
	f->used = 0;
	return 0;
}

static int spool_begin(struct spool *s, struct spool_file *f, struct nsc_error *error)
{
	f->segment.first = f->next;
	f->segment.packets = f->segment.bytes = 0;
	f->segment.spooled = (uint32_t)(nsc_clock_ns(CLOCK_REALTIME) / NSC_NS_PER_SEC);
	f->fd = nsc_spool_folder_begin(s->folder, &f->segment, error);
	if (f->fd < 0)
		return spool_fail(s, f->fd, error);
	f->begun_ns = nsc_monotonic_ns();
	f->written = 0;
	f->used = NSC_SEGMENT_HEAD; /* written at the end */
	memset(f->buffer, ' ', NSC_SEGMENT_HEAD);
	return 0;
}

/* Offline nothing is dropped while the run is not asked to end: whoever sends segments makes room. */
static void spool_wait_for_room(struct spool *s, uint64_t bytes)
{
	const struct timespec pause = { .tv_nsec = WAIT_MS * 1000000l };
	struct nsc_error said;

	for (unsigned waited_ms = 0; !nsc_spool_folder_has_room(s->folder, bytes) && !nsc_out_is_hurried();
	     waited_ms += WAIT_MS) {
		nsc_sink_count(&s->sink, NSC_C_SPOOL_WAITS, !waited_ms);
		if (waited_ms == SAY_MS && s->tell) {
			nsc_fail(&said, 0, "the spool is full: the run goes on when netscope ship has made room");
			s->tell(&said);
		}
		nanosleep(&pause, NULL);
	}
}

static int spool_seal(struct spool *s, struct spool_file *f, struct nsc_error *error)
{
	int status, fd = f->fd;

	if (fd < 0)
		return 0;
	status = spool_flush(s, f, error);
	if (status)
		return status;
	if (!s->live)
		spool_wait_for_room(s, f->written);
	nsc_spool_folder_make_room(s->folder, f->written);
	spool_count_drops(s);
	f->segment.last = f->next - 1;
	f->sealed_ns = nsc_monotonic_ns();
	f->fd = -1;
	status = nsc_spool_folder_seal(s->folder, fd, &f->segment, error);
	if (status) {
		spool_count_lost(s, &f->segment, f->next - f->segment.first);
		return spool_fail(s, status, error);
	}
	nsc_sink_count(&s->sink, NSC_C_SPOOL_SEGMENTS, 1);
	return 0;
}

static bool spool_is_old(const struct spool_file *f)
{
	return f->fd >= 0 && nsc_monotonic_ns() - f->begun_ns >= segment_ns;
}

/* --- rows ------------------------------------------------------------------------------------- */

/* What every row of every table begins with. */
static char *spool_put_origin(char *at, const struct nsc_segment *segment)
{
	at = nsc_row_binary_text(at, segment->sensor, strlen(segment->sensor));
	at = nsc_row_binary_number(at, segment->boot, 8);
	if (segment->kind == NSC_SEGMENT_FLOWS)
		at = nsc_row_binary_number(at, segment->worker, 2);
	return nsc_row_binary_number(at, segment->spooled, 4);
}

/* Room for a row: a segment is begun for it when there is none. NULL: it is lost. */
static char *spool_reserve(struct spool *s, struct spool_file *f, int *status, struct nsc_error *error)
{
	*status = f->fd < 0 ? spool_begin(s, f, error) : 0;
	if (!*status && f->used > PIECE)
		*status = spool_flush(s, f, error);
	return *status ? NULL : f->buffer + f->used;
}

static int spool_commit(struct spool *s, struct spool_file *f, const char *end, struct nsc_error *error)
{
	const uint64_t rows = f->segment.kind == NSC_SEGMENT_ALERTS ? ALERT_ROWS : NSC_SEGMENT_ROWS_MAX;

	f->used = (size_t)(end - f->buffer);
	f->next++;
	if (f->next - f->segment.first < rows && f->written + f->used < s->segment_bytes)
		return 0;
	return spool_seal(s, f, error);
}

/* Its segment's rows are dense, so the row that is lost next must stand behind it: it is completed, or lost, too. */
static void spool_end_before_gap(struct spool *s, struct spool_file *f)
{
	struct nsc_error why; /* of a spool that has failed already */

	spool_seal(s, f, &why);
}

/* Room for the next row. NULL: it is lost, and its number is a gap. A spool that has failed waits for the next look. */
static char *spool_next_row(struct spool *s, struct spool_file *f, int *status, struct nsc_error *error)
{
	char *at = NULL;

	*status = 0;
	if (s->failed)
		spool_end_before_gap(s, f);
	else
		at = spool_reserve(s, f, status, error);
	f->next += !at;
	return at;
}

static int spool_put_flow(struct spool *s, uint32_t worker, const struct nsc_flow_record *record,
			  const struct nsc_community_id *community, struct nsc_error *error)
{
	uint64_t packets = record->packets[0] + record->packets[1], bytes = record->bytes[0] + record->bytes[1];
	struct spool_file *f = &s->file[worker];
	int status;
	char *at = spool_next_row(s, f, &status, error);

	nsc_sink_count(&s->sink, NSC_C_SPOOL_ROWS, 1);
	nsc_sink_count(&s->sink, NSC_C_SPOOL_PACKETS, packets);
	nsc_sink_count(&s->sink, NSC_C_SPOOL_BYTES, bytes);
	if (!at) {
		nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_ROWS, 1);
		nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_PACKETS, packets);
		nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_BYTES, bytes);
		return status;
	}
	f->segment.packets += packets;
	f->segment.bytes += bytes;
	at = spool_put_origin(at, &f->segment);
	return spool_commit(s, f, nsc_row_binary(at, record, community, f->next), error);
}

static int spool_put_flows(struct spool *s, uint32_t worker, const struct nsc_flow_record *record, uint32_t n,
			   struct nsc_error *error)
{
	const struct nsc_flow_record *burst[NSC_COMMUNITY_BURST];
	struct nsc_community_id community[NSC_COMMUNITY_BURST];
	int first = 0;

	for (uint32_t at = 0, part; at < n; at += part) {
		part = NSC_MIN(n - at, (uint32_t)NSC_COMMUNITY_BURST);
		for (uint32_t i = 0; i < part; i++)
			burst[i] = &record[at + i];
		nsc_community_ids(community, burst, part);
		for (uint32_t i = 0; i < part; i++) {
			struct nsc_error why;
			int status = spool_put_flow(s, worker, burst[i], &community[i], &why);

			if (status && !first) {
				first = status;
				*error = why;
			}
		}
	}
	return first;
}

/* --- alerts ----------------------------------------------------------------------------------- */

static int spool_put_alert(struct spool *s, const struct nsc_alert *alert, struct nsc_error *error)
{
	struct spool_file *f = &s->file[ALERTS];
	int status;
	char *at = spool_next_row(s, f, &status, error);

	nsc_sink_count(&s->sink, NSC_C_SPOOL_ALERTS, 1);
	if (!at) {
		nsc_sink_count(&s->sink, NSC_C_SHIP_DROPPED_ALERTS, 1);
		return status;
	}
	at = spool_put_origin(at, &f->segment);
	at = nsc_row_binary_number(at, f->next, 8);
	return spool_commit(s, f, nsc_alert_row(at, alert), error);
}

static int spool_alerts(struct nsc_sink *sink, const struct nsc_alert *alert, uint32_t n, struct nsc_error *error)
{
	struct spool *s = (struct spool *)sink;
	struct spool_file *f = &s->file[ALERTS];
	struct nsc_error why;
	int first = 0;

	for (uint32_t i = 0; i < n; i++) {
		int status = spool_put_alert(s, &alert[i], &why);

		if (status && !first) {
			first = status;
			*error = why;
		}
	}
	if (!first && (s->live ? nsc_monotonic_ns() - f->sealed_ns >= alerts_ns : spool_is_old(f)))
		return spool_seal(s, f, error);
	return first;
}

/* --- the ledger ------------------------------------------------------------------------------- */

/* The counters that have changed since they were written last, as they are at the end of a minute; all of them when a
 * segment, which may be what told of them, was dropped. */
static int spool_put_ledger(struct spool *s, const struct nsc_counters *totals, uint64_t minute,
			    struct nsc_error *error)
{
	struct spool_file *f = &s->file[LEDGER];
	int status = 0;

	if (s->gone) {
		memset(&s->spooled, 0, sizeof(s->spooled));
		s->gone = false;
	}

	for (unsigned i = 0; i < NSC_C_COUNT && !status && !s->failed; i++) {
		const char *name = nsc_counter_table[i].name;
		char *at;

		if (totals->value[i] == NSC_UNKNOWN || totals->value[i] == s->spooled.value[i])
			continue;
		at = spool_reserve(s, f, &status, error);
		if (!at)
			break;
		at = spool_put_origin(at, &f->segment);
		at = nsc_row_binary_number(at, f->next, 8);
		at = nsc_row_binary_number(at, minute * 60, 4);
		at = nsc_row_binary_text(at, name, strlen(name));
		at = nsc_row_binary_number(at, totals->value[i], 8);
		at = nsc_row_binary_number(at, totals->value[i] - s->sealed.value[i], 8);
		s->spooled.value[i] = totals->value[i];
		status = spool_commit(s, f, at, error);
	}
	if (!status && !s->failed)
		status = spool_seal(s, f, error);
	for (unsigned i = 0; i < NSC_C_COUNT && !status && !s->failed; i++)
		if (totals->value[i] != NSC_UNKNOWN)
			s->sealed.value[i] = totals->value[i];
	return status;
}

static int spool_put_minute(struct spool *s, struct nsc_error *error)
{
	struct nsc_counters kept;
	uint64_t due;

	pthread_mutex_lock(&s->mutex);
	due = s->due;
	if (due)
		kept = s->kept;
	s->due = 0;
	pthread_mutex_unlock(&s->mutex);
	return due ? spool_put_ledger(s, &kept, due, error) : 0;
}

/* Beyond 2106 a minute has no place in the column, and no ledger of its own. */
static int spool_tick(struct nsc_sink *sink, const struct nsc_view *view, struct nsc_error *error)
{
	struct spool *s = (struct spool *)sink;
	uint64_t minute = NSC_MIN(nsc_view_start_time(view) / minute_ns, (uint64_t)UINT32_MAX / 60);

	pthread_mutex_lock(&s->mutex);
	if (s->minute && minute != s->minute) {
		s->kept = s->totals;
		s->due = s->minute;
	}
	s->totals = view->totals;
	s->minute = minute;
	pthread_mutex_unlock(&s->mutex);
	return 0;
}

/* --- the sink --------------------------------------------------------------------------------- */

static int spool_records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
			 struct nsc_error *error)
{
	struct spool *s = (struct spool *)sink;
	struct nsc_error why;
	int status, minute;

	status = spool_put_flows(s, chunk->worker, chunk->record, chunk->n, error);
	if (!status && spool_is_old(&s->file[chunk->worker]))
		status = spool_seal(s, &s->file[chunk->worker], error);
	minute = spool_put_minute(s, &why);
	if (minute && !status) {
		*error = why;
		return minute;
	}
	return status;
}

static int spool_remaining(struct nsc_sink *sink, uint32_t worker, const struct nsc_flow_record *record, uint32_t n,
			   struct nsc_error *error)
{
	return spool_put_flows((struct spool *)sink, worker, record, n, error);
}

static int spool_recover(struct spool *s, struct nsc_error *error)
{
	if (nsc_spool_folder_try(s->folder, error))
		return -1;
	s->failed = false;
	nsc_fail(error, 0, "the spool takes flows again");
	return 1;
}

static int spool_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct spool *s = (struct spool *)sink;
	int status = 0, again = s->failed ? spool_recover(s, error) : 0;

	if (again < 0)
		return again;
	status = spool_put_minute(s, error);
	for (uint32_t i = 0; i < FILES && !status; i++)
		if (i == ALERTS || spool_is_old(&s->file[i]))
			status = spool_seal(s, &s->file[i], error);
	return status ? status : again;
}

static int spool_finish_segments(struct spool *s, struct nsc_error *error)
{
	int first = 0;

	for (uint32_t i = 0; i < FILES; i++) {
		struct nsc_error why;
		int status = spool_seal(s, &s->file[i], &why);

		if (status && !first) {
			first = status;
			*error = why;
		}
	}
	if (!first && s->failed)
		return nsc_fail(error, -EIO, "%s", s->why.text);
	return first;
}

/* The last minute says what the sinks have counted until now: also what gives way to it. After a failure there may be
 * room for so little. */
static int spool_finish_ledger(struct spool *s, struct nsc_error *error)
{
	int status;

	s->failed = false;
	status = spool_put_minute(s, error);
	if (status || !s->minute)
		return status;
	if (!s->live)
		spool_wait_for_room(s, LEDGER_BYTES);
	nsc_spool_folder_make_room(s->folder, LEDGER_BYTES);
	spool_count_drops(s);
	for (unsigned id = NSC_C_OUTPUT_FAILING; id <= NSC_C_SHIP_DROPPED_ALERTS && s->sink.counters; id++)
		s->totals.value[id] = __atomic_load_n(&s->sink.counters->value[id], __ATOMIC_RELAXED);
	s->gone = true; /* it is whole: what was dropped may have told of a counter */
	return spool_put_ledger(s, &s->totals, s->minute, error);
}

static int spool_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct spool *s = (struct spool *)sink;
	struct nsc_error why;
	int segments = spool_finish_segments(s, error), ledger = spool_finish_ledger(s, &why);

	if (ledger && !segments)
		*error = why;
	return segments ? segments : ledger;
}

static const struct nsc_sink_ops spool_ops = {
	.name = "spool",
	.tick = spool_tick,
	.records = spool_records,
	.alerts = spool_alerts,
	.check = spool_check,
	.remaining = spool_remaining,
	.finish = spool_finish,
};

/* --- open ------------------------------------------------------------------------------------- */

static int spool_name(char sensor[NSC_SENSOR_MAX + 1], const char *asked, struct nsc_error *error)
{
	char host[256] = "";

	if (!*asked && gethostname(host, sizeof(host) - 1))
		return nsc_fail(error, -errno, "this machine has no host name: name the sensor with --sensor NAME");
	if (!nsc_segment_is_sensor(*asked ? asked : host))
		return nsc_fail(error, -EINVAL,
				"--sensor: wanted 1 to %d letters, digits, '.', '_', '-', no '.' in front; found "
				"\"%.100s\"",
				NSC_SENSOR_MAX, *asked ? asked : host);
	strcpy(sensor, *asked ? asked : host);
	return 0;
}

/* Two runs have different numbers, and a later one a larger one as long as the clock goes on. */
static uint64_t spool_boot(void)
{
	uint64_t seconds = nsc_clock_ns(CLOCK_REALTIME) / NSC_NS_PER_SEC;
	uint32_t chance = 0;

	if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
		chance = (uint32_t)nsc_monotonic_ns();
	return seconds << 24 | (chance & 0xffffff);
}

static int spool_open_files(struct spool *s, const char *sensor)
{
	struct nsc_segment segment = { .boot = spool_boot() };

	strcpy(segment.sensor, sensor);
	for (uint32_t i = 0; i < FILES; i++) {
		struct spool_file *f = &s->file[i];

		segment.worker = i < NSC_WORKERS_MAX ? i : 0;
		segment.kind = i == LEDGER ? NSC_SEGMENT_LEDGER : i == ALERTS ? NSC_SEGMENT_ALERTS : NSC_SEGMENT_FLOWS;
		*f = (struct spool_file){ .fd = -1, .segment = segment, .next = 1 };
		f->buffer = malloc(PIECE + ROW_MAX); /* touched by workers that there are */
		if (!f->buffer)
			return -ENOMEM;
	}
	return 0;
}

static int spool_open_folder(struct spool *s, const struct nsc_out *out, struct nsc_error *error)
{
	uint64_t limit = out->asked.spool_limit_mb << 20;
	struct nsc_error said;
	uint32_t stale = 0;
	int status = nsc_spool_folder_open(&s->folder, out->asked.spool, limit, &stale, error);

	s->segment_bytes = NSC_MIN((uint64_t)SEGMENT_BYTES, limit / 8);
	if (!status && stale && out->tell) {
		nsc_fail(&said, 0,
			 "the spool %.300s: an earlier run was killed: %u segments that were not complete are gone",
			 out->asked.spool, stale);
		out->tell(&said);
	}
	return status;
}

int nsc_spool_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	char sensor[NSC_SENSOR_MAX + 1];
	struct spool *s;
	int status;

	if (!out->asked.spool || !*out->asked.spool)
		return 0;
	status = spool_name(sensor, out->asked.sensor, error);
	if (status)
		return status;
	s = calloc(1, sizeof(*s));
	if (!s || spool_open_files(s, sensor)) {
		nsc_spool_close(s ? &s->sink : NULL);
		return nsc_fail(error, -ENOMEM, "no memory for the spool");
	}
	pthread_mutex_init(&s->mutex, NULL);
	s->sink.ops = &spool_ops;
	s->live = out->live;
	s->tell = out->tell;
	status = spool_open_folder(s, out, error);
	if (status) {
		nsc_spool_close(&s->sink);
		return status;
	}
	*sink = &s->sink;
	return 0;
}

void nsc_spool_close(struct nsc_sink *sink)
{
	struct spool *s = (struct spool *)sink;

	for (uint32_t i = 0; s && i < FILES; i++) {
		struct spool_file *f = &s->file[i];

		if (f->buffer && f->fd >= 0)
			nsc_spool_folder_discard(s->folder, f->fd, &f->segment);
		free(f->buffer);
	}
	if (s)
		nsc_spool_folder_close(s->folder);
	free(s);
}
