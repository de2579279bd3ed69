/* SPDX-License-Identifier: MIT
 *
 * Each step is taken in a child of its own, which it would spoil for the other tests, and judged by what the kernel
 * then refuses.
 */
#include "tools/netscope/options.h"
#include "tools/netscope/privileges.h"
#include "tools/netscope/sandbox.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/netscope-sandbox.XXXXXX"; /* TEST_TMP is for scripts; /tmp is what nobody may enter */
static char inside[64], outside[64];
static struct nsc_settings settings;
static struct nsc_error error;
static char said[NSC_SANDBOX_SAID];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/netscope-sandbox.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chmod(folder, 0777), 0);
	snprintf(inside, sizeof(inside), "%s/in", folder);
	snprintf(outside, sizeof(outside), "%s/out", folder);
	ck_assert_int_eq(mkdir(inside, 0777), 0);
	ck_assert_int_eq(mkdir(outside, 0777), 0);
	ck_assert_int_eq(chmod(inside, 0777) | chmod(outside, 0777), 0);
	nsc_settings_init(&settings);
}

static void remove_folder(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/x", inside);
	unlink(path);
	rmdir(inside);
	rmdir(outside);
	rmdir(folder);
}

/* The wait status of a child that runs `body`; what it returns is its exit status. */
static int in_child(int (*body)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(body());
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

#define CHECK_IN_CHILD(body)                                                                                           \
	do {                                                                                                           \
		int status = in_child(body);                                                                           \
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x", status);      \
	} while (0)

/* In a child there is no Check: its exit status is the line of the first claim that is false. */
#define CLAIM(what)                                                                                                    \
	do {                                                                                                           \
		if (!(what))                                                                                           \
			return __LINE__ & 0xff;                                                                        \
	} while (0)

static int make(const char *in)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/x", in);
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

/* --- landlock --------------------------------------------------------------------------------- */

static int write_in_and_out(void)
{
	static char csv[128];

	snprintf(csv, sizeof(csv), "%s/flows.csv", inside);
	settings.out.export_csv = csv;
	CLAIM(!nsc_sandbox_no_new_privs(&settings, said, &error));
	CLAIM(!nsc_sandbox_landlock(&settings, said, &error));
	CLAIM(strstr(said, inside));
	CLAIM(make(inside) >= 0);
	CLAIM(make(outside) < 0 && errno == EACCES);
	CLAIM(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES);
	CLAIM(open("/proc/self/status", O_RDONLY) >= 0);
	CLAIM(open("/sys/class/net", O_RDONLY | O_DIRECTORY) >= 0);
	execl("/bin/true", "true", (char *)NULL);
	CLAIM(errno == EACCES);
	return 0;
}

static bool has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

START_TEST(landlock_holds_files_in_the_folders_of_outputs)
{
	if (has_landlock())
		CHECK_IN_CHILD(write_in_and_out);
}
END_TEST

static int landlock_alone(void)
{
	if (!geteuid() && prctl(PR_CAPBSET_READ, 21 /* CAP_SYS_ADMIN */, 0, 0, 0) == 1)
		CLAIM(!setresuid(65534, 65534, 65534));
	CLAIM(nsc_sandbox_landlock(&settings, said, &error) < 0);
	CLAIM(strstr(error.text, "no-new-privs"));
	return 0;
}

START_TEST(landlock_says_what_it_needs)
{
	if (has_landlock())
		CHECK_IN_CHILD(landlock_alone);
}
END_TEST

/* --- seccomp ---------------------------------------------------------------------------------- */

#if !defined(NSC_SANITIZED)
static int close_off(void)
{
	CLAIM(!nsc_sandbox_no_new_privs(&settings, said, &error));
	CLAIM(!nsc_sandbox_seccomp(&settings, said, &error));
	return 0;
}

static void *nothing(void *context)
{
	return context;
}

static int refuse_and_count(void)
{
	int quiet = open("/dev/null", O_WRONLY);
	pthread_t thread;
	char name[64];

	dup2(quiet, STDERR_FILENO); /* what it says there is not ours */
	CLAIM(!close_off());
	CLAIM(!nsc_sandbox_seccomp_refused(name));
	CLAIM(syscall(SYS_getpriority, 0, 0) == -1 && errno == ENOSYS);
	CLAIM(syscall(SYS_socket, 2, 2, 0) == -1 && errno == ENOSYS);
	CLAIM(nsc_sandbox_seccomp_refused(name) == 2);
	CLAIM(!strcmp(name, "getpriority"));
	CLAIM(nsc_privileges_refused(&error) == 2 && strstr(error.text, "getpriority first"));
	CLAIM(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
	CLAIM(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	CLAIM(syscall(SYS_tgkill, getppid(), getppid(), 0) == -1);
	CLAIM(!pthread_create(&thread, NULL, nothing, NULL) && !pthread_join(thread, NULL));
	CLAIM(nsc_sandbox_seccomp_refused(name) == 4);
	return 0;
}

START_TEST(a_call_that_is_not_in_the_list_is_refused_and_counted)
{
	CHECK_IN_CHILD(refuse_and_count);
}
END_TEST

static int say_it(void)
{
	char text[128] = "";
	int ends[2];

	CLAIM(!pipe(ends) && dup2(ends[1], STDERR_FILENO) >= 0);
	CLAIM(!close_off());
	syscall(SYS_getpriority, 0, 0);
	CLAIM(read(ends[0], text, sizeof(text) - 1) > 0);
	CLAIM(!strcmp(text, "netscope: seccomp refused system call 140\n") || SYS_getpriority != 140);
	return 0;
}

START_TEST(a_refusal_is_said)
{
	CHECK_IN_CHILD(say_it);
}
END_TEST

/* A datagram socket with a peer: what is sent through it, and to whom. `speaks`: it is the collector's. */
static int speak(bool speaks, int (*say)(int fd, const struct sockaddr_in *to))
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				  .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CLAIM(fd > STDERR_FILENO && !connect(fd, (struct sockaddr *)&to, sizeof(to)));
	nsc_sandbox_speaks(speaks ? fd : -1);
	CLAIM(!close_off());
	return say(fd, &to);
}

static int say_write(int fd, const struct sockaddr_in *to)
{
	CLAIM(write(fd, "x", 1) == 1);
	return 0;
}

static int say_sendto(int fd, const struct sockaddr_in *to)
{
	return sendto(fd, "x", 1, 0, (const struct sockaddr *)to, sizeof(*to)) < 0;
}

static int say_connect(int fd, const struct sockaddr_in *to)
{
	return connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0;
}

static int say_send(int fd, const struct sockaddr_in *to)
{
	return send(fd, "x", 1, 0) < 0;
}

static int say_sendmsg(int fd, const struct sockaddr_in *to)
{
	struct msghdr message = { .msg_name = (void *)(uintptr_t)to, .msg_namelen = sizeof(*to) };

	return sendmsg(fd, &message, 0) < 0;
}

static int speaker_writes(void)
{
	return speak(true, say_write);
}

static int others_do_not_write(void)
{
	return speak(false, say_write);
}

static int speaker_names_an_address(void)
{
	return speak(true, say_sendto);
}

static int speaker_connects(void)
{
	return speak(true, say_connect);
}

static int speaker_sends(void)
{
	return speak(true, say_send);
}

static int speaker_sends_a_message(void)
{
	return speak(true, say_sendmsg);
}

START_TEST(the_collector_is_the_one_that_is_spoken_to)
{
	int (*const ended[])(void) = { others_do_not_write, speaker_names_an_address, speaker_connects, speaker_sends,
				       speaker_sends_a_message };

	CHECK_IN_CHILD(speaker_writes);
	for (size_t i = 0; i < NSC_ARRAY_LEN(ended); i++) {
		int status = in_child(ended[i]);

		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "way %zu ended with %#x", i, status);
	}
}
END_TEST

/* A feed's socket: it is connected anew, and nothing is sent through it. Another one is not even connected. */
static int feed(int (*then)(int fd, const struct sockaddr_in *to))
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int quiet = open("/dev/null", O_WRONLY);
	socklen_t length = sizeof(to);
	char name[64];

	CLAIM(!listen(listener, 8) && !getsockname(listener, (struct sockaddr *)&to, &length));
	nsc_sandbox_listens(fd);
	dup2(quiet, STDERR_FILENO);
	CLAIM(!close_off());
	for (unsigned i = 0; i < 3; i++) {
		CLAIM(!connect(fd, (const struct sockaddr *)&to, sizeof(to)));
		CLAIM(!connect(fd, &nobody, sizeof(nobody)));
	}
	CLAIM(!connect(fd, (const struct sockaddr *)&to, sizeof(to)));
	CLAIM(connect(other, (const struct sockaddr *)&to, sizeof(to)) < 0 && errno == ENOSYS);
	CLAIM(nsc_sandbox_seccomp_refused(name) == 1 && !strcmp(name, "connect"));
	return then(fd, &to);
}

static int feed_ends(int fd, const struct sockaddr_in *to)
{
	(void)to;
	return close(fd);
}

static int feed_copy(int fd, const struct sockaddr_in *to)
{
	return dup2(fd, fd + 100) < 0;
}

static int feed_is_connected_again(void)
{
	return feed(feed_ends);
}

static int feed_writes(void)
{
	return feed(say_write);
}

static int feed_sends(void)
{
	return feed(say_send);
}

static int feed_gets_another_number(void)
{
	return feed(feed_copy);
}

START_TEST(a_feed_is_connected_and_not_spoken_to)
{
	int (*const ended[])(void) = { feed_writes, feed_sends, feed_gets_another_number };

	CHECK_IN_CHILD(feed_is_connected_again);
	for (size_t i = 0; i < NSC_ARRAY_LEN(ended); i++) {
		int status = in_child(ended[i]);

		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "way %zu ended with %#x", i, status);
	}
}
END_TEST

