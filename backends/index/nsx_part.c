/* SPDX-License-Identifier: MIT
 *
 * While packets come, conversations are found by a keyed hash and compared as a whole: who knows the hashes of the
 * format can make them equal. What the format wants, once for each conversation, is computed when the part is written.
 */
#include "backends/index/nsx_part.h"

#include <stdlib.h>
#include <string.h>

enum {
	BUCKETS = 2 * NSC_NSX_CONVERSATIONS_MAX,
	NOBODY = UINT32_MAX,
	BLOOM_BITS_FOR_EACH = 10, /* four of them set: one hash in 80 is found that was not put there */
	RADIX_BITS = 11,
	RADIX = 1 << RADIX_BITS,
};

struct entry {
	struct nsc_conversation of;
	uint32_t next;      /* in its bucket; NOBODY: the last */
	uint32_t last_page; /* that has a packet of it */
	uint32_t postings;
};

struct posting {
	uint32_t entry, page;
};

struct nsc_nsx_builder {
	uint64_t secret;
	struct nsc_nsx_part part;
	uint32_t n_postings;
	uint32_t bucket[BUCKETS];
	struct nsc_nsx_page page[NSC_NSX_PAGES_MAX];
	struct entry entry[NSC_NSX_CONVERSATIONS_MAX];
	struct posting posting[NSC_NSX_POSTINGS_MAX];
	/* while a part is written */
	uint64_t hash[NSC_NSX_CONVERSATIONS_MAX];      /* by entry */
	uint32_t begin[NSC_NSX_CONVERSATIONS_MAX + 1]; /* by entry: of its pages in `pages` */
	uint32_t order[NSC_NSX_CONVERSATIONS_MAX];     /* entries, by their hashes: as the part has them */
	uint32_t bytes_at[NSC_NSX_CONVERSATIONS_MAX];  /* in that order: where postings begin */
	uint16_t pages[NSC_NSX_POSTINGS_MAX];          /* of one entry after the other */
	uint32_t described[NSC_NSX_PAGES_MAX];
	uint64_t sorted[NSC_NSX_ENDS_MAX], spare[NSC_NSX_ENDS_MAX];
	uint8_t bloom[NSC_NSX_BLOOM_MAX][NSC_NSX_LINE];
};

static_assert(NSC_NSX_PAGES_MAX - 1 <= UINT16_MAX, "a page's number has 16 bits");

struct nsc_nsx_builder *nsc_nsx_builder_open(uint64_t secret)
{
	struct nsc_nsx_builder *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->secret = secret | 1;
	nsc_nsx_builder_reset(b);
	return b;
}

uint64_t nsc_nsx_builder_memory(void)
{
	return sizeof(struct nsc_nsx_builder);
}

void nsc_nsx_builder_reset(struct nsc_nsx_builder *b)
{
	b->part = (struct nsc_nsx_part){ .magic = NSC_NSX_PART_MAGIC, .min_ns = UINT64_MAX };
	b->n_postings = 0;
	memset(b->bucket, 0xff, sizeof(b->bucket));
}

bool nsc_nsx_builder_has_room(const struct nsc_nsx_builder *b)
{
	return b->part.n_pages < NSC_NSX_PAGES_MAX && b->part.n_conversations < NSC_NSX_CONVERSATIONS_MAX &&
	       b->n_postings < NSC_NSX_POSTINGS_MAX;
}

/* --- pages ------------------------------------------------------------------------------------ */

static struct nsc_nsx_page *page_open(struct nsc_nsx_builder *b)
{
	return b->part.n_pages ? &b->page[b->part.n_pages - 1] : NULL;
}

const struct nsc_nsx_page *nsc_nsx_builder_at(const struct nsc_nsx_builder *b)
{
	return b->part.n_pages ? &b->page[b->part.n_pages - 1] : NULL;
}

static bool page_end(struct nsc_nsx_builder *b, uint64_t end)
{
	struct nsc_nsx_page *page = page_open(b);

	if (!page)
		return true;
	page->bytes = (uint32_t)(end - page->begin);
	return end > page->begin && end - page->begin <= UINT32_MAX;
}

