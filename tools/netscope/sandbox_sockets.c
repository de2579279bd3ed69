/* SPDX-License-Identifier: MIT
 *
 * A source listens: whoever takes over the program must not speak through its sockets. A packet socket sends a frame
 * for each write(2), a datagram socket goes wherever sendto(2) says. So a filter of its own, beside the list of system
 * calls, ends the program when anything is sent through one that is open now, or when one gets another number, under
 * which the filter would not know it. Accepted connections of the dashboard and netlink, which asks for counters,
 * speak. So do the sockets of the service manager, of a collector of IPFIX and of a receiver of syslog, through
 * write(2) alone: that goes where they were connected to. The socket of this machine's own syslog may be connected
 * again. So may that of a feed, through which nothing is sent.
 */
#include "tools/netscope/sandbox.h"

#include "engine/base/assert.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096 }; /* they are given lowest first; /proc/self/fd is another user's by now */

static int socket_option(int fd, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &length) ? -1 : value;
}

static struct speaker {
	int fd;
	bool writes, reconnects;
} speakers[NSC_SANDBOX_SPEAKERS];
static unsigned n_speakers;

static void speaker_add(int fd, bool writes, bool reconnects)
{
	nsc_assert(n_speakers < NSC_SANDBOX_SPEAKERS || fd < 0, "there is a place for each socket that speaks");
	if (fd >= 0)
		speakers[n_speakers++] = (struct speaker){ fd, writes, reconnects };
}

void nsc_sandbox_speaks(int fd)
{
	speaker_add(fd, true, false);
}

void nsc_sandbox_reconnects(int fd)
{
	speaker_add(fd, true, true);
}

void nsc_sandbox_listens(int fd)
{
	speaker_add(fd, false, true);
}

static const struct speaker *find_speaker(int fd)
{
	for (unsigned i = 0; i < n_speakers; i++)
		if (speakers[i].fd == fd)
			return &speakers[i];
	return NULL;
}

static bool only_listens(int fd)
{
	const struct speaker *speaker = find_speaker(fd);

	return speaker && !speaker->writes;
}

/* Standard streams may be datagram sockets of a logger. */
static bool must_be_silent(int fd)
{
	int domain = fd > STDERR_FILENO ? socket_option(fd, SO_DOMAIN) : -1;

	return domain == AF_PACKET || only_listens(fd) ||
	       (domain >= 0 && domain != AF_NETLINK && socket_option(fd, SO_TYPE) != SOCK_STREAM);
}

/* The file descriptor is argument `at` of these calls. The first one is a speaker's. */
static const struct {
	int call;
	unsigned at;
} speaks[] = {
	{ SCMP_SYS(write), 0 },    { SCMP_SYS(writev), 0 }, { SCMP_SYS(pwrite64), 0 }, { SCMP_SYS(pwritev), 0 },
	{ SCMP_SYS(pwritev2), 0 }, { SCMP_SYS(sendto), 0 }, { SCMP_SYS(sendmsg), 0 },  { SCMP_SYS(sendmmsg), 0 },
	{ SCMP_SYS(sendfile), 0 }, { SCMP_SYS(splice), 2 }, { SCMP_SYS(tee), 1 },      { SCMP_SYS(dup), 0 },
	{ SCMP_SYS(dup2), 0 },     { SCMP_SYS(dup3), 0 },   { SCMP_SYS(connect), 0 },  { SCMP_SYS(bind), 0 },
};

static int silence(scmp_filter_ctx filter, int fd)
{
	static const scmp_datum_t copies[] = { F_DUPFD, F_DUPFD_CLOEXEC };
	const struct speaker *speaker = find_speaker(fd);
	int status = 0;

	for (size_t i = speaker && speaker->writes; i < NSC_ARRAY_LEN(speaks) && !status; i++) {
		if (speaker && speaker->reconnects && speaks[i].call == SCMP_SYS(connect))
			continue;
		status = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, speaks[i].call, 1,
					  SCMP_CMP(speaks[i].at, SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)fd));
	}
	for (size_t i = 0; i < NSC_ARRAY_LEN(copies) && !status; i++)
		status = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(fcntl), 2,
					  SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)fd),
					  SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, copies[i]));
	return status;
}

int nsc_sandbox_sockets_connect(void *filter)
{
	int status = 0;

	for (unsigned i = 0; i < n_speakers && !status; i++)
		if (only_listens(speakers[i].fd))
			status =
				seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(connect), 1,
						 SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)speakers[i].fd));
	return status;
}

static int silence_enter(void *filter)
{
	return seccomp_load(filter);
}

int nsc_sandbox_sockets(unsigned *silent)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int status;

	*silent = 0;
	if (!filter)
		return -ENOMEM;
	status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0); /* that is a step of its own */
	for (int fd = 0; fd < DESCRIPTORS && !status; fd++) {
		if (!must_be_silent(fd))
			continue;
		status = silence(filter, fd);
		*silent += !find_speaker(fd) || only_listens(fd);
	}
	if (!status && (*silent || n_speakers))
		status = nsc_sandbox_in_threads(silence_enter, filter);
	seccomp_release(filter);
	return status;
}
