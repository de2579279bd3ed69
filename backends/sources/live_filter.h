/* SPDX-License-Identifier: MIT
 *
 * The kernel's filter of a live source, and what is left for us to decide.
 *
 * A filter means the frame as it was on the wire, as it does for a capture file. The kernel looks at another one: it
 * has taken the outer VLAN tag out and keeps it beside the packet. So the kernel gets two programs behind a question:
 * the expression as it is for frames without a tag, and, for those with one, the expression moved by the four bytes
 * that are missing, with the tag read from beside the packet. What cannot be moved lets the frame pass, and
 * `recheck` decides when the tag is back.
 */
#ifndef NETSCOPE_SOURCES_LIVE_FILTER_H
#define NETSCOPE_SOURCES_LIVE_FILTER_H

#include <linux/filter.h>

#include "netscope/error.h"

struct bpf_insn;
struct nsc_file_filter;

#define NSC_LIVE_FILTER_WIDE 8u

struct nsc_live_filter {
	struct nsc_file_filter *compiled; /* NULL: no expression */
	/* What decides about a frame without a tag, or [true] with one that was put back; NULL: the kernel did. */
	const struct bpf_insn *recheck[2];
	const struct bpf_insn *whole; /* what decides about any frame, alone; NULL: everything passes */
	uint32_t n, n_wide;
	struct sock_filter wide[NSC_LIVE_FILTER_WIDE]; /* lets everything pass that may come */
	struct sock_filter program[];                  /* the kernel's */
};

struct nsc_live_filter_options {
	const char *expression; /* NULL = everything passes */
	unsigned row;           /* of linktype.h */
	uint32_t snaplen;       /* bytes that the kernel keeps of a packet; 0 = all */
	uint32_t once; /* number of an interface whose outgoing packets are not taken: loopback shows them twice */
	bool cooked;   /* the kernel sees no link header: it lets everything pass, and we decide */
	bool apart;    /* there is no kernel to ask about a packet (inbound, outbound): only `whole` is used */
};

/* Compiles. 0, or -EINVAL and libpcap's reason. Thread: control. */
int nsc_live_filter_open(struct nsc_live_filter **filter, const struct nsc_live_filter_options *options,
			 struct nsc_error *error);
void nsc_live_filter_close(struct nsc_live_filter *filter); /* NULL is allowed */

/* Lets in what passes; everything that may come, so that `whole` must decide; nothing. System calls on a packet socket:
 * 0 or -errno. Thread: any. Allocates: never. */
int nsc_live_filter_attach(const struct nsc_live_filter *filter, int fd);
int nsc_live_filter_widen(const struct nsc_live_filter *filter, int fd);
int nsc_live_filter_shut(int fd);

#endif
