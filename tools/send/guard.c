/* SPDX-License-Identifier: MIT
 *
 * See guard.h.
 */
#include "tools/send/guard.h"

#include "backends/sources/interface.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Whether it is one that a person or a network gave to the interface, as text. */
static bool guard_address(const struct sockaddr *address, char text[INET6_ADDRSTRLEN])
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;

		return inet_ntop(AF_INET, &four->sin_addr, text, INET6_ADDRSTRLEN);
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;

		return !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) &&
		       inet_ntop(AF_INET6, &six->sin6_addr, text, INET6_ADDRSTRLEN);
	}
	return false;
}

static bool guard_has_address(const char *interface, char text[NSC_SEND_USE])
{
	struct ifaddrs *all = NULL;
	char address[INET6_ADDRSTRLEN];
	bool found = false;

	if (getifaddrs(&all))
		return false;
	for (const struct ifaddrs *at = all; at && !found; at = at->ifa_next)
		found = at->ifa_addr && !strcmp(at->ifa_name, interface) && guard_address(at->ifa_addr, address);
	freeifaddrs(all);
	if (found)
		snprintf(text, NSC_SEND_USE, "has the address %s", address);
	return found;
}

/* Iface Destination Gateway Flags RefCnt Use Metric Mask: a route that is up, and whose mask is 0. */
static bool guard_route4(const char *line, const char *interface)
{
	unsigned destination, flags, mask;
	char name[IF_NAMESIZE];

	return sscanf(line, "%15s %x %*x %x %*d %*d %*d %x", name, &destination, &flags, &mask) == 4 &&
	       !strcmp(name, interface) && !destination && !mask && flags & RTF_UP;
}

/* Destination, its length, source, its length, next hop, metric, references, use, flags, interface. */
static bool guard_route6(const char *line, const char *interface)
{
	unsigned length, flags;
	char name[IF_NAMESIZE];

	return sscanf(line, "%*32s %x %*32s %*x %*32s %*x %*x %*x %x %15s", &length, &flags, name) == 3 &&
	       !strcmp(name, interface) && !length && flags & RTF_UP && !(flags & RTF_REJECT);
}

static bool guard_has_default_route(const char *interface)
{
	static const struct {
		const char *path;
		bool (*is)(const char *, const char *);
	} tables[] = { { "/proc/net/route", guard_route4 }, { "/proc/net/ipv6_route", guard_route6 } };
	bool found = false;

	for (size_t i = 0; i < NSC_ARRAY_LEN(tables) && !found; i++) {
		FILE *file = fopen(tables[i].path, "re");
		char line[256];

		while (file && !found && fgets(line, sizeof(line), file))
			found = tables[i].is(line, interface);
		if (file)
			fclose(file);
	}
	return found;
}

static bool guard_has_file(const char *interface, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%.15s/%s", interface, name);
	return !access(path, F_OK);
}

void nsc_send_guard_use(const char *interface, char text[NSC_SEND_USE])
{
	text[0] = '\0';
	if (guard_has_address(interface, text))
		return;
	if (guard_has_default_route(interface))
		snprintf(text, NSC_SEND_USE, "carries the default route");
	else if (guard_has_file(interface, "master"))
		snprintf(text, NSC_SEND_USE, "belongs to a bridge or a bond");
	else if (guard_has_file(interface, "wireless"))
		snprintf(text, NSC_SEND_USE, "is a wireless interface");
}

int nsc_send_guard_link(const char *name, struct nsc_error *error)
{
	struct nsc_interface interface;
	int status = nsc_interface_open(&interface, name, error);
	enum nsc_interface_state state;

	if (status)
		return status;
	state = nsc_interface_state(&interface);
	nsc_interface_close(&interface);
	if (state == NSC_INTERFACE_UP)
		return 0;
	if (state == NSC_INTERFACE_NO_CARRIER)
		return nsc_fail(error, -ENETDOWN, "%s has no carrier: nothing is at its other end", name);
	return nsc_fail(error, -ENETDOWN, "%s is down: ip link set %s up", name, name);
}

int nsc_send_guard_check(const char *name, struct nsc_error *error)
{
	char use[NSC_SEND_USE];

	nsc_send_guard_use(name, use);
	if (!use[0])
		return 0;
	return nsc_fail(error, -EBUSY,
			"%s %s, so somebody uses it, and test frames as fast as possible would be in the way; take an "
			"interface of its own, or say --send-anyway",
			name, use);
}
