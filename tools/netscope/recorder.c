/* SPDX-License-Identifier: MIT
 *
 * The sensor sends, and this process writes: the rights of whoever asks decide where to.
 */
#include "tools/netscope/recorder.h"

#include "backends/sinks/outfile_place.h"
#include "netscope/recordings.h"
#include "tools/netscope/say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_S = 30 }; /* without a byte */

struct recorder_answer {
	int fd;
	struct nsc_outfile_place place;
	uint64_t written;
	off_t outcome_at; /* -1: the section has no place for it */
	uint8_t *buffer;  /* [NSC_RECORDINGS_FRAME_MAX] */
};

/* --- the question ----------------------------------------------------------------------------- */

struct recorder_word {
	const char *name, *value; /* "" = not said */
};

/* The sensor would say the same, later. */
static int recorder_line(char line[NSC_RECORDINGS_LINE], const struct nsc_settings *settings, struct nsc_error *error)
{
	const struct recorder_word words[] = {
		{ "host", settings->extract.host },    { "flow", settings->extract.flow },
		{ "last", settings->recordings.last }, { "from", settings->extract.from },
		{ "to", settings->ship.to },
	};
	struct nsc_packet_choice choice;
	int used = snprintf(line, NSC_RECORDINGS_LINE, "%s", NSC_RECORDINGS_REQUEST), status = 0;

	nsc_packet_choice_init(&choice);
	for (size_t i = 0; i < NSC_ARRAY_LEN(words) && !status; i++) {
		struct nsc_error why;
		char value[NSC_CHOICE_TEXT + 1];

		if (!words[i].value[0])
			continue;
		status = nsc_packet_choice_set(&choice, words[i].name, words[i].value, &why);
		if (status) {
			nsc_fail(error, status, "--%.400s", why.text);
			break;
		}
		snprintf(value, sizeof(value), "%s", words[i].value);
		for (char *space = value; (space = strchr(space, ' '));) /* of a date: the words of a line end there */
			*space = 'T';
		used += snprintf(line + used, NSC_RECORDINGS_LINE - (size_t)used, " %s=%s", words[i].name, value);
	}
	snprintf(line + used, NSC_RECORDINGS_LINE - (size_t)used, "\n");
	return status;
}

static int recorder_cannot_connect(const char *path, struct nsc_error *error)
{
	int failed = errno;
	const char *why = strerror(failed);

	if (failed == ENOENT)
		why = "there is no such socket: does a netscope run with this --control-socket?";
	else if (failed == ECONNREFUSED)
		why = "nobody listens there: the netscope that made it has ended";
	else if (failed == EACCES || failed == EPERM)
		why = "not permitted: root may ask, and the user that the sensor runs as";
	else if (failed == EAGAIN)
		why = "busy: many are asking: ask again";
	return nsc_fail(error, -failed, "--control-socket %.200s: %s", path, why);
}

