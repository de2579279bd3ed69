/* SPDX-License-Identifier: MIT
 *
 * The floors of everything that reads a capture file: what any program must do, and what one with libpcap must.
 *
 * Thread: any. Allocates: a buffer for the call. Blocks: for the file.
 */
#ifndef NETSCOPE_PERF_FLOOR_H
#define NETSCOPE_PERF_FLOOR_H

#include "netscope/error.h"

struct floor_count {
	uint64_t packets, bytes; /* of packets as they were on the wire */
};

/* Reads a pcap or pcapng file of either byte order in pieces of 1 MiB into one buffer, and walks from record to record.
 * What is cut at the end does not count. 0; -ENOTSUP when it is neither (compressed, for example); -errno and one
 * sentence. */
int floor_walk(const char *path, struct floor_count *count, struct nsc_error *error);

/* pcap_next_ex to the end of the file. 0, or -EIO and one sentence. */
int floor_libpcap(const char *path, struct floor_count *count, struct nsc_error *error);

#endif
