/* SPDX-License-Identifier: MIT
 *
 * Lists and series.
 */
#include "engine/detect/bag_parts.h"

uint32_t bag_take(struct nsc_bags *bags, uint32_t order)
{
	uint32_t unit = order < NSC_POOL_ORDERS ? nsc_pool_take(bags->pool, order) : NSC_POOL_NONE;

	if (unit == NSC_POOL_NONE && order < NSC_POOL_ORDERS && bags->make_room(bags->context, order))
		unit = nsc_pool_take(bags->pool, order);
	return unit;
}

static uint64_t *elements_of(const struct nsc_bags *bags, struct nsc_bag *bag, uint8_t form)
{
	return form & NSC_BAG_BLOCK ? bag_block(bags, bag) : bag->element;
}

static uint32_t count_of(const struct nsc_bag *bag, uint8_t form)
{
	return form & NSC_BAG_BLOCK ? bag->n : form;
}

static uint32_t room_of(uint8_t form)
{
	return form & NSC_BAG_BLOCK ? bag_room(bag_order(form)) : NSC_BAG_INLINE;
}

static void set_count(struct nsc_bag *bag, uint8_t *form, uint32_t n)
{
	if (*form & NSC_BAG_BLOCK)
		bag->n = n;
	else
		*form = (uint8_t)n;
}

/* --- sets ------------------------------------------------------------------------------------- */

static bool is_hash(uint8_t form)
{
	return form & NSC_BAG_BLOCK && bag_order(form) >= BAG_LIST_ORDERS;
}

/* Looks through the list for the element's value, and drops on the way what has left the window. */
static bool list_renew(const struct nsc_bags *bags, uint64_t *list, uint32_t *n, uint64_t element)
{
	bool found = false;

	for (uint32_t i = 0; i < *n;) {
		if ((list[i] ^ element) >> 16 == 0) {
			list[i++] = element;
			found = true;
		} else if (!bag_lives(bags, list[i])) {
			list[i] = list[--*n];
		} else {
			i++;
		}
	}
	return found;
}

/* Without room the one that leaves the window first makes way. */
static void list_replace(struct nsc_bags *bags, uint64_t *list, uint32_t n, uint64_t element)
{
	uint32_t oldest = 0;

	for (uint32_t i = 1; i < n; i++)
		if (bag_age(bags, list[i]) > bag_age(bags, list[oldest]))
			oldest = i;
	list[oldest] = element;
	bags->full++;
}

/* All of a full list and one more, in a block of twice the size. */
static void list_grow(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form, uint64_t element)
{
	uint32_t order = *form & NSC_BAG_BLOCK ? bag_order(*form) + 1 : 0, n = count_of(bag, *form);
	uint64_t all[BAG_LIST_MAX + 1];
	uint32_t unit = bag_take(bags, order);

	if (unit == NSC_POOL_NONE) {
		list_replace(bags, elements_of(bags, bag, *form), n, element);
		return;
	}
	memcpy(all, elements_of(bags, bag, *form), n * sizeof(*all));
	all[n++] = element;
	nsc_bag_clear(bags, bag, form);
	*form = (uint8_t)(NSC_BAG_BLOCK | order);
	if (order >= BAG_LIST_ORDERS) {
		bag_hash_begin(bags, bag, unit, order, all, n);
		return;
	}
	bag->unit = unit;
	bag->n = n;
	bag->more = 0;
	memcpy(bag_block(bags, bag), all, n * sizeof(*all));
}

void nsc_bag_note(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form, uint64_t hash)
{
	uint64_t element = (hash | (uint64_t)(hash < 1u << 16) << 16) >> 16 << 16 | bags->now; /* 0 is no value */
	uint32_t n = count_of(bag, *form);
	uint64_t *list;
	bool found;

	if (is_hash(*form)) {
		bag_hash_note(bags, bag, form, element);
		return;
	}
	list = elements_of(bags, bag, *form);
	found = list_renew(bags, list, &n, element);
	if (!found && n < room_of(*form)) {
		list[n++] = element;
		found = true;
	}
	set_count(bag, form, n);
	if (!found)
		list_grow(bags, bag, form, element);
}

void nsc_bag_prefetch(const struct nsc_bags *bags, const struct nsc_bag *bag, uint8_t form, uint64_t hash)
{
	const uint64_t *block;

	if (!(form & NSC_BAG_BLOCK))
		return;
	block = bag_block(bags, bag);
	if (is_hash(form))
		nsc_prefetch_write(&block[hash >> 16 & (bag_room(bag_order(form)) - 1)]);
	else
		for (uint32_t i = 0; i < bag->n; i += 8)
			nsc_prefetch_write(&block[i]);
}

uint64_t nsc_bag_set_bound(const struct nsc_bag *bag, uint8_t form)
{
	return is_hash(form) && bag->n >= NSC_BAG_EXACT ? UINT64_MAX : count_of(bag, form);
}

