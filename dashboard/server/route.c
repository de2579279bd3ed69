/* SPDX-License-Identifier: MIT
 *
 * Every request comes through here: Host, Origin, name and password, method, then the table of paths. Paths are
 * compared as they were sent: what is not in the table, in whatever spelling, does not exist.
 */
#include "dashboard/server/server.h"

#include <openssl/crypto.h>

static const struct {
	const char *path;
	bool prefix;
	void (*answer)(struct nsc_server *, h2o_req_t *);
} routes[] = {
	{ "/ws", false, nsc_socket_upgrade },
	{ "/api/v1/summary", false, nsc_api_summary },
	{ "/api/v1/flows", false, nsc_api_flows },
	{ "/api/v1/flows.csv", false, nsc_api_flows_csv },
	{ "/api/v1/flows.json", false, nsc_api_flows_json },
	{ "/api/v1/groups", false, nsc_api_groups },
	{ "/api/v1/alerts", false, nsc_api_alerts },
	{ "/api/v1/episodes", false, nsc_api_episodes },
	{ "/api/v1/cores", false, nsc_api_cores },
	{ "/api/v1/config", false, nsc_api_config },
	{ "/api/v1/history", false, nsc_api_history },
	{ "/api/v1/events", false, nsc_api_events },
	{ "/api/v1/dns", false, nsc_api_dns },
	{ "/api/v1/packets", false, nsc_api_packets },
	{ "/api/v1/packets.pcapng", false, nsc_api_pcapng },
	{ "/api/v1/packets/", true, nsc_api_packet },
	{ "/api/v1/sampling", false, nsc_api_sampling },
	{ "/api/v1/recorder.pcapng", false, nsc_api_recorder },
	{ "/api/v1/follow", false, nsc_api_follow },
	{ "/api/v1/kept", false, nsc_api_kept },
	{ "/api/v1/peers", false, nsc_api_peers },
	{ "/api/v1/timeline", false, nsc_api_timeline },
	{ "/api/v1/profile", false, nsc_api_profile },
	{ "/metrics", false, nsc_api_metrics },
	{ "/healthz", false, nsc_api_healthz },
	{ "/api/health", false, nsc_api_health },
};

/* What changes something: POST, and no other method. */
static const struct {
	const char *path;
	void (*answer)(struct nsc_server *, h2o_req_t *);
} changes[] = {
	{ "/api/v1/profile/start", nsc_api_profile_start },   { "/api/v1/profile/stop", nsc_api_profile_stop },
	{ "/api/v1/sampling/start", nsc_api_sampling_start }, { "/api/v1/sampling/stop", nsc_api_sampling_stop },
	{ "/api/v1/episodes/seen", nsc_api_episode_seen },    { "/api/v1/episodes/mute", nsc_api_episode_mute },
};

struct nsc_span nsc_header(const h2o_req_t *req, const char *name)
{
	ssize_t i = h2o_find_header_by_str(&req->headers, name, strlen(name), -1);

	if (i < 0)
		return (struct nsc_span){ NULL, 0 };
	return (struct nsc_span){ req->headers.entries[i].value.base, req->headers.entries[i].value.len };
}

struct nsc_span nsc_path(const h2o_req_t *req)
{
	size_t length = req->input.query_at == SIZE_MAX ? req->input.path.len : req->input.query_at;

	return (struct nsc_span){ req->input.path.base, length };
}

/* --- parameters ------------------------------------------------------------------------------- */

static struct nsc_span parameter_decode(h2o_req_t *req, const char *at, const char *end)
{
	char *text = h2o_mem_alloc_pool(&req->pool, (size_t)(end - at) + 1);
	size_t n = 0;

	while (at < end) {
		char c = *at++;

		if (c == '+') {
			c = ' ';
		} else if (c == '%' && end - at >= 2) {
			int high = OPENSSL_hexchar2int((unsigned char)at[0]);
			int low = OPENSSL_hexchar2int((unsigned char)at[1]);

			if (high >= 0 && low >= 0) {
				c = (char)(high << 4 | low);
				at += 2;
			}
		}
		text[n++] = c;
	}
	text[n] = '\0';
	return (struct nsc_span){ text, n };
}

