/* SPDX-License-Identifier: MIT
 *
 * Landlock by system call: libc has no wrapper. What the running kernel does not know yet is left out of the request;
 * writing, making and removing files is in its first version.
 */
#include "engine/base/assert.h"
#include "engine/text/escape.h"
#include "tools/netscope/outputs.h"
#include "tools/netscope/reload.h"
#include "tools/netscope/sandbox.h"
#include "tools/netscope/say.h"
#include "tools/netscope/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef NSC_SANITIZED
#define NSC_SANITIZED false
#endif

/* Newer than the headers of Debian 12. */
#define FS_REFER (1ull << 13)
#define FS_TRUNCATE (1ull << 14)
#define FS_IOCTL_DEV (1ull << 15)
#define NET_BIND_TCP (1ull << 0)
#define NET_CONNECT_TCP (1ull << 1)
#define RULE_NET_PORT 2
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ull << 0)
#define SCOPE_SIGNAL (1ull << 1)

#define FS_FIRST_VERSION 0x1fffull /* execute, write, read, list, remove and make: bits 0 to 12 */
#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE                                                                                                          \
	(READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |         \
	 FS_TRUNCATE) /* without FS_REFER: a file stays in its folder */

struct ruleset { /* struct landlock_ruleset_attr as the newest kernel has it; an older one wants the rest to be 0 */
	uint64_t handled_fs, handled_net, scoped;
};

struct port { /* struct landlock_net_port_attr */
	uint64_t allowed_access, port;
};

enum { NET_SINCE = 4 }; /* version of the interface */

struct fence {
	int fd;
	int abi;
	uint64_t handled;
	char *said;
	size_t used;
};

/* What each version of the interface added. */
static const struct {
	int abi;
	struct ruleset adds;
} versions[] = {
	{ 1, { FS_FIRST_VERSION, 0, 0 } }, { 2, { FS_REFER, 0, 0 } },
	{ 3, { FS_TRUNCATE, 0, 0 } },      { 4, { 0, NET_BIND_TCP | NET_CONNECT_TCP, 0 } },
	{ 5, { FS_IOCTL_DEV, 0, 0 } },     { 6, { 0, 0, SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL } },
};

/* Where counters and the state of interfaces are read while a run goes on. */
static const char *const readable[] = { "/proc/self", "/sys/class/net", "/sys/devices" };

static void say(struct fence *fence, const char *text)
{
	if (fence->used < NSC_SANDBOX_SAID)
		fence->used += (size_t)snprintf(fence->said + fence->used, NSC_SANDBOX_SAID - fence->used, "%s", text);
}

static int open_fence(struct fence *fence, struct nsc_error *error)
{
	struct ruleset wanted = { 0, 0, 0 };

	fence->abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (fence->abi < 0)
		return nsc_fail(error, -errno, "landlock is not available: %s",
				errno == ENOSYS       ? "this kernel has none, it came with Linux 5.13"
				: errno == EOPNOTSUPP ? "it was switched off when this kernel booted (lsm=)"
						      : strerror(errno));
	for (size_t i = 0; i < NSC_ARRAY_LEN(versions); i++) {
		if (versions[i].abi > fence->abi)
			break;
		wanted.handled_fs |= versions[i].adds.handled_fs;
		wanted.handled_net |= versions[i].adds.handled_net;
		wanted.scoped |= versions[i].adds.scoped;
	}
	fence->handled = wanted.handled_fs;
	fence->fd = (int)syscall(SYS_landlock_create_ruleset, &wanted, sizeof(wanted), 0);
	return fence->fd < 0 ? nsc_fail(error, -errno, "landlock cannot be set up: %s", strerror(errno)) : 0;
}

/* `fd` is closed. */
static int allow_opened(struct fence *fence, int fd, const char *path, uint64_t access, struct nsc_error *error)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access & fence->handled, .parent_fd = fd };
	int status = 0;

	if (syscall(SYS_landlock_add_rule, fence->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
		status = nsc_fail(error, -errno, "landlock: no rule for %.400s: %s", path, strerror(errno));
	close(fd);
	return status;
}

static int allow(struct fence *fence, const char *path, uint64_t access, struct nsc_error *error)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return nsc_fail(error, -errno, "landlock: %.400s cannot be opened: %s", path, strerror(errno));
	return allow_opened(fence, fd, path, access, error);
}

/* Rights go down the tree, and what is in a home is believed by its owner's programs. */
static void warn_of_home(const char *folder)
{
	char path[600], shown[600];

	snprintf(path, sizeof(path), "%.580s/.ssh", folder);
	if (!access(path, F_OK))
		nsc_tell_at(
			NSC_LEVEL_WARNING, stderr,
			"outputs in %.500s: that is a home, so the sandbox lets its .ssh be written too; a folder of "
			"their own is safer",
			nsc_escape_terminal(folder, shown, sizeof(shown)));
}

