/* SPDX-License-Identifier: MIT
 *
 * A source: bursts of borrowed packets behind one const table of functions. It is the only thing on the packet
 * path that the engine calls through a pointer.
 *
 * Rules of the loan. `poll` lends up to NSC_BURST_MAX packets and stamps the burst with a loan number that never
 * falls; all packets of one burst borrow the memory of that loan. `release(rx, loan)` ends every loan up to and
 * including `loan`. A polling worker releases each burst before its next poll; a capture thread in front of lanes
 * keeps several loans out and releases them in order. When all of a source's memory is lent, `poll` returns n = 0
 * with NSC_RX_IDLE: it never fails and never blocks for long (a file read may block on the disk or on a pipe).
 *
 * A live source has two more functions. `stop` shuts the filter: nothing new comes in, what the kernel holds is still
 * delivered, and NSC_RX_END follows when that is done. `wait` sleeps where packets would wake it. Its clock goes on
 * when no packet comes: `clock_ns` of an idle burst says up to which time everything has been delivered.
 *
 * A source keeps steady time (steady.h), and stamps its packets and bursts with it. A file's bursts end before a packet
 * that changes the offset; in a live burst packets from before the change may stand.
 */
#ifndef NETSCOPE_RX_H
#define NETSCOPE_RX_H

#include "netscope/blocks.h"
#include "netscope/error.h"
#include "netscope/packet.h"
#include "netscope/steady.h"

struct nsc_rx;

struct nsc_rx_counters {         /* totals since open; NSC_UNKNOWN where the source cannot know */
	uint64_t received;       /* packets that the source saw: filtered + delivered */
	uint64_t received_bytes; /* their bytes on the wire */
	uint64_t filtered;       /* packets that the filter refused */
	uint64_t delivered;      /* packets lent through poll */
	uint64_t ts_backwards;   /* packets with a time before the packet just before them */
	uint64_t clock_outliers; /* packets with a time far from those around them (steady.h) */
	uint64_t clock_steps;    /* times that packet time stepped, ahead or back */
	uint64_t snapped;        /* packets of which fewer bytes were captured than were on the wire */
	uint64_t file_bytes;     /* bytes of the input taken so far (compressed bytes, for a compressed file) */
	uint64_t file_size;      /* size of the input; NSC_UNKNOWN on a pipe */
	uint64_t skipped_blocks; /* pcapng blocks that hold no packet and were passed over */
	uint64_t names_full;     /* interfaces described whose names were too many */
	uint64_t feed_breaks;    /* connections of a feed (feed.h) that ended */
	uint64_t feed_dropped;   /* bytes of these that were dropped: a record that was cut, or none at all */
	uint64_t kernel_seen;  /* packets that the kernel had for us: received + kernel_drops + left; NSC_UNKNOWN for a
				  file */
	uint64_t kernel_drops; /* lost in the kernel's ring; NSC_UNKNOWN for a file */
	uint64_t left;         /* packets that came after the last one that was wanted (`count`) */
	uint64_t stack_drops;  /* lost between interface and ring (driver, backlog), for certain; NSC_UNKNOWN for a file
				*/
	uint64_t nic_drops;    /* lost in the interface; NSC_UNKNOWN for a file */
	uint64_t wire_packets; /* packets on the wire for which the received ones stand (GRO); NSC_UNKNOWN if unknown */
	uint64_t wire_bytes;   /* their bytes, headers of every one included */
};

/* Where a source begins: what not every source can know is unknown, the other totals are 0. */
nsc_always_inline struct nsc_rx_counters nsc_rx_counters_unknown(void)
{
	return (struct nsc_rx_counters){
		.file_bytes = NSC_UNKNOWN,
		.file_size = NSC_UNKNOWN,
		.kernel_seen = NSC_UNKNOWN,
		.kernel_drops = NSC_UNKNOWN,
		.stack_drops = NSC_UNKNOWN,
		.nic_drops = NSC_UNKNOWN,
		.wire_packets = NSC_UNKNOWN,
		.wire_bytes = NSC_UNKNOWN,
	};
}

/* Adds to `sum` what is known of both. */
nsc_always_inline void nsc_rx_counters_add(struct nsc_rx_counters *sum, const struct nsc_rx_counters *part)
{
	uint64_t *to = (uint64_t *)(void *)sum;
	const uint64_t *from = (const uint64_t *)(const void *)part;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		if (from[i] != NSC_UNKNOWN)
			to[i] = to[i] == NSC_UNKNOWN ? from[i] : to[i] + from[i];
}

