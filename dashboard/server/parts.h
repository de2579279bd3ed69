/* SPDX-License-Identifier: MIT
 *
 * What the dashboard consists of, shared by the files of dashboard/ only. Everything belongs to the dashboard's thread,
 * but for what stands under `mutex` and the few words that say otherwise.
 */
#ifndef DASHBOARD_PARTS_H
#define DASHBOARD_PARTS_H

#include <pthread.h>

#include "dashboard/server/alerts.h"
#include "dashboard/server/episodes.h"
#include "dashboard/server/events.h"
#include "dashboard/server/guard.h"
#include "dashboard/server/history_file.h"
#include "dashboard/server/hosts.h"
#include "dashboard/server/samples.h"
#include "dashboard/server/sampling.h"
#include "dashboard/server/watchdog.h"
#include "netscope/clock.h"
#include "netscope/query.h"
#include "netscope/web.h"

enum {
	NSC_WEB_PROTOCOL = 1,
	NSC_WEB_SOCKETS = 32,
	NSC_WEB_CONNECTIONS = 96,
	NSC_WEB_PLACES = NSC_WEB_CONNECTIONS + 32, /* those that were cut off, and have not gone yet, have one too */
	NSC_WEB_POINTS = 8,                        /* in a frame */
	NSC_WEB_FRAME_PACKETS = 50,                /* in a frame */
	NSC_WEB_FRAME_ALERTS = 20,
	NSC_WEB_FRAME_MAX = 1024 * 1024,
	NSC_WEB_BODY_MAX = 4 * 1024 * 1024, /* of one answer */
	NSC_WEB_STAGES = 32,
};

struct nsc_message { /* bytes on their way to one or many sockets, with the head of a WebSocket frame before them */
	uint32_t refs;
	uint32_t head; /* bytes of head_room */
	bool owned;    /* counts as bytes of one client: an answer, not a frame */
	size_t length; /* of the text */
	char *text;    /* owned */
	uint8_t head_room[10];
	struct nsc_message *packed; /* the same, compressed; NULL: nobody wanted that, or it is not worth it */
};

/* A query on its way, see queries.h; whoever asks sets the first four. */
struct nsc_flow_search {
	void *context;
	void (*begin)(struct nsc_flow_search *,
		      struct nsc_json *); /* writes what stands first in the answer, or NULL */
	/* Once, with the whole answer, whose text it takes, or with NULL: the server ends. The search is the caller's
	 * again. */
	void (*done)(struct nsc_flow_search *, struct nsc_json *);
	/* NULL, or called instead of `done` with rows of flows in their order, which are there until it returns;
	 * `left`: how many follow them; in the order of first packets, behind the first page, only whether some may.
	 * The search is the caller's again. */
	void (*rows)(struct nsc_flow_search *, const struct nsc_flow_hit *const *hit, uint32_t n, uint64_t left);
	struct nsc_flow_search *next;
	struct nsc_flow_query query;
	char filter[NSC_FILTER_TEXT + 1]; /* shown in the answer */
	uint64_t since_ns;
	bool waits, runs;
};

struct nsc_server;  /* server.h: h2o, sockets */
struct nsc_queries; /* queries.h */
struct nsc_deflate; /* deflate.h */

struct nsc_loss_seen {        /* clock times; 0 = never */
	uint64_t since, last; /* when it was first seen not to be 0, and when it grew last */
	uint64_t count;       /* as of the newest view */
};

struct nsc_web_kept { /* history in a file: keep.c */
	struct nsc_web_keeper keeper;
	char sensor[NSC_HISTORY_SENSOR_MAX + 1];
	uint64_t due_ns; /* monotonic: when it is saved next; 0: nobody keeps it */
	bool looked;     /* whether what was there lies behind this run */
	/* under the mutex */
	int status;             /* of the newest attempt */
	bool recovered;         /* it failed before, which is not told yet */
	struct nsc_error error; /* of the newest attempt that failed */
	bool news;              /* `said` is not told yet */
	struct nsc_error said;  /* about what was set aside */
};

struct nsc_web {
	struct nsc_sink sink;
	struct nsc_web_options options;
	struct sockaddr_storage address;
	socklen_t address_length;
	char url[96];
	char boot_id[17];
	struct nsc_credentials credentials;
	bool secure, authenticates; /* TLS, authentication */
	int listener;               /* -1: none */
	void *tls;                  /* SSL_CTX */

