/* SPDX-License-Identifier: MIT
 *
 * Traffic in memory, or a file. The memory is a file without a name: other processes read it as any capture file, and
 * it goes away with the last of them, whatever happens.
 */
#include "tools/bench/measure.h"

#include "backends/sources/gen.h"
#include "backends/sources/linktype.h"
#include "engine/base/memory.h"
#include "engine/text/pcap_format.h"
#include "perf/floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_BUFFER = 1 << 20 };

struct input_maker {
	struct nsc_bench_input *input;
	struct nsc_gen *gen;
	uint8_t *slot, *buffer;
	size_t used;
	uint64_t limit; /* bytes that the file may have */
};

static int maker_flush(struct input_maker *m, struct nsc_error *error)
{
	if (m->input->file_bytes + m->used > m->limit)
		return nsc_fail(error, -ENOMEM,
				"traffic \"%s\" takes more than %llu MiB, a quarter of the memory that is left here: "
				"choose another with --traffic, or a file with -r",
				m->input->name, (unsigned long long)(m->limit >> 20));
	for (size_t done = 0; done < m->used;) {
		ssize_t n = write(m->input->fd, m->buffer + done, m->used - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return nsc_fail(error, -errno, "no memory for traffic \"%s\": %s", m->input->name,
					strerror(errno));
		done += (size_t)n;
	}
	m->input->file_bytes += m->used;
	m->used = 0;
	return 0;
}

static int maker_add(struct input_maker *m, const struct nsc_gen_frame *frame, struct nsc_error *error)
{
	const struct nsc_packet_record record = {
		.ts_ns = frame->ts_ns, .cap_len = frame->cap_len, .wire_len = frame->wire_len, .len = frame->cap_len
	};
	uint8_t *bytes;

	if (INPUT_BUFFER - m->used < NSC_PCAP_RECORD + frame->cap_len) {
		int status = maker_flush(m, error);

		if (status)
			return status;
	}
	bytes = m->buffer + m->used + NSC_PCAP_RECORD;
	memcpy(bytes, frame->data, frame->cap_len);
	nsc_pcap_frame_record(bytes, &record, false);
	m->used += NSC_PCAP_RECORD + frame->cap_len;
	return 0;
}

static int maker_write(struct input_maker *m, struct nsc_error *error)
{
	struct nsc_gen_frame frame;
	int status = 0;

	m->used = (size_t)(nsc_pcap_put_header(m->buffer, NSC_LINKTYPE_ETHERNET, false, NSC_PCAP_SNAPLEN) - m->buffer);
	while (!status && nsc_gen_next(m->gen, m->slot, &frame))
		status = maker_add(m, &frame, error);
	return status ? status : maker_flush(m, error);
}

static int maker_open(struct input_maker *m, const struct nsc_gen_options *options, struct nsc_error *error)
{
	struct nsc_memory_room room;
	int status = nsc_gen_open(&m->gen, options, error);

	if (status)
		return status;
	nsc_memory_room(&room, "");
	m->limit = room.bytes / 4;
	m->slot = aligned_alloc(NSC_CACHE_LINE, nsc_gen_slot_size(m->gen));
	m->buffer = malloc(INPUT_BUFFER);
	m->input->fd = memfd_create("netscope-bench", 0); /* the processes that read it inherit it */
	if (!m->slot || !m->buffer || m->input->fd < 0)
		return nsc_fail(error, -ENOMEM, "no memory for traffic \"%s\"", m->input->name);
	nsc_gen_slot_init(m->gen, m->slot);
	return 0;
}

/* What floor_walk finds, or none. */
static int input_count(struct nsc_bench_input *input, struct nsc_error *error)
{
	struct floor_count count;
	int status = floor_walk(input->path, &count, error);

	if (status && status != -ENOTSUP)
		return status;
	input->packets = status ? 0 : count.packets;
	input->bytes = status ? 0 : count.bytes;
	return 0;
}

int nsc_bench_input_make(struct nsc_bench_input *input, const char *profile, uint64_t packets, uint64_t flows,
			 struct nsc_error *error)
{
	struct input_maker m = { .input = input };
	struct nsc_gen_options options = { 0 };
	int status = nsc_gen_profile(&options.traffic, profile, error);

	*input = (struct nsc_bench_input){ .fd = -1 };
	if (status)
		return status;
	snprintf(input->name, sizeof(input->name), "%s", profile);
	options.traffic.packets = packets ? packets : options.traffic.packets;
	options.traffic.flows = flows ? flows : options.traffic.flows;
	status = maker_open(&m, &options, error);
	if (!status)
		status = maker_write(&m, error);
	nsc_gen_close(m.gen);
	free(m.slot);
	free(m.buffer);
	snprintf(input->path, sizeof(input->path), "/proc/self/fd/%d", input->fd);
	return status ? status : input_count(input, error);
}

int nsc_bench_input_file(struct nsc_bench_input *input, const char *path, struct nsc_error *error)
{
	const char *last = strrchr(path, '/');
	struct stat file;

	*input = (struct nsc_bench_input){ .fd = -1 };
	snprintf(input->name, sizeof(input->name), "%.60s", last && last[1] ? last + 1 : path);
	if ((size_t)snprintf(input->path, sizeof(input->path), "%s", path) >= sizeof(input->path))
		return nsc_fail(error, -ENAMETOOLONG, "the path %.60s... is too long", path);
	if (stat(path, &file))
		return nsc_fail(error, -errno, "cannot read %.400s: %s", path, strerror(errno));
	if (!S_ISREG(file.st_mode)) /* a pipe can be read once only */
		return nsc_fail(error, -EINVAL, "netscope bench reads %.400s many times: it must be a file", path);
	input->file_bytes = (uint64_t)file.st_size;
	return input_count(input, error);
}

void nsc_bench_input_close(struct nsc_bench_input *input)
{
	if (input->fd >= 0)
		close(input->fd);
	input->fd = -1;
}
