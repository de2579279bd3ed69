/* SPDX-License-Identifier: MIT
 *
 * The server itself: h2o's event loop, requests, sockets. Shared by the files that know h2o.
 */
#ifndef DASHBOARD_SERVER_H
#define DASHBOARD_SERVER_H

#include <h2o.h>
#include <h2o/http1.h>

#include "dashboard/server/deflate.h"
#include "dashboard/server/input.h"
#include "dashboard/server/parts.h"
#include "dashboard/server/queries.h"

enum {
	NSC_SOCKET_QUEUE = 8, /* messages to a client, before it is read again */
	NSC_SOCKET_QUEUE_ROOM = 16,
	NSC_SOCKET_BYTES = 256 * 1024,       /* to a client, before it is read again */
	NSC_SOCKET_RATE = 50,                /* messages from a client in one second */
	NSC_SERVER_BYTES = 24 * 1024 * 1024, /* of answers to all clients and requests, under way */
	NSC_SERVER_INPUT = 64 * 1024,        /* bytes that have come on one connection and are not dealt with */
};

struct nsc_socket { /* one WebSocket: socket.c */
	struct nsc_server *server;
	h2o_socket_t *sock; /* NULL until the 101 is on its way */
	struct nsc_input input;
	bool packs;      /* messages are compressed: deflate.h */
	bool dead;       /* to be swept */
	bool closing;    /* a close frame is the last thing in the queue */
	uint64_t end_ns; /* it is out: what still comes is thrown away until then; 0 = not yet */
	size_t thrown;
	bool reading;
	/* what goes out */
	struct nsc_message *queue[NSC_SOCKET_QUEUE_ROOM], *frame; /* frame: the newest, not begun */
	struct nsc_message *under_way[NSC_SOCKET_QUEUE_ROOM + 1];
	uint32_t queued, writing;
	size_t bytes; /* in the queue and under way, frames not counted */
	/* what it wants */
	uint64_t rate_ns, next_ns; /* UINT64_MAX: no frames */
	uint64_t second_ns;
	uint32_t this_second;
	struct nsc_flow_search search, group_search;
	double request, search_request, group_request; /* numbers that come back in answers; NAN: none */
};

struct nsc_connection { /* a place; free when `sock` is NULL */
	struct nsc_server *server;
	h2o_socket_t *sock;
	uint64_t number; /* the how many-th that was accepted */
	bool websocket;
	bool known;   /* a request of it was let in */
	bool leaving; /* cut off: h2o will notice */
};

struct nsc_delayed { /* an answer to a wrong password: lives in the request's pool */
	struct nsc_delayed *next, **at;
	h2o_req_t *req;
	uint64_t due_ns;
};

struct nsc_server {
	struct nsc_web *web;
	h2o_globalconf_t config;
	h2o_context_t ctx;
	h2o_accept_ctx_t accept;
	h2o_loop_t *loop;
	h2o_socket_t *listener;
	h2o_multithread_receiver_t wakeup;
	struct nsc_connection connection[NSC_WEB_PLACES];
	struct nsc_deflate *deflate; /* one for all; NULL: nothing is compressed */
	uint64_t accepted;           /* connections, since the start */
	size_t bytes;                /* of answers under way */
	struct nsc_socket *client[NSC_WEB_SOCKETS];
	uint32_t clients;
	uint32_t failures; /* wrong passwords in a row */
	struct nsc_delayed *delayed;
	uint64_t frame_ns; /* when the newest frame was made */
	uint64_t wait_ns;  /* how long the loop was to wait at most */
	uint32_t served;   /* calls from the loop since then */
	bool asleep;       /* there was none yet */
	bool timeline_on_its_way;
	uint32_t downloads; /* of flows, under way */
};

/* --- socket.c --------------------------------------------------------------------------------- */

