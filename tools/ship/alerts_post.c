/* SPDX-License-Identifier: MIT */
#include "tools/ship/alerts_post.h"

#include "engine/text/escape.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 10000, IDLE_S = 2 };

static size_t post_take(char *data, size_t one, size_t n, void *context)
{
	struct nsc_alerts_post *post = context;
	size_t fits = NSC_MIN(n, sizeof(post->answer) - 1 - post->length);

	memcpy(post->answer + post->length, data, fits);
	post->length += fits;
	post->answer[post->length] = '\0';
	return n * one; /* the rest is of no use */
}

int nsc_alerts_post_open(struct nsc_alerts_post *post, const char *url, const char *before, const char *after,
			 const char *token_file, const struct nsc_settings *settings, char shown[NSC_DESTINATION_URL],
			 struct nsc_error *error)
{
	const struct nsc_curl_asked asked = { .command = "netscope ship",
					      .option = "--to",
					      .example = "a receiver, as in webhook+https://hooks.example:443",
					      .url = url + strlen(before),
					      .paths = true,
					      .user = "",
					      .user_option = "--to-webhook-token",
					      .password_option = "--to-alertmanager-token",
					      .token_file = token_file,
					      .certificates = settings->ship.certificates };
	char id[NSC_SEGMENT_TAKER];
	int status = nsc_curl_load(asked.command, error);

	if (!status)
		status = nsc_curl_server_open(&post->server, &asked, error);
	if (status)
		return status;
	snprintf(post->url, sizeof(post->url), "%s%s%s", post->server.url, post->server.path, after);
	nsc_queue_taker_id(id, post->server.path);
	snprintf(shown, NSC_DESTINATION_URL, "%s%.400s%s%s", before, post->server.url,
		 post->server.path[0] ? "/..." : "", post->server.path[0] ? id : "");
	post->name = shown;
	post->easy = nsc_curl_handle(&post->server, "netscope ship");
	if (!post->easy)
		return nsc_fail(error, -ENOMEM, "no memory for the connection to %.200s", shown);
	nsc_curl.easy_setopt(post->easy, CURLOPT_URL, post->url);
	nsc_curl.easy_setopt(post->easy, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	nsc_curl.easy_setopt(post->easy, CURLOPT_MAXAGE_CONN, (long)IDLE_S);
	nsc_curl.easy_setopt(post->easy, CURLOPT_ERRORBUFFER, post->failure);
	nsc_curl.easy_setopt(post->easy, CURLOPT_WRITEFUNCTION, post_take);
	nsc_curl.easy_setopt(post->easy, CURLOPT_WRITEDATA, post);
	nsc_curl.easy_setopt(post->easy, CURLOPT_POST, 1L);
	return 0;
}

void nsc_alerts_post_close(struct nsc_alerts_post *post)
{
	if (post->easy)
		nsc_curl.easy_cleanup(post->easy);
	if (nsc_curl.slist_free_all)
		nsc_curl_server_close(&post->server);
}

static int post_fail_to_connect(const struct nsc_alerts_post *post, CURLcode code, struct nsc_error *error)
{
	return nsc_fail(error, -EIO, "%.200s: %.200s", post->name,
			post->failure[0] ? post->failure : nsc_curl.easy_strerror(code));
}

int nsc_alerts_post_check(struct nsc_alerts_post *post, bool get, FILE *out, struct nsc_error *error)
{
	CURLcode code;
	long status = 0;

	nsc_curl.easy_setopt(post->easy, get ? CURLOPT_HTTPGET : CURLOPT_NOBODY, 1L);
	code = nsc_curl.easy_perform(post->easy);
	if (code)
		return post_fail_to_connect(post, code, error);
	nsc_curl.easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
	if (get ? status != 200 : status == 401 || status == 403 || status == 404)
		return nsc_fail(error, -EINVAL, "%.200s: status %ld", post->name, status);
	if (out)
		fprintf(out, "%s: is there\n", post->name);
	return 0;
}

static bool post_is_refused(long status)
{
	return status == 400 || status == 413 || status == 415 || status == 422;
}

static enum nsc_ship_verdict post_fail(struct nsc_alerts_post *post, long status, struct nsc_error *error)
{
	char said[NSC_ALERTS_POST_ANSWER];

	post->answer[strcspn(post->answer, "\r\n")] = '\0';
	nsc_escape_terminal(post->answer, said, sizeof(said));
	nsc_fail(error, 1, "%.200s: status %ld: %.200s", post->name, status, said[0] ? said : "nothing more");
	return post_is_refused(status) ? NSC_SHIP_NEVER : NSC_SHIP_AGAIN;
}

enum nsc_ship_verdict nsc_alerts_post_send(struct nsc_alerts_post *post, const char *body, size_t length,
					   const char *key, struct nsc_error *error)
{
	struct curl_slist *headers = nsc_curl.slist_append(NULL, "Expect:");
	char header[256];
	CURLcode code;
	long status = 0;

	headers = nsc_curl.slist_append(headers, "Content-Type: application/json");
	snprintf(header, sizeof(header), "Idempotency-Key: %s", key ? key : "");
	if (key)
		headers = nsc_curl.slist_append(headers, header);
	post->length = 0;
	post->answer[0] = post->failure[0] = '\0';
	nsc_curl.easy_setopt(post->easy, CURLOPT_HTTPHEADER, headers);
	nsc_curl.easy_setopt(post->easy, CURLOPT_POSTFIELDS, body);
	nsc_curl.easy_setopt(post->easy, CURLOPT_POSTFIELDSIZE, (long)length);
	code = nsc_curl.easy_perform(post->easy);
	nsc_curl.easy_setopt(post->easy, CURLOPT_HTTPHEADER, NULL);
	nsc_curl.slist_free_all(headers);
	if (code) {
		post_fail_to_connect(post, code, error);
		return NSC_SHIP_AGAIN;
	}
	nsc_curl.easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
	return status / 100 == 2 ? NSC_SHIP_DONE : post_fail(post, status, error);
}
