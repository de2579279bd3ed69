/* SPDX-License-Identifier: MIT
 *
 * How hosts are followed (hosts.h): one question a second to all workers while there are some, in the line in which
 * flow queries wait. Totals are what is asked for, so a question that found no room in the line loses nothing.
 */
#include "dashboard/server/queries.h"

static void hosts_ended(struct nsc_flow_search *search, struct nsc_json *json)
{
}

struct nsc_host_kept *nsc_web_ask_host(struct nsc_web *web, const uint8_t addr[16], uint8_t ip_version)
{
	uint64_t now_ns = nsc_monotonic_ns();
	struct nsc_host_kept *host;

	web->hosts.without = web->history.without; /* set before the thread began */
	host = nsc_hosts_ask(&web->hosts, addr, ip_version, now_ns);
	if (host && (!web->hosts_due_ns || !host->history.end_ns))
		web->hosts_due_ns = now_ns;
	return host;
}

/* The last question, when nobody is followed any more, tells workers to count nobody. */
void nsc_web_look_at_hosts(struct nsc_web *web, uint64_t now_ns)
{
	struct nsc_flow_search *search = &web->hosts_search;
	struct nsc_error error;
	bool any;

	if (!web->hosts_due_ns || now_ns < web->hosts_due_ns || search->waits || search->runs)
		return;
	any = nsc_hosts_tidy(&web->hosts, now_ns);
	search->done = hosts_ended;
	search->query = (struct nsc_flow_query){ .hosts = true };
	any |= nsc_queries_wait(web, search, &error) != 0;
	web->hosts_due_ns = any ? now_ns + NSC_HOST_EVERY_NS : 0;
}

void nsc_web_take_hosts(struct nsc_web *web, struct nsc_flow_question *const *question, uint32_t n)
{
	const struct nsc_hosts *answer[NSC_WORKERS_MAX];
	uint64_t end_ns = 0, offset_ns;

	for (uint32_t i = 0; i < n; i++) {
		answer[i] = &question[i]->hosts;
		end_ns = NSC_MAX(end_ns, question[i]->clock_ns);
	}
	pthread_mutex_lock(&web->mutex);
	offset_ns = web->history.offset_ns;
	pthread_mutex_unlock(&web->mutex);
	nsc_hosts_take(&web->hosts, answer, n, end_ns, offset_ns);
}
