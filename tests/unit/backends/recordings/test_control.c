/* SPDX-License-Identifier: MIT
 *
 * The control socket: who may listen under a name, and what becomes of lines of all kinds.
 */
#include "backends/recordings/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static char folder[64], path[96];
static struct nsc_control *control;
static struct nsc_error error;
static unsigned taken;
static struct nsc_packet_choice choice;

static void take(void *context, int fd, uid_t uid, const struct nsc_packet_choice *wanted)
{
	ck_assert_uint_eq(uid, geteuid());
	choice = *wanted;
	taken++;
	close(fd);
}

static void set_up(void)
{
	strcpy(folder, "/tmp/nsc-control-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	ck_assert_msg(!nsc_control_open(&control, path, &error), "%s", error.text);
	taken = 0;
}

static void tear_down(void)
{
	nsc_control_close(control);
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert_int_eq(rmdir(folder), 0);
}

static int connect_to(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* What comes back when `text` was sent: the letter of the frame, 0 for an end without one. */
static char answer_to(const char *text, size_t length)
{
	char frame[NSC_RECORDINGS_FRAME + NSC_RECORDINGS_LINE] = "";
	int fd = connect_to();
	ssize_t n;

	nsc_control_step(control, 0, take, NULL);
	n = send(fd, text, length, MSG_NOSIGNAL);
	(void)n; /* it may have been closed before the last byte */
	for (unsigned i = 0; i < 4; i++)
		nsc_control_step(control, 0, take, NULL);
	n = recv(fd, frame, sizeof(frame) - 1, MSG_DONTWAIT);
	close(fd);
	ck_assert(n <= 0 || !memcmp(frame, "NSR", 3));
	return n > 0 ? frame[3] : 0;
}

START_TEST(requests)
{
	static const char good[] = NSC_RECORDINGS_REQUEST " host=10.0.0.1  last=3s\n";

	set_up();
	ck_assert_int_eq(answer_to(good, sizeof(good) - 1), 0);
	ck_assert(taken == 1 && choice.kind == NSC_CHOICE_HOST && choice.last_ns == 3 * NSC_NS_PER_SEC);
	ck_assert_int_eq(answer_to(NSC_RECORDINGS_REQUEST "\n", sizeof(NSC_RECORDINGS_REQUEST)), 0);
	ck_assert(taken == 2 && choice.kind == NSC_CHOICE_ALL);
	tear_down();
}
END_TEST

START_TEST(wrong_requests)
{
	static const char *const wrong[] = {
		"\n",
		"GET / HTTP/1.1\r\n",
		"netscope-recorder 2\n",
		"netscope-recorder 1x\n",
		NSC_RECORDINGS_REQUEST " host\n",
		NSC_RECORDINGS_REQUEST " host=\n",
		NSC_RECORDINGS_REQUEST " colour=blue\n",
		NSC_RECORDINGS_REQUEST " host=10.0.0.1 flow=10.0.0.1:1-10.0.0.2:2\n",
	};
	static char large[2 * NSC_RECORDINGS_LINE];

	set_up();
	for (unsigned i = 0; i < NSC_ARRAY_LEN(wrong); i++)
		ck_assert_msg(answer_to(wrong[i], strlen(wrong[i])) == 'R', "%s", wrong[i]);
	memset(large, 'x', sizeof(large));
	ck_assert_int_eq(answer_to(large, sizeof(large)), 0);
	ck_assert_int_eq(answer_to("netscope\0 1\n", 12), 0);
	ck_assert_uint_eq(taken, 0);
	tear_down();
}
END_TEST

START_TEST(silent_and_many)
{
	int fd[NSC_CONTROL_PENDING + 1];
	struct pollfd fds[NSC_CONTROL_FDS];
	char frame[64];
	uint32_t n = 0;

	set_up();
	for (unsigned i = 0; i < NSC_ARRAY_LEN(fd); i++)
		fd[i] = connect_to();
	nsc_control_step(control, 1, take, NULL);
	nsc_control_fds(control, fds, &n);
	ck_assert_uint_eq(n, NSC_CONTROL_FDS);
	ck_assert_int_gt(recv(fd[NSC_CONTROL_PENDING], frame, sizeof(frame), MSG_DONTWAIT), NSC_RECORDINGS_FRAME);
	ck_assert_int_eq(frame[3], 'R');
	nsc_control_step(control, 6 * NSC_NS_PER_SEC, take, NULL);
	n = 0;
	nsc_control_fds(control, fds, &n);
	ck_assert_uint_eq(n, 1);
	for (unsigned i = 0; i < NSC_ARRAY_LEN(fd); i++)
		close(fd[i]);
	tear_down();
}
END_TEST

START_TEST(names)
{
	struct nsc_control *second;
	struct stat found;
	char other[200];
	FILE *file;

	set_up();
	ck_assert_int_eq(stat(path, &found), 0);
	ck_assert_uint_eq(found.st_mode & 0777, 0600);
	ck_assert_int_eq(nsc_control_open(&second, path, &error), -EADDRINUSE);
	snprintf(other, sizeof(other), "%s/file", folder);
	file = fopen(other, "w");
	fclose(file);
	ck_assert_int_eq(nsc_control_open(&second, other, &error), -EEXIST);
	ck_assert_int_eq(unlink(other), 0);
	memset(other, 'x', sizeof(other) - 1);
	other[sizeof(other) - 1] = '\0';
	ck_assert_int_eq(nsc_control_open(&second, other, &error), -ENAMETOOLONG);
	snprintf(other, sizeof(other), "%s/no/socket", folder);
	ck_assert_int_eq(nsc_control_open(&second, other, &error), -ENOENT);
	tear_down();
}
END_TEST

/* A run that was killed leaves its name. */
START_TEST(left_behind)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	set_up();
	nsc_control_close(control);
	strcpy(address.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	ck_assert_msg(!nsc_control_open(&control, path, &error), "%s", error.text);
	tear_down();
}
END_TEST

CHECK_MAIN("control", requests, wrong_requests, silent_and_many, names, left_behind)
