/* SPDX-License-Identifier: MIT
 *
 * Lists of networks that detectors ignore, "10.0.0.0/8,2001:db8::/32,192.0.2.7": as written by a person, and asked for
 * each contact. At most NSC_NETWORKS_MAX in a list; an address without a length is one host. Bits beyond the length say
 * nothing.
 */
#ifndef NETSCOPE_DETECT_NETWORKS_H
#define NETSCOPE_DETECT_NETWORKS_H

#include "netscope/alert.h"
#include "netscope/error.h"

/* 0, or -EINVAL and a sentence about the entry that is wrong, or -E2BIG and one about their number. `networks` is empty
 * then. Thread: any. Allocates: never. */
int nsc_networks_read(struct nsc_networks *networks, const char *list, struct nsc_error *error);

/* addr as struct nsc_alert has it. Thread: any. O(n of the list). */
bool nsc_networks_hold(const struct nsc_networks *networks, const uint8_t addr[16], unsigned ip_version);

#endif
