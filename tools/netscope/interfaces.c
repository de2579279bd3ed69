/* SPDX-License-Identifier: MIT
 *
 * libpcap knows the interfaces; the link type it tells only to whoever may capture there.
 */
#include "tools/netscope/interfaces.h"

#include "backends/sources/dpdk.h"
#include "engine/text/address.h"
#include "engine/text/buffer.h"

#include <errno.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 5 };

static const char *const titles[COLUMNS] = { "NAME", "STATE", "LINK", "ADDRESSES", "DESCRIPTION" };

struct row {
	char *cell[COLUMNS];
	char why[PCAP_ERRBUF_SIZE]; /* why its link type is not known; "" = it is */
};

struct table {
	struct row *rows;
	size_t n;
};

static char *state_of(const pcap_if_t *interface)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s%s%s", interface->flags & PCAP_IF_UP ? "up" : "down",
		 interface->flags & PCAP_IF_RUNNING ? ", running" : "",
		 interface->flags & PCAP_IF_LOOPBACK ? ", loopback" : "",
		 interface->flags & PCAP_IF_WIRELESS ? ", wireless" : "");
	return strdup(text);
}

/* Whoever made an interface has named and described it. */
static char *interfaces_shown(const char *text)
{
	char out[PCAP_ERRBUF_SIZE];

	return strdup(nsc_escape_terminal(text ? text : "", out, sizeof(out)));
}

static char *addresses_of(const pcap_if_t *interface)
{
	struct nsc_buffer text = nsc_buffer_open(1 << 20);

	for (const pcap_addr_t *at = interface->addresses; at; at = at->next) {
		const struct sockaddr *address = at->addr;
		const void *bytes = NULL;
		char one[NSC_FORMAT_IP_MAX];

		if (address && address->sa_family == AF_INET)
			bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
		if (address && address->sa_family == AF_INET6)
			bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
		if (!bytes)
			continue;
		nsc_buffer_text(&text, text.length ? ", " : "");
		nsc_buffer_bytes(&text, one,
				 (size_t)(nsc_format_ip(one, bytes, address->sa_family == AF_INET ? 4 : 6) - one));
	}
	nsc_buffer_char(&text, '\0');
	if (text.full)
		nsc_buffer_close(&text);
	return text.data;
}

/* Opens it as a capture would, but not promiscuously. */
static char *link_of(const pcap_if_t *interface, char *why)
{
	char reason[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_create(interface->name, reason);
	int status = pcap ? pcap_activate(pcap) : PCAP_ERROR;
	const char *name = status >= 0 ? pcap_datalink_val_to_name(pcap_datalink(pcap)) : NULL;

	if (!name)
		nsc_escape_terminal(!pcap                  ? reason
				    : status == PCAP_ERROR ? pcap_geterr(pcap)
				    : status < 0           ? pcap_statustostr(status)
							   : "a link type without a name",
				    why, PCAP_ERRBUF_SIZE);
	if (pcap)
		pcap_close(pcap);
	return strdup(name ? name : "?");
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct row *)a)->cell[0], ((const struct row *)b)->cell[0]);
}

static bool row_is_whole(const struct row *row)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		if (!row->cell[i])
			return false;
	return true;
}

static int table_fill(struct table *table, const pcap_if_t *interfaces)
{
	size_t n = 0;

	for (const pcap_if_t *at = interfaces; at; at = at->next)
		n++;
	table->rows = calloc(n + 1, sizeof(*table->rows));
	if (!table->rows)
		return -ENOMEM;
	for (const pcap_if_t *at = interfaces; at; at = at->next) {
		struct row *row = &table->rows[table->n++];

		row->cell[0] = interfaces_shown(at->name);
		row->cell[1] = state_of(at);
		row->cell[2] = link_of(at, row->why);
		row->cell[3] = addresses_of(at);
		row->cell[4] = interfaces_shown(at->description);
		if (!row_is_whole(row))
			return -ENOMEM;
	}
	qsort(table->rows, table->n, sizeof(*table->rows), by_name);
	return 0;
}

static void table_print_row(FILE *out, const char *const *cell, const int *width)
{
	unsigned last = COLUMNS;

	while (last && !*cell[last - 1])
		last--;
	for (unsigned i = 0; i < last; i++)
		fprintf(out, "%-*s%s", i + 1 < last ? width[i] : 0, cell[i], i + 1 < last ? "  " : "\n");
}

static void print(FILE *out, const struct table *table)
{
	int width[COLUMNS];

	for (unsigned i = 0; i < COLUMNS; i++) {
		width[i] = (int)strlen(titles[i]);
		for (size_t j = 0; j < table->n; j++)
			width[i] = NSC_MAX(width[i], (int)strlen(table->rows[j].cell[i]));
	}
	table_print_row(out, titles, width);
	for (size_t j = 0; j < table->n; j++)
		table_print_row(out, (const char *const *)table->rows[j].cell, width);
}

/* One line for each reason. */
static void print_reasons(FILE *out, struct table *table)
{
	const char *gap = "\n";

	for (size_t i = 0; i < table->n; i++) {
		const char *why = table->rows[i].why;

		if (!*why)
			continue;
		fprintf(out, "%s?: not known, %s (%s", gap, why, table->rows[i].cell[0]);
		for (size_t j = i + 1; j < table->n; j++) {
			if (strcmp(table->rows[j].why, why))
				continue;
			fprintf(out, ", %s", table->rows[j].cell[0]);
			table->rows[j].why[0] = '\0';
		}
		fputs(")\n", out);
		gap = "";
	}
}

static void table_empty(struct table *table)
{
	for (size_t j = 0; j < table->n; j++)
		for (unsigned i = 0; i < COLUMNS; i++)
			free(table->rows[j].cell[i]);
	free(table->rows);
}

/* What DPDK can have, or could: only where this program can ask it. */
static void interfaces_print_dpdk(FILE *out)
{
	struct nsc_dpdk_device device[64];
	uint32_t n = nsc_dpdk_built() ? nsc_dpdk_devices("/sys", device, NSC_ARRAY_LEN(device)) : 0;

	for (uint32_t i = 0; i < n; i++)
		fprintf(out, "%s%s  %s%s%s\n", i ? "" : "\nDPDK PORT     STATE\n", device[i].address,
			device[i].ready ? "ready, " : "not for DPDK, ", device[i].driver[0] ? "driver " : "no driver",
			device[i].driver);
}

int nsc_interfaces_print(FILE *out, struct nsc_error *error)
{
	char reason[PCAP_ERRBUF_SIZE] = "";
	struct table table = { 0 };
	pcap_if_t *interfaces;
	int status;

	if (pcap_findalldevs(&interfaces, reason))
		return nsc_fail(error, -EIO, "the interfaces cannot be listed: %s", reason);
	status = table_fill(&table, interfaces);
	if (!status) {
		print(out, &table);
		print_reasons(out, &table);
		interfaces_print_dpdk(out);
	}
	table_empty(&table);
	pcap_freealldevs(interfaces);
	return status ? nsc_fail(error, status, "no memory to list the interfaces") : 0;
}
