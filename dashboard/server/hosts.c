/* SPDX-License-Identifier: MIT
 *
 * Sixteen places. A number tells whose place it was, so that neither a worker's late answer nor a reader in the middle
 * of a history takes one host for another.
 */
#include "dashboard/server/hosts.h"

#include <arpa/inet.h>
#include <string.h>

bool nsc_host_parse(const char *text, uint8_t addr[16], uint8_t *ip_version)
{
	memset(addr, 0, 16);
	*ip_version = inet_pton(AF_INET, text, addr) == 1 ? 4 : inet_pton(AF_INET6, text, addr) == 1 ? 6 : 0;
	return *ip_version;
}

/* --- places ----------------------------------------------------------------------------------- */

static struct nsc_host_kept *hosts_find(struct nsc_hosts_kept *hosts, const uint8_t addr[16], uint8_t ip_version)
{
	for (unsigned i = 0; i < NSC_HOSTS_MAX; i++) {
		struct nsc_host_kept *host = &hosts->host[i];

		if (host->ip_version == ip_version && !memcmp(host->addr, addr, sizeof(host->addr)))
			return host;
	}
	return NULL;
}

/* A free one, or that of the host asked for longest ago. */
static struct nsc_host_kept *hosts_make_room(struct nsc_hosts_kept *hosts, uint64_t now_ns)
{
	struct nsc_host_kept *oldest = &hosts->host[0];

	for (unsigned i = 0; i < NSC_HOSTS_MAX && oldest->ip_version; i++)
		if (!hosts->host[i].ip_version || hosts->host[i].asked_ns < oldest->asked_ns)
			oldest = &hosts->host[i];
	return oldest->ip_version && now_ns - oldest->asked_ns < NSC_HOST_STAYS_NS ? NULL : oldest;
}

struct nsc_host_kept *nsc_hosts_ask(struct nsc_hosts_kept *hosts, const uint8_t addr[16], uint8_t ip_version,
				    uint64_t now_ns)
{
	struct nsc_host_kept *host = hosts_find(hosts, addr, ip_version);

	if (!host) {
		host = hosts_make_room(hosts, now_ns);
		if (!host)
			return NULL;
		memcpy(host->addr, addr, sizeof(host->addr));
		host->ip_version = ip_version;
		host->number = ++hosts->newest;
		nsc_history_init_host(&host->history, &host->rings);
		host->history.without = hosts->without;
	}
	host->asked_ns = now_ns;
	return host;
}

bool nsc_hosts_tidy(struct nsc_hosts_kept *hosts, uint64_t now_ns)
{
	bool any = false;

	for (unsigned i = 0; i < NSC_HOSTS_MAX; i++) {
		struct nsc_host_kept *host = &hosts->host[i];

		if (host->ip_version && now_ns - host->asked_ns >= NSC_HOST_FORGET_NS) {
			host->ip_version = 0;
			host->number = ++hosts->newest; /* workers forget it, too */
		}
		any |= host->ip_version != 0;
	}
	return any;
}

/* --- questions and answers -------------------------------------------------------------------- */

void nsc_hosts_question(const struct nsc_hosts_kept *hosts, struct nsc_hosts *question)
{
	for (unsigned i = 0; i < NSC_HOSTS_MAX; i++) {
		const struct nsc_host_kept *host = &hosts->host[i];

		question->host[i].ip_version = host->ip_version;
		question->host[i].number = host->number;
		memcpy(question->host[i].addr, host->addr, sizeof(host->addr));
	}
}

static void host_add(struct nsc_host *sum, const struct nsc_host *part)
{
	for (unsigned i = 0; i < NSC_HOST_VALUES; i++)
		sum->value[i] += part->value[i];
	nsc_histogram_add(&sum->rtt, &part->rtt);
}

void nsc_hosts_take(struct nsc_hosts_kept *hosts, const struct nsc_hosts *const *answer, uint32_t n, uint64_t end_ns,
		    uint64_t offset_ns)
{
	for (unsigned i = 0; i < NSC_HOSTS_MAX; i++) {
		struct nsc_host_kept *host = &hosts->host[i];
		struct nsc_host sum = { .number = host->number };
		bool all = host->ip_version != 0;

		for (uint32_t worker = 0; all && worker < n; worker++) {
			all = answer[worker]->host[i].number == host->number;
			host_add(&sum, &answer[worker]->host[i]);
		}
		if (all)
			nsc_history_add_host(&host->history, &sum, end_ns, offset_ns);
	}
}