/* Answers a request for /ws: 101, or an error. */
void nsc_socket_upgrade(struct nsc_server *server, h2o_req_t *req);
void nsc_socket_frame(struct nsc_server *server, uint64_t now_ns);        /* to whom it is due */
bool nsc_socket_wanted(const struct nsc_server *server, uint64_t now_ns); /* anybody? */
void nsc_socket_sweep(struct nsc_server *server);
void nsc_socket_close_all(struct nsc_server *server);
/* Queues a message, taking the reference; NULL is an answer that could not be made. */
void nsc_socket_send(struct nsc_socket *client, struct nsc_message *message);
void nsc_socket_close(struct nsc_socket *client, uint16_t code, const char *reason);

/* command.c: a message from a client */
void nsc_socket_command(struct nsc_socket *client, const char *text, size_t length);
void nsc_socket_forget(struct nsc_socket *client); /* it is going away */

/* --- respond.c -------------------------------------------------------------------------------- */

void nsc_respond_header(h2o_req_t *req, const char *name, const char *value); /* texts live as long as the request */
void nsc_respond_header_u64(h2o_req_t *req, const char *name, uint64_t value);
void nsc_respond_header_ns(h2o_req_t *req, const char *name, uint64_t ns); /* as a time of JSON */
/* Status and the headers that every answer has; `type` NULL: there is no body. */
void nsc_respond_begin(struct nsc_server *server, h2o_req_t *req, int status, const char *type);
bool nsc_request_is_head(const h2o_req_t *req);
/* Begins a body that `generator` sends. True: there is none, the request is HEAD; it is answered. */
bool nsc_respond_start(h2o_req_t *req, h2o_generator_t *generator);
void nsc_respond_text(struct nsc_server *server, h2o_req_t *req, int status, const char *text);
/* Takes the text of a finished JSON. */
void nsc_respond_json(struct nsc_server *server, h2o_req_t *req, const char *type, struct nsc_json *json);
/* 200 with bytes that are there as long as the program: they are sent from where they lie. Any "cache-control" is the
 * caller's. */
void nsc_respond_static(struct nsc_server *server, h2o_req_t *req, const char *type, struct nsc_span bytes);
void nsc_respond_error(struct nsc_server *server, h2o_req_t *req, int status, const char *format, ...) nsc_printf(4, 5);

/* A body that is made piece by piece as it is sent: `next` writes one more piece of 0 to 512 KiB and returns false
 * after the last. The connection is closed in the middle of it when there are too many answers under way. The state is
 * `size` bytes in the request's pool. */
struct nsc_stream {
	h2o_generator_t generator;
	struct nsc_server *server;
	struct nsc_json piece;
	bool (*next)(struct nsc_stream *);
};
struct nsc_stream *nsc_stream_new(struct nsc_server *server, h2o_req_t *req, size_t size,
				  bool (*next)(struct nsc_stream *));
void nsc_stream_start(struct nsc_stream *stream, h2o_req_t *req, const char *type);

/* --- route.c, api.c, asset.c ------------------------------------------------------------------ */

void nsc_route_register(struct nsc_server *server, h2o_pathconf_t *path);
void nsc_route_delayed(struct nsc_server *server, uint64_t now_ns);        /* answers what is due */
void nsc_route_hurry(struct nsc_server *server, const h2o_socket_t *sock); /* it is cut off: what waits there is due */
struct nsc_span nsc_header(const h2o_req_t *req, const char *name);        /* text NULL: there is none */
struct nsc_span nsc_path(const h2o_req_t *req);                            /* without parameters */

/* The value of a parameter, percent-decoded and with a NUL behind it, in the request's pool; text NULL: there is none.
 */
struct nsc_span nsc_parameter(h2o_req_t *req, const char *name);

/* The parameter as a whole number from `least` to `most`; `value` stays as it is when there is none. False: answered.
 */
bool nsc_api_number(struct nsc_server *server, h2o_req_t *req, const char *name, uint64_t least, uint64_t most,
		    uint64_t *value);

/* The parameter as a time, seconds since 1970 with any decimals, from 0 to 2^64 ns; `ns` stays as it is when there is
 * none. False: answered. */
