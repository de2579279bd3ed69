/* SPDX-License-Identifier: MIT
 *
 * Keys of the file to options of the table.
 */
#include "tools/netscope/config.h"

#include "tools/netscope/options.h"
#include "tools/netscope/toml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 256 * 1024, DOTS_MAX = 4096, CALLED_MAX = 300 };

struct reading {
	struct nsc_settings *settings;
	const char *name;
	char called[CALLED_MAX];       /* the item that is looked at: "a.toml:3:1: web.port" */
	struct nsc_problems *problems; /* NULL: the first one ends it */
	struct nsc_error *error;
};

static int item_unknown(const struct reading *reading, const struct nsc_toml_item *item)
{
	const char *nearest = nsc_option_nearest_key(item->key);

	return nsc_fail(reading->error, -EINVAL, "%.160s:%u:%u: unknown %s %.100s; %s%s%s", reading->name, item->line,
			item->column, item->kind == NSC_TOML_SECTION ? "section" : "key", item->key,
			nearest ? "did you mean " : "netscope --print-config shows all that there are",
			nearest ? nearest : "", nearest ? "?" : "");
}

static int wrong(const struct reading *reading, const struct nsc_toml_item *item, const char *wanted)
{
	const char *quote = item->kind == NSC_TOML_STRING ? "\"" : "";
	const char *found = item->kind == NSC_TOML_SECTION ? "a section"
			    : item->kind == NSC_TOML_LIST  ? "an array"
							   : item->text;

	return nsc_fail(reading->error, -EINVAL, "%s: wanted %s, found %s%.60s%s", reading->called, wanted, quote,
			found, quote);
}

static bool fits(const struct nsc_option *option, enum nsc_toml_kind kind)
{
	switch (option->type) {
	case NSC_OPTION_BOOL:
	case NSC_OPTION_ACTION:
		return kind == NSC_TOML_BOOL;
	case NSC_OPTION_UINT:
	case NSC_OPTION_COUNT:
		return kind == NSC_TOML_INTEGER;
	case NSC_OPTION_FLOAT:
		return kind == NSC_TOML_INTEGER || kind == NSC_TOML_FLOAT;
	case NSC_OPTION_LIST:
		return kind == NSC_TOML_LIST || (kind == NSC_TOML_STRING && option->choices);
	case NSC_OPTION_PATHS:
	case NSC_OPTION_TEXTS:
		return kind == NSC_TOML_STRING || kind == NSC_TOML_LIST || kind == NSC_TOML_TEXTS;
	default:
		return kind == NSC_TOML_STRING;
	}
}

static int take_paths(const struct reading *reading, const struct nsc_option *option, const struct nsc_toml_item *item)
{
	struct nsc_settings *settings = reading->settings;
	const char *path = item->kind == NSC_TOML_STRING ? item->text : item->texts;
	int status;

	if (settings->origin[option - nsc_option_table] == NSC_ORIGIN_COMMAND_LINE)
		return 0;
	status = nsc_option_apply(settings, option, "", NSC_ORIGIN_FILE, reading->called, reading->error);
	while (!status && *path) {
		status = nsc_option_apply(settings, option, path, NSC_ORIGIN_FILE, reading->called, reading->error);
		path = item->kind == NSC_TOML_STRING ? "" : nsc_path_next(path);
	}
	return status;
}

static int item_take(const struct reading *reading, const struct nsc_option *option, const struct nsc_toml_item *item)
{
	struct nsc_settings *settings = reading->settings;
	size_t place = (size_t)(option - nsc_option_table);
	struct nsc_error why;

	if (settings->origin[place] == NSC_ORIGIN_COMMAND_LINE) {
		struct nsc_settings other = *settings;

		return nsc_option_set(&other, option, item->text, NSC_ORIGIN_FILE, &why)
			       ? nsc_fail(reading->error, -EINVAL, "%.200s: %.300s", reading->called, why.text)
			       : 0;
	}
	free(settings->texts[place]);
	settings->texts[place] = strdup(item->text);
	if (!settings->texts[place])
		return nsc_fail(reading->error, -ENOMEM, "%s: no memory for its value", reading->called);
	return nsc_option_apply(settings, option, settings->texts[place], NSC_ORIGIN_FILE, reading->called,
				reading->error);
}

