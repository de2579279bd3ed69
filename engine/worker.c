/* SPDX-License-Identifier: MIT
 *
 * The polling loop: the way of every packet, from the source to its flow. Read nsc_worker_run first, at the end.
 *
 * Time is the packets' own, without its steps (netscope/steady.h). A burst that crosses the border of a tick or of a
 * detectors' epoch is cut there, so that both hold the same packets whatever the bursts and however many the workers.
 */
#include "engine/worker.h"

#include <sched.h>

#include "engine/base/account.h"
#include "engine/base/assert.h"
#include "netscope/clock.h"

enum { /* one sleep of a worker at its live source */
       SLEEP_MIN_NS = 1000 * 1000,
       SLEEP_MERGED_NS = 5 * 1000 * 1000, /* its clock holds back what other queues have brought */
       SLEEP_MAX_NS = 50 * 1000 * 1000,
       SWEEP_STEP_NS = 1000 * 1000,
       SWEEP_STEPS_MAX = 64,
};

enum {                         /* of a flow query */
       ANSWER_STEP = 32,       /* records looked at for a flow query in one round: 1 to 2 us */
       ANSWER_STEP_IDLE = 256, /* the same when there is nothing else to do */
       ANSWER_PIECE = 4,       /* records between two looks at the time, */
       ANSWER_NS = 10 * 1000,  /* which is over then, whatever records there are left */
};

/* --- the cycle account: the counter is read at the borders of stages, once per burst ---------- */

static void worker_account(struct nsc_worker *w, unsigned stage)
{
	nsc_account(&w->counters, stage);
}

static void worker_account_burst(struct nsc_worker *w, unsigned stage, uint32_t n)
{
	nsc_account_burst(&w->counters, stage, n);
}

static void worker_account_rest(struct nsc_worker *w, unsigned stage)
{
	nsc_account_rest(&w->counters, stage);
}

static uint64_t worker_ns(const struct nsc_worker *w, uint64_t cycles)
{
	return (uint64_t)((unsigned __int128)cycles * w->ns_per_cycle_32 >> 32);
}

/* A burst that came through a lane; the counters of two cores may differ by a little. */
static void worker_note_queue(struct nsc_worker *w)
{
	uint64_t taken = w->counters.stamp, sent = w->burst.sent;

	if (sent)
		nsc_histogram_note(&w->duration[NSC_DURATION_QUEUE], taken > sent ? worker_ns(w, taken - sent) : 0);
}

/* The kernel's stamp is of its wall clock: what was stamped ahead of it has no age. */
static void worker_note_age(struct nsc_worker *w)
{
	uint64_t now_ns, then_ns = w->burst.pkt[0].ts_ns;

	if (nsc_likely(!w->wall))
		return;
	now_ns = nsc_clock_ns(CLOCK_REALTIME);
	if (now_ns >= then_ns)
		nsc_histogram_note(&w->duration[NSC_DURATION_AGE], now_ns - then_ns);
}

/* The round began at `began`, and the source had been polled at `polled`. */
static void worker_note_round(struct nsc_worker *w, uint64_t began, uint64_t polled)
{
	uint64_t ns = worker_ns(w, w->counters.stamp - began);

	nsc_histogram_note(&w->duration[NSC_DURATION_ROUND], ns);
	NSC_USDT(round, w->number, w->burst.n, ns);
	if (nsc_unlikely(ns > NSC_ROUND_LONG_NS))
		nsc_rounds_long(&w->rounds, ns, worker_ns(w, polled - began), &w->counters);
}

/* For the timeline a tick that the round ends with is of the round. */
static void worker_end_round(struct nsc_worker *w, uint64_t began)
{
	if (w->counters.timeline)
		nsc_timeline_round(w->counters.timeline, began, w->counters.stamp);
}

/* --- ticks ------------------------------------------------------------------------------------ */

static void worker_note_waiting(struct nsc_worker *w)
{
	__atomic_store_n(&w->counters.value[NSC_C_LANE_WAITING], w->rx->ops->waiting(w->rx), __ATOMIC_RELAXED);
}