bool nsc_api_time(struct nsc_server *server, h2o_req_t *req, const char *name, uint64_t *ns);

/* recorder.c: the parameters host, flow, last, from and to. False: answered. */
bool nsc_api_choice(struct nsc_server *server, h2o_req_t *req, struct nsc_packet_choice *choice);
/* Answers with what the flight recorder has of it; 404 when there is none. */
void nsc_recorder_answer(struct nsc_server *server, h2o_req_t *req, const struct nsc_record_ask *ask);

/* pcapng.c: `last` as a time, back from the newest sample; returns the choice. */
struct nsc_packet_choice *nsc_samples_settle(struct nsc_web *web, struct nsc_packet_choice *choice);
/* What is kept of each packet, in words that live as long as the request. */
const char *nsc_samples_kept(const struct nsc_web *web, h2o_req_t *req);

void nsc_api_summary(struct nsc_server *server, h2o_req_t *req);
void nsc_api_flows(struct nsc_server *server, h2o_req_t *req);
void nsc_api_flows_csv(struct nsc_server *server, h2o_req_t *req);
void nsc_api_flows_json(struct nsc_server *server, h2o_req_t *req);
void nsc_api_groups(struct nsc_server *server, h2o_req_t *req);
void nsc_api_alerts(struct nsc_server *server, h2o_req_t *req);
void nsc_api_episodes(struct nsc_server *server, h2o_req_t *req);
void nsc_api_episode_seen(struct nsc_server *server, h2o_req_t *req);
void nsc_api_episode_mute(struct nsc_server *server, h2o_req_t *req);
void nsc_api_cores(struct nsc_server *server, h2o_req_t *req);
void nsc_api_config(struct nsc_server *server, h2o_req_t *req);
void nsc_api_history(struct nsc_server *server, h2o_req_t *req);
void nsc_api_events(struct nsc_server *server, h2o_req_t *req);
void nsc_api_dns(struct nsc_server *server, h2o_req_t *req);
void nsc_api_packets(struct nsc_server *server, h2o_req_t *req);
void nsc_api_packet(struct nsc_server *server, h2o_req_t *req);
void nsc_api_pcapng(struct nsc_server *server, h2o_req_t *req);
void nsc_api_sampling(struct nsc_server *server, h2o_req_t *req);
void nsc_api_sampling_start(struct nsc_server *server, h2o_req_t *req);
void nsc_api_sampling_stop(struct nsc_server *server, h2o_req_t *req);
void nsc_api_recorder(struct nsc_server *server, h2o_req_t *req);
void nsc_api_follow(struct nsc_server *server, h2o_req_t *req);
void nsc_api_kept(struct nsc_server *server, h2o_req_t *req);
void nsc_api_peers(struct nsc_server *server, h2o_req_t *req);
void nsc_api_profile(struct nsc_server *server, h2o_req_t *req);
void nsc_api_profile_start(struct nsc_server *server, h2o_req_t *req);
void nsc_api_profile_stop(struct nsc_server *server, h2o_req_t *req);
void nsc_api_timeline(struct nsc_server *server, h2o_req_t *req);
void nsc_api_metrics(struct nsc_server *server, h2o_req_t *req);
void nsc_api_healthz(struct nsc_server *server, h2o_req_t *req);
void nsc_api_health(struct nsc_server *server, h2o_req_t *req);

bool nsc_asset(struct nsc_server *server, h2o_req_t *req, struct nsc_span path); /* false: there is none of this name */

/* --- server.c --------------------------------------------------------------------------------- */

int nsc_server_open(struct nsc_web *web, struct nsc_error *error);
void nsc_server_run(struct nsc_web *web);
void nsc_server_close(struct nsc_web *web);
void nsc_server_wake(struct nsc_web *web);       /* Thread: any */
void nsc_server_woke(struct nsc_server *server); /* h2o has called: its wait is over */

/* tls.c: 0 or -errno */
int nsc_tls_open(void **tls, const char *cert, const char *key, struct nsc_error *error);
void nsc_tls_close(void *tls);

#endif