/* From the owner's totals to those that other threads read, and from there: each total is moved whole, relaxed. */
nsc_always_inline void nsc_rx_counters_copy(struct nsc_rx_counters *to, const struct nsc_rx_counters *from)
{
	const uint64_t *source = (const uint64_t *)(const void *)from;
	uint64_t *target = (uint64_t *)(void *)to;

	for (size_t i = 0; i < sizeof(*to) / sizeof(*target); i++)
		__atomic_store_n(&target[i], __atomic_load_n(&source[i], __ATOMIC_RELAXED), __ATOMIC_RELAXED);
}

struct nsc_rx_ops {
	const char *name; /* "file", "synth", ... */
	/* Fills burst->n, state, clock_ns, offset_ns, loan and pkt[0..n). Thread: the owner. Allocates: never after
	 * open. */
	void (*poll)(struct nsc_rx *, struct nsc_burst *burst);
	/* Ends all loans up to `loan`. Thread: the owner. Allocates: never. Blocks: never. */
	void (*release)(struct nsc_rx *, uint64_t loan);
	/* Copies the totals. Thread: any (each total is a relaxed 64-bit read; they are exact after the end). */
	void (*counters)(const struct nsc_rx *, struct nsc_rx_counters *);
	/* Frees everything. Thread: control, after the owner has stopped. */
	void (*close)(struct nsc_rx *);
	/* Live, else NULL: no packet that comes from now on is taken; poll goes on until NSC_RX_END. More than once
	 * does no harm. Thread: the owner. Allocates: never. */
	void (*stop)(struct nsc_rx *);
	/* Live, else NULL: returns when poll may find packets, at the latest after `timeout_ns` (any; 0: at once).
	 * Called when poll found nothing. Thread: the owner. Allocates: never. */
	void (*wait)(struct nsc_rx *, uint64_t timeout_ns);
	/* Of a lane, else NULL: bursts that wait for this worker. Thread: the owner. */
	uint32_t (*waiting)(const struct nsc_rx *);
};

struct nsc_rx { /* the first member of every source */
	const struct nsc_rx_ops *ops;
	bool live;         /* packets come whether or not we are ready: never wait for a full queue */
	bool decoded;      /* packets arrive decoded (lanes, readers): the worker does not decode again */
	bool nanoseconds;  /* times may be finer than a microsecond, as far as is known at open */
	uint32_t waited;   /* NSC_C_*, class WAITED, in which its polls that say idle count, and so does the time of who
			    * polls it until the next one; 0: that is no wait for another thread, but idle time */
	const char *clock; /* whose clock stamped the packets; NULL: not known (a file) */
	const struct nsc_rx_block_ops *blocks;  /* several threads may read it, and then nobody polls it; NULL: one */
	const struct nsc_steady_log *clock_log; /* steps of packet time; NULL: there are none, or another ring tells */
	/* LINKTYPE_* number on disk of each link: of those known at open, and of every packet of the last burst. A
	 * burst never holds two numbers for one link. The owner's, after open. */
	uint16_t linktype[NSC_LINK_COUNT];
	struct nsc_error error; /* why, after NSC_RX_FAILED */
};

#define nsc_rx_poll(rx, burst) ((rx)->ops->poll((rx), (burst)))
#define nsc_rx_release(rx, loan) ((rx)->ops->release((rx), (loan)))
#define nsc_rx_close(rx) ((rx)->ops->close((rx)))
#define nsc_rx_wait(rx, timeout_ns) ((rx)->ops->wait((rx), (timeout_ns)))

/* Asks a source for its end. True when it has none of its own: then whoever polls it just stops. Thread: the owner. */
nsc_always_inline bool nsc_rx_stop(struct nsc_rx *rx)
{
	if (!rx->ops->stop)
		return true;
	rx->ops->stop(rx);
	return false;
}

/* --- backends/sources/file.c ------------------------------------------------------------------ */

#define NSC_RX_FILES_MAX 4096u

enum nsc_direct { /* which files are read past the page cache (O_DIRECT) */
		  NSC_DIRECT_NEVER,
		  NSC_DIRECT_IF_COLD, /* those of which less than half is in the page cache */
		  NSC_DIRECT_ALWAYS,  /* all; those that cannot be are told by nsc_rx_file_report */
};

struct nsc_rx_span { /* bytes [from, to) of a file, from < to; of the decompressed data where it is compressed */
	uint64_t from, to;
};

