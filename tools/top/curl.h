/* SPDX-License-Identifier: MIT
 *
 * libcurl, which is loaded by the commands that speak HTTP: a capture never has it in its memory (docs/decisions/0027).
 * And a server that is spoken to: the files, names and addresses that it needs are read by nsc_curl_server_open; later
 * there are connections only.
 *
 * Thread: one. Blocks: load and open, on files and the resolver.
 */
#ifndef TOOLS_TOP_CURL_H
#define TOOLS_TOP_CURL_H

#include "dashboard/server/guard.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#define NSC_CURL_CALLS(X)                                                                                              \
	X(global_init)                                                                                                 \
	X(version_info)                                                                                                \
	X(easy_init)                                                                                                   \
	X(easy_perform)                                                                                                \
	X(easy_setopt)                                                                                                 \
	X(easy_getinfo)                                                                                                \
	X(easy_strerror)                                                                                               \
	X(easy_cleanup)                                                                                                \
	X(multi_init)                                                                                                  \
	X(multi_add_handle)                                                                                            \
	X(multi_remove_handle)                                                                                         \
	X(multi_perform)                                                                                               \
	X(multi_poll)                                                                                                  \
	X(multi_info_read)                                                                                             \
	X(multi_cleanup)                                                                                               \
	X(slist_append)                                                                                                \
	X(slist_free_all)                                                                                              \
	X(url)                                                                                                         \
	X(url_set)                                                                                                     \
	X(url_get)                                                                                                     \
	X(url_cleanup)                                                                                                 \
	X(free)

/* Its functions, by the names that it gives them without "curl_". */
extern struct nsc_curl {
#define NSC_X(name) typeof(&curl_##name) name;
	NSC_CURL_CALLS(NSC_X)
#undef NSC_X
} nsc_curl;

enum { NSC_CURL_URL = 512, NSC_CURL_HOST = 256 };

struct nsc_curl_asked {      /* what a person said; texts of options are for sentences */
	const char *command; /* "netscope top" */
	const char *option;  /* which holds the URL */
	const char *example; /* "a dashboard, as in http://127.0.0.1:8080" */
	const char *url;     /* with or without "http://" */
	bool paths;          /* it may have a path and a query */
	const char *user;    /* "": no name and no password */
	const char *user_option;
	const char *password_file; /* its first line */
	const char *password_option;
	const char *token_file;   /* its first line is a bearer token; NULL or "": none */
	const char *certificates; /* PEM that is trusted; "": what this system trusts */
};

struct nsc_curl_server {
	char url[NSC_CURL_URL], host[NSC_CURL_HOST]; /* "http://127.0.0.1:8080" */
	char path[NSC_CURL_URL];                     /* "/hook?key=1", "": what stood behind the port */
	uint16_t port;
	bool secure, loopback;
	const char *user; /* borrowed; NULL = none */
	char password[NSC_PASSWORD_MAX], token[NSC_PASSWORD_MAX];
	char *certificates;
	size_t certificates_length;
	struct curl_slist *addresses;
};

/* 0, or -errno and one sentence. Again: it is there. */
int nsc_curl_load(const char *command, struct nsc_error *error);

/* 0, or -errno and one sentence: no such URL, host or file, a password that would cross a network in the clear. Close
 * it in any case. */
int nsc_curl_server_open(struct nsc_curl_server *server, const struct nsc_curl_asked *asked, struct nsc_error *error);
void nsc_curl_server_close(struct nsc_curl_server *server);

/* The name and password of all requests: `user` is borrowed. 0, or -EINVAL and one sentence: they would cross a network
 * in the clear. */
int nsc_curl_server_login(struct nsc_curl_server *server, const char *user, const char *password,
			  struct nsc_error *error);

/* A handle for requests to it, without a URL; NULL without memory. */
CURL *nsc_curl_handle(const struct nsc_curl_server *server, const char *agent);

/* --- answers ---------------------------------------------------------------------------------- */

struct nsc_curl_body { /* of one answer; whoever owns it frees `text` */
	char *text;
	size_t length, room, most; /* a longer one ends the request with CURLE_WRITE_ERROR */
};

/* For CURLOPT_WRITEFUNCTION; `context` is the body. */
size_t nsc_curl_take(char *data, size_t one, size_t n, void *context);

/* How a request went that has no answer: one sentence without a full stop. `failure`: of CURLOPT_ERRORBUFFER; `most`:
 * of its body. */
void nsc_curl_explain(CURL *easy, CURLcode code, const char *failure, size_t most, char *why, size_t size);

#endif