/* Fills the snapshot's lists of the tick that ends, and begins the next one. */
static void worker_fill_tick(struct nsc_worker *w, uint64_t next_start_ns)
{
	struct nsc_snapshot *snapshot = w->tick.snapshot;

	snapshot->n_top = nsc_flow_table_tick(w->table, next_start_ns, &w->counters, snapshot->top);
	snapshot->names_at = w->names_at;
	snapshot->names_bytes =
		w->names_at ? nsc_flow_table_tick_names(w->table, (uint8_t *)snapshot + w->names_at) : 0;
}

static void worker_tell_tick(const struct nsc_worker *w, uint64_t clock_ns)
{
	NSC_USDT(tick, w->number, clock_ns + w->burst.offset_ns, w->counters.value[NSC_C_FLOW_HELD],
		 w->counters.value[NSC_C_WORKER_PACKETS]);
}

/* Once a tick, so that its own span has the cause when it was long. */
static void worker_account_tick(struct nsc_worker *w)
{
	nsc_rounds_tell(&w->rounds, nsc_cycles() - w->counters.stamp, &w->counters);
	worker_account(w, NSC_C_CYCLES_TICK);
}

static void worker_close_tick(struct nsc_worker *w, uint64_t clock_ns)
{
	uint64_t next_start_ns = clock_ns - clock_ns % w->tick.length_ns;

	worker_fill_tick(w, next_start_ns);
	if (w->rx->ops->waiting)
		worker_note_waiting(w);
	if (w->contacts)
		w->tick.microburst = nsc_contacts_leave_tick(w->contacts);
	if (w->dns)
		nsc_dns_queries_flush(w->dns);
	nsc_tick_send(&w->tick, clock_ns, &w->counters, w->duration);
	worker_tell_tick(w, clock_ns);
	if (w->rx->live)
		nsc_records_output_flush(&w->output);
	nsc_timeline_core(w->counters.timeline);
	worker_account_tick(w);
}

static void worker_leave_tick(struct nsc_worker *w, uint64_t clock_ns)
{
	if (nsc_tick_has_begun(&w->tick))
		worker_close_tick(w, clock_ns);
	nsc_tick_begin(&w->tick, clock_ns);
	w->tick.offset_ns = w->burst.offset_ns;
}

static void worker_leave_epoch(struct nsc_worker *w, uint64_t clock_ns)
{
	nsc_contacts_advance(w->contacts, clock_ns);
	w->contacts->offset_ns = w->burst.offset_ns;
	worker_account(w, NSC_C_CYCLES_DETECT);
}

/* The clock moves on: closes the epoch and the tick that it leaves, and passes over empty ones at once. Whoever has the
 * tick's snapshot finds the epochs before it closed. */
static void worker_advance(struct nsc_worker *w, uint64_t clock_ns)
{
	w->clock_ns = NSC_MAX(w->clock_ns, clock_ns);
	if (nsc_likely(nsc_period_holds(&w->uncut, clock_ns)))
		return;
	if (w->contacts && !nsc_period_holds(&w->contacts->period, clock_ns))
		worker_leave_epoch(w, clock_ns);
	if (!nsc_period_holds(&w->tick.period, clock_ns))
		worker_leave_tick(w, clock_ns);
	w->uncut = w->contacts ? nsc_period_common(&w->tick.period, &w->contacts->period, clock_ns) : w->tick.period;
}

/* --- stages ----------------------------------------------------------------------------------- */

#define COUNTED_ONE (1ull << 40) /* packets stand above their bytes: those of a burst are fewer */

static_assert(NSC_BURST_MAX <= 1u << 8, "bytes of a burst, any u32 each, are below 2^40");

