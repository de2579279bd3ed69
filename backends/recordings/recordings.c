/* SPDX-License-Identifier: MIT
 *
 * The thread that writes recordings, and the queue to it. It never waits for one client or one file: each has a step in
 * turn. What alerts and the signal ask for comes through the queue, what others ask for has a place of its own.
 */
#include "backends/recordings/control.h"
#include "backends/recordings/recording.h"
#include "backends/recordings/request.h"
#include "netscope/clock.h"
#include "netscope/profile.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { WAIT_LIVE_MS = 20, WAIT_HELD_MS = 1, WAIT_IDLE_MS = 1000 };

#define STALL_NS (20 * NSC_NS_PER_SEC) /* of a client that does not read */
#define HOUR_NS (3600 * NSC_NS_PER_SEC)
#define LOOK_NS NSC_NS_PER_SEC

static const char no_recorder[] = "this run has no recorder: --recorder-mb MB gives it one";

struct stream_ask { /* a place for an answer: taken from the question to the last byte */
	bool taken, begun, framed;
	int fd;
	struct nsc_recording_request request;
};

struct nsc_recordings {
	struct nsc_sink sink;
	struct nsc_recordings_options options;
	struct nsc_control *control; /* NULL: no socket; control's until start, so is the next */
	struct nsc_recordings_folder *folder;
	struct nsc_recorder *recorder; /* NULL: the run has none */
	pthread_t thread;
	bool running;
	int wake; /* eventfd */

	/* under the mutex */
	pthread_mutex_t mutex;
	pthread_cond_t changed; /* there is less to do */
	struct nsc_recording_request queue[NSC_RECORDINGS_QUEUE];
	uint32_t first, waiting, writing; /* of the queue; files that are written */
	uint64_t *begun_ns;               /* [per_hour]: packet times of those that were let in, a ring */
	uint64_t let_in;                  /* so far */
	uint64_t signals;                 /* recordings that no alert asked for */
	struct stream_ask ask[NSC_RECORDINGS_STREAMS];
	bool stop;
	int failing;      /* 0, or -errno: the folder cannot be written */
	bool works_again; /* since the last look of the sink */
	struct nsc_error failing_why, first_failure;
	int first_status;

	/* the thread's */
	uint64_t look_ns;
	struct nsc_recording file[NSC_RECORDINGS_FILES_OPEN];
	struct nsc_recording stream[NSC_RECORDINGS_STREAMS];
};

/* Thread: any. */
static void recordings_ring(struct nsc_recordings *r)
{
	const uint64_t one = 1;
	ssize_t n = write(r->wake, &one, sizeof(one));

	(void)n; /* it is awake already */
}

static void recordings_count(struct nsc_recordings *r, enum nsc_counter counter, uint64_t n)
{
	nsc_sink_count(&r->sink, counter, n);
}

/* --- the queue -------------------------------------------------------------------------------- */

/* No more than per_hour within an hour of packet time. Under the mutex. */
static bool recordings_may_begin(struct nsc_recordings *r, uint64_t ts_ns)
{
	uint64_t *oldest = r->options.per_hour ? &r->begun_ns[r->let_in % r->options.per_hour] : NULL;

	if (oldest && r->let_in >= r->options.per_hour && ts_ns - *oldest < HOUR_NS)
		return false;
	if (oldest)
		*oldest = ts_ns;
	r->let_in++;
	return true;
}

/* Nobody waits for room: offline the writer would hold up the workers, for whose packets the others wait. */
static int recordings_queue(struct nsc_recordings *r, const struct nsc_recording_request *request,
			    struct nsc_error *error)
{
	int status = 0;

	recordings_count(r, NSC_C_RECORDINGS_ASKED, 1);
	pthread_mutex_lock(&r->mutex);
	if (r->waiting == NSC_RECORDINGS_QUEUE)
		status = nsc_fail(error, -EBUSY, "%d recordings wait already", NSC_RECORDINGS_QUEUE);
	else if (!recordings_may_begin(r, request->ts_ns))
		status = nsc_fail(error, -EBUSY, "there were %u recordings within an hour, and no more are made",
				  r->options.per_hour);
	else
		r->queue[(r->first + r->waiting++) % NSC_RECORDINGS_QUEUE] = *request;
	pthread_mutex_unlock(&r->mutex);
	if (status)
		recordings_count(r, NSC_C_RECORDINGS_REFUSED, 1);
	else
		recordings_ring(r);
	return status;
}

