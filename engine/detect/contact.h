/* SPDX-License-Identifier: MIT
 *
 * A contact: somebody who wants something of a port. It is all that workers tell the detectors.
 *
 * The folder has two halves that share this header and hash.h only. The hot half runs on workers, for every packet:
 * contacts.h finds contacts, handshakes.h completed handshakes, probes.h what was not answered. The merge half runs on
 * the publisher, once an epoch: detectors.h merges and decides, over windows (window.h) of multisets (multiset.h) from
 * a pool (pool.h); detector.h says what a detector is, and lists them.
 *
 * Workers send chunks of contact records, each of one epoch. A record is 8 bytes and two addresses: 16 bytes for IPv4,
 * 40 for IPv6. The same contact may stand in several records of an epoch: counts add up, and being there twice changes
 * no set.
 */
#ifndef NETSCOPE_DETECT_CONTACT_H
#define NETSCOPE_DETECT_CONTACT_H

#include <string.h>

#include "engine/rings/epochs.h"
#include "netscope/alert.h"

enum nsc_contact_kind {
	NSC_CONTACT_SYN,        /* a SYN without ACK */
	NSC_CONTACT_UDP,        /* a UDP packet of the side that opened the flow */
	NSC_CONTACT_HANDSHAKE,  /* the ACK that completes a handshake: see handshakes.h */
	NSC_CONTACT_PROBE,      /* a TCP packet that was not answered, or refused; UDP that was refused: see probes.h */
	NSC_CONTACT_UDP_PROBE,  /* UDP packets of a flow that was not answered, and no more is known of them */
	NSC_CONTACT_UDP_QUIC,   /* the same, to a server of QUIC */
	NSC_CONTACT_UDP_TUNNEL, /* the same, of a tunnel, whose answers are another flow */
	NSC_CONTACT_UDP_STRAY,  /* the same, and it looks like an answer itself, to which nobody asked */
	NSC_CONTACT_ECHO,       /* an ICMP request that was not answered; no port */
	NSC_CONTACT_ARP,        /* an ARP request that was not answered; no port */
	NSC_CONTACT_ICMP,       /* an ICMP message, but for a reply that was asked for; no port */
	NSC_CONTACT_MS, /* no contact: a worker's packets of a millisecond. `port` is its place in the epoch, `addr` the
			   bytes: see microburst.h */
	NSC_CONTACT_ANSWER, /* a probe was answered: one an epoch, so that who hears no answers can be told from who
			       captures none */
	NSC_CONTACT_KINDS
};

#define NSC_CONTACT_BIT(kind) (1u << (kind))

#define NSC_PROBE_NS (3 * NSC_NS_PER_SEC) /* for so long somebody may wait for an answer */

/* UDP that may be a scan. */
#define NSC_CONTACTS_UDP_PROBE                                                                                         \
	(NSC_CONTACT_BIT(NSC_CONTACT_UDP_PROBE) | NSC_CONTACT_BIT(NSC_CONTACT_UDP_QUIC) |                              \
	 NSC_CONTACT_BIT(NSC_CONTACT_UDP_TUNNEL))

/* What is known only after that time, or by what waits. */
#define NSC_CONTACTS_UNANSWERED                                                                                        \
	(NSC_CONTACTS_UDP_PROBE | NSC_CONTACT_BIT(NSC_CONTACT_PROBE) | NSC_CONTACT_BIT(NSC_CONTACT_UDP_STRAY) |        \
	 NSC_CONTACT_BIT(NSC_CONTACT_ECHO) | NSC_CONTACT_BIT(NSC_CONTACT_ARP) | NSC_CONTACT_BIT(NSC_CONTACT_ICMP))

struct nsc_contact_record {
	uint32_t count;     /* packets, >= 1 */
	uint16_t port;      /* of the destination, host order */
	uint8_t kind;       /* enum nsc_contact_kind */
	uint8_t ip_version; /* 4 or 6 */
	uint8_t addr[];     /* source, destination, in network order: 4 or 16 bytes each */
};

static_assert(sizeof(struct nsc_contact_record) == 8, "two IPv4 addresses make 16 bytes");

#define NSC_EPOCH_CHUNK_RECORDS ((NSC_EPOCH_CHUNK_BYTES - NSC_CACHE_LINE) / 16) /* at most */

struct nsc_contact { /* a record with the hashes of its addresses, which more than one measure needs */
	const struct nsc_contact_record *record;
	uint64_t source, target;
	uint32_t ignored; /* bits of the kinds of alerts for which it does not count */
};

nsc_always_inline uint32_t nsc_contact_bytes(unsigned ip_version)
{
	return ip_version == 4 ? 16 : 40;
}

/* The 16 bytes of the source's or the target's address: IPv4 in the first 4, the rest 0. */
nsc_always_inline void nsc_contact_address(const struct nsc_contact_record *record, bool target, uint8_t addr[16])
{
	memset(addr, 0, 16);
	if (record->ip_version == 4)
		memcpy(addr, record->addr + (target ? 4 : 0), 4);
	else
		memcpy(addr, record->addr + (target ? 16 : 0), 16);
}

#endif
