/* SPDX-License-Identifier: MIT
 *
 * Frames that are made while they are sent: the generator, and a slot for each frame of a batch.
 *
 * Thread: control. Errors: -errno and one sentence.
 */
#ifndef TOOLS_SEND_MADE_H
#define TOOLS_SEND_MADE_H

#include "backends/sources/gen.h"

#include <sys/uio.h>

struct nsc_send_made { /* zeroed before open */
	struct nsc_gen *gen;
	uint8_t *slots;
	uint32_t slot_size;
};

/* Allocates: what the generator takes, and NSC_SEND_BATCH slots. After an error it is closed as after none. */
int nsc_send_made_open(struct nsc_send_made *made, const struct nsc_gen_options *options, struct nsc_error *error);
void nsc_send_made_close(struct nsc_send_made *made); /* zeroed is allowed */

/* Makes the next frame in slot i, 0..NSC_SEND_BATCH - 1, where it may be written in, and stays until that slot is used
 * again. False: there are no more. Allocates: never. */
bool nsc_send_made_next(struct nsc_send_made *made, unsigned i, struct iovec *frame);

#endif
