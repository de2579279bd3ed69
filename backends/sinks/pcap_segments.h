/* SPDX-License-Identifier: MIT
 *
 * Rotation: the names of segments, where their numbers go on after a restart, and which of them go.
 *
 * The target a/b.pcap has the segments a/b.000000.pcap, a/b.000001.pcap and so on, and a list of them, also of those of
 * earlier runs, in a/.b.pcap.netscope-segments. Only one that is in the list is removed: what else has such a name is a
 * file of a person, or was set aside.
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

/* Files that have the name of a segment and are not in the list: they stay. */
size_t nsc_pcap_segments_strangers(const struct nsc_pcap_segments *segments);

/* The path of the next segment; it stays until the next call. It is to be made, and never written over. */
const char *nsc_pcap_segments_next(struct nsc_pcap_segments *segments);

/* Something has that name already: the next one has the next number. */
void nsc_pcap_segments_skip(struct nsc_pcap_segments *segments);

/* That segment was begun: it comes into the list, and the oldest ones beyond max_files are removed. 0, or -errno and
 * one sentence when that failed; it is not tried again for the same file. */
int nsc_pcap_segments_begun(struct nsc_pcap_segments *segments, struct nsc_error *error);

/* Whether there is room for another segment; a folder that was removed and made again is taken. 0 or -errno and one
 * sentence. */
int nsc_pcap_segments_room(struct nsc_pcap_segments *segments, struct nsc_error *error);

/* Whether the folder was removed. */
bool nsc_pcap_segments_gone(const struct nsc_pcap_segments *segments);

void nsc_pcap_segments_close(struct nsc_pcap_segments *segments); /* NULL is allowed */

#endif