static uint32_t list_living(const struct nsc_bags *bags, const uint64_t *list, uint32_t n)
{
	uint32_t living = 0;

	for (uint32_t i = 0; i < n; i++)
		living += bag_lives(bags, list[i]);
	return living;
}

uint64_t nsc_bag_different(struct nsc_bags *bags, const struct nsc_bag *bag, uint8_t form)
{
	if (is_hash(form))
		return bag_hash_different(bags, bag, form);
	return list_living(bags, elements_of(bags, (struct nsc_bag *)bag, form), count_of(bag, form));
}

static void purge_list(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form)
{
	uint32_t n = count_of(bag, *form);

	list_renew(bags, elements_of(bags, bag, *form), &n, 0);
	set_count(bag, form, n);
}

/* --- series: counts of 16 bits in the order of epochs, several of one epoch if need be -------- */

#define COUNT_MAX 0xffffu

static uint32_t *counts_of(const struct nsc_bags *bags, struct nsc_bag *bag, uint8_t form)
{
	return form & NSC_BAG_BLOCK ? nsc_pool_at(bags->pool, bag->unit) : bag->count;
}

static uint32_t counts_room(uint8_t form)
{
	return form & NSC_BAG_BLOCK ? 2 * bag_room(bag_order(form)) : NSC_ARRAY_LEN(((struct nsc_bag *)NULL)->count);
}

static uint64_t sum_of(const uint32_t *list, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += list[i] >> 16;
	return sum;
}

/* Drops the first `gone` elements. */
static void series_cut(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form, uint32_t gone)
{
	uint32_t *list = counts_of(bags, bag, *form), n = count_of(bag, *form) - gone;

	memmove(list, list + gone, n * sizeof(*list));
	set_count(bag, form, n);
	if (*form & NSC_BAG_BLOCK)
		bag->more = sum_of(list, n);
}

static void purge_series(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form)
{
	const uint32_t *list = counts_of(bags, bag, *form);
	uint32_t n = count_of(bag, *form), gone = 0;

	while (gone < n && !bag_lives(bags, list[gone]))
		gone++;
	if (gone)
		series_cut(bags, bag, form, gone);
}

/* Room for one more: by what has left the window, else by a larger block, else at the expense of the oldest quarter. */
static void series_make_room(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form)
{
	uint32_t order = *form & NSC_BAG_BLOCK ? bag_order(*form) + 1 : 0, n, unit;
	uint32_t *list;

	purge_series(bags, bag, form);
	n = count_of(bag, *form);
	if (n <= counts_room(*form) * 3 / 4)
		return;
	unit = bag_take(bags, order);
	if (unit == NSC_POOL_NONE) {
		if (n == counts_room(*form)) {
			bags->full += (n + 3) / 4;
			series_cut(bags, bag, form, (n + 3) / 4);
		}
		return;
	}
	list = nsc_pool_at(bags->pool, unit);
	memcpy(list, counts_of(bags, bag, *form), n * sizeof(*list));
	nsc_bag_clear(bags, bag, form);
	*form = (uint8_t)(NSC_BAG_BLOCK | order);
	bag->unit = unit;
	bag->n = n;
	bag->more = sum_of(list, n);
}

static void append_count(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form, uint32_t count)
{
	uint32_t n;

	if (count_of(bag, *form) == counts_room(*form))
		series_make_room(bags, bag, form);
	n = count_of(bag, *form);
	counts_of(bags, bag, *form)[n] = count << 16 | bags->now;
	set_count(bag, form, n + 1);
	if (*form & NSC_BAG_BLOCK)
		bag->more += count;
}

void nsc_bag_count(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form, uint32_t count)
{
	uint32_t n = count_of(bag, *form), *last = counts_of(bags, bag, *form) + n - (n > 0);

	if (n && (uint16_t)*last == bags->now) {
		uint32_t more = NSC_MIN(count, COUNT_MAX - (*last >> 16));

		*last += more << 16;
		count -= more;
		if (*form & NSC_BAG_BLOCK)
			bag->more += more;
	}
	for (uint32_t part; count; count -= part) {
		part = NSC_MIN(count, COUNT_MAX);
		append_count(bags, bag, form, part);
	}
}

uint64_t nsc_bag_series_bound(const struct nsc_bag *bag, uint8_t form)
{
	return form & NSC_BAG_BLOCK ? bag->more : sum_of(bag->count, form);
}

uint64_t nsc_bag_sum(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form)
{
	purge_series(bags, bag, form);
	return nsc_bag_series_bound(bag, *form);
}

/* --- both ------------------------------------------------------------------------------------- */

void nsc_bag_purge(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form, bool series)
{
	if (series)
		purge_series(bags, bag, form);
	else if (is_hash(*form))
		bag_hash_purge(bags, bag, form);
	else
		purge_list(bags, bag, form);
}

void nsc_bag_clear(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form)
{
	if (*form & NSC_BAG_BLOCK)
		nsc_pool_give(bags->pool, bag->unit, bag_order(*form));
	*form = 0;
}
