/* SPDX-License-Identifier: MIT
 *
 * A word of -i that is the name of an interface is that name, whatever is in it. Otherwise it is a list.
 */
#include "tools/netscope/interface_names.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "backends/sources/interface.h"
#include "tools/netscope/settings.h"

enum { WORD_BYTES = 256, THERE_BYTES = 300 };

struct interface_search {
	struct nsc_interface_names *names;
	const struct if_nameindex *there;
	uint32_t found; /* those that found no room included */
};

static bool is_pattern(const char *word)
{
	return strpbrk(word, "*?[") != NULL;
}

static const struct if_nameindex *interface_find(const struct if_nameindex *there, const char *name)
{
	for (; there && there->if_index; there++)
		if (!strcmp(there->if_name, name))
			return there;
	return NULL;
}

/* --- lists ------------------------------------------------------------------------------------ */

/* The next name of "a,b", cut where it is too long to be one. False behind the last. */
static bool list_next(const char **list, char word[WORD_BYTES])
{
	size_t length = strcspn(*list, ",");

	if (!**list)
		return false;
	snprintf(word, WORD_BYTES, "%.*s", (int)NSC_MIN(length, (size_t)WORD_BYTES - 1), *list);
	*list += length;
	*list += **list == ',';
	return true;
}

static int check_word(const char *word, bool alone, struct nsc_error *error)
{
	size_t length = strlen(word);

	if (word[0] == ',' || word[length - 1] == ',' || strstr(word, ",,"))
		return nsc_fail(error, -EINVAL,
				"-i \"%.200s\": wanted names with a comma between two, found an empty one", word);
	for (char name[WORD_BYTES]; list_next(&word, name);) {
		if (strcmp(name, "any") == 0 && !(alone && length == strlen("any")))
			return nsc_fail(error, -EINVAL,
					"-i any means all interfaces by itself: leave it or the others out");
	}
	return 0;
}

int nsc_interface_names_check(const char *list, struct nsc_error *error)
{
	bool alone = *list && !*nsc_path_next(list);
	int status = 0;

	for (; *list && !status; list = nsc_path_next(list))
		status = check_word(list, alone, error);
	return status;
}

/* --- finding ---------------------------------------------------------------------------------- */

static void take_name(struct interface_search *search, const char *name)
{
	struct nsc_interface_names *names = search->names;

	for (uint32_t i = 0; i < names->n; i++)
		if (!strcmp(names->name[i], name))
			return;
	search->found++;
	if (names->n < NSC_LIVE_INTERFACES_MAX)
		snprintf(names->name[names->n++], IF_NAMESIZE, "%.*s", IF_NAMESIZE - 1, name);
}

static int take_pattern(struct interface_search *search, const char *pattern, struct nsc_error *error)
{
	char shown[THERE_BYTES] = "";
	size_t used = 0;
	bool any = false;

	for (const struct if_nameindex *at = search->there; at && at->if_index; at++) {
		if (used < sizeof(shown))
			used += (size_t)snprintf(shown + used, sizeof(shown) - used, "%s%s", used ? ", " : "",
						 at->if_name);
		if (fnmatch(pattern, at->if_name, 0))
			continue;
		take_name(search, at->if_name);
		any = true;
	}
	return any ? 0
		   : nsc_fail(error, -ENODEV, "no interface matches '%.100s'; there are: %s", pattern,
			      shown[0] ? shown : "none");
}

/* One that is not there may be another name of one that is: the kernel's own name counts, so that each is taken once.
 */
static int take_unlisted(struct interface_search *search, const char *name, struct nsc_error *error)
{
	struct nsc_interface interface = { .fd = -1 };
	char own[IF_NAMESIZE] = "any";
	int status = strcmp(name, "any") ? nsc_interface_open(&interface, name, error) : 0;

	if (interface.index && !if_indextoname(interface.index, own))
		status = nsc_fail(error, -ENODEV, "the interface '%.100s' was removed just now", name);
	nsc_interface_close(&interface);
	if (!status)
		take_name(search, own);
	return status;
}

static int take_one(struct interface_search *search, const char *name, struct nsc_error *error)
{
	if (interface_find(search->there, name))
		take_name(search, name);
	else
		return is_pattern(name) ? take_pattern(search, name, error) : take_unlisted(search, name, error);
	return 0;
}

static int take_list(struct interface_search *search, const char *list, struct nsc_error *error)
{
	char name[WORD_BYTES];
	int status = 0;

	if (interface_find(search->there, list)) {
		take_name(search, list);
		return 0;
	}
	while (!status && list_next(&list, name))
		status = take_one(search, name, error);
	return status;
}

int nsc_interface_names_find(struct nsc_interface_names *names, const char *list, const struct if_nameindex *there,
			     struct nsc_error *error)
{
	struct interface_search search = { .names = names, .there = there };
	int status = 0;

	names->n = 0;
	for (const char *word = list; *word && !status; word = nsc_path_next(word))
		status = take_list(&search, word, error);
	if (!status && search.found > NSC_LIVE_INTERFACES_MAX)
		status = nsc_fail(error, -E2BIG,
				  "-i names more than %u interfaces, and one run captures from no more: name fewer",
				  NSC_LIVE_INTERFACES_MAX);
	return status;
}

int nsc_interface_names(struct nsc_interface_names *names, const char *list, struct nsc_error *error)
{
	struct if_nameindex *there;
	int status;

	if (!*list) {
		names->n = 1;
		return nsc_interface_default(names->name[0], error);
	}
	there = if_nameindex();
	status = nsc_interface_names_find(names, list, there, error);
	if (there)
		if_freenameindex(there);
	return status;
}

void nsc_interface_names_text(const struct nsc_interface_names *names, char text[NSC_INTERFACE_NAMES_TEXT])
{
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < names->n; i++)
		used += (size_t)snprintf(text + used, NSC_INTERFACE_NAMES_TEXT - used, "%s%s", i ? ", " : "",
					 names->name[i]);
}
