/* SPDX-License-Identifier: MIT
 *
 * Walking the blocks of a ring: no copy, no system call but for a look at the kernel's counts every 100 ms.
 */
#include "tpacket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "segments.h"

enum { TAG_BYTES = 4, MAC_ADDRESSES = 12, WALKS_PER_POLL = 8 };

/* --- blocks ----------------------------------------------------------------------------------- */

/* The kernel begins with the first block, and loans with number 1. */
static struct nsc_block *block_of(const struct nsc_tpacket *t, uint64_t seq)
{
	return &t->block[(seq - 1) % t->n_blocks];
}

static struct tpacket_block_desc *block_at(const struct nsc_tpacket *t, uint64_t seq)
{
	return (struct tpacket_block_desc *)(void *)(t->ring + (seq - 1) % t->n_blocks * t->block_bytes);
}

/* Acquire: pairs with the kernel's barrier between filling a block and its status. */
static bool is_ours(const struct tpacket_block_desc *desc)
{
	return __atomic_load_n(&desc->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
}

/* Release: nothing of ours is read in it after the kernel may write again. */
static void return_block(struct nsc_tpacket *t, uint64_t seq)
{
	__atomic_store_n(&block_at(t, seq)->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

static void leave_block(struct nsc_tpacket *t)
{
	struct nsc_block *block = block_of(t, t->seq);

	if (!t->seq || block->read)
		return;
	block->read = true;
	if (!block->lent)
		return_block(t, t->seq);
}

/* The next block, when the kernel has handed it over. A ring whose blocks are all lent has come round to one of ours.
 */
static bool next_block(struct nsc_tpacket *t)
{
	struct tpacket_block_desc *desc = block_at(t, t->seq + 1);
	struct nsc_block *block = block_of(t, t->seq + 1);

	leave_block(t);
	if (block->lent || !is_ours(desc))
		return false;
	t->seq++;
	if (t->oldest + t->n_blocks <= t->seq) /* this block's earlier number is history, released or not */
		t->oldest = t->seq + 1 - t->n_blocks;
	*block = (struct nsc_block){ .lent = false };
	t->packets = desc->hdr.bh1.num_pkts;
	t->at = (uint8_t *)desc + desc->hdr.bh1.offset_to_first_pkt;
	return true;
}

/* --- packets ---------------------------------------------------------------------------------- */

/* Back to where it was on the wire: the addresses move forward by four bytes, into the room that was set aside there.
 */
static uint8_t *put_tag_back(uint8_t *frame, const struct tpacket3_hdr *h)
{
	uint16_t tpid = h->tp_status & TP_STATUS_VLAN_TPID_VALID ? h->hv1.tp_vlan_tpid : 0x8100;
	uint16_t tci = (uint16_t)h->hv1.tp_vlan_tci;
	uint8_t *start = frame - TAG_BYTES;

	memmove(start, frame, MAC_ADDRESSES);
	start[12] = (uint8_t)(tpid >> 8);
	start[13] = (uint8_t)tpid;
	start[14] = (uint8_t)(tci >> 8);
	start[15] = (uint8_t)tci;
	return start;
}

static void count_wire(struct nsc_tpacket *t, const uint8_t *frame, const struct tpacket3_hdr *h, bool tagged)
{
	struct virtio_net_hdr offload;
	struct nsc_segments s;

	memcpy(&offload, frame - sizeof(offload), sizeof(offload));
	s = nsc_segments_of(&offload, frame, h->tp_snaplen, h->tp_len);
	t->port.own.wire_packets += s.packets;
	t->port.own.wire_bytes += s.bytes + (tagged ? (uint64_t)TAG_BYTES * s.packets : 0);
}

/* The next packet of the block; false when the filter refuses it. */
nsc_always_inline bool tpacket_take(struct nsc_tpacket *t, struct nsc_packet *pkt)
{
	const struct tpacket3_hdr *h = (const struct tpacket3_hdr *)(const void *)t->at;
	uint8_t *frame = t->at + h->tp_mac;
	uint32_t cap = h->tp_snaplen, wire = h->tp_len;
	uint64_t ts_ns = h->tp_sec * NSC_NS_PER_SEC + h->tp_nsec;
	bool tagged = h->tp_status & TP_STATUS_VLAN_VALID;

	t->at += h->tp_next_offset;
	t->packets--;
	nsc_prefetch(t->at);
	nsc_prefetch(t->at + NSC_CACHE_LINE);
	nsc_prefetch(t->at + 2 * NSC_CACHE_LINE);
	if (t->offloads)
		count_wire(t, frame, h, tagged);
	if (nsc_unlikely(tagged)) {
		frame = put_tag_back(frame, h);
		cap += TAG_BYTES;
		wire += TAG_BYTES;
	}
	t->port.own.received_bytes += wire;
	if (nsc_live_refused(&t->port, frame, wire, cap, tagged))
		return false;
	nsc_live_describe(&t->port, pkt, frame, ts_ns, NSC_MIN(cap, t->snaplen), wire, t->link);
	return true;
}

static uint32_t tpacket_walk(struct nsc_tpacket *t, struct nsc_packet *pkt, uint32_t want)
{
	uint32_t before = t->packets, n = 0;

	while (n < want && t->packets)
		n += tpacket_take(t, &pkt[n]);
	t->port.own.received += before - t->packets;
	t->port.own.delivered += n;
	t->port.own.filtered += before - t->packets - n;
	return n;
}

static uint32_t take_burst(struct nsc_tpacket *t, struct nsc_packet *pkt)
{
	uint32_t want, n;

	if (t->port.discards) { /* the count was reached: what is there was seen, and is nobody's */
		t->port.own.left += t->packets;
		t->packets = 0;
		return 0;
	}
	want = nsc_live_claim(&t->port, NSC_MIN(t->packets, NSC_BURST_MAX));
	n = tpacket_walk(t, pkt, want);
	nsc_live_delivered(&t->port, want, n);
	return n;
}

static void tpacket_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct nsc_tpacket *t = (struct nsc_tpacket *)rx;
	bool any = false;
	uint32_t n = 0;

	/* What is refused must not keep the worker from its other duties: a few walks, then n = 0. */
	for (uint32_t walks = 0; !n && walks < WALKS_PER_POLL && (t->packets || next_block(t)); walks++) {
		n = take_burst(t, burst->pkt);
		any = true;
	}
	if (n)
		block_of(t, t->seq)->lent = true;
	if (!t->packets)
		leave_block(t);
	nsc_live_end_poll(&t->port, burst, n, n || (any && !t->packets), t->seq);
}

static void end_loan(struct nsc_tpacket *t, uint64_t seq)
{
	struct nsc_block *block = block_of(t, seq);

	if (!block->lent)
		return;
	block->lent = false;
	if (block->read)
		return_block(t, seq);
}

static void tpacket_release(struct nsc_rx *rx, uint64_t loan)
{
	struct nsc_tpacket *t = (struct nsc_tpacket *)rx;

	for (; t->oldest < t->seq && t->oldest <= loan; t->oldest++)
		end_loan(t, t->oldest);
	if (loan >= t->seq)
		end_loan(t, t->seq);
}

/* --- the kernel's counts, and trouble --------------------------------------------------------- */

/* Reading clears them; they are 32 bits wide, and tp_packets includes the drops. */
static void take_counts(struct nsc_live_port *port)
{
	struct tpacket_stats_v3 stats;
	socklen_t size = sizeof(stats);

	if (getsockopt(port->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size))
		return;
	port->own.kernel_seen += stats.tp_packets;
	port->own.kernel_drops += stats.tp_drops;
}

void nsc_tpacket_look(struct nsc_live_port *port)
{
	int trouble = 0;
	socklen_t size = sizeof(trouble);

	take_counts(port);
	port->suspect |= getsockopt(port->fd, SOL_SOCKET, SO_ERROR, &trouble, &size) || trouble;
	nsc_live_check(port);
}

static void tpacket_wait(struct nsc_rx *rx, uint64_t timeout_ns)
{
	struct nsc_tpacket *t = (struct nsc_tpacket *)rx;

	if (!nsc_live_sleep(&t->port, timeout_ns, t->oldest < t->seq || (t->seq && block_of(t, t->seq)->lent)))
		nsc_tpacket_look(&t->port);
}

static void tpacket_close(struct nsc_rx *rx)
{
	struct nsc_tpacket *t = (struct nsc_tpacket *)rx;

	if (t->ring)
		munmap(t->ring, (size_t)t->n_blocks * t->block_bytes);
	if (t->port.fd >= 0)
		close(t->port.fd);
	nsc_live_release(t->port.live);
	free(t->block);
	free(t);
}

const struct nsc_rx_ops nsc_tpacket_ops = {
	.name = "tpacket",
	.poll = tpacket_poll,
	.release = tpacket_release,
	.counters = nsc_live_counters,
	.close = tpacket_close,
	.stop = nsc_live_stop,
	.wait = tpacket_wait,
};
