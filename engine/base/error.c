/* SPDX-License-Identifier: MIT
 *
 * Fills the one sentence that cold code hands to a person.
 */
#include "netscope/error.h"

#include <stdarg.h>
#include <stdio.h>

int nsc_fail(struct nsc_error *error, int status, const char *format, ...)
{
	va_list args;

	if (!error)
		return status;
	va_start(args, format);
	/* vsnprintf leaves the buffer undefined when it fails, and the sentence is printed regardless. */
	if (vsnprintf(error->text, sizeof(error->text), format, args) < 0)
		error->text[0] = '\0';
	va_end(args);
	return status;
}
