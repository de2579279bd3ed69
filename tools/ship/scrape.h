/* SPDX-License-Identifier: MIT
 *
 * GET /metrics of `netscope ship`: a few connections, one request each, nothing that can be changed. The dashboard's
 * server belongs to a sensor and its engine; this one answers a text that is there.
 *
 * Thread: one owner. Allocates: an answer for each connection. Blocks: nsc_scrape_wait, as long as it is told to.
 */
#ifndef TOOLS_SHIP_SCRAPE_H
#define TOOLS_SHIP_SCRAPE_H

#include "netscope/error.h"

#include <signal.h>
#include <stdbool.h>

struct nsc_scrape;
struct nsc_buffer;

enum { NSC_SCRAPE_CONNECTIONS = 8, NSC_SCRAPE_REQUEST = 4096, NSC_SCRAPE_PATIENCE_S = 5 };

/* Listens on "ADDRESS:PORT", "[ADDRESS]:PORT" or "PORT" (of 127.0.0.1); 0 is a port that is free. 0; -EINVAL: that is
 * none; -errno; each with one sentence. */
int nsc_scrape_open(struct nsc_scrape **scrape, const char *where, struct nsc_error *error);
void nsc_scrape_close(struct nsc_scrape *scrape); /* NULL is allowed */

const char *nsc_scrape_url(const struct nsc_scrape *scrape);

/* Serves for `ms` milliseconds, or until a signal comes that `mask` lets through. `write` makes the text. With more
 * than NSC_SCRAPE_CONNECTIONS at once the others wait; one that says or reads nothing for NSC_SCRAPE_PATIENCE_S is
 * closed. NULL: waits only. */
void nsc_scrape_wait(struct nsc_scrape *scrape, unsigned ms, const sigset_t *mask,
		     void (*write)(struct nsc_buffer *out, const void *context), const void *context);

#endif
