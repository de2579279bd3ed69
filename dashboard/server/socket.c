/* SPDX-License-Identifier: MIT
 *
 * WebSockets over h2o's upgraded connections; wslay takes frames apart, nothing else. All that a client can make us
 * hold is bounded: one message of 4 KiB, a short queue of answers, one frame that waits. When the queue is full the
 * client is not read, so that a flood of pings waits in its own socket.
 *
 * A client is never freed inside a callback: it is marked dead, and swept by the loop.
 */
#include "dashboard/server/server.h"

#include <math.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

#define FRAMES_NEVER UINT64_MAX
#define REST_NS NSC_NS_PER_SEC
#define REST_MOST ((size_t)1 << 20)

/* --- out -------------------------------------------------------------------------------------- */

static void socket_write(struct nsc_socket *c);
static void socket_read(struct nsc_socket *c);

/* A socket that is closed with something unread in it is reset, and the close frame with it may never be seen: what
 * comes is read and thrown away for a moment, until the other side closes too. */
static void on_rest(h2o_socket_t *sock, const char *error)
{
	struct nsc_socket *c = sock->data;

	c->thrown += sock->input->size;
	h2o_buffer_consume(&sock->input, sock->input->size);
	c->dead |= error || c->thrown > REST_MOST;
}

static void socket_rest(struct nsc_socket *c)
{
	c->end_ns = nsc_monotonic_ns() + REST_NS;
	h2o_buffer_consume(&c->sock->input, c->sock->input->size);
	h2o_socket_read_start(c->sock, on_rest);
}

static void drop_written(struct nsc_socket *c)
{
	for (uint32_t i = 0; i < c->writing; i++)
		nsc_message_drop(c->under_way[i]);
	c->writing = 0;
}

static void on_written(h2o_socket_t *sock, const char *error)
{
	struct nsc_socket *c = sock->data;
	bool all = !c->queued;

	nsc_server_woke(c->server);
	for (uint32_t i = 0; i < c->writing; i++)
		if (c->under_way[i]->owned) {
			c->bytes -= c->under_way[i]->length;
			c->server->bytes -= c->under_way[i]->length;
		}
	drop_written(c);
	if (error) {
		c->dead = true;
		return;
	}
	if (c->closing && all) {
		socket_rest(c);
		return;
	}
	socket_write(c);
	socket_read(c);
}

/* What waits becomes what is under way: answers first, then the newest frame. */
static void socket_take_queue(struct nsc_socket *c)
{
	for (uint32_t i = 0; i < c->queued; i++)
		c->under_way[c->writing++] = c->queue[i];
	c->queued = 0;
	if (c->frame && !c->closing)
		c->under_way[c->writing++] = c->frame;
	else
		nsc_message_drop(c->frame);
	c->frame = NULL;
}

static void socket_write(struct nsc_socket *c)
{
	h2o_iovec_t parts[2 * (NSC_SOCKET_QUEUE_ROOM + 1)];

	if (c->dead || !c->sock || c->writing || (!c->queued && !c->frame))
		return;
	socket_take_queue(c);
	for (uint32_t i = 0; i < c->writing; i++) {
		parts[2 * i] = h2o_iovec_init(c->under_way[i]->head_room, c->under_way[i]->head);
		parts[2 * i + 1] = h2o_iovec_init(c->under_way[i]->text, c->under_way[i]->length);
	}
	if (c->writing)
		h2o_socket_write(c->sock, parts, 2 * c->writing, on_written);
}

/* As this client gets it. Takes the reference, and gives one. */
static struct nsc_message *socket_pack(const struct nsc_socket *c, struct nsc_message *message)
{
	bool is_text = (message->head_room[0] & 0xf) == WSLAY_TEXT_FRAME;
	struct nsc_message *sent =
		nsc_message_keep(c->packs && is_text ? nsc_message_pack(message, c->server->deflate) : message);

	nsc_message_drop(message);
	return sent;
}

static void socket_enqueue(struct nsc_socket *c, struct nsc_message *message)
{
	if (c->queued == NSC_SOCKET_QUEUE_ROOM) { /* answers of queries may come on top of a full queue: at most one */
		nsc_message_drop(message);
		c->dead = true;
		return;
	}
	message = socket_pack(c, message);
	message->owned = true;
	c->bytes += message->length;
	c->server->bytes += message->length;
	c->queue[c->queued++] = message;
	socket_write(c);
}

void nsc_socket_send(struct nsc_socket *c, struct nsc_message *message)
{
	if (!message)
		message = nsc_message_error("the answer could not be made: out of memory, or too large", NAN);
	if (!message || c->dead || c->closing) {
		nsc_message_drop(message);
		return;
	}
	if (c->server->bytes + message->length > NSC_SERVER_BYTES) {
		nsc_message_drop(message);
		nsc_socket_close(c, 1013, "too many answers wait to be read");
		return;
	}
	socket_enqueue(c, message);
}