bool nsc_nsx_builder_page(struct nsc_nsx_builder *b, uint64_t begin, bool describes)
{
	bool good = page_end(b, begin);

	assert(b->part.n_pages < NSC_NSX_PAGES_MAX);
	if (!b->part.n_pages)
		b->part.begin = begin;
	if (describes)
		b->described[b->part.n_described++] = b->part.n_pages;
	b->page[b->part.n_pages++] = (struct nsc_nsx_page){
		.begin = begin,
		.min_ns = UINT64_MAX,
		.packets = describes ? NSC_NSX_DESCRIBES : 0,
	};
	return good;
}

/* --- conversations ---------------------------------------------------------------------------- */

static uint32_t own_hash(const struct nsc_nsx_builder *b, const struct nsc_conversation *c)
{
	uint64_t word[sizeof(*c) / sizeof(uint64_t)], hash = b->secret;

	static_assert(sizeof(*c) % sizeof(uint64_t) == 0, "it is hashed in words");
	memcpy(word, c, sizeof(word));
	for (size_t i = 0; i < NSC_ARRAY_LEN(word); i++) {
		unsigned __int128 product = (unsigned __int128)(hash ^ word[i]) * (b->secret + 2 * i);

		hash = (uint64_t)product ^ (uint64_t)(product >> 64);
	}
	return (uint32_t)(hash >> 32);
}

static uint32_t conversation_find(const struct nsc_nsx_builder *b, const struct nsc_conversation *c, uint32_t bucket)
{
	uint32_t at = b->bucket[bucket];

	while (at != NOBODY && memcmp(&b->entry[at].of, c, sizeof(*c)) != 0)
		at = b->entry[at].next;
	return at;
}

static uint32_t conversation_new(struct nsc_nsx_builder *b, const struct nsc_conversation *c, uint32_t bucket)
{
	uint32_t at = b->part.n_conversations++;

	b->entry[at] = (struct entry){ .of = *c, .next = b->bucket[bucket], .last_page = NOBODY };
	b->bucket[bucket] = at;
	return at;
}

static void page_count(struct nsc_nsx_builder *b, uint64_t ts_ns)
{
	struct nsc_nsx_page *page = page_open(b);

	page->packets++;
	page->min_ns = NSC_MIN(page->min_ns, ts_ns);
	page->max_ns = NSC_MAX(page->max_ns, ts_ns);
	b->part.packets++;
}

bool nsc_nsx_builder_add(struct nsc_nsx_builder *b, const struct nsc_conversation *c, uint32_t hash, uint64_t ts_ns)
{
	uint32_t page = b->part.n_pages - 1, bucket, at;

	if (c->ip_version) {
		bucket = (hash ? hash : own_hash(b, c)) % BUCKETS;
		at = conversation_find(b, c, bucket);
		if (at == NOBODY && b->part.n_conversations == NSC_NSX_CONVERSATIONS_MAX)
			return false;
		if (at == NOBODY)
			at = conversation_new(b, c, bucket);
		if (b->entry[at].last_page != page) {
			if (b->n_postings == NSC_NSX_POSTINGS_MAX)
				return false;
			b->posting[b->n_postings++] = (struct posting){ at, page };
			b->entry[at].last_page = page;
			b->entry[at].postings++;
		}
	}
	page_count(b, ts_ns);
	return true;
}

/* --- sorting ---------------------------------------------------------------------------------- */

/* By bits [shift, shift + RADIX_BITS), those with the same ones in the order in which they were. */
static void nsx_radix_pass(const uint64_t *from, uint64_t *to, size_t n, unsigned shift)
{
	uint32_t at[RADIX] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		at[from[i] >> shift & (RADIX - 1)]++;
	for (unsigned i = 0; i < RADIX; i++) {
		uint32_t here = at[i];

		at[i] = sum;
		sum += here;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i] >> shift & (RADIX - 1)]++] = from[i];
}

