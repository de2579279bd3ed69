/* SPDX-License-Identifier: MIT */
#include "engine/text/trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "engine/text/address.h"
#include "engine/text/escape.h"
#include "engine/text/time.h"
#include "netscope/counters.h"
#include "netscope/decode.h"
#include "netscope/flow.h"

static const struct stage {
	const char *name;
	unsigned cycles;
	const char *place[2]; /* of the counters that it moves */
} stages[] = {
	{ "decode", NSC_C_CYCLES_DECODE, { "decode" } },
	{ "tap", NSC_C_CYCLES_TAP, { "tap" } },
	{ "steer", NSC_C_CYCLES_STEER, { "lane" } },
	{ "recorder", NSC_C_CYCLES_RECORDER, { "recorder" } },
	{ "flow", NSC_C_CYCLES_FLOW, { "flow", "output" } },
	{ "detect", NSC_C_CYCLES_DETECT, { "detect" } },
	{ "dns", NSC_C_CYCLES_DNS, { "dns" } },
	{ "sample", NSC_C_CYCLES_SAMPLE, { "dashboard" } },
};

/* Said in words, or a matter of packets before: when a chunk is full, when the sweep came by. */
static const unsigned unsaid[] = {
	NSC_C_LANE_PACKETS, NSC_C_LANE_BURSTS,      NSC_C_LANE_FULL,      NSC_C_FLOW_CREATED,
	NSC_C_FLOW_TIMEOUT, NSC_C_FLOW_PACKETS,     NSC_C_DETECT_RECORDS, NSC_C_RECORD_SENT,
	NSC_C_TAP_PACKETS,  NSC_C_RECORDER_PACKETS, NSC_C_RECORDER_BYTES, NSC_C_RECORDER_OVERWRITTEN,
};

/* --- text that is cut where its room ends ----------------------------------------------------- */

struct cut_text {
	char *at, *end;
};

static void __attribute__((format(printf, 2, 3))) cut_add(struct cut_text *text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text->at, (size_t)(text->end - text->at), format, args);
	va_end(args);
	text->at += NSC_MIN((ptrdiff_t)NSC_MAX(length, 0), text->end - text->at - 1);
}

/* --- what a stage did ------------------------------------------------------------------------- */

static bool stage_owns(const struct stage *stage, unsigned counter)
{
	const char *place = nsc_counter_table[counter].place;

	return !strcmp(place, stage->place[0]) || (stage->place[1] && !strcmp(place, stage->place[1]));
}

/* Which packet a contact is told with, of those that probes and answers make, is a matter of the worker. */
static bool counter_is_said(unsigned counter, bool way)
{
	enum nsc_counter_class class = nsc_counter_table[counter].class;

	if (class != NSC_CLASS_TRAFFIC && class != NSC_CLASS_LOSS && class != NSC_CLASS_LIMIT)
		return false;
	for (size_t i = 0; i < NSC_ARRAY_LEN(unsaid); i++)
		if (unsaid[i] == counter)
			return false;
	return !way || counter != NSC_C_DETECT_CONTACTS;
}

static void say_decode(struct cut_text *text, const struct nsc_trace_packet *packet)
{
	cut_add(text, "%s", nsc_decode_path_name(packet->path));
	if (packet->fate != NSC_FATE_FLOW)
		cut_add(text, "; %s", nsc_fate_name(packet->fate));
}

static void say_flow(struct cut_text *text, const struct nsc_trace_packet *packet)
{
	if (packet->worked && packet->fate == NSC_FATE_FLOW)
		cut_add(text, "%s", nsc_trace_moved(packet, NSC_C_FLOW_CREATED) ? "new" : "known");
}

/* Not which worker: that depends on how many there are. */
static void say_steer(struct cut_text *text, const struct nsc_trace_packet *packet)
{
	if (nsc_trace_moved(packet, NSC_C_LANE_FULL))
		cut_add(text, "lane full, dropped");
}