void nsc_socket_close(struct nsc_socket *c, uint16_t code, const char *reason)
{
	uint8_t payload[125];
	size_t n = NSC_MIN(strlen(reason), sizeof(payload) - 2);
	struct nsc_message *message;

	if (c->dead || c->closing)
		return;
	payload[0] = (uint8_t)(code >> 8);
	payload[1] = (uint8_t)code;
	memcpy(payload + 2, reason, n);
	message = nsc_message_control(WSLAY_CONNECTION_CLOSE, payload, n + 2);
	if (c->sock && message) {
		socket_enqueue(c, message);
		c->closing = true;
	} else {
		nsc_message_drop(message);
		c->dead = true;
	}
}

/* --- in --------------------------------------------------------------------------------------- */

static size_t take_input(void *context, uint8_t *to, size_t most)
{
	struct nsc_socket *c = context;
	size_t n = NSC_MIN(most, c->sock->input->size);

	if (n) {
		memcpy(to, c->sock->input->bytes, n);
		h2o_buffer_consume(&c->sock->input, n);
	}
	return n;
}

/* A flood of messages is not worth an answer each. */
static bool within_rate(struct nsc_socket *c)
{
	uint64_t now_ns = nsc_monotonic_ns();

	if (now_ns - c->second_ns >= NSC_NS_PER_SEC) {
		c->second_ns = now_ns;
		c->this_second = 0;
	}
	return ++c->this_second <= NSC_SOCKET_RATE;
}

static void take_message(struct nsc_socket *c)
{
	if (within_rate(c))
		nsc_socket_command(c, (const char *)c->input.message, c->input.length);
	else
		nsc_socket_close(c, 1008, "more than 50 messages in a second");
}

static bool may_read(const struct nsc_socket *c)
{
	return !c->dead && !c->closing && c->queued + c->writing < NSC_SOCKET_QUEUE && c->bytes < NSC_SOCKET_BYTES;
}

/* False when there is no more for now. */
static bool read_piece(struct nsc_socket *c)
{
	switch (nsc_input_next(&c->input)) {
	case NSC_INPUT_EMPTY:
		return false;
	case NSC_INPUT_PIECE:
		return true;
	case NSC_INPUT_MESSAGE:
		take_message(c);
		return true;
	case NSC_INPUT_PING:
		nsc_socket_send(c, nsc_message_control(WSLAY_PONG, c->input.control, c->input.control_length));
		return true;
	case NSC_INPUT_CLOSE:
		nsc_socket_close(c, 1000, "");
		return false;
	case NSC_INPUT_ERROR:
		nsc_socket_close(c, c->input.code, c->input.code == 1009 ? "a message has at most 4096 bytes" : "");
		return false;
	}
	return false;
}

static void on_read(h2o_socket_t *sock, const char *error)
{
	struct nsc_socket *c = sock->data;

	nsc_server_woke(c->server);
	if (error)
		c->dead = true;
	else
		socket_read(c);
}

static void socket_read(struct nsc_socket *c)
{
	bool want;

	while (may_read(c) && read_piece(c))
		;
	want = may_read(c);
	if (want && !c->reading)
		h2o_socket_read_start(c->sock, on_read);
	if (!want && c->reading && !c->dead)
		h2o_socket_read_stop(c->sock);
	c->reading = want;
}

/* --- beginning and end ------------------------------------------------------------------------ */

/* Who comes need not wait for the next tick to see how things are. In the place of a frame: a newer one replaces it. */
static void socket_show_state(struct nsc_socket *c)
{
	struct nsc_web *web = c->server->web;
	struct nsc_message *frame;

	if (!web->view->seq)
		nsc_web_refresh(web);
	web->clients = c->server->clients;
	frame = c->dead || c->closing ? NULL : nsc_message_first_frame(web);
	c->frame = frame ? socket_pack(c, frame) : NULL;
	socket_write(c);
}

static void on_upgraded(void *context, h2o_socket_t *sock, size_t request_size)
{
	struct nsc_socket *c = context;

	if (!sock) {
		c->dead = true;
		return;
	}
	c->sock = sock;
	sock->data = c;
	((struct nsc_connection *)sock->on_close.data)->websocket = true;
	h2o_buffer_consume(&sock->input, request_size);
	if (c->dead)
		return;
	nsc_socket_send(c, nsc_message_hello(c->server->web));
	socket_show_state(c);
	socket_read(c);
}

static void accept_key(h2o_req_t *req, struct nsc_span key)
{
	static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char text[24 + sizeof(magic) - 1], digest[20];
	char *accept = h2o_mem_alloc_pool(&req->pool, 32); /* 28 and a NUL */

	memcpy(text, key.text, 24);
	memcpy(text + 24, magic, sizeof(magic) - 1);
	SHA1(text, sizeof(text), digest);
	EVP_EncodeBlock((unsigned char *)accept, digest, sizeof(digest));
	nsc_respond_header(req, "sec-websocket-accept", accept);
}

