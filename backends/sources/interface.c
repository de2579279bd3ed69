/* SPDX-License-Identifier: MIT
 *
 * Asking the kernel about interfaces with the oldest of its ways, which need no capability and no library.
 */
#include "interface.h"

#include "engine/text/nearest.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SHOWN_MAX = 300, NAME_PART = 2 };

/* --- names in sentences ----------------------------------------------------------------------- */

/* "eth0, lo", and all of them are offered. */
static void interface_list(const struct if_nameindex *all, struct nsc_nearest *nearest, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (; all && all->if_index; all++) {
		if (used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", all->if_name);
		nsc_nearest_offer(nearest, all->if_name, NAME_PART);
	}
}

static int interface_unknown(const char *name, struct nsc_error *error)
{
	struct if_nameindex *all = if_nameindex();
	char shown[SHOWN_MAX];
	struct nsc_nearest nearest;
	int status;

	nsc_nearest_init(&nearest, name);
	interface_list(all, &nearest, shown, sizeof(shown));
	if (nsc_nearest_name(&nearest))
		status = nsc_fail(error, -ENODEV, "there is no interface '%s': did you mean '%s'? There are: %s", name,
				  nearest.name, shown);
	else
		status = nsc_fail(error, -ENODEV, "there is no interface '%s'; there are: %s", name, shown);
	if (all)
		if_freenameindex(all);
	return status;
}

int nsc_interface_denied(const char *name, struct nsc_error *error)
{
	char program[256] = "netscope";
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (n > 0)
		program[n] = '\0';
	return nsc_fail(error, -EPERM,
			"capturing on '%s' needs the capability CAP_NET_RAW, which this process does not have: run it "
			"with sudo, or give it to the program once: sudo setcap cap_net_raw+ep %s",
			name, program);
}

/* --- asking ----------------------------------------------------------------------------------- */

static int interface_query(const struct nsc_interface *interface, unsigned long what, struct ifreq *request)
{
	memset(request, 0, sizeof(*request));
	request->ifr_ifindex = (int)interface->index;
	if (ioctl(interface->fd, SIOCGIFNAME, request))
		return -errno;
	return ioctl(interface->fd, what, request) ? -errno : 0;
}

int nsc_interface_open(struct nsc_interface *interface, const char *name, struct nsc_error *error)
{
	*interface = (struct nsc_interface){ .index = if_nametoindex(name), .fd = -1 };
	if (!interface->index)
		return interface_unknown(name, error);
	snprintf(interface->name, sizeof(interface->name), "%s", name);
	interface->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* of no network: only questions go through it */
	if (interface->fd < 0)
		return nsc_fail(error, -errno, "no socket to ask about '%s': %s", name, strerror(errno));
	return 0;
}

void nsc_interface_close(struct nsc_interface *interface)
{
	if (interface->fd >= 0)
		close(interface->fd);
	interface->fd = -1;
}

enum nsc_interface_state nsc_interface_state(const struct nsc_interface *interface)
{
	struct ifreq request;

	if (interface_query(interface, SIOCGIFFLAGS, &request))
		return NSC_INTERFACE_GONE;
	if (!(request.ifr_flags & IFF_UP))
		return NSC_INTERFACE_DOWN;
	return request.ifr_flags & IFF_RUNNING ? NSC_INTERFACE_UP : NSC_INTERFACE_NO_CARRIER;
}

int nsc_interface_linktype(const struct nsc_interface *interface, uint32_t *hardware)
{
	static const int16_t types[][2] = {
		{ ARPHRD_ETHER, 1 },    { ARPHRD_LOOPBACK, 1 },  { ARPHRD_NONE, 101 }, { ARPHRD_RAWIP, 101 },
		{ ARPHRD_TUNNEL, 101 }, { ARPHRD_TUNNEL6, 101 }, { ARPHRD_SIT, 101 },
	};
	struct ifreq request;

	*hardware = UINT16_MAX;
	if (interface_query(interface, SIOCGIFHWADDR, &request))
		return -1;
	*hardware = request.ifr_hwaddr.sa_family;
	for (size_t i = 0; i < NSC_ARRAY_LEN(types); i++)
		if ((uint16_t)types[i][0] == *hardware)
			return types[i][1];
	return -1;
}

/* --- the default ------------------------------------------------------------------------------ */

/* Higher is better: traffic is where a carrier is. */
static int rank(const struct if_nameindex *at, int fd)
{
	struct nsc_interface interface = { .index = at->if_index, .fd = fd };
	struct ifreq request;

	if (interface_query(&interface, SIOCGIFFLAGS, &request) || !(request.ifr_flags & IFF_UP))
		return 0;
	if (request.ifr_flags & IFF_LOOPBACK)
		return 1;
	return request.ifr_flags & IFF_RUNNING ? 3 : 2;
}

int nsc_interface_default(char name[IF_NAMESIZE], struct nsc_error *error)
{
	struct if_nameindex *all = if_nameindex();
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), best = 0;

	for (const struct if_nameindex *at = all; fd >= 0 && at && at->if_index; at++) {
		int r = rank(at, fd);

		if (r > best)
			snprintf(name, IF_NAMESIZE, "%s", at->if_name);
		best = NSC_MAX(best, r);
	}
	if (fd >= 0)
		close(fd);
	if (all)
		if_freenameindex(all);
	return best ? 0
		    : nsc_fail(error, -ENODEV, "no network interface is up: name one with -i, see --list-interfaces");
}
