/* SPDX-License-Identifier: MIT
 *
 * pcap: a header of 24 bytes, then records of 16 (or Kuznetzov's 24) bytes and a packet. The walks are one body,
 * specialised by constants: the two native ones have no branch on format in their loop.
 */
#include <errno.h>

#include <pcap/pcap.h>

#include "file.h"
#include "file_foreign.h"
#include "linktype.h"

#define RECORD_HEADER 16u
#define LINK_MASK 0x03ffffffu /* above it: the length of the frame check sequence */

enum nsc_pcap_lengths {
	LENGTHS_IN_ORDER,     /* captured, then original */
	LENGTHS_SWAPPED,      /* version before 2.3 */
	LENGTHS_MAYBE_SWAPPED /* version 2.3 exists both ways: the smaller one is what was captured */
};

static const struct {
	uint32_t magic;
	bool nano;
	uint8_t header;
} formats[] = {
	{ 0xa1b2c3d4, false, RECORD_HEADER },
	{ 0xa1b23c4d, true, RECORD_HEADER },
	{ 0xa1b2cd34, false, RECORD_HEADER + 8 }, /* Kuznetzov: interface index, protocol, packet type */
};

struct record {
	uint64_t ts_ns;
	uint32_t captured, wire;
};

nsc_always_inline struct record read_record(const uint8_t *at, struct nsc_pcap_shape shape)
{
	uint64_t seconds = nsc_file_u32(at, shape.swapped), part = nsc_file_u32(at + 4, shape.swapped);
	struct record r = {
		.ts_ns = seconds * NSC_NS_PER_SEC + (shape.nano ? part : part * 1000), /* < 2^63 for any input */
		.captured = nsc_file_u32(at + 8, shape.swapped),
		.wire = nsc_file_u32(at + 12, shape.swapped),
	};

	if (shape.lengths == LENGTHS_SWAPPED || (shape.lengths == LENGTHS_MAYBE_SWAPPED && r.captured > r.wire)) {
		uint32_t wire = r.captured;

		r.captured = r.wire;
		r.wire = wire;
	}
	return r;
}

/* What is no usual record: another file behind the end of this one, zeros, or damage. FULL: a packet without bytes. */
static __attribute__((noinline)) enum nsc_file_stop odd_record(struct nsc_rx_file *f, const uint8_t *at,
							       struct record r, bool begins)
{
	enum nsc_file_stop stop = f->guesses ? nsc_file_odd(f) : nsc_file_joined(f, at, begins);

	if (stop != NSC_FILE_FULL)
		return stop;
	if (r.captured)
		return nsc_file_damage(f, at, "a record claims %u captured bytes, and at most %u are possible",
				       r.captured, NSC_FILE_CAPTURED_MAX);
	return nsc_file_zeros(f, at, f->pcap.shape.header);
}

/* The header of the next record follows at `next`; of what is no usual record the time says nothing. */
static enum nsc_file_stop pcap_look(struct nsc_rx_file *f, struct nsc_pcap_shape shape, uint64_t ts_ns, bool begins,
				    const uint8_t *at, const uint8_t *next)
{
	bool there = f->end - next >= shape.header;
	struct record r = there ? read_record(next, shape) : (struct record){ .captured = 1 };
	bool odd = r.captured - 1 >= NSC_FILE_CAPTURED_MAX;

	return nsc_file_look(f, ts_ns, begins, there && !odd ? &r.ts_ns : NULL,
			     odd ? 0 : (uint32_t)(next - at) + shape.header);
}

nsc_always_inline uint32_t pcap_walk(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want,
				     struct nsc_pcap_shape shape, bool within)
{
	struct nsc_file_tally t = nsc_file_tally_begin(f);
	const uint8_t *pos = f->pos, *const end = f->end;
	const struct bpf_insn *const program = f->pcap.program;
	const uint32_t snaplen = f->snaplen;
	const uint8_t link = f->pcap.link;
	const bool watches = !f->own.delivered;
	const uint8_t *const border = within ? f->border : NULL;
	enum nsc_file_stop stop = NSC_FILE_FULL;
	uint32_t n = 0;

