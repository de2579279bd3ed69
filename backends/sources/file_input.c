/* SPDX-License-Identifier: MIT
 *
 * Plain and compressed bytes behind one read call. All files are open from the start, and one of them is read.
 */
#include "file_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feed.h"
#include "file_decompress.h"
#include "file_direct.h"
#include "file_seek.h"

#define RAW_SIZE 131072u /* compressed bytes held at once */
#define PIPE_WAIT_MS 50
#define PASS_MOST (64u << 20) /* decompressed bytes passed over by one read, so that a signal is seen */

struct input_file { /* one of those that were named, open */
	int fd;
	bool regular;
	bool shared; /* the open file is somebody else's too: standard input */
	uint8_t head_len;
	uint8_t head[NSC_DECOMPRESS_MAGIC]; /* a pipe's first bytes, by which it was recognised */
	const struct nsc_decompressor *how; /* NULL: plain */
	struct nsc_feed *feed;              /* NULL: a file or a pipe */
	off_t start;
	uint64_t size; /* NSC_UNKNOWN on a pipe */
};

struct nsc_file_input {
	struct input_file *files;
	uint32_t n_files;
	/* of the file that is read */
	uint32_t k;
	int fd;
	bool regular;
	struct nsc_feed *feed;              /* NULL: a file or a pipe */
	const struct nsc_decompressor *how; /* NULL: plain */
	void *with;                         /* its state */
	int status;                         /* -errno once the stream was found damaged */
	struct nsc_error why;
	struct nsc_file_input_state state;
	struct nsc_compressed in;       /* of `raw`: taken, not used yet */
	struct nsc_file_direct *direct; /* NULL: no file goes past the page cache */
	struct nsc_rx_file_direct report;
	const struct nsc_rx_span *spans; /* of the one file, not all of which is read; NULL: all */
	uint32_t n_spans, span;          /* how many; which one is read */
	uint64_t at;                     /* byte of the file that comes next, with spans */
	struct nsc_file_seek *seek;      /* with spans: where its frames are; NULL: not known */
	uint64_t raw_at, raw_to;         /* with seek: byte of the file that is read next, and where the span ends */
	/* for all of them */
	void *states[NSC_DECOMPRESSORS]; /* of those that some file needs */
	uint8_t raw[RAW_SIZE];
};

/* --- the file itself -------------------------------------------------------------------------- */

static int wait_for_pipe(struct nsc_file_input *input)
{
	struct pollfd p = { .fd = input->fd, .events = POLLIN };
	int ready = poll(&p, 1, PIPE_WAIT_MS);

	if (ready < 0)
		return -errno;
	return ready ? 0 : -EAGAIN;
}

static ssize_t read_file(struct nsc_file_input *input, uint8_t *to, size_t size, struct nsc_error *error)
{
	int waited = input->regular ? 0 : wait_for_pipe(input);
	ssize_t n;

	if (waited == -EAGAIN || waited == -EINTR)
		return waited;
	n = read(input->fd, to, size);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -errno;
	return n < 0 ? nsc_fail(error, -errno, "reading it failed: %s", strerror(errno)) : n;
}

static ssize_t read_raw(struct nsc_file_input *input, uint8_t *to, size_t size, struct nsc_error *error)
{
	ssize_t n = input->feed ? nsc_feed_read(input->feed, to, size, error) : read_file(input, to, size, error);

	input->state.taken += (uint64_t)NSC_MAX(n, 0);
	return n;
}

/* The first that is not read as it was asked for is told by name. */
static void input_refused(struct nsc_file_input *input, uint32_t k, const char *why)
{
	if (!input->report.refused++) {
		input->report.first = k;
		input->report.why = why;
	}
}

/* What cannot be read that way is read through the page cache, from where it ended. */
static ssize_t input_direct(struct nsc_file_input *input, uint8_t *to, size_t size, struct nsc_error *error)
{
	ssize_t n = nsc_file_direct_read(input->direct, to);

	if (n == -EINTR)
		return n;
	if (n < 0 && !input->state.taken) {
		input_refused(input, input->k, "its file system refuses such reads");
		input->report.files--;
	}
	if (n <= 0)
		return read_raw(input, to, size, error);
	input->state.taken += (uint64_t)n;
	return n;
}

