/* SPDX-License-Identifier: MIT
 *
 * Entries lie one behind the other in units of 16 bytes; a position counts units since the beginning and never comes
 * again. An entry does not wrap: a filler of length 0 stands where the ring ends early.
 *
 * Reading beside the writer: it raises `floor` above an entry before it writes there, and stores each word with
 * release. The reader loads the words with acquire and `floor` last. If it saw one new word, it sees the raised floor.
 */
#include "engine/base/name_store.h"

#include <errno.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "engine/base/assert.h"
#include "engine/base/hash.h"

enum {
	UNIT_WORDS = 2, /* of 8 bytes */
	BUCKET_SLOTS = 10,
	BUCKETS = 1 << 12, /* 256 KiB, which a second-level cache holds: the latest 40 thousand words */
	HEAD_WORDS = 2,    /* hash and holders, which are the owner's; lengths */
	TEXT_MAX = NSC_NAME_MAX + NSC_ALPN_MAX + NSC_JA4_LENGTH,
	ENTRY_UNITS_MAX = (8 * HEAD_WORDS + TEXT_MAX + 15) / 16,
	ENTRY_WORDS_MAX = UNIT_WORDS * ENTRY_UNITS_MAX,
	COPY_PIECE = 16, /* bytes */
};

#define PREPARE_BYTES (1ull << 20)

struct name_bucket {                                             /* entries by their hash: the latest ones */
	alignas(NSC_CACHE_LINE) uint32_t position[BUCKET_SLOTS]; /* low half; 0 = empty */
	uint16_t tag[BUCKET_SLOTS]; /* another part of the hash, so that other entries are not read */
};

static_assert(sizeof(struct name_bucket) == NSC_CACHE_LINE, "one line for a look");
static_assert((NSC_NAME_ENTRY_WORDS - ENTRY_WORDS_MAX) * 8 >= 2 * COPY_PIECE, "room for two ends of pieces");

struct nsc_name_store {
	uint64_t *ring;
	uint64_t units; /* that the ring holds */
	uint64_t tail;  /* of the oldest entry */
	struct name_bucket *bucket;
	uint32_t index; /* in name_stores */
	bool keep;
	alignas(NSC_CACHE_LINE) uint64_t head;  /* where the next entry goes; read by control */
	uint64_t floor;                         /* below it nothing is valid; read by everybody */
	alignas(NSC_CACHE_LINE) uint64_t ready; /* control's: units made present */
};

static struct nsc_name_store *name_stores[NSC_WORKERS_MAX];

/* --- handles ---------------------------------------------------------------------------------- */

static uint64_t store_handle(const struct nsc_name_store *s, uint64_t position)
{
	return (uint64_t)s->index << NSC_NAME_POSITION_BITS | position;
}

static uint64_t handle_position(uint64_t handle)
{
	return handle & ((1ull << NSC_NAME_POSITION_BITS) - 1);
}

static uint64_t *store_entry(const struct nsc_name_store *s, uint64_t position)
{
	return s->ring + position % s->units * UNIT_WORDS;
}

/* The word of lengths: units, application, source, and how long name, protocols and fingerprint are. */
static uint64_t lengths_pack(const struct nsc_named *named, uint64_t units)
{
	return units | (uint64_t)named->app << 8 | (uint64_t)named->source << 16 | (uint64_t)named->name_length << 24 |
	       (uint64_t)named->alpn_length << 32 | (uint64_t)named->ja4_length << 40;
}

static uint32_t lengths_units(uint64_t lengths)
{
	return lengths & 0xff;
}

