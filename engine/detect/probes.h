/* SPDX-License-Identifier: MIT
 *
 * What was tried and not answered. A packet that asks for an answer is a *probe*: a SYN, a TCP packet that belongs to
 * no connection (FIN, NULL, Xmas), the first UDP packet of a flow, an ICMP request, an ARP request. It waits here for
 * NSC_PROBE_NS of clock_ns, and becomes a contact when that time has passed, or at once when a RST comes back. Any
 * other packet of the target answers it. So does an ACK of whoever sent a TCP probe: a connection goes on, and the
 * capture has only one of its directions. A TCP packet with ACK in a flow without answer (ACK and Maimon scans) becomes
 * a contact only by a RST.
 *
 * What nobody needs to answer is no probe: packets to groups, answers whose question was not captured (from a
 * well-known port to a higher one; of DNS only with QR bit), ports of traceroute. An ICMP message that a UDP port
 * cannot be reached is a contact of whoever tried.
 *
 * For floods a UDP probe counts the packets of its flow that come while it waits. What looks like an answer waits, too,
 * as a *stray*, but from the port of QUIC: a download of which one direction is captured. And each ICMP message is
 * named, but for one to a group, and for a reply to a request that waits.
 *
 * Both directions of a flow come to one worker, and so do all packets of ARP and of ICMP. Each worker remembers 65,535
 * probes. When there are more, the oldest becomes a contact early (counted DETECT_PROBE_EARLY), since whoever tries so
 * much at once is what is looked for; an ACK is not remembered when half of the places are taken (counted too).
 *
 * Thread: worker. Allocates, blocks: never.
 */
#ifndef NETSCOPE_DETECT_PROBES_H
#define NETSCOPE_DETECT_PROBES_H

#include "engine/base/arena.h"
#include "engine/detect/contact.h"
#include "netscope/counters.h"
#include "netscope/packet.h"

struct nsc_probes;

struct nsc_probe_contact { /* in the form of struct nsc_contact_record */
	uint32_t count;    /* packets of UDP; 1 */
	uint16_t port;     /* 0: ICMP, ARP */
	uint8_t kind;      /* enum nsc_contact_kind */
	uint8_t ip_version;
	uint8_t addr[32]; /* source, destination: 4 or 16 bytes each */
};

struct nsc_probes_found {
	uint64_t icmp; /* bit i: pkt[i] is ICMP of which a flood may be made */
	uint32_t n;
	bool answered; /* somebody answered something: `answer` says who */
	struct nsc_probe_contact answer;
	struct nsc_probe_contact contact[2 * NSC_BURST_MAX];
};

/* `strays`: they wait too. Thread: control. */
int nsc_probes_open(struct nsc_probes **probes, struct nsc_arena *arena, bool strays, const uint64_t seed[2],
		    struct nsc_error *error);
uint64_t nsc_probes_bytes(void);

/* Packets in order, n <= NSC_BURST_MAX; bit i of `unanswered`: nothing has come back in the flow of pkt[i]. Fills
 * *found with what became a contact at once. */
void nsc_probes_burst(struct nsc_probes *probes, const struct nsc_packet *pkt, uint32_t n, uint64_t unanswered,
		      struct nsc_probes_found *found, struct nsc_counters *counters);

/* Takes the next probe whose time was over at last_ns, in the order of time; false when there is none. One that is no
 * contact without a RST is forgotten on the way. *deadline_ns: when its time was over. */
bool nsc_probes_overdue(struct nsc_probes *probes, uint64_t last_ns, struct nsc_probe_contact *contact,
			uint64_t *deadline_ns);

#endif
