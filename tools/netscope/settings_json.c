/* SPDX-License-Identifier: MIT
 *
 * The option table once more, as JSON. The keys of a section stand together in the table.
 */
#include "tools/netscope/settings_json.h"

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

static void print_string(FILE *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	fputc('"', out);
	while (*at) {
		size_t length = utf8_length(at);

		if (!length)
			fputs("\\ufffd", out);
		else if (*at == '"' || *at == '\\')
			fprintf(out, "\\%c", *at);
		else if (*at < 0x20)
			fprintf(out, "\\u%04x", *at);
		else
			fwrite(at, 1, length, out);
		at += length ? length : 1;
	}
	fputc('"', out);
}

static void print_cores(FILE *out, const struct nsc_core_list *list)
{
	fputc('[', out);
	for (uint32_t i = 0; i < list->n; i++)
		fprintf(out, "%s%d", i ? "," : "", list->core[i]);
	fputc(']', out);
}

static void print_value(FILE *out, const struct nsc_option *option, const void *member)
{
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
		fprintf(out, "%.17g", *(const double *)member);
		return;
	case NSC_OPTION_CHOICE:
		print_string(out, option->choices[*(const unsigned *)member]);
		return;
	case NSC_OPTION_CORES:
		print_cores(out, member);
		return;
	case NSC_OPTION_STRING:
	case NSC_OPTION_PATH:
		print_string(out, *(const char *const *)member);
		return;
	}
}

static void print_object(FILE *out, const struct nsc_settings *settings)
{
	const char *section = "";
	size_t length = 0;

	for (size_t i = 0; i < nsc_option_count; i++) {
		const struct nsc_option *option = &nsc_option_table[i];

		if (!option->key)
			continue;
		if (!length || strncmp(option->key, section, length + 1)) {
			fputs(length ? "}," : "{", out);
			section = option->key;
			length = strcspn(section, ".");
			fprintf(out, "\"%.*s\":{", (int)length, section);
		} else {
			fputc(',', out);
		}
		fprintf(out, "\"%s\":", option->key + length + 1);
		print_value(out, option, (const char *)settings + option->offset);
	}
	fputs("}}", out);
}

char *nsc_settings_json(const struct nsc_settings *settings)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_object(out, settings);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
