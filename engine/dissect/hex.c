/* SPDX-License-Identifier: MIT
 *
 * Hex dump: "0000  45 00 00 3c 1c 46 40 00  40 06 b1 e6 ac 10 0a 63  |E..<.F@.@......c|".
 */
#include "engine/text/buffer.h"
#include "engine/text/number.h"
#include "netscope/dissect.h"

enum { ROW = 16 };

static void print_row_hex(struct nsc_buffer *p, const uint8_t *data, uint32_t n)
{
	char pair[2];

	for (uint32_t i = 0; i < ROW; i++) {
		if (i < n) {
			nsc_format_hex(pair, data[i]);
			nsc_buffer_bytes(p, pair, 2);
		} else {
			nsc_buffer_spaces(p, 2);
		}
		nsc_buffer_spaces(p, i == ROW / 2 - 1 ? 2 : 1);
	}
}

static void print_row_ascii(struct nsc_buffer *p, const uint8_t *data, uint32_t n)
{
	nsc_buffer_text(p, " |");
	for (uint32_t i = 0; i < n; i++)
		nsc_buffer_char(p, data[i] >= 0x20 && data[i] < 0x7f ? (char)data[i] : '.');
	nsc_buffer_text(p, "|\n");
}

static void hex_print_row(struct nsc_buffer *p, const uint8_t *data, uint32_t offset, uint32_t n)
{
	char digits[4];

	nsc_format_hex(nsc_format_hex(digits, (uint8_t)(offset >> 8)), (uint8_t)offset);
	nsc_buffer_spaces(p, 4);
	nsc_buffer_bytes(p, digits, 4);
	nsc_buffer_spaces(p, 2);
	print_row_hex(p, data + offset, n);
	print_row_ascii(p, data + offset, n);
}

size_t nsc_dissect_hex(const uint8_t *data, uint32_t length, char *out, size_t room)
{
	struct nsc_buffer p = nsc_buffer_on(out, room);
	uint32_t shown = NSC_MIN(length, NSC_HEX_BYTES);

	for (uint32_t offset = 0; offset < shown; offset += ROW)
		hex_print_row(&p, data, offset, NSC_MIN(shown - offset, ROW));
	if (length > shown) {
		nsc_buffer_text(&p, "    ... (");
		nsc_buffer_u64(&p, length - shown);
		nsc_buffer_text(&p, " bytes remaining)\n");
	}
	return p.length;
}
