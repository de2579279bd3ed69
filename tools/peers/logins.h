/* SPDX-License-Identifier: MIT
 *
 * Names and passwords of other sensors, out of a file: `URL NAME PASSWORD` in each line. A line whose URL is `*` holds
 * for all that have none of their own. The password is the rest of the line. Empty lines and those that begin with `#`
 * say nothing.
 *
 * Thread: control. Blocks: open, on the file.
 */
#ifndef TOOLS_PEERS_LOGINS_H
#define TOOLS_PEERS_LOGINS_H

#include "netscope/error.h"

enum { NSC_LOGINS_MAX = 64, NSC_LOGINS_TEXT = 32 << 10 };

struct nsc_login {
	const char *url, *name, *password;
	bool used;
};

struct nsc_logins {
	char *text; /* owned: what the rest points into; NULL: there is no file */
	uint32_t n;
	struct nsc_login login[NSC_LOGINS_MAX];
};

/* `path` "": no logins. 0, or -errno and one sentence: a file that others can read, a line that is none. Close it in
 * any case. */
int nsc_logins_open(struct nsc_logins *logins, const char *path, struct nsc_error *error);
void nsc_logins_close(struct nsc_logins *logins);

/* That of the sensor at `url`, else that of `*`, else NULL. Notes that it is of use. */
const struct nsc_login *nsc_logins_find(struct nsc_logins *logins, const char *url);

/* The first one that was never of use; NULL: there is none. */
const struct nsc_login *nsc_logins_unused(const struct nsc_logins *logins);

#endif
