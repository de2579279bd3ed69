/* SPDX-License-Identifier: MIT */
#include "engine/dns/queries.h"

#include <errno.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/decode/hash.h"
#include "engine/decode/numbers.h"
#include "engine/decode/tenant.h"
#include "engine/dns/waiting.h"
#include "engine/rings/dns_events.h"
#include "netscope/steady.h"

enum {
	SEGMENT_MESSAGES = 16, /* of a TCP segment that are read */
	OVER_IN_A_BURST = 64,  /* queries that are given up beside what comes */
};

struct dns_key {
	const uint8_t *server; /* its address, in the packet; NULL: nothing is known yet */
	uint64_t server_hash, flow;
};

struct dns_look { /* at one message */
	const struct nsc_packet *pkt;
	struct dns_key key; /* of every message of a packet, when it is known before the first one is read */
	uint64_t offset_ns;
	bool part; /* the message goes on in another segment: only an answer that is waited for counts */
	struct nsc_dns_query query;
};

uint64_t nsc_dns_queries_bytes(void)
{
	return sizeof(struct nsc_dns_queries) + nsc_dns_waiting_bytes();
}

int nsc_dns_queries_open(struct nsc_dns_queries **queries, struct nsc_arena *arena, struct nsc_channel *events,
			 const struct nsc_decode_options *decode, bool names, struct nsc_error *error)
{
	struct nsc_dns_queries *q = nsc_arena_alloc(arena, sizeof(*q));

	if (!q)
		return nsc_fail(error, -ENOMEM, "no memory for DNS queries");
	q->events = events;
	q->decode = *decode;
	q->names = names;
	q->due_ns = UINT64_MAX;
	*queries = q;
	return nsc_dns_waiting_open(&q->waiting, arena, error);
}

void nsc_dns_queries_attach(struct nsc_dns_queries *d, struct nsc_counters *counters, bool live)
{
	d->counters = counters;
	d->live = live;
}

void nsc_dns_queries_tell_names(struct nsc_dns_queries *d, bool names)
{
	__atomic_store_n(&d->names, names, __ATOMIC_RELAXED);
}

/* --- events ----------------------------------------------------------------------------------- */

void nsc_dns_queries_flush(struct nsc_dns_queries *d)
{
	if (!d->chunk)
		return;
	nsc_channel_send(d->events, d->chunk);
	d->chunk = NULL;
}

/* Where the next event goes; NULL when there is no chunk, and the packet cannot wait. */
static struct nsc_dns_event *queries_event_begin(struct nsc_dns_queries *d)
{
	if (d->chunk && d->chunk->bytes + NSC_DNS_EVENT_MAX > sizeof(d->chunk->event))
		nsc_dns_queries_flush(d);
	if (!d->chunk) {
		d->chunk = d->live ? nsc_channel_acquire(d->events)
				   : nsc_channel_acquire_or_wait(d->events, d->counters, NSC_C_DNS_WAITS,
								 NSC_C_WAITED_DNS);
		if (!d->chunk) {
			nsc_count_loss(d->counters, NSC_C_DNS_SKIPPED, 1);
			return NULL;
		}
		d->chunk->n = d->chunk->bytes = 0;
	}
	return (struct nsc_dns_event *)(void *)(d->chunk->event + d->chunk->bytes);
}

static void queries_event_end(struct nsc_dns_queries *d, const struct nsc_dns_event *event)
{
	d->chunk->bytes += nsc_dns_event_bytes(event);
	d->chunk->n++;
}

static void queries_tell(struct nsc_dns_queries *d, const struct nsc_dns_query *q, enum nsc_dns_event_kind kind,
			 unsigned code, uint64_t latency_ns)
{
	struct nsc_dns_event *event = q->told ? queries_event_begin(d) : NULL;

	if (!event)
		return;
	*event = (struct nsc_dns_event){ .server = q->server,
					 .name = q->named ? q->name : 0,
					 .latency_ns = latency_ns,
					 .kind = (uint8_t)kind,
					 .code = (uint8_t)code };
	queries_event_end(d, event);
}

