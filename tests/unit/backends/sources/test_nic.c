/* SPDX-License-Identifier: MIT
 *
 * What an interface counts since it was opened, asked of the loopback interface.
 */
#include "backends/sources/nic.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static bool send_some(unsigned n)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	unsigned sent = 0;

	for (unsigned i = 0; i < n; i++)
		sent += sendto(fd, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to)) == 1;
	close(fd);
	return sent > 0;
}

START_TEST(counts_since_open)
{
	struct nsc_nic *nic = nsc_nic_open(if_nametoindex("lo"), "lo");
	struct nsc_nic_counts before, after;

	ck_assert_ptr_nonnull(nic);
	nsc_nic_read(nic, &before);
	ck_assert_uint_lt(before.packets, 1u << 30); /* not since the machine was started */
	if (send_some(10)) {
		nsc_nic_read(nic, &after);
		ck_assert_uint_gt(after.packets, before.packets);
		ck_assert_uint_eq(after.missed, 0);
		ck_assert_uint_le(after.lost, after.dropped);
	}
	nsc_nic_close(nic);
}
END_TEST

START_TEST(nobody_knows)
{
	struct nsc_nic_extra extra[1];
	struct nsc_nic_counts counts = { 0 };

	ck_assert_ptr_null(nsc_nic_open(0x7ffffff0, "nobody"));
	nsc_nic_read(NULL, &counts);
	ck_assert_uint_eq(counts.packets, NSC_UNKNOWN);
	ck_assert_uint_eq(counts.missed, NSC_UNKNOWN);
	ck_assert_uint_eq(counts.dropped, NSC_UNKNOWN);
	ck_assert_uint_eq(counts.lost, NSC_UNKNOWN);
	ck_assert_uint_eq(nsc_nic_extras(NULL, extra, 1), 0);
	nsc_nic_close(NULL);
}
END_TEST

START_TEST(a_driver_without_counters)
{
	struct nsc_nic *nic = nsc_nic_open(if_nametoindex("lo"), "lo");
	struct nsc_nic_extra extra[4];

	ck_assert_uint_eq(nsc_nic_extras(nic, extra, 4), 0);
	nsc_nic_close(nic);
}
END_TEST

/* A line for each core, and longer than one read. */
START_TEST(the_backlogs_of_many_cores)
{
	FILE *file = tmpfile();
	uint64_t want = 0;

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(nsc_nic_backlog(fileno(file)), 0);
	for (uint32_t core = 0; core < 500; core++) {
		uint32_t dropped = core % 3 ? 0 : 0xfedcba98u - core;

		want += dropped;
		fprintf(file, "%08x %08x 00000003", 7 * core, dropped);
		for (unsigned column = 3; column < 15; column++)
			fprintf(file, " %08x", core + column);
		fputc('\n', file);
	}
	ck_assert_int_eq(fflush(file), 0);
	ck_assert_uint_eq(nsc_nic_backlog(fileno(file)), want);
	ck_assert_uint_eq(nsc_nic_backlog(fileno(file)), want); /* where it stands does not matter */
	fclose(file);
}
END_TEST

CHECK_MAIN("nic", the_backlogs_of_many_cores, counts_since_open, nobody_knows, a_driver_without_counters)