struct nsc_span nsc_parameter(h2o_req_t *req, const char *name)
{
	size_t n = strlen(name);
	struct nsc_span path = nsc_path(req);
	const char *at = path.text + path.length, *end = req->input.path.base + req->input.path.len;

	while (at < end) {
		const char *begin = at + 1, *stop = memchr(begin, '&', (size_t)(end - begin));

		at = stop ? stop : end;
		if ((size_t)(at - begin) > n && !memcmp(begin, name, n) && begin[n] == '=')
			return parameter_decode(req, begin + n + 1, at);
	}
	return (struct nsc_span){ NULL, 0 };
}

/* --- who asks --------------------------------------------------------------------------------- */

/* h2o keeps the last of several fields with one name, and takes longer heads than we do. */
static bool request_is_clear(struct nsc_server *server, h2o_req_t *req)
{
	const h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
	size_t length;
	const char *fault = nsc_guard_head((struct nsc_span){ sock->input->bytes, sock->input->size }, &length);

	if (length > NSC_SERVER_INPUT) {
		req->http1_is_persistent = 0;
		nsc_respond_error(server, req, 431, "the head of a request has at most %u bytes", NSC_SERVER_INPUT);
		return false;
	}
	if (fault) {
		req->http1_is_persistent = 0;
		nsc_respond_error(server, req, 400, "%s", fault);
	}
	return !fault;
}

static bool request_is_allowed(struct nsc_server *server, h2o_req_t *req)
{
	const struct nsc_web *web = server->web;
	struct nsc_span host = { req->input.authority.base, req->input.authority.len },
			origin = nsc_header(req, "origin");
	struct sockaddr_storage local;
	socklen_t length = req->conn->callbacks->get_sockname(req->conn, (struct sockaddr *)&local);

	if (!nsc_guard_host(host, length ? (struct sockaddr *)&local : NULL, web->options.allowed_hosts)) {
		nsc_respond_error(server, req, 403,
				  "this Host is not one of this server's names: add it to web.allowed_hosts");
		return false;
	}
	if (origin.text && !nsc_guard_origin(origin, host, web->secure, web->options.allowed_origins)) {
		nsc_respond_error(server, req, 403,
				  "pages of this Origin may not talk to this server: see web.allowed_origins");
		return false;
	}
	return true;
}

static void answer_401(struct nsc_server *server, h2o_req_t *req)
{
	nsc_respond_header(req, "www-authenticate", "Basic realm=\"NetScope\", charset=\"UTF-8\"");
	nsc_respond_error(server, req, 401, "a name and a password are wanted");
}

static void delayed_dispose(void *context)
{
	struct nsc_delayed *delayed = context;

	*delayed->at = delayed->next;
	if (delayed->next)
		delayed->next->at = delayed->at;
}

/* A wrong password waits for its answer; the connection that it came on waits with it. */
static void delay_401(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_delayed *delayed = h2o_mem_alloc_shared(&req->pool, sizeof(*delayed), delayed_dispose);

	__atomic_fetch_add(&server->web->logins_failed, 1, __ATOMIC_RELAXED);
	*delayed = (struct nsc_delayed){
		.next = server->delayed,
		.at = &server->delayed,
		.req = req,
		.due_ns = nsc_monotonic_ns() + nsc_guard_delay_ms(++server->failures) * 1000000ull,
	};
	if (delayed->next)
		delayed->next->at = &delayed->next;
	server->delayed = delayed;
}

void nsc_route_hurry(struct nsc_server *server, const h2o_socket_t *sock)
{
	for (struct nsc_delayed *delayed = server->delayed; delayed; delayed = delayed->next)
		if (delayed->req && delayed->req->conn->callbacks->get_socket(delayed->req->conn) == sock)
			delayed->due_ns = 0;
}