/* Who was asked for what: notes in the query whether it was told. */
static void queries_tell_query(struct nsc_dns_queries *d, struct dns_look *look)
{
	struct nsc_dns_event *event = queries_event_begin(d);
	struct nsc_dns_query *q = &look->query;
	uint32_t length = 0;

	q->told = event;
	if (!event)
		return;
	if (__atomic_load_n(&d->names, __ATOMIC_RELAXED) && d->message.asks) {
		length = d->message.name.length;
		memcpy(event->data + NSC_DNS_ADDRESS, d->message.name.text, length);
	}
	q->named = length;
	*event = (struct nsc_dns_event){ .server = q->server,
					 .name = q->named ? q->name : 0,
					 .kind = NSC_DNS_EVENT_QUERY,
					 .ip_version = look->pkt->ip_version,
					 .name_length = (uint8_t)length };
	memset(event->data, 0, NSC_DNS_ADDRESS);
	memcpy(event->data, look->key.server, look->pkt->ip_version == 4 ? 4 : 16);
	queries_event_end(d, event);
}

/* --- hashes: what tells flows, servers and names apart ---------------------------------------- */

static uint64_t queries_mix(const struct nsc_hash_seed *seed, uint64_t x, uint64_t y)
{
	uint64_t h = nsc_fold_multiply(x ^ seed->word[0], y ^ seed->word[1]);

	return nsc_fold_multiply(h ^ seed->word[2], seed->word[3]);
}

static uint64_t queries_hash_address(const struct nsc_hash_seed *seed, const uint8_t *addr, unsigned ip_version)
{
	uint64_t word[2] = { 0, 0 };

	memcpy(word, addr, ip_version == 4 ? 4 : 16);
	return queries_mix(seed, queries_mix(seed, word[0], word[1]), ip_version) | 1;
}

static uint64_t queries_hash_name(const struct nsc_hash_seed *seed, const struct dns_name *name)
{
	uint64_t h = name->length, word;

	for (uint32_t i = 0; i < name->length; i += 8) {
		word = 0;
		memcpy(&word, name->text + i, NSC_MIN(name->length - i, 8u));
		h = queries_mix(seed, h, word);
	}
	return queries_mix(seed, h, 53) | 1;
}

/* The addresses of both sides make up the key with the client's port: the server's is known. */
static struct dns_key dns_key_of(const struct nsc_dns_queries *d, const struct nsc_packet *pkt, uint16_t id,
				 bool response)
{
	const struct nsc_hash_seed *seed = &d->decode.seed;
	uint32_t length = pkt->ip_version == 4 ? 4 : 16;
	const uint8_t *source = pkt->data + pkt->l3_off + (pkt->ip_version == 4 ? 12 : 8);
	uint64_t rest = id | (uint64_t)(response ? pkt->dst_port : pkt->src_port) << 16 | (uint64_t)pkt->ip_proto << 32;
	uint64_t tenant = d->decode.key ? nsc_decode_tenant(&d->decode, pkt) : 0;
	const uint8_t *client = source + (response ? length : 0);
	struct dns_key key = { .server = source + (response ? 0 : length) };

	key.server_hash = queries_hash_address(seed, key.server, pkt->ip_version);
	key.flow = queries_mix(seed, queries_hash_address(seed, client, pkt->ip_version) ^ tenant,
			       queries_mix(seed, key.server_hash, rest));
	return key;
}

static void dns_look_question(const struct nsc_dns_queries *d, struct dns_look *look)
{
	if (!d->message.asks)
		return;
	look->query.name = queries_hash_name(&d->decode.seed, &d->message.name);
	look->query.type = d->message.type;
	look->query.class = d->message.class;
}

/* --- what is over ------------------------------------------------------------------------------ */

static void queries_drop(struct nsc_dns_queries *d, struct nsc_dns_query *q)
{
	if (!q->answered) {
		nsc_count(d->counters, NSC_C_DNS_UNANSWERED, 1);
		queries_tell(d, q, NSC_DNS_EVENT_UNANSWERED, 0, NSC_UNKNOWN);
	}
	nsc_dns_waiting_remove(d->waiting, q);
}

