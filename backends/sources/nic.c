/* SPDX-License-Identifier: MIT
 *
 * RTM_GETLINK for the counts that every interface has, SIOCETHTOOL for those of the driver.
 */
#include "nic.h"

#include <errno.h>
#include <fcntl.h>
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
	int backlog_fd;        /* /proc/net/softnet_stat; -1 = it is not there */
	uint64_t backlog_last; /* dropped by the backlogs of all cores, whatever the interface */
	uint64_t driver_last;  /* dropped by the driver, as it says itself */
	uint64_t lost;
	uint32_t index, sequence;
	char name[IF_NAMESIZE];
	struct nsc_nic_counts first, last;
	uint32_t n_extras; /* of the driver; 0 = it has none */
	struct ethtool_gstrings *names;
	uint64_t *extra_first;        /* [n_extras] */
	struct ethtool_stats *extras; /* as last read */
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

static bool read_extras(struct nsc_nic *nic)
{
	nic->extras->cmd = ETHTOOL_GSTATS;
	nic->extras->n_stats = nic->n_extras;
	return ethtool(nic, nic->extras) && nic->extras->n_stats == nic->n_extras;
}

static void open_extras(struct nsc_nic *nic)
{
	uint32_t n = count_extras(nic);

	nic->n_extras = n;
	if (!n)
		return;
	nic->names = calloc(1, sizeof(*nic->names) + (size_t)n * ETH_GSTRING_LEN);
	nic->extra_first = calloc(n, sizeof(uint64_t));
	nic->extras = calloc(1, sizeof(*nic->extras) + n * sizeof(uint64_t));
	if (nic->names)
		*nic->names =
			(struct ethtool_gstrings){ .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_STATS, .len = n };
	if (!nic->names || !nic->extra_first || !nic->extras || !ethtool(nic, nic->names) || !read_extras(nic))
		nic->n_extras = 0;
	for (uint32_t i = 0; i < nic->n_extras; i++)
		nic->extra_first[i] = nic->extras->data[i];
}

static bool nic_has_word(const char *name, const char *const *words, size_t n)
{
	if (strstr(name, "tx"))
		return false;
	for (size_t i = 0; i < n; i++)
		if (strstr(name, words[i]))
			return true;
	return false;
}

static bool tells_of_loss(const char *name)
{
	static const char *const words[] = { "drop",    "miss", "discard", "no_buf", "nobuf",
					     "no_desc", "fifo", "overrun", "err" };

	return nic_has_word(name, words, NSC_ARRAY_LEN(words));
}

/* Of these an interface has its rx_dropped. A plain "rx_dropped" is in some drivers the kernel's own sum once more. */
static bool tells_of_drops(const char *name)
{
	static const char *const words[] = { "drop", "discard", "no_buf", "nobuf", "no_desc" };

	return strcmp(name, "rx_dropped") != 0 && nic_has_word(name, words, NSC_ARRAY_LEN(words));
}

