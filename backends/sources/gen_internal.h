/* SPDX-License-Identifier: MIT
 *
 * The traffic generator inside: state of a flow, timers, templates. Only gen*.c include this.
 */
#ifndef NETSCOPE_SOURCES_GEN_INTERNAL_H
#define NETSCOPE_SOURCES_GEN_INTERNAL_H

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "gen.h"

#define GEN_NONE UINT32_MAX
#define GEN_HEADERS 96u        /* a template: link, IP and L4 headers, right-aligned */
#define GEN_HEAD 256u          /* a slot: headers, then options, padding or DNS; payload in place begins here */
#define GEN_PICKS 16u          /* draws ahead, so that a flow's cache line is here when it acts */
#define GEN_FRAME_MIN 60u      /* Ethernet's smallest frame without its check sequence */
#define GEN_SEGMENT 1400u      /* of a hello */
#define GEN_HELLO_MAX 2560u    /* what one end says first */
#define GEN_QUIC_BYTES 1250u   /* of a datagram with an Initial */
#define GEN_NAME_MAX 64u       /* of a server, with its end */
#define GEN_FRAGMENTED_MIN 32u /* payload of a datagram that is cut into two */

/* bits: which template */
enum gen_shape {
	GEN_IPV6 = 1,
	GEN_VLAN = 2,
	GEN_UDP = 4,
	GEN_DNS = 8, /* these are not part of the template's index */
	GEN_TLS = 16,
	GEN_HTTP = 32,
	GEN_QUIC = 64,
	GEN_BEGINS = 128, /* has not said its hello */
};

/* what the flow's timer will do; the first two have none */
enum gen_state {
	GEN_NEW,       /* not open: acts by opening */
	GEN_IDLE,      /* open, everything acknowledged */
	GEN_ACK,       /* `dir` acknowledges up to `target`; meanwhile the flow may send more */
	GEN_TRAIN,     /* `dir` sends `step` more segments right behind the first */
	GEN_SYN,       /* the server answers the SYN */
	GEN_SYN_ACK,   /* the client completes the handshake */
	GEN_OWED,      /* `dir` has a loss or a swap to play */
	GEN_SWAP,      /* `dir` sends the segment that was overtaken */
	GEN_BEHIND,    /* `dir` sends `step` more segments behind a lost one */
	GEN_DUPLICATE, /* the receiver sends `step` more ACKs for the hole */
	GEN_RESEND,    /* `dir` sends the lost segment again */
	GEN_CLOSE,     /* `dir` sends its FIN */
	GEN_FIN,       /* the peer sends its FIN */
	GEN_LAST,      /* `dir` acknowledges the peer's FIN */
	GEN_ANSWER,    /* the DNS server answers */
	GEN_REST,      /* `dir` sends the second fragment */
	GEN_HELLO,     /* the client sends the rest of its hello */
	GEN_REPLY,     /* the server answers the hello */
};

/* 64 bytes: one concurrent flow, one cache line */
struct gen_flow {
	uint64_t due_ns; /* of the timer */
	uint32_t next;   /* in the timer's list */
	uint32_t connection;
	uint32_t seq[2];     /* next sequence number that client and server send */
	uint32_t acked[2];   /* ACK number that client and server send */
	uint32_t target;     /* see GEN_ACK */
	uint32_t left;       /* packets before it ends */
	uint32_t hole_seq;   /* lost or overtaken segment; the query's name for DNS; the identification of fragments */
	uint32_t address[2]; /* client, server: IPv4 address, or the low part of the IPv6 address */
	uint16_t port[2];
	uint16_t hole_len; /* its payload; the whole datagram's for fragments */
	uint8_t shape, state, dir, step;
	uint8_t losses, swaps; /* drawn, not yet played */
};

static_assert(sizeof(struct gen_flow) == NSC_GEN_FLOW_BYTES, "one flow, one cache line");

enum gen_delay { GEN_SOON, GEN_RTT, GEN_RTO, GEN_DELAYS };

