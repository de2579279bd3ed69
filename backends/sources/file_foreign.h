/* SPDX-License-Identifier: MIT
 *
 * What a file is that cannot be read.
 */
#ifndef NETSCOPE_SOURCES_FILE_FOREIGN_H
#define NETSCOPE_SOURCES_FILE_FOREIGN_H

#include "netscope/error.h"

/* Names the format of a file that begins with at[0..n), and the way round it. `piped`: it came through a pipe, and a
 * command cannot name it. False, and no sentence, when the format is not known. Allocates: never. */
bool nsc_file_foreign(const char *path, bool piped, const uint8_t *at, size_t n, struct nsc_error *error);

#endif
