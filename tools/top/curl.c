/* SPDX-License-Identifier: MIT
 *
 * Proxies, redirects and other protocols than HTTP are off, whatever the environment says.
 */
#include "tools/top/curl.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 5000, ADDRESSES_MAX = 8, CERTIFICATES_MAX = 4 << 20, BODY_FIRST = 1 << 16 };

struct nsc_curl nsc_curl;

/* --- the library ------------------------------------------------------------------------------ */

int nsc_curl_load(const char *command, struct nsc_error *error)
{
	static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };
	static bool loaded;
	void *library = NULL;

	if (loaded)
		return 0;
	for (size_t i = 0; i < NSC_ARRAY_LEN(names) && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return nsc_fail(error, -ENOENT,
				"%s needs libcurl, which is not here (%.200s): on Debian, apt install libcurl4",
				command, dlerror());
#define LOAD(name)                                                                                                     \
	*(void **)&nsc_curl.name = dlsym(library, "curl_" #name);                                                      \
	if (!nsc_curl.name)                                                                                            \
		return nsc_fail(error, -ENOENT, "this libcurl is too old: it has no curl_" #name);
	NSC_CURL_CALLS(LOAD)
#undef LOAD
	if (nsc_curl.global_init(CURL_GLOBAL_ALL))
		return nsc_fail(error, -EIO, "libcurl cannot be started");
	loaded = true;
	return 0;
}

/* --- where ------------------------------------------------------------------------------------ */

/* Whether the URL has a part that must not be there. */
static bool server_has_part(CURLU *url, CURLUPart part, const char *allowed)
{
	char *text = NULL;
	bool has = !nsc_curl.url_get(url, part, &text, 0) && strcmp(text, allowed) != 0;

	nsc_curl.free(text);
	return has;
}

/* Path and query, as they were written. */
static void server_take_path(struct nsc_curl_server *server, CURLU *url)
{
	char *path = NULL, *query = NULL;

	nsc_curl.url_get(url, CURLUPART_PATH, &path, 0);
	nsc_curl.url_get(url, CURLUPART_QUERY, &query, 0);
	snprintf(server->path, sizeof(server->path), "%s%s%s", path && strcmp(path, "/") ? path : "", query ? "?" : "",
		 query ? query : "");
	nsc_curl.free(path);
	nsc_curl.free(query);
}

static int server_take_parts(struct nsc_curl_server *server, CURLU *url, const struct nsc_curl_asked *asked,
			     struct nsc_error *error)
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	bool known;

	if (server_has_part(url, CURLUPART_USER, "") || server_has_part(url, CURLUPART_PASSWORD, ""))
		return nsc_fail(error, -EINVAL,
				"%s has no name and no password, which others would see in the list of processes: use "
				"%s and %s",
				asked->option, asked->user_option, asked->password_option);
	if (server_has_part(url, CURLUPART_FRAGMENT, "") ||
	    (!asked->paths && (server_has_part(url, CURLUPART_PATH, "/") || server_has_part(url, CURLUPART_QUERY, ""))))
		return nsc_fail(error, -EINVAL, "%s ends behind the port, as in http://127.0.0.1:%s", asked->option,
				strrchr(asked->example, ':') + 1);
	known = !nsc_curl.url_get(url, CURLUPART_SCHEME, &scheme, 0) &&
		!nsc_curl.url_get(url, CURLUPART_HOST, &host, 0) &&
		!nsc_curl.url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) && strlen(host) < NSC_CURL_HOST;
	if (known) {
		server->secure = !strcmp(scheme, "https");
		server->port = (uint16_t)atoi(port);
		strcpy(server->host, host);
		snprintf(server->url, sizeof(server->url), "%s://%s:%s", scheme, host, port);
	}
	known = known && (server->secure || !strcmp(scheme, "http"));
	if (asked->paths)
		server_take_path(server, url);
	nsc_curl.free(scheme);
	nsc_curl.free(host);
	nsc_curl.free(port);
	return known ? 0 : nsc_fail(error, -EINVAL, "%s is http://HOST:PORT or https://HOST:PORT", asked->option);
}