static void worker_count_packets(struct nsc_worker *w, const struct nsc_packet *pkt, uint32_t n)
{
	uint64_t bytes = 0, tcp = 0, udp = 0;
	uint32_t flows = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t kind = (uint32_t)pkt[i].fate << 8 | pkt[i].ip_proto;
		uint64_t one = COUNTED_ONE | pkt[i].wire_len;

		bytes += pkt[i].wire_len;
		tcp += kind == (NSC_FATE_FLOW << 8 | NSC_PROTO_TCP) ? one : 0;
		udp += kind == (NSC_FATE_FLOW << 8 | NSC_PROTO_UDP) ? one : 0;
		flows += pkt[i].fate == NSC_FATE_FLOW;
	}
	nsc_count(&w->counters, NSC_C_WORKER_TCP, tcp / COUNTED_ONE);
	nsc_count(&w->counters, NSC_C_WORKER_TCP_BYTES, tcp % COUNTED_ONE);
	nsc_count(&w->counters, NSC_C_WORKER_UDP, udp / COUNTED_ONE);
	nsc_count(&w->counters, NSC_C_WORKER_UDP_BYTES, udp % COUNTED_ONE);
	nsc_count(&w->counters, NSC_C_WORKER_PACKETS, n);
	nsc_count(&w->counters, NSC_C_WORKER_BYTES, bytes);
	nsc_count(&w->counters, NSC_C_FATE + NSC_FATE_FLOW, flows);
	for (uint32_t i = 0; nsc_unlikely(flows < n) && i < n; i++)
		if (pkt[i].fate != NSC_FATE_FLOW)
			nsc_count(&w->counters, NSC_C_FATE + pkt[i].fate, 1);
}

static void worker_detect(struct nsc_worker *w, const struct nsc_packet *pkt, uint32_t n, uint64_t openers)
{
	if (nsc_likely(!w->contacts))
		return;
	nsc_contacts_burst(w->contacts, pkt, n, openers);
	worker_account(w, NSC_C_CYCLES_DETECT);
}

static void worker_dns(struct nsc_worker *w, const struct nsc_packet *pkt, uint32_t n)
{
	uint64_t bits;

	if (nsc_unlikely(!w->dns))
		return;
	bits = nsc_dns_ports(pkt, n);
	if (nsc_likely(!bits && pkt[n - 1].clock_ns < w->dns->due_ns))
		return;
	nsc_dns_queries_burst(w->dns, pkt, n, bits, w->burst.offset_ns);
	worker_account(w, NSC_C_CYCLES_DNS);
}

/* The packets of each tick and epoch among these, with its end between them. */
static void worker_run_stages(struct nsc_worker *w, const struct nsc_packet *pkt, uint32_t packets)
{
	const struct nsc_packet *end = pkt + packets;

	nsc_flow_table_set_offset(w->table, w->burst.offset_ns);
	for (uint32_t n; pkt < end; pkt += n) {
		uint64_t openers;

		worker_advance(w, pkt->clock_ns);
		n = nsc_period_held(&w->uncut, pkt, (uint32_t)(end - pkt));
		nsc_assert(n, "a tick and an epoch hold the packet with which they begin");
		worker_count_packets(w, pkt, n);
		openers = nsc_flow_table_burst(w->table, pkt, n, &w->counters, &w->output.flow);
		worker_account_burst(w, NSC_C_CYCLES_FLOW, n);
		worker_detect(w, pkt, n, openers);
		worker_dns(w, pkt, n);
	}
}

/* For the test that the ledger notices: the first burst arrives one packet short. */
static void worker_lose_packet(struct nsc_worker *w)
{
#ifdef NSC_FAULT_LOSE_PACKET
	if (w->burst.n && !w->counters.value[NSC_C_WORKER_PACKETS])
		w->burst.n--;
#endif
}

/* For the test that a comparison notices: each round takes NSC_FAULT_SPIN thousandths longer. What the scheduler took
 * within it is bounded. */
static void worker_spin(const struct nsc_worker *w, uint64_t began)
{
#ifdef NSC_FAULT_SPIN
	uint64_t spent = NSC_MIN(w->counters.stamp - began, (uint64_t)2000000), from = nsc_cycles();

	while ((nsc_cycles() - from) * 1000 < spent * NSC_FAULT_SPIN)
		;
#endif
}

/* For the test that a profile tells the truth: three tenths of the thread's time, by its own clock, which is asked now
 * and then only: who asks for it may lose the core there, just before the tick at which timers sample. */
#ifdef NSC_FAULT_SPEND
static __attribute__((noipa)) void worker_spend_three_tenths(void)
{
	static uint64_t spent;
	uint64_t now = nsc_clock_ns(CLOCK_THREAD_CPUTIME_ID), then;

	while (spent * 10 < now * 3) {
		for (volatile unsigned i = 0; i < 8000000; i++)
			;
		then = now;
		now = nsc_clock_ns(CLOCK_THREAD_CPUTIME_ID);
		spent += now - then;
	}
}
#endif

