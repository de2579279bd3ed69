/* SPDX-License-Identifier: MIT
 *
 * The packets of a run as a capture file, or as segments of one size or one time. What was filtered or cut is what the
 * source was told.
 *
 * A segment ends by steady time, which the packets bring: at multiples of its length since 1970, so that segments are
 * the same whenever the writer comes by. Live one also ends when its time is over and no packet has come.
 *
 * The header of a file is written with its first packet, which tells the link type; a run without packets writes it at
 * the end. pcap holds one link type and one resolution of time; pcapng gets an interface for each that is met.
 */
#include "backends/index/nsx_writer.h"
#include "backends/sinks/outfile.h"
#include "backends/sinks/pcap_file.h"
#include "backends/sinks/pcap_segments.h"
#include "backends/sinks/zstd_frames.h"
#include "engine/text/pcap_format.h"
#include "netscope/clock.h"
#include "netscope/interfaces.h"
#include "netscope/kept.h"
#include "netscope/out.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { INTERFACES_MAX = 2048 }; /* names, link types and clocks that occur together */
enum { SEGMENT_TRIES = 1000 };

#define LATE_NS (2 * NSC_NS_PER_SEC) /* so long a live packet may be under way */

static_assert(NSC_PACKET_BYTES_MAX + NSC_KEPT_OF_PACKET_MAX + NSC_PCAPNG_NAMED_INTERFACE_MAX + UINT16_MAX + 4096 <=
		      NSC_PCAP_FILE_BUFFER,
	      "a packet, its comments, and an interface before it fit in the buffer");

struct interface {
	uint16_t linktype;
	uint8_t name;  /* its number */
	uint8_t clock; /* enum nsc_pcapng_clock */
};

static_assert(sizeof(struct interface) == 4, "compared as one word");

struct pcap_out {
	struct nsc_sink sink;
	bool pcapng;
	bool live;
	bool framed;       /* packets of the chunk at hand lie as the file will have them */
	bool nanoseconds;  /* the source's */
	uint16_t linktype; /* the source's first */
	uint32_t snaplen;
	uint64_t segment_max;               /* bytes; UINT64_MAX: any */
	uint64_t segment_ns;                /* time of a segment; 0: any */
	struct nsc_pcap_segments *segments; /* NULL: one file */
	uint64_t stop_at;   /* bytes of the file at which a packet is looked at: at the latest segment_max */
	uint64_t border_ns; /* steady time of the packet that does not belong to this segment; UINT64_MAX: none is known
			       yet, 0: no segment is open */
	uint64_t clock_ns, seen_ns;     /* live: of the newest packet, and when it was seen */
	struct nsc_nsx_writer *index;   /* of each segment; NULL: none is written */
	uint32_t unindexed;             /* segments without one, because it failed */
	struct nsc_error unindexed_why; /* of the first */
	int retention;                  /* 0, or -errno of an old segment that would not go */
	struct nsc_error retention_why;
	int broken;   /* 0, or -errno: nothing is written until a new file is begun */
	bool refused; /* by a packet that no new file would take */
	struct nsc_error why;
	uint32_t n_interfaces; /* described in this file; pcap: 1 with its header */
	size_t kept;           /* bytes of kept blocks that are in this file */
	size_t comments;       /* bytes of kept comments that are behind us */
	struct interface interface[INTERFACES_MAX];
	uint16_t last[NSC_INTERFACES_MAX + 1]; /* by name: the interface of the packet before */
	struct nsc_pcap_file file;
};

/* --- files ------------------------------------------------------------------------------------ */

static int pcap_out_open_file(struct pcap_out *p, const char *path, enum nsc_outfile_place_way way,
			      struct nsc_error *error)
{
	uint32_t (*length)(const uint8_t *at) = p->pcapng ? nsc_pcapng_block_length : nsc_pcap_record_length;
	int status = nsc_pcap_file_open(&p->file, path, way, length, error);

	p->n_interfaces = 0;
	if (!status && !p->live)
		nsc_outfile_place_may_set_aside(&p->file.place);
	return status;
}

/* One that would not go is told at the end: packets come first. */
static void note_retention(struct pcap_out *p, int status, const struct nsc_error *why)
{
	if (!status || p->retention)
		return;
	p->retention = status;
	p->retention_why = *why;
}

