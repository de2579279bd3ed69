/* SPDX-License-Identifier: MIT
 *
 * The event loop: connections in, frames out, and what is due in between.
 *
 * Waking: whoever has news for the loop sends an empty message, which ends the wait and calls nothing; what is new is
 * looked at after each round. That locks and writes to a pipe, so only publisher and control do it, never a packet's
 * thread.
 */
#include "dashboard/server/server.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>

enum {
	ACCEPTS_A_ROUND = 16,
	REQUEST_TIMEOUT_MS = 5000, /* for a request to arrive whole, and between two of them */
	HANDSHAKE_TIMEOUT_MS = 5000,
	STALL_TIMEOUT_MS = 20000, /* of a client that does not read what was sent */
	QUERY_WAIT_MS = 2,
	DELAY_WAIT_MS = 10,
	SHUTDOWN_MS = 500,
	POOL_BLOCKS_KEPT = 16, /* by h2o, for each thread */
};

#define H2O_LEAVES_QUEUE (H2O_VERSION_MAJOR == 2 && H2O_VERSION_MINOR <= 2) /* h2o_context_dispose does not free it */

/* --- connections ------------------------------------------------------------------------------ */

static void on_close(void *context)
{
	((struct nsc_connection *)context)->sock = NULL;
}

static struct nsc_connection *connection_free_place(struct nsc_server *server)
{
	for (uint32_t i = 0; i < NSC_WEB_PLACES; i++)
		if (!server->connection[i].sock)
			return &server->connection[i];
	return NULL;
}

/* It is shut down from outside, because h2o owns what it reads; h2o clears up after it. */
static void connection_cut(struct nsc_connection *connection)
{
	connection->leaving = true;
	nsc_route_hurry(connection->server, connection->sock);
	shutdown(h2o_socket_get_fd(connection->sock), SHUT_RDWR);
}

/* When all places are taken, the connection that has waited longest without a request that was let in gives way: who
 * opens many and says little cannot lock out those who may ask. False: there is none. */
static bool make_room(struct nsc_server *server)
{
	struct nsc_connection *oldest = NULL;
	uint32_t stay = 0;

	for (uint32_t i = 0; i < NSC_WEB_PLACES; i++) {
		struct nsc_connection *c = &server->connection[i];

		if (!c->sock || c->leaving)
			continue;
		stay++;
		if (!c->known && (!oldest || c->number < oldest->number))
			oldest = c;
	}
	if (stay < NSC_WEB_CONNECTIONS)
		return true;
	if (oldest)
		connection_cut(oldest);
	return oldest != NULL;
}

/* h2o takes request heads of 400 kB, which is too much of all connections together. A WebSocket has its own
 * bounds: what it sends waits in its socket. */
static void cut_off_large_heads(struct nsc_server *server)
{
	for (uint32_t i = 0; i < NSC_WEB_PLACES; i++) {
		h2o_socket_t *sock = server->connection[i].sock;

		if (sock && !server->connection[i].websocket && sock->input && sock->input->size > NSC_SERVER_INPUT)
			connection_cut(&server->connection[i]);
	}
}

static void on_accept(h2o_socket_t *listener, const char *error)
{
	struct nsc_server *server = listener->data;
	int stall_ms = STALL_TIMEOUT_MS;
	struct nsc_connection *place;
	h2o_socket_t *sock;

	nsc_server_woke(server);
	/* without a place those that were cut off have to go first: the next round sees to that */
	for (unsigned i = 0; !error && i < ACCEPTS_A_ROUND && (place = connection_free_place(server)) &&
			     (sock = h2o_evloop_socket_accept(listener));
	     i++) {
		if (!make_room(server)) {
			h2o_socket_close(sock);
			continue;
		}
		setsockopt(h2o_socket_get_fd(sock), IPPROTO_TCP, TCP_USER_TIMEOUT, &stall_ms, sizeof(stall_ms));
		*place = (struct nsc_connection){ .server = server, .sock = sock, .number = ++server->accepted };
		sock->on_close.cb = on_close;
		sock->on_close.data = place;
		h2o_accept(&server->accept, sock);
	}
}

static void on_wakeup(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
}

void nsc_server_wake(struct nsc_web *web)
{
	h2o_multithread_send_message(&web->server->wakeup, NULL);
}

/* --- rounds ----------------------------------------------------------------------------------- */