/* Whoever edits a configuration file makes a new one of its name as a rule: so what may be read again is its folder. Of
 * a home, or with root's rights, that would be too much: then it is the file as it is now. What cannot be opened by now
 * will be told when it is to be read. */
static int allow_config(struct fence *fence, const char *path, struct nsc_error *error)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX], keys[PATH_MAX + 8];
	struct stat found;
	bool whole;
	int fd;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)NSC_MAX(slash - path, 1) : 1, slash ? path : ".");
	snprintf(keys, sizeof(keys), "%s/.ssh", folder);
	if (stat(path, &found) || !S_ISREG(found.st_mode))
		return 0;
	whole = geteuid() && access(keys, F_OK);
	fd = open(whole ? folder : path, O_PATH | O_CLOEXEC | (whole ? O_DIRECTORY : 0));
	if (fd < 0)
		return 0;
	say(fence, "; read again: ");
	say(fence, whole ? folder : path);
	return allow_opened(fence, fd, path, LANDLOCK_ACCESS_FS_READ_FILE, error);
}

/* With which libpcap reads names of ports and protocols in a filter. */
static int allow_names(struct fence *fence, struct nsc_error *error)
{
	static const char *const paths[] = { "/etc/services", "/etc/protocols" };
	int status = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(paths) && !status; i++) {
		int fd = open(paths[i], O_PATH | O_CLOEXEC);

		if (fd >= 0)
			status = allow_opened(fence, fd, paths[i], LANDLOCK_ACCESS_FS_READ_FILE, error);
	}
	return status;
}

/* The place to which a link leads, too: an editor follows it. */
static int allow_reload(struct fence *fence, const struct nsc_settings *settings, struct nsc_error *error)
{
	const char *path = settings->config;
	struct stat found;
	char *real;
	int status;

	if (!nsc_reload_is_possible(settings))
		return 0;
	status = allow_names(fence, error);
	if (!status)
		status = allow_config(fence, path, error);
	if (status || lstat(path, &found) || !S_ISLNK(found.st_mode))
		return status;
	real = realpath(path, NULL);
	status = real ? allow_config(fence, real, error) : 0;
	free(real);
	return status;
}

static int allow_output(void *context, const char *folder, struct nsc_error *error)
{
	struct fence *fence = context;
	char word[512];

	/* several outputs in one folder: it is said once */
	snprintf(word, sizeof(word), " %.500s ", folder);
	if (!strstr(fence->said, word)) {
		warn_of_home(folder);
		fence->used -= fence->used && fence->said[fence->used - 1] == ' ';
		say(fence, word);
	}
	return allow(fence, folder, WRITE, error);
}

static int allow_port(struct fence *fence, uint16_t number, struct nsc_error *error)
{
	struct port rule = { NET_CONNECT_TCP, number };

	if (fence->abi >= NET_SINCE && syscall(SYS_landlock_add_rule, fence->fd, RULE_NET_PORT, &rule, 0))
		return nsc_fail(error, -errno, "landlock: no rule for port %u: %s", number, strerror(errno));
	return 0;
}

/* What sends segments reads and removes them, and connects to the ports of its servers. */
static int allow_ship(struct fence *fence, const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = allow(fence, settings->out.spool, WRITE, error);
	char text[NSC_SANDBOX_SAID];

	snprintf(text, sizeof(text), "version %d, no program is executed, files are written in: %.400s%s", fence->abi,
		 settings->out.spool, fence->abi < NET_SINCE ? "" : ", connections go to the ports of --to");
	say(fence, text);
	for (uint32_t i = 0; i < settings->ship.ports && !status; i++)
		status = allow_port(fence, settings->ship.port[i], error);
	return status || !NSC_SANITIZED ? status : allow(fence, "/proc/self", READ, error);
}

/* What only looks at a sensor opens no file at all, and connects to one port. */
static int allow_client(struct fence *fence, const struct nsc_settings *settings, struct nsc_error *error)
{
	char text[128];
	int status = allow_port(fence, settings->top_port, error);

	snprintf(text, sizeof(text), "version %d, no file is opened, no program executed%s", fence->abi,
		 fence->abi < NET_SINCE ? "" : ", connections go to one port");
	say(fence, text);
	/* the leak checker looks at its own process */
	return status || !NSC_SANITIZED ? status : allow(fence, "/proc/self", READ, error);
}

