/* SPDX-License-Identifier: MIT
 *
 * The capture file source: blocks that are read into and lent, the poll that fills bursts from them, open and close.
 */
#include "file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <pcap/pcap.h>

#include "feed.h"
#include "file_direct.h"
#include "linktype.h"

#define HUGE_PAGE (2u << 20)
#define READS_PER_POLL 4u
#define FOREIGN_LOOK 512
#define ZEROS_LEAST 16u  /* bytes at the end of a file that are no record cut short */
#define ZEROS_SURE 4096u /* bytes of zeros that are no records */
#define SLOT_SIZE ((size_t)NSC_FILE_HEAD + NSC_FILE_BODY)

static_assert(NSC_FILE_HEAD >= NSC_FILE_CAPTURED_MAX + 4096, "a whole pcap record fits in the head room");

/* --- how a source ends ------------------------------------------------------------------------ */

uint64_t nsc_file_offset(const struct nsc_rx_file *f, const uint8_t *at)
{
	uint64_t offset = f->decoded - (uint64_t)(f->end - at);

	return f->input ? nsc_file_input_place(f->input, offset) : offset; /* a block that guesses has no input */
}

static const char *offset_kind(const struct nsc_rx_file *f)
{
	return nsc_file_input_state(f->input)->compressed ? " of the decompressed data" : "";
}

enum nsc_file_stop nsc_file_damage(struct nsc_rx_file *f, const uint8_t *at, const char *format, ...)
{
	struct nsc_error why;
	va_list args;

	if (f->guesses)
		return nsc_file_odd(f);
	va_start(args, format);
	if (vsnprintf(why.text, sizeof(why.text), format, args) < 0)
		why.text[0] = '\0';
	va_end(args);
	nsc_fail(&f->rx.error, 0, "'%s' is damaged at byte %llu%s: %s", f->path,
		 (unsigned long long)nsc_file_offset(f, at), offset_kind(f), why.text);
	f->state = NSC_RX_FAILED;
	return NSC_FILE_DAMAGE;
}

/* How many of the bytes from `at` on are zero. */
static size_t zeros_at(const uint8_t *at, size_t n)
{
	size_t i = 0;
	uint64_t word;

	for (; i + sizeof(word) <= n; i += sizeof(word)) {
		memcpy(&word, at + i, sizeof(word));
		if (word)
			break;
	}
	while (i < n && !at[i])
		i++;
	return i;
}

/* A record's header of zeros, and nothing else up to the end: room that was never filled. */
static bool ends_in_zeros(struct nsc_rx_file *f, size_t left)
{
	uint64_t from = f->in_zeros ? f->zeros_at : nsc_file_offset(f, f->pos);

	if (!f->in_zeros && (f->begins || f->pcapng.skip_total || left < ZEROS_LEAST || zeros_at(f->pos, left) < left))
		return false;
	nsc_fail(&f->rx.error, 0,
		 "'%s' ends in %llu zero bytes, from byte %llu%s on: it was allocated and never filled", f->path,
		 (unsigned long long)(nsc_file_offset(f, f->end) - from), (unsigned long long)from, offset_kind(f));
	return true;
}

/* True when a packet that waits for the next one may go on. */
static bool end_of_input(struct nsc_rx_file *f)
{
	size_t left = (size_t)(f->end - f->pos);

	if (f->peeks && !f->alone)
		return f->alone = true;
	if (!left && !f->pcapng.skip_total && !f->begins && !f->in_zeros) {
		f->state = NSC_RX_END;
		return false;
	}
	f->state = NSC_RX_FAILED;
	if (ends_in_zeros(f, left))
		return false;
	nsc_fail(&f->rx.error, 0, "'%s' is cut short: %u bytes were wanted at byte %llu%s, and %zu are there", f->path,
		 f->need, (unsigned long long)nsc_file_offset(f, f->pos), offset_kind(f), left);
	return false;
}

