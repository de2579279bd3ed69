/* SPDX-License-Identifier: MIT
 *
 * Windows against a naive model of single contacts: random traffic of few and many keys, gaps, keys that come back;
 * then what happens when a window is full, and at its edges.
 */
#include "engine/detect/window_parts.h"

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/detect/records.h"

static struct nsc_arena *arena;
static struct nsc_window window;
static struct nsc_rule rule;
static struct nsc_epoch_chunk chunk;
static struct nsc_contact contact[NSC_EPOCH_CHUNK_RECORDS];
static uint64_t state;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void set_up(const struct nsc_detector *detector, uint32_t epochs, uint64_t memory, uint32_t threshold,
		   uint32_t unique)
{
	struct nsc_window_options options = {
		.measure = detector->measure,
		.window = epochs,
		.memory = memory,
		.seed = { test_seed[0], test_seed[1] },
	};
	struct nsc_detect_options detect = test_options();

	detect.syn_flood.threshold = detect.port_scan.threshold = threshold;
	detect.syn_flood.unique_threshold = detect.port_scan.unique_threshold = unique;
	memset(&window, 0, sizeof(window));
	memset(&rule, 0, sizeof(rule));
	memset(&chunk, 0, sizeof(chunk));
	for (uint32_t i = 0; i < NSC_MEASURE_MULTISETS; i++)
		rule.at_least[i] = rule.at_most[i] = NSC_ALERT_NONE;
	detector->configure(&detect, &rule);
	state = 88172645463325252ull;
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	for (uint32_t i = 0; i < 2; i++)
		options.scratch[i] = nsc_arena_alloc(arena, NSC_MULTISET_SLOTS_MAX * sizeof(uint64_t));
	ck_assert_int_eq(nsc_window_open(&window, arena, &options, NULL), 0);
	nsc_window_add_rule(&window, &rule);
}

static void merge(void)
{
	nsc_window_merge(&window, contact, test_read(&chunk, contact));
	chunk.n = chunk.bytes = 0;
}

static void note(enum nsc_contact_kind kind, uint32_t source, uint32_t target, uint16_t port, uint32_t count)
{
	if (!test_has_room(&chunk))
		merge();
	test_append(&chunk, kind, source, target, port, count);
}

/* What an epoch's end would do with the candidates. */
static void clear_candidates(void)
{
	for (uint32_t i = 0; i < window.n_candidates; i++)
		nsc_window_at(&window, window.candidate[i])->listed = false;
	window.n_candidates = 0;
}

/* --- scans against a model -------------------------------------------------------------------- */

enum { SOURCES = 300, TARGETS = 60, PORTS = 40 };

static uint32_t port_seen[SOURCES][PORTS], host_seen[SOURCES][TARGETS]; /* epoch + 1 */

static uint32_t living(const uint32_t *seen, uint32_t n, uint32_t epoch, uint32_t epochs)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += seen[i] && epoch + 1 - seen[i] < epochs;
	return sum;
}

static bool is_listed(const struct nsc_window_entry *entry)
{
	for (uint32_t i = 0; i < window.n_candidates; i++)
		if (nsc_window_at(&window, window.candidate[i]) == entry)
			return true;
	return false;
}

/* A source that reaches a threshold in the epoch of its last contact is a candidate, and its values are the model's;
 * one without an entry has had one contact at most. */
static uint32_t check_source(uint32_t source, uint32_t epoch, uint32_t epochs, bool touched)
{
	struct nsc_detect_key key = test_source_key(source);
	struct nsc_window_entry *entry = nsc_window_find(&window, &key);
	uint32_t ports = living(port_seen[source], PORTS, epoch, epochs);
	uint32_t hosts = living(host_seen[source], TARGETS, epoch, epochs);
	bool reached = ports >= rule.at_least[0] || hosts >= rule.at_least[1];
	uint64_t value[NSC_MEASURE_MULTISETS];
	const struct nsc_rule *found;

	if (!entry || !touched)
		return touched && (ports > 1 || hosts > 1 || reached);
	found = nsc_window_verdict(&window, entry, value);
	return value[0] != ports || value[1] != hosts || (found != NULL) != reached || (reached && !is_listed(entry));
}

