/* SPDX-License-Identifier: MIT */
#include "tools/extract/file.h"

#include "netscope/kept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_BYTES = 64 << 10 }; /* of a file: its headers and its first packet, nearly always */

/* --- a look ----------------------------------------------------------------------------------- */

/* -ENODATA: no packet came, but `rx.error` may say why. */
static int look_read(struct nsc_extract_file *file, const struct nsc_rx_file_options *options, struct nsc_error *error)
{
	struct nsc_rx *rx;
	int status = nsc_rx_file_open(&rx, options, error);

	if (status)
		return status;
	do {
		nsc_rx_poll(rx, file->burst);
	} while (!file->burst->n && file->burst->state <= NSC_RX_IDLE);
	file->first_ns = file->burst->n ? file->burst->pkt[0].ts_ns : NSC_UNKNOWN;
	file->nanoseconds = rx->nanoseconds;
	rx->ops->counters(rx, &file->counters);
	file->looked += file->ranges.n ? file->counters.file_bytes : 0;
	if (!file->burst->n)
		status = nsc_fail(error, -ENODATA, "%s", rx->error.text);
	nsc_rx_close(rx);
	return status;
}

/* More than its first bytes are read only when no packet was in them. One that is damaged before its first packet is
 * told when it is read. */
int nsc_extract_file_look(struct nsc_extract_file *file, struct nsc_error *error)
{
	const struct nsc_rx_span first = { 0, LOOK_BYTES };
	struct nsc_rx_file_options options = {
		.path = file->path, .loans = 1, .count = 1, .spans = &first, .n_spans = 1
	};
	int status;

	file->burst = aligned_alloc(NSC_CACHE_LINE, sizeof(*file->burst));
	if (!file->burst)
		return nsc_fail(error, -ENOMEM, "no memory to read '%s'", file->path);
	status = look_read(file, &options, error);
	if (status) {
		options.spans = NULL;
		status = look_read(file, &options, error);
	}
	free(file->burst);
	file->burst = NULL;
	return status == -ENODATA && !error->text[0] ? 0 : status;
}

/* --- packets ---------------------------------------------------------------------------------- */

int nsc_extract_file_open(struct nsc_extract_file *file, const struct nsc_extract_job *job, struct nsc_error *error)
{
	struct nsc_rx_file_options options = {
		.path = file->path,
		.filter = job->filter,
		.snaplen = job->snaplen,
		.keeps = true,
		.loans = 1,
		.spans = file->ranges.n ? file->ranges.span : NULL,
		.n_spans = (uint32_t)file->ranges.n,
	};
	int status;

	file->burst = aligned_alloc(NSC_CACHE_LINE, sizeof(*file->burst));
	if (!file->burst)
		return nsc_fail(error, -ENOMEM, "no memory to read '%s'", file->path);
	status = nsc_rx_file_open(&file->rx, &options, error);
	if (status) {
		free(file->burst);
		file->burst = NULL;
		return status;
	}
	*file->burst = (struct nsc_burst){ .state = NSC_RX_MORE };
	file->wanted = 0;
	file->burst_number = 1;
	return 0;
}

/* Behind all comments that there are. */
static size_t comments_end(size_t at)
{
	const uint8_t *text;
	uint16_t length;

	nsc_kept_next_comment(&at, UINT64_MAX - 1, &text, &length); /* no packet's number */
	return at;
}

static uint64_t wanted_by_time(const struct nsc_extract_job *job, const struct nsc_burst *burst)
{
	uint64_t wanted = 0;

	for (uint32_t i = 0; i < burst->n; i++)
		wanted |= (uint64_t)(burst->pkt[i].ts_ns >= job->from_ns && burst->pkt[i].ts_ns <= job->to_ns) << i;
	return wanted;
}

/* The next burst, wanted or not. False at the end. */
static bool next_burst(struct nsc_extract_file *file, const struct nsc_extract_job *job)
{
	struct nsc_burst *burst = file->burst;

	if (burst->state == NSC_RX_FAILED)
		file->failed = file->rx->error;
	if (burst->state == NSC_RX_END || burst->state == NSC_RX_FAILED)
		return false;
	nsc_rx_release(file->rx, burst->loan);
	file->burst_number += burst->n;
	file->comments = comments_end(file->comments);
	nsc_rx_poll(file->rx, burst);
	file->comments_to = comments_end(file->comments);
	nsc_decode_burst(&job->decode, burst->pkt, burst->n);
	file->wanted = nsc_select_burst(&job->select, burst->pkt, burst->n, wanted_by_time(job, burst));
	return true;
}

static const struct nsc_packet *packet_at(const struct nsc_extract_file *file)
{
	return &file->burst->pkt[__builtin_ctzll(file->wanted)];
}

const struct nsc_packet *nsc_extract_file_next(struct nsc_extract_file *file, const struct nsc_extract_job *job)
{
	file->wanted &= file->wanted - 1;
	while (!file->wanted && job->goes_on(job->context))
		if (!next_burst(file, job))
			return NULL;
	return file->wanted ? packet_at(file) : NULL;
}

void nsc_extract_file_comments(const struct nsc_extract_file *file, uint64_t number)
{
	uint64_t own = file->burst_number + (uint64_t)(packet_at(file) - file->burst->pkt);
	size_t at = file->comments;
	const uint8_t *text;
	uint16_t length;

	while (nsc_kept_next_comment(&at, own, &text, &length) && at <= file->comments_to)
		nsc_kept_comment(number, text, length);
}

void nsc_extract_file_close(struct nsc_extract_file *file)
{
	if (file->rx) {
		file->rx->ops->counters(file->rx, &file->counters);
		nsc_rx_close(file->rx);
	}
	file->rx = NULL;
	free(file->burst);
	file->burst = NULL;
	nsc_nsx_ranges_free(&file->ranges);
}
