/* SPDX-License-Identifier: MIT
 *
 * Settings to source options.
 */
#include "tools/netscope/source.h"

#include "tools/netscope/options.h"

enum { AUTO_WORKERS_MAX = 8, LOANS_INLINE = 1, LOANS_LANES = 16 /* read blocks of 1 MiB */ };

uint32_t nsc_workers_wanted(const struct nsc_settings *settings)
{
	uint32_t half = nsc_cores_usable() / 2;

	if (!settings->pipeline)
		return 1;
	if (settings->workers)
		return settings->workers;
	return NSC_MAX(NSC_MIN(half, (uint32_t)AUTO_WORKERS_MAX), 1u);
}

static int open_file(struct nsc_rx **rx, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_rx_file_options options = {
		.path = settings->read_pcap,
		.filter = settings->filter[0] ? settings->filter : NULL,
		.snaplen = settings->snaplen,
		.count = settings->count,
		.loans = settings->pipeline ? LOANS_LANES : LOANS_INLINE,
	};

	return nsc_rx_file_open(rx, &options, error);
}

static int open_synth(struct nsc_rx **rx, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_synth_options options = settings->synth;

	options.snaplen = settings->snaplen;
	if (settings->count && (!options.packets || settings->count < options.packets))
		options.packets = settings->count;
	return nsc_rx_synth_open(rx, &options, error);
}

int nsc_source_open(struct nsc_rx **rx, const struct nsc_settings *settings, struct nsc_error *error)
{
	if (settings->backend == NSC_BACKEND_SYNTH)
		return open_synth(rx, settings, error);
	return open_file(rx, settings, error);
}