static void worker_spend(const struct nsc_worker *w)
{
#ifdef NSC_FAULT_SPEND
	if (w->counters.value[NSC_C_WORKER_BURSTS] % 4096 == 0)
		worker_spend_three_tenths();
#endif
}

/* For outputs that keep capture order. A waiting sink looks at what is there whenever the source pauses. */
static void worker_tap(struct nsc_worker *w, const struct nsc_packet *pkt, uint32_t n)
{
	if (nsc_likely(!w->tap))
		return;
	if (n)
		nsc_tap_burst(w->tap, w->rx, pkt, n, &w->counters);
	else
		nsc_tap_flush(w->tap, w->burst.clock_ns + w->burst.offset_ns);
	worker_account_burst(w, NSC_C_CYCLES_TAP, n);
}

/* For the dashboard: some packets, as they come by, or some of those whose flows are wanted: these are counted. */
static void worker_sample(struct nsc_worker *w, const struct nsc_packet *pkt, uint32_t n)
{
	if (nsc_likely(!w->sampler))
		return;
	nsc_sampler_look(w->sampler);
	if (!n)
		nsc_sampler_flush(w->sampler);
	else if (nsc_likely(w->sampler->filter.mode == NSC_SAMPLE_ALL))
		nsc_sampler_burst(w->sampler, w->rx, pkt, n, &w->counters);
	else
		nsc_sampler_burst_of_flows(w->sampler, w->table, nsc_worker_time(w), w->rx, pkt, n, &w->counters);
	worker_account(w, NSC_C_CYCLES_SAMPLE);
}

/* The latest packets, in memory. */
static void worker_record(struct nsc_worker *w, const struct nsc_packet *pkt, uint32_t n)
{
	if (nsc_likely(!w->recorder))
		return;
	nsc_recorder_burst(w->recorder, w->rx, pkt, n, w->burst.offset_ns, &w->counters);
	worker_account_burst(w, NSC_C_CYCLES_RECORDER, n);
}

/* The dashboard's questions about flows ride the sweep: they are answered a few records at a time. True while one is
 * open. */
static bool worker_answer(struct nsc_worker *w, uint32_t records)
{
	uint64_t began = w->counters.stamp;
	bool open;

	if (nsc_likely(!w->questions))
		return false;
	do {
		open = nsc_questions_step(w->questions, w->table, nsc_worker_time(w), ANSWER_PIECE, &w->counters);
		records -= ANSWER_PIECE;
	} while (open && records && worker_ns(w, nsc_cycles() - began) < ANSWER_NS);
	worker_account(w, NSC_C_CYCLES_QUERY);
	return open;
}

nsc_always_inline void worker_all_stages(struct nsc_worker *w, struct nsc_packet *pkt, uint32_t n)
{
	if (!w->rx->decoded) {
		nsc_decode_burst(&w->decode, pkt, n);
		worker_account_burst(w, NSC_C_CYCLES_DECODE, n);
	}
	worker_tap(w, pkt, n);
	worker_record(w, pkt, n);
	worker_run_stages(w, pkt, n);
	worker_sample(w, pkt, n);
}

/* What ends with a tick or an epoch is none of the packet's. */
static void worker_trace_packet(struct nsc_worker *w, struct nsc_packet *pkt)
{
	enum nsc_decode_path path = w->rx->decoded ? NSC_DECODE_PATH_FAST : nsc_decode_path(&w->decode, pkt);
	struct nsc_trace_packet *traced;

	worker_advance(w, pkt->clock_ns);
	worker_account(w, NSC_C_CYCLES_RX);
	nsc_trace_begin(w->trace, &w->counters);
	worker_all_stages(w, pkt, 1);
	traced = nsc_trace_end(w->trace, &w->counters, pkt);
	traced->path = (uint8_t)path;
	traced->worked = true;
	traced->worker = w->number;
	traced->worker_core = sched_getcpu();
	traced->depth = pkt->fate == NSC_FATE_FLOW ? nsc_flow_table_depth(w->table, pkt) : 0;
}

