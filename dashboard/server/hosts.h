/* SPDX-License-Identifier: MIT
 *
 * TCP of single hosts over time: from when somebody asks for one first, until nobody has asked for an hour. Meanwhile
 * workers count it apart (netscope/hosts.h), and are asked once a second for what it has come to. There are
 * NSC_HOSTS_MAX places; when all are taken, that of the host asked for longest ago is given away, but none that was
 * asked for within the last minute.
 *
 * Time is an argument: ns of any clock that only goes on, > 0. Thread: one. Allocates, blocks: never.
 */
#ifndef DASHBOARD_HOSTS_H
#define DASHBOARD_HOSTS_H

#include "dashboard/server/history.h"

#define NSC_HOST_EVERY_NS NSC_NS_PER_SEC           /* between two questions */
#define NSC_HOST_STAYS_NS (60 * NSC_NS_PER_SEC)    /* asked for so recently, it keeps its place */
#define NSC_HOST_FORGET_NS (3600 * NSC_NS_PER_SEC) /* not asked for so long, it is followed no more */

struct nsc_host_kept {
	uint8_t addr[16];   /* as in struct nsc_host */
	uint8_t ip_version; /* 0: the place is free */
	uint32_t number;    /* of the place's host: no two hosts of a run have the same */
	uint64_t asked_ns;
	struct nsc_history history;
	struct nsc_host_rings rings;
};

struct nsc_hosts_kept {   /* zero at first */
	uint32_t newest;  /* number given last */
	uint32_t without; /* values that this run does not know, by bit: as in struct nsc_history */
	struct nsc_host_kept host[NSC_HOSTS_MAX];
};

/* An address in `text`, which ends with a NUL. False: it is none. */
bool nsc_host_parse(const char *text, uint8_t addr[16], uint8_t *ip_version);

/* The place of a host, which is followed from now on; NULL: all places are taken. */
struct nsc_host_kept *nsc_hosts_ask(struct nsc_hosts_kept *hosts, const uint8_t addr[16], uint8_t ip_version,
				    uint64_t now_ns);

/* Forgets hosts that nobody asks for. True: some are followed. */
bool nsc_hosts_tidy(struct nsc_hosts_kept *hosts, uint64_t now_ns);

/* What a worker is asked. */
void nsc_hosts_question(const struct nsc_hosts_kept *hosts, struct nsc_hosts *question);

/* What `n` >= 1 workers have answered, at end_ns of the engine's clock. A host that one of them does not count yet, or
 * whose place was given away, is left for the next time. */
void nsc_hosts_take(struct nsc_hosts_kept *hosts, const struct nsc_hosts *const *answer, uint32_t n, uint64_t end_ns,
		    uint64_t offset_ns);

#endif
