/* SPDX-License-Identifier: MIT
 *
 * What the parts of the capture file reader share: the blocks that are read into and lent, and the state of the walk.
 *
 * Memory is one mapping of `loans` slots; each slot is head room and then body:
 *
 *      | head room (part of a record from before) | body: read() writes here, from its start |
 *
 * A record that crosses the end of a body is moved into the head room of the next slot, so that every record lies in
 * one piece. Offsets in sentences count in the (decompressed) input.
 */
#ifndef NETSCOPE_SOURCES_FILE_H
#define NETSCOPE_SOURCES_FILE_H

#include <string.h>

#include "file_filter.h"
#include "file_input.h"
#include "file_places.h"
#include "netscope/rx.h"

#define NSC_FILE_BODY (1u << 20)      /* bytes for each read(); docs/reading.md has the measurement */
#define NSC_FILE_HEAD (512u << 10)    /* the largest record, pcapng block or pcap record, that may cross */
#define NSC_FILE_CAPTURED_MAX 262144u /* bytes captured of one packet, as in libpcap and wireshark */
#define NSC_FILE_LOANS_MAX 1024u
#define NSC_PCAPNG_MAGIC 0x0a0d0d0au /* the type of a section header, in both byte orders */
#define NSC_PCAP_FILE_HEADER 24u

/* Why a walk stopped. */
enum nsc_file_stop {
	NSC_FILE_FULL,   /* the burst has as many packets as were wanted */
	NSC_FILE_NEED,   /* the record at `pos` is `need` bytes long: read on */
	NSC_FILE_AGAIN,  /* what follows needs another walk (byte order) or burst (link type) */
	NSC_FILE_DAMAGE, /* the source has failed: state and rx.error are set */
};

struct nsc_file_slot {
	uint8_t *body;
	bool lent;
};

struct nsc_pcap_shape {
	bool swapped, nano, maybe_filter;
	uint8_t header;  /* bytes before a packet: 16, or 24 (Kuznetzov) */
	uint8_t lengths; /* enum nsc_pcap_lengths */
};

struct nsc_pcap {
	struct nsc_pcap_shape shape;
	uint8_t link;
	bool plain; /* native byte order, 16 bytes, lengths in order: the fast walks */
	const struct bpf_insn *program;
};

struct nsc_pcapng_interface {
	const struct bpf_insn *program;
	uint64_t multiply; /* ns = ticks * multiply >> shift, or / divide */
	uint64_t divide;   /* 1 for binary resolutions; 0: finer than any tick can reach, every time is 0 */
	int64_t offset_s;
	uint32_t snaplen; /* 0 = no limit */
	uint16_t linktype;
	uint8_t shift;
	uint8_t link;
	uint8_t interface; /* number of its name */
};

struct nsc_pcapng {
	struct nsc_pcapng_interface *interfaces; /* of this section; room for NSC_PCAPNG_INTERFACES_MAX */
	uint32_t n_interfaces;
	uint32_t skip_left;          /* bytes of a block without packet still to pass over */
	uint32_t skip_total;         /* its length, which its trailer must repeat; 0 = none under way */
	uint32_t unknown_link;       /* the first link type that decode does not know ... */
	bool has_strange, has_known; /* ... seen so far */
	bool swapped;
};

/* What a block's own walk says of the times in it: file_blocks.c. */
struct nsc_file_guess {
	bool begun;        /* a packet has come */
	bool pauses;       /* one that is so late that it could take a step back */
	uint64_t first_ns; /* packet time of the first one, and the least */
	uint64_t least_ns;
};

