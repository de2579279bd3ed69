/* SPDX-License-Identifier: MIT
 *
 * The system calls of a run. Three kinds: what our code and its libraries need, some of it only with certain arguments;
 * what only an intruder would call, which ends the program; and all the rest, which is refused with ENOSYS, so that a
 * library takes another way, but is said and counted, so that it does not go unnoticed.
 */
#include "tools/netscope/sandbox.h"

#include "engine/text/number.h"
#include "tools/netscope/say.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <linux/sockios.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef NSC_SANITIZED
#define NSC_SANITIZED false
#endif

#define CALL(name) SCMP_SYS(name) /* negative where this machine has none of that name */

static const int allowed[] = {
	/* files and pipes; Landlock says which */
	CALL(read),
	CALL(write),
	CALL(readv),
	CALL(writev),
	CALL(pread64),
	CALL(pwrite64),
	CALL(preadv),
	CALL(pwritev),
	CALL(preadv2),
	CALL(pwritev2),
	CALL(lseek),
	CALL(close),
	CALL(fstat),
	CALL(stat),
	CALL(lstat),
	CALL(newfstatat),
	CALL(statx),
	CALL(fstatfs),
	CALL(statfs),
	CALL(open),
	CALL(openat),
	CALL(openat2),
	CALL(getdents64),
	CALL(ftruncate),
	CALL(fallocate),
	CALL(fadvise64),
	CALL(fsync),
	CALL(fdatasync),
	CALL(sync_file_range),
	CALL(copy_file_range),
	CALL(fchmod),
	CALL(link),
	CALL(linkat),
	CALL(rename),
	CALL(renameat),
	CALL(renameat2),
	CALL(unlink),
	CALL(unlinkat),
	CALL(readlink),
	CALL(readlinkat),
	CALL(access),
	CALL(faccessat),
	CALL(faccessat2),
	CALL(fcntl),
	CALL(flock),
	CALL(dup),
	CALL(dup2),
	CALL(dup3),
	CALL(pipe),
	CALL(pipe2),
	CALL(sendfile),
	CALL(splice),
	CALL(tee),
	CALL(io_uring_enter), /* of a ring made before, which reads the files of the run and does nothing else: uring.h
			       */
	CALL(umask),
	CALL(getcwd),
	/* memory */
	CALL(brk),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),
	CALL(mincore),
	CALL(msync),
	CALL(mlock),
	CALL(munlock),
	CALL(mlock2),
	CALL(mlockall),
	CALL(munlockall),
	CALL(membarrier),
	CALL(get_mempolicy),
	CALL(set_mempolicy),
	CALL(mbind),
	/* threads and time */
	CALL(clone),
	CALL(clone3),
	CALL(futex),
	CALL(futex_waitv),
	CALL(set_robust_list),
	CALL(get_robust_list),
	CALL(rseq),
	CALL(set_tid_address),
	CALL(gettid),
	CALL(getpid),
	CALL(getppid),
	CALL(exit),
	CALL(exit_group),
	CALL(sched_yield),
	CALL(sched_getaffinity),
	CALL(sched_setaffinity),
	CALL(sched_getparam),
	CALL(sched_getscheduler),
	CALL(sched_get_priority_max),
	CALL(sched_get_priority_min),
	CALL(getcpu),
	CALL(arch_prctl),
	CALL(restart_syscall),
	CALL(clock_gettime),
	CALL(clock_getres),
	CALL(clock_nanosleep),
	CALL(nanosleep),
	CALL(gettimeofday),
	CALL(time),
	CALL(times),
	CALL(timerfd_create),
	CALL(timerfd_settime),
	CALL(timerfd_gettime),
	CALL(getrusage),
	CALL(getrandom),
	CALL(uname),
	CALL(sysinfo),
	CALL(getrlimit),
	CALL(getuid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getegid),
	CALL(getresuid),
	CALL(getresgid),
	CALL(getgroups),
	CALL(getpgrp),
	CALL(capget),
	/* signals */
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(rt_sigpending),
	CALL(rt_sigtimedwait),
	CALL(rt_sigsuspend),
	CALL(sigaltstack),
	CALL(signalfd4),
	CALL(pause),
	CALL(alarm),
	CALL(setitimer),
	/* waiting */
	CALL(poll),
	CALL(ppoll),
	CALL(select),
	CALL(pselect6),
	CALL(epoll_create1),
	CALL(epoll_create),
	CALL(epoll_ctl),
	CALL(epoll_wait),
	CALL(epoll_pwait),
	CALL(epoll_pwait2),
	CALL(eventfd),
	CALL(eventfd2),
	/* sockets that are open, and those that they accept; none is made or bound, and only a feed's connected */
	CALL(accept),
	CALL(accept4),
	CALL(recvfrom),
	CALL(recvmsg),
	CALL(recvmmsg),
	CALL(sendto),
	CALL(sendmsg),
	CALL(sendmmsg),
	CALL(shutdown),
	CALL(getsockopt),
	CALL(setsockopt),
	CALL(getsockname),
	CALL(getpeername),
};

