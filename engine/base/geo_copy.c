/* SPDX-License-Identifier: MIT */
#include "engine/base/geo_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_STEP = 1 << 18, METADATA_MAX = 128 << 10 };

#define COPY_MAX (1ull << 30) /* a pipe may have no end */

static const char metadata_mark[] = "\xab\xcd\xef"
				    "MaxMind.com";

static int copy_fail(const char *path, int reason, struct nsc_error *error)
{
	return nsc_fail(error, -reason, "--geoip %.300s: cannot be read: %s", path, strerror(reason));
}

/* The metadata stand at the end, behind a mark: without it the file is another one, or was cut. */
static int copy_check_end(int fd, const char *path, struct nsc_error *error)
{
	struct stat st;
	size_t room, have = 0;
	char *end;

	if (fstat(fd, &st))
		return copy_fail(path, errno, error);
	if (!st.st_size)
		return nsc_fail(error, -EINVAL, "--geoip %.300s: is empty; wanted a MaxMind DB file (MMDB)", path);
	room = (size_t)NSC_MIN(st.st_size, (off_t)METADATA_MAX);
	end = malloc(room);
	if (!end)
		return nsc_fail(error, -ENOMEM, "--geoip %.300s: no memory", path);
	for (ssize_t n = 1; n > 0 && have<room; have += n> 0 ? (size_t)n : 0)
		n = pread(fd, end + have, room - have, st.st_size - (off_t)(room - have));
	if (!memmem(end, have, metadata_mark, sizeof(metadata_mark) - 1)) {
		free(end);
		return nsc_fail(error, -EINVAL,
				"--geoip %.300s: is no MaxMind DB file (MMDB), or only the beginning of one", path);
	}
	free(end);
	return 0;
}

static int copy_write(int to, const char *bytes, size_t n)
{
	while (n) {
		ssize_t written = write(to, bytes, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written ? -errno : -EIO;
		bytes += written;
		n -= (size_t)written;
	}
	return 0;
}

static int copy_all(int from, int to, const char *path, struct nsc_error *error)
{
	char *bytes = malloc(COPY_STEP);
	int status = bytes ? 0 : -ENOMEM;
	uint64_t copied = 0;
	ssize_t n = 1;

	while (!status && n > 0) {
		n = read(from, bytes, COPY_STEP);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			status = -errno;
		else if ((copied += (uint64_t)n) > COPY_MAX)
			status = -EFBIG;
		else
			status = copy_write(to, bytes, (size_t)n);
	}
	free(bytes);
	return status ? copy_fail(path, -status, error) : 0;
}

static int copy_to(int from, int to, const char *path, struct nsc_error *error)
{
	struct stat st;
	bool known = !fstat(from, &st), regular = known && S_ISREG(st.st_mode);
	int status;

	if (known && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)))
		return nsc_fail(error, -EINVAL, "--geoip %.300s: is a device; wanted a MaxMind DB file (MMDB)", path);
	status = regular ? copy_check_end(from, path, error) : 0;

	if (!status)
		status = copy_all(from, to, path, error);
	if (!status && !regular)
		status = copy_check_end(to, path, error);
	if (!status && fcntl(to, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		status = copy_fail(path, errno, error);
	return status;
}

int nsc_geo_copy(const char *path, struct nsc_error *error)
{
	int from = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), to, status;

	if (from < 0)
		return copy_fail(path, errno, error);
	to = memfd_create("netscope-geoip", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (to < 0)
		status = nsc_fail(error, -errno, "--geoip %.300s: no memory for a copy: %s", path, strerror(errno));
	else
		status = copy_to(from, to, path, error);
	close(from);
	if (status && to >= 0)
		close(to);
	return status ? status : to;
}
