/* SPDX-License-Identifier: MIT */
#include "tools/netscope/packet_filter.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#include "backends/sources/file_filter.h"
#include "backends/sources/linktype.h"

struct nsc_packet_filter {
	struct nsc_file_filter *filter;
	const struct bpf_insn *program[NSC_LINKTYPES]; /* NULL: the filter has no meaning on that link */
};

int nsc_packet_filter_open(struct nsc_packet_filter **out, const char *expression, struct nsc_error *error)
{
	struct nsc_packet_filter *filter = calloc(1, sizeof(*filter));
	struct nsc_error why;
	int status;

	*out = NULL;
	if (!filter)
		return nsc_fail(error, -ENOMEM, "no memory for a filter of packets");
	status = nsc_file_filter_open(&filter->filter, expression, -1, false, error);
	if (status) {
		free(filter);
		return status;
	}
	for (unsigned row = 0; row < NSC_LINKTYPES; row++)
		filter->program[row] = nsc_file_filter_program(filter->filter, row, &why);
	*out = filter;
	return 0;
}

bool nsc_packet_filter_matches(const void *context, const struct nsc_packet *pkt, uint16_t linktype)
{
	const struct nsc_packet_filter *filter = context;
	int row = nsc_linktype_row(linktype);

	return row >= 0 && filter->program[row] &&
	       bpf_filter(filter->program[row], pkt->data, NSC_MAX(pkt->wire_len, pkt->cap_len), pkt->cap_len);
}

void nsc_packet_filter_close(struct nsc_packet_filter *filter)
{
	if (!filter)
		return;
	nsc_file_filter_close(filter->filter);
	free(filter);
}