static void lengths_unpack(uint64_t lengths, struct nsc_named *named)
{
	named->app = (uint8_t)(lengths >> 8);
	named->source = (uint8_t)(lengths >> 16);
	named->name_length = (uint8_t)(lengths >> 24);
	named->alpn_length = (uint8_t)(lengths >> 32);
	named->ja4_length = (uint8_t)(lengths >> 40);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Into words[0..ENTRY_WORDS_MAX); false when what lies there is no entry, or is one no more. */
static bool store_copy(const struct nsc_name_store *s, uint64_t position, uint64_t *words)
{
	const uint64_t *from = store_entry(s, position);
	uint32_t n = lengths_units(__atomic_load_n(&from[1], __ATOMIC_ACQUIRE)) * UNIT_WORDS;

	if (n < HEAD_WORDS || n > ENTRY_WORDS_MAX || from + n > s->ring + s->units * UNIT_WORDS)
		return false;
	for (uint32_t i = 1; i < n; i++)
		words[i] = __atomic_load_n(&from[i], __ATOMIC_ACQUIRE);
	return position >= __atomic_load_n(&s->floor, __ATOMIC_RELAXED) && lengths_units(words[1]) * UNIT_WORDS == n;
}

bool nsc_named_read(uint64_t handle, struct nsc_named *named)
{
	uint64_t position = handle_position(handle), words[ENTRY_WORDS_MAX];
	uint32_t index = (uint32_t)(handle >> NSC_NAME_POSITION_BITS);
	const struct nsc_name_store *s;
	const char *text = (const char *)&words[HEAD_WORDS];

	memset(named, 0, offsetof(struct nsc_named, name));
	if (handle < NSC_NAME_HANDLE_MIN || index >= NSC_WORKERS_MAX)
		return false;
	s = __atomic_load_n(&name_stores[index], __ATOMIC_ACQUIRE);
	if (!s || !store_copy(s, position, words))
		return false;
	lengths_unpack(words[1], named);
	memcpy(named->name, text, named->name_length);
	memcpy(named->alpn, text + named->name_length, named->alpn_length);
	memcpy(named->ja4, text + named->name_length + named->alpn_length, named->ja4_length);
	return true;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Copies n bytes in pieces of 16: at both ends are up to 15 more to read and to write. */
static char *copy_pieces(char *to, const char *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i += COPY_PIECE)
		memcpy(to + i, from + i, COPY_PIECE);
	return to + n;
}

/* The entry of `named` as it will lie in the ring, its first word left out, in words[0..NSC_NAME_ENTRY_WORDS); how many
 * words it has. */
static uint32_t store_make(const struct nsc_named *named, uint64_t *words)
{
	uint32_t bytes = (uint32_t)named->name_length + named->alpn_length + named->ja4_length;
	uint32_t units = (8 * HEAD_WORDS + bytes + 15) / 16;
	char *text = (char *)&words[HEAD_WORDS];

	nsc_assert(named->alpn_length <= NSC_ALPN_MAX && named->ja4_length <= NSC_JA4_LENGTH, "names have bounds");
	words[1] = lengths_pack(named, units);
	text = copy_pieces(text, named->name, named->name_length);
	text = copy_pieces(text, named->alpn, named->alpn_length);
	if (named->ja4_length)
		memcpy(text, named->ja4, NSC_JA4_LENGTH);
	memset(text + named->ja4_length, 0, COPY_PIECE);
	return units * UNIT_WORDS;
}

static_assert(offsetof(struct nsc_named, alpn) + NSC_ALPN_MAX + COPY_PIECE <= sizeof(struct nsc_named),
	      "what is copied in pieces lies within the struct");

/* A slot holds the low half of a position: its upper half is that of the latest one before `head`. */
static uint64_t slot_position(const struct nsc_name_store *s, uint32_t slot)
{
	return s->head - (uint32_t)((uint32_t)s->head - slot);
}

static uint32_t entry_hash(const uint64_t *entry)
{
	return (uint32_t)entry[0];
}

/* One holder more or less. Whoever still reads what lay there before must not see this and the old floor. */
static void entry_hold(uint64_t *entry, int64_t more)
{
	__atomic_store_n(&entry[0], entry[0] + ((uint64_t)more << 32), __ATOMIC_RELEASE);
}

/* Bits set for the slots whose tag is `tag`. */
static uint32_t bucket_match(const struct name_bucket *bucket, uint16_t tag)
{
	uint32_t bits = 0;

#ifdef __SSE2__
	__m128i some = _mm_loadu_si128((const __m128i *)bucket->tag);

	some = _mm_cmpeq_epi16(some, _mm_set1_epi16((short)tag));
	bits = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(some, _mm_setzero_si128()));
	for (uint32_t i = 8; i < BUCKET_SLOTS; i++)
#else
	for (uint32_t i = 0; i < BUCKET_SLOTS; i++)
#endif
		bits |= (uint32_t)(bucket->tag[i] == tag) << i;
	return bits;
}

