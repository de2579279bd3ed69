/* SPDX-License-Identifier: MIT
 *
 * Links to other tools, from the configuration: a name and a template of an address, "Grafana=https://g.example/d/x?
 * from={from_ms}&var-host={host}". The page puts values in the places in braces, each encoded; here they are looked at
 * and passed on.
 *
 * Thread: any. Allocates, blocks: never.
 */
#ifndef DASHBOARD_LINKS_H
#define DASHBOARD_LINKS_H

#include "engine/text/json.h"
#include "netscope/error.h"

enum {
	NSC_LINKS_MAX = 16,
	NSC_LINK_NAME = 32, /* bytes of a name */
	NSC_LINK_URL = 1024,
};

/* Texts as nsc_path_next has them, each "a,b". 0, or -EINVAL and one sentence. */
int nsc_links_check(const char *links, struct nsc_error *error);

/* "links", an array of objects: "name", "url". Of a text that was checked. */
void nsc_links_show(const char *links, struct nsc_json *json);

#endif
