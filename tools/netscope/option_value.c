/* SPDX-License-Identifier: MIT
 *
 * Text to value: one setter for defaults, command line and whatever else writes options as text.
 */
#include "tools/netscope/options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int wanted_number(const struct nsc_option *option, const char *text, struct nsc_error *error)
{
	return nsc_fail(error, -EINVAL, "wanted a whole number from %llu to %llu%s%s, found \"%.100s\"",
			(unsigned long long)option->min, (unsigned long long)option->max, option->unit ? " " : "",
			option->unit ? option->unit : "", text);
}

/* Digits only: strtoull alone would take spaces, signs and the wrap of "-1". */
static int set_uint(const struct nsc_option *option, void *member, const char *text, struct nsc_error *error)
{
	unsigned long long value;

	errno = 0;
	value = strtoull(text, NULL, 10);
	if (!*text || text[strspn(text, "0123456789")] || errno || value < option->min || value > option->max)
		return wanted_number(option, text, error);
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
		return nsc_fail(error, -EINVAL, "wanted a number from %.10g to %.10g%s%s, found \"%.100s\"", option->low,
				option->high, option->unit ? " " : "", option->unit ? option->unit : "", text);
	*member = value;
	return 0;
}

static int set_bool(bool *member, const char *text, struct nsc_error *error)
{
	*member = !strcmp(text, "true");
	if (*member || !strcmp(text, "false"))
		return 0;
	return nsc_fail(error, -EINVAL, "wanted true or false, found \"%.100s\"", text);
}

static int set_choice(const struct nsc_option *option, unsigned *member, const char *text, struct nsc_error *error)
{
	char words[128] = "";
	size_t length = 0;

	for (unsigned i = 0; option->choices[i]; i++) {
		if (!strcmp(option->choices[i], text)) {
			*member = i;
			return 0;
		}
		length += strlen(option->choices[i]) + 2;
		if (length < sizeof(words))
			strcat(strcat(words, i ? ", " : ""), option->choices[i]);
	}
	return nsc_fail(error, -EINVAL, "wanted one of %s, found \"%.100s\"", words, text);
}

static int set_count(const struct nsc_option *option, unsigned *member, const char *text, struct nsc_error *error)
{
	if (strspn(text, "0123456789") != 1 || text[1] || (unsigned)(*text - '0') > option->max)
		return wanted_number(option, text, error);
	*member = (unsigned)(*text - '0');
	return 0;
}

static int set_value(const struct nsc_option *option, void *member, const char *text, struct nsc_error *error)
{
	switch (option->type) {
	case NSC_OPTION_BOOL:
	case NSC_OPTION_ACTION:
		return set_bool(member, text, error);
	case NSC_OPTION_UINT:
		return set_uint(option, member, text, error);
	case NSC_OPTION_FLOAT:
		return set_float(option, member, text, error);
	case NSC_OPTION_CHOICE:
		return set_choice(option, member, text, error);
	case NSC_OPTION_CORES:
		return nsc_cores_parse(member, text, error);
	case NSC_OPTION_COUNT:
		return set_count(option, member, text, error);
	case NSC_OPTION_STRING:
	case NSC_OPTION_PATH:
		*(const char **)member = text;
		return 0;
	}
	return nsc_fail(error, -EINVAL, "no such type of option");
}

int nsc_option_set(struct nsc_settings *settings, const struct nsc_option *option, const char *text,
		   enum nsc_origin origin, struct nsc_error *error)
{
	int status = set_value(option, (char *)settings + option->offset, text, error);

	if (!status)
		settings->origin[option - nsc_option_table] = (uint8_t)origin;
	return status;
}

void nsc_settings_init(struct nsc_settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	for (size_t i = 0; i < nsc_option_count; i++)
		nsc_option_set(settings, &nsc_option_table[i], nsc_option_table[i].initial, NSC_ORIGIN_DEFAULT, NULL);
}

enum nsc_origin nsc_settings_origin(const struct nsc_settings *settings, const char *name)
{
	const struct nsc_option *option = nsc_option_find(name);

	return option ? settings->origin[option - nsc_option_table] : NSC_ORIGIN_DEFAULT;
}
