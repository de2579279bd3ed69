/* SPDX-License-Identifier: MIT
 *
 * Text to value: one setter for defaults, command line and whatever else writes options as text.
 */
#include "tools/netscope/options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void nsc_option_words(const struct nsc_option *option, const char *between, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; option->choices[i] && used < size; i++)
		if (option->choices[i][0])
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? between : "",
						 option->choices[i]);
}

void nsc_option_wanted(const struct nsc_option *option, char *text, size_t size)
{
	static const char *const texts[] = {
		[NSC_OPTION_BOOL] = "true or false",
		[NSC_OPTION_ACTION] = "true or false",
		[NSC_OPTION_CORES] = "a list of cores like \"2-5,8\"",
		[NSC_OPTION_LIST] = "a list of texts, each without a comma",
		[NSC_OPTION_PATH] = "a path in quotes",
		[NSC_OPTION_PATHS] = "a path in quotes, or an array of paths",
		[NSC_OPTION_STRING] = "a text in quotes",
		[NSC_OPTION_TEXTS] = "a text in quotes, or an array of texts",
	};
	const char *gap = option->unit ? " " : "", *unit = option->unit ? option->unit : "";

	if (option->type == NSC_OPTION_UINT || option->type == NSC_OPTION_COUNT)
		snprintf(text, size, "a whole number from %llu to %llu%s%s", (unsigned long long)option->min,
			 (unsigned long long)option->max, gap, unit);
	else if (option->type == NSC_OPTION_FLOAT)
		snprintf(text, size, "a number from %.10g to %.10g%s%s", option->low, option->high, gap, unit);
	else if (option->type == NSC_OPTION_CHOICE)
		nsc_option_words(option, ", ", text + snprintf(text, size, "one of "), size - strlen("one of "));
	else if (option->choices)
		nsc_option_words(option, ", ", text + snprintf(text, size, "a list of "), size - strlen("a list of "));
	else
		snprintf(text, size, "%s", texts[option->type]);
}

