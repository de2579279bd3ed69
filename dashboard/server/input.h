/* SPDX-License-Identifier: MIT
 *
 * What a WebSocket client sends, taken apart piece by piece: wslay reads the heads of frames and undoes the mask, the
 * rules of RFC 6455 and our own limits are here. Knows no socket, so that tests and the fuzzer need none.
 *
 * Thread: one at a time. Allocates: at open. Blocks: never.
 */
#ifndef DASHBOARD_INPUT_H
#define DASHBOARD_INPUT_H

#include <wslay/wslay.h>

#include "dashboard/server/deflate.h"
#include "netscope/base.h"

enum {
	NSC_INPUT_MESSAGE_MAX = 4096, /* bytes of a message, over all its frames, compressed and plain */
	NSC_INPUT_CONTROL_MAX = 125,
};

enum nsc_input_event {
	NSC_INPUT_EMPTY,   /* nothing more for now */
	NSC_INPUT_PIECE,   /* something was taken: go on */
	NSC_INPUT_MESSAGE, /* a whole text: message, length; a NUL stands behind it */
	NSC_INPUT_PING,    /* control, control_length: to be sent back */
	NSC_INPUT_CLOSE,   /* the client closes */
	NSC_INPUT_ERROR,   /* the connection is over: code */
};

struct nsc_input {
	size_t (*take)(void *context, uint8_t *to, size_t most); /* the next bytes that have come; 0 = none for now */
	void *context;
	struct nsc_deflate *deflate; /* messages may be compressed, and this makes them plain; NULL: they may not */
	wslay_frame_context_ptr frames;
	uint16_t code;   /* of an error: 1002, 1003, 1007, 1009 */
	bool in_message; /* a text has begun and not ended */
	bool compressed; /* that text is */
	uint8_t frame_opcode;
	uint64_t frame_got; /* payload bytes of the frame that is coming in */
	bool frame_begun;
	uint32_t length, control_length;
	uint8_t message[NSC_INPUT_MESSAGE_MAX + 1], control[NSC_INPUT_CONTROL_MAX];
};

/* False when there is no memory. */
bool nsc_input_open(struct nsc_input *input, size_t (*take)(void *, uint8_t *, size_t), void *context);
void nsc_input_close(struct nsc_input *input);

/* Takes one more piece. After an error there is nothing more to ask for. */
enum nsc_input_event nsc_input_next(struct nsc_input *input);

#endif
