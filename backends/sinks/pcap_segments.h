/* SPDX-License-Identifier: MIT
 *
 * Rotation: the names of segments, where their numbers go on after a restart, and which of them go.
 *
 * The target a/b.pcap has the segments a/b.000000.pcap, a/b.000001.pcap and so on, and a list of them, also of those of
 * earlier runs, in a/.b.pcap.netscope-segments. Only one that is in the list is removed: what else has such a name is a
 * file of a person, or was set aside. What lies beside a segment under its name and NSC_PCAP_SEGMENT_BESIDE goes with
 * it.
 *
 * Thread: one at a time. Allocates: at open; with a limit of bytes and without one of files, also for more segments
 * than there ever were.
 */
#ifndef NETSCOPE_SINKS_PCAP_SEGMENTS_H
#define NETSCOPE_SINKS_PCAP_SEGMENTS_H

#include "netscope/error.h"

#define NSC_PCAP_SEGMENT_BESIDE ".nsx"

struct nsc_pcap_segments;

struct nsc_pcap_segments_limits { /* 0 = any */
	uint32_t files;           /* with the one that is written */
	uint64_t bytes;           /* of all of them, and of what lies beside */
};

/* Looks through the target's folder. 0 or -errno and one sentence. */
int nsc_pcap_segments_open(struct nsc_pcap_segments **segments, const char *target,
			   struct nsc_pcap_segments_limits limits, struct nsc_error *error);

/* 0, or -EINVAL and one sentence when `input` is one of the segments that may be removed. */
int nsc_pcap_segments_refuse(struct nsc_pcap_segments *segments, const char *input, struct nsc_error *error);

/* Files that have the name of a segment and are not in the list: they stay. */
size_t nsc_pcap_segments_strangers(const struct nsc_pcap_segments *segments);

/* The path of the next segment; it stays until the next call. It is to be made, and never written over. */
const char *nsc_pcap_segments_next(struct nsc_pcap_segments *segments);

/* Something has that name already: the next one has the next number. */
void nsc_pcap_segments_skip(struct nsc_pcap_segments *segments);

/* That segment was begun: it comes into the list, and the oldest ones beyond the limit of files are removed. 0, or
 * -errno and one sentence when that failed; it is not tried again for the same file. */
int nsc_pcap_segments_begun(struct nsc_pcap_segments *segments, struct nsc_error *error);

/* How large the segment that was begun last may become beside those before it; UINT64_MAX without a limit of bytes, and
 * when there is no other one that could go. */
uint64_t nsc_pcap_segments_room_for(const struct nsc_pcap_segments *segments);

/* Removes the oldest ones until there is room for `bytes` bytes in the segment that was begun last, as long as there
 * are others. 0, or -errno and one sentence as above. */
int nsc_pcap_segments_shed(struct nsc_pcap_segments *segments, uint64_t bytes, struct nsc_error *error);

/* It is complete, and has so many bytes with what lies beside. */
void nsc_pcap_segments_ended(struct nsc_pcap_segments *segments, uint64_t bytes);

/* Whether there is room for another segment; a folder that was removed and made again is taken. 0 or -errno and one
 * sentence. */
int nsc_pcap_segments_room(struct nsc_pcap_segments *segments, struct nsc_error *error);

/* Whether the folder was removed. */
bool nsc_pcap_segments_gone(const struct nsc_pcap_segments *segments);

void nsc_pcap_segments_close(struct nsc_pcap_segments *segments); /* NULL is allowed */

#endif
