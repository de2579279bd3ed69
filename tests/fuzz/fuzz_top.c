/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: what a sensor answers `netscope top`. The first byte says which answer it is (s, c, f), the last
 * one what is shown and how large the screen is. Whatever is in the answer, every line is printable and no wider
 * than the screen.
 */
#include "tools/top/draw.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct nsc_screen screen;

static void check_line(const struct nsc_screen_line *line)
{
	unsigned bytes = 0;

	for (unsigned i = 0; i < line->bytes; i++)
		if ((uint8_t)line->text[i] < ' ' || line->text[i] == 0x7f)
			abort();
	for (unsigned r = 0; r < line->runs; r++)
		bytes += line->run[r].bytes;
	if (bytes != line->bytes || line->cells > screen.columns)
		abort();
}

static void draw(const struct nsc_top_numbers *numbers, uint8_t how)
{
	static struct nsc_top_choice choice;
	const struct nsc_top_contact contact = {
		.url = "", .ever = true, .why = "", .flows_why = "", .has_found = true
	};

	memset(&choice, 0, sizeof(choice));
	choice.view = how % NSC_TOP_VIEWS;
	choice.sort[NSC_TOP_OF_FLOWS] = how & 1;
	nsc_screen_init(&screen, 20 + 3u * (how & 63), 4 + how / 8);
	nsc_top_draw(&screen, numbers, &choice, &contact);
	if (screen.used != screen.rows)
		abort();
	for (unsigned i = 0; i < screen.used; i++)
		check_line(&screen.line[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct nsc_top_numbers numbers;
	const char *text = (const char *)bytes + 1;
	char sentence[NSC_TOP_NAME];
	struct nsc_error error;

	if (size < 2)
		return 0;
	setlocale(LC_CTYPE, "C.UTF-8");
	nsc_top_numbers_init(&numbers);
	if (bytes[0] == 'c')
		nsc_top_read_cores(&numbers, text, size - 1, &error);
	else if (bytes[0] == 'f')
		nsc_top_read_flows(&numbers, text, size - 1, &error);
	else
		nsc_top_read_summary(&numbers, text, size - 1, &error);
	nsc_top_read_error(sentence, text, size - 1);
	for (unsigned view = 0; view < NSC_TOP_VIEWS; view++)
		draw(&numbers, (uint8_t)(bytes[size - 1] + 51 * view));
	return 0;
}
