/* SPDX-License-Identifier: MIT
 *
 * What one frame that offloads have put together stands for on the wire.
 */
#ifndef NETSCOPE_SOURCES_SEGMENTS_H
#define NETSCOPE_SOURCES_SEGMENTS_H

#include <linux/virtio_net.h>

#include "netscope/base.h"

struct nsc_segments {
	uint32_t packets; /* >= 1 */
	uint64_t bytes;   /* all of them, with their headers */
};

/* `frame` is an Ethernet frame (its outer tag may be missing) of which `cap_len` bytes can be read and `wire_len` were
 * received; `offload` is the header that the kernel put before it. Thread: any. Allocates: never. */
struct nsc_segments nsc_segments_of(const struct virtio_net_hdr *offload, const uint8_t *frame, uint32_t cap_len,
				    uint32_t wire_len);

#endif