	/* control's */
	pthread_t thread;
	bool running;
	struct nsc_engine *engine;
	struct nsc_engine_budget budget;
	struct nsc_timeline *timeline; /* the thread's; NULL: none is kept */
	nsc_web_record_fn *record;     /* NULL: there is no recorder */
	void *recordings;              /* its context */
	nsc_web_peers_fn *show_peers;  /* NULL: no other sensors are known */
	void *peers;                   /* its context */
	uint32_t n_peers;

	/* everybody's, atomic */
	bool stop;
	uint64_t due_ns; /* dashboard's; read by the publisher: it need not wake the loop before */

	/* under the mutex: written by publisher, writer and control */
	pthread_mutex_t mutex;
	struct nsc_history history;
	struct nsc_history_rings history_rings; /* its */
	struct nsc_alerts alerts;
	struct nsc_episodes episodes; /* what somebody has said of them is the dashboard's */
	struct nsc_events events;
	struct nsc_loss_seen loss[NSC_C_COUNT]; /* by counter: when a loss or limit was seen */
	uint64_t published;                     /* number of the newest view; 0: none */
	enum nsc_web_state state;
	char state_text[NSC_WEB_STATE_TEXT];
	uint64_t over_ns; /* monotonic: when the run had ended or failed; 0 = not yet */

	/* the dashboard's */
	struct nsc_server *server;
	struct nsc_queries *queries;
	struct nsc_hosts_kept hosts; /* whose TCP is followed: host_questions.c */
	struct nsc_flow_search hosts_search;
	uint64_t hosts_due_ns;          /* monotonic: when workers are asked for them; 0: there are none */
	struct nsc_view *view, *before; /* the newest copy, and the one before it; seq 0: none */
	struct nsc_view *spare;         /* where the next copy is made */
	struct nsc_samples samples;
	struct nsc_sampling sampling;
	uint64_t logins_failed;                                     /* its own thread counts, relaxed; any reads */
	uint32_t clients;                                           /* WebSockets, as of the newest frame */
	uint64_t frame_seq, packets_sent, alerts_sent, events_sent; /* in frames: ids of the newest */
	uint64_t alerts_seen;                                       /* as of the newest look */
	uint32_t stages, stage[NSC_WEB_STAGES];                     /* counters of cycles that belong to a stage */
	uint64_t started_ns;                                        /* wall clock */
	uint64_t started_monotonic_ns;
	struct nsc_web_kept kept;
	struct nsc_watchdog watchdog;
	uint64_t blind_ns;       /* for how long packets have arrived without a view, as of its newest look; 0 */
	enum nsc_web_state seen; /* copies of what stands under the mutex, as of the newest frame; or STALLED */
	char seen_text[NSC_WEB_STATE_TEXT];
	uint64_t seen_over_ns; /* the same of over_ns */
};

/* --- what there is to show: show.c. Each writes members; see docs/web-api.md ------------------ */

/* Copies the newest view and the state. True when the view is another one than before. */
bool nsc_web_refresh(struct nsc_web *web);
/* Lets the watchdog look, if half a second has passed: to be called at least once a second. */
void nsc_web_watch(struct nsc_web *web, uint64_t now_ns);
/* Takes samples from the workers. */
void nsc_web_take_samples(struct nsc_web *web);

/* Offline nothing can be lost: what the source cannot know is 0 then, as on the terminal. */
uint64_t nsc_web_drops(const struct nsc_web *web, uint64_t drops);