/* "" when the stage has nothing to say. `way`: only what is the same for any number of workers. */
static void stage_say(struct cut_text *text, const struct stage *stage, const struct nsc_trace_packet *packet, bool way)
{
	char *begin = text->at;

	if (stage->cycles == NSC_C_CYCLES_DECODE)
		say_decode(text, packet);
	else if (stage->cycles == NSC_C_CYCLES_FLOW)
		say_flow(text, packet);
	else if (stage->cycles == NSC_C_CYCLES_STEER)
		say_steer(text, packet);
	else if (stage->cycles == NSC_C_CYCLES_TAP && nsc_trace_moved(packet, NSC_C_TAP_PACKETS))
		cut_add(text, "copied");
	else if (stage->cycles == NSC_C_CYCLES_RECORDER && nsc_trace_moved(packet, NSC_C_RECORDER_PACKETS))
		cut_add(text, "recorded");
	for (uint32_t i = 0; i < packet->n_changes; i++) {
		const struct nsc_trace_change *change = &packet->change[i];

		if (!stage_owns(stage, change->counter) || !counter_is_said(change->counter, way))
			continue;
		cut_add(text, "%s%s", text->at > begin ? ", " : "", nsc_counter_table[change->counter].name);
		if (change->by > 1)
			cut_add(text, " %" PRIu32, change->by);
	}
}

const char *nsc_trace_way(char way[NSC_TRACE_WAY_MAX], const struct nsc_trace_packet *packet)
{
	struct cut_text text = { way, way + NSC_TRACE_WAY_MAX };

	*way = '\0';
	for (size_t i = 0; i < NSC_ARRAY_LEN(stages); i++) {
		struct cut_text before = text;
		char *said;

		cut_add(&text, "%s%s ", text.at > way ? " > " : "", stages[i].name);
		said = text.at;
		stage_say(&text, &stages[i], packet, true);
		if (text.at > said)
			continue;
		text = before;
		*text.at = '\0';
	}
	return way;
}

static uint64_t trace_cycles(const struct nsc_trace_packet *packet)
{
	uint64_t cycles = 0;

	for (uint32_t i = 0; i < packet->n_changes; i++)
		if (nsc_counter_table[packet->change[i].counter].class == NSC_CLASS_CYCLES)
			cycles += packet->change[i].by;
	return cycles;
}

/* --- the distinct ways ------------------------------------------------------------------------ */

struct way {
	char text[NSC_TRACE_WAY_MAX];
	uint32_t packets;
	uint64_t cycles, least, most;
};

struct ways {
	struct way *way; /* [n], the most frequent first */
	uint32_t n;
};

static void ways_add(struct ways *ways, const struct nsc_trace_packet *packet)
{
	uint64_t cycles = trace_cycles(packet);
	struct way *way = &ways->way[ways->n];
	uint32_t i = 0;

	nsc_trace_way(way->text, packet);
	while (i < ways->n && strcmp(ways->way[i].text, way->text))
		i++;
	way = &ways->way[i];
	if (i == ways->n) {
		ways->n++;
		way->packets = 0;
		way->cycles = way->most = 0;
		way->least = UINT64_MAX;
	}
	way->packets++;
	way->cycles += cycles;
	way->least = NSC_MIN(way->least, cycles);
	way->most = NSC_MAX(way->most, cycles);
}

/* Most packets first, then by what it says. */
static int ways_compare(const void *x, const void *y)
{
	const struct way *a = x, *b = y;

	if (a->packets != b->packets)
		return a->packets < b->packets ? 1 : -1;
	return strcmp(a->text, b->text);
}

static void ways_make(struct ways *ways, const struct nsc_trace_report *report)
{
	*ways = (struct ways){ .way = malloc(((size_t)report->n + 1) * sizeof(struct way)) };
	for (uint32_t i = 0; ways->way && i < report->n; i++)
		ways_add(ways, &report->packet[i]);
	if (ways->n)
		qsort(ways->way, ways->n, sizeof(struct way), ways_compare);
}

/* --- text ------------------------------------------------------------------------------------- */

