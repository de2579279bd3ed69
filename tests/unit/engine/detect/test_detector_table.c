/* SPDX-License-Identifier: MIT
 *
 * What every row of the table must hold; a detector of nobody's that takes one row; what a packed contact gives back.
 */
#include "engine/detect/detector.h"

#include "engine/detect/window.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/detect/records.h"

START_TEST(rows_are_whole)
{
	struct nsc_detect_options options = test_options();
	uint32_t n = 0;

	options.few_sources = true;
	options.scan_all = false;
	options.microburst.enabled = true;
	for (const struct nsc_detector *const *d = nsc_detector_table; *d; d++, n++) {
		struct nsc_rule rule = { .enabled = false };
		bool any = false;

		for (uint32_t i = 0; i < NSC_MEASURE_MULTISETS; i++)
			rule.at_least[i] = rule.at_most[i] = rule.shown[i] = NSC_ALERT_NONE;
		(*d)->configure(&options, &rule);
		ck_assert(rule.enabled);
		ck_assert_uint_lt((*d)->kind, NSC_ALERT_KIND_COUNT);
		ck_assert_uint_ne(rule.contacts, 0);
		ck_assert_uint_eq(rule.contacts >> NSC_CONTACT_KINDS, 0);
		if (!(*d)->measure)
			continue;
		ck_assert_uint_ge((*d)->measure->n_multisets, 1);
		ck_assert_uint_le((*d)->measure->n_multisets, NSC_MEASURE_MULTISETS);
		ck_assert_uint_eq((rule.if_answered | rule.if_silent) & ~rule.contacts, 0);
		ck_assert((*d)->measure->pack == NULL || (*d)->measure->unpack != NULL);
		for (uint32_t i = 0; i < NSC_MEASURE_MULTISETS; i++)
			any |= rule.at_least[i] != NSC_ALERT_NONE;
		ck_assert(any); /* without a threshold every contact would be an alert */
	}
	ck_assert_uint_le(n, NSC_DETECTORS_MAX);
}
END_TEST

START_TEST(reading_and_the_key_alone_hash_alike)
{
	static struct nsc_epoch_chunk chunk;
	struct nsc_contact contact[1];

	chunk.n = chunk.bytes = 0;
	test_append(&chunk, NSC_CONTACT_SYN, 1, 2, 80, 1);
	test_read(&chunk, contact);
	for (const struct nsc_detector *const *d = nsc_detector_table; *d; d++) {
		uint64_t add[NSC_MEASURE_MULTISETS] = { 0 }, again[NSC_MEASURE_MULTISETS] = { 0 }, hash;
		struct nsc_detect_key key;

		if (!(*d)->measure)
			continue;
		memset(&key, 0, sizeof(key));
		(*d)->measure->read(contact, test_seed, &key, &hash, add);
		ck_assert_uint_eq((*d)->measure->hash(&key, test_seed), hash);
		if (!(*d)->measure->pack)
			continue;
		ck_assert_uint_ne((*d)->measure->pack(contact), 0);
		(*d)->measure->unpack((*d)->measure->pack(contact), test_seed, again);
		for (uint32_t i = 0; i < NSC_MEASURE_MULTISETS; i++)
			ck_assert_uint_eq(add[i] >> 16, again[i] >> 16);
	}
}
END_TEST

/* --- a third detector: sources that try one port on many hosts by UDP, with a measure of its own --- */

static void sweep_read(const struct nsc_contact *contact, const uint64_t seed[2], struct nsc_detect_key *key,
		       uint64_t *hash, uint64_t add[NSC_MEASURE_MULTISETS])
{
	nsc_contact_address(contact->record, false, key->addr);
	key->port = contact->record->port;
	key->ip_version = contact->record->ip_version;
	*hash = contact->source ^ contact->record->port * 0x9e3779b97f4a7c15ull;
	add[0] = contact->target;
}

static uint64_t sweep_hash(const struct nsc_detect_key *key, const uint64_t seed[2])
{
	return nsc_contact_address_hash(seed, key->addr, key->ip_version) ^ key->port * 0x9e3779b97f4a7c15ull;
}

static void sweep_name(const struct nsc_detect_key *key, struct nsc_alert *alert)
{
	memcpy(alert->source, key->addr, sizeof(alert->source));
	alert->has_source = true;
}

static const struct nsc_measure sweep_measure = {
	.n_multisets = 1,
	.multiset = { { .value = NSC_ALERT_HOSTS } },
	.read = sweep_read,
	.hash = sweep_hash,
	.name_alert = sweep_name,
};

static void sweep_configure(const struct nsc_detect_options *options, struct nsc_rule *rule)
{
	rule->enabled = true;
	rule->contacts = NSC_CONTACT_BIT(NSC_CONTACT_UDP);
	rule->window_ns = options->port_scan.window_ns;
	rule->at_least[0] = rule->shown[0] = 3;
	rule->observed[0] = true;
}

static const struct nsc_detector sweep = {
	.kind = NSC_ALERT_PORT_SCAN,
	.measure = &sweep_measure,
	.configure = sweep_configure,
};

START_TEST(another_detector_needs_only_its_row)
{
	struct nsc_window_options options = { .measure = sweep.measure,
					      .window = 10,
					      .seed = { test_seed[0], test_seed[1] } };
	struct nsc_rule rule = { .enabled = false };
	struct nsc_detect_options detect = test_options();
	static struct nsc_epoch_chunk chunk;
	static struct nsc_window window;
	static struct nsc_contact contact[8];
	struct nsc_arena *arena;
	uint64_t value[NSC_MEASURE_MULTISETS];

	for (uint32_t i = 0; i < NSC_MEASURE_MULTISETS; i++)
		rule.at_least[i] = rule.at_most[i] = NSC_ALERT_NONE;
	sweep.configure(&detect, &rule);
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_window_open(&window, arena, &options, NULL), 0);
	nsc_window_add_rule(&window, &rule);
	chunk.n = chunk.bytes = 0;
	for (uint32_t t = 0; t < 3; t++) {
		test_append(&chunk, NSC_CONTACT_UDP, 1, t, 53, 1);
		test_append(&chunk, NSC_CONTACT_SYN, 2, t, 53, 1);
	}
	nsc_window_merge(&window, contact, test_read(&chunk, contact));
	ck_assert_uint_eq(window.n_candidates, 1);
	ck_assert_ptr_eq(nsc_window_verdict(&window, nsc_window_at(&window, window.candidate[0]), value), &rule);
	ck_assert_uint_eq(value[0], 3);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("detector_table", rows_are_whole, reading_and_the_key_alone_hash_alike, another_detector_needs_only_its_row)
