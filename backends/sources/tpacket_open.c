/* SPDX-License-Identifier: MIT
 *
 * Laying out rings. The order makes the first packet exact: every socket is bound and in the group with a filter that
 * lets nothing in, and only then gets the real one; what the kernel has counted until then is taken off.
 */
#include "tpacket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include "fanout.h"
#include "linktype.h"
#include "near.h"
#include "netscope/engine.h"
#include "several.h"

#define BLOCK_BYTES (256u << 10) /* the longest frame fits; smaller ones where a ring would reach too short */
#define BLOCK_LEAST (64u << 10)
#define BUFFER_DEFAULT (64ull << 20)
#define BLOCKS_MIN 4u
#define BESIDE_BYTES 256u /* headers of a block and of a frame, and what is set aside before the frame, are less */
#define FRAME_BYTES 2048u /* the kernel wants a number here that divides blocks, and does not use it */
#define HEADROOM 22u      /* a tag; with it and the header of offloads, IP headers lie on 16 bytes */

/* A setting that the kernel refuses: one sentence for all of them. */
static int tpacket_set(const struct nsc_tpacket *t, int level, int name, const void *value, socklen_t size,
		       const char *what, struct nsc_error *error)
{
	if (!setsockopt(t->port.fd, level, name, value, size))
		return 0;
	return nsc_fail(error, -errno, "capturing on '%s': the kernel refused %s: %s", t->port.live->interface.name,
			what, strerror(errno));
}

static int set_int(const struct nsc_tpacket *t, int name, int value, const char *what, struct nsc_error *error)
{
	return tpacket_set(t, SOL_PACKET, name, &value, sizeof(value), what, error);
}

/* --- offloads --------------------------------------------------------------------------------- */

/* Kernels before 6.2 drop UDP that was put together when they are asked for this header: there, nobody asks. */
static bool kernel_tells_offloads(void)
{
	struct utsname system;
	unsigned major = 0, minor = 0;

	return !uname(&system) && sscanf(system.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 2));
}

/* --- time stamps ------------------------------------------------------------------------------ */

static int stamp_by_hardware(struct nsc_tpacket *t, struct nsc_error *error)
{
	const char *name = t->port.live->interface.name;
	struct hwtstamp_config config = { .tx_type = HWTSTAMP_TX_OFF, .rx_filter = HWTSTAMP_FILTER_ALL };
	struct ifreq request;

	memset(&request, 0, sizeof(request));
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	request.ifr_data = (void *)&config;
	if (!ioctl(t->port.fd, SIOCSHWTSTAMP, &request))
		return set_int(t, PACKET_TIMESTAMP, SOF_TIMESTAMPING_RAW_HARDWARE, "hardware time stamps", error);
	if (errno == EPERM)
		return nsc_fail(error, -EPERM,
				"--timestamps hardware switches the clock of '%s' on, which needs the capability "
				"CAP_NET_ADMIN: run it with sudo",
				name);
	return nsc_fail(error, -errno,
			"'%s' does not stamp the packets it receives (%s): leave --timestamps hardware out", name,
			strerror(errno));
}

/* --- one ring --------------------------------------------------------------------------------- */

static int open_socket(struct nsc_tpacket *t, struct nsc_error *error)
{
	const char *name = t->port.live->interface.name;

	t->port.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (t->port.fd >= 0)
		return 0;
	if (errno == EPERM || errno == EACCES)
		return nsc_interface_denied(name, error);
	return nsc_fail(error, -errno, "no packet socket for '%s': %s", name, strerror(errno));
}

static int map_ring(struct nsc_tpacket *t, struct nsc_error *error)
{
	size_t bytes = (size_t)t->n_blocks * t->block_bytes;
	struct tpacket_req3 request = {
		.tp_block_size = t->block_bytes,
		.tp_block_nr = t->n_blocks,
		.tp_frame_size = FRAME_BYTES,
		.tp_frame_nr = t->n_blocks * (t->block_bytes / FRAME_BYTES),
		.tp_retire_blk_tov = t->hold_ms,
	};
	int status = tpacket_set(t, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request),
				 "a ring (capture.buffer_size_mb is its size)", error);

	if (status)
		return status;
	t->ring = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, t->port.fd, 0);
	if (t->ring != MAP_FAILED)
		return 0;
	t->ring = NULL;
	return nsc_fail(error, -errno, "the ring of %zu MiB for '%s' cannot be mapped: %s", bytes >> 20,
			t->port.live->interface.name, strerror(errno));
}

