/* SPDX-License-Identifier: MIT
 *
 * A value as text that JSON and TOML read alike.
 */
#include "tools/netscope/options.h"

#include "engine/text/escape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool nsc_option_is_utf8(const struct nsc_option *option, const struct nsc_settings *settings)
{
	const char *text = "";

	if (option->type == NSC_OPTION_STRING || option->type == NSC_OPTION_PATH || option->type == NSC_OPTION_LIST)
		text = *(const char *const *)((const char *)settings + option->offset);
	return nsc_is_utf8(text, strlen(text));
}

/* One character at a time: TOML knows every escape of JSON that is written. */
static void print_string(FILE *out, const char *text, size_t size)
{
	char escaped[NSC_ESCAPE_CHARACTER];

	fputc('"', out);
	for (size_t i = 0, n; i < size; i += n) {
		n = NSC_MAX(nsc_utf8_length(text + i, size - i), (size_t)1);
		fwrite(escaped, 1, nsc_escape(NSC_ESCAPE_JSON, text + i, n, escaped, sizeof(escaped)), out);
	}
	fputc('"', out);
}

static void print_list(FILE *out, const char *text)
{
	fputc('[', out);
	while (*text) {
		size_t length = strcspn(text, ",");

		print_string(out, text, length);
		text += length + (text[length] == ',');
		fputs(*text ? ", " : "", out);
	}
	fputc(']', out);
}

static void print_cores(FILE *out, const struct nsc_core_list *list)
{
	fputc('"', out);
	for (uint32_t i = 0; i < list->n; i++)
		fprintf(out, "%s%d", i ? "," : "", list->core[i]);
	fputc('"', out);
}

/* The fewest digits that give it back, and never those of an integer. */
static void print_float(FILE *out, double value)
{
	char text[32];

	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	fprintf(out, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

void nsc_option_print(FILE *out, const struct nsc_option *option, const struct nsc_settings *settings)
{
	const void *member = (const char *)settings + option->offset;
	const char *text;

	switch (option->type) {
	case NSC_OPTION_BOOL:
	case NSC_OPTION_ACTION:
		fputs(*(const bool *)member ? "true" : "false", out);
		return;
	case NSC_OPTION_UINT:
		fprintf(out, "%" PRIu64,
			option->size == sizeof(uint32_t) ? *(const uint32_t *)member : *(const uint64_t *)member);
		return;
	case NSC_OPTION_COUNT:
		fprintf(out, "%u", *(const unsigned *)member);
		return;
	case NSC_OPTION_FLOAT:
		print_float(out, *(const double *)member);
		return;
	case NSC_OPTION_CHOICE:
		text = option->choices[*(const unsigned *)member];
		print_string(out, text, strlen(text));
		return;
	case NSC_OPTION_CORES:
		print_cores(out, member);
		return;
	case NSC_OPTION_LIST:
		print_list(out, *(const char *const *)member);
		return;
	case NSC_OPTION_STRING:
	case NSC_OPTION_PATH:
		text = *(const char *const *)member;
		print_string(out, text, strlen(text));
		return;
	}
}
