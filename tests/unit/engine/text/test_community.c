/* SPDX-License-Identifier: MIT
 *
 * Community IDs against those of the specification's own baseline, and both ways of hashing against each other. What
 * tshark says of whole captures is in tests/golden/headers.
 */
#include "engine/text/community.c" /* NOLINT(bugprone-suspicious-include): both ways of hashing are called */

#include "tests/unit/backends/sinks/records.h"

static const char *id_of(const struct nsc_flow_record *record)
{
	static char text[NSC_COMMUNITY_ID_LENGTH + 1];

	*nsc_format_community_id(text, record) = '\0';
	return text;
}

START_TEST(the_baseline)
{
	struct nsc_flow_record tcp = { .proto = NSC_PROTO_TCP,
				       .ip_version = 4,
				       .addr_a = { 66, 35, 250, 204 },
				       .addr_b = { 128, 232, 110, 120 },
				       .port_a = 80,
				       .port_b = 34855 };
	struct nsc_flow_record udp = { .proto = NSC_PROTO_UDP,
				       .ip_version = 4,
				       .addr_a = { 8, 8, 8, 8 },
				       .addr_b = { 192, 168, 1, 52 },
				       .port_a = 53,
				       .port_b = 54585 };
	struct nsc_flow_record sctp = { .proto = NSC_PROTO_SCTP,
					.ip_version = 4,
					.addr_a = { 192, 168, 170, 8 },
					.addr_b = { 192, 168, 170, 56 },
					.port_a = 7,
					.port_b = 7 };

	ck_assert_str_eq(id_of(&tcp), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
	ck_assert_str_eq(id_of(&udp), "1:d/FP5EW3wiY1vCndhwleRRKHowQ=");
	ck_assert_str_eq(id_of(&sctp), "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=");
}
END_TEST

/* An echo whose identifier has the high byte of a type: which end asks does not follow from who was heard first. The
 * ids are those that tshark gives. */
START_TEST(icmp_by_the_end_that_asks)
{
	static const uint16_t ids[] = { 1, 7, 0x0801, 0x0d05, 0x1234, 0 };
	struct nsc_flow_record r = {
		.proto = NSC_PROTO_ICMP, .ip_version = 4, .addr_a = { 192, 168, 1, 1 }, .addr_b = { 192, 168, 1, 2 }
	};

	for (unsigned i = 0; i < 2 * NSC_ARRAY_LEN(ids); i++) {
		r.client = i % 2 ? NSC_CLIENT_B : NSC_CLIENT_A;
		r.port_a = ids[i / 2];
		r.port_b = 0x0800;
		ck_assert_str_eq(id_of(&r), "1:7xHB7MWKM0J/sHdibLFAey3nit8=");
		r.port_a = 0x0800;
		r.port_b = ids[i / 2];
		ck_assert_str_eq(id_of(&r), "1:sFQxbvfLmTYabt4bxK0TtWIha8c=");
	}
}
END_TEST

START_TEST(both_ways)
{
	uint64_t state = 5;
	unsigned wrong = 0;

#ifdef __x86_64__
	for (unsigned i = 0; i < 1000 && sha1_has_instructions(); i++) {
		struct sha1_digest plain, quick;
		uint8_t block[64];

		for (unsigned k = 0; k < sizeof(block); k++)
			block[k] = (uint8_t)test_random(&state);
		sha1_block(block, &plain);
		sha1_block_by_instructions(block, &quick);
		wrong += memcmp(&plain, &quick, sizeof(plain)) != 0;
	}
#endif
	ck_assert_uint_ne(state, 0);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("community id");
	TCase *tcase = tcase_create("ids");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, the_baseline);
	tcase_add_test(tcase, icmp_by_the_end_that_asks);
	tcase_add_test(tcase, both_ways);
	return test_run(suite);
}
