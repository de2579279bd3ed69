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

int nsc_rx_several_open(struct nsc_rx **rx, const struct nsc_live_options *options, const char *const *interface,
			uint32_t n, nsc_rx_live_open_fn *open, struct nsc_error *error)
{
	struct several_rings all = { .rings = options->rings };
	struct nsc_live_options each = *options;
	uint32_t key[3];
	int status;

	if (!n || n > NSC_LIVE_INTERFACES_MAX)
		return nsc_fail(error, -EINVAL, "1 to %u interfaces are captured together, not %u",
				NSC_LIVE_INTERFACES_MAX, n);
	if (options->stamps == NSC_STAMPS_HARDWARE)
		return nsc_fail(error, -EINVAL,
				"--timestamps hardware is for one interface: the clocks of several do not agree");
	status = nsc_fanout_draw(key, error);
	if (status)
		return status;
	each.ring_key = key;
	each.group = nsc_live_group_open(options->count);
	if (!each.group)
		return nsc_fail(error, -ENOMEM, "no memory to capture on %u interfaces", n);
	status = several_open_rings(&all, &each, interface, n, open, error);
	if (!status)
		status = several_join_all(rx, &all, error);
	if (status)
		several_close_rings(&all);
	nsc_live_group_release(each.group);
	return status;
}
