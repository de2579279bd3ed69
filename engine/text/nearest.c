/* SPDX-License-Identifier: MIT
 *
 * Levenshtein's distance, one row at a time.
 */
#include "engine/text/nearest.h"

#include "engine/base/assert.h"

#include <stdio.h>
#include <string.h>

enum { WRITTEN_MAX = 64 }; /* what is longer is near to nothing */

void nsc_nearest_init(struct nsc_nearest *nearest, const char *written)
{
	*nearest = (struct nsc_nearest){ .written = written, .distance = SIZE_MAX };
}

/* Letters to change. Of `b` the first NSC_NEAREST_MAX count. */
static size_t nearest_changes(const char *a, const char *b)
{
	size_t row[NSC_NEAREST_MAX + 1], length = strnlen(b, NSC_NEAREST_MAX);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = NSC_MIN(change, NSC_MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[length];
}

static size_t nearest_distance(const char *written, const char *name, size_t part)
{
	size_t length = strnlen(written, WRITTEN_MAX + 1), changes;

	if (length > WRITTEN_MAX)
		return SIZE_MAX;
	if (length >= 2 && !strncmp(written, name, length))
		return 0;
	changes = nearest_changes(written, name);
	return changes <= NSC_MAX(length / part, (size_t)1) ? changes : SIZE_MAX;
}

void nsc_nearest_offer_at(struct nsc_nearest *nearest, const char *name, size_t distance)
{
	if (distance >= nearest->distance)
		return;
	nearest->distance = distance;
	snprintf(nearest->name, sizeof(nearest->name), "%s", name);
}

void nsc_nearest_offer(struct nsc_nearest *nearest, const char *name, size_t part)
{
	nsc_assert(part >= 1, "one letter in one or more may be wrong");
	nsc_nearest_offer_at(nearest, name, nearest_distance(nearest->written, name, part));
}

const char *nsc_nearest_name(const struct nsc_nearest *nearest)
{
	return nearest->distance == SIZE_MAX ? NULL : nearest->name;
}
