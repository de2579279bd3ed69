/* SPDX-License-Identifier: MIT */
#include "tools/peers/peer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- opening ---------------------------------------------------------------------------------- */

/* Headers are counted, because libcurl keeps all of them. */
static size_t peer_take_head(char *data, size_t one, size_t n, void *context)
{
	struct nsc_peer *peer = context;

	peer->head += one * n;
	return peer->head > NSC_PEERS_HEAD_MAX ? 0 : one * n;
}

static int peer_log_in(struct nsc_peer *peer, const char *url, struct nsc_logins *logins, struct nsc_error *error)
{
	const struct nsc_login *login = nsc_logins_find(logins, url);

	if (!login)
		return 0;
	peer->name = strdup(login->name);
	if (!peer->name)
		return nsc_fail(error, -ENOMEM, "no memory for the connection to %.200s", url);
	return nsc_curl_server_login(&peer->server, peer->name, login->password, error);
}

static int peer_open_handle(struct nsc_peer *peer, struct nsc_error *error)
{
	char url[NSC_CURL_URL + 32];

	peer->easy = nsc_curl_handle(&peer->server, "netscope");
	if (!peer->easy)
		return nsc_fail(error, -ENOMEM, "no memory for the connection to %.200s", peer->server.url);
	snprintf(url, sizeof(url), "%s/api/v1/summary", peer->server.url);
	nsc_curl.easy_setopt(peer->easy, CURLOPT_URL, url);
	nsc_curl.easy_setopt(peer->easy, CURLOPT_TIMEOUT_MS, (long)NSC_PEERS_ANSWER_MS);
	nsc_curl.easy_setopt(peer->easy, CURLOPT_ERRORBUFFER, peer->failure);
	nsc_curl.easy_setopt(peer->easy, CURLOPT_WRITEFUNCTION, nsc_curl_take);
	nsc_curl.easy_setopt(peer->easy, CURLOPT_WRITEDATA, &peer->body);
	nsc_curl.easy_setopt(peer->easy, CURLOPT_HEADERFUNCTION, peer_take_head);
	nsc_curl.easy_setopt(peer->easy, CURLOPT_HEADERDATA, peer);
	nsc_curl.easy_setopt(peer->easy, CURLOPT_PRIVATE, peer);
	return 0;
}

static void peer_told_init(struct nsc_peer_told *told)
{
	*told = (struct nsc_peer_told){ .state = NSC_PEER_ASKING, .took_ms = NAN, .elapsed = NAN, .tick_end = NAN };
	told->pps = told->bps = told->flows = told->alerts = told->drops = NAN;
	told->received = told->lost = told->borders = NAN;
}

int nsc_peer_open(struct nsc_peer *peer, const char *url, struct nsc_logins *logins, const char *certificates,
		  struct nsc_error *error)
{
	const struct nsc_curl_asked asked = { .command = "--web-peers",
					      .option = "--web-peers",
					      .example = "a dashboard, as in http://127.0.0.1:8080",
					      .url = url,
					      .user = "",
					      .user_option = "--web-peers-pass-file",
					      .password_option = "--web-peers-pass-file",
					      .certificates = certificates };
	int status;

	*peer = (struct nsc_peer){ .body.most = NSC_PEERS_BODY_MAX };
	peer_told_init(&peer->told);
	status = nsc_curl_server_open(&peer->server, &asked, error);
	if (status == -EHOSTUNREACH) { /* the others are asked all the same */
		nsc_logins_find(logins, url);
		peer->told.state = NSC_PEER_UNKNOWN_HOST;
		snprintf(peer->told.why, sizeof(peer->told.why),
			 "this name had no address when netscope began; names are looked up once");
		return 0;
	}
	if (!status)
		status = peer_log_in(peer, url, logins, error);
	return status ? status : peer_open_handle(peer, error);
}

void nsc_peer_close(struct nsc_peer *peer)
{
	if (peer->easy)
		nsc_curl.easy_cleanup(peer->easy);
	nsc_curl_server_close(&peer->server);
	free(peer->body.text);
	free(peer->name);
}

/* --- asking ----------------------------------------------------------------------------------- */

void nsc_peer_ask(struct nsc_peer *peer, CURLM *multi, uint64_t now_ns)
{
	peer->body.length = peer->head = 0;
	peer->failure[0] = '\0';
	peer->asked_ns = now_ns;
	peer->under_way = !nsc_curl.multi_add_handle(multi, peer->easy);
}

uint64_t nsc_peer_pause_ns(const struct nsc_peer *peer, bool often)
{
	bool hopeless = peer->told.state == NSC_PEER_PASSWORD || peer->told.state == NSC_PEER_CERTIFICATE;
	uint64_t ms = hopeless ? NSC_PEERS_AGAIN_MS : often ? NSC_PEERS_EACH_MS : NSC_PEERS_REST_MS;

	return ms * 1000000;
}