static int execute(void)
{
	if (close_off())
		return 1;
	execl("/bin/true", "true", (char *)NULL);
	return 1;
}

static int become_root(void)
{
	if (close_off())
		return 1;
	return syscall(SYS_setresuid, 0, 0, 0) ? 1 : 2;
}

START_TEST(what_only_an_intruder_calls_ends_the_program)
{
	int (*const bodies[])(void) = { execute, become_root };

	for (size_t i = 0; i < NSC_ARRAY_LEN(bodies); i++) {
		int status = in_child(bodies[i]);

		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "body %zu ended with %#x", i, status);
	}
}
END_TEST
#endif

/* --- the user --------------------------------------------------------------------------------- */

static bool status_says(const char *line)
{
	FILE *file = fopen("/proc/self/status", "re");
	char text[256];
	bool found = false;

	while (file && fgets(text, sizeof(text), file))
		found |= !strcmp(text, line);
	if (file)
		fclose(file);
	return found;
}

static int become_nobody(void)
{
	settings.user = "nobody";
	CLAIM(!nsc_sandbox_user(&settings, said, &error));
	CLAIM(geteuid() != 0 && getuid() != 0 && getgid() != 0);
	CLAIM(getgroups(0, NULL) == 0);
	CLAIM(status_says("CapEff:\t0000000000000000\n") && status_says("CapPrm:\t0000000000000000\n"));
	CLAIM(status_says("CapBnd:\t0000000000000000\n") && status_says("CapAmb:\t0000000000000000\n"));
	CLAIM(setuid(0) == -1);
	CLAIM(!strcmp(nsc_sandbox_user_name(), "nobody"));
	return 0;
}

