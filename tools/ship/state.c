/* SPDX-License-Identifier: MIT
 *
 * Names of segments say how many rows they have, so that a look opens none of them.
 */
#include "tools/ship/state.h"

#include "netscope/clock.h"
#include "tools/netscope/version.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- a look ----------------------------------------------------------------------------------- */

static void waiting_add(struct nsc_ship_waiting *waiting, const char *name, const struct stat *found)
{
	uint64_t written = (uint64_t)found->st_mtim.tv_sec;

	waiting->oldest_s = waiting->segments ? NSC_MIN(waiting->oldest_s, written) : written;
	waiting->segments++;
	waiting->rows += nsc_segment_name_rows(name);
	waiting->bytes += (uint64_t)found->st_size;
}

static void state_add(struct nsc_ship_state *state, int folder, const struct nsc_lane *lane, const char *name)
{
	const char *dot = strrchr(name, '.');
	struct stat found;

	state->refused += name[0] != '.' && dot && !strcmp(dot, NSC_SEGMENT_REFUSED);
	if (!nsc_segment_is_name(name) || fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW))
		return;
	waiting_add(&state->waiting, name, &found);
	for (uint32_t i = 0; i < state->n; i++)
		if (nsc_queue_wants(&lane[i].queue, name))
			waiting_add(&state->place[i].waiting, name, &found);
}

void nsc_ship_state_look(struct nsc_ship_state *state, int folder, struct nsc_lane *lane, uint32_t n)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	*state = (struct nsc_ship_state){ .now_s = nsc_clock_ns(CLOCK_REALTIME) / NSC_NS_PER_SEC, .n = n };
	for (uint32_t i = 0; i < n; i++) {
		struct nsc_ship_place *place = &state->place[i];

		place->url = lane[i].to->url;
		place->sums = nsc_lane_sums(&lane[i]);
		place->repeated = __atomic_load_n(&lane[i].to->repeated, __ATOMIC_RELAXED);
		place->unwanted = __atomic_load_n(&lane[i].to->unwanted, __ATOMIC_RELAXED);
		place->outdated = __atomic_load_n(&lane[i].to->outdated, __ATOMIC_RELAXED);
		place->lost = nsc_queue_takers_lost(lane[i].queue.takers, lane[i].queue.taker);
	}
	while (list && (entry = readdir(list)))
		state_add(state, folder, lane, entry->d_name);
	if (list)
		closedir(list);
	else if (fd >= 0)
		close(fd);
}

/* 0 when none waits. */
static uint64_t waiting_age(const struct nsc_ship_state *state, const struct nsc_ship_waiting *waiting)
{
	return waiting->segments ? state->now_s - NSC_MIN(waiting->oldest_s, state->now_s) : 0;
}

/* --- for people ------------------------------------------------------------------------------- */

void nsc_ship_state_print_waiting(FILE *out, const struct nsc_ship_state *state)
{
	const struct nsc_ship_waiting *waiting = &state->waiting;

	fprintf(out, "waiting   %" PRIu64 " segments, %" PRIu64 " rows, %" PRIu64 " bytes\n", waiting->segments,
		waiting->rows, waiting->bytes);
	if (waiting->segments)
		fprintf(out, "oldest    %" PRIu64 " s\n", waiting_age(state, waiting));
	if (state->refused)
		fprintf(out, "refused   %" PRIu64 " segments\n", state->refused);
}

void nsc_ship_state_print_places(FILE *out, const struct nsc_ship_state *state)
{
	for (uint32_t i = 0; i < state->n; i++) {
		const struct nsc_ship_place *place = &state->place[i];
		const struct nsc_lane_sums *sums = &place->sums;

		fprintf(out,
			"server    %s: %" PRIu64 " segments, %" PRIu64 " rows, %" PRIu64 " bytes sent, %" PRIu64
			" rows in the last minute, %" PRIu64 " refused, %" PRIu64 " lost, %" PRIu64 " wait, %" PRIu64
			" rows may be there twice, %" PRIu64 " rows were refused, %" PRIu64 " rows were too old%s%s\n",
			place->url, sums->segments, sums->rows, sums->bytes, sums->minute_rows, sums->refused,
			place->lost, place->waiting.segments, place->repeated, place->unwanted, place->outdated,
			sums->in_a_row ? "; fails: " : "", sums->in_a_row ? sums->why.text : "");
	}
}

