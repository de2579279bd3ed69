/* SPDX-License-Identifier: MIT
 *
 * Which of a flow's two ports tells what it is for.
 */
#ifndef NETSCOPE_BASE_SERVER_PORT_H
#define NETSCOPE_BASE_SERVER_PORT_H

#include "netscope/flow.h"

/* Writes the ports to look at, the likelier one first; how many these are. The server's port counts. Where it is not
 * known who the server is, the smaller one does, then the other; what began a flow of UDP may have been an answer, so
 * the client's port counts there if the server's says nothing. */
static inline unsigned nsc_flow_server_ports(const struct nsc_flow_record *r, uint16_t port[2])
{
	uint16_t smaller = NSC_MIN(r->port_a, r->port_b), larger = NSC_MAX(r->port_a, r->port_b);

	port[0] = r->client == NSC_CLIENT_A ? r->port_b : r->client == NSC_CLIENT_B ? r->port_a : smaller;
	port[1] = port[0] == smaller ? larger : smaller;
	return r->proto == NSC_PROTO_TCP && r->client != NSC_CLIENT_NONE ? 1 : 2;
}

#endif