static ssize_t read_plain(struct nsc_file_input *input, uint8_t *to, size_t size, struct nsc_error *error)
{
	size_t left = input->in.len - input->in.pos;

	if (nsc_unlikely(input->status))
		return nsc_fail(error, input->status, "%s", input->why.text);
	if (nsc_unlikely(nsc_file_input_wants_block(input)))
		return input_direct(input, to, size, error);
	if (nsc_likely(!left))
		return read_raw(input, to, size, error);
	left = NSC_MIN(left, size); /* the bytes by which a pipe was recognised */
	memcpy(to, input->raw + input->in.pos, left);
	input->in.pos += (uint32_t)left;
	return (ssize_t)left;
}

/* --- compressed ------------------------------------------------------------------------------- */

/* No more than the frames of a span, where these are known. */
static size_t raw_size(const struct nsc_file_input *input)
{
	uint64_t left = input->seek && input->raw_at < input->raw_to ? input->raw_to - input->raw_at : RAW_SIZE;

	return (size_t)NSC_MIN(left, (uint64_t)RAW_SIZE);
}

/* Decompresses until something came out. Libraries may hold output back although the input is used up, so each round
 * first lets them work with what they have. */
static ssize_t read_compressed(struct nsc_file_input *input, uint8_t *to, size_t size)
{
	size_t made = 0;
	ssize_t n;

	for (;;) {
		input->status = nsc_decompress(input->how, input->with, &input->in, to, size, &made, &input->why);
		if (made)
			return (ssize_t)made;
		if (input->status)
			return input->status;
		if (input->in.pos < input->in.len)
			continue;
		n = read_raw(input, input->raw, raw_size(input), &input->why);
		if (n > 0) {
			input->raw_at += (uint64_t)n;
			input->in.pos = 0;
			input->in.len = (uint32_t)n;
			continue;
		}
		if (n == 0 && !input->in.between)
			n = nsc_fail(&input->why, -EBADMSG, "the compressed stream is cut short");
		if (n < 0 && n != -EAGAIN && n != -EINTR)
			input->status = (int)n;
		return n;
	}
}

/* --- parts of a file -------------------------------------------------------------------------- */

/* The span in which something is left; NULL at the end. */
static const struct nsc_rx_span *input_span(struct nsc_file_input *input)
{
	while (input->span < input->n_spans && input->at >= input->spans[input->span].to)
		input->span++;
	return input->span < input->n_spans ? &input->spans[input->span] : NULL;
}

static ssize_t read_span(struct nsc_file_input *input, uint8_t *to, size_t size, struct nsc_error *error)
{
	const struct nsc_rx_span *span = input_span(input);
	ssize_t n;

	if (!span)
		return 0;
	input->at = NSC_MAX(input->at, span->from);
	n = nsc_file_input_read_at(input, input->k, input->at, to, NSC_MIN(size, span->to - input->at), error);
	if (n > 0) {
		input->at += (uint64_t)n;
		input->state.taken += (uint64_t)n;
	}
	return n;
}

/* To the frame in which the span begins, when that is another one than is decompressed now. */
static int go_to_frame(struct nsc_file_input *input, const struct nsc_rx_span *span)
{
	struct nsc_file_seek_place place = nsc_file_seek_find(input->seek, span->from);

	input->raw_to = nsc_file_seek_end(input->seek, span->to - 1);
	if (place.plain <= input->at)
		return 0;
	if (lseek(input->fd, input->files[input->k].start + (off_t)place.at, SEEK_SET) < 0)
		return input->status = nsc_fail(&input->why, -errno, "going to a frame failed: %s", strerror(errno));
	input->in = (struct nsc_compressed){ .at = input->raw };
	input->at = place.plain;
	input->raw_at = place.at;
	return input->status = input->how->begin(input->with, &input->why);
}

