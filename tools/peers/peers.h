/* SPDX-License-Identifier: MIT
 *
 * Other sensors: one thread asks each of them for /api/v1/summary over HTTP and keeps what it last said, for whoever
 * shows it. All are asked at once; nobody waits for them. What they say is believed in nothing: an answer has at most
 * NSC_PEERS_BODY_MAX bytes, comes within NSC_PEERS_ANSWER_MS, and is read by tools/top/model.h.
 *
 * Names, files and addresses are read by nsc_peers_open; later there are connections only, to the ports of the peers.
 *
 * Thread: control, unless said otherwise.
 */
#ifndef TOOLS_PEERS_PEERS_H
#define TOOLS_PEERS_PEERS_H

#include "engine/text/json.h"
#include "netscope/error.h"

enum {
	NSC_PEERS_MAX = 64,
	NSC_PEERS_BODY_MAX = 1 << 20,
	NSC_PEERS_HEAD_MAX = 64 << 10,
	NSC_PEERS_ANSWER_MS = 2000,
	NSC_PEERS_EACH_MS = 2000,   /* while somebody looks */
	NSC_PEERS_REST_MS = 30000,  /* else */
	NSC_PEERS_AGAIN_MS = 60000, /* after what will not go better by itself: a password, a certificate */
};

struct nsc_peers;

struct nsc_peers_asked {
	const char *urls;         /* "http://127.0.0.1:8081,https://rack7:8080" */
	const char *logins;       /* a file: logins.h; "": none */
	const char *certificates; /* PEM that is trusted; "": what this system trusts */
};

/* What is wrong with the list, without opening anything: 0, or -EINVAL and one sentence. */
int nsc_peers_check(const char *urls, struct nsc_error *error);

/* 0, or -errno and one sentence: no libcurl, a file that cannot be read, a password that would cross a network in the
 * clear. A name that nobody knows is the peer's state. Close it with nsc_peers_close; *peers is NULL after a failure.
 */
int nsc_peers_open(struct nsc_peers **peers, const struct nsc_peers_asked *asked, struct nsc_error *error);
void nsc_peers_close(struct nsc_peers *peers); /* NULL is allowed */

uint32_t nsc_peers_count(const struct nsc_peers *peers);
uint16_t nsc_peers_port(const struct nsc_peers *peers, uint32_t i); /* 0: it is not asked */

/* Starts the thread. 0 or -errno and one sentence. */
int nsc_peers_start(struct nsc_peers *peers, struct nsc_error *error);

/* The members of /api/v1/peers (docs/web-api.md). From now on they are asked often, for some seconds. Thread: any.
 * Blocks: never for longer than a copy of what is shown takes. */
void nsc_peers_show(struct nsc_peers *peers, struct nsc_json *json);

#endif