/* timers of one delay: they come due in the order in which they were set */
struct gen_list {
	uint64_t due_ns; /* of the head; UINT64_MAX when empty */
	uint64_t delay_ns;
	uint32_t head, tail;
};

struct gen_template {
	uint8_t bytes[GEN_HEADERS];
	uint32_t ip_sum;                   /* IPv4: the header's constant words */
	uint32_t l4_sum;                   /* the pseudo header's and L4 header's constant words */
	uint8_t ip_off, l4_off, frame_off; /* in bytes[] */
};

struct gen_random {
	uint64_t state;
};

/* splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators") */
nsc_always_inline uint64_t gen_mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

nsc_always_inline uint64_t gen_random(struct gen_random *random)
{
	random->state += 0x9e3779b97f4a7c15ull;
	return gen_mix(random->state);
}

/* 32 random bits to 0..n-1 without a division. */
nsc_always_inline uint32_t gen_scale(uint32_t bits, uint32_t n)
{
	return (uint32_t)(((uint64_t)bits * n) >> 32);
}

/* SYNs among the traffic. Numbers of its own, so that the traffic stays what it is without them, but for its time. */
struct gen_attack {
	uint64_t share;            /* of 2^32 */
	uint64_t every_ns, for_ns; /* every_ns 0: without a pause */
	uint32_t made;
	struct gen_random random;
};

struct nsc_gen {
	struct gen_flow *flows;
	uint64_t now_ns;
	uint64_t gap;          /* mean time between packets, ns << 32 */
	uint32_t now_fraction; /* of now_ns, 2^-32 ns */
	uint32_t opened;       /* places drawn so far: 0..flow_count */
	struct gen_random content, picking;
	uint8_t *slot; /* of the frame under way, and what is said of it */
	struct nsc_gen_frame *frame;
	uint64_t roll; /* this packet's: low 16 bits its time, the others what its flow decides */
	struct gen_list lists[GEN_DELAYS];
	uint64_t made, packets;
	uint32_t picks[GEN_PICKS];
	uint32_t pick_at;
	uint32_t flow_count, elephants;
	uint32_t next_connection;
	/* thresholds of 2^32 */
	uint64_t elephant_share, tcp_share, ipv6_share, vlan_share, fragment_share, dns_share, loss, reorder;
	uint64_t tls_share, http_share, quic_share;
	struct nsc_synth_options traffic; /* as asked for; what follows is made of it */
	uint64_t seed;
	uint32_t payload_span; /* a payload is min + 0..span-1 */
	uint32_t snaplen;
	uint32_t host_bits, host_multiplier;
	uint16_t mss, window, ip_id;
	bool reuse;
	bool hellos;           /* some flows say who they are */
	struct gen_quic *quic; /* NULL: none is QUIC */
	uint8_t *said;         /* GEN_HELLO_MAX bytes: what this frame says */
	uint32_t said_off;     /* where frames that say it begin in a slot */
	struct gen_attack attack;
	struct gen_template templates[16]; /* shape (3 bits) * 2 + dir */
	uint8_t *payload;                  /* payload_max bytes */
	uint32_t *payload_sum;             /* [n]: 16-bit words of the first n bytes, added up */
};

/* gen_flow.c: what flows do. Each of both builds exactly one frame, or returns false and builds none. */
bool gen_flow_act(struct nsc_gen *gen, struct gen_flow *flow);
void gen_flow_timer(struct nsc_gen *gen, struct gen_flow *flow);

/* gen_identity.c: a new connection in this place, idle. */
void gen_flow_renew(struct nsc_gen *gen, struct gen_flow *flow);

/* gen_begin.c: the first step of a connection that says who it is; what its timers do; the segment that was overtaken
 * or lost; the server's answer, after which a stream waits for its acknowledgement (true). */
void gen_begin(struct nsc_gen *gen, struct gen_flow *flow);
void gen_begin_hello(struct nsc_gen *gen, struct gen_flow *flow);
void gen_begin_hole(struct nsc_gen *gen, struct gen_flow *flow);
bool gen_begin_reply(struct nsc_gen *gen, struct gen_flow *flow);

