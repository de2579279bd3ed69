/* SPDX-License-Identifier: MIT
 *
 * Rotation: the names of segments, where their numbers go on after a restart, and which of them go.
 *
 * The target a/b.pcap has the segments a/b.000000.pcap, a/b.000001.pcap and so on. Those of earlier runs are counted.
 *
 * Thread: one at a time. Allocates: at open only.
 */
#ifndef NETSCOPE_SINKS_PCAP_SEGMENTS_H
#define NETSCOPE_SINKS_PCAP_SEGMENTS_H

#include "netscope/error.h"

struct nsc_pcap_segments;

/* Looks through the target's folder. `max_files` of 0 keeps all. 0 or -errno and one sentence. */
int nsc_pcap_segments_open(struct nsc_pcap_segments **segments, const char *target, uint32_t max_files,
			   struct nsc_error *error);

/* 0, or -EINVAL and one sentence when `input` is one of the segments that may be removed. */
int nsc_pcap_segments_refuse(struct nsc_pcap_segments *segments, const char *input, struct nsc_error *error);

/* The path of the next segment; it stays until the next call. */
const char *nsc_pcap_segments_next(struct nsc_pcap_segments *segments);

/* That segment was begun: removes the oldest ones beyond max_files. 0, or -errno and one sentence when that failed; it
 * is not tried again for the same file. */
int nsc_pcap_segments_begun(struct nsc_pcap_segments *segments, struct nsc_error *error);

/* Whether there is room for another segment; a folder that was removed and made again is taken. 0 or -errno and one
 * sentence. */
int nsc_pcap_segments_room(struct nsc_pcap_segments *segments, struct nsc_error *error);

/* Whether the folder was removed. */
bool nsc_pcap_segments_gone(const struct nsc_pcap_segments *segments);

void nsc_pcap_segments_close(struct nsc_pcap_segments *segments); /* NULL is allowed */

#endif