/* What `netscope top` and `netscope ship` need beside: connections, a terminal that is set. Sockets, requests and
 * signals only with the arguments in add_client. */
static const int allowed_top[] = { CALL(setpgid), CALL(getpgid) };

/* They and a run that asks other sensors: stream sockets of add_connections, and libcurl wakes itself. */
static const int allowed_connections[] = { CALL(connect), CALL(socketpair) };

/* What a profile needs where performance events are refused: each thread makes a timer of its own. */
static const int allowed_profile[] = { CALL(timer_create), CALL(timer_settime), CALL(timer_delete) };

/* Nothing in this program or its libraries comes here once a run goes. */
static const int fatal[] = {
	CALL(execve),
	CALL(execveat),
	CALL(ptrace),
	CALL(process_vm_readv),
	CALL(process_vm_writev),
	CALL(bpf),
	CALL(init_module),
	CALL(finit_module),
	CALL(delete_module),
	CALL(kexec_load),
	CALL(kexec_file_load),
	CALL(mount),
	CALL(umount2),
	CALL(pivot_root),
	CALL(chroot),
	CALL(setns),
	CALL(unshare),
	CALL(setuid),
	CALL(setgid),
	CALL(setreuid),
	CALL(setregid),
	CALL(setresuid),
	CALL(setresgid),
	CALL(setgroups),
	CALL(capset),
	CALL(perf_event_open),
	CALL(userfaultfd),
	CALL(io_uring_setup),
	CALL(add_key),
	CALL(request_key),
	CALL(keyctl),
	CALL(open_by_handle_at),
	CALL(reboot),
	CALL(swapon),
	CALL(acct),
	CALL(settimeofday),
	CALL(clock_settime),
	CALL(iopl),
	CALL(ioperm),
};

#undef CALL

/* Questions to terminals, pipes and interfaces. What types into a terminal (TIOCSTI) or changes anything is not here.
 */
static const unsigned long requests[] = {
	TCGETS,       TIOCGWINSZ,   FIONREAD,    FIONBIO,    FIOCLEX,       SIOCETHTOOL,
	SIOCGIFFLAGS, SIOCGIFINDEX, SIOCGIFNAME, SIOCGIFMTU, SIOCGIFHWADDR, SIOCGIFCONF,
};

/* Of a profile: its events were opened before. */
static const unsigned long requests_profile[] = { PERF_EVENT_IOC_ENABLE, PERF_EVENT_IOC_DISABLE };

static const unsigned long requests_top[] = { TCSETS, TCSETSW, TCSETSF, TCFLSH, TCXONC, TIOCGPGRP };