const char *nsc_web_state_name(enum nsc_web_state state);
void nsc_show_state(const struct nsc_web *web, struct nsc_json *json);          /* "state" and "state_text" */
void nsc_show_tick(const struct nsc_web *web, struct nsc_json *json, bool top); /* "tick" */
/* "recorder", if there is one: what a worker's ring holds */
void nsc_show_recorder(const struct nsc_view *view, const struct nsc_recorder_span *span, struct nsc_json *json);
/* "microburst", if they are looked for */
void nsc_show_microburst(const struct nsc_view *view, const struct nsc_microburst *microburst, struct nsc_json *json);
void nsc_show_top(const struct nsc_web *web, struct nsc_json *json);                             /* "top" */
void nsc_show_counters(const struct nsc_web *web, struct nsc_json *json);                        /* "counters" */
void nsc_show_ledger(const struct nsc_web *web, struct nsc_json *json);                          /* "ledger" */
uint32_t nsc_web_interfaces(const struct nsc_web *web, struct nsc_summary_interface *interface); /* 0: none */
void nsc_show_interfaces(const struct nsc_web *web, struct nsc_json *json);                      /* "interfaces" */
void nsc_show_mix(const struct nsc_web *web, struct nsc_json *json);                             /* "mix" */
void nsc_show_points(struct nsc_json *json, const struct nsc_point *point, uint32_t n);          /* "points" */
/* Whole seconds without decimals, but for late times: those are no multiple of a second when ns are. */
void nsc_show_seconds(struct nsc_json *json, uint64_t ns);
void nsc_show_flow(struct nsc_json *json, const struct nsc_flow_record *flow); /* members "key" and the row's */

/* losses.c */
/* Notes which losses and limits have grown. Called under the mutex. */
void nsc_losses_note(struct nsc_loss_seen seen[NSC_C_COUNT], const struct nsc_view *view);
void nsc_show_losses(struct nsc_web *web, struct nsc_json *json); /* "losses" */

/* cores.c */
void nsc_cores_init(struct nsc_web *web);
void nsc_show_cores_brief(const struct nsc_web *web, struct nsc_json *json); /* "cores" and "capture" */
void nsc_show_cores(const struct nsc_web *web, struct nsc_json *json);       /* the members of /api/v1/cores */
void nsc_show_stages(const struct nsc_web *web, struct nsc_json *json);      /* "stages", their names */

/* api_history.c: "tiers" and "series" */
void nsc_history_show_series(struct nsc_json *json);

/* metrics.c: Prometheus text */
void nsc_show_metrics(const struct nsc_web *web, struct nsc_json *text);

void nsc_web_stop(struct nsc_web *web); /* web.c: ends the thread. Thread: control. Twice is allowed. */

/* --- keep.c: history in a file ----------------------------------------------------------------- */

void nsc_web_keep_look(struct nsc_web *web, uint64_t now_ns); /* saves when it is time: once a second or more often */
int nsc_web_keep_check(struct nsc_sink *sink, struct nsc_error *error); /* of struct nsc_sink_ops. Thread: writer */

/* --- host_questions.c: TCP of single hosts ------------------------------------------------------------- */

/* The place of a host, which is followed from now on; NULL: all places are taken. */
struct nsc_host_kept *nsc_web_ask_host(struct nsc_web *web, const uint8_t addr[16], uint8_t ip_version);
void nsc_web_look_at_hosts(struct nsc_web *web,
			   uint64_t now_ns); /* asks when it is time: once a second or more often */
/* The questions have come back. */
void nsc_web_take_hosts(struct nsc_web *web, struct nsc_flow_question *const *question, uint32_t n);

/* --- messages: messages.c --------------------------------------------------------------------- */

/* Takes the text of a finished JSON; NULL when it failed. One reference is the caller's. */
struct nsc_message *nsc_message_of(struct nsc_json *json);
struct nsc_message *nsc_message_keep(struct nsc_message *message);
void nsc_message_drop(struct nsc_message *message); /* NULL is allowed */

/* What a client gets that takes compressed messages: `packed`, which goes with the message, or itself. */
struct nsc_message *nsc_message_pack(struct nsc_message *message, struct nsc_deflate *deflate);

/* A control frame: pong, close. At most 125 bytes. */
struct nsc_message *nsc_message_control(uint8_t opcode, const uint8_t *payload, size_t length);

struct nsc_message *nsc_message_hello(struct nsc_web *web);
struct nsc_message *nsc_message_frame(struct nsc_web *web);
/* The state as of the newest frame and under its number, without packets and alerts: for who has just come. Others get
 * what they would have got. */
struct nsc_message *nsc_message_first_frame(struct nsc_web *web);
struct nsc_message *nsc_message_detail(struct nsc_web *web, uint64_t id);
struct nsc_message *nsc_message_error(const char *text, double request); /* NAN: null */
struct nsc_message *nsc_message_pong(double t);

#endif