static void set_stop(struct pcap_out *p)
{
	p->stop_at = p->segment_max;
	if (p->segments)
		p->stop_at = NSC_MIN(p->stop_at, nsc_pcap_segments_room_for(p->segments));
}

static void begin_index(const struct pcap_out *p)
{
	if (!p->index)
		return;
	nsc_nsx_begin(p->index, p->file.place.path);
	if (p->file.frames)
		nsc_nsx_compressed(p->index);
}

/* The new segment is there before an old one goes. */
static int pcap_out_open_segment(struct pcap_out *p, struct nsc_error *error)
{
	int status = pcap_out_open_file(p, nsc_pcap_segments_next(p->segments), NSC_PLACE_NEW, error);
	struct nsc_error why;

	for (unsigned i = 0; status == -EEXIST && i < SEGMENT_TRIES; i++) { /* somebody has put a file there */
		nsc_pcap_segments_skip(p->segments);
		status = pcap_out_open_file(p, nsc_pcap_segments_next(p->segments), NSC_PLACE_NEW, error);
	}
	if (status)
		return status;
	status = nsc_pcap_segments_begun(p->segments, &why);
	note_retention(p, status, &why);
	set_stop(p);
	p->border_ns = UINT64_MAX;
	begin_index(p);
	return 0;
}

static void set_border(struct pcap_out *p, uint64_t clock_ns)
{
	if (p->segment_ns)
		p->border_ns = (clock_ns / p->segment_ns + 1) * p->segment_ns;
}

/* What is written next describes packets behind it. */
static void note_description(const struct pcap_out *p)
{
	if (p->index)
		nsc_nsx_describe(p->index, nsc_pcap_file_offset(&p->file));
}

/* Names and secrets stand before the packets that came after them. */
static int write_kept(struct pcap_out *p, struct nsc_error *error)
{
	const uint8_t *blocks;
	size_t left = p->pcapng ? nsc_kept_blocks(p->kept, &blocks) : 0;
	int status = 0;

	while (left && !status) {
		uint32_t length = nsc_pcapng_block_length(blocks);

		if (!nsc_pcap_file_has_room(&p->file, length))
			status = nsc_pcap_file_flush(&p->file, error);
		if (status)
			break;
		note_description(p);
		memcpy(p->file.next, blocks, length);
		nsc_pcap_file_commit(&p->file, p->file.next + length);
		p->kept += length;
		blocks += length;
		left -= length;
	}
	return status;
}

/* The comments of packet `number`, or of the section (0), behind byte *at of them. */
static uint8_t *add_comments(uint8_t *block, uint8_t *end, size_t *at, uint64_t number)
{
	const uint8_t *text;
	uint16_t length;

	for (bool bare = true; nsc_kept_next_comment(at, number, &text, &length); bare = false)
		end = nsc_pcapng_add_comment(block, end, bare, text, length);
	return end;
}

static uint32_t size_of_comments(size_t at, uint64_t number)
{
	uint32_t size = 0;
	const uint8_t *text;
	uint16_t length;

	while (nsc_kept_next_comment(&at, number, &text, &length))
		size += nsc_pcapng_comment_size(length);
	return size;
}

/* Written at once and alone: what follows it in the file are whole records. */
static int write_header(struct pcap_out *p, uint16_t linktype, enum nsc_pcapng_clock clock, struct nsc_error *error)
{
	struct nsc_pcap_file *f = &p->file;
	size_t comments = 0;
	int status;

	note_description(p);
	if (p->pcapng) {
		nsc_pcap_file_commit(f, add_comments(f->next, nsc_pcapng_put_section(f->next), &comments, 0));
	} else {
		nsc_pcap_file_commit(f, nsc_pcap_put_header(f->next, linktype, clock != NSC_PCAPNG_US, p->snaplen));
		p->interface[0] = (struct interface){ .linktype = linktype, .clock = clock };
		p->n_interfaces = 1;
	}
	p->kept = 0;
	status = nsc_pcap_file_flush(f, error);
	return status ? status : write_kept(p, error);
}

