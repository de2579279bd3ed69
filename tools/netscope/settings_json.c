/* SPDX-License-Identifier: MIT
 *
 * The option table once more, as JSON. The keys of a section stand together in the table, subsections after them.
 */
#include "tools/netscope/options.h"

#include "engine/text/json.h"

#include <stdlib.h>
#include <string.h>

struct settings_json {
	struct nsc_json json;
	char section[64]; /* "web.tls."; "" outside */
};

/* Closes objects until all that are open hold the key. */
static void settings_json_leave(struct settings_json *s, const char *key)
{
	size_t length;

	while ((length = strlen(s->section)) && strncmp(s->section, key, length)) {
		do
			s->section[--length] = '\0';
		while (length && s->section[length - 1] != '.');
		nsc_json_close(&s->json, '}');
	}
}

static void settings_json_enter(struct settings_json *s, const char *key)
{
	size_t length = strlen(s->section), part;

	while (part = strcspn(key + length, "."), key[length + part]) {
		memcpy(s->section + length, key + length, part + 1);
		s->section[length + part] = '\0';
		nsc_json_key(&s->json, s->section + length);
		nsc_json_open(&s->json, '{');
		s->section[length + part] = '.';
		length += part + 1;
		s->section[length] = '\0';
	}
}

static void settings_json_option(struct settings_json *s, const struct nsc_option *option,
				 const struct nsc_settings *settings)
{
	struct nsc_buffer value = nsc_buffer_open(NSC_OPTION_TEXT);

	nsc_option_print(&value, option, settings);
	nsc_json_key(&s->json, option->key + strlen(s->section));
	nsc_json_raw(&s->json, value.data, value.length);
	nsc_buffer_close(&value);
}

char *nsc_settings_json(const struct nsc_settings *settings)
{
	struct settings_json s = { .section = "" };

	nsc_json_init(&s.json, 4 * (size_t)NSC_OPTION_TEXT);
	nsc_json_open(&s.json, '{');
	for (const struct nsc_option *option = nsc_option_table; option < nsc_option_end; option++) {
		if (!option->key)
			continue;
		settings_json_leave(&s, option->key);
		settings_json_enter(&s, option->key);
		settings_json_option(&s, option, settings);
	}
	settings_json_leave(&s, "");
	nsc_json_close(&s.json, '}');
	nsc_buffer_char(&s.json.out, '\0');
	if (s.json.out.full)
		nsc_json_free(&s.json);
	return s.json.out.data;
}