static int recorder_connect(struct recorder_answer *a, const char *path, struct nsc_error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = PATIENCE_S };

	if (strlen(path) >= sizeof(address.sun_path))
		return nsc_fail(error, -EINVAL, "--control-socket: the path of a socket has at most %zu bytes",
				sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (a->fd < 0)
		return nsc_fail(error, -errno, "no socket: %s", strerror(errno));
	setsockopt(a->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return connect(a->fd, (struct sockaddr *)&address, sizeof(address)) ? recorder_cannot_connect(path, error) : 0;
}

/* --- the answer ------------------------------------------------------------------------------- */

static int recorder_receive(struct recorder_answer *a, uint8_t *at, size_t bytes, struct nsc_error *error)
{
	while (bytes) {
		ssize_t n = recv(a->fd, at, bytes, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return nsc_fail(error, -ETIMEDOUT, "the sensor has sent nothing for %d s", PATIENCE_S);
		if (n <= 0)
			return nsc_fail(error, n ? -errno : -EPIPE,
					"the sensor has ended in the middle of its answer: nothing was written");
		at += n;
		bytes -= (size_t)n;
	}
	return 0;
}

/* Its letter, and what follows in the buffer. */
static int recorder_frame(struct recorder_answer *a, char *letter, uint32_t *length, struct nsc_error *error)
{
	uint8_t head[NSC_RECORDINGS_FRAME];
	int status = recorder_receive(a, head, sizeof(head), error);

	if (status)
		return status;
	*letter = (char)head[3];
	*length = (uint32_t)(head[4] | head[5] << 8 | head[6] << 16) | (uint32_t)head[7] << 24;
	if (memcmp(head, "NSR", 3) != 0 || *length > NSC_RECORDINGS_FRAME_MAX)
		return nsc_fail(error, -EPROTO, "this is no socket of netscope, or of another version");
	return recorder_receive(a, a->buffer, *length, error);
}

static int recorder_write(struct recorder_answer *a, uint32_t length, struct nsc_error *error)
{
	if (!a->written) {
		const uint8_t *place =
			memmem(a->buffer, length, nsc_recordings_unfinished, strlen(nsc_recordings_unfinished));

		a->outcome_at = place ? place - a->buffer : -1;
	}
	for (uint32_t done = 0; done < length;) {
		ssize_t n = write(a->place.fd, a->buffer + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return nsc_fail(error, n ? -errno : -EIO, "%s: cannot be written: %s", a->place.path,
					strerror(n ? errno : EIO));
		done += (uint32_t)n;
	}
	a->written += length;
	return 0;
}

/* How it went stands in the section, where there was room for it, and on the terminal. */
static int recorder_end(struct recorder_answer *a, uint32_t length, struct nsc_error *error)
{
	if (length != NSC_RECORDINGS_OUTCOME)
		return nsc_fail(error, -EPROTO, "the sensor is of another version");
	if (a->outcome_at >= 0 && a->place.replaces &&
	    pwrite(a->place.fd, a->buffer, length, a->outcome_at) != (ssize_t)length)
		return nsc_fail(error, -EIO, "%s: its comment cannot be written", a->place.path);
	while (length && a->buffer[length - 1] == ' ')
		length--;
	nsc_tell(stderr, "%.*s", (int)length, (const char *)a->buffer);
	return nsc_outfile_place_settle(&a->place, error);
}

static int recorder_take(struct recorder_answer *a, struct nsc_error *error)
{
	uint32_t length;
	int status;
	char letter;

	while (!(status = recorder_frame(a, &letter, &length, error))) {
		if (letter == 'E')
			return recorder_end(a, length, error);
		if (letter == 'R')
			return nsc_fail(error, -EREMOTEIO, "the sensor says: %.*s", (int)NSC_MIN(length, 400u),
					(const char *)a->buffer);
		status = letter == 'D' ? recorder_write(a, length, error)
				       : nsc_fail(error, -EPROTO, "the sensor is of another version");
		if (status)
			return status;
	}
	return status;
}

int nsc_recorder_ask(const struct nsc_settings *settings, struct nsc_error *error)
{
	struct recorder_answer a = { .fd = -1, .place = { .dir = -1, .fd = -1 }, .outcome_at = -1 };
	char line[NSC_RECORDINGS_LINE];
	int status;

	if (!settings->recordings.control_socket[0])
		return nsc_fail(error, -EINVAL,
				"netscope recorder asks a running netscope: --control-socket PATH says which one");
	if (!settings->extract.output[0])
		return nsc_fail(error, -EINVAL, "netscope recorder writes a capture file: -o PATH names it");
	status = recorder_line(line, settings, error);
	if (status)
		return status;
	a.buffer = malloc(NSC_RECORDINGS_FRAME_MAX);
	if (!a.buffer)
		return nsc_fail(error, -ENOMEM, "no memory for the answer");
	status = recorder_connect(&a, settings->recordings.control_socket, error);
	if (!status)
		status = nsc_outfile_place_open(&a.place, settings->extract.output, NSC_PLACE_REPLACED, error);
	if (!status && send(a.fd, line, strlen(line), MSG_NOSIGNAL) != (ssize_t)strlen(line))
		status = nsc_fail(error, -EPIPE, "the sensor takes no request");
	if (!status)
		status = recorder_take(&a, error);
	if (a.fd >= 0)
		close(a.fd);
	nsc_outfile_place_close(&a.place);
	free(a.buffer);
	return status;
}
