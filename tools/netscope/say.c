/* SPDX-License-Identifier: MIT
 *
 * One write for each sentence, so that lines of several programs do not mix.
 */
#include "tools/netscope/say.h"

#include "backends/sinks/pump.h"
#include "engine/text/escape.h"

#include <stdarg.h>
#include <string.h>

enum { SENTENCE = 2048 };

static struct nsc_pump *through; /* NULL: standard error itself */
static unsigned unheard;         /* sentences that found no room since the last one that did */

void nsc_tell_through(struct nsc_pump *pump)
{
	through = pump;
}

static void pump_sentence(const char *shown)
{
	char line[NSC_ESCAPE_GROWTH * SENTENCE + 128];
	int length = 0;

	if (unheard)
		length = snprintf(line, sizeof(line), "netscope: %u sentence%s could not be written here\n", unheard,
				  unheard == 1 ? "" : "s");
	length += snprintf(line + length, sizeof(line) - (size_t)length, "netscope: %s\n", shown);
	unheard = nsc_pump_put(through, line, (size_t)length) ? unheard + 1 : 0;
}

void nsc_tell(FILE *out, const char *format, ...)
{
	char sentence[SENTENCE], shown[NSC_ESCAPE_GROWTH * SENTENCE];
	va_list args;

	va_start(args, format);
	if (vsnprintf(sentence, sizeof(sentence), format, args) < 0)
		sentence[0] = '\0';
	va_end(args);
	nsc_escape_terminal(sentence, shown, sizeof(shown));
	if (through && out == stderr)
		pump_sentence(shown);
	else
		fprintf(out, "netscope: %s\n", shown);
}

void nsc_say(const struct nsc_error *error)
{
	nsc_tell(stderr, "%s", error->text);
}
