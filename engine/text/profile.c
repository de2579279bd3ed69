/* SPDX-License-Identifier: MIT
 *
 * Rows of a report as text. Names of functions come from tables of symbols; what is no letter of a language is escaped
 * where a format has a meaning for it.
 */
#include "engine/text/profile.h"

#include <stdlib.h>
#include <string.h>

bool nsc_profile_format_of(const char *path, enum nsc_profile_format *format)
{
	static const struct {
		const char *suffix;
		enum nsc_profile_format format;
	} formats[] = {
		{ ".folded", NSC_PROFILE_FOLDED },
		{ ".json", NSC_PROFILE_SPEEDSCOPE },
		{ ".pb.gz", NSC_PROFILE_PPROF },
		{ ".pprof", NSC_PROFILE_PPROF },
	};
	size_t length = strlen(path);

	for (size_t i = 0; i < NSC_ARRAY_LEN(formats); i++) {
		size_t n = strlen(formats[i].suffix);

		if (length > n && !strcmp(path + length - n, formats[i].suffix)) {
			*format = formats[i].format;
			return true;
		}
	}
	return false;
}

bool nsc_profile_format_has_cores(enum nsc_profile_format format)
{
	return format == NSC_PROFILE_TREE || format == NSC_PROFILE_PPROF;
}

/* --- names that are used, in the order in which they come ------------------------------------- */

struct frame_list {
	uint32_t *place;  /* by number of a name: its place + 1; 0 = not used yet */
	uint32_t *number; /* by place */
	uint32_t n;
};

static bool frame_list_open(struct frame_list *list, const struct nsc_profile_report *report)
{
	uint32_t names = report->names;

	*list = (struct frame_list){ .place = calloc(names, sizeof(uint32_t)),
				     .number = calloc(names, sizeof(uint32_t)) };
	return list->place && list->number;
}

static void frame_list_close(struct frame_list *list)
{
	free(list->place);
	free(list->number);
}

static uint32_t frame_list_place(struct frame_list *list, uint32_t number)
{
	if (!list->place[number]) {
		list->number[list->n] = number;
		list->place[number] = ++list->n;
	}
	return list->place[number] - 1;
}

static void frame_list_stack(struct frame_list *list, struct nsc_json *json, const struct nsc_profile_report *report,
			     const struct nsc_profile_row *row)
{
	uint32_t n;
	const uint32_t *stack = nsc_profile_stack(report, row, &n);

	for (uint32_t i = 0; i < n; i++)
		nsc_json_number(json, frame_list_place(list, stack[i]));
}

/* --- the page's ------------------------------------------------------------------------------- */

static void tree_rows(struct frame_list *list, struct nsc_json *json, const struct nsc_profile_report *report,
		      size_t most)
{
	uint64_t omitted = 0;

	nsc_json_add_open(json, "stacks", '[');
	for (uint32_t i = 0; i < report->n; i++) {
		const struct nsc_profile_row *row = &report->row[i];

		if (json->out.length > most) {
			omitted += row->samples;
			continue;
		}
		nsc_json_open(json, '{');
		nsc_json_add_u64(json, "thread", row->thread);
		nsc_json_add_u64(json, "core", row->core);
		nsc_json_add_open(json, "frames", '[');
		frame_list_stack(list, json, report, row);
		nsc_json_close(json, ']');
		nsc_json_add_u64(json, "count", row->samples);
		nsc_json_close(json, '}');
	}
	nsc_json_close(json, ']');
	nsc_json_add_u64(json, "omitted", omitted);
}

void nsc_profile_tree(struct nsc_json *json, const struct nsc_profile_report *report, size_t most)
{
	struct frame_list list;

	nsc_json_add_u64(json, "hz", report->hz);
	nsc_json_add_bool(json, "running", report->running);
	nsc_json_add_u64(json, "samples", report->samples);
	nsc_json_add_u64(json, "lost", report->lost);
	nsc_json_add_u64(json, "overwritten", report->overwritten);
	nsc_json_add_bool(json, "kernel", report->kernel);
	nsc_json_add_text(json, "note", nsc_profile_note(report->profile));
	nsc_json_add_time(json, "began", report->began_ns);
	nsc_json_add_u64(json, "from_ns", report->from_ns);
	nsc_json_add_u64(json, "to_ns", report->to_ns);
	nsc_json_add_open(json, "threads", '[');
	for (uint32_t i = 0; i < report->n_threads; i++) {
		nsc_json_open(json, '{');
		nsc_json_add_text(json, "name", report->thread[i].name);
		nsc_json_add_u64(json, "tid", report->thread[i].tid);
		nsc_json_close(json, '}');
	}
	nsc_json_close(json, ']');
	if (frame_list_open(&list, report)) {
		tree_rows(&list, json, report, most);
		nsc_json_add_open(json, "frames", '[');
		for (uint32_t i = 0; i < list.n; i++)
			nsc_json_text(json, nsc_profile_name(report, list.number[i]));
		nsc_json_close(json, ']');
	} else {
		json->out.full = true;
	}
	frame_list_close(&list);
}