static void compare_scans(uint32_t epochs, uint32_t sources, uint32_t targets, uint32_t n, uint32_t rounds)
{
	uint32_t epoch = 70000, wrong = 0;
	static bool touched[SOURCES];

	set_up(&nsc_detector_port_scan, epochs, 8u << 20, 6, 5);
	memset(port_seen, 0, sizeof(port_seen));
	memset(host_seen, 0, sizeof(host_seen));
	for (uint32_t round = 0; round < rounds; round++) {
		epoch += draw() % 10 ? 1 : 1 + (uint32_t)(draw() % (2 * epochs));
		epoch += draw() % 500 ? 0 : 40000;
		nsc_window_enter(&window, epoch);
		memset(touched, 0, sizeof(touched));
		for (uint32_t i = 0; i < n; i++) {
			uint32_t s = (uint32_t)(draw() % sources), t = (uint32_t)(draw() % targets),
				 p = (uint32_t)(draw() % PORTS);

			p = draw() % 2 ? 0 : p;
			note(draw() % 2 ? NSC_CONTACT_SYN : NSC_CONTACT_UDP, s, t, (uint16_t)p, 1);
			port_seen[s][p] = host_seen[s][t] = epoch + 1;
			touched[s] = true;
		}
		merge();
		for (uint32_t s = 0; s < sources; s++)
			wrong += check_source(s, epoch, epochs, touched[s]);
		clear_candidates();
	}
	ck_assert_msg(!wrong, "%u epochs, %u sources, %u targets: %u wrong", epochs, sources, targets, wrong);
	ck_assert_uint_eq(window.evicted + window.turned_away + window.multisets.full, 0);
	nsc_arena_close(arena);
}

START_TEST(scans_equal_the_model)
{
	compare_scans(100, SOURCES, TARGETS, 40, 1500);
	compare_scans(3, SOURCES, TARGETS, 900, 300);
	compare_scans(20, 7, TARGETS, 20, 3000);
	compare_scans(1, 20, 3, 30, 2000);
	compare_scans(100, SOURCES, 1, 300, 500);
}
END_TEST

/* --- floods against a model ------------------------------------------------------------------- */

START_TEST(floods_equal_the_model)
{
	enum { EPOCHS = 30, FROM = 200, TO = 20, ROUNDS = 1500 };
	static uint64_t syns[TO][ROUNDS * 4];
	static uint32_t from_seen[TO][FROM];
	uint32_t epoch = 0, wrong = 0, reached = 0;

	set_up(&nsc_detector_syn_flood, EPOCHS, 8u << 20, 60, 12);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		epoch += draw() % 10 ? 1 : 1 + (uint32_t)(draw() % (2 * EPOCHS));
		if (epoch >= NSC_ARRAY_LEN(syns[0]))
			break;
		nsc_window_enter(&window, epoch);
		for (uint32_t i = 0; i < 30; i++) {
			uint32_t t = (uint32_t)(draw() % TO), s = (uint32_t)(draw() % FROM) % (t + 2),
				 n = 1 + (uint32_t)(draw() % 3);

			note(NSC_CONTACT_UDP, s, t, 80, 1);
			note(NSC_CONTACT_SYN, s, t, 80, n);
			syns[t][epoch] += n;
			from_seen[t][s] = epoch + 1;
		}
		merge();
		for (uint32_t t = 0; t < TO; t++) {
			struct nsc_detect_key key = test_target_key(t, 80);
			struct nsc_window_entry *entry = nsc_window_find(&window, &key);
			uint64_t value[NSC_MEASURE_MULTISETS], sum = 0,
							       from = living(from_seen[t], FROM, epoch, EPOCHS);
			bool found;

			for (uint32_t e = 0; e < EPOCHS && e <= epoch; e++)
				sum += syns[t][epoch - e];
			if (!entry) {
				wrong += syns[t][epoch] && sum > 1;
				continue;
			}
			if (!syns[t][epoch])
				continue;
			found = nsc_window_verdict(&window, entry, value) != NULL;
			wrong += value[0] != sum || value[1] != from || found != (sum >= 60 && from >= 12);
			wrong += found && !is_listed(entry);
			reached += found;
		}
		clear_candidates();
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(reached, 100);
	nsc_arena_close(arena);
}
END_TEST

/* --- edges ------------------------------------------------------------------------------------ */

START_TEST(a_key_with_one_contact_is_no_entry)
{
	struct nsc_detect_key key = test_source_key(7);
	uint64_t value[NSC_MEASURE_MULTISETS];

	set_up(&nsc_detector_port_scan, 100, 8u << 20, 25, 10);
	nsc_window_enter(&window, 5);
	for (int i = 0; i < 100; i++)
		note(NSC_CONTACT_SYN, 7, 1, 80, 1);
	merge();
	ck_assert_uint_eq(window.keys, 1);
	ck_assert_ptr_null(nsc_window_find(&window, &key));
	nsc_window_enter(&window, 50);
	note(NSC_CONTACT_SYN, 7, 2, 80, 1);
	merge();
	ck_assert_uint_eq(window.keys, 1);
	ck_assert_ptr_nonnull(nsc_window_find(&window, &key));
	nsc_window_verdict(&window, nsc_window_find(&window, &key), value);
	ck_assert_uint_eq(value[0], 1);
	ck_assert_uint_eq(value[1], 2);
	nsc_window_enter(&window, 104);
	nsc_window_verdict(&window, nsc_window_find(&window, &key), value);
	ck_assert_uint_eq(value[1], 2); /* the first one of epoch 5 is still in 5..104 */
	nsc_window_enter(&window, 105);
	nsc_window_verdict(&window, nsc_window_find(&window, &key), value);
	ck_assert_uint_eq(value[1], 1);
	nsc_arena_close(arena);
}
END_TEST

