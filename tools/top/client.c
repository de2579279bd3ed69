/* SPDX-License-Identifier: MIT
 *
 * libcurl's multi interface. Proxies, redirects and other protocols than HTTP are off, whatever the environment says.
 */
#include "tools/top/client.h"

#include "engine/text/number.h"
#include "tools/top/curl.h"
#include "tools/top/model.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WAITED_MAX = 4,
	ANSWER_MS = 10000,
	QUERY_MS = 60000, /* a large table is searched beside the packets */
};

struct asked {
	CURL *easy;
	bool under_way;
	struct nsc_curl_body body;
	char failure[CURL_ERROR_SIZE];
};

struct nsc_top_client {
	CURLM *multi;
	struct asked asked[NSC_TOP_QUESTIONS];
	struct nsc_curl_server server;
};

static const char *const paths[NSC_TOP_QUESTIONS] = {
	[NSC_TOP_SUMMARY] = "summary",
	[NSC_TOP_CORES] = "cores",
	[NSC_TOP_QUERY] = "flows",
};

/* --- handles ---------------------------------------------------------------------------------- */

static CURL *client_handle(struct nsc_top_client *client, enum nsc_top_question question)
{
	struct asked *asked = &client->asked[question];
	CURL *easy = nsc_curl_handle(&client->server, "netscope top");

	if (!easy)
		return NULL;
	asked->body.most = NSC_TOP_BODY_MAX;
	nsc_curl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, question == NSC_TOP_QUERY ? (long)QUERY_MS : (long)ANSWER_MS);
	nsc_curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, asked->failure);
	nsc_curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, nsc_curl_take);
	nsc_curl.easy_setopt(easy, CURLOPT_WRITEDATA, &asked->body);
	nsc_curl.easy_setopt(easy, CURLOPT_PRIVATE, asked);
	return easy;
}

static int client_open_handles(struct nsc_top_client *client, struct nsc_error *error)
{
	bool all = true;

	client->multi = nsc_curl.multi_init();
	for (unsigned i = 0; i < NSC_TOP_QUESTIONS; i++)
		all &= (client->asked[i].easy = client_handle(client, i)) != NULL;
	return client->multi && all ? 0 : nsc_fail(error, -ENOMEM, "no memory for the connection to the sensor");
}

int nsc_top_client_open(struct nsc_top_client **client, const struct nsc_top_server *server, struct nsc_error *error)
{
	struct nsc_top_client *opened;
	const struct nsc_curl_asked asked = { .command = "netscope top",
					      .option = "--url",
					      .example = "a dashboard, as in http://127.0.0.1:8080",
					      .url = server->url,
					      .user = server->user,
					      .user_option = "--web-auth-user",
					      .password_file = server->password_file,
					      .password_option = "--web-auth-pass-file",
					      .certificates = server->certificates };
	int status = nsc_curl_load(asked.command, error);

	*client = NULL;
	if (status)
		return status;
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return nsc_fail(error, -ENOMEM, "no memory for the connection to the sensor");
	status = nsc_curl_server_open(&opened->server, &asked, error);
	if (!status)
		status = client_open_handles(opened, error);
	if (status)
		nsc_top_client_close(opened);
	else
		*client = opened;
	return status;
}

void nsc_top_client_close(struct nsc_top_client *client)
{
	if (!client)
		return;
	for (unsigned i = 0; i < NSC_TOP_QUESTIONS; i++) {
		nsc_top_client_drop(client, i);
		if (client->asked[i].easy)
			nsc_curl.easy_cleanup(client->asked[i].easy);
		free(client->asked[i].body.text);
	}
	if (client->multi)
		nsc_curl.multi_cleanup(client->multi);
	nsc_curl_server_close(&client->server);
	free(client);
}

const char *nsc_top_client_url(const struct nsc_top_client *client)
{
	return client->server.url;
}

uint16_t nsc_top_client_port(const struct nsc_top_client *client)
{
	return client->server.port;
}

/* --- questions and answers -------------------------------------------------------------------- */

void nsc_top_client_drop(struct nsc_top_client *client, enum nsc_top_question question)
{
	struct asked *asked = &client->asked[question];

	if (asked->under_way)
		nsc_curl.multi_remove_handle(client->multi, asked->easy);
	asked->under_way = false;
}