static int become_caller_of_sudo(void)
{
	setenv("SUDO_UID", "12345", 1);
	setenv("SUDO_GID", "12346", 1);
	setenv("SUDO_USER", "somebody", 1);
	CLAIM(!nsc_sandbox_user(&settings, said, &error));
	CLAIM(getuid() == 12345 && getgid() == 12346);
	CLAIM(strstr(said, "somebody") && strstr(said, "sudo"));
	return 0;
}

static int root_called_sudo(void)
{
	setenv("SUDO_UID", "0", 1);
	setenv("SUDO_GID", "0", 1);
	CLAIM(!nsc_sandbox_user(&settings, said, &error));
	CLAIM(getuid() != 0 && strstr(said, "nobody"));
	return 0;
}

static int refuse_root(void)
{
	settings.user = "root";
	CLAIM(nsc_sandbox_user(&settings, said, &error) == -EINVAL);
	settings.user = "no-such-user-here";
	CLAIM(nsc_sandbox_user(&settings, said, &error) == -ENOENT && strstr(error.text, "no such user"));
	CLAIM(geteuid() == 0);
	return 0;
}

static int refuse_without_root(void)
{
	if (!geteuid())
		CLAIM(!setresuid(65534, 65534, 65534));
	settings.user = "root";
	CLAIM(nsc_sandbox_user(&settings, said, &error) < 0);
	settings.user = "";
	CLAIM(!nsc_sandbox_user(&settings, said, &error));
	CLAIM(strstr(said, "stays"));
	return 0;
}

