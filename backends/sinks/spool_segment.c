/* SPDX-License-Identifier: MIT */
#include "backends/sinks/spool_segment.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const nsc_segment_kind_names[NSC_SEGMENT_KIND_COUNT] = {
#define NSC_X(id, name) name,
	NSC_SEGMENT_KINDS(NSC_X)
#undef NSC_X
};

bool nsc_segment_is_sensor(const char *text)
{
	size_t length = strlen(text);

	for (const char *at = text; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("._-", *at))
			return false;
	return length && length <= NSC_SENSOR_MAX && text[0] != '.';
}

void nsc_segment_head(char head[NSC_SEGMENT_HEAD], const struct nsc_segment *s)
{
	int used = snprintf(head, NSC_SEGMENT_HEAD,
			    "netscope-segment 1 %s sensor=%s boot=%016" PRIx64 " worker=%" PRIu32 " first=%" PRIu64
			    " last=%" PRIu64 " packets=%" PRIu64 " bytes=%" PRIu64 " spooled=%" PRIu32,
			    nsc_segment_kind_names[s->kind], s->sensor, s->boot, s->worker, s->first, s->last,
			    s->packets, s->bytes, s->spooled);

	memset(head + used, ' ', (size_t)(NSC_SEGMENT_HEAD - used));
	head[NSC_SEGMENT_HEAD - 1] = '\n';
}

int nsc_segment_read(struct nsc_segment *s, const char head[NSC_SEGMENT_HEAD])
{
	char line[NSC_SEGMENT_HEAD], kind[8];
	int end = 0;

	memcpy(line, head, sizeof(line));
	line[NSC_SEGMENT_HEAD - 1] = '\0';
	*s = (struct nsc_segment){ .kind = NSC_SEGMENT_KIND_COUNT };
	if (sscanf(line,
		   "netscope-segment 1 %7s sensor=%63s boot=%16" SCNx64 " worker=%" SCNu32 " first=%" SCNu64
		   " last=%" SCNu64 " packets=%" SCNu64 " bytes=%" SCNu64 " spooled=%" SCNu32 "%n",
		   kind, s->sensor, &s->boot, &s->worker, &s->first, &s->last, &s->packets, &s->bytes, &s->spooled,
		   &end) != 9)
		return -EBADMSG;
	for (unsigned i = 0; i < NSC_SEGMENT_KIND_COUNT; i++)
		if (!strcmp(kind, nsc_segment_kind_names[i]))
			s->kind = i;
	if (s->kind == NSC_SEGMENT_KIND_COUNT || !nsc_segment_is_sensor(s->sensor) || !s->first || s->last < s->first ||
	    nsc_segment_rows(s) > NSC_SEGMENT_ROWS_MAX)
		return -EBADMSG;
	return 0;
}

void nsc_segment_name(char name[NSC_SEGMENT_NAME], const struct nsc_segment *s)
{
	snprintf(name, NSC_SEGMENT_NAME, "%s-%016" PRIx64 "-%" PRIu32 "-%012" PRIu64 "-%012" PRIu64 ".%s", s->sensor,
		 s->boot, s->worker, s->first, s->last, nsc_segment_kind_names[s->kind]);
}

enum nsc_segment_kind nsc_segment_name_kind(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (!dot || name[0] == '.' || strlen(name) >= NSC_SEGMENT_NAME)
		return NSC_SEGMENT_KIND_COUNT;
	for (unsigned i = 0; i < NSC_SEGMENT_KIND_COUNT; i++)
		if (!strcmp(dot + 1, nsc_segment_kind_names[i]))
			return i;
	return NSC_SEGMENT_KIND_COUNT;
}

uint64_t nsc_segment_name_rows(const char *name)
{
	const char *last = strrchr(name, '-'), *first = last;
	uint64_t from, to;

	while (first && first > name && first[-1] != '-')
		first--;
	if (!first || sscanf(first, "%20" SCNu64 "-%20" SCNu64 ".", &from, &to) != 2 || !from || to < from)
		return 0;
	return to - from + 1;
}

static const char mark_end[] = ".sent-";

void nsc_segment_mark(char mark[NSC_SEGMENT_MARK], const char *name, const char *taker)
{
	snprintf(mark, NSC_SEGMENT_MARK, ".%.*s%s%.*s", NSC_SEGMENT_NAME - 1, name, mark_end, NSC_SEGMENT_TAKER - 1,
		 taker);
}

bool nsc_segment_mark_read(const char *mark, char name[NSC_SEGMENT_NAME], char taker[NSC_SEGMENT_TAKER])
{
	const char *end = strstr(mark, mark_end);

	for (const char *more = end; more; more = strstr(more + 1, mark_end))
		end = more; /* a sensor's name may hold it */
	if (mark[0] != '.' || !end || end - mark > NSC_SEGMENT_NAME ||
	    strlen(end + strlen(mark_end)) >= NSC_SEGMENT_TAKER)
		return false;
	snprintf(name, NSC_SEGMENT_NAME, "%.*s", (int)(end - mark - 1), mark + 1);
	strcpy(taker, end + strlen(mark_end));
	return nsc_segment_is_name(name);
}
