/* SPDX-License-Identifier: MIT
 *
 * Hops of 802.11, and of the headers that say how a frame was received: radiotap, PPI, Prism, AVS.
 */
#include "engine/decode/hop.h"

enum { /* frame control, first byte: version, type, subtype; second byte: flags */
       WLAN_VERSION = 0x03,
       WLAN_TYPE = 0x0c,
       WLAN_DATA = 0x08,
       WLAN_NO_DATA = 0x40,
       WLAN_QOS = 0x80,
       WLAN_BOTH_DS = 0x03,
       WLAN_PROTECTED = 0x40,
       WLAN_HT_CONTROL = 0x80,
       WLAN_AGGREGATE = 0x80, /* of the first byte of QoS control: several frames follow, each with a header */
};

enum { /* radiotap: the fields that stand in front of the flags, and what the flags say */
       RADIOTAP_HEADER = 8,
       RADIOTAP_TIME = 1u << 0,
       RADIOTAP_FLAGS = 1u << 1,
       RADIOTAP_MORE = 1u << 31,
       RADIOTAP_PADDED = 0x20,
};

/* Data with LLC goes on; a later part of a frame has no LLC. */
struct nsc_hop nsc_hop_wlan(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint8_t control, flags;
	uint32_t length = 24, qos;
	struct nsc_hop hop;
	bool swapped;

	if (n < 2)
		return nsc_hop_cut(2);
	swapped = type == NSC_WLAN_SWAPPED && (p[0] & (WLAN_VERSION | WLAN_TYPE)) != WLAN_DATA &&
		  (p[1] & (WLAN_VERSION | WLAN_TYPE)) == WLAN_DATA;
	control = p[swapped];
	flags = p[!swapped];
	if (control & WLAN_VERSION)
		return nsc_hop_end(n, 0, NSC_FATE_NON_IP);
	if ((control & WLAN_TYPE) != WLAN_DATA || control & WLAN_NO_DATA)
		return nsc_hop_end(n, 2, NSC_FATE_WLAN_CONTROL);
	length += (flags & WLAN_BOTH_DS) == WLAN_BOTH_DS ? 6 : 0;
	qos = length;
	length += control & WLAN_QOS ? 2 : 0;
	length += control & WLAN_QOS && flags & WLAN_HT_CONTROL ? 4 : 0;
	if (type == NSC_WLAN_PADDED)
		length = (length + 3) & ~3u;
	if (n < length)
		return nsc_hop_cut(length);
	if (flags & WLAN_PROTECTED)
		return nsc_hop_end(n, length, NSC_FATE_ENCRYPTED);
	if (p[22] & 15)
		return nsc_hop_end(n, length, NSC_FATE_WLAN_CONTROL);
	if (!(control & WLAN_QOS) || !(p[qos] & WLAN_AGGREGATE))
		return nsc_hop_to(n, length, NSC_HOP_LLC);
	hop = nsc_hop_to(n, length + 14, NSC_HOP_LLC); /* the first of the frames */
	if (hop.next == NSC_HOP_LLC)
		hop.payload = nsc_load16(p + length + 12);
	return hop;
}

/* Whether the radiotap header of `length` bytes, all of them there, says that the header behind it is padded. */
static bool hop_radiotap_is_padded(const uint8_t *p, uint32_t length, uint8_t *steps)
{
	uint32_t present = nsc_load32_little(p + 4), at = RADIOTAP_HEADER;

	while (nsc_load32_little(p + at - 4) & RADIOTAP_MORE && at + 4 <= length && *steps < NSC_HOP_STEPS_MAX) {
		at += 4;
		++*steps;
	}
	if (present & RADIOTAP_TIME)
		at = ((at + 7) & ~7u) + 8;
	return present & RADIOTAP_FLAGS && at < length && p[at] & RADIOTAP_PADDED;
}

struct nsc_hop nsc_hop_radiotap(const uint8_t *p, uint64_t n, uint16_t type)
{
	struct nsc_hop hop;
	uint32_t length;

	(void)type;
	if (n < RADIOTAP_HEADER)
		return nsc_hop_cut(RADIOTAP_HEADER);
	length = nsc_load16_little(p + 2);
	if (p[0] != 0 || length < RADIOTAP_HEADER)
		return nsc_hop_end(n, RADIOTAP_HEADER, NSC_FATE_NON_IP);
	hop = nsc_hop_to(n, length, NSC_HOP_WLAN);
	if (hop.next == NSC_HOP_WLAN && hop_radiotap_is_padded(p, length, &hop.steps))
		hop.type = NSC_WLAN_PADDED;
	return hop;
}

struct nsc_hop nsc_hop_ppi(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t length;

	(void)type;
	if (n < 8)
		return nsc_hop_cut(8);
	length = nsc_load16_little(p + 2);
	if (p[0] != 0 || length < 8)
		return nsc_hop_end(n, 8, NSC_FATE_NON_IP);
	return nsc_hop_typed(n, length, NSC_HOP_LINK, (uint16_t)NSC_MIN(nsc_load32_little(p + 4), UINT16_MAX));
}

struct nsc_hop nsc_hop_avs(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n < 8)
		return nsc_hop_cut(8);
	return nsc_load32(p + 4) < 8 ? nsc_hop_end(n, 8, NSC_FATE_NON_IP)
				     : nsc_hop_to(n, nsc_load32(p + 4), NSC_HOP_WLAN);
}

/* Some drivers write the newer header where this one is announced. */
struct nsc_hop nsc_hop_prism(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n >= 4 && nsc_load32(p) >> 4 == AVS_MARK >> 4)
		return nsc_hop_to(n, 0, NSC_HOP_AVS);
	return nsc_hop_to(n, 144, NSC_HOP_WLAN);
}
