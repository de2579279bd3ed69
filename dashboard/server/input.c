/* SPDX-License-Identifier: MIT
 *
 * A frame that announces 512 MiB costs nothing: its length is looked at before a byte of it is kept.
 */
#include "dashboard/server/input.h"

#include <errno.h>
#include <string.h>

#include "engine/text/escape.h"

enum { RSV1 = 4 }; /* of the three bits: the message is compressed (RFC 7692 section 6) */

static ssize_t input_receive(uint8_t *buf, size_t length, int flags, void *context)
{
	struct nsc_input *in = context;
	size_t n = in->take(in->context, buf, length);

	return n ? (ssize_t)n : -1;
}

static ssize_t send_nothing(const uint8_t *data, size_t length, int flags, void *context)
{
	return -1;
}

static int mask_nothing(uint8_t *buf, size_t length, void *context)
{
	return -1;
}

bool nsc_input_open(struct nsc_input *in, size_t (*take)(void *, uint8_t *, size_t), void *context)
{
	static const struct wslay_frame_callbacks callbacks = { send_nothing, input_receive, mask_nothing };

	memset(in, 0, sizeof(*in));
	in->take = take;
	in->context = context;
	return !wslay_frame_context_init(&in->frames, &callbacks, in);
}

void nsc_input_close(struct nsc_input *in)
{
	wslay_frame_context_free(in->frames);
	in->frames = NULL;
}

static bool is_data(uint8_t opcode)
{
	return opcode == WSLAY_TEXT_FRAME || opcode == WSLAY_CONTINUATION_FRAME;
}

/* What is wrong about the head of a frame; 0 = nothing. */
static uint16_t head_code(const struct nsc_input *in, const struct wslay_frame_iocb *io)
{
	bool may_be_compressed = in->deflate && io->opcode == WSLAY_TEXT_FRAME;

	if (!io->mask || (io->rsv & ~(may_be_compressed ? RSV1 : 0)))
		return WSLAY_CODE_PROTOCOL_ERROR;
	if (io->opcode == WSLAY_BINARY_FRAME)
		return WSLAY_CODE_UNSUPPORTED_DATA;
	if (wslay_is_ctrl_frame(io->opcode)) {
		bool good = io->fin && io->payload_length <= NSC_INPUT_CONTROL_MAX && io->opcode <= WSLAY_PONG;

		return good ? 0 : WSLAY_CODE_PROTOCOL_ERROR;
	}
	if (!is_data(io->opcode) || (io->opcode == WSLAY_TEXT_FRAME) == in->in_message)
		return WSLAY_CODE_PROTOCOL_ERROR;
	return io->payload_length > NSC_INPUT_MESSAGE_MAX - in->length ? WSLAY_CODE_MESSAGE_TOO_BIG : 0;
}

static bool begin_frame(struct nsc_input *in, const struct wslay_frame_iocb *io)
{
	in->code = head_code(in, io);
	in->frame_begun = true;
	in->frame_opcode = io->opcode;
	in->frame_got = 0;
	if (io->opcode == WSLAY_TEXT_FRAME)
		in->compressed = io->rsv & RSV1;
	if (is_data(io->opcode))
		in->in_message = true;
	else
		in->control_length = 0;
	return !in->code;
}

static void take_payload(struct nsc_input *in, const struct wslay_frame_iocb *io)
{
	bool data = is_data(in->frame_opcode);
	uint8_t *to = data ? in->message + in->length : in->control + in->control_length;

	if (!io->data_length)
		return;
	memcpy(to, io->data, io->data_length);
	*(data ? &in->length : &in->control_length) += (uint32_t)io->data_length;
	in->frame_got += io->data_length;
}

/* What is wrong about a compressed message; 0 = nothing, and it is plain. */
static uint16_t make_plain(struct nsc_input *in)
{
	uint8_t payload[NSC_INPUT_MESSAGE_MAX];
	ssize_t length;

	memcpy(payload, in->message, in->length);
	length = nsc_deflate_unpack(in->deflate, payload, in->length, in->message, NSC_INPUT_MESSAGE_MAX);
	if (length < 0) {
		in->length = 0;
		return length == -E2BIG ? WSLAY_CODE_MESSAGE_TOO_BIG : WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA;
	}
	in->length = (uint32_t)length;
	return 0;
}

static enum nsc_input_event end_message(struct nsc_input *in)
{
	in->in_message = false;
	in->code = in->compressed ? make_plain(in) : 0;
	if (in->code)
		return NSC_INPUT_ERROR;
	if (!nsc_is_utf8(in->message, in->length)) {
		in->code = WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA;
		return NSC_INPUT_ERROR;
	}
	in->message[in->length] = '\0';
	return NSC_INPUT_MESSAGE;
}

static enum nsc_input_event end_frame(struct nsc_input *in, bool fin)
{
	in->frame_begun = false;
	switch (in->frame_opcode) {
	case WSLAY_PING:
		return NSC_INPUT_PING;
	case WSLAY_PONG:
		return NSC_INPUT_PIECE;
	case WSLAY_CONNECTION_CLOSE:
		return NSC_INPUT_CLOSE;
	default:
		return fin ? end_message(in) : NSC_INPUT_PIECE;
	}
}

enum nsc_input_event nsc_input_next(struct nsc_input *in)
{
	struct wslay_frame_iocb io;
	ssize_t n;

	if (in->code)
		return NSC_INPUT_EMPTY;
	if (!in->in_message)
		in->length = 0;
	memset(&io, 0, sizeof(io));
	n = wslay_frame_recv(in->frames, &io);
	if (n == WSLAY_ERR_WANT_READ)
		return NSC_INPUT_EMPTY;
	if (n < 0) {
		in->code = WSLAY_CODE_PROTOCOL_ERROR;
		return NSC_INPUT_ERROR;
	}
	if (!in->frame_begun && !begin_frame(in, &io))
		return NSC_INPUT_ERROR;
	take_payload(in, &io);
	return in->frame_got == io.payload_length ? end_frame(in, io.fin) : NSC_INPUT_PIECE;
}