static int server_read_url(struct nsc_curl_server *server, const struct nsc_curl_asked *asked, struct nsc_error *error)
{
	char whole[NSC_CURL_URL];
	const char *text = asked->url;
	CURLU *url = nsc_curl.url();
	int status;

	snprintf(whole, sizeof(whole), "%s%s", strstr(text, "://") ? "" : "http://", text);
	if (!url || strlen(text) >= NSC_CURL_URL - 8 || nsc_curl.url_set(url, CURLUPART_URL, whole, 0))
		status = nsc_fail(error, -EINVAL, "%s wants the address of %s; found \"%.200s\"", asked->option,
				  asked->example, text);
	else
		status = server_take_parts(server, url, asked, error);
	nsc_curl.url_cleanup(url);
	return status;
}

/* A name is looked up once, now: later no file can be opened. */
static int server_resolve(struct nsc_curl_server *server, const struct nsc_curl_asked *asked, struct nsc_error *error)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all = NULL;
	char bare[NSC_CURL_HOST], entry[NSC_CURL_HOST + ADDRESSES_MAX * 64], ip[NI_MAXHOST];
	bool brackets = server->host[0] == '[';
	unsigned n = 0;
	int status, used;

	snprintf(bare, sizeof(bare), "%.*s", (int)(strlen(server->host) - (brackets ? 2 : 0)), server->host + brackets);
	status = getaddrinfo(bare, NULL, &hints, &all);
	if (status)
		return nsc_fail(error, -EHOSTUNREACH, "%s: the host %.100s is not known: %s", asked->option, bare,
				gai_strerror(status));
	server->loopback = true;
	used = snprintf(entry, sizeof(entry), "%s:%u:", bare, server->port);
	for (struct addrinfo *at = all; at && n < ADDRESSES_MAX; at = at->ai_next) {
		server->loopback &= nsc_guard_is_loopback(at->ai_addr);
		if (getnameinfo(at->ai_addr, at->ai_addrlen, ip, sizeof(ip), NULL, 0, NI_NUMERICHOST) ||
		    strlen(ip) > 60)
			continue;
		used += snprintf(entry + used, sizeof(entry) - (size_t)used, strchr(ip, ':') ? "%s[%s]" : "%s%s",
				 n++ ? "," : "", ip);
	}
	freeaddrinfo(all);
	if (!brackets)
		server->addresses = nsc_curl.slist_append(NULL, entry);
	return 0;
}

/* --- whom to believe -------------------------------------------------------------------------- */

static int server_read_certificates(struct nsc_curl_server *server, const char *path, struct nsc_error *error)
{
	const char *system = nsc_curl.version_info(CURLVERSION_NOW)->cainfo;
	char *all;
	FILE *file;

	if (!server->secure)
		return 0;
	if (!path[0])
		path = system ? system : "/etc/ssl/certs/ca-certificates.crt";
	file = fopen(path, "re");
	if (!file)
		return nsc_fail(error, -errno, "the certificates in '%.300s' cannot be read: %s", path,
				strerror(errno));
	all = malloc(CERTIFICATES_MAX);
	if (all)
		server->certificates_length = fread(all, 1, CERTIFICATES_MAX, file);
	fclose(file);
	server->certificates = all ? realloc(all, NSC_MAX(server->certificates_length, (size_t)1)) : NULL;
	return server->certificates_length ? 0 : nsc_fail(error, -EIO, "there is nothing to read in '%.300s'", path);
}

static int server_check_secrecy(const struct nsc_curl_server *server, const char *secret, struct nsc_error *error)
{
	if (server->secure || server->loopback)
		return 0;
	return nsc_fail(error, -EINVAL,
			"%.200s: the %s would cross the network in the clear; use https, or a tunnel of ssh",
			server->url, secret);
}

int nsc_curl_server_login(struct nsc_curl_server *server, const char *user, const char *password,
			  struct nsc_error *error)
{
	int status = server_check_secrecy(server, "password", error);

	if (status)
		return status;
	server->user = user;
	snprintf(server->password, sizeof(server->password), "%s", password);
	return 0;
}

static int server_read_password(struct nsc_curl_server *server, const struct nsc_curl_asked *asked,
				struct nsc_error *error)
{
	char password[NSC_PASSWORD_MAX];
	int status;

