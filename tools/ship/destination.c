/* SPDX-License-Identifier: MIT */
#include "tools/ship/destination.h"

#include "netscope/clock.h"

#include <errno.h>
#include <string.h>

static const struct nsc_destination_ops *const destinations[] = {
	&nsc_destination_clickhouse, /* the first one has the URLs without a scheme */
	&nsc_destination_ipfix_tcp,  &nsc_destination_webhook, &nsc_destination_alertmanager, &nsc_destination_syslog,
};

static const struct nsc_destination_ops *destination_find(const char *url)
{
	const char *end = strstr(url, "://");
	char word[32];

	if (!end)
		return destinations[0];
	for (size_t i = 0; i < NSC_ARRAY_LEN(destinations); i++)
		if ((size_t)(end - url) < sizeof(word) - 3) {
			snprintf(word, sizeof(word), " %.*s ", (int)(end - url), url);
			if (strstr(destinations[i]->schemes, word))
				return destinations[i];
		}
	return NULL;
}

static int destination_refuse(const char *url, struct nsc_error *error)
{
	char known[400] = "";
	size_t used = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(destinations) && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "",
					 destinations[i]->example);
	return nsc_fail(error, -EINVAL, "--to: wanted a destination as in %s; found \"%.100s\"", known, url);
}

int nsc_destination_open(struct nsc_destination **opened, const char *url, const struct nsc_settings *settings,
			 struct nsc_error *error)
{
	const struct nsc_destination_ops *ops = destination_find(url);

	*opened = NULL;
	return ops ? ops->open(opened, url, settings, error) : destination_refuse(url, error);
}

void nsc_destination_close(struct nsc_destination *destination)
{
	if (destination)
		destination->ops->close(destination);
}

void nsc_destination_moved(struct nsc_destination *destination)
{
	__atomic_store_n(&destination->moved_ns, nsc_monotonic_ns(), __ATOMIC_RELAXED);
}

void nsc_destination_repeats(struct nsc_destination *destination, uint64_t rows)
{
	__atomic_fetch_add(&destination->repeated, rows, __ATOMIC_RELAXED);
}

void nsc_destination_unwants(struct nsc_destination *destination)
{
	__atomic_fetch_add(&destination->unwanted, 1, __ATOMIC_RELAXED);
}

void nsc_destination_outdates(struct nsc_destination *destination)
{
	__atomic_fetch_add(&destination->outdated, 1, __ATOMIC_RELAXED);
}