static struct name_bucket *store_bucket(const struct nsc_name_store *s, uint32_t hash)
{
	return &s->bucket[hash % BUCKETS];
}

/* Of a slot of the bucket; 0: there is none, or it is forgotten. */
static uint64_t bucket_position(const struct nsc_name_store *s, const struct name_bucket *bucket, uint32_t slot)
{
	uint64_t position = bucket->position[slot] ? slot_position(s, bucket->position[slot]) : 0;

	return position < s->tail ? 0 : position;
}

/* The position of an entry of the same words, or 0. */
static uint64_t store_find(const struct nsc_name_store *s, const struct nsc_name_entry *e)
{
	const struct name_bucket *bucket = store_bucket(s, e->hash);

	for (uint32_t bits = bucket_match(bucket, (uint16_t)(e->hash >> 16)); bits; bits &= bits - 1) {
		uint64_t position = bucket_position(s, bucket, (uint32_t)__builtin_ctz(bits));
		const uint64_t *entry = store_entry(s, position);

		if (position && entry_hash(entry) == e->hash &&
		    !memcmp(entry + 1, e->word + 1, (e->n - 1) * sizeof(*e->word)))
			return position;
	}
	return 0;
}

/* The slot of the bucket's oldest entry, which a new one takes: empty, or forgotten, before all others. */
static uint32_t store_oldest(const struct nsc_name_store *s, const struct name_bucket *bucket)
{
	uint64_t oldest = UINT64_MAX;
	uint32_t slot = 0;

	for (uint32_t i = 0; i < BUCKET_SLOTS; i++) {
		uint64_t position = bucket_position(s, bucket, i);

		slot = position < oldest ? i : slot;
		oldest = NSC_MIN(oldest, position);
	}
	return slot;
}

/* The oldest entry gives way. */
static void store_forget(struct nsc_name_store *s, struct nsc_counters *counters)
{
	const uint64_t *entry = store_entry(s, s->tail);
	uint32_t units = lengths_units(entry[1]);

	if (!units) {
		s->tail += s->units - s->tail % s->units;
		return;
	}
	nsc_count(counters, NSC_C_NAME_FORGOTTEN, entry[0] >> 32);
	s->tail += units;
}

/* Makes room for `units` in one piece. */
static void store_make_room(struct nsc_name_store *s, uint32_t units, struct nsc_counters *counters)
{
	uint64_t left = s->units - s->head % s->units, skip = left < units ? left : 0;

	while (s->head + skip + units - s->tail > s->units)
		store_forget(s, counters);
	__atomic_store_n(&s->floor, s->tail, __ATOMIC_RELAXED);
	if (!skip)
		return;
	__atomic_store_n(&store_entry(s, s->head)[1], 0, __ATOMIC_RELEASE);
	__atomic_store_n(&s->head, s->head + skip, __ATOMIC_RELAXED);
}

static uint64_t name_store_append(struct nsc_name_store *s, const struct nsc_name_entry *e,
				  struct nsc_counters *counters)
{
	uint64_t position, *entry;

	store_make_room(s, e->n / UNIT_WORDS, counters);
	position = s->head;
	entry = store_entry(s, position);
	__atomic_store_n(&entry[0], e->hash, __ATOMIC_RELEASE);
	for (uint32_t i = 1; i < e->n; i++)
		__atomic_store_n(&entry[i], e->word[i], __ATOMIC_RELEASE);
	__atomic_store_n(&s->head, position + e->n / UNIT_WORDS, __ATOMIC_RELAXED);
	return position;
}

void nsc_name_entry_make(struct nsc_name_entry *e, const struct nsc_name_store *s, const struct nsc_named *named)
{
	e->n = store_make(named, e->word);
	e->hash = nsc_hash_bytes(e->word + 1, (e->n - 1) * sizeof(*e->word));
	nsc_prefetch_write(store_bucket(s, e->hash));
}

