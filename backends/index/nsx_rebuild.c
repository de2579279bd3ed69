/* SPDX-License-Identifier: MIT
 *
 * Reads through the capture file source: what it takes for a record is one here.
 */
#include "backends/index/nsx_rebuild.h"

#include "backends/sources/file_places.h"

#include <errno.h>
#include <stdlib.h>

struct rebuild {
	struct nsc_nsx_writer *writer;
	struct nsc_rx *rx;
	struct nsc_burst burst;
	struct nsc_file_places places;
};

/* What describes and what is a packet, in the order in which they lie. */
static void rebuild_take(struct rebuild *r, uint64_t *covered)
{
	const struct nsc_file_described *d = &r->places.described;
	uint32_t k = 0;

	for (uint32_t i = 0; i < r->burst.n; i++) {
		for (; k < d->n && d->run[k].from < r->places.at[i]; k++)
			nsc_nsx_describe(r->writer, d->run[k].from);
		nsc_nsx_add(r->writer, &r->burst.pkt[i], r->places.at[i]);
	}
	for (; k < d->n && d->run[k].from < r->places.next; k++)
		nsc_nsx_describe(r->writer, d->run[k].from);
	nsc_nsx_flush(r->writer);
	*covered = r->places.next;
}

/* At open the source has read all that stands before the first packet. */
static int rebuild_all(struct rebuild *r, const char *capture, bool (*stop)(void), uint64_t *covered,
		       struct nsc_error *error)
{
	r->burst.n = 0;
	nsc_file_places(r->rx, &r->burst, &r->places);
	r->places.described.n = 0;
	if (r->places.compressed)
		nsc_nsx_compressed(r->writer);
	nsc_nsx_describe(r->writer, 0);
	rebuild_take(r, covered);
	do {
		nsc_rx_poll(r->rx, &r->burst);
		nsc_file_places(r->rx, &r->burst, &r->places);
		if (r->places.why_not)
			return nsc_fail(error, -ENOTSUP, "%s: cannot be indexed: %s", capture, r->places.why_not);
		rebuild_take(r, covered);
		nsc_rx_release(r->rx, r->burst.loan);
		if (stop && stop())
			return nsc_fail(error, -EINTR, "%s: stopped: its index is as it was", capture);
	} while (r->burst.state < NSC_RX_END);
	return 0;
}

static int rebuild_with(struct rebuild *r, const char *capture, bool (*stop)(void), struct nsc_nsx_rebuilt *rebuilt,
			struct nsc_error *error)
{
	const struct nsc_rx_file_options options = { .path = capture, .loans = 1 };
	int status = nsc_rx_file_open(&r->rx, &options, error);

	if (status)
		return status;
	nsc_nsx_begin(r->writer, capture);
	status = rebuild_all(r, capture, stop, &rebuilt->covered, error);
	if (r->burst.state == NSC_RX_FAILED)
		rebuilt->damage = r->rx->error;
	if (!status)
		status = nsc_nsx_end(r->writer, rebuilt->covered, r->burst.state == NSC_RX_FAILED, &rebuilt->made,
				     error);
	nsc_nsx_drop(r->writer);
	nsc_rx_close(r->rx);
	return status;
}

int nsc_nsx_rebuild(struct nsc_nsx_writer *writer, const char *capture, bool (*stop)(void),
		    struct nsc_nsx_rebuilt *rebuilt, struct nsc_error *error)
{
	struct rebuild *r =
		aligned_alloc(NSC_CACHE_LINE, (sizeof(*r) + NSC_CACHE_LINE - 1) & ~(size_t)(NSC_CACHE_LINE - 1));
	int status;

	*rebuilt = (struct nsc_nsx_rebuilt){ 0 };
	if (!r)
		return nsc_fail(error, -ENOMEM, "%s: no memory to index it", capture);
	r->writer = writer;
	status = rebuild_with(r, capture, stop, rebuilt, error);
	free(r);
	return status;
}
