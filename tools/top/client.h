/* SPDX-License-Identifier: MIT
 *
 * Questions to a sensor's /api/v1 over HTTP, several at once, without waiting: one question of each kind is under way
 * at a time. libcurl does it, and is loaded here: a capture never has it in its memory (docs/decisions/0027).
 *
 * The files, names and addresses that it needs are read by nsc_top_client_open; later it only connects.
 *
 * Thread: one owner. Blocks: open, on files and the resolver; nsc_top_client_wait.
 */
#ifndef TOOLS_TOP_CLIENT_H
#define TOOLS_TOP_CLIENT_H

#include "netscope/error.h"

struct nsc_top_client;

enum nsc_top_question { NSC_TOP_SUMMARY, NSC_TOP_CORES, NSC_TOP_QUERY, NSC_TOP_QUESTIONS };

enum { NSC_TOP_BODY_MAX = 32 << 20, NSC_TOP_URL = 512, NSC_TOP_PATH = 4096, NSC_TOP_WHY = 512 };

struct nsc_top_server {
	const char *url;           /* "http://127.0.0.1:8080", with or without "http://" */
	const char *user;          /* "": no name and no password */
	const char *password_file; /* its first line */
	const char *certificates;  /* PEM that is trusted; "": what this system trusts */
};

struct nsc_top_answer {
	enum nsc_top_question question;
	int status;       /* of HTTP; 0: there was no answer */
	const char *text; /* the body; until the next call of the client */
	size_t length;
	char why[NSC_TOP_WHY]; /* one sentence without a full stop, unless status is 200 */
	bool hopeless;         /* another try will not go better: name, password, certificate */
};

/* 0, or -errno and one sentence: no libcurl, no such URL, host or file, a password that would cross a network in the
 * clear. Close it with nsc_top_client_close; *client is NULL after a failure. */
int nsc_top_client_open(struct nsc_top_client **client, const struct nsc_top_server *server, struct nsc_error *error);
void nsc_top_client_close(struct nsc_top_client *client);

/* "http://127.0.0.1:8080", for a person. */
const char *nsc_top_client_url(const struct nsc_top_client *client);
uint16_t nsc_top_client_port(const struct nsc_top_client *client);

/* Asks; a question of this kind that is under way is dropped. `query`: what stands behind the "?", or "". */
void nsc_top_client_ask(struct nsc_top_client *client, enum nsc_top_question question, const char *query);
void nsc_top_client_drop(struct nsc_top_client *client, enum nsc_top_question question);
bool nsc_top_client_asks(const struct nsc_top_client *client, enum nsc_top_question question);

/* Appends `text` percent-encoded to a query of room `size`; what does not fit is cut. */
void nsc_top_client_encode(char *query, size_t size, const char *text);

struct pollfd;
/* Until an answer moved on, one of fds[0..n) (n <= 4) has an event, or the time is over; sets their revents. */
void nsc_top_client_wait(struct nsc_top_client *client, struct pollfd *fds, unsigned n, int timeout_ms);

/* The next answer that is whole, or failed; false when there is none. */
bool nsc_top_client_next(struct nsc_top_client *client, struct nsc_top_answer *answer);

#endif
