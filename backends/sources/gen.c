/* SPDX-License-Identifier: MIT
 *
 * The traffic generator: memory, time, timers, and which flow is next.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "gen_internal.h"

#define HUGE_PAGE (2u << 20)

enum { RTO_MIN_NS = 200000000, SOON_MIN_NS = 1000, SOON_MAX_NS = 100000, HOST_BITS_MIN = 4, HOST_BITS_MAX = 18 };
enum { MSS_MIN = 1460, WINDOW_SCALED = 4096, WINDOW_PLAIN = 65535, PICK_TRIES = 4 };

/* --- timers ----------------------------------------------------------------------------------- */

void gen_timer_set(struct nsc_gen *gen, struct gen_flow *flow, enum gen_delay delay, enum gen_state state)
{
	struct gen_list *list = &gen->lists[delay];
	uint32_t index = (uint32_t)(flow - gen->flows);

	flow->state = (uint8_t)state;
	flow->due_ns = gen->now_ns + list->delay_ns;
	flow->next = GEN_NONE;
	if (list->head == GEN_NONE) {
		list->head = index;
		list->due_ns = flow->due_ns;
	} else {
		gen->flows[list->tail].next = index;
	}
	list->tail = index;
}

static struct gen_list *earliest(struct nsc_gen *gen)
{
	struct gen_list *list = &gen->lists[GEN_SOON];

	if (gen->lists[GEN_RTT].due_ns < list->due_ns)
		list = &gen->lists[GEN_RTT];
	if (gen->lists[GEN_RTO].due_ns < list->due_ns)
		list = &gen->lists[GEN_RTO];
	return list;
}

static struct gen_flow *timer_take(struct nsc_gen *gen, struct gen_list *list)
{
	struct gen_flow *flow = &gen->flows[list->head];

	list->head = flow->next;
	list->due_ns = UINT64_MAX;
	if (list->head != GEN_NONE) {
		list->due_ns = gen->flows[list->head].due_ns;
		if (gen->flows[list->head].next != GEN_NONE)
			nsc_prefetch_write(&gen->flows[gen->flows[list->head].next]);
	}
	return flow;
}

/* --- which flow acts -------------------------------------------------------------------------- */

/* Until all places are open three draws in four open the next one; else uniform, or among the first hundredth. */
static uint32_t draw_place(struct nsc_gen *gen)
{
	uint64_t random = gen_random(&gen->picking);
	uint32_t range = gen->opened;

	if (nsc_unlikely(gen->opened < gen->flow_count) && (gen->opened == 0 || (gen_mix(random) & 3)))
		return gen->opened++;
	if (random >> 32 < gen->elephant_share)
		range = NSC_MIN(range, gen->elephants);
	return gen_scale((uint32_t)random, range);
}

/* Takes the oldest draw and makes a new one in its place. */
static struct gen_flow *next_pick(struct nsc_gen *gen)
{
	uint32_t at = gen->pick_at++ % GEN_PICKS;
	uint32_t place = gen->picks[at];

	gen->picks[at] = draw_place(gen);
	nsc_prefetch_write(&gen->flows[gen->picks[at]]);
	return &gen->flows[place];
}

static void advance(struct nsc_gen *gen)
{
	uint64_t step = (gen->gap >> 16) * 2 * (gen->roll & 0xffff); /* 0..2 times the mean */
	uint64_t fraction = (uint64_t)gen->now_fraction + (uint32_t)step;

	gen->now_ns += (step >> 32) + (fraction >> 32);
	gen->now_fraction = (uint32_t)fraction;
}

static struct gen_flow *make_frame(struct nsc_gen *gen)
{
	struct gen_list *list = earliest(gen);
	struct gen_flow *flow;

	if (list->due_ns > gen->now_ns) {
		for (int i = 0; i < PICK_TRIES; i++) {
			flow = next_pick(gen);
			if (gen_flow_act(gen, flow))
				return flow;
		}
		gen->now_ns = list->due_ns; /* flows that refuse to act wait for a timer: there is one */
	}
	flow = timer_take(gen, list);
	gen_flow_timer(gen, flow);
	return flow;
}

