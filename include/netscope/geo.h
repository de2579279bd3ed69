/* SPDX-License-Identifier: MIT
 *
 * Where an address is registered: country and autonomous system, as databases in MMDB format tell it that the user
 * names. One list of databases for the process. The edges ask, writers and dashboard; a worker does only for a filter
 * on places, while it walks over flows.
 *
 * A database is copied into memory of our own when it is opened, so that nothing that happens to its file afterwards
 * can reach the run, and no file is opened later.
 */
#ifndef NETSCOPE_GEO_H
#define NETSCOPE_GEO_H

#include "netscope/error.h"
#include "netscope/flow.h"

#include <string.h>

enum {
	NSC_GEO_FILES_MAX = 8,
	NSC_GEO_ORG_MAX = 96, /* bytes of an organization's name; a longer one is cut between two characters */
};

struct nsc_geo {               /* of one address; what no database knows is 0 */
	const char *as_org;    /* hostile text, without NUL; NULL exactly when its length is 0 */
	uint32_t asn;          /* number of the autonomous system */
	uint8_t as_org_length; /* 0..NSC_GEO_ORG_MAX */
	char country[2];       /* two capital letters, ISO 3166 */
};

/* How many databases are open. Changes only while no other thread asks. */
extern uint32_t nsc_geo_files;

/* Opens one more database. Of several the first that knows a member tells it. 0 or -errno and one sentence, which names
 * the file: what cannot be read, is no MMDB file or a broken one, or has neither countries nor systems.
 * Thread: control, before the others start. Allocates: the file's size. */
int nsc_geo_open(const char *path, struct nsc_error *error);
void nsc_geo_close(void); /* all of them. Thread: control, after the others have ended */

/* Fills `geo` for addr[0..4) (ip_version 4) or addr[0..16) (6), network order. An IPv4 address inside an IPv6 one
 * (::ffff:0:0/96) is looked up as IPv4. Its text stays until nsc_geo_close. All is 0 when no database is open.
 * Thread: any. Allocates: never. Blocks: never. About a microsecond, less for an address that was asked lately. */
void nsc_geo_find(const uint8_t *addr, unsigned ip_version, struct nsc_geo *geo);

/* Both letters in one number; 0 = not known. */
nsc_always_inline uint64_t nsc_geo_country_number(const struct nsc_geo *geo)
{
	return (uint64_t)(uint8_t)geo->country[0] << 8 | (uint8_t)geo->country[1];
}

/* Both endpoints of a flow: [0] is a, [1] is b. The same for the rest. */
nsc_always_inline void nsc_flow_geo(const struct nsc_flow_record *record, struct nsc_geo geo[2])
{
	memset(geo, 0, 2 * sizeof(*geo));
	if (nsc_likely(!nsc_geo_files))
		return;
	nsc_geo_find(record->addr_a, record->ip_version, &geo[0]);
	nsc_geo_find(record->addr_b, record->ip_version, &geo[1]);
}

#endif
