/* SPDX-License-Identifier: MIT
 *
 * The packets that the inspector can show: the newest samples, each under an id that is never used again.
 *
 * Thread: dashboard. Allocates: at open. Blocks: never.
 */
#ifndef DASHBOARD_SAMPLES_H
#define DASHBOARD_SAMPLES_H

#include "engine/text/json.h"
#include "netscope/decode.h"
#include "netscope/dissect.h"
#include "netscope/engine.h"

#define NSC_SAMPLES_MEMORY (32ull << 20) /* bytes; with more to keep than this, fewer packets are kept */

struct nsc_sample {
	uint64_t id; /* from 1 */
	uint32_t worker;
	struct nsc_packet_record record; /* its bytes follow */
	uint8_t bytes[];
};

static_assert(offsetof(struct nsc_sample, bytes) ==
		      offsetof(struct nsc_sample, record) + sizeof(struct nsc_packet_record),
	      "nsc_packet_bytes finds a sample's bytes");

struct nsc_samples {
	uint8_t *slots;
	size_t slot_size;
	uint32_t room;                    /* samples */
	uint64_t seen;                    /* id of the newest */
	struct nsc_decode_options decode; /* as the engine decodes, for the key of a packet's flow */
	struct nsc_dissection tree;       /* of whichever packet is being written */
};

/* `packets` samples of up to `bytes` bytes each, as far as the memory goes. 0 or -ENOMEM. */
int nsc_samples_open(struct nsc_samples *samples, uint32_t packets, uint32_t bytes, struct nsc_error *error);
void nsc_samples_close(struct nsc_samples *samples);

void nsc_samples_add(struct nsc_samples *samples, uint32_t worker, const struct nsc_packet_chunk *chunk);

/* NULL when it is not kept any more, or never was. */
const struct nsc_sample *nsc_samples_find(const struct nsc_samples *samples, uint64_t id);
uint64_t nsc_samples_oldest(const struct nsc_samples *samples); /* id; `seen` + 1 when nothing is kept */

/* The object of a packet in a list (docs/web-api.md). */
void nsc_sample_json(struct nsc_samples *samples, const struct nsc_sample *sample, struct nsc_json *json);

/* The members of packet_detail from "id" on, also for an id that is not there. */
void nsc_sample_detail_json(struct nsc_samples *samples, uint64_t id, struct nsc_json *json);

/* "tcp-10.0.0.1-443-10.0.0.2-51234" as a value: the name of a flow in queries and links. */
void nsc_flow_key_json(struct nsc_json *json, const struct nsc_flow_record *flow);

#endif
