/* SPDX-License-Identifier: MIT
 *
 * A file of any size as memory of our own: libmaxminddb maps what it is given, and a file that somebody truncates in
 * place is a SIGBUS in whoever has mapped it. The copy is sealed: nobody can change it.
 *
 * Thread: control.
 */
#ifndef NETSCOPE_BASE_GEO_COPY_H
#define NETSCOPE_BASE_GEO_COPY_H

#include "netscope/error.h"

/* The descriptor of the copy, to be closed by the caller; or -errno and one sentence that names the file. A file that
 * does not end as an MMDB file does is refused before it is copied, a pipe after it. */
int nsc_geo_copy(const char *path, struct nsc_error *error);

#endif
