/* SPDX-License-Identifier: MIT
 *
 * pktgen --send: frames of the generator, or of a capture file, through an interface at a steady rate.
 */
#ifndef PKTGEN_SEND_H
#define PKTGEN_SEND_H

#include "tools/pktgen/options.h"

#define PKTGEN_SEND_FILE_MAX (4ull << 30) /* bytes of frames that are kept of a file */

/* Sends what the options say, until SIGINT or SIGTERM, and prints one line of JSON to `out`: what the kernel took, and
 * how late. A file is read before the first frame goes out, and each of its packets must be a whole Ethernet frame. 0
 * or -errno and one sentence. Thread: control. Allocates. */
int pktgen_send(const struct pktgen_options *options, FILE *out, struct nsc_error *error);

#endif
