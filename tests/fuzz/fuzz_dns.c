/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: a DNS message. The first byte picks UDP, TCP or multicast; the second the room of the views.
 */
#include "tests/fuzz/dissect.h"

#define IPV4(protocol) "\x45\0\0\0\0\0\0\0\x40" protocol "\0\0\x0a\0\0\1\x0a\0\0\2" /* no length: the frame's */
#define UDP(port) IPV4("\x11") "\x30\x39" port "\0\0\0\0"
#define TCP IPV4("\x06") "\x30\x39\0\x35\0\0\0\0\0\0\0\0\x50\x18\0\0\0\0\0\0"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	size_t room;

	if (size < 2)
		return 0;
	room = bytes[1] == 255 ? 1 << 18 : bytes[1] * 64u;
	switch (bytes[0] % 3) {
	case 0:
		fuzz_behind(UDP("\0\x35"), sizeof(UDP("\0\x35")) - 1, bytes + 2, size - 2, room);
		break;
	case 1:
		fuzz_behind(TCP, sizeof(TCP) - 1, bytes + 2, size - 2, room);
		break;
	default:
		fuzz_behind(UDP("\x14\xe9"), sizeof(UDP("\x14\xe9")) - 1, bytes + 2, size - 2, room);
	}
	return 0;
}