/* It is in nobody's way by itself, but its place is wanted. */
static void queries_forget(struct nsc_dns_queries *d, struct nsc_dns_query *q, uint64_t clock_ns)
{
	if (nsc_dns_query_is_over(q, clock_ns)) {
		queries_drop(d, q);
		return;
	}
	nsc_count(d->counters, q->answered ? NSC_C_DNS_ANSWER_FORGOTTEN : NSC_C_DNS_QUERY_FORGOTTEN, 1);
	nsc_dns_waiting_remove(d->waiting, q);
}

static uint64_t queries_give_up_list(struct nsc_dns_queries *d, bool answered, uint64_t clock_ns, uint64_t most)
{
	struct nsc_dns_query *q;

	while (most && (q = nsc_dns_waiting_oldest(d->waiting, answered)) && nsc_dns_query_is_over(q, clock_ns)) {
		queries_drop(d, q);
		most--;
	}
	return most;
}

static uint64_t queries_due(const struct nsc_dns_waiting *waiting, bool answered)
{
	const struct nsc_dns_query *q = nsc_dns_waiting_oldest(waiting, answered);
	uint64_t due_ns;

	if (!q || __builtin_add_overflow(q->clock_ns, (answered ? NSC_DNS_ANSWERED_NS : NSC_DNS_WAIT_NS) + 1, &due_ns))
		return UINT64_MAX;
	return due_ns;
}

void nsc_dns_queries_give_up(struct nsc_dns_queries *d, uint64_t clock_ns, uint64_t most)
{
	uint64_t waiting_ns, answered_ns;

	if (clock_ns < d->due_ns)
		return;
	most = queries_give_up_list(d, false, clock_ns, most);
	queries_give_up_list(d, true, clock_ns, most);
	waiting_ns = queries_due(d->waiting, false);
	answered_ns = queries_due(d->waiting, true);
	d->due_ns = NSC_MIN(waiting_ns, answered_ns);
}

/* Those of this flow and id, so that whoever is found is in time, whether anybody has looked meanwhile or not. */
static uint32_t queries_clean_flow(struct nsc_dns_queries *d, const struct dns_look *look)
{
	struct nsc_dns_query *q = nsc_dns_waiting_next(d->waiting, look->query.flow, NULL), *next;
	uint32_t left = 0;

	for (; q; q = next) {
		next = nsc_dns_waiting_next(d->waiting, look->query.flow, q);
		if (nsc_dns_query_is_over(q, look->pkt->clock_ns))
			queries_drop(d, q);
		else
			left++;
	}
	return left;
}

/* The longest known of this flow and id; `waiting`: that waits. NULL: there is none. */
static struct nsc_dns_query *queries_oldest_of_flow(const struct nsc_dns_queries *d, uint64_t flow, bool waiting)
{
	struct nsc_dns_query *q = NULL, *oldest = NULL;

	while ((q = nsc_dns_waiting_next(d->waiting, flow, q)))
		if (!waiting || !q->answered)
			oldest = q;
	return oldest;
}

/* --- messages --------------------------------------------------------------------------------- */

static void queries_add(struct nsc_dns_queries *d, const struct dns_look *look, uint32_t same)
{
	uint64_t clock_ns = look->pkt->clock_ns, due_ns;
	struct nsc_dns_query *oldest;

	if (same >= NSC_DNS_SAME_MAX)
		queries_forget(d, queries_oldest_of_flow(d, look->query.flow, false), clock_ns);
	if (nsc_dns_waiting_is_full(d->waiting)) {
		oldest = nsc_dns_waiting_oldest(d->waiting, true);
		queries_forget(d, oldest ? oldest : nsc_dns_waiting_oldest(d->waiting, false), clock_ns);
	}
	nsc_dns_waiting_add(d->waiting, &look->query);
	due_ns = queries_due(d->waiting, false);
	d->due_ns = NSC_MIN(d->due_ns, due_ns);
}

static void queries_take_query(struct nsc_dns_queries *d, struct dns_look *look)
{
	uint32_t same = queries_clean_flow(d, look);
	struct nsc_dns_query *q = nsc_dns_waiting_find(d->waiting, &look->query);

	nsc_count(d->counters, NSC_C_DNS_QUERIES, 1);
	if (q && !q->answered) {
		nsc_count(d->counters, NSC_C_DNS_REPEATED, 1);
		queries_tell(d, q, NSC_DNS_EVENT_REPEATED, 0, NSC_UNKNOWN);
		return;
	}
	if (q) {
		nsc_dns_waiting_remove(d->waiting, q);
		same--;
	}
	queries_tell_query(d, look);
	queries_add(d, look, same);
}