/* Of a file that is closed. Its packets are there, whether this works or not. The bytes of the index. */
static uint64_t end_index(struct pcap_out *p)
{
	struct nsc_nsx_made made;
	struct nsc_error why;

	if (!p->index)
		return 0;
	if (!nsc_nsx_end(p->index, p->file.plain, false, &made, &why))
		return made.bytes;
	p->unindexed_why = p->unindexed++ ? p->unindexed_why : why;
	return 0;
}

/* It is complete; the next packet opens another one. */
static int end_segment(struct pcap_out *p, struct nsc_error *error)
{
	int status = nsc_pcap_file_flush(&p->file, error);

	if (!status)
		status = nsc_pcap_file_settle(&p->file, error);
	nsc_pcap_segments_ended(p->segments, p->file.written + (status ? 0 : end_index(p)));
	if (!status)
		p->file.written = p->border_ns = 0;
	return status;
}

static int next_segment(struct pcap_out *p, struct nsc_error *error)
{
	int status = end_segment(p, error);

	return status ? status : pcap_out_open_segment(p, error);
}

/* Live: whether the newest packet's time and what has passed since lie beyond the segment. */
static bool segment_is_over(const struct pcap_out *p)
{
	uint64_t passed_ns = nsc_monotonic_ns() - p->seen_ns;

	return p->live && p->segment_ns && p->file.is_open && p->file.written && passed_ns > LATE_NS &&
	       p->clock_ns + passed_ns - LATE_NS >= p->border_ns;
}

/* --- packets ---------------------------------------------------------------------------------- */

/* pcap has the clock of its header. */
static enum nsc_pcapng_clock pcap_out_clock(const struct pcap_out *p, uint64_t ts_ns)
{
	if (p->pcapng || ts_ns > NSC_TIME_MAX)
		return nsc_pcapng_clock_of(ts_ns, p->nanoseconds);
	return p->nanoseconds ? NSC_PCAPNG_NS : NSC_PCAPNG_US;
}

/* pcap has one, without a name. */
static struct interface interface_of(const struct pcap_out *p, const struct nsc_packet_record *r,
				     enum nsc_pcapng_clock clock)
{
	return (struct interface){
		.linktype = r->linktype,
		.name = p->pcapng ? r->interface : 0,
		.clock = (uint8_t)clock,
	};
}

nsc_always_inline bool interface_is(const struct pcap_out *p, uint32_t i, struct interface wanted)
{
	return i < p->n_interfaces && !memcmp(&p->interface[i], &wanted, sizeof(wanted));
}

static __attribute__((noinline)) uint32_t find_other_interface(struct pcap_out *p, struct interface wanted)
{
	uint32_t i = 0;

	while (i < p->n_interfaces && !interface_is(p, i, wanted))
		i++;
	if (i < p->n_interfaces)
		p->last[wanted.name] = (uint16_t)i;
	return i;
}

/* Its number in the file; n_interfaces when it is not there. */
nsc_always_inline uint32_t find_interface(struct pcap_out *p, struct interface wanted)
{
	uint32_t i = p->last[wanted.name];

	return nsc_likely(interface_is(p, i, wanted)) ? i : find_other_interface(p, wanted);
}

/* `interface`: find_interface's; a new one is described before the packet. */
static uint64_t size_in_pcapng(const struct pcap_out *p, const struct nsc_packet_record *r, uint32_t interface,
			       struct interface wanted)
{
	uint64_t size = NSC_PCAPNG_PACKET + (((uint64_t)r->len + 3) & ~3ull) + size_of_comments(p->comments, r->number);
	const uint8_t *text;
	uint16_t length;

	if (interface < p->n_interfaces)
		return size;
	size += wanted.name                          ? NSC_PCAPNG_NAMED_INTERFACE_MAX
		: wanted.clock == NSC_PCAPNG_LATE_NS ? NSC_PCAPNG_INTERFACE_MAX
						     : NSC_PCAPNG_INTERFACE;
	if (nsc_kept_interface_comment(wanted.linktype, wanted.name, &text, &length))
		size += nsc_pcapng_comment_size(length);
	return size;
}

nsc_always_inline uint64_t size_in(const struct pcap_out *p, const struct nsc_packet_record *r, uint32_t interface,
				   struct interface wanted)
{
	return p->pcapng ? size_in_pcapng(p, r, interface, wanted) : NSC_PCAP_RECORD + (uint64_t)r->len;
}

