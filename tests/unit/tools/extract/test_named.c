/* SPDX-License-Identifier: MIT
 *
 * Which names end so, and which packets are of flows with such a name.
 */
#include "tools/extract/named.h"

#include "tests/unit/engine/check_main.h"

#include <string.h>

START_TEST(ends_of_names)
{
	static const struct {
		const char *name, *suffix;
		bool ends;
	} cases[] = {
		{ "example.com", "example.com", true },
		{ "www.example.com", "example.com", true },
		{ "www.example.com", "Example.COM", true },
		{ "bad-example.com", "example.com", false },
		{ "badexample.com", "example.com", false },
		{ "example.com", ".com", true },
		{ "example.com", "com", true },
		{ "example.com", ".example.com", false },
		{ "example.com.evil", "example.com", false },
		{ "com", "example.com", false },
		{ "", "example.com", false },
		{ "example.com", "", false },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++)
		ck_assert_msg(nsc_name_ends(cases[i].name, strlen(cases[i].name), cases[i].suffix) == cases[i].ends,
			      "%s %s", cases[i].name, cases[i].suffix);
}
END_TEST

static struct nsc_named_flow flow_of(uint8_t host, uint16_t port, uint64_t from_ns, uint64_t to_ns)
{
	return (struct nsc_named_flow){
		.of = { .ip_version = 4,
			.proto = NSC_PROTO_TCP,
			.has_ports = true,
			.port = { 443, port },
			.address = { { 10, 0, 0, 1 }, { 10, 0, 0, host } } },
		.from_ns = from_ns,
		.to_ns = to_ns,
	};
}

/* In order, as they are settled. */
START_TEST(packets_of_flows)
{
	struct nsc_named_flow flow[] = { flow_of(2, 1000, 10, 20), flow_of(2, 1000, 30, 30), flow_of(2, 1001, 0, 99),
					 flow_of(3, 1000, 50, 60) };
	const struct nsc_named_flows flows = { .flow = flow, .n = NSC_ARRAY_LEN(flow) };
	const uint64_t held[] = { 10, 15, 20, 30 }, left[] = { 0, 9, 21, 29, 31, 1000 };
	struct nsc_conversation other = flow[0].of;

	for (size_t i = 0; i < NSC_ARRAY_LEN(held); i++)
		ck_assert(nsc_named_flows_hold(&flows, &flow[0].of, held[i]));
	for (size_t i = 0; i < NSC_ARRAY_LEN(left); i++)
		ck_assert(!nsc_named_flows_hold(&flows, &flow[0].of, left[i]));
	ck_assert(nsc_named_flows_hold(&flows, &flow[2].of, 0) && nsc_named_flows_hold(&flows, &flow[3].of, 55));
	other.proto = NSC_PROTO_UDP;
	ck_assert(!nsc_named_flows_hold(&flows, &other, 15));
	other = flow[0].of;
	other.port[1] = 999;
	ck_assert(!nsc_named_flows_hold(&flows, &other, 15));
	other.port[1] = 1002;
	ck_assert(!nsc_named_flows_hold(&flows, &other, 15));
	ck_assert(!nsc_named_flows_hold(&(struct nsc_named_flows){ .n = 0 }, &flow[0].of, 15));
}
END_TEST

CHECK_MAIN("extract/named", ends_of_names, packets_of_flows)
