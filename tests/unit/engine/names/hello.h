/* SPDX-License-Identifier: MIT
 *
 * A client's hello, as the tests of names want it.
 */
#ifndef TEST_NAMES_HELLO_H
#define TEST_NAMES_HELLO_H

#include <string.h>

#include "engine/names/names.h"

#define HELLO_RANDOM "0123456789abcdef0123456789abcdef"
#define HELLO_EXTENSIONS                                                                                               \
	"\0\0"                                                                                                         \
	"\0\x0d"                                                                                                       \
	"\0\x0b\0\0\x08"                                                                                               \
	"host.com"                                                                                                     \
	"\0\x10"                                                                                                       \
	"\0\x0e"                                                                                                       \
	"\0\x0c\2h2\x08http/1.1"                                                                                       \
	"\0\x0d"                                                                                                       \
	"\0\6"                                                                                                         \
	"\0\4\4\3\x08\4"                                                                                               \
	"\0\x2b"                                                                                                       \
	"\0\7"                                                                                                         \
	"\6\x0a\x0a\3\4\3\3"                                                                                           \
	"\0\x0a"                                                                                                       \
	"\0\4"                                                                                                         \
	"\0\2\0\x1d"
#define HELLO_MESSAGE                                                                                                  \
	"\1\0\0\x73\3\3" HELLO_RANDOM "\4sess\0\6\x0a\x0a\x13\x01\xc0\x2b\1\0"                                         \
	"\0\x40" HELLO_EXTENSIONS
#define HELLO_RECORD "\x16\3\1\0\x77" HELLO_MESSAGE
#define HELLO_JA4_END "0205h2_777cda164f4b_fbabbea27ee8"

/* A hello of `bytes` in one record or several of at most `record`, padded with an extension; its length in *n. */
static inline void hello_padded(uint8_t *out, uint32_t *n, uint32_t bytes, uint32_t record)
{
	static uint8_t message[NSC_NAME_STREAM_MAX];
	uint32_t length = sizeof(HELLO_MESSAGE) - 1, extensions, at = 0;

	memset(message, 0, sizeof(message));
	memcpy(message, HELLO_MESSAGE, length);
	extensions = 0x40 + bytes - length;
	message[2] = (uint8_t)((bytes - 4) >> 8);
	message[3] = (uint8_t)(bytes - 4);
	message[length - 0x42] = (uint8_t)(extensions >> 8);
	message[length - 0x41] = (uint8_t)extensions;
	message[length + 1] = 21;
	message[length + 2] = (uint8_t)((bytes - length - 4) >> 8);
	message[length + 3] = (uint8_t)(bytes - length - 4);
	for (uint32_t done = 0, some; done < bytes; done += some) {
		some = bytes - done < record ? bytes - done : record;
		memcpy(out + at, (const uint8_t[]){ 22, 3, 1, (uint8_t)(some >> 8), (uint8_t)some }, 5);
		memcpy(out + at + 5, message + done, some);
		at += 5 + some;
	}
	*n = at;
}

#endif