static void describe_interface(struct pcap_out *p, struct interface wanted)
{
	uint8_t *block = p->file.next;
	uint8_t *end = nsc_pcapng_put_named_interface(block, wanted.linktype, wanted.clock, p->snaplen,
						      nsc_interface_name(wanted.name));
	const uint8_t *text;
	uint16_t length;

	note_description(p);
	if (nsc_kept_interface_comment(wanted.linktype, wanted.name, &text, &length))
		end = nsc_pcapng_add_comment(block, end, false, text, length);
	nsc_pcap_file_commit(&p->file, end);
	p->interface[p->n_interfaces++] = wanted;
}

static int pcap_out_refuse(struct pcap_out *p, const struct nsc_packet_record *r, struct nsc_error *error)
{
	p->refused = true;
	if (r->linktype != p->interface[0].linktype)
		return nsc_fail(error, -EINVAL,
				"%s: packet %" PRIu64
				" has link type %u, and this file holds link type %u: pcapng holds several "
				"(a name that ends in .pcapng)",
				p->file.place.path, r->number, r->linktype, p->interface[0].linktype);
	return nsc_fail(error, -EOVERFLOW,
			"%s: the time of packet %" PRIu64
			" does not fit in pcap, which ends in 2106 and keeps %s here: pcapng can "
			"(a name that ends in .pcapng)",
			p->file.place.path, r->number,
			p->interface[0].clock != NSC_PCAPNG_US ? "nanoseconds" : "microseconds");
}

/* In the segment that is written there is room for so many bytes more. */
static void shed_segments(struct pcap_out *p, uint64_t bytes)
{
	struct nsc_error why;

	if (!p->segments || p->file.size + bytes <= p->stop_at)
		return;
	note_retention(p, nsc_pcap_segments_shed(p->segments, p->file.size + bytes, &why), &why);
	set_stop(p);
}

/* Whether this packet belongs to another segment than the packets before it. */
static bool begins_segment(const struct pcap_out *p, const struct nsc_packet_record *r, uint64_t size)
{
	return p->file.written && (p->file.size + size > p->segment_max || r->clock_ns >= p->border_ns);
}

/* A new file for this packet, or the header of the one that is there, or a new interface in it. */
static int pcap_out_prepare(struct pcap_out *p, const struct nsc_packet_record *r, uint32_t *interface,
			    struct interface wanted, struct nsc_error *error)
{
	int status = nsc_pcap_file_has_room(&p->file, size_in(p, r, *interface, wanted))
			     ? 0
			     : nsc_pcap_file_flush(&p->file, error);

	if (!status && !p->file.is_open)
		status = pcap_out_open_segment(p, error);
	else if (!status && begins_segment(p, r, size_in(p, r, *interface, wanted)))
		status = next_segment(p, error);
	if (!status && !p->file.written) {
		status = write_header(p, r->linktype, wanted.clock, error);
		set_border(p, r->clock_ns);
	}
	if (!status)
		shed_segments(p, size_in(p, r, p->n_interfaces, wanted));
	*interface = find_interface(p, wanted);
	if (status || *interface < p->n_interfaces)
		return status;
	if (!p->pcapng)
		return pcap_out_refuse(p, r, error);
	p->refused = p->n_interfaces == INTERFACES_MAX;
	if (p->refused)
		return nsc_fail(error, -E2BIG,
				"%s: packet %" PRIu64 " would be the first of interface %u, and %u are possible",
				p->file.place.path, r->number, p->n_interfaces, INTERFACES_MAX);
	describe_interface(p, wanted);
	return 0;
}

/* In the chunk itself, where the packet lies as it will lie in the file: nothing is copied. */
static void pcap_out_frame_packet(struct pcap_out *p, const struct nsc_packet_record *r, uint32_t interface,
				  enum nsc_pcapng_clock clock)
{
	uint8_t *bytes = nsc_packet_framed(r);
	const uint8_t *end = p->pcapng ? nsc_pcapng_frame_packet(bytes, r, interface, clock)
				       : nsc_pcap_frame_record(bytes, r, clock != NSC_PCAPNG_US);

	nsc_pcap_file_lend(&p->file, bytes - p->sink.frame.head, end);
}

