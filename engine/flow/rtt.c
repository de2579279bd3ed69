/* SPDX-License-Identifier: MIT
 *
 * Round trip times of a flow: integers in nanoseconds, so that they are the same everywhere.
 */
#include "engine/flow/internal.h"

static void rtt_put(struct flow_rtt *rtt, unsigned field, uint64_t ns)
{
	rtt->low[field] = (uint32_t)ns;
	rtt->high[field] = (uint8_t)(ns >> 32);
}

/* EWMA as of RFC 6298: 7/8 of the old and 1/8 of the new, rounded to the nearest. */
void flow_rtt_sample(struct flow_rtt *rtt, uint64_t ns)
{
	uint64_t sample = NSC_MIN(ns, RTT_MAX_NS);

	rtt_put(rtt, RTT_LAST, sample);
	if (!rtt->samples || sample < flow_rtt_get(rtt, RTT_MIN))
		rtt_put(rtt, RTT_MIN, sample);
	rtt_put(rtt, RTT_EWMA, rtt->samples ? (7 * flow_rtt_get(rtt, RTT_EWMA) + sample + 4) / 8 : sample);
	rtt->samples += rtt->samples != UINT32_MAX;
}

void flow_rtt_handshake(struct flow_rtt *rtt, uint64_t ns)
{
	rtt_put(rtt, RTT_HANDSHAKE, NSC_MIN(ns, RTT_MAX_NS));
}
