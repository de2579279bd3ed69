/* SPDX-License-Identifier: MIT
 *
 * One write for each sentence, so that lines of several programs do not mix.
 */
#include "tools/netscope/say.h"

#include "engine/text/escape.h"

#include <stdarg.h>

enum { SENTENCE = 2048 };

void nsc_tell(FILE *out, const char *format, ...)
{
	char sentence[SENTENCE], shown[NSC_ESCAPE_GROWTH * SENTENCE];
	va_list args;

	va_start(args, format);
	if (vsnprintf(sentence, sizeof(sentence), format, args) < 0)
		sentence[0] = '\0';
	va_end(args);
	fprintf(out, "netscope: %s\n", nsc_escape_terminal(sentence, shown, sizeof(shown)));
}

void nsc_say(const struct nsc_error *error)
{
	nsc_tell(stderr, "%s", error->text);
}
