/* SPDX-License-Identifier: MIT
 *
 * Frames from clients: messages in pieces of any size, control frames between them, every rule that can be broken.
 */
#include "dashboard/server/input.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_input input;
static uint8_t wire[65536];
static size_t wire_length, wire_at, piece;

static size_t take(void *context, uint8_t *to, size_t most)
{
	size_t n = NSC_MIN(NSC_MIN(most, piece), wire_length - wire_at);

	memcpy(to, wire + wire_at, n);
	wire_at += n;
	return n;
}

static void begin(size_t size_of_pieces)
{
	ck_assert(nsc_input_open(&input, take, NULL));
	wire_length = wire_at = 0;
	piece = size_of_pieces;
}

/* `first`: fin, rsv, opcode; a mask of 0x21436587. `announced` instead of the length, unless it is 0. */
static void frame(uint8_t first, const void *payload, size_t length, uint64_t announced)
{
	static const uint8_t mask[4] = { 0x21, 0x43, 0x65, 0x87 };
	uint64_t n = announced ? announced : length;
	uint8_t *at = wire + wire_length;

	*at++ = first;
	*at++ = (uint8_t)(0x80 | (n < 126 ? n : n < 65536 ? 126 : 127));
	for (int i = n < 126 ? 0 : n < 65536 ? 2 : 8; i-- > 0;)
		*at++ = (uint8_t)(n >> 8 * i);
	memcpy(at, mask, 4);
	at += 4;
	for (size_t i = 0; i < length; i++)
		*at++ = ((const uint8_t *)payload)[i] ^ mask[i % 4];
	wire_length = (size_t)(at - wire);
}

static enum nsc_input_event next(void)
{
	enum nsc_input_event event;

	while ((event = nsc_input_next(&input)) == NSC_INPUT_PIECE)
		;
	if (event == NSC_INPUT_EMPTY && wire_at < wire_length && !input.code)
		return next();
	return event;
}

START_TEST(whole_messages_in_any_pieces)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 100, 65536 };
	char text[NSC_INPUT_MESSAGE_MAX];

	memset(text, 'x', sizeof(text));
	begin(pieces[_i]);
	frame(0x81, "hello", 5, 0);
	frame(0x81, "", 0, 0);
	frame(0x81, text, sizeof(text), 0);
	frame(0x01, "ab", 2, 0);
	frame(0x89, "ping", 4, 0);
	frame(0x00, "", 0, 0);
	frame(0x8a, "pong", 4, 0);
	frame(0x80, "cd", 2, 0);
	frame(0x88, "\x03\xe8", 2, 0);
	ck_assert_int_eq(next(), NSC_INPUT_MESSAGE);
	ck_assert_str_eq((char *)input.message, "hello");
	ck_assert_int_eq(next(), NSC_INPUT_MESSAGE);
	ck_assert_uint_eq(input.length, 0);
	ck_assert_int_eq(next(), NSC_INPUT_MESSAGE);
	ck_assert_uint_eq(input.length, sizeof(text));
	ck_assert(!memcmp(input.message, text, sizeof(text)));
	ck_assert_int_eq(next(), NSC_INPUT_PING);
	ck_assert_uint_eq(input.control_length, 4);
	ck_assert(!memcmp(input.control, "ping", 4));
	ck_assert_int_eq(next(), NSC_INPUT_MESSAGE);
	ck_assert_str_eq((char *)input.message, "abcd");
	ck_assert_int_eq(next(), NSC_INPUT_CLOSE);
	ck_assert_int_eq(next(), NSC_INPUT_EMPTY);
	nsc_input_close(&input);
}
END_TEST

struct broken {
	uint8_t first;
	size_t length;
	uint64_t announced;
	uint16_t code;
};

static const struct broken broken[] = {
	{ 0xc1, 2, 0, 1002 },          { 0xa1, 2, 0, 1002 },
	{ 0x91, 2, 0, 1002 }, /* reserved bits */
	{ 0x83, 2, 0, 1002 },          { 0x8b, 2, 0, 1002 },
	{ 0x8f, 0, 0, 1002 },                                /* opcodes that nobody has defined */
	{ 0x80, 2, 0, 1002 },          { 0x00, 2, 0, 1002 }, /* goes on with nothing */
	{ 0x82, 2, 0, 1003 },          { 0x02, 2, 0, 1003 }, /* binary */
	{ 0x09, 2, 0, 1002 },          { 0x89, 126, 0, 1002 },
	{ 0x88, 200, 0, 1002 }, /* control frames in pieces, too long */
	{ 0x81, 10, 4097, 1009 },      { 0x01, 10, 512ull << 20, 1009 },
	{ 0x81, 10, INT64_MAX, 1009 },
};

START_TEST(broken_rules_have_a_code)
{
	char text[256] = "";

	begin(5);
	frame(broken[_i].first, text, broken[_i].length, broken[_i].announced);
	ck_assert_int_eq(next(), NSC_INPUT_ERROR);
	ck_assert_uint_eq(input.code, broken[_i].code);
	ck_assert_int_eq(nsc_input_next(&input), NSC_INPUT_EMPTY);
	nsc_input_close(&input);
}
END_TEST

