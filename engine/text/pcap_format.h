/* SPDX-License-Identifier: MIT
 *
 * Capture files as bytes: pcap and pcapng, in this machine's byte order.
 *
 * Each function writes at `at`, where at least the named room must be, and returns the new end.
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_PCAP_FORMAT_H
#define NETSCOPE_TEXT_PCAP_FORMAT_H

#include "netscope/engine.h"

enum {
	NSC_PCAP_HEADER = 24,
	NSC_PCAP_RECORD = 16, /* before the bytes of a packet */
	NSC_PCAPNG_SECTION = 28,
	NSC_PCAPNG_INTERFACE = 32,     /* of an interface in microseconds or nanoseconds */
	NSC_PCAPNG_INTERFACE_MAX = 44, /* of one for late nanoseconds: it has an offset */
	NSC_PCAPNG_NAME_MAX = 64,
	NSC_PCAPNG_NAMED_INTERFACE_MAX = NSC_PCAPNG_INTERFACE_MAX + 4 + NSC_PCAPNG_NAME_MAX,
	NSC_PCAPNG_PACKET = 32, /* around the bytes of a packet and up to 3 of padding */
	NSC_PCAPNG_STATISTICS = 24,
	NSC_PCAP_SNAPLEN = NSC_PACKET_BYTES_MAX, /* "no limit", as tcpdump and dumpcap write it */
};

/* How an interface of pcapng counts time. In 64 bits, microseconds hold every time, those of clocks before 1970 too
 * (see NSC_TIME_MAX); nanoseconds of such a clock need an interface of their own, whose ticks begin at if_tsoffset. */
enum nsc_pcapng_clock { NSC_PCAPNG_US, NSC_PCAPNG_NS, NSC_PCAPNG_LATE_NS };

/* The clock that loses no digit of ts_ns; `ns`: no coarser than nanoseconds where that is free. */
nsc_always_inline enum nsc_pcapng_clock nsc_pcapng_clock_of(uint64_t ts_ns, bool ns)
{
	if (nsc_unlikely(ts_ns > NSC_TIME_MAX))
		return (int64_t)ts_ns % 1000 ? NSC_PCAPNG_LATE_NS : NSC_PCAPNG_US;
	return ns || ts_ns % 1000 ? NSC_PCAPNG_NS : NSC_PCAPNG_US;
}

/* Room: NSC_PCAP_HEADER. */
uint8_t *nsc_pcap_put_header(uint8_t *at, uint16_t linktype, bool nanoseconds, uint32_t snaplen);

/* What stands around the bytes of a packet that lie in place already, and the packet's frame in a chunk. */
#define NSC_PCAP_FRAME ((struct nsc_packet_frame){ .head = NSC_PCAP_RECORD })
#define NSC_PCAPNG_FRAME ((struct nsc_packet_frame){ .head = NSC_PCAPNG_PACKET - 4, .mask = 3, .tail = 4 })

/* Around `bytes`, before which NSC_PCAP_RECORD bytes are free; the new end. The time must fit: nsc_pcap_time_fits. */
uint8_t *nsc_pcap_frame_record(uint8_t *bytes, const struct nsc_packet_record *record, bool nanoseconds);

/* Room: NSC_PCAP_RECORD + record->len. The time must fit: nsc_pcap_time_fits. */
uint8_t *nsc_pcap_put_record(uint8_t *at, const struct nsc_packet_record *record, bool nanoseconds);

/* Whether pcap has room for the seconds (until 2106), and, in microseconds, no digit is lost. */
bool nsc_pcap_time_fits(uint64_t ts_ns, bool nanoseconds);

/* Room: NSC_PCAPNG_SECTION. */
uint8_t *nsc_pcapng_put_section(uint8_t *at);

/* Room: NSC_PCAPNG_INTERFACE_MAX. */
uint8_t *nsc_pcapng_put_interface(uint8_t *at, uint16_t linktype, enum nsc_pcapng_clock clock, uint32_t snaplen);

/* The same with a name of up to NSC_PCAPNG_NAME_MAX bytes, NULL = none. Room: NSC_PCAPNG_NAMED_INTERFACE_MAX. */
uint8_t *nsc_pcapng_put_named_interface(uint8_t *at, uint16_t linktype, enum nsc_pcapng_clock clock, uint32_t snaplen,
					const char *name);

/* Around `bytes`, with free room as NSC_PCAPNG_FRAME says. */
uint8_t *nsc_pcapng_frame_packet(uint8_t *bytes, const struct nsc_packet_record *record, uint32_t interface,
				 enum nsc_pcapng_clock clock);

/* Room: NSC_PCAPNG_PACKET + record->len + 3. `interface` counts from 0 in this section, and counts
 * time by `clock`. */
uint8_t *nsc_pcapng_put_packet(uint8_t *at, const struct nsc_packet_record *record, uint32_t interface,
			       enum nsc_pcapng_clock clock);

/* What became of an interface until then, for a comment to be added. Room: NSC_PCAPNG_STATISTICS. */
uint8_t *nsc_pcapng_put_statistics(uint8_t *at, uint64_t ts_ns, uint32_t interface, enum nsc_pcapng_clock clock);

/* Adds a comment, any bytes, to the whole block `block` of which all is written, and which ends at `end`: a section, an
 * interface, statistics or a packet. `bare`: the block has no option yet. Room: nsc_pcapng_comment_size(length). */
uint8_t *nsc_pcapng_add_comment(uint8_t *block, uint8_t *end, bool bare, const uint8_t *text, uint16_t length);

/* Bytes that a comment adds at most to its block. */
nsc_always_inline uint32_t nsc_pcapng_comment_size(uint16_t length)
{
	return 8 + ((length + 3u) & ~3u);
}

/* How long the record or block at `at` is. */
uint32_t nsc_pcap_record_length(const uint8_t *at);
uint32_t nsc_pcapng_block_length(const uint8_t *at);

#endif
