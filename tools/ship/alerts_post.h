/* SPDX-License-Identifier: MIT
 *
 * One POST of JSON after the other to one address: what destinations of alerts that speak HTTP have in common.
 *
 * Thread: open and close on control, the rest on the owner's. Allocates: in libcurl. Blocks: send, for at most 15 s.
 */
#ifndef TOOLS_SHIP_ALERTS_POST_H
#define TOOLS_SHIP_ALERTS_POST_H

#include "tools/ship/destination.h"
#include "tools/top/curl.h"

enum { NSC_ALERTS_POST_ANSWER = 256 };

struct nsc_alerts_post {
	struct nsc_curl_server server;
	CURL *easy;
	char url[2 * NSC_CURL_URL]; /* with the path: it may hold a secret, and is in no sentence */
	const char *name;           /* for sentences: borrowed */
	char failure[CURL_ERROR_SIZE], answer[NSC_ALERTS_POST_ANSWER];
	size_t length;
};

/* `url` is that of --to, whose scheme is `before` ("webhook+") and then http or https; `after` is put behind it.
 * `token_file` as in nsc_curl_asked. `shown` gets what sentences call it: a hash stands for path and query. 0, or
 * -errno and one sentence. Close it in any case. */
int nsc_alerts_post_open(struct nsc_alerts_post *post, const char *url, const char *before, const char *after,
			 const char *token_file, const struct nsc_settings *settings, char shown[NSC_DESTINATION_URL],
			 struct nsc_error *error);
void nsc_alerts_post_close(struct nsc_alerts_post *post);

/* `key`: of the header Idempotency-Key; NULL = no such header. NSC_SHIP_NEVER: the receiver says that this body is none
 * that it will take (400, 413, 415 or 422). Anything but that and 2xx may go better later. */
enum nsc_ship_verdict nsc_alerts_post_send(struct nsc_alerts_post *post, const char *body, size_t length,
					   const char *key, struct nsc_error *error);

/* Whether somebody is there, by a request that changes nothing, and a line to `out` unless it is NULL. `get`: of GET,
 * which 200 must answer; else of HEAD, which a receiver may not know. 0; -EINVAL: it wants another token or path;
 * -errno; each with one sentence. Nothing is sent afterwards. */
int nsc_alerts_post_check(struct nsc_alerts_post *post, bool get, FILE *out, struct nsc_error *error);

#endif
