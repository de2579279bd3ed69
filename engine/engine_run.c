/* SPDX-License-Identifier: MIT
 *
 * Runs an engine: threads, the gate that they start through together, and the control thread's waiting.
 *
 * Stop order: the reader stops after its burst, the end travels in band through the lanes, workers end their tables and
 * send the last of everything, the publisher makes the final view, the writer finishes the sinks.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/assert.h"
#include "engine/base/timeline.h"
#include "engine/engine_parts.h"
#include "engine/flow/naming.h"
#include "netscope/profile.h"

enum {
	STACK_BYTES = 1024 * 1024,
	STACK_TOUCHED = 128 * 1024, /* more than any path of ours uses; made present before the first packet */
	WAIT_GROWING_NS = 1000 * 1000,
	WAIT_QUIET_NS = 10 * 1000 * 1000,
	MEASURE_LEAST_NS = 100 * 1000 * 1000,
	QUIET_AFTER = 50, /* waits without growth until control looks less often */
};

/* --- what each thread does -------------------------------------------------------------------- */

static void note_source(struct nsc_engine *e, const struct nsc_rx *source, bool failed)
{
	if (failed)
		nsc_failure_note(&e->failure, -EIO, &source->error);
}

static void run_worker(struct nsc_engine *e, uint32_t index)
{
	nsc_worker_run(e->core[index].worker);
	/* lanes say END: capture notes it then */
	note_source(e, e->core[index].worker->rx, e->core[index].worker->burst.state == NSC_RX_FAILED);
}

static void run_capture(struct nsc_engine *e, uint32_t index)
{
	nsc_lanes_run(e->lanes);
	note_source(e, e->source[0], nsc_lanes_failed(e->lanes));
}

static void run_publisher(struct nsc_engine *e, uint32_t index)
{
	nsc_publisher_run(&e->publisher);
	nsc_mark_raise(&e->writer.views, NSC_MARK_END, &e->writer.idle);
}

static void run_writer(struct nsc_engine *e, uint32_t index)
{
	nsc_writer_run(&e->writer);
}

/* --- the gate --------------------------------------------------------------------------------- */

static __attribute__((noinline)) void touch_stack(void)
{
	volatile char stack[STACK_TOUCHED];

	for (size_t i = 0; i < sizeof(stack); i += 4096)
		stack[i] = 0;
}

/* Everybody says that he is ready and waits until all are: nobody is still being set up when packets flow. */
static bool pass_gate(struct nsc_engine *e)
{
	bool open;

	pthread_mutex_lock(&e->mutex);
	e->ready++;
	pthread_cond_broadcast(&e->changed);
	while (e->gate == NSC_GATE_SHUT)
		pthread_cond_wait(&e->changed, &e->mutex);
	open = e->gate == NSC_GATE_OPEN;
	pthread_mutex_unlock(&e->mutex);
	return open;
}

static void engine_leave(struct nsc_engine *e)
{
	pthread_mutex_lock(&e->mutex);
	e->finished++;
	pthread_cond_broadcast(&e->changed);
	pthread_mutex_unlock(&e->mutex);
}

static void *thread_main(void *context)
{
	struct nsc_thread *thread = context;

	pthread_setname_np(pthread_self(), thread->name);
	thread->tid = (uint32_t)gettid();
	nsc_profile_thread();
	touch_stack();
	if (pass_gate(thread->engine))
		thread->run(thread->engine, thread->index);
	engine_leave(thread->engine);
	return NULL;
}

/* --- start ------------------------------------------------------------------------------------ */

static int create(struct nsc_engine *e, struct nsc_thread *thread, struct nsc_error *error)
{
	pthread_attr_t attributes;
	cpu_set_t cpus;
	int failed;

	CPU_ZERO(&cpus);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	if (thread->core >= 0 && thread->core < CPU_SETSIZE) {
		CPU_SET(thread->core, &cpus);
		pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus);
	} else if (thread->elsewhere && e->options.elsewhere) {
		pthread_attr_setaffinity_np(&attributes, sizeof(cpus), e->options.elsewhere);
	}
	failed = pthread_create(&thread->id, &attributes, thread_main, thread);
	pthread_attr_destroy(&attributes);
	if (failed && thread->core >= 0)
		return nsc_fail(error, -failed, "cannot start thread '%s' on core %d: %s", thread->name, thread->core,
				strerror(failed));
	return failed ? nsc_fail(error, -failed, "cannot start thread '%s': %s", thread->name, strerror(failed)) : 0;
}

