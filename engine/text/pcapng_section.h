/* SPDX-License-Identifier: MIT
 *
 * A section of pcapng out of packets of any interfaces and link types: each is described before its first packet.
 *
 * Thread: the section's owner. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_PCAPNG_SECTION_H
#define NETSCOPE_TEXT_PCAPNG_SECTION_H

#include "engine/text/pcap_format.h"

enum { NSC_PCAPNG_KNOWN = 64 };

/* One that was described long ago is described again: interfaces are few, and a file that a capture stitched together
 * from many must not cost more memory. */
struct nsc_pcapng_section {
	uint32_t n; /* interfaces described so far; the newest NSC_PCAPNG_KNOWN of them are in interface[] */
	struct {
		uint16_t linktype;
		uint8_t name;  /* its number, 0 = none (interfaces.h) */
		uint8_t clock; /* enum nsc_pcapng_clock */
	} interface[NSC_PCAPNG_KNOWN];
};

/* Bytes that a packet of `len` bytes takes at most, with its interface. */
nsc_always_inline uint32_t nsc_pcapng_section_room(uint32_t len)
{
	return NSC_PCAPNG_NAMED_INTERFACE_MAX + NSC_PCAPNG_PACKET + len + 3;
}

/* The packet, in nanoseconds, and before it its interface when it is new. `section` is zeroed at first; the section's
 * own block is the caller's. Writes at `at`, where nsc_pcapng_section_room(record->len) bytes must be; the new end. */
uint8_t *nsc_pcapng_section_add(struct nsc_pcapng_section *section, uint8_t *at,
				const struct nsc_packet_record *record);

#endif