/* Half of a tick must have passed since the last frame for news, a whole one otherwise. */
static bool frame_is_due(struct nsc_server *server, uint64_t now_ns, bool news)
{
	uint64_t tick_ns = (uint64_t)server->web->options.tick_ms * 1000000, passed_ns = now_ns - server->frame_ns;

	return passed_ns + 1000000 >= (news ? tick_ns / 2 : tick_ns);
}

static void make_due_frame(struct nsc_server *server, uint64_t now_ns)
{
	struct nsc_web *web = server->web;
	uint64_t tick_ns = (uint64_t)web->options.tick_ms * 1000000;

	if (!frame_is_due(server, now_ns, true))
		return;
	if (!nsc_web_refresh(web) && !frame_is_due(server, now_ns, false))
		return;
	server->frame_ns = now_ns;
	__atomic_store_n(&web->due_ns, now_ns + tick_ns / 2, __ATOMIC_RELAXED);
	web->clients = server->clients;
	nsc_web_take_samples(web);
	if (nsc_socket_wanted(server, now_ns))
		nsc_socket_frame(server, now_ns);
	nsc_timeline_core(web->timeline);
	nsc_timeline_now(web->timeline, NSC_TIMELINE_FRAME, 0);
}

static int32_t wait_ms(const struct nsc_server *server, bool asking, uint64_t now_ns)
{
	uint64_t due_ns = server->frame_ns + (uint64_t)server->web->options.tick_ms * 1000000;
	int32_t wait = due_ns > now_ns ? (int32_t)NSC_MIN((due_ns - now_ns + 999999) / 1000000, 1000ull) : 0;

	if (server->delayed)
		wait = NSC_MIN(wait, DELAY_WAIT_MS);
	return asking ? NSC_MIN(wait, QUERY_WAIT_MS) : wait;
}

/* h2o does not tell when its wait has ended. The first call of ours does: what h2o does before that, such as TLS,
 * counts as waiting. */
void nsc_server_woke(struct nsc_server *server)
{
	server->served++;
	if (server->asleep)
		nsc_timeline_rest_for(server->web->timeline, NSC_TIMELINE_SLEEP, server->wait_ns);
	server->asleep = false;
}

static void wait_and_serve(struct nsc_server *server, int32_t wait)
{
	server->wait_ns = (uint64_t)wait * 1000000;
	server->served = 0;
	server->asleep = true;
	h2o_evloop_run(server->loop, wait);
	if (server->served)
		nsc_timeline_now(server->web->timeline, NSC_TIMELINE_SERVE, server->served);
	else
		nsc_server_woke(server);
}

static void run_once(struct nsc_server *server, int32_t wait)
{
	uint64_t now_ns;

	wait_and_serve(server, wait);
	now_ns = nsc_monotonic_ns();
	cut_off_large_heads(server);
	nsc_socket_sweep(server);
	nsc_route_delayed(server, now_ns);
	nsc_web_watch(server->web, now_ns);
	nsc_web_keep_look(server->web, now_ns);
	nsc_web_look_at_hosts(server->web, now_ns);
	make_due_frame(server, now_ns);
}

static void stop_listening(struct nsc_server *server)
{
	if (!server->listener)
		return;
	h2o_socket_read_stop(server->listener);
	h2o_socket_close(server->listener);
	server->listener = NULL;
}

static bool any_connection(const struct nsc_server *server)
{
	for (uint32_t i = 0; i < NSC_WEB_PLACES; i++)
		if (server->connection[i].sock)
			return true;
	return false;
}

/* h2o lets go of a connection when it reads its end, and reads nothing while a request waits for its answer. */
static void close_connections(struct nsc_server *server)
{
	for (uint32_t round = 0; any_connection(server) && round < 20; round++) {
		for (uint32_t i = 0; i < NSC_WEB_PLACES; i++)
			if (server->connection[i].sock)
				shutdown(h2o_socket_get_fd(server->connection[i].sock), SHUT_RDWR);
		h2o_evloop_run(server->loop, 10);
		nsc_route_delayed(server, UINT64_MAX);
		nsc_queries_end(server->web);
	}
}

