/* SPDX-License-Identifier: MIT
 *
 * The list of peers, and the thread that asks them with libcurl's multi interface. What is told of them stands under a
 * mutex that nobody holds while it waits.
 */
#include "tools/peers/peers.h"

#include "netscope/clock.h"
#include "netscope/profile.h"
#include "tools/peers/peer.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define THREAD_NAME "nsc-peers"

enum { LOOKED_MS = 10000, WAIT_MOST_MS = 60000 };

struct nsc_peers {
	CURLM *multi;
	uint32_t n;
	struct nsc_peer *peer;
	struct nsc_top_numbers *numbers; /* the thread's: room to read an answer into */
	int wakeup;
	pthread_t thread;
	bool running;
	pthread_mutex_t mutex; /* of each peer's `told` */
	/* atomic */
	bool stop;
	uint64_t looked_ns; /* CLOCK_MONOTONIC, when somebody did last; 0 = never */
};

/* --- the list --------------------------------------------------------------------------------- */

/* The next URL of the list, without blanks around it; false at its end. */
static bool urls_next(const char **list, char url[NSC_CURL_URL], bool *fits)
{
	size_t n;

	*list += strspn(*list, ", ");
	n = strcspn(*list, ",");
	if (!n)
		return false;
	*fits = n < NSC_CURL_URL;
	snprintf(url, NSC_CURL_URL, "%.*s", (int)NSC_MIN(n, (size_t)NSC_CURL_URL - 1), *list);
	*list += n;
	for (n = strlen(url); n && url[n - 1] == ' '; n--)
		url[n - 1] = '\0';
	return true;
}

static bool urls_has_before(const char *urls, const char *end, const char *url)
{
	char other[NSC_CURL_URL];
	bool fits;

	while (urls < end && urls_next(&urls, other, &fits) && urls < end)
		if (!strcmp(other, url))
			return true;
	return false;
}

static int check_url(const char *url, struct nsc_error *error)
{
	const char *host = strstr(url, "://");
	bool http = !strncmp(url, "http://", 7) || !strncmp(url, "https://", 8);

	if (!http || !host[3] || host[strcspn(host, "\"<>\\^`{}|\t ")])
		return nsc_fail(error, -EINVAL,
				"--web-peers: wanted http://HOST:PORT or https://HOST:PORT, found \"%.200s\"", url);
	if (strchr(host, '@'))
		return nsc_fail(error, -EINVAL,
				"--web-peers has no name and no password, which others would see in the list of "
				"processes: use --web-peers-pass-file");
	if (host[3 + strcspn(host + 3, "/?#")] && strcmp(host + 3 + strcspn(host + 3, "/?#"), "/"))
		return nsc_fail(error, -EINVAL, "--web-peers: \"%.200s\" ends behind the port", url);
	return 0;
}

int nsc_peers_check(const char *urls, struct nsc_error *error)
{
	char url[NSC_CURL_URL];
	const char *at = urls;
	uint32_t n = 0;
	int status = 0;
	bool fits;

	while (!status && urls_next(&at, url, &fits)) {
		if (!fits)
			return nsc_fail(error, -EINVAL, "--web-peers: a URL has at most %d bytes", NSC_CURL_URL - 1);
		if (++n > NSC_PEERS_MAX)
			return nsc_fail(error, -EINVAL, "--web-peers names at most %d sensors", NSC_PEERS_MAX);
		if (urls_has_before(urls, at, url))
			return nsc_fail(error, -EINVAL, "--web-peers names %.200s twice", url);
		status = check_url(url, error);
	}
	return status;
}

static int peers_open_each(struct nsc_peers *peers, const struct nsc_peers_asked *asked, struct nsc_error *error)
{
	const struct nsc_login *unused;
	struct nsc_logins logins;
	char url[NSC_CURL_URL];
	const char *at = asked->urls;
	int status = nsc_logins_open(&logins, asked->logins, error);
	bool fits;

	while (!status && peers->n < NSC_PEERS_MAX && urls_next(&at, url, &fits))
		status = nsc_peer_open(&peers->peer[peers->n++], url, &logins, asked->certificates, error);
	unused = status ? NULL : nsc_logins_unused(&logins);
	if (unused)
		status = nsc_fail(error, -EINVAL, "%.300s: no sensor of --web-peers is \"%.200s\"", asked->logins,
				  unused->url);
	nsc_logins_close(&logins);
	return status;
}

int nsc_peers_open(struct nsc_peers **peers, const struct nsc_peers_asked *asked, struct nsc_error *error)
{
	int status = nsc_curl_load("--web-peers", error);
	struct nsc_peers *opened;

	*peers = NULL;
	if (status)
		return status;
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return nsc_fail(error, -ENOMEM, "no memory for other sensors");
	pthread_mutex_init(&opened->mutex, NULL);
	opened->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	opened->peer = calloc(NSC_PEERS_MAX, sizeof(*opened->peer));
	opened->numbers = calloc(1, sizeof(*opened->numbers));
	opened->multi = nsc_curl.multi_init();
	if (!opened->peer || !opened->numbers || !opened->multi || opened->wakeup < 0)
		status = nsc_fail(error, -ENOMEM, "no memory for other sensors");
	else
		status = peers_open_each(opened, asked, error);
	if (status)
		nsc_peers_close(opened);
	else
		*peers = opened;
	return status;
}

uint32_t nsc_peers_count(const struct nsc_peers *peers)
{
	return peers->n;
}

uint16_t nsc_peers_port(const struct nsc_peers *peers, uint32_t i)
{
	return peers->peer[i].easy ? peers->peer[i].server.port : 0;
}

