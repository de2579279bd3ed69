/* SPDX-License-Identifier: MIT
 *
 * pcapng: blocks of many kinds. Enhanced packet blocks of known interfaces stay in the walk; all else leaves it.
 */
#include <errno.h>
#include <sys/mman.h>

#include <pcap/pcap.h>

#include "file.h"
#include "linktype.h"
#include "netscope/interfaces.h"
#include "netscope/kept.h"

enum { /* block types */
       SECTION = 0x0a0d0d0a,
       INTERFACE = 1,
       PACKET = 2, /* the obsolete one */
       SIMPLE_PACKET = 3,
       ENHANCED_PACKET = 6,
};

enum { /* blocks that pcapng output repeats: their fields are the writer's */
       NAMES = 4,
       SECRETS = 10,
       CUSTOM = 0xbad,           /* whoever rewrites a file may copy it */
       CUSTOM_HERE = 0x40000bad, /* and of this, nobody may */
       JOURNAL = 9,
};

enum { /* options */
       OPT_END = 0,
       OPT_COMMENT = 1,
       OPT_NAME = 2,
       OPT_TSRESOL = 9,
       OPT_TSOFFSET = 14,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define BLOCK_MIN 12u /* type, length, length again */
#define SECTION_MIN 28u
#define INTERFACE_MIN 20u
#define SIMPLE_MIN 16u
#define PACKET_MIN 32u /* of both other packet blocks */
#define INTERFACES_MAX 65536u
#define INTERFACES_SIZE (INTERFACES_MAX * sizeof(struct nsc_pcapng_interface))

/* A block that lies in one piece at `at`. */
struct block {
	const uint8_t *at;
	uint32_t type, length;
};

/* A packet as its block tells it, before the interface has been asked. */
struct view {
	const uint8_t *data;
	uint64_t ticks;
	uint32_t interface, captured, wire;
	bool timed;
};

static bool holds_packet(uint32_t type)
{
	return type == ENHANCED_PACKET || type == SIMPLE_PACKET || type == PACKET;
}

/* --- time ------------------------------------------------------------------------------------- */

/* if_tsresol: a power of ten, or of two with the high bit set. */
static void set_resolution(struct nsc_pcapng_interface *i, uint8_t resolution)
{
	unsigned exponent = resolution & 0x7f;

	i->multiply = NSC_NS_PER_SEC;
	i->divide = 1;
	i->shift = 0;
	if (resolution & 0x80) {
		i->shift = (uint8_t)exponent;
		return;
	}
	for (; exponent && i->multiply > 1; exponent--)
		i->multiply /= 10;
	for (; exponent && i->divide; exponent--)
		i->divide = i->divide > UINT64_MAX / 10 ? 0 : i->divide * 10;
}

/* A tick of 1 us is exactly representable; a power of two is not, and its times need all digits. */
static bool finer_than_us(const struct nsc_pcapng_interface *i)
{
	return i->shift || i->divide != 1 || i->multiply < 1000;
}

/* A clock before 1970, written as an unsigned count of microseconds, keeps its distance from 2^64 us: see base.h. */
static __attribute__((noinline)) uint64_t late_time_ns(__int128 ns)
{
	const __int128 wrap = (__int128)NSC_TIME_WRAP_SECONDS * (int64_t)NSC_NS_PER_SEC + NSC_TIME_WRAP_NS;

	return ns < wrap && ns >= wrap + INT64_MIN ? (uint64_t)(ns - wrap) : NSC_TIME_MAX;
}

/* Exact in 128 bits: ticks * multiply < 2^94. Clamped to 0..NSC_TIME_MAX but for clocks before 1970. */
nsc_always_inline uint64_t time_ns(const struct nsc_pcapng_interface *i, uint64_t ticks)
{
	unsigned __int128 scaled = (unsigned __int128)ticks * i->multiply >> i->shift;
	__int128 ns;

	if (nsc_unlikely(i->divide != 1))
		scaled = i->divide ? scaled / i->divide : 0;
	ns = (__int128)scaled + (__int128)i->offset_s * (int64_t)NSC_NS_PER_SEC;
	if (nsc_unlikely(ns < 0))
		return 0;
	return nsc_unlikely(ns > NSC_TIME_MAX) ? late_time_ns(ns) : (uint64_t)ns;
}

/* --- section and interface blocks ------------------------------------------------------------- */

struct option {
	unsigned code, length;
	const uint8_t *value; /* padded to four bytes */
};

/* The option of a block at *offset, which goes on behind it. 1 = there is one, 0 = there is none, -1 = it runs over the
 * end of the block. */
static int next_option(struct block b, uint32_t *offset, bool swapped, struct option *o)
{
	const uint8_t *at = b.at + *offset;
	uint32_t left = b.length - 4 - *offset, padded;

	if (left < 4)
		return 0;
	*o = (struct option){ nsc_file_u16(at, swapped), nsc_file_u16(at + 2, swapped), at + 4 };
	padded = (o->length + 3) & ~3u;
	if (o->code == OPT_END)
		return 0;
	if (padded > left - 4)
		return -1;
	*offset += 4 + padded;
	return 1;
}

/* Of an interface: NULL or its first comment. */
static int take_interface_options(struct nsc_rx_file *f, struct block b, struct nsc_pcapng_interface *i,
				  struct option *comment)
{
	const bool swapped = f->pcapng.swapped;
	uint32_t offset = INTERFACE_MIN - 4;
	struct option o;
	int more;