struct nsc_rx_file {
	struct nsc_rx rx;
	/* the walk */
	const uint8_t *pos;   /* next record; [pos, end) is read and not walked */
	uint8_t *end, *limit; /* read() goes on at end; limit is the end of the body */
	struct nsc_steady clock;
	uint64_t last_ns; /* time of the packet before */
	uint64_t left;    /* packets still to deliver under `count` */
	uint32_t snaplen; /* UINT32_MAX = as captured */
	uint32_t need;
	uint32_t state; /* enum nsc_rx_state */
	bool is_pcapng;
	bool interrupted; /* the last read ended with a signal */
	bool peeks;       /* a whole packet waits for the time of the next one */
	bool alone;       /* the next one has not come: the input has ended, or a pipe pauses */
	bool begins;      /* the header of the file comes next */
	bool ended;       /* the last file is over */
	bool looks;       /* at the headers only: the file is begun again later */
	bool keeps;       /* what stands beside packets: kept.h */
	bool in_zeros;    /* since byte `zeros_at` nothing but zeros came */
	enum nsc_file_stop stop;
	struct nsc_pcap pcap;
	struct nsc_pcapng pcapng;
	struct nsc_rx_counters own; /* the owner's */
	/* the blocks */
	uint64_t seq;     /* loan number of the current slot, from 1 */
	uint64_t oldest;  /* no slot before this loan number is lent */
	uint64_t decoded; /* bytes of the (decompressed) input that were read */
	uint32_t n_slots;
	struct nsc_file_slot *slots;
	void *mapping;
	size_t mapping_size;
	struct nsc_file_input *input;
	struct nsc_file_filter *filter;
	/* the files */
	struct nsc_rx_file_part *parts;
	uint32_t n_parts, part; /* how many; which one is read */
	uint32_t over;          /* how many are over: stored with release, read by other threads */
	const char *path;       /* its name */
	uint64_t zeros_at;
	uint64_t taken_before;         /* bytes taken of those before it */
	uint64_t received_before;      /* of a feed: packets of the connections before this one */
	struct nsc_rx_counters before; /* `own` when it began */
	/* the filter */
	struct nsc_rx_file_refused refused; /* before the first packet that passed */
	bool has_filter;                    /* some interface was met on which it has a meaning */
	struct nsc_rx_file_part *no_filter; /* the first file with one on which it has none */
	struct nsc_error why_no_filter;
	struct nsc_rx_file_part *failed; /* the first that could not be read to its end */
	/* when it is read in blocks: the source as one reader would have it, and one more for each block that guesses
	 */
	struct nsc_file_blocks *blocks;
	const uint8_t *border; /* a record that begins here or behind it is of another block; NULL: polled */
	bool guesses;          /* knows nothing of what stands before the block */
	bool odd;              /* and has met what it cannot judge without */
	struct nsc_file_guess guess;
	/* where it lies: file_places.c */
	struct nsc_file_described described;
	/* read by other threads, written by the owner once per poll: a line of its own */
	alignas(NSC_CACHE_LINE) struct nsc_rx_counters shared;
};

/* What a walk counts; lives in registers. */
struct nsc_file_tally {
	struct nsc_steady_hand clock;
	uint64_t last_ns, bytes;
	uint32_t filtered, backwards, snapped;
};

/* --- file.c ----------------------------------------------------------------------------------- */

/* Ends the source as damaged at `at`: "'path': damaged at byte N: <why>". Always NSC_FILE_DAMAGE. */
enum nsc_file_stop nsc_file_damage(struct nsc_rx_file *f, const uint8_t *at, const char *format, ...) nsc_printf(3, 4);

/* Reads on until `bytes` lie behind pos, for headers at open. 0, -ENODATA at the end of the input, another -errno with
 * the sentence in f->rx.error. */
int nsc_file_ensure(struct nsc_rx_file *f, uint32_t bytes);

/* Reads once more, if there is anything to be had now: to see what a file is that cannot be read. */
void nsc_file_more(struct nsc_rx_file *f);

/* Byte of the (decompressed) input at which `at` lies, which lies in what was read last. */
uint64_t nsc_file_offset(const struct nsc_rx_file *f, const uint8_t *at);

/* Reads once. True when there are more bytes; false when nothing can be had now (f->state stays MORE) or ever. */
bool nsc_file_fill(struct nsc_rx_file *f);

/* One walk, of a header, zeros or packets, up to the border. As nsc_pcap_walk_within. */
uint32_t nsc_file_walk_within(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want);

