/* SPDX-License-Identifier: MIT */
#include "backends/index/nsx_writer.h"

#include "backends/index/nsx_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

struct nsc_nsx_writer {
	struct nsc_decode_options decode;
	uint32_t tunnels_crc;
	char *path, *capture; /* of the index, and what it is of; NULL: none is begun */
	int failed;           /* 0, or -errno: this index is given up */
	struct nsc_error why;
	struct nsc_nsx_foot foot;
	struct nsc_nsx_builder *builder;
	uint32_t n;
	uint64_t at[NSC_BURST_MAX];
	struct nsc_packet pkt[NSC_BURST_MAX];
	struct nsc_nsx_file file;
};

int nsc_nsx_writer_open(struct nsc_nsx_writer **writer, const struct nsc_nsx_writer_options *options,
			struct nsc_error *error)
{
	struct nsc_nsx_writer *w = calloc(1, sizeof(*w));
	uint64_t secret[5] = { 0 };

	if (w && getrandom(secret, sizeof(secret), 0) == sizeof(secret))
		w->builder = nsc_nsx_builder_open(secret[4]);
	if (!w || !w->builder) {
		free(w);
		return nsc_fail(error, -ENOMEM, "no memory for the index of capture files");
	}
	w->decode = nsc_conversation_decode(options->decap);
	memcpy(w->decode.seed.word, secret, sizeof(w->decode.seed.word));
	w->tunnels_crc = options->decap ? nsc_nsx_text_crc(options->tunnels) : 0;
	*writer = w;
	return 0;
}

uint64_t nsc_nsx_writer_memory(void)
{
	return sizeof(struct nsc_nsx_writer) + nsc_nsx_builder_memory();
}

static void writer_give_up(struct nsc_nsx_writer *w, int status, const char *what)
{
	if (!w->failed)
		w->failed = nsc_fail(&w->why, status, "%s: %s", w->path ? w->path : "an index", what);
}

void nsc_nsx_begin(struct nsc_nsx_writer *w, const char *capture)
{
	nsc_nsx_drop(w);
	w->failed = 0;
	w->foot = (struct nsc_nsx_foot){
		.magic = NSC_NSX_MAGIC,
		.version = NSC_NSX_VERSION,
		.flags = w->decode.decap ? NSC_NSX_DECAP : 0,
		.min_ns = UINT64_MAX,
		.last_part = NSC_UNKNOWN,
		.tunnels_crc = w->tunnels_crc,
	};
	w->capture = strdup(capture);
	if (asprintf(&w->path, "%s%s", capture, NSC_NSX_SUFFIX) < 0)
		w->path = NULL;
	nsc_nsx_builder_reset(w->builder);
	if (w->capture && w->path)
		nsc_nsx_file_open(&w->file, w->path);
	else
		writer_give_up(w, -ENOMEM, "no memory for its name");
}

/* --- pages ------------------------------------------------------------------------------------ */

static void write_part(struct nsc_nsx_writer *w, uint64_t end)
{
	struct nsc_nsx_part part;
	uint64_t place = nsc_nsx_builder_write(w->builder, &w->file, w->foot.last_part, end, &part);

	if (place == NSC_UNKNOWN) {
		writer_give_up(w, -EFBIG, "two packets of its file lie more than 4 GiB apart, or in the wrong order");
		return;
	}
	w->foot.last_part = place;
	w->foot.n_parts++;
	w->foot.packets += part.packets;
	w->foot.min_ns = NSC_MIN(w->foot.min_ns, part.min_ns);
	w->foot.max_ns = NSC_MAX(w->foot.max_ns, part.max_ns);
	nsc_nsx_builder_reset(w->builder);
}

static void begin_page(struct nsc_nsx_writer *w, uint64_t at, bool describes)
{
	if (!nsc_nsx_builder_has_room(w->builder))
		write_part(w, at);
	if (!w->failed && !nsc_nsx_builder_page(w->builder, at, describes))
		writer_give_up(w, -EFBIG, "two packets of its file lie more than 4 GiB apart, or in the wrong order");
}

static void add_one(struct nsc_nsx_writer *w, const struct nsc_packet *pkt, uint64_t at)
{
	const struct nsc_nsx_page *page = nsc_nsx_builder_at(w->builder);
	struct nsc_conversation conversation;
	uint32_t hash = pkt->fate == NSC_FATE_FLOW ? pkt->hash : 0;

	nsc_conversation_of(pkt, &conversation);
	if (!page || page->packets & NSC_NSX_DESCRIBES || at - page->begin >= NSC_NSX_PAGE)
		begin_page(w, at, false);
	if (w->failed || nsc_nsx_builder_add(w->builder, &conversation, hash, pkt->ts_ns))
		return;
	write_part(w, at);
	if (w->failed)
		return;
	begin_page(w, at, false);
	if (!w->failed && !nsc_nsx_builder_add(w->builder, &conversation, hash, pkt->ts_ns))
		writer_give_up(w, -EFAULT, "an empty part has no room for a packet");
}