/* --- folded ----------------------------------------------------------------------------------- */

/* A ';' ends a frame, and a blank is taken for the begin of the count by some readers. */
static void folded_frame(struct nsc_buffer *out, const char *name)
{
	for (; *name; name++)
		nsc_buffer_char(out, *name == ';' || (unsigned char)*name <= ' ' ? '_' : *name);
}

void nsc_profile_folded(struct nsc_buffer *out, const struct nsc_profile_report *report)
{
	for (uint32_t i = 0; i < report->n; i++) {
		uint32_t n;
		const uint32_t *stack = nsc_profile_stack(report, &report->row[i], &n);

		folded_frame(out, report->thread[report->row[i].thread].name);
		for (uint32_t k = 0; k < n; k++) {
			nsc_buffer_char(out, ';');
			folded_frame(out, nsc_profile_name(report, stack[k]));
		}
		nsc_buffer_char(out, ' ');
		nsc_buffer_u64(out, report->row[i].samples);
		nsc_buffer_char(out, '\n');
	}
}

/* --- speedscope ------------------------------------------------------------------------------- */

static void speedscope_thread(struct frame_list *list, struct nsc_json *json, const struct nsc_profile_report *report,
			      uint32_t thread)
{
	uint64_t total = 0;

	nsc_json_open(json, '{');
	nsc_json_add_text(json, "type", "sampled");
	nsc_json_add_text(json, "name", report->thread[thread].name);
	nsc_json_add_text(json, "unit", "nanoseconds");
	nsc_json_add_u64(json, "startValue", 0);
	nsc_json_add_open(json, "samples", '[');
	for (uint32_t i = 0; i < report->n; i++) {
		if (report->row[i].thread != thread)
			continue;
		nsc_json_open(json, '[');
		frame_list_stack(list, json, report, &report->row[i]);
		nsc_json_close(json, ']');
	}
	nsc_json_close(json, ']');
	nsc_json_add_open(json, "weights", '[');
	for (uint32_t i = 0; i < report->n; i++) {
		if (report->row[i].thread != thread)
			continue;
		nsc_json_number(json, report->row[i].samples * (NSC_NS_PER_SEC / report->hz));
		total += report->row[i].samples * (NSC_NS_PER_SEC / report->hz);
	}
	nsc_json_close(json, ']');
	nsc_json_add_u64(json, "endValue", total);
	nsc_json_close(json, '}');
}

void nsc_profile_speedscope(struct nsc_json *json, const struct nsc_profile_report *report)
{
	struct frame_list list;
	bool seen[NSC_PROFILE_THREADS] = { false };

	nsc_json_open(json, '{');
	nsc_json_add_text(json, "$schema", "https://www.speedscope.app/file-format-schema.json");
	nsc_json_add_text(json, "exporter", "netscope");
	nsc_json_add_text(json, "name", "netscope");
	nsc_json_add_open(json, "profiles", '[');
	if (frame_list_open(&list, report)) {
		for (uint32_t i = 0; i < report->n; i++)
			seen[report->row[i].thread] = true;
		for (uint32_t i = 0; i < report->n_threads; i++)
			if (seen[i])
				speedscope_thread(&list, json, report, i);
		nsc_json_close(json, ']');
		nsc_json_add_open(json, "shared", '{');
		nsc_json_add_open(json, "frames", '[');
		for (uint32_t i = 0; i < list.n; i++) {
			nsc_json_open(json, '{');
			nsc_json_add_text(json, "name", nsc_profile_name(report, list.number[i]));
			nsc_json_close(json, '}');
		}
		nsc_json_close(json, ']');
		nsc_json_close(json, '}');
	} else {
		json->out.full = true;
	}
	frame_list_close(&list);
	nsc_json_close(json, '}');
}

void nsc_profile_write(struct nsc_json *out, const struct nsc_profile_report *report, enum nsc_profile_format format)
{
	switch (format) {
	case NSC_PROFILE_TREE:
		nsc_json_open(out, '{');
		nsc_profile_tree(out, report, out->out.limit);
		nsc_json_close(out, '}');
		break;
	case NSC_PROFILE_FOLDED:
		nsc_profile_folded(&out->out, report);
		break;
	case NSC_PROFILE_SPEEDSCOPE:
		nsc_profile_speedscope(out, report);
		break;
	case NSC_PROFILE_PPROF:
		nsc_profile_pprof(&out->out, report);
		break;
	}
}
