/* SPDX-License-Identifier: MIT
 *
 * pcap and pcapng, field by field.
 */
#include "engine/text/pcap_format.h"

#include <string.h>

static uint8_t *pcap_put16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

static uint8_t *pcap_put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

static uint8_t *pcap_put64(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

static uint32_t pcap_get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* --- pcap ------------------------------------------------------------------------------------- */

uint8_t *nsc_pcap_put_header(uint8_t *at, uint16_t linktype, bool nanoseconds, uint32_t snaplen)
{
	at = pcap_put32(at, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
	at = pcap_put16(at, 2);
	at = pcap_put16(at, 4);
	at = pcap_put64(at, 0); /* time zone, accuracy: nobody uses them */
	at = pcap_put32(at, snaplen ? snaplen : NSC_PCAP_SNAPLEN);
	return pcap_put32(at, linktype);
}

bool nsc_pcap_time_fits(uint64_t ts_ns, bool nanoseconds)
{
	return ts_ns / NSC_NS_PER_SEC <= UINT32_MAX && (nanoseconds || ts_ns % 1000 == 0);
}

uint8_t *nsc_pcap_frame_record(uint8_t *bytes, const struct nsc_packet_record *record, bool nanoseconds)
{
	uint32_t part = (uint32_t)(record->ts_ns % NSC_NS_PER_SEC);
	uint8_t *at = bytes - NSC_PCAP_RECORD;

	at = pcap_put32(at, (uint32_t)(record->ts_ns / NSC_NS_PER_SEC));
	at = pcap_put32(at, nanoseconds ? part : part / 1000);
	at = pcap_put32(at, record->len);
	at = pcap_put32(at, record->wire_len);
	return at + record->len;
}

uint8_t *nsc_pcap_put_record(uint8_t *at, const struct nsc_packet_record *record, bool nanoseconds)
{
	memcpy(at + NSC_PCAP_RECORD, nsc_packet_bytes(record), record->len);
	return nsc_pcap_frame_record(at + NSC_PCAP_RECORD, record, nanoseconds);
}

uint32_t nsc_pcap_record_length(const uint8_t *at)
{
	return NSC_PCAP_RECORD + pcap_get32(at + 8);
}

/* --- pcapng ----------------------------------------------------------------------------------- */

uint8_t *nsc_pcapng_put_section(uint8_t *at)
{
	at = pcap_put32(at, 0x0a0d0d0a);
	at = pcap_put32(at, NSC_PCAPNG_SECTION);
	at = pcap_put32(at, 0x1a2b3c4d);
	at = pcap_put16(at, 1);
	at = pcap_put16(at, 0);
	at = pcap_put64(at, UINT64_MAX); /* its length is not known yet */
	return pcap_put32(at, NSC_PCAPNG_SECTION);
}

/* Late times lie in the 2^63 ns before 2^64 us: this many seconds are before all of them. */
#define LATE_OFFSET_SECONDS (NSC_TIME_WRAP_SECONDS - ((1ull << 63) / NSC_NS_PER_SEC + 1))

uint8_t *nsc_pcapng_put_interface(uint8_t *at, uint16_t linktype, enum nsc_pcapng_clock clock, uint32_t snaplen)
{
	return nsc_pcapng_put_named_interface(at, linktype, clock, snaplen, NULL);
}

static uint8_t *pcap_put_text(uint8_t *at, uint16_t option, const char *text, uint32_t size)
{
	uint32_t padding = -size & 3;

	at = pcap_put16(at, option);
	at = pcap_put16(at, (uint16_t)size);
	memcpy(at, text, size);
	memset(at + size, 0, padding);
	return at + size + padding;
}

uint8_t *nsc_pcapng_put_named_interface(uint8_t *at, uint16_t linktype, enum nsc_pcapng_clock clock, uint32_t snaplen,
					const char *name)
{
	uint32_t length = clock == NSC_PCAPNG_LATE_NS ? NSC_PCAPNG_INTERFACE_MAX : NSC_PCAPNG_INTERFACE;
	uint32_t size = name ? (uint32_t)strnlen(name, NSC_PCAPNG_NAME_MAX) : 0;

	length += size ? 4 + ((size + 3) & ~3u) : 0;
	at = pcap_put32(at, 1);
	at = pcap_put32(at, length);
	at = pcap_put16(at, linktype);
	at = pcap_put16(at, 0);
	at = pcap_put32(at, snaplen);
	if (size)
		at = pcap_put_text(at, 2, name, size); /* if_name */
	at = pcap_put16(at, 9);                        /* if_tsresol: the negative power of ten */
	at = pcap_put16(at, 1);
	at = pcap_put32(at, clock == NSC_PCAPNG_US ? 6 : 9);
	if (clock == NSC_PCAPNG_LATE_NS) {
		at = pcap_put16(at, 14); /* if_tsoffset: seconds */
		at = pcap_put16(at, 8);
		at = pcap_put64(at, LATE_OFFSET_SECONDS);
	}
	at = pcap_put32(at, 0); /* end of options */
	return pcap_put32(at, length);
}

/* A clock before 1970 is a count just below 2^64: see NSC_TIME_MAX. */
static uint64_t pcapng_ticks_of(uint64_t ts_ns, enum nsc_pcapng_clock clock)
{
	if (clock == NSC_PCAPNG_NS)
		return ts_ns;
	if (clock == NSC_PCAPNG_US)
		return ts_ns <= NSC_TIME_MAX ? ts_ns / 1000 : (uint64_t)((int64_t)ts_ns / 1000);
	return ts_ns + (NSC_TIME_WRAP_SECONDS - LATE_OFFSET_SECONDS) * NSC_NS_PER_SEC + NSC_TIME_WRAP_NS;
}

uint8_t *nsc_pcapng_frame_packet(uint8_t *bytes, const struct nsc_packet_record *record, uint32_t interface,
				 enum nsc_pcapng_clock clock)
{
	uint8_t *at = bytes - NSC_PCAPNG_FRAME.head;
	uint64_t ticks = pcapng_ticks_of(record->ts_ns, clock);
	uint32_t padding = -record->len & 3, length = NSC_PCAPNG_PACKET + record->len + padding;

	at = pcap_put32(at, 6);
	at = pcap_put32(at, length);
	at = pcap_put32(at, interface);
	at = pcap_put32(at, (uint32_t)(ticks >> 32));
	at = pcap_put32(at, (uint32_t)ticks);
	at = pcap_put32(at, record->len);
	at = pcap_put32(at, record->wire_len);
	for (uint32_t i = 0; i < padding; i++)
		at[record->len + i] = 0;
	return pcap_put32(at + record->len + padding, length);
}

uint8_t *nsc_pcapng_put_packet(uint8_t *at, const struct nsc_packet_record *record, uint32_t interface,
			       enum nsc_pcapng_clock clock)
{
	uint8_t *bytes = at + NSC_PCAPNG_FRAME.head;

	memcpy(bytes, nsc_packet_bytes(record), record->len);
	return nsc_pcapng_frame_packet(bytes, record, interface, clock);
}

uint8_t *nsc_pcapng_put_statistics(uint8_t *at, uint64_t ts_ns, uint32_t interface, enum nsc_pcapng_clock clock)
{
	uint64_t ticks = pcapng_ticks_of(ts_ns, clock);

	at = pcap_put32(at, 5);
	at = pcap_put32(at, NSC_PCAPNG_STATISTICS);
	at = pcap_put32(at, interface);
	at = pcap_put32(at, (uint32_t)(ticks >> 32));
	at = pcap_put32(at, (uint32_t)ticks);
	return pcap_put32(at, NSC_PCAPNG_STATISTICS);
}

uint8_t *nsc_pcapng_add_comment(uint8_t *block, uint8_t *end, bool bare, const uint8_t *text, uint16_t length)
{
	uint8_t *at = end - (bare ? 4 : 8); /* its length again, and the end of options */

	at = pcap_put_text(at, 1, (const char *)text, length); /* opt_comment */
	at = pcap_put32(at, 0);
	pcap_put32(block + 4, (uint32_t)(at + 4 - block));
	return pcap_put32(at, (uint32_t)(at + 4 - block));
}

uint32_t nsc_pcapng_block_length(const uint8_t *at)
{
	return pcap_get32(at + 4);
}