static const unsigned long processes[] = { PR_SET_NAME,     PR_GET_NAME, PR_SET_TIMERSLACK, PR_GET_TIMERSLACK,
					   PR_GET_DUMPABLE, 0x53564d41 /* PR_SET_VMA: names of mappings */ };

/* --- what was refused ------------------------------------------------------------------------- */

static _Thread_local bool forgives;
static _Thread_local volatile sig_atomic_t forgiven;
static unsigned refused;       /* any thread, relaxed; control reads it at the end */
static int first_refused = -1; /* the number of the call */

/* The interrupted call returns this. */
static bool answer(void *context, long value)
{
#if defined(__x86_64__)
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = value;
	return true;
#elif defined(__aarch64__)
	((ucontext_t *)context)->uc_mcontext.regs[0] = (unsigned long long)value;
	return true;
#else
	(void)context, (void)value;
	return false;
#endif
}

/* Async-signal-safe: a name is looked up at the end. */
static void tell(int number)
{
	char text[64], *end = nsc_format_text(text, nsc_say_level(NSC_LEVEL_ERROR));
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t written;

	end = nsc_format_literal(end, "netscope: seccomp refused system call ");
	end = nsc_format_literal(nsc_format_u32(end, (uint32_t)number), "\n");
	if (poll(&out, 1, 0) != 1) /* nobody reads: the count tells */
		return;
	written = write(STDERR_FILENO, text, (size_t)(end - text));
	(void)written;
}

static void on_refusal(int signum, siginfo_t *info, void *context)
{
	int saved = errno, none = -1;

	if (forgives)
		forgiven++;
	else
		__atomic_fetch_add(&refused, 1, __ATOMIC_RELAXED);
	if (!forgives && __atomic_compare_exchange_n(&first_refused, &none, info->si_syscall, false, __ATOMIC_RELAXED,
						     __ATOMIC_RELAXED))
		tell(info->si_syscall);
	if (!answer(context, -ENOSYS))
		_exit(128 + signum);
	errno = saved;
}

unsigned nsc_sandbox_forgive(bool forgive)
{
	unsigned n = (unsigned)forgiven;

	forgiven = 0;
	forgives = forgive;
	return n;
}

unsigned nsc_sandbox_seccomp_refused(char name[64])
{
	unsigned n = __atomic_load_n(&refused, __ATOMIC_RELAXED);
	int number = __atomic_load_n(&first_refused, __ATOMIC_RELAXED);
	char *known = n ? seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number) : NULL;

	if (known)
		snprintf(name, 64, "%s", known);
	else
		snprintf(name, 64, "number %d", number);
	free(known);
	return n;
}

/* --- the list --------------------------------------------------------------------------------- */

static int add_calls(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t n)
{
	int status = 0;

	for (size_t i = 0; i < n && !status; i++)
		if (calls[i] >= 0)
			status = seccomp_rule_add(filter, action, calls[i], 0);
	return status;
}

static int add_values(scmp_filter_ctx filter, int call, unsigned argument, const unsigned long *values, size_t n)
{
	int status = 0;

	for (size_t i = 0; i < n && !status; i++)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
					  SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, values[i]));
	return status;
}

/* No memory that can be written becomes code, no signal leaves this process. */
static int add_arguments(scmp_filter_ctx filter)
{
	int status =
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	if (!status)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
					  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!status)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
					  SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	if (!status) /* reading limits: no new one */
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0));
	if (!status)
		status = add_values(filter, SCMP_SYS(ioctl), 1, requests, NSC_ARRAY_LEN(requests));
	return status ? status : add_values(filter, SCMP_SYS(prctl), 0, processes, NSC_ARRAY_LEN(processes));
}

/* TCP over IPv4 and IPv6, the terminal's modes, and Ctrl-Z. */
static int add_connections(scmp_filter_ctx filter)
{
	static const unsigned families[] = { AF_INET, AF_INET6 };
	int status = add_calls(filter, SCMP_ACT_ALLOW, allowed_connections, NSC_ARRAY_LEN(allowed_connections));

	for (size_t i = 0; i < NSC_ARRAY_LEN(families) && !status; i++)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
					  SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, families[i]),
					  SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, SOCK_STREAM));
	return status;
}