	while (n < want && (!within || pos < border)) {
		size_t have = (size_t)(end - pos);
		const uint8_t *data = pos + shape.header, *next;
		struct record r;

		if (nsc_unlikely(have < shape.header)) {
			stop = nsc_file_needs(f, shape.header);
			break;
		}
		r = read_record(pos, shape);
		if (nsc_unlikely(r.captured - 1 >= NSC_FILE_CAPTURED_MAX)) { /* 0, or too many */
			stop = odd_record(f, pos, r, !n);
			if (stop != NSC_FILE_FULL)
				break;
		}
		if (nsc_unlikely(have - shape.header < r.captured)) {
			stop = nsc_file_needs(f, shape.header + r.captured);
			break;
		}
		next = data + r.captured;
		nsc_prefetch(next + shape.header + r.captured); /* sizes come in runs: the header after next, if so */
		if (shape.maybe_filter && program && !bpf_filter(program, data, r.wire, NSC_MIN(r.captured, r.wire))) {
			pos = next;
			t.bytes += r.wire;
			t.filtered++;
			if (nsc_unlikely(watches))
				nsc_file_refused(f, data, NSC_MIN(r.captured, r.wire), link);
			continue;
		}
		if (nsc_unlikely(!nsc_steady_follow(&t.clock, r.ts_ns))) {
			f->clock.hand = t.clock;
			stop = pcap_look(f, shape, r.ts_ns, !n, pos, next);
			t.clock = f->clock.hand;
			if (stop != NSC_FILE_FULL)
				break;
		}
		pos = next;
		t.bytes += r.wire;
		nsc_file_emit(&pkt[n++], &t, data, r.ts_ns, r.captured, r.wire, snaplen, link, 0);
	}
	f->pos = pos;
	f->stop = stop;
	nsc_file_tally_end(f, &t, n);
	return n;
}

nsc_always_inline uint32_t pcap_walk_any(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want, bool within)
{
	const struct nsc_pcap *p = &f->pcap;

	if (p->plain && p->shape.nano)
		return pcap_walk(f, pkt, want, (struct nsc_pcap_shape){ .header = RECORD_HEADER, .nano = true },
				 within);
	if (p->plain)
		return pcap_walk(f, pkt, want, (struct nsc_pcap_shape){ .header = RECORD_HEADER }, within);
	return pcap_walk(f, pkt, want, p->shape, within);
}

uint32_t nsc_pcap_walk(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want)
{
	return pcap_walk_any(f, pkt, want, false);
}

uint32_t nsc_pcap_walk_within(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want)
{
	return pcap_walk_any(f, pkt, want, true);
}

/* --- where a record begins -------------------------------------------------------------------- */

enum {
	CHAIN = 16,      /* records in a row that look like some ... */
	CHAIN_LEAST = 2, /* ... and where the bytes end before, the one that goes beyond them comes behind so many */
};

/* Seconds of neighbours are within a week, either way. */
static bool follows_in_time(uint64_t before_ns, uint64_t ts_ns)
{
	return ts_ns - before_ns + NSC_STEADY_LEAP_NS <= 2 * NSC_STEADY_LEAP_NS;
}

static bool looks_like_record(const uint8_t *at, struct nsc_pcap_shape shape, struct record *r)
{
	*r = read_record(at, shape);
	return r->captured - 1 < NSC_FILE_CAPTURED_MAX && r->wire >= r->captured && r->wire <= NSC_FILE_CAPTURED_MAX &&
	       nsc_file_u32(at + 4, shape.swapped) < (shape.nano ? NSC_NS_PER_SEC : 1000000);
}

/* `looks`: how many records may still be looked at. */
static bool begins_chain(const uint8_t *at, const uint8_t *end, struct nsc_pcap_shape shape, uint32_t *looks)
{
	uint64_t before_ns = 0;

	for (uint32_t i = 0; i < CHAIN && end - at >= shape.header; i++) {
		struct record r;

		if (!looks_like_record(at, shape, &r) || (i && !follows_in_time(before_ns, r.ts_ns)))
			return false;
		*looks -= *looks > 0;
		before_ns = r.ts_ns;
		if ((size_t)(end - at) - shape.header < r.captured)
			return i >= CHAIN_LEAST;
		at += shape.header + r.captured;
	}
	return true;
}

