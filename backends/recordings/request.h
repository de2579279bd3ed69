/* SPDX-License-Identifier: MIT
 *
 * What is asked of a recording, and why, in words.
 *
 * Thread: any. Allocates, blocks: never.
 */
#ifndef NETSCOPE_RECORDINGS_REQUEST_H
#define NETSCOPE_RECORDINGS_REQUEST_H

#include "backends/recordings/recording.h"

/* What somebody asks for: all of it that is there by now. `why` is cut at 400 bytes. */
void nsc_recording_request(struct nsc_recording_request *request, const struct nsc_recordings_options *options,
			   const struct nsc_record_ask *ask, const char *why);

/* The packets of an alert, from options->before_ns before it to options->after_ns behind it:
 *
 * syn_flood       TCP to or from the target address and port
 * port_scan       to or from the source
 * udp_icmp_flood  to or from the target address
 * microburst      everything */
void nsc_recording_of_alert(struct nsc_recording_request *request, const struct nsc_recordings_options *options,
			    const struct nsc_alert *alert);

#endif