int nsc_recordings_ask_all(struct nsc_recordings *r, const char *kind, const char *why, struct nsc_error *error)
{
	struct nsc_record_ask everything = { .bytes_most = 0 };
	struct nsc_recording_request request;

	if (!r->folder || !r->recorder)
		return nsc_fail(error, -ENOTDIR, "there is no folder for recordings: --record-alerts FOLDER");
	nsc_packet_choice_init(&everything.choice);
	nsc_recording_request(&request, &r->options, &everything, why);
	request.ts_ns = nsc_recording_newest(r->recorder);
	request.number = ++r->signals;
	snprintf(request.kind, sizeof(request.kind), "%s", kind);
	return recordings_queue(r, &request, error);
}

static int recordings_answer(struct nsc_recordings *r, const struct nsc_record_ask *asked, const char *why, int fd,
			     bool framed, struct nsc_error *error)
{
	struct stream_ask *ask = NULL;

	pthread_mutex_lock(&r->mutex);
	for (uint32_t i = 0; i < NSC_RECORDINGS_STREAMS && !r->stop && !ask; i++)
		ask = r->ask[i].taken ? NULL : &r->ask[i];
	if (ask) {
		*ask = (struct stream_ask){ .taken = true, .framed = framed, .fd = fd };
		nsc_recording_request(&ask->request, &r->options, asked, why);
	}
	pthread_mutex_unlock(&r->mutex);
	if (ask) {
		recordings_ring(r);
		return 0;
	}
	recordings_count(r, NSC_C_RECORDER_BUSY, 1);
	return nsc_fail(error, -EBUSY, "busy: %d answers are under way: ask again", NSC_RECORDINGS_STREAMS);
}

int nsc_recordings_stream(struct nsc_recordings *r, const struct nsc_record_ask *ask, const char *why, int fd,
			  struct nsc_error *error)
{
	int status = r->recorder ? recordings_answer(r, ask, why, fd, false, error)
				 : nsc_fail(error, -ENOENT, "%s", no_recorder);

	if (status)
		close(fd);
	return status;
}

static void recordings_take(void *context, int fd, uid_t uid, const struct nsc_packet_choice *choice)
{
	struct nsc_recordings *r = context;
	const struct nsc_record_ask ask = { .choice = *choice };
	struct nsc_error error;
	char why[64];

	snprintf(why, sizeof(why), "asked for through the control socket, by uid %u", uid);
	if (!r->recorder)
		nsc_control_refuse(fd, no_recorder);
	else if (recordings_answer(r, &ask, why, fd, true, &error))
		nsc_control_refuse(fd, error.text);
}

/* --- failures --------------------------------------------------------------------------------- */

static void recordings_note(struct nsc_recordings *r, int status, const struct nsc_error *why)
{
	pthread_mutex_lock(&r->mutex);
	if (!r->first_status) {
		r->first_status = status;
		r->first_failure = *why;
	}
	r->failing = status;
	r->failing_why = *why;
	r->works_again = false;
	pthread_mutex_unlock(&r->mutex);
}

/* Once a second: whether the folder is there, and after a failure whether it can be written again. */
static void recordings_look(struct nsc_recordings *r, uint64_t now_ns)
{
	struct nsc_error error;
	int status;

	if (!r->folder || now_ns < r->look_ns)
		return;
	r->look_ns = now_ns + LOOK_NS;
	if (!r->failing) {
		status = nsc_recordings_folder_look(r->folder, &error);
		if (status)
			recordings_note(r, status, &error);
		return;
	}
	if (nsc_recordings_folder_try(r->folder, NULL))
		return;
	pthread_mutex_lock(&r->mutex);
	r->failing = 0;
	r->works_again = true;
	pthread_mutex_unlock(&r->mutex);
}

/* --- steps ------------------------------------------------------------------------------------ */