/* --- answers ---------------------------------------------------------------------------------- */

static bool peer_is_connected(const struct nsc_peer *peer)
{
	curl_off_t connected = 0;

	nsc_curl.easy_getinfo(peer->easy, CURLINFO_CONNECT_TIME_T, &connected);
	return connected > 0;
}

static enum nsc_peer_state peer_state_of(const struct nsc_peer *peer, CURLcode code)
{
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return peer_is_connected(peer) ? NSC_PEER_SLOW : NSC_PEER_GONE;
	case CURLE_PEER_FAILED_VERIFICATION:
		return NSC_PEER_CERTIFICATE;
	case CURLE_WRITE_ERROR:
		return NSC_PEER_TOO_LARGE;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return NSC_PEER_STRANGER;
	default:
		return NSC_PEER_GONE;
	}
}

static void peer_judge_failure(const struct nsc_peer *peer, CURLcode code, struct nsc_peer_told *told)
{
	enum nsc_peer_state state = peer_state_of(peer, code);

	/* a wrong password is answered late */
	if (state == NSC_PEER_SLOW && told->state == NSC_PEER_PASSWORD)
		return;
	told->state = state;
	if (state == NSC_PEER_TOO_LARGE && peer->head > NSC_PEERS_HEAD_MAX)
		snprintf(told->why, sizeof(told->why), "the head of its answer is larger than %d KiB",
			 NSC_PEERS_HEAD_MAX >> 10);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		snprintf(told->why, sizeof(told->why), "no %s within %d s",
			 state == NSC_PEER_SLOW ? "whole answer" : "connection", NSC_PEERS_ANSWER_MS / 1000);
	else
		nsc_curl_explain(peer->easy, code, peer->failure, NSC_PEERS_BODY_MAX, told->why, sizeof(told->why));
}

static void peer_judge_status(const struct nsc_peer *peer, long status, struct nsc_peer_told *told)
{
	char sentence[NSC_TOP_NAME] = "";

	if (status == 401) {
		told->state = NSC_PEER_PASSWORD;
		snprintf(told->why, sizeof(told->why), "%s",
			 peer->name ? "name or password is wrong"
				    : "it wants a name and a password: --web-peers-pass-file");
		return;
	}
	told->state = NSC_PEER_REFUSED;
	if (status == 404 || (status >= 300 && status < 400)) {
		told->state = NSC_PEER_STRANGER;
		snprintf(told->why, sizeof(told->why), "%s",
			 status == 404 ? "it has no /api/v1/summary" : "it points elsewhere, which is not followed");
	} else if (nsc_top_read_error(sentence, peer->body.length ? peer->body.text : "", peer->body.length)) {
		snprintf(told->why, sizeof(told->why), "%s", sentence);
	} else {
		snprintf(told->why, sizeof(told->why), "it answers with status %ld", status);
	}
}

#define COPY(to, from) snprintf(to, sizeof(to), "%.*s", (int)sizeof(to) - 1, from)

static void peer_take_numbers(struct nsc_peer_told *told, const struct nsc_top_numbers *n)
{
	COPY(told->version, n->version);
	COPY(told->boot_id, n->boot_id);
	COPY(told->sensor, n->sensor);
	COPY(told->source, n->source);
	COPY(told->input, n->input);
	COPY(told->run_state, n->state);
	COPY(told->run_text, n->state_text);
	COPY(told->unbalanced, n->unbalanced);
	told->live = n->live;
	told->balanced = n->balanced;
	told->elapsed = n->elapsed;
	told->tick_end = n->tick_end;
	told->pps = n->pps;
	told->bps = n->bps;
	told->flows = n->flows;
	told->alerts = n->alerts;
	told->drops = n->drops;
	told->received = n->received;
	told->lost = n->lost;
	told->borders = n->borders;
	told->losses = told->limits = 0;
	for (uint32_t i = 0; i < n->n_losses; i++)
		*(n->loss[i].is_loss ? &told->losses : &told->limits) += n->loss[i].count > 0;
}

void nsc_peer_judge(struct nsc_peer *peer, CURLcode code, struct nsc_top_numbers *numbers, uint64_t now_ns,
		    struct nsc_peer_told *told)
{
	struct nsc_error error;
	long status = 0;

	if (code) {
		peer_judge_failure(peer, code, told);
		return;
	}
	nsc_curl.easy_getinfo(peer->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		peer_judge_status(peer, status, told);
		return;
	}
	nsc_top_numbers_init(numbers);
	if (nsc_top_read_summary(numbers, peer->body.length ? peer->body.text : "", peer->body.length, &error)) {
		told->state = NSC_PEER_STRANGER;
		COPY(told->why, error.text);
		return;
	}
	told->state = NSC_PEER_OK;
	told->why[0] = '\0';
	told->answered_ns = now_ns;
	told->took_ms = (double)(now_ns - peer->asked_ns) / 1e6;
	peer_take_numbers(told, numbers);
}
