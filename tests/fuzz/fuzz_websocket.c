/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: what a WebSocket client sends, in pieces whose sizes the input says too, compressed messages among them.
 * Messages and control frames keep their bounds, texts are UTF-8, and after an error nothing more comes.
 */
#include <stdlib.h>
#include <string.h>

#include "dashboard/server/input.h"
#include "engine/text/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct wire {
	const uint8_t *bytes;
	size_t size, at, piece;
};

static size_t take(void *context, uint8_t *to, size_t most)
{
	struct wire *wire = context;
	size_t n = NSC_MIN(NSC_MIN(most, wire->piece), wire->size - wire->at);

	if (n)
		memcpy(to, wire->bytes + wire->at, n);
	wire->at += n;
	return n;
}

static void check(const struct nsc_input *input, enum nsc_input_event event)
{
	if (input->length > NSC_INPUT_MESSAGE_MAX || input->control_length > NSC_INPUT_CONTROL_MAX)
		abort();
	if (event == NSC_INPUT_MESSAGE &&
	    (!nsc_is_utf8(input->message, input->length) || input->message[input->length]))
		abort();
	if ((event == NSC_INPUT_ERROR) != (input->code != 0) && event != NSC_INPUT_EMPTY)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct wire wire = { .bytes = bytes + 1, .size = size ? size - 1 : 0, .piece = size ? bytes[0] % 64u + 1 : 1 };
	static struct nsc_deflate *deflate;
	struct nsc_input input;
	enum nsc_input_event event;

	if (!deflate)
		deflate = nsc_deflate_open();
	if (!nsc_input_open(&input, take, &wire))
		return 0;
	input.deflate = size && bytes[0] & 64 ? deflate : NULL;
	for (size_t rounds = 0; rounds < 4 * size + 16; rounds++) {
		event = nsc_input_next(&input);
		check(&input, event);
		if (input.code && nsc_input_next(&input) != NSC_INPUT_EMPTY)
			abort();
		if (input.code || (event == NSC_INPUT_EMPTY && wire.at == wire.size))
			break;
	}
	nsc_input_close(&input);
	return 0;
}
