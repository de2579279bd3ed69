/* SPDX-License-Identifier: MIT
 *
 * A value as text that JSON and TOML read alike.
 */
#include "tools/netscope/options.h"

#include <stdlib.h>
#include <string.h>

bool nsc_option_is_utf8(const struct nsc_option *option, const struct nsc_settings *settings)
{
	const char *text = nsc_option_text(settings, option);

	if (nsc_option_repeats(option))
		while (*text && nsc_is_utf8(text, strlen(text)))
			text = nsc_path_next(text);
	return !text || nsc_is_utf8(text, strlen(text));
}

static void print_string(struct nsc_buffer *out, const char *text, size_t size)
{
	nsc_buffer_char(out, '"');
	nsc_buffer_escaped(out, NSC_ESCAPE_JSON, text, size);
	nsc_buffer_char(out, '"');
}

static void print_list(struct nsc_buffer *out, const char *text)
{
	nsc_buffer_char(out, '[');
	while (*text) {
		size_t length = strcspn(text, ",");

		print_string(out, text, length);
		text += length + (text[length] == ',');
		nsc_buffer_text(out, *text ? ", " : "");
	}
	nsc_buffer_char(out, ']');
}

/* One path is a text, as it always was. */
static void print_paths(struct nsc_buffer *out, const char *list)
{
	bool several = *list && *nsc_path_next(list);

	if (!several) {
		print_string(out, list, strlen(list));
		return;
	}
	for (const char *path = list; *path; path = nsc_path_next(path)) {
		nsc_buffer_text(out, path == list ? "[" : ", ");
		print_string(out, path, strlen(path));
	}
	nsc_buffer_char(out, ']');
}

static void print_cores(struct nsc_buffer *out, const struct nsc_core_list *list)
{
	nsc_buffer_char(out, '"');
	nsc_buffer_text(out, list->automatic ? "auto" : "");
	for (uint32_t i = 0, part = 0, end = 0; i < list->n; i++) {
		nsc_buffer_text(out, i ? "," : "");
		if (part < list->parts && i == end) {
			nsc_buffer_text(out, list->part[part].interface);
			nsc_buffer_char(out, ':');
			end += list->part[part++].n;
		}
		nsc_buffer_u64(out, (uint64_t)list->core[i]);
	}
	nsc_buffer_char(out, '"');
}

/* The fewest digits that give it back, and never those of an integer. */
static void print_float(struct nsc_buffer *out, double value)
{
	char text[32];

	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	nsc_buffer_text(out, text);
	nsc_buffer_text(out, strpbrk(text, ".e") ? "" : ".0");
}

void nsc_option_print(struct nsc_buffer *out, const struct nsc_option *option, const struct nsc_settings *settings)
{
	const void *member = (const char *)settings + option->offset;
	const char *text = nsc_option_text(settings, option);

	switch (option->type) {
	case NSC_OPTION_BOOL:
	case NSC_OPTION_ACTION:
		nsc_buffer_text(out, *(const bool *)member ? "true" : "false");
		return;
	case NSC_OPTION_UINT:
	case NSC_OPTION_COUNT:
		nsc_buffer_u64(out, option->size == sizeof(uint32_t) ? *(const uint32_t *)member
								     : *(const uint64_t *)member);
		return;
	case NSC_OPTION_FLOAT:
		print_float(out, *(const double *)member);
		return;
	case NSC_OPTION_CORES:
		print_cores(out, member);
		return;
	case NSC_OPTION_LIST:
		print_list(out, text);
		return;
	case NSC_OPTION_PATHS:
	case NSC_OPTION_TEXTS:
		print_paths(out, text);
		return;
	case NSC_OPTION_CHOICE:
		text = option->choices[*(const unsigned *)member];
		break;
	case NSC_OPTION_STRING:
	case NSC_OPTION_PATH:
		break;
	}
	print_string(out, text, strlen(text));
}

void nsc_option_write(FILE *out, const struct nsc_option *option, const struct nsc_settings *settings)
{
	struct nsc_buffer text = nsc_buffer_open(NSC_OPTION_TEXT);

	nsc_option_print(&text, option, settings);
	fwrite(text.data, 1, text.length, out);
	nsc_buffer_close(&text);
}