/* The same packets in the same order, but those that are wanted come alone. */
static __attribute__((noinline, cold)) void worker_trace_stages(struct nsc_worker *w)
{
	struct nsc_packet *pkt = w->burst.pkt, *end = pkt + w->burst.n;

	for (uint32_t n; pkt < end; pkt += n) {
		n = nsc_trace_wants(w->trace) ? nsc_trace_next(w->trace, w->rx, pkt, (uint32_t)(end - pkt))
					      : (uint32_t)(end - pkt);
		if (n) {
			worker_all_stages(w, pkt, n);
			continue;
		}
		worker_trace_packet(w, pkt);
		n = 1;
	}
}

static void worker_round_with_packets(struct nsc_worker *w, uint64_t began)
{
	uint64_t polled;

	NSC_USDT(burst, w->number, w->burst.n, w->burst.pkt[w->burst.n - 1].clock_ns + w->burst.offset_ns);
	nsc_idle_reset(&w->idle);
	nsc_rounds_begin(&w->rounds);
	worker_account_burst(w, NSC_C_CYCLES_RX, w->burst.n);
	polled = w->counters.stamp;
	worker_note_queue(w);
	if (nsc_trace_wants(w->trace))
		worker_trace_stages(w);
	else
		worker_all_stages(w, w->burst.pkt, w->burst.n);
	nsc_count(&w->counters, NSC_C_WORKER_BURSTS, 1);
	nsc_flow_table_sweep(w->table, w->clock_ns, false, &w->counters, &w->output.flow);
	worker_account(w, NSC_C_CYCLES_SWEEP);
	worker_spin(w, began);
	worker_answer(w, ANSWER_STEP);
	worker_note_round(w, began, polled);
	worker_note_age(w);
}

/* A worker that sleeps between its rounds has fewer of them, and takes more steps in each: one for every millisecond.
 */
static void worker_sweep_idle(struct nsc_worker *w)
{
	uint64_t passed_ns = w->clock_ns - NSC_MIN(w->swept_ns, w->clock_ns);
	uint64_t steps = w->rx->live ? NSC_MIN(passed_ns / SWEEP_STEP_NS, (uint64_t)SWEEP_STEPS_MAX) : 0;

	for (uint64_t i = steps; i; i--)
		nsc_flow_table_sweep(w->table, w->clock_ns - i * (passed_ns / (steps + 1)), true, &w->counters,
				     &w->output.flow);
	nsc_flow_table_sweep(w->table, w->clock_ns, true, &w->counters, &w->output.flow);
	w->swept_ns = w->clock_ns;
	if (w->dns)
		nsc_dns_queries_give_up(w->dns, w->clock_ns, NSC_BURST_MAX);
	worker_account_rest(w, NSC_C_CYCLES_SWEEP);
}

/* A live source has a place to sleep where packets wake the worker; the tick's end is not slept through. */
static void worker_rest(struct nsc_worker *w)
{
	uint64_t longest_ns = w->tap && w->tap->merged ? SLEEP_MERGED_NS : SLEEP_MAX_NS;
	bool begun = nsc_period_holds(&w->tick.period, w->clock_ns);
	uint64_t left_ns = begun ? nsc_period_left(&w->tick.period, w->clock_ns) : SLEEP_MAX_NS;

	if (nsc_idle_may_sleep(&w->idle))
		nsc_rounds_slept(&w->rounds);
	if (w->rx->ops->wait && nsc_idle_may_sleep(&w->idle))
		nsc_rx_wait(w->rx, NSC_MIN(longest_ns, NSC_MAX(left_ns, (uint64_t)SLEEP_MIN_NS)));
	else
		nsc_idle_wait(&w->idle);
}

static void worker_round_without(struct nsc_worker *w)
{
	bool waits = w->rx->waited && w->burst.state == NSC_RX_IDLE;

	nsc_count(&w->counters, NSC_C_WORKER_EMPTY_POLLS, 1);
	worker_account_rest(w, waits ? w->rx->waited : NSC_C_CYCLES_EMPTY);
	worker_tap(w, NULL, 0);
	worker_sample(w, NULL, 0);
	worker_sweep_idle(w);
	if (!worker_answer(w, ANSWER_STEP_IDLE) && w->burst.state == NSC_RX_IDLE)
		worker_rest(w);
	else
		nsc_idle_reset(&w->idle);
	worker_account_rest(w, waits ? w->rx->waited : NSC_C_CYCLES_IDLE);
}

