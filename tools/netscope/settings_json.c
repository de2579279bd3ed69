/* SPDX-License-Identifier: MIT
 *
 * The option table once more, as JSON. The keys of a section stand together in the table, subsections after them.
 */
#include "tools/netscope/settings_json.h"

#include "tools/netscope/options.h"

#include <stdlib.h>
#include <string.h>

struct writer {
	FILE *out;
	char section[64]; /* "web.tls."; "" outside */
	bool first;       /* nothing stands in the object yet */
};

static void comma(struct writer *writer)
{
	fputs(writer->first ? "" : ",", writer->out);
	writer->first = false;
}

/* Closes objects until all that are open hold the key. */
static void leave(struct writer *writer, const char *key)
{
	size_t length;

	while ((length = strlen(writer->section)) && strncmp(writer->section, key, length)) {
		do
			writer->section[--length] = '\0';
		while (length && writer->section[length - 1] != '.');
		fputc('}', writer->out);
		writer->first = false;
	}
}

static void enter(struct writer *writer, const char *key)
{
	size_t length = strlen(writer->section), part;

	while (part = strcspn(key + length, "."), key[length + part]) {
		comma(writer);
		fprintf(writer->out, "\"%.*s\":{", (int)part, key + length);
		length += part + 1;
		snprintf(writer->section, sizeof(writer->section), "%.*s", (int)length, key);
		writer->first = true;
	}
}

static void print_object(FILE *out, const struct nsc_settings *settings)
{
	struct writer writer = { .out = out, .first = true };

	fputc('{', out);
	for (size_t i = 0; i < nsc_option_count; i++) {
		const struct nsc_option *option = &nsc_option_table[i];

		if (!option->key)
			continue;
		leave(&writer, option->key);
		enter(&writer, option->key);
		comma(&writer);
		fprintf(out, "\"%s\":", option->key + strlen(writer.section));
		nsc_option_print(out, option, settings);
	}
	leave(&writer, "");
	fputc('}', out);
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
