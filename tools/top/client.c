/* SPDX-License-Identifier: MIT
 *
 * libcurl's multi interface. Proxies, redirects and other protocols than HTTP are off, whatever the environment says.
 */
#include "tools/top/client.h"

#include "dashboard/server/guard.h"
#include "engine/text/number.h"
#include "tools/top/model.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WAITED_MAX = 4,
	CONNECT_MS = 5000,
	ANSWER_MS = 10000,
	QUERY_MS = 60000, /* a large table is searched beside the packets */
	HOST_MAX = 256,
	ADDRESSES_MAX = 8,
	CERTIFICATES_MAX = 4 << 20,
	BODY_FIRST = 1 << 16,
};

#define CURL_CALLS(X)                                                                                                  \
	X(global_init)                                                                                                 \
	X(version_info)                                                                                                \
	X(easy_init)                                                                                                   \
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

static struct {
#define MEMBER(name) typeof(&curl_##name) name;
	CURL_CALLS(MEMBER)
#undef MEMBER
} curl;

struct asked {
	CURL *easy;
	bool under_way;
	char *body;
	size_t length, room;
	char failure[CURL_ERROR_SIZE];
};

struct nsc_top_client {
	CURLM *multi;
	struct asked asked[NSC_TOP_QUESTIONS];
	char url[NSC_TOP_URL], host[HOST_MAX];
	uint16_t port;
	bool secure, loopback;
	const char *user; /* borrowed */
	char password[NSC_PASSWORD_MAX];
	char *certificates;
	size_t certificates_length;
	struct curl_slist *addresses;
};

static const char *const paths[NSC_TOP_QUESTIONS] = {
	[NSC_TOP_SUMMARY] = "summary",
	[NSC_TOP_CORES] = "cores",
	[NSC_TOP_QUERY] = "flows",
};

/* --- the library ------------------------------------------------------------------------------ */

static int client_load(struct nsc_error *error)
{
	static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };
	void *library = NULL;

	for (size_t i = 0; i < NSC_ARRAY_LEN(names) && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return nsc_fail(
			error, -ENOENT,
			"netscope top needs libcurl, which is not here (%.200s): on Debian, apt install libcurl4",
			dlerror());
#define LOAD(name)                                                                                                     \
	*(void **)&curl.name = dlsym(library, "curl_" #name);                                                          \
	if (!curl.name)                                                                                                \
		return nsc_fail(error, -ENOENT, "this libcurl is too old: it has no curl_" #name);
	CURL_CALLS(LOAD)
#undef LOAD
	if (curl.global_init(CURL_GLOBAL_ALL))
		return nsc_fail(error, -EIO, "libcurl cannot be started");
	return 0;
}

/* --- where ------------------------------------------------------------------------------------ */

/* Whether the URL has a part that must not be there. */
static bool client_has_part(CURLU *url, CURLUPart part, const char *allowed)
{
	char *text = NULL;
	bool has = !curl.url_get(url, part, &text, 0) && strcmp(text, allowed) != 0;

	curl.free(text);
	return has;
}

static int client_take_parts(struct nsc_top_client *client, CURLU *url, struct nsc_error *error)
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	bool known;

	if (client_has_part(url, CURLUPART_USER, "") || client_has_part(url, CURLUPART_PASSWORD, ""))
		return nsc_fail(
			error, -EINVAL,
			"--url has no name and no password, which others would see in the list of processes: use "
			"--web-auth-user and --web-auth-pass-file");
	if (client_has_part(url, CURLUPART_PATH, "/") || client_has_part(url, CURLUPART_QUERY, "") ||
	    client_has_part(url, CURLUPART_FRAGMENT, ""))
		return nsc_fail(error, -EINVAL, "--url ends behind the port, as in http://127.0.0.1:8080");
	known = !curl.url_get(url, CURLUPART_SCHEME, &scheme, 0) && !curl.url_get(url, CURLUPART_HOST, &host, 0) &&
		!curl.url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) && strlen(host) < HOST_MAX;
	if (known) {
		client->secure = !strcmp(scheme, "https");
		client->port = (uint16_t)atoi(port);
		strcpy(client->host, host);
		snprintf(client->url, sizeof(client->url), "%s://%s:%s", scheme, host, port);
	}
	known = known && (client->secure || !strcmp(scheme, "http"));
	curl.free(scheme);
	curl.free(host);
	curl.free(port);
	return known ? 0 : nsc_fail(error, -EINVAL, "--url is http://HOST:PORT or https://HOST:PORT");
}

static int client_read_url(struct nsc_top_client *client, const char *text, struct nsc_error *error)
{
	char whole[NSC_TOP_URL];
	CURLU *url = curl.url();
	int status;

	snprintf(whole, sizeof(whole), "%s%s", strstr(text, "://") ? "" : "http://", text);
	if (!url || strlen(text) >= NSC_TOP_URL - 8 || curl.url_set(url, CURLUPART_URL, whole, 0))
		status = nsc_fail(
			error, -EINVAL,
			"--url wants the address of a dashboard, as in http://127.0.0.1:8080; found \"%.200s\"", text);
	else
		status = client_take_parts(client, url, error);
	curl.url_cleanup(url);
	return status;
}