/* What lies before the span is decompressed too, from the begin of a frame on if it is known where frames begin. */
static ssize_t read_compressed_span(struct nsc_file_input *input, uint8_t *to, size_t size)
{
	const struct nsc_rx_span *span = input_span(input);
	int status = span && input->seek ? go_to_frame(input, span) : 0;

	if (status)
		return status;
	for (uint64_t passed = 0; span && passed < PASS_MOST;) {
		bool before = input->at < span->from;
		ssize_t n = read_compressed(input, to, NSC_MIN(size, (before ? span->from : span->to) - input->at));

		if (n <= 0)
			return n;
		input->at += (uint64_t)n;
		if (!before)
			return n;
		passed += (uint64_t)n;
	}
	return span ? -EAGAIN : 0;
}

int nsc_file_input_spans(struct nsc_file_input *input, const char *path, const struct nsc_rx_span *spans, uint32_t n,
			 struct nsc_error *error)
{
	if (!input->files[0].regular)
		return nsc_fail(error, -ESPIPE, "'%s' is no regular file: parts of it cannot be read", path);
	for (uint32_t i = 0; i < n; i++)
		assert(spans[i].from < spans[i].to && (!i || spans[i - 1].to < spans[i].from));
	input->spans = spans;
	input->n_spans = n;
	if (input->how && !strcmp(input->how->name, "zstd"))
		input->seek = nsc_file_seek_open(input->fd, (uint64_t)input->files[0].start, input->files[0].size);
	posix_fadvise(input->files[0].fd, 0, 0, POSIX_FADV_RANDOM);
	return 0;
}

uint64_t nsc_file_input_place(const struct nsc_file_input *input, uint64_t offset)
{
	for (uint32_t i = 0; i < input->n_spans; i++) {
		uint64_t bytes = input->spans[i].to - input->spans[i].from;

		if (offset < bytes || i + 1 == input->n_spans)
			return input->spans[i].from + offset;
		offset -= bytes;
	}
	return offset;
}

ssize_t nsc_file_input_read(struct nsc_file_input *input, uint8_t *to, size_t size, struct nsc_error *error)
{
	ssize_t n;

	if (nsc_unlikely(input->spans) && !input->how)
		return read_span(input, to, size, error);
	if (nsc_likely(!input->how))
		return read_plain(input, to, size, error);
	if (input->status)
		n = input->status;
	else
		n = input->spans ? read_compressed_span(input, to, size) : read_compressed(input, to, size);
	if (n < 0 && n == input->status)
		*error = input->why;
	return n;
}

bool nsc_file_input_is_plain(const struct nsc_file_input *input, uint32_t k)
{
	return input->files[k].regular && !input->files[k].how && !input->spans;
}

ssize_t nsc_file_input_read_at(const struct nsc_file_input *input, uint32_t k, uint64_t from, uint8_t *to, size_t size,
			       struct nsc_error *error)
{
	const struct input_file *file = &input->files[k];
	ssize_t n = pread(file->fd, to, size, file->start + (off_t)from);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -errno;
	return n < 0 ? nsc_fail(error, -errno, "reading it failed: %s", strerror(errno)) : n;
}

/* --- open and close --------------------------------------------------------------------------- */