START_TEST(no_mask)
{
	begin(100);
	memcpy(wire, "\x81\x02hi", 4);
	wire_length = 4;
	ck_assert_int_eq(next(), NSC_INPUT_ERROR);
	ck_assert_uint_eq(input.code, 1002);
	nsc_input_close(&input);
}
END_TEST

START_TEST(no_utf8)
{
	begin(100);
	frame(0x01, "\xc3", 1, 0);
	frame(0x80, "\xa9", 1, 0); /* a character over two frames is one */
	frame(0x81, "\xc3", 1, 0);
	ck_assert_int_eq(next(), NSC_INPUT_MESSAGE);
	ck_assert_str_eq((char *)input.message, "\xc3\xa9");
	ck_assert_int_eq(next(), NSC_INPUT_ERROR);
	ck_assert_uint_eq(input.code, 1007);
	nsc_input_close(&input);
}
END_TEST

START_TEST(pieces_without_end_are_too_much)
{
	char text[1000] = "";

	begin(1000);
	for (int i = 0; i < 5; i++)
		frame(i ? 0x00 : 0x01, text, sizeof(text), 0);
	ck_assert_int_eq(next(), NSC_INPUT_ERROR);
	ck_assert_uint_eq(input.code, 1009);
	nsc_input_close(&input);
}
END_TEST

/* In one frame and in two, with a control frame between them; beside a plain one. */
START_TEST(compressed_messages)
{
	static const char plain[] =
		"{\"type\":\"ping\",\"t\":1,\"more\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}";
	struct nsc_deflate *deflate = nsc_deflate_open();
	size_t n;
	char *packed = nsc_deflate_pack(deflate, plain, sizeof(plain) - 1, &n);

	ck_assert_ptr_nonnull(packed);
	begin(7);
	input.deflate = deflate;
	frame(0xc1, packed, n, 0);
	frame(0x41, packed, 3, 0);
	frame(0x89, "ping", 4, 0);
	frame(0x80, packed + 3, n - 3, 0);
	frame(0x81, "plain", 5, 0);
	ck_assert_int_eq(next(), NSC_INPUT_MESSAGE);
	ck_assert_str_eq((char *)input.message, plain);
	ck_assert_int_eq(next(), NSC_INPUT_PING);
	ck_assert_int_eq(next(), NSC_INPUT_MESSAGE);
	ck_assert_str_eq((char *)input.message, plain);
	ck_assert_int_eq(next(), NSC_INPUT_MESSAGE);
	ck_assert_str_eq((char *)input.message, "plain");
	nsc_input_close(&input);
	free(packed);
	nsc_deflate_close(deflate);
}
END_TEST

static uint16_t code_of_compressed(struct nsc_deflate *deflate, uint8_t first, const char *payload, size_t length)
{
	uint16_t code;

	begin(9);
	input.deflate = deflate;
	frame(first, payload, length, 0);
	ck_assert_int_eq(next(), NSC_INPUT_ERROR);
	ck_assert_uint_eq(input.length == 0 || input.code != 1009, true);
	code = input.code;
	nsc_input_close(&input);
	return code;
}

/* The bit where it must not be; what is no deflated data; no UTF-8 once it is plain; 4097 bytes in a few. */
START_TEST(compressed_and_wrong)
{
	struct nsc_deflate *deflate = nsc_deflate_open();
	char *zeros = calloc(1, NSC_INPUT_MESSAGE_MAX + 1);
	size_t n;
	char *bomb = nsc_deflate_pack(deflate, zeros, NSC_INPUT_MESSAGE_MAX + 1, &n);

	ck_assert_uint_eq(code_of_compressed(deflate, 0xc1, "\xff\xff\xff", 3), 1007);
	ck_assert_uint_eq(code_of_compressed(deflate, 0xc1, "\xfa\x0f\x00", 3), 1007);
	ck_assert_uint_eq(code_of_compressed(deflate, 0xc9, "ping", 4), 1002);
	ck_assert_uint_eq(code_of_compressed(deflate, 0xe1, "x", 1), 1002);
	ck_assert_uint_eq(code_of_compressed(deflate, 0xc0, "x", 1), 1002);
	ck_assert_uint_eq(code_of_compressed(NULL, 0xc1, "x", 1), 1002);
	ck_assert_uint_lt(n, 100);
	ck_assert_uint_eq(code_of_compressed(deflate, 0xc1, bomb, n), 1009);
	free(bomb);
	free(zeros);
	nsc_deflate_close(deflate);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("input");
	TCase *tcase = tcase_create("input");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, whole_messages_in_any_pieces, 0, 6);
	tcase_add_loop_test(tcase, broken_rules_have_a_code, 0, NSC_ARRAY_LEN(broken));
	tcase_add_test(tcase, no_mask);
	tcase_add_test(tcase, no_utf8);
	tcase_add_test(tcase, pieces_without_end_are_too_much);
	tcase_add_test(tcase, compressed_messages);
	tcase_add_test(tcase, compressed_and_wrong);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