/* Before the ring: what changes the place of a frame behind its header. */
static int set_layout(struct nsc_tpacket *t, struct nsc_error *error)
{
	int status = set_int(t, PACKET_VERSION, TPACKET_V3, "TPACKET_V3", error);

	if (!status)
		status = set_int(t, PACKET_RESERVE, HEADROOM, "head room", error);
	t->offloads = t->link == NSC_LINK_ETHERNET && kernel_tells_offloads();
	if (!status && t->offloads && set_int(t, PACKET_VNET_HDR, 1, "a header about offloads", error))
		t->offloads = false;
	t->port.own.wire_packets = t->port.own.wire_bytes = t->offloads ? 0 : NSC_UNKNOWN;
	return status;
}

static int bind_socket(struct nsc_tpacket *t, bool promiscuous, struct nsc_error *error)
{
	const struct nsc_interface *interface = &t->port.live->interface;
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)interface->index,
	};
	struct packet_mreq all = { .mr_ifindex = (int)interface->index, .mr_type = PACKET_MR_PROMISC };
	int status = nsc_live_filter_shut(t->port.fd);

	if (status)
		return nsc_fail(error, status, "capturing on '%s': no filter: %s", interface->name, strerror(-status));
	if (bind(t->port.fd, (struct sockaddr *)&address, sizeof(address)))
		return nsc_fail(error, -errno, "a packet socket cannot be bound to '%s': %s", interface->name,
				strerror(errno));
	return promiscuous
		       ? tpacket_set(t, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all), "promiscuous mode", error)
		       : 0;
}

static int open_ring(struct nsc_tpacket *t, const struct nsc_live_options *o, int node, struct nsc_error *error)
{
	struct nsc_near near;
	int status = open_socket(t, error);

	if (!status)
		status = set_layout(t, error);
	if (!status && t->port.own_clock)
		status = stamp_by_hardware(t, error);
	nsc_near_begin(&near, node);
	if (!status)
		status = map_ring(t, error);
	nsc_near_end(&near);
	return status ? status : bind_socket(t, o->promiscuous, error);
}

/* With a timer of 1 ms one ring of half blocks wants more than the usual memory. */
static uint64_t ring_bytes(const struct nsc_live_options *o, uint32_t hold_ms)
{
	uint64_t reaching = (uint64_t)NSC_LIVE_REACH_MS / hold_ms * (BLOCK_BYTES / 2);

	return (o->buffer_bytes ? o->buffer_bytes : NSC_MAX(BUFFER_DEFAULT, reaching)) / o->rings;
}

/* A block that its timer closes is used up, however little is in it. So where blocks are few for their timer they are
 * made smaller, as far as a frame fits, and then the timer longer, as far as that is allowed. */
static void lay_out(struct nsc_tpacket *t, const struct nsc_live_options *o)
{
	uint32_t hold_ms = o->immediate ? 1 : o->hold_ms;
	uint32_t longest = NSC_MIN(o->snaplen ? o->snaplen : NSC_PACKET_BYTES_MAX, NSC_PACKET_BYTES_MAX);
	uint32_t least = NSC_MAX(BLOCK_LEAST, longest + BESIDE_BYTES);
	uint64_t bytes = ring_bytes(o, hold_ms);

	t->block_bytes = BLOCK_BYTES;
	while (bytes / t->block_bytes * hold_ms < NSC_LIVE_REACH_MS && t->block_bytes / 2 >= least)
		t->block_bytes /= 2;
	t->n_blocks =
		(uint32_t)NSC_MAX(NSC_MIN(bytes / t->block_bytes, (uint64_t)NSC_BLOCKS_MAX), (uint64_t)BLOCKS_MIN);
	t->hold_ms = o->immediate ? hold_ms : nsc_live_hold_ms(o, t->n_blocks);
}

static struct nsc_tpacket *new_ring(struct nsc_live *live, const struct nsc_live_options *o, unsigned row)
{
	struct nsc_tpacket *t = aligned_alloc(alignof(struct nsc_tpacket), sizeof(*t));

