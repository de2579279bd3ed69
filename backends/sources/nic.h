/* SPDX-License-Identifier: MIT
 *
 * What an interface itself counts, since the capture began. Asked over rtnetlink, which knows the network namespace
 * that this process is in (sysfs may show another one) and needs no capability.
 */
#ifndef NETSCOPE_SOURCES_NIC_H
#define NETSCOPE_SOURCES_NIC_H

#include "netscope/error.h"

struct nsc_nic;

struct nsc_nic_counts {   /* NSC_UNKNOWN: the kernel does not tell */
	uint64_t packets; /* received by the interface, lost ones apart */
	uint64_t missed;  /* lost in the interface: it had no room (missed and fifo errors) */
	uint64_t
		dropped; /* rx_dropped: by the driver, by the backlog, and what nobody took after sockets had seen it */
	uint64_t lost; /* as many of them as were lost before sockets for certain: what their places count themselves */
	uint64_t errors; /* damaged frames */
};

/* A counter of the driver's own (ethtool -S) that tells of loss and has moved. */
struct nsc_nic_extra {
	char name[33];
	uint64_t moved;
};

/* NULL when the kernel does not answer: every other call allows NULL. Thread: control. */
struct nsc_nic *nsc_nic_open(uint32_t index, const char *name);
void nsc_nic_close(struct nsc_nic *nic);

/* Counts since nsc_nic_open; those of the last answer when the interface is gone. Thread: any. Blocks: shortly. */
void nsc_nic_read(struct nsc_nic *nic, struct nsc_nic_counts *counts);

/* What the backlogs of all cores have dropped, whatever the interface: `fd` is /proc/net/softnet_stat. Thread: any. */
uint64_t nsc_nic_backlog(int fd);

/* Up to `max` of the driver's counters. Thread: control. Returns how many. */
uint32_t nsc_nic_extras(struct nsc_nic *nic, struct nsc_nic_extra *extra, uint32_t max);

#endif