static int add_client(scmp_filter_ctx filter)
{
	int status = add_connections(filter);

	if (!status)
		status = add_calls(filter, SCMP_ACT_ALLOW, allowed_top, NSC_ARRAY_LEN(allowed_top));
	if (!status)
		status = add_values(filter, SCMP_SYS(ioctl), 1, requests_top, NSC_ARRAY_LEN(requests_top));
	if (!status)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1,
					  SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, SIGTSTP));
	return status;
}

static bool may_profile(const struct nsc_settings *settings)
{
	return settings->profile_hz || settings->web.enabled;
}

static int add_all(scmp_filter_ctx filter, const struct nsc_settings *settings)
{
	int status = add_calls(filter, SCMP_ACT_ALLOW, allowed, NSC_ARRAY_LEN(allowed));

	if (!status)
		status = add_calls(filter, SCMP_ACT_KILL_PROCESS, fatal, NSC_ARRAY_LEN(fatal));
	if (!status)
		status = add_arguments(filter);
	if (!status && (settings->top || settings->ships))
		status = add_client(filter);
	else if (!status && nsc_sandbox_has_ports())
		status = add_connections(filter);
	if (!status)
		status = nsc_sandbox_sockets_connect(filter);
	if (!status && may_profile(settings))
		status = add_values(filter, SCMP_SYS(ioctl), 1, requests_profile, NSC_ARRAY_LEN(requests_profile));
	if (!status && may_profile(settings))
		status = add_calls(filter, SCMP_ACT_ALLOW, allowed_profile, NSC_ARRAY_LEN(allowed_profile));
	/* A binary tree; an older library has none and the list does as well. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return status;
}

static int cannot_load(int status, struct nsc_error *error)
{
	return nsc_fail(error, status, "seccomp cannot be switched on: %s",
			status == -EACCES ? "it needs no-new-privs" : strerror(-status));
}

static int filter_enter(void *filter)
{
	return seccomp_load(filter);
}

static int filter_load(const struct nsc_settings *settings, struct nsc_error *error)
{
	struct sigaction action = { .sa_sigaction = on_refusal, .sa_flags = SA_SIGINFO };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int status;

	if (!filter)
		return nsc_fail(error, -ENOMEM, "seccomp: no memory for the list of system calls");
	sigaction(SIGSYS, &action, NULL);
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0); /* that is a step of its own */
	status = add_all(filter, settings);
	if (!status)
		status = nsc_sandbox_in_threads(filter_enter, filter);
	seccomp_release(filter);
	return status ? cannot_load(status, error) : 0;
}

int nsc_sandbox_seccomp(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error)
{
	unsigned silent = 0;
	int status;

	if (NSC_SANITIZED) {
		snprintf(said, NSC_SANDBOX_SAID,
			 "left out, because the sanitizers of this build make calls of their own");
		return 0;
	}
	status = nsc_sandbox_sockets(&silent);
	if (status)
		return cannot_load(status, error);
	status = filter_load(settings, error);
	snprintf(said, NSC_SANDBOX_SAID,
		 "%zu system calls are allowed, %zu end the program, others are refused; nothing is sent through %u "
		 "socket%s",
		 NSC_ARRAY_LEN(allowed) + 6 + (settings->top || settings->ships ? NSC_ARRAY_LEN(allowed_top) + 2 : 0) +
			 (settings->top || settings->ships || nsc_sandbox_has_ports()
				  ? NSC_ARRAY_LEN(allowed_connections)
				  : 0) +
			 (may_profile(settings) ? NSC_ARRAY_LEN(allowed_profile) : 0),
		 NSC_ARRAY_LEN(fatal), silent, silent == 1 ? "" : "s");
	return status;
}