static int add_thread(struct nsc_engine *e, void (*run)(struct nsc_engine *, uint32_t), uint32_t index, uint32_t core,
		      const char *name, struct nsc_error *error)
{
	struct nsc_thread *thread = &e->thread[e->n_threads];
	int failed;

	thread->engine = e;
	thread->run = run;
	thread->index = index;
	thread->core = core < e->options.n_cores ? e->options.cores[core] : -1;
	thread->elsewhere = core != UINT32_MAX;
	snprintf(thread->name, sizeof(thread->name), "%s", name);
	failed = create(e, thread, error);
	e->n_threads += !failed;
	return failed;
}

static int add_threads(struct nsc_engine *e, struct nsc_error *error)
{
	uint32_t workers = e->options.workers;
	int failed = add_thread(e, run_writer, 0, UINT32_MAX, "nsc-writer", error);
	char name[16];

	if (!failed)
		failed = add_thread(e, run_publisher, 0, UINT32_MAX, "nsc-publisher", error);
	for (uint32_t i = 0; i < workers && !failed; i++) {
		snprintf(name, sizeof(name), "nsc-worker-%u", i % 1000);
		failed = add_thread(e, run_worker, i, i, name, error);
	}
	if (!failed && e->lanes)
		failed = add_thread(e, run_capture, 0, workers, "nsc-capture", error);
	return failed;
}

static void open_gate(struct nsc_engine *e, enum nsc_gate gate)
{
	pthread_mutex_lock(&e->mutex);
	while (e->ready < e->n_threads)
		pthread_cond_wait(&e->changed, &e->mutex);
	e->gate = gate;
	pthread_cond_broadcast(&e->changed);
	pthread_mutex_unlock(&e->mutex);
}

/* Signals are for control: the other threads are born with all of them blocked, but for SIGSYS, which tells a thread
 * itself that a system call of its own was refused. */
int nsc_engine_start(struct nsc_engine *e, struct nsc_error *error)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	sigdelset(&all, SIGSYS);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = add_threads(e, error);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	open_gate(e, failed ? NSC_GATE_GIVEN_UP : NSC_GATE_OPEN);
	return failed;
}

void nsc_engine_stop(struct nsc_engine *e)
{
	__atomic_store_n(&e->stop, true, __ATOMIC_RELAXED);
}

/* A request that finds the writer asleep is no reason to lose it: it looks again when it wakes. */
static void engine_ask_writer(struct nsc_engine *e, bool *request)
{
	__atomic_store_n(request, true, __ATOMIC_RELAXED);
	nsc_idle_ring(&e->writer.idle);
}

void nsc_engine_rotate(struct nsc_engine *e)
{
	engine_ask_writer(e, &e->writer.rotate);
}

void nsc_engine_check_outputs(struct nsc_engine *e)
{
	engine_ask_writer(e, &e->writer.check);
}

void nsc_engine_reload_detect(struct nsc_engine *e, const struct nsc_detect_options *options)
{
	if (!e->detectors)
		return;
	nsc_detectors_reload(e->detectors, options);
	nsc_idle_ring(&e->publisher.idle);
}

void nsc_engine_reload_names(struct nsc_engine *e, enum nsc_names names)
{
	nsc_assert(e->options.names == NSC_NAMES_FULL && names != NSC_NAMES_OFF,
		   "names become fewer, and as many again");
	for (uint32_t i = 0; i < e->options.workers; i++) {
		nsc_naming_keep(e->core[i].naming, names);
		if (e->core[i].dns)
			nsc_dns_queries_tell_names(e->core[i].dns, names == NSC_NAMES_FULL);
	}
}

bool nsc_engine_reloaded(const struct nsc_engine *e)
{
	return !e->detectors || nsc_detectors_reloaded(e->detectors);
}

void nsc_engine_count_reload(struct nsc_engine *e, enum nsc_counter counter)
{
	nsc_count(&e->control, counter, 1);
}

enum nsc_output_news nsc_engine_output_news(struct nsc_engine *e, struct nsc_error *error)
{
	return nsc_sinks_news(&e->sinks, error);
}

uint32_t nsc_engine_outputs_failing(struct nsc_engine *e, char *text, size_t size)
{
	return nsc_sinks_failing(&e->sinks, text, size);
}