size_t nsc_pcap_find(const struct nsc_rx_file *f, const uint8_t *at, size_t n)
{
	const struct nsc_pcap_shape shape = f->pcap.shape;
	size_t last = NSC_MIN(n, (size_t)NSC_FILE_CAPTURED_MAX + 2 * shape.header);
	uint32_t looks = NSC_FILE_LOOKS;

	for (size_t i = 0; i + shape.header <= last && looks; i++)
		if (begins_chain(at + i, at + n, shape, &looks))
			return i;
	return n;
}

/* --- the file header -------------------------------------------------------------------------- */

bool nsc_pcap_is_header(const uint8_t *at)
{
	uint32_t magic = nsc_file_u32(at, false);

	for (size_t i = 0; i < NSC_ARRAY_LEN(formats); i++) {
		bool swapped = magic != formats[i].magic;

		if (!swapped || magic == __builtin_bswap32(formats[i].magic))
			return nsc_file_u16(at + 4, swapped) == 2 && nsc_file_u16(at + 6, swapped) <= 4;
	}
	return false;
}

static int take_magic(struct nsc_rx_file *f)
{
	uint32_t magic = nsc_file_u32(f->pos, false);

	for (size_t i = 0; i < NSC_ARRAY_LEN(formats); i++) {
		if (magic != formats[i].magic && magic != __builtin_bswap32(formats[i].magic))
			continue;
		f->pcap.shape.swapped = magic != formats[i].magic;
		f->pcap.shape.nano = formats[i].nano;
		f->pcap.shape.header = formats[i].header;
		return 0;
	}
	nsc_file_more(f);
	if (nsc_file_foreign(f->path, !nsc_file_input_rewinds(f->input, f->part), f->pos, (size_t)(f->end - f->pos),
			     &f->rx.error))
		return -EINVAL;
	return nsc_fail(&f->rx.error, -EINVAL,
			"'%s' is no capture file: it begins with %02x %02x %02x %02x, which is neither pcap nor "
			"pcapng nor compressed",
			f->path, f->pos[0], f->pos[1], f->pos[2], f->pos[3]);
}

static int take_version(struct nsc_rx_file *f)
{
	unsigned major = nsc_file_u16(f->pos + 4, f->pcap.shape.swapped),
		 minor = nsc_file_u16(f->pos + 6, f->pcap.shape.swapped);

	if (major < 2)
		return nsc_fail(&f->rx.error, -EINVAL,
				"'%s' is pcap of version %u.%u, and the oldest that is known is 2.0", f->path, major,
				minor);
	if (major == 2 && minor < 3)
		f->pcap.shape.lengths = LENGTHS_SWAPPED;
	else if (major == 2 && minor == 3)
		f->pcap.shape.lengths = LENGTHS_MAYBE_SWAPPED;
	return 0;
}

static int take_link(struct nsc_rx_file *f)
{
	uint32_t linktype = nsc_file_u32(f->pos + 20, f->pcap.shape.swapped) & LINK_MASK;
	int row = nsc_linktype_row(linktype);

	if (row < 0)
		return nsc_file_refuse_link(f, linktype);
	f->pcap.link = nsc_linktypes[row].link;
	f->rx.linktype[f->pcap.link] = (uint16_t)linktype;
	f->rx.nanoseconds |= f->pcap.shape.nano;
	f->pcap.program = nsc_file_program(f, row);
	return 0;
}

int nsc_pcap_begin(struct nsc_rx_file *f)
{
	int status;

	f->pcap = (struct nsc_pcap){ .shape.maybe_filter = true };
	status = take_magic(f);
	if (!status)
		status = take_version(f);
	if (!status)
		status = take_link(f);
	if (status)
		return status;
	f->pcap.plain = !f->pcap.shape.swapped && f->pcap.shape.header == RECORD_HEADER && !f->pcap.program &&
			f->pcap.shape.lengths == LENGTHS_IN_ORDER;
	f->pos += NSC_PCAP_FILE_HEADER;
	return 0;
}

int nsc_pcap_open(struct nsc_rx_file *f)
{
	int status = take_magic(f);

	if (!status)
		status = nsc_file_ensure(f, NSC_PCAP_FILE_HEADER);
	return status ? status : nsc_pcap_begin(f);
}