static int open_fd(struct input_file *file, const char *path, struct nsc_error *error)
{
	struct stat st;
	off_t at;

	file->size = NSC_UNKNOWN;
	if (nsc_feed_is(path))
		return nsc_feed_open(&file->feed, path, error);
	file->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (file->fd < 0)
		return nsc_fail(error, -errno, "cannot open '%s': %s", path, strerror(errno));
	if (fstat(file->fd, &st))
		return nsc_fail(error, -errno, "cannot examine '%s': %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return nsc_fail(error, -EISDIR, "'%s' is a directory, not a capture file", path);
	file->regular = S_ISREG(st.st_mode);
	file->shared = !strcmp(path, "-");
	if (!file->regular)
		return 0;
	at = lseek(file->fd, 0, SEEK_CUR); /* standard input may stand anywhere */
	file->start = NSC_MAX(at, 0);
	file->size = at >= 0 && at <= st.st_size ? (uint64_t)(st.st_size - at) : 0;
	posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

/* A part of a pipe's first bytes: -EAGAIN while there are none. */
static ssize_t peek_some(struct nsc_file_input *input, struct input_file *file, struct nsc_error *why)
{
	uint8_t *to = file->head + file->head_len;
	size_t size = NSC_DECOMPRESS_MAGIC - file->head_len;

	if (!file->regular)
		return read_raw(input, to, size, why);
	return pread(file->fd, to, size, file->start + file->head_len);
}

/* The bytes by which it is recognised, unless there are fewer. */
static int peek(struct nsc_file_input *input, struct input_file *file, const char *path, struct nsc_error *error)
{
	struct nsc_error why;
	ssize_t n = 1;

	input->fd = file->fd;
	input->regular = file->regular;
	input->feed = file->feed;
	while (file->head_len < NSC_DECOMPRESS_MAGIC && n) {
		n = peek_some(input, file, &why);
		if (n == -EINTR)
			return nsc_fail(error, -EINTR, "interrupted while waiting for the first bytes of '%s'", path);
		if (n == -1 && file->regular)
			n = nsc_fail(&why, -errno, "reading it failed: %s", strerror(errno));
		if (n < 0 && n != -EAGAIN)
			return nsc_fail(error, (int)n, "cannot read '%s': %s", path, why.text);
		if (n > 0)
			file->head_len += (uint8_t)n;
	}
	if (!file->head_len)
		return nsc_fail(error, -ENODATA, file->feed ? "'%s' ended before its first byte" : "'%s' is empty",
				path);
	return 0;
}

/* Also makes the decompressor that is wanted, if none of the files before wanted it. */
static int recognise(struct nsc_file_input *input, struct input_file *file, const char *path, struct nsc_error *error)
{
	const struct nsc_decompressor *how = nsc_decompressor_find(file->head, file->head_len);
	void **state = how ? &input->states[how - nsc_decompressors] : NULL;
	struct nsc_error why;
	int status;

	if (how && file->feed)
		return nsc_fail(error, -EPROTONOSUPPORT, "'%s' sends %s, and a connection is read plain alone", path,
				how->name);
	status = how && !*state ? how->open(state, &why) : 0;

	file->how = how;
	return status ? nsc_fail(error, status, "cannot decompress '%s': %s", path, why.text) : 0;
}

static int open_file(struct nsc_file_input *input, const char *path, struct nsc_error *error)
{
	struct input_file *file = &input->files[input->n_files];
	int status;

	file->fd = -1;
	input->n_files++;
	status = open_fd(file, path, error);
	if (!status)
		status = peek(input, file, path, error);
	return status ? status : recognise(input, file, path, error);
}

int nsc_file_input_open(struct nsc_file_input **out, const char *const *paths, uint32_t n, struct nsc_error *error)
{
	struct nsc_file_input *input = calloc(1, sizeof(*input));
	int status = 0;

	if (input)
		input->files = calloc(n, sizeof(*input->files));
	if (!input || !input->files) {
		free(input);
		return nsc_fail(error, -ENOMEM, "no memory to read '%s'", paths[0]);
	}
	for (uint32_t i = 0; i < n && !status; i++)
		status = open_file(input, paths[i], error);
	if (status) {
		nsc_file_input_close(input);
		return status;
	}
	nsc_file_input_begin(input, 0);
	*out = input;
	return 0;
}

bool nsc_file_input_rewinds(const struct nsc_file_input *input, uint32_t k)
{
	return input->files[k].regular;
}

uint64_t nsc_file_input_size(const struct nsc_file_input *input, uint32_t k)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < input->n_spans; i++)
		bytes += input->spans[i].to - input->spans[i].from;
	return bytes && !input->files[k].how ? bytes : input->files[k].size;
}

