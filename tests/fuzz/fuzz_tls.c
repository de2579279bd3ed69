/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: the payload of a TCP segment, a ClientHello or what a damaged one looks like (HTTP comes this way, too).
 * The first byte picks the room of the views. With an odd one, the headers up to the hello are made right first.
 */
#include "tests/fuzz/dissect.h"

#define HEADERS                                                                                                        \
	"\x45\0\0\0\0\0\0\0\x40\x06\0\0\x0a\0\0\1\x0a\0\0\2"                                                           \
	"\x30\x39\x01\xbb\0\0\0\0\0\0\0\0\x50\x18\0\0\0\0\0\0"
#define HELLO HEADERS "\x16\x03\x01\x40\0\x01\0\x3f\0"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	size_t room;

	if (size < 1)
		return 0;
	room = bytes[0] == 255 ? 1 << 18 : bytes[0] * 64u;
	if (bytes[0] & 1)
		fuzz_behind(HELLO, sizeof(HELLO) - 1, bytes + 1, size - 1, room);
	else
		fuzz_behind(HEADERS, sizeof(HEADERS) - 1, bytes + 1, size - 1, room);
	return 0;
}