bool nsc_top_client_asks(const struct nsc_top_client *client, enum nsc_top_question question)
{
	return client->asked[question].under_way;
}

void nsc_top_client_ask(struct nsc_top_client *client, enum nsc_top_question question, const char *query)
{
	struct asked *asked = &client->asked[question];
	char url[NSC_TOP_URL + NSC_TOP_PATH];

	nsc_top_client_drop(client, question);
	snprintf(url, sizeof(url), "%s/api/v1/%s%s%s", client->server.url, paths[question], query[0] ? "?" : "", query);
	nsc_curl.easy_setopt(asked->easy, CURLOPT_URL, url);
	asked->body.length = 0;
	asked->failure[0] = '\0';
	asked->under_way = !nsc_curl.multi_add_handle(client->multi, asked->easy);
}

void nsc_top_client_encode(char *query, size_t size, const char *text)
{
	size_t used = strlen(query);

	for (; *text && used + 4 <= size; text++) {
		query[used++] = '%';
		*nsc_format_hex(query + used, (uint8_t)*text) = '\0';
		used += 2;
	}
}

static int client_under_way(const struct nsc_top_client *client)
{
	int n = 0;

	for (unsigned i = 0; i < NSC_TOP_QUESTIONS; i++)
		n += client->asked[i].under_way;
	return n;
}

/* What has ended already, as a connection that is refused at once, is not waited for. */
void nsc_top_client_wait(struct nsc_top_client *client, struct pollfd *fds, unsigned n, int timeout_ms)
{
	struct curl_waitfd waited[WAITED_MAX];
	int running = 0;

	for (unsigned i = 0; i < n; i++)
		waited[i] = (struct curl_waitfd){ .fd = fds[i].fd, .events = CURL_WAIT_POLLIN };
	nsc_curl.multi_perform(client->multi, &running);
	if (running < client_under_way(client))
		timeout_ms = 0;
	nsc_curl.multi_poll(client->multi, waited, n, timeout_ms, NULL);
	nsc_curl.multi_perform(client->multi, &running);
	poll(fds, n, 0); /* libcurl does not tell of hang-ups */
}

static void client_explain_status(const struct nsc_top_client *client, struct nsc_top_answer *answer)
{
	char sentence[NSC_TOP_NAME];
	bool said = nsc_top_read_error(sentence, answer->text, answer->length);

	answer->hopeless = answer->status == 401 || answer->status == 403 || answer->status == 404;
	if (answer->status == 401 && client->server.user)
		snprintf(answer->why, NSC_TOP_WHY, "name or password is wrong");
	else if (answer->status == 401)
		snprintf(answer->why, NSC_TOP_WHY,
			 "a name and a password are wanted: --web-auth-user, --web-auth-pass-file");
	else if (said)
		snprintf(answer->why, NSC_TOP_WHY, "%s", sentence);
	else
		snprintf(answer->why, NSC_TOP_WHY, "it answers with status %d", answer->status);
}

bool nsc_top_client_next(struct nsc_top_client *client, struct nsc_top_answer *answer)
{
	CURLMsg *message;
	struct asked *asked = NULL;
	long status = 0;
	CURLcode code;
	int left;

	do {
		message = nsc_curl.multi_info_read(client->multi, &left);
		if (!message)
			return false;
	} while (message->msg != CURLMSG_DONE);
	code = message->data.result;
	nsc_curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &asked);
	if (!code)
		nsc_curl.easy_getinfo(asked->easy, CURLINFO_RESPONSE_CODE, &status);
	nsc_top_client_drop(client, (enum nsc_top_question)(asked - client->asked));
	*answer = (struct nsc_top_answer){ .question = (enum nsc_top_question)(asked - client->asked),
					   .status = (int)status,
					   .text = asked->body.length ? asked->body.text : "",
					   .length = asked->body.length,
					   .hopeless = code == CURLE_PEER_FAILED_VERIFICATION };
	if (code)
		nsc_curl_explain(asked->easy, code, asked->failure, NSC_TOP_BODY_MAX, answer->why, NSC_TOP_WHY);
	else if (status != 200)
		client_explain_status(client, answer);
	return true;
}