/* --- the control thread's waiting ------------------------------------------------------------- */

static bool engine_prepare(struct nsc_engine *e)
{
	bool any = false;

	for (uint32_t i = 0; i < e->options.workers; i++) {
		any |= nsc_flow_table_prepare(e->core[i].table);
		any |= e->core[i].naming && nsc_naming_prepare(e->core[i].naming);
		any |= e->core[i].recorder && nsc_recorder_prepare(e->core[i].recorder);
		any |= e->options.record_memory && nsc_records_prepare(&e->core[i].records);
	}
	if (any)
		nsc_timeline_now(e->control_timeline, NSC_TIMELINE_PREPARE, 0);
	nsc_timeline_turn(e->control_timeline);
	return any;
}

static struct timespec monotonic_after(uint64_t ns)
{
	uint64_t at = nsc_monotonic_ns() + ns;

	return (struct timespec){ .tv_sec = (time_t)(at / NSC_NS_PER_SEC), .tv_nsec = (long)(at % NSC_NS_PER_SEC) };
}

static bool wait_finished(struct nsc_engine *e, uint64_t ns)
{
	struct timespec until = monotonic_after(ns);
	bool finished;

	pthread_mutex_lock(&e->mutex);
	while (e->finished < e->n_threads && !pthread_cond_timedwait(&e->changed, &e->mutex, &until))
		;
	finished = e->finished == e->n_threads;
	pthread_mutex_unlock(&e->mutex);
	return finished;
}

static void join(struct nsc_engine *e)
{
	for (uint32_t i = 0; i < e->n_threads && !e->joined; i++)
		pthread_join(e->thread[i].id, NULL);
	__atomic_store_n(&e->joined, true, __ATOMIC_RELEASE); /* pairs with the acquire in nsc_engine_view_copy */
}

/* Memory for growth must be ready before a worker needs it: looked after every millisecond while something grows, and
 * at once again as long as there is something to do. */
bool nsc_engine_wait(struct nsc_engine *e, unsigned timeout_ms)
{
	uint64_t end_ns = nsc_monotonic_ns() + timeout_ms * 1000000ull, now_ns;

	for (;;) {
		bool growing = e->gate == NSC_GATE_OPEN && !e->joined && engine_prepare(e);
		uint64_t wait_ns = e->quiet_waits < QUIET_AFTER ? WAIT_GROWING_NS : WAIT_QUIET_NS;

		e->quiet_waits = growing ? 0 : e->quiet_waits + 1;
		now_ns = nsc_monotonic_ns();
		if (wait_finished(e, growing ? 0 : NSC_MIN(end_ns > now_ns ? end_ns - now_ns : 0, wait_ns)))
			break;
		nsc_timeline_rest_now(e->control_timeline, NSC_TIMELINE_SLEEP);
		if (nsc_monotonic_ns() >= end_ns)
			return false;
	}
	join(e);
	return true;
}

/* --- looking on ------------------------------------------------------------------------------- */

int nsc_engine_status(const struct nsc_engine *e, struct nsc_error *error)
{
	if (e->failure.status)
		*error = e->failure.error;
	return e->failure.status;
}

size_t nsc_engine_view_size(const struct nsc_engine *e)
{
	return e->views.bytes;
}

bool nsc_engine_view_copy(struct nsc_engine *e, struct nsc_view *view)
{
	bool copied = nsc_views_copy(&e->views, view);

	/* the last view was made before the writer had written everything, and a profile goes on */
	if (!copied || !__atomic_load_n(&e->joined, __ATOMIC_ACQUIRE))
		return copied;
	for (unsigned id = NSC_C_OUTPUT_FAILING; id <= NSC_C_IPFIX_FAILED; id++)
		view->totals.value[id] = __atomic_load_n(&e->sinks.counters.value[id], __ATOMIC_RELAXED);
	for (unsigned id = NSC_C_PROFILE_SAMPLES; e->options.profile && id <= NSC_C_PROFILE_OVERWRITTEN; id++)
		view->totals.value[id] = __atomic_load_n(&e->options.profile->value[id], __ATOMIC_RELAXED);
	for (unsigned id = NSC_C_RELOADS; id <= NSC_C_RELOADS_REFUSED; id++)
		view->totals.value[id] = __atomic_load_n(&e->control.value[id], __ATOMIC_RELAXED);
	return true;
}

