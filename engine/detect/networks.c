/* SPDX-License-Identifier: MIT */
#include "engine/detect/networks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* "/8": 0..most, nothing else; most when there is none. */
static int network_read_length(const char *slash, unsigned most)
{
	char *end;
	unsigned long length;

	if (!slash)
		return (int)most;
	if (slash[1] < '0' || slash[1] > '9')
		return -EINVAL;
	length = strtoul(slash + 1, &end, 10);
	return *end || length > most ? -EINVAL : (int)length;
}

static int network_read(struct nsc_network *network, char *text, struct nsc_error *error)
{
	char *slash = strchr(text, '/'), whole[64];
	int length;

	memcpy(whole, text, strlen(text) + 1);
	if (slash)
		*slash = '\0';
	memset(network, 0, sizeof(*network));
	if (inet_pton(AF_INET, text, network->addr) == 1)
		network->ip_version = 4;
	else if (inet_pton(AF_INET6, text, network->addr) == 1)
		network->ip_version = 6;
	else
		return nsc_fail(error, -EINVAL,
				"\"%s\" is no network: an address is wanted, or one with a length, as in "
				"10.0.0.0/8 or 2001:db8::/32",
				whole);
	length = network_read_length(slash, network->ip_version == 4 ? 32 : 128);
	if (length < 0)
		return nsc_fail(error, -EINVAL,
				"\"%s\" is no network: a length from 0 to %u is wanted behind the slash", whole,
				network->ip_version == 4 ? 32u : 128u);
	network->bits = (uint8_t)length;
	return 0;
}

int nsc_networks_read(struct nsc_networks *networks, const char *list, struct nsc_error *error)
{
	int failed = 0;

	networks->n = 0;
	while (*list && !failed) {
		size_t bytes = strcspn(list, ",");
		char text[64];

		if (bytes >= sizeof(text))
			failed = nsc_fail(error, -EINVAL, "\"%.40s...\" is no network: it is too long", list);
		else if (networks->n == NSC_NETWORKS_MAX)
			failed = nsc_fail(error, -E2BIG, "more than %u networks in one list", NSC_NETWORKS_MAX);
		if (failed)
			break;
		memcpy(text, list, bytes);
		text[bytes] = '\0';
		failed = network_read(&networks->network[networks->n++], text, error);
		list += bytes + (list[bytes] == ',');
	}
	networks->n = failed ? 0 : networks->n;
	return failed;
}

static bool network_holds(const struct nsc_network *network, const uint8_t addr[16])
{
	unsigned bytes = network->bits / 8, rest = network->bits % 8;

	return !memcmp(network->addr, addr, bytes) && (!rest || !((network->addr[bytes] ^ addr[bytes]) >> (8 - rest)));
}

bool nsc_networks_hold(const struct nsc_networks *networks, const uint8_t addr[16], unsigned ip_version)
{
	for (uint32_t i = 0; i < networks->n; i++)
		if (networks->network[i].ip_version == ip_version && network_holds(&networks->network[i], addr))
			return true;
	return false;
}