/* A threshold of one is reached by one contact. */
START_TEST(thresholds_of_one_need_entries)
{
	struct nsc_detect_key key = test_source_key(7);
	uint64_t value[NSC_MEASURE_MULTISETS];

	set_up(&nsc_detector_port_scan, 100, 8u << 20, 25, 1);
	note(NSC_CONTACT_SYN, 7, 1, 80, 1);
	merge();
	ck_assert_uint_eq(window.n_candidates, 1);
	ck_assert_ptr_eq(nsc_window_verdict(&window, nsc_window_find(&window, &key), value), &rule);
	nsc_arena_close(arena);
}
END_TEST

/* Single contacts of an hour and a half ago do not look like new ones when their epoch's 16 bits come round. */
START_TEST(old_single_contacts_do_not_come_back)
{
	struct nsc_detect_key key = test_source_key(7);

	set_up(&nsc_detector_port_scan, 100, 8u << 20, 25, 10);
	nsc_window_enter(&window, 10);
	for (uint32_t s = 0; s < 1000; s++)
		note(NSC_CONTACT_SYN, s, 1, 80, 1);
	merge();
	ck_assert_uint_eq(window.keys, 1000);
	for (uint32_t epoch = 11; epoch < 65546; epoch += 100)
		nsc_window_enter(&window, epoch);
	ck_assert_uint_eq(window.keys, 0);
	nsc_window_enter(&window, 65547); /* 11 modulo 2^16 */
	note(NSC_CONTACT_SYN, 7, 2, 80, 1);
	merge();
	ck_assert_ptr_null(nsc_window_find(&window, &key));
	nsc_arena_close(arena);
}
END_TEST

static void many_sources(uint32_t first, uint32_t n, uint32_t contacts)
{
	for (uint32_t s = first; s < first + n; s++)
		for (uint32_t i = 0; i < contacts; i++)
			note(NSC_CONTACT_SYN, s, i, 80, 1);
	merge();
}

/* Memory stays what it is, keys that are new get in, and somebody who has gathered much stays. */
START_TEST(full_of_spoofed_sources_a_scanner_is_found)
{
	struct nsc_detect_key key = test_source_key(0xffffff);
	uint64_t value[NSC_MEASURE_MULTISETS];
	uint32_t most;

	set_up(&nsc_detector_port_scan, 100, NSC_WINDOW_MEMORY_MIN, 25, 100);
	most = (1u << window.index_bits) / 4 * 3;
	for (uint32_t epoch = 0; epoch < 30; epoch++) {
		nsc_window_enter(&window, epoch);
		many_sources(epoch * most / 10, most / 10, 1);
		note(NSC_CONTACT_SYN, 0xffffff, 1, (uint16_t)epoch, 1);
		merge();
		ck_assert_uint_le(window.keys, most);
	}
	ck_assert_uint_gt(window.evicted, most);
	ck_assert_uint_eq(window.turned_away, 0);
	ck_assert_ptr_nonnull(nsc_window_find(&window, &key));
	ck_assert_ptr_eq(nsc_window_verdict(&window, nsc_window_find(&window, &key), value), &rule);
	ck_assert_uint_eq(value[0], 30);
	nsc_arena_close(arena);
}
END_TEST

/* Entries and blocks run out: the lightest keys go, and it is counted. */
START_TEST(full_of_entries_the_lightest_go)
{
	struct nsc_detect_key key = test_source_key(0xffffff);

	set_up(&nsc_detector_port_scan, 100, NSC_WINDOW_MEMORY_MIN, 25, 100);
	for (uint32_t i = 0; i < 20; i++)
		note(NSC_CONTACT_SYN, 0xffffff, i, 80, 1);
	for (uint32_t round = 0; round < 4; round++) {
		nsc_window_enter(&window, round);
		many_sources(round * window.capacity, window.capacity, 12);
	}
	ck_assert_uint_gt(window.evicted, window.capacity);
	ck_assert_uint_gt(window.multisets.full, 0);
	ck_assert_uint_le(window.used, window.capacity);
	ck_assert_ptr_nonnull(nsc_window_find(&window, &key));
	nsc_arena_close(arena);
}
END_TEST