static int pcap_out_copy_packet(struct pcap_out *p, const struct nsc_packet_record *r, uint32_t interface,
				enum nsc_pcapng_clock clock, struct nsc_error *error)
{
	uint64_t size = NSC_PCAPNG_PACKET + (uint64_t)r->len + 3 + size_of_comments(p->comments, r->number);
	uint8_t *end, *next;
	int status = 0;

	if (!nsc_pcap_file_has_room(&p->file, size))
		status = nsc_pcap_file_flush(&p->file, error);
	if (status)
		return status;
	next = p->file.next;
	if (p->pcapng)
		end = add_comments(next, nsc_pcapng_put_packet(next, r, interface, clock), &p->comments, r->number);
	else
		end = nsc_pcap_put_record(next, r, clock != NSC_PCAPNG_US);
	nsc_pcap_file_commit(&p->file, end);
	return 0;
}

/* Comments before the packet's are behind us. */
static bool pcap_out_has_comment(struct pcap_out *p, uint64_t number)
{
	size_t at = p->comments;
	const uint8_t *text;
	uint16_t length;
	bool found = nsc_kept_next_comment(&at, number, &text, &length);

	p->comments = found ? p->comments : at;
	return found;
}

static bool pcap_out_may_frame(struct pcap_out *p, const struct nsc_packet_record *r)
{
	return p->framed && nsc_pcap_file_may_lend(&p->file, nsc_packet_bytes(r) - p->sink.frame.head) &&
	       !(p->pcapng && pcap_out_has_comment(p, r->number));
}

static void index_packet(struct pcap_out *p, const struct nsc_packet_record *r, uint64_t at)
{
	const struct nsc_packet pkt = nsc_packet_of(r);

	nsc_nsx_add(p->index, &pkt, at);
}

static int pcap_out_put_packet(struct pcap_out *p, const struct nsc_packet_record *r, struct nsc_error *error)
{
	enum nsc_pcapng_clock clock = pcap_out_clock(p, r->ts_ns);
	struct interface wanted = interface_of(p, r, clock);
	uint32_t interface = find_interface(p, wanted);
	uint64_t size = size_in(p, r, interface, wanted), at;
	int status = 0;

	if (interface == p->n_interfaces || p->file.size + size > p->stop_at || r->clock_ns >= p->border_ns)
		status = pcap_out_prepare(p, r, &interface, wanted, error);
	if (status)
		return status;
	if (!p->pcapng && !nsc_pcap_time_fits(r->ts_ns, clock != NSC_PCAPNG_US))
		return pcap_out_refuse(p, r, error);
	at = nsc_pcap_file_offset(&p->file);
	if (pcap_out_may_frame(p, r))
		pcap_out_frame_packet(p, r, interface, clock);
	else
		status = pcap_out_copy_packet(p, r, interface, clock, error);
	if (p->index && !status)
		index_packet(p, r, at);
	return status;
}

/* What was good before a packet that cannot be written is written all the same. */
static int pcap_packets(struct nsc_sink *sink, const struct nsc_packet_chunk *chunk, struct nsc_error *error)
{
	struct pcap_out *p = (struct pcap_out *)sink;
	const struct nsc_packet_record *record = nsc_packet_first(chunk);
	uint64_t before = p->file.lost;
	int flushed;

	p->framed = chunk->frame.head == p->sink.frame.head && chunk->frame.tail == p->sink.frame.tail;
	if (p->file.is_open && p->file.written && !p->broken)
		p->broken = write_kept(p, &p->why);
	for (uint32_t i = 0; i < chunk->n; i++, record = nsc_packet_next(record)) {
		p->broken = p->broken ? p->broken : pcap_out_put_packet(p, record, &p->why);
		sink->lost += p->broken != 0;
		p->clock_ns = record->clock_ns;
	}
	if (p->index)
		nsc_nsx_flush(p->index);
	if (p->live && p->segment_ns)
		p->seen_ns = nsc_monotonic_ns();
	flushed = p->file.is_open ? nsc_pcap_file_flush(&p->file, p->broken ? NULL : &p->why) : 0;
	p->broken = p->broken ? p->broken : flushed;
	sink->lost += p->file.lost - before;
	return p->broken ? nsc_fail(error, p->broken, "%s", p->why.text) : nsc_pcap_file_behind(&p->file, error);
}