void nsc_route_delayed(struct nsc_server *server, uint64_t now_ns)
{
	struct nsc_delayed *next;

	for (struct nsc_delayed *delayed = server->delayed; delayed; delayed = next) {
		h2o_req_t *req = delayed->req;

		next = delayed->next;
		if (!req || now_ns < delayed->due_ns)
			continue;
		delayed->req = NULL;
		answer_401(server, req);
	}
}

/* True: goes on. False: answered, or will be. */
static bool request_is_known(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_span authorization = nsc_header(req, "authorization");

	if (!server->web->authenticates || nsc_span_is(nsc_path(req), "/api/health"))
		return true;
	if (!authorization.text) {
		answer_401(server, req); /* a browser's first request: nothing was guessed */
		return false;
	}
	if (nsc_credentials_match(&server->web->credentials, authorization)) {
		server->failures = 0;
		return true;
	}
	delay_401(server, req);
	return false;
}

/* --- the table -------------------------------------------------------------------------------- */

static bool request_has_method(const h2o_req_t *req, const char *method)
{
	return h2o_memis(req->input.method.base, req->input.method.len, method, strlen(method));
}

static bool request_is_read(struct nsc_server *server, h2o_req_t *req)
{
	if (request_has_method(req, "GET") || request_has_method(req, "HEAD"))
		return true;
	nsc_respond_header(req, "allow", "GET, HEAD");
	nsc_respond_error(server, req, 405, "GET and HEAD are all there is");
	return false;
}

/* A page of another origin can send a POST, but no header of its own without asking first, which is not answered. */
static bool request_is_posted(struct nsc_server *server, h2o_req_t *req)
{
	if (!request_has_method(req, "POST")) {
		nsc_respond_header(req, "allow", "POST");
		nsc_respond_error(server, req, 405, "this changes something: POST it");
		return false;
	}
	if (!nsc_header(req, "x-netscope").text) {
		nsc_respond_error(server, req, 403, "a request that changes something has the header X-NetScope: 1");
		return false;
	}
	return true;
}

static void route_dispatch(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_span path = nsc_path(req);

	for (size_t i = 0; i < NSC_ARRAY_LEN(changes); i++)
		if (nsc_span_is(path, changes[i].path)) {
			if (request_is_posted(server, req))
				changes[i].answer(server, req);
			return;
		}
	if (!request_is_read(server, req))
		return;
	for (size_t i = 0; i < NSC_ARRAY_LEN(routes); i++) {
		size_t n = strlen(routes[i].path);

		if (routes[i].prefix ? path.length > n && !memcmp(path.text, routes[i].path, n)
				     : nsc_span_is(path, routes[i].path)) {
			routes[i].answer(server, req);
			return;
		}
	}
	if (!nsc_asset(server, req, path))
		nsc_respond_error(server, req, 404, "there is nothing here");
}

struct handler {
	h2o_handler_t super;
	struct nsc_server *server;
};

static int route(h2o_handler_t *self, h2o_req_t *req)
{
	struct nsc_server *server = ((struct handler *)self)->server;

	nsc_server_woke(server);
	if (!request_is_clear(server, req) || !request_is_allowed(server, req) || !request_is_known(server, req))
		return 0;
	if (!nsc_span_is(nsc_path(req), "/api/health")) /* which anybody may ask */
		((struct nsc_connection *)req->conn->callbacks->get_socket(req->conn)->on_close.data)->known = true;
	if (req->entity.len)
		nsc_respond_error(server, req, 413, "a request has no body here");
	else
		route_dispatch(server, req);
	return 0;
}

void nsc_route_register(struct nsc_server *server, h2o_pathconf_t *path)
{
	struct handler *handler = (struct handler *)h2o_create_handler(path, sizeof(*handler));

	handler->super.on_req = route;
	handler->server = server;
}