	while ((more = next_option(b, &offset, swapped, &o)) > 0) {
		if (o.code == OPT_COMMENT && comment->value && f->keeps && !f->looks)
			nsc_kept_lose_comment();
		if (o.code == OPT_COMMENT && !comment->value)
			*comment = o;
		if (o.code == OPT_NAME)
			i->interface = nsc_interface_number((const char *)o.value, o.length);
		if (o.code == OPT_NAME && o.length && o.value[0] && !i->interface && !f->looks)
			f->own.names_full++;
		if (o.code == OPT_TSRESOL && o.length == 1)
			set_resolution(i, o.value[0]);
		if (o.code == OPT_TSOFFSET && o.length == 8) {
			uint64_t low = nsc_file_u32(o.value + (swapped ? 4 : 0), swapped);

			i->offset_s =
				(int64_t)((uint64_t)nsc_file_u32(o.value + (swapped ? 0 : 4), swapped) << 32 | low);
		}
	}
	return more;
}

/* `begins`: no packet stands before it in this burst. Only a section before all packets is written again. */
static enum nsc_file_stop take_section(struct nsc_rx_file *f, struct block b, bool begins)
{
	bool swapped = f->pcapng.swapped, first = begins && !f->own.delivered;
	unsigned major = nsc_file_u16(b.at + 12, swapped), minor = nsc_file_u16(b.at + 14, swapped);
	uint32_t offset = SECTION_MIN - 4;
	struct option o;
	int more;

	if (major != 1 || (minor != 0 && minor != 2))
		return nsc_file_damage(f, b.at, "a section has version %u.%u, and 1.0 is known", major, minor);
	while ((more = next_option(b, &offset, swapped, &o)) > 0) {
		if (o.code != OPT_COMMENT || !f->keeps || f->looks)
			continue;
		if (first)
			nsc_kept_comment(0, o.value, (uint16_t)o.length);
		else
			nsc_kept_lose_comment();
	}
	if (more < 0)
		return nsc_file_damage(f, b.at, "an option is longer than the section header around it");
	nsc_file_format_changes(f);
	f->pcapng.n_interfaces = 0;
	return NSC_FILE_AGAIN;
}

static enum nsc_file_stop take_interface(struct nsc_rx_file *f, struct block b)
{
	struct nsc_pcapng *ng = &f->pcapng;
	struct nsc_pcapng_interface *i = &ng->interfaces[ng->n_interfaces];
	uint32_t linktype = nsc_file_u16(b.at + 8, ng->swapped);
	int row = nsc_linktype_row(linktype);
	struct option comment = { 0 };