/* The source's clock after the burst, also one without packets. */
static void worker_turn_clock(struct nsc_worker *w)
{
	if (w->recorder)
		nsc_recorder_advance(w->recorder, w->burst.clock_ns, w->burst.offset_ns);
	worker_advance(w, w->burst.clock_ns);
}

/* A live source that is asked for its end still delivers what the kernel holds. */
static bool worker_should_run(const struct nsc_worker *w)
{
	if (w->burst.state >= NSC_RX_END)
		return false;
	return !w->stop || !__atomic_load_n(w->stop, __ATOMIC_RELAXED) || !nsc_rx_stop(w->rx);
}

/* The end came in band, after every packet: what is silent ends, the rest is counted, the last numbers go out. The
 * table is the writer's from nsc_records_output_end on. */
static void worker_finish(struct nsc_worker *w)
{
	if (w->tap)
		nsc_tap_end(w->tap);
	if (w->recorder)
		nsc_recorder_end(w->recorder);
	if (w->contacts)
		nsc_contacts_end(w->contacts);
	if (w->dns)
		nsc_dns_queries_end(w->dns);
	if (w->sampler)
		nsc_sampler_end(w->sampler);
	if (!nsc_tick_has_begun(&w->tick))
		worker_leave_tick(w, w->clock_ns);
	if (w->contacts)
		w->tick.microburst = nsc_contacts_leave_tick(w->contacts);
	/* It ends here: this is the packet time of its end, whichever worker had the last packets. */
	w->tick.offset_ns = w->burst.offset_ns;
	nsc_flow_table_set_offset(w->table, w->burst.offset_ns);
	worker_fill_tick(w, w->clock_ns);
	nsc_flow_table_settle(w->table, w->clock_ns, w->drain, &w->counters, &w->output.flow);
	nsc_records_output_end(&w->output);
	worker_account_tick(w);
	nsc_tick_send_last(&w->tick, w->clock_ns, &w->counters, w->duration);
	worker_tell_tick(w, w->clock_ns);
}

void nsc_worker_run(struct nsc_worker *w)
{
	nsc_account_begin(&w->counters);
	nsc_rounds_look(&w->rounds);
	do {
		uint64_t began = w->counters.stamp;

		nsc_rx_poll(w->rx, &w->burst);
		worker_lose_packet(w);
		worker_spend(w);
		if (w->burst.n)
			worker_round_with_packets(w, began);
		else
			worker_round_without(w);
		if (w->burst.clock_ns)
			worker_turn_clock(w);
		if (w->burst.n)
			worker_end_round(w, began);
		nsc_rx_release(w->rx, w->burst.loan);
	} while (worker_should_run(w));
	worker_finish(w);
}

void nsc_worker_init(struct nsc_worker *w, const struct nsc_worker_options *o)
{
	w->rx = o->rx;
	w->decode = *o->decode;
	w->decode.counters = &w->counters;
	w->table = o->table;
	w->tap = o->tap;
	w->contacts = o->contacts;
	w->dns = o->dns;
	w->sampler = o->sampler;
	w->recorder = o->recorder;
	w->questions = o->questions;
	w->stop = o->stop;
	w->drain = o->drain;
	w->names_at = o->names_at;
	w->number = o->number;
	w->wall = o->wall;
	w->trace = o->trace;
	w->ns_per_cycle_32 = (uint64_t)((double)NSC_NS_PER_SEC / o->tsc_hz * 4294967296.0);
	nsc_tick_init(&w->tick, o->snapshots, o->tick_ns, o->rx->live);
	w->tick.rtts = nsc_flow_table_rtts(o->table);
	nsc_records_output_init(&w->output, o->records, &w->counters, o->rx->live);
	nsc_idle_init(&w->idle, o->poll, o->crowded);
	w->counters.timeline = o->timeline;
	if (w->contacts)
		nsc_contacts_attach(w->contacts, &w->counters, o->rx->live);
	if (w->dns)
		nsc_dns_queries_attach(w->dns, &w->counters, o->rx->live);
	nsc_count(&w->counters, NSC_C_TAPS, o->tap != NULL);
	nsc_count(&w->counters, NSC_C_RECORDERS, o->recorder != NULL);
}
