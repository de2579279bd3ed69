/* SPDX-License-Identifier: MIT
 *
 * The dashboard's life cycle: what is checked and opened by control, the thread, and the sink that the engine calls.
 */
#include "dashboard/server/links.h"
#include "dashboard/server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "netscope/profile.h"

#define THREAD_NAME "nsc-web"

enum { DESCRIPTORS = NSC_WEB_PLACES + 64 }; /* connections, and all that a run has open beside them */

/* --- before anything is opened ---------------------------------------------------------------- */

static int web_check_pairs(const struct nsc_web_options *o, struct nsc_error *error)
{
	if (!o->tls_cert[0] != !o->tls_key[0])
		return nsc_fail(error, -EINVAL, "TLS needs both --web-tls-cert and --web-tls-key");
	if (!o->auth_user[0] != !o->auth_pass_file[0])
		return nsc_fail(error, -EINVAL, "authentication needs both --web-auth-user and --web-auth-pass-file");
	return 0;
}

int nsc_web_check(const struct nsc_web_options *o, struct nsc_error *error)
{
	struct sockaddr_storage address;
	socklen_t length;
	int status = nsc_guard_address(o->bind, o->port, &address, &length, error);

	if (!status)
		status = web_check_pairs(o, error);
	if (!status)
		status = nsc_links_check(o->links, error);
	if (status || nsc_guard_is_loopback((struct sockaddr *)&address) || (o->tls_cert[0] && o->auth_user[0]))
		return status;
	return nsc_fail(
		error, -EINVAL,
		"--web-bind %s is reachable from other machines: that needs TLS (--web-tls, "
		"--web-tls-cert, --web-tls-key) and authentication (--web-auth, --web-auth-user, --web-auth-pass-file)",
		o->bind);
}

/* --- the sink: every tick goes into the history, every alert is kept, whether anybody looks or not */

static int web_on_tick(struct nsc_sink *sink, const struct nsc_view *view, struct nsc_error *error)
{
	struct nsc_web *web = (struct nsc_web *)sink;

	pthread_mutex_lock(&web->mutex);
	nsc_history_add(&web->history, view, nsc_web_drops(web, view->tick_drops), web->state == NSC_WEB_LINK_DOWN);
	nsc_losses_note(web->loss, view);
	nsc_events_view(&web->events, view);
	web->published = view->seq;
	pthread_mutex_unlock(&web->mutex);
	if (nsc_monotonic_ns() < __atomic_load_n(&web->due_ns, __ATOMIC_RELAXED))
		return 0;
	__atomic_store_n(&web->due_ns, UINT64_MAX, __ATOMIC_RELAXED); /* once: the loop says when it is due again */
	nsc_server_wake(web);
	return 0;
}

static int web_on_alerts(struct nsc_sink *sink, const struct nsc_alert *alert, uint32_t n, struct nsc_error *error)
{
	struct nsc_web *web = (struct nsc_web *)sink;

	pthread_mutex_lock(&web->mutex);
	nsc_alerts_add(&web->alerts, alert, n);
	for (uint32_t i = 0; i < n; i++) {
		nsc_events_alert(&web->events, &alert[i]);
		nsc_episodes_note(&web->episodes, &alert[i]);
	}
	pthread_mutex_unlock(&web->mutex);
	return 0;
}

static const struct nsc_sink_ops web_ops = {
	.name = "web",
	.tick = web_on_tick,
	.alerts = web_on_alerts,
	.check = nsc_web_keep_check,
};

/* --- opening ---------------------------------------------------------------------------------- */

