/* SPDX-License-Identifier: MIT
 *
 * What this machine calls a port: its table of services (services(5)), read once. Only the edges ask, writers and
 * dashboard. It is a name for a number, and says nothing about the flow; machines have different tables.
 */
#ifndef NETSCOPE_SERVICES_H
#define NETSCOPE_SERVICES_H

#include "netscope/error.h"
#include "netscope/flow.h"

enum {
	NSC_SERVICE_NAME_MAX = 27,  /* characters; RFC 6335 allows 15. A longer name is left out. */
	NSC_SERVICES_MAX = 1 << 17, /* entries that are read: as many as TCP and UDP have ports */
};

/* How many ports have a name; 0 without a table. Changes only while no other thread asks. */
extern uint32_t nsc_services;

/* Reads the table as getservent(3) gives it: of several names of a port the first one counts. Names that have other
 * characters than letters, digits and `-_.+*`, or begin with none of the first two kinds, are left out: what is kept
 * needs no escape in any output. 0, -ENOENT when there is no name at all, or -ENOMEM; and one sentence.
 * Thread: control, before the others start. Allocates: 5.5 MB, of which only pages with names are touched. */
int nsc_services_open(struct nsc_error *error);
void nsc_services_close(void); /* Thread: control, after the others have ended */

/* The name of the port that serves the flow, as nsc_flow_server_ports says which one that is; NULL when it has none,
 * and of a protocol without ports. Stays until nsc_services_close. O(1)
 * Thread: any. Allocates: never. */
const char *nsc_services_find(const struct nsc_flow_record *record);

nsc_always_inline const char *nsc_flow_service(const struct nsc_flow_record *record)
{
	return nsc_likely(!nsc_services) ? NULL : nsc_services_find(record);
}

#endif
