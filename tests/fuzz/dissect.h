/* SPDX-License-Identifier: MIT
 *
 * What the fuzz targets of the dissector check, whatever the bytes are: the tree is well formed, its texts can be
 * shown, the fast line is the tree's, and every view keeps within its room.
 */
#ifndef FUZZ_DISSECT_H
#define FUZZ_DISSECT_H

#include <stdlib.h>
#include <string.h>

#include "netscope/dissect.h"

static struct nsc_dissection fuzz_tree, fuzz_scratch;

static inline void require(bool holds)
{
	if (!holds)
		abort();
}

static inline void require_tree(const struct nsc_dissection *tree)
{
	require(tree->n <= NSC_DISSECT_FIELDS && tree->text_len <= NSC_DISSECT_TEXT);
	require(tree->payload_off <= tree->cap_len);
	for (uint16_t i = 0; i < tree->n; i++) {
		const struct nsc_field *f = &tree->field[i];
		char value[NSC_VALUE_MAX];

		require(f->offset <= tree->cap_len && f->length <= tree->cap_len - f->offset);
		require(f->depth <= NSC_DISSECT_DEPTH);
		if (f->parent == NSC_NO_FIELD)
			require(f->depth == 0);
		else
			require(f->parent < i && tree->field[f->parent].depth + 1 == f->depth);
		require(nsc_dissect_value(tree, f, value, sizeof(value)) <= sizeof(value));
	}
}

static inline void require_printable(const char *text, size_t n, size_t room)
{
	require(n <= room);
	for (size_t i = 0; i < n; i++)
		require(text[i] == '\n' || (text[i] >= 0x20 && text[i] <= 0x7e));
}

/* Braces and brackets outside strings must match, and strings must end. */
static inline void require_json(const char *text, size_t n)
{
	char open[2 * NSC_DISSECT_DEPTH + 8];
	unsigned depth = 0;
	bool string = false;

	for (size_t i = 0; i < n; i++) {
		if (string) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				string = false;
		} else if (text[i] == '"') {
			string = true;
		} else if (text[i] == '{' || text[i] == '[') {
			require(depth < sizeof(open));
			open[depth++] = text[i] == '{' ? '}' : ']';
		} else if (text[i] == '}' || text[i] == ']') {
			require(depth > 0 && open[--depth] == text[i]);
		}
	}
	require(!string && depth == 0);
}

/* `room` varies where views are cut. */
static inline void fuzz_packet(const struct nsc_packet *pkt, size_t room)
{
	static char line[NSC_LINE_MAX], text[1 << 18];
	size_t n;

	nsc_dissect(&fuzz_tree, pkt);
	require_tree(&fuzz_tree);
	n = nsc_dissect_line_of(&fuzz_tree, 0, 1, text, NSC_LINE_MAX);
	require_printable(text, n, NSC_LINE_MAX);
	require(nsc_dissect_line(pkt, 1, &fuzz_scratch, line, sizeof(line)) == n && memcmp(line, text, n) == 0);
	n = nsc_dissect_text(&fuzz_tree, text, room);
	require_printable(text, n, room);
	n = nsc_dissect_json(&fuzz_tree, text, room);
	require_printable(text, n, room);
	require_json(text, n);
	n = nsc_dissect_hex(pkt->data, pkt->cap_len, text, room);
	require_printable(text, n, NSC_MIN(room, NSC_HEX_MAX));
}

/* The input behind headers that are always the same. */
static inline void fuzz_behind(const void *headers, size_t headers_length, const uint8_t *bytes, size_t size,
			       size_t room)
{
	struct nsc_packet pkt = { .link = NSC_LINK_RAW_IPV4 };
	uint8_t *copy = malloc(headers_length + size);

	require(copy != NULL);
	memcpy(copy, headers, headers_length);
	if (size)
		memcpy(copy + headers_length, bytes, size);
	pkt.data = copy;
	pkt.cap_len = pkt.wire_len = (uint32_t)(headers_length + size);
	fuzz_packet(&pkt, room);
	free(copy);
}

#endif