/* A name is looked up once, now: later no file can be opened. */
static int client_resolve(struct nsc_top_client *client, struct nsc_error *error)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all = NULL;
	char bare[HOST_MAX], entry[HOST_MAX + ADDRESSES_MAX * 64], ip[NI_MAXHOST];
	bool brackets = client->host[0] == '[';
	unsigned n = 0;
	int status, used;

	snprintf(bare, sizeof(bare), "%.*s", (int)(strlen(client->host) - (brackets ? 2 : 0)), client->host + brackets);
	status = getaddrinfo(bare, NULL, &hints, &all);
	if (status)
		return nsc_fail(error, -EHOSTUNREACH, "--url: the host %.100s is not known: %s", bare,
				gai_strerror(status));
	client->loopback = true;
	used = snprintf(entry, sizeof(entry), "%s:%u:", bare, client->port);
	for (struct addrinfo *at = all; at && n < ADDRESSES_MAX; at = at->ai_next) {
		client->loopback &= nsc_guard_is_loopback(at->ai_addr);
		if (getnameinfo(at->ai_addr, at->ai_addrlen, ip, sizeof(ip), NULL, 0, NI_NUMERICHOST) ||
		    strlen(ip) > 60)
			continue;
		used += snprintf(entry + used, sizeof(entry) - (size_t)used, strchr(ip, ':') ? "%s[%s]" : "%s%s",
				 n++ ? "," : "", ip);
	}
	freeaddrinfo(all);
	if (!brackets)
		client->addresses = curl.slist_append(NULL, entry);
	return 0;
}

/* --- whom to believe -------------------------------------------------------------------------- */

static int client_read_certificates(struct nsc_top_client *client, const char *path, struct nsc_error *error)
{
	const char *system = curl.version_info(CURLVERSION_NOW)->cainfo;
	FILE *file;

	if (!client->secure)
		return 0;
	if (!path[0])
		path = system ? system : "/etc/ssl/certs/ca-certificates.crt";
	file = fopen(path, "re");
	if (!file)
		return nsc_fail(error, -errno, "the certificates in '%.300s' cannot be read: %s", path,
				strerror(errno));
	client->certificates = malloc(CERTIFICATES_MAX);
	if (client->certificates)
		client->certificates_length = fread(client->certificates, 1, CERTIFICATES_MAX, file);
	fclose(file);
	return client->certificates_length ? 0 : nsc_fail(error, -EIO, "there is nothing to read in '%.300s'", path);
}

static int client_read_password(struct nsc_top_client *client, const struct nsc_top_server *server,
				struct nsc_error *error)
{
	if (!server->user[0])
		return 0;
	if (!server->password_file[0])
		return nsc_fail(error, -EINVAL, "--web-auth-user needs --web-auth-pass-file");
	if (!client->secure && !client->loopback)
		return nsc_fail(
			error, -EINVAL,
			"%.200s: the password would cross the network in the clear; use https, or a tunnel of ssh",
			client->url);
	client->user = server->user;
	return nsc_password_read(client->password, server->user, server->password_file, error);
}

/* --- handles ---------------------------------------------------------------------------------- */

static size_t client_take(char *data, size_t one, size_t n, void *context)
{
	struct asked *asked = context;

	if (asked->length + n > NSC_TOP_BODY_MAX)
		return 0;
	if (asked->length + n > asked->room) {
		size_t room = NSC_MAX(2 * asked->room, asked->length + n + BODY_FIRST);
		char *body = realloc(asked->body, room);

		if (!body)
			return 0;
		asked->body = body;
		asked->room = room;
	}
	memcpy(asked->body + asked->length, data, n);
	asked->length += n;
	return n * one;
}

static CURL *client_handle(struct nsc_top_client *client, enum nsc_top_question question)
{
	struct asked *asked = &client->asked[question];
	struct curl_blob blob = { client->certificates, client->certificates_length, CURL_BLOB_NOCOPY };
	CURL *easy = curl.easy_init();

	if (!easy)
		return NULL;
	curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl.easy_setopt(easy, CURLOPT_PROXY, "");
	curl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl.easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl.easy_setopt(easy, CURLOPT_USERAGENT, "netscope top");
	curl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, question == NSC_TOP_QUERY ? (long)QUERY_MS : (long)ANSWER_MS);
	curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, asked->failure);
	curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, client_take);
	curl.easy_setopt(easy, CURLOPT_WRITEDATA, asked);
	curl.easy_setopt(easy, CURLOPT_PRIVATE, asked);
	curl.easy_setopt(easy, CURLOPT_RESOLVE, client->addresses);
	if (client->user) {
		curl.easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl.easy_setopt(easy, CURLOPT_USERNAME, client->user);
		curl.easy_setopt(easy, CURLOPT_PASSWORD, client->password);
	}
	if (client->secure)
		curl.easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
	return easy;
}