/* --- the thread ------------------------------------------------------------------------------- */

static bool somebody_looks(const struct nsc_peers *peers, uint64_t now_ns)
{
	uint64_t looked_ns = __atomic_load_n(&peers->looked_ns, __ATOMIC_RELAXED);

	return looked_ns && now_ns < looked_ns + LOOKED_MS * 1000000ull;
}

/* Asks those that it is time for; how long the others have to wait at least, in ms. */
static int peers_ask_due(struct nsc_peers *peers, uint64_t now_ns)
{
	bool often = somebody_looks(peers, now_ns);
	uint64_t wait_ns = WAIT_MOST_MS * 1000000ull;

	for (uint32_t i = 0; i < peers->n; i++) {
		struct nsc_peer *peer = &peers->peer[i];
		uint64_t due_ns = peer->asked_ns ? peer->asked_ns + nsc_peer_pause_ns(peer, often) : now_ns;

		if (!peer->easy || peer->under_way)
			continue;
		if (due_ns <= now_ns)
			nsc_peer_ask(peer, peers->multi, now_ns);
		else
			wait_ns = NSC_MIN(wait_ns, due_ns - now_ns);
	}
	return (int)((wait_ns + 999999) / 1000000);
}

static void peers_take_answers(struct nsc_peers *peers)
{
	struct nsc_peer_told told;
	CURLMsg *message;
	int left;

	while ((message = nsc_curl.multi_info_read(peers->multi, &left))) {
		struct nsc_peer *peer = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		nsc_curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &peer);
		told = peer->told; /* only this thread writes it */
		nsc_peer_judge(peer, code, peers->numbers, nsc_monotonic_ns(), &told);
		nsc_curl.multi_remove_handle(peers->multi, peer->easy);
		peer->under_way = false;
		pthread_mutex_lock(&peers->mutex);
		peer->told = told;
		pthread_mutex_unlock(&peers->mutex);
	}
}

static int peers_under_way(const struct nsc_peers *peers)
{
	int n = 0;

	for (uint32_t i = 0; i < peers->n; i++)
		n += peers->peer[i].under_way;
	return n;
}

/* What has ended already, as a connection that is refused at once, is not waited for. */
static void peers_wait(struct nsc_peers *peers, int timeout_ms)
{
	struct curl_waitfd wakeup = { .fd = peers->wakeup, .events = CURL_WAIT_POLLIN };
	uint64_t count;
	int running;

	nsc_curl.multi_perform(peers->multi, &running);
	if (running < peers_under_way(peers))
		timeout_ms = 0;
	nsc_curl.multi_poll(peers->multi, &wakeup, 1, timeout_ms, NULL);
	while (read(peers->wakeup, &count, sizeof(count)) > 0)
		;
	nsc_curl.multi_perform(peers->multi, &running);
}

static void *peers_thread(void *context)
{
	struct nsc_peers *peers = context;

	pthread_setname_np(pthread_self(), THREAD_NAME);
	nsc_profile_thread();
	while (!__atomic_load_n(&peers->stop, __ATOMIC_ACQUIRE)) {
		peers_wait(peers, peers_ask_due(peers, nsc_monotonic_ns()));
		peers_take_answers(peers);
	}
	return NULL;
}

int nsc_peers_start(struct nsc_peers *peers, struct nsc_error *error)
{
	int status = pthread_create(&peers->thread, NULL, peers_thread, peers);

	if (status)
		return nsc_fail(error, -status, "cannot start the thread that asks other sensors: %s",
				strerror(status));
	peers->running = true;
	return 0;
}

static void peers_wake(struct nsc_peers *peers)
{
	uint64_t one = 1;

	if (write(peers->wakeup, &one, sizeof(one)) < 0) /* full: it is awake */
		return;
}

void nsc_peers_close(struct nsc_peers *peers)
{
	if (!peers)
		return;
	if (peers->running) {
		__atomic_store_n(&peers->stop, true, __ATOMIC_RELEASE);
		peers_wake(peers);
		pthread_join(peers->thread, NULL);
	}
	for (uint32_t i = 0; i < peers->n; i++) {
		if (peers->peer[i].under_way)
			nsc_curl.multi_remove_handle(peers->multi, peers->peer[i].easy);
		nsc_peer_close(&peers->peer[i]);
	}
	if (peers->multi)
		nsc_curl.multi_cleanup(peers->multi);
	if (peers->wakeup >= 0)
		close(peers->wakeup);
	pthread_mutex_destroy(&peers->mutex);
	free(peers->numbers);
	free(peers->peer);
	free(peers);
}

/* --- showing ---------------------------------------------------------------------------------- */

void nsc_peers_show(struct nsc_peers *peers, struct nsc_json *json)
{
	uint64_t now_ns = nsc_monotonic_ns();
	bool looked = somebody_looks(peers, now_ns);

	__atomic_store_n(&peers->looked_ns, now_ns, __ATOMIC_RELAXED);
	if (!looked)
		peers_wake(peers);
	nsc_json_add_u64(json, "each_ms", NSC_PEERS_EACH_MS);
	nsc_json_add_u64(json, "answer_ms", NSC_PEERS_ANSWER_MS);
	nsc_json_add_open(json, "peers", '[');
	pthread_mutex_lock(&peers->mutex);
	for (uint32_t i = 0; i < peers->n; i++)
		nsc_peer_show(&peers->peer[i], now_ns, json);
	pthread_mutex_unlock(&peers->mutex);
	nsc_json_close(json, ']');
}
