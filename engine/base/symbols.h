/* SPDX-License-Identifier: MIT
 *
 * Names of the functions of this process: the program's own table of symbols, and what each library exports. The files
 * are opened once, while files may still be opened, and read when the first of their addresses is looked up.
 *
 * A name is a number here: functions that people call the same (the clones that a compiler makes of one, two statics)
 * share one. Suffixes that a compiler adds are left out. At most 262,144 names of 8 MiB together are kept; further ones
 * are "[unknown]".
 *
 * Thread: one at a time, unless said otherwise.
 */
#ifndef NETSCOPE_BASE_SYMBOLS_H
#define NETSCOPE_BASE_SYMBOLS_H

#include "netscope/error.h"

struct nsc_symbols;

enum { NSC_SYMBOLS_UNKNOWN }; /* number of the name "[unknown]": the address belongs to nothing that was loaded */

/* 0 or -ENOMEM and one sentence. A file that cannot be read has no functions, and its addresses have its name in
 * brackets, "[libc.so.6]". While no library is loaded. Allocates. */
int nsc_symbols_open(struct nsc_symbols **symbols, struct nsc_error *error);

/* Number of the name of what is at this address. Allocates: when it is the first one of its file. */
uint32_t nsc_symbols_find(struct nsc_symbols *symbols, uint64_t address);

/* Number of this name, which is added if there is none; UNKNOWN when there is no room. Allocates. */
uint32_t nsc_symbols_add(struct nsc_symbols *symbols, const char *name);

/* The name itself, of a number that came from the above. Valid until close, and as it is: any thread that has the
 * number may read it. Allocates, blocks: never. */
const char *nsc_symbols_name(const struct nsc_symbols *symbols, uint32_t name);

/* How many names there are by now: all numbers are below. */
uint32_t nsc_symbols_names(const struct nsc_symbols *symbols);

/* Whether a name is a file's, and no function's. */
bool nsc_symbols_is_nameless(const char *name);

/* Length of a name without the suffixes that compilers and linkers add: .lto_priv.0, .constprop.0, .isra.0, .part.0,
 * .cold, .arch_x86_64_v3, .resolver, .localalias. Any text. */
size_t nsc_symbols_length(const char *name);

void nsc_symbols_close(struct nsc_symbols *symbols); /* NULL is allowed */

#endif
