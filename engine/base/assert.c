/* SPDX-License-Identifier: MIT
 *
 * The end of a program whose invariant is broken: nothing but write(2), for the rest may be what is broken.
 */
#include "engine/base/assert.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *assert_put(char *at, const char *end, const char *text)
{
	size_t n = NSC_MIN(strlen(text), (size_t)(end - at));

	memcpy(at, text, n);
	return at + n;
}

static char *assert_put_number(char *at, const char *end, unsigned number)
{
	char digits[16], *first = digits + sizeof(digits) - 1;

	*first = '\0';
	do
		*--first = (char)('0' + number % 10);
	while (number /= 10);
	return assert_put(at, end, first);
}

void nsc_assert_failed(const char *sentence, const char *file, unsigned line)
{
	char text[512], *end = text + sizeof(text) - 1, *at = text; /* with room for the end of the line */

	at = assert_put(at, end, "netscope: ");
	at = assert_put(at, end, file);
	at = assert_put(at, end, ":");
	at = assert_put_number(at, end, line);
	at = assert_put(at, end, ": this does not hold: ");
	at = assert_put(at, end, sentence);
	*at++ = '\n';
	if (write(STDERR_FILENO, text, (size_t)(at - text)) < 0)
		abort(); /* nobody can be told */
	abort();
}
