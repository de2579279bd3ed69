/* SPDX-License-Identifier: MIT
 *
 * The TCP of a few hosts, counted apart. The analysis is not touched for it: what a packet has done is what the
 * worker's counters have grown by since the packet before it. What sweeps and evictions count belongs to no packet:
 * these counters are noted where it happens (flow_hosts_unanswered).
 */
#include "engine/flow/internal.h"

#include "engine/base/hash.h"

static const uint16_t hosts_counter[] = {
#define NSC_X(id, counter) [NSC_HOST_##id] = (counter),
	NSC_HOST_COUNTERS(NSC_X)
#undef NSC_X
};

enum { COUNTED = NSC_HOST_UNANSWERED }; /* values below it come from counters, packet by packet */

static_assert(COUNTED + 1 == NSC_ARRAY_LEN(hosts_counter), "unanswered handshakes are the last counter");

/* --- which hosts a flow belongs to ------------------------------------------------------------ */

static uint64_t hosts_bit(uint32_t low)
{
	return 1ull << (low * 0x9e3779b1u >> 26);
}

/* The last four bytes of an address as a flow record keeps them. */
static uint32_t hosts_low(const struct nsc_host *host)
{
	uint32_t low;

	memcpy(&low, host->addr + (host->ip_version == 4 ? 0 : 12), sizeof(low));
	return host->ip_version == 4 ? __builtin_bswap32(low) : low;
}

static bool hosts_is_end(const struct nsc_flow_table *t, uint32_t id, const struct nsc_host *host, uint32_t low)
{
	const struct flow_hot *hot = &t->hot[id];

	if (host->ip_version != hot->ip_version)
		return false;
	if (host->ip_version == 4)
		return low == hot->a4 || low == hot->b4;
	return (low == hot->a4 && !memcmp(host->addr, t->tail[id].a12, sizeof(t->tail[id].a12))) ||
	       (low == hot->b4 && !memcmp(host->addr, t->tail[id].b12, sizeof(t->tail[id].b12)));
}

/* A bit for each place whose host is an end of the flow. */
static uint32_t hosts_of_flow(const struct nsc_flow_table *t, uint32_t id)
{
	const struct flow_hosts *w = t->hosts;
	const struct flow_hot *hot = &t->hot[id];
	uint32_t found = 0;

	if (nsc_likely(!(w->filter & (hosts_bit(hot->a4) | hosts_bit(hot->b4)))))
		return 0;
	for (unsigned i = 0; i < NSC_HOSTS_MAX; i++)
		if (w->sums.host[i].ip_version && hosts_is_end(t, id, &w->sums.host[i], w->low[i]))
			found |= 1u << i;
	return found;
}

/* --- what is counted -------------------------------------------------------------------------- */

void flow_hosts_packet(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
		       const struct nsc_counters *counters)
{
	struct flow_hosts *w = t->hosts;
	uint64_t grown[COUNTED];

	for (unsigned i = 0; i < COUNTED; i++) {
		uint64_t now = counters->value[hosts_counter[i]];

		grown[i] = now - w->before[i];
		w->before[i] = now;
	}
	if (pkt->ip_proto != NSC_PROTO_TCP)
		return;
	for (uint32_t found = hosts_of_flow(t, id); found; found &= found - 1) {
		uint64_t *value = w->sums.host[__builtin_ctz(found)].value;

		for (unsigned i = 0; i < COUNTED; i++)
			value[i] += grown[i];
		value[NSC_HOST_PACKETS]++;
		value[NSC_HOST_BYTES] += pkt->wire_len;
	}
}

void flow_hosts_sample(struct nsc_flow_table *t, uint32_t id, uint64_t ns)
{
	for (uint32_t found = hosts_of_flow(t, id); found; found &= found - 1)
		nsc_histogram_note(&t->hosts->sums.host[__builtin_ctz(found)].rtt, ns);
}

void flow_hosts_unanswered(struct nsc_flow_table *t, uint32_t id)
{
	for (uint32_t found = hosts_of_flow(t, id); found; found &= found - 1)
		t->hosts->sums.host[__builtin_ctz(found)].value[NSC_HOST_UNANSWERED]++;
}

/* --- the question ----------------------------------------------------------------------------- */

static void hosts_place(struct flow_hosts *w, unsigned i, const struct nsc_host *asked)
{
	if (w->sums.host[i].number == asked->number)
		return;
	w->sums.host[i] = (struct nsc_host){ .ip_version = asked->ip_version, .number = asked->number };
	memcpy(w->sums.host[i].addr, asked->addr, sizeof(asked->addr));
	w->low[i] = hosts_low(asked);
}

void nsc_flow_table_hosts(struct nsc_flow_table *t, struct nsc_hosts *asked, const struct nsc_counters *counters)
{
	struct flow_hosts *w = t->hosts;
	bool any = false;

	w->filter = 0;
	for (unsigned i = 0; i < NSC_HOSTS_MAX; i++) {
		hosts_place(w, i, &asked->host[i]);
		if (!w->sums.host[i].ip_version)
			continue;
		w->filter |= hosts_bit(w->low[i]);
		any = true;
	}
	for (unsigned i = 0; i < COUNTED && !t->hosts_on; i++)
		w->before[i] = counters->value[hosts_counter[i]];
	t->hosts_on = any;
	*asked = w->sums;
}