static void recordings_count_end(struct nsc_recordings *r, struct nsc_recording *recording)
{
	struct nsc_recorder_numbers numbers = nsc_recording_numbers(recording);

	recordings_count(r, NSC_C_RECORDING_PACKETS, recording->packets);
	recordings_count(r, NSC_C_RECORDING_BYTES, recording->bytes);
	recordings_count(r, NSC_C_RECORDING_LOST, numbers.overwritten);
	recordings_count(r, NSC_C_RECORDINGS_REMOVED, recording->removed);
	nsc_recording_end(recording);
}

static void recordings_file_ended(struct nsc_recordings *r, struct nsc_recording *file, int status,
				  const struct nsc_error *why)
{
	recordings_count(r, status ? NSC_C_RECORDINGS_FAILED : NSC_C_RECORDINGS, 1);
	recordings_count_end(r, file);
	if (status)
		recordings_note(r, status, why);
	pthread_mutex_lock(&r->mutex);
	r->writing--;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->mutex);
}

static bool recordings_next(struct nsc_recordings *r, struct nsc_recording_request *request)
{
	bool any;

	pthread_mutex_lock(&r->mutex);
	any = r->waiting && !r->stop;
	if (any) {
		*request = r->queue[r->first];
		r->first = (r->first + 1) % NSC_RECORDINGS_QUEUE;
		r->waiting--;
		r->writing++;
		pthread_cond_broadcast(&r->changed);
	}
	pthread_mutex_unlock(&r->mutex);
	return any;
}

static void recordings_begin_files(struct nsc_recordings *r)
{
	for (uint32_t i = 0; i < NSC_RECORDINGS_FILES_OPEN; i++) {
		struct nsc_recording *file = &r->file[i];
		struct nsc_recording_request request;
		struct nsc_error error;
		int status;

		if (file->used || !recordings_next(r, &request))
			continue;
		status = nsc_recording_begin(file, &request, r->recorder, &r->options.decode, r->folder, -1, false,
					     &error);
		if (status)
			recordings_file_ended(r, file, status, &error);
	}
}

static void recordings_begin_streams(struct nsc_recordings *r)
{
	for (uint32_t i = 0; i < NSC_RECORDINGS_STREAMS; i++) {
		struct stream_ask ask;
		struct nsc_error error;

		pthread_mutex_lock(&r->mutex);
		ask = r->ask[i];
		r->ask[i].begun = ask.taken;
		pthread_mutex_unlock(&r->mutex);
		if (!ask.taken || ask.begun)
			continue;
		if (nsc_recording_begin(&r->stream[i], &ask.request, r->recorder, &r->options.decode, NULL, ask.fd,
					ask.framed, &error)) {
			pthread_mutex_lock(&r->mutex);
			r->ask[i].taken = false;
			pthread_mutex_unlock(&r->mutex);
		}
	}
}

static void recordings_stream_ended(struct nsc_recordings *r, uint32_t i)
{
	recordings_count(r, NSC_C_RECORDER_ANSWERS, 1);
	recordings_count_end(r, &r->stream[i]);
	pthread_mutex_lock(&r->mutex);
	r->ask[i].taken = false;
	pthread_mutex_unlock(&r->mutex);
}

/* How long nothing has to be done, ms. */
static int recordings_step_files(struct nsc_recordings *r, uint64_t now_ns)
{
	int wait = WAIT_IDLE_MS;

	for (uint32_t i = 0; i < NSC_RECORDINGS_FILES_OPEN; i++) {
		struct nsc_recording *file = &r->file[i];
		struct nsc_error error;

		if (!file->used)
			continue;
		switch (nsc_recording_step(file, now_ns, &error)) {
		case NSC_RECORDING_WAITS:
		case NSC_RECORDING_BLOCKED:
			wait = NSC_MIN(wait, r->options.live ? WAIT_LIVE_MS : WAIT_HELD_MS);
			break;
		case NSC_RECORDING_BUSY:
			wait = 0;
			break;
		case NSC_RECORDING_DONE:
			recordings_file_ended(r, file, 0, NULL);
			wait = 0;
			break;
		case NSC_RECORDING_FAILED:
			recordings_file_ended(r, file, -EIO, &error);
			wait = 0;
			break;
		}
	}
	return wait;
}

