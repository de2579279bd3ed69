/* SPDX-License-Identifier: MIT */
#include "backends/recordings/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 16, ACCEPTS_A_STEP = 8 };

#define CONTROL_PATIENCE_NS (5 * NSC_NS_PER_SEC)

struct control_connection {
	int fd; /* -1: its place is free */
	uid_t uid;
	uint64_t due_ns; /* when it is cut off */
	uint32_t used;
	char line[NSC_RECORDINGS_LINE];
};

struct nsc_control {
	int listener;
	struct control_connection connection[NSC_CONTROL_PENDING];
	char path[];
};

/* --- the name --------------------------------------------------------------------------------- */

static int control_fail(const char *path, struct nsc_error *error)
{
	int failed = errno;

	return nsc_fail(error, -failed, "--control-socket %.200s: cannot be made: %s", path, strerror(failed));
}

static int control_address(struct sockaddr_un *address, const char *path, struct nsc_error *error)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		return nsc_fail(error, -ENAMETOOLONG,
				"--control-socket: the path of a socket has at most %zu bytes, and this one has %zu",
				sizeof(address->sun_path) - 1, strlen(path));
	strcpy(address->sun_path, path);
	return 0;
}

/* 0: the name is free, or was left behind by a run that is no more. */
static int control_clear_name(const struct sockaddr_un *address, struct nsc_error *error)
{
	const char *path = address->sun_path;
	struct stat found;
	int fd, status = 0;

	if (lstat(path, &found))
		return errno == ENOENT ? 0 : control_fail(path, error);
	if (!S_ISSOCK(found.st_mode))
		return nsc_fail(error, -EEXIST,
				"--control-socket %.200s: something else has that name: it is no socket", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return control_fail(path, error);
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)) || errno != ECONNREFUSED)
		status = nsc_fail(error, -EADDRINUSE, "--control-socket %.200s: another netscope listens there", path);
	else if (unlink(path))
		status = control_fail(path, error);
	close(fd);
	return status;
}

static int control_listen(struct nsc_control *c, struct nsc_error *error)
{
	struct sockaddr_un address;
	int status = control_address(&address, c->path, error);
	mode_t before;
	bool failed;

	if (!status)
		status = control_clear_name(&address, error);
	if (status)
		return status;
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->listener < 0)
		return control_fail(c->path, error);
	before = umask(0177);
	failed = bind(c->listener, (struct sockaddr *)&address, sizeof(address));
	umask(before);
	return failed || listen(c->listener, BACKLOG) ? control_fail(c->path, error) : 0;
}

int nsc_control_open(struct nsc_control **control, const char *path, struct nsc_error *error)
{
	struct nsc_control *c = calloc(1, sizeof(*c) + strlen(path) + 1);
	int status;

	*control = NULL;
	if (!c)
		return nsc_fail(error, -ENOMEM, "no memory for --control-socket");
	strcpy(c->path, path);
	c->listener = -1;
	for (uint32_t i = 0; i < NSC_CONTROL_PENDING; i++)
		c->connection[i].fd = -1;
	status = control_listen(c, error);
	if (status) {
		if (c->listener >= 0)
			close(c->listener);
		free(c);
		return status;
	}
	*control = c;
	return 0;
}

static void control_drop(struct control_connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	connection->fd = -1;
}

void nsc_control_close(struct nsc_control *c)
{
	if (!c)
		return;
	for (uint32_t i = 0; i < NSC_CONTROL_PENDING; i++)
		control_drop(&c->connection[i]);
	unlink(c->path);
	close(c->listener);
	free(c);
}

/* --- requests --------------------------------------------------------------------------------- */

void nsc_control_refuse(int fd, const char *sentence)
{
	char frame[NSC_RECORDINGS_FRAME + NSC_RECORDINGS_LINE];
	size_t length = NSC_MIN(strlen(sentence), (size_t)NSC_RECORDINGS_LINE);
	ssize_t n;

	memcpy(frame, "NSRR", 4);
	for (unsigned i = 0; i < 4; i++)
		frame[4 + i] = (char)(length >> 8 * i);
	memcpy(frame + NSC_RECORDINGS_FRAME, sentence, length);
	n = send(fd, frame, NSC_RECORDINGS_FRAME + length, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)n; /* who does not read will not know */
	close(fd);
}