static bool pcap_folder_gone(const struct pcap_out *p)
{
	return p->segments ? nsc_pcap_segments_gone(p->segments) : nsc_outfile_folder_gone(p->file.place.dir);
}

/* The next segment, or the one file anew. A segment without a header is left behind: it holds nothing. */
static int pcap_begin_anew(struct pcap_out *p, struct nsc_error *error)
{
	int status;

	p->n_interfaces = 0;
	if (!p->segments)
		return nsc_pcap_file_restart(&p->file, error);
	status = nsc_pcap_segments_room(p->segments, error);
	if (status)
		return status;
	nsc_pcap_file_close(&p->file);
	nsc_pcap_segments_ended(p->segments, p->file.written);
	return pcap_out_open_segment(p, error);
}

static int pcap_watch(struct pcap_out *p, struct nsc_error *error)
{
	bool begun;
	int status = nsc_pcap_file_watch(&p->file, &begun, error);

	if (begun)
		p->n_interfaces = 0;
	if (begun)
		begin_index(p);
	return status ? status : nsc_pcap_file_look(&p->file, error);
}

static int pcap_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct pcap_out *p = (struct pcap_out *)sink;

	if (!p->broken && pcap_folder_gone(p))
		p->broken =
			nsc_fail(&p->why, -ENOENT, "%s: cannot be written: its folder was removed", p->file.place.path);
	if (!p->broken && segment_is_over(p))
		p->broken = end_segment(p, &p->why);
	if (!p->broken)
		return pcap_watch(p, error);
	if (p->refused || (!p->segments && !p->file.place.regular) || pcap_begin_anew(p, NULL))
		return nsc_fail(error, p->broken, "%s", p->why.text);
	p->broken = 0;
	nsc_fail(error, 0, "%s: is written again, in a new file; %" PRIu64 " packets were lost", p->file.place.path,
		 sink->lost);
	return 1;
}

/* Somebody wants what was written until now: it is whole, and what follows comes into another file. */
static int pcap_rotate(struct nsc_sink *sink, struct nsc_error *error)
{
	struct pcap_out *p = (struct pcap_out *)sink;
	bool rotated;
	int status;

	if (p->broken || !p->file.is_open || !p->file.written)
		return 0;
	status = nsc_pcap_file_flush(&p->file, error);
	if (status || p->segments)
		return status ? status : next_segment(p, error);
	status = nsc_pcap_file_rotate(&p->file, &rotated, error);
	if (rotated)
		p->n_interfaces = 0;
	return status;
}

static int finish_file(struct pcap_out *p, struct nsc_error *error)
{
	enum nsc_pcapng_clock clock = p->nanoseconds ? NSC_PCAPNG_NS : NSC_PCAPNG_US;
	int status = p->file.written ? 0 : write_header(p, p->linktype, clock, error);

	if (!status)
		status = write_kept(p, error);
	if (!status)
		status = nsc_pcap_file_end(&p->file, error);
	if (!status)
		status = nsc_pcap_file_settle(&p->file, error);
	if (!status)
		end_index(p);
	return status;
}

static int pcap_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct pcap_out *p = (struct pcap_out *)sink;
	uint64_t before = p->file.lost;
	int status;

	if (p->broken)
		return nsc_fail(error, p->broken, "%s", p->why.text);
	status = p->file.is_open ? finish_file(p, error) : 0;
	sink->lost += p->file.lost - before;
	if (!status && p->retention) {
		*error = p->retention_why;
		return p->retention;
	}
	if (!status && p->unindexed)
		return nsc_fail(error, -EIO, "%s; %u file%s no index, and all packets", p->unindexed_why.text,
				p->unindexed, p->unindexed == 1 ? " has" : "s have");
	return status;
}

static const struct nsc_sink_ops pcap_ops = {
	.name = "pcap",
	.packet_bytes = NSC_PACKET_BYTES_MAX,
	.packets = pcap_packets,
	.rotate = pcap_rotate,
	.check = pcap_check,
	.finish = pcap_finish,
};

/* An enhanced packet block; the others describe. */
static bool pcapng_is_packet(const uint8_t *at)
{
	uint32_t type;

	memcpy(&type, at, sizeof(type));
	return type == 6;
}

/* --- open ------------------------------------------------------------------------------------- */