struct nsc_rx_file_options {
	const char *path;         /* "-" is standard input */
	const char *const *paths; /* or several, read one after the other as one source: `n_paths` of them, at most */
	uint32_t n_paths;         /* NSC_RX_FILES_MAX; 0 = the one `path` */
	const char *filter;       /* libpcap filter expression, or NULL */
	uint32_t snaplen;         /* cap_len is cut to this, any; 0 = as captured */
	uint64_t count;           /* stop after this many delivered packets; 0 = all */
	bool keeps;               /* what pcapng has beside packets goes to kept.h */
	enum nsc_direct direct;
	uint32_t loans;       /* read blocks that may be lent at once: 1..1024; an inline worker needs 1, lanes more */
	uint32_t blocks;      /* several threads read: so many struct nsc_rx_block there are; 0 = it is polled */
	uint32_t block_bytes; /* of the input in each, 64..NSC_BLOCK_BYTES; 0 = NSC_BLOCK_BYTES */
	/* Of one file: these parts are read as if they were all of it, and nothing between them. They are in order and
	 * do not touch; the caller keeps them until close. The file's headers are in the first one, and each begins and
	 * ends between two records. NULL = the whole file. Not of a pipe, and polled, never read in blocks or past the
	 * page cache. */
	const struct nsc_rx_span *spans;
	uint32_t n_spans; /* >= 1 with spans */
};

/* Opens capture files, or the one feed "tcp://HOST:PORT" (backends/sources/feed.h): pcap (us, ns, both byte orders,
 * also Kuznetzov's 24-byte records), pcapng (sections, interfaces, link types, if_tsresol, if_tsoffset), plain or
 * compressed (gzip, zstd, xz, bzip2, lz4), file or pipe. A filter is false on a link on which it has no meaning; when
 * it has none on any link met so far, it is refused: -ENOEXEC. Reads the first headers of all, so that a file that is
 * no capture, an unknown link type and a filter that does not compile are refused here: -errno and one sentence that
 * names the path. Of pipes only the first is read; what is wrong with another shows when its turn comes. A file that
 * turns out to be damaged is left there, the next one goes on, and the source ends with NSC_RX_FAILED. With `blocks` it
 * is read in blocks (nsc_rx.blocks) when all files are regular and none is compressed. Otherwise it is polled, and
 * nsc_rx.blocks is NULL. Thread: control. Allocates: all it will ever need. */
int nsc_rx_file_open(struct nsc_rx **rx, const struct nsc_rx_file_options *options, struct nsc_error *error);

struct nsc_rx_file_part { /* one of the files; its poller stores the numbers relaxed, at each burst */
	char *path;
	uint64_t packets, bytes;    /* received, those that the filter refused included */
	uint64_t first_ns, last_ns; /* time of the first and the last packet delivered; NSC_UNKNOWN: there was none */
	uint64_t joined_at;         /* the byte of the first of these: */
	uint32_t joined;            /* headers of further capture files that stood behind the end of the first one */
	struct nsc_error failure;   /* why it was not read to its end; "" = it was, or was not wanted */
};

struct nsc_rx_file_refused { /* what the filter refused, when nothing passed it: all of it, and by the outer header */
	uint64_t packets, vlan, mpls, pppoe;
};

struct nsc_rx_file_direct {
	uint32_t files;   /* read past the page cache */
	uint32_t refused; /* that should have been and are not */
	uint32_t first;   /* the first of them */
	const char *why;  /* half a sentence: "it is compressed"; NULL = none was refused */
	bool in_flight;   /* several blocks at once, through io_uring */
};

struct nsc_rx_file_report {
	const struct nsc_rx_file_part *part; /* in the order given, `n` of them */
	uint32_t n;
	const uint32_t *over; /* so many of them are over: their failures are settled (acquire) */
	struct nsc_rx_file_refused refused;
	struct nsc_rx_file_direct direct;
	const char *no_meaning; /* why the filter has no meaning on one of the link types; NULL = it has on all */
};

/* What came out of each file, as long as the source is open. `direct` is right from the start, `refused` and
 * `no_meaning` are right after it has ended; the parts stay where they are and can be read while it is polled: numbers
 * relaxed, a failure when its part is over.
 */
struct nsc_rx_file_report nsc_rx_file_report(const struct nsc_rx *rx);

/* The feed that is read, or NULL; the source's. A feed has no end: where a connection ends, or its bytes are no
 * capture, the source goes on with the next one. Thread: any. */
struct nsc_feed;
struct nsc_feed *nsc_rx_file_feed(const struct nsc_rx *rx);

/* --- live: backends/sources/pcap.c, tpacket.c, dpdk.h ----------------------------------------- */

#define NSC_RINGS_MAX NSC_WORKERS_MAX
#define NSC_LIVE_INTERFACES_MAX 16u

struct nsc_live_group;