/* Dead keys are found by the hands: a window that is never full evicts nothing. */
START_TEST(dead_keys_make_room)
{
	set_up(&nsc_detector_port_scan, 10, NSC_WINDOW_MEMORY_MIN, 25, 10);
	for (uint32_t epoch = 0; epoch < 200; epoch++) {
		nsc_window_enter(&window, epoch);
		many_sources(epoch * window.capacity / 40, window.capacity / 40, epoch % 2 + 1);
		clear_candidates();
	}
	ck_assert_uint_eq(window.evicted + window.turned_away + window.multisets.full, 0);
	nsc_arena_close(arena);
}
END_TEST

/* An index as full as it may be, of which most keys die: all others are still found, and none stands there twice. */
START_TEST(keys_are_found_after_others_have_gone)
{
	const uint32_t live = 5000;
	uint32_t most, lost = 0;

	set_up(&nsc_detector_port_scan, 10, NSC_WINDOW_MEMORY_MIN, 25, 10);
	most = (1u << window.index_bits) / 4 * 3;
	many_sources(live, most - live - 1, 1);
	nsc_window_enter(&window, 5);
	many_sources(0, live, 2);
	ck_assert_uint_eq(window.keys, most - 1);
	for (uint32_t epoch = 10; epoch < 15; epoch++) {
		nsc_window_enter(&window, epoch);
		window_sweep(&window, 1u << (window.index_bits - 2));
	}
	window_sweep(&window, 1u << window.index_bits);
	ck_assert_uint_eq(window.keys, live);
	for (uint32_t s = 0; s < live; s++) {
		struct nsc_detect_key key = test_source_key(s);

		lost += !nsc_window_find(&window, &key);
	}
	ck_assert_uint_eq(lost, 0);
	many_sources(0, live, 2);
	ck_assert_uint_eq(window.keys, live);
	ck_assert_uint_eq(window.evicted + window.turned_away, 0);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(takes_no_more_memory_than_it_was_given)
{
	static const uint64_t sizes[] = { 0, 5u << 20, 16u << 20, 100u << 20, 1000u << 20 };

	for (uint32_t i = 0; i < NSC_ARRAY_LEN(sizes); i++) {
		uint64_t bytes = nsc_window_bytes(nsc_detector_port_scan.measure, sizes[i]);
		uint64_t most = NSC_MAX(sizes[i], NSC_WINDOW_MEMORY_MIN);

		ck_assert_uint_le(bytes, most);
		ck_assert_uint_gt(bytes, most / 10 * 8);
		ck_assert_uint_le(nsc_window_bytes(nsc_detector_syn_flood.measure, sizes[i]), most);
	}
	set_up(&nsc_detector_port_scan, 10, 16u << 20, 25, 10);
	ck_assert_uint_le(nsc_arena_bytes(arena), (16u << 20) + 2 * NSC_MULTISET_SLOTS_MAX * sizeof(uint64_t));
	nsc_arena_close(arena);
}
END_TEST

START_TEST(reset_forgets_everything)
{
	struct nsc_detect_key key = test_source_key(7);

	set_up(&nsc_detector_port_scan, 100, 8u << 20, 25, 10);
	many_sources(0, 100, 30);
	ck_assert_uint_eq(window.keys, 100);
	nsc_window_reset(&window);
	ck_assert_uint_eq(window.keys, 0);
	ck_assert_uint_eq(window.pool.free, window.pool.size);
	ck_assert_ptr_null(nsc_window_find(&window, &key));
	nsc_arena_close(arena);
}
END_TEST

/* A jump of years costs no more than one of a window's length, and what was before it is gone. */
START_TEST(a_long_jump_is_a_small_step)
{
	enum { WINDOW = 10 };
	uint32_t mask, step;

	set_up(&nsc_detector_port_scan, WINDOW, NSC_WINDOW_MEMORY_MIN, 100, 100);
	mask = (1u << window.index_bits) - 1;
	step = ((mask + 1) / NSC_MULTISET_PURGE + 1) * WINDOW;
	for (uint32_t epoch = 1u << 16, i = 0; i < 100; i++, epoch += 1u << 16) {
		uint32_t cursor;

		nsc_window_enter(&window, epoch);
		note(NSC_CONTACT_SYN, 7, i, 80, 1);
		merge();
		ck_assert_uint_eq(window.used, 0); /* a single contact again: the one before it has left the window */
		cursor = window.index_cursor;
		nsc_window_enter(&window, epoch + (1u << 15));
		ck_assert_uint_eq((window.index_cursor - cursor) & mask, step & mask);
	}
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("window", a_long_jump_is_a_small_step, scans_equal_the_model, floods_equal_the_model,
	   a_key_with_one_contact_is_no_entry, thresholds_of_one_need_entries, old_single_contacts_do_not_come_back,
	   full_of_spoofed_sources_a_scanner_is_found, full_of_entries_the_lightest_go, dead_keys_make_room,
	   keys_are_found_after_others_have_gone, takes_no_more_memory_than_it_was_given, reset_forgets_everything)