void nsc_nsx_flush(struct nsc_nsx_writer *w)
{
	uint32_t n = w->n;

	w->n = 0;
	if (!n || w->failed || !w->path)
		return;
	nsc_decode_burst(&w->decode, w->pkt, n);
	for (uint32_t i = 0; i < n && !w->failed; i++)
		add_one(w, &w->pkt[i], w->at[i]);
}

void nsc_nsx_add(struct nsc_nsx_writer *w, const struct nsc_packet *pkt, uint64_t at)
{
	w->pkt[w->n] = *pkt;
	w->at[w->n] = at;
	if (++w->n == NSC_BURST_MAX)
		nsc_nsx_flush(w);
}

void nsc_nsx_compressed(struct nsc_nsx_writer *w)
{
	w->foot.flags |= NSC_NSX_COMPRESSED;
}

void nsc_nsx_describe(struct nsc_nsx_writer *w, uint64_t at)
{
	const struct nsc_nsx_page *page;

	nsc_nsx_flush(w);
	page = nsc_nsx_builder_at(w->builder);
	if (w->path && !w->failed && !(page && page->packets & NSC_NSX_DESCRIBES))
		begin_page(w, at, true);
}

/* --- the end ---------------------------------------------------------------------------------- */

/* Of a compressed file nothing is known but its edges. */
static bool has_covered_size(const struct nsc_nsx_writer *w, uint64_t size, bool damaged)
{
	if (w->foot.flags & NSC_NSX_COMPRESSED)
		return true;
	return damaged ? size >= w->foot.covered : size == w->foot.covered;
}

/* The file's edges, by which the index knows it again. */
static int identify(struct nsc_nsx_writer *w, bool damaged)
{
	int fd = open(w->capture, O_RDONLY | O_NONBLOCK | O_CLOEXEC), status;
	struct stat found;

	if (fd < 0 || fstat(fd, &found)) {
		status = nsc_fail(&w->why, -errno, "%s: %s cannot be read: %s", w->path, w->capture, strerror(errno));
	} else if (!S_ISREG(found.st_mode) || !has_covered_size(w, (uint64_t)found.st_size, damaged)) {
		status = nsc_fail(&w->why, -ESTALE, "%s: %s has changed while it was indexed", w->path, w->capture);
	} else {
		w->foot.size = (uint64_t)found.st_size;
		status = nsc_nsx_edge_crc(fd, w->foot.size, false, &w->foot.head_crc);
		if (!status)
			status = nsc_nsx_edge_crc(fd, w->foot.size, true, &w->foot.tail_crc);
		if (status)
			nsc_fail(&w->why, status, "%s: %s cannot be read: %s", w->path, w->capture, strerror(-status));
	}
	if (fd >= 0)
		close(fd);
	return status;
}

int nsc_nsx_end(struct nsc_nsx_writer *w, uint64_t covered, bool damaged, struct nsc_nsx_made *made,
		struct nsc_error *error)
{
	int status;

	nsc_nsx_flush(w);
	w->foot.covered = covered;
	w->foot.flags |= damaged ? NSC_NSX_DAMAGED : 0;
	if (!w->failed && nsc_nsx_builder_at(w->builder))
		write_part(w, covered);
	if (!w->failed)
		w->failed = identify(w, damaged);
	status = w->failed ? nsc_fail(error, w->failed, "%s", w->why.text)
			   : nsc_nsx_file_finish(&w->file, &w->foot, error);
	*made = (struct nsc_nsx_made){
		.packets = w->foot.packets,
		.bytes = (w->file.number) * NSC_NSX_BLOCK,
		.parts = w->foot.n_parts,
	};
	nsc_nsx_drop(w);
	return status;
}

void nsc_nsx_drop(struct nsc_nsx_writer *w)
{
	nsc_nsx_file_drop(&w->file);
	free(w->path);
	free(w->capture);
	w->path = w->capture = NULL;
	w->n = 0;
}

void nsc_nsx_writer_close(struct nsc_nsx_writer *w)
{
	if (!w)
		return;
	nsc_nsx_drop(w);
	nsc_nsx_builder_close(w->builder);
	free(w);
}
