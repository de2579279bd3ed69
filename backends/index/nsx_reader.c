/* SPDX-License-Identifier: MIT
 *
 * Reads blocks, checks each, and keeps a few of them. Every number that comes out of one is compared with what it may
 * be before it is used: a checksum says that a block is as it was written, not who wrote it.
 */
#include "backends/index/nsx_reader.h"

#include "backends/index/nsx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT = 64 }; /* blocks */

struct part {
	struct nsc_nsx_part head;
	uint64_t bloom, described, pages, conversations, ends, postings; /* places */
};

struct nsc_nsx {
	int fd;
	char *path;
	uint64_t payload; /* places below this one are in the parts */
	uint64_t bytes_read;
	struct nsc_nsx_foot foot;
	struct nsc_nsx_info info;
	struct part *part; /* [foot.n_parts], in the order of the capture */
	uint32_t wanted[NSC_NSX_CONVERSATIONS_MAX / 32], holds[NSC_NSX_CONVERSATIONS_MAX / 32]; /* bits */
	uint32_t page[NSC_NSX_PAGES_MAX / 32];
	uint64_t kept[KEPT]; /* number of the block + 1; 0: none */
	uint8_t block[KEPT][NSC_NSX_BLOCK];
};

static int damaged_index(const struct nsc_nsx *x, uint64_t place, const char *what, struct nsc_error *error)
{
	return nsc_fail(error, -EBADMSG, "%s: is damaged in block %llu: %s", x->path,
			(unsigned long long)(place / NSC_NSX_PAYLOAD), what);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static int read_block(struct nsc_nsx *x, uint64_t number, uint8_t block[NSC_NSX_BLOCK], struct nsc_error *error)
{
	size_t done = 0;

	while (done < NSC_NSX_BLOCK) {
		ssize_t n = pread(x->fd, block + done, NSC_NSX_BLOCK - done, (off_t)(number * NSC_NSX_BLOCK + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return nsc_fail(error, -errno, "%s: cannot be read: %s", x->path, strerror(errno));
		if (n == 0)
			return damaged_index(x, number * NSC_NSX_PAYLOAD, "it ends there", error);
		done += (size_t)n;
	}
	x->bytes_read += NSC_NSX_BLOCK;
	return 0;
}

static int check_block_crc(const struct nsc_nsx *x, uint64_t id, uint64_t number, const uint8_t *block,
			   struct nsc_error *error)
{
	uint32_t crc;

	memcpy(&crc, block + NSC_NSX_PAYLOAD, sizeof(crc));
	return crc == nsc_nsx_block_crc(id, number, block)
		       ? 0
		       : damaged_index(x, number * NSC_NSX_PAYLOAD, "its checksum is wrong", error);
}

static int keep_block_at(struct nsc_nsx *x, uint64_t number, const uint8_t **payload, struct nsc_error *error)
{
	size_t slot = number % KEPT;
	int status = 0;

	*payload = x->block[slot];
	if (x->kept[slot] == number + 1)
		return 0;
	x->kept[slot] = 0;
	status = read_block(x, number, x->block[slot], error);
	if (!status)
		status = check_block_crc(x, x->foot.id, number, x->block[slot], error);
	if (!status)
		x->kept[slot] = number + 1;
	return status;
}

static int nsx_read(struct nsc_nsx *x, uint64_t place, void *to, size_t n, struct nsc_error *error)
{
	uint8_t *bytes = to;

	if (place > x->payload || n > x->payload - place)
		return damaged_index(x, place, "a place behind the end is named", error);
	while (n) {
		size_t at = place % NSC_NSX_PAYLOAD, step = NSC_MIN(n, NSC_NSX_PAYLOAD - at);
		const uint8_t *payload;
		int status = keep_block_at(x, place / NSC_NSX_PAYLOAD, &payload, error);

		if (status)
			return status;
		memcpy(bytes, payload + at, step);
		bytes += step;
		place += step;
		n -= step;
	}
	return 0;
}

/* --- open ------------------------------------------------------------------------------------- */

static int open_index(struct nsc_nsx *x, struct stat *found, struct nsc_error *error)
{
	x->fd = open(x->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (x->fd < 0 && errno == ENOENT)
		return nsc_fail(error, -ENOENT, "%s: there is no index", x->path);
	if (x->fd < 0 || fstat(x->fd, found))
		return nsc_fail(error, -errno, "%s: cannot be read: %s", x->path, strerror(errno));
	if (!S_ISREG(found->st_mode))
		return nsc_fail(error, -EBADMSG, "%s: is no file", x->path);
	x->info.index_bytes = (uint64_t)found->st_size;
	if (found->st_size < NSC_NSX_BLOCK || found->st_size % NSC_NSX_BLOCK)
		return nsc_fail(error, -EBADMSG, "%s: is damaged: it has %lld bytes, and %d in each block", x->path,
				(long long)found->st_size, NSC_NSX_BLOCK);
	return 0;
}

/* The version is told before the checksum is asked: another version may have another one. */
static int read_foot(struct nsc_nsx *x, struct nsc_error *error)
{
	uint64_t number = x->info.index_bytes / NSC_NSX_BLOCK - 1;
	uint8_t *block = x->block[0];
	int status = read_block(x, number, block, error);

	if (status)
		return status;
	memcpy(&x->foot, block, sizeof(x->foot));
	if (x->foot.magic != NSC_NSX_MAGIC)
		return damaged_index(x, number * NSC_NSX_PAYLOAD, "an index ends otherwise", error);
	if (x->foot.version != NSC_NSX_VERSION)
		return nsc_fail(error, -ENOTSUP, "%s: has version %u of the format, and %d is known", x->path,
				x->foot.version, NSC_NSX_VERSION);
	status = check_block_crc(x, 0, number, block, error);
	if (status)
		return status;
	x->payload = number * NSC_NSX_PAYLOAD;
	if ((x->foot.covered > x->foot.size && !(x->foot.flags & NSC_NSX_COMPRESSED)) ||
	    x->foot.n_parts > x->payload / sizeof(struct nsc_nsx_part))
		return damaged_index(x, number * NSC_NSX_PAYLOAD, "its numbers are impossible", error);
	return 0;
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

static int compare_edges(struct nsc_nsx *x, int fd, struct nsc_error *error)
{
	uint32_t head, tail;
	int status = nsc_nsx_edge_crc(fd, x->foot.size, false, &head);

	if (!status)
		status = nsc_nsx_edge_crc(fd, x->foot.size, true, &tail);
	if (status)
		return nsc_fail(error, status, "%s: its capture cannot be read: %s", x->path, strerror(-status));
	return head == x->foot.head_crc && tail == x->foot.tail_crc
		       ? 0
		       : nsc_fail(error, -ESTALE, "%s: is the index of another file: begin or end differ", x->path);
}

static int compare_capture(struct nsc_nsx *x, const char *capture, const struct stat *index, struct nsc_error *error)
{
	int fd = open(capture, O_RDONLY | O_NONBLOCK | O_CLOEXEC), status;
	struct stat found;

	if (fd < 0 || fstat(fd, &found))
		status = nsc_fail(error, -errno, "%s: cannot be read: %s", capture, strerror(errno));
	else if ((uint64_t)found.st_size != x->foot.size)
		status = nsc_fail(error, -ESTALE, "%s: is the index of another file, of %llu bytes: this one has %lld",
				  x->path, (unsigned long long)x->foot.size, (long long)found.st_size);
	else if (is_later(&found.st_mtim, &index->st_mtim))
		status = nsc_fail(error, -ESTALE, "%s: is older than its file", x->path);
	else
		status = compare_edges(x, fd, error);
	x->bytes_read += 2 * NSC_MIN(x->foot.size, (uint64_t)NSC_NSX_EDGE);
	if (fd >= 0)
		close(fd);
	return status;
}

static int compare_options(struct nsc_nsx *x, bool decap, const char *tunnels, struct nsc_error *error)
{
	bool made_with = x->foot.flags & NSC_NSX_DECAP;

	if (made_with != decap)
		return nsc_fail(error, -ENOTSUP, "%s: was made %s --decap", x->path, made_with ? "with" : "without");
	if (decap && x->foot.tunnels_crc != nsc_nsx_text_crc(tunnels))
		return nsc_fail(error, -ENOTSUP, "%s: was made with other --decap-ports", x->path);
	return 0;
}

static bool part_is_possible(const struct nsc_nsx_part *h)
{
	return h->magic == NSC_NSX_PART_MAGIC && h->begin < h->end && h->n_pages && h->n_pages <= NSC_NSX_PAGES_MAX &&
	       h->n_described <= h->n_pages && h->n_conversations <= NSC_NSX_CONVERSATIONS_MAX &&
	       h->n_ends <= NSC_NSX_ENDS_MAX && h->bloom_lines && h->bloom_lines <= NSC_NSX_BLOOM_MAX &&
	       !(h->bloom_lines & (h->bloom_lines - 1)) && h->postings_bytes <= NSC_NSX_POSTINGS_BYTES_MAX;
}

/* Where its sections are; the end of the last one. */
static uint64_t lay_out_part(struct part *p, uint64_t place)
{
	p->bloom = place + sizeof(p->head);
	p->described = p->bloom + (uint64_t)p->head.bloom_lines * NSC_NSX_LINE;
	p->pages = p->described + (uint64_t)p->head.n_described * sizeof(uint32_t);
	p->conversations = p->pages + (uint64_t)p->head.n_pages * sizeof(struct nsc_nsx_page);
	p->ends = p->conversations + (uint64_t)p->head.n_conversations * sizeof(struct nsc_nsx_conversation);
	p->postings = p->ends + (uint64_t)p->head.n_ends * sizeof(struct nsc_nsx_end);
	return p->postings + p->head.postings_bytes;
}

/* From the last to the first: what each covers ends where the next one begins. */
static int read_parts(struct nsc_nsx *x, struct nsc_error *error)
{
	uint64_t place = x->foot.last_part, end = x->foot.covered, limit = x->payload;

	x->part = calloc(x->foot.n_parts + 1, sizeof(*x->part));
	if (!x->part)
		return nsc_fail(error, -ENOMEM, "%s: no memory for its parts", x->path);
	for (uint32_t i = x->foot.n_parts; i--;) {
		struct part *p = &x->part[i];
		int status = nsx_read(x, place, &p->head, sizeof(p->head), error);

		if (status)
			return status;
		if (!part_is_possible(&p->head) || p->head.end != end || lay_out_part(p, place) > limit)
			return damaged_index(x, place, "a part is impossible", error);
		limit = place;
		end = p->head.begin;
		place = p->head.previous;
		if (i && place >= limit)
			return damaged_index(x, limit, "a part is behind the next one", error);
	}
	if (place != NSC_UNKNOWN || end)
		return damaged_index(x, 0, "the first part is missing", error);
	return 0;
}

static int open_all(struct nsc_nsx *x, const char *capture, bool decap, const char *tunnels, struct nsc_error *error)
{
	struct stat index;
	int status = open_index(x, &index, error);

	if (!status)
		status = read_foot(x, error);
	if (!status)
		status = compare_capture(x, capture, &index, error);
	if (!status)
		status = compare_options(x, decap, tunnels, error);
	if (!status)
		status = read_parts(x, error);
	x->info.packets = x->foot.packets;
	x->info.min_ns = x->foot.min_ns;
	x->info.max_ns = x->foot.max_ns;
	x->info.size = x->foot.size;
	x->info.covered = x->foot.covered;
	x->info.parts = x->foot.n_parts;
	x->info.decap = x->foot.flags & NSC_NSX_DECAP;
	return status;
}

int nsc_nsx_open(struct nsc_nsx **nsx, const char *capture, bool decap, const char *tunnels, struct nsc_error *error)
{
	struct nsc_nsx *x = calloc(1, sizeof(*x));
	int status;

	if (!x || asprintf(&x->path, "%s%s", capture, NSC_NSX_SUFFIX) < 0) {
		free(x);
		return nsc_fail(error, -ENOMEM, "%s: no memory for its index", capture);
	}
	x->fd = -1;
	status = open_all(x, capture, decap, tunnels, error);
	if (status)
		nsc_nsx_close(x);
	else
		*nsx = x;
	return status;
}

const struct nsc_nsx_info *nsc_nsx_info(const struct nsc_nsx *nsx)
{
	return &nsx->info;
}

uint64_t nsc_nsx_bytes_read(const struct nsc_nsx *nsx)
{
	return nsx->bytes_read;
}

void nsc_nsx_close(struct nsc_nsx *x)
{
	if (!x)
		return;
	if (x->fd >= 0)
		close(x->fd);
	free(x->part);
	free(x->path);
	free(x);
}

/* --- bits ------------------------------------------------------------------------------------- */

static bool bit_is_set(const uint32_t *bits, uint32_t i)
{
	return bits[i / 32] >> i % 32 & 1;
}

static void bit_set(uint32_t *bits, uint32_t i)
{
	bits[i / 32] |= 1u << i % 32;
}

/* --- conversations for which a term holds ------------------------------------------------------- */

static uint64_t term_hash(const struct nsc_term *term)
{
	struct nsc_conversation of = term->of;

	switch (term->kind) {
	case NSC_TERM_HOST:
		return nsc_host_hash(of.ip_version, of.address[0]);
	case NSC_TERM_PORT:
		return nsc_port_hash(of.port[0]);
	case NSC_TERM_FLOW:
		break;
	}
	nsc_conversation_order(&of);
	of.has_ports = true;
	return nsc_conversation_hash(&of);
}

static int bloom_may(struct nsc_nsx *x, const struct part *p, uint64_t hash, bool *may, struct nsc_error *error)
{
	uint8_t line[NSC_NSX_LINE];
	int status = nsx_read(x, p->bloom + hash % p->head.bloom_lines * NSC_NSX_LINE, line, sizeof(line), error);

	*may = true;
	for (unsigned i = 0; !status && i < NSC_NSX_BLOOM_BITS; i++) {
		uint32_t bit = nsc_nsx_bloom_bit(hash, i);

		*may &= line[bit / 8] >> bit % 8 & 1;
	}
	return status;
}

static int read_conversation(struct nsc_nsx *x, const struct part *p, uint32_t i, uint64_t *hash, uint32_t *postings,
			     struct nsc_error *error)
{
	struct nsc_nsx_conversation row;
	int status = nsx_read(x, p->conversations + (uint64_t)i * sizeof(row), &row, sizeof(row), error);

	if (status)
		return status;
	*hash = (uint64_t)row.hash_high << 32 | row.hash_low;
	*postings = row.postings;
	return row.postings <= p->head.postings_bytes
		       ? 0
		       : damaged_index(x, p->conversations, "postings begin behind their end", error);
}

static int read_end(struct nsc_nsx *x, const struct part *p, uint32_t i, struct nsc_nsx_end *row,
		    struct nsc_error *error)
{
	int status = nsx_read(x, p->ends + (uint64_t)i * sizeof(*row), row, sizeof(*row), error);

	if (!status && row->conversation >= p->head.n_conversations)
		return damaged_index(x, p->ends, "a conversation is named that is not there", error);
	return status;
}

static int find_flow(struct nsc_nsx *x, const struct part *p, uint64_t wanted, struct nsc_error *error)
{
	uint32_t low = 0, high = p->head.n_conversations, postings;
	uint64_t hash = 0;
	int status = 0;

	while (low < high && !status) {
		uint32_t middle = low + (high - low) / 2;

		status = read_conversation(x, p, middle, &hash, &postings, error);
		if (hash < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	for (; !status && low < p->head.n_conversations; low++) {
		status = read_conversation(x, p, low, &hash, &postings, error);
		if (!status && hash != wanted)
			break;
		if (!status)
			bit_set(x->holds, low);
	}
	return status;
}

static int find_end(struct nsc_nsx *x, const struct part *p, uint32_t wanted, struct nsc_error *error)
{
	uint32_t low = 0, high = p->head.n_ends;
	struct nsc_nsx_end row;
	int status = 0;

	while (low < high && !status) {
		uint32_t middle = low + (high - low) / 2;

		status = read_end(x, p, middle, &row, error);
		if (!status && row.hash < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	for (; !status && low < p->head.n_ends; low++) {
		status = read_end(x, p, low, &row, error);
		if (!status && row.hash != wanted)
			break;
		if (!status)
			bit_set(x->holds, row.conversation);
	}
	return status;
}

/* Fills x->wanted with the conversations for which all terms hold; *any: there are some. */
static int find_conversations(struct nsc_nsx *x, const struct part *p, const struct nsc_nsx_query *q, bool *any,
			      struct nsc_error *error)
{
	int status = 0;

	*any = true;
	for (uint32_t i = 0; i < q->n_terms && *any && !status; i++)
		status = bloom_may(x, p, term_hash(&q->term[i]), any, error);
	memset(x->wanted, 0xff, sizeof(x->wanted));
	for (uint32_t i = 0; i < q->n_terms && *any && !status; i++) {
		uint64_t hash = term_hash(&q->term[i]);

		memset(x->holds, 0, sizeof(x->holds));
		status = q->term[i].kind == NSC_TERM_FLOW ? find_flow(x, p, hash, error)
							  : find_end(x, p, (uint32_t)(hash >> 32), error);
		*any = false;
		for (size_t k = 0; k < NSC_ARRAY_LEN(x->wanted); k++)
			*any |= (x->wanted[k] &= x->holds[k]) != 0;
	}
	return status;
}

/* --- their pages ------------------------------------------------------------------------------ */

static int take_postings(struct nsc_nsx *x, const struct part *p, uint32_t from, uint32_t to, struct nsc_error *error)
{
	uint32_t page = 0, value = 0;
	unsigned shift = 0;

	if (from >= to)
		return damaged_index(x, p->postings, "a conversation has no postings", error);
	for (; from < to; from++) {
		uint8_t byte;
		int status = nsx_read(x, p->postings + from, &byte, 1, error);

		if (status)
			return status;
		value |= (uint32_t)(byte & 0x7f) << shift;
		shift += 7;
		if (byte & 0x80 && shift < 21)
			continue;
		page += value;
		if (byte & 0x80 || page >= p->head.n_pages)
			return damaged_index(x, p->postings, "a page is named that is not there", error);
		bit_set(x->page, page);
		value = shift = 0;
	}
	return shift ? damaged_index(x, p->postings, "postings end within a number", error) : 0;
}

static int find_pages(struct nsc_nsx *x, const struct part *p, struct nsc_error *error)
{
	int status = 0;

	memset(x->page, 0, sizeof(x->page));
	for (uint32_t i = 0; i < p->head.n_conversations && !status; i++) {
		uint32_t from, to = p->head.postings_bytes;
		uint64_t hash;

		if (!bit_is_set(x->wanted, i))
			continue;
		status = read_conversation(x, p, i, &hash, &from, error);
		if (!status && i + 1 < p->head.n_conversations)
			status = read_conversation(x, p, i + 1, &hash, &to, error);
		if (!status)
			status = take_postings(x, p, from, to, error);
	}
	return status;
}

/* --- what is to be read ----------------------------------------------------------------------- */

static bool ranges_add(struct nsc_nsx_ranges *r, uint64_t from, uint64_t to)
{
	r->bytes += to - from;
	if (r->n && r->span[r->n - 1].to == from) {
		r->span[r->n - 1].to = to;
		return true;
	}
	if (r->n == r->room) {
		size_t room = r->room ? r->room * 2 : 256;
		struct nsc_rx_span *more = reallocarray(r->span, room, sizeof(*more));

		if (!more)
			return false;
		r->span = more;
		r->room = room;
	}
	r->span[r->n++] = (struct nsc_rx_span){ from, to };
	return true;
}

void nsc_nsx_ranges_free(struct nsc_nsx_ranges *ranges)
{
	free(ranges->span);
	*ranges = (struct nsc_nsx_ranges){ 0 };
}

static bool times_meet(const struct nsc_nsx_query *q, uint64_t min_ns, uint64_t max_ns)
{
	return min_ns <= q->to_ns && max_ns >= q->from_ns;
}

/* Page `i`, when it describes or has the right time. *end: where the page before it ended. */
static int take_page(struct nsc_nsx *x, const struct part *p, const struct nsc_nsx_query *q, uint32_t i, uint64_t *end,
		     struct nsc_nsx_ranges *ranges, bool *any, struct nsc_error *error)
{
	struct nsc_nsx_page page;
	int status = nsx_read(x, p->pages + (uint64_t)i * sizeof(page), &page, sizeof(page), error);
	bool described = page.packets & NSC_NSX_DESCRIBES;

	if (status)
		return status;
	if (page.begin < *end || !page.bytes || page.begin > p->head.end || page.bytes > p->head.end - page.begin)
		return damaged_index(x, p->pages, "a page is impossible", error);
	*end = page.begin + page.bytes;
	if (!described && !times_meet(q, page.min_ns, page.max_ns))
		return 0;
	*any |= (page.packets & ~NSC_NSX_DESCRIBES) && times_meet(q, page.min_ns, page.max_ns);
	return ranges_add(ranges, page.begin, page.begin + page.bytes)
		       ? 0
		       : nsc_fail(error, -ENOMEM, "%s: no memory for what is to be read", x->path);
}

static int mark_described(struct nsc_nsx *x, const struct part *p, struct nsc_error *error)
{
	int status = 0;

	for (uint32_t i = 0; i < p->head.n_described && !status; i++) {
		uint32_t page;

		status = nsx_read(x, p->described + (uint64_t)i * sizeof(page), &page, sizeof(page), error);
		if (!status && page >= p->head.n_pages)
			return damaged_index(x, p->described, "a page is named that is not there", error);
		if (!status)
			bit_set(x->page, page);
	}
	return status;
}

static int search_part(struct nsc_nsx *x, const struct part *p, const struct nsc_nsx_query *q,
		       struct nsc_nsx_ranges *ranges, bool *any, struct nsc_error *error)
{
	uint64_t end = p->head.begin;
	bool some = times_meet(q, p->head.min_ns, p->head.max_ns);
	int status = 0;

	if (some && q->n_terms)
		status = find_conversations(x, p, q, &some, error);
	memset(x->page, some && !q->n_terms ? 0xff : 0, sizeof(x->page));
	if (!status && some && q->n_terms)
		status = find_pages(x, p, error);
	if (!status)
		status = mark_described(x, p, error);
	for (uint32_t i = 0; i < p->head.n_pages && !status; i++)
		if (bit_is_set(x->page, i))
			status = take_page(x, p, q, i, &end, ranges, any, error);
	return status;
}

int nsc_nsx_find(struct nsc_nsx *x, const struct nsc_nsx_query *q, struct nsc_nsx_ranges *ranges, bool *any,
		 struct nsc_error *error)
{
	int status = 0;

	assert(q->n_terms <= NSC_TERMS_MAX);
	ranges->n = ranges->bytes = 0;
	*any = false;
	for (uint32_t i = 0; i < x->foot.n_parts && !status; i++)
		status = search_part(x, &x->part[i], q, ranges, any, error);
	return status;
}
