/* SPDX-License-Identifier: MIT
 *
 * See made.h.
 */
#include "tools/send/made.h"

#include "tools/send/sender.h"

#include <errno.h>
#include <stdlib.h>

static uint8_t *made_slot(const struct nsc_send_made *made, unsigned i)
{
	return made->slots + (size_t)i * made->slot_size;
}

int nsc_send_made_open(struct nsc_send_made *made, const struct nsc_gen_options *options, struct nsc_error *error)
{
	int status = nsc_gen_open(&made->gen, options, error);

	if (status)
		return status;
	made->slot_size = nsc_gen_slot_size(made->gen);
	made->slots = aligned_alloc(NSC_CACHE_LINE, (size_t)NSC_SEND_BATCH * made->slot_size);
	if (!made->slots)
		return nsc_fail(error, -ENOMEM, "no memory for frames");
	for (unsigned i = 0; i < NSC_SEND_BATCH; i++)
		nsc_gen_slot_init(made->gen, made_slot(made, i));
	return 0;
}

void nsc_send_made_close(struct nsc_send_made *made)
{
	nsc_gen_close(made->gen);
	free(made->slots);
}

bool nsc_send_made_next(struct nsc_send_made *made, unsigned i, struct iovec *frame)
{
	uint8_t *slot = made_slot(made, i);
	struct nsc_gen_frame next;

	if (!nsc_gen_next(made->gen, slot, &next))
		return false;
	*frame = (struct iovec){ slot + (next.data - slot), next.cap_len };
	return true;
}
