/* SPDX-License-Identifier: MIT
 *
 * The truth beside a generated capture: see truth.h. States and records follow the product's own definition: a SYN
 * on a closed or reset connection, or with another initial sequence number, begins a new record.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/pktgen/truth.h"

#define BUFFER_BYTES (1u << 20)

enum tcp_state { UNKNOWN, SYN_SENT, SYN_ACK, ESTABLISHED, FIN_WAIT, CLOSED, RESET };

static const char *const state_names[] = { "unknown",  "syn_sent", "syn_ack", "established",
					   "fin_wait", "closed",   "reset" };

struct sent { /* a segment that waits for the acknowledgement of its end */
	uint32_t end;
	uint64_t ts_ns;
};

/* index 0: from the client */
struct record {
	struct nsc_gen_key key;
	uint64_t packets[2], bytes[2];
	uint64_t first_ns, last_ns;
	uint64_t retransmissions, out_of_order;
	uint64_t lost_segments; /* that have not come (yet) */
	uint32_t connection, isn;
	uint8_t state;
	bool syn_seen, fin[2];
	bool named, hello; /* says who it is, and all of that is in the capture */
	struct nsc_gen_named name;
	struct sent *sent[2]; /* kept from connection to connection */
	uint32_t n_sent[2], sent_room[2];
	uint64_t rtt_min_ns, rtt_samples;
};

struct totals {
	uint64_t packets, bytes, flows, tcp_flows, ipv6_flows, vlan_flows;
	uint64_t fragments, fragment_bytes; /* later fragments: in no flow */
	uint64_t first_ns, last_ns;
	uint64_t data_packets, dns_packets, fragmented_datagrams;
	uint64_t retransmissions, out_of_order, lost_segments;
};

struct truth {
	FILE *file;
	char *path, *buffer;
	struct record *records;
	uint64_t flows, precision;
	struct totals totals;
	bool no_memory;
};

int truth_open(struct truth **out, const char *path, uint64_t flows, uint32_t precision, struct nsc_error *error)
{
	struct truth *truth = calloc(1, sizeof(*truth));
	int status;

	if (truth) {
		truth->path = strdup(path);
		truth->buffer = malloc(BUFFER_BYTES);
		truth->records = calloc(flows, sizeof(*truth->records));
	}
	if (!truth || !truth->path || !truth->buffer || !truth->records) {
		truth_abandon(truth);
		return nsc_fail(error, -ENOMEM, "no memory for the truth of %" PRIu64 " flows", flows);
	}
	truth->file = fopen(path, "we");
	if (!truth->file) {
		status = nsc_fail(error, -errno, "cannot write %s: %s", path, strerror(errno));
		truth_abandon(truth);
		return status;
	}
	setvbuf(truth->file, truth->buffer, _IOFBF, BUFFER_BYTES);
	truth->flows = flows;
	truth->precision = precision;
	fputs("{\"flows\": [", truth->file);
	*out = truth;
	return 0;
}

/* --- one flow --------------------------------------------------------------------------------- */

static void print_side(FILE *file, const struct nsc_gen_key *key, int side)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(key->ip_version == 4 ? AF_INET : AF_INET6, key->address[side], text, sizeof(text));
	fprintf(file, "\"%s\": {\"ip\": \"%s\", \"port\": %u}, ", side == 0 ? "client" : "server", text,
		key->port[side]);
}

static void print_record(struct truth *truth, const struct record *r)
{
	bool tcp = r->key.ip_proto == NSC_PROTO_TCP;
	FILE *file = truth->file;

	fprintf(file, "%s\n{\"protocol\": \"%s\", ", truth->totals.flows ? "," : "", tcp ? "tcp" : "udp");
	print_side(file, &r->key, 0);
	print_side(file, &r->key, 1);
	fprintf(file,
		"\"vlan\": %u, \"packets_from_client\": %" PRIu64 ", \"packets_from_server\": %" PRIu64
		", \"bytes_from_client\": %" PRIu64 ", \"bytes_from_server\": %" PRIu64 ", \"first_seen_ns\": %" PRIu64
		", \"last_seen_ns\": %" PRIu64,
		r->key.vlan_id, r->packets[0], r->packets[1], r->bytes[0], r->bytes[1], r->first_ns, r->last_ns);
	if (tcp)
		fprintf(file,
			", \"tcp_state\": \"%s\", \"syn_seen\": %s, \"retransmissions\": %" PRIu64
			", \"out_of_order\": %" PRIu64 ", \"lost_segments\": %" PRIu64 ", \"rtt_samples\": %" PRIu64
			", \"rtt_min_ns\": %" PRIu64,
			state_names[r->state], r->syn_seen ? "true" : "false", r->retransmissions, r->out_of_order,
			r->lost_segments, r->rtt_samples, r->rtt_min_ns);
	if (r->named)
		fprintf(file, ", \"app\": \"%s\", \"name\": \"%s\", \"hello\": %s", r->name.app, r->name.name,
			r->hello ? "true" : "false");
	fputc('}', file);
}

