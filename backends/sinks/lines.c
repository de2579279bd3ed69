/* SPDX-License-Identifier: MIT
 *
 * A line for each packet, and what -vv, -vvv and --hex-dump put below it. The texts are the dissector's; this file
 * decides which of them, colours them, and writes: once for each chunk of packets, so that a reader sees them as soon
 * as the source pauses, and a fast source pays for one write in hundreds of packets.
 */
#include "backends/sinks/terminal.h"
#include "engine/text/number.h"
#include "netscope/dissect.h"
#include "netscope/out.h"

#include <errno.h>
#include <stdlib.h>

enum {
	DETAIL_MAX = 256 * 1024, /* of one packet; longer is cut */
	EXTRA_MAX = 1024,        /* decode error, trace */
	PACKET_MAX = 2 * NSC_LINE_MAX + DETAIL_MAX + NSC_HEX_MAX + EXTRA_MAX,
	BUFFER = 1024 * 1024,
	LEAST_ROOM = 256 * 1024, /* at the terminal: the rest is for statistics and alerts */
	AHEAD = 4,               /* packets whose headers are on their way from the core that copied them */
};

struct lines {
	struct nsc_sink sink;
	struct nsc_terminal terminal;
	uint32_t waiting;             /* packets in the buffer */
	struct nsc_lines_shown asked; /* control's, value by value, relaxed */
	struct nsc_lines_shown shown; /* the same, as of the chunk at hand */
	bool color;
	char *next;
	struct nsc_dissection tree;
	char line[NSC_LINE_MAX]; /* before it is coloured */
	char buffer[BUFFER];
};

/* --- out -------------------------------------------------------------------------------------- */

static int lines_flush(struct lines *l, struct nsc_error *error)
{
	int status = nsc_terminal_write(&l->terminal, l->buffer, l->next, "packet lines: writing", error);

	l->sink.lost += status ? l->waiting : 0;
	l->next = l->buffer;
	l->waiting = 0;
	return status == -EAGAIN ? 0 : status;
}

/* --- colours ---------------------------------------------------------------------------------- */

#define RESET "\033[0m"
#define DIM "\033[2m"
#define RED "\033[31m"

static const struct {
	const char *begins, *color;
} colors[] = {
	{ "IPv4:", "\033[36m" }, { "IPv6:", "\033[36m" }, { "TCP", "\033[32m" }, { "UDP", "\033[34m" },
	{ "ICMP", "\033[35m" },  { "ARP", "\033[33m" },   { "payload:", DIM },
};

/* The parts of a line are separated by bars; the first one, number, time and link, stays in the background. */
static const char *color_of(const char *part, size_t length, bool first)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(colors) && !first; i++) {
		size_t n = strlen(colors[i].begins);

		if (length >= n && !memcmp(part, colors[i].begins, n))
			return colors[i].color;
	}
	return first ? DIM : "";
}

static char *lines_put_bytes(char *at, const char *text, size_t length)
{
	memcpy(at, text, length);
	return at + length;
}

/* Room: twice NSC_LINE_MAX. A part is at least 4 bytes with its bar, so the escapes need less than five for each four.
 */
static char *put_colored(char *at, const char *end, const char *line, size_t length)
{
	const char *stop = line + length;

	for (bool first = true; line < stop; first = false) {
		const char *bar = memmem(line, (size_t)(stop - line), " | ", 3);
		size_t part = (size_t)((bar ? bar : stop) - line);
		const char *color = color_of(line, part, first);

		if ((size_t)(end - at) < part + 3 + strlen(color) + strlen(RESET))
			break;
		at = nsc_format_text(at, color);
		at = lines_put_bytes(at, line, part);
		at = nsc_format_text(at, *color ? RESET : "");
		at = lines_put_bytes(at, " | ", bar ? 3 : 0);
		line += part + (bar ? 3 : 0);
	}
	return at;
}

/* --- one packet ------------------------------------------------------------------------------- */

/* Packets that were not counted because their bytes are wrong or end too early, not because of what they are. */
static const bool is_error[NSC_FATE_COUNT] = {
	[NSC_FATE_TRUNCATED_L2] = true,    [NSC_FATE_TRUNCATED_L3] = true,    [NSC_FATE_TRUNCATED_L4] = true,
	[NSC_FATE_BAD_IPV4_HEADER] = true, [NSC_FATE_BAD_IPV6_HEADER] = true, [NSC_FATE_EXTENSION_LIMIT] = true,
	[NSC_FATE_TAG_LIMIT] = true,       [NSC_FATE_TUNNEL_LIMIT] = true,    [NSC_FATE_UNSUPPORTED_LINK] = true,
};

static char *put_error(char *at, const struct lines *l, const struct nsc_packet_record *record)
{
	at = nsc_format_text(at, l->color ? RED "[decode error] #" : "[decode error] #");
	at = nsc_format_u64(at, record->number);
	at = nsc_format_text(at, ": ");
	at = nsc_format_text(at, nsc_fate_name(record->fate));
	at = nsc_format_text(at, ": ");
	at = nsc_format_text(at, nsc_fate_help(record->fate));
	return nsc_format_text(at, l->color ? RESET "\n" : "\n");
}

static char *put_trace(char *at, const struct nsc_packet_record *record)
{
	at = nsc_format_text(at, "  NetScope: fate ");
	at = nsc_format_text(at, nsc_fate_name(record->fate));
	at = nsc_format_text(at, " (");
	at = nsc_format_text(at, nsc_fate_help(record->fate));
	at = nsc_format_text(at, "), captured ");
	at = nsc_format_u64(at, record->cap_len);
	at = nsc_format_text(at, " of ");
	at = nsc_format_u64(at, record->wire_len);
	at = nsc_format_text(at, " bytes, link type ");
	at = nsc_format_u64(at, record->linktype);
	at = nsc_format_text(at, " (");
	at = nsc_format_text(at, nsc_link_name(record->link));
	return nsc_format_text(at, ")\n");
}

