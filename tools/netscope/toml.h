/* SPDX-License-Identifier: MIT
 *
 * The TOML parser, a C++ library, behind one C function.
 */
#ifndef TOOLS_NETSCOPE_TOML_H
#define TOOLS_NETSCOPE_TOML_H

#ifdef __cplusplus
extern "C" {
#endif

#include <stddef.h>

enum nsc_toml_kind {
	NSC_TOML_SECTION,
	NSC_TOML_BOOL,
	NSC_TOML_INTEGER,
	NSC_TOML_FLOAT,
	NSC_TOML_STRING,
	NSC_TOML_LIST,  /* an array of strings that are neither empty nor hold a comma */
	NSC_TOML_TEXTS, /* the same, with a comma in one of them */
	NSC_TOML_OTHER, /* another array, a date, a time, a string that holds a zero byte */
};

struct nsc_toml_item {
	const char *key; /* "web.tls.enabled"; a part that is no bare key is in quotes */
	enum nsc_toml_kind kind;
	const char *text;  /* the value: "true", "12", "0.5", what the string holds, "a,b"; for a sentence when OTHER or
			      TEXTS */
	const char *texts; /* LIST, TEXTS: the strings, each ended by NUL, and an empty one */
	unsigned line, column;
};

struct nsc_toml_visitor {
	/* Sections before what they hold, all in the order of the file. Another value than 0 ends the reading. */
	int (*visit)(void *context, const struct nsc_toml_item *item);
	/* The text is no TOML. */
	void (*fail)(void *context, unsigned line, unsigned column, const char *why);
	void *context;
};

/* 0, what `visit` returned, -EINVAL after `fail`, -ENOMEM. The items live until `visit` returns. */
int nsc_toml_read(const char *text, size_t size, const struct nsc_toml_visitor *visitor);

#ifdef __cplusplus
}
#endif

#endif