/* Writes the record, adds it to the totals, and clears it for the place's next connection. */
static void end_record(struct truth *truth, struct record *r)
{
	struct totals *totals = &truth->totals;

	if (r->packets[0] + r->packets[1] == 0)
		return;
	print_record(truth, r);
	totals->flows++;
	totals->tcp_flows += r->key.ip_proto == NSC_PROTO_TCP;
	totals->ipv6_flows += r->key.ip_version == 6;
	totals->vlan_flows += r->key.vlan_id != 0;
	totals->retransmissions += r->retransmissions;
	totals->out_of_order += r->out_of_order;
	totals->lost_segments += r->lost_segments;
	*r = (struct record){ .sent = { r->sent[0], r->sent[1] }, .sent_room = { r->sent_room[0], r->sent_room[1] } };
}

static bool begins_record(const struct record *r, const struct nsc_gen_frame *frame)
{
	if (r->packets[0] + r->packets[1] == 0 || r->connection != frame->connection)
		return true;
	if ((frame->tcp_flags & (NSC_TCP_SYN | NSC_TCP_ACK)) != NSC_TCP_SYN)
		return false;
	return r->state == CLOSED || r->state == RESET || (r->syn_seen && frame->seq != r->isn);
}

static void follow_state(struct record *r, const struct nsc_gen_frame *frame)
{
	uint8_t flags = frame->tcp_flags;

	if (flags & NSC_TCP_RST) {
		r->state = RESET;
	} else if (flags & NSC_TCP_SYN) {
		r->state = flags & NSC_TCP_ACK ? SYN_ACK : SYN_SENT;
		r->syn_seen |= r->state == SYN_SENT;
		r->isn = r->state == SYN_SENT ? frame->seq : r->isn;
	} else if (flags & NSC_TCP_FIN) {
		r->fin[frame->dir] = true;
		r->state = r->fin[0] && r->fin[1] ? CLOSED : FIN_WAIT;
	} else if (flags & NSC_TCP_ACK && r->state < ESTABLISHED) {
		r->state = ESTABLISHED;
	}
}

static void count_frame(struct totals *totals, const struct nsc_gen_frame *frame, uint64_t ts_ns)
{
	if (totals->packets++ == 0)
		totals->first_ns = ts_ns;
	totals->last_ns = ts_ns;
	totals->bytes += frame->wire_len;
	totals->data_packets += (frame->events & NSC_GEN_DATA) != 0;
	totals->dns_packets += (frame->events & NSC_GEN_DNS) != 0;
	totals->fragmented_datagrams += (frame->events & NSC_GEN_FRAGMENT) != 0;
}

/* --- round trips: from a segment that was sent once to what acknowledges exactly its end ------ */

static void remember_sent(struct truth *truth, struct record *r, unsigned dir, uint32_t end, uint64_t ts_ns)
{
	if (r->n_sent[dir] == r->sent_room[dir]) {
		uint32_t room = NSC_MAX(2 * r->sent_room[dir], 8u);
		struct sent *more = realloc(r->sent[dir], room * sizeof(*more));

		truth->no_memory |= !more;
		if (!more)
			return;
		r->sent[dir] = more;
		r->sent_room[dir] = room;
	}
	r->sent[dir][r->n_sent[dir]++] = (struct sent){ end, ts_ns };
}

/* Less than one step of the file's clock is no time at all, so no sample. */
static void take_sample(struct record *r, uint64_t ns)
{
	if (!ns)
		return;
	r->rtt_min_ns = r->rtt_samples++ ? NSC_MIN(r->rtt_min_ns, ns) : ns;
}

static void forget_acked(struct record *r, unsigned dir, uint32_t ack, uint64_t ts_ns)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < r->n_sent[dir]; i++) {
		struct sent s = r->sent[dir][i];

		if (s.end == ack)
			take_sample(r, ts_ns - s.ts_ns);
		else if ((int32_t)(s.end - ack) > 0)
			r->sent[dir][kept++] = s;
	}
	r->n_sent[dir] = kept;
}