/* "host=10.0.0.1"; `line` is cut up. */
static int control_parse(char *line, struct nsc_packet_choice *choice, struct nsc_error *error)
{
	const size_t head = sizeof(NSC_RECORDINGS_REQUEST) - 1;
	char *rest = line + head, *word;
	int status = 0;

	nsc_packet_choice_init(choice);
	if (strncmp(line, NSC_RECORDINGS_REQUEST, head) != 0 || (*rest && *rest != ' '))
		return nsc_fail(error, -EINVAL, "a request begins with \"%s\": is the command of the same version?",
				NSC_RECORDINGS_REQUEST);
	while (!status && (word = strsep(&rest, " "))) {
		char *value = strchr(word, '=');

		if (!*word)
			continue;
		if (!value)
			return nsc_fail(error, -EINVAL, "a request has words as host=10.0.0.1; found \"%.64s\"", word);
		*value = '\0';
		status = nsc_packet_choice_set(choice, word, value + 1, error);
	}
	return status;
}

static void control_take_line(struct control_connection *connection,
			      void (*take)(void *, int, uid_t, const struct nsc_packet_choice *), void *context)
{
	struct nsc_packet_choice choice;
	struct nsc_error error;
	int fd = connection->fd;

	connection->fd = -1;
	if (control_parse(connection->line, &choice, &error))
		nsc_control_refuse(fd, error.text);
	else
		take(context, fd, connection->uid, &choice);
}

/* --- connections ------------------------------------------------------------------------------ */

static struct control_connection *control_free_place(struct nsc_control *c)
{
	for (uint32_t i = 0; i < NSC_CONTROL_PENDING; i++)
		if (c->connection[i].fd < 0)
			return &c->connection[i];
	return NULL;
}

/* The file's mode lets nobody else come here; this holds where a file system has no modes, too. */
static bool control_may_ask(uid_t uid)
{
	return !uid || uid == geteuid();
}

static void control_accept(struct nsc_control *c, uint64_t now_ns)
{
	for (unsigned i = 0; i < ACCEPTS_A_STEP; i++) {
		struct ucred peer = { .uid = (uid_t)-1 };
		socklen_t length = sizeof(peer);
		struct control_connection *place;
		int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0)
			return;
		place = control_free_place(c);
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) || !control_may_ask(peer.uid)) {
			nsc_control_refuse(fd, "not permitted: root may ask, and the user that the run has");
		} else if (!place) {
			nsc_control_refuse(fd, "busy: others are asking: ask again");
		} else {
			place->fd = fd;
			place->uid = peer.uid;
			place->due_ns = now_ns + CONTROL_PATIENCE_NS;
			place->used = 0;
		}
	}
}

/* True: a line is whole. */
static bool control_read(struct control_connection *connection)
{
	ssize_t n = recv(connection->fd, connection->line + connection->used,
			 sizeof(connection->line) - 1 - connection->used, MSG_DONTWAIT);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		control_drop(connection);
		return false;
	}
	connection->used += (uint32_t)n;
	connection->line[connection->used] = '\0';
	end = strchr(connection->line, '\n');
	if (end)
		*end = '\0';
	else if (connection->used == sizeof(connection->line) - 1 || strlen(connection->line) != connection->used)
		control_drop(connection);
	return end;
}

void nsc_control_fds(const struct nsc_control *c, struct pollfd *fds, uint32_t *n)
{
	fds[(*n)++] = (struct pollfd){ .fd = c->listener, .events = POLLIN };
	for (uint32_t i = 0; i < NSC_CONTROL_PENDING; i++)
		if (c->connection[i].fd >= 0)
			fds[(*n)++] = (struct pollfd){ .fd = c->connection[i].fd, .events = POLLIN };
}

void nsc_control_step(struct nsc_control *c, uint64_t now_ns,
		      void (*take)(void *context, int fd, uid_t uid, const struct nsc_packet_choice *choice),
		      void *context)
{
	control_accept(c, now_ns);
	for (uint32_t i = 0; i < NSC_CONTROL_PENDING; i++) {
		struct control_connection *connection = &c->connection[i];

		if (connection->fd >= 0 && control_read(connection))
			control_take_line(connection, take, context);
		else if (connection->fd >= 0 && now_ns >= connection->due_ns)
			control_drop(connection);
	}
}