void nsc_name_entry_fetch(const struct nsc_name_entry *e, const struct nsc_name_store *s)
{
	const struct name_bucket *bucket = store_bucket(s, e->hash);
	uint32_t bits = bucket_match(bucket, (uint16_t)(e->hash >> 16));
	const uint64_t *entry =
		store_entry(s, bits ? bucket_position(s, bucket, (uint32_t)__builtin_ctz(bits)) : s->head);

	nsc_prefetch_write(entry);
	nsc_prefetch_write(entry + NSC_CACHE_LINE / sizeof(*entry));
	/* gcc takes a function that only prefetches for one without effect, and drops its calls */
	__asm__ volatile("");
}

uint64_t nsc_name_store_keep(struct nsc_name_store *s, const struct nsc_name_entry *e, struct nsc_counters *counters)
{
	struct name_bucket *bucket = store_bucket(s, e->hash);
	uint64_t position = store_find(s, e);
	uint32_t slot;

	if (!position) {
		if (s->head + 2 * s->units >= 1ull << NSC_NAME_POSITION_BITS) { /* after 256 GiB of different names */
			nsc_count(counters, NSC_C_NAME_FORGOTTEN, 1);
			return NSC_NAME_HANDLE_NONE;
		}
		slot = store_oldest(s, bucket);
		position = name_store_append(s, e, counters);
		bucket->position[slot] = (uint32_t)position;
		bucket->tag[slot] = (uint16_t)(e->hash >> 16);
	}
	entry_hold(store_entry(s, position), 1);
	return store_handle(s, position);
}

uint64_t nsc_name_store_put(struct nsc_name_store *s, const struct nsc_named *named, struct nsc_counters *counters)
{
	struct nsc_name_entry entry;

	nsc_name_entry_make(&entry, s, named);
	return nsc_name_store_keep(s, &entry, counters);
}

void nsc_name_store_drop(struct nsc_name_store *s, uint64_t handle)
{
	uint64_t position = handle_position(handle);

	if (!s->keep && handle >= NSC_NAME_HANDLE_MIN && position >= s->tail)
		entry_hold(store_entry(s, position), -1);
}

/* --- opening ---------------------------------------------------------------------------------- */

int nsc_name_store_open(struct nsc_name_store **store, struct nsc_arena *arena, uint64_t bytes, bool keep,
			struct nsc_error *error)
{
	struct nsc_name_store *s = nsc_arena_alloc(arena, sizeof(*s));
	uint32_t index = 0;

	bytes = NSC_MAX(bytes, NSC_NAME_STORE_MIN);
	if (s) {
		s->bucket = nsc_arena_alloc(arena, BUCKETS * sizeof(*s->bucket));
		s->ring = nsc_arena_reserve_split(arena, bytes, PREPARE_BYTES);
	}
	if (!s || !s->bucket || !s->ring)
		return nsc_fail(error, -ENOMEM, "no memory for the names of flows");
	s->units = NSC_MIN(bytes / 16, 1ull << 31);
	s->head = s->tail = s->floor = NSC_NAME_HANDLE_MIN;
	s->keep = keep;
	while (index < NSC_WORKERS_MAX && name_stores[index])
		index++;
	if (index == NSC_WORKERS_MAX)
		return nsc_fail(error, -EBUSY, "at most %u workers keep names of flows", NSC_WORKERS_MAX);
	s->index = index;
	nsc_arena_populate(s->bucket, BUCKETS * sizeof(*s->bucket));
	nsc_name_store_prepare(s);
	__atomic_store_n(&name_stores[index], s, __ATOMIC_RELEASE);
	*store = s;
	return 0;
}

void nsc_name_store_close(struct nsc_name_store *s)
{
	if (s)
		__atomic_store_n(&name_stores[s->index], NULL, __ATOMIC_RELEASE);
}

uint64_t nsc_name_store_bytes(uint64_t bytes)
{
	return sizeof(struct nsc_name_store) + BUCKETS * sizeof(struct name_bucket) +
	       NSC_MAX(bytes, NSC_NAME_STORE_MIN);
}

bool nsc_name_store_prepare(struct nsc_name_store *s)
{
	uint64_t head = __atomic_load_n(&s->head, __ATOMIC_RELAXED), units;

	if (s->ready == s->units || s->ready > head + PREPARE_BYTES / 32)
		return false;
	units = NSC_MIN(PREPARE_BYTES / 16, s->units - s->ready);
	nsc_arena_populate(s->ring + s->ready * UNIT_WORDS, units * 16);
	s->ready += units;
	return true;
}