static int item_visit(struct reading *reading, const struct nsc_toml_item *item)
{
	const struct nsc_option *option = nsc_option_find_key(item->key);
	char wanted[160];

	snprintf(reading->called, CALLED_MAX, "%.160s:%u:%u: %.100s", reading->name, item->line, item->column,
		 item->key);
	if (!option && !nsc_option_is_section(item->key))
		return item_unknown(reading, item);
	if (!option)
		return item->kind == NSC_TOML_SECTION ? 0 : wrong(reading, item, "a section");
	if (fits(option, item->kind))
		return nsc_option_repeats(option) ? take_paths(reading, option, item)
						  : item_take(reading, option, item);
	nsc_option_wanted(option, wanted, sizeof(wanted));
	return wrong(reading, item, wanted);
}

static int visit(void *context, const struct nsc_toml_item *item)
{
	struct reading *reading = context;
	int status = item_visit(reading, item);

	if (!reading->problems)
		return status;
	nsc_problems_add(reading->problems, status, reading->error);
	return 0;
}

static void reading_fail(void *context, unsigned line, unsigned column, const char *why)
{
	const struct reading *reading = context;

	nsc_fail(reading->error, -EINVAL, "%.160s:%u:%u: %s", reading->name, line, column, why);
}

/* a.a.a = 1 is a tree of three levels, and freeing a tree takes stack for each of them: 32768 were too many. */
static int check_dots(const struct reading *reading, const char *text, size_t size)
{
	unsigned line = 1, column = 0, dots = 0;

	for (size_t at = 0; at < size; at++) {
		column = text[at] == '\n' ? 0 : column + 1;
		line += text[at] == '\n';
		dots += text[at] == '.';
		if (dots > DOTS_MAX)
			return nsc_fail(reading->error, -EINVAL,
					"%.160s:%u:%u: wanted at most %d dots in the whole file", reading->name, line,
					column, DOTS_MAX);
	}
	return 0;
}

int nsc_config_parse(struct nsc_settings *settings, const char *name, const char *text, size_t size,
		     struct nsc_problems *problems, struct nsc_error *error)
{
	struct reading reading = { .settings = settings, .name = name, .problems = problems, .error = error };
	const struct nsc_toml_visitor visitor = { .visit = visit, .fail = reading_fail, .context = &reading };
	int status = check_dots(&reading, text, size);

	if (!status)
		status = nsc_toml_read(text, size, &visitor);
	return status == -ENOMEM ? nsc_fail(error, -ENOMEM, "%s: no memory to read it", name) : status;
}

/* The whole file, or -errno; at most `size` bytes of it. */
static ssize_t read_all(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t used = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && used < size) {
		n = read(fd, text + used, size - used);
		used += n > 0 ? (size_t)n : 0;
	}
	n = n < 0 ? -errno : (ssize_t)used;
	if (fd >= 0)
		close(fd);
	return n;
}

int nsc_config_load(struct nsc_settings *settings, const char *path, struct nsc_problems *problems,
		    struct nsc_error *error)
{
	char *text = malloc(FILE_MAX + 1);
	ssize_t size;
	int status;

	if (!text)
		return nsc_fail(error, -ENOMEM, "%s: no memory to read it", path);
	size = read_all(path, text, FILE_MAX + 1);
	if (size < 0)
		status = nsc_fail(error, (int)size, "%s: the configuration file cannot be read: %s", path,
				  strerror((int)-size));
	else if (size > FILE_MAX)
		status = nsc_fail(error, -EFBIG, "%s: no configuration file is larger than %d KiB", path,
				  FILE_MAX / 1024);
	else
		status = nsc_config_parse(settings, path, text, (size_t)size, problems, error);
	free(text);
	return status;
}
