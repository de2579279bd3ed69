/* SPDX-License-Identifier: MIT
 *
 * Which UDP ports lead into tunnels: those of the table, and those that somebody named.
 */
#include <errno.h>
#include <string.h>

#include "engine/decode/hop.h"
#include "netscope/decode.h"

/* Written before the first packet, constant from then on. */
static struct {
	uint16_t port;
	uint8_t tunnel; /* enum nsc_tunnel */
} named_ports[NSC_NAMED_PORTS_MAX];
static uint32_t n_named_ports;

static const char *const tunnel_names[] = { [NSC_TUNNEL_NONE] = "",
#define NSC_X(id, name, hop, ports) [NSC_TUNNEL_##id] = name,
					    NSC_TUNNELS(NSC_X, )
#undef NSC_X
};

static const char tunnels_text[] =
#define NSC_X(id, name, hop, ports) ", " name
	NSC_TUNNELS(NSC_X, );
#undef NSC_X
const char *const nsc_decode_tunnels = tunnels_text + 2;

static unsigned tunnel_of_name(const char *name)
{
	unsigned i = NSC_TUNNEL_COUNT - 1;

	while (i > NSC_TUNNEL_NONE && strcmp(tunnel_names[i], name) != 0)
		i--;
	return i;
}

bool nsc_decode_knows_tunnel(const char *name)
{
	return tunnel_of_name(name) != NSC_TUNNEL_NONE;
}

int nsc_decode_name_port(const char *tunnel, uint16_t port)
{
	unsigned number = tunnel_of_name(tunnel);

	if (number == NSC_TUNNEL_NONE)
		return -EINVAL;
	if (n_named_ports == NSC_NAMED_PORTS_MAX)
		return -ENOSPC;
	named_ports[n_named_ports].tunnel = (uint8_t)number;
	named_ports[n_named_ports++].port = port;
	return 0;
}

static enum nsc_tunnel tunnel_of_port(uint16_t port)
{
	for (uint32_t i = 0; i < n_named_ports; i++)
		if (named_ports[i].port == port)
			return named_ports[i].tunnel;
	/* NOLINTBEGIN(bugprone-branch-clone): several ports of the table lead to one tunnel */
	switch (port) {
#define NSC_PORT(id, number)                                                                                           \
	case number:                                                                                                   \
		return NSC_TUNNEL_##id;
#define NSC_X(id, name, hop, ports) ports
		NSC_TUNNELS(NSC_X, NSC_PORT)
#undef NSC_X
#undef NSC_PORT
	default:
		return NSC_TUNNEL_NONE;
	}
	/* NOLINTEND(bugprone-branch-clone) */
}

enum nsc_tunnel nsc_decode_tunnel(uint16_t src_port, uint16_t dst_port)
{
	enum nsc_tunnel low = tunnel_of_port(NSC_MIN(src_port, dst_port));

	return low != NSC_TUNNEL_NONE ? low : tunnel_of_port(NSC_MAX(src_port, dst_port));
}
