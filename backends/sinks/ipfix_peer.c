/* SPDX-License-Identifier: MIT */
#include "backends/sinks/ipfix_peer.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int peer_wrong(const char *text, struct nsc_error *error)
{
	return nsc_fail(error, -EINVAL,
			"--ipfix wants HOST:PORT, such as 192.0.2.1:4739 or [2001:db8::1]:4739, not \"%.200s\"", text);
}

int nsc_ipfix_peer_parse(struct nsc_peer *peer, const char *text, struct nsc_error *error)
{
	return nsc_peer_parse(peer, text, NSC_IPFIX_PORT) ? peer_wrong(text, error) : 0;
}

/* Of messages that are refused somewhere on their way the next call tells, and not of a closed port alone. */
static void peer_hear_of_errors(int fd, int family)
{
	int on = 1;

	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	else
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
}

static int peer_connect_to(const struct addrinfo *address)
{
	int fd = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), status;

	if (fd < 0)
		return -errno;
	if (connect(fd, address->ai_addr, address->ai_addrlen)) {
		status = -errno;
		close(fd);
		return status;
	}
	peer_hear_of_errors(fd, address->ai_family);
	return fd;
}

int nsc_ipfix_peer_connect(const struct nsc_peer *peer, struct nsc_error *error)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found;
	char port[8];
	int fd = -EADDRNOTAVAIL, status;

	snprintf(port, sizeof(port), "%u", peer->port);
	status = getaddrinfo(peer->host, port, &hints, &found);
	if (status)
		return nsc_fail(error, -EADDRNOTAVAIL, "--ipfix %s: %s", peer->host,
				status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
	for (const struct addrinfo *address = found; address && fd < 0; address = address->ai_next)
		fd = peer_connect_to(address);
	freeaddrinfo(found);
	return fd < 0 ? nsc_fail(error, fd, "--ipfix %s: there is no way to it: %s", peer->host, strerror(-fd)) : fd;
}
