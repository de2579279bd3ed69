/* SPDX-License-Identifier: MIT
 *
 * DNS as a service: what servers and names were asked for, and how that was answered. docs/dns.md has the rules.
 */
#ifndef NETSCOPE_DNS_H
#define NETSCOPE_DNS_H

#include "netscope/histogram.h"
#include "netscope/names.h"

#define NSC_DNS_SERVERS_SHOWN 32u
#define NSC_DNS_NAMES_SHOWN 50u

/* Codes of answers: X(number, "name"), as far as they are assigned. */
#define NSC_DNS_CODES(X)                                                                                               \
	X(0, "noerror")                                                                                                \
	X(1, "formerr")                                                                                                \
	X(2, "servfail")                                                                                               \
	X(3, "nxdomain")                                                                                               \
	X(4, "notimp")                                                                                                 \
	X(5, "refused")                                                                                                \
	X(6, "yxdomain")                                                                                               \
	X(7, "yxrrset")                                                                                                \
	X(8, "nxrrset")                                                                                                \
	X(9, "notauth")                                                                                                \
	X(10, "notzone")                                                                                               \
	X(11, "dsotypeni")

enum { NSC_DNS_CODE_COUNT = 16 };

/* "code_12" for one that is not assigned; "?" beyond the table. Thread: any. */
const char *nsc_dns_code_name(unsigned code);

struct nsc_dns_counts { /* queries = repeated + answered + unanswered + those that still wait */
	uint64_t queries;
	uint64_t repeated;                    /* of them, those that came while the same one waited */
	uint64_t unanswered;                  /* and those whose answer did not come in time, or before the end */
	uint64_t answers[NSC_DNS_CODE_COUNT]; /* by code: the first one to each query */
};

struct nsc_dns_latency { /* from a query to its first answer */
	uint64_t samples;
	uint64_t p50_ns, p99_ns, max_ns; /* quantiles as nsc_histogram_quantile; 0 without a sample */
};

struct nsc_dns_row {
	struct nsc_dns_counts counts;
	struct nsc_dns_latency latency;
};

struct nsc_dns_server {
	struct nsc_dns_row row;
	uint8_t addr[16]; /* IPv4 in the first 4, the rest 0 */
	uint8_t ip_version;
};

struct nsc_dns_name {
	struct nsc_dns_row row;
	uint8_t length;
	char name[NSC_NAME_MAX]; /* as netscope/names.h says, without NUL */
};

struct nsc_dns_view {
	bool on;    /* somebody counts; all else is 0 otherwise */
	bool names; /* names are kept */
	bool heard; /* a server has answered: without that, nobody knows what was not answered */
	struct nsc_dns_counts total;
	struct nsc_histogram latency;
	uint64_t latency_sum_ns;
	/* Those with the most queries, then in the order of address or name: in the last view, and in every one while
	 * somebody looks on. */
	uint32_t servers_known, names_known; /* that are remembered */
	uint32_t n_servers, n_names;
	struct nsc_dns_server server[NSC_DNS_SERVERS_SHOWN];
	struct nsc_dns_name name[NSC_DNS_NAMES_SHOWN];
};

nsc_always_inline uint64_t nsc_dns_answered(const struct nsc_dns_counts *counts)
{
	uint64_t sum = 0;

	for (unsigned code = 0; code < NSC_DNS_CODE_COUNT; code++)
		sum += counts->answers[code];
	return sum;
}

#endif