	if (!t)
		return NULL;
	memset(t, 0, sizeof(*t));
	lay_out(t, o);
	nsc_live_port_init(&t->port, live, o, t->hold_ms, &nsc_tpacket_ops, nsc_tpacket_look);
	t->link = nsc_linktypes[row].link;
	t->port.rx.linktype[t->link] = nsc_linktypes[row].number;
	t->snaplen = o->snaplen ? o->snaplen : UINT32_MAX;
	t->oldest = 1;
	t->rings = o->rings;
	t->block = calloc(t->n_blocks, sizeof(*t->block));
	if (t->block)
		return t;
	free(t);
	return NULL;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* The kernel draws a number for the first, which may well be 0; the others join it by that number. */
static int join_first(struct nsc_tpacket *t, uint32_t *group, struct nsc_error *error)
{
	socklen_t size = sizeof(*group);
	int status = set_int(t, PACKET_FANOUT, (PACKET_FANOUT_CBPF | PACKET_FANOUT_FLAG_UNIQUEID) << 16,
			     "a group of rings", error);

	if (!status && getsockopt(t->port.fd, SOL_PACKET, PACKET_FANOUT, group, &size))
		status = nsc_fail(error, -errno, "the kernel does not tell the number of the group of rings: %s",
				  strerror(errno));
	return status;
}

static int choose_rings(struct nsc_tpacket *t, const uint32_t *key, struct nsc_error *error)
{
	struct nsc_fanout fanout;
	struct sock_fprog program = { .filter = fanout.program };
	uint32_t drawn[3];
	int status = key ? 0 : nsc_fanout_draw(drawn, error);

	if (status)
		return status;
	nsc_fanout_build(&fanout, key ? key : drawn);
	program.len = (unsigned short)fanout.n;
	return tpacket_set(t, SOL_PACKET, PACKET_FANOUT_DATA, &program, sizeof(program), "a program that chooses rings",
			   error);
}

static int join_all(struct nsc_rx **rx, const struct nsc_live_options *o, struct nsc_error *error)
{
	struct nsc_tpacket *first = (struct nsc_tpacket *)rx[0];
	uint32_t group = 0, rings = o->rings;
	int status = rings > 1 ? join_first(first, &group, error) : 0;

	for (uint32_t i = 1; i < rings && !status; i++)
		status = set_int((struct nsc_tpacket *)rx[i], PACKET_FANOUT, (int)group, "a group of rings", error);
	return status || rings == 1 ? status : choose_rings(first, o->ring_key, error);
}

static int tpacket_check(const struct nsc_live_options *o, struct nsc_error *error)
{
	if (!o->rings || o->rings > NSC_RINGS_MAX)
		return nsc_fail(error, -EINVAL, "1 to %u rings are possible, not %u", NSC_RINGS_MAX, o->rings);
	if (!strcmp(o->interface, "any"))
		return nsc_fail(error, -EINVAL, "a ring belongs to one interface: 'any' is for --backend pcap");
	return 0;
}

static int open_capture(struct nsc_live **live, const struct nsc_live_options *o, unsigned *row,
			struct nsc_error *error)
{
	uint32_t hardware;
	int status = nsc_live_open(live, o, error), type;

	if (status)
		return status;
	type = nsc_interface_linktype(&(*live)->interface, &hardware);
	if (type < 0)
		return nsc_fail(error, -EPROTONOSUPPORT,
				"the frames of '%s' are of hardware type %u, which --backend tpacket does "
				"not know: try --backend pcap",
				o->interface, hardware);
	*row = (unsigned)nsc_linktype_row((uint32_t)type);
	return nsc_live_compile(*live, o, *row, false, error);
}

static int open_rings(struct nsc_rx **rx, struct nsc_live *live, const struct nsc_live_options *o, unsigned row,
		      uint32_t *opened, struct nsc_error *error)
{
	int status = 0;

	for (*opened = 0; *opened < o->rings && !status; ++*opened) {
		struct nsc_tpacket *t = new_ring(live, o, row);

		if (!t)
			return nsc_fail(error, -ENOMEM, "no memory for ring %u", *opened);
		live->users++;
		rx[*opened] = &t->port.rx;
		status = open_ring(t, o, o->node ? o->node[*opened] : -1, error);
	}
	if (!status)
		status = join_all(rx, o, error);
	for (uint32_t i = 0; i < o->rings && !status; i++)
		status = nsc_live_attach((struct nsc_live_port *)rx[i], error);
	return status;
}

int nsc_rx_tpacket_open(struct nsc_rx **rx, const struct nsc_live_options *o, struct nsc_error *error)
{
	struct nsc_live *live = NULL;
	uint32_t opened = 0;
	unsigned row = 0;
	int status = tpacket_check(o, error);

	if (status)
		return status;
	status = open_capture(&live, o, &row, error);
	if (!status)
		status = open_rings(rx, live, o, row, &opened, error);
	for (uint32_t i = 0; i < opened && status; i++)
		nsc_rx_close(rx[i]);
	nsc_live_release(live);
	return status;
}

void nsc_rx_tpacket_describe(const struct nsc_rx *rx, char *text, size_t size)
{
	const struct nsc_tpacket *t = (const struct nsc_tpacket *)nsc_several_first((struct nsc_rx *)(uintptr_t)rx);
	uint64_t bytes = (uint64_t)t->rings * t->n_blocks * t->block_bytes;

	snprintf(text, size,
		 "%u ring%s of %u blocks of %u KiB, %llu MiB in all; a block waits at most %u ms; a freeze of %llu ms "
		 "loses nothing that half of a ring holds; %s",
		 t->rings, t->rings == 1 ? "" : "s", t->n_blocks, t->block_bytes >> 10, (unsigned long long)bytes >> 20,
		 t->hold_ms, (unsigned long long)t->n_blocks * t->hold_ms / 2,
		 t->offloads ? "merged segments are counted apart"
			     : "merged segments cannot be told apart (kernels from 6.2 can)");
}
