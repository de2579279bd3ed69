/* SPDX-License-Identifier: MIT
 *
 * Bytes to descriptor. Reads each packet once, never past cap_len, and names the fate of those that make no flow.
 */
#ifndef NETSCOPE_DECODE_H
#define NETSCOPE_DECODE_H

#include "netscope/packet.h"

struct nsc_hash_seed {
	uint64_t word[4]; /* drawn at start, the same for all workers of one engine; never shown in an output */
};

struct nsc_counters;
struct nsc_duplicates;
struct nsc_fragments;
struct nsc_mixed;

/* What is known of datagrams and packets before is asked later, in order: which packets have to do with it. */
enum { NSC_DECODE_NOTES_MAX = 4096 };
struct nsc_decode_notes {
	uint32_t n; /* of fragments, however many; the first NSC_DECODE_NOTES_MAX are noted */
	struct nsc_decode_note {
		uint32_t at; /* number of the packet */
		uint32_t id, offset, len;
		bool last;
	} note[NSC_DECODE_NOTES_MAX];
};

/* What belongs to a flow's key beside protocol, addresses and ports. */
enum { NSC_KEY_VLAN = 1, NSC_KEY_TUNNEL = 2 };

struct nsc_decode_options {
	struct nsc_hash_seed seed;
	bool decap;      /* key flows on the innermost IP header instead of the outermost */
	bool track_sctp; /* SCTP makes flows too */
	bool track_icmp; /* and ICMP, over IPv4 and IPv6 */
	uint8_t key;     /* NSC_KEY_* */
	/* Later fragments get the flow of their first one; NULL: they have the fate FRAGMENT. What is known of
	 * datagrams under way belongs to the thread that decodes, which counts in `counters` (needed then). */
	struct nsc_fragments *fragments;
	struct nsc_duplicates
		*duplicates;     /* copies of a packet have the fate DUPLICATE; NULL: nobody looks. As above */
	struct nsc_mixed *mixed; /* whether flows of several tenants are taken for one; NULL: nobody asks. As above */
	struct nsc_counters *counters;
	/* Fragments are noted here, and nothing else is done for them: packet `noted` has the number `noted_from`.
	 * NULL: not. */
	struct nsc_decode_notes *notes;
	const struct nsc_packet *noted;
	uint32_t noted_from;
};

/* Payload of UDP port `port` is a tunnel of this name from now on, whatever it would be otherwise, under decap and in
 * dissection. -EINVAL: no tunnel has that name; -ENOSPC: NSC_NAMED_PORTS_MAX were named. For the whole process, before
 * its first packet. Thread: the one that starts the others. */
enum { NSC_NAMED_PORTS_MAX = 16 };
int nsc_decode_name_port(const char *tunnel, uint16_t port);

/* Whether a tunnel has that name. Thread: any. */
bool nsc_decode_knows_tunnel(const char *name);
extern const char *const nsc_decode_tunnels; /* their names, "vxlan, geneve, ..." */

/* Fills the second half of every descriptor in pkt[0..n). Any n; 0 does nothing. Any cap_len, 0 included; a wire_len
 * below cap_len counts as cap_len.
 * Thread: the owner of the burst. Allocates: never. Blocks: never. */
void nsc_decode_burst(const struct nsc_decode_options *options, struct nsc_packet *pkt, uint32_t n);

/* The same for packets that were decoded with `notes` (NULL: without) and with no fragments, duplicates, mixed: what
 * these say of them. `notes` has all of its fragments. Packets come here in capture order, with their clocks.
 * Thread: the owner of what the options point to. Allocates: never. Blocks: never. */
void nsc_decode_settle(const struct nsc_decode_options *options, struct nsc_packet *pkt, uint32_t n,
		       const struct nsc_decode_notes *notes);

/* X(NAME, "why"): the straight path of decode, or why the walker had to look. */
#define NSC_DECODE_PATHS(X)                                                                                            \
	X(FAST, "fast path")                                                                                           \
	X(LINK, "walked: not Ethernet")                                                                                \
	X(SHORT, "walked: too few bytes captured")                                                                     \
	X(TYPE, "walked: tags, or no IP behind Ethernet")                                                              \
	X(IPV4, "walked: IPv4 with options, a fragment, or damaged")                                                   \
	X(IPV6, "walked: IPv6 with extension headers, or damaged")                                                     \
	X(TRANSPORT, "walked: no whole TCP or UDP header, or a tunnel")

enum nsc_decode_path {
#define NSC_X(name, text) NSC_DECODE_PATH_##name,
	NSC_DECODE_PATHS(NSC_X)
#undef NSC_X
		NSC_DECODE_PATH_COUNT
};

/* Which way decode takes for a packet as its source filled it. For those that are traced: decode itself never asks.
 * Thread: any. Allocates, blocks: never. */
enum nsc_decode_path nsc_decode_path(const struct nsc_decode_options *options, const struct nsc_packet *pkt);
const char *nsc_decode_path_name(unsigned path); /* "fast path"; "?" beyond the table */

#endif