	if (!asked->user[0])
		return 0;
	if (!asked->password_file[0])
		return nsc_fail(error, -EINVAL, "%s needs %s", asked->user_option, asked->password_option);
	status = server_check_secrecy(server, "password", error);
	if (!status)
		status = nsc_password_read(password, asked->user, asked->password_file, error);
	if (!status)
		status = nsc_curl_server_login(server, asked->user, password, error);
	explicit_bzero(password, sizeof(password));
	return status;
}

static int server_read_token(struct nsc_curl_server *server, const struct nsc_curl_asked *asked,
			     struct nsc_error *error)
{
	int status;

	if (!asked->token_file || !asked->token_file[0])
		return 0;
	status = server_check_secrecy(server, "token", error);
	return status ? status : nsc_password_read(server->token, "", asked->token_file, error);
}

int nsc_curl_server_open(struct nsc_curl_server *server, const struct nsc_curl_asked *asked, struct nsc_error *error)
{
	int status;

	*server = (struct nsc_curl_server){ .port = 0 };
	status = server_read_url(server, asked, error);
	if (!status)
		status = server_resolve(server, asked, error);
	if (!status)
		status = server_read_password(server, asked, error);
	if (!status)
		status = server_read_token(server, asked, error);
	return status ? status : server_read_certificates(server, asked->certificates, error);
}

void nsc_curl_server_close(struct nsc_curl_server *server)
{
	nsc_curl.slist_free_all(server->addresses);
	free(server->certificates);
	explicit_bzero(server->password, sizeof(server->password));
	explicit_bzero(server->token, sizeof(server->token));
}

CURL *nsc_curl_handle(const struct nsc_curl_server *server, const char *agent)
{
	struct curl_blob blob = { server->certificates, server->certificates_length, CURL_BLOB_NOCOPY };
	CURL *easy = nsc_curl.easy_init();

	if (!easy)
		return NULL;
	nsc_curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	nsc_curl.easy_setopt(easy, CURLOPT_PROXY, "");
	nsc_curl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	nsc_curl.easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	nsc_curl.easy_setopt(easy, CURLOPT_USERAGENT, agent);
	nsc_curl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	nsc_curl.easy_setopt(easy, CURLOPT_RESOLVE, server->addresses);
	if (server->user) {
		nsc_curl.easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		nsc_curl.easy_setopt(easy, CURLOPT_USERNAME, server->user);
		nsc_curl.easy_setopt(easy, CURLOPT_PASSWORD, server->password);
	}
	if (server->token[0]) {
		nsc_curl.easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		nsc_curl.easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, server->token);
	}
	if (server->secure)
		nsc_curl.easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
	return easy;
}

/* --- answers ---------------------------------------------------------------------------------- */

size_t nsc_curl_take(char *data, size_t one, size_t n, void *context)
{
	struct nsc_curl_body *body = context;

	if (body->length + n > body->most)
		return 0;
	if (body->length + n > body->room) {
		size_t room = NSC_MAX(2 * body->room, body->length + n + BODY_FIRST);
		char *text = realloc(body->text, room);

		if (!text)
			return 0;
		body->text = text;
		body->room = room;
	}
	memcpy(body->text + body->length, data, n);
	body->length += n;
	return n * one;
}

void nsc_curl_explain(CURL *easy, CURLcode code, const char *failure, size_t most, char *why, size_t size)
{
	long reason = 0;

	nsc_curl.easy_getinfo(easy, CURLINFO_OS_ERRNO, &reason);
	if (code == CURLE_COULDNT_CONNECT && reason)
		snprintf(why, size, "%s", strerror((int)reason));
	else if (code == CURLE_OPERATION_TIMEDOUT)
		snprintf(why, size, "no answer in time");
	else if (code == CURLE_WRITE_ERROR)
		snprintf(why, size, "the answer is larger than %zu MiB", most >> 20);
	else if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE)
		snprintf(why, size, "the connection was closed");
	else if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY)
		snprintf(why, size, "what answers there does not speak HTTP");
	else
		snprintf(why, size, "%s", failure[0] ? failure : nsc_curl.easy_strerror(code));
}
