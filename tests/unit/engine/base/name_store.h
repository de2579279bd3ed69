/* SPDX-License-Identifier: MIT
 *
 * A store of names for tests, and names made from numbers.
 */
#ifndef NETSCOPE_TESTS_NAME_STORE_H
#define NETSCOPE_TESTS_NAME_STORE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/name_store.h"

static struct nsc_counters counters;

static struct nsc_name_store *open_store(struct nsc_arena **arena, bool keep)
{
	struct nsc_name_store *store;
	struct nsc_error error;

	if (nsc_arena_open(arena, &error) || nsc_name_store_open(&store, *arena, 0, keep, &error))
		abort();
	memset(&counters, 0, sizeof(counters));
	return store;
}

static void close_store(struct nsc_name_store *store, struct nsc_arena *arena)
{
	nsc_name_store_close(store);
	nsc_arena_close(arena);
}

/* A name from a number, of a length from it. */
static void make(struct nsc_named *named, uint32_t number)
{
	memset(named, 0, sizeof(*named));
	named->app = NSC_APP_TLS;
	named->source = NSC_APP_SOURCE_PAYLOAD;
	named->name_length = (uint8_t)(10 + number % (NSC_NAME_MAX - 9));
	memset(named->name, 'x', named->name_length);
	snprintf(named->name, 11, "%010u", number);
	named->name[10] = 'x';
	named->alpn_length = (uint8_t)(number % (NSC_ALPN_MAX + 1));
	memset(named->alpn, 'a', named->alpn_length);
	named->ja4_length = number & 1 ? NSC_JA4_LENGTH : 0;
	memset(named->ja4, 'j', named->ja4_length);
}

#endif
