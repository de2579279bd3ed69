/* SPDX-License-Identifier: MIT
 *
 * A flow as everybody outside the flow table sees it: the finished record, its states and reasons.
 */
#ifndef NETSCOPE_FLOW_H
#define NETSCOPE_FLOW_H

#include "netscope/names.h"
#include "netscope/packet.h"

/* X(NAME, "name as exported") */
#define NSC_TCP_STATES(X)                                                                                              \
	X(UNKNOWN, "unknown")                                                                                          \
	X(SYN_SENT, "syn_sent")                                                                                        \
	X(SYN_ACK, "syn_ack")                                                                                          \
	X(ESTABLISHED, "established")                                                                                  \
	X(FIN_WAIT, "fin_wait")                                                                                        \
	X(CLOSED, "closed")                                                                                            \
	X(RESET, "reset")

enum nsc_tcp_state {
#define NSC_X(name, text) NSC_TCP_STATE_##name,
	NSC_TCP_STATES(NSC_X)
#undef NSC_X
		NSC_TCP_STATE_COUNT
};

#define NSC_END_REASONS(X)                                                                                             \
	X(ACTIVE, "active")                 /* alive when the input ended */                                           \
	X(TIMEOUT, "timeout")               /* silent for longer than the flow timeout */                              \
	X(EVICTED, "evicted")               /* the table was full */                                                   \
	X(REUSED, "reused")                 /* a SYN began a new connection on the same 5-tuple */                     \
	X(ACTIVE_TIMEOUT, "active_timeout") /* a part: the flow goes on */

enum nsc_end_reason {
#define NSC_X(name, text) NSC_END_##name,
	NSC_END_REASONS(NSC_X)
#undef NSC_X
		NSC_END_COUNT
};

enum { NSC_VLANS_MAX = 4, NSC_TUNNELS_MAX = 4 };

/* Tunnels by what they carry as id. X(NAME, "name as exported") */
#define NSC_FLOW_TUNNELS(X)                                                                                            \
	X(VXLAN, "vxlan")         /* VNI */                                                                            \
	X(VXLAN_GPE, "vxlan-gpe") /* VNI */                                                                            \
	X(GENEVE, "geneve")       /* VNI */                                                                            \
	X(GTP_U, "gtp-u")         /* TEID */                                                                           \
	X(GRE, "gre")             /* key */                                                                            \
	X(L2TP, "l2tp")           /* tunnel id * 65536 + session id; version 3: session id */                          \
	X(LISP, "lisp")           /* instance id */                                                                    \
	X(TEREDO, "teredo")                                                                                            \
	X(MPLS, "mpls")                                                                                                \
	X(GUE, "gue")                                                                                                  \
	X(CAPWAP, "capwap")                                                                                            \
	X(TZSP, "tzsp")                                                                                                \
	X(IPIP, "ipip")   /* IPv4 in IP */                                                                             \
	X(IP6IP, "ip6ip") /* IPv6 in IP */                                                                             \
	X(ETHERIP, "etherip")

enum nsc_flow_tunnel {
	NSC_FLOW_TUNNEL_NONE,
#define NSC_X(name, text) NSC_FLOW_TUNNEL_##name,
	NSC_FLOW_TUNNELS(NSC_X)
#undef NSC_X
		NSC_FLOW_TUNNEL_COUNT,
	NSC_FLOW_TUNNEL_HAS_ID = 0x80, /* added: tunnel_id holds one */
};

enum nsc_client { NSC_CLIENT_NONE, NSC_CLIENT_A, NSC_CLIENT_B }; /* A: exported as "a_to_b" */

