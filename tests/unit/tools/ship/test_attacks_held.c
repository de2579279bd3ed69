/* SPDX-License-Identifier: MIT
 *
 * Attacks that go on: from begin to end, over the end of a process, and when there are too many.
 */
#include "tools/ship/attacks_held.h"

#include "alerts_maker.h"

#include <errno.h>
#include <stdlib.h>

static struct nsc_attacks_held held;
static const uint64_t begin_ns = 1700000005200000000;

static struct nsc_attack_held note(uint64_t boot, struct nsc_alert alert, uint64_t now_s)
{
	struct nsc_segment head = test_segment(boot, 1, 1, 0);
	struct nsc_ship_alert said = { &head, 1, alert };
	struct nsc_attack_held known;

	nsc_attacks_held_note(&held, &said, now_s, &known);
	return known;
}

static struct nsc_alert scan_from(uint8_t host, uint64_t id, unsigned state)
{
	struct nsc_alert alert = test_scan(id, state);

	alert.source[3] = host;
	return alert;
}

START_TEST(from_begin_to_end)
{
	struct nsc_alert alert = scan_from(1, 5, NSC_ALERT_BEGIN);
	struct nsc_segment head = test_segment(9, 1, 1, 0);
	struct nsc_attack_held over;

	held.n = 0;
	ck_assert_uint_eq(note(9, alert, 100).began_ns, begin_ns);
	note(9, scan_from(2, 6, NSC_ALERT_BEGIN), 100);
	alert.state = NSC_ALERT_UPDATE;
	alert.ts_ns += 5 * NSC_NS_PER_SEC;
	alert.duration_ns = 5 * NSC_NS_PER_SEC;
	ck_assert_uint_eq(note(9, alert, 105).began_ns, begin_ns);
	ck_assert_uint_eq(held.n, 2);
	alert.state = NSC_ALERT_END; /* its duration is that until the update, its time is later */
	alert.ts_ns += 20 * NSC_NS_PER_SEC;
	ck_assert_uint_eq(note(9, alert, 120).began_ns, begin_ns);
	ck_assert_uint_eq(held.n, 2);
	nsc_attacks_held_drop(&held, &(struct nsc_ship_alert){ &head, 1, alert });
	ck_assert_uint_eq(held.n, 1);
	ck_assert_uint_eq(held.attack[0].alert.id, 6);
	ck_assert(!nsc_attacks_held_take_over(&held, 199, 100, &over));
	ck_assert(nsc_attacks_held_take_over(&held, 200, 100, &over)); /* not heard of any more */
	ck_assert_uint_eq(over.alert.id, 6);
	ck_assert_uint_eq(held.n, 0);
}
END_TEST

/* Its earlier attacks are over, but for one that is there again: that is the new one. */
START_TEST(a_sensor_that_begins_anew)
{
	struct nsc_attack_held over;

	held.n = 0;
	note(9, scan_from(1, 1, NSC_ALERT_BEGIN), 100);
	note(9, scan_from(2, 2, NSC_ALERT_BEGIN), 100);
	note(8, scan_from(3, 1, NSC_ALERT_BEGIN), 100); /* a shipper's folder may hold an older run */
	ck_assert(!nsc_attacks_held_take_over(&held, 100, 100, &over));
	note(10, scan_from(2, 1, NSC_ALERT_BEGIN), 110);
	ck_assert(nsc_attacks_held_take_over(&held, 110, 100, &over));
	ck_assert_uint_eq(over.segment.boot, 9);
	ck_assert_uint_eq(over.alert.source[3], 1);
	ck_assert(nsc_attacks_held_take_over(&held, 110, 100, &over));
	ck_assert_uint_eq(over.segment.boot, 8);
	ck_assert(!nsc_attacks_held_take_over(&held, 110, 100, &over));
	ck_assert_uint_eq(held.n, 1);
	ck_assert_uint_eq(held.attack[0].segment.boot, 10);
}
END_TEST

START_TEST(too_many)
{
	struct nsc_alert alert = test_scan(1, NSC_ALERT_BEGIN);

	held.n = 0;
	held.forgotten = 0;
	for (uint32_t i = 0; i <= NSC_ATTACKS_HELD; i++) {
		alert.source[2] = (uint8_t)(i >> 8);
		alert.source[3] = (uint8_t)i;
		note(9, alert, 100 + i);
	}
	ck_assert_uint_eq(held.n, NSC_ATTACKS_HELD);
	ck_assert_uint_eq(held.forgotten, 1);
	ck_assert_uint_eq(held.attack[0].heard_s, 100 + NSC_ATTACKS_HELD); /* in the place of the first */
}
END_TEST

START_TEST(kept_in_a_file)
{
	char folder[] = "/tmp/held-XXXXXX";
	static struct nsc_attacks_held back;
	struct nsc_error error;
	int fd, file;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	fd = open(folder, O_RDONLY | O_DIRECTORY);
	held.n = 0;
	for (uint8_t i = 1; i < 5; i++)
		note(9, scan_from(i, i, NSC_ALERT_BEGIN), 100);
	ck_assert_int_eq(nsc_attacks_held_save(&held, fd, ".held", &error), 0);
	ck_assert(!held.changed);
	nsc_attacks_held_load(&back, fd, ".held");
	ck_assert_uint_eq(back.n, 4);
	ck_assert_mem_eq(back.attack, held.attack, 4 * sizeof(back.attack[0]));
	nsc_attacks_held_load(&back, fd, ".none");
	ck_assert_uint_eq(back.n, 0);
	file = openat(fd, ".held", O_WRONLY);
	ck_assert_int_eq(ftruncate(file, 1000), 0); /* cut */
	nsc_attacks_held_load(&back, fd, ".held");
	ck_assert_uint_eq(back.n, 0);
	close(file);
	unlinkat(fd, ".held", 0);
	close(fd);
	held.changed = true;
	ck_assert_int_lt(nsc_attacks_held_save(&held, -1, ".held", &error), 0);
	ck_assert(held.changed);
	rmdir(folder);
}
END_TEST

CHECK_MAIN("attacks_held", from_begin_to_end, a_sensor_that_begins_anew, too_many, kept_in_a_file)
