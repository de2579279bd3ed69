/* SPDX-License-Identifier: MIT
 *
 * Community IDs against those of the specification's own baseline, and bursts of them against libcrypto. What tshark
 * says of whole captures is in tests/golden/headers.
 */
#include "engine/text/community.h"

#include "tests/unit/backends/sinks/records.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

static const char *id_of(const struct nsc_flow_record *record)
{
	static struct nsc_community_id id;

	nsc_community_ids(&id, &record, 1);
	id.text[NSC_COMMUNITY_ID_LENGTH] = '\0';
	return id.text;
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

static void random_bytes(uint64_t *state, uint8_t *bytes, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(test_random(state) >> 24);
}

static struct nsc_flow_record random_record(uint64_t *state)
{
	struct nsc_flow_record r = { .ip_version = test_random(state) % 2 ? 4 : 6,
				     .proto = test_random(state) % 2 ? NSC_PROTO_TCP : NSC_PROTO_UDP,
				     .port_a = (uint16_t)test_random(state),
				     .port_b = (uint16_t)test_random(state) };

	random_bytes(state, r.addr_a, r.ip_version == 4 ? 4 : 16);
	random_bytes(state, r.addr_b, r.ip_version == 4 ? 4 : 16);
	return r;
}

/* Byte by byte, as the specification says it. */
static void id_by_libcrypto(const struct nsc_flow_record *r, char id[2 + 28 + 1])
{
	uint32_t bytes = r->ip_version == 4 ? 4 : 16, n = 2;
	uint8_t text[2 + 2 * 16 + 6] = { 0 }, digest[SHA_DIGEST_LENGTH];

	memcpy(text + n, r->addr_a, bytes);
	memcpy(text + n + bytes, r->addr_b, bytes);
	n += 2 * bytes;
	text[n] = r->proto;
	text[n + 2] = (uint8_t)(r->port_a >> 8);
	text[n + 3] = (uint8_t)r->port_a;
	text[n + 4] = (uint8_t)(r->port_b >> 8);
	text[n + 5] = (uint8_t)r->port_b;
	SHA1(text, n + 6, digest);
	memcpy(id, "1:", 2);
	EVP_EncodeBlock((unsigned char *)id + 2, digest, sizeof(digest));
}

START_TEST(bursts_of_any_length)
{
	struct nsc_community_id id[NSC_COMMUNITY_BURST];
	struct nsc_flow_record record[NSC_COMMUNITY_BURST];
	const struct nsc_flow_record *at[NSC_COMMUNITY_BURST];
	uint64_t state = 5;
	unsigned wrong = 0;

	for (unsigned round = 0; round < 2000; round++) {
		uint32_t n = round % (NSC_COMMUNITY_BURST + 1);

		for (uint32_t i = 0; i < n; i++) {
			record[i] = random_record(&state);
			at[i] = &record[i];
		}
		nsc_community_ids(id, at, n);
		for (uint32_t i = 0; i < n; i++) {
			char want[2 + 28 + 1];

			id_by_libcrypto(&record[i], want);
			wrong += memcmp(id[i].text, want, NSC_COMMUNITY_ID_LENGTH) != 0;
		}
	}
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
	tcase_add_test(tcase, bursts_of_any_length);
	return test_run(suite);
}
