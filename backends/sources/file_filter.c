/* SPDX-License-Identifier: MIT
 *
 * pcap_compile for each link type.
 */
#include "file_filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <pcap/pcap.h>

#include "linktype.h"

#define SNAPLEN 262144 /* what an accepting program returns; only "not zero" counts here */

struct nsc_file_filter {
	struct bpf_program program[NSC_LINKTYPES];
	struct nsc_error why[NSC_LINKTYPES]; /* for rows without a program */
};

/* To libpcap a capture file: what only the kernel knows of a packet, such as its direction, is refused. The header must
 * live as long. */
static pcap_t *open_as_file(struct pcap_file_header *header, unsigned row)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap;
	FILE *file;

	*header = (struct pcap_file_header){
		.magic = 0xa1b2c3d4,
		.version_major = PCAP_VERSION_MAJOR,
		.version_minor = PCAP_VERSION_MINOR,
		.snaplen = SNAPLEN,
		.linktype = nsc_linktypes[row].number,
	};
	file = fmemopen(header, sizeof(*header), "r");
	pcap = file ? pcap_fopen_offline(file, why) : NULL;
	if (file && !pcap)
		fclose(file);
	return pcap;
}

static int compile_row(struct nsc_file_filter *filter, const char *expression, unsigned row, bool live)
{
	struct nsc_error *why = &filter->why[row];
	struct pcap_file_header header;
	pcap_t *pcap = live ? pcap_open_dead(nsc_linktypes[row].dlt, SNAPLEN) : open_as_file(&header, row);
	int status = 0;

	if (!pcap)
		return nsc_fail(why, -ENOMEM, "no memory to compile the filter '%s'", expression);
	if (pcap_compile(pcap, &filter->program[row], expression, 1, PCAP_NETMASK_UNKNOWN))
		status = nsc_fail(why, -EINVAL, "the filter '%s' does not compile: %s", expression, pcap_geterr(pcap));
	pcap_close(pcap);
	return status;
}

int nsc_file_filter_open(struct nsc_file_filter **out, const char *expression, int only, bool live,
			 struct nsc_error *error)
{
	struct nsc_file_filter *filter = calloc(1, sizeof(*filter));
	unsigned good = 0, first = only < 0 ? 0 : (unsigned)only;

	if (!filter)
		return nsc_fail(error, -ENOMEM, "no memory to compile the filter '%s'", expression);
	for (unsigned row = 0; row < NSC_LINKTYPES; row++)
		if (only < 0 || row == first)
			good += !compile_row(filter, expression, row, live);
	if (!good) {
		nsc_fail(error, 0, "%s", filter->why[first].text);
		nsc_file_filter_close(filter);
		return -EINVAL;
	}
	*out = filter;
	return 0;
}

const struct bpf_insn *nsc_file_filter_program(const struct nsc_file_filter *filter, unsigned row,
					       struct nsc_error *error)
{
	const struct bpf_insn *program = filter->program[row].bf_insns;

	if (!program)
		nsc_fail(error, 0, "%s", filter->why[row].text);
	return program;
}

void nsc_file_filter_close(struct nsc_file_filter *filter)
{
	if (!filter)
		return;
	for (unsigned row = 0; row < NSC_LINKTYPES; row++)
		if (filter->program[row].bf_insns)
			pcap_freecode(&filter->program[row]);
	free(filter);
}
