/* SPDX-License-Identifier: MIT
 *
 * One other sensor: how it is asked, and what its answers come to.
 *
 * Thread: open and close control, then the thread of peers.c. Allocates: at open; an answer's body, kept for the next.
 */
#ifndef TOOLS_PEERS_PEER_H
#define TOOLS_PEERS_PEER_H

#include "tools/peers/logins.h"
#include "tools/peers/peers.h"
#include "tools/top/curl.h"
#include "tools/top/model.h"

enum nsc_peer_state {
	NSC_PEER_ASKING, /* no answer yet, and no failure */
	NSC_PEER_OK,
	NSC_PEER_SLOW,        /* connected, and no answer in time */
	NSC_PEER_GONE,        /* no connection */
	NSC_PEER_CERTIFICATE, /* not trusted */
	NSC_PEER_PASSWORD,    /* none, or a wrong one */
	NSC_PEER_REFUSED,     /* another status than 200 */
	NSC_PEER_STRANGER,    /* no NetScope, or one of another protocol */
	NSC_PEER_TOO_LARGE,
	NSC_PEER_UNKNOWN_HOST, /* never asked */
	NSC_PEER_STATES
};

/* What is shown; under the mutex of peers.c once the thread runs. */
struct nsc_peer_told {
	enum nsc_peer_state state;
	char why[NSC_TOP_NAME]; /* one sentence, unless OK or ASKING */
	uint64_t answered_ns;   /* CLOCK_MONOTONIC of the newest good answer; 0 = never */
	double took_ms;         /* it */
	/* out of it */
	char version[NSC_TOP_WORD], boot_id[NSC_TOP_WORD], sensor[NSC_TOP_END], source[NSC_TOP_WORD],
		input[NSC_TOP_NAME];
	char run_state[NSC_TOP_WORD], run_text[NSC_TOP_SENTENCE], unbalanced[NSC_TOP_NAME];
	bool live, balanced;
	double elapsed, tick_end, pps, bps, flows, alerts, drops, received, lost, borders;
	uint32_t losses, limits; /* counters of these classes that are not 0 */
};

struct nsc_peer {
	struct nsc_curl_server server;
	char *name; /* of its login, owned; NULL: none */
	CURL *easy; /* NULL: it is not asked */
	struct nsc_curl_body body;
	char failure[CURL_ERROR_SIZE];
	size_t head; /* bytes of the head of the answer under way */
	bool under_way;
	uint64_t asked_ns, due_ns;
	struct nsc_peer_told told;
};

/* `url` is one of the list; `logins` may lend a name and a password. 0, or -errno and one sentence. Close it in any
 * case. */
int nsc_peer_open(struct nsc_peer *peer, const char *url, struct nsc_logins *logins, const char *certificates,
		  struct nsc_error *error);
void nsc_peer_close(struct nsc_peer *peer);

/* Asks it: the handle goes into `multi`. */
void nsc_peer_ask(struct nsc_peer *peer, CURLM *multi, uint64_t now_ns);

/* The request has ended with `code`: what is told from now on. `numbers` is room to read the answer into. */
void nsc_peer_judge(struct nsc_peer *peer, CURLcode code, struct nsc_top_numbers *numbers, uint64_t now_ns,
		    struct nsc_peer_told *told);

/* How long after it was asked it is asked again: `often` while somebody looks. */
uint64_t nsc_peer_pause_ns(const struct nsc_peer *peer, bool often);

/* show.c: its object in /api/v1/peers. */
void nsc_peer_show(const struct nsc_peer *peer, uint64_t now_ns, struct nsc_json *json);

#endif