/* b->sorted by its upper 32 bits, in the same way. */
static void sort_upper(struct nsc_nsx_builder *b, size_t n)
{
	nsx_radix_pass(b->sorted, b->spare, n, 32);
	nsx_radix_pass(b->spare, b->sorted, n, 32 + RADIX_BITS);
	nsx_radix_pass(b->sorted, b->spare, n, 32 + 2 * RADIX_BITS);
	memcpy(b->sorted, b->spare, n * sizeof(*b->sorted));
}

static void sort_conversations(struct nsc_nsx_builder *b)
{
	uint32_t n = b->part.n_conversations;

	for (uint32_t i = 0; i < n; i++) {
		b->hash[i] = nsc_conversation_hash(&b->entry[i].of);
		b->sorted[i] = b->hash[i] << 32 | i;
	}
	sort_upper(b, n);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t entry = (uint32_t)b->sorted[i];

		b->sorted[i] = (b->hash[entry] & ~(uint64_t)UINT32_MAX) | entry;
	}
	sort_upper(b, n);
	for (uint32_t i = 0; i < n; i++)
		b->order[i] = (uint32_t)b->sorted[i];
}

/* --- the sections ----------------------------------------------------------------------------- */

static void bloom_size(struct nsc_nsx_builder *b)
{
	uint64_t bits = (uint64_t)b->part.n_conversations * 5 * BLOOM_BITS_FOR_EACH;

	b->part.bloom_lines = 1;
	while (b->part.bloom_lines < NSC_NSX_BLOOM_MAX && b->part.bloom_lines * 512ull < bits)
		b->part.bloom_lines *= 2;
	memset(b->bloom, 0, (size_t)b->part.bloom_lines * NSC_NSX_LINE);
}

static void bloom_put(struct nsc_nsx_builder *b, uint64_t hash)
{
	uint8_t *line = b->bloom[hash % b->part.bloom_lines];

	for (unsigned i = 0; i < NSC_NSX_BLOOM_BITS; i++) {
		uint32_t bit = nsc_nsx_bloom_bit(hash, i);

		line[bit / 8] |= (uint8_t)(1u << bit % 8);
	}
}

static void sort_postings(struct nsc_nsx_builder *b)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < b->part.n_conversations; i++) {
		b->begin[i] = sum;
		sum += b->entry[i].postings;
	}
	b->begin[b->part.n_conversations] = sum;
	for (uint32_t i = 0; i < b->n_postings; i++)
		b->pages[b->begin[b->posting[i].entry]++] = (uint16_t)b->posting[i].page;
	for (uint32_t i = 0; i < b->part.n_conversations; i++)
		b->begin[i] -= b->entry[i].postings;
}

static unsigned posting_put(uint8_t *to, uint32_t value)
{
	unsigned n = 0;

	for (; value >= 0x80; value >>= 7)
		to[n++] = (uint8_t)(value | 0x80);
	to[n++] = (uint8_t)value;
	return n;
}

/* The bytes of an entry's postings: at most three for each page. */
static uint32_t postings_of(const struct nsc_nsx_builder *b, uint32_t entry, uint8_t *to)
{
	uint32_t n = 0, before = 0;

	for (uint32_t i = b->begin[entry]; i < b->begin[entry] + b->entry[entry].postings; i++) {
		n += posting_put(to + n, b->pages[i] - before);
		before = b->pages[i];
	}
	return n;
}

/* For one conversation at a time; nothing is sorted meanwhile. */
static uint8_t *postings_room(struct nsc_nsx_builder *b)
{
	static_assert(sizeof(b->spare) >= NSC_NSX_POSTINGS_BYTES_MAX, "one conversation may have all postings");
	return (uint8_t *)b->spare;
}

static void measure_postings(struct nsc_nsx_builder *b)
{
	b->part.postings_bytes = 0;
	for (uint32_t i = 0; i < b->part.n_conversations; i++) {
		b->bytes_at[i] = b->part.postings_bytes;
		b->part.postings_bytes += postings_of(b, b->order[i], postings_room(b));
	}
}