static int recordings_step_streams(struct nsc_recordings *r, uint64_t now_ns, int wait)
{
	for (uint32_t i = 0; i < NSC_RECORDINGS_STREAMS; i++) {
		struct nsc_recording *stream = &r->stream[i];
		struct nsc_error error;

		if (!stream->used)
			continue;
		switch (nsc_recording_step(stream, now_ns, &error)) {
		case NSC_RECORDING_BLOCKED:
			if (now_ns - stream->stream.stuck_ns > STALL_NS)
				recordings_stream_ended(r, i);
			break;
		case NSC_RECORDING_WAITS:
			wait = NSC_MIN(wait, WAIT_LIVE_MS);
			break;
		case NSC_RECORDING_BUSY:
			wait = 0;
			break;
		case NSC_RECORDING_DONE:
		case NSC_RECORDING_FAILED:
			recordings_stream_ended(r, i);
			wait = 0;
			break;
		}
	}
	return wait;
}

static void recordings_wait(struct nsc_recordings *r, int wait)
{
	struct pollfd fds[1 + NSC_RECORDINGS_STREAMS + NSC_CONTROL_FDS];
	uint32_t n = 0;
	uint64_t rung;
	ssize_t got;

	fds[n++] = (struct pollfd){ .fd = r->wake, .events = POLLIN };
	for (uint32_t i = 0; i < NSC_RECORDINGS_STREAMS; i++)
		if (r->stream[i].used && r->stream[i].stream.stuck_ns)
			fds[n++] = (struct pollfd){ .fd = r->stream[i].stream.fd, .events = POLLOUT };
	if (r->control)
		nsc_control_fds(r->control, fds, &n);
	if (poll(fds, n, wait) > 0 && fds[0].revents) {
		got = read(r->wake, &rung, sizeof(rung));
		(void)got;
	}
}

static bool recordings_stopped(struct nsc_recordings *r)
{
	bool stop;

	pthread_mutex_lock(&r->mutex);
	stop = r->stop;
	pthread_mutex_unlock(&r->mutex);
	return stop;
}

static void *recordings_run(void *context)
{
	struct nsc_recordings *r = context;

	pthread_setname_np(pthread_self(), "nsc-recorder");
	nsc_profile_thread();
	while (!recordings_stopped(r)) {
		uint64_t now_ns = nsc_monotonic_ns();

		recordings_look(r, now_ns);
		recordings_begin_files(r);
		recordings_begin_streams(r);
		recordings_wait(r, recordings_step_streams(r, now_ns, recordings_step_files(r, now_ns)));
		if (r->control)
			nsc_control_step(r->control, nsc_monotonic_ns(), recordings_take, r);
	}
	return NULL;
}

/* --- the sink --------------------------------------------------------------------------------- */

static struct nsc_recordings *recordings_of(struct nsc_sink *sink)
{
	return (struct nsc_recordings *)sink;
}

/* What is refused is counted; an alert is no less an alert for that. */
static int recordings_alerts(struct nsc_sink *sink, const struct nsc_alert *alert, uint32_t n, struct nsc_error *error)
{
	struct nsc_recordings *r = recordings_of(sink);
	struct nsc_recording_request request;

	for (uint32_t i = 0; i < n && r->recorder && r->folder && r->options.alerts; i++) {
		if (alert[i].state != NSC_ALERT_BEGIN)
			continue;
		nsc_recording_of_alert(&request, &r->options, &alert[i]);
		recordings_queue(r, &request, NULL);
	}
	return 0;
}

static int recordings_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct nsc_recordings *r = recordings_of(sink);
	int status;

	pthread_mutex_lock(&r->mutex);
	status = r->failing;
	if (status)
		*error = r->failing_why;
	else if (r->works_again)
		status = nsc_fail(error, 1, "recordings in %.300s: are written again", r->options.folder);
	r->works_again = false;
	pthread_mutex_unlock(&r->mutex);
	return status;
}

static int recordings_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct nsc_recordings *r = recordings_of(sink);
	int status;

	recordings_ring(r);
	pthread_mutex_lock(&r->mutex);
	while (r->running && !r->stop && (r->waiting || r->writing))
		pthread_cond_wait(&r->changed, &r->mutex);
	status = r->first_status;
	if (status)
		*error = r->first_failure;
	pthread_mutex_unlock(&r->mutex);
	return status;
}

