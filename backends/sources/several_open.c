/* SPDX-License-Identifier: MIT
 *
 * One source for each worker out of the rings of several interfaces.
 *
 * Rings of one number belong together: a program with the same key chooses them on every interface, so that both
 * directions of a flow come to one worker, whichever interface they come over.
 */
#include "several.h"

#include <errno.h>
#include <string.h>

#include "fanout.h"
#include "live.h"

struct several_rings {
	struct nsc_rx *ring[NSC_LIVE_INTERFACES_MAX][NSC_RINGS_MAX]; /* NULL: closed, or another one's */
	uint32_t n, rings;
};

static void several_close_rings(struct several_rings *all)
{
	for (uint32_t i = 0; i < all->n; i++)
		for (uint32_t k = 0; k < all->rings; k++)
			if (all->ring[i][k])
				nsc_rx_close(all->ring[i][k]);
}

/* All interfaces have the kernel's clock: its steps are told once. */
static void several_tell_steps_once(struct several_rings *all)
{
	for (uint32_t i = 1; i < all->n; i++)
		all->ring[i][0]->clock_log = NULL;
}

static int several_open_rings(struct several_rings *all, const struct nsc_live_options *options,
			      const char *const *interface, uint32_t n, nsc_rx_live_open_fn *open,
			      struct nsc_error *error)
{
	struct nsc_live_options each = *options;
	int status = 0;

	each.buffer_bytes /= n;
	for (all->n = 0; all->n < n && !status;) {
		each.interface = interface[all->n];
		status = open(all->ring[all->n], &each, error);
		all->n += !status;
	}
	return status;
}

static int several_join(struct nsc_rx **rx, struct several_rings *all, uint32_t number, struct nsc_error *error)
{
	struct nsc_several_member member[NSC_LIVE_INTERFACES_MAX];
	int status;

	for (uint32_t i = 0; i < all->n; i++)
		member[i] = (struct nsc_several_member){ .rx = all->ring[i][number],
							 .fd = nsc_live_port_of(all->ring[i][number])->fd };
	status = nsc_several_open(rx, member, all->n, error);
	for (uint32_t i = 0; i < all->n && !status; i++)
		all->ring[i][number] = NULL;
	return status;
}

static int several_join_all(struct nsc_rx **rx, struct several_rings *all, struct nsc_error *error)
{
	uint32_t joined = 0;
	int status = 0;

	several_tell_steps_once(all);
	while (joined < all->rings && !status) {
		status = several_join(&rx[joined], all, joined, error);
		joined += !status;
	}
	for (uint32_t i = 0; i < joined && status; i++)
		nsc_rx_close(rx[i]);
	return status;
}

static int several_check(const struct nsc_live_options *options, uint32_t n, struct nsc_error *error)
{
	if (!n || n > NSC_LIVE_INTERFACES_MAX)
		return nsc_fail(error, -EINVAL, "1 to %u interfaces are captured together, not %u",
				NSC_LIVE_INTERFACES_MAX, n);
	if (options->stamps == NSC_STAMPS_HARDWARE)
		return nsc_fail(error, -EINVAL,
				"--timestamps hardware is for one interface: the clocks of several do not agree");
	return 0;
}

static int several_open_group(struct nsc_live_options *options, uint32_t n, struct nsc_error *error)
{
	int status = several_check(options, n, error);

	if (status)
		return status;
	options->group = nsc_live_group_open(options->count);
	return options->group ? 0 : nsc_fail(error, -ENOMEM, "no memory to capture on %u interfaces", n);
}

int nsc_rx_several_open(struct nsc_rx **rx, const struct nsc_live_options *options, const char *const *interface,
			uint32_t n, nsc_rx_live_open_fn *open, struct nsc_error *error)
{
	struct several_rings all = { .rings = options->rings };
	struct nsc_live_options each = *options;
	uint32_t key[3];
	int status;

	status = nsc_fanout_draw(key, error);
	if (!status)
		status = several_open_group(&each, n, error);
	if (status)
		return status;
	each.ring_key = key;
	status = several_open_rings(&all, &each, interface, n, open, error);
	if (!status)
		status = several_join_all(rx, &all, error);
	if (status)
		several_close_rings(&all);
	nsc_live_group_release(each.group);
	return status;
}

/* --- workers of its own for each --------------------------------------------------------------- */

/* The ring becomes the member of a source whose end is not that of the others. */
static int apart_wrap(struct nsc_rx **rx, uint32_t *alive, struct nsc_error *error)
{
	struct nsc_several_member member = { .rx = *rx, .fd = nsc_live_port_of(*rx)->fd };
	struct nsc_rx *wrapped;
	int status = nsc_several_open(&wrapped, &member, 1, error);

	if (status)
		return status;
	nsc_several_share(wrapped, alive);
	*rx = wrapped;
	return 0;
}

static int apart_open_one(struct nsc_rx **rx, const struct nsc_live_options *options, uint32_t *opened,
			  struct nsc_error *error)
{
	int status = nsc_rx_tpacket_open(rx + *opened, options, error);

	if (status)
		return status;
	*opened += options->rings;
	for (uint32_t i = *opened - options->rings; i < *opened && !status; i++)
		status = apart_wrap(&rx[i], &options->group->alive, error);
	return status;
}

int nsc_rx_apart_open(struct nsc_rx **rx, const struct nsc_live_options *options, const char *const *interface,
		      const uint32_t *rings, uint32_t n, struct nsc_error *error)
{
	struct nsc_live_options each = *options;
	uint32_t opened = 0;
	int status = several_open_group(&each, n, error);

	if (status)
		return status;
	each.group->alive = options->rings;
	for (uint32_t i = 0; i < n && !status; i++) {
		each.interface = interface[i];
		each.rings = rings[i];
		each.node = options->node ? options->node + opened : NULL;
		each.buffer_bytes = options->buffer_bytes * rings[i] / options->rings;
		status = apart_open_one(rx, &each, &opened, error);
	}
	for (uint32_t i = 0; i < opened && status; i++)
		nsc_rx_close(rx[i]);
	for (uint32_t i = rings[0]; i < opened && !status; i++) /* all have the kernel's clock: told once */
		rx[i]->clock_log = nsc_live_port_of(rx[i])->rx.clock_log = NULL;
	nsc_live_group_release(each.group);
	return status;
}
