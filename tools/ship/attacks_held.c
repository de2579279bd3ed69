/* SPDX-License-Identifier: MIT
 *
 * There are few, and each is asked about once for an alert that goes over a network: a walk is enough.
 */
#include "tools/ship/attacks_held.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct held_head { /* of the file; structs follow as they lie in memory */
	char magic[16];
	uint32_t size, n;
};

static const char magic[16] = "nsc attacks 1";

/* --- one attack ------------------------------------------------------------------------------- */

static bool held_is_same(const struct nsc_attack_held *a, const struct nsc_ship_alert *b)
{
	return !strcmp(a->segment.sensor, b->segment->sensor) && a->alert.kind == b->alert.kind &&
	       a->alert.has_source == b->alert.has_source && a->alert.has_target == b->alert.has_target &&
	       a->alert.ip_version == b->alert.ip_version && a->alert.target_port == b->alert.target_port &&
	       !memcmp(a->alert.source, b->alert.source, sizeof(a->alert.source)) &&
	       !memcmp(a->alert.target, b->alert.target, sizeof(a->alert.target));
}

static void held_remove(struct nsc_attacks_held *held, uint32_t i)
{
	held->attack[i] = held->attack[--held->n];
	held->changed = true;
}

/* n: it is not there. */
static uint32_t held_find(const struct nsc_attacks_held *held, const struct nsc_ship_alert *alert)
{
	uint32_t i = 0;

	while (i < held->n && !held_is_same(&held->attack[i], alert))
		i++;
	return i;
}

static uint32_t held_place(struct nsc_attacks_held *held)
{
	uint32_t oldest = 0;

	if (held->n < NSC_ATTACKS_HELD)
		return held->n++;
	for (uint32_t i = 1; i < held->n; i++)
		if (held->attack[i].heard_s < held->attack[oldest].heard_s)
			oldest = i;
	held->forgotten++;
	return oldest;
}

/* What is known with this alert: at an end the duration is that until the last alert, whose time is not known here. */
static struct nsc_attack_held held_of(const struct nsc_ship_alert *alert, const struct nsc_attack_held *before,
				      uint64_t now_s)
{
	const struct nsc_alert *a = &alert->alert;
	struct nsc_attack_held known = { .segment = *alert->segment, .row = alert->row, .alert = *a, .heard_s = now_s };

	known.began_ns = a->ts_ns - NSC_MIN(a->ts_ns, a->duration_ns);
	if (before && before->segment.boot == alert->segment->boot && before->alert.id == a->id)
		known.began_ns = NSC_MIN(known.began_ns, before->began_ns);
	return known;
}

void nsc_attacks_held_note(struct nsc_attacks_held *held, const struct nsc_ship_alert *alert, uint64_t now_s,
			   struct nsc_attack_held *known)
{
	uint32_t found = held_find(held, alert);

	for (uint32_t i = 0; i < held->n; i++) {
		struct nsc_attack_held *one = &held->attack[i];

		if (i != found && !strcmp(one->segment.sensor, alert->segment->sensor) &&
		    one->segment.boot < alert->segment->boot) {
			one->alert.state = NSC_ALERT_END;
			held->changed = true;
		}
	}
	*known = held_of(alert, found < held->n ? &held->attack[found] : NULL, now_s);
	if (alert->alert.state == NSC_ALERT_END)
		return;
	held->attack[found < held->n ? found : held_place(held)] = *known;
	held->changed = true;
}

void nsc_attacks_held_drop(struct nsc_attacks_held *held, const struct nsc_ship_alert *alert)
{
	uint32_t found = held_find(held, alert);

	if (found < held->n)
		held_remove(held, found);
}

bool nsc_attacks_held_take_over(struct nsc_attacks_held *held, uint64_t now_s, uint64_t silent_s,
				struct nsc_attack_held *over)
{
	for (uint32_t i = 0; i < held->n; i++) {
		const struct nsc_attack_held *one = &held->attack[i];

		if (one->alert.state != NSC_ALERT_END && now_s < one->heard_s + silent_s)
			continue;
		*over = *one;
		held_remove(held, i);
		return true;
	}
	return false;
}

/* --- the file --------------------------------------------------------------------------------- */

void nsc_attacks_held_load(struct nsc_attacks_held *held, int folder, const char *name)
{
	struct held_head head = { .n = 0 };
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool good = fd >= 0 && read(fd, &head, sizeof(head)) == sizeof(head) &&
		    !memcmp(head.magic, magic, sizeof(magic)) && head.size == sizeof(struct nsc_attack_held) &&
		    head.n <= NSC_ATTACKS_HELD;
	size_t bytes = good ? head.n * sizeof(held->attack[0]) : 0;

	good = good && pread(fd, held->attack, bytes, sizeof(head)) == (ssize_t)bytes;
	for (uint32_t i = 0; i < head.n && good; i++)
		good = memchr(held->attack[i].segment.sensor, 0, NSC_SENSOR_MAX + 1) &&
		       nsc_segment_is_sensor(held->attack[i].segment.sensor);
	held->n = good ? head.n : 0;
	held->changed = false;
	if (fd >= 0)
		close(fd);
}

static bool held_write(int fd, const struct nsc_attacks_held *held)
{
	struct held_head head = { .size = sizeof(held->attack[0]), .n = held->n };
	const size_t bytes = held->n * sizeof(held->attack[0]);

	memcpy(head.magic, magic, sizeof(magic));
	return write(fd, &head, sizeof(head)) == sizeof(head) && write(fd, held->attack, bytes) == (ssize_t)bytes;
}

int nsc_attacks_held_save(struct nsc_attacks_held *held, int folder, const char *name, struct nsc_error *error)
{
	char before[64];
	int fd;
	bool good;

	if (!held->changed)
		return 0;
	snprintf(before, sizeof(before), "%.50s.new", name);
	fd = openat(folder, before, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	errno = fd < 0 ? errno : ENOSPC; /* unless a call says better */
	good = fd >= 0 && held_write(fd, held) && !renameat(folder, before, folder, name);
	if (!good)
		nsc_fail(error, -errno, "the spool: what goes on cannot be noted in %.50s: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	held->changed = held->changed && !good;
	return good ? 0 : -EIO;
}