/* gen_attack.c: whether the packet of now_ns belongs to the attack, and that packet. */
bool gen_attack_due(struct nsc_gen *gen);
void gen_attack_next(struct nsc_gen *gen);

/* gen.c: sets the flow's only timer. */
void gen_timer_set(struct nsc_gen *gen, struct gen_flow *flow, enum gen_delay delay, enum gen_state state);

/* gen_frame.c: bytes. */
struct gen_tcp {
	uint32_t seq, ack;
	uint32_t payload_len;
	uint8_t dir, flags;
};

void gen_templates_init(struct nsc_gen *gen);
void gen_frame_tcp(struct nsc_gen *gen, const struct gen_flow *flow, const struct gen_tcp *tcp);
void gen_frame_udp(struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint32_t payload_len);
/* The same with other bytes than those that all payloads have. */
void gen_frame_tcp_said(struct nsc_gen *gen, const struct gen_flow *flow, const struct gen_tcp *tcp,
			const uint8_t *bytes);
void gen_frame_udp_said(struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint32_t n,
			const uint8_t *bytes);
void gen_frame_dns(struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir);
/* first: with the UDP header; otherwise the rest. */
void gen_frame_fragment(struct nsc_gen *gen, const struct gen_flow *flow, bool first);

/* gen_dns.c: a query (dir 0) or its answer for the name that `name` stands for; at most 160 bytes; returns how many. */
uint32_t gen_dns_message(uint32_t name, uint32_t dir, uint8_t *out);
/* The text of that name, at most GEN_NAME_MAX bytes with its end. */
void gen_host_name(uint32_t name, char *text);

/* gen_hello.c: what `dir` says first: in a stream, or as QUIC's handshake message; at most GEN_HELLO_MAX bytes; how
 * many. The name that the client asks for. */
uint32_t gen_hello_stream(const struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint8_t *out);
uint32_t gen_hello_quic(const struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint8_t *out);
uint32_t gen_host_of(const struct nsc_gen *gen, const struct gen_flow *flow);

/* gen_quic.c: datagrams that the client's hello takes, 1 or 2; datagram `number` of GEN_QUIC_BYTES. */
int gen_quic_open(struct gen_quic **quic); /* 0, or -1 without memory */
void gen_quic_close(struct gen_quic *quic);
uint32_t gen_quic_datagrams(struct nsc_gen *gen, const struct gen_flow *flow);
void gen_quic_datagram(struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint32_t number, uint8_t *out);

/* What belongs to a connection follows from this. */
nsc_always_inline uint64_t gen_identity(const struct nsc_gen *gen, uint32_t connection)
{
	return gen_mix(gen->seed + connection * 0x9e3779b97f4a7c15ull);
}

/* One of so many names. */
nsc_always_inline uint32_t gen_host_number(const struct nsc_gen *gen, uint32_t random)
{
	uint32_t number = gen_scale(random, gen->traffic.server_names);

	return (number & 31) | number >> 5 << 8;
}

nsc_always_inline void gen_put16(uint8_t *at, uint32_t value)
{
	uint16_t big = htobe16((uint16_t)value);

	memcpy(at, &big, 2);
}

nsc_always_inline void gen_put32(uint8_t *at, uint32_t value)
{
	uint32_t big = htobe32(value);

	memcpy(at, &big, 4);
}

nsc_always_inline uint32_t gen_words(uint32_t value)
{
	return (value >> 16) + (value & 0xffff);
}

nsc_always_inline uint16_t gen_vlan_id(const struct gen_flow *flow)
{
	return (uint16_t)(1 + ((flow->address[0] ^ flow->address[1]) & 63));
}

/* Group of an IPv6 address, 2001:db8:GROUP::/96: servers below and above the clients, so that either side can be
 * endpoint a. */
nsc_always_inline uint8_t gen_ipv6_group(const struct gen_flow *flow, uint32_t side)
{
	return side == 0 ? 1 : flow->address[1] >> 24 == 10 ? 0 : 2;
}

#endif