	if (ng->n_interfaces == INTERFACES_MAX)
		return nsc_file_damage(f, b.at, "a section has more than %u interfaces", INTERFACES_MAX);
	*i = (struct nsc_pcapng_interface){ .snaplen = nsc_file_u32(b.at + 12, ng->swapped) };
	i->link = row < 0 ? NSC_LINK_UNSUPPORTED : nsc_linktypes[row].link;
	i->linktype = (uint16_t)linktype;
	set_resolution(i, 6);
	if (take_interface_options(f, b, i, &comment) < 0)
		return nsc_file_damage(f, b.at, "an option is longer than the interface description around it");
	if (row < 0 && !ng->has_strange)
		ng->unknown_link = linktype;
	ng->has_strange |= row < 0;
	ng->has_known |= row >= 0;
	if (f->keeps && !f->looks)
		nsc_kept_interface((uint16_t)linktype, i->interface, comment.value, (uint16_t)comment.length);
	i->program = nsc_file_program(f, row);
	ng->n_interfaces++;
	return NSC_FILE_AGAIN;
}

/* --- blocks without a packet ------------------------------------------------------------------ */

/* Passes over a block of any length; it need not fit in memory. */
static enum nsc_file_stop skip_on(struct nsc_rx_file *f)
{
	struct nsc_pcapng *ng = &f->pcapng;
	size_t step = NSC_MIN((size_t)(f->end - f->pos), ng->skip_left);
	uint32_t trailer;

	f->pos += step;
	ng->skip_left -= (uint32_t)step;
	if (ng->skip_left)
		return nsc_file_needs(f, ng->skip_left);
	if (f->end - f->pos < 4)
		return nsc_file_needs(f, 4);
	trailer = nsc_file_u32(f->pos, ng->swapped);
	if (trailer != ng->skip_total)
		return nsc_file_damage(f, f->pos, "a block of %u bytes ends by saying that it has %u", ng->skip_total,
				       trailer);
	f->pos += 4;
	ng->skip_total = 0;
	f->own.skipped_blocks++;
	return NSC_FILE_AGAIN;
}

static enum nsc_file_stop too_short(struct nsc_rx_file *f, const uint8_t *at, uint32_t type, uint32_t length)
{
	return nsc_file_damage(f, at, "a block of type 0x%08x claims the impossible length of %u bytes", type, length);
}

/* Length, presence and trailer of the block at pos, which is to be used as a whole. AGAIN = all is well. */
static enum nsc_file_stop check_block(struct nsc_rx_file *f, struct block b, uint32_t least)
{
	uint32_t trailer;

	if (b.length < least || b.length % 4)
		return too_short(f, b.at, b.type, b.length);
	if (b.length > NSC_FILE_HEAD)
		return nsc_file_damage(f, b.at, "a block of type 0x%08x has %u bytes, and at most %u are possible",
				       b.type, b.length, NSC_FILE_HEAD);
	if ((size_t)(f->end - b.at) < b.length)
		return nsc_file_needs(f, b.length);
	trailer = nsc_file_u32(b.at + b.length - 4, f->pcapng.swapped);
	if (trailer != b.length)
		return nsc_file_damage(f, b.at, "a block of %u bytes ends by saying that it has %u", b.length, trailer);
	return NSC_FILE_AGAIN;
}

bool nsc_pcapng_is_header(const uint8_t *at)
{
	uint32_t magic = nsc_file_u32(at + 8, false);

	return nsc_file_u32(at, false) == SECTION &&
	       (magic == BYTE_ORDER_MAGIC || magic == __builtin_bswap32(BYTE_ORDER_MAGIC));
}

static bool is_kept(uint32_t type)
{
	return type == NAMES || type == SECRETS || type == CUSTOM || type == JOURNAL;
}

/* The block at pos, as it is: of another byte order it would have to be translated. */
static enum nsc_file_stop keep_block(struct nsc_rx_file *f, struct block b)
{
	enum nsc_file_stop stop = check_block(f, b, BLOCK_MIN);

	if (stop != NSC_FILE_AGAIN)
		return stop;
	if (f->keeps && !f->looks)
		nsc_kept_add(b.at, b.length);
	f->pos += b.length;
	f->own.skipped_blocks++;
	return NSC_FILE_AGAIN;
}

static enum nsc_file_stop section_block(struct nsc_rx_file *f, bool begins)
{
	uint32_t magic = nsc_file_u32(f->pos + 8, false);
	struct block b = { f->pos, SECTION, 0 };
	bool before = f->pcapng.swapped;
	enum nsc_file_stop stop;

