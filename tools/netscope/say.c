/* SPDX-License-Identifier: MIT
 *
 * One write for each sentence, so that lines of several programs do not mix.
 */
#include "tools/netscope/say.h"

#include <stdio.h>

void nsc_say(const struct nsc_error *error)
{
	char text[sizeof(error->text)];
	size_t n = 0;

	for (; n < sizeof(text) - 1 && error->text[n]; n++) {
		unsigned char c = (unsigned char)error->text[n];

		/* The C1 controls are two bytes in UTF-8: C2, then 80 to 9F. */
		bool c1 = n && (unsigned char)error->text[n - 1] == 0xc2 && c >= 0x80 && c < 0xa0;

		text[n] = c < 0x20 || c == 0x7f || c1 ? '?' : (char)c;
	}
	text[n] = '\0';
	fprintf(stderr, "netscope: %s\n", text);
}