static const struct nsc_sink_ops recordings_ops = {
	.name = "recordings",
	.alerts = recordings_alerts,
	.check = recordings_check,
	.finish = recordings_finish,
};

struct nsc_sink *nsc_recordings_sink(struct nsc_recordings *r)
{
	return &r->sink;
}

/* --- begin and end ---------------------------------------------------------------------------- */

static int recordings_open_parts(struct nsc_recordings *r, struct nsc_error *error)
{
	const struct nsc_recordings_options *o = &r->options;
	int status = 0;

	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->wake < 0)
		return nsc_fail(error, -errno, "recordings: no descriptor: %s", strerror(errno));
	r->begun_ns = o->per_hour ? calloc(o->per_hour, sizeof(*r->begun_ns)) : NULL;
	for (uint32_t i = 0; i < NSC_RECORDINGS_STREAMS && !status; i++) {
		r->stream[i].stream.buffer = malloc(NSC_RECORDING_BUFFER);
		status = r->stream[i].stream.buffer ? 0 : -ENOMEM;
	}
	if (status || (o->per_hour && !r->begun_ns))
		return nsc_fail(error, -ENOMEM, "no memory for recordings");
	if (o->folder[0])
		status = nsc_recordings_folder_open(&r->folder, o->folder, o->limit_bytes, error);
	if (!status && o->socket[0])
		status = nsc_control_open(&r->control, o->socket, error);
	return status;
}

int nsc_recordings_open(struct nsc_recordings **recordings, const struct nsc_recordings_options *options,
			struct nsc_error *error)
{
	struct nsc_recordings *r = calloc(1, sizeof(*r));
	int status;

	*recordings = NULL;
	if (!r)
		return nsc_fail(error, -ENOMEM, "no memory for recordings");
	r->options = *options;
	r->sink.ops = &recordings_ops;
	r->wake = -1;
	pthread_mutex_init(&r->mutex, NULL);
	pthread_cond_init(&r->changed, NULL);
	for (uint32_t i = 0; i < NSC_RECORDINGS_FILES_OPEN; i++)
		r->file[i].stream.fd = -1;
	for (uint32_t i = 0; i < NSC_RECORDINGS_STREAMS; i++)
		r->stream[i].stream.fd = -1;
	status = recordings_open_parts(r, error);
	if (status) {
		nsc_recordings_close(r);
		return status;
	}
	*recordings = r;
	return 0;
}

/* Signals are for control, but for SIGSYS: see engine_run.c. */
int nsc_recordings_start(struct nsc_recordings *r, struct nsc_engine *engine, struct nsc_error *error)
{
	sigset_t all, before;
	int failed;

	r->recorder = nsc_engine_recorder(engine);
	sigfillset(&all);
	sigdelset(&all, SIGSYS);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&r->thread, NULL, recordings_run, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	r->running = !failed;
	return failed ? nsc_fail(error, -failed, "cannot start the thread of recordings: %s", strerror(failed)) : 0;
}

static void recordings_stop(struct nsc_recordings *r)
{
	if (!r->running)
		return;
	pthread_mutex_lock(&r->mutex);
	r->stop = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->mutex);
	recordings_ring(r);
	pthread_join(r->thread, NULL);
	r->running = false;
	for (uint32_t i = 0; i < NSC_RECORDINGS_FILES_OPEN; i++)
		if (r->file[i].used)
			nsc_recording_end(&r->file[i]);
	for (uint32_t i = 0; i < NSC_RECORDINGS_STREAMS; i++)
		if (r->stream[i].used)
			nsc_recording_end(&r->stream[i]);
		else if (r->ask[i].taken)
			close(r->ask[i].fd);
}

void nsc_recordings_close(struct nsc_recordings *r)
{
	if (!r)
		return;
	recordings_stop(r);
	nsc_control_close(r->control);
	nsc_recordings_folder_close(r->folder);
	for (uint32_t i = 0; i < NSC_RECORDINGS_STREAMS; i++)
		free(r->stream[i].stream.buffer);
	if (r->wake >= 0)
		close(r->wake);
	free(r->begun_ns);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->mutex);
	free(r);
}