	if (magic != BYTE_ORDER_MAGIC && magic != __builtin_bswap32(BYTE_ORDER_MAGIC))
		return nsc_file_damage(f, f->pos, "a section's byte order magic is 0x%08x", magic);
	f->pcapng.swapped = magic != BYTE_ORDER_MAGIC;
	b.length = nsc_file_u32(f->pos + 4, f->pcapng.swapped);
	stop = check_block(f, b, SECTION_MIN);
	if (stop == NSC_FILE_AGAIN)
		stop = take_section(f, b, begins);
	if (stop == NSC_FILE_AGAIN) {
		nsc_file_describes(f, f->pos, b.length);
		f->pos += b.length;
	} else {
		f->pcapng.swapped = before;
	}
	return stop;
}

/* Whether a block of this type at pos says nothing about packets, lies there as a whole, and is well formed. */
static bool passes_by_itself(const struct nsc_rx_file *f, uint32_t type)
{
	uint32_t length = nsc_file_u32(f->pos + 4, f->pcapng.swapped);

	if (type == SECTION || type == INTERFACE || !type || (f->keeps && is_kept(type)) || nsc_pcap_is_header(f->pos))
		return false;
	return length >= BLOCK_MIN && length % 4 == 0 && length <= (size_t)(f->end - f->pos) &&
	       nsc_file_u32(f->pos + length - 4, f->pcapng.swapped) == length;
}

/* The block at pos, of which BLOCK_MIN bytes are there, holds no packet. `begins`: no packet before it is on its way.
 */
static enum nsc_file_stop other_block(struct nsc_rx_file *f, bool begins)
{
	struct block b = { f->pos, nsc_file_u32(f->pos, f->pcapng.swapped), 0 };
	enum nsc_file_stop stop;

	if (nsc_unlikely(f->guesses) && !passes_by_itself(f, b.type))
		return nsc_file_odd(f);
	if (b.type == SECTION)
		return section_block(f, begins);
	if (nsc_pcap_is_header(f->pos))
		return nsc_file_joined(f, f->pos, begins);
	b.length = nsc_file_u32(f->pos + 4, f->pcapng.swapped);
	if (!b.type && !b.length)
		return nsc_file_zeros_begin(f, f->pos);
	if (b.type == INTERFACE) {
		stop = check_block(f, b, INTERFACE_MIN);
		if (stop == NSC_FILE_AGAIN)
			stop = take_interface(f, b);
		if (stop == NSC_FILE_AGAIN) {
			nsc_file_describes(f, f->pos, b.length);
			f->pos += b.length;
		}
		return stop;
	}
	if (b.length < BLOCK_MIN || b.length % 4)
		return too_short(f, b.at, b.type, b.length);
	if (b.type == NAMES || b.type == SECRETS)
		nsc_file_describes(f, f->pos, b.length);
	if (is_kept(b.type)) {
		if (!f->pcapng.swapped && b.length <= NSC_KEPT_BLOCK_MAX)
			return keep_block(f, b);
		if (f->keeps && !f->looks)
			nsc_kept_lose();
	}
	f->pcapng.skip_total = b.length;
	f->pcapng.skip_left = b.length - 4;
	return skip_on(f);
}

/* --- packets ---------------------------------------------------------------------------------- */

nsc_always_inline struct view view_enhanced(const uint8_t *at, bool swapped)
{
	return (struct view){
		.data = at + 28,
		.ticks = (uint64_t)nsc_file_u32(at + 12, swapped) << 32 | nsc_file_u32(at + 16, swapped),
		.interface = nsc_file_u32(at + 8, swapped),
		.captured = nsc_file_u32(at + 20, swapped),
		.wire = nsc_file_u32(at + 24, swapped),
		.timed = true,
	};
}

static struct view view_rare(const struct nsc_rx_file *f, struct block b, bool swapped)
{
	uint32_t snaplen = f->pcapng.n_interfaces ? f->pcapng.interfaces[0].snaplen : 0;
	struct view v;

