/* SPDX-License-Identifier: MIT
 *
 * The workers' half of the detectors: which packets of a burst are contacts, each different one of an epoch once.
 *
 * It decides nothing. A flood to one target arrives from everywhere, so every worker sees a part of it; what is too
 * little at each of them may be enough together. Cost per packet does not depend on what the traffic is: one look at
 * the flags, and for a contact one probe of a table whose line was asked for ahead.
 *
 * No chunk is free: offline the worker waits (counted DETECT_WAITS); live the contact is not counted (DETECT_SKIPPED).
 *
 * Thread: worker, but for open. Allocates: never. Blocks: offline, for a publisher that is behind.
 */
#ifndef NETSCOPE_DETECT_CONTACTS_H
#define NETSCOPE_DETECT_CONTACTS_H

#include "engine/base/period.h"
#include "engine/detect/contact.h"
#include "engine/detect/handshakes.h"
#include "engine/detect/microburst.h"
#include "engine/detect/probes.h"
#include "engine/rings/epochs.h"

struct nsc_contact_seen { /* 16 bytes: the contact of this hash that was sent last */
	uint64_t hash;
	uint32_t chunk; /* in the chunk of this number */
	uint32_t at;    /* where its record is */
};

struct nsc_contacts {
	struct nsc_contact_seen *seen;     /* UDP */
	struct nsc_contact_seen *seen_tcp; /* SYNs, handshakes, ICMP */
	struct nsc_channel *epochs;
	struct nsc_epoch_chunk *chunk; /* being filled: at least one record; NULL: none */
	uint64_t epoch;                /* in progress */
	struct nsc_period period;      /* which clocks it has; empty before the first packet */
	uint64_t offset_ns;            /* packet time minus clock when it began: the worker sets it */
	uint32_t number;               /* of the chunk taken last, from 1 */
	uint32_t first;                /* number of the epoch's first chunk */
	uint32_t wanted;               /* bits of contact kinds */
	bool live;
	uint64_t seed[2];
	struct nsc_handshakes *handshakes; /* NULL: nobody asks for them */
	struct nsc_probes *probes;         /* NULL: the same */
	struct nsc_ms_counts *ms;          /* NULL: the same */
	bool answered;                     /* the epoch has said that somebody answers */
	struct nsc_counters *counters;
};

/* `wanted`: bits of contact kinds, sent to `epochs`. 0 or -errno. Thread: control. Allocates: all from `arena`, and
 * touches it. */
int nsc_contacts_open(struct nsc_contacts **contacts, struct nsc_arena *arena, struct nsc_channel *epochs,
		      uint32_t wanted, const uint64_t seed[2], struct nsc_error *error);
uint64_t nsc_contacts_bytes(uint32_t wanted); /* without the epochs' channel */

/* Who counts. `live`: a contact without a chunk is skipped, and not waited for. Before the first burst. */
void nsc_contacts_attach(struct nsc_contacts *contacts, struct nsc_counters *counters, bool live);

/* Packets of the epoch in progress, already in their flows; `bits` as nsc_flow_table_burst returns them: with probes,
 * of flows without an answer; otherwise of UDP from the side that opened its flow. n <= NSC_BURST_MAX. */
void nsc_contacts_burst(struct nsc_contacts *contacts, const struct nsc_packet *pkt, uint32_t n, uint64_t bits);

/* The clock has left the epoch: what is there goes on its way, and the epoch of clock_ns begins. Probes whose time was
 * over before it become contacts of the epochs in which it was. */
void nsc_contacts_advance(struct nsc_contacts *contacts, uint64_t clock_ns);

/* The tick is over: its milliseconds go on their way, if anybody looks for microbursts. Returns the largest of the
 * packets that this worker had in the tick. After nsc_contacts_advance when the epoch is over, too; also after the end.
 */
struct nsc_microburst nsc_contacts_leave_tick(struct nsc_contacts *contacts);

/* After the last packet. Whatever was not answered by then is not: contacts of epochs up to NSC_PROBE_NS ahead. */
void nsc_contacts_end(struct nsc_contacts *contacts);

#endif