static void end_put(struct nsc_nsx_builder *b, uint64_t hash, uint32_t conversation)
{
	bloom_put(b, hash);
	b->sorted[b->part.n_ends++] = (hash & ~(uint64_t)UINT32_MAX) | conversation;
}

/* In the order of conversations, which sorting keeps. */
static void sort_ends(struct nsc_nsx_builder *b)
{
	b->part.n_ends = 0;
	for (uint32_t i = 0; i < b->part.n_conversations; i++) {
		const struct nsc_conversation *c = &b->entry[b->order[i]].of;

		bloom_put(b, b->hash[b->order[i]]);
		end_put(b, nsc_host_hash(c->ip_version, c->address[0]), i);
		if (memcmp(c->address[0], c->address[1], sizeof(c->address[0])) != 0)
			end_put(b, nsc_host_hash(c->ip_version, c->address[1]), i);
		if (!nsc_conversation_has_ports(c))
			continue;
		end_put(b, nsc_port_hash(c->port[0]), i);
		if (c->port[0] != c->port[1])
			end_put(b, nsc_port_hash(c->port[1]), i);
	}
	sort_upper(b, b->part.n_ends);
}

static void write_conversations(struct nsc_nsx_builder *b, struct nsc_nsx_file *file)
{
	for (uint32_t i = 0; i < b->part.n_conversations; i++) {
		uint64_t hash = b->hash[b->order[i]];
		struct nsc_nsx_conversation row = { (uint32_t)hash, (uint32_t)(hash >> 32), b->bytes_at[i] };

		nsc_nsx_file_put(file, &row, sizeof(row));
	}
}

static void write_ends(struct nsc_nsx_builder *b, struct nsc_nsx_file *file)
{
	for (uint32_t i = 0; i < b->part.n_ends; i++) {
		struct nsc_nsx_end row = { (uint32_t)(b->sorted[i] >> 32), (uint32_t)b->sorted[i] };

		nsc_nsx_file_put(file, &row, sizeof(row));
	}
}

static void write_postings(struct nsc_nsx_builder *b, struct nsc_nsx_file *file)
{
	uint8_t *bytes = postings_room(b);

	for (uint32_t i = 0; i < b->part.n_conversations; i++)
		nsc_nsx_file_put(file, bytes, postings_of(b, b->order[i], bytes));
}

static void sum_up(struct nsc_nsx_builder *b, uint64_t end)
{
	b->part.end = end;
	for (uint32_t i = 0; i < b->part.n_pages; i++) {
		b->part.min_ns = NSC_MIN(b->part.min_ns, b->page[i].min_ns);
		b->part.max_ns = NSC_MAX(b->part.max_ns, b->page[i].max_ns);
	}
}

uint64_t nsc_nsx_builder_write(struct nsc_nsx_builder *b, struct nsc_nsx_file *file, uint64_t previous, uint64_t end,
			       struct nsc_nsx_part *part)
{
	uint64_t place = nsc_nsx_file_at(file);

	if (!b->part.n_pages || !page_end(b, end))
		return NSC_UNKNOWN;
	sum_up(b, end);
	bloom_size(b);
	sort_conversations(b);
	sort_postings(b);
	measure_postings(b);
	sort_ends(b);
	b->part.previous = previous;
	nsc_nsx_file_put(file, &b->part, sizeof(b->part));
	nsc_nsx_file_put(file, b->bloom, (size_t)b->part.bloom_lines * NSC_NSX_LINE);
	nsc_nsx_file_put(file, b->described, b->part.n_described * sizeof(*b->described));
	nsc_nsx_file_put(file, b->page, b->part.n_pages * sizeof(*b->page));
	write_conversations(b, file);
	write_ends(b, file);
	write_postings(b, file);
	*part = b->part;
	return place;
}

void nsc_nsx_builder_close(struct nsc_nsx_builder *b)
{
	free(b);
}