	if (b.type == PACKET) { /* has a drop count beside a shorter interface number */
		v = view_enhanced(b.at, swapped);
		v.interface = nsc_file_u16(b.at + 8, swapped);
		return v;
	}
	v = (struct view){ .data = b.at + 12, .wire = nsc_file_u32(b.at + 8, swapped) };
	v.captured = snaplen ? NSC_MIN(v.wire, snaplen) : v.wire;
	return v;
}

static enum nsc_file_stop bad_packet(struct nsc_rx_file *f, struct block b, struct view v)
{
	if (v.interface >= f->pcapng.n_interfaces)
		return nsc_file_damage(f, b.at, "a packet names interface %u, and this section has described %u",
				       v.interface, f->pcapng.n_interfaces);
	if (v.captured > NSC_FILE_CAPTURED_MAX)
		return nsc_file_damage(f, b.at, "a packet claims %u captured bytes, and at most %u are possible",
				       v.captured, NSC_FILE_CAPTURED_MAX);
	return nsc_file_damage(f, b.at, "a packet claims %u captured bytes in a block of %u", v.captured, b.length);
}

/* Time of the packet in the block at `next`, when it is a usual one. -1: more bytes would tell. */
static int pcapng_peek(const struct nsc_rx_file *f, const uint8_t *next, bool swapped, uint64_t *next_ns)
{
	size_t have = (size_t)(f->end - next);
	struct view v;

	if (have >= BLOCK_MIN && nsc_file_u32(next, swapped) != ENHANCED_PACKET)
		return 0;
	if (have < PACKET_MIN)
		return -1;
	v = view_enhanced(next, swapped);
	if (v.interface >= f->pcapng.n_interfaces)
		return 0;
	*next_ns = time_ns(&f->pcapng.interfaces[v.interface], v.ticks);
	return 1;
}

static enum nsc_file_stop pcapng_look(struct nsc_rx_file *f, struct block b, uint64_t ts_ns, bool begins, bool swapped)
{
	uint64_t next_ns;
	int known = pcapng_peek(f, b.at + b.length, swapped, &next_ns);
	bool fits = b.length + PACKET_MIN <= NSC_FILE_HEAD;

	return nsc_file_look(f, ts_ns, begins, known == 1 ? &next_ns : NULL, known && fits ? b.length + PACKET_MIN : 0);
}

/* Comments of the packet in an enhanced or obsolete block, which is the `number`th that is delivered. Options that run
 * over the block's end are left where they do. */
static __attribute__((noinline)) void keep_comments(struct nsc_rx_file *f, struct block b, uint32_t captured,
						    uint64_t number)
{
	uint32_t offset = PACKET_MIN - 4 + ((captured + 3) & ~3u);
	struct option o;

	while (next_option(b, &offset, f->pcapng.swapped, &o) > 0)
		if (o.code == OPT_COMMENT)
			nsc_kept_comment(number, o.value, (uint16_t)o.length);
}

/* The block at *pos and what it says of its packet; false: *stop says why there is none to deliver. `first`: none was
 * delivered in this burst. */
nsc_always_inline bool pcapng_packet(struct nsc_rx_file *f, const uint8_t **pos, bool first, const bool swapped,
				     struct block *b, struct view *v, enum nsc_file_stop *stop)
{
	size_t have = (size_t)(f->end - *pos);
	uint32_t least = PACKET_MIN;

