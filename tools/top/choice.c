/* SPDX-License-Identifier: MIT
 *
 * Keys.
 */
#include "tools/top/choice.h"

#include <string.h>

enum { PAGE = 10, ESCAPE = 27, DELETE = 127, BACKSPACE = 8, CLEAR = 'U' & 31 };

const char *const nsc_top_view_names[NSC_TOP_VIEWS] = {
	[NSC_TOP_OVERVIEW] = "overview", [NSC_TOP_OF_WORKERS] = "workers", [NSC_TOP_OF_FLOWS] = "flows",
	[NSC_TOP_OF_LOSSES] = "losses",  [NSC_TOP_OF_CYCLES] = "cycles",
};

/* Ends with a sort without a name. In the order of the key s. */
static const struct nsc_top_sort sorts[NSC_TOP_VIEWS][NSC_TOP_SORTS + 1] = {
	[NSC_TOP_OF_WORKERS] = { { "number", NULL, true },
				 { "busy", NULL, false },
				 { "packets", NULL, false },
				 { "cycles", NULL, false },
				 { "lane", NULL, false } },
	[NSC_TOP_OF_FLOWS] = { { "rate", "bps", false },
			       { "bytes", "bytes", false },
			       { "packets", "packets", false },
			       { "rtt", "rtt", false },
			       { "retransmissions", "retransmissions", false },
			       { "lost segments", "lost_segments", false },
			       { "name", "name", true } },
	[NSC_TOP_OF_LOSSES] = { { "place", NULL, true }, { "count", NULL, false } },
	[NSC_TOP_OF_CYCLES] = { { "stage", NULL, true }, { "cycles", NULL, false } },
};

static enum nsc_top_view choice_view_sorted(enum nsc_top_view view)
{
	return view == NSC_TOP_OVERVIEW ? NSC_TOP_OF_FLOWS : view;
}

const struct nsc_top_sort *nsc_top_sort_of(const struct nsc_top_choice *choice, enum nsc_top_view view)
{
	view = choice_view_sorted(view);
	return &sorts[view][choice->sort[view]];
}

bool nsc_top_rises(const struct nsc_top_choice *choice, enum nsc_top_view view)
{
	return nsc_top_sort_of(choice, view)->rises != choice->reversed[choice_view_sorted(view)];
}

bool nsc_top_wants_query(const struct nsc_top_choice *choice)
{
	bool flows = choice_view_sorted(choice->view) == NSC_TOP_OF_FLOWS;

	return flows && (choice->filter[0] || choice->sort[NSC_TOP_OF_FLOWS] || choice->reversed[NSC_TOP_OF_FLOWS]);
}

static enum nsc_top_act choice_next_sort(struct nsc_top_choice *choice)
{
	enum nsc_top_view view = choice_view_sorted(choice->view);

	choice->scroll = 0;
	choice->sort[view]++;
	if (choice->sort[view] == NSC_TOP_SORTS || !sorts[view][choice->sort[view]].name)
		choice->sort[view] = 0;
	choice->reversed[view] = false;
	return NSC_TOP_ASK;
}

static enum nsc_top_act choice_reverse(struct nsc_top_choice *choice)
{
	enum nsc_top_view view = choice_view_sorted(choice->view);

	choice->scroll = 0;
	choice->reversed[view] = !choice->reversed[view];
	return NSC_TOP_ASK;
}

static enum nsc_top_act choice_next_view(struct nsc_top_choice *choice)
{
	choice->view = (choice->view + 1) % NSC_TOP_VIEWS;
	choice->scroll = 0;
	return NSC_TOP_ASK;
}

/* How far there is to scroll the screen knows, and brings back what went too far. */
static enum nsc_top_act choice_scroll_by(struct nsc_top_choice *choice, int rows)
{
	choice->scroll = rows < 0 && choice->scroll < (unsigned)-rows ? 0 : choice->scroll + (unsigned)rows;
	return NSC_TOP_DRAW;
}

static enum nsc_top_act choice_begin_filter(struct nsc_top_choice *choice)
{
	memcpy(choice->draft, choice->filter, sizeof(choice->draft));
	choice->editing = true;
	return NSC_TOP_DRAW;
}

/* The filter is about flows: whoever sets one in another view wants to see them. */
static enum nsc_top_act choice_end_filter(struct nsc_top_choice *choice)
{
	memcpy(choice->filter, choice->draft, sizeof(choice->filter));
	choice->editing = false;
	choice->scroll = 0;
	if (choice_view_sorted(choice->view) != NSC_TOP_OF_FLOWS)
		choice->view = NSC_TOP_OF_FLOWS;
	return NSC_TOP_ASK;
}

static enum nsc_top_act choice_edit(struct nsc_top_choice *choice, int key)
{
	size_t length = strlen(choice->draft);

	if (key == '\n' || key == '\r')
		return choice_end_filter(choice);
	if (key == ESCAPE)
		choice->editing = false;
	else if ((key == DELETE || key == BACKSPACE) && length)
		choice->draft[length - 1] = '\0';
	else if (key == CLEAR)
		choice->draft[0] = '\0';
	else if (key >= ' ' && key < DELETE && length < NSC_TOP_FILTER)
		memcpy(choice->draft + length, (char[2]){ (char)key, '\0' }, 2);
	return NSC_TOP_DRAW;
}

static enum nsc_top_act choice_flip(bool *what)
{
	*what = !*what;
	return NSC_TOP_DRAW;
}

enum nsc_top_act nsc_top_key(struct nsc_top_choice *choice, int key)
{
	if (choice->editing)
		return choice_edit(choice, key);
	if (choice->help) {
		choice->help = false;
		return key == 'q' ? NSC_TOP_QUIT : NSC_TOP_DRAW;
	}
	switch (key) {
	case 'q':
		return NSC_TOP_QUIT;
	case 'p':
		choice_flip(&choice->paused);
		return NSC_TOP_ASK;
	case 's':
		return choice_next_sort(choice);
	case 'r':
		return choice_reverse(choice);
	case '/':
		return choice_begin_filter(choice);
	case 't':
	case '\t':
		return choice_next_view(choice);
	case '?':
	case 'h':
		return choice_flip(&choice->help);
	case 'j':
	case NSC_TOP_KEY_DOWN:
		return choice_scroll_by(choice, 1);
	case 'k':
	case NSC_TOP_KEY_UP:
		return choice_scroll_by(choice, -1);
	case NSC_TOP_KEY_PAGE_DOWN:
	case ' ':
		return choice_scroll_by(choice, PAGE);
	case NSC_TOP_KEY_PAGE_UP:
		return choice_scroll_by(choice, -PAGE);
	case NSC_TOP_KEY_HOME:
		choice->scroll = 0;
		return NSC_TOP_DRAW;
	default:
		return NSC_TOP_NOTHING;
	}
}