static bool wants_websocket(const h2o_req_t *req, struct nsc_span *key)
{
	struct nsc_span version = nsc_header(req, "sec-websocket-version");

	*key = nsc_header(req, "sec-websocket-key");
	return req->version >= 0x101 && h2o_lcstris(req->upgrade.base, req->upgrade.len, H2O_STRLIT("websocket")) &&
	       nsc_span_is(version, "13") && key->length == 24;
}

/* True: messages to it and from it may be compressed. */
static bool agree_on_compression(const struct nsc_server *server, h2o_req_t *req)
{
	const char *answer = server->deflate ? nsc_deflate_choose(nsc_header(req, "sec-websocket-extensions")) : NULL;

	if (answer)
		nsc_respond_header(req, "sec-websocket-extensions", answer);
	return answer != NULL;
}

static struct nsc_socket *socket_new(struct nsc_server *server)
{
	struct nsc_socket *c = calloc(1, sizeof(*c));

	if (!c || !nsc_input_open(&c->input, take_input, c)) {
		free(c);
		return NULL;
	}
	c->server = server;
	c->rate_ns = (uint64_t)server->web->options.tick_ms * 1000000;
	for (uint32_t i = 0; i < NSC_WEB_SOCKETS; i++) {
		if (server->client[i])
			continue;
		server->client[i] = c;
		server->clients++;
		break;
	}
	return c;
}

void nsc_socket_upgrade(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_span key;
	bool wanted = wants_websocket(req, &key);
	struct nsc_socket *c;

	/* a browser does not show the page why its WebSocket was refused: the page asks once more without one */
	if (server->clients == NSC_WEB_SOCKETS) {
		nsc_respond_error(server, req, 503, "%u browsers are connected, and there is no room for more",
				  server->clients);
		return;
	}
	if (!wanted) {
		nsc_respond_header(req, "sec-websocket-version", "13");
		nsc_respond_error(server, req, 400, "this is a WebSocket, version 13, of HTTP/1.1");
		return;
	}
	c = socket_new(server);
	if (!c) {
		nsc_respond_error(server, req, 503, "there is no memory for a WebSocket");
		return;
	}
	req->res.status = 101;
	req->res.reason = "Switching Protocols";
	nsc_respond_header(req, "upgrade", "websocket");
	accept_key(req, key);
	c->packs = agree_on_compression(server, req);
	c->input.deflate = c->packs ? server->deflate : NULL;
	h2o_http1_upgrade(req, NULL, 0, on_upgraded, c);
}

static void socket_free(struct nsc_socket *c)
{
	nsc_socket_forget(c);
	if (c->sock)
		h2o_socket_close(c->sock);
	nsc_input_close(&c->input);
	c->server->bytes -= c->bytes;
	drop_written(c);
	for (uint32_t i = 0; i < c->queued; i++)
		nsc_message_drop(c->queue[i]);
	nsc_message_drop(c->frame);
	free(c);
}

void nsc_socket_sweep(struct nsc_server *server)
{
	uint64_t now_ns = nsc_monotonic_ns();

	for (uint32_t i = 0; i < NSC_WEB_SOCKETS; i++) {
		struct nsc_socket *c = server->client[i];

		if (!c || !(c->dead || (c->end_ns && now_ns >= c->end_ns)))
			continue;
		socket_free(c);
		server->client[i] = NULL;
		server->clients--;
	}
}

void nsc_socket_close_all(struct nsc_server *server)
{
	for (uint32_t i = 0; i < NSC_WEB_SOCKETS; i++)
		if (server->client[i])
			nsc_socket_close(server->client[i], 1001, "the server ends");
}

/* --- frames ----------------------------------------------------------------------------------- */

/* A little early is in time: the loop's timer counts milliseconds. */
static bool socket_is_due(const struct nsc_socket *c, uint64_t now_ns)
{
	return c && c->sock && !c->dead && !c->closing && c->rate_ns != FRAMES_NEVER && now_ns + 2000000 >= c->next_ns;
}

bool nsc_socket_wanted(const struct nsc_server *server, uint64_t now_ns)
{
	for (uint32_t i = 0; i < NSC_WEB_SOCKETS; i++)
		if (socket_is_due(server->client[i], now_ns))
			return true;
	return false;
}

/* Newest wins: a frame that has not been begun is replaced. */
static void socket_offer(struct nsc_socket *c, struct nsc_message *frame, uint64_t now_ns)
{
	nsc_message_drop(c->frame);
	c->frame = socket_pack(c, nsc_message_keep(frame));
	c->next_ns = now_ns + c->rate_ns;
	socket_write(c);
}

void nsc_socket_frame(struct nsc_server *server, uint64_t now_ns)
{
	struct nsc_message *frame = nsc_message_frame(server->web);

	for (uint32_t i = 0; frame && i < NSC_WEB_SOCKETS; i++)
		if (socket_is_due(server->client[i], now_ns))
			socket_offer(server->client[i], frame, now_ns);
	nsc_message_drop(frame);
}