/* A connection that has ended is made again. */
static int allow_feed(struct fence *fence, const struct nsc_settings *settings, struct nsc_error *error)
{
	char text[64];
	uint16_t port;

	if (!nsc_source_is_feed(settings, &port))
		return 0;
	snprintf(text, sizeof(text), "; connections go to port %u", port);
	if (fence->abi >= NET_SINCE)
		say(fence, text);
	return allow_port(fence, port, error);
}

static uint16_t ports[NSC_SANDBOX_PORTS];
static unsigned n_ports;

void nsc_sandbox_connects(uint16_t port)
{
	for (unsigned i = 0; i < n_ports; i++)
		if (ports[i] == port)
			return;
	nsc_assert(n_ports < NSC_SANDBOX_PORTS || !port, "there is a place for each port that is connected to");
	if (port)
		ports[n_ports++] = port;
}

bool nsc_sandbox_has_ports(void)
{
	return n_ports;
}

static int allow_ports(struct fence *fence, struct nsc_error *error)
{
	char text[64];
	int status = 0;

	snprintf(text, sizeof(text), "; connections go to %u port%s", n_ports, n_ports == 1 ? "" : "s");
	if (fence->abi >= NET_SINCE && n_ports)
		say(fence, text);
	for (unsigned i = 0; i < n_ports && !status; i++)
		status = allow_port(fence, ports[i], error);
	return status;
}

static int allow_folder_of(struct fence *fence, const char *path, uint64_t access, struct nsc_error *error)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)NSC_MAX(slash - path, 1) : 1, slash ? path : ".");
	return allow(fence, folder, access, error);
}

/* What takes packets out of files opens these, and their indexes, while it works. */
static int allow_extract(struct fence *fence, const struct nsc_settings *settings, struct nsc_error *error)
{
	const char *output = settings->extract.output;
	char text[NSC_SANDBOX_SAID];
	int status = 0;

	snprintf(text, sizeof(text), "version %d, no program is executed, files are read where the inputs are%s%.400s",
		 fence->abi, nsc_out_descriptor(output) < 0 ? ", and written beside " : "",
		 nsc_out_descriptor(output) < 0 ? output : "");
	say(fence, text);
	for (const char *path = settings->read_pcap; *path && !status; path = nsc_path_next(path)) {
		struct stat found;
		bool folder = !stat(path, &found) && S_ISDIR(found.st_mode);

		status = folder ? allow(fence, path, READ, error) : allow_folder_of(fence, path, READ, error);
	}
	if (!status && nsc_out_descriptor(output) < 0)
		status = allow_folder_of(fence, output, WRITE, error);
	return status || !NSC_SANITIZED ? status : allow(fence, "/proc/self", READ, error);
}

/* At the end the socket's name is taken away; it was made before. */
static int allow_socket(struct fence *fence, const struct nsc_settings *settings, struct nsc_error *error)
{
	const char *path = settings->recordings.control_socket;

	if (!*path)
		return 0;
	say(fence, "; names removed beside: ");
	say(fence, path);
	return allow_folder_of(fence, path, LANDLOCK_ACCESS_FS_REMOVE_FILE, error);
}

static int allow_all(struct fence *fence, const struct nsc_settings *settings, struct nsc_error *error)
{
	char head[64];
	size_t before;
	int status;

	snprintf(head, sizeof(head), "version %d, no program is executed, files are written in: ", fence->abi);
	say(fence, head);
	before = fence->used;
	status = nsc_outputs_each_folder(settings, allow_output, fence, error);
	if (fence->used == before)
		say(fence, "no folder");
	for (size_t i = 0; i < NSC_ARRAY_LEN(readable) && !status; i++)
		if (!access(readable[i], F_OK))
			status = allow(fence, readable[i], READ, error);
	if (!status)
		status = allow_feed(fence, settings, error);
	if (!status)
		status = allow_ports(fence, error);
	if (!status)
		status = allow_socket(fence, settings, error);
	return status ? status : allow_reload(fence, settings, error);
}

static int fence_enter(void *fence)
{
	return syscall(SYS_landlock_restrict_self, ((const struct fence *)fence)->fd, 0) ? -errno : 0;
}

int nsc_sandbox_landlock(const struct nsc_settings *settings, char said[NSC_SANDBOX_SAID], struct nsc_error *error)
{
	struct fence fence = { .fd = -1, .said = said };
	int status = open_fence(&fence, error);

	if (!status)
		status = (settings->top        ? allow_client
			  : settings->ships    ? allow_ship
			  : settings->extracts ? allow_extract
					       : allow_all)(&fence, settings, error);
	if (!status) {
		status = nsc_sandbox_in_threads(fence_enter, &fence);
		if (status)
			nsc_fail(error, status, "landlock cannot be switched on: %s",
				 status == -EPERM ? "it needs no-new-privs" : strerror(-status));
	}
	if (fence.fd >= 0)
		close(fence.fd);
	return status;
}
