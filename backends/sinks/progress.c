/* SPDX-License-Identifier: MIT
 *
 * One line that is drawn over itself. It never wraps: 79 columns at most.
 */
#include "engine/text/number.h"
#include "netscope/out.h"

#include <stdlib.h>
#include <unistd.h>

enum { REDRAW_NS = 100000000, BAR = 20, LINE = 256 };

struct nsc_progress {
	int fd;
	bool drawn;
	uint64_t input_bytes;
	uint64_t start_ns, last_ns; /* first and last redraw; 0 = none */
};

struct nsc_progress *nsc_progress_open(int fd, uint64_t input_bytes)
{
	struct nsc_progress *p = isatty(fd) ? calloc(1, sizeof(*p)) : NULL;

	if (p) {
		p->fd = fd;
		p->input_bytes = input_bytes;
	}
	return p;
}

/* 950 packets, 12.3 k packets, 4.5 GB: up to 999.9 and a letter. */
static char *put_short(char *at, uint64_t value, const char *unit)
{
	static const char prefixes[][2] = { "", "k", "M", "G", "T", "P" };
	uint64_t tenths = value > UINT64_MAX / 10 ? UINT64_MAX : value * 10;
	unsigned prefix = 0;

	for (; tenths >= 10000 && prefix < NSC_ARRAY_LEN(prefixes) - 1; prefix++)
		tenths /= 1000;
	at = nsc_format_u64(at, tenths / 10);
	if (prefix) {
		*at++ = '.';
		*at++ = (char)('0' + tenths % 10);
	}
	if (prefix || *unit == 'B')
		*at++ = ' ';
	at = nsc_format_text(at, prefixes[prefix]);
	return nsc_format_text(at, unit);
}

static char *put_bar(char *at, unsigned percent)
{
	*at++ = '[';
	for (unsigned i = 0; i < BAR; i++)
		*at++ = i < percent * BAR / 100 ? '#' : '.';
	at = nsc_format_text(at, "] ");
	if (percent < 100)
		*at++ = ' ';
	if (percent < 10)
		*at++ = ' ';
	at = nsc_format_u64(at, percent);
	return nsc_format_text(at, " %  ");
}

static char *put_time_left(char *at, uint64_t seconds)
{
	at = nsc_format_text(at, "  ");
	if (seconds >= 3600) {
		at = nsc_format_u64(at, seconds / 3600);
		*at++ = ':';
	}
	at = nsc_format_pair(at, (unsigned)(seconds / 60 % 60));
	*at++ = ':';
	at = nsc_format_pair(at, (unsigned)(seconds % 60));
	return nsc_format_text(at, " left");
}

static uint64_t progress_scale(uint64_t value, uint64_t by, uint64_t over)
{
	return over ? (uint64_t)((unsigned __int128)value * by / over) : 0;
}

static char *progress_put_line(char *at, const struct nsc_progress *p, const struct nsc_counters *totals,
			       uint64_t elapsed_ns)
{
	uint64_t packets = totals->value[NSC_C_RX_RECEIVED], bytes = totals->value[NSC_C_RX_FILE_BYTES];
	bool sized = p->input_bytes != NSC_UNKNOWN && p->input_bytes > 0 && bytes <= p->input_bytes;

	if (sized)
		at = put_bar(at, (unsigned)progress_scale(bytes, 100, p->input_bytes));
	at = put_short(at, bytes, "B");
	at = nsc_format_text(at, "  ");
	at = put_short(at, packets, " packets");
	if (elapsed_ns) {
		at = nsc_format_text(at, "  ");
		at = put_short(at, progress_scale(packets, NSC_NS_PER_SEC, elapsed_ns), "/s");
	}
	if (sized && bytes && elapsed_ns)
		at = put_time_left(at, progress_scale(p->input_bytes - bytes, elapsed_ns, bytes) / NSC_NS_PER_SEC);
	return at;
}

/* A terminal that takes no bytes loses a redraw, nothing else. */
static void progress_draw(struct nsc_progress *p, const char *from, const char *end)
{
	if (write(p->fd, from, (size_t)(end - from)) > 0)
		p->drawn = true;
}

void nsc_progress_update(struct nsc_progress *p, const struct nsc_counters *totals, uint64_t now_ns)
{
	char line[LINE], *at = line;

	if (!p || (p->last_ns && now_ns < p->last_ns + REDRAW_NS))
		return;
	if (!p->start_ns)
		p->start_ns = now_ns;
	p->last_ns = now_ns;
	at = nsc_format_text(at, "\r");
	at = progress_put_line(at, p, totals, now_ns - p->start_ns);
	at = nsc_format_text(at, "\033[K");
	progress_draw(p, line, at);
}

void nsc_progress_close(struct nsc_progress *p)
{
	static const char clear[] = "\r\033[K";

	if (p && p->drawn)
		progress_draw(p, clear, clear + sizeof(clear) - 1);
	free(p);
}