static int value_refuse(const struct nsc_option *option, const char *text, struct nsc_error *error)
{
	const char *nearest = option->choices ? nsc_option_nearest_word(option, text) : NULL;
	char wanted[160];

	nsc_option_wanted(option, wanted, sizeof(wanted));
	return nsc_fail(error, -EINVAL, "wanted %s, found \"%.100s\"%s%s%s", wanted, text,
			nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

/* Digits only: strtoull alone would take spaces, signs and the wrap of "-1". */
static int set_uint(const struct nsc_option *option, void *member, const char *text, struct nsc_error *error)
{
	unsigned long long value;

	errno = 0;
	value = strtoull(text, NULL, 10);
	if (!*text || text[strspn(text, "0123456789")] || errno || value < option->min || value > option->max)
		return value_refuse(option, text, error);
	if (option->size == sizeof(uint32_t))
		*(uint32_t *)member = (uint32_t)value;
	else
		*(uint64_t *)member = value;
	return 0;
}

/* Decimal only: strtod alone would take spaces, hexadecimal, "inf" and "nan". */
static int set_float(const struct nsc_option *option, double *member, const char *text, struct nsc_error *error)
{
	char *end = (char *)text;
	double value = 0;

	if (!text[strspn(text, "0123456789.eE+-")])
		value = strtod(text, &end);
	if (end == text || *end || !isfinite(value) || signbit(value) || value < option->low || value > option->high)
		return value_refuse(option, text, error);
	*member = value;
	return 0;
}

static int set_bool(const struct nsc_option *option, bool *member, const char *text, struct nsc_error *error)
{
	*member = !strcmp(text, "true");
	if (*member || !strcmp(text, "false"))
		return 0;
	return value_refuse(option, text, error);
}

static int set_choice(const struct nsc_option *option, unsigned *member, const char *text, struct nsc_error *error)
{
	for (unsigned i = 0; option->choices[i]; i++) {
		if (!strcmp(option->choices[i], text)) {
			*member = i;
			return 0;
		}
	}
	return value_refuse(option, text, error);
}

bool nsc_option_list_has(const char *list, const char *word)
{
	for (size_t n; *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == strlen(word) && !memcmp(list, word, n))
			return true;
	}
	return false;
}

/* Each word is one of the choices, if there are any. */
static bool list_fits(const struct nsc_option *option, const char *list)
{
	for (size_t n; option->choices && *list; list += n + (list[n] == ',')) {
		unsigned i = 0;

		n = strcspn(list, ",");
		while (option->choices[i] && (strlen(option->choices[i]) != n || memcmp(option->choices[i], list, n)))
			i++;
		if (!option->choices[i])
			return false;
	}
	return true;
}

static int set_value(const struct nsc_option *option, void *member, const char *text, struct nsc_error *error)
{
	switch (option->type) {
	case NSC_OPTION_BOOL:
	case NSC_OPTION_ACTION:
		return set_bool(option, member, text, error);
	case NSC_OPTION_UINT:
	case NSC_OPTION_COUNT:
		return set_uint(option, member, text, error);
	case NSC_OPTION_FLOAT:
		return set_float(option, member, text, error);
	case NSC_OPTION_CHOICE:
		return set_choice(option, member, text, error);
	case NSC_OPTION_CORES:
		return nsc_cores_parse(member, text, error);
	case NSC_OPTION_LIST:
		if (!list_fits(option, text))
			return value_refuse(option, text, error);
		*(const char **)member = text;
		return 0;
	case NSC_OPTION_STRING:
	case NSC_OPTION_PATH:
	case NSC_OPTION_PATHS: /* one of them */
	case NSC_OPTION_TEXTS:
		*(const char **)member = text;
		return 0;
	}
	return nsc_fail(error, -EINVAL, "no such type of option: this is a bug in netscope");
}

static size_t paths_size(const char *list, uint32_t *n)
{
	const char *end = list;

	for (*n = 0; *end; end = nsc_path_next(end))
		++*n;
	return (size_t)(end - list);
}

static int add_path(struct nsc_settings *settings, const struct nsc_option *option, const char *path,
		    enum nsc_origin origin, struct nsc_error *error)
{
	const char **member = (const char **)(void *)((char *)settings + option->offset);
	size_t place = (size_t)(option - nsc_option_table), used, length = strlen(path);
	bool anew = !length || settings->origin[place] != origin;
	uint32_t n;
	char *list;

	if (anew) {
		free(settings->texts[place]);
		settings->texts[place] = NULL;
		*member = "";
	}
	used = paths_size(*member, &n);
	if (n == NSC_RX_FILES_MAX)
		return nsc_fail(error, -E2BIG, "one run takes at most %u %s", NSC_RX_FILES_MAX,
				option->type == NSC_OPTION_PATHS ? "files" : "of these");
	list = length ? realloc(settings->texts[place], used + length + 2) : NULL;
	if (length && !list)
		return nsc_fail(error, -ENOMEM, "no memory for \"%.100s\"", path);
	if (!length)
		return 0;
	memcpy(list + used, path, length + 1);
	list[used + length + 1] = '\0';
	settings->texts[place] = list;
	*member = list;
	return 0;
}

int nsc_option_set(struct nsc_settings *settings, const struct nsc_option *option, const char *text,
		   enum nsc_origin origin, struct nsc_error *error)
{
	int status = nsc_option_repeats(option) ? add_path(settings, option, text, origin, error)
						: set_value(option, (char *)settings + option->offset, text, error);

	if (!status)
		settings->origin[option - nsc_option_table] = (uint8_t)origin;
	return status;
}

const char *nsc_option_text(const struct nsc_settings *settings, const struct nsc_option *option)
{
	if (option->type != NSC_OPTION_STRING && option->type != NSC_OPTION_PATH && option->type != NSC_OPTION_LIST &&
	    !nsc_option_repeats(option))
		return NULL;
	return *(const char *const *)((const char *)settings + option->offset);
}

bool nsc_option_is_default(const struct nsc_settings *settings, const struct nsc_option *option)
{
	const char *text = nsc_option_text(settings, option);
	struct nsc_core_list room; /* the largest member */

	static_assert(sizeof(room) > sizeof(double), "holds a value of any type");
	if (text)
		return !strcmp(text, option->initial);
	memset(&room, 0, sizeof(room));
	set_value(option, &room, option->initial, NULL);
	return !memcmp((const char *)settings + option->offset, &room, option->size);
}

int nsc_option_apply(struct nsc_settings *settings, const struct nsc_option *option, const char *text,
		     enum nsc_origin origin, const char *called, struct nsc_error *error)
{
	struct nsc_error why;

	if (nsc_option_set(settings, option, text, origin, &why))
		return nsc_fail(error, -EINVAL, "%.200s: %.300s", called, why.text);
	if (option->part && !nsc_option_is_default(settings, option))
		return nsc_fail(error, -EINVAL, "%.300s is not available in this build, which has no %s", called,
				nsc_part_names[option->part]);
	return 0;
}

void nsc_settings_init(struct nsc_settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	for (size_t i = 0; i < nsc_option_count; i++)
		nsc_option_set(settings, &nsc_option_table[i], nsc_option_table[i].initial, NSC_ORIGIN_DEFAULT, NULL);
}

void nsc_settings_fini(struct nsc_settings *settings)
{
	for (size_t i = 0; i < NSC_OPTIONS_MAX; i++)
		free(settings->texts[i]);
	memset(settings->texts, 0, sizeof(settings->texts));
}

enum nsc_origin nsc_settings_origin(const struct nsc_settings *settings, const char *name)
{
	const struct nsc_option *option = nsc_option_find(name);

	return option ? settings->origin[option - nsc_option_table] : NSC_ORIGIN_DEFAULT;
}