static int web_bind(struct nsc_web *web, struct nsc_error *error)
{
	int one = 1, small = 64 * 1024, some = 128 * 1024, fd;

	fd = socket(web->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	web->listener = fd;
	if (fd < 0)
		return nsc_fail(error, -errno, "no socket for the dashboard: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)); /* a flood waits at its sender */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &some,
		   sizeof(some)); /* old frames do not queue up in the kernel either */
	if (bind(fd, (struct sockaddr *)&web->address, web->address_length) || listen(fd, 128))
		return nsc_fail(error, -errno, "the dashboard cannot listen on %s, port %u: %s", web->options.bind,
				web->options.port, strerror(errno));
	web->address_length = sizeof(web->address);
	getsockname(fd, (struct sockaddr *)&web->address, &web->address_length);
	return 0;
}

static void web_make_url(struct nsc_web *web)
{
	bool v6 = web->address.ss_family == AF_INET6;
	uint16_t port = v6 ? ((struct sockaddr_in6 *)&web->address)->sin6_port
			   : ((struct sockaddr_in *)&web->address)->sin_port;
	bool brackets = v6 && web->options.bind[0] != '[';

	snprintf(web->url, sizeof(web->url), "http%s://%s%s%s:%u", web->secure ? "s" : "", brackets ? "[" : "",
		 web->options.bind, brackets ? "]" : "", ntohs(port));
}

static int web_draw_boot_id(struct nsc_web *web, struct nsc_error *error)
{
	uint64_t id;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return nsc_fail(error, -errno, "no random number for the dashboard: %s", strerror(errno));
	snprintf(web->boot_id, sizeof(web->boot_id), "%016llx", (unsigned long long)id);
	return 0;
}

static int web_open_parts(struct nsc_web *web, struct nsc_error *error)
{
	const struct nsc_web_options *o = &web->options;
	int status = nsc_guard_address(o->bind, o->port, &web->address, &web->address_length, error);

	if (!status && o->tls_cert[0]) {
		status = nsc_tls_open(&web->tls, o->tls_cert, o->tls_key, error);
		web->secure = true;
	}
	if (!status && o->auth_user[0]) {
		status = nsc_credentials_read(&web->credentials, o->auth_user, o->auth_pass_file, error);
		web->authenticates = true;
	}
	if (!status)
		status = web_draw_boot_id(web, error);
	if (!status)
		status =
			nsc_samples_open(&web->samples, o->sample_rate ? o->packet_buffer : 0, o->payload_bytes, error);
	if (!status)
		status = web_bind(web, error);
	return status ? status : nsc_server_open(web, error);
}

/* A soft limit is raised. Below it h2o would end the program when a descriptor is refused. */
static int web_claim_descriptors(struct nsc_error *error)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return nsc_fail(error, -errno, "the limit of open files is not known: %s", strerror(errno));
	if (limit.rlim_cur >= DESCRIPTORS)
		return 0;
	if (limit.rlim_max < DESCRIPTORS)
		return nsc_fail(error, -EMFILE,
				"the dashboard needs a limit of %d open files, and it is %llu (ulimit -n)", DESCRIPTORS,
				(unsigned long long)limit.rlim_max);
	limit.rlim_cur = DESCRIPTORS;
	return setrlimit(RLIMIT_NOFILE, &limit)
		       ? nsc_fail(error, -errno, "the limit of open files cannot be raised to %d: %s", DESCRIPTORS,
				  strerror(errno))
		       : 0;
}

static void web_open_history(struct nsc_web *web)
{
	const struct nsc_web_options *o = &web->options;
	bool order = o->retrans || o->out_of_order;

	nsc_history_init(&web->history, &web->history_rings);
	if (!o->retrans)
		nsc_history_leave_out(&web->history, NSC_HISTORY_RETRANSMISSIONS);
	if (!o->out_of_order)
		nsc_history_leave_out(&web->history, NSC_HISTORY_OUT_OF_ORDER);
	for (unsigned i = NSC_HISTORY_GAPS; !order && i <= NSC_HISTORY_ZERO_WINDOWS; i++)
		nsc_history_leave_out(&web->history, i);
	web->events.source = o->input[0] ? o->input : o->source;
}

int nsc_web_open(struct nsc_web **web, const struct nsc_web_options *options, struct nsc_error *error)
{
	int status = web_claim_descriptors(error);
	struct nsc_web *new = status ? NULL : calloc(1, sizeof(*new));

	if (status)
		return status;
	if (!new)
		return nsc_fail(error, -ENOMEM, "no memory for the dashboard");
	new->options = *options;
	nsc_watchdog_init(&new->watchdog, options->tick_ns);
	new->listener = -1;
	new->samples.decode.decap = options->decap;
	new->samples.decode.track_sctp = options->track_sctp;
	new->samples.decode.track_icmp = options->track_icmp;
	pthread_mutex_init(&new->mutex, NULL);
	web_open_history(new);
	nsc_cores_init(new);
	new->sink.ops = &web_ops;
	status = web_open_parts(new, error);
	if (status) {
		nsc_web_close(new);
		return status;
	}
	web_make_url(new);
	*web = new;
	return 0;
}

const char *nsc_web_url(const struct nsc_web *web)
{
	return web->url;
}