START_TEST(root_becomes_another_user)
{
	int (*const bodies[])(void) = { become_nobody, become_caller_of_sudo, root_called_sudo, refuse_root };

	for (size_t i = 0; i < NSC_ARRAY_LEN(bodies) && !geteuid(); i++)
		CHECK_IN_CHILD(bodies[i]);
}
END_TEST

START_TEST(others_stay_who_they_are)
{
	CHECK_IN_CHILD(refuse_without_root);
}
END_TEST

/* --- which steps ------------------------------------------------------------------------------ */

START_TEST(a_run_takes_them_when_it_is_exposed_or_asked_to)
{
	ck_assert(!nsc_privileges_wanted(&settings, false));
	ck_assert(nsc_privileges_wanted(&settings, true));
	settings.user = "nobody";
	ck_assert(nsc_privileges_wanted(&settings, false));
	settings.sandbox = NSC_SANDBOX_NEVER;
	ck_assert(!nsc_privileges_wanted(&settings, true));
	settings.user = "";
	settings.sandbox = NSC_SANDBOX_ALWAYS;
	ck_assert(nsc_privileges_wanted(&settings, false));
}
END_TEST

START_TEST(the_list_names_steps)
{
	ck_assert_int_eq(nsc_privileges_check("", &error), 0);
	ck_assert_int_eq(nsc_privileges_check("user,no-new-privs,no-dump,landlock,seccomp", &error), 0);
	ck_assert_int_eq(nsc_privileges_check("user,", &error), 0);
	ck_assert_int_eq(nsc_privileges_check("user,secomp", &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "\"secomp\""));
	ck_assert_int_eq(nsc_privileges_check("seccomp landlock", &error), -EINVAL);
	ck_assert_int_eq(nsc_privileges_check(",", &error), -EINVAL);
}
END_TEST

static int leave_all_out(void)
{
	settings.sandbox_off = "user,seccomp,landlock,no-dump,no-new-privs";
	CLAIM(!nsc_privileges_drop(&settings, &error) && !nsc_privileges_confine(&settings, &error));
	CLAIM(make(outside) >= 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
	CLAIM(status_says("Seccomp:\t0\n"));
	return 0;
}

START_TEST(a_step_that_is_left_out_does_nothing)
{
	char path[128];

	CHECK_IN_CHILD(leave_all_out);
	snprintf(path, sizeof(path), "%s/x", outside);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

static void *wait_for_ever(void *context)
{
	pause();
	return context;
}

static int with_a_thread(void)
{
	pthread_t thread;

	CLAIM(!pthread_create(&thread, NULL, wait_for_ever, NULL));
	CLAIM(nsc_privileges_confine(&settings, &error) == -EBUSY);
	return 0;
}

START_TEST(no_step_is_taken_beside_a_thread)
{
#if !defined(NSC_SANITIZED) /* some of them have threads of their own */
	CHECK_IN_CHILD(with_a_thread);
#else
	(void)with_a_thread;
#endif
}
END_TEST

int main(void)
{
	Suite *all = suite_create("sandbox");
	TCase *steps = tcase_create("steps");
	SRunner *runner = srunner_create(all);
	int failed;

	tcase_add_checked_fixture(steps, make_folder, remove_folder);
	tcase_add_test(steps, landlock_holds_files_in_the_folders_of_outputs);
	tcase_add_test(steps, landlock_says_what_it_needs);
#if !defined(NSC_SANITIZED)
	tcase_add_test(steps, a_call_that_is_not_in_the_list_is_refused_and_counted);
	tcase_add_test(steps, a_refusal_is_said);
	tcase_add_test(steps, what_only_an_intruder_calls_ends_the_program);
	tcase_add_test(steps, the_collector_is_the_one_that_is_spoken_to);
	tcase_add_test(steps, a_feed_is_connected_and_not_spoken_to);
#endif
	tcase_add_test(steps, root_becomes_another_user);
	tcase_add_test(steps, others_stay_who_they_are);
	tcase_add_test(steps, a_run_takes_them_when_it_is_exposed_or_asked_to);
	tcase_add_test(steps, the_list_names_steps);
	tcase_add_test(steps, a_step_that_is_left_out_does_nothing);
	tcase_add_test(steps, no_step_is_taken_beside_a_thread);
	suite_add_tcase(all, steps);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