void nsc_engine_totals(struct nsc_engine *e, struct nsc_counters *totals)
{
	memset(totals, 0, sizeof(*totals));
	for (uint32_t i = 0; i < e->options.workers; i++)
		nsc_counters_add(totals, &e->core[i].worker->counters);
	if (e->lanes)
		nsc_counters_add(totals, nsc_lanes_counters(e->lanes));
	if (e->detectors)
		nsc_counters_add(totals, &e->detectors->counters);
	if (e->dns)
		nsc_counters_add(totals, &e->dns->counters);
	if (e->options.profile)
		nsc_counters_add(totals, e->options.profile);
	nsc_counters_add(totals, &e->control);
	nsc_counters_add(totals, &e->sinks.counters);
	nsc_source_totals(e->source, e->n_sources, totals);
}

uint32_t nsc_engine_rounds(const struct nsc_engine *e, uint64_t *rounds)
{
	for (uint32_t i = 0; i < e->options.workers; i++) {
		const uint64_t *value = e->core[i].worker->counters.value;

		rounds[i] = __atomic_load_n(&value[NSC_C_WORKER_BURSTS], __ATOMIC_RELAXED) +
			    __atomic_load_n(&value[NSC_C_WORKER_EMPTY_POLLS], __ATOMIC_RELAXED);
	}
	return e->options.workers;
}

static const struct nsc_timeline *engine_timeline(const struct nsc_engine *e, const struct nsc_thread *thread)
{
	if (thread->run == run_worker)
		return e->core[thread->index].timeline;
	if (thread->run == run_capture)
		return e->capture_timeline;
	return thread->run == run_publisher ? e->publisher.timeline : e->writer.timeline;
}

/* Two readings of both clocks, the farther apart the better. */
static double engine_cycles_per_second(const struct nsc_engine *e)
{
	struct nsc_cycles_at now = nsc_cycles_now();

	return now.ns - e->began.ns < MEASURE_LEAST_NS ? e->tsc_hz : nsc_cycles_hz(e->began, now);
}

/* From then on the list of threads stays as it is. */
static bool engine_has_begun(struct nsc_engine *e)
{
	bool begun;

	pthread_mutex_lock(&e->mutex);
	begun = e->gate == NSC_GATE_OPEN;
	pthread_mutex_unlock(&e->mutex);
	return begun;
}

/* One whose thread has not begun is not there yet. */
static void engine_add_guest(const struct nsc_guest *guest, struct nsc_timelines *out)
{
	struct nsc_timeline_thread *thread = &out->thread[out->n];

	thread->timeline = guest->timeline;
	memcpy(thread->name, guest->name, sizeof(thread->name));
	thread->id = nsc_timeline_owner(guest->timeline);
	thread->lane = -1;
	out->n += thread->id != 0;
}

void nsc_engine_timelines(struct nsc_engine *e, struct nsc_timelines *out)
{
	static_assert(NSC_TIMELINE_THREADS > NSC_THREADS_MAX + NSC_GUESTS_MAX,
		      "there is a place for each thread, for control and for guests");

	memset(out, 0, sizeof(*out));
	out->began_cycles = e->began.cycles;
	out->began_ns = e->began_ns;
	out->tsc_hz = engine_cycles_per_second(e);
	if (!e->options.timeline || !engine_has_begun(e))
		return;
	out->thread[out->n++] = (struct nsc_timeline_thread){
		.timeline = e->control_timeline, .name = "control", .id = (uint32_t)getpid(), .lane = -1
	};
	for (uint32_t i = 0; i < e->n_threads; i++) {
		struct nsc_timeline_thread *thread = &out->thread[out->n++];

		thread->timeline = engine_timeline(e, &e->thread[i]);
		memcpy(thread->name, e->thread[i].name, sizeof(thread->name));
		thread->id = e->thread[i].tid;
		thread->lane = e->lanes && e->thread[i].run == run_worker ? (int32_t)e->thread[i].index : -1;
	}
	for (uint32_t i = 0; i < e->n_guests; i++)
		engine_add_guest(&e->guest[i], out);
}

struct nsc_timeline *nsc_engine_guest(struct nsc_engine *e, const char *name)
{
	struct nsc_guest *guest = &e->guest[e->n_guests];

