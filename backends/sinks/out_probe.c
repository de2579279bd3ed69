/* SPDX-License-Identifier: MIT
 *
 * What would be opened at a start is opened here, if that changes nothing; a file of the future is one without a name
 * now.
 */
#include "backends/sinks/outfile.h"
#include "netscope/out.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROBE_BUFFER = 4096 };

static int probe_fail(const char *path, struct nsc_error *error)
{
	int reason = errno;

	return nsc_fail(error, -reason, "%s: cannot be written: %s", path, strerror(reason));
}

/* One that a run has been given, as >(command) gives it. */
static int probe_descriptor(int fd, const char *path, struct nsc_error *error)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return probe_fail(path, error);
	return (flags & O_ACCMODE) == O_RDONLY ? nsc_fail(error, -EBADF, "%s: is not open for writing", path) : 0;
}

static int probe_old_file(const char *path, struct nsc_error *error)
{
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return probe_fail(path, error);
	close(fd);
	return 0;
}

int nsc_out_probe(const char *path, bool anew, struct nsc_error *error)
{
	int descriptor = nsc_out_descriptor(path), status;
	bool there;
	struct stat found;
	struct nsc_outfile *file;

	if (descriptor >= 0)
		return probe_descriptor(descriptor, path, error);
	there = !lstat(path, &found);
	if (there && (S_ISFIFO(found.st_mode) || S_ISCHR(found.st_mode)))
		return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) ? probe_fail(path, error) : 0;
	if (there && S_ISREG(found.st_mode) && !anew)
		return probe_old_file(path, error);
	status = nsc_outfile_open(&file, path, NSC_OUTFILE_REPLACE, PROBE_BUFFER, error);
	if (!status)
		nsc_outfile_close(file);
	return status;
}
