/* SPDX-License-Identifier: MIT
 *
 * Every save is a whole new file, which takes the name of the one before.
 */
#include "tools/netscope/web_history.h"

#include "backends/sinks/outfile.h"
#include "netscope/out.h"
#include "netscope/web.h"
#include "tools/netscope/say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HAS_SERVER = NSC_DASHBOARD, FILE_MOST = 16 * 1024 * 1024 + 1 }; /* bytes that are read: one tells of too many */

int nsc_web_history_check(const struct nsc_settings *settings, struct nsc_error *error)
{
	const char *path = settings->web.history;
	struct stat found;

	if (!HAS_SERVER || !settings->web.enabled || !path[0])
		return 0;
	if (nsc_out_descriptor(path) < 0 && (lstat(path, &found) || S_ISREG(found.st_mode)))
		return 0;
	return nsc_fail(error, -EINVAL,
			"--web-history wants the name of a file, which is read and replaced: %.300s is none", path);
}

/* --- the keeper ------------------------------------------------------------------------------- */

static int history_save(void *context, const void *bytes, size_t n, struct nsc_error *error)
{
	struct nsc_outfile *file = NULL;
	int status = nsc_outfile_open(&file, context, NSC_OUTFILE_REPLACE, NSC_OUTFILE_BUFFER, error);

	if (!status) {
		nsc_outfile_append(file, bytes, n);
		status = nsc_outfile_finish(file, error);
	}
	nsc_outfile_close(file);
	return status;
}

static int history_set_aside(void *context, struct nsc_error *said)
{
	return nsc_out_set_aside(context, false, said);
}

/* --- before the run --------------------------------------------------------------------------- */

/* *bytes is the caller's. */
static int history_read(const char *path, char **bytes, size_t *n, struct nsc_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY), status = 0;
	ssize_t got = 1;

	*n = 0;
	if (fd < 0)
		return errno == ENOENT
			       ? 0
			       : nsc_fail(error, -errno, "%s: the history cannot be read: %s", path, strerror(errno));
	*bytes = malloc(FILE_MOST);
	if (!*bytes)
		status = nsc_fail(error, -ENOMEM, "%s: no memory for the history", path);
	while (!status && got > 0 && *n < FILE_MOST) {
		got = read(fd, *bytes + *n, FILE_MOST - *n);
		if (got < 0)
			status = nsc_fail(error, -errno, "%s: the history cannot be read: %s", path, strerror(errno));
		else
			*n += (size_t)got;
	}
	close(fd);
	return status;
}

/* Whether one can be written there. Leaves nothing behind. */
static int history_try(const char *path, struct nsc_error *error)
{
	struct nsc_outfile *file = NULL;
	int status = nsc_outfile_open(&file, path, NSC_OUTFILE_REPLACE, NSC_OUTFILE_BUFFER, error);

	nsc_outfile_close(file);
	return status;
}

static int history_take(struct nsc_web *web, const struct nsc_settings *settings, const char *bytes, size_t n,
			struct nsc_error *error)
{
	const struct nsc_web_keeper keeper = {
		.name = settings->web.history,
		.where = settings->out.sensor,
		.save = history_save,
		.set_aside = history_set_aside,
		.context = (void *)settings->web.history,
	};
	struct nsc_error why;
	int status = nsc_web_keep(web, &keeper, bytes, n, &why);

	if (!status)
		return 0;
	nsc_tell_at(NSC_LEVEL_WARNING, stderr, "%.300s: %s: a new one begins", settings->web.history, why.text);
	status = nsc_out_set_aside(settings->web.history, false, error);
	if (status > 0)
		nsc_say(error);
	return NSC_MIN(status, 0);
}

int nsc_web_history_open(struct nsc_dashboard *dashboard, const struct nsc_settings *settings, struct nsc_error *error)
{
	const char *path = settings->web.history;
	char *bytes = NULL;
	size_t n;
	int status;

	if (!HAS_SERVER || !dashboard->web || !path[0])
		return 0;
	status = history_read(path, &bytes, &n, error);
	if (!status)
		status = history_try(path, error);
	if (!status)
		status = history_take(dashboard->web, settings, bytes, n, error);
	free(bytes);
	return status;
}

void nsc_web_history_look(struct nsc_dashboard *dashboard)
{
	struct nsc_error said;

	if (HAS_SERVER && dashboard->web && nsc_web_keep_news(dashboard->web, &said))
		nsc_tell_at(NSC_LEVEL_WARNING, stderr,
			    "the history of earlier runs lies behind this one: the clock was wrong, or is: %s",
			    said.text);
}

int nsc_web_history_save(struct nsc_dashboard *dashboard, struct nsc_error *error)
{
	int status = HAS_SERVER && dashboard->web ? nsc_web_save(dashboard->web, error) : 0;

	nsc_web_history_look(dashboard);
	return status;
}