/* NSC_UNKNOWN when the two time stamps do not lie on one line. */
static uint64_t queries_latency(struct nsc_dns_queries *d, const struct nsc_dns_query *q,
				const struct nsc_dns_query *now)
{
	if (!q->strayed && !now->strayed && q->offset_ns == now->offset_ns && now->ts_ns >= q->ts_ns)
		return now->ts_ns - q->ts_ns;
	nsc_count(d->counters, NSC_C_DNS_UNTIMED, 1);
	return NSC_UNKNOWN;
}

static void queries_answer(struct nsc_dns_queries *d, struct nsc_dns_query *q, const struct dns_look *look)
{
	uint64_t due_ns;

	nsc_count(d->counters, NSC_C_DNS_ANSWERED, 1);
	queries_tell(d, q, NSC_DNS_EVENT_ANSWERED, d->message.code, queries_latency(d, q, &look->query));
	nsc_dns_waiting_answer(d->waiting, q, look->pkt->clock_ns);
	due_ns = queries_due(d->waiting, true);
	d->due_ns = NSC_MIN(d->due_ns, due_ns);
}

/* One without a question, as servers send it that could not read the query, answers the longest waiting. */
static void queries_take_answer(struct nsc_dns_queries *d, const struct dns_look *look)
{
	uint32_t same = queries_clean_flow(d, look);
	struct nsc_dns_query *q = d->message.asks ? nsc_dns_waiting_find(d->waiting, &look->query)
						  : queries_oldest_of_flow(d, look->query.flow, true);

	if (q && !q->answered)
		queries_answer(d, q, look);
	else if (!look->part)
		nsc_count(d->counters,
			  q || (same && !d->message.asks) ? NSC_C_DNS_ANSWERED_AGAIN
			  : same                          ? NSC_C_DNS_OTHER_QUESTION
							  : NSC_C_DNS_UNASKED,
			  1);
}

/* False: no message that counts. */
static bool queries_take(struct nsc_dns_queries *d, struct dns_look *look)
{
	const struct nsc_packet *pkt = look->pkt;
	bool response = d->message.response;

	if ((response ? pkt->src_port : pkt->dst_port) != NSC_DNS_PORT || (look->part && !response))
		return false;
	look->query = (struct nsc_dns_query){ .clock_ns = pkt->clock_ns,
					      .ts_ns = pkt->ts_ns - look->offset_ns,
					      .offset_ns = look->offset_ns };
	look->query.strayed = pkt->clock_ns - look->query.ts_ns > NSC_STEADY_SLACK_NS;
	if (!look->key.server || pkt->ip_proto != NSC_PROTO_UDP)
		look->key = dns_key_of(d, pkt, d->message.id, response);
	look->query.server = look->key.server_hash;
	look->query.flow = look->key.flow;
	dns_look_question(d, look);
	if (response)
		queries_take_answer(d, look);
	else
		queries_take_query(d, look);
	return true;
}

static void queries_datagram(struct nsc_dns_queries *d, struct dns_look *look, const uint8_t *p, uint32_t n,
			     uint32_t wire)
{
	enum nsc_dns_verdict verdict = nsc_dns_message_read(p, n, &d->message);
	bool cut = n < wire && (verdict == NSC_DNS_CUT || n < NSC_DNS_HEADER);

	if (cut || verdict != NSC_DNS_READ || !queries_take(d, look))
		nsc_count(d->counters, cut ? NSC_C_DNS_CUT : NSC_C_DNS_UNREAD, 1);
}

/* Messages from the begin of the segment on, each behind its length. What lies in the middle of a message is no
 * beginning, and says nothing here. */