void nsc_ship_state_sentence(char *text, size_t size, const struct nsc_ship_state *state)
{
	const struct nsc_ship_waiting *waiting = &state->waiting;
	const struct nsc_ship_place *failing = NULL;
	uint64_t rows = 0;

	for (uint32_t i = 0; i < state->n; i++) {
		rows += state->place[i].sums.rows;
		if (state->place[i].sums.in_a_row && !failing)
			failing = &state->place[i];
	}
	snprintf(text, size, "%" PRIu64 " rows sent; %" PRIu64 " segments wait, the oldest for %" PRIu64 " s%s%s", rows,
		 waiting->segments, waiting_age(state, waiting), failing ? "; fails: " : "",
		 failing ? failing->sums.why.text : "");
}

/* --- for Prometheus --------------------------------------------------------------------------- */

static void nsc_printf(2, 3) state_put(struct nsc_buffer *out, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	nsc_buffer_text(out, text);
}

/* X(name, type, help, value): `s` is the state. */
#define SHIP_METRICS(X)                                                                                                \
	X("spool_segments", "gauge", "Segments in the spool", s->waiting.segments)                                     \
	X("spool_rows", "gauge", "Rows in them", s->waiting.rows)                                                      \
	X("spool_bytes", "gauge", "Size of their files", s->waiting.bytes)                                             \
	X("spool_oldest_seconds", "gauge", "Age of the oldest segment in the spool, 0 without one",                    \
	  waiting_age(s, &s->waiting))                                                                                 \
	X("spool_refused_segments", "gauge", "Segments that are kept as .refused, for a person to look at", s->refused)

/* X(name, type, help, value): `p` is a destination's place in the state. */
#define SHIP_PLACE_METRICS(X)                                                                                          \
	X("waiting_segments", "gauge", "Segments that the destination lacks", p->waiting.segments)                     \
	X("waiting_rows", "gauge", "Rows in them", p->waiting.rows)                                                    \
	X("waiting_bytes", "gauge", "Size of their files", p->waiting.bytes)                                           \
	X("waiting_oldest_seconds", "gauge", "Age of the oldest of them, 0 without one", waiting_age(s, &p->waiting))  \
	X("sent_segments_total", "counter", "Segments that the destination got", p->sums.segments)                     \
	X("sent_rows_total", "counter", "Rows in them", p->sums.rows)                                                  \
	X("sent_bytes_total", "counter", "Bytes of these rows, before compression", p->sums.bytes)                     \
	X("failures_total", "counter", "Tries to send a segment that came to nothing", p->sums.failures)               \
	X("failing", "gauge", "1 while the newest try has failed", p->sums.in_a_row != 0)                              \
	X("repeated_rows_total", "counter",                                                                            \
	  "Rows that were sent again after a connection broke: the destination may have them twice", p->repeated)      \
	X("refused_rows_total", "counter", "Rows that the destination refused one by one", p->unwanted)                \
	X("outdated_rows_total", "counter", "Rows that were left out because they had waited for too long",            \
	  p->outdated)                                                                                                 \
	X("refused_segments_total", "counter", "Segments that the destination will never take", p->sums.refused)       \
	X("lost_segments_total", "counter",                                                                            \
	  "Segments that the sensor dropped before this destination got them, though another one did", p->lost)        \
	X("last_success_timestamp_seconds", "gauge", "When the last segment was sent, 0 = never", p->sums.sent_s)

static void state_head(struct nsc_buffer *out, const char *name, const char *type, const char *help)
{
	state_put(out, "# HELP netscope_ship_%s %s\n# TYPE netscope_ship_%s %s\n", name, help, name, type);
}

static void state_label(struct nsc_buffer *out, const char *value)
{
	for (; *value; value++)
		state_put(out, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
}

void nsc_ship_state_metrics(struct nsc_buffer *out, const struct nsc_ship_state *s)
{
	state_head(out, "info", "gauge", "1; the version of netscope ship");
	state_put(out, "netscope_ship_info{version=\"%s\"} 1\n", NSC_VERSION);
#define NSC_X(name, type, help, value)                                                                                 \
	state_head(out, name, type, help);                                                                             \
	state_put(out, "netscope_ship_%s %" PRIu64 "\n", name, (uint64_t)(value));
	SHIP_METRICS(NSC_X)
#undef NSC_X
#define NSC_X(name, type, help, value)                                                                                 \
	state_head(out, name, type, help);                                                                             \
	for (uint32_t i = 0; i < s->n; i++) {                                                                          \
		const struct nsc_ship_place *p = &s->place[i];                                                         \
                                                                                                                       \
		state_put(out, "netscope_ship_%s{destination=\"", name);                                               \
		state_label(out, p->url);                                                                              \
		state_put(out, "\"} %" PRIu64 "\n", (uint64_t)(value));                                                \
	}
	SHIP_PLACE_METRICS(NSC_X)
#undef NSC_X
}