	if (!e->options.timeline || e->n_guests == e->options.guests)
		return NULL;
	snprintf(guest->name, sizeof(guest->name), "%s", name);
	e->n_guests++;
	return guest->timeline;
}

uint64_t nsc_engine_arena_bytes(const struct nsc_engine *e, uint32_t i)
{
	return nsc_arena_bytes(i < e->options.workers ? e->core[i].arena : e->arena);
}

/* --- packets that were traced ----------------------------------------------------------------- */

/* Capture has noted them in order. The worker of each has noted the same ones, but for what a full lane dropped, in the
 * same order. */
static uint32_t trace_join_lanes(const struct nsc_engine *e, struct nsc_trace_packet *packet)
{
	uint32_t next[NSC_WORKERS_MAX] = { 0 };

	for (uint32_t i = 0; i < e->trace->n; i++) {
		const struct nsc_trace *worker = e->core[e->trace->packet[i].worker].trace;
		uint32_t *at = &next[e->trace->packet[i].worker];

		packet[i] = e->trace->packet[i];
		if (!nsc_trace_moved(&packet[i], NSC_C_LANE_FULL) && *at < worker->n)
			nsc_trace_join(&packet[i], &worker->packet[(*at)++]);
	}
	return e->trace->n;
}

/* The oldest first of what workers with a source each have noted. */
static uint32_t trace_merge(const struct nsc_engine *e, struct nsc_trace_packet *packet)
{
	uint32_t next[NSC_WORKERS_MAX] = { 0 }, n = 0;

	for (; n < e->options.trace.count; n++) {
		const struct nsc_trace_packet *oldest = NULL;
		uint32_t from = 0;

		for (uint32_t i = 0; i < e->options.workers; i++) {
			const struct nsc_trace *trace = e->core[i].trace;

			if (next[i] < trace->n && (!oldest || trace->packet[next[i]].ts_ns < oldest->ts_ns))
				oldest = &trace->packet[next[from = i]];
		}
		if (!oldest)
			break;
		next[from]++;
		packet[n] = *oldest;
	}
	return n;
}

uint32_t nsc_engine_trace(const struct nsc_engine *e, struct nsc_trace_packet *packet)
{
	if (!e->options.trace.count)
		return 0;
	return e->trace ? trace_join_lanes(e, packet) : trace_merge(e, packet);
}

/* --- the dashboard ---------------------------------------------------------------------------- */

const struct nsc_packet_chunk *nsc_engine_samples(struct nsc_engine *e, uint32_t i)
{
	return e->core[i].sampler ? nsc_channel_receive(e->core[i].sampler->channel) : NULL;
}

void nsc_engine_samples_return(struct nsc_engine *e, uint32_t i, const struct nsc_packet_chunk *chunk)
{
	nsc_channel_give_back(e->core[i].sampler->channel, chunk);
}

struct nsc_sample_filter *nsc_engine_sample_filter(struct nsc_engine *e, uint32_t i)
{
	return e->core[i].sampler ? nsc_channel_acquire(e->core[i].sampler->filters) : NULL;
}

void nsc_engine_sample_filter_send(struct nsc_engine *e, uint32_t i, struct nsc_sample_filter *filter)
{
	nsc_channel_send(e->core[i].sampler->filters, filter);
}

struct nsc_flow_question *nsc_engine_question(struct nsc_engine *e, uint32_t i)
{
	return e->core[i].questions ? nsc_channel_acquire(e->core[i].questions->channel) : NULL;
}

void nsc_engine_question_send(struct nsc_engine *e, uint32_t i, struct nsc_flow_question *question)
{
	question->worker = i;
	nsc_channel_send(e->core[i].questions->channel, question);
}

/* The worker has ended, and with it the only writer of its counters: these go on in the same place. */
bool nsc_engine_questions_step(struct nsc_engine *e, uint32_t records)
{
	bool open = false;

	for (uint32_t i = 0; i < e->options.workers; i++)
		if (e->core[i].questions)
			open |= nsc_questions_step(e->core[i].questions, e->core[i].table,
						   nsc_worker_time(e->core[i].worker), records,
						   &e->core[i].worker->counters);
	return open;
}

void nsc_engine_chunk_return(struct nsc_engine *e, struct nsc_flow_chunk *chunk)
{
	nsc_records_drop(&e->core[chunk->worker].records, chunk);
}