static void trace_print_end(FILE *out, const uint8_t *addr, uint16_t port, const struct nsc_trace_packet *packet)
{
	char ip[NSC_FORMAT_IP_MAX + 1];
	bool ported = packet->fate == NSC_FATE_FLOW, bracketed = ported && packet->ip_version == 6;

	*nsc_format_ip(ip, addr, packet->ip_version) = '\0';
	fprintf(out, "%s%s%s", bracketed ? "[" : "", ip, bracketed ? "]" : "");
	if (ported)
		fprintf(out, ":%u", port);
}

static void trace_print_head(FILE *out, uint32_t number, const struct nsc_trace_packet *packet)
{
	char time[NSC_FORMAT_SECONDS_MAX + 1];

	*nsc_format_timestamp(time, packet->ts_ns) = '\0';
	fprintf(out, "#%-3" PRIu32 " %s  ", number, time);
	if (packet->ip_version) {
		trace_print_end(out, packet->source, packet->source_port, packet);
		fputs(" > ", out);
		trace_print_end(out, packet->target, packet->target_port, packet);
		fputs("  ", out);
	}
	fprintf(out, "%s, %" PRIu32 " bytes",
		packet->fate == NSC_FATE_FLOW ? nsc_proto_name(packet->ip_proto) : nsc_fate_name(packet->fate),
		packet->wire_len);
	if (packet->worked)
		fprintf(out, ", worker %" PRIu32, packet->worker);
	if (packet->worker_core >= 0)
		fprintf(out, " on core %" PRId32, packet->worker_core);
	if (packet->capture_core >= 0)
		fprintf(out, ", capture on core %" PRId32, packet->capture_core);
	putc('\n', out);
}

static void trace_print_packet(FILE *out, uint32_t number, const struct nsc_trace_packet *packet)
{
	char said[NSC_TRACE_WAY_MAX];

	trace_print_head(out, number, packet);
	for (size_t i = 0; i < NSC_ARRAY_LEN(stages); i++) {
		uint32_t cycles = nsc_trace_moved(packet, stages[i].cycles);
		struct cut_text text = { said, said + sizeof(said) };

		*said = '\0';
		stage_say(&text, &stages[i], packet, false);
		if (stages[i].cycles == NSC_C_CYCLES_FLOW && packet->depth)
			cut_add(&text, ", bucket %" PRIu32, packet->depth);
		if (stages[i].cycles == NSC_C_CYCLES_STEER && packet->lanes && packet->worked)
			cut_add(&text, "lane %" PRIu32, packet->worker);
		if (cycles || *said)
			fprintf(out, "     %-7s%8" PRIu32 "%s%s\n", stages[i].name, cycles, *said ? "  " : "", said);
	}
}

