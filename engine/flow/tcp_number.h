/* SPDX-License-Identifier: MIT
 *
 * Sequence numbers (RFC 9293, 3.4): 32 bits that wrap around, compared by their distance.
 */
#ifndef NETSCOPE_FLOW_TCP_NUMBER_H
#define NETSCOPE_FLOW_TCP_NUMBER_H

#include "netscope/base.h"

/* x lies before y: less than 2^31 away from it. */
nsc_always_inline bool tcp_before(uint32_t x, uint32_t y)
{
	return (int32_t)(x - y) < 0;
}

#endif
