/* SPDX-License-Identifier: MIT
 *
 * Helpers of the output tests: seeded flow records, a folder of their own, whole files as text, one-suite mains.
 */
#ifndef TEST_OUT_RECORDS_H
#define TEST_OUT_RECORDS_H

#include "netscope/flow.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline uint64_t test_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Few different times and addresses, so that ties are common; times within `span_ns`. */
static inline struct nsc_flow_record test_record(uint64_t *state, uint64_t span_ns)
{
	struct nsc_flow_record r = { .ip_version = 4, .end_reason = NSC_END_ACTIVE };

	r.first_seen_ns = 1700000000 * NSC_NS_PER_SEC + test_random(state) % span_ns;
	r.last_seen_ns = r.first_seen_ns + test_random(state) % NSC_NS_PER_SEC;
	r.ended_ns = r.last_seen_ns;
	r.proto = test_random(state) % 2 ? NSC_PROTO_TCP : NSC_PROTO_UDP;
	r.packets[0] = 1 + test_random(state) % 3;
	r.bytes[0] = r.packets[0] * 60;
	r.addr_a[3] = (uint8_t)(test_random(state) % 4);
	r.addr_b[3] = 9;
	r.port_a = (uint16_t)(test_random(state) % 3);
	r.port_b = 80;
	if (r.proto == NSC_PROTO_TCP)
		r.tcp_state = (uint8_t)(test_random(state) % NSC_TCP_STATE_COUNT);
	return r;
}

/* One TCP flow, spelled out: the golden texts are made from it. */
static inline struct nsc_flow_record test_golden_record(void)
{
	return (struct nsc_flow_record){
		.first_seen_ns = 1700000000000000001ull,
		.last_seen_ns = 1700000002500000001ull,
		.ended_ns = 1700000062500000001ull,
		.packets = { 10, 7 },
		.bytes = { 1500, 64000 },
		.addr_a = { 10, 0, 0, 1 },
		.addr_b = { 192, 168, 255, 100 },
		.port_a = 443,
		.port_b = 65535,
		.ip_version = 4,
		.proto = NSC_PROTO_TCP,
		.tcp_state = NSC_TCP_STATE_ESTABLISHED,
		.client = NSC_CLIENT_B,
		.end_reason = NSC_END_TIMEOUT,
		.tcp_flags = { NSC_TCP_SYN | NSC_TCP_PSH | NSC_TCP_ACK, NSC_TCP_SYN | NSC_TCP_ACK | NSC_TCP_FIN },
		.ttl_min = { 64, 57 },
		.dscp = { 0, 46 },
		.n_vlans = 2,
		.vlan = { 10, 20 },
		.n_tunnels = 2,
		.tunnel = { NSC_FLOW_TUNNEL_VXLAN | NSC_FLOW_TUNNEL_HAS_ID, NSC_FLOW_TUNNEL_GRE },
		.tunnel_id = { 5001 }
	};
}

static inline int test_compare(const void *x, const void *y)
{
	return nsc_flow_record_compare(x, y);
}

/* A new folder; the working directory of the test process from then on. */
static inline void test_enter_folder(char name[64])
{
	strcpy(name, "/tmp/netscope-test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(name));
	ck_assert_int_eq(chdir(name), 0);
}

/* Entries of the working directory, without . and .. */
static inline unsigned test_count_files(void)
{
	DIR *dir = opendir(".");
	unsigned n = 0;

	ck_assert_ptr_nonnull(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(dir);
	return n;
}

/* 0 where a file needs no name before it is complete, else 1. */
static inline unsigned test_names_of_unfinished(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return 1;
	close(fd);
	return 0;
}

static inline void test_leave_folder(const char *name)
{
	DIR *dir = opendir(".");

	ck_assert_ptr_nonnull(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			(void)(unlink(entry->d_name) && rmdir(entry->d_name));
	closedir(dir);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(name), 0);
}

/* The whole file with a NUL behind it, to be freed; NULL when it does not exist. */
static inline char *test_read_file(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "r");
	char *text;
	long size;

	if (bytes)
		*bytes = 0;
	if (!file)
		return NULL;
	ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	rewind(file);
	text = malloc((size_t)size + 1);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(fread(text, 1, (size_t)size, file), (size_t)size);
	text[size] = '\0';
	if (bytes)
		*bytes = (size_t)size;
	fclose(file);
	return text;
}

static inline void test_write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static inline int test_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
