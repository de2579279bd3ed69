/* SPDX-License-Identifier: MIT
 *
 * The index of a capture file, "a.000001.pcapng.nsx" beside "a.000001.pcapng": the bytes on the disk, as
 * docs/pcap-index.md tells them. Little endian everywhere.
 *
 * The file is a row of blocks of NSC_NSX_BLOCK bytes, each with a checksum of its own, so that what is read can be
 * checked without reading the rest. Offsets in it, "places", count payload bytes: place p lies in block
 * p / NSC_NSX_PAYLOAD, at byte p % NSC_NSX_PAYLOAD. The last block is the foot.
 *
 * A *page* is a row of whole records of the capture file, some 16 KiB. A *part* is an index of its own over some
 * thousand pages: its size is bounded, so that recording needs bounded memory. Parts are linked from the last to the
 * first.
 */
#ifndef NETSCOPE_INDEX_NSX_H
#define NETSCOPE_INDEX_NSX_H

#include "netscope/base.h"

#define NSC_NSX_MAGIC 0x3178736e2d63736eull      /* "nsc-nsx1", of the foot */
#define NSC_NSX_PART_MAGIC 0x747261702d78736eull /* "nsx-part", of each part */
#define NSC_NSX_SUFFIX ".nsx"

enum {
	NSC_NSX_VERSION = 1,
	NSC_NSX_BLOCK = 4096,
	NSC_NSX_PAYLOAD = NSC_NSX_BLOCK - 4, /* the checksum is behind it */
	NSC_NSX_PAGE = 16 * 1024,            /* bytes of the capture at which a page is full */
	NSC_NSX_PAGES_MAX = 8192,            /* of a part; so for the next two */
	NSC_NSX_CONVERSATIONS_MAX = 32768,
	NSC_NSX_POSTINGS_MAX = 131072,
	NSC_NSX_ENDS_MAX = 4 * NSC_NSX_CONVERSATIONS_MAX,
	NSC_NSX_LINE = 64, /* bytes of the Bloom filter, in which all bits of a hash are */
	NSC_NSX_BLOOM_BITS = 4,
	NSC_NSX_BLOOM_MAX = 4096,
	NSC_NSX_POSTINGS_BYTES_MAX = 3 * NSC_NSX_POSTINGS_MAX, /* a page's number has at most 13 bits */
	NSC_NSX_EDGE = 4096, /* bytes of the capture's begin and end that its identity is made of, at most */
};

/* nsc_nsx_foot.flags, nsc_nsx_page.packets */
#define NSC_NSX_DECAP 1u             /* addresses and ports of the innermost IP header */
#define NSC_NSX_DAMAGED 2u           /* the capture is damaged behind `covered` */
#define NSC_NSX_COMPRESSED 4u        /* all other bytes of the capture than `size` count decompressed data */
#define NSC_NSX_DESCRIBES (1u << 31) /* always read: headers, sections, interfaces, names, secrets */

struct nsc_nsx_foot {
	uint64_t magic;          /* NSC_NSX_MAGIC */
	uint32_t version;        /* NSC_NSX_VERSION */
	uint32_t flags;          /* NSC_NSX_* */
	uint64_t id;             /* any number of this index: in the checksum of each of its blocks */
	uint64_t size;           /* bytes of the capture file */
	uint32_t head_crc;       /* CRC-32 of its first min(size, NSC_NSX_EDGE) bytes */
	uint32_t tail_crc;       /* and of its last ones */
	uint64_t covered;        /* bytes of it that are indexed, from its begin; = size unless it is damaged */
	uint64_t packets;        /* in them */
	uint64_t min_ns, max_ns; /* packet time of those; min > max: there is none */
	uint64_t last_part;      /* place of the last part; NSC_UNKNOWN: there is none */
	uint32_t n_parts;
	uint32_t tunnels_crc; /* with DECAP: CRC-32 of the named ports of tunnels as text; 0 = none */
};

static_assert(sizeof(struct nsc_nsx_foot) == 88, "as on the disk");

struct nsc_nsx_part {
	uint64_t magic;      /* NSC_NSX_PART_MAGIC */
	uint64_t previous;   /* place of the part before; of the first part: NSC_UNKNOWN */
	uint64_t begin, end; /* bytes of the capture that its pages cover; begin is the end of the part before */
	uint64_t packets;
	uint64_t min_ns, max_ns;
	uint32_t n_pages;         /* 1..NSC_NSX_PAGES_MAX */
	uint32_t n_described;     /* pages that describe, 0..n_pages */
	uint32_t n_conversations; /* 0..NSC_NSX_CONVERSATIONS_MAX */
	uint32_t n_ends;          /* 0..NSC_NSX_ENDS_MAX */
	uint32_t bloom_lines;     /* 1..NSC_NSX_BLOOM_MAX, a power of two */
	uint32_t postings_bytes;  /* 0..NSC_NSX_POSTINGS_BYTES_MAX */
};

static_assert(sizeof(struct nsc_nsx_part) == 80, "as on the disk");

/* Behind it, one after the other: lines of the Bloom filter, numbers of the pages that describe, pages, conversations,
 * ends, postings. */

struct nsc_nsx_page {
	uint64_t begin;          /* byte of the capture: of a record */
	uint64_t min_ns, max_ns; /* packet time; min > max: no packet */
	uint32_t bytes;          /* up to the next page; >= 1 */
	uint32_t packets;        /* and NSC_NSX_DESCRIBES */
};

static_assert(sizeof(struct nsc_nsx_page) == 32, "as on the disk");

struct nsc_nsx_conversation {         /* in the order of `hash` */
	uint32_t hash_low, hash_high; /* nsc_conversation_hash */
	uint32_t postings;            /* where its postings begin; they end where those of the next one do */
};

static_assert(sizeof(struct nsc_nsx_conversation) == 12, "as on the disk");

struct nsc_nsx_end {           /* in the order of `hash`, then `conversation` */
	uint32_t hash;         /* upper half of nsc_host_hash, nsc_port_hash */
	uint32_t conversation; /* its number in this part */
};

static_assert(sizeof(struct nsc_nsx_end) == 8, "as on the disk");

/* The bits of a hash in its line: `line` has NSC_NSX_LINE bytes. */
nsc_always_inline uint32_t nsc_nsx_bloom_bit(uint64_t hash, unsigned i)
{
	static const uint8_t shift[] = { 32, 41, 50, 23 };

	return hash >> shift[i] & 511;
}

/* The checksum of block `number` of an index. Thread: any. */
uint32_t nsc_nsx_block_crc(uint64_t id, uint64_t number, const uint8_t payload[NSC_NSX_PAYLOAD]);

/* CRC-32 of the first (`end` false) or last bytes of a file of `size` bytes. 0 or -errno. */
int nsc_nsx_edge_crc(int fd, uint64_t size, bool end, uint32_t *crc);

/* Of the text that names ports of tunnels; 0 for NULL and "". */
uint32_t nsc_nsx_text_crc(const char *text);

#endif
