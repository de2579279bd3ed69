/* SPDX-License-Identifier: MIT */
#include "engine/detect/multiset_parts.h"

uint32_t multiset_take(struct nsc_multisets *multisets, uint32_t order)
{
	uint32_t unit = order < NSC_POOL_ORDERS ? nsc_pool_take(multisets->pool, order) : NSC_POOL_NONE;

	if (unit == NSC_POOL_NONE && order < NSC_POOL_ORDERS && multisets->make_room(multisets->context, order))
		unit = nsc_pool_take(multisets->pool, order);
	return unit;
}

static uint64_t *set_elements(const struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t form)
{
	return form & NSC_MULTISET_BLOCK ? multiset_block(multisets, multiset) : multiset->element;
}

static uint32_t form_count(const struct nsc_multiset *multiset, uint8_t form)
{
	return form & NSC_MULTISET_BLOCK ? multiset->n : form;
}

static uint32_t set_room(uint8_t form)
{
	return form & NSC_MULTISET_BLOCK ? multiset_room(multiset_order(form)) : NSC_MULTISET_INLINE;
}

static void form_set_count(struct nsc_multiset *multiset, uint8_t *form, uint32_t n)
{
	if (*form & NSC_MULTISET_BLOCK)
		multiset->n = n;
	else
		*form = (uint8_t)n;
}

/* --- sets ------------------------------------------------------------------------------------- */

static bool set_is_hash(uint8_t form)
{
	return form & NSC_MULTISET_BLOCK && multiset_order(form) >= MULTISET_LIST_ORDERS;
}

/* Looks through the list for the element's value, and drops on the way what has left the window. */
static bool list_renew(const struct nsc_multisets *multisets, uint64_t *list, uint32_t *n, uint64_t element)
{
	bool found = false;

	for (uint32_t i = 0; i < *n;) {
		if ((list[i] ^ element) >> 16 == 0) {
			list[i++] = element;
			found = true;
		} else if (!multiset_lives(multisets, list[i])) {
			list[i] = list[--*n];
		} else {
			i++;
		}
	}
	return found;
}

/* Without room the one that leaves the window first makes way. */
static void list_replace(struct nsc_multisets *multisets, uint64_t *list, uint32_t n, uint64_t element)
{
	uint32_t oldest = 0;

	for (uint32_t i = 1; i < n; i++)
		if (multiset_age(multisets, list[i]) > multiset_age(multisets, list[oldest]))
			oldest = i;
	list[oldest] = element;
	multisets->full++;
}

/* All of a full list and one more, in a block of twice the size. */
static void list_grow(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form, uint64_t element)
{
	uint32_t order = *form & NSC_MULTISET_BLOCK ? multiset_order(*form) + 1 : 0, n = form_count(multiset, *form);
	uint64_t all[MULTISET_LIST_MAX + 1];
	uint32_t unit = multiset_take(multisets, order);

	if (unit == NSC_POOL_NONE) {
		list_replace(multisets, set_elements(multisets, multiset, *form), n, element);
		return;
	}
	memcpy(all, set_elements(multisets, multiset, *form), n * sizeof(*all));
	all[n++] = element;
	nsc_multiset_clear(multisets, multiset, form);
	*form = (uint8_t)(NSC_MULTISET_BLOCK | order);
	if (order >= MULTISET_LIST_ORDERS) {
		multiset_hash_begin(multisets, multiset, unit, order, all, n);
		return;
	}
	multiset->unit = unit;
	multiset->n = n;
	multiset->more = 0;
	memcpy(multiset_block(multisets, multiset), all, n * sizeof(*all));
}

void nsc_multiset_note(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form, uint64_t hash)
{
	uint64_t element = (hash | (uint64_t)(hash < 1u << 16) << 16) >> 16 << 16 | multisets->now; /* 0 is no value */
	uint32_t n = form_count(multiset, *form);
	uint64_t *list;
	bool found;

	if (set_is_hash(*form)) {
		multiset_hash_note(multisets, multiset, form, element);
		return;
	}
	list = set_elements(multisets, multiset, *form);
	found = list_renew(multisets, list, &n, element);
	if (!found && n < set_room(*form)) {
		list[n++] = element;
		found = true;
	}
	form_set_count(multiset, form, n);
	if (!found)
		list_grow(multisets, multiset, form, element);
}

void nsc_multiset_prefetch(const struct nsc_multisets *multisets, const struct nsc_multiset *multiset, uint8_t form,
			   uint64_t hash)
{
	const uint64_t *block;

	if (!(form & NSC_MULTISET_BLOCK))
		return;
	block = multiset_block(multisets, multiset);
	if (set_is_hash(form))
		nsc_prefetch_write(&block[hash >> 16 & (multiset_room(multiset_order(form)) - 1)]);
	else
		for (uint32_t i = 0; i < multiset->n; i += 8)
			nsc_prefetch_write(&block[i]);
}

uint64_t nsc_multiset_set_bound(const struct nsc_multiset *multiset, uint8_t form)
{
	return set_is_hash(form) && multiset->n >= NSC_MULTISET_EXACT ? UINT64_MAX : form_count(multiset, form);
}