bool nsc_gen_next(struct nsc_gen *gen, uint8_t *slot, struct nsc_gen_frame *frame)
{
	struct gen_flow *flow;

	if (gen->made == gen->packets)
		return false;
	gen->roll = gen_random(&gen->content);
	if (gen->made++)
		advance(gen);
	gen->slot = slot;
	gen->frame = frame;
	*frame = (struct nsc_gen_frame){ .ts_ns = gen->now_ns };
	if (gen_attack_due(gen)) {
		gen_attack_next(gen);
		return true;
	}
	flow = make_frame(gen);
	flow->left -= flow->left > 0;
	frame->ts_ns = gen->now_ns;
	frame->flow = (uint32_t)(flow - gen->flows);
	frame->connection = flow->connection;
	return true;
}

/* --- open and close --------------------------------------------------------------------------- */

static void *take_pages(size_t bytes)
{
	void *memory = aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);

	if (!memory)
		return NULL;
	(void)madvise(memory, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE); /* only a matter of speed */
	memset(memory, 0, bytes);
	return memory;
}

/* Text that no dissector takes for its own. */
static void payload_init(struct nsc_gen *gen)
{
	struct gen_random random = { .state = 0x6e65747363 };

	for (uint32_t i = 0; i < gen->traffic.payload_max; i++) {
		gen->payload[i] = i % 64 == 63 ? '\n' : (uint8_t)('a' + gen_scale((uint32_t)gen_random(&random), 26));
		gen->payload_sum[i + 1] =
			gen->payload_sum[i] + (i & 1 ? gen->payload[i] : (uint32_t)gen->payload[i] << 8);
	}
}

static uint64_t threshold(double share)
{
	return (uint64_t)(share * 4294967296.0);
}

static uint32_t host_bits(uint64_t flows)
{
	uint32_t bits = HOST_BITS_MIN;

	while (bits < HOST_BITS_MAX && (1ull << bits) < flows / 4)
		bits++;
	return bits;
}

static void init_shares(struct nsc_gen *gen, const struct nsc_synth_options *o)
{
	gen->elephant_share = threshold(o->elephant_share);
	gen->tcp_share = threshold(o->tcp_share);
	gen->ipv6_share = threshold(o->ipv6_share);
	gen->vlan_share = threshold(o->vlan_share);
	gen->fragment_share = threshold(o->fragment_share);
	gen->dns_share = threshold(o->dns_share);
	gen->tls_share = threshold(o->tls_share);
	gen->http_share = threshold(o->http_share);
	gen->quic_share = threshold(o->quic_share);
	gen->hellos = gen->tls_share + gen->http_share + gen->quic_share > 0;
	gen->loss = threshold(o->loss);
	gen->reorder = threshold(o->reorder);
	gen->attack.share = threshold(o->attack_share);
}

static void init_traffic(struct nsc_gen *gen, const struct nsc_synth_options *o)
{
	gen->traffic = *o;
	gen->seed = gen_mix(o->seed + 0x9e3779b97f4a7c15ull);
	gen->content.state = gen_mix(gen->seed + 1);
	gen->picking.state = gen_mix(gen->seed + 2);
	gen->attack.random.state = gen_mix(gen->seed + 3);
	gen->packets = o->packets ? o->packets : UINT64_MAX;
	gen->flow_count = (uint32_t)o->flows;
	gen->elephants = NSC_MAX(gen->flow_count / 100, 1u);
	gen->said_off = GEN_HEAD + o->payload_max;
	gen->payload_span = o->payload_max - o->payload_min + 1;
	gen->snaplen = o->snaplen ? o->snaplen : UINT32_MAX;
	gen->host_bits = host_bits(o->flows);
	gen->host_multiplier = (uint32_t)(gen->seed >> 32) | 1;
	gen->mss = (uint16_t)NSC_MAX(o->payload_max, (uint32_t)MSS_MIN);
	gen->window = o->handshake ? WINDOW_SCALED : WINDOW_PLAIN;
}

static void init_time(struct nsc_gen *gen, const struct nsc_synth_options *o)
{
	uint64_t rtt_ns = (uint64_t)o->rtt_us * 1000;

	gen->now_ns = o->start_ns;
	gen->gap = (uint64_t)(1e9 / o->rate_pps * 4294967296.0);
	gen->attack.every_ns = (uint64_t)(o->attack_every_s * 1e9);
	gen->attack.for_ns = (uint64_t)(o->attack_for_s * 1e9);
	gen->lists[GEN_SOON].delay_ns = NSC_MAX(NSC_MIN(rtt_ns / 8, (uint64_t)SOON_MAX_NS), (uint64_t)SOON_MIN_NS);
	gen->lists[GEN_RTT].delay_ns = rtt_ns;
	gen->lists[GEN_RTO].delay_ns = NSC_MAX(3 * rtt_ns, (uint64_t)RTO_MIN_NS);
	for (int i = 0; i < GEN_DELAYS; i++) {
		gen->lists[i].head = GEN_NONE;
		gen->lists[i].due_ns = UINT64_MAX;
	}
}