/* After each step: the numbers that others read; at the end of a file the next one is begun. */
void nsc_file_step_ends(struct nsc_rx_file *f, const struct nsc_packet *pkt, uint32_t n);

/* The sentence for a link type that decode does not know. -EPROTONOSUPPORT. */
int nsc_file_refuse_link(struct nsc_rx_file *f, uint32_t linktype);

/* The filter's program for a row of linktype.h; on a link on which it has no meaning, and on one that has no row (-1),
 * it is false. NULL without a filter. Allocates: never. */
const struct bpf_insn *nsc_file_program(struct nsc_rx_file *f, int row);

/* The record at `at`, of `length` bytes, describes packets behind it. */
void nsc_file_describes(struct nsc_rx_file *f, const uint8_t *at, uint32_t length);

/* Counts what a packet that the filter refused carries. */
void nsc_file_refused(struct nsc_rx_file *f, const uint8_t *data, uint32_t captured, unsigned link);

/* Between two packets: whether another capture file begins at `at`, where 16 bytes are there. AGAIN when it does: the
 * walk ends there, and when it `begins` there, the file goes on with that header. FULL: it does not. */
enum nsc_file_stop nsc_file_joined(struct nsc_rx_file *f, const uint8_t *at, bool begins);

/* Whether the record at `at`, with a header of `header` bytes, is the first of nothing but zeros. FULL: it is not. */
enum nsc_file_stop nsc_file_zeros(struct nsc_rx_file *f, const uint8_t *at, uint32_t header);

/* From `at` on, zeros are expected up to the end of the file. AGAIN. */
enum nsc_file_stop nsc_file_zeros_begin(struct nsc_rx_file *f, const uint8_t *at);

/* Of a packet that is not in order (f->clock.hand is the tally's): FULL when it may be taken; AGAIN when it begins the
 * next burst; NEED when the time of the next packet decides, which lies within `need` bytes from this one's record on.
 * `next_ns` is that time, NULL when it is not known; with a `need` of 0 it never will be. */
enum nsc_file_stop nsc_file_look(struct nsc_rx_file *f, uint64_t ts_ns, bool begins, const uint64_t *next_ns,
				 uint32_t need);

/* --- file_pcap.c, file_pcapng.c --------------------------------------------------------------- */

/* Take the file header (pcapng: all blocks before the first packet). 0, or -errno and the sentence in f->rx.error. */
int nsc_pcap_open(struct nsc_rx_file *f);
int nsc_pcapng_open(struct nsc_rx_file *f);
void nsc_pcapng_close(struct nsc_rx_file *f);

/* The same between two packets, when NSC_PCAP_FILE_HEADER bytes (pcapng: 4) are there; pcapng's blocks are left to the
 * walk. Allocates: pcapng, a table of interfaces when no file before had one. */
int nsc_pcap_begin(struct nsc_rx_file *f);
bool nsc_pcap_is_header(const uint8_t *at); /* 8 bytes there: magic and version of pcap */
int nsc_pcapng_begin(struct nsc_rx_file *f);
bool nsc_pcapng_is_header(const uint8_t *at); /* 12 bytes there: type and byte order of a section */

/* Describe up to `want` packets from pos on. Return how many and set f->stop.
 * Thread: owner. Allocates: never. Blocks: never. */
uint32_t nsc_pcap_walk(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want);
uint32_t nsc_pcapng_walk(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want);

/* The same, of records that begin before f->border. FULL with fewer than `want`: the border was reached. */
uint32_t nsc_pcap_walk_within(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want);
uint32_t nsc_pcapng_walk_within(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want);

/* Where in at[0..n) a record begins that looks like one, and so do those behind it; n: nowhere. Wrong now and then: a
 * packet may carry a capture file. Reads f's format alone. At most NSC_FILE_LOOKS records are looked at.
 * Thread: any. Allocates, blocks: never. */