void nsc_trace_print(FILE *out, const struct nsc_trace_report *report)
{
	char filter[NSC_ESCAPE_GROWTH * 1024];
	struct ways ways;

	fprintf(out, "trace: %" PRIu32 " of %" PRIu32 " packets wanted that match '%s'; cycles of each stage\n",
		report->n, report->wanted, nsc_escape_terminal(report->filter, filter, sizeof(filter)));
	for (uint32_t i = 0; i < report->n; i++)
		trace_print_packet(out, i + 1, &report->packet[i]);
	ways_make(&ways, report);
	if (ways.n)
		fputs("ways:  packets   cycles: least, mean, most\n", out);
	for (uint32_t i = 0; i < ways.n; i++)
		fprintf(out, "%14" PRIu32 "  %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "  %s\n", ways.way[i].packets,
			ways.way[i].least, ways.way[i].cycles / ways.way[i].packets, ways.way[i].most,
			ways.way[i].text);
	free(ways.way);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void trace_add_end(cJSON *to, const char *name, const uint8_t *addr, const struct nsc_trace_packet *packet)
{
	char ip[NSC_FORMAT_IP_MAX + 1];

	if (!packet->ip_version) {
		cJSON_AddNullToObject(to, name);
		return;
	}
	*nsc_format_ip(ip, addr, packet->ip_version) = '\0';
	cJSON_AddStringToObject(to, name, ip);
}

static void trace_add_core(cJSON *to, const char *name, int32_t core)
{
	if (core < 0)
		cJSON_AddNullToObject(to, name);
	else
		cJSON_AddNumberToObject(to, name, core);
}

/* Cycles by stage, and every counter that moved, those of cycles and waits too. */
static void trace_add_counts(cJSON *to, const struct nsc_trace_packet *packet)
{
	cJSON *cycles = cJSON_AddObjectToObject(to, "cycles"), *moved = cJSON_AddObjectToObject(to, "counters");

	for (uint32_t i = 0; i < packet->n_changes; i++) {
		const struct nsc_trace_change *change = &packet->change[i];
		const char *stage = nsc_counter_stage(change->counter);

		if (stage)
			cJSON_AddNumberToObject(cycles, stage, change->by);
		else
			cJSON_AddNumberToObject(moved, nsc_counter_table[change->counter].name, change->by);
	}
}

static cJSON *trace_packet_json(const struct nsc_trace_packet *packet)
{
	char text[NSC_FORMAT_SECONDS_MAX + 1], way[NSC_TRACE_WAY_MAX];
	cJSON *object = cJSON_CreateObject();

	*nsc_format_timestamp(text, packet->ts_ns) = '\0';
	cJSON_AddRawToObject(object, "ts", text);
	cJSON_AddNumberToObject(object, "wire_len", packet->wire_len);
	cJSON_AddNumberToObject(object, "cap_len", packet->cap_len);
	cJSON_AddStringToObject(object, "fate", nsc_fate_name(packet->fate));
	cJSON_AddNumberToObject(object, "ip_proto", packet->ip_proto);
	trace_add_end(object, "source_ip", packet->source, packet);
	trace_add_end(object, "target_ip", packet->target, packet);
	cJSON_AddNumberToObject(object, "source_port", packet->source_port);
	cJSON_AddNumberToObject(object, "target_port", packet->target_port);
	cJSON_AddStringToObject(object, "decode", nsc_decode_path_name(packet->path));
	if (packet->worked)
		cJSON_AddNumberToObject(object, "worker", packet->worker);
	else
		cJSON_AddNullToObject(object, "worker");
	trace_add_core(object, "worker_core", packet->worker_core);
	trace_add_core(object, "capture_core", packet->capture_core);
	cJSON_AddNumberToObject(object, "bucket", packet->depth);
	cJSON_AddStringToObject(object, "way", nsc_trace_way(way, packet));
	trace_add_counts(object, packet);
	return object;
}

static void trace_add_ways(cJSON *to, const struct nsc_trace_report *report)
{
	cJSON *array = cJSON_AddArrayToObject(to, "ways");
	struct ways ways;

	ways_make(&ways, report);
	for (uint32_t i = 0; i < ways.n; i++) {
		const struct way *way = &ways.way[i];
		uint64_t mean = way->cycles / way->packets;
		cJSON *object = cJSON_CreateObject();

		cJSON_AddStringToObject(object, "way", way->text);
		cJSON_AddNumberToObject(object, "packets", way->packets);
		cJSON_AddNumberToObject(object, "cycles_least", (double)way->least);
		cJSON_AddNumberToObject(object, "cycles_mean", (double)mean);
		cJSON_AddNumberToObject(object, "cycles_most", (double)way->most);
		cJSON_AddItemToArray(array, object);
	}
	free(ways.way);
}

cJSON *nsc_trace_add_json(cJSON *to, const struct nsc_trace_report *report)
{
	cJSON *object = cJSON_AddObjectToObject(to, "trace"), *packets;

	cJSON_AddNumberToObject(object, "wanted", report->wanted);
	packets = cJSON_AddArrayToObject(object, "packets");
	for (uint32_t i = 0; i < report->n; i++)
		cJSON_AddItemToArray(packets, trace_packet_json(&report->packet[i]));
	trace_add_ways(object, report);
	return object;
}