	if (nsc_unlikely(have < BLOCK_MIN)) {
		*stop = nsc_file_needs(f, BLOCK_MIN);
		return false;
	}
	b->at = *pos;
	b->type = nsc_file_u32(*pos, swapped);
	b->length = nsc_file_u32(*pos + 4, swapped);
	if (nsc_unlikely(b->type != ENHANCED_PACKET)) {
		if (!holds_packet(b->type)) {
			f->pos = *pos;
			*stop = other_block(f, first);
			*pos = f->pos;
			return false;
		}
		if (f->guesses && b->type == SIMPLE_PACKET) { /* its time is that of the packet before it */
			*stop = nsc_file_odd(f);
			return false;
		}
		f->described.untimed |= b->type == SIMPLE_PACKET;
		least = b->type == SIMPLE_PACKET ? SIMPLE_MIN : PACKET_MIN;
	}
	if (nsc_unlikely(b->length < least || b->length % 4 || b->length > NSC_MIN(have, NSC_FILE_HEAD) ||
			 nsc_file_u32(*pos + b->length - 4, swapped) != b->length)) {
		*stop = check_block(f, *b, least);
		return false;
	}
	*v = nsc_likely(b->type == ENHANCED_PACKET) ? view_enhanced(*pos, swapped) : view_rare(f, *b, swapped);
	if (nsc_likely(v->interface < f->pcapng.n_interfaces && v->captured <= NSC_FILE_CAPTURED_MAX &&
		       v->captured <= b->length - least))
		return true;
	*stop = bad_packet(f, *b, *v);
	return false;
}

/* Behind the packet, and in front of the length that ends the block. */
nsc_always_inline bool has_options(const struct block *b, const struct view *v)
{
	return b->length > PACKET_MIN + ((v->captured + 3) & ~3u);
}

/* One number for each link in a burst: another one waits for the next burst. FULL when it stands. */
static enum nsc_file_stop pcapng_take_linktype(struct nsc_rx_file *f, const struct nsc_pcapng_interface *i, bool first)
{
	if (f->guesses)
		return nsc_file_odd(f);
	if (!first)
		return NSC_FILE_AGAIN;
	f->rx.linktype[i->link] = i->linktype;
	return NSC_FILE_FULL;
}

/* Position and tally stay in registers for a burst, and each check that fails leaves the loop from here. */
nsc_always_inline uint32_t pcapng_walk(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want, const bool swapped,
				       const bool maybe_filter, const bool within)
{
	struct nsc_file_tally t = nsc_file_tally_begin(f);
	const struct nsc_pcapng_interface *const interfaces = f->pcapng.interfaces, *i;
	const uint32_t snaplen = f->snaplen;
	const uint8_t *pos = f->pos;
	const bool watches = !f->own.delivered, keeps = f->keeps;
	const uint8_t *const border = within ? f->border : NULL;
	enum nsc_file_stop stop = NSC_FILE_FULL;
	uint32_t n = 0;

	while (n < want && (!within || pos < border)) {
		struct block b;
		struct view v;
		uint64_t ts_ns;

		if (nsc_unlikely(!pcapng_packet(f, &pos, !n, swapped, &b, &v, &stop)))
			break;
		i = &interfaces[v.interface];
		if (nsc_unlikely(i->linktype != f->rx.linktype[i->link])) {
			stop = pcapng_take_linktype(f, i, !n);
			if (stop != NSC_FILE_FULL)
				break;
		}
		nsc_prefetch(pos + b.length);
		ts_ns = nsc_likely(v.timed) ? time_ns(i, v.ticks) : t.clock.now_ns + t.clock.offset_ns;
		if (maybe_filter && !bpf_filter(i->program, v.data, v.wire, NSC_MIN(v.captured, v.wire))) {
			pos += b.length;
			t.bytes += v.wire;
			t.filtered++;
			if (nsc_unlikely(watches))
				nsc_file_refused(f, v.data, NSC_MIN(v.captured, v.wire), i->link);
			continue;
		}
		if (within && keeps && f->guesses && has_options(&b, &v)) {
			stop = nsc_file_odd(f); /* a comment has the number of its packet */
			break;
		}
		if (nsc_unlikely(!nsc_steady_follow(&t.clock, ts_ns))) {
			f->clock.hand = t.clock;
			stop = pcapng_look(f, b, ts_ns, !n, swapped);
			t.clock = f->clock.hand;
			if (stop != NSC_FILE_FULL)
				break;
		}
		if (nsc_unlikely(keeps) && b.type != SIMPLE_PACKET && has_options(&b, &v))
			keep_comments(f, b, v.captured, f->own.delivered + n + 1);
		pos += b.length;
		t.bytes += v.wire;
		nsc_file_emit(&pkt[n++], &t, v.data, ts_ns, v.captured, v.wire, snaplen, i->link, i->interface);
	}
	f->pos = pos;
	f->stop = stop;
	nsc_file_tally_end(f, &t, n);
	return n;
}

nsc_always_inline uint32_t pcapng_walk_any(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want,
					   const bool within)
{
	if (nsc_unlikely(f->pcapng.skip_total)) {
		f->stop = skip_on(f);
		return 0;
	}
	if (f->filter)
		return pcapng_walk(f, pkt, want, f->pcapng.swapped, true, within);
	if (f->pcapng.swapped)
		return pcapng_walk(f, pkt, want, true, false, within);
	return pcapng_walk(f, pkt, want, false, false, within);
}

uint32_t nsc_pcapng_walk(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want)
{
	return pcapng_walk_any(f, pkt, want, false);
}

uint32_t nsc_pcapng_walk_within(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want)
{
	return pcapng_walk_any(f, pkt, want, true);
}

/* --- where a block begins --------------------------------------------------------------------- */

enum {
	CHAIN = 8,       /* blocks in a row that look like some ... */
	CHAIN_LEAST = 1, /* ... and where the bytes end before, the one that goes beyond them comes behind so many */
};

static bool looks_like_block(const struct nsc_rx_file *f, const uint8_t *at, const uint8_t *end, uint32_t *length)
{
	const bool swapped = f->pcapng.swapped;
	uint32_t type = nsc_file_u32(at, swapped);

	*length = nsc_file_u32(at + 4, swapped);
	if (*length < BLOCK_MIN || *length % 4 || *length > NSC_FILE_HEAD)
		return false;
	if (!type || (type > CUSTOM && type != CUSTOM_HERE) || (type == ENHANCED_PACKET && *length < PACKET_MIN))
		return false;
	return *length > (size_t)(end - at) || nsc_file_u32(at + *length - 4, swapped) == *length;
}

static bool begins_blocks(const struct nsc_rx_file *f, const uint8_t *at, const uint8_t *end, uint32_t *looks)
{
	for (uint32_t i = 0; i < CHAIN && end - at >= (ptrdiff_t)BLOCK_MIN; i++) {
		uint32_t length;

		if (!looks_like_block(f, at, end, &length))
			return false;
		*looks -= *looks > 0;
		if (length > (size_t)(end - at))
			return i >= CHAIN_LEAST;
		at += length;
	}
	return true;
}

/* Blocks begin at multiples of four bytes of their file: of at[], if that does. */
size_t nsc_pcapng_find(const struct nsc_rx_file *f, const uint8_t *at, size_t n)
{
	size_t last = NSC_MIN(n, (size_t)NSC_FILE_HEAD);
	uint32_t looks = NSC_FILE_LOOKS;

	for (size_t i = 0; i + BLOCK_MIN <= last && looks; i += 4)
		if (begins_blocks(f, at + i, at + n, &looks))
			return i;
	return n;
}

/* --- open ------------------------------------------------------------------------------------- */

/* Takes the block at pos unless it is a packet. 1 = a packet, 0 = go on, -errno. */
static int open_block(struct nsc_rx_file *f)
{
	enum nsc_file_stop stop;
	int status;

	if (f->pcapng.skip_total) {
		stop = skip_on(f);
	} else {
		status = nsc_file_ensure(f, BLOCK_MIN);
		if (status)
			return status;
		if (holds_packet(nsc_file_u32(f->pos, f->pcapng.swapped)))
			return 1;
		stop = other_block(f, true);
		if (f->begins || f->in_zeros)
			return 1;
	}
	if (stop == NSC_FILE_DAMAGE)
		return -EBADMSG;
	/* A block to pass over may be longer than memory: any byte more is progress. */
	return stop == NSC_FILE_NEED ? nsc_file_ensure(f, f->pcapng.skip_left ? 1 : f->need) : 0;
}

/* All blocks before the first packet. */
static int open_blocks(struct nsc_rx_file *f)
{
	int status;

	do {
		status = open_block(f);
	} while (!status);
	return status == 1 || status == -ENODATA ? 0 : status;
}

/* What can be told before the first packet; from then on pcapng_walk() keeps the link types. */
static void tell_interfaces(struct nsc_rx_file *f)
{
	for (uint32_t k = 0; k < f->pcapng.n_interfaces; k++) {
		const struct nsc_pcapng_interface *i = &f->pcapng.interfaces[k];

		f->rx.linktype[i->link] = i->linktype;
		f->rx.nanoseconds |= finer_than_us(i);
	}
}

int nsc_pcapng_begin(struct nsc_rx_file *f)
{
	struct nsc_pcapng_interface *table = f->pcapng.interfaces;

	if (!table)
		table = mmap(NULL, INTERFACES_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			     -1, 0);
	if (table == MAP_FAILED)
		return nsc_fail(&f->rx.error, -ENOMEM, "no memory for the interfaces of '%s'", f->path);
	f->pcapng = (struct nsc_pcapng){ .interfaces = table };
	return 0;
}

int nsc_pcapng_open(struct nsc_rx_file *f)
{
	int status = nsc_pcapng_begin(f);

	if (status)
		return status;
	status = open_blocks(f);
	tell_interfaces(f);
	if (status || !f->pcapng.has_strange || f->pcapng.has_known)
		return status;
	return nsc_file_refuse_link(f, f->pcapng.unknown_link);
}

void nsc_pcapng_close(struct nsc_rx_file *f)
{
	if (f->pcapng.interfaces)
		munmap(f->pcapng.interfaces, INTERFACES_SIZE);
}