enum nsc_stamps { NSC_STAMPS_AUTO, NSC_STAMPS_SOFTWARE, NSC_STAMPS_HARDWARE };

struct nsc_live_options {
	const char *interface; /* a name that exists; pcap: "any" too */
	const char *filter;    /* libpcap filter expression, or NULL */
	bool promiscuous;
	bool immediate;         /* pcap: each packet as it comes; tpacket: a block timer of 1 ms */
	uint32_t snaplen;       /* cap_len is cut to this; 0 = all */
	uint32_t hold_ms;       /* longest time for which the kernel holds packets back, >= 1 */
	uint32_t hold_most_ms;  /* up to this it may be longer where few blocks would not last; <= hold_ms: as it is */
	uint64_t buffer_bytes;  /* between kernel and program, over all rings; 0 = the source's default */
	enum nsc_stamps stamps; /* AUTO: the kernel's clock */
	uint64_t count;         /* over all rings: stop after this many delivered packets; 0 = all */
	uint32_t rings;         /* tpacket: queues, 1..NSC_RINGS_MAX; pcap has one */
	const int *node;        /* tpacket: [rings], near which each ring's memory is taken, -1: anywhere; NULL: all
				   anywhere */
	bool apart;             /* `interface` is a port that the kernel does not have (backends/sources/dpdk.h) */
	/* of several interfaces, else NULL: */
	struct nsc_live_group *group; /* shares `count`, and the filters that come later */
	const uint32_t *ring_key;     /* [3]: flows go to rings of one number on all of them */
};

/* nsc_rx_pcap_open or nsc_rx_tpacket_open. */
typedef int nsc_rx_live_open_fn(struct nsc_rx **rx, const struct nsc_live_options *options, struct nsc_error *error);

/* Captures through libpcap. Frames are copied out of libpcap's buffer, which is ours only until the next one is asked
 * for, into slots of the source's own: a loan is a slot. What libpcap refuses is refused here with -errno and one
 * sentence: no such interface, a missing capability, a link type that decode does not know.
 * Thread: control. Allocates: all it will ever need (libpcap included). */
int nsc_rx_pcap_open(struct nsc_rx **rx, const struct nsc_live_options *options, struct nsc_error *error);

/* Captures through AF_PACKET rings, zero copy: a loan is a block of the ring. Fills rx[0..rings): one source for each
 * worker, all packets of one flow in the same (a fanout program, fanout.h). Counts begin when this returns; nothing
 * that came before is delivered. Thread: control. Allocates: all it will ever need. */
int nsc_rx_tpacket_open(struct nsc_rx **rx, const struct nsc_live_options *options, struct nsc_error *error);

/* Captures from `n` interfaces, 1..NSC_LIVE_INTERFACES_MAX, each opened by `open`. Fills rx[0..rings): each has one
 * ring of every interface, and gives their packets merged by time. One that is removed or fails ends alone, and the
 * source with the last. options->interface is not looked at; buffer_bytes are for all interfaces together, the default
 * for each. 0 or -errno and one sentence: nothing is open then. Thread: control. Allocates: all it will ever need. */
int nsc_rx_several_open(struct nsc_rx **rx, const struct nsc_live_options *options, const char *const *interface,
			uint32_t n, nsc_rx_live_open_fn *open, struct nsc_error *error);

/* The same with workers of its own for each interface: rings[i] of interface[i], together options->rings, one behind
 * the other. Packets of two interfaces never meet in one source. Opened by nsc_rx_tpacket_open. */
int nsc_rx_apart_open(struct nsc_rx **rx, const struct nsc_live_options *options, const char *const *interface,
		      const uint32_t *rings, uint32_t n, struct nsc_error *error);

struct nsc_rx_interface { /* one interface of a live capture, all its rings together */
	const char *name; /* the source's */
	struct nsc_rx_counters counters;
	const struct nsc_error *failure; /* why it gives nothing any more; NULL: it did not fail. The source's */
};

/* All interfaces of a capture that is live; `rx` is any of its sources. Returns how many. Thread: any. */
uint32_t nsc_rx_live_interfaces(struct nsc_rx *rx, struct nsc_rx_interface out[NSC_LIVE_INTERFACES_MAX]);

/* Another filter for a capture that runs; `rx` is any of its rings. It is compiled here, and the thread of each ring
 * takes it over within 100 ms or so. Every packet is judged by one of the two filters, and by the new one once all
 * rings have it; none is without a fate. `expression`: NULL = everything. 0 or -errno and one sentence: then nothing
 * changes. Only when nsc_rx_live_filtered. Thread: control. Allocates. */