static int client_open_handles(struct nsc_top_client *client, struct nsc_error *error)
{
	bool all = true;

	client->multi = curl.multi_init();
	for (unsigned i = 0; i < NSC_TOP_QUESTIONS; i++)
		all &= (client->asked[i].easy = client_handle(client, i)) != NULL;
	return client->multi && all ? 0 : nsc_fail(error, -ENOMEM, "no memory for the connection to the sensor");
}

int nsc_top_client_open(struct nsc_top_client **client, const struct nsc_top_server *server, struct nsc_error *error)
{
	struct nsc_top_client *opened;
	int status = client_load(error);

	*client = NULL;
	if (status)
		return status;
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return nsc_fail(error, -ENOMEM, "no memory for the connection to the sensor");
	status = client_read_url(opened, server->url, error);
	if (!status)
		status = client_resolve(opened, error);
	if (!status)
		status = client_read_password(opened, server, error);
	if (!status)
		status = client_read_certificates(opened, server->certificates, error);
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
			curl.easy_cleanup(client->asked[i].easy);
		free(client->asked[i].body);
	}
	if (client->multi)
		curl.multi_cleanup(client->multi);
	curl.slist_free_all(client->addresses);
	free(client->certificates);
	explicit_bzero(client->password, sizeof(client->password));
	free(client);
}

const char *nsc_top_client_url(const struct nsc_top_client *client)
{
	return client->url;
}

uint16_t nsc_top_client_port(const struct nsc_top_client *client)
{
	return client->port;
}

/* --- questions and answers -------------------------------------------------------------------- */

void nsc_top_client_drop(struct nsc_top_client *client, enum nsc_top_question question)
{
	struct asked *asked = &client->asked[question];

	if (asked->under_way)
		curl.multi_remove_handle(client->multi, asked->easy);
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
	snprintf(url, sizeof(url), "%s/api/v1/%s%s%s", client->url, paths[question], query[0] ? "?" : "", query);
	curl.easy_setopt(asked->easy, CURLOPT_URL, url);
	asked->length = 0;
	asked->failure[0] = '\0';
	asked->under_way = !curl.multi_add_handle(client->multi, asked->easy);
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
	curl.multi_perform(client->multi, &running);
	if (running < client_under_way(client))
		timeout_ms = 0;
	curl.multi_poll(client->multi, waited, n, timeout_ms, NULL);
	curl.multi_perform(client->multi, &running);
	poll(fds, n, 0); /* libcurl does not tell of hang-ups */
}

/* How it went without an answer. */
static void client_explain_failure(const struct asked *asked, CURLcode code, struct nsc_top_answer *answer)
{
	long reason = 0;

	curl.easy_getinfo(asked->easy, CURLINFO_OS_ERRNO, &reason);
	answer->hopeless = code == CURLE_PEER_FAILED_VERIFICATION;
	if (code == CURLE_COULDNT_CONNECT && reason)
		snprintf(answer->why, NSC_TOP_WHY, "%s", strerror((int)reason));
	else if (code == CURLE_OPERATION_TIMEDOUT)
		snprintf(answer->why, NSC_TOP_WHY, "no answer in time");
	else if (code == CURLE_WRITE_ERROR)
		snprintf(answer->why, NSC_TOP_WHY, "the answer is larger than %d MiB", NSC_TOP_BODY_MAX >> 20);
	else if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE)
		snprintf(answer->why, NSC_TOP_WHY, "the connection was closed");
	else if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY)
		snprintf(answer->why, NSC_TOP_WHY, "what answers there does not speak HTTP");
	else
		snprintf(answer->why, NSC_TOP_WHY, "%s", asked->failure[0] ? asked->failure : curl.easy_strerror(code));
}

static void client_explain_status(const struct nsc_top_client *client, struct nsc_top_answer *answer)
{
	char sentence[NSC_TOP_NAME];
	bool said = nsc_top_read_error(sentence, answer->text, answer->length);

	answer->hopeless = answer->status == 401 || answer->status == 403 || answer->status == 404;
	if (answer->status == 401 && client->user)
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
		message = curl.multi_info_read(client->multi, &left);
		if (!message)
			return false;
	} while (message->msg != CURLMSG_DONE);
	code = message->data.result;
	curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &asked);
	if (!code)
		curl.easy_getinfo(asked->easy, CURLINFO_RESPONSE_CODE, &status);
	nsc_top_client_drop(client, (enum nsc_top_question)(asked - client->asked));
	*answer = (struct nsc_top_answer){ .question = (enum nsc_top_question)(asked - client->asked),
					   .status = (int)status,
					   .text = asked->length ? asked->body : "",
					   .length = asked->length };
	if (code)
		client_explain_failure(asked, code, answer);
	else if (status != 200)
		client_explain_status(client, answer);
	return true;
}
