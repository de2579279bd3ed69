/* SPDX-License-Identifier: MIT
 *
 * Names of the functions of this process: the program's own table of symbols, and what each library exports. They are
 * read once, while files may still be opened, and looked up by address afterwards.
 *
 * A name is a number here: functions that people call the same (the clones that a compiler makes of one, two statics)
 * share one. Suffixes that a compiler adds are left out.
 */
#ifndef NETSCOPE_BASE_SYMBOLS_H
#define NETSCOPE_BASE_SYMBOLS_H

#include "netscope/error.h"

struct nsc_symbols;

enum { NSC_SYMBOLS_UNKNOWN }; /* number of the name "[unknown]": the address belongs to nothing that was loaded */

/* 0 or -ENOMEM and one sentence. A file that cannot be read has no functions, and its addresses have its name in
 * brackets, "[libc.so.6]". Thread: any one, while no library is loaded. Allocates. */
int nsc_symbols_open(struct nsc_symbols **symbols, struct nsc_error *error);

/* Number of the name of what is at this address. Thread: any. Allocates, blocks: never. */
uint32_t nsc_symbols_find(const struct nsc_symbols *symbols, uint64_t address);

/* Number of this name, which is added if there is none. UNKNOWN without memory. Thread: who has opened them. Allocates.
 */
uint32_t nsc_symbols_add(struct nsc_symbols *symbols, const char *name);

/* The name itself, of a number below nsc_symbols_names(). Valid until close. Thread: any. Allocates, blocks: never. */
const char *nsc_symbols_name(const struct nsc_symbols *symbols, uint32_t name);
uint32_t nsc_symbols_names(const struct nsc_symbols *symbols);

/* Whether a name is a file's, and no function's. */
bool nsc_symbols_is_nameless(const char *name);

/* Length of a name without the suffixes that compilers and linkers add: .lto_priv.0, .constprop.0, .isra.0, .part.0,
 * .cold, .arch_x86_64_v3, .resolver, .localalias. Any text. */
size_t nsc_symbols_length(const char *name);

void nsc_symbols_close(struct nsc_symbols *symbols); /* NULL is allowed */

#endif