static uint32_t list_living(const struct nsc_multisets *multisets, const uint64_t *list, uint32_t n)
{
	uint32_t living = 0;

	for (uint32_t i = 0; i < n; i++)
		living += multiset_lives(multisets, list[i]);
	return living;
}

uint64_t nsc_multiset_different(struct nsc_multisets *multisets, const struct nsc_multiset *multiset, uint8_t form)
{
	if (set_is_hash(form))
		return multiset_hash_different(multisets, multiset, form);
	return list_living(multisets, set_elements(multisets, (struct nsc_multiset *)multiset, form),
			   form_count(multiset, form));
}

/* --- series: counts of 16 bits in the order of epochs, several of one epoch if need be -------- */

#define COUNT_MAX 0xffffu

static uint32_t *series_counts(const struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t form)
{
	return form & NSC_MULTISET_BLOCK ? nsc_pool_at(multisets->pool, multiset->unit) : multiset->count;
}

static uint32_t series_room(uint8_t form)
{
	return form & NSC_MULTISET_BLOCK ? 2 * multiset_room(multiset_order(form))
					 : NSC_ARRAY_LEN(((struct nsc_multiset *)NULL)->count);
}

static uint64_t series_sum(const uint32_t *list, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += list[i] >> 16;
	return sum;
}

/* Drops the first `gone` elements. */
static void series_cut(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form, uint32_t gone)
{
	uint32_t *list = series_counts(multisets, multiset, *form), n = form_count(multiset, *form) - gone;

	memmove(list, list + gone, n * sizeof(*list));
	form_set_count(multiset, form, n);
	if (*form & NSC_MULTISET_BLOCK)
		multiset->more = series_sum(list, n);
}

static void series_purge(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form)
{
	const uint32_t *list = series_counts(multisets, multiset, *form);
	uint32_t n = form_count(multiset, *form), gone = 0;

	while (gone < n && !multiset_lives(multisets, list[gone]))
		gone++;
	if (gone)
		series_cut(multisets, multiset, form, gone);
}

/* Room for one more: by what has left the window, else by a larger block, else at the expense of the oldest quarter. */
static void series_make_room(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form)
{
	uint32_t order = *form & NSC_MULTISET_BLOCK ? multiset_order(*form) + 1 : 0, n, unit;
	uint32_t *list;

	series_purge(multisets, multiset, form);
	n = form_count(multiset, *form);
	if (n <= series_room(*form) * 3 / 4)
		return;
	unit = multiset_take(multisets, order);
	if (unit == NSC_POOL_NONE) {
		if (n == series_room(*form)) {
			multisets->full += (n + 3) / 4;
			series_cut(multisets, multiset, form, (n + 3) / 4);
		}
		return;
	}
	list = nsc_pool_at(multisets->pool, unit);
	memcpy(list, series_counts(multisets, multiset, *form), n * sizeof(*list));
	nsc_multiset_clear(multisets, multiset, form);
	*form = (uint8_t)(NSC_MULTISET_BLOCK | order);
	multiset->unit = unit;
	multiset->n = n;
	multiset->more = series_sum(list, n);
}

static void series_append(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form, uint32_t count)
{
	uint32_t n;

	if (form_count(multiset, *form) == series_room(*form))
		series_make_room(multisets, multiset, form);
	n = form_count(multiset, *form);
	series_counts(multisets, multiset, *form)[n] = count << 16 | multisets->now;
	form_set_count(multiset, form, n + 1);
	if (*form & NSC_MULTISET_BLOCK)
		multiset->more += count;
}

void nsc_multiset_count(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form, uint32_t count)
{
	uint32_t n = form_count(multiset, *form), *last = series_counts(multisets, multiset, *form) + n - (n > 0);

	if (n && (uint16_t)*last == multisets->now) {
		uint32_t more = NSC_MIN(count, COUNT_MAX - (*last >> 16));

		*last += more << 16;
		count -= more;
		if (*form & NSC_MULTISET_BLOCK)
			multiset->more += more;
	}
	for (uint32_t part; count; count -= part) {
		part = NSC_MIN(count, COUNT_MAX);
		series_append(multisets, multiset, form, part);
	}
}

uint64_t nsc_multiset_series_bound(const struct nsc_multiset *multiset, uint8_t form)
{
	return form & NSC_MULTISET_BLOCK ? multiset->more : series_sum(multiset->count, form);
}

uint64_t nsc_multiset_sum(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form)
{
	series_purge(multisets, multiset, form);
	return nsc_multiset_series_bound(multiset, *form);
}

/* --- both ------------------------------------------------------------------------------------- */

void nsc_multiset_purge(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form, bool series)
{
	uint32_t n = form_count(multiset, *form);

	if (series) {
		series_purge(multisets, multiset, form);
	} else if (set_is_hash(*form)) {
		multiset_hash_purge(multisets, multiset, form);
	} else {
		list_renew(multisets, set_elements(multisets, multiset, *form), &n, 0);
		form_set_count(multiset, form, n);
	}
}

void nsc_multiset_clear(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form)
{
	if (*form & NSC_MULTISET_BLOCK)
		nsc_pool_give(multisets->pool, multiset->unit, multiset_order(*form));
	*form = 0;
}
