/* SPDX-License-Identifier: MIT
 *
 * Hex dump: "0000  45 00 00 3c 1c 46 40 00  40 06 b1 e6 ac 10 0a 63  |E..<.F@.@......c|".
 */
#include "engine/text/print.h"
#include "netscope/dissect.h"

enum { ROW = 16 };

static void print_row_hex(struct print *p, const uint8_t *data, uint32_t n)
{
	char pair[2];

	for (uint32_t i = 0; i < ROW; i++) {
		if (i < n) {
			write_hex(pair, data[i]);
			print_bytes(p, pair, 2);
		} else {
			print_spaces(p, 2);
		}
		print_spaces(p, i == ROW / 2 - 1 ? 2 : 1);
	}
}

static void print_row_ascii(struct print *p, const uint8_t *data, uint32_t n)
{
	print_text(p, " |");
	for (uint32_t i = 0; i < n; i++)
		print_char(p, data[i] >= 0x20 && data[i] < 0x7f ? (char)data[i] : '.');
	print_text(p, "|\n");
}

static void print_row(struct print *p, const uint8_t *data, uint32_t offset, uint32_t n)
{
	char digits[4];

	write_hex(write_hex(digits, (uint8_t)(offset >> 8)), (uint8_t)offset);
	print_spaces(p, 4);
	print_bytes(p, digits, 4);
	print_spaces(p, 2);
	print_row_hex(p, data + offset, n);
	print_row_ascii(p, data + offset, n);
}

size_t nsc_dissect_hex(const uint8_t *data, uint32_t length, char *out, size_t room)
{
	struct print p = { .at = out, .end = out + room };
	uint32_t shown = NSC_MIN(length, NSC_HEX_BYTES);

	for (uint32_t offset = 0; offset < shown; offset += ROW)
		print_row(&p, data, offset, NSC_MIN(shown - offset, ROW));
	if (length > shown) {
		print_text(&p, "    ... (");
		print_u64(&p, length - shown);
		print_text(&p, " bytes remaining)\n");
	}
	return (size_t)(p.at - out);
}
