/* SPDX-License-Identifier: MIT
 *
 * A source of seeded traffic from memory: tests and benchmarks without a file. The generator does the work; this
 * file lends its frames. Each loan has memory for one burst; with no loan out the first memory is used again, so that
 * a worker that polls inline stays in its cache.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "gen.h"
#include "linktype.h"
#include "netscope/clock.h"

#define LOANS_MAX 1024u
#define LOANS_MIN 16u
#define MEMORY_MAX (64ull << 20)
#define HUGE_PAGE (2u << 20)

struct synth {
	struct nsc_rx rx;
	struct nsc_gen *gen;
	uint8_t *slots; /* loans * NSC_BURST_MAX slots */
	uint64_t slot_size;
	uint64_t lent, released; /* numbers of the last loan made and the last one ended */
	uint64_t clock_ns;
	bool paced;
	double rate_pps;
	uint64_t began_ns;    /* paced: monotonic time of the first poll; 0 = not yet */
	uint64_t left;        /* packets still to make; UINT64_MAX: without end */
	uint32_t loans, next; /* memories; which is the next */
	struct nsc_rx_counters own;
	struct nsc_rx_counters shared; /* read by other threads */
};

/* How many packets may be made now: with pacing, those whose time has come at the mean rate. */
static uint32_t due(struct synth *synth)
{
	uint64_t n = NSC_MIN(synth->left, (uint64_t)NSC_BURST_MAX), now_ns, wanted;

	if (nsc_likely(!synth->paced))
		return (uint32_t)n;
	now_ns = nsc_monotonic_ns();
	if (!synth->began_ns)
		synth->began_ns = now_ns;
	wanted = (uint64_t)((double)(now_ns - synth->began_ns) * 1e-9 * synth->rate_pps) + 1;
	return (uint32_t)NSC_MIN(n, wanted > synth->own.delivered ? wanted - synth->own.delivered : 0);
}

static void synth_fill(struct synth *synth, uint8_t *slot, struct nsc_burst *burst, uint32_t n)
{
	struct nsc_gen_frame frame;

	for (uint32_t i = 0; i < n; i++, slot += synth->slot_size) {
		nsc_gen_next(synth->gen, slot, &frame);
		burst->pkt[i] = (struct nsc_packet){
			.data = frame.data,
			.ts_ns = frame.ts_ns,
			.clock_ns = frame.ts_ns, /* time never goes back here */
			.cap_len = frame.cap_len,
			.wire_len = frame.wire_len,
			.link = NSC_LINK_ETHERNET,
		};
		synth->own.received_bytes += frame.wire_len;
		synth->own.snapped += frame.cap_len < frame.wire_len;
	}
	burst->n = n;
	if (n)
		synth->clock_ns = burst->pkt[n - 1].ts_ns;
	if (synth->left != UINT64_MAX)
		synth->left -= n;
	synth->own.received += n;
	synth->own.delivered += n;
	nsc_rx_counters_copy(&synth->shared, &synth->own);
}

static void synth_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct synth *synth = (struct synth *)rx;
	uint64_t out = synth->lent - synth->released;
	uint32_t n = due(synth);

	burst->n = 0;
	if (n && out < synth->loans) {
		if (out == 0)
			synth->next = 0;
		synth_fill(synth, synth->slots + synth->next * NSC_BURST_MAX * synth->slot_size, burst, n);
		synth->next = (synth->next + 1) % synth->loans;
		synth->lent++;
	}
	burst->state = synth->left == 0 ? NSC_RX_END : burst->n ? NSC_RX_MORE : NSC_RX_IDLE;
	burst->clock_ns = synth->clock_ns;
	burst->offset_ns = 0;
	burst->loan = synth->lent;
}

static void synth_release(struct nsc_rx *rx, uint64_t loan)
{
	struct synth *synth = (struct synth *)rx;

	loan = NSC_MIN(loan, synth->lent);
	synth->released = NSC_MAX(synth->released, loan);
}

static void synth_counters(const struct nsc_rx *rx, struct nsc_rx_counters *counters)
{
	nsc_rx_counters_copy(counters, &((const struct synth *)rx)->shared);
}

static void synth_close(struct nsc_rx *rx)
{
	struct synth *synth = (struct synth *)rx;

	nsc_gen_close(synth->gen);
	free(synth->slots);
	free(synth);
}

static const struct nsc_rx_ops synth_ops = {
	.name = "synth",
	.poll = synth_poll,
	.release = synth_release,
	.counters = synth_counters,
	.close = synth_close,
};

static int synth_take_slots(struct synth *synth, struct nsc_error *error)
{
	uint64_t burst, bytes;

	synth->slot_size = nsc_gen_slot_size(synth->gen);
	burst = NSC_BURST_MAX * synth->slot_size;
	synth->loans = (uint32_t)NSC_MAX(NSC_MIN(MEMORY_MAX / burst, (uint64_t)LOANS_MAX), (uint64_t)LOANS_MIN);
	bytes = (synth->loans * burst + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	synth->slots = aligned_alloc(HUGE_PAGE, bytes);
	if (!synth->slots)
		return nsc_fail(error, -ENOMEM, "synthetic traffic: no memory for %u bursts of frames", synth->loans);
	(void)madvise(synth->slots, bytes, MADV_HUGEPAGE); /* only a matter of speed */
	for (uint64_t i = 0; i < (uint64_t)synth->loans * NSC_BURST_MAX; i++)
		nsc_gen_slot_init(synth->gen, synth->slots + i * synth->slot_size);
	return 0;
}

int nsc_rx_synth_open(struct nsc_rx **rx, const struct nsc_synth_options *options, struct nsc_error *error)
{
	struct nsc_gen_options gen_options = { .traffic = *options };
	struct synth *synth = calloc(1, sizeof(*synth));
	int status;

	if (!synth)
		return nsc_fail(error, -ENOMEM, "synthetic traffic: no memory");
	synth->rx.ops = &synth_ops;
	synth->rx.nanoseconds = true;
	synth->own = synth->shared = nsc_rx_counters_unknown();
	synth->rx.linktype[NSC_LINK_ETHERNET] = NSC_LINKTYPE_ETHERNET;
	synth->left = options->packets ? options->packets : UINT64_MAX;
	synth->paced = options->paced;
	synth->rate_pps = options->rate_pps;
	if (options->paced)
		gen_options.traffic.start_ns = nsc_clock_ns(CLOCK_REALTIME);
	status = nsc_gen_open(&synth->gen, &gen_options, error);
	if (!status)
		status = synth_take_slots(synth, error);
	if (status) {
		synth_close(&synth->rx);
		return status;
	}
	*rx = &synth->rx;
	return 0;
}