uint64_t nsc_web_logins_failed(const struct nsc_web *web)
{
	return __atomic_load_n(&web->logins_failed, __ATOMIC_RELAXED);
}

void nsc_web_record_through(struct nsc_web *web, nsc_web_record_fn *record, void *context)
{
	web->record = record;
	web->recordings = context;
}

void nsc_web_peers_through(struct nsc_web *web, nsc_web_peers_fn *show, void *context, uint32_t peers)
{
	web->show_peers = show;
	web->peers = context;
	web->n_peers = peers;
}

struct nsc_sink *nsc_web_sink(struct nsc_web *web)
{
	return &web->sink;
}

/* --- the thread ------------------------------------------------------------------------------- */

static void *web_thread(void *context)
{
	struct nsc_web *web = context;

	pthread_setname_np(pthread_self(), THREAD_NAME);
	nsc_profile_thread();
	nsc_timeline_own(web->timeline);
	nsc_engine_reader_register();
	nsc_server_run(web);
	nsc_engine_reader_leave();
	return NULL;
}

static struct nsc_view *web_view_new(const struct nsc_engine *engine)
{
	size_t size = (nsc_engine_view_size(engine) + NSC_CACHE_LINE - 1) / NSC_CACHE_LINE * NSC_CACHE_LINE;
	struct nsc_view *view = aligned_alloc(NSC_CACHE_LINE, size);

	if (view)
		memset(view, 0, size);
	return view;
}

int nsc_web_start(struct nsc_web *web, struct nsc_engine *engine, struct nsc_error *error)
{
	int status;

	web->engine = engine;
	web->timeline = nsc_engine_guest(engine, THREAD_NAME);
	nsc_engine_budget(engine, &web->budget);
	web->view = web_view_new(engine);
	web->before = web_view_new(engine);
	web->spare = web_view_new(engine);
	if (!web->view || !web->before || !web->spare)
		return nsc_fail(error, -ENOMEM, "no memory for the dashboard's views");
	web->started_ns = nsc_clock_ns(CLOCK_REALTIME);
	web->started_monotonic_ns = nsc_monotonic_ns();
	nsc_sampling_open(web);
	status = nsc_queries_open(web, error);
	if (status)
		return status;
	status = pthread_create(&web->thread, NULL, web_thread, web);
	if (status)
		return nsc_fail(error, -status, "cannot start the dashboard's thread: %s", strerror(status));
	web->running = true;
	return 0;
}

void nsc_web_tell(struct nsc_web *web, enum nsc_web_state state, const char *text)
{
	pthread_mutex_lock(&web->mutex);
	web->state = state;
	if (!web->over_ns && (state == NSC_WEB_ENDED || state == NSC_WEB_FAILED))
		web->over_ns = nsc_monotonic_ns();
	snprintf(web->state_text, sizeof(web->state_text), "%s", text);
	nsc_events_state(&web->events, state, text);
	pthread_mutex_unlock(&web->mutex);
	if (web->running)
		nsc_server_wake(web);
}

void nsc_web_mark(struct nsc_web *web, enum nsc_web_mark mark, const char *text)
{
	static const enum nsc_event_kind kinds[] = { [NSC_WEB_MARK_RELOAD] = NSC_EVENT_RELOAD,
						     [NSC_WEB_MARK_RELOAD_REFUSED] = NSC_EVENT_RELOAD_REFUSED,
						     [NSC_WEB_MARK_FILTER] = NSC_EVENT_FILTER };

	pthread_mutex_lock(&web->mutex);
	nsc_events_note(&web->events, kinds[mark], text);
	pthread_mutex_unlock(&web->mutex);
}

void nsc_web_stop(struct nsc_web *web)
{
	if (!web->running)
		return;
	__atomic_store_n(&web->stop, true, __ATOMIC_RELEASE);
	nsc_server_wake(web);
	pthread_join(web->thread, NULL);
	web->running = false;
}

void nsc_web_close(struct nsc_web *web)
{
	if (!web)
		return;
	nsc_web_stop(web);
	if (web->server)
		nsc_server_close(web);
	if (web->listener >= 0)
		close(web->listener);
	nsc_queries_close(web);
	nsc_tls_close(web->tls);
	nsc_samples_close(&web->samples);
	free(web->view);
	free(web->before);
	free(web->spare);
	pthread_mutex_destroy(&web->mutex);
	free(web);
}
