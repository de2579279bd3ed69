/* SPDX-License-Identifier: MIT
 *
 * Ports of DPDK: dpdk.c, dpdk_eal.c and dpdk_open.c in a build with it (make DPDK=1), dpdk_absent.c in every other one.
 *
 * DPDK is started once in the life of a process, by the first open, and has a thread of its own from then on: it waits
 * for interrupts and looks at no packet. Whoever confines the process confines that thread, too.
 *
 * Thread: control. Errors: -errno and one sentence.
 */
#ifndef NETSCOPE_SOURCES_DPDK_H
#define NETSCOPE_SOURCES_DPDK_H

#include "netscope/rx.h"

#define NSC_DPDK_NAME_MAX 15u /* bytes of a port's name */

enum nsc_dpdk_kind { NSC_DPDK_PCI, NSC_DPDK_VIRTUAL };

struct nsc_dpdk_port {
	enum nsc_dpdk_kind kind;
	char name[NSC_DPDK_NAME_MAX + 1]; /* "0000:01:00.0", "net_pcap0" */
	const char *device;               /* of a virtual one: NAME,KEY=VALUE,...; the text that was taken apart */
};

/* Takes "0000:01:00.0", "01:00.0" or "vdev=NAME,KEY=VALUE,..." apart; `text` is kept. -EINVAL. In every build. */
int nsc_dpdk_port_parse(struct nsc_dpdk_port *port, const char *text, struct nsc_error *error);

bool nsc_dpdk_built(void); /* whether this is a build with DPDK */

struct nsc_dpdk_options {
	struct nsc_dpdk_port port;
	struct nsc_live_options live;  /* interface, buffer_bytes and times of the kernel are not looked at; rings: of
					* the workers that want a queue each, 1..NSC_RINGS_MAX */
	uint32_t queues;               /* of the port, and a flow stays in one: 0 = as many as the port can share out by
					* itself; 1, or else live.rings */
	void (*say)(const char *line); /* what DPDK writes into its log, a line at a time; any thread */
};

/* Captures from a port, zero copy: a loan is a burst of mbufs. Fills rx[0..*n): live.rings of them, all packets of two
 * addresses in the same, or one. The sandbox comes later: nothing here makes a system call once it is open, but sleep
 * and a look at the driver's counts every 100 ms. */
int nsc_rx_dpdk_open(struct nsc_rx **rx, uint32_t *n, const struct nsc_dpdk_options *options, struct nsc_error *error);

/* "2 queues of 2048 descriptors, ...": what was laid out. True: not what is best (small pages, fewer queues than
 * workers), to be said in any case. Cut at size - 1. */
bool nsc_rx_dpdk_describe(const struct nsc_rx *rx, char *text, size_t size);

/* Runs `act` in the thread that DPDK has started, if it has: 0, what `act` returned, or -ETIMEDOUT. */
int nsc_dpdk_in_its_thread(int (*act)(void *context), void *context);
uint32_t nsc_dpdk_threads(void); /* 0, or 1 once it was started */

struct nsc_dpdk_device { /* a network controller on the PCI bus, as the kernel has it */
	char address[16];
	char driver[32]; /* "" = none */
	bool ready;      /* one that DPDK works with */
};

/* dpdk_devices.c, in every build. Those of this machine, by address; `sys` is "/sys", but for tests. Returns how many,
 * at most `room`. */
uint32_t nsc_dpdk_devices(const char *sys, struct nsc_dpdk_device *device, uint32_t room);

/* Whether DPDK can have the device of a port: -ENODEV, or -EBUSY when the kernel has it. */
int nsc_dpdk_device_check(const char *sys, const struct nsc_dpdk_port *port, struct nsc_error *error);

#endif
