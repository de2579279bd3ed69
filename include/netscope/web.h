/* SPDX-License-Identifier: MIT
 *
 * The dashboard: a web server on a thread of its own that shows what one engine does. It is a sink (ticks, alerts) and
 * a reader of views; it never waits for the packet path, nor the packet path for it. docs/web-api.md is its protocol.
 *
 * Thread: control, all of it, unless said otherwise.
 */
#ifndef NETSCOPE_WEB_H
#define NETSCOPE_WEB_H

#include "netscope/engine.h"
#include "netscope/packet_choice.h"

struct nsc_json;
struct nsc_profile;
struct nsc_summary_interface;
struct nsc_web;

/* How the interfaces of a live run are now, without what they counted themselves: how many, NSC_LIVE_INTERFACES_MAX at
 * most. Thread: the dashboard's. */
typedef uint32_t nsc_web_interfaces_fn(void *context, struct nsc_summary_interface *interface);

struct nsc_web_options {                     /* texts are never NULL, "" = off, and stay the caller's until close */
	const char *bind;                    /* an IP address */
	uint16_t port;                       /* 0 = any that is free, for tests */
	uint32_t tick_ms;                    /* between two frames */
	uint64_t tick_ns;                    /* between two views: as the engine was told, 1..2^62 */
	uint32_t top_n;                      /* top flows in a frame */
	uint32_t packet_buffer;              /* packets kept */
	uint32_t sample_rate, payload_bytes; /* what the engine was told: shown only */
	const char *allowed_hosts, *allowed_origins; /* "a,b" */
	const char *links;                           /* "Name=https://host/?q={host},...": see nsc_path_next */
	const char *tls_cert, *tls_key;              /* PEM files; both or none */
	const char *auth_user, *auth_pass_file;      /* both or none */
	const char *version;                         /* of the program */
	const char *source, *input;                  /* "file", "big.pcap" */
	const char *clock;                           /* whose clock stamps packets */
	struct nsc_rx_file_report files;             /* n = 0: none; open until close */
	nsc_web_interfaces_fn *interfaces;           /* NULL = there are none */
	void *interfaces_context;
	bool live;
	bool track_sctp, track_icmp, decap;      /* as the engine decodes */
	bool rtt, retrans, out_of_order, alerts; /* which analyses the run makes */
	enum nsc_names names;
	const char *config_json;     /* the effective configuration, one JSON value */
	const char *doctor_json;     /* findings, one JSON value; "" = none were made */
	struct nsc_profile *profile; /* may be started and stopped; NULL = there is none */
	const char *profile_why;     /* why; NULL = nobody said */
};

enum nsc_web_state {
	NSC_WEB_STARTING,
	NSC_WEB_RUNNING,
	NSC_WEB_LINK_DOWN,
	NSC_WEB_STALLED,       /* packets arrive and no view is published: the dashboard sees that itself, never told */
	NSC_WEB_OUTPUT_FAILED, /* packets arrive, and something cannot be written */
	NSC_WEB_ENDED,
	NSC_WEB_STOPPING,
	NSC_WEB_FAILED,
};

/* What is refused before anything is opened: another address than loopback without TLS and authentication, half of a
 * pair. 0, or -EINVAL and one sentence. */
int nsc_web_check(const struct nsc_web_options *options, struct nsc_error *error);

/* Binds the address and reads certificate, key and password: what needs privileges happens here. The options are
 * copied, their texts are not. 0 or -errno and one sentence. */
int nsc_web_open(struct nsc_web **web, const struct nsc_web_options *options, struct nsc_error *error);

/* Requests with a wrong name or password since the start. Thread: any. */
uint64_t nsc_web_logins_failed(const struct nsc_web *web);

/* For nsc_engine_options.sinks. */
struct nsc_sink *nsc_web_sink(struct nsc_web *web);

/* Where packets of the flight recorder come from: through `fd`, which is taken. 0; -EBUSY and one sentence. */
typedef int nsc_web_record_fn(void *context, const struct nsc_record_ask *ask, const char *why, int fd,
			      struct nsc_error *error);

/* Before the start; the context stays the caller's until close. Never called: there is no recorder. */
void nsc_web_record_through(struct nsc_web *web, nsc_web_record_fn *record, void *context);

/* What there is to tell of other sensors: writes the members of /api/v1/peers. Thread: the dashboard's. Blocks: never.
 */
typedef void nsc_web_peers_fn(void *context, struct nsc_json *json);

/* Before the start; the context stays the caller's until close. Never called: there are none. */
void nsc_web_peers_through(struct nsc_web *web, nsc_web_peers_fn *show, void *context, uint32_t peers);

/* --- history that outlasts the program -------------------------------------------------------- */

struct nsc_web_keeper {    /* who keeps it */
	const char *name;  /* of the file, for sentences; stays the caller's until close */
	const char *where; /* beside the source, what tells this sensor from others; "" = nothing does. Copied. */
	/* Takes `n` bytes in place of those before. Thread: dashboard, and control at the end. 0 or -errno and one
	 * sentence. */
	int (*save)(void *context, const void *bytes, size_t n, struct nsc_error *error);
	/* Keeps those of before under another name. The same threads. 0; 1 and a sentence about that; -errno and one
	 * sentence. */
	int (*set_aside)(void *context, struct nsc_error *said);
	void *context; /* the caller's until close */
};

/* What was saved last, `n` bytes, 0 = nothing; from now on history is saved 10 s after the start, once a minute, and by
 * nsc_web_save. Before the start. 0, or -errno and one sentence: it cannot be used (damaged, of another version or
 * sensor), and a new one begins. */
int nsc_web_keep(struct nsc_web *web, const struct nsc_web_keeper *keeper, const void *bytes, size_t n,
		 struct nsc_error *error);

/* Once for each sentence of set_aside: true, and it is told. */
bool nsc_web_keep_news(struct nsc_web *web, struct nsc_error *said);

/* Ends the thread, and saves for the last time, if history is kept and anything was seen. 0 or -errno and one sentence.
 */
int nsc_web_save(struct nsc_web *web, struct nsc_error *error);

/* For the axis of time: the configuration was read again, and taken over or not; the filter is another one. The text
 * is cut at 215 bytes. */
enum nsc_web_mark { NSC_WEB_MARK_RELOAD, NSC_WEB_MARK_RELOAD_REFUSED, NSC_WEB_MARK_FILTER };
void nsc_web_mark(struct nsc_web *web, enum nsc_web_mark mark, const char *text);

/* Starts the thread. The engine is open, and not started yet; it stays open until nsc_web_close has returned. */
int nsc_web_start(struct nsc_web *web, struct nsc_engine *engine, struct nsc_error *error);

enum { NSC_WEB_STATE_TEXT = 2048 }; /* bytes of the state's text that are kept */

/* Tells the dashboard how things are; `text` is one sentence, one for each output that fails, or "". NSC_WEB_ENDED and
 * NSC_WEB_FAILED: nsc_engine_wait has returned true. */
void nsc_web_tell(struct nsc_web *web, enum nsc_web_state state, const char *text);

/* "http://127.0.0.1:8080". Valid until close. */
const char *nsc_web_url(const struct nsc_web *web);

/* Closes all connections, ends the thread, frees everything. NULL is allowed. */
void nsc_web_close(struct nsc_web *web);

#endif