static const char *extra_name(const struct nsc_nic *nic, uint32_t i, char name[ETH_GSTRING_LEN + 1])
{
	memcpy(name, (const char *)nic->names->data + (size_t)i * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
	name[ETH_GSTRING_LEN] = '\0';
	return name;
}

static uint64_t driver_drops(struct nsc_nic *nic)
{
	char name[ETH_GSTRING_LEN + 1];
	uint64_t sum = 0;

	if (!nic->n_extras || !read_extras(nic))
		return 0;
	for (uint32_t i = 0; i < nic->n_extras; i++)
		if (tells_of_drops(extra_name(nic, i, name)) && nic->extras->data[i] > nic->extra_first[i])
			sum += nic->extras->data[i] - nic->extra_first[i];
	return sum;
}

uint32_t nsc_nic_extras(struct nsc_nic *nic, struct nsc_nic_extra *extra, uint32_t max)
{
	uint32_t n = 0;

	if (!nic || !nic->n_extras)
		return 0;
	pthread_mutex_lock(&nic->mutex);
	for (uint32_t i = 0, all = read_extras(nic) ? nic->n_extras : 0; i < all && n < max; i++) {
		struct nsc_nic_extra *e = &extra[n];

		extra_name(nic, i, e->name);
		e->moved = nic->extras->data[i] - nic->extra_first[i];
		n += e->moved && tells_of_loss(e->name);
	}
	pthread_mutex_unlock(&nic->mutex);
	return n;
}

/* --- what of rx_dropped was lost -------------------------------------------------------------- */

/* A line for each core, of numbers in hex: the second is what its backlog dropped. */
static uint64_t backlog_sum(const char *text, size_t n, uint32_t *column, uint64_t *value)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		if (text[i] == ' ' || text[i] == '\n') {
			sum += *column == 1 ? *value : 0;
			*column = text[i] == '\n' ? 0 : *column + 1;
			*value = 0;
		} else {
			*value = *value << 4 | (uint64_t)(text[i] <= '9' ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
		}
	return sum;
}

uint64_t nsc_nic_backlog(int fd)
{
	uint64_t sum = 0, value = 0;
	uint32_t column = 0;
	char text[4096];
	off_t at = 0;

	for (ssize_t n; (n = pread(fd, text, sizeof(text), at)) > 0; at += n)
		sum += backlog_sum(text, (size_t)n, &column, &value);
	return sum;
}

static uint64_t nic_moved(uint64_t *last, uint64_t now)
{
	uint64_t moved = now > *last ? now - *last : 0; /* a core that is switched off takes its count away */

	*last = now;
	return moved;
}

/* The kernel adds to rx_dropped what the backlog and the driver dropped, which no socket saw, and frames that no
 * protocol took, such as those with two tags, after sockets had seen them. The first two have counts of their own;
 * those of the backlogs are of all interfaces. So a loss is what both tell, and what is left of rx_dropped is no alarm.
 */
static void count_lost(struct nsc_nic *nic, uint64_t dropped)
{
	uint64_t told = nic_moved(&nic->backlog_last, nsc_nic_backlog(nic->backlog_fd));

	if (dropped > told)
		told += nic_moved(&nic->driver_last, driver_drops(nic));
	nic->lost += NSC_MIN(dropped, told);
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
	nic->backlog_fd = -1;
	nic->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (nic->fd >= 0)
		setsockopt(nic->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (nic->fd < 0 || !nic_query(nic, &nic->first)) {
		nsc_nic_close(nic);
		return NULL;
	}
	nic->last = nic->first;
	open_extras(nic);
	nic->backlog_fd = open("/proc/net/softnet_stat", O_RDONLY | O_CLOEXEC);
	if (nic->backlog_fd >= 0)
		nic->backlog_last = nsc_nic_backlog(nic->backlog_fd);
	return nic;
}

void nsc_nic_close(struct nsc_nic *nic)
{
	if (!nic)
		return;
	if (nic->fd >= 0)
		close(nic->fd);
	if (nic->backlog_fd >= 0)
		close(nic->backlog_fd);
	pthread_mutex_destroy(&nic->mutex);
	free(nic->names);
	free(nic->extra_first);
	free(nic->extras);
	free(nic);
}

void nsc_nic_read(struct nsc_nic *nic, struct nsc_nic_counts *counts)
{
	struct nsc_nic_counts now;

	if (!nic) {
		*counts = (struct nsc_nic_counts){ NSC_UNKNOWN, NSC_UNKNOWN, NSC_UNKNOWN, NSC_UNKNOWN, NSC_UNKNOWN };
		return;
	}
	pthread_mutex_lock(&nic->mutex);
	if (nic_query(nic, &now)) {
		count_lost(nic, now.dropped - nic->last.dropped);
		nic->last = now;
	}
	*counts = (struct nsc_nic_counts){
		.packets = nic->last.packets - nic->first.packets,
		.missed = nic->last.missed - nic->first.missed,
		.dropped = nic->last.dropped - nic->first.dropped,
		.lost = nic->backlog_fd >= 0 ? nic->lost : NSC_UNKNOWN,
		.errors = nic->last.errors - nic->first.errors,
	};
	pthread_mutex_unlock(&nic->mutex);
}