struct nsc_flow_record {        /* a flow at rest; order of the exports: first_seen_ns, proto name, a, b */
	uint64_t first_seen_ns; /* smallest ts_ns of its packets, any u64 */
	uint64_t last_seen_ns;  /* largest, >= first_seen_ns */
	uint64_t ended_ns;      /* packet time at which the record ended; for a timeout last packet + timeout,
				 * which never wraps; 0 while the flow lives (top flows, questions) */
	uint64_t packets[2];    /* [0] sent by a, [1] sent by b; each below 2^48 */
	uint64_t bytes[2];      /* bytes on the wire: sum of wire_len */
	uint8_t addr_a[16];     /* network order; IPv4 in the first 4, the rest 0 */
	uint8_t addr_b[16];
	uint16_t port_a, port_b;  /* host order; ICMP: see docs/flows.md */
	uint8_t ip_version;       /* 4 or 6 */
	uint8_t proto;            /* NSC_PROTO_* */
	uint8_t tcp_state;        /* enum nsc_tcp_state; 0 when not TCP */
	uint8_t client;           /* enum nsc_client; when not TCP, who sent the first packet */
	uint8_t end_reason;       /* enum nsc_end_reason */
	uint8_t analyses;         /* NSC_ANALYSIS_* that were made; 0 when not TCP. Without one its fields are 0 */
	uint8_t tcp_flags[2];     /* NSC_TCP_* of all packets of a direction, put together; 0 when not TCP */
	uint32_t retransmissions; /* NSC_ANALYSIS_RETRANS */
	uint32_t out_of_order;    /* NSC_ANALYSIS_OUT_OF_ORDER */
	uint32_t lost_segments;   /* NSC_ANALYSIS_ORDER: holes in the sequence that nothing filled */
	uint32_t zero_windows;    /* NSC_ANALYSIS_ORDER: segments that announced a window of 0 */
	uint32_t rtt_samples;     /* NSC_ANALYSIS_RTT; with 0 samples the next three are 0 */
	uint64_t rtt_last_ns, rtt_min_ns, rtt_ewma_ns;
	uint64_t rtt_handshake_ns; /* SYN to the first packet that acknowledges without SYN; 0 = not seen */
	uint64_t fragment_bytes;   /* of bytes[], those of `fragments` */
	uint32_t fragments;        /* of packets[], later fragments: both directions */
	uint32_t part;      /* 0, 1, 2, ...: which part of the flow this is: docs/flows.md says what belongs to it */
	uint8_t ttl_min[2]; /* smallest TTL or hop limit of a direction; 0 without a packet */
	uint8_t dscp[2];    /* 0..63: of the first packet of a direction; 0 without a packet */
	uint8_t interface;  /* number of its name; 0 = unknown */
	uint8_t n_vlans;    /* 0..NSC_VLANS_MAX */
	uint8_t n_tunnels;  /* layers, 0..255: the first NSC_TUNNELS_MAX stand below */
	uint8_t tunnel[NSC_TUNNELS_MAX]; /* enum nsc_flow_tunnel and _HAS_ID, outermost first; 0 behind the last */
	uint8_t name_high;               /* the handle of what the flow said: names.h, nsc_flow_name_get */
	uint32_t name;
	uint16_t vlan[NSC_VLANS_MAX];        /* 0..4095, outermost first; 0 behind the last */
	uint32_t tunnel_id[NSC_TUNNELS_MAX]; /* 0 where there is none */
};

static_assert(sizeof(struct nsc_flow_record) == 208, "no hidden padding: records are compared as bytes");

nsc_always_inline uint64_t nsc_flow_name_get(const struct nsc_flow_record *record)
{
	return (uint64_t)record->name_high << 32 | record->name;
}

nsc_always_inline void nsc_flow_name_set(struct nsc_flow_record *record, uint64_t handle)
{
	record->name = (uint32_t)handle;
	record->name_high = (uint8_t)(handle >> 32);
}

/* What the flow said, and the application that its port stands for when it said none. All empty when nobody looked for
 * names. Thread: any. Allocates, blocks: never. */
void nsc_flow_named(const struct nsc_flow_record *record, struct nsc_named *named);

#define NSC_ANALYSIS_RTT 0x01u
#define NSC_ANALYSIS_RETRANS 0x02u
#define NSC_ANALYSIS_OUT_OF_ORDER 0x04u
#define NSC_ANALYSIS_ORDER (NSC_ANALYSIS_RETRANS | NSC_ANALYSIS_OUT_OF_ORDER) /* either: holes and windows too */
#define NSC_ANALYSIS_ALL (NSC_ANALYSIS_RTT | NSC_ANALYSIS_ORDER)

#define NSC_FLOW_CHUNK_RECORDS 2048u

/* Finished records travel from a worker to the writer in chunks; the writer keeps a chunk as long as it likes
 * (the export sorts in these very chunks) and gives it back when it is done. */
struct nsc_flow_chunk {
	uint32_t n;      /* 0..NSC_FLOW_CHUNK_RECORDS */
	uint32_t worker; /* below NSC_WORKERS_MAX */
	struct nsc_flow_record record[NSC_FLOW_CHUNK_RECORDS];
};

/* A flow in the list of top flows of one tick. */
struct nsc_top_flow {
	uint64_t tick_bytes;         /* bytes on the wire within the tick, both directions */
	struct nsc_flow_record flow; /* totals at the tick; end_reason ACTIVE */
};

#define NSC_TOP_MAX 256u

/* Any number: "?" beyond the enum. */
const char *nsc_tcp_state_name(unsigned state);
const char *nsc_end_reason_name(unsigned reason);
const char *nsc_proto_name(unsigned proto); /* "tcp", "udp", "sctp", "icmp", "icmpv6"; "?" otherwise */

/* The order of exports as for qsort: first_seen_ns, then protocol name, then a, then b (ip version, address bytes,
 * port), then the rest of the record, so that equal means equal bytes. Thread: any. */
int nsc_flow_record_compare(const struct nsc_flow_record *x, const struct nsc_flow_record *y);

/* The order of top flows as for qsort: most tick_bytes first, then protocol name, a, b, then first_seen_ns, then the
 * rest of the record. */
int nsc_top_flow_compare(const struct nsc_top_flow *x, const struct nsc_top_flow *y);

#endif