int nsc_rx_live_filter(struct nsc_rx *rx, const char *expression, struct nsc_error *error);

/* Whether all rings have the last filter. *refused: 0, or, told once, -errno: the kernel does not take its program at a
 * ring, and each packet is judged by the ring's thread, for which more of them come. Thread: control. Blocks: never. */
bool nsc_rx_live_filtered(struct nsc_rx *rx, int *refused);

/* "4 rings of 64 blocks of 256 KiB, ...": what was laid out, for -v. Cut at size - 1. Thread: control. */
void nsc_rx_tpacket_describe(const struct nsc_rx *rx, char *text, size_t size);

/* --- backends/sources/synth.c ----------------------------------------------------------------- */

/* SYNs of an attack among the traffic: X(NAME, "name as option") */
#define NSC_SYNTH_ATTACKS(X)                                                                                           \
	X(NONE, "off")                                                                                                 \
	X(FLOOD, "flood")   /* spoofed sources, one address and port */                                                \
	X(SPREAD, "spread") /* spoofed sources, many addresses */                                                      \
	X(SCAN, "scan")     /* one source, one address, every port from 1 on in a scattered order */

enum nsc_synth_attack {
#define NSC_X(name, text) NSC_SYNTH_ATTACK_##name,
	NSC_SYNTH_ATTACKS(NSC_X)
#undef NSC_X
		NSC_SYNTH_ATTACK_COUNT
};

struct nsc_synth_options {                 /* a seed and these make the same packets everywhere, always */
	uint64_t seed;                     /* default 1 */
	uint64_t packets;                  /* packets to make, any; 0 = without end */
	uint64_t flows;                    /* concurrent flows, 1..2^26, default 1000 */
	double rate_pps;                   /* packets per second of packet time, 1..1e9, default 1e6 */
	uint64_t start_ns;                 /* time of the first packet, 0..9e18, default 1700000000 s */
	uint32_t payload_min, payload_max; /* L4 payload bytes of data packets, min <= max <= 9000, default 0..1400 */
	double tcp_share;                  /* share of flows that are TCP, 0..1, default 0.8 (the rest UDP) */
	double ipv6_share;                 /* 0..1, default 0.1 */
	double vlan_share;                 /* 0..1, default 0.05 */
	double fragment_share;             /* share of UDP datagrams sent as two fragments, 0..1, default 0 */
	double dns_share;                  /* share of UDP flows that are DNS query/answer pairs, 0..1, default 0.3 */
	double tls_share;                  /* share of TCP flows that begin with hellos of TLS, 0..1, default 0 */
	double http_share;                 /* the same with HTTP/1; tls_share + http_share <= 1 */
	double quic_share; /* share of UDP flows that begin with Initials of QUIC, 0..1, default 0; with dns_share <= 1
			    */
	uint32_t server_names; /* different names that these and DNS ask for, 1..2^26, default 10000 */
	double loss;    /* share of TCP data segments lost before the capture point and sent again, 0..1, default 0 */
	double reorder; /* share of TCP data segments swapped with the next one, default 0; loss + reorder <= 1 */
	uint64_t flow_packets;   /* mean packets in a flow before it ends and another takes its place, below 2^32; 0 =
				    never */
	bool handshake;          /* TCP flows begin with SYN, SYN+ACK, ACK and end with FINs, default true */
	uint32_t rtt_us;         /* round trip time at the capture point, 1..10^7, default 1000 */
	double elephant_share;   /* share of packets that fall on the first 1 % of flows, 0..1, default 0 (uniform) */
	uint32_t snaplen;        /* bytes kept of each packet; 0 = all */
	unsigned attack;         /* enum nsc_synth_attack, default none */
	double attack_share;     /* share of packets that are its SYNs while it lasts, 0..1, default 0.5 */
	uint64_t attack_sources; /* spoofed sources of flood and spread, 1..4194304, default 1000000 */
	uint32_t attack_targets; /* addresses of spread, 1..65536, default 65536 */
	double attack_every_s;   /* seconds of packet time from the begin of one to the next, 0..1e6; 0 = it never
				    pauses (default) */
	double attack_for_s;     /* how long each lasts, > 0 and <= attack_every_s when that is given, default 1 */
	bool paced;              /* packets come when their time has come: start_ns is when the source is opened */
};

void nsc_synth_defaults(struct nsc_synth_options *options);

/* Seeded traffic from memory. An option out of its range: -EINVAL and one sentence. Thread: control. Allocates: all it
 * will ever need. */
int nsc_rx_synth_open(struct nsc_rx **rx, const struct nsc_synth_options *options, struct nsc_error *error);

#endif
