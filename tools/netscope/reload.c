/* SPDX-License-Identifier: MIT
 *
 * Walking the table of options over two settings.
 */
#include "tools/netscope/reload.h"

#include "engine/base/assert.h"
#include "tools/netscope/source.h"

#include <string.h>

bool nsc_reload_is_possible(const struct nsc_settings *settings)
{
	return settings->config[0] && nsc_source_is_live(settings);
}

void nsc_reload_read(struct nsc_settings *next, const struct nsc_settings *now, struct nsc_problems *problems)
{
	nsc_settings_init(next);
	next->reloads = true;
	nsc_settings_parse_all(next, now->argc, now->argv, problems);
}

static const void *reload_member(const struct nsc_settings *settings, const struct nsc_option *option)
{
	return (const char *)settings + option->offset;
}

static bool reload_paths_are(const char *x, const char *y)
{
	for (; *x && !strcmp(x, y); x = nsc_path_next(x))
		y = nsc_path_next(y);
	return !*x && !*y;
}

static bool reload_is_same(const struct nsc_settings *x, const struct nsc_settings *y, const struct nsc_option *option)
{
	const char *text = nsc_option_text(x, option);

	if (nsc_option_repeats(option))
		return reload_paths_are(text, nsc_option_text(y, option));
	if (text)
		return !strcmp(text, nsc_option_text(y, option));
	return !memcmp(reload_member(x, option), reload_member(y, option), option->size);
}

static uint64_t reload_number(const struct nsc_settings *settings, const struct nsc_option *option)
{
	const void *member = reload_member(settings, option);

	switch (option->type) {
	case NSC_OPTION_BOOL:
		return *(const bool *)member;
	case NSC_OPTION_UINT:
		return option->size == sizeof(uint32_t) ? *(const uint32_t *)member : *(const uint64_t *)member;
	case NSC_OPTION_CHOICE:
	case NSC_OPTION_COUNT:
		return *(const unsigned *)member;
	default:
		nsc_assert(false, "only numbers are bound by those of the start");
		return 0;
	}
}

static bool reload_may_take(const struct nsc_settings *start, const struct nsc_settings *next,
			    const struct nsc_option *option)
{
	switch (option->reload) {
	case NSC_RELOAD_ANY:
		return true;
	case NSC_RELOAD_AT_MOST:
		if (option->type == NSC_OPTION_CHOICE && !reload_number(next, option))
			return false;
		return reload_number(next, option) <= reload_number(start, option);
	case NSC_RELOAD_AT_LEAST:
		return reload_number(next, option) >= reload_number(start, option);
	case NSC_RELOAD_RESTART:
		break;
	}
	return false;
}

uint32_t nsc_reload_compare(const struct nsc_settings *start, const struct nsc_settings *now,
			    const struct nsc_settings *next, struct nsc_reload_change change[NSC_OPTIONS_MAX])
{
	uint32_t n = 0;

	for (const struct nsc_option *option = nsc_option_table; option < nsc_option_end; option++)
		if (option->key && !reload_is_same(now, next, option))
			change[n++] = (struct nsc_reload_change){ option, reload_may_take(start, next, option) };
	return n;
}

void nsc_reload_preview(struct nsc_settings *merged, const struct nsc_settings *now, const struct nsc_settings *next,
			const struct nsc_reload_change *change, uint32_t n)
{
	*merged = *now;
	for (uint32_t i = 0; i < n; i++)
		if (change[i].taken)
			memcpy((char *)merged + change[i].option->offset, reload_member(next, change[i].option),
			       change[i].option->size);
}

static void reload_swap(struct nsc_settings *now, struct nsc_settings *next, const struct nsc_option *option)
{
	char *members[] = { (char *)now + option->offset, (char *)next + option->offset }, room[sizeof(double)];
	size_t place = (size_t)(option - nsc_option_table);
	uint8_t origin = now->origin[place];
	char *text = now->texts[place];

	nsc_assert(option->size <= sizeof(room), "what is taken over is a number or a text");
	memcpy(room, members[0], option->size);
	memcpy(members[0], members[1], option->size);
	memcpy(members[1], room, option->size);
	now->origin[place] = next->origin[place];
	now->texts[place] = next->texts[place];
	next->origin[place] = origin;
	next->texts[place] = text;
}

void nsc_reload_take(struct nsc_settings *now, struct nsc_settings *next, const struct nsc_reload_change *change,
		     uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (change[i].taken)
			reload_swap(now, next, change[i].option);
}
