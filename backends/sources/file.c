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

#include "linktype.h"

#define HUGE_PAGE (2u << 20)
#define READS_PER_POLL 4u
#define SLOT_SIZE ((size_t)NSC_FILE_HEAD + NSC_FILE_BODY)

static_assert(NSC_FILE_HEAD >= NSC_FILE_CAPTURED_MAX + 4096, "a whole pcap record fits in the head room");

/* --- how a source ends ------------------------------------------------------------------------ */

static uint64_t offset_of(const struct nsc_rx_file *f, const uint8_t *at)
{
	return f->decoded - (uint64_t)(f->end - at);
}

static const char *offset_kind(const struct nsc_rx_file *f)
{
	return nsc_file_input_state(f->input)->compressed ? " of the decompressed data" : "";
}

enum nsc_file_stop nsc_file_damage(struct nsc_rx_file *f, const uint8_t *at, const char *format, ...)
{
	struct nsc_error why;
	va_list args;

	va_start(args, format);
	if (vsnprintf(why.text, sizeof(why.text), format, args) < 0)
		why.text[0] = '\0';
	va_end(args);
	nsc_fail(&f->rx.error, 0, "'%s' is damaged at byte %llu%s: %s", f->path, (unsigned long long)offset_of(f, at),
		 offset_kind(f), why.text);
	f->state = NSC_RX_FAILED;
	return NSC_FILE_DAMAGE;
}

static void end_of_input(struct nsc_rx_file *f)
{
	size_t left = (size_t)(f->end - f->pos);

	if (!left && !f->pcapng.skip_total) {
		f->state = NSC_RX_END;
		return;
	}
	f->state = NSC_RX_FAILED;
	nsc_fail(&f->rx.error, 0, "'%s' is cut short: %u bytes were wanted at byte %llu%s, and %zu are there", f->path,
		 f->need, (unsigned long long)offset_of(f, f->pos), offset_kind(f), left);
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

/* Reads once. True when there are more bytes; false when nothing can be had now (f->state stays MORE) or ever. */
static bool file_fill(struct nsc_rx_file *f)
{
	struct nsc_error why;
	ssize_t n;

	if (f->end == f->limit && !next_slot(f))
		return false;
	n = nsc_file_input_read(f->input, f->end, (size_t)(f->limit - f->end), &why);
	f->own.file_bytes = nsc_file_input_state(f->input)->taken;
	f->interrupted = n == -EINTR;
	if (nsc_likely(n > 0)) {
		f->end += n;
		f->decoded += (uint64_t)n;
		return true;
	}
	if (n == 0)
		end_of_input(f);
	else if (n != -EAGAIN && n != -EINTR)
		input_failed(f, &why);
	return false;
}

int nsc_file_ensure(struct nsc_rx_file *f, uint32_t bytes)
{
	f->need = bytes;
	while ((size_t)(f->end - f->pos) < bytes) {
		if (file_fill(f))
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

int nsc_file_refuse_link(struct nsc_rx_file *f, uint32_t linktype)
{
	char text[128];

	nsc_linktype_describe(linktype, text, sizeof(text));
	return nsc_fail(&f->rx.error, -EPROTONOSUPPORT, "'%s' has link type %s, which NetScope does not decode",
			f->path, text);
}

/* --- the table of operations ------------------------------------------------------------------ */

static void file_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct nsc_rx_file *f = (struct nsc_rx_file *)rx;
	uint32_t want = (uint32_t)NSC_MIN(f->left, NSC_BURST_MAX), n = 0;
	bool waiting = false;

	/* A filter that refuses everything must not keep the worker from its other duties: a few reads, then n = 0. */
	for (uint32_t reads = 0; f->state == NSC_RX_MORE && !n && !waiting && reads < READS_PER_POLL;) {
		n = f->is_pcapng ? nsc_pcapng_walk(f, burst->pkt, want) : nsc_pcap_walk(f, burst->pkt, want);
		if (n || f->stop != NSC_FILE_NEED)
			continue;
		waiting = !file_fill(f) && f->state == NSC_RX_MORE;
		reads++;
	}
	if (!f->left && f->state == NSC_RX_MORE)
		f->state = NSC_RX_END;
	if (n)
		f->slots[f->seq % f->n_slots].lent = true;
	burst->n = n;
	burst->state = waiting ? NSC_RX_IDLE : f->state;
	burst->clock_ns = f->clock_ns;
	burst->loan = f->seq;
	nsc_rx_counters_copy(&f->shared, &f->own);
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

	nsc_pcapng_close(f);
	nsc_file_filter_close(f->filter);
	nsc_file_input_close(f->input);
	if (f->mapping)
		munmap(f->mapping, f->mapping_size);
	free(f->slots);
	free(f->path);
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

static int open_format(struct nsc_rx_file *f, const char *filter)
{
	int status = nsc_file_ensure(f, 4);

	if (status == -ENODATA)
		return nsc_fail(&f->rx.error, status, "'%s' is empty once decompressed", f->path);
	if (status)
		return status;
	f->is_pcapng = nsc_file_u32(f->pos, false) == 0x0a0d0d0a;
	return f->is_pcapng ? nsc_pcapng_open(f, filter) : nsc_pcap_open(f, filter);
}

static int file_open_all(struct nsc_rx_file *f, const struct nsc_rx_file_options *options)
{
	int status;

	if (!options->loans || options->loans > NSC_FILE_LOANS_MAX)
		return nsc_fail(&f->rx.error, -EINVAL, "%u read blocks were asked for, 1 to %u are possible",
				options->loans, NSC_FILE_LOANS_MAX);
	f->path = strdup(strcmp(options->path, "-") ? options->path : "standard input");
	if (!f->path)
		return nsc_fail(&f->rx.error, -ENOMEM, "no memory to open '%s'", options->path);
	f->left = options->count ? options->count : UINT64_MAX;
	f->snaplen = options->snaplen ? options->snaplen : UINT32_MAX;
	status = nsc_file_input_open(&f->input, options->path, &f->rx.error);
	if (status)
		return status;
	f->own.file_size = nsc_file_input_state(f->input)->size;
	status = map_blocks(f, options->loans);
	return status ? status : open_format(f, options->filter);
}

int nsc_rx_file_open(struct nsc_rx **rx, const struct nsc_rx_file_options *options, struct nsc_error *error)
{
	struct nsc_rx_file *f = aligned_alloc(NSC_CACHE_LINE, sizeof(*f));
	int status;

	if (!f)
		return nsc_fail(error, -ENOMEM, "no memory to open '%s'", options->path);
	memset(f, 0, sizeof(*f));
	f->rx.ops = &file_ops;
	f->state = NSC_RX_MORE;
	f->own = nsc_rx_counters_unknown();
	f->own.file_bytes = 0;
	status = file_open_all(f, options);
	if (status) {
		nsc_fail(error, 0, "%s", f->rx.error.text);
		file_close(&f->rx);
		return status;
	}
	nsc_rx_counters_copy(&f->shared, &f->own);
	*rx = &f->rx;
	return 0;
}