static void follow_round_trips(struct truth *truth, struct record *r, const struct nsc_gen_frame *frame, uint64_t ts_ns)
{
	uint32_t length = frame->tcp_payload + !!(frame->tcp_flags & (NSC_TCP_SYN | NSC_TCP_FIN));

	if (length && !(frame->events & (NSC_GEN_RESENT | NSC_GEN_LATE)))
		remember_sent(truth, r, frame->dir, frame->seq + length, ts_ns);
	if (frame->tcp_flags & NSC_TCP_ACK)
		forget_acked(r, !frame->dir, frame->ack, ts_ns);
}

void truth_add(struct truth *truth, const struct nsc_gen *gen, const struct nsc_gen_frame *frame)
{
	uint64_t ts_ns = frame->ts_ns - frame->ts_ns % truth->precision;
	struct record *r = &truth->records[frame->flow];

	count_frame(&truth->totals, frame, ts_ns);
	if (frame->events & NSC_GEN_REST) {
		truth->totals.fragments++;
		truth->totals.fragment_bytes += frame->wire_len;
		return;
	}
	if (begins_record(r, frame)) {
		end_record(truth, r);
		nsc_gen_key(gen, frame->flow, &r->key);
		r->connection = frame->connection;
		r->named = nsc_gen_named(gen, frame->flow, &r->name);
		r->first_ns = ts_ns;
	}
	r->hello |= (frame->events & NSC_GEN_HELLO) != 0;
	r->packets[frame->dir]++;
	r->bytes[frame->dir] += frame->wire_len;
	r->last_ns = ts_ns;
	r->retransmissions += (frame->events & NSC_GEN_RESENT) != 0;
	r->out_of_order += (frame->events & NSC_GEN_LATE) != 0;
	r->lost_segments += (frame->events & (NSC_GEN_LOST | NSC_GEN_OVERTOOK)) != 0;
	r->lost_segments -= (frame->events & (NSC_GEN_RESENT | NSC_GEN_LATE)) != 0;
	if (!frame->tcp_flags)
		return;
	follow_state(r, frame);
	follow_round_trips(truth, r, frame, ts_ns);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void print_totals(struct truth *truth)
{
	const struct totals *t = &truth->totals;
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "packets", t->packets },
		{ "bytes", t->bytes },
		{ "first_ns", t->first_ns },
		{ "last_ns", t->last_ns },
		{ "flows", t->flows },
		{ "tcp_flows", t->tcp_flows },
		{ "ipv6_flows", t->ipv6_flows },
		{ "vlan_flows", t->vlan_flows },
		{ "data_packets", t->data_packets },
		{ "dns_packets", t->dns_packets },
		{ "fragmented_datagrams", t->fragmented_datagrams },
		{ "retransmissions", t->retransmissions },
		{ "out_of_order", t->out_of_order },
		{ "lost_segments", t->lost_segments },
	};

	fputs("\n],\n\"totals\": {", truth->file);
	for (size_t i = 0; i < NSC_ARRAY_LEN(rows); i++)
		fprintf(truth->file, "\"%s\": %" PRIu64 ", ", rows[i].name, rows[i].value);
	fprintf(truth->file, "\"fates\": {\"flow\": %" PRIu64 ", \"fragment\": %" PRIu64 "}}}\n",
		t->packets - t->fragments, t->fragments);
}

/* Not a device or a pipe that somebody named as output. */
static void remove_file(const char *path)
{
	struct stat stat;

	if (!lstat(path, &stat) && S_ISREG(stat.st_mode))
		unlink(path);
}

static void free_truth(struct truth *truth)
{
	for (uint64_t i = 0; truth->records && i < truth->flows; i++) {
		free(truth->records[i].sent[0]);
		free(truth->records[i].sent[1]);
	}
	free(truth->records);
	free(truth->buffer);
	free(truth->path);
	free(truth);
}

int truth_close(struct truth *truth, struct nsc_error *error)
{
	int status = 0;
	bool failed;

	for (uint64_t i = 0; i < truth->flows; i++)
		end_record(truth, &truth->records[i]);
	print_totals(truth);
	failed = ferror(truth->file) != 0;
	failed |= fclose(truth->file) != 0;
	truth->file = NULL;
	if (failed) {
		status = nsc_fail(error, -EIO, "cannot write %s: %s", truth->path, strerror(errno));
		remove_file(truth->path);
	} else if (truth->no_memory) {
		status = nsc_fail(error, -ENOMEM, "no memory for the round trips of %s", truth->path);
		remove_file(truth->path);
	}
	free_truth(truth);
	return status;
}

void truth_abandon(struct truth *truth)
{
	if (!truth)
		return;
	if (truth->file) {
		fclose(truth->file);
		remove_file(truth->path);
	}
	free_truth(truth);
}
