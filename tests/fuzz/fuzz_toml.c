/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: a configuration file. One that is taken is printed, read again and printed again: both are the same. One
 * that is not has a sentence that names it.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/netscope/config.h"
#include "tools/netscope/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char *print(const struct nsc_settings *settings)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	nsc_settings_toml(out, settings, false);
	fclose(out);
	return text;
}

static void check_round_trip(const struct nsc_settings *settings)
{
	static struct nsc_settings again;
	char *first = print(settings), *second;

	nsc_settings_init(&again);
	if (nsc_config_parse(&again, "printed", first, strlen(first), NULL, NULL))
		abort();
	second = print(&again);
	if (strcmp(first, second))
		abort();
	nsc_settings_fini(&again);
	free(first);
	free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct nsc_settings settings;
	struct nsc_error error = { "" };

	nsc_settings_init(&settings);
	if (!nsc_config_parse(&settings, "a.toml", (const char *)bytes, size, NULL, &error))
		check_round_trip(&settings);
	else if (strncmp(error.text, "a.toml:", 7))
		abort();
	nsc_settings_fini(&settings);
	return 0;
}