/* A file is read from where it began, so that reads stay aligned with its pages. */
void nsc_file_input_begin(struct nsc_file_input *input, uint32_t k)
{
	struct input_file *file = &input->files[k];

	input->k = k;
	input->fd = file->fd;
	input->regular = file->regular;
	input->feed = file->feed;
	input->how = file->how;
	input->status = 0;
	input->span = 0;
	input->at = input->raw_at = input->raw_to = 0;
	input->in = (struct nsc_compressed){ .at = input->raw };
	input->state = (struct nsc_file_input_state){ .compressed = file->how != NULL };
	if (!file->regular) {
		memcpy(input->raw, file->head, file->head_len);
		input->in.len = file->head_len;
		input->state.taken = file->head_len;
	} else if (lseek(file->fd, file->start, SEEK_SET) < 0) {
		input->status = nsc_fail(&input->why, -errno, "going to its begin failed: %s", strerror(errno));
	}
	if (input->direct)
		nsc_file_direct_begin(input->direct, k, (uint64_t)file->start);
	if (!file->how || input->status)
		return;
	input->with = input->states[file->how - nsc_decompressors];
	input->status = file->how->begin(input->with, &input->why);
}

struct nsc_feed *nsc_file_input_feed(const struct nsc_file_input *input)
{
	return input->feed;
}

void nsc_file_input_again(struct nsc_file_input *input, bool fruitful, const struct nsc_error *why)
{
	input->files[input->k].head_len = 0;
	nsc_feed_again(input->feed, fruitful, why);
}

/* --- past the page cache ---------------------------------------------------------------------- */

static const char *why_not_direct(const struct nsc_file_input *input, const struct input_file *file)
{
	if (input->spans)
		return "parts of it are read";
	if (!file->regular)
		return "it is no regular file";
	if (file->shared)
		return "it shares the open file with others";
	if (file->how)
		return "it is compressed";
	return nsc_file_direct_refuses(file->fd);
}

int nsc_file_input_direct(struct nsc_file_input *input, enum nsc_direct direct, uint32_t block, struct nsc_error *error)
{
	int *fds = direct == NSC_DIRECT_NEVER ? NULL : malloc(input->n_files * sizeof(*fds)), status = 0;

	if (direct == NSC_DIRECT_NEVER)
		return 0;
	for (uint32_t k = 0; fds && k < input->n_files; k++) {
		const struct input_file *file = &input->files[k];
		const char *why = why_not_direct(input, file);
		bool wanted = direct == NSC_DIRECT_ALWAYS || (!why && nsc_file_direct_is_cold(file->fd, file->size));

		if (why && wanted)
			input_refused(input, k, why);
		fds[k] = !why && wanted ? file->fd : -1;
		input->report.files += !why && wanted;
	}
	if (!fds)
		return nsc_fail(error, -ENOMEM, "no memory to read past the page cache");
	if (input->report.files)
		status = nsc_file_direct_open(&input->direct, fds, input->n_files, block, error);
	input->report.in_flight = input->direct && nsc_file_direct_in_flight(input->direct);
	free(fds);
	nsc_file_input_begin(input, 0);
	return status;
}

struct nsc_rx_file_direct nsc_file_input_report(const struct nsc_file_input *input)
{
	return input->report;
}

bool nsc_file_input_wants_block(const struct nsc_file_input *input)
{
	return input->direct && nsc_file_direct_goes_on(input->direct);
}

void nsc_file_input_ahead(struct nsc_file_input *input, uint8_t *to)
{
	if (input->direct)
		nsc_file_direct_ahead(input->direct, to);
}

const struct nsc_file_input_state *nsc_file_input_state(const struct nsc_file_input *input)
{
	return &input->state;
}

void nsc_file_input_close(struct nsc_file_input *input)
{
	if (!input)
		return;
	nsc_file_direct_close(input->direct);
	nsc_file_seek_close(input->seek);
	for (size_t i = 0; i < NSC_DECOMPRESSORS; i++)
		if (input->states[i])
			nsc_decompressors[i].close(input->states[i]);
	for (uint32_t i = 0; i < input->n_files; i++) {
		nsc_feed_close(input->files[i].feed);
		if (input->files[i].fd >= 0)
			close(input->files[i].fd);
	}
	free(input->files);
	free(input);
}