static void input_failed(struct nsc_rx_file *f, const struct nsc_error *why)
{
	f->state = NSC_RX_FAILED;
	nsc_fail(&f->rx.error, 0, "cannot read '%s' beyond byte %llu%s: %s", f->path, (unsigned long long)f->decoded,
		 offset_kind(f), why->text);
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* Goes on in the next slot and takes the part of a record at pos along. False while that slot is lent. */
static bool next_slot(struct nsc_rx_file *f)
{
	struct nsc_file_slot *slot = &f->slots[(f->seq + 1) % f->n_slots];
	size_t part = (size_t)(f->end - f->pos);

	if (slot->lent)
		return false;
	memmove(slot->body - part, f->pos, part);
	f->seq++;
	if (f->oldest + f->n_slots <= f->seq) /* this slot's earlier number is history, lent or not */
		f->oldest = f->seq + 1 - f->n_slots;
	f->pos = slot->body - part;
	f->end = slot->body;
	f->limit = slot->body + NSC_FILE_BODY;
	return true;
}

/* The next blocks can be read while packets of this one are analysed, where the memory for them is free. */
static void read_ahead(struct nsc_rx_file *f)
{
	uint64_t next = f->seq + (f->end != f->slots[f->seq % f->n_slots].body);

	for (uint64_t i = 0; i < NSC_DIRECT_DEPTH && !f->slots[(next + i) % f->n_slots].lent; i++)
		nsc_file_input_ahead(f->input, f->slots[(next + i) % f->n_slots].body);
}

/* A block that goes past the page cache needs a body of its own. */
static bool has_room(const struct nsc_rx_file *f)
{
	size_t room = (size_t)(f->limit - f->end);

	return room == NSC_FILE_BODY || (room && !nsc_file_input_wants_block(f->input));
}

static ssize_t read_on(struct nsc_rx_file *f, struct nsc_error *why)
{
	ssize_t n = nsc_file_input_read(f->input, f->end, (size_t)(f->limit - f->end), why);

	f->own.file_bytes = f->taken_before + nsc_file_input_state(f->input)->taken;
	return n;
}

bool nsc_file_fill(struct nsc_rx_file *f)
{
	struct nsc_error why;
	ssize_t n;

	if (!f->border && !has_room(f) && !next_slot(f))
		return false;
	n = f->border ? nsc_file_blocks_read_on(f, &why) : read_on(f, &why);
	f->interrupted = n == -EINTR;
	if (nsc_likely(n > 0)) {
		f->end += n;
		f->decoded += (uint64_t)n;
		f->peeks = f->alone = false;
		return true;
	}
	if (n == 0)
		return end_of_input(f);
	if (n == -EAGAIN && f->peeks && !f->alone) /* a packet is not held back for one that is still to be sent */
		return f->alone = true;
	if (n != -EAGAIN && n != -EINTR)
		input_failed(f, &why);
	return false;
}

int nsc_file_ensure(struct nsc_rx_file *f, uint32_t bytes)
{
	f->need = bytes;
	while ((size_t)(f->end - f->pos) < bytes) {
		if (nsc_file_fill(f))
			continue;
		if (f->interrupted)
			return nsc_fail(&f->rx.error, -EINTR, "interrupted while reading the first bytes of '%s'",
					f->path);
		if (f->state == NSC_RX_END)
			return -ENODATA;
		if (f->state == NSC_RX_FAILED)
			return -EBADMSG;
	}
	return 0;
}

void nsc_file_more(struct nsc_rx_file *f)
{
	if (f->end - f->pos < FOREIGN_LOOK)
		nsc_file_fill(f);
}

int nsc_file_refuse_link(struct nsc_rx_file *f, uint32_t linktype)
{
	char text[128];

	nsc_linktype_describe(linktype, text, sizeof(text));
	return nsc_fail(&f->rx.error, -EPROTONOSUPPORT, "'%s' has link type %s, which NetScope does not decode",
			f->path, text);
}

/* --- what a filter means ---------------------------------------------------------------------- */

const struct bpf_insn *nsc_file_program(struct nsc_rx_file *f, int row)
{
	static const struct bpf_insn nothing = { .code = BPF_RET | BPF_K, .k = 0 };
	const struct bpf_insn *program;
	struct nsc_error why;

	if (!f->filter)
		return NULL;
	if (row < 0)
		return &nothing;
	program = nsc_file_filter_program(f->filter, (unsigned)row, &why);
	f->has_filter |= program != NULL;
	if (!program && !f->no_filter) {
		f->no_filter = &f->parts[f->part];
		f->why_no_filter = why;
	}
	return program ? program : &nothing;
}

enum { VLAN = 0x8100, VLAN_OUTER = 0x88a8, VLAN_OLD = 0x9100, MPLS = 0x8847, MPLS_UP = 0x8848, PPPOE = 0x8864 };

void nsc_file_refused(struct nsc_rx_file *f, const uint8_t *data, uint32_t captured, unsigned link)
{
	uint32_t at = link == NSC_LINK_ETHERNET ? 12 : link == NSC_LINK_LINUX_SLL ? 14 : 0;
	bool typed = link == NSC_LINK_ETHERNET || link == NSC_LINK_LINUX_SLL || link == NSC_LINK_LINUX_SLL2;

	f->refused.packets++;
	if (!typed || captured < at + 2)
		return;
	switch ((unsigned)data[at] << 8 | data[at + 1]) {
	case VLAN:
	case VLAN_OUTER:
	case VLAN_OLD:
		f->refused.vlan++;
		break;
	case MPLS:
	case MPLS_UP:
		f->refused.mpls++;
		break;
	case PPPOE:
		f->refused.pppoe++;
		break;
	default:
		break;
	}
}

/* --- what stands where a record should ---------------------------------------------------------- */

enum nsc_file_stop nsc_file_joined(struct nsc_rx_file *f, const uint8_t *at, bool begins)
{
	struct nsc_rx_file_part *part = &f->parts[f->part];
	bool is_pcap = nsc_pcap_is_header(at), is_pcapng = !is_pcap && nsc_pcapng_is_header(at);

	if (!is_pcap && !is_pcapng)
		return NSC_FILE_FULL;
	if (is_pcap && f->end - at < (ptrdiff_t)NSC_PCAP_FILE_HEADER)
		return nsc_file_needs(f, NSC_PCAP_FILE_HEADER);
	if (!begins)
		return NSC_FILE_AGAIN;
	part->joined_at = part->joined ? part->joined_at : nsc_file_offset(f, at);
	__atomic_store_n(&part->joined, part->joined + 1, __ATOMIC_RELAXED);
	f->begins = true;
	return NSC_FILE_AGAIN;
}

enum nsc_file_stop nsc_file_zeros_begin(struct nsc_rx_file *f, const uint8_t *at)
{
	f->in_zeros = true;
	f->zeros_at = nsc_file_offset(f, at);
	return NSC_FILE_AGAIN;
}

enum nsc_file_stop nsc_file_zeros(struct nsc_rx_file *f, const uint8_t *at, uint32_t header)
{
	size_t look = NSC_MIN((size_t)(f->end - at), ZEROS_SURE);

	if (zeros_at(at, header) < header || zeros_at(at, look) < look)
		return NSC_FILE_FULL;
	return look < ZEROS_SURE ? nsc_file_needs(f, ZEROS_SURE) : nsc_file_zeros_begin(f, at);
}

/* Where they end, something may begin with zeros. */
static enum nsc_file_stop pass_zeros(struct nsc_rx_file *f)
{
	uint64_t n;

	f->pos += zeros_at(f->pos, (size_t)(f->end - f->pos));
	if (f->pos == f->end)
		return nsc_file_needs(f, 1);
	n = nsc_file_offset(f, f->pos) - f->zeros_at;
	return nsc_file_damage(f, f->pos - n % ZEROS_LEAST, "%llu zero bytes stand before it, where records should be",
			       (unsigned long long)(n - n % ZEROS_LEAST));
}

/* --- one input after the other ---------------------------------------------------------------- */

/* From here on all that is read belongs to file `part`; what was read of another and not used is forgotten. */
static void begin_part(struct nsc_rx_file *f, uint32_t part)
{
	nsc_file_input_begin(f->input, part);
	f->part = part;
	f->path = f->parts[part].path;
	f->pos = f->end;
	f->decoded = 0;
	f->begins = true;
	f->in_zeros = false;
	f->peeks = f->alone = false;
	f->state = NSC_RX_MORE;
	f->pcapng.skip_total = f->pcapng.skip_left = 0;
	f->before = f->own;
}

/* The file's header, whole or not yet. FULL: packets may follow. */
static enum nsc_file_stop begin_format(struct nsc_rx_file *f)
{
	uint32_t need = 4;
	int status;

	if ((size_t)(f->end - f->pos) >= need) {
		f->is_pcapng = nsc_file_u32(f->pos, false) == NSC_PCAPNG_MAGIC;
		need = f->is_pcapng ? need : NSC_PCAP_FILE_HEADER;
	}
	if ((size_t)(f->end - f->pos) < need)
		return nsc_file_needs(f, need);
	nsc_file_format_changes(f);
	if (!f->is_pcapng)
		nsc_file_describes(f, f->pos, NSC_PCAP_FILE_HEADER);
	status = f->is_pcapng ? nsc_pcapng_begin(f) : nsc_pcap_begin(f);
	f->begins = false;
	if (!status)
		return NSC_FILE_FULL;
	f->state = NSC_RX_FAILED;
	return NSC_FILE_DAMAGE;
}

/* A connection is over, at its end or where its bytes are no capture. What is left of it is dropped: the next one
 * brings a stream with a header of its own. */
static void feed_breaks(struct nsc_rx_file *f)
{
	const struct nsc_rx_counters before = f->before;
	uint64_t dropped = (uint64_t)(f->end - f->pos);
	struct nsc_error why;
	char left[64] = "";

	if (dropped)
		snprintf(left, sizeof(left), "; %llu bytes were dropped", (unsigned long long)dropped);
	if (f->state == NSC_RX_FAILED)
		nsc_fail(&why, 0, "%s%s; connecting again", f->rx.error.text, left);
	else
		nsc_fail(&why, 0, "'%s' was closed by its other end, at byte %llu; connecting again", f->path,
			 (unsigned long long)f->decoded);
	f->own.feed_breaks++;
	f->own.feed_dropped += dropped;
	f->taken_before = f->own.file_bytes;
	nsc_file_input_again(f->input, f->own.received != f->received_before, &why);
	f->received_before = f->own.received;
	begin_part(f, f->part);
	f->before = before; /* what came out of the feed is counted over all connections */
}

/* The file is over, at its end or where it is damaged. The source ends with the last one; it has failed when one has.
 */
static void end_part(struct nsc_rx_file *f)
{
	struct nsc_rx_file_part *part = &f->parts[f->part];
	bool last = !f->left || f->part + 1 == f->n_parts;

	if (f->state == NSC_RX_FAILED) {
		part->failure = f->rx.error;
		f->failed = f->failed ? f->failed : part;
	}
	__atomic_store_n(&f->over, last ? f->n_parts : f->part + 1, __ATOMIC_RELEASE);
	f->taken_before = f->own.file_bytes;
	if (!last) {
		begin_part(f, f->part + 1);
	} else if (f->failed) {
		f->state = NSC_RX_FAILED;
		f->rx.error = f->failed->failure;
	}
}

nsc_always_inline uint32_t file_walk(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want, bool within)
{
	if (nsc_unlikely(f->begins)) {
		f->stop = begin_format(f);
		return 0;
	}
	if (nsc_unlikely(f->in_zeros)) {
		f->stop = pass_zeros(f);
		return 0;
	}
	if (within)
		return f->is_pcapng ? nsc_pcapng_walk_within(f, pkt, want) : nsc_pcap_walk_within(f, pkt, want);
	return f->is_pcapng ? nsc_pcapng_walk(f, pkt, want) : nsc_pcap_walk(f, pkt, want);
}

uint32_t nsc_file_walk_within(struct nsc_rx_file *f, struct nsc_packet *pkt, uint32_t want)
{
	return file_walk(f, pkt, want, true);
}

static void note_number(uint64_t *number, uint64_t value)
{
	__atomic_store_n(number, value, __ATOMIC_RELAXED);
}

static void note_part(struct nsc_rx_file *f, const struct nsc_packet *pkt, uint32_t n)
{
	struct nsc_rx_file_part *part = &f->parts[f->part];

	note_number(&part->packets, f->own.received - f->before.received);
	note_number(&part->bytes, f->own.received_bytes - f->before.received_bytes);
	if (!n)
		return;
	if (part->first_ns == NSC_UNKNOWN)
		note_number(&part->first_ns, pkt[0].ts_ns);
	note_number(&part->last_ns, pkt[n - 1].ts_ns);
}

/* --- time ------------------------------------------------------------------------------------- */

enum nsc_file_stop nsc_file_look(struct nsc_rx_file *f, uint64_t ts_ns, bool begins, const uint64_t *next_ns,
				 uint32_t need)
{
	struct nsc_steady_context context = {
		.begins = begins,
		.asks = need && !next_ns && !f->alone,
		.next_ns = next_ns,
	};

	if (nsc_unlikely(f->guesses))
		return nsc_file_guess_time(f, ts_ns);
	switch (nsc_steady_look(&f->clock, ts_ns, &context)) {
	case NSC_STEADY_TAKEN:
		return NSC_FILE_FULL;
	case NSC_STEADY_STEPS:
		return NSC_FILE_AGAIN;
	case NSC_STEADY_ASKS:
		break;
	}
	f->peeks = true;
	return nsc_file_needs(f, need);
}

static void end_clock(struct nsc_rx_file *f)
{
	if (f->state >= NSC_RX_END)
		nsc_steady_end(&f->clock);
	f->own.clock_outliers = f->clock.outliers;
	f->own.clock_steps = f->clock.steps;
}

/* --- the table of operations ------------------------------------------------------------------ */

void nsc_file_step_ends(struct nsc_rx_file *f, const struct nsc_packet *pkt, uint32_t n)
{
	if (!f->left && f->state == NSC_RX_MORE)
		f->state = NSC_RX_END;
	note_part(f, pkt, n);
	if (nsc_unlikely(f->state >= NSC_RX_END) && !f->ended) {
		if (f->left && nsc_file_input_feed(f->input))
			feed_breaks(f);
		else
			end_part(f);
	}
	f->ended = f->state >= NSC_RX_END;
	end_clock(f);
	nsc_rx_counters_copy(&f->shared, &f->own);
}

static void file_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct nsc_rx_file *f = (struct nsc_rx_file *)rx;
	uint32_t want = (uint32_t)NSC_MIN(f->left, NSC_BURST_MAX), n = 0;
	bool waiting = false;

	/* A filter that refuses everything must not keep the worker from its other duties: a few reads, then n = 0. */
	for (uint32_t reads = 0; f->state == NSC_RX_MORE && !n && !waiting && reads < READS_PER_POLL;) {
		n = file_walk(f, burst->pkt, want, false);
		if (n || f->stop != NSC_FILE_NEED)
			continue;
		if (nsc_unlikely(nsc_file_input_wants_block(f->input)))
			read_ahead(f);
		waiting = !nsc_file_fill(f) && f->state == NSC_RX_MORE;
		reads++;
	}
	if (n)
		f->slots[f->seq % f->n_slots].lent = true;
	nsc_file_step_ends(f, burst->pkt, n);
	burst->n = n;
	burst->state = waiting ? NSC_RX_IDLE : f->state;
	burst->clock_ns = f->clock.hand.now_ns;
	burst->offset_ns = f->clock.hand.offset_ns;
	burst->loan = f->seq;
}