static char *end_line(char *at)
{
	if (at[-1] != '\n')
		*at++ = '\n';
	return at;
}

static size_t make_line(struct lines *l, const struct nsc_packet *pkt, uint64_t number, char *out)
{
	if (l->shown.verbose < 2)
		return nsc_dissect_line(pkt, number, &l->tree, out, NSC_LINE_MAX);
	nsc_dissect(&l->tree, pkt);
	return nsc_dissect_line_of(&l->tree, pkt->ts_ns, number, out, NSC_LINE_MAX);
}

static char *lines_put_line(char *at, struct lines *l, const struct nsc_packet *pkt, uint64_t number)
{
	size_t length;

	if (nsc_likely(!l->color)) {
		at += make_line(l, pkt, number, at);
	} else {
		length = make_line(l, pkt, number, l->line);
		at = put_colored(at, at + 2 * NSC_LINE_MAX - 1, l->line, length);
	}
	*at++ = '\n';
	return at;
}

static char *lines_put_packet(char *at, struct lines *l, const struct nsc_packet_record *record)
{
	const struct nsc_packet pkt = nsc_packet_of(record);

	at = lines_put_line(at, l, &pkt, record->number);
	if (nsc_unlikely(is_error[record->fate]))
		at = put_error(at, l, record);
	if (nsc_unlikely(l->shown.verbose >= 2))
		at = end_line(at + nsc_dissect_text(&l->tree, at, DETAIL_MAX));
	if (nsc_unlikely(l->shown.verbose >= 3))
		at = put_trace(at, record);
	if (nsc_unlikely(l->shown.hex_dump))
		at = end_line(at + nsc_dissect_hex(pkt.data, pkt.cap_len, at, NSC_HEX_MAX));
	return at;
}

/* --- the sink --------------------------------------------------------------------------------- */

static const struct nsc_packet_record *lines_fetch(const struct nsc_packet_record *record)
{
	const uint8_t *line = (const uint8_t *)record;

	nsc_prefetch(line + NSC_CACHE_LINE);
	nsc_prefetch(line + 2 * NSC_CACHE_LINE - 1);
	record = nsc_packet_next(record);
	nsc_prefetch(record);
	return record;
}

static void lines_look(struct lines *l)
{
	l->shown.quiet = __atomic_load_n(&l->asked.quiet, __ATOMIC_RELAXED);
	l->shown.hex_dump = __atomic_load_n(&l->asked.hex_dump, __ATOMIC_RELAXED);
	l->shown.verbose = __atomic_load_n(&l->asked.verbose, __ATOMIC_RELAXED);
}

static int lines_packets(struct nsc_sink *sink, const struct nsc_packet_chunk *chunk, struct nsc_error *error)
{
	struct lines *l = (struct lines *)sink;
	const struct nsc_packet_record *record = nsc_packet_first(chunk), *ahead = record;
	uint32_t fetched = 0;

	lines_look(l);
	if (l->shown.quiet)
		return 0;
	if (!nsc_terminal_has_room(&l->terminal, LEAST_ROOM)) { /* no line is made for nobody */
		sink->lost += chunk->n;
		return 0;
	}
	for (uint32_t i = 0; i < chunk->n; i++, record = nsc_packet_next(record)) {
		int status = 0;

		for (; fetched < NSC_MIN(i + AHEAD, chunk->n); fetched++)
			ahead = lines_fetch(ahead);
		if (nsc_unlikely(l->buffer + BUFFER - l->next < PACKET_MAX))
			status = lines_flush(l, error);
		if (nsc_unlikely(status))
			return status;
		l->next = lines_put_packet(l->next, l, record);
		l->waiting++;
	}
	return lines_flush(l, error);
}

static const struct nsc_sink_ops lines_ops = {
	.name = "packet lines",
	.packet_bytes = NSC_PACKET_LINE,
	.packets = lines_packets,
};

static const struct nsc_sink_ops detail_ops = {
	.name = "packet details",
	.packet_bytes = NSC_PACKET_BYTES_MAX,
	.packets = lines_packets,
};

void nsc_lines_show(struct nsc_sink *sink, const struct nsc_lines_shown *shown)
{
	struct lines *l = (struct lines *)sink;

	if (!l)
		return;
	__atomic_store_n(&l->asked.quiet, shown->quiet, __ATOMIC_RELAXED);
	__atomic_store_n(&l->asked.hex_dump, shown->hex_dump, __ATOMIC_RELAXED);
	__atomic_store_n(&l->asked.verbose, shown->verbose, __ATOMIC_RELAXED);
}

int nsc_lines_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	struct lines *l;

	if (out->asked.quiet)
		return 0;
	l = calloc(1, sizeof(*l));
	if (!l)
		return nsc_fail(error, -ENOMEM, "no memory for packet lines");
	l->sink.ops = out->verbose >= 2 || out->asked.hex_dump ? &detail_ops : &lines_ops;
	l->terminal = (struct nsc_terminal){ .fd = out->fd, .pump = out->pump };
	nsc_lines_show(&l->sink, &(struct nsc_lines_shown){ .verbose = out->verbose, .hex_dump = out->asked.hex_dump });
	l->color = out->color;
	l->next = l->buffer;
	*sink = &l->sink;
	return 0;
}

void nsc_lines_close(struct nsc_sink *sink)
{
	free(sink);
}
