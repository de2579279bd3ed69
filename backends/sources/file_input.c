/* SPDX-License-Identifier: MIT
 *
 * Plain, gzip and zstd bytes behind one read call. All files are open from the start, and one of them is read.
 */
#define ZSTD_STATIC_LINKING_ONLY /* ZSTD_initStaticDStream: no allocation once packets flow */

#include "file_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define RAW_SIZE 131072u       /* compressed bytes held at once */
#define ZLIB_ARENA_SIZE 65536u /* inflate wants 7 KiB of state and a window of 32 KiB */
#define ZSTD_WINDOW_LOG 27     /* what `zstd -d` accepts without being asked: 128 MiB */
#define PIPE_WAIT_MS 50
#define MAGIC_SIZE 4u /* bytes by which a compressed stream is recognised */

enum kind { PLAIN, GZIP, ZSTD };

struct input_file { /* one of those that were named, open */
	int fd;
	bool regular;
	uint8_t kind; /* enum kind */
	uint8_t head_len;
	uint8_t head[MAGIC_SIZE]; /* a pipe's first bytes, by which it was recognised */
	off_t start;
	uint64_t size; /* NSC_UNKNOWN on a pipe */
};

struct nsc_file_input {
	struct input_file *files;
	uint32_t n_files;
	/* of the file that is read */
	int fd;
	bool regular;
	bool between; /* members or frames: the input may end here */
	enum kind kind;
	int status; /* -errno once the stream was found damaged */
	struct nsc_error why;
	struct nsc_file_input_state state;
	uint32_t raw_pos, raw_len; /* raw[raw_pos..raw_len): taken, not used yet */
	/* for all of them */
	bool zlib_ready;
	z_stream zlib;
	ZSTD_DStream *zstd;
	void *zstd_area; /* reserved in full, touched as far as the frames need it */
	size_t zstd_area_size;
	uint32_t zlib_used;
	alignas(16) uint8_t zlib_arena[ZLIB_ARENA_SIZE];
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

static ssize_t read_raw(struct nsc_file_input *input, uint8_t *to, size_t size, struct nsc_error *error)
{
	int waited = input->regular ? 0 : wait_for_pipe(input);
	ssize_t n;

	if (waited == -EAGAIN || waited == -EINTR)
		return waited;
	n = read(input->fd, to, size);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -errno;
	if (n < 0)
		return nsc_fail(error, -errno, "reading it failed: %s", strerror(errno));
	input->state.taken += (uint64_t)n;
	return n;
}

static ssize_t read_plain(struct nsc_file_input *input, uint8_t *to, size_t size, struct nsc_error *error)
{
	size_t left = input->raw_len - input->raw_pos;

	if (nsc_unlikely(input->status))
		return nsc_fail(error, input->status, "%s", input->why.text);
	if (nsc_likely(!left))
		return read_raw(input, to, size, error);
	left = NSC_MIN(left, size); /* the bytes by which a pipe was recognised */
	memcpy(to, input->raw + input->raw_pos, left);
	input->raw_pos += (uint32_t)left;
	return (ssize_t)left;
}

/* --- gzip ------------------------------------------------------------------------------------- */

static void *zlib_take(void *opaque, unsigned items, unsigned size)
{
	struct nsc_file_input *input = opaque;
	uint64_t wanted = ((uint64_t)items * size + 15) & ~15ull;
	void *memory = input->zlib_arena + input->zlib_used;

	if (wanted > ZLIB_ARENA_SIZE - input->zlib_used)
		return NULL;
	input->zlib_used += (uint32_t)wanted;
	return memory;
}

static void zlib_give(void *opaque, void *memory)
{
	/* the arena goes with the input */
}

static int gzip_open(struct nsc_file_input *input, struct nsc_error *error)
{
	input->zlib.zalloc = zlib_take;
	input->zlib.zfree = zlib_give;
	input->zlib.opaque = input;
	if (inflateInit2(&input->zlib, 15 + 16) != Z_OK)
		return nsc_fail(error, -ENOMEM, "zlib does not start");
	input->zlib_ready = true;
	return 0;
}

/* Zeros may pad the end of a tape; a further member starts with its own magic. */
static void gzip_next_member(struct nsc_file_input *input)
{
	while (input->raw_pos < input->raw_len && !input->raw[input->raw_pos])
		input->raw_pos++;
	if (input->raw_pos == input->raw_len)
		return;
	inflateReset(&input->zlib);
	input->between = false;
}

static int gzip_step(struct nsc_file_input *input, uint8_t *to, size_t size, size_t *made, struct nsc_error *error)
{
	z_stream *z = &input->zlib;
	int rc;

	if (input->between)
		gzip_next_member(input);
	if (input->raw_pos == input->raw_len)
		return 0;
	z->next_in = input->raw + input->raw_pos;
	z->avail_in = input->raw_len - input->raw_pos;
	z->next_out = to;
	z->avail_out = (uInt)size;
	rc = inflate(z, Z_NO_FLUSH);
	input->raw_pos = input->raw_len - z->avail_in;
	*made = size - z->avail_out;
	input->between = rc == Z_STREAM_END;
	if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
		return 0;
	return nsc_fail(error, -EBADMSG, "the gzip stream is damaged: %s", z->msg ? z->msg : zError(rc));
}

/* --- zstd ------------------------------------------------------------------------------------- */

static int zstd_open(struct nsc_file_input *input, struct nsc_error *error)
{
	input->zstd_area_size = ZSTD_estimateDStreamSize((size_t)1 << ZSTD_WINDOW_LOG);
	input->zstd_area = mmap(NULL, input->zstd_area_size, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (input->zstd_area == MAP_FAILED) {
		input->zstd_area = NULL;
		return nsc_fail(error, -ENOMEM, "no memory for zstd's window of 128 MiB");
	}
	input->zstd = ZSTD_initStaticDStream(input->zstd_area, input->zstd_area_size);
	if (!input->zstd)
		return nsc_fail(error, -ENOMEM, "zstd does not start");
	return 0;
}

static int zstd_step(struct nsc_file_input *input, uint8_t *to, size_t size, size_t *made, struct nsc_error *error)
{
	ZSTD_inBuffer in = { input->raw, input->raw_len, input->raw_pos };
	ZSTD_outBuffer out = { to, size, 0 };
	size_t rc;

	if (input->between && in.pos == in.size)
		return 0; /* asked without input, zstd would begin a frame that may never come */
	rc = ZSTD_decompressStream(input->zstd, &out, &in);
	input->raw_pos = (uint32_t)in.pos;
	*made = out.pos;
	if (ZSTD_isError(rc))
		return nsc_fail(error, -EBADMSG, "the zstd stream is damaged: %s", ZSTD_getErrorName(rc));
	input->between = rc == 0;
	return 0;
}

/* --- both ------------------------------------------------------------------------------------- */

/* Decompresses until something came out. zlib and zstd may hold output back although the input is used up, so each
 * round first lets them work with what they have. */
static ssize_t read_compressed(struct nsc_file_input *input, uint8_t *to, size_t size)
{
	size_t made = 0;
	ssize_t n;

	for (;;) {
		input->status = input->kind == ZSTD ? zstd_step(input, to, size, &made, &input->why)
						    : gzip_step(input, to, size, &made, &input->why);
		if (made)
			return (ssize_t)made;
		if (input->status)
			return input->status;
		if (input->raw_pos < input->raw_len)
			continue;
		n = read_raw(input, input->raw, RAW_SIZE, &input->why);
		if (n > 0) {
			input->raw_pos = 0;
			input->raw_len = (uint32_t)n;
			continue;
		}
		if (n == 0 && !input->between)
			n = nsc_fail(&input->why, -EBADMSG, "the compressed stream is cut short");
		if (n < 0 && n != -EAGAIN && n != -EINTR)
			input->status = (int)n;
		return n;
	}
}

ssize_t nsc_file_input_read(struct nsc_file_input *input, uint8_t *to, size_t size, struct nsc_error *error)
{
	ssize_t n;

	if (nsc_likely(input->kind == PLAIN))
		return read_plain(input, to, size, error);
	n = input->status ? input->status : read_compressed(input, to, size);
	if (n < 0 && n == input->status)
		*error = input->why;
	return n;
}

/* --- open and close --------------------------------------------------------------------------- */

static int open_fd(struct input_file *file, const char *path, struct nsc_error *error)
{
	struct stat st;
	off_t at;

	file->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (file->fd < 0)
		return nsc_fail(error, -errno, "cannot open '%s': %s", path, strerror(errno));
	if (fstat(file->fd, &st))
		return nsc_fail(error, -errno, "cannot examine '%s': %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return nsc_fail(error, -EISDIR, "'%s' is a directory, not a capture file", path);
	file->regular = S_ISREG(st.st_mode);
	file->size = NSC_UNKNOWN;
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
	size_t size = MAGIC_SIZE - file->head_len;

	if (!file->regular)
		return read_raw(input, to, size, why);
	return pread(file->fd, to, size, file->start + file->head_len);
}

/* At least four bytes, unless there are fewer. */
static int peek(struct nsc_file_input *input, struct input_file *file, const char *path, struct nsc_error *error)
{
	struct nsc_error why;
	ssize_t n = 1;

	input->fd = file->fd;
	input->regular = file->regular;
	while (file->head_len < MAGIC_SIZE && n) {
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
		return nsc_fail(error, -ENODATA, "'%s' is empty", path);
	return 0;
}

/* Also makes the decompressor that is wanted, if none of the files before wanted it. */
static int recognise(struct nsc_file_input *input, struct input_file *file, const char *path, struct nsc_error *error)
{
	static const uint8_t zstd_magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };
	struct nsc_error why;
	int status = 0;

	if (file->head_len >= 2 && file->head[0] == 0x1f && file->head[1] == 0x8b)
		file->kind = GZIP;
	else if (file->head_len >= 4 && !memcmp(file->head, zstd_magic, 4))
		file->kind = ZSTD;
	if (file->kind == GZIP && !input->zlib_ready)
		status = gzip_open(input, &why);
	if (file->kind == ZSTD && !input->zstd)
		status = zstd_open(input, &why);
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
	return input->files[k].size;
}

/* A file is read from where it began, so that reads stay aligned with its pages. */
void nsc_file_input_begin(struct nsc_file_input *input, uint32_t k)
{
	struct input_file *file = &input->files[k];

	input->fd = file->fd;
	input->regular = file->regular;
	input->kind = (enum kind)file->kind;
	input->status = 0;
	input->between = false;
	input->raw_pos = input->raw_len = 0;
	input->state = (struct nsc_file_input_state){ .compressed = file->kind != PLAIN };
	if (!file->regular) {
		memcpy(input->raw, file->head, file->head_len);
		input->raw_len = file->head_len;
		input->state.taken = file->head_len;
	} else if (lseek(file->fd, file->start, SEEK_SET) < 0) {
		input->status = nsc_fail(&input->why, -errno, "going to its begin failed: %s", strerror(errno));
	}
	if (file->kind == GZIP)
		inflateReset(&input->zlib);
	if (file->kind == ZSTD)
		ZSTD_DCtx_reset(input->zstd, ZSTD_reset_session_only);
}

const struct nsc_file_input_state *nsc_file_input_state(const struct nsc_file_input *input)
{
	return &input->state;
}

void nsc_file_input_close(struct nsc_file_input *input)
{
	if (!input)
		return;
	if (input->zlib_ready)
		inflateEnd(&input->zlib);
	if (input->zstd_area)
		munmap(input->zstd_area, input->zstd_area_size);
	for (uint32_t i = 0; i < input->n_files; i++)
		if (input->files[i].fd >= 0)
			close(input->files[i].fd);
	free(input->files);
	free(input);
}
