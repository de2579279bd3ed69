/* SPDX-License-Identifier: MIT
 *
 * What the logs of expired flows take of a chunk. Thread: any. Allocates: never.
 */
#ifndef NETSCOPE_SINKS_ENDED_H
#define NETSCOPE_SINKS_ENDED_H

#include "engine/text/community.h"

/* Some of the records from *at on that have ended, with *at behind the last one; none behind the last of the chunk. */
static inline uint32_t nsc_ended_take(const struct nsc_flow_chunk *chunk, uint32_t *at,
				      const struct nsc_flow_record *record[NSC_COMMUNITY_BURST])
{
	uint32_t n = 0;

	for (; *at < chunk->n && n < NSC_COMMUNITY_BURST; ++*at)
		if (chunk->record[*at].end_reason != NSC_END_ACTIVE)
			record[n++] = &chunk->record[*at];
	return n;
}

#endif