static void queries_segment(struct nsc_dns_queries *d, struct dns_look *look, const uint8_t *p, uint32_t n,
			    uint32_t wire)
{
	for (uint32_t i = 0, length; i < SEGMENT_MESSAGES && n >= 2 + NSC_DNS_HEADER; i++) {
		enum nsc_dns_verdict verdict;

		length = nsc_load16(p);
		look->part = length > wire - 2;
		verdict = nsc_dns_message_read(p + 2, NSC_MIN(length, n - 2), &d->message);
		if (verdict == NSC_DNS_CUT && !look->part && length > n - 2)
			nsc_count(d->counters, NSC_C_DNS_CUT, 1);
		if (verdict != NSC_DNS_READ || !queries_take(d, look) || length + 2 > n)
			return;
		p += 2 + length;
		n -= 2 + length;
		wire -= 2 + length;
	}
}

static void queries_packet(struct nsc_dns_queries *d, const struct nsc_packet *pkt, const struct dns_key *key,
			   uint64_t offset_ns)
{
	struct dns_look look = { .pkt = pkt, .key = *key, .offset_ns = offset_ns };
	uint32_t at = pkt->l4_off + (uint32_t)pkt->l4_len, captured = pkt->cap_len > at ? pkt->cap_len - at : 0;
	uint32_t n = NSC_MIN(captured, pkt->payload_len);

	if (pkt->fate != NSC_FATE_FLOW || !pkt->l4_off || !pkt->payload_len) /* a later fragment; nothing is said */
		return;
	if (pkt->ip_proto == NSC_PROTO_UDP)
		queries_datagram(d, &look, pkt->data + at, n, pkt->payload_len);
	else if (pkt->ip_proto == NSC_PROTO_TCP)
		queries_segment(d, &look, pkt->data + at, n, pkt->payload_len);
}

static bool queries_has_header(const struct nsc_packet *pkt)
{
	uint32_t at = pkt->l4_off + (uint32_t)pkt->l4_len;

	return pkt->fate == NSC_FATE_FLOW && pkt->ip_proto == NSC_PROTO_UDP && pkt->l4_off &&
	       pkt->payload_len >= NSC_DNS_HEADER && pkt->cap_len >= at + NSC_DNS_HEADER;
}

/* Datagrams of a burst look for their queries side by side: each look is a miss or two. With tenants a key costs more
 * than it saves. */
static void queries_fetch(const struct nsc_dns_queries *d, const struct nsc_packet *pkt, uint64_t bits,
			  struct dns_key key[NSC_BURST_MAX])
{
	uint32_t n = 0;

	for (uint64_t left = bits; left; left &= left - 1, n++) {
		const struct nsc_packet *at = &pkt[__builtin_ctzll(left)];
		const uint8_t *p = at->data + at->l4_off + at->l4_len;

		key[n].server = NULL;
		if (d->decode.key || !queries_has_header(at))
			continue;
		key[n] = dns_key_of(d, at, nsc_load16(p), nsc_dns_is_response(p));
		nsc_dns_waiting_fetch_head(d->waiting, key[n].flow);
	}
	for (uint32_t i = 0; i < n; i++)
		if (key[i].server)
			nsc_dns_waiting_fetch(d->waiting, key[i].flow);
	nsc_dns_waiting_fetch_oldest(d->waiting);
}

void nsc_dns_queries_burst(struct nsc_dns_queries *d, const struct nsc_packet *pkt, uint32_t n, uint64_t bits,
			   uint64_t offset_ns)
{
	struct dns_key key[NSC_BURST_MAX], *next = key;

	for (uint64_t left = bits; left; left &= left - 1) {
		const struct nsc_packet *p = &pkt[__builtin_ctzll(left)];

		nsc_prefetch(p->data + p->l4_off + p->l4_len);
	}
	queries_fetch(d, pkt, bits, key);
	for (; bits; bits &= bits - 1)
		queries_packet(d, &pkt[__builtin_ctzll(bits)], next++, offset_ns);
	nsc_dns_queries_give_up(d, pkt[n - 1].clock_ns, OVER_IN_A_BURST + 2 * (uint64_t)n);
}

/* There is no clock behind the last one: all of them are over. */
void nsc_dns_queries_end(struct nsc_dns_queries *d)
{
	struct nsc_dns_query *q;

	while ((q = nsc_dns_waiting_oldest(d->waiting, false)))
		queries_drop(d, q);
	nsc_dns_queries_flush(d);
}
