/* SPDX-License-Identifier: MIT
 *
 * RTM_GETLINK for the counts that every interface has, SIOCETHTOOL for those of the driver.
 */
#include "nic.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 32 * 1024, EXTRAS_MAX = 4096 };

struct nsc_nic {
	pthread_mutex_t mutex;
	int fd;
	uint32_t index, sequence;
	char name[IF_NAMESIZE];
	struct nsc_nic_counts first, last;
	uint32_t n_extras; /* of the driver; 0 = it has none */
	struct ethtool_gstrings *names;
	uint64_t *extra_first; /* [n_extras] */
	alignas(8) uint8_t answer[ANSWER_MAX];
};

/* --- rtnetlink -------------------------------------------------------------------------------- */

static bool request(struct nsc_nic *nic)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} message = {
		.header = { .nlmsg_len = sizeof(message),
			    .nlmsg_type = RTM_GETLINK,
			    .nlmsg_flags = NLM_F_REQUEST,
			    .nlmsg_seq = ++nic->sequence },
		.link = { .ifi_family = AF_UNSPEC, .ifi_index = (int)nic->index },
	};

	return send(nic->fd, &message, sizeof(message), 0) == (ssize_t)sizeof(message);
}

static bool take_stats(const struct nlmsghdr *header, struct nsc_nic_counts *counts)
{
	const struct ifinfomsg *link = NLMSG_DATA(header);
	int left = (int)IFLA_PAYLOAD(header);

	for (struct rtattr *at = IFLA_RTA(link); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		struct rtnl_link_stats64 stats = { 0 };

		if (at->rta_type != IFLA_STATS64)
			continue;
		memcpy(&stats, RTA_DATA(at), NSC_MIN(sizeof(stats), (size_t)RTA_PAYLOAD(at)));
		*counts = (struct nsc_nic_counts){
			.packets = stats.rx_packets,
			.missed = stats.rx_missed_errors + stats.rx_fifo_errors,
			.dropped = stats.rx_dropped,
			.errors = stats.rx_errors,
		};
		return true;
	}
	return false;
}

/* An answer that came too late for an earlier question is passed over. */
static bool nic_query(struct nsc_nic *nic, struct nsc_nic_counts *counts)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)nic->answer;
	ssize_t n;

	if (!request(nic))
		return false;
	do {
		n = recv(nic->fd, nic->answer, sizeof(nic->answer), 0);
	} while ((n < 0 && errno == EINTR) ||
		 (n > 0 && NLMSG_OK(header, (uint32_t)n) && header->nlmsg_seq != nic->sequence));
	return n > 0 && NLMSG_OK(header, (uint32_t)n) && header->nlmsg_type == RTM_NEWLINK &&
	       take_stats(header, counts);
}

/* --- ethtool ---------------------------------------------------------------------------------- */

static bool ethtool(const struct nsc_nic *nic, void *command)
{
	struct ifreq request;

	memset(&request, 0, sizeof(request));
	memcpy(request.ifr_name, nic->name, sizeof(request.ifr_name));
	request.ifr_data = command;
	return !ioctl(nic->fd, SIOCETHTOOL, &request);
}

static uint32_t count_extras(const struct nsc_nic *nic)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t n;
	} set = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_STATS } };

	if (!ethtool(nic, &set) || !set.info.sset_mask || set.n > EXTRAS_MAX)
		return 0;
	return set.n;
}

static bool read_extras(const struct nsc_nic *nic, uint64_t *value)
{
	struct ethtool_stats *stats = calloc(1, sizeof(*stats) + nic->n_extras * sizeof(uint64_t));
	bool good;

	if (!stats)
		return false;
	stats->cmd = ETHTOOL_GSTATS;
	stats->n_stats = nic->n_extras;
	good = ethtool(nic, stats) && stats->n_stats == nic->n_extras;
	if (good)
		memcpy(value, stats->data, nic->n_extras * sizeof(uint64_t));
	free(stats);
	return good;
}

static void open_extras(struct nsc_nic *nic)
{
	uint32_t n = count_extras(nic);

	nic->n_extras = n;
	if (!n)
		return;
	nic->names = calloc(1, sizeof(*nic->names) + (size_t)n * ETH_GSTRING_LEN);
	nic->extra_first = calloc(n, sizeof(uint64_t));
	if (nic->names)
		*nic->names =
			(struct ethtool_gstrings){ .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_STATS, .len = n };
	if (!nic->names || !nic->extra_first || !ethtool(nic, nic->names) || !read_extras(nic, nic->extra_first))
		nic->n_extras = 0;
}

static bool tells_of_loss(const char *name)
{
	static const char *const words[] = { "drop",    "miss", "discard", "no_buf", "nobuf",
					     "no_desc", "fifo", "overrun", "err" };

	if (strstr(name, "tx"))
		return false;
	for (size_t i = 0; i < NSC_ARRAY_LEN(words); i++)
		if (strstr(name, words[i]))
			return true;
	return false;
}

uint32_t nsc_nic_extras(struct nsc_nic *nic, struct nsc_nic_extra *extra, uint32_t max)
{
	uint64_t *now = nic && nic->n_extras ? calloc(nic->n_extras, sizeof(uint64_t)) : NULL;
	uint32_t n = 0;

	if (now && read_extras(nic, now))
		for (uint32_t i = 0; i < nic->n_extras && n < max; i++) {
			const char *name = (const char *)nic->names->data + (size_t)i * ETH_GSTRING_LEN;
			struct nsc_nic_extra *e = &extra[n];

			memcpy(e->name, name, ETH_GSTRING_LEN);
			e->name[ETH_GSTRING_LEN] = '\0';
			e->moved = now[i] - nic->extra_first[i];
			n += e->moved && tells_of_loss(e->name);
		}
	free(now);
	return n;
}

/* --- both ------------------------------------------------------------------------------------- */

struct nsc_nic *nsc_nic_open(uint32_t index, const char *name)
{
	static const struct timeval patience = { .tv_sec = 1 };
	struct nsc_nic *nic = calloc(1, sizeof(*nic));

	if (!nic)
		return NULL;
	nic->index = index;
	memcpy(nic->name, name, strnlen(name, sizeof(nic->name) - 1));
	pthread_mutex_init(&nic->mutex, NULL);
	nic->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (nic->fd >= 0)
		setsockopt(nic->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (nic->fd < 0 || !nic_query(nic, &nic->first)) {
		nsc_nic_close(nic);
		return NULL;
	}
	nic->last = nic->first;
	open_extras(nic);
	return nic;
}

void nsc_nic_close(struct nsc_nic *nic)
{
	if (!nic)
		return;
	if (nic->fd >= 0)
		close(nic->fd);
	pthread_mutex_destroy(&nic->mutex);
	free(nic->names);
	free(nic->extra_first);
	free(nic);
}

void nsc_nic_read(struct nsc_nic *nic, struct nsc_nic_counts *counts)
{
	struct nsc_nic_counts now;

	if (!nic) {
		*counts = (struct nsc_nic_counts){ NSC_UNKNOWN, NSC_UNKNOWN, NSC_UNKNOWN, NSC_UNKNOWN };
		return;
	}
	pthread_mutex_lock(&nic->mutex);
	if (nic_query(nic, &now))
		nic->last = now;
	*counts = (struct nsc_nic_counts){
		.packets = nic->last.packets - nic->first.packets,
		.missed = nic->last.missed - nic->first.missed,
		.dropped = nic->last.dropped - nic->first.dropped,
		.errors = nic->last.errors - nic->first.errors,
	};
	pthread_mutex_unlock(&nic->mutex);
}
