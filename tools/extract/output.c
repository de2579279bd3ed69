/* SPDX-License-Identifier: MIT */
#include "tools/extract/output.h"

#include "engine/rings/packet_copy.h"

#include <errno.h>
#include <stdlib.h>

/* Above all numbers of packets in files, whose comments are in the same log. */
#define NUMBER_BASE (1ull << 62)

enum { CHUNK_ROOM = 256 * 1024 };

int nsc_extract_output_open(struct nsc_extract_output *output, const char *path, struct nsc_error *error)
{
	uint32_t room = nsc_packet_room_for(NSC_PACKET_BYTES_MAX, CHUNK_ROOM);
	size_t size = (sizeof(*output->chunk) + room + NSC_CACHE_LINE - 1) & ~(size_t)(NSC_CACHE_LINE - 1);
	int status = nsc_out_lock_open(&output->lock, path, error);

	output->path = path;
	if (!status)
		status = nsc_out_probe(path, true, error);
	if (status)
		return status;
	output->chunk = aligned_alloc(NSC_CACHE_LINE, size);
	if (!output->chunk)
		return nsc_fail(error, -ENOMEM, "%s: no memory to write packets", path);
	output->chunk->room = room;
	output->chunk->n = output->chunk->bytes = 0;
	return 0;
}

static int output_begin(struct nsc_extract_output *output, const struct nsc_packet *pkt, uint16_t linktype,
			struct nsc_error *error)
{
	struct nsc_out out = { .asked.write_pcap = output->path, .fd = -1, .source = &output->source };
	int status;

	output->source.nanoseconds = output->nanoseconds;
	output->source.linktype[pkt->link] = linktype;
	status = nsc_write_pcap_open(&output->sink, &out, error);
	if (!status)
		output->chunk->frame = output->sink->frame;
	return status;
}

static int output_flush(struct nsc_extract_output *output, struct nsc_error *error)
{
	int status = output->chunk->n ? output->sink->ops->packets(output->sink, output->chunk, error) : 0;

	output->chunk->n = output->chunk->bytes = 0;
	return status;
}

/* pcapng's frame has something behind the packet. */
static bool output_is_pcapng(const struct nsc_extract_output *output)
{
	return output->sink && output->sink->frame.tail;
}

int nsc_extract_output_next(struct nsc_extract_output *output, const struct nsc_packet *pkt, uint16_t linktype,
			    uint64_t *number, struct nsc_error *error)
{
	int status = output->sink ? 0 : output_begin(output, pkt, linktype, error);

	*number = output_is_pcapng(output) ? NUMBER_BASE + output->packets + 1 : 0;
	return status;
}

int nsc_extract_output_put(struct nsc_extract_output *output, const struct nsc_packet *pkt, uint16_t linktype,
			   struct nsc_error *error)
{
	uint64_t number = (output_is_pcapng(output) ? NUMBER_BASE : 0) + output->packets + 1;
	uint32_t size = nsc_packet_framed_size(output->chunk->frame, pkt->cap_len);
	int status = nsc_packet_fits(output->chunk, size) ? 0 : output_flush(output, error);

	if (status)
		return status;
	nsc_packet_copy(output->chunk, pkt, number, pkt->cap_len, size, linktype);
	output->packets++;
	output->bytes += pkt->cap_len;
	return 0;
}

int nsc_extract_output_finish(struct nsc_extract_output *output, struct nsc_error *error)
{
	int status = output->sink ? output_flush(output, error) : 0;

	return status || !output->sink ? status : output->sink->ops->finish(output->sink, NULL, error);
}

void nsc_extract_output_close(struct nsc_extract_output *output)
{
	nsc_write_pcap_close(output->sink);
	nsc_out_lock_close(output->lock);
	free(output->chunk);
	*output = (struct nsc_extract_output){ 0 };
}