int nsc_gen_open(struct nsc_gen **out, const struct nsc_gen_options *options, struct nsc_error *error)
{
	const struct nsc_synth_options *o = &options->traffic;
	int status = nsc_gen_check(options, error);
	struct nsc_gen *gen;

	if (status)
		return status;
	gen = calloc(1, sizeof(*gen));
	if (gen) {
		gen->flows = take_pages(o->flows * sizeof(*gen->flows));
		gen->payload = calloc(1, o->payload_max + 1);
		gen->payload_sum = calloc(o->payload_max + 1, sizeof(*gen->payload_sum));
		gen->said = malloc(GEN_HELLO_MAX);
	}
	if (!gen || !gen->flows || !gen->payload || !gen->payload_sum || !gen->said ||
	    (o->quic_share > 0 && gen_quic_open(&gen->quic))) {
		nsc_gen_close(gen);
		return nsc_fail(error, -ENOMEM, "synthetic traffic: no memory for %llu flows",
				(unsigned long long)o->flows);
	}
	gen->reuse = options->reuse;
	init_traffic(gen, o);
	init_shares(gen, o);
	init_time(gen, o);
	payload_init(gen);
	gen_templates_init(gen);
	for (uint32_t i = 0; i < GEN_PICKS; i++)
		gen->picks[i] = draw_place(gen);
	*out = gen;
	return 0;
}

void nsc_gen_close(struct nsc_gen *gen)
{
	if (!gen)
		return;
	free(gen->flows);
	free(gen->payload);
	free(gen->payload_sum);
	free(gen->said);
	gen_quic_close(gen->quic);
	free(gen);
}

/* --- slots and keys --------------------------------------------------------------------------- */

uint32_t nsc_gen_slot_size(const struct nsc_gen *gen)
{
	uint32_t said = gen->hellos ? GEN_HEADERS + GEN_SEGMENT : 0;

	return ((gen->said_off + said + NSC_CACHE_LINE - 1) / NSC_CACHE_LINE | 1) * NSC_CACHE_LINE;
}

void nsc_gen_slot_init(const struct nsc_gen *gen, uint8_t *slot)
{
	memset(slot, 0, GEN_HEAD);
	memcpy(slot + GEN_HEAD, gen->payload, gen->traffic.payload_max);
}

void nsc_gen_key(const struct nsc_gen *gen, uint32_t index, struct nsc_gen_key *key)
{
	const struct gen_flow *flow = &gen->flows[index];

	memset(key, 0, sizeof(*key));
	key->ip_version = flow->shape & GEN_IPV6 ? 6 : 4;
	key->ip_proto = flow->shape & GEN_UDP ? NSC_PROTO_UDP : NSC_PROTO_TCP;
	key->vlan_id = flow->shape & GEN_VLAN ? gen_vlan_id(flow) : 0;
	for (uint32_t side = 0; side < 2; side++) {
		key->port[side] = flow->port[side];
		if (flow->shape & GEN_IPV6) {
			gen_put32(key->address[side], 0x20010db8);
			key->address[side][5] = gen_ipv6_group(flow, side);
			gen_put32(key->address[side] + 12, flow->address[side]);
		} else {
			gen_put32(key->address[side], flow->address[side]);
		}
	}
}

bool nsc_gen_named(const struct nsc_gen *gen, uint32_t index, struct nsc_gen_named *named)
{
	const struct gen_flow *flow = &gen->flows[index];
	uint8_t kind = flow->shape & (GEN_TLS | GEN_HTTP | GEN_QUIC | GEN_DNS);

	if (!gen->hellos || !kind)
		return false;
	named->app = kind == GEN_TLS ? "tls" : kind == GEN_HTTP ? "http" : kind == GEN_QUIC ? "quic" : "dns";
	gen_host_name(kind == GEN_DNS ? flow->hole_seq : gen_host_of(gen, flow), named->name);
	return true;
}
