/* SPDX-License-Identifier: MIT */
#include "netscope/services.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/server_port.h"

enum { SERVICE_TCP, SERVICE_UDP, SERVICE_SCTP, SERVICE_PROTOS, PORTS = 1 << 16 };

struct services {
	char name[SERVICE_PROTOS][PORTS][NSC_SERVICE_NAME_MAX + 1]; /* empty: none. Only pages with a name are there. */
};

uint32_t nsc_services;

static struct services *services;

static int service_proto(const char *name)
{
	static const char *const names[SERVICE_PROTOS] = { "tcp", "udp", "sctp" };

	for (int i = 0; i < SERVICE_PROTOS; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool service_is_plain(const char *name)
{
	size_t n = strspn(name, DIGITS LETTERS "-_.+*");

	return n && n <= NSC_SERVICE_NAME_MAX && !name[n] && strspn(name, DIGITS LETTERS);
}

static void service_add(const struct servent *entry)
{
	int proto = service_proto(entry->s_proto);
	char *name;

	if (proto < 0 || !service_is_plain(entry->s_name))
		return;
	name = services->name[proto][ntohs((uint16_t)entry->s_port)];
	if (*name)
		return;
	strcpy(name, entry->s_name);
	nsc_services++;
}

int nsc_services_open(struct nsc_error *error)
{
	const struct servent *entry;

	services = calloc(1, sizeof(*services));
	if (!services)
		return nsc_fail(error, -ENOMEM, "no memory for the names of services");
	setservent(0);
	for (uint32_t i = 0; i < NSC_SERVICES_MAX && (entry = getservent()); i++)
		service_add(entry);
	endservent();
	if (nsc_services)
		return 0;
	nsc_services_close();
	return nsc_fail(
		error, -ENOENT,
		"--services: this machine has no table of services, /etc/services as a rule (Debian: package netbase)");
}

void nsc_services_close(void)
{
	free(services);
	services = NULL;
	nsc_services = 0;
}

const char *nsc_services_find(const struct nsc_flow_record *record)
{
	int proto = record->proto == NSC_PROTO_TCP    ? SERVICE_TCP
		    : record->proto == NSC_PROTO_UDP  ? SERVICE_UDP
		    : record->proto == NSC_PROTO_SCTP ? SERVICE_SCTP
						      : -1;
	uint16_t port[2];
	unsigned n = nsc_flow_server_ports(record, port);

	if (proto < 0)
		return NULL;
	for (unsigned i = 0; i < n; i++)
		if (services->name[proto][port[i]][0])
			return services->name[proto][port[i]];
	return NULL;
}