#define NSC_FILE_LOOKS 16384u
size_t nsc_pcap_find(const struct nsc_rx_file *f, const uint8_t *at, size_t n);
size_t nsc_pcapng_find(const struct nsc_rx_file *f, const uint8_t *at, size_t n);

/* --- file_blocks.c ---------------------------------------------------------------------------- */

/* For a source whose first headers were read: `blocks` blocks at once, each of `block_bytes` (0: the most). Leaves
 * rx.blocks NULL when a file is a pipe or compressed. 0, or -errno and the sentence in f->rx.error.
 * Thread: control. Allocates: all. */
int nsc_file_blocks_open(struct nsc_rx_file *f, uint32_t blocks, uint32_t block_bytes);
void nsc_file_blocks_close(struct nsc_rx_file *f);

/* The interfaces of a section give way to those of another one, or pcap's format to another: blocks ahead may be at
 * work with them, so the new ones lie elsewhere, and nothing is guessed in what is left of this file. */
void nsc_file_format_changes(struct nsc_rx_file *f);

/* For nsc_file_fill: reads on behind a block. As nsc_file_input_read. */
ssize_t nsc_file_blocks_read_on(struct nsc_rx_file *f, struct nsc_error *why);

/* For a block that guesses: its own packet is not in order. FULL when the clock of a steady capture would take it. */
enum nsc_file_stop nsc_file_guess_time(struct nsc_rx_file *f, uint64_t ts_ns);

/* Ends a guess. Always NSC_FILE_DAMAGE. */
nsc_always_inline enum nsc_file_stop nsc_file_odd(struct nsc_rx_file *f)
{
	f->odd = true;
	return NSC_FILE_DAMAGE;
}

/* --- for the walks ---------------------------------------------------------------------------- */

nsc_always_inline uint32_t nsc_file_u32(const uint8_t *at, bool swapped)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return swapped ? __builtin_bswap32(v) : v;
}

nsc_always_inline uint16_t nsc_file_u16(const uint8_t *at, bool swapped)
{
	uint16_t v;

	memcpy(&v, at, sizeof(v));
	return swapped ? __builtin_bswap16(v) : v;
}

nsc_always_inline enum nsc_file_stop nsc_file_needs(struct nsc_rx_file *f, uint32_t bytes)
{
	f->need = bytes;
	return NSC_FILE_NEED;
}

nsc_always_inline struct nsc_file_tally nsc_file_tally_begin(const struct nsc_rx_file *f)
{
	return (struct nsc_file_tally){ .clock = f->clock.hand, .last_ns = f->last_ns };
}

nsc_always_inline void nsc_file_tally_end(struct nsc_rx_file *f, const struct nsc_file_tally *t, uint32_t delivered)
{
	f->clock.hand = t->clock;
	f->last_ns = t->last_ns;
	f->left -= delivered;
	f->own.received += delivered + t->filtered;
	f->own.received_bytes += t->bytes;
	f->own.filtered += t->filtered;
	f->own.delivered += delivered;
	f->own.ts_backwards += t->backwards;
	f->own.snapped += t->snapped;
}

/* Writes one descriptor of a packet whose time the clock has taken: a whole cache line, and starts fetching what decode
 * reads first. */
nsc_always_inline void nsc_file_emit(struct nsc_packet *pkt, struct nsc_file_tally *t, const uint8_t *data,
				     uint64_t ts_ns, uint32_t captured, uint32_t wire, uint32_t snaplen, uint8_t link,
				     uint8_t interface)
{
	uint32_t cap_len = NSC_MIN(NSC_MIN(captured, wire), snaplen);

	nsc_prefetch(data);
	nsc_prefetch(data + NSC_CACHE_LINE);
	t->backwards += ts_ns < t->last_ns;
	t->last_ns = ts_ns;
	t->snapped += cap_len < wire;
	*pkt = (struct nsc_packet){
		.data = data,
		.ts_ns = ts_ns,
		.clock_ns = t->clock.now_ns,
		.cap_len = cap_len,
		.wire_len = wire,
		.link = link,
		.interface = interface,
	};
}

#endif
