/* SPDX-License-Identifier: MIT
 *
 * A channel of snapshots with a bell at both ends.
 */
#include "engine/rings/mailbox.h"

static size_t snapshot_bytes(uint32_t top_flows)
{
	return sizeof(struct nsc_snapshot) + top_flows * sizeof(struct nsc_top_flow);
}

uint64_t nsc_mailbox_bytes(uint32_t top_flows)
{
	return NSC_MAILBOX_SNAPSHOTS * (uint64_t)snapshot_bytes(top_flows);
}

int nsc_mailbox_open(struct nsc_mailbox *mailbox, struct nsc_arena *arena, uint32_t top_flows, struct nsc_error *error)
{
	int failed =
		nsc_channel_open(&mailbox->channel, arena, NSC_MAILBOX_SNAPSHOTS, snapshot_bytes(top_flows), error);

	if (!failed)
		nsc_channel_populate(mailbox->channel);
	return failed;
}

struct nsc_snapshot *nsc_mailbox_acquire(struct nsc_mailbox *mailbox)
{
	return nsc_channel_acquire(mailbox->channel);
}

void nsc_mailbox_send(struct nsc_mailbox *mailbox, struct nsc_snapshot *snapshot)
{
	nsc_channel_send(mailbox->channel, snapshot);
	nsc_idle_ring(mailbox->publisher);
}

struct nsc_snapshot *nsc_mailbox_receive(struct nsc_mailbox *mailbox)
{
	return nsc_channel_receive(mailbox->channel);
}

void nsc_mailbox_give_back(struct nsc_mailbox *mailbox, struct nsc_snapshot *snapshot)
{
	nsc_channel_give_back(mailbox->channel, snapshot);
	nsc_idle_ring(mailbox->worker);
}
