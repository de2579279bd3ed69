/* SPDX-License-Identifier: MIT
 *
 * What is read back from rows of a segment is what the records said that they were made of.
 */
#include "tools/ship/flow_row.h"

#include "tests/unit/backends/sinks/records.h"

#include <errno.h>

enum { ROWS = 500 };

static char data[ROWS * NSC_ROW_BINARY_MAX];

static char *put_row(char *at, const struct nsc_flow_record *record, unsigned number)
{
	struct nsc_community_id community;

	nsc_community_ids(&community, &record, 1);
	at = nsc_row_binary_text(at, "sensor", strlen("sensor"));
	at = nsc_row_binary_number(at, 1, 8);
	at = nsc_row_binary_number(at, 2, 2);
	at = nsc_row_binary_number(at, 3, 4);
	return nsc_row_binary(at, record, &community, number);
}

/* Every value that a row keeps, and an IPFIX record has. */
static struct nsc_flow_record varied(uint64_t *state)
{
	static const uint8_t protocols[] = { NSC_PROTO_TCP, NSC_PROTO_UDP, NSC_PROTO_SCTP, NSC_PROTO_ICMP,
					     NSC_PROTO_ICMPV6 };
	struct nsc_flow_record r = { .ip_version = test_random(state) % 2 ? 4 : 6 };

	for (unsigned i = 0; i < (r.ip_version == 4 ? 4 : 16); i++) {
		r.addr_a[i] = (uint8_t)test_random(state);
		r.addr_b[i] = (uint8_t)test_random(state);
	}
	r.proto = protocols[test_random(state) % NSC_ARRAY_LEN(protocols)];
	r.port_a = (uint16_t)test_random(state);
	r.port_b = (uint16_t)test_random(state);
	r.first_seen_ns = test_random(state) >> 1;
	r.last_seen_ns = r.ended_ns = r.first_seen_ns + (test_random(state) >> 2);
	r.client = (uint8_t)(test_random(state) % (NSC_CLIENT_B + 1));
	r.end_reason = (uint8_t)(test_random(state) % NSC_END_COUNT);
	for (unsigned d = 0; d < 2; d++) {
		r.packets[d] = 1 + (test_random(state) >> 20);
		r.bytes[d] = test_random(state) >> 2;
		r.ttl_min[d] = (uint8_t)test_random(state);
		r.dscp[d] = (uint8_t)(test_random(state) % 64);
	}
	for (r.n_vlans = 0; r.n_vlans < test_random(state) % (NSC_VLANS_MAX + 1); r.n_vlans++)
		r.vlan[r.n_vlans] = (uint16_t)(test_random(state) % 4096);
	if (r.proto != NSC_PROTO_TCP)
		return r;
	r.analyses = NSC_ANALYSIS_ORDER;
	r.tcp_state = (uint8_t)(test_random(state) % NSC_TCP_STATE_COUNT);
	r.tcp_flags[0] = (uint8_t)test_random(state);
	r.tcp_flags[1] = (uint8_t)test_random(state);
	r.retransmissions = (uint32_t)test_random(state);
	r.out_of_order = (uint32_t)test_random(state);
	return r;
}

START_TEST(rows_are_read_as_written)
{
	static struct nsc_flow_record wrote[ROWS];
	struct nsc_flow_rows rows;
	struct nsc_flow_row row;
	uint64_t state = 88172645463325252ull;
	char *at = data;

	for (unsigned i = 0; i < ROWS; i++) {
		wrote[i] = varied(&state);
		at = put_row(at, &wrote[i], i + 1);
	}
	nsc_flow_rows_begin(&rows, data, (size_t)(at - data));
	for (unsigned i = 0; i < ROWS; i++) {
		ck_assert_int_eq(nsc_flow_rows_next(&rows, &row), 1);
		wrote[i].analyses = 0; /* known by what they found */
		ck_assert_mem_eq(&row.record, &wrote[i], sizeof(row.record));
		ck_assert_uint_eq(row.words.app.n + row.words.name.n, 0);
	}
	ck_assert_int_eq(nsc_flow_rows_next(&rows, &row), 0);
}
END_TEST

/* Cut anywhere, with any byte changed: no crash, and never more than there is. */
START_TEST(rows_that_are_not_whole)
{
	struct nsc_flow_record record = test_golden_record();
	struct nsc_flow_rows rows;
	struct nsc_flow_row row;
	size_t bytes = (size_t)(put_row(data, &record, 1) - data);

	for (size_t cut = 1; cut < bytes; cut++) {
		nsc_flow_rows_begin(&rows, data, cut);
		ck_assert_int_eq(nsc_flow_rows_next(&rows, &row), -EBADMSG);
	}
	for (size_t i = 0; i < bytes; i++) {
		char *copy = malloc(bytes); /* for the sanitizer */

		memcpy(copy, data, bytes);
		copy[i] = (char)~copy[i];
		nsc_flow_rows_begin(&rows, copy, bytes);
		while (nsc_flow_rows_next(&rows, &row) > 0)
			ck_assert_uint_le(row.words.app.n + row.words.name.n, bytes);
		free(copy);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow_row");
	TCase *tcase = tcase_create("flow_row");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, rows_are_read_as_written);
	tcase_add_test(tcase, rows_that_are_not_whole);
	return test_run(suite);
}
