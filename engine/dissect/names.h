/* SPDX-License-Identifier: MIT
 *
 * Names of values that more than one protocol shows.
 */
#ifndef NETSCOPE_DISSECT_NAMES_H
#define NETSCOPE_DISSECT_NAMES_H

#include "netscope/dissect.h"

extern const struct nsc_value_name names_ethertype[];
extern const struct nsc_value_name names_ip_protocol[];
extern const struct nsc_value_name names_hardware[];
extern const struct nsc_value_name names_checksum[]; /* 0 bad, 1 good, 2 unverified */

#endif