static void file_release(struct nsc_rx *rx, uint64_t loan)
{
	struct nsc_rx_file *f = (struct nsc_rx_file *)rx;

	for (; f->oldest < f->seq && f->oldest <= loan; f->oldest++)
		f->slots[f->oldest % f->n_slots].lent = false;
	if (loan >= f->seq)
		f->slots[f->seq % f->n_slots].lent = false;
}

static void file_counters(const struct nsc_rx *rx, struct nsc_rx_counters *out)
{
	nsc_rx_counters_copy(out, &((const struct nsc_rx_file *)rx)->shared);
}

static void file_close(struct nsc_rx *rx)
{
	struct nsc_rx_file *f = (struct nsc_rx_file *)rx;

	nsc_file_blocks_close(f);
	nsc_pcapng_close(f);
	nsc_file_filter_close(f->filter);
	nsc_file_input_close(f->input);
	if (f->mapping)
		munmap(f->mapping, f->mapping_size);
	for (uint32_t i = 0; i < f->n_parts; i++)
		free(f->parts[i].path);
	free(f->parts);
	free(f->slots);
	free(f);
}

static const struct nsc_rx_ops file_ops = {
	.name = "file",
	.poll = file_poll,
	.release = file_release,
	.counters = file_counters,
	.close = file_close,
};

