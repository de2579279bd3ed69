/* SPDX-License-Identifier: MIT */
#include "netscope/peer.h"

#include <errno.h>
#include <string.h>

/* 1..65535 in digits alone; 0 for anything else. */
static uint16_t peer_port(const char *text)
{
	uint32_t port = 0;

	for (; *text >= '0' && *text <= '9' && port <= UINT16_MAX; text++)
		port = 10 * port + (uint32_t)(*text - '0');
	return *text || port > UINT16_MAX ? 0 : (uint16_t)port;
}

int nsc_peer_parse(struct nsc_peer *peer, const char *text, uint16_t usual_port)
{
	const char *first = strchr(text, ':'), *last = strrchr(text, ':'), *end = text + strlen(text), *host = text;
	const char *port = NULL;

	if (*text == '[') {
		host = text + 1;
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':') || !memchr(host, ':', (size_t)(end - host)))
			return -EINVAL;
		port = end[1] ? end + 2 : NULL;
	} else if (first && first == last) {
		end = first;
		port = first + 1;
	}
	peer->port = port ? peer_port(port) : usual_port;
	if (end == host || end - host > NSC_PEER_HOST_MAX || !peer->port || strpbrk(text, " \t/"))
		return -EINVAL;
	memcpy(peer->host, host, (size_t)(end - host));
	peer->host[end - host] = '\0';
	return 0;
}
