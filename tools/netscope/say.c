/* SPDX-License-Identifier: MIT
 *
 * One write for each sentence, so that lines of several programs do not mix. The journal reads "<4>" before a line as
 * its level (sd-daemon(3)) and does not show it.
 */
#include "tools/netscope/say.h"

#include "backends/sinks/pump.h"
#include "engine/text/escape.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SENTENCE = 2048 };

static const char *const levels[] = {
	[NSC_LEVEL_ERROR] = "<3>",
	[NSC_LEVEL_WARNING] = "<4>",
	[NSC_LEVEL_NOTICE] = "<5>",
	[NSC_LEVEL_INFO] = "<6>",
};

static bool leveled; /* standard error is the journal */

static struct nsc_pump *through; /* NULL: standard error itself */
static unsigned unheard;         /* sentences that found no room since the last one that did */

void nsc_tell_through(struct nsc_pump *pump)
{
	through = pump;
}

bool nsc_say_is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat found;

	if (!stream || fstat(fd, &found))
		return false;
	snprintf(own, sizeof(own), "%llu:%llu", (unsigned long long)found.st_dev, (unsigned long long)found.st_ino);
	return !strcmp(stream, own);
}

void nsc_say_open(void)
{
	leveled = nsc_say_is_journal(STDERR_FILENO);
}

const char *nsc_say_level(enum nsc_level level)
{
	return leveled ? levels[level] : "";
}

static void pump_sentence(const char *level, const char *shown)
{
	char line[NSC_ESCAPE_GROWTH * SENTENCE + 128];
	int length = 0;

	if (unheard)
		length = snprintf(line, sizeof(line), "%snetscope: %u sentence%s could not be written here\n",
				  nsc_say_level(NSC_LEVEL_WARNING), unheard, unheard == 1 ? "" : "s");
	length += snprintf(line + length, sizeof(line) - (size_t)length, "%snetscope: %s\n", level, shown);
	unheard = nsc_pump_put(through, line, (size_t)length) ? unheard + 1 : 0;
}

static nsc_printf(3, 0) void tell_sentence(enum nsc_level level, FILE *out, const char *format, va_list args)
{
	char sentence[SENTENCE], shown[NSC_ESCAPE_GROWTH * SENTENCE];
	const char *prefix = out == stderr ? nsc_say_level(level) : "";

	if (vsnprintf(sentence, sizeof(sentence), format, args) < 0)
		sentence[0] = '\0';
	nsc_escape_terminal(sentence, shown, sizeof(shown));
	if (through && out == stderr)
		pump_sentence(prefix, shown);
	else
		fprintf(out, "%snetscope: %s\n", prefix, shown);
}

void nsc_tell(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell_sentence(NSC_LEVEL_INFO, out, format, args);
	va_end(args);
}

void nsc_tell_at(enum nsc_level level, FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell_sentence(level, out, format, args);
	va_end(args);
}

void nsc_say(const struct nsc_error *error)
{
	nsc_tell_at(NSC_LEVEL_WARNING, stderr, "%s", error->text);
}

void nsc_say_failure(const struct nsc_error *error)
{
	nsc_tell_at(NSC_LEVEL_ERROR, stderr, "%s", error->text);
}