/* Everybody is told; whoever does not listen is cut off after a moment. */
static void shut_down(struct nsc_server *server)
{
	uint64_t end_ns = nsc_monotonic_ns() + SHUTDOWN_MS * 1000000ull;

	stop_listening(server);
	nsc_socket_close_all(server);
	while (server->clients && nsc_monotonic_ns() < end_ns) {
		h2o_evloop_run(server->loop, 10);
		nsc_socket_sweep(server);
	}
	for (uint32_t i = 0; i < NSC_WEB_SOCKETS; i++)
		if (server->client[i])
			server->client[i]->dead = true;
	nsc_socket_sweep(server);
	close_connections(server);
}

/* h2o keeps blocks of a thread to use them again, and forgets them when the thread ends. Both lists are emptied as h2o
 * itself would take from them. */
static void free_kept_blocks(void)
{
	h2o_mem_recycle_t *buffers = &h2o_socket_buffer_prototype.allocator;

	while (buffers->cnt)
		free(h2o_mem_alloc_recycle(buffers, 1));
	for (unsigned i = 0; i < POOL_BLOCKS_KEPT; i++) {
		h2o_mem_pool_t pool;

		h2o_mem_init_pool(&pool);
		h2o_mem_alloc_pool(&pool, 1); /* its first block, from the list if there is one */
		free(pool.chunks);
	}
}

void nsc_server_run(struct nsc_web *web)
{
	struct nsc_server *server = web->server;
	bool asking = false, asked;

	while (!__atomic_load_n(&web->stop, __ATOMIC_ACQUIRE)) {
		run_once(server, wait_ms(server, asking, nsc_monotonic_ns()));
		asked = asking;
		asking = nsc_queries_step(web);
		asking |= nsc_sampling_step(web, nsc_monotonic_ns());
		if (asked || asking)
			nsc_timeline_now(web->timeline, NSC_TIMELINE_ASK, 0);
		nsc_timeline_turn(web->timeline);
	}
	shut_down(server);
	free_kept_blocks();
}

/* --- beginning and end ------------------------------------------------------------------------ */

static void configure(struct nsc_server *server)
{
	h2o_hostconf_t *host;

	h2o_config_init(&server->config);
	server->config.server_name = h2o_iovec_init(H2O_STRLIT("netscope"));
	server->config.max_request_entity_size =
		NSC_SERVER_INPUT; /* any body is refused by the router, once it is there */
	server->config.handshake_timeout = HANDSHAKE_TIMEOUT_MS;
	server->config.http1.req_timeout = REQUEST_TIMEOUT_MS;
	server->config.http1.upgrade_to_http2 = 0;
	host = h2o_config_register_host(&server->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
	nsc_route_register(server, h2o_config_register_path(host, "/", 0));
}

int nsc_server_open(struct nsc_web *web, struct nsc_error *error)
{
	struct nsc_server *server = calloc(1, sizeof(*server));

	if (!server)
		return nsc_fail(error, -ENOMEM, "no memory for the dashboard's server");
	web->server = server;
	server->web = web;
	configure(server);
	server->deflate = nsc_deflate_open();
	if (!server->deflate)
		return nsc_fail(error, -ENOMEM, "no memory for the dashboard's compression");
	server->loop = h2o_evloop_create();
	h2o_context_init(&server->ctx, server->loop, &server->config);
	server->accept.ctx = &server->ctx;
	server->accept.hosts = server->config.hosts;
	server->accept.ssl_ctx = web->tls;
	h2o_multithread_register_receiver(server->ctx.queue, &server->wakeup, on_wakeup);
	server->listener = h2o_evloop_socket_create(server->loop, web->listener, H2O_SOCKET_FLAG_DONT_READ);
	web->listener = -1; /* the socket's now */
	server->listener->data = server;
	h2o_socket_read_start(server->listener, on_accept);
	return 0;
}

/* A context cannot be taken apart while a connection is open: one that would not go is left to the end of the process.
 */
void nsc_server_close(struct nsc_web *web)
{
	struct nsc_server *server = web->server;

	stop_listening(server);
	if (!any_connection(server)) {
		h2o_multithread_queue_t *queue = server->ctx.queue;

		h2o_multithread_unregister_receiver(queue, &server->wakeup);
		h2o_context_dispose(&server->ctx);
		if (H2O_LEAVES_QUEUE)
			free(queue);
		h2o_config_dispose(&server->config);
		h2o_evloop_destroy(server->loop);
	}
	nsc_deflate_close(server->deflate);
	free(server);
	web->server = NULL;
}