static bool names_pcapng(const char *path)
{
	static const char ending[] = ".pcapng";
	size_t n = strlen(path) - (nsc_zstd_frames_wanted(path) ? strlen(".zst") : 0);

	return n >= sizeof(ending) - 1 && !strncasecmp(path + n - (sizeof(ending) - 1), ending, sizeof(ending) - 1);
}

static uint16_t first_linktype(const struct nsc_rx *source)
{
	for (unsigned link = 0; link < NSC_LINK_COUNT; link++)
		if (source->linktype[link])
			return source->linktype[link];
	return 0;
}

/* They may be segments of a version that kept no list: somebody counts on their going. */
static void tell_of_strangers(const struct pcap_out *p, const struct nsc_out *out)
{
	size_t n = nsc_pcap_segments_strangers(p->segments);
	struct nsc_error said;

	if (!n || !(out->asked.write_pcap_max_files || out->asked.write_pcap_limit_mb) || !out->tell)
		return;
	nsc_fail(&said, 0, "%s: %zu file%s named like its segments, but not in its list of them: %s kept",
		 out->asked.write_pcap, n, n == 1 ? " is" : "s are", n == 1 ? "it is" : "they are");
	out->tell(&said);
}

static int open_rotation(struct pcap_out *p, const struct nsc_out *out, struct nsc_error *error)
{
	const char *path = out->asked.write_pcap;
	const struct nsc_pcap_segments_limits limits = {
		.files = out->asked.write_pcap_max_files,
		.bytes = out->asked.write_pcap_limit_mb << 20,
	};
	const struct nsc_nsx_writer_options index = { .decap = out->decap, .tunnels = out->tunnels };
	int status;

	if (nsc_out_descriptor(path) >= 0 || !strncmp(path, "/dev/", 5))
		return nsc_fail(error, -EINVAL, "%s: cannot be rotated: it is no path of a file", path);
	status = nsc_pcap_segments_open(&p->segments, path, limits, error);
	for (const char *input = out->inputs ? out->inputs : ""; !status && *input; input += strlen(input) + 1)
		if (strcmp(input, "-"))
			status = nsc_pcap_segments_refuse(p->segments, input, error);
	if (status)
		return status;
	tell_of_strangers(p, out);
	if (out->asked.write_pcap_index)
		status = nsc_nsx_writer_open(&p->index, &index, error);
	return status ? status : pcap_out_open_segment(p, error);
}

int nsc_write_pcap_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	const char *path = out->asked.write_pcap;
	struct pcap_out *p;
	int status;

	if (!nsc_outfile_wanted(path))
		return 0;
	p = calloc(1, sizeof(*p));
	if (!p)
		return nsc_fail(error, -ENOMEM, "%s: no memory to write packets", path);
	p->sink.ops = &pcap_ops;
	p->pcapng = names_pcapng(path);
	p->sink.frame = p->pcapng ? NSC_PCAPNG_FRAME : NSC_PCAP_FRAME;
	p->live = out->live;
	p->file.is_packet = p->pcapng ? pcapng_is_packet : NULL;
	p->nanoseconds = out->source->nanoseconds;
	p->linktype = first_linktype(out->source);
	p->snaplen = out->snaplen;
	p->segment_max = out->rotate_bytes ? out->rotate_bytes : UINT64_MAX;
	if (out->asked.write_pcap_limit_mb)
		p->segment_max = NSC_MIN(p->segment_max, out->asked.write_pcap_limit_mb << 19);
	p->segment_ns = out->rotate_ns;
	p->border_ns = UINT64_MAX;
	set_stop(p);
	status = out->rotate_bytes || out->rotate_ns ? open_rotation(p, out, error)
						     : pcap_out_open_file(p, path, NSC_PLACE_EMPTIED, error);
	if (!status && out->live)
		status = nsc_pcap_file_do_not_wait(&p->file, error);
	if (status) {
		nsc_write_pcap_close(&p->sink);
		return status;
	}
	*sink = &p->sink;
	return 0;
}

void nsc_write_pcap_close(struct nsc_sink *sink)
{
	struct pcap_out *p = (struct pcap_out *)sink;

	if (!p)
		return;
	nsc_pcap_file_close(&p->file);
	nsc_pcap_segments_close(p->segments);
	nsc_nsx_writer_close(p->index);
	free(p);
}
