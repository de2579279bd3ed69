/* SPDX-License-Identifier: MIT
 *
 * A value as text that JSON and TOML read alike.
 */
#include "tools/netscope/options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the UTF-8 character at `text`, 0 when there is none. */
static size_t utf8_length(const unsigned char *text)
{
	static const struct {
		unsigned char mask, lead, least; /* least: of the second byte, against overlong forms */
	} forms[] = { { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x80 }, { 0xf8, 0xf0, 0x80 } };
	size_t length = 0;

	if (text[0] < 0x80)
		return 1;
	for (size_t i = 0; i < NSC_ARRAY_LEN(forms); i++)
		if ((text[0] & forms[i].mask) == forms[i].lead)
			length = i + 2;
	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if (text[0] == 0xc0 || text[0] == 0xc1 || text[0] > 0xf4 || (text[0] == 0xe0 && text[1] < 0xa0) ||
	    (text[0] == 0xed && text[1] > 0x9f) || (text[0] == 0xf0 && text[1] < 0x90) ||
	    (text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return length;
}

bool nsc_option_is_utf8(const struct nsc_option *option, const struct nsc_settings *settings)
{
	const char *text = "";

	if (option->type == NSC_OPTION_STRING || option->type == NSC_OPTION_PATH || option->type == NSC_OPTION_LIST)
		text = *(const char *const *)((const char *)settings + option->offset);
	while (*text) {
		size_t length = utf8_length((const unsigned char *)text);

		if (!length)
			return false;
		text += length;
	}
	return true;
}

static void print_string(FILE *out, const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + size;

	fputc('"', out);
	while (at < end) {
		size_t length = utf8_length(at);

		if (!length)
			fputs("\\ufffd", out);
		else if (*at == '"' || *at == '\\')
			fprintf(out, "\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			fprintf(out, "\\u%04x", *at);
		else
			fwrite(at, 1, length, out);
		at += length ? length : 1;
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