/* --- open ------------------------------------------------------------------------------------- */

static int map_blocks(struct nsc_rx_file *f, uint32_t loans)
{
	uint8_t *base;

	f->n_slots = loans;
	f->slots = calloc(loans, sizeof(*f->slots));
	f->mapping_size = loans * SLOT_SIZE + HUGE_PAGE;
	f->mapping =
		mmap(NULL, f->mapping_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (f->mapping == MAP_FAILED)
		f->mapping = NULL;
	if (!f->slots || !f->mapping)
		return nsc_fail(&f->rx.error, -ENOMEM, "no memory for %u read blocks of %zu bytes", loans, SLOT_SIZE);
	madvise(f->mapping, f->mapping_size, MADV_HUGEPAGE); /* a wish: small pages work as well */
	base = (uint8_t *)(((uintptr_t)f->mapping + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
	for (uint32_t i = 0; i < loans; i++)
		f->slots[i].body = base + i * SLOT_SIZE + NSC_FILE_HEAD;
	f->seq = f->oldest = 1;
	f->end = f->slots[1 % loans].body;
	f->pos = f->end;
	f->limit = f->end + NSC_FILE_BODY;
	return 0;
}

/* Walks the headers of the file that was begun. */
static int open_format(struct nsc_rx_file *f)
{
	int status;

	f->begins = false;
	status = nsc_file_ensure(f, 4);
	if (status == -ENODATA)
		return nsc_fail(&f->rx.error, status, "'%s' is empty once decompressed", f->path);
	if (status)
		return status;
	f->is_pcapng = nsc_file_u32(f->pos, false) == NSC_PCAPNG_MAGIC;
	return f->is_pcapng ? nsc_pcapng_open(f) : nsc_pcap_open(f);
}

/* Each file is looked at before the first packet of any. A pipe cannot be rewound: all but the first are looked at when
 * their turn comes. */
static int open_files(struct nsc_rx_file *f)
{
	int status = 0;

	for (uint32_t i = f->n_parts; i-- && !status;) {
		if (i && !nsc_file_input_rewinds(f->input, i))
			continue;
		f->end = f->slots[f->seq % f->n_slots].body; /* nothing is lent yet */
		begin_part(f, i);
		f->looks = i;
		status = open_format(f);
		f->own.skipped_blocks = i ? 0 : f->own.skipped_blocks;
	}
	return status;
}

static uint64_t file_size_of_all(const struct nsc_rx_file *f)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < f->n_parts; i++) {
		uint64_t size = nsc_file_input_size(f->input, i);

		if (size == NSC_UNKNOWN)
			return size;
		sum += size;
	}
	return sum;
}

static int name_parts(struct nsc_rx_file *f, const char *const *paths, uint32_t n)
{
	f->parts = calloc(n, sizeof(*f->parts));
	for (uint32_t i = 0; f->parts && i < n; i++) {
		struct nsc_rx_file_part *part = &f->parts[f->n_parts++];

		part->path = strdup(strcmp(paths[i], "-") ? paths[i] : "standard input");
		part->first_ns = part->last_ns = NSC_UNKNOWN;
		if (!part->path)
			break;
	}
	return f->parts && f->parts[n - 1].path ? 0
						: nsc_fail(&f->rx.error, -ENOMEM, "no memory to open '%s'", paths[0]);
}

static int file_open_all(struct nsc_rx_file *f, const struct nsc_rx_file_options *options)
{
	const char *const *paths = options->n_paths ? options->paths : &options->path;
	uint32_t n = NSC_MAX(options->n_paths, 1u);
	struct nsc_error why;
	int status;

	if (!options->loans || options->loans > NSC_FILE_LOANS_MAX)
		return nsc_fail(&f->rx.error, -EINVAL, "%u read blocks were asked for, 1 to %u are possible",
				options->loans, NSC_FILE_LOANS_MAX);
	status = name_parts(f, paths, n);
	if (status)
		return status;
	f->left = options->count ? options->count : UINT64_MAX;
	f->keeps = options->keeps;
	f->snaplen = options->snaplen ? options->snaplen : UINT32_MAX;
	status = nsc_file_input_open(&f->input, paths, n, &f->rx.error);
	if (!status && options->spans)
		status = nsc_file_input_spans(f->input, paths[0], options->spans, options->n_spans, &f->rx.error);
	if (status)
		return status;
	f->own.file_size = file_size_of_all(f);
	status = nsc_file_input_direct(f->input, options->direct, NSC_FILE_BODY, &f->rx.error);
	if (!status)
		status = map_blocks(f, options->loans + (nsc_file_input_report(f->input).files ? NSC_DIRECT_DEPTH : 0));
	if (!status && options->filter)
		status = nsc_file_filter_open(&f->filter, options->filter, -1, false, &why);
	if (status && options->filter && !f->rx.error.text[0])
		return nsc_fail(&f->rx.error, status, "cannot filter '%s': %s", f->parts[0].path, why.text);
	if (!status)
		status = open_files(f);
	if (status || !f->no_filter || f->has_filter)
		return status;
	return nsc_fail(&f->rx.error, -ENOEXEC, "cannot filter '%s': %s", f->no_filter->path, f->why_no_filter.text);
}

int nsc_rx_file_open(struct nsc_rx **rx, const struct nsc_rx_file_options *options, struct nsc_error *error)
{
	struct nsc_rx_file *f = aligned_alloc(NSC_CACHE_LINE, sizeof(*f));
	int status;

	if (!f)
		return nsc_fail(error, -ENOMEM, "no memory to open '%s'", options->path);
	memset(f, 0, sizeof(*f));
	f->rx.ops = &file_ops;
	f->rx.clock_log = &f->clock.log;
	f->state = NSC_RX_MORE;
	f->own = nsc_rx_counters_unknown();
	f->own.file_bytes = 0;
	status = file_open_all(f, options);
	if (status) {
		nsc_fail(error, 0, "%s", f->rx.error.text);
		file_close(&f->rx);
		return status;
	}
	if (options->blocks)
		status = nsc_file_blocks_open(f, options->blocks, options->block_bytes);
	if (status) {
		nsc_fail(error, 0, "%s", f->rx.error.text);
		file_close(&f->rx);
		return status;
	}
	nsc_rx_counters_copy(&f->shared, &f->own);
	*rx = &f->rx;
	return 0;
}

struct nsc_feed *nsc_rx_file_feed(const struct nsc_rx *rx)
{
	return nsc_file_input_feed(((const struct nsc_rx_file *)rx)->input);
}

struct nsc_rx_file_report nsc_rx_file_report(const struct nsc_rx *rx)
{
	const struct nsc_rx_file *f = (const struct nsc_rx_file *)rx;

	return (struct nsc_rx_file_report){
		.part = f->parts,
		.n = f->n_parts,
		.over = &f->over,
		.direct = nsc_file_input_report(f->input),
		.refused = f->own.delivered ? (struct nsc_rx_file_refused){ 0 } : f->refused,
		.no_meaning = f->no_filter ? f->why_no_filter.text : NULL,
	};
}
